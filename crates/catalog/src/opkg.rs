//! The database of opkg: `status`, as OpenWrt, Entware and images of Yocto have it.
//!
//! The shape is that of dpkg's; the states are those that opkg writes (`libopkg/pkg.c`). What the
//! `status` leaves out stands in `info/NAME.control` beside it: `SourceName` and `License` as OpenWrt
//! writes them (`scripts/ipkg-build`, `include/package-pack.mk`).

use std::collections::HashSet;

use plimsoll_model::{FileYield, GapKind, Package, Problem, SourcePackage, Tree, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read, TreeInput, TreeYield};
use crate::database::{self, has_room, merge, note, within_limit};
use crate::owned;
use crate::stanza::{self, fields, parts, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const FILES_ROW: Cataloguer = Cataloguer {
    name: "opkg-files",
    version: 1,
    wants: FILES_WANTS,
    max_body_bytes: MAX_LIST_BYTES,
    declared: false,
    read: Read::File(read_list),
};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "opkg",
    version: 1,
    wants: WANTS,
    max_body_bytes: crate::database::MAX_DATABASE_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] = &[
    Want::Path(FILES[0]),
    Want::Path(FILES[1]),
    Want::Path(FILES[2]),
    Want::Suffix(ANYWHERE),
    Want::In("usr/lib/opkg/info", ".control"),
    Want::In("var/lib/opkg/info", ".control"),
    Want::In("lib/opkg/info", ".control"),
    Want::In("opt/lib/opkg/info", ".control"),
];
pub(crate) const FILES_WANTS: &[Want] = &[
    Want::In("usr/lib/opkg/info", ".list"),
    Want::In("var/lib/opkg/info", ".list"),
    Want::In("lib/opkg/info", ".list"),
    Want::In("opt/lib/opkg/info", ".list"),
];
const FILES: &[&str] = &["usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status"];
/// How the path ends in other roots, such as `opt` (Entware).
const ANYWHERE: &str = "/lib/opkg/status";
/// The most bytes of one list of files.
pub(crate) const MAX_LIST_BYTES: u64 = 32 << 20;
/// The most paths of one list.
const MAX_LISTED_PATHS: usize = 300_000;
/// Fields that a stanza has once.
const ONCE: [&[u8]; 3] = [b"Status", b"Version", b"Architecture"];

/// Lists the packages of every database of opkg in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    let elsewhere = input.tree.files_below("", &|name| name == "status");
    let elsewhere = elsewhere.iter().map(String::as_str).filter(|path| path.ends_with(ANYWHERE));
    let mut paths = FILES.to_vec();
    paths.extend(elsewhere.filter(|path| !FILES.contains(path)));
    database::read(input.tree, &paths, parse_opkg, &mut found);
    found.packages = merge(found.packages);
    for (index, package) in found.packages.iter_mut().enumerate() {
        let folder = package.evidence.first().and_then(|seen| seen.path.rsplit_once('/'));
        let Some((folder, _)) = folder else { continue };
        let info = format!("{folder}/info/{}", package.name);
        found.owned.add_listed(input.tree, &format!("{info}.list"), index);
        add_control(input.tree, &format!("{info}.control"), package);
    }
    found
}

/// Reads the list of the files of a package, one a line; what may follow a tab is its mode.
pub(crate) fn read_list(input: &FileInput<'_>) -> FileYield {
    let lines = input.body.split(|byte| *byte == b'\n');
    let paths = lines.map(|line| line.split(|byte| *byte == b'\t').next().unwrap_or_default());
    owned::listed(paths, MAX_LISTED_PATHS)
}

/// Reads a `status` file. Lists what is installed, in the order of the file, none twice. What is unpacked
/// but not installed is a problem. The paths in the problems are empty.
///
/// ```text
/// Package: busybox
/// Version: 1.36.1-1
/// Status: install user installed
/// Architecture: aarch64_cortex-a53
/// ```
pub fn parse_opkg(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut packages = Vec::new();
    let mut seen = HashSet::new();
    let body = within_limit(body, &mut problems);
    let opening: fn(&[u8]) -> bool = |name| name.eq_ignore_ascii_case(b"Package");
    for (index, stanza) in stanzas(body).enumerate() {
        for (part, stanza) in parts(stanza, opening).into_iter().enumerate() {
            let number = index + 1;
            if part > 0 {
                let detail = format!("stanza {number} names more than one package");
                note(&mut problems, detail, Some(GapKind::Unreadable));
            }
            let Some(package) = parse_stanza(stanza, number, &mut problems) else { continue };
            if !has_room(&packages, &mut problems) {
                return (packages, problems);
            }
            let key = (package.name.clone(), package.version.clone(), package.arch.clone());
            if seen.insert(key) {
                packages.push(package);
            }
        }
    }
    (packages, problems)
}

