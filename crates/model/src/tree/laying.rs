//! How a layer is laid on the tree: entries put, paths made, what was there removed.

use super::{
    Entry, EntryKind, Follow, GapKind, Kind, MAX_LINK_HOPS, MAX_PATH_PARTS, NONE, Node, Problem,
    ROOT, Slot, Stored, Tree, TreeLimits, hash, name_in,
};

impl Tree {
    pub(super) fn put(
        &mut self,
        layer: u16,
        entry: &Entry<'_>,
        parents: &mut ParentMemo,
        kept: &mut Vec<(u32, u32)>,
    ) {
        if matches!(entry.kind, EntryKind::Whiteout | EntryKind::Opaque)
            || !self.has_room(layer, entry)
        {
            return;
        }
        let (kind, mut value) = match entry.kind {
            EntryKind::Directory => (Kind::Directory(true), NONE),
            EntryKind::File => (Kind::File, NONE),
            EntryKind::Symlink(target) => {
                self.links.push(target.to_owned());
                self.link_bytes += target.len();
                parents.forget();
                (Kind::Symlink, self.links.len() as u32 - 1)
            }
            EntryKind::Hardlink(target) => {
                let Some(source) = self.link_source(target) else {
                    let detail = "hard link to a file that is not there";
                    return self.problem(layer, entry.path, detail);
                };
                source
            }
            _ => (Kind::Other, NONE),
        };
        let Some(node) = self.make(layer, entry.path, parents) else { return };
        if entry.kind == EntryKind::File {
            let slot = Slot { folder: parents.raw, ..Slot::new(layer, node) };
            if entry.content.is_some() || !slot.is_at(node) {
                value = self.slots.add(slot);
            }
            kept.extend(entry.content.map(|index| (value, index)));
        }
        if !matches!(kind, Kind::Directory(_)) {
            let was_folder = matches!(self.newest_kind(node), Some(Kind::Directory(_)));
            self.nodes[node as usize].cleared = self.clock;
            if was_folder {
                parents.forget();
            }
        } else if self.newest_kind(node) == Some(Kind::Symlink) {
            parents.forget();
        }
        self.add_version(node, layer, kind, entry.executable, value);
    }

    /// Returns what a hard link stands for: the kind of what it leads to, and its value.
    fn link_source(&mut self, target: &str) -> Option<(Kind, u32)> {
        let node = self.locate(target, Follow::Parents)?;
        let kind = self.visible(node)?.kind;
        Some((kind, self.slot_of(node)))
    }

    /// Returns whether an entry can be put there; says once that some cannot. What is there already can
    /// be replaced for longer: it must not be believed to be still the old file.
    fn has_room(&mut self, layer: u16, entry: &Entry<'_>) -> bool {
        let is_plain = match entry.kind {
            EntryKind::File => entry.content.is_none(),
            EntryKind::Other => true,
            _ => false,
        };
        if !self.is_beyond(if is_plain { self.limits } else { self.limits.with_reserve() }) {
            return true;
        }
        let can_replace = !self.is_beyond(self.limits.with_reserve().with_reserve());
        if can_replace && self.locate(entry.path, Follow::Parents).is_some() {
            return true;
        }
        self.tell_full(layer);
        false
    }

    fn is_beyond(&self, limits: TreeLimits) -> bool {
        let texts = self.names.len() + self.link_bytes + self.slots.text_bytes();
        self.nodes.len() > limits.names
            || self.links.len() > limits.names
            || self.slots.len() > limits.names / 2
            || self.slots.folders() > limits.names / 8
            || self.versions.len() / 2 > limits.names
            || texts > limits.text_bytes
    }

    fn tell_full(&mut self, layer: u16) {
        if !self.full {
            self.full = true;
            let TreeLimits { names, text_bytes } = self.limits;
            let detail = format!(
                "the layers together have more than {names} names, or {text_bytes} bytes of them; \
                 of the rest only wanted files, links and folders are listed"
            );
            let (path, layer) = ("layer".to_owned(), Some(u32::from(layer)));
            self.problems.push(Problem { path, layer, detail, gap: Some(GapKind::Limit) });
        }
    }

    fn add_version(&mut self, node: u32, layer: u16, kind: Kind, executable: bool, value: u32) {
        let older = self.nodes[node as usize].newest;
        let gap = older != NONE && self.visible(node).is_none();
        // Of entries with the same path in one layer the last one counts; history has no use for
        // the others, unless one of them holds the slot that a hard link points to, which stays.
        let same_layer = older != NONE && self.versions[older as usize].layer == layer;
        let put = self.clock;
        self.clock += 1;
        let replaces = same_layer && self.versions[older as usize].kind != Kind::Gone;
        let gives_up = older != NONE && !replaces && self.has_no_past(older, value);
        if gives_up && self.versions[older as usize].value != NONE {
            self.tell_full(layer);
        }
        if replaces || gives_up {
            let stored = &mut self.versions[older as usize];
            (stored.kind, stored.executable, stored.value, stored.put, stored.layer) =
                (kind, executable, value, put, layer);
            return;
        }
        self.versions.push(Stored { older, put, layer, kind, executable, gap, value });
        self.nodes[node as usize].newest = self.versions.len() as u32 - 1;
    }

