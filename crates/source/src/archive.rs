//! The outer archive of a saved image: which files it holds and where, gathered in one pass.
//!
//! The archive is a tar, plain or compressed as a whole by gzip or zstd. Of a plain one nothing but
//! headers is read, all bodies are jumped over; a compressed one is inflated once, and the small JSON
//! documents are kept on the way, since nobody can go back to them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::error::SourceError;
use crate::image::Place;
use crate::inflate::{Bomb, Compression, Hashing, Region, sniff, stream};
use crate::path::{clean_path, shown};
use crate::sieve::{Entries, Entry, Feed, Kind, Odd, Step, Walk, read_at};

/// The largest JSON document (manifest, index, configuration) of an image.
pub(crate) const MAX_DOCUMENT_BYTES: u64 = 4 << 20;
/// All documents that are kept of a compressed archive.
const MAX_KEPT_BYTES: u64 = 64 << 20;
/// All names in one archive.
const MAX_NAME_BYTES: u64 = 32 << 20;
/// Files, links and folders in one archive.
pub(crate) const MAX_ARCHIVE_ENTRIES: u64 = 200_000;
/// Links from name to name inside the archive.
const MAX_LINK_HOPS: usize = 16;

/// An archive whose members are known.
#[derive(Debug)]
pub(crate) struct Archive {
    /// Its name for errors.
    pub(crate) path: String,
    file: Arc<File>,
    compression: Compression,
    members: BTreeMap<String, Stored>,
    kept: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Stored {
    Body { offset: u64, length: u64 },
    Sparse,
    Link(String),
}

impl Archive {
    /// Opens an archive and gathers its members; of entries with the same name the last counts.
    ///
    /// Errors: no file, no archive, cut off or malformed, beyond a limit.
    pub(crate) fn index(file: File, length: u64, path: &Path) -> Result<Self, SourceError> {
        let shown_path = shown(path.as_os_str().as_encoded_bytes());
        let compression = compression_of(&file, &shown_path)?;
        let mut archive = Self {
            path: shown_path,
            file: Arc::new(file),
            compression,
            members: BTreeMap::new(),
            kept: BTreeMap::new(),
        };
        let file = Arc::clone(&archive.file);
        let gathered = match compression {
            Compression::None => {
                archive.gather(&mut Walk::new(&file, 0, length, &|_| ()), Keep::Nothing)
            }
            _ => inflated(&file, length, |feed| archive.gather(feed, Keep::Documents)),
        };
        gathered.map_err(|fault| archive.fault(fault))?;
        Ok(archive)
    }

    /// Opens an archive and indexes it.
    #[cfg(test)]
    pub(crate) fn open(path: &Path) -> Result<Self, SourceError> {
        let (file, length) = open_file(path)?;
        Self::index(file, length, path)
    }

    /// Returns whether a file of this name is there.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.follow(name).is_some()
    }

    /// Returns where the body of a file lies, links being followed; `None` when it is not there.
    pub(crate) fn locate(&self, name: &str) -> Result<Option<Place>, SourceError> {
        let Some((_, stored)) = self.follow(name) else { return Ok(None) };
        let &Stored::Body { offset, length } = stored else { return Err(self.sparse(name)) };
        let file = Arc::clone(&self.file);
        Ok(Some(match self.compression {
            Compression::None => Place::Stored { file, offset, length },
            _ => Place::Inflated { archive: file, offset, length },
        }))
    }

    /// Returns a JSON document, at most [`MAX_DOCUMENT_BYTES`] of it; `None` when it is not there.
    pub(crate) fn document(&self, name: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let Some((name, stored)) = self.follow(name) else { return Ok(None) };
        let &Stored::Body { offset, length } = stored else { return Err(self.sparse(name)) };
        if length > MAX_DOCUMENT_BYTES {
            let what = format!("bytes of `{}`", shown(name));
            return Err(self.limit(what, MAX_DOCUMENT_BYTES, None));
        }
        if self.compression != Compression::None {
            return self.kept.get(name).cloned().map(Some).ok_or_else(|| SourceError::Damaged {
                path: self.path.clone(),
                place: shown(name),
                detail: "it is no JSON document".to_owned(),
            });
        }
        let mut body = vec![0; length as usize];
        let found = read_at(&self.file, &mut body, offset)
            .map_err(|error| SourceError::unreadable(&self.path, error))?;
        body.truncate(found);
        Ok(Some(body))
    }