fn parse_stanza(stanza: &[u8], number: usize, problems: &mut Vec<Problem>) -> Option<Package> {
    let mut status = None;
    let mut package = Package { kind: "opkg".to_owned(), ..Package::default() };
    let mut once = HashSet::new();
    for (name, value) in fields(stanza) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if ONCE.iter().any(|known| is(known)) && !once.insert(name.to_ascii_lowercase()) {
            let detail = format!("stanza {number} has `{}` more than once", text(name));
            note(problems, detail, Some(GapKind::Unreadable));
        }
        if is(b"Package") {
            package.name = stanza::name(value);
        } else if is(b"Version") {
            package.version = text(value);
        } else if is(b"Status") {
            status = Some(text(value));
        } else if is(b"Architecture") {
            package.arch = Some(text(value)).filter(|arch| !arch.is_empty());
        }
    }
    let state = status
        .as_deref()
        .map_or("installed", |status| status.split_whitespace().nth(2).unwrap_or_default());
    let detail = match state {
        _ if package.name.is_empty() => format!("stanza {number} has no `Package`"),
        "not-installed" | "config-files" => return None,
        "installed" if !package.version.is_empty() => return Some(package),
        "installed" => format!("`{}` has no `Version`", package.name),
        _ => format!("`{}` is `{state}`, not installed; it is not judged", package.name),
    };
    note(problems, detail, Some(GapKind::Unreadable));
    None
}

/// Adds what only the control file of a package says.
fn add_control(tree: &Tree, path: &str, package: &mut Package) {
    let Some(file) = tree.read(path) else { return };
    let Some(stanza) = stanzas(within_limit(file.body, &mut Vec::new())).next() else { return };
    for (name, value) in fields(stanza) {
        let value = text(value);
        if value.is_empty() {
            continue;
        }
        if name.eq_ignore_ascii_case(b"SourceName") {
            let version = package.version.clone();
            package.source = Some(SourcePackage { name: value, version });
        } else if name.eq_ignore_ascii_case(b"License") {
            package.licenses = vec![value];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::database::{MAX_PACKAGES, MAX_PROBLEMS};

    #[test]
    fn only_what_is_installed_is_listed() {
        let stanza = |name: &str, status: &str| {
            format!("Package: {name}\nVersion: 1-1\nStatus: {status}\nArchitecture: mips_24kc\n\n")
        };
        let body = stanza("busybox", "install user installed")
            + &stanza("libc", "install hold,essential installed")
            + &stanza("gone", "deinstall ok not-installed")
            + &stanza("conf", "deinstall user config-files")
            + &stanza("half", "install user unpacked")
            + "Package: bare\nVersion: 2\n";
        let (packages, problems) = parse_opkg(body.as_bytes());
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["busybox", "libc", "bare"]);
        assert_eq!(
            (packages[0].kind.as_str(), packages[0].arch.as_deref()),
            ("opkg", Some("mips_24kc"))
        );
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].detail, "`half` is `unpacked`, not installed; it is not judged");
    }

    #[test]
    fn what_is_broken_is_told() {
        for (body, listed) in [
            ("Version: 1\n", 0),
            ("Package: a\nStatus: install user installed\n", 0),
            ("Package: a\nVersion: 1\nPackage: b\nVersion: 1\n", 2),
            ("Package: a\nVersion: 1\nVersion: 2\n", 1),
        ] {
            let (packages, problems) = parse_opkg(body.as_bytes());
            assert_eq!((packages.len(), problems.len()), (listed, 1), "{body}: {problems:?}");
        }
    }

    #[test]
    fn the_numbers_of_packages_and_problems_have_limits() {
        let mut body = "Version: 1\n\n".repeat(MAX_PROBLEMS + 50).into_bytes();
        for number in 0..=MAX_PACKAGES {
            writeln!(body, "Package: p{number}\nVersion: 1\n").unwrap();
        }
        let (packages, problems) = parse_opkg(&body);
        assert_eq!((packages.len(), problems.len()), (MAX_PACKAGES, MAX_PROBLEMS + 1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let (packages, problems) = parse_opkg(&body);
            prop_assert!(packages.iter().all(|package| !package.version.is_empty()));
            prop_assert!(problems.len() <= MAX_PROBLEMS + 1);
        }
    }
}
