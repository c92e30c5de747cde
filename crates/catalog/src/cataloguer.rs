//! What a row of the table is, and the rows as a source sees them.

use plimsoll_model::{Distro, FileYield, Gap, Package, Problem, Readers, Tree, Want, WantSet};
use xxhash_rust::xxh3::Xxh3;

use crate::CATALOGUERS;
use crate::bounds;
use crate::owned::Owned;

/// One cataloguer: what it wants to read and the function that reads it.
#[derive(Debug)]
pub struct Cataloguer {
    /// The name in the evidence: `dpkg`.
    pub name: &'static str,
    /// Raised with every change of what the reader takes from the same bytes, so that what older
    /// versions left in the cache is not used.
    pub version: u32,
    /// The files that it wants.
    pub wants: &'static [Want],
    /// The most bytes of one file; a larger one is a problem.
    pub max_body_bytes: u64,
    /// It reads lock files and manifests, which tell what somebody meant to install. Such rows are
    /// asked in a folder, and in an image only where that was said.
    pub declared: bool,
    /// The function.
    pub read: Read,
}

/// How a cataloguer reads.
#[derive(Clone, Copy, Debug)]
pub enum Read {
    /// One file at a time, while the layers stream past.
    File(fn(&FileInput<'_>) -> FileYield),
    /// The merged tree, when all layers are there.
    Tree(fn(&TreeInput<'_>) -> TreeYield),
}

/// One file.
#[derive(Clone, Copy, Debug)]
pub struct FileInput<'a> {
    /// Its path from the root: `srv/shop.jar`.
    pub path: &'a str,
    /// All its bytes.
    pub body: &'a [u8],
}

/// A merged tree.
#[derive(Debug)]
pub struct TreeInput<'a> {
    /// The tree, with the bytes of what the row wants.
    pub tree: &'a Tree,
}

/// What a tree cataloguer found.
#[derive(Debug, Default)]
pub struct TreeYield {
    /// The distribution; only the row that looks for it fills this.
    pub distro: Option<Distro>,
    /// The packages, in any order, with the layer of the evidence and of the package filled in.
    pub packages: Vec<Package>,
    /// The paths that these packages own, by their index in `packages`.
    pub owned: Owned,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What is known to be missing beyond what `problems` tell.
    pub gaps: Vec<Gap>,
}

/// All rows, melted, as a source runs them.
#[derive(Debug)]
pub struct CatalogReaders {
    wants: WantSet,
    tree_rows: u128,
    fingerprint: u64,
}

/// Returns the readers of all rows of [`CATALOGUERS`]; those of lock files and manifests want nothing
/// unless `declared`.
pub fn readers(declared: bool) -> CatalogReaders {
    let wants_of = |row: &Cataloguer| if declared || !row.declared { row.wants } else { &[] };
    let wants: Vec<&[Want]> = CATALOGUERS.iter().map(wants_of).collect();
    let mut tree_rows = 0;
    for (index, row) in CATALOGUERS.iter().enumerate() {
        if matches!(row.read, Read::Tree(_)) {
            tree_rows |= 1 << index;
        }
    }
    CatalogReaders {
        wants: WantSet::new(&wants),
        tree_rows,
        fingerprint: fingerprint(CATALOGUERS, declared),
    }
}

impl Readers for CatalogReaders {
    fn wants(&self) -> &WantSet {
        &self.wants
    }

    fn tree_rows(&self) -> u128 {
        self.tree_rows
    }

    fn max_body_bytes(&self, rows: u128) -> u64 {
        rows_of(rows).map(|(_, row)| row.max_body_bytes).max().unwrap_or(0)
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        let mut taken = Vec::new();
        for (index, row) in rows_of(rows) {
            let Read::File(read) = row.read else { continue };
            let mut found = read(&FileInput { path, body });
            bounds::bound(&mut found);
            if found != FileYield::default() {
                taken.push((index, found));
            }
        }
        taken
    }
}

fn rows_of(rows: u128) -> impl Iterator<Item = (u8, &'static Cataloguer)> {
    (0u8..).zip(CATALOGUERS).filter(move |(index, _)| rows >> index & 1 == 1)
}

fn fingerprint(rows: &[Cataloguer], declared: bool) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(&[u8::from(declared)]);
    let mut add = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    for row in rows {
        add(row.name);
        add(&row.version.to_string());
        add(&row.max_body_bytes.to_string());
        add(if matches!(row.read, Read::Tree(_)) { "tree" } else { "file" });
        for want in row.wants {
            add(&format!("{want:?}"));
        }
    }
    hash.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own_and_the_tree_rows_are_told_apart() {
        let mut names: Vec<&str> = CATALOGUERS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CATALOGUERS.len());
        let readers = readers(false);
        let status = readers.wants().ask("var/lib/dpkg/status", false);
        assert_ne!(status, 0);
        assert_eq!(status & readers.tree_rows(), status);
        let jar = readers.wants().ask("srv/Shop.JAR", false);
        assert_ne!(jar, 0);
        assert_eq!(jar & readers.tree_rows(), 0);
        assert_eq!(readers.max_body_bytes(jar), 512 << 20);
        assert_eq!(readers.max_body_bytes(0), 0);
    }

    #[test]
    fn the_fingerprint_follows_versions_and_wants() {
        let row = |version, wants| Cataloguer {
            name: "x",
            version,
            wants,
            max_body_bytes: 1,
            declared: false,
            read: Read::Tree(|_| TreeYield::default()),
        };
        let first = fingerprint(&[row(1, &[Want::Path("a")])], false);
        assert_eq!(first, fingerprint(&[row(1, &[Want::Path("a")])], false));
        assert_ne!(first, fingerprint(&[row(2, &[Want::Path("a")])], false));
        assert_ne!(first, fingerprint(&[row(1, &[Want::Name("a")])], false));
    }

    #[test]
    fn a_file_is_read_by_the_rows_that_want_it() {
        let readers = readers(false);
        let path = "usr/lib/python3/dist-packages/six-1.16.0.dist-info/METADATA";
        let rows = readers.wants().ask(path, false);
        let taken = readers.read(path, rows, b"Name: six\nVersion: 1.16.0\n\n");
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].1.packages[0].name, "six");
    }
}
