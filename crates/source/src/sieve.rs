//! The sieve: the bytes of one layer go through once, and the listing of the layer comes out with
//! what the readers took of the files that they want.
//!
//! Whiteouts follow the OCI image specification (`layer.md`, "Whiteouts"), and the `.wh..wh.` names
//! that AUFS kept for itself are passed over, as Docker does.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use plimsoll_model::coverage::GapKind;
use plimsoll_model::tree::{Content, Entry as Listed, EntryKind, LayerListing, Missing};
use plimsoll_model::{FileYield, PROGRAM_HEAD_BYTES, Problem, Readers, is_program};

use crate::path::{BadPath, MAX_PATH_BYTES, clean_path, shown, text_of};
use crate::waiting::{STEP_BYTES, content_weight};

mod budget;
mod entries;
mod feed;
mod header;
mod pax;

pub(crate) use budget::{Budget, MAX_LARGE_BODIES_BYTES, Share};
pub(crate) use entries::{Entries, Entry, Kind, Odd, Step};
pub(crate) use feed::{Feed, Walk, read_at};

/// Entries of one layer that are listed whatever they are. Of what comes after, wanted files and
/// whiteouts go on, as many again.
pub(crate) const MAX_ENTRIES: usize = 2_000_000;
/// Wanted files of one layer; one that comes after is listed as if nobody wanted it, and that is said.
pub(crate) const MAX_WANTED: usize = 1_000_000;
/// Bytes kept for tree cataloguers from one layer.
pub(crate) const MAX_KEPT_BYTES: u64 = 256 << 20;
/// Problems listed for one layer; the rest is counted.
pub(crate) const MAX_PROBLEMS: usize = 300;
/// A body above this size takes a share of the budget that all threads have together.
pub(crate) const LARGE_BODY_BYTES: u64 = 8 << 20;

/// What the sieve works with: the same for all layers of an image.
pub(crate) struct Sieve<'a> {
    pub(crate) readers: &'a dyn Readers,
    pub(crate) budget: &'a Budget,
    /// Is told of each body that is kept, with its path.
    pub(crate) kept: &'a (dyn Fn(&str, &Arc<[u8]>) + Sync),
    /// Is told of the bytes of the listing whenever it grew by [`STEP_BYTES`], and may wait.
    pub(crate) grown: &'a (dyn Fn(usize) + Sync),
    /// [`MAX_ENTRIES`], less in tests.
    pub(crate) max_entries: usize,
}

/// Sifts one layer.
///
/// What is odd in the archive is a problem of the listing; an error is a failure of the feed.
pub(crate) fn sift(feed: &mut dyn Feed, sieve: &Sieve<'_>) -> io::Result<LayerListing> {
    let mut sifting = Sifting::new(sieve);
    let mut entries = Entries::new(feed);
    loop {
        match entries.step()? {
            Step::Entry(entry) => sifting.add(&mut entries, &entry)?,
            Step::Odd(odd) => sifting.problems.add(odd),
            Step::End => break,
        }
    }
    Ok(sifting.finish())
}

/// A file that was missing, and what a second look brought.
pub(crate) type Seen = (Missing, Content);

/// Looks for some files in a layer that was sifted before, and reads them for the rows that miss
/// them. Of entries with the same path the last one counts.
pub(crate) fn look(
    feed: &mut dyn Feed,
    missing: &[Missing],
    sieve: &Sieve<'_>,
) -> io::Result<(Vec<Seen>, Vec<Problem>)> {
    let by_path: HashMap<&str, usize> =
        missing.iter().enumerate().map(|(index, missing)| (missing.path.as_str(), index)).collect();
    let mut found: Vec<Option<Content>> = vec![None; missing.len()];
    let mut sifting = Sifting::new(sieve);
    let mut entries = Entries::new(feed);
    loop {
        let entry = match entries.step()? {
            Step::Entry(entry) if entry.kind == Kind::File => entry,
            Step::End => break,
            // The first look told of it.
            Step::Entry(_) | Step::Odd(_) => continue,
        };
        let Ok(path) = clean_path(&entry.name) else { continue };
        let Some(&index) = by_path.get(path.as_str()) else { continue };
        let Missing { wanted_as, rows, .. } = &missing[index];
        found[index] = Some(sifting.take(&mut entries, &entry, (wanted_as, *rows))?);
    }
    let found = missing.iter().cloned().zip(found);
    let found = found.filter_map(|(missing, content)| Some((missing, content?))).collect();
    Ok((found, sifting.problems.finish()))
}

