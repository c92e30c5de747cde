//! A folder of this machine walked as one layer: a root file system or a project.
//!
//! Every folder is opened from the handle of the one above and no link is followed, so that the walk
//! stays below the root even while others move folders about. Devices, pipes and sockets are not
//! opened.

use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::os::fd::OwnedFd;
use std::path::Path;

use plimsoll_model::coverage::GapKind;
use plimsoll_model::tree::{Entry, EntryKind};
use plimsoll_model::{PROGRAM_HEAD_BYTES, Problem, Readers, is_program};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};

use crate::error::SourceError;
use crate::path::{MAX_PATH_BYTES, shown, text_of};
use crate::sieve::{Budget, LARGE_BODY_BYTES, Share, read_at};

/// Names in all folders together.
pub(crate) const MAX_WALKED_ENTRIES: u64 = 8_000_000;
/// Names in one folder; they are sorted in memory.
pub(crate) const MAX_FOLDER_NAMES: usize = 1_000_000;
/// Folders inside folders; each of them holds a file handle during the walk.
pub(crate) const MAX_WALK_DEPTH: usize = 200;
/// Problems that are told one by one.
pub(crate) const MAX_WALK_PROBLEMS: u64 = 300;

/// Folders at the root that the kernel fills, if they are mounted.
const KERNEL_FOLDERS: [&str; 3] = ["dev", "proc", "sys"];

/// What the walk meets.
#[derive(Debug)]
pub(crate) enum Found<'a, 'b> {
    /// A name, with `content` empty; and its bytes if it is a file that somebody wants.
    Entry(Entry<'a>, Option<Wanted<'b>>),
    /// Something that could not be read.
    Problem(Problem),
}

/// The bytes of a file that somebody wants.
#[derive(Debug)]
pub(crate) struct Wanted<'b> {
    /// The rows that want it, as bits.
    pub(crate) rows: u128,
    /// All its bytes.
    pub(crate) body: Vec<u8>,
    /// The part of the budget that a large body takes, to be held as long as the body.
    _share: Option<Share<'b>>,
}

/// Walks a folder and hands everything below it to `found`, a folder before what is in it, names in
/// a folder in the order of their bytes. Parsing is left to who is handed the bytes.
///
/// Large bodies wait for a share of the budget, which is given back when what `found` was handed is let
/// go. The walk ends early when `found` breaks. Errors: the root itself cannot be opened; all else is
/// a problem.
pub(crate) fn walk<'b>(
    root: &Path,
    readers: &dyn Readers,
    budget: &'b Budget,
    found: &mut dyn FnMut(Found<'_, 'b>) -> ControlFlow<()>,
) -> Result<(), SourceError> {
    walk_within(&Limits::default(), root, (readers, budget), found)
}

/// Limits of one walk.
struct Limits {
    entries: u64,
    folder_names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: MAX_WALKED_ENTRIES, folder_names: MAX_FOLDER_NAMES }
    }
}

fn walk_within<'b>(
    limits: &Limits,
    root: &Path,
    (readers, budget): (&dyn Readers, &'b Budget),
    found: &mut dyn FnMut(Found<'_, 'b>) -> ControlFlow<()>,
) -> Result<(), SourceError> {
    let unreadable = |error: rustix::io::Errno| SourceError::unreadable(root, error.into());
    let handle = rustix::fs::openat(CWD, root, FOLDER, Mode::empty()).map_err(unreadable)?;
    let device = rustix::fs::fstat(&handle).map_err(unreadable)?.st_dev;
    let mut walk = Walk { limits, readers, budget, found, device, entries: 0, problems: 0 };
    // Breaking is how `found` ends the walk, and no error.
    let _ = walk.run(handle);
    Ok(())
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

struct Walk<'a, 'b> {
    limits: &'a Limits,
    readers: &'a dyn Readers,
    budget: &'b Budget,
    found: &'a mut dyn FnMut(Found<'_, 'b>) -> ControlFlow<()>,
    /// That of the file system of the root.
    device: u64,
    entries: u64,
    problems: u64,
}

/// A folder on the way, and the names in it that are still to come.
struct Frame {
    handle: OwnedFd,
    path: String,
    /// Bytes of the path as the system has it, which can be fewer than in `path`.
    path_bytes: usize,
    names: std::vec::IntoIter<CString>,
}

/// One name in a folder, and what it is called from the root.
struct Name<'a> {
    folder: &'a OwnedFd,
    last: &'a CStr,
    path: String,
    path_bytes: usize,
    depth: usize,
}

