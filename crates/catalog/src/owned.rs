//! Which package of the distribution owns which path, as hashes.
//!
//! An image lists some hundred thousand paths and asks for a few hundred of them (the files that show
//! a library to be there), so a path is kept as its 64-bit xxh3 and the place of its package: 16 bytes.
//! Two paths of one hash among a million take a chance of one in thirty million.

use std::collections::HashMap;

use plimsoll_model::{FileYield, Problem, Tree};
use xxhash_rust::xxh3::xxh3_64;

/// The most paths whose owners are known; a large installation of RPM has 500,000.
pub const MAX_OWNED_PATHS: usize = 4_000_000;
/// The longest path that is hashed, in bytes; Linux allows 4096.
const MAX_OWNED_PATH_BYTES: usize = 8192;

/// Folders of the root that are links into `usr` on most systems, and what each leads to. The other
/// folder of programs is a link too where the two are one.
const MERGED: &[(&[u8], &[u8])] = &[
    (b"lib/", b"usr/lib/"),
    (b"lib64/", b"usr/lib64/"),
    (b"bin/", b"usr/bin/"),
    (b"sbin/", b"usr/bin/"),
    (b"usr/sbin/", b"usr/bin/"),
    (b"lib32/", b"usr/lib32/"),
    (b"libx32/", b"usr/libx32/"),
];

/// Paths, each with the package that owns it, by its index in a list of packages.
#[derive(Debug)]
pub struct Owned {
    entries: Vec<(u64, u32)>,
    max_paths: usize,
    is_cut: bool,
}

impl Default for Owned {
    fn default() -> Self {
        Self { entries: Vec::new(), max_paths: MAX_OWNED_PATHS, is_cut: false }
    }
}

impl Owned {
    /// Adds a path, by the hash that [`OwnedPath`] or [`hash`] gives, of the package at this index of
    /// the packages in the same yield. What goes beyond [`MAX_OWNED_PATHS`] is left out.
    pub fn add(&mut self, hash: u64, package: usize) {
        match u32::try_from(package) {
            Ok(package) if self.entries.len() < self.max_paths => {
                self.entries.push((hash, package));
            }
            _ => self.is_cut = true,
        }
    }

    /// Adds the paths that a file cataloguer took from the list at `path`, as those of the package at
    /// this index.
    pub(crate) fn add_listed(&mut self, tree: &Tree, path: &str, package: usize) {
        for hash in tree.taken(path).iter().flat_map(|(_, taken)| &taken.owned) {
            self.add(*hash, package);
        }
    }

    /// Returns the number of paths.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is no path.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds all of another list whose packages stand this much further on in the list of packages.
    pub(crate) fn append(&mut self, other: Self, offset: usize) {
        self.is_cut |= other.is_cut;
        if self.is_empty() && offset == 0 {
            self.entries = other.entries;
            return;
        }
        for (hash, package) in other.entries {
            self.add(hash, package as usize + offset);
        }
    }

    /// Returns the owners of some paths, given as hashes, by hash. Of several owners of one path it is
    /// the one that stands first in the list of packages.
    pub(crate) fn owners(&self, wanted: impl Iterator<Item = u64>) -> HashMap<u64, usize> {
        let mut owners: HashMap<u64, Option<u32>> = wanted.map(|hash| (hash, None)).collect();
        if !owners.is_empty() {
            for (hash, package) in &self.entries {
                if let Some(owner) = owners.get_mut(hash) {
                    *owner = Some(owner.map_or(*package, |known| known.min(*package)));
                }
            }
        }
        owners.into_iter().filter_map(|(hash, owner)| Some((hash, owner? as usize))).collect()
    }

    /// Returns the problem of paths that were left out.
    pub(crate) fn problem(&self) -> Option<Problem> {
        self.is_cut.then(|| Problem {
            path: String::new(),
            layer: None,
            detail: format!(
                "the packages own more than {} paths; which package owns the others is not known",
                self.max_paths
            ),
            gap: None,
        })
    }
}

/// Makes the hashes of the paths of one folder after another, without new memory for each.
#[derive(Debug, Default)]
pub struct OwnedPath {
    text: Vec<u8>,
    folder_bytes: usize,
}

impl OwnedPath {
    /// Goes to a folder: `usr/lib`, `/usr/lib/`, or empty for the root.
    pub fn enter(&mut self, folder: &[u8]) {
        self.text.clear();
        push_folded(trimmed(folder), &mut self.text);
        if !self.text.is_empty() {
            self.text.push(b'/');
        }
        self.folder_bytes = self.text.len();
    }

    /// Returns the hash of a file of this folder; `None` where the path is longer than any can be.
    pub fn file(&mut self, name: &[u8]) -> Option<u64> {
        self.text.truncate(self.folder_bytes);
        if self.text.len() + name.len() > MAX_OWNED_PATH_BYTES {
            return None;
        }
        self.text.extend_from_slice(name);
        Some(xxh3_64(&self.text))
    }
}

/// Returns the hash of a path from the root: with or without `/` in front, and folded so that
/// `lib/x` and `usr/lib/x` are one.
pub(crate) fn hash(path: &[u8]) -> u64 {
    let path = trimmed(path);
    if MERGED.iter().any(|(from, _)| path.starts_with(from)) {
        let mut folded = Vec::with_capacity(path.len() + 4);
        push_folded(path, &mut folded);
        return xxh3_64(&folded);
    }
    xxh3_64(path)
}

