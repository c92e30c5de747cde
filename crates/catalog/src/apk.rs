//! The database of apk: `installed`.
//!
//! Fields of one letter, as `apk-tools` writes them (`src/database.c`, and the Alpine wiki, "Apk
//! spec"): `P` name, `V` version, `A` architecture, `o` origin, `L` licence, `F` folder, `R` file in it.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{GapKind, Package, Problem, SourcePackage, Want};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{self, Key, has_room, merge, note, within_limit};
use crate::owned::{Owned, OwnedPath};
use crate::stanza::{self, fields, parts, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "apk",
    version: 3,
    wants: WANTS,
    max_body_bytes: crate::database::MAX_DATABASE_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] = &[Want::Path(FILES[0]), Want::Path(FILES[1])];
const FILES: &[&str] = &["lib/apk/db/installed", "usr/lib/apk/db/installed"];

/// Lists the packages of every database of apk in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    database::read(input.tree, FILES, parse_installed, &mut found);
    found.packages = merge(found.packages);
    let TreeYield { packages, owned, .. } = &mut found;
    let places = database::places(packages);
    let mut real: Vec<String> = Vec::new();
    for file in FILES.iter().filter_map(|path| input.tree.read(path)) {
        if !real.contains(&file.path) {
            add_owned(file.body, &places, owned);
            real.push(file.path);
        }
    }
    found
}

/// Adds the files of an `installed` file to what packages own, by the place of each package.
///
/// ```text
/// P:libssl3
/// V:3.0.7-r0
/// F:lib
/// R:libssl.so.3
/// ```
fn add_owned(body: &[u8], places: &HashMap<Key<'_>, usize>, owned: &mut Owned) {
    let body = body.get(..database::MAX_DATABASE_BYTES).unwrap_or(body);
    let (mut name, mut version, mut arch) = (String::new(), String::new(), String::new());
    let mut owner = None;
    let mut path = OwnedPath::default();
    for line in body.split(|byte| *byte == b'\n') {
        match line {
            [b'P', b':', value @ ..] => {
                (name, version, arch) = (stanza::name(value), String::new(), String::new());
                owner = None;
            }
            [b'V', b':', value @ ..] => version = text(value),
            [b'A', b':', value @ ..] => arch = text(value),
            [b'F', b':', folder @ ..] => {
                let arch = Some(arch.as_str()).filter(|arch| !arch.is_empty());
                owner = owner.or_else(|| places.get(&(&*name, &*version, arch)).copied());
                path.enter(folder);
            }
            [b'R', b':', file @ ..] => {
                if let (Some(owner), Some(hash)) = (owner, path.file(file.trim_ascii_end())) {
                    owned.add(hash, owner);
                }
            }
            _ => {}
        }
    }
}

/// Reads an `installed` file: its packages in the order of the file, none twice. The source package
/// is the origin, at the same version; a package without origin is its own. The paths in the
/// problems are empty.
///
/// ```text
/// P:libssl3
/// V:3.0.7-r0
/// A:x86_64
/// L:Apache-2.0
/// o:openssl
/// ```
pub fn parse_installed(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut packages = Vec::new();
    let mut seen = HashSet::new();
    let body = within_limit(body, &mut problems);
    let whole = stanzas(body).enumerate().flat_map(|(index, stanza)| {
        parts(stanza, |name| name == b"P")
            .into_iter()
            .enumerate()
            .map(move |(part, s)| (index + 1, part, s))
    });
    for (number, part, stanza) in whole {
        if part > 0 && stanza.starts_with(b"P:") {
            let detail = format!("stanza {number} names more than one package");
            note(&mut problems, detail, Some(GapKind::Unreadable));
        }
        let Some(package) = parse_stanza(stanza, number, &mut problems) else { continue };
        if !has_room(&packages, &mut problems) {
            break;
        }
        let key = (package.name.clone(), package.version.clone(), package.arch.clone());
        if seen.insert(key) {
            packages.push(package);
        }
    }
    (packages, problems)
}

