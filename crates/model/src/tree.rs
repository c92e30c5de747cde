//! The file tree of an image: its layers laid over each other, with what each hid.
//!
//! Whiteouts and opaque folders follow the OCI image specification (`layer.md`); where an entry's
//! parent is a symbolic link of a lower layer, the entry lands where the link leads, as with an
//! extraction that cannot leave the root.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::package::{FileYield, Problem};
use crate::want::WantSet;

mod listing;
mod standing;

pub use listing::{Content, Entry, EntryKind, LayerListing};
pub use standing::{Block, Obstacle, Standing};

/// Symbolic links followed for one path before it counts as a loop, as Linux does.
pub const MAX_LINK_HOPS: usize = 40;
/// Parts of one path.
pub const MAX_PATH_PARTS: usize = 512;
/// Names in one tree; what is beyond is left out, and said.
pub const MAX_NODES: usize = 8_000_000;

const ROOT: u32 = 0;
const NONE: u32 = u32::MAX;

/// The merged tree of all layers applied so far.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
    names: String,
    children: HashMap<(u32, u64), u32>,
    versions: Vec<Stored>,
    links: Vec<String>,
    slots: Vec<Slot>,
    clock: u32,
    /// When each layer was all there, in the order they were laid.
    ends: Vec<u32>,
    problems: Vec<Problem>,
    full: bool,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    name: (u32, u16),
    first_child: u32,
    next_sibling: u32,
    /// Newest version of this path, an index into `versions`.
    newest: u32,
    /// When everything below was last removed.
    cleared: u32,
}

/// One version of one path.
#[derive(Debug)]
struct Stored {
    older: u32,
    /// When it was put there.
    put: u32,
    layer: u16,
    kind: Kind,
    executable: bool,
    /// The older version was gone before this one came.
    gap: bool,
    /// Link target for a symbolic link, slot for a file.
    value: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    File,
    /// `true`: an entry of its own; `false`: only implied by something below.
    Directory(bool),
    Symlink,
    Other,
    Gone,
}

/// Where the bytes of a file lie: its layer and its name there, and what was kept.
#[derive(Debug)]
struct Slot {
    layer: u16,
    path: String,
    content: Content,
}

/// A visible file.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// Its real path, all links followed.
    pub path: String,
    /// The layer that brought it.
    pub layer: u32,
    /// Its bytes.
    pub body: &'a [u8],
}

/// One copy of a path in the course of the layers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Version<'a> {
    /// The layer that brought it.
    pub layer: u32,
    /// The bytes, where they were kept and it is a file.
    pub body: Option<&'a [u8]>,
    /// Between the copy below and this one the path was not there.
    pub after_gap: bool,
}

