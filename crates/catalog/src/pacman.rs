//! The database of pacman: a folder a package, each with a file `desc`.
//!
//! The fields are those that libalpm writes (`lib/libalpm/be_local.c`): a name between `%`, its values a
//! line each, and a blank line.

use std::collections::{HashMap, HashSet};

use plimsoll_model::tree::Standing;
use plimsoll_model::{FileYield, Gap, GapKind, Package, Problem, SourcePackage, Tree, Want};

use crate::attribution;
use crate::cataloguer::{Cataloguer, FileInput, Read, TreeInput, TreeYield};
use crate::database::{self, evidence, has_room, note, placed};
use crate::owned;
use crate::standing::{self, DATABASE, Place};

/// The row of the table of cataloguers.
pub(crate) const FILES_ROW: Cataloguer = Cataloguer {
    name: "pacman-files",
    version: 1,
    wants: FILES_WANTS,
    max_body_bytes: MAX_FILES_BYTES,
    declared: false,
    read: Read::File(read_files),
};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "pacman",
    version: 1,
    wants: WANTS,
    max_body_bytes: MAX_DESC_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] = &[Want::In(FOLDERS[0], "/desc"), Want::In(FOLDERS[1], "/desc")];
pub(crate) const FILES_WANTS: &[Want] =
    &[Want::In(FOLDERS[0], "/files"), Want::In(FOLDERS[1], "/files")];
/// Where pacman keeps it, and where systems do whose `/var` is no part of the image.
const FOLDERS: &[&str] = &["var/lib/pacman/local", "usr/lib/pacman/local"];
const DESC: &str = "desc";
/// The most bytes of one `desc`; real ones have a few kB.
pub(crate) const MAX_DESC_BYTES: usize = 1 << 20;
/// The most bytes of one `files`; those of the largest packages have some millions.
pub(crate) const MAX_FILES_BYTES: u64 = 32 << 20;
/// The most paths of one `files`.
const MAX_LISTED_PATHS: usize = 300_000;
/// The most licences of one package.
const MAX_LICENSES: usize = 50;
/// Fields that a package has once.
const ONCE: [&[u8]; 4] = [b"%NAME%", b"%VERSION%", b"%BASE%", b"%ARCH%"];

/// Lists the packages of every database of pacman in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    let mut real = HashSet::new();
    let filled: Vec<bool> = FOLDERS
        .iter()
        .map(|folder| read_folder(input.tree, folder, &mut real, &mut found))
        .collect();
    let listed = database::names(&found.packages);
    for (folder, filled) in FOLDERS.iter().zip(filled) {
        if !filled {
            found.gaps.extend(removed(input.tree, folder, &listed));
        }
    }
    found
}

/// Reads the list of the files and folders that a package owns, `files`: paths without `/` in front.
///
/// ```text
/// %FILES%
/// usr/
/// usr/lib/
/// usr/lib/libz.so.1.3.1
///
/// %BACKUP%
/// ```
pub(crate) fn read_files(input: &FileInput<'_>) -> FileYield {
    let paths = values(input.body).filter(|(field, _)| *field == b"%FILES%");
    owned::listed(paths.map(|(_, path)| path), MAX_LISTED_PATHS)
}

/// Reads a `desc` file: its package, or none. The source package is `%BASE%`, at the same version; a
/// package without it is its own. The paths in the problems are empty.
///
/// ```text
/// %NAME%
/// gcc-libs
///
/// %VERSION%
/// 14.2.1+r753+g1cd744a6828f-1
///
/// %BASE%
/// gcc
///
/// %ARCH%
/// x86_64
/// ```
pub fn parse_desc(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    if body.len() > MAX_DESC_BYTES {
        let detail = format!("more than {MAX_DESC_BYTES} bytes; it is not read");
        note(&mut problems, detail, Some(GapKind::Limit));
        return (Vec::new(), problems);
    }
    let mut base = String::new();
    let mut package = Package { kind: "alpm".to_owned(), ..Package::default() };
    let mut once: HashMap<&[u8], usize> = HashMap::new();
    for (field, value) in values(body) {
        if ONCE.contains(&field) {
            *once.entry(field).or_default() += 1;
        }
        let value = String::from_utf8_lossy(value).into_owned();
        match field {
            b"%NAME%" => package.name = value,
            b"%VERSION%" => package.version = value,
            b"%BASE%" => base = value,
            b"%ARCH%" => package.arch = Some(value),
            b"%PACKAGER%" => package.vendor = Some(value),
            b"%LICENSE%" if package.licenses.len() < MAX_LICENSES => package.licenses.push(value),
            _ => {}
        }
    }
    for field in ONCE {
        if once.get(field).is_some_and(|count| *count > 1) {
            let detail = format!("`{}` has more than one value", String::from_utf8_lossy(field));
            note(&mut problems, detail, Some(GapKind::Unreadable));
        }
    }
    (finished(package, base, &mut problems).into_iter().collect(), problems)
}

