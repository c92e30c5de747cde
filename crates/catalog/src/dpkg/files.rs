//! Which files the packages of dpkg own: `info/NAME.list`, or `info/NAME:ARCH.list` where a package can
//! be installed for several architectures, and `status.d/NAME.md5sums` of distroless images.
//!
//! The lists of an image have some megabytes, so that each is read while its layer streams past, and
//! only hashes are kept (dpkg(1), "FILES"; deb-md5sums(5)).

use plimsoll_model::{FileYield, Package, Problem, Tree, Want};

use super::CHECKSUMS;
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::owned::{self, Owned};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "dpkg-files",
    version: 1,
    wants: WANTS,
    max_body_bytes: MAX_LIST_BYTES,
    declared: false,
    read: Read::File(read),
};

pub(crate) const WANTS: &[Want] = &[Want::In(FOLDERS[0], ".list"), Want::In(FOLDERS[1], ".list")];
const FOLDERS: [&str; 2] = ["var/lib/dpkg/info", "usr/lib/dpkg/info"];
/// The most bytes of one list; those of the largest packages have two million.
pub(crate) const MAX_LIST_BYTES: u64 = 32 << 20;
/// The most paths of one list.
const MAX_LIST_PATHS: usize = 300_000;

/// Reads a list of the files and folders of one package, one a line: `/usr/bin/bash`.
pub(crate) fn read(input: &FileInput<'_>) -> FileYield {
    let owned = owned::hashes(lines(input.body), MAX_LIST_PATHS);
    let mut problems = Vec::new();
    if owned.len() == MAX_LIST_PATHS {
        let detail = format!(
            "more than {MAX_LIST_PATHS} paths; that the package owns the rest is not known"
        );
        problems.push(Problem { detail, ..Problem::default() });
    }
    FileYield { problems, owned, ..FileYield::default() }
}

/// Adds what each package owns, by its place among `packages`.
pub(super) fn add(tree: &Tree, packages: &[Package], owned: &mut Owned) {
    for (index, package) in packages.iter().enumerate() {
        if !add_listed(tree, package, index, owned) {
            add_checksums(tree, package, index, owned);
        }
    }
}

/// Adds the files of the list of a package; returns whether there is one.
fn add_listed(tree: &Tree, package: &Package, index: usize, owned: &mut Owned) -> bool {
    let name = &package.name;
    let arch = package.arch.as_deref().unwrap_or_default();
    for folder in FOLDERS {
        for path in [format!("{folder}/{name}:{arch}.list"), format!("{folder}/{name}.list")] {
            let taken = tree.taken(&path);
            for hash in taken.iter().flat_map(|(_, taken)| &taken.owned) {
                owned.add(*hash, index);
            }
            if !taken.is_empty() {
                return true;
            }
        }
    }
    false
}

/// Adds the files of the checksums beside the file of a package:
/// `d41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC`.
fn add_checksums(tree: &Tree, package: &Package, index: usize, owned: &mut Owned) {
    for evidence in &package.evidence {
        let Some(file) = tree.read(&format!("{}{CHECKSUMS}", evidence.path)) else { continue };
        let path_of = |line: &'_ [u8]| -> Option<usize> {
            line.iter().position(|byte| *byte == b' ').map(|blank| blank + 1)
        };
        let paths = lines(file.body)
            .filter_map(|line| path_of(line).and_then(|at| line.get(at..)))
            .map(<[u8]>::trim_ascii_start);
        for hash in owned::hashes(paths, MAX_LIST_PATHS) {
            owned.add(hash, index);
        }
    }
}

fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    body.split(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_limit() {
        let body: Vec<u8> =
            (0..=MAX_LIST_PATHS).flat_map(|n| format!("/{n}\n").into_bytes()).collect();
        let found = read(&FileInput { path: "var/lib/dpkg/info/a.list", body: &body });
        assert_eq!(found.owned.len(), MAX_LIST_PATHS);
        assert!(found.problems[0].detail.contains("300000 paths"));
        let found =
            read(&FileInput { path: "var/lib/dpkg/info/a.list", body: b"/.\n/usr\n/usr/bin/a" });
        assert_eq!(found.owned, [owned::hash(b"usr"), owned::hash(b"usr/bin/a")]);
        assert!(found.problems.is_empty());
    }
}
