//! What stands at a name in the end, what stood there at the end of each layer, and what is in the way.
//!
//! A name is followed through links as they stood at that time, so that a database that moved behind
//! a link, or was cut off by one, is known by the one name that its package manager uses.

use super::{FileYield, Follow, Kind, MAX_LINK_HOPS, MAX_PATH_PARTS, ROOT, Stored, Tree, Version};

/// Steps (parts of names and copies passed over) for one question about all layers; real images need a
/// few thousand.
pub(super) const MAX_STEPS: usize = 1 << 21;

/// What a name leads to, links followed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Nothing, and nothing is in the way.
    Nothing,
    /// A regular file: its real path.
    File(String),
    /// A folder.
    Folder,
    /// Nothing that can be read, for this reason.
    Blocked(Block),
}

/// What keeps a name from leading to a file or a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// The name, or the folder above it, that is the cause: for `var/lib/dpkg/status` below a link that
    /// leads to nothing, `var/lib/dpkg`.
    pub at: String,
    /// The layer that brought it.
    pub layer: u32,
    /// What it is.
    pub by: Obstacle,
}

/// The kinds of [`Block`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Obstacle {
    /// Links in a circle, or more of them than [`MAX_LINK_HOPS`].
    Loop,
    /// A link to nothing.
    LeadsNowhere,
    /// A file or a device where a folder is needed.
    NoFolder,
    /// A device, a pipe or a socket.
    Special,
}

/// Where a name led at some time.
enum Way<'a> {
    There(u32, Option<&'a Stored>),
    Nothing,
    Blocked(Block),
    /// The steps are used up.
    TooFar,
}

impl Tree {
    /// Returns what file cataloguers took from the file at `path`, links followed, by their row.
    pub fn taken(&self, path: &str) -> &[(u8, FileYield)] {
        let version = self.locate(path, Follow::Last).and_then(|node| self.visible(node));
        let content = version.and_then(|version| self.content(version));
        content.map_or(&[], |content| &content.yields)
    }

    /// Returns what stands at `path`, links followed.
    pub fn standing(&self, path: &str) -> Standing {
        match self.way(path, u32::MAX, &mut { MAX_STEPS }) {
            Way::Nothing => Standing::Nothing,
            Way::Blocked(block) => Standing::Blocked(block),
            Way::TooFar => {
                Standing::Blocked(Block { at: path.to_owned(), layer: 0, by: Obstacle::Loop })
            }
            Way::There(_, None) => Standing::Folder,
            Way::There(node, Some(stored)) => match stored.kind {
                Kind::File => Standing::File(self.path(node)),
                Kind::Directory(_) => Standing::Folder,
                Kind::Symlink | Kind::Other | Kind::Gone => Standing::Blocked(Block {
                    at: path.to_owned(),
                    layer: u32::from(stored.layer),
                    by: Obstacle::Special,
                }),
            },
        }
    }

    /// Returns the copies of a file that the layers had under this name, lowest first, the hidden ones
    /// too, and whether the last of them is still there. The links on the way are followed as they
    /// stood at the end of each layer. Where they are too many to follow, a copy without bytes stands
    /// for what was not looked at.
    pub fn history(&self, path: &str) -> (Vec<Version<'_>>, bool) {
        let mut history: Vec<Version<'_>> = Vec::new();
        let mut steps = MAX_STEPS;
        let (mut last, mut gap) = (None, false);
        for (layer, &end) in (0u32..).zip(&self.ends) {
            let stored = match self.way(path, end, &mut steps) {
                Way::There(_, Some(stored)) if stored.kind == Kind::File => stored,
                Way::TooFar => {
                    history.push(Version { layer, body: None, after_gap: true });
                    break;
                }
                _ => {
                    gap = !history.is_empty();
                    last = None;
                    continue;
                }
            };
            let copy = (stored.put, stored.value);
            if last.replace(copy) == Some(copy) {
                continue;
            }
            let body = self.content(stored).and_then(|content| content.body.as_deref());
            let after_gap = !history.is_empty() && (gap || stored.gap);
            history.push(Version { layer: u32::from(stored.layer), body, after_gap });
            gap = false;
        }
        (history, matches!(self.standing(path), Standing::File(_)))
    }