fn parse_stanza(stanza: &[u8], number: usize, problems: &mut Vec<Problem>) -> Option<Package> {
    let mut origin = String::new();
    let mut package = Package { kind: "apk".to_owned(), ..Package::default() };
    let mut once = HashSet::new();
    for (name, value) in fields(stanza) {
        if [b"V", b"o", b"A"].iter().any(|known| name == *known) && !once.insert(name) {
            let detail = format!("stanza {number} has `{}:` more than once", text(name));
            note(problems, detail, Some(GapKind::Unreadable));
        }
        match name {
            b"P" => package.name = stanza::name(value),
            b"V" => package.version = text(value),
            b"A" => package.arch = Some(text(value)).filter(|arch| !arch.is_empty()),
            b"o" => origin = stanza::name(value),
            b"L" => package.licenses = vec![text(value)],
            // The files of the package follow, which are most of the database.
            b"F" => break,
            _ => {}
        }
    }
    package.licenses.retain(|license| !license.is_empty());
    let detail = match (package.name.is_empty(), package.version.is_empty()) {
        (true, _) => format!("stanza {number} has no name (`P:`)"),
        (_, true) => format!("`{}` has no version (`V:`)", package.name),
        _ => {
            let name = if origin.is_empty() { package.name.clone() } else { origin };
            if let Some(odd) = [&package.name, &name].into_iter().find(|name| !is_name(name)) {
                let detail = format!("`{odd}` is no name of an apk package");
                note(problems, detail, Some(GapKind::Unreadable));
            }
            package.source = Some(SourcePackage { name, version: package.version.clone() });
            return Some(package);
        }
    };
    note(problems, detail, Some(GapKind::Unreadable));
    None
}

/// Letters, digits, `+`, `-`, `.` and `_`, as apk-tools accepts them.
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_package_has_its_origin_as_source() {
        let body =
            b"C:Q1x=\nP:libssl3\nV:3.0.7-r0\nA:x86_64\nL:Apache-2.0\no:openssl\nF:lib\nR:P\n\n\
            P:musl\r\nV:1.2.3-r4\r\n";
        let (packages, problems) = parse_installed(body);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(packages.len(), 2);
        let source = packages[0].source.as_ref().unwrap();
        assert_eq!((source.name.as_str(), source.version.as_str()), ("openssl", "3.0.7-r0"));
        assert_eq!(packages[0].licenses, ["Apache-2.0"]);
        assert_eq!(packages[1].source.as_ref().unwrap().name, "musl");
        assert_eq!(packages[1].arch, None);
    }

    #[test]
    fn broken_and_double_stanzas_are_told_or_dropped() {
        let body = b"P:a\nV:1\n\nP:a\nV:1\n\nP:a\nV:2\n\nP:b\n\nV:3\n\nP:\xff\nV:1";
        let (packages, problems) = parse_installed(body);
        let names: Vec<&str> = packages.iter().map(|package| package.name.as_str()).collect();
        assert_eq!(names, ["a", "a", "\u{fffd}"]);
        assert_eq!(problems.len(), 3);
        assert!(problems.iter().all(|problem| problem.gap == Some(GapKind::Unreadable)));
    }

    #[test]
    fn stanzas_that_ran_together_and_fields_twice_are_told() {
        let (packages, problems) = parse_installed(b"P:a\nV:1\np:so:x=1\nP:b\nV:2\n");
        assert_eq!((packages.len(), problems.len()), (2, 1), "{problems:?}");
        let (packages, problems) = parse_installed(b"P:a\nV:1\nV:9\no:x\no:y\n");
        assert_eq!((packages.len(), problems.len()), (1, 2), "{problems:?}");
        let (packages, problems) = parse_installed(b"P:libssl3\0\nV:1\no:open ssl\n");
        assert_eq!((packages[0].name.as_str(), problems.len()), ("libssl3", 1), "{problems:?}");
    }

    #[test]
    fn the_number_of_packages_has_a_limit() {
        let mut body = Vec::new();
        for number in 0..=database::MAX_PACKAGES {
            writeln!(body, "P:p{number}\nV:1\n").unwrap();
        }
        let (packages, problems) = parse_installed(&body);
        assert_eq!(packages.len(), database::MAX_PACKAGES);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].gap, Some(GapKind::Limit));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let (packages, problems) = parse_installed(&body);
            prop_assert!(packages.iter().all(|package| !package.version.is_empty()));
            prop_assert!(problems.len() <= database::MAX_PROBLEMS + 1);
        }
    }
}
