//! What one layer says: its entries in the order of the archive, packed tightly.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::package::{FileYield, Problem};

/// One entry of a layer, as it goes in and comes out of a [`LayerListing`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry<'a> {
    /// The path from the root: no `/` in front or at the end, no `.` or `..` part. For a whiteout the
    /// path that it removes, for an opaque mark the folder itself.
    pub path: &'a str,
    /// What it is.
    pub kind: EntryKind<'a>,
    /// Whether a regular file has an execute bit.
    pub executable: bool,
    /// What was kept of a regular file: an index for [`LayerListing::content`].
    pub content: Option<u32>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind<'a> {
    /// A regular file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link with its target as written: `../usr/lib/os-release`, `/etc/x`.
    Symlink(&'a str),
    /// A hard link with the path of its target from the root, cleaned as [`Entry::path`] is.
    Hardlink(&'a str),
    /// A device, a pipe or a socket.
    Other,
    /// `.wh.NAME`: removes what lower layers have at this path.
    Whiteout,
    /// `.wh..wh..opq`: removes what lower layers have below this folder.
    Opaque,
}

/// What the sieve kept of one regular file.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Content {
    /// The bytes, for tree cataloguers.
    pub body: Option<Arc<[u8]>>,
    /// What file cataloguers took, by their row in the table, ascending.
    pub yields: Vec<(u8, FileYield)>,
    /// The rows of the want set that the file was read for, as bits; also those that took nothing.
    pub rows: u128,
}

/// The entries of one layer in the order of the archive, what was kept of them, and what went wrong.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LayerListing {
    texts: String,
    entries: Vec<Packed>,
    contents: Vec<Content>,
    /// What could not be read, in the order met.
    pub problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Packed {
    path_end: u32,
    link_end: u32,
    kind: u8,
    executable: bool,
    /// 0: none; else the index plus one.
    content: u32,
}

impl LayerListing {
    /// The most bytes of names that one layer may hold; [`LayerListing::push`] refuses more.
    pub const MAX_TEXT_BYTES: usize = 256 << 20;

    /// Adds an entry; returns `false`, and adds nothing, when [`Self::MAX_TEXT_BYTES`] is reached.
    #[must_use]
    pub fn push(&mut self, entry: &Entry<'_>) -> bool {
        let (kind, link) = match entry.kind {
            EntryKind::File => (0, ""),
            EntryKind::Directory => (1, ""),
            EntryKind::Symlink(target) => (2, target),
            EntryKind::Hardlink(target) => (3, target),
            EntryKind::Other => (4, ""),
            EntryKind::Whiteout => (5, ""),
            EntryKind::Opaque => (6, ""),
        };
        if self.texts.len() + entry.path.len() + link.len() > Self::MAX_TEXT_BYTES {
            return false;
        }
        self.texts.push_str(entry.path);
        let path_end = self.texts.len() as u32;
        self.texts.push_str(link);
        let link_end = self.texts.len() as u32;
        let content = entry.content.map_or(0, |index| index + 1);
        let executable = entry.executable;
        self.entries.push(Packed { path_end, link_end, kind, executable, content });
        true
    }

    /// Keeps something of a file and returns the index to put into its [`Entry`].
    pub fn keep(&mut self, content: Content) -> u32 {
        self.contents.push(content);
        self.contents.len() as u32 - 1
    }

    /// Returns what was kept under this index.
    pub fn content(&self, index: u32) -> Option<&Content> {
        self.contents.get(index as usize)
    }

    pub(super) fn take_content(&mut self, index: u32) -> Content {
        self.contents.get_mut(index as usize).map(std::mem::take).unwrap_or_default()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the entries in the order of the archive. A listing out of a damaged cache yields what
    /// is still sound.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut start = 0usize;
        self.entries.iter().filter_map(move |packed| {
            let (path_end, link_end) = (packed.path_end as usize, packed.link_end as usize);
            let path = self.texts.get(start..path_end);
            let link = self.texts.get(path_end..link_end);
            start = link_end;
            let (path, link) = (path?, link?);
            let kind = match packed.kind {
                0 => EntryKind::File,
                1 => EntryKind::Directory,
                2 => EntryKind::Symlink(link),
                3 => EntryKind::Hardlink(link),
                5 => EntryKind::Whiteout,
                6 => EntryKind::Opaque,
                _ => EntryKind::Other,
            };
            let content = packed.content.checked_sub(1);
            Some(Entry { path, kind, executable: packed.executable, content })
        })
    }
}
