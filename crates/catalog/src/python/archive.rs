//! Python distributions that are one ZIP file: wheels, and eggs that were not unpacked.
//!
//! A wheel has `NAME-VERSION.dist-info/METADATA` at its top
//! (<https://packaging.python.org/en/latest/specifications/binary-distribution-format/>), an egg
//! `EGG-INFO/PKG-INFO` (<https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html>).

use plimsoll_model::{Evidence, FileYield, GapKind, Problem, Want};

use super::{MAX_METADATA_BYTES, is_vendored_list, read_metadata, vendored};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::zip::{Archive, Limits, Member, Trouble};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "python-archive",
    version: 1,
    wants: &[Want::Suffix(".whl"), Want::Suffix(".egg")],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

/// The most metadata files looked at in one archive.
const MAX_ARCHIVED_METADATA: usize = 5_000;

fn read(input: &FileInput<'_>) -> FileYield {
    read_python_archive(input.path, input.body)
}

/// Reads a wheel or an egg: the distribution that it is, with the archive itself as evidence, and those
/// vendored in it, in the order of the archive. The file name tells name and version where the metadata
/// does not. A file that is no ZIP is none of ours if it is named as an egg, else a problem.
pub fn read_python_archive(path: &str, body: &[u8]) -> FileYield {
    let mut found = FileYield::default();
    if !body.starts_with(b"PK") && !path.to_ascii_lowercase().ends_with(".whl") {
        return found;
    }
    if let Err(trouble) = read_zip(path, body, &mut found) {
        note(&mut found, "", trouble);
    }
    found
}

fn read_zip(path: &str, body: &[u8], found: &mut FileYield) -> Result<(), Trouble> {
    let archive = Archive::open(body)?;
    let mut left = Limits::new();
    let mut members: Vec<Member> = Vec::new();
    let listed = archive.list(&mut left, |name, member| {
        if is_metadata(name) || is_vendored(name) {
            if members.len() >= MAX_ARCHIVED_METADATA {
                let detail = format!("more than {MAX_ARCHIVED_METADATA} distributions inside");
                return Err(Trouble::Limit(detail));
            }
            members.push(member());
        }
        Ok(())
    });
    for member in &members {
        match archive.read_small(member, MAX_METADATA_BYTES, &mut left) {
            Ok(bytes) => add(path, &member.name, &bytes, found),
            Err(trouble) => note(found, &member.name, trouble),
        }
    }
    listed
}

/// Adds what one member tells.
fn add(path: &str, member: &str, bytes: &[u8], found: &mut FileYield) {
    let is_main = is_main(member);
    let mut taken = if is_vendored_list(member) {
        vendored::read(bytes)
    } else if is_main && member.starts_with("EGG-INFO/") {
        read_metadata(path, bytes)
    } else {
        read_metadata(member, bytes)
    };
    let place = if is_main { "" } else { member };
    for package in &mut taken.packages {
        package.evidence = vec![Evidence { path: place.to_owned(), ..Evidence::default() }];
    }
    found.packages.append(&mut taken.packages);
    for problem in taken.problems {
        push(found, Problem { path: place.to_owned(), ..problem });
    }
}

/// Returns whether this is the metadata of the archive itself, at its top.
fn is_main(member: &str) -> bool {
    is_metadata(member) && member.matches('/').count() == 1
}

fn is_metadata(member: &str) -> bool {
    let is_egg = member == "EGG-INFO/PKG-INFO" || member.ends_with("/EGG-INFO/PKG-INFO");
    is_egg || member.ends_with(".dist-info/METADATA") || member.ends_with(".egg-info/PKG-INFO")
}

fn is_vendored(member: &str) -> bool {
    is_vendored_list(member)
        && ["_vendor", "vendor"].iter().any(|folder| {
            let above = member.rsplit_once('/').map_or("", |(above, _)| above);
            above.rsplit('/').next() == Some(folder)
        })
}

fn note(found: &mut FileYield, path: &str, trouble: Trouble) {
    let (detail, gap) = match trouble {
        Trouble::Broken(detail) => (detail, GapKind::Unreadable),
        Trouble::Overlap => {
            ("members of the archive lie over each other".to_owned(), GapKind::Unreadable)
        }
        Trouble::Limit(detail) => (detail, GapKind::Limit),
    };
    push(found, Problem { path: path.to_owned(), layer: None, detail, gap: Some(gap) });
}

fn push(found: &mut FileYield, problem: Problem) {
    if found.problems.len() < crate::database::MAX_PROBLEMS {
        found.problems.push(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zip::testing::pack;

    fn shown(found: &FileYield) -> Vec<String> {
        let show = |package: &plimsoll_model::Package| {
            format!("{} {} {}", package.name, package.version, package.evidence[0].path)
        };
        found.packages.iter().map(show).collect()
    }

    #[test]
    fn a_wheel_is_its_distribution_and_holds_what_it_vendors() {
        let body = pack(&[
            ("pip/_vendor/vendor.txt", b"six==1.16.0\n"),
            ("pip/_vendor/idna-3.4.dist-info/METADATA", b"Name: idna\nVersion: 3.4\n"),
            ("pip/notes/vendor.txt", b"no==1\n"),
            ("pip-23.0.1.dist-info/METADATA", b"Name: pip\n\n"),
        ]);
        let found = read_python_archive("w/pip-23.0.1-py3-none-any.whl", &body);
        let idna = "idna 3.4 pip/_vendor/idna-3.4.dist-info/METADATA";
        assert_eq!(shown(&found), ["six 1.16.0 pip/_vendor/vendor.txt", idna, "pip 23.0.1 "]);
        assert_eq!(found.problems, []);
    }

    #[test]
    fn an_egg_is_named_by_its_file_where_its_metadata_is_silent() {
        let body = pack(&[("EGG-INFO/PKG-INFO", b"Name: six\n")]);
        let found = read_python_archive("lib/six-1.16.0-py3.9.egg", &body);
        assert_eq!(shown(&found), ["six 1.16.0 "]);
        assert_eq!(read_python_archive("lib/dragon.egg", b"a shell"), FileYield::default());
    }

    #[test]
    fn what_is_broken_or_too_large_is_a_problem() {
        let gap = |body: &[u8]| read_python_archive("a-1.whl", body).problems[0].gap;
        assert_eq!(gap(b"no archive"), Some(GapKind::Unreadable));
        let body = pack(&[("a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n")]);
        assert_eq!(gap(&body[..body.len() - 10]), Some(GapKind::Unreadable));
        assert_eq!(gap(&pack(&[("a.dist-info/METADATA", b"")])), Some(GapKind::Unreadable));
        let big = vec![b' '; MAX_METADATA_BYTES as usize + 1];
        assert_eq!(gap(&pack(&[("a-1.dist-info/METADATA", &big)])), Some(GapKind::Limit));
        let names: Vec<String> =
            (0..=MAX_ARCHIVED_METADATA).map(|n| format!("v/a{n}-1.dist-info/METADATA")).collect();
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &b""[..])).collect();
        let found = read_python_archive("a-1.whl", &pack(&members));
        assert_eq!(found.packages.len(), MAX_ARCHIVED_METADATA);
        assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
    }
}
