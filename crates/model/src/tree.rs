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

mod index;
mod listing;
mod slots;
mod standing;

use index::Index;
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

    fn put(
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

    fn remove(&mut self, path: &str, layer: u16) {
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

/// The folder of the last entry, since entries of one folder stand together.
struct ParentMemo {
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
    fn get(&self, folder: &str) -> Option<u32> {
        if self.folder == folder { self.node } else { None }
    }

    fn set(&mut self, folder: &str, node: u32, raw: u32) {
        folder.clone_into(&mut self.folder);
        (self.node, self.raw) = (Some(node), raw);
    }

    fn forget(&mut self) {
        self.node = None;
    }
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
