//! Electron's asar archives (<https://github.com/electron/asar#format>).
//!
//! Four numbers of 32 bits, little-endian (4, the bytes of the header, of its text with padding, and of
//! its text), the text, then the files. The text tells where each lies:
//!
//! ```text
//! {"files": {"package.json": {"size": 40, "offset": "0"},
//!            "node_modules": {"files": {"a": {"files": {…}}}}}}
//! ```

use std::fmt;

use plimsoll_model::FileYield;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::MAX_MANIFEST_BYTES;
use super::archive::{MAX_ARCHIVED_MANIFESTS, add, has_room, is_manifest};
use crate::zip::Trouble;

/// The most bytes of the header; that of a large editor has a few MB.
pub(super) const MAX_HEADER_BYTES: usize = 64 << 20;
/// The bytes in front of the text of the header.
const START_BYTES: usize = 16;

/// A file of the archive.
#[derive(Debug, Default)]
struct Stored {
    path: String,
    offset: usize,
    size: usize,
    /// It lies beside the archive, in `NAME.asar.unpacked`.
    is_unpacked: bool,
}

/// Adds the packages of every manifest in an archive to `found`.
pub(super) fn read(body: &[u8], found: &mut FileYield) -> Result<(), Trouble> {
    let (text, files) = parts(body)?;
    let mut manifests = Vec::new();
    let mut from = serde_json::Deserializer::from_slice(text);
    Folder { path: "", manifests: &mut manifests }
        .deserialize(&mut from)
        .map_err(|error| broken(format_args!("its header is wrong: {error}")))?;
    for (index, stored) in manifests.iter().enumerate() {
        has_room(index)?;
        let end = stored.offset.checked_add(stored.size);
        let manifest = end.and_then(|end| files.get(stored.offset..end));
        let manifest = manifest
            .ok_or_else(|| broken(format_args!("`{}` lies outside of the file", stored.path)))?;
        // What is too large says so where it is read.
        add(found, &stored.path, &manifest[..manifest.len().min(MAX_MANIFEST_BYTES + 1)]);
    }
    Ok(())
}

/// Parts the text of the header from the files.
fn parts(body: &[u8]) -> Result<(&[u8], &[u8]), Trouble> {
    let number = |at: usize| {
        let bytes = body.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    };
    let cut = || broken("it ends within its header");
    let (first, header, text) =
        (number(0).ok_or_else(cut)?, number(4).ok_or_else(cut)?, number(12).ok_or_else(cut)?);
    if first != 4 || text > header {
        return Err(broken("its first bytes are not those of an asar"));
    }
    if text > MAX_HEADER_BYTES {
        return Err(Trouble::Limit(format!("a header of more than {MAX_HEADER_BYTES} bytes")));
    }
    let bytes = body.get(START_BYTES..START_BYTES + text).ok_or_else(cut)?;
    Ok((bytes, body.get(8 + header..).ok_or_else(cut)?))
}

fn broken(cause: impl fmt::Display) -> Trouble {
    Trouble::Broken(format!("cannot read the archive: {cause}"))
}

/// What `files` of one folder holds, read without keeping more than the manifests.
struct Folder<'a> {
    path: &'a str,
    manifests: &'a mut Vec<Stored>,
}

/// The entries of a folder, by their names.
struct Entries<'a>(Folder<'a>);

impl<'de> DeserializeSeed<'de> for Folder<'_> {
    type Value = Stored;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Stored, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Folder<'_> {
    type Value = Stored;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an entry")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Stored, A::Error> {
        let mut stored = Stored { path: self.path.to_owned(), ..Stored::default() };
        while let Some(field) = map.next_key::<String>()? {
            match field.as_str() {
                "files" => {
                    let manifests = &mut *self.manifests;
                    map.next_value_seed(Entries(Folder { path: self.path, manifests }))?;
                }
                "size" => stored.size = map.next_value()?,
                "offset" => {
                    let offset: String = map.next_value()?;
                    stored.offset = offset.parse().map_err(A::Error::custom)?;
                }
                "unpacked" => stored.is_unpacked = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(stored)
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("the entries of a folder")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Folder { path: folder, manifests } = self.0;
        while let Some(name) = map.next_key::<String>()? {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let manifests = &mut *manifests;
            let stored = map.next_value_seed(Folder { path: &path, manifests })?;
            // One more than the limit is kept, so that the limit is met.
            let has_room = manifests.len() <= MAX_ARCHIVED_MANIFESTS;
            if is_manifest(&path) && !stored.is_unpacked && stored.size > 0 && has_room {
                manifests.push(stored);
            }
        }
        Ok(())
    }
}