/// Returns the hashes of the paths in a list, one a line; what is empty is left out, and so is what
/// goes beyond `max_paths`.
pub(crate) fn hashes<'a>(paths: impl Iterator<Item = &'a [u8]>, max_paths: usize) -> Vec<u64> {
    let paths =
        paths.filter(|path| !trimmed(path).is_empty() && path.len() <= MAX_OWNED_PATH_BYTES);
    paths.take(max_paths).map(hash).collect()
}

/// Returns what a list of the paths of one package yields: the hashes of the first `max_paths` of them,
/// and a problem where there are more.
pub(crate) fn listed<'a>(paths: impl Iterator<Item = &'a [u8]>, max_paths: usize) -> FileYield {
    let mut owned = hashes(paths, max_paths.saturating_add(1));
    let mut problems = Vec::new();
    if owned.len() > max_paths {
        owned.truncate(max_paths);
        let detail =
            format!("more than {max_paths} paths; that the package owns the rest is not known");
        problems.push(Problem { detail, ..Problem::default() });
    }
    FileYield { problems, owned, ..FileYield::default() }
}

/// Takes the `/`, `./` and blanks off that stand around a path.
fn trimmed(path: &[u8]) -> &[u8] {
    let mut path = path.trim_ascii_end();
    while let [b'/', rest @ ..] | [b'.', b'/', rest @ ..] = path {
        path = rest;
    }
    while let [rest @ .., b'/'] = path {
        path = rest;
    }
    if path == b"." { b"" } else { path }
}

fn push_folded(path: &[u8], text: &mut Vec<u8>) {
    // The folder itself is folded as what is in it.
    let merged = MERGED.iter().find(|(from, _)| {
        path.strip_prefix(&from[..from.len() - 1])
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    });
    match merged {
        Some((from, to)) => {
            text.extend_from_slice(&to[..to.len() - 1]);
            text.extend_from_slice(&path[from.len() - 1..]);
        }
        None => text.extend_from_slice(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_hash_however_it_is_written() {
        let python = hash(b"usr/lib/python3/six.egg-info");
        for path in [
            "/usr/lib/python3/six.egg-info",
            "./lib/python3/six.egg-info",
            "/lib/python3/six.egg-info\r",
        ] {
            assert_eq!(hash(path.as_bytes()), python, "{path}");
        }
        assert_eq!(hash(b"/sbin/ldconfig"), hash(b"usr/bin/ldconfig"));
        assert_eq!(hash(b"usr/sbin/ldconfig"), hash(b"bin/ldconfig"));
        assert_ne!(hash(b"library/x"), hash(b"usr/library/x"));
        assert_ne!(hash(b"opt/lib/x"), hash(b"opt/usr/lib/x"));
    }

    #[test]
    fn folder_and_name_give_the_hash_of_the_path() {
        let mut path = OwnedPath::default();
        for folder in ["lib", "/usr/lib/", "usr/lib"] {
            path.enter(folder.as_bytes());
            assert_eq!(path.file(b"a.jar"), Some(hash(b"usr/lib/a.jar")));
            assert_eq!(path.file(b"b"), Some(hash(b"lib/b")));
        }
        path.enter(b"");
        assert_eq!(path.file(b"init"), Some(hash(b"/init")));
        path.enter(b"sbin");
        assert_eq!(path.file(b"x"), Some(hash(b"sbin/x")));
        assert_eq!(path.file(&[b'x'; MAX_OWNED_PATH_BYTES]), None);
    }

    #[test]
    fn the_first_package_of_several_owns_a_path() {
        let mut all = Owned::default();
        let mut one = Owned::default();
        one.add(hash(b"a"), 1);
        one.add(hash(b"b"), 0);
        all.append(one, 0);
        let mut two = Owned::default();
        two.add(hash(b"a"), 0);
        two.add(hash(b"c"), 3);
        all.append(two, 2);
        let owners = all.owners([hash(b"a"), hash(b"c"), hash(b"d")].into_iter());
        assert_eq!(owners.len(), 2);
        assert_eq!((owners[&hash(b"a")], owners[&hash(b"c")]), (1, 5));
    }

    #[test]
    fn the_number_of_paths_has_a_limit() {
        let mut owned = Owned { max_paths: 2, ..Owned::default() };
        owned.add(1, 0);
        owned.add(2, 0);
        assert!(owned.problem().is_none());
        owned.add(3, 0);
        assert_eq!(owned.len(), 2);
        assert!(owned.problem().unwrap().detail.contains("more than 2 paths"));
        let lines = || [&b"/a"[..], b"", b"/.", b"/", b"/b", b"/c"].into_iter();
        assert_eq!(hashes(lines(), 9), [hash(b"a"), hash(b"b"), hash(b"c")]);
        assert_eq!(hashes(lines(), 2).len(), 2);
        let cut = listed(lines(), 2);
        assert_eq!((cut.owned.len(), cut.problems.len()), (2, 1));
        assert!(cut.problems[0].detail.starts_with("more than 2 paths"));
        assert_eq!(listed(lines(), 3).problems, []);
    }
}