fn finished(mut package: Package, base: String, problems: &mut Vec<Problem>) -> Option<Package> {
    let detail = match (package.name.is_empty(), package.version.is_empty()) {
        (true, _) => "it has no `%NAME%`".to_owned(),
        (_, true) => format!("`{}` has no `%VERSION%`", package.name),
        _ => {
            let name = if base.is_empty() { package.name.clone() } else { base };
            if let Some(odd) = [&package.name, &name].into_iter().find(|name| !is_name(name)) {
                let detail = format!("`{odd}` is no name of a pacman package");
                note(problems, detail, Some(GapKind::Unreadable));
            }
            package.source = Some(SourcePackage { name, version: package.version.clone() });
            return Some(package);
        }
    };
    note(problems, detail, Some(GapKind::Unreadable));
    None
}

/// Returns each value with the name of its field. What stands before the first field is left out.
fn values(body: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut field: &[u8] = b"";
    body.split(|byte| *byte == b'\n').filter_map(move |line| {
        let line = line.trim_ascii();
        match line {
            [] => field = b"",
            _ if field.is_empty() => {
                let is_field = line.len() > 2 && line.starts_with(b"%") && line.ends_with(b"%");
                field = if is_field { line } else { b"" };
            }
            _ => return Some((field, line)),
        }
        None
    })
}

/// Letters, digits, `@`, `.`, `_`, `+` and `-`: PKGBUILD(5), "pkgname".
fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@._+-".contains(&byte))
}

/// Reads the packages of a folder; returns whether there was any. `real` holds the files that were read
/// by another name.
fn read_folder(
    tree: &Tree,
    folder: &str,
    real: &mut HashSet<String>,
    found: &mut TreeYield,
) -> bool {
    let mut is_filled = false;
    found.problems.extend(standing::problem(tree, DATABASE, (folder, Place::Folder)));
    for name in tree.list(folder) {
        let path = format!("{folder}/{name}/{DESC}");
        let Some(file) = tree.read(&path) else {
            found.problems.extend(unread(tree, folder, name));
            continue;
        };
        is_filled = true;
        if !real.insert(file.path.clone()) {
            continue;
        }
        let (packages, mut problems) = parse_desc(file.body);
        let layers = attribution::layers(&packages, &tree.history(&path).0, parse_desc);
        for (package, layer) in packages.into_iter().zip(layers) {
            if name != format!("{}-{}", package.name, package.version) {
                let (name, version) = (&package.name, &package.version);
                let detail = format!("it is of `{name}` {version}, which its folder does not say");
                note(&mut problems, detail, Some(GapKind::Unreadable));
            }
            if has_room(&found.packages, &mut problems) {
                let evidence = vec![evidence(&file.path, file.layer)];
                let files = format!("{folder}/{name}/files");
                found.owned.add_listed(tree, &files, found.packages.len());
                found.packages.push(Package { layer: Some(layer), evidence, ..package });
            }
        }
        found.problems.extend(placed(problems, &file.path, file.layer));
    }
    is_filled
}

/// Returns the problem of a package whose `desc` is not there or cannot be read.
fn unread(tree: &Tree, folder: &str, name: &str) -> Option<Problem> {
    let package = format!("{folder}/{name}");
    match tree.standing(&package) {
        // The version of the database, and locks.
        Standing::File(_) => None,
        Standing::Folder => {
            let path = format!("{package}/{DESC}");
            let told = standing::problem(tree, DATABASE, (&path, Place::File));
            let is_missing = tree.standing(&path) == Standing::Nothing;
            told.or_else(|| {
                is_missing.then(|| {
                    let detail = format!("its package has no `{DESC}`");
                    database::problem(&package, detail, GapKind::Unreadable)
                })
            })
        }
        _ => standing::problem(tree, DATABASE, (&package, Place::Folder)),
    }
}

