//! The file tree of an image: its layers laid over each other, with what each hid.
//!
//! Whiteouts and opaque folders follow the OCI image specification (`layer.md`); where an entry's
//! parent is a symbolic link of a lower layer, the entry lands where the link leads, as with an
//! extraction that cannot leave the root.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::coverage::GapKind;
use crate::package::{FileYield, Problem};
use crate::want::WantSet;

mod below;
mod index;
mod laying;
mod listing;
mod slots;
mod standing;

use index::Index;
use laying::ParentMemo;
use slots::{Slot, Slots};

pub use listing::{Content, Entry, EntryKind, LayerListing};
pub use standing::{Block, Obstacle, Standing};

/// Symbolic links followed for one path before it counts as a loop, as Linux does.
pub const MAX_LINK_HOPS: usize = 40;
/// Parts of one path.
pub const MAX_PATH_PARTS: usize = 512;
const ROOT: u32 = 0;
const NONE: u32 = u32::MAX;

/// How large a tree may grow, by what all layers together bring.
///
/// Beyond it the names of plain files are left out, and what is there is only replaced; wanted files,
/// links, whiteouts and folders go on for a quarter more. That something is left out is said once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TreeLimits {
    /// Names; and as many links, twice as many copies of files, and half as many files of which
    /// something is kept.
    pub names: usize,
    /// Bytes of the names and of the targets of links.
    pub text_bytes: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self { names: 3_000_000, text_bytes: 128 << 20 }
    }
}

impl TreeLimits {
    fn with_reserve(self) -> Self {
        let Self { names, text_bytes } = self;
        Self { names: names + names / 4, text_bytes: text_bytes + text_bytes / 4 }
    }
}

