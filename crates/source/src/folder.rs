//! A folder of this machine read into a tree of one layer.
//!
//! The thread that calls walks and opens, which a sandboxed thread cannot; everything that it reads
//! goes to a sandboxed thread that asks the cataloguers.

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use plimsoll_model::report::Target;
use plimsoll_model::tree::{Content, Entry, EntryKind, LayerListing, Missing, Tree};
use plimsoll_model::{Problem, Readers};
use rustix::fs::{CWD, Mode, OFlags};

use crate::dir::{Found, Wanted, walk};
use crate::error::SourceError;
use crate::image::ImageConfig;
use crate::read::{Contents, MAX_ROUNDS, Options, tell_missing};
use crate::sandbox;
use crate::sieve::{Budget, MAX_ENTRIES, MAX_LARGE_BODIES_BYTES, Sieve, Sifting};

/// Files on the way from the thread that reads to the one that parses.
const MAX_WAITING: usize = 16;

/// What the walk found, on its way to the other thread.
enum Sent<'b> {
    Entry(Named, Option<Wanted<'b>>),
    Problem(Problem),
}

/// An entry with its own texts.
struct Named {
    path: String,
    link: String,
    kind: Kind,
    executable: bool,
}

enum Kind {
    File,
    Directory,
    Symlink,
    Other,
}

/// Reads everything below `root`; `path` is its name for errors.
pub(crate) fn read_folder(
    root: &Path,
    path: &str,
    readers: &dyn Readers,
    options: &Options<'_>,
) -> Result<Contents, SourceError> {
    options.progress.start("files", 0);
    let listed = list(root, path, readers, options);
    options.progress.finish();
    let (mut listing, sandboxed) = listed?;
    // A folder has no layers, so its problems must not get the number of one.
    let problems = std::mem::take(&mut listing.problems);
    let mut tree = Tree::new();
    tree.apply(0, listing);
    for problem in problems {
        tree.add_problem(problem);
    }
    supply_missing(root, path, &mut tree, readers)?;
    let target = Target {
        kind: "dir".to_owned(),
        name: path.to_owned(),
        source: Some("folder".to_owned()),
        ..Target::default()
    };
    Ok(Contents { target, tree, config: ImageConfig::default(), sandboxed })
}

fn list(
    root: &Path,
    path: &str,
    readers: &dyn Readers,
    options: &Options<'_>,
) -> Result<(LayerListing, bool), SourceError> {
    let (send, sent) = sync_channel(MAX_WAITING);
    let budget = Budget::new(MAX_LARGE_BODIES_BYTES);
    std::thread::scope(|scope| {
        let parsing =
            sandbox::start(scope, move |sandbox| (parse(&sent, readers), sandbox.is_closed()))
                .map_err(|error| SourceError::failed(path, error))?;
        let walked =
            walk(root, readers, &budget, &mut |found| hand_over(found, &send, readers, options));
        drop(send);
        let parsed = parsing.join().unwrap_or_else(|_| Err(sandbox::lost()));
        walked?;
        parsed.map_err(|error| SourceError::failed(path, error))
    })
}

/// Sends what was found to the other thread; breaks when that is gone.
fn hand_over<'b>(
    found: Found<'_, 'b>,
    send: &SyncSender<Sent<'b>>,
    readers: &dyn Readers,
    options: &Options<'_>,
) -> ControlFlow<()> {
    let sent = match found {
        Found::Problem(problem) => Sent::Problem(problem),
        Found::Entry(entry, wanted) => {
            if let Some(wanted) = wanted.as_ref() {
                options.progress.advance(wanted.body.len() as u64);
                if wanted.rows & readers.tree_rows() != 0 {
                    (options.hint)(entry.path, &wanted.body);
                }
            }
            Sent::Entry(Named::new(&entry), wanted)
        }
    };
    send.send(sent).map_or(ControlFlow::Break(()), ControlFlow::Continue)
}

fn parse(sent: &Receiver<Sent<'_>>, readers: &dyn Readers) -> LayerListing {
    let budget = Budget::new(MAX_LARGE_BODIES_BYTES);
    let sieve = Sieve {
        readers,
        budget: &budget,
        kept: &|_, _| (),
        grown: &|_| (),
        max_entries: MAX_ENTRIES,
    };
    let mut sifting = Sifting::new(&sieve);
    for sent in sent {
        match sent {
            Sent::Entry(named, wanted) => {
                let body = wanted.as_ref().map(|wanted| wanted.body.as_slice());
                sifting.add_found(named.entry(), body);
            }
            Sent::Problem(problem) => sifting.add_problem(problem),
        }
    }
    sifting.finish()
}

impl Named {
    fn new(entry: &Entry<'_>) -> Self {
        let (kind, link) = match entry.kind {
            EntryKind::File => (Kind::File, ""),
            EntryKind::Directory => (Kind::Directory, ""),
            EntryKind::Symlink(target) => (Kind::Symlink, target),
            _ => (Kind::Other, ""),
        };
        let (path, link) = (entry.path.to_owned(), link.to_owned());
        Self { path, link, kind, executable: entry.executable }
    }

    fn entry(&self) -> Entry<'_> {
        let kind = match self.kind {
            Kind::File => EntryKind::File,
            Kind::Directory => EntryKind::Directory,
            Kind::Symlink => EntryKind::Symlink(&self.link),
            Kind::Other => EntryKind::Other,
        };
        Entry { path: &self.path, kind, executable: self.executable, content: None }
    }
}

/// Reads files that links lead to under a name by which they are wanted.
fn supply_missing(
    root: &Path,
    path: &str,
    tree: &mut Tree,
    readers: &dyn Readers,
) -> Result<(), SourceError> {
    for _ in 0..MAX_ROUNDS {
        let missing = tree.missing(readers.wants());
        let mut found = false;
        for missing in missing {
            let most = readers.max_body_bytes(missing.rows);
            let Ok(body) = read_beneath(root, &missing.path, most) else { continue };
            let content = sandbox::run(|| settle(&missing, &body, readers))
                .map_err(|error| SourceError::failed(path, error))?;
            tree.supply(&missing, &content);
            found = true;
        }
        if !found {
            break;
        }
    }
    tell_missing(tree, readers);
    Ok(())
}

fn settle(missing: &Missing, body: &[u8], readers: &dyn Readers) -> Content {
    let for_tree = missing.rows & readers.tree_rows();
    let mut content = Content { rows: missing.rows, ..Content::default() };
    if missing.rows != for_tree {
        content.yields = readers.read(&missing.wanted_as, missing.rows & !for_tree, body);
    }
    content.body = (for_tree != 0).then(|| body.into());
    content
}

/// Reads a regular file by its path below a folder; no link is followed on the way.
fn read_beneath(root: &Path, path: &str, most: u64) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let mut folder: OwnedFd =
        rustix::fs::openat(CWD, root, flags | OFlags::DIRECTORY, Mode::empty())?;
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let flags = flags | OFlags::NOFOLLOW;
    for part in folders.split('/').filter(|part| !part.is_empty()) {
        folder = rustix::fs::openat(&folder, part, flags | OFlags::DIRECTORY, Mode::empty())?;
    }
    let flags = flags | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::openat(&folder, name, flags, Mode::empty())?);
    let length = file.metadata()?;
    if !length.is_file() || length.len() > most {
        return Err(io::Error::other("it is no regular file, or larger than is read"));
    }
    let mut body = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(body)
}