impl<'b> Walk<'_, 'b> {
    fn run(&mut self, root: OwnedFd) -> ControlFlow<()> {
        let names = self.names(&root, "")?;
        let mut stack = vec![Frame { handle: root, path: String::new(), path_bytes: 0, names }];
        loop {
            let depth = stack.len();
            let Some(frame) = stack.last_mut() else { break };
            let Some(name) = frame.names.next() else {
                stack.pop();
                continue;
            };
            self.entries += 1;
            if self.entries > self.limits.entries {
                let most = self.limits.entries;
                let detail = format!("more than {most} files; the rest is left out");
                self.problem("", detail, Some(GapKind::Limit))?;
                break;
            }
            let name = Name {
                folder: &frame.handle,
                last: &name,
                path: join(&frame.path, &text_of(name.to_bytes())),
                path_bytes: frame.path_bytes + 1 + name.count_bytes(),
                depth,
            };
            if let Some(below) = self.visit(name)? {
                stack.push(below);
            }
        }
        self.finish()
    }

    /// Tells one name and returns the folder that it is, if it is one to go into.
    fn visit(&mut self, name: Name<'_>) -> ControlFlow<(), Option<Frame>> {
        let path = &name.path;
        if name.path_bytes > MAX_PATH_BYTES {
            let detail = format!("its name is longer than {MAX_PATH_BYTES} bytes");
            self.problem(path, detail, Some(GapKind::Limit))?;
            return ControlFlow::Continue(None);
        }
        let stat = match rustix::fs::statat(name.folder, name.last, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(error) => {
                self.unreadable(path, &error.into())?;
                return ControlFlow::Continue(None);
            }
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => return self.folder(name, &stat),
            FileType::RegularFile => {
                let executable = stat.st_mode & 0o111 != 0;
                let rows = self.readers.wants().ask(path, executable);
                let size = u64::try_from(stat.st_size).unwrap_or(0);
                let is_short = size < PROGRAM_HEAD_BYTES as u64;
                let programs = if is_short { 0 } else { self.readers.wants().programs() };
                let wanted = match rows | programs {
                    0 => None,
                    _ => self.read(&name, (rows, programs), executable)?,
                };
                self.tell(path, EntryKind::File, executable, wanted)?;
            }
            FileType::Symlink => match rustix::fs::readlinkat(name.folder, name.last, Vec::new()) {
                Ok(target) => {
                    let target = text_of(target.to_bytes());
                    self.tell(path, EntryKind::Symlink(&target), false, None)?;
                }
                Err(error) => self.unreadable(path, &error.into())?,
            },
            _ => self.tell(path, EntryKind::Other, false, None)?,
        }
        ControlFlow::Continue(None)
    }

    fn folder(&mut self, name: Name<'_>, stat: &Stat) -> ControlFlow<(), Option<Frame>> {
        let Name { folder, last, path, path_bytes, depth } = name;
        self.tell(&path, EntryKind::Directory, false, None)?;
        if KERNEL_FOLDERS.contains(&path.as_str()) && stat.st_dev != self.device {
            let detail = "the kernel's own file system is mounted here; it is not read";
            self.problem(&path, detail.to_owned(), None)?;
            return ControlFlow::Continue(None);
        }
        if depth >= MAX_WALK_DEPTH {
            let detail = format!("more than {MAX_WALK_DEPTH} folders deep; it is not read");
            self.problem(&path, detail, Some(GapKind::Limit))?;
            return ControlFlow::Continue(None);
        }
        let flags = FOLDER | OFlags::NOFOLLOW;
        match rustix::fs::openat(folder, last, flags, Mode::empty()) {
            Ok(handle) => {
                let names = self.names(&handle, &path)?;
                ControlFlow::Continue(Some(Frame { handle, path, path_bytes, names }))
            }
            Err(error) => {
                self.unreadable(&path, &error.into())?;
                ControlFlow::Continue(None)
            }
        }
    }

    /// Returns the names in a folder, sorted, without `.` and `..`.
    fn names(
        &mut self,
        handle: &OwnedFd,
        path: &str,
    ) -> ControlFlow<(), std::vec::IntoIter<CString>> {
        let mut names: Vec<CString> = Vec::new();
        let listing = match Dir::read_from(handle) {
            Ok(listing) => listing,
            Err(error) => {
                self.unreadable(path, &error.into())?;
                return ControlFlow::Continue(names.into_iter());
            }
        };
        for entry in listing {
            match entry {
                Ok(entry) if matches!(entry.file_name().to_bytes(), b"." | b"..") => {}
                Ok(entry) => names.push(entry.file_name().to_owned()),
                Err(error) => {
                    self.unreadable(path, &error.into())?;
                    break;
                }
            }
            if names.len() > self.limits.folder_names {
                names.pop();
                let most = self.limits.folder_names;
                let detail = format!("more than {most} names; the rest is left out");
                self.problem(path, detail, Some(GapKind::Limit))?;
                break;
            }
        }
        names.sort_unstable();
        ControlFlow::Continue(names.into_iter())
    }

    /// Reads a file that some `rows` want, or that `programs` do if it begins as one. `None` when nobody
    /// wants it; and, with a problem, when it cannot be read or is too large. What only might have been a
    /// program is no problem unless it has an execute bit.
    fn read(
        &mut self,
        name: &Name<'_>,
        (rows, programs): (u128, u128),
        executable: bool,
    ) -> ControlFlow<(), Option<Wanted<'b>>> {
        let opened = open_file(name.folder, name.last).and_then(|file| {
            let is_program = programs != 0 && is_program(&head_of(&file)?);
            Ok((file, if is_program { rows | programs } else { rows }))
        });
        let (file, rows) = match opened {
            Ok((_, 0)) => return ControlFlow::Continue(None),
            Ok(opened) => opened,
            Err(_) if rows == 0 && !executable => return ControlFlow::Continue(None),
            Err(error) => {
                self.unreadable(&name.path, &error)?;
                return ControlFlow::Continue(None);
            }
        };
        let most = self.readers.max_body_bytes(rows);
        match read_file(file, most, self.budget) {
            Ok(Some((body, share))) => {
                return ControlFlow::Continue(Some(Wanted { rows, body, _share: share }));
            }
            Ok(None) => {
                let detail = format!("it is larger than {most} bytes and was not read");
                self.problem(&name.path, detail, Some(GapKind::Limit))?;
            }
            Err(error) => self.unreadable(&name.path, &error)?,
        }
        ControlFlow::Continue(None)
    }

    fn tell(
        &mut self,
        path: &str,
        kind: EntryKind<'_>,
        executable: bool,
        wanted: Option<Wanted<'b>>,
    ) -> ControlFlow<()> {
        (self.found)(Found::Entry(Entry { path, kind, executable, content: None }, wanted))
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) -> ControlFlow<()> {
        self.problem(path, format!("it cannot be read: {error}"), Some(GapKind::Unreadable))
    }

    fn problem(&mut self, path: &str, detail: String, gap: Option<GapKind>) -> ControlFlow<()> {
        self.problems += 1;
        if self.problems > MAX_WALK_PROBLEMS {
            return ControlFlow::Continue(());
        }
        let path = shown(path);
        (self.found)(Found::Problem(Problem { path, layer: None, detail, gap }))
    }

    fn finish(&mut self) -> ControlFlow<()> {
        let Some(untold) = self.problems.checked_sub(MAX_WALK_PROBLEMS).filter(|&more| more > 0)
        else {
            return ControlFlow::Continue(());
        };
        let detail = format!("{untold} more files or folders could not be read");
        let gap = Some(GapKind::Unreadable);
        (self.found)(Found::Problem(Problem { path: String::new(), layer: None, detail, gap }))
    }
}

fn open_file(folder: &OwnedFd, name: &CStr) -> io::Result<File> {
    // What was a file a moment ago can be a pipe by now, whose opening would wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?))
}

/// Returns the bytes at the start of a file; fewer where it has not so many.
fn head_of(file: &File) -> io::Result<Vec<u8>> {
    let mut head = vec![0; PROGRAM_HEAD_BYTES];
    let got = read_at(file, &mut head, 0)?;
    head.truncate(got);
    Ok(head)
}

/// Reads a regular file of at most `most` bytes, with the share of the budget that it takes; `None` when
/// it has more.
fn read_file(
    file: File,
    most: u64,
    budget: &Budget,
) -> io::Result<Option<(Vec<u8>, Option<Share<'_>>)>> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file any more"));
    }
    if metadata.len() > most {
        return Ok(None);
    }
    let share = (metadata.len() > LARGE_BODY_BYTES).then(|| budget.take(metadata.len()));
    let mut body = Vec::with_capacity(metadata.len() as usize);
    file.take(most.saturating_add(1)).read_to_end(&mut body)?;
    Ok((body.len() as u64 <= most).then_some((body, share)))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests;