/// The listing of one layer in the making.
pub(crate) struct Sifting<'a> {
    sieve: &'a Sieve<'a>,
    listing: LayerListing,
    problems: Problems,
    /// The last body, to use its memory again.
    body: Vec<u8>,
    kept_bytes: u64,
    /// About the bytes of all that was kept in memory, bodies and packages.
    held_bytes: usize,
    /// The bytes of the listing when that was last told.
    told_bytes: usize,
    full: bool,
}

impl<'a> Sifting<'a> {
    /// Starts with nothing.
    pub(crate) fn new(sieve: &'a Sieve<'a>) -> Self {
        Self {
            sieve,
            listing: LayerListing::default(),
            problems: Problems::default(),
            body: Vec::new(),
            kept_bytes: 0,
            held_bytes: 0,
            told_bytes: 0,
            full: false,
        }
    }

    fn add(&mut self, entries: &mut Entries<'_>, entry: &Entry) -> io::Result<()> {
        let path = match clean_path(&entry.name) {
            Ok(path) if path.is_empty() => return Ok(()),
            Ok(path) => path,
            Err(bad) => {
                let gap =
                    if bad == BadPath::TooLong { GapKind::Limit } else { GapKind::Unreadable };
                self.problems.add_gap(shown(&entry.name), &bad.to_string(), gap);
                return Ok(());
            }
        };
        match mark(&path) {
            Mark::None => {}
            Mark::Ignored => return Ok(()),
            Mark::Broken => {
                self.problems.add_gap(shown(&path), "a whiteout of nothing", GapKind::Unreadable);
                return Ok(());
            }
            Mark::Opaque(folder) => {
                self.push_mark(folder, EntryKind::Opaque);
                return Ok(());
            }
            Mark::Whiteout(path) => {
                self.push_mark(&path, EntryKind::Whiteout);
                return Ok(());
            }
        }
        let mut listed =
            Listed { path: &path, kind: EntryKind::Other, executable: false, content: None };
        let mut weight = Weight::Plain;
        let target: String;
        match entry.kind {
            Kind::File => {
                (listed.kind, listed.executable) = (EntryKind::File, entry.executable);
                let rows = self.sieve.readers.wants().ask(&path, entry.executable)
                    | self.rows_of_program(entries, entry)?;
                if rows != 0 && self.has_room_to_keep() {
                    let content = self.take(entries, entry, (&path, rows))?;
                    listed.content = Some(self.keep(content));
                    weight = Weight::Wanted;
                }
            }
            Kind::Directory => listed.kind = EntryKind::Directory,
            Kind::Device => {}
            Kind::Symlink | Kind::Hardlink => {
                let Some(text) = self.target(entry, &path) else { return Ok(()) };
                target = text;
                listed.kind = match entry.kind {
                    Kind::Symlink => EntryKind::Symlink(&target),
                    _ => EntryKind::Hardlink(&target),
                };
            }
            Kind::Unknown(flag) => {
                let detail = format!("its type `{}` is not known", flag.escape_ascii());
                self.problems.add(Odd { place: shown(&path), detail, gap: None });
            }
        }
        self.push(&listed, weight);
        Ok(())
    }

    /// Returns the rows that want the file because it is a program. Of a sparse file whose map lies in its
    /// body only the execute bit is known.
    fn rows_of_program(&self, entries: &mut Entries<'_>, entry: &Entry) -> io::Result<u128> {
        let rows = self.sieve.readers.wants().programs();
        if rows == 0 || entry.size < PROGRAM_HEAD_BYTES as u64 {
            return Ok(0);
        }
        let is = match entries.peek(entry)? {
            Some(head) => is_program(&head),
            None => entry.is_sparse() && entry.executable,
        };
        Ok(if is { rows } else { 0 })
    }

    fn push_mark(&mut self, path: &str, kind: EntryKind<'_>) {
        self.push(&Listed { path, kind, executable: false, content: None }, Weight::Mark);
    }