    fn gather(&mut self, feed: &mut dyn Feed, keep: Keep) -> Result<(), Fault> {
        let mut entries = Entries::new(feed);
        let (mut count, mut name_bytes, mut kept_bytes) = (0, 0, 0);
        loop {
            let entry = match entries.step()? {
                Step::Entry(entry) => entry,
                Step::Odd(odd) if odd.gap.is_none() => continue,
                Step::Odd(_) if count == 0 && entries.position() <= 512 => {
                    return Err(Fault::NoTar);
                }
                Step::Odd(odd) => return Err(Fault::Damaged(odd)),
                Step::End => return Ok(()),
            };
            count += 1;
            if count > MAX_ARCHIVE_ENTRIES {
                return Err(Fault::Limit("entries", MAX_ARCHIVE_ENTRIES));
            }
            // A name that leaves the root can be asked for by nobody.
            let Ok(name) = clean_path(&entry.name) else { continue };
            let Some(stored) = stored(&entry, &name, entries.position()) else { continue };
            name_bytes += name.len() as u64;
            if name_bytes > MAX_NAME_BYTES {
                return Err(Fault::Limit("bytes of names", MAX_NAME_BYTES));
            }
            self.kept.remove(&name);
            if keep == Keep::Documents
                && let Some(document) = read_document(&mut entries, &entry)?
            {
                kept_bytes += document.len() as u64;
                if kept_bytes > MAX_KEPT_BYTES {
                    return Err(Fault::Limit("bytes of JSON documents", MAX_KEPT_BYTES));
                }
                self.kept.insert(name.clone(), document);
            }
            self.members.insert(name, stored);
        }
    }

    fn follow<'a>(&'a self, name: &'a str) -> Option<(&'a str, &'a Stored)> {
        let mut name = name;
        for _ in 0..=MAX_LINK_HOPS {
            match self.members.get(name)? {
                Stored::Link(target) => name = target,
                stored => return Some((name, stored)),
            }
        }
        None
    }

    fn sparse(&self, name: &str) -> SourceError {
        SourceError::Unsupported {
            what: format!("`{}` stands in `{}` as a sparse file", shown(name), self.path),
            hint: Some("save the image again, or pack the archive anew without `--sparse`".into()),
        }
    }

    fn limit(&self, what: String, limit: u64, hint: Option<String>) -> SourceError {
        SourceError::Limit { path: self.path.clone(), what, limit, hint }
    }

    fn fault(&self, fault: Fault) -> SourceError {
        let path = self.path.clone();
        let is_plain = self.compression == Compression::None;
        match fault {
            Fault::NoTar => {
                let found =
                    if is_plain { "it is no tar archive" } else { "no tar archive is in it" };
                SourceError::NotAnImage { path, found: found.to_owned(), hint: None }
            }
            Fault::Damaged(Odd { place, detail, .. }) => {
                let whence = if is_plain { "" } else { " of what it inflates to" };
                SourceError::Damaged { path, place: format!("{place}{whence}"), detail }
            }
            Fault::Limit(what, limit) => self.limit(what.to_owned(), limit, None),
            Fault::Read(error) => match Bomb::of(&error) {
                Some(Bomb::Size(limit)) => {
                    let hint = Some("decompress the archive first".to_owned());
                    self.limit("bytes of what it inflates to".to_owned(), limit, hint)
                }
                Some(Bomb::Ratio(limit)) => {
                    self.limit("inflated bytes for each stored one".to_owned(), limit, None)
                }
                Some(bomb @ Bomb::Window(_)) => {
                    let (limit, hint) = bomb.limit();
                    self.limit("bytes of its zstd window".to_owned(), limit, hint)
                }
                None if is_plain => SourceError::unreadable(&self.path, error),
                None => SourceError::Damaged {
                    path,
                    place: "its compressed bytes".to_owned(),
                    detail: error.to_string(),
                },
            },
        }
    }
}