/// The merged tree of all layers applied so far.
#[derive(Debug)]
pub struct Tree {
    limits: TreeLimits,
    nodes: Vec<Node>,
    names: String,
    children: Index,
    versions: Vec<Stored>,
    links: Vec<String>,
    link_bytes: usize,
    slots: Slots,
    clock: u32,
    /// When each layer was all there, in the order they were laid.
    ends: Vec<u32>,
    problems: Vec<Problem>,
    full: bool,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    /// Where the name starts; it ends where that of the next node starts.
    name: u32,
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
    /// For a symbolic link its target; for a file its slot, or [`NONE`] where nothing was kept of it
    /// and it lies in `layer` under its own path.
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
        Self::with_limits(TreeLimits::default())
    }

    /// Makes an empty tree that may grow so large.
    pub fn with_limits(limits: TreeLimits) -> Self {
        let root = Node {
            parent: ROOT,
            name: 0,
            first_child: NONE,
            next_sibling: NONE,
            newest: NONE,
            cleared: 0,
        };
        Self {
            limits,
            nodes: vec![root],
            names: String::new(),
            children: Index::new(),
            versions: Vec::new(),
            links: Vec::new(),
            link_bytes: 0,
            slots: Slots::default(),
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
        listing.for_each(|entry| match entry.kind {
            EntryKind::Whiteout => self.remove(entry.path, layer),
            EntryKind::Opaque => {
                if let Some(node) = self.locate(entry.path, Follow::Last) {
                    self.nodes[node as usize].cleared = self.clock;
                }
            }
            _ => {}
        });
        self.clock += 1;
        let mut kept: Vec<(u32, u32)> = Vec::new();
        let mut parents = ParentMemo::default();
        listing.for_each(|entry| self.put(layer, &entry, &mut parents, &mut kept));
        for (slot, index) in kept {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.content = Some(Box::new(listing.take_content(index)));
            }
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
        let body = self.content(version)?.body.as_deref()?;
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
            let Some(version) = self.newest(node) else { continue };
            let content = self.content(version).filter(|content| !content.yields.is_empty());
            let Some(content) = content.filter(|_| self.visible(node).is_some()) else { continue };
            let path = self.path(node);
            for (row, taken) in &content.yields {
                found.push((path.clone(), u32::from(version.layer), *row, taken));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then(a.2.cmp(&b.2)));
        found
    }

    /// Returns the paths of the visible files of this name whose bytes were kept, in any folder; sorted.
    pub fn named(&self, name: &str) -> Vec<String> {
        let is_kept = |node: u32| {
            let version = self.visible(node).filter(|version| version.kind == Kind::File);
            version
                .and_then(|version| self.content(version))
                .is_some_and(|kept| kept.body.is_some())
        };
        let nodes = (0..self.nodes.len() as u32).filter(|node| self.name(*node) == name);
        let mut paths: Vec<String> =
            nodes.filter(|node| is_kept(*node)).map(|node| self.path(node)).collect();
        paths.sort();
        paths
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
        for (folder, suffix) in wants.inside() {
            let end = suffix.rsplit('/').next().unwrap_or(suffix);
            for path in self.files_below(folder, &|name| name.ends_with(end)) {
                // What lies in the folder itself was looked at above.
                let below = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/');
                if below.contains('/') {
                    self.add_missing(&path, wants, &mut missing);
                }
            }
        }
        for node in 1..self.nodes.len() as u32 {
            let slot = self.newest(node).and_then(|version| self.slot(version));
            if slot.is_some_and(|slot| !slot.is_at(node)) && self.visible(node).is_some() {
                self.add_missing(&self.path(node), wants, &mut missing);
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
        if let Some(node) = self.locate(&missing.wanted_as, Follow::Last)
            && self.visible(node).is_some()
        {
            self.slot_of(node);
        }
        for number in 0..self.slots.len() as u32 {
            let found =
                self.slots.get(number).filter(|slot| u32::from(slot.layer) == missing.layer);
            if found.is_none_or(|slot| self.slot_path(slot) != missing.path) {
                continue;
            }
            let Some(slot) = self.slots.get_mut(number) else { continue };
            let kept = slot.content.get_or_insert_default();
            kept.body = content.body.clone().or_else(|| kept.body.take());
            kept.yields.extend(content.yields.iter().cloned());
            kept.yields.sort_by_key(|taken| taken.0);
            kept.yields.dedup_by_key(|taken| taken.0);
            kept.rows |= missing.rows;
        }
    }

    /// Notes that something could not be read.
    pub fn add_problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn add_missing(&self, wanted_as: &str, wants: &WantSet, missing: &mut Vec<Missing>) {
        let Some(node) = self.locate(wanted_as, Follow::Last) else { return };
        let Some(version) = self.visible(node) else { return };
        if version.kind != Kind::File {
            return;
        }
        let known = self.content(version).map_or(0, |content| content.rows);
        let rows = wants.ask(wanted_as, version.executable) & !known;
        if rows != 0 {
            let own = Slot::new(version.layer, node);
            let slot = self.slot(version).unwrap_or(&own);
            let (layer, path) = (u32::from(slot.layer), self.slot_path(slot));
            missing.push(Missing { layer, path, wanted_as: wanted_as.to_owned(), rows });
        }
    }

    fn slot(&self, version: &Stored) -> Option<&Slot> {
        if version.kind == Kind::File { self.slots.get(version.value) } else { None }
    }

    fn content(&self, version: &Stored) -> Option<&Content> {
        self.slot(version)?.content.as_deref()
    }

    /// Returns the name of the entry that a slot stands for, in its layer.
    fn slot_path(&self, slot: &Slot) -> String {
        match self.slots.folder(slot.folder) {
            Some(folder) => format!("{folder}/{}", self.name(slot.node)),
            None => self.path(slot.node),
        }
    }

    /// Returns the value of the newest version of a node; a file gets a slot if it has none.
    fn slot_of(&mut self, node: u32) -> u32 {
        let newest = self.nodes[node as usize].newest;
        let Some(version) = self.versions.get_mut(newest as usize) else { return NONE };
        if version.kind == Kind::File && version.value == NONE {
            version.value = self.slots.add(Slot::new(version.layer, node));
        }
        version.value
    }

    fn child(&self, parent: u32, name: &str) -> Option<u32> {
        self.children.find(hash(parent, name), |node| {
            self.nodes[node as usize].parent == parent && self.name(node) == name
        })
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
        let version = self.newest(node)?;
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
        name_in(&self.nodes, &self.names, node)
    }

    fn newest(&self, node: u32) -> Option<&Stored> {
        self.versions.get(self.nodes[node as usize].newest as usize)
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

fn name_in<'a>(nodes: &[Node], names: &'a str, node: u32) -> &'a str {
    let start = nodes[node as usize].name as usize;
    let end = nodes.get(node as usize + 1).map_or(names.len(), |next| next.name as usize);
    &names[start..end]
}

fn hash(parent: u32, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (parent, name).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
