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
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LayerListing {
    packed: Vec<u8>,
    entries: usize,
    /// The path of the last entry, which the next one is told apart from.
    last: String,
    contents: Vec<Content>,
    /// What could not be read, in the order met.
    pub problems: Vec<Problem>,
}

/// The bits of the first byte of a packed entry: its kind, and two flags.
const KIND: u8 = 0b111;
const EXECUTABLE: u8 = 1 << 3;
const HAS_CONTENT: u8 = 1 << 4;

impl LayerListing {
    /// The most bytes that the entries of one layer may be packed into; [`LayerListing::push`] refuses
    /// more. Two million entries of a usual image take 40 MB.
    pub const MAX_PACKED_BYTES: usize = 96 << 20;

    /// Adds an entry; returns `false`, and adds nothing, when [`Self::MAX_PACKED_BYTES`] is reached.
    #[must_use]
    pub fn push(&mut self, entry: &Entry<'_>) -> bool {
        let (kind, link) = match entry.kind {
            EntryKind::File => (0, None),
            EntryKind::Directory => (1, None),
            EntryKind::Symlink(target) => (2, Some(target)),
            EntryKind::Hardlink(target) => (3, Some(target)),
            EntryKind::Other => (4, None),
            EntryKind::Whiteout => (5, None),
            EntryKind::Opaque => (6, None),
        };
        let shared = shared_bytes(&self.last, entry.path);
        let tail = &entry.path[shared..];
        let most = tail.len() + link.map_or(0, str::len) + 4 * MAX_NUMBER_BYTES;
        if self.packed.len() + most > Self::MAX_PACKED_BYTES {
            return false;
        }
        let executable = if entry.executable { EXECUTABLE } else { 0 };
        let content = if entry.content.is_some() { HAS_CONTENT } else { 0 };
        self.packed.push(kind | executable | content);
        push_number(&mut self.packed, shared);
        push_text(&mut self.packed, tail);
        if let Some(link) = link {
            push_text(&mut self.packed, link);
        }
        if let Some(content) = entry.content {
            push_number(&mut self.packed, content as usize);
        }
        self.last.truncate(shared);
        self.last.push_str(tail);
        self.entries += 1;
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

    /// Returns all that was kept, in the order of the indexes.
    pub fn contents(&self) -> &[Content] {
        &self.contents
    }

    pub(super) fn take_content(&mut self, index: u32) -> Content {
        self.contents.get_mut(index as usize).map(std::mem::take).unwrap_or_default()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Returns whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Calls `each` with the entries in the order of the archive.
    pub fn for_each(&self, mut each: impl FnMut(Entry<'_>)) {
        // What was packed here is sound.
        let _ = unpack(&self.packed, &mut each);
    }

    /// Returns the entries as they are packed, for [`LayerListing::from_packed`]. For each: a byte
    /// with kind and flags, the bytes of its path that are those of the path before, the rest of its
    /// path, the target if it is a link, the index of its content if it has one; numbers as LEB128,
    /// texts after their length.
    pub fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// Makes a listing of what [`LayerListing::packed`] returned and of what was kept; `None` when
    /// it is damaged.
    pub fn from_packed(packed: Vec<u8>, contents: Vec<Content>) -> Option<Self> {
        if packed.len() > Self::MAX_PACKED_BYTES {
            return None;
        }
        let mut entries = 0;
        let last = unpack(&packed, &mut |_| entries += 1)?;
        Some(Self { packed, entries, last, contents, problems: Vec::new() })
    }
}

/// Bytes of the longest number.
const MAX_NUMBER_BYTES: usize = 5;

/// Calls `each` with the entries that are packed in `bytes`, and returns the path of the last one;
/// `None` at the first that is damaged.
fn unpack(mut bytes: &[u8], each: &mut dyn FnMut(Entry<'_>)) -> Option<String> {
    let mut path = String::new();
    while let Some((&head, rest)) = bytes.split_first() {
        bytes = rest;
        let shared = take_number(&mut bytes)?;
        if !path.is_char_boundary(shared) {
            return None;
        }
        path.truncate(shared);
        path.push_str(take_text(&mut bytes)?);
        let kind = match head & KIND {
            0 => EntryKind::File,
            1 => EntryKind::Directory,
            2 => EntryKind::Symlink(take_text(&mut bytes)?),
            3 => EntryKind::Hardlink(take_text(&mut bytes)?),
            4 => EntryKind::Other,
            5 => EntryKind::Whiteout,
            6 => EntryKind::Opaque,
            _ => return None,
        };
        let mut content = None;
        if head & HAS_CONTENT != 0 {
            content = Some(u32::try_from(take_number(&mut bytes)?).ok()?);
        }
        each(Entry { path: &path, kind, executable: head & EXECUTABLE != 0, content });
    }
    Some(path)
}

/// Returns how many bytes two texts have in common at their start, whole characters only.
fn shared_bytes(before: &str, text: &str) -> usize {
    let same = before.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    (0..=same).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_number(bytes, text.len());
    bytes.extend_from_slice(text.as_bytes());
}

fn push_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = take_number(bytes)?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

fn take_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0u64;
    for at in 0..MAX_NUMBER_BYTES {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return usize::try_from(number).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(listing: &LayerListing) -> Vec<String> {
        let mut all = Vec::new();
        listing.for_each(|entry| all.push(format!("{entry:?}")));
        all
    }

    #[test]
    fn entries_come_out_as_they_went_in() {
        let mut listing = LayerListing::default();
        let mut given = Vec::new();
        let long = "x".repeat(5000);
        for (path, kind) in [
            ("usr/lib", EntryKind::Directory),
            ("usr/lib/a.so", EntryKind::File),
            ("usr/lib/a.so.1", EntryKind::Symlink("a.so")),
            ("usr/lib/\u{e9}", EntryKind::Hardlink("usr/lib/a.so")),
            // Shares half a character with the one before.
            ("usr/lib/\u{e8}", EntryKind::Other),
            ("usr", EntryKind::Whiteout),
            ("", EntryKind::Opaque),
            (&long, EntryKind::Symlink("")),
            (&long, EntryKind::File),
        ] {
            for (executable, content) in [(false, None), (true, Some(7_000_000))] {
                let entry = Entry { path, kind, executable, content };
                assert!(listing.push(&entry));
                given.push(format!("{entry:?}"));
            }
        }
        assert_eq!(all(&listing), given);
        assert_eq!(listing.len(), given.len());
        let again = LayerListing::from_packed(listing.packed().to_vec(), Vec::new()).unwrap();
        assert_eq!(again, listing);
    }

    #[test]
    fn what_is_damaged_is_no_listing() {
        let mut listing = LayerListing::default();
        let path = "etc/\u{e9}";
        let kind = EntryKind::Symlink("x");
        assert!(listing.push(&Entry { path, kind, executable: false, content: Some(300) }));
        let sound = listing.packed();
        for length in 1..sound.len() {
            assert!(LayerListing::from_packed(sound[..length].to_vec(), Vec::new()).is_none());
        }
        for bytes in
            [&[7, 0, 0][..], &[0, 1, 0], &[0, 0, 1, 0xff], &[0, 0x80, 0x80, 0x80, 0x80, 0x80]]
        {
            assert!(LayerListing::from_packed(bytes.to_vec(), Vec::new()).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn a_listing_takes_no_more_than_its_bytes() {
        let mut listing = LayerListing::default();
        let mut number = 0u64;
        loop {
            // The number in front, so that no two paths have a start in common.
            let path = format!("{:08x}{}", number.swap_bytes() >> 32, "x".repeat(1 << 20));
            number += 1;
            let kind = EntryKind::File;
            if !listing.push(&Entry { path: &path, kind, executable: false, content: None }) {
                break;
            }
        }
        assert!(listing.packed().len() <= LayerListing::MAX_PACKED_BYTES);
        assert!(listing.len() >= 90, "{}", listing.len());
    }
}