    /// Reads the body of a file for the rows that want it, under the name that they know it by.
    fn take(
        &mut self,
        entries: &mut Entries<'_>,
        entry: &Entry,
        (path, rows): (&str, u128),
    ) -> io::Result<Content> {
        let readers = self.sieve.readers;
        let nothing = Content { rows, ..Content::default() };
        let limit = readers.max_body_bytes(rows);
        if entry.size > limit {
            let detail =
                format!("it has {} bytes, more than the {limit} that are read", entry.size);
            self.problems.add_gap(shown(path), &detail, GapKind::Limit);
            return Ok(nothing);
        }
        if !self.may_keep((path, rows), entry.size) {
            return Ok(nothing);
        }
        let _share = (entry.size > LARGE_BODY_BYTES).then(|| self.sieve.budget.take(entry.size));
        if let Some(odd) = entries.read_body(entry, &mut self.body)? {
            self.problems.add(odd);
            return Ok(nothing);
        }
        let body = std::mem::take(&mut self.body);
        let content = self.settle((path, rows), &body);
        if body.capacity() as u64 <= LARGE_BODY_BYTES {
            self.body = body;
        }
        Ok(content)
    }

    fn may_keep(&mut self, (path, rows): (&str, u128), bytes: u64) -> bool {
        let for_tree = rows & self.sieve.readers.tree_rows();
        if for_tree == 0 || self.kept_bytes + bytes <= MAX_KEPT_BYTES {
            return true;
        }
        let detail = format!("this layer has more than {MAX_KEPT_BYTES} bytes of such files");
        self.problems.add_gap(shown(path), &detail, GapKind::Limit);
        false
    }

    /// Adds an entry that did not come out of an archive, so that no name in it is a mark; with the
    /// bytes, if they are wanted and could be read.
    pub(crate) fn add_found(&mut self, mut listed: Listed<'_>, body: Option<&[u8]>) {
        let mut rows = 0;
        if listed.kind == EntryKind::File {
            let wants = self.sieve.readers.wants();
            rows = wants.ask(listed.path, listed.executable);
            if body.is_some_and(is_program) {
                rows |= wants.programs();
            }
        }
        if rows == 0 || !self.has_room_to_keep() {
            return self.push(&listed, Weight::Plain);
        }
        let content = match body {
            Some(body) if self.may_keep((listed.path, rows), body.len() as u64) => {
                self.settle((listed.path, rows), body)
            }
            _ => Content { rows, ..Content::default() },
        };
        listed.content = Some(self.keep(content));
        self.push(&listed, Weight::Wanted);
    }

    /// Adds a problem that others found.
    pub(crate) fn add_problem(&mut self, problem: Problem) {
        let Problem { path: place, detail, gap, .. } = problem;
        self.problems.add(Odd { place, detail, gap });
    }

    /// Returns what came of it.
    pub(crate) fn finish(self) -> LayerListing {
        let mut listing = self.listing;
        listing.problems = self.problems.finish();
        listing
    }

    /// Hands a body to the file cataloguers among the rows that want it, and keeps it if a tree
    /// cataloguer is among them.
    fn settle(&mut self, (path, rows): (&str, u128), body: &[u8]) -> Content {
        let for_tree = rows & self.sieve.readers.tree_rows();
        let mut content = Content { rows, ..Content::default() };
        if rows != for_tree {
            content.yields = self.ask(path, rows & !for_tree, body);
            self.bound_owned(path, &mut content.yields);
        }
        if for_tree != 0 {
            self.kept_bytes += body.len() as u64;
            let body: Arc<[u8]> = Arc::from(body);
            (self.sieve.kept)(path, &body);
            content.body = Some(body);
        }
        content
    }

    /// Lets go of the paths of packages where more is kept of the layer than may be.
    fn bound_owned(&mut self, path: &str, yields: &mut [(u8, FileYield)]) {
        for (_, taken) in yields {
            let bytes = size_of_val(taken.owned.as_slice()) as u64;
            if self.kept_bytes + bytes <= MAX_KEPT_BYTES {
                self.kept_bytes += bytes;
                continue;
            }
            taken.owned = Vec::new();
            let detail = format!("this layer has more than {MAX_KEPT_BYTES} bytes of such files");
            self.problems.add_gap(shown(path), &detail, GapKind::Limit);
        }
    }