/// Why the members of an archive could not be gathered.
enum Fault {
    NoTar,
    Damaged(Odd),
    /// More than a limit: of what, and the limit.
    Limit(&'static str, u64),
    Read(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Keep {
    Nothing,
    Documents,
}

/// Opens a regular file and returns its length; what is no file is not opened, since a pipe would
/// not return.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64), SourceError> {
    let unreadable = |error| SourceError::unreadable(path, error);
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "it is a folder" } else { "it is no regular file" };
        return Err(not_an_image(path, found, None));
    }
    Ok((File::open(path).map_err(unreadable)?, metadata.len()))
}

/// Tells by the first bytes how an archive is compressed.
///
/// Errors: an empty file, and compressions that are known and not read.
fn compression_of(file: &File, path: &str) -> Result<Compression, SourceError> {
    let mut start = [0; 6];
    let found =
        read_at(file, &mut start, 0).map_err(|error| SourceError::unreadable(path, error))?;
    let name = match sniff(&start[..found]) {
        Compression::Unread(name) => name,
        _ if start.starts_with(b"PK\x03\x04") => "zip",
        _ if found == 0 => {
            let (path, found) = (path.to_owned(), "it is empty".to_owned());
            return Err(SourceError::NotAnImage { path, found, hint: None });
        }
        compression => return Ok(compression),
    };
    Err(SourceError::Unsupported {
        what: format!(
            "`{path}` is compressed by {name}, and only plain, gzip and zstd archives are read"
        ),
        hint: Some("decompress it first".to_owned()),
    })
}

/// Runs `gather` on what an archive inflates to. Its end is read too, for the checksums there; a
/// fault ends the reading at once.
fn inflated(
    file: &File,
    length: u64,
    gather: impl FnOnce(&mut dyn Feed) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut met = None;
    let work = |feed: &mut dyn Feed| {
        gather(feed).map_err(|fault| {
            met = Some(fault);
            io::Error::other("the archive is not read on")
        })
    };
    let read = stream(&mut Region::new(file, 0, length, &|_| ()), Hashing::Off, work);
    match (met, read) {
        (Some(fault), _) => Err(fault),
        (None, read) => read.map(|_| ()).map_err(Fault::Read),
    }
}

/// Reads the body of an entry that can be a JSON document; `None` when it is none.
fn read_document(entries: &mut Entries<'_>, entry: &Entry) -> Result<Option<Vec<u8>>, Fault> {
    let can_be = entry.kind == Kind::File && !entry.is_sparse();
    if !can_be || !(1..=MAX_DOCUMENT_BYTES).contains(&entry.size) {
        return Ok(None);
    }
    let mut body = Vec::new();
    if let Some(odd) = entries.read_body(entry, &mut body)? {
        return Err(Fault::Damaged(odd));
    }
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(matches!(first, Some(b'{' | b'[')).then_some(body))
}

fn not_an_image(path: &Path, found: &str, hint: Option<String>) -> SourceError {
    let path = shown(path.as_os_str().as_encoded_bytes());
    SourceError::NotAnImage { path, found: found.to_owned(), hint }
}

fn stored(entry: &Entry, name: &str, offset: u64) -> Option<Stored> {
    Some(match entry.kind {
        Kind::File if entry.is_sparse() => Stored::Sparse,
        Kind::File => Stored::Body { offset, length: entry.size },
        Kind::Hardlink => Stored::Link(clean_path(&entry.link).ok()?),
        Kind::Symlink => Stored::Link(link_target(name, &entry.link)?),
        Kind::Directory | Kind::Device | Kind::Unknown(_) => return None,
    })
}

/// Returns where a symbolic link leads, from the root of the archive; podman writes
/// `../<id>.tar` for `<id>/layer.tar`.
fn link_target(name: &str, target: &[u8]) -> Option<String> {
    let target = std::str::from_utf8(target).ok()?;
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    if target.starts_with('/') {
        parts.clear();
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