/// A file whose bytes are wanted and were not kept: the place to look is known now.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Missing {
    /// The layer that holds it.
    pub layer: u32,
    /// The name of its entry in that layer.
    pub path: String,
    /// The names by which it is wanted, for the cataloguers to be asked with.
    pub wanted_as: String,
    /// The rows that want it, as bits.
    pub rows: u128,
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// Makes an empty tree: a root folder.
    pub fn new() -> Self {
        let root = Node {
            parent: ROOT,
            name: (0, 0),
            first_child: NONE,
            next_sibling: NONE,
            newest: NONE,
            cleared: 0,
        };
        Self {
            nodes: vec![root],
            names: String::new(),
            children: HashMap::new(),
            versions: Vec::new(),
            links: Vec::new(),
            slots: Vec::new(),
            clock: 1,
            ends: Vec::new(),
            problems: Vec::new(),
            full: false,
        }
    }

    /// Lays the next layer on top. Layers go in from the lowest up, `layer` is the index.
    ///
    /// Whiteouts and opaque marks act on what lower layers brought, wherever they stand in the
    /// archive; of entries with the same path the last one counts.
    pub fn apply(&mut self, layer: u32, mut listing: LayerListing) {
        let layer = u16::try_from(layer).unwrap_or(u16::MAX);
        self.problems.extend(listing.problems.drain(..).map(|mut problem| {
            problem.layer.get_or_insert(u32::from(layer));
            problem
        }));
        self.clock += 1;
        for entry in listing.entries() {
            match entry.kind {
                EntryKind::Whiteout => self.remove(entry.path, layer),
                EntryKind::Opaque => {
                    if let Some(node) = self.locate(entry.path, Follow::Last) {
                        self.nodes[node as usize].cleared = self.clock;
                    }
                }
                _ => {}
            }
        }
        self.clock += 1;
        let mut kept: Vec<(u32, u32)> = Vec::new();
        let mut parents = ParentMemo::default();
        for entry in listing.entries() {
            self.put(layer, &entry, &mut parents, &mut kept);
        }
        for (slot, index) in kept {
            self.slots[slot as usize].content = listing.take_content(index);
        }
        self.ends.push(self.clock);
    }

    /// Returns what went wrong so far, sorted, no two alike.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        problems.sort();
        problems.dedup();
        problems
    }

    /// Returns the file at `path`, links followed; `None` when there is none or its bytes were not
    /// kept.
    pub fn read(&self, path: &str) -> Option<File<'_>> {
        let node = self.locate(path, Follow::Last)?;
        let version = self.visible(node)?;
        let slot = self.slot(version)?;
        let body = slot.content.body.as_deref()?;
        Some(File { path: self.path(node), layer: u32::from(version.layer), body })
    }

    /// Returns whether something visible stands at `path`, links followed.
    pub fn exists(&self, path: &str) -> bool {
        self.locate(path, Follow::Last).and_then(|node| self.visible(node)).is_some()
    }

    /// Returns the names of what is visible in a folder, links followed, sorted.
    pub fn list(&self, folder: &str) -> Vec<&str> {
        let Some(node) = self.locate(folder, Follow::Last) else { return Vec::new() };
        if self.visible_or_root(node).is_none() {
            return Vec::new();
        }
        let mut names: Vec<&str> = self
            .children_of(node)
            .filter(|&child| self.visible(child).is_some())
            .map(|child| self.name(child))
            .collect();
        names.sort_unstable();
        names
    }

    /// Returns what file cataloguers took from the files that are visible: path, layer, row of the
    /// cataloguer, yield. Sorted by path, then row.
    pub fn yields(&self) -> Vec<(String, u32, u8, &FileYield)> {
        let mut found = Vec::new();
        for node in 0..self.nodes.len() as u32 {
            let Some(version) = self.file_with_yields(node) else { continue };
            if self.visible(node).is_none() {
                continue;
            }
            let Some(slot) = self.slot(version) else { continue };
            let path = self.path(node);
            for (row, taken) in &slot.content.yields {
                found.push((path.clone(), u32::from(version.layer), *row, taken));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.cmp(&b.2)));
        found
    }

    /// Returns the files that the wants ask for by a name that leads elsewhere (a symbolic link, a
    /// linked folder, a hard link) and whose bytes were not kept. Sorted by layer and path.
    pub fn missing(&self, wants: &WantSet) -> Vec<Missing> {
        let mut missing = Vec::new();
        for &(place, is_folder) in wants.places() {
            if !is_folder {
                self.add_missing(place, wants, &mut missing);
                continue;
            }
            for name in self.list(place) {
                self.add_missing(&format!("{place}/{name}"), wants, &mut missing);
            }
        }
        for node in 1..self.nodes.len() as u32 {
            let Some(version) = self.visible(node) else { continue };
            let path = self.path(node);
            if self.slot(version).is_some_and(|slot| slot.path != path) {
                self.add_missing(&path, wants, &mut missing);
            }
        }
        missing.sort();
        missing.dedup_by(|a, b| {
            let same = a.layer == b.layer && a.path == b.path;
            if same {
                b.rows |= a.rows;
            }
            same
        });
        missing
    }

    /// Hands in what a second look brought for one of [`Tree::missing`].
    pub fn supply(&mut self, missing: &Missing, content: &Content) {
        for slot in &mut self.slots {
            if u32::from(slot.layer) == missing.layer && slot.path == missing.path {
                slot.content.body = content.body.clone().or_else(|| slot.content.body.take());
                slot.content.yields.extend(content.yields.iter().cloned());
                slot.content.yields.sort_by_key(|taken| taken.0);
                slot.content.yields.dedup_by_key(|taken| taken.0);
                slot.content.rows |= missing.rows;
            }
        }
    }

    /// Notes that something could not be read.
    pub fn add_problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn add_missing(&self, wanted_as: &str, wants: &WantSet, missing: &mut Vec<Missing>) {
        let Some(node) = self.locate(wanted_as, Follow::Last) else { return };
        let Some(version) = self.visible(node) else { return };
        let Some(slot) = self.slot(version) else { return };
        let rows = wants.ask(wanted_as, version.executable) & !slot.content.rows;
        if rows != 0 {
            missing.push(Missing {
                layer: u32::from(slot.layer),
                path: slot.path.clone(),
                wanted_as: wanted_as.to_owned(),
                rows,
            });
        }
    }

    fn file_with_yields(&self, node: u32) -> Option<&Stored> {
        let version = self.versions.get(self.nodes[node as usize].newest as usize)?;
        let slot = self.slot(version)?;
        (!slot.content.yields.is_empty()).then_some(version)
    }

    fn slot(&self, version: &Stored) -> Option<&Slot> {
        if version.kind == Kind::File { self.slots.get(version.value as usize) } else { None }
    }

    fn put(
        &mut self,
        layer: u16,
        entry: &Entry<'_>,
        parents: &mut ParentMemo,
        kept: &mut Vec<(u32, u32)>,
    ) {
        let (kind, value) = match entry.kind {
            EntryKind::Whiteout | EntryKind::Opaque => return,
            EntryKind::Directory => (Kind::Directory(true), NONE),
            EntryKind::Other => (Kind::Other, NONE),
            EntryKind::Symlink(target) => {
                self.links.push(target.to_owned());
                parents.forget();
                (Kind::Symlink, self.links.len() as u32 - 1)
            }
            EntryKind::Hardlink(target) => {
                let found = self.locate(target, Follow::Parents);
                let Some(source) = found.and_then(|node| self.visible(node)) else {
                    return self.problem(
                        layer,
                        entry.path,
                        "hard link to a file that is not there",
                    );
                };
                (source.kind, source.value)
            }
            EntryKind::File => {
                let slot = Slot { layer, path: entry.path.to_owned(), content: Content::default() };
                self.slots.push(slot);
                let slot = self.slots.len() as u32 - 1;
                if let Some(index) = entry.content {
                    kept.push((slot, index));
                }
                (Kind::File, slot)
            }
        };
        let Some(node) = self.make(layer, entry.path, parents) else { return };
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

    fn add_version(&mut self, node: u32, layer: u16, kind: Kind, executable: bool, value: u32) {
        let older = self.nodes[node as usize].newest;
        let gap = older != NONE && self.visible(node).is_none();
        // Of entries with the same path in one layer the last one counts; history has no use for
        // the others, unless one of them holds the slot that a hard link points to, which stays.
        let same_layer = older != NONE && self.versions[older as usize].layer == layer;
        let put = self.clock;
        self.clock += 1;
        if same_layer && self.versions[older as usize].kind != Kind::Gone {
            let stored = &mut self.versions[older as usize];
            (stored.kind, stored.executable, stored.value, stored.put) =
                (kind, executable, value, put);
            return;
        }
        self.versions.push(Stored { older, put, layer, kind, executable, gap, value });
        self.nodes[node as usize].newest = self.versions.len() as u32 - 1;
    }

    fn remove(&mut self, path: &str, layer: u16) {
        let Some(node) = self.locate(path, Follow::Parents) else { return };
        if node == ROOT || self.visible(node).is_none() {
            return;
        }
        self.nodes[node as usize].cleared = self.clock;
        let older = self.nodes[node as usize].newest;
        let put = self.clock;
        let (kind, gap) = (Kind::Gone, false);
        let gone = Stored { older, put, layer, kind, executable: false, gap, value: NONE };
        self.versions.push(gone);
        self.nodes[node as usize].newest = self.versions.len() as u32 - 1;
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
                self.problem(layer, path, "the links on its way form a loop");
                return None;
            };
            parents.set(folder, made);
            made
        };
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
        let mut key = (parent, hash(name));
        while let Some(&child) = self.children.get(&key) {
            if self.name(child) == name {
                return Some(child);
            }
            key.1 = key.1.wrapping_add(1);
        }
        if self.nodes.len() >= MAX_NODES || self.names.len() + name.len() > u32::MAX as usize {
            if !self.full {
                self.full = true;
                let detail = format!("more than {MAX_NODES} names; the rest is left out");
                let gap = Some(crate::coverage::GapKind::Limit);
                let layer = Some(u32::from(layer));
                self.problems.push(Problem { path: String::new(), layer, detail, gap });
            }
            return None;
        }
        let start = self.names.len() as u32;
        let length = u16::try_from(name.len()).ok()?;
        self.names.push_str(name);
        let child = self.nodes.len() as u32;
        self.nodes.push(Node {
            parent,
            name: (start, length),
            first_child: NONE,
            next_sibling: self.nodes[parent as usize].first_child,
            newest: NONE,
            cleared: 0,
        });
        self.nodes[parent as usize].first_child = child;
        self.children.insert(key, child);
        Some(child)
    }

    fn child(&self, parent: u32, name: &str) -> Option<u32> {
        let mut key = (parent, hash(name));
        while let Some(&child) = self.children.get(&key) {
            if self.name(child) == name {
                return Some(child);
            }
            key.1 = key.1.wrapping_add(1);
        }
        None
    }

    /// Walks to a path through visible folders and links.
    fn locate(&self, path: &str, follow: Follow) -> Option<u32> {
        let mut rest: Vec<&str> = path.split('/').rev().collect();
        let mut node = ROOT;
        let mut hops = 0;
        while let Some(part) = rest.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    node = self.nodes[node as usize].parent;
                    continue;
                }
                _ => {}
            }
            let child = self.child(node, part)?;
            let version = self.visible(child)?;
            if version.kind == Kind::Symlink && (follow == Follow::Last || !rest.is_empty()) {
                hops += 1;
                if hops > MAX_LINK_HOPS || rest.len() > MAX_PATH_PARTS {
                    return None;
                }
                let target = self.links[version.value as usize].as_str();
                if target.starts_with('/') {
                    node = ROOT;
                }
                rest.extend(target.split('/').rev());
                continue;
            }
            node = child;
        }
        Some(node)
    }

    /// Returns the newest version of a node unless it, or a folder above it, was removed since.
    fn visible(&self, node: u32) -> Option<&Stored> {
        let version = self.versions.get(self.nodes[node as usize].newest as usize)?;
        if version.kind == Kind::Gone {
            return None;
        }
        let mut above = node;
        while above != ROOT {
            above = self.nodes[above as usize].parent;
            if self.nodes[above as usize].cleared >= version.put {
                return None;
            }
        }
        Some(version)
    }

    fn visible_or_root(&self, node: u32) -> Option<()> {
        if node == ROOT { Some(()) } else { self.visible(node).map(|_| ()) }
    }

    fn newest_kind(&self, node: u32) -> Option<Kind> {
        self.visible(node).map(|version| version.kind)
    }

    fn children_of(&self, node: u32) -> impl Iterator<Item = u32> {
        let mut next = self.nodes[node as usize].first_child;
        std::iter::from_fn(move || {
            let child = next;
            if child == NONE {
                return None;
            }
            next = self.nodes[child as usize].next_sibling;
            Some(child)
        })
    }

    fn name(&self, node: u32) -> &str {
        let (start, length) = self.nodes[node as usize].name;
        &self.names[start as usize..start as usize + length as usize]
    }

    fn path(&self, node: u32) -> String {
        let mut parts = Vec::new();
        let mut at = node;
        while at != ROOT {
            parts.push(self.name(at));
            at = self.nodes[at as usize].parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

impl Content {
    /// Makes content that is a body alone, read for these rows.
    pub fn of_body(body: Arc<[u8]>, rows: u128) -> Self {
        Self { body: Some(body), yields: Vec::new(), rows }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Follow {
    /// Links in the parents only.
    Parents,
    /// The last part too.
    Last,
}

/// The folder of the last entry, since entries of one folder stand together.
#[derive(Default)]
struct ParentMemo {
    folder: String,
    node: Option<u32>,
}

impl ParentMemo {
    fn get(&self, folder: &str) -> Option<u32> {
        if self.folder == folder { self.node } else { None }
    }

    fn set(&mut self, folder: &str, node: u32) {
        folder.clone_into(&mut self.folder);
        self.node = Some(node);
    }

    fn forget(&mut self) {
        self.node = None;
    }
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