    /// Returns the names that any layer had in a folder, the hidden ones too, each with the newest copy
    /// that was a file, `None` for what never was one. Links as in [`Tree::history`]. Sorted by name; a
    /// name stands there more than once where the folder was another one at another time.
    pub fn list_hidden(&self, folder: &str) -> Vec<(&str, Option<Version<'_>>)> {
        let mut folders: Vec<u32> = Vec::new();
        let mut steps = MAX_STEPS;
        for &end in &self.ends {
            if let Way::There(node, _) = self.way(folder, end, &mut steps)
                && !folders.contains(&node)
            {
                folders.push(node);
            }
        }
        let mut names: Vec<_> = folders
            .into_iter()
            .flat_map(|folder| self.children_of(folder))
            .map(|child| (self.name(child), self.newest_file(child)))
            .collect();
        names.sort_by_key(|(name, _)| *name);
        names
    }

    fn newest_file(&self, node: u32) -> Option<Version<'_>> {
        let mut stored = self.versions.get(self.nodes[node as usize].newest as usize)?;
        while stored.kind != Kind::File {
            stored = self.versions.get(stored.older as usize)?;
        }
        let body = self.content(stored).and_then(|content| content.body.as_deref());
        Some(Version { layer: u32::from(stored.layer), body, after_gap: stored.gap })
    }

    /// Walks to a path through what stood at a time, the last link followed too.
    fn way(&self, path: &str, time: u32, steps: &mut usize) -> Way<'_> {
        let parts: Vec<&str> = path.split('/').collect();
        let (rest, own) = (parts.iter().rev().copied().collect(), parts.len());
        let walk = Walk { tree: self, time, parts, rest, own, at: (ROOT, None), hops: 0, link: 0 };
        walk.run(steps)
    }

    /// Returns the version of a node that was visible at a time. Of each folder only its last removal is
    /// known: what an earlier one hid too counts as visible before the last.
    fn version_at(&self, node: u32, time: u32, steps: &mut usize) -> Option<&Stored> {
        let mut stored = self.versions.get(self.nodes[node as usize].newest as usize)?;
        while stored.put > time {
            *steps = steps.saturating_sub(1);
            stored = self.versions.get(stored.older as usize)?;
        }
        let mut above = node;
        while above != ROOT {
            *steps = steps.saturating_sub(1);
            above = self.nodes[above as usize].parent;
            let cleared = self.nodes[above as usize].cleared;
            if cleared >= stored.put && cleared <= time {
                return None;
            }
        }
        (stored.kind != Kind::Gone).then_some(stored)
    }
}