    /// Runs file cataloguers; one that panics is a problem of the file, not the end of the scan.
    fn ask(&mut self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        let readers = self.sieve.readers;
        catch_unwind(AssertUnwindSafe(|| readers.read(path, rows, body))).unwrap_or_else(|_| {
            let detail = "its cataloguer failed on it, which is a defect of this program";
            self.problems.add_gap(shown(path), detail, GapKind::Unreadable);
            Vec::new()
        })
    }

    fn target(&mut self, entry: &Entry, path: &str) -> Option<String> {
        let cleaned = if entry.kind == Kind::Hardlink {
            clean_path(&entry.link).map_err(|bad| bad.to_string())
        } else if entry.link.len() > MAX_PATH_BYTES {
            Err(format!("it is longer than {MAX_PATH_BYTES} bytes"))
        } else {
            Ok(text_of(&entry.link))
        };
        cleaned
            .map_err(|bad| {
                let detail = format!("its target cannot be followed: {bad}");
                self.problems.add_gap(shown(path), &detail, GapKind::Unreadable);
            })
            .ok()
    }

    fn keep(&mut self, content: Content) -> u32 {
        self.held_bytes += content_weight(&content);
        self.listing.keep(content)
    }

    fn push(&mut self, listed: &Listed<'_>, weight: Weight) {
        if !self.has_room(weight) || !self.listing.push(listed) {
            self.tell_full();
        }
        let bytes = self.listing.packed().len() + self.held_bytes;
        if bytes >= self.told_bytes + STEP_BYTES {
            self.told_bytes = bytes;
            (self.sieve.grown)(bytes);
        }
    }

    fn has_room(&self, weight: Weight) -> bool {
        let most = self.sieve.max_entries;
        self.listing.len() < if weight == Weight::Plain { most } else { most.saturating_mul(2) }
    }

    /// Returns whether one more wanted file can be read; says when it cannot.
    fn has_room_to_keep(&mut self) -> bool {
        let has_room = self.has_room(Weight::Wanted) && self.listing.contents().len() < MAX_WANTED;
        if !has_room {
            self.tell_full();
        }
        has_room
    }

    fn tell_full(&mut self) {
        if !self.full {
            self.full = true;
            let detail = format!(
                "the layer has more than {} entries, {MAX_WANTED} wanted files, or more text in their \
                 names than is kept; of the rest only wanted files are read, as many as there is room for",
                self.sieve.max_entries
            );
            self.problems.add_gap("layer".to_owned(), &detail, GapKind::Limit);
        }
    }
}

/// What a name that starts with `.wh.` stands for.
enum Mark<'a> {
    /// It does not start so.
    None,
    /// AUFS kept it for itself.
    Ignored,
    /// It removes nothing that could be.
    Broken,
    /// Hides what lower layers have in this folder.
    Opaque(&'a str),
    /// Removes this path.
    Whiteout(String),
}

fn mark(path: &str) -> Mark<'_> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name == ".wh..wh..opq" {
        return Mark::Opaque(folder);
    }
    if path.starts_with(".wh..wh.") || name.starts_with(".wh..wh.") {
        return Mark::Ignored;
    }
    match name.strip_prefix(".wh.") {
        None => Mark::None,
        Some("" | "." | "..") => Mark::Broken,
        Some(removed) if folder.is_empty() => Mark::Whiteout(removed.to_owned()),
        Some(removed) => Mark::Whiteout(format!("{folder}/{removed}")),
    }
}

/// How much it matters that an entry is listed.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Weight {
    Plain,
    Wanted,
    Mark,
}

/// The problems of one layer, so many and no more.
#[derive(Default)]
struct Problems {
    listed: Vec<Problem>,
    more: usize,
    /// The worst gap among those that are only counted.
    gap: Option<GapKind>,
}

impl Problems {
    fn add(&mut self, Odd { place, detail, gap }: Odd) {
        if self.listed.len() < MAX_PROBLEMS {
            self.listed.push(Problem { path: place, layer: None, detail, gap });
            return;
        }
        self.more += 1;
        self.gap = self.gap.or(gap);
    }

    fn add_gap(&mut self, place: String, detail: &str, gap: GapKind) {
        self.add(Odd { place, detail: detail.to_owned(), gap: Some(gap) });
    }

    fn finish(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let detail = format!("{} more problems of this layer are not listed", self.more);
            self.listed.push(Problem {
                path: "layer".to_owned(),
                layer: None,
                detail,
                gap: self.gap,
            });
        }
        self.listed
    }
}

#[cfg(test)]
mod tests;