    pub(super) fn remove(&mut self, path: &str, layer: u16) {
        let Some(node) = self.locate(path, Follow::Parents) else { return };
        if node == ROOT || self.visible(node).is_none() {
            return;
        }
        self.nodes[node as usize].cleared = self.clock;
        self.add_version(node, layer, Kind::Gone, false, NONE);
    }

    /// Returns whether a version is given up for the next one: beyond the limits the past of files of
    /// which nothing was kept, and beyond the reserve that of any.
    fn has_no_past(&self, version: u32, next: u32) -> bool {
        let are_plain = self.versions[version as usize].value == NONE && next == NONE;
        let most = if are_plain { self.limits } else { self.limits.with_reserve() };
        self.versions.len() / 2 > most.names
    }

    fn problem(&mut self, layer: u16, path: &str, detail: &str) {
        // A hostile archive can have millions of broken entries; a few hundred tell the story.
        if self.problems.len() < 1000 {
            let (path, detail) = (path.to_owned(), detail.to_owned());
            let layer = Some(u32::from(layer));
            self.problems.push(Problem { path, layer, detail, gap: None });
        }
    }

    /// Finds or makes the node of an entry, its parents being followed where they are links.
    fn make(&mut self, layer: u16, path: &str, parents: &mut ParentMemo) -> Option<u32> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = if folder.is_empty() {
            ROOT
        } else if let Some(known) = parents.get(folder) {
            known
        } else {
            let Some(made) = self.make_folder(layer, folder) else {
                if !self.full {
                    self.problem(layer, path, "the links on its way form a loop");
                }
                return None;
            };
            let is_own = self.path(made) == folder;
            parents.set(folder, made, if is_own { NONE } else { self.slots.folder_number(folder) });
            made
        };
        if folder.is_empty() {
            parents.set(folder, ROOT, NONE);
        }
        self.child_or_new(layer, parent, name)
    }

    fn make_folder(&mut self, layer: u16, folder: &str) -> Option<u32> {
        let mut rest: Vec<String> = folder.split('/').rev().map(str::to_owned).collect();
        let mut node = ROOT;
        let mut hops = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    node = self.nodes[node as usize].parent;
                    continue;
                }
                _ => {}
            }
            let child = self.child_or_new(layer, node, &part)?;
            match self.visible(child).map(|version| (version.kind, version.value)) {
                Some((Kind::Symlink, link)) => {
                    hops += 1;
                    if hops > MAX_LINK_HOPS || rest.len() > MAX_PATH_PARTS {
                        return None;
                    }
                    let target = self.links[link as usize].clone();
                    if target.starts_with('/') {
                        node = ROOT;
                    }
                    rest.extend(target.split('/').rev().map(str::to_owned));
                    continue;
                }
                Some((Kind::Directory(_), _)) => {}
                _ => {
                    self.nodes[child as usize].cleared = self.clock;
                    self.add_version(child, layer, Kind::Directory(false), false, NONE);
                }
            }
            node = child;
        }
        Some(node)
    }

    fn child_or_new(&mut self, layer: u16, parent: u32, name: &str) -> Option<u32> {
        if let Some(child) = self.child(parent, name) {
            return Some(child);
        }
        if self.is_beyond(self.limits.with_reserve()) {
            self.tell_full(layer);
            return None;
        }
        let child = self.nodes.len() as u32;
        self.nodes.push(Node {
            parent,
            name: self.names.len() as u32,
            first_child: NONE,
            next_sibling: self.nodes[parent as usize].first_child,
            newest: NONE,
            cleared: 0,
        });
        self.names.push_str(name);
        self.nodes[parent as usize].first_child = child;
        let Self { nodes, names, children, .. } = self;
        children
            .insert(child, |node| hash(nodes[node as usize].parent, name_in(nodes, names, node)));
        Some(child)
    }
}

/// The folder of the last entry, since entries of one folder stand together.
pub(super) struct ParentMemo {
    folder: String,
    node: Option<u32>,
    /// Its number among the folders that are called otherwise in the tree, else [`NONE`].
    raw: u32,
}

impl Default for ParentMemo {
    fn default() -> Self {
        Self { folder: String::new(), node: None, raw: NONE }
    }
}

impl ParentMemo {
    pub(super) fn get(&self, folder: &str) -> Option<u32> {
        if self.folder == folder { self.node } else { None }
    }

    pub(super) fn set(&mut self, folder: &str, node: u32, raw: u32) {
        folder.clone_into(&mut self.folder);
        (self.node, self.raw) = (Some(node), raw);
    }

    pub(super) fn forget(&mut self) {
        self.node = None;
    }
}