/// A name on its way through links.
struct Walk<'a, 'p> {
    tree: &'a Tree,
    time: u32,
    parts: Vec<&'p str>,
    /// What is still to be walked, the next part last.
    rest: Vec<&'p str>,
    /// How many of `rest` are of the name itself and not of a link on its way.
    own: usize,
    at: (u32, Option<&'a Stored>),
    hops: usize,
    /// The layer of the last link among the parts of the name itself.
    link: u32,
}

impl<'a: 'p, 'p> Walk<'a, 'p> {
    fn run(mut self, steps: &mut usize) -> Way<'a> {
        while let Some(part) = self.rest.pop() {
            if *steps == 0 {
                return Way::TooFar;
            }
            *steps -= 1;
            let of_link = self.rest.len() >= self.own;
            self.own -= usize::from(!of_link);
            match part {
                "" | "." => {}
                ".." => {
                    let above = self.tree.nodes[self.at.0 as usize].parent;
                    self.at = (above, self.tree.version_at(above, self.time, steps));
                }
                _ => {
                    if let Err(end) = self.step(part, of_link, steps) {
                        return end;
                    }
                }
            }
        }
        Way::There(self.at.0, self.at.1)
    }

    fn step(&mut self, part: &str, of_link: bool, steps: &mut usize) -> Result<(), Way<'a>> {
        if let Some(above) = self.at.1.filter(|above| !matches!(above.kind, Kind::Directory(_))) {
            if of_link {
                return Err(self.blocked(self.own, self.link, Obstacle::LeadsNowhere));
            }
            // The part before is at fault, not this one.
            return Err(self.blocked(self.own + 1, u32::from(above.layer), Obstacle::NoFolder));
        }
        let found = self
            .tree
            .child(self.at.0, part)
            .and_then(|node| Some((node, self.tree.version_at(node, self.time, steps)?)));
        match found {
            None if of_link => Err(self.blocked(self.own, self.link, Obstacle::LeadsNowhere)),
            None => Err(Way::Nothing),
            Some((_, stored)) if stored.kind == Kind::Symlink => self.turn(stored, of_link),
            Some((node, stored)) => {
                self.at = (node, Some(stored));
                Ok(())
            }
        }
    }

    /// Goes where a link leads.
    fn turn(&mut self, link: &'a Stored, of_link: bool) -> Result<(), Way<'a>> {
        if !of_link {
            self.link = u32::from(link.layer);
        }
        self.hops += 1;
        if self.hops > MAX_LINK_HOPS || self.rest.len() > MAX_PATH_PARTS {
            return Err(self.blocked(self.own, self.link, Obstacle::Loop));
        }
        let target = self.tree.links[link.value as usize].as_str();
        if target.starts_with('/') {
            self.at = (ROOT, None);
        }
        self.rest.extend(target.split('/').rev());
        Ok(())
    }

    /// Names the part of the name behind which so many are left.
    fn blocked(&self, left: usize, layer: u32, by: Obstacle) -> Way<'a> {
        let at = self.parts[..self.parts.len() - left].join("/");
        Way::Blocked(Block { at, layer, by })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::EntryKind;
    use crate::tree::tests::{DIR, FILE, GONE, tree};

    const DEVICE: EntryKind<'static> = EntryKind::Other;

    fn link(target: &str) -> EntryKind<'_> {
        EntryKind::Symlink(target)
    }

    fn blocked(tree: &Tree, path: &str) -> (String, u32, Obstacle) {
        match tree.standing(path) {
            Standing::Blocked(Block { at, layer, by }) => (at, layer, by),
            other => panic!("{path}: {other:?}"),
        }
    }

    fn copies(tree: &Tree, path: &str) -> Vec<(u32, String, bool)> {
        let (history, _) = tree.history(path);
        let body = |copy: &Version<'_>| String::from_utf8_lossy(copy.body.unwrap()).into_owned();
        history.iter().map(|copy| (copy.layer, body(copy), copy.after_gap)).collect()
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let tree = tree(&[
            &[
                ("d/self", link("self"), None),
                ("round/a", link("../b"), None),
                ("b", link("round/a"), None),
                ("d/null", link("/dev/null"), None),
                ("dev/null", DEVICE, None),
                ("d/pipe", DEVICE, None),
                ("d/gone", link("/nonexistent/x"), None),
                ("d/through", link("file/x"), None),
                ("d/file", FILE, Some("1")),
            ],
            &[("l", link("/nonexistent"), None), ("n", link("/dev/null"), None)],
        ]);
        assert_eq!(blocked(&tree, "d/self"), ("d/self".to_owned(), 0, Obstacle::Loop));
        assert_eq!(blocked(&tree, "b/x/y"), ("b".to_owned(), 0, Obstacle::Loop));
        assert_eq!(blocked(&tree, "d/null"), ("d/null".to_owned(), 0, Obstacle::Special));
        assert_eq!(blocked(&tree, "d/pipe"), ("d/pipe".to_owned(), 0, Obstacle::Special));
        assert_eq!(blocked(&tree, "d/gone"), ("d/gone".to_owned(), 0, Obstacle::LeadsNowhere));
        assert_eq!(
            blocked(&tree, "d/through"),
            ("d/through".to_owned(), 0, Obstacle::LeadsNowhere)
        );
        assert_eq!(blocked(&tree, "l/x/y"), ("l".to_owned(), 1, Obstacle::LeadsNowhere));
        assert_eq!(blocked(&tree, "n/x"), ("n".to_owned(), 0, Obstacle::NoFolder));
        assert_eq!(blocked(&tree, "d/file/x"), ("d/file".to_owned(), 0, Obstacle::NoFolder));
    }

    #[test]
    fn what_is_there_and_what_never_was_block_nothing() {
        let tree = tree(&[
            &[("usr/lib/apk/db", DIR, None), ("lib", link("usr/lib"), None)],
            &[("usr/lib/apk/db/installed", FILE, Some("1")), ("x/y", FILE, Some("1"))],
            &[("x", GONE, None)],
        ]);
        let real = "usr/lib/apk/db/installed".to_owned();
        assert_eq!(tree.standing("lib/apk/db/installed"), Standing::File(real));
        assert_eq!(tree.standing("lib/apk/db"), Standing::Folder);
        assert_eq!(tree.standing("lib/dpkg/status"), Standing::Nothing);
        assert_eq!(tree.standing("x/y"), Standing::Nothing);
        assert_eq!(tree.standing(""), Standing::Folder);
        assert_eq!(tree.standing("lib/../.."), Standing::Folder);
    }

    #[test]
    fn links_have_a_limit() {
        let names: Vec<String> =
            (0..=MAX_LINK_HOPS + 1).map(|number| format!("l{number}")).collect();
        let mut entries: Vec<_> =
            names.windows(2).map(|two| (two[0].as_str(), link(&two[1]), None)).collect();
        entries.push((names[names.len() - 1].as_str(), FILE, Some("1")));
        let tree = tree(&[&entries]);
        assert_eq!(tree.standing("l1"), Standing::File(names[names.len() - 1].clone()));
        assert_eq!(blocked(&tree, "l0").2, Obstacle::Loop);
    }

    #[test]
    fn history_goes_by_the_name_as_it_led_at_the_time() {
        let tree = tree(&[
            &[("v/status", FILE, Some("1"))],
            &[("other/status", FILE, Some("2")), ("v", link("other"), None)],
            &[("v", link("/nonexistent"), None)],
            &[("v", link("third"), None), ("third/status", FILE, Some("4"))],
        ]);
        let copy = |layer, body: &str, gap| (layer, body.to_owned(), gap);
        let expected = [copy(0, "1", false), copy(1, "2", false), copy(3, "4", true)];
        assert_eq!(copies(&tree, "v/status"), expected);
        assert_eq!(tree.list_hidden("v").len(), 3);
    }

    #[test]
    fn history_ends_with_what_hides_it() {
        for cover in [link("status"), link("/dev/null"), DEVICE, DIR, GONE] {
            let tree = tree(&[&[("v/status", FILE, Some("1"))], &[("v/status", cover, None)]]);
            let (history, visible) = tree.history("v/status");
            assert_eq!((history.len(), visible), (1, false), "{cover:?}");
        }
    }

    #[test]
    fn the_steps_through_all_layers_have_a_limit() {
        let long = "d/../".repeat(MAX_PATH_PARTS / 3);
        let names: Vec<String> = (0..40).map(|number| format!("l{number}")).collect();
        let targets: Vec<String> =
            (1..=40).map(|number| format!("{long}l{number}").replace("l40", "end")).collect();
        let mut entries: Vec<_> = names
            .iter()
            .zip(&targets)
            .map(|(name, target)| (name.as_str(), link(target), None))
            .collect();
        entries.push(("d", DIR, None));
        entries.push(("end", FILE, Some("1")));
        let again: &[_] = &[("d", DIR, None), ("end", FILE, Some("2"))];
        let mut layers: Vec<&[_]> = vec![&entries];
        layers.resize(200, again);
        let tree = tree(&layers);
        let (history, visible) = tree.history("l0");
        assert!(visible);
        assert!(history.len() < 200, "{}", history.len());
        assert!(history.last().unwrap().body.is_none());
    }
}
