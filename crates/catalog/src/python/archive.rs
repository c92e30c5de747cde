//! Python distributions inside ZIP files: wheels, eggs that were not unpacked, and applications.
//!
//! A wheel has `NAME-VERSION.dist-info/METADATA` at its top
//! (<https://packaging.python.org/en/latest/specifications/binary-distribution-format/>), an egg
//! `EGG-INFO/PKG-INFO` (<https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html>). An application
//! (<https://docs.python.org/3/library/zipapp.html>) is a ZIP file behind a line that names its interpreter;
//! it brings distributions in some folder, or wheels.

use std::borrow::Cow;

use plimsoll_model::{Evidence, FileYield, Problem, Want};

use super::{MAX_METADATA_BYTES, is_vendored_list, read_metadata, vendored};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::place::INSIDE;
use crate::zip::{Archive, Limits, Member, Trouble};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "python-archive",
    version: 2,
    wants: &[Want::Suffix(WHEEL), Want::Suffix(".egg"), Want::Suffix(".pyz"), Want::Suffix(".pex")],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

const WHEEL: &str = ".whl";
/// Archives that are one distribution.
const DISTRIBUTIONS: &[&str] = &[WHEEL, ".egg"];
/// How deep wheels may lie in each other; the outermost archive is at depth 1.
const MAX_WHEEL_DEPTH: usize = 4;
/// The most metadata files and wheels looked at in one archive.
const MAX_ARCHIVED_METADATA: usize = 5_000;

fn read(input: &FileInput<'_>) -> FileYield {
    read_python_archive(input.path, input.body)
}

/// Reads an archive: the distribution that it is, if it is a wheel or an egg, with the archive itself as
/// evidence, and those in it, in the order of the archive, with their inner paths. The file name tells
/// name and version where the metadata does not. A file that is no ZIP is none of ours unless it is named
/// as a wheel.
pub fn read_python_archive(path: &str, body: &[u8]) -> FileYield {
    let mut walk = Walk { left: Limits::new(), found: FileYield::default() };
    let starts_so = body.starts_with(b"PK") || body.starts_with(b"#!");
    if starts_so || ends_with(path, WHEEL) {
        let place = Place { file_name: path, inner: "", depth: 1 };
        if let Err(trouble) = walk.archive(&place, body)
            && (body.starts_with(b"PK") || ends_with(path, WHEEL))
        {
            walk.push(trouble.problem(""));
        }
    }
    walk.found
}

/// The walk through one outermost archive.
struct Walk {
    left: Limits,
    found: FileYield,
}

/// Where an archive lies.
struct Place<'a> {
    /// Its own path.
    file_name: &'a str,
    /// Its path in the outermost archive; empty for that itself.
    inner: &'a str,
    depth: usize,
}

impl Walk {
    /// Reads one archive; what stands before a trouble is told.
    fn archive(&mut self, place: &Place<'_>, body: &[u8]) -> Result<(), Trouble> {
        let archive = Archive::open(body)?;
        let mut members: Vec<Member> = Vec::new();
        let listed = archive.list(&mut self.left, |name, member| {
            if is_metadata(name) || is_vendored(name) || ends_with(name, WHEEL) {
                if members.len() >= MAX_ARCHIVED_METADATA {
                    let detail = format!("more than {MAX_ARCHIVED_METADATA} distributions inside");
                    return Err(Trouble::Limit(detail));
                }
                members.push(member());
            }
            Ok(())
        });
        for member in &members {
            let read = if ends_with(&member.name, WHEEL) {
                self.wheel(place, &archive, member)
            } else {
                archive
                    .read_small(member, MAX_METADATA_BYTES, &mut self.left)
                    .map(|bytes| self.add(place, &member.name, &bytes))
            };
            if let Err(trouble) = read {
                self.push(trouble.problem(&join(place.inner, &member.name)));
            }
        }
        listed
    }

    fn wheel(
        &mut self,
        outer: &Place<'_>,
        archive: &Archive<'_>,
        member: &Member,
    ) -> Result<(), Trouble> {
        if outer.depth >= MAX_WHEEL_DEPTH {
            return Err(Trouble::Limit(format!(
                "more than {MAX_WHEEL_DEPTH} wheels in each other"
            )));
        }
        let body = archive.read(member, &mut self.left)?;
        let held_bytes = if matches!(body, Cow::Owned(_)) { body.len() as u64 } else { 0 };
        self.left.held_bytes -= held_bytes;
        let inner = join(outer.inner, &member.name);
        let place = Place { file_name: &member.name, inner: &inner, depth: outer.depth + 1 };
        let result = self.archive(&place, &body);
        self.left.held_bytes += held_bytes;
        result
    }

