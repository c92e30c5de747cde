//! What lies below a folder, and since when: for package managers that keep a folder for each package.

use super::{Follow, Kind, Tree};

impl Tree {
    /// Returns the regular files below a folder, at any depth, whose own name `is_asked` takes: their
    /// paths, which begin with the name of the folder as given; sorted. Links are followed to the
    /// folder, not below it.
    pub fn files_below(&self, folder: &str, is_asked: &dyn Fn(&str) -> bool) -> Vec<String> {
        let Some(top) = self.locate(folder, Follow::Last) else { return Vec::new() };
        if self.visible_or_root(top).is_none() {
            return Vec::new();
        }
        let (mut open, mut files) = (vec![top], Vec::new());
        while let Some(node) = open.pop() {
            for child in self.children_of(node) {
                match self.newest(child).map(|version| version.kind) {
                    Some(Kind::Directory(_)) if self.visible(child).is_some() => open.push(child),
                    Some(Kind::File) if is_asked(self.name(child)) => files.push(child),
                    _ => {}
                }
            }
        }
        let real = self.path(top).len();
        let mut paths: Vec<String> = files
            .into_iter()
            .filter(|&file| self.visible(file).is_some())
            .map(|file| match self.path(file)[real..].trim_start_matches('/') {
                below if folder.is_empty() => below.to_owned(),
                below => format!("{folder}/{below}"),
            })
            .collect();
        paths.sort_unstable();
        paths
    }

    /// Returns the lowest layer from which something has stood at `path` without a gap; `None` where
    /// nothing is there. Links in the parents are followed, one at the path itself is not.
    pub fn since(&self, path: &str) -> Option<u32> {
        let mut stored = self.visible(self.locate(path, Follow::Parents)?)?;
        while !stored.gap
            && let Some(older) = self.versions.get(stored.older as usize)
            && older.kind != Kind::Gone
        {
            stored = older;
        }
        Some(u32::from(stored.layer))
    }
}

#[cfg(test)]
mod tests {
    use crate::tree::{Content, Entry, EntryKind, LayerListing, Tree};
    use crate::want::{Want, WantSet};

    const FILE: EntryKind<'static> = EntryKind::File;
    const DIR: EntryKind<'static> = EntryKind::Directory;
    const GONE: EntryKind<'static> = EntryKind::Whiteout;

    fn tree(layers: &[&[(&str, EntryKind<'_>)]]) -> Tree {
        let mut tree = Tree::new();
        for (index, entries) in layers.iter().enumerate() {
            let mut listing = LayerListing::default();
            for &(path, kind) in *entries {
                assert!(listing.push(&Entry { path, kind, executable: false, content: None }));
            }
            tree.apply(index as u32, listing);
        }
        tree
    }

    #[test]
    fn files_are_found_by_name_at_any_depth_and_links_are_not_followed() {
        let tree = tree(&[
            &[
                ("db/a/desc", FILE),
                ("db/b/c/desc", FILE),
                ("db/b/files", FILE),
                ("db/gone/desc", FILE),
            ],
            &[
                ("db/gone", GONE),
                ("db/desc", DIR),
                ("db/up", EntryKind::Symlink("..")),
                ("linked", EntryKind::Symlink("/db")),
            ],
        ]);
        let is_desc = |name: &str| name == "desc";
        assert_eq!(tree.files_below("db", &is_desc), ["db/a/desc", "db/b/c/desc"]);
        assert_eq!(tree.files_below("linked", &is_desc), ["linked/a/desc", "linked/b/c/desc"]);
        assert_eq!(tree.files_below("db/b", &|_| true), ["db/b/c/desc", "db/b/files"]);
        assert_eq!(tree.files_below("", &is_desc), ["db/a/desc", "db/b/c/desc"]);
        assert_eq!(tree.files_below("db/up", &is_desc), ["db/up/db/a/desc", "db/up/db/b/c/desc"]);
        assert!(tree.files_below("nowhere", &|_| true).is_empty());
    }

    #[test]
    fn since_is_the_lowest_layer_without_a_gap() {
        let tree = tree(&[
            &[("store/kept", DIR), ("store/back", DIR), ("store/gone", DIR)],
            &[("store/back", GONE), ("store/gone", GONE)],
            &[
                ("store/kept/file", FILE),
                ("store/back", DIR),
                ("store/new", DIR),
                ("store/kept", DIR),
            ],
        ]);
        let since = |name: &str| tree.since(&format!("store/{name}"));
        assert_eq!((since("kept"), since("back"), since("new")), (Some(0), Some(2), Some(2)));
        assert_eq!((since("gone"), since("never")), (None, None));
    }

    #[test]
    fn a_file_of_a_linked_folder_is_missing_until_supplied() {
        let wants = WantSet::new(&[&[Want::In("var/lib/pacman/local", "/desc")]]);
        let mut tree = tree(&[&[
            ("var/lib/pacman", EntryKind::Symlink("/usr/lib/pacman")),
            ("usr/lib/pacman/local/zlib-1/desc", FILE),
            ("usr/lib/pacman/local/zlib-1/mtree", FILE),
        ]]);
        let missing = tree.missing(&wants);
        let places: Vec<&str> = missing.iter().map(|missing| missing.path.as_str()).collect();
        assert_eq!(places, ["usr/lib/pacman/local/zlib-1/desc"]);
        tree.supply(&missing[0], &Content::of_body(b"x".as_slice().into(), 1));
        assert!(tree.read("var/lib/pacman/local/zlib-1/desc").is_some());
        assert!(tree.missing(&wants).is_empty());
    }
}