/// Returns the gap of a folder that lower layers filled and that holds no package in the end, unless all
/// that it held is in `listed`.
fn removed(tree: &Tree, folder: &str, listed: &HashSet<&str>) -> Option<Gap> {
    let mut names: Vec<&str> = tree.list_hidden(folder).into_iter().map(|(name, _)| name).collect();
    names.dedup();
    let newest_gone = |name: &str| {
        let (mut copies, is_there) = tree.history(&format!("{folder}/{name}/{DESC}"));
        copies.pop().filter(|_| !is_there)
    };
    let copies: Vec<_> = names.into_iter().filter_map(newest_gone).collect();
    let is_listed = |body: &[u8]| {
        parse_desc(body).0.iter().all(|package| listed.contains(package.name.as_str()))
    };
    if copies.iter().all(|copy| copy.body.is_some_and(is_listed)) {
        return None;
    }
    let last_layer = copies.iter().map(|copy| copy.layer).max()?;
    Some(database::removed_gap(folder, last_layer, "removed", Some(copies.len())))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_package_has_its_base_as_source() {
        let body = b"%NAME%\ngcc-libs\n\n%VERSION%\n14.2.1+r753-1\r\n\n%BASE%\ngcc\n\n%DESC%\n\
            %NAME% of nothing\n\n%ARCH%\nx86_64\n\n%LICENSE%\nGPL-3.0\nLGPL-3.0\n\n\
            %PACKAGER%\nA Person <person@archlinux.org>\n\n%DEPENDS%\nglibc>=2.27\n\n";
        let (packages, problems) = parse_desc(body);
        assert!(problems.is_empty(), "{problems:?}");
        let package = &packages[0];
        assert_eq!((package.name.as_str(), package.kind.as_str()), ("gcc-libs", "alpm"));
        assert_eq!(package.version, "14.2.1+r753-1");
        let source = package.source.as_ref().unwrap();
        assert_eq!((source.name.as_str(), source.version.as_str()), ("gcc", "14.2.1+r753-1"));
        assert_eq!(package.licenses, ["GPL-3.0", "LGPL-3.0"]);
        assert_eq!(package.arch.as_deref(), Some("x86_64"));
        let (packages, _) = parse_desc(b"%VERSION%\n1-1\n\n%NAME%\nzlib");
        assert_eq!(packages[0].source.as_ref().unwrap().name, "zlib");
    }

    #[test]
    fn what_is_broken_is_told() {
        for (body, listed) in [
            ("", 0),
            ("%NAME%\n\n%VERSION%\n1-1\n", 0),
            ("%NAME%\nzlib\n", 0),
            ("zlib\n1-1\n", 0),
            ("%NAME%\nzlib\nxz\n\n%VERSION%\n1-1\n", 1),
            ("%NAME%\nzlib\n\n%VERSION%\n1-1\n\n%VERSION%\n2-1\n", 1),
            ("%NAME%\nz lib\n\n%VERSION%\n1-1\n", 1),
        ] {
            let (packages, problems) = parse_desc(body.as_bytes());
            assert_eq!((packages.len(), problems.len()), (listed, 1), "{body:?}: {problems:?}");
            assert_eq!(problems[0].gap, Some(GapKind::Unreadable));
        }
    }

    #[test]
    fn the_size_of_a_file_and_the_number_of_licences_have_limits() {
        let mut body = b"%NAME%\nzlib\n\n%VERSION%\n1-1\n\n%LICENSE%\n".to_vec();
        for number in 0..=MAX_LICENSES {
            body.extend_from_slice(format!("L{number}\n").as_bytes());
        }
        assert_eq!(parse_desc(&body).0[0].licenses.len(), MAX_LICENSES);
        body.resize(MAX_DESC_BYTES, b'\n');
        assert_eq!(parse_desc(&body).0.len(), 1);
        body.push(b'\n');
        let (packages, problems) = parse_desc(&body);
        assert_eq!((packages.len(), problems[0].gap), (0, Some(GapKind::Limit)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let (packages, problems) = parse_desc(&body);
            prop_assert!(packages.len() + problems.len() >= 1);
        }
    }
}