    /// Adds what one metadata file tells.
    fn add(&mut self, place: &Place<'_>, member: &str, bytes: &[u8]) {
        let is_main = is_main(place.file_name, member);
        let mut taken = if is_vendored_list(member) {
            vendored::read(bytes)
        } else if is_main && member.starts_with("EGG-INFO/") {
            read_metadata(place.file_name, bytes)
        } else {
            read_metadata(member, bytes)
        };
        let path = if is_main { place.inner.to_owned() } else { join(place.inner, member) };
        for package in &mut taken.packages {
            package.evidence = vec![Evidence { path: path.clone(), ..Evidence::default() }];
        }
        self.found.packages.append(&mut taken.packages);
        for problem in taken.problems {
            self.push(Problem { path: path.clone(), ..problem });
        }
    }

    fn push(&mut self, problem: Problem) {
        if self.found.problems.len() < crate::database::MAX_PROBLEMS {
            self.found.problems.push(problem);
        }
    }
}

/// Returns whether this is the metadata of the archive itself, at the top of a wheel or an egg.
fn is_main(file_name: &str, member: &str) -> bool {
    let is_one = DISTRIBUTIONS.iter().any(|end| ends_with(file_name, end));
    is_one && is_metadata(member) && member.matches('/').count() == 1
}

fn is_metadata(member: &str) -> bool {
    let is_egg = member == "EGG-INFO/PKG-INFO" || member.ends_with("/EGG-INFO/PKG-INFO");
    is_egg || member.ends_with(".dist-info/METADATA") || member.ends_with(".egg-info/PKG-INFO")
}

fn is_vendored(member: &str) -> bool {
    let above = member.rsplit_once('/').map_or("", |(above, _)| above);
    let folder = above.rsplit('/').next().unwrap_or_default();
    is_vendored_list(member) && matches!(folder, "_vendor" | "vendor")
}

fn ends_with(path: &str, end: &str) -> bool {
    let tail = path.len().checked_sub(end.len()).and_then(|at| path.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn join(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}{INSIDE}{inner}") }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::GapKind;

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
    fn an_application_brings_distributions_and_wheels() {
        let wheel = pack(&[("b-2.dist-info/METADATA", b"Name: b\nVersion: 2\n")]);
        let members: &[(&str, &[u8])] = &[
            ("a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n"),
            (".deps/b-2-py3-none-any.whl", &wheel),
            (".deps/c-3.whl/c-3.dist-info/METADATA", b"Name: c\nVersion: 3\n"),
        ];
        let mut body = b"#!/usr/bin/env python3\n".to_vec();
        body.extend_from_slice(&pack(members));
        let found = read_python_archive("bin/tool.pyz", &body);
        let expected = [
            "a 1 a-1.dist-info/METADATA",
            "b 2 .deps/b-2-py3-none-any.whl",
            "c 3 .deps/c-3.whl/c-3.dist-info/METADATA",
        ];
        assert_eq!(shown(&found), expected);
        assert_eq!(found.problems, []);
        assert_eq!(read_python_archive("bin/x.pyz", b"#!/bin/sh\n"), FileYield::default());
    }

    #[test]
    fn the_depth_of_wheels_has_a_limit() {
        let mut body = pack(&[("a-1.dist-info/METADATA", b"Name: a\nVersion: 1\n")]);
        for _ in 0..MAX_WHEEL_DEPTH {
            let metadata = ("b-1.dist-info/METADATA", &b"Name: b\nVersion: 1\n"[..]);
            body = pack(&[metadata, ("w/a-1.whl", &body)]);
        }
        let found = read_python_archive("a-1.whl", &body);
        assert_eq!(found.packages.len(), MAX_WHEEL_DEPTH);
        assert_eq!(found.packages[1].evidence[0].path, "w/a-1.whl");
        assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
        assert_eq!(found.problems[0].path, ["w/a-1.whl"; MAX_WHEEL_DEPTH].join(INSIDE));
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
