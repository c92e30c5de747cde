//! A header of RPM: the tags of one package.
//!
//! In a database it has no magic in front: two numbers (entries, bytes of data), the entries of 16 bytes
//! (tag, type, offset into the data, count), and the data; all numbers have the high byte first. See
//! `docs/manual/format_header.md` of RPM (<https://github.com/rpm-software-management/rpm>), and for the
//! tags `include/rpm/rpmtag.h`. Versions 3, 4 and 6 do not differ in what is read here.

use plimsoll_model::{GapKind, Package, SourcePackage};

use super::record::{MAX_HEADER_BYTES, Order};

/// The most entries of a header, as RPM has it.
pub(crate) const MAX_ENTRIES: usize = 0xffff;
/// The most bytes of a name, a version and the like.
pub(crate) const MAX_TEXT_BYTES: usize = 64 << 10;

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const VENDOR: u32 = 1011;
const LICENSE: u32 = 1014;
const ARCH: u32 = 1022;
const SOURCE_RPM: u32 = 1044;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;
const MODULARITY_LABEL: u32 = 5096;

const TYPE_INT32: u32 = 4;
const TYPE_STRING: u32 = 6;
const TYPE_STRINGS: u32 = 8;
const TYPE_I18N: u32 = 9;

const ENTRY_BYTES: usize = 16;
/// What RPM prints for a tag that is not there; some tools write it into one.
pub(crate) const NONE: &str = "(none)";

/// What is wrong with a header.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum HeaderError {
    #[error("holds a header that ends too early: {0} bytes of {1}")]
    Short(usize, usize),
    #[error("holds a header of {0} entries; at most {MAX_ENTRIES} are read")]
    TooManyEntries(usize),
    #[error("holds a header of {0} bytes; at most {MAX_HEADER_BYTES} are read")]
    TooLarge(usize),
    #[error("holds a header whose tag {0} is broken")]
    Broken(u32),
    #[error("holds a header whose tag {0} has more than {MAX_TEXT_BYTES} bytes")]
    TooLong(u32),
    #[error("holds a header without a name")]
    NoName,
    #[error("holds the header of `{0}`, which has no version")]
    NoVersion(String),
}

impl HeaderError {
    pub(crate) fn gap(&self) -> GapKind {
        match self {
            Self::TooManyEntries(_) | Self::TooLarge(_) | Self::TooLong(_) => GapKind::Limit,
            _ => GapKind::Unreadable,
        }
    }
}

/// One header, its measures checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header<'a> {
    entries: &'a [u8],
    data: &'a [u8],
}

/// What stands under a tag.
#[derive(Clone, Copy, Debug)]
struct Entry<'a> {
    kind: u32,
    count: u32,
    /// From its first byte to the end of the header.
    data: &'a [u8],
}

impl<'a> Header<'a> {
    /// Measures a header. What follows it is not looked at.
    pub(crate) fn new(blob: &'a [u8]) -> Result<Self, HeaderError> {
        let short = |whole| HeaderError::Short(blob.len(), whole);
        let number = |at| Order::Big.u32(blob, at).map(|number| number as usize);
        let (entries, data) = number(0).zip(number(4)).ok_or(short(8))?;
        if entries > MAX_ENTRIES {
            return Err(HeaderError::TooManyEntries(entries));
        }
        if data > MAX_HEADER_BYTES {
            return Err(HeaderError::TooLarge(data));
        }
        let split = 8 + entries * ENTRY_BYTES;
        let whole = blob.get(..split + data).ok_or(short(split + data))?;
        Ok(Self { entries: &whole[8..split], data: &whole[split..] })
    }

    /// Returns the first entry with this tag.
    fn find(&self, tag: u32) -> Result<Option<Entry<'a>>, HeaderError> {
        let tagged = |entry: &&[u8]| Order::Big.u32(entry, 0) == Some(tag);
        let Some(entry) = self.entries.chunks_exact(ENTRY_BYTES).find(tagged) else {
            return Ok(None);
        };
        let number = |at| Order::Big.u32(entry, at).ok_or(HeaderError::Broken(tag));
        let offset = number(8)? as usize;
        let data = self.data.get(offset..).ok_or(HeaderError::Broken(tag))?;
        Ok(Some(Entry { kind: number(4)?, count: number(12)?, data }))
    }

    /// Returns a text, or the first of several.
    fn text(&self, tag: u32) -> Result<Option<String>, HeaderError> {
        let Some(Entry { kind, count, data }) = self.find(tag)? else { return Ok(None) };
        if !matches!(kind, TYPE_STRING | TYPE_STRINGS | TYPE_I18N) || count == 0 {
            return Err(HeaderError::Broken(tag));
        }
        let head = &data[..data.len().min(MAX_TEXT_BYTES + 1)];
        match head.iter().position(|byte| *byte == 0) {
            Some(end) => Ok(Some(String::from_utf8_lossy(&head[..end]).into_owned())),
            None if head.len() > MAX_TEXT_BYTES => Err(HeaderError::TooLong(tag)),
            None => Err(HeaderError::Broken(tag)),
        }
    }

    /// Returns a text that says something.
    fn stated(&self, tag: u32) -> Result<Option<String>, HeaderError> {
        let text = self.text(tag)?.map(|text| text.trim().to_owned());
        Ok(text.filter(|text| !text.is_empty() && text != NONE))
    }

    fn number(&self, tag: u32) -> Result<Option<u32>, HeaderError> {
        let Some(Entry { kind, count, data }) = self.find(tag)? else { return Ok(None) };
        match Order::Big.u32(data, 0) {
            Some(number) if kind == TYPE_INT32 && count > 0 => Ok(Some(number)),
            _ => Err(HeaderError::Broken(tag)),
        }
    }

    /// Returns the texts of an entry in order; none where there is no such entry.
    fn texts(&self, tag: u32) -> Result<Vec<&'a [u8]>, HeaderError> {
        let Some(Entry { kind, count, data }) = self.find(tag)? else { return Ok(Vec::new()) };
        // Each text has one byte at least, that of its end.
        if kind != TYPE_STRINGS || count as usize > data.len() {
            return Err(HeaderError::Broken(tag));
        }
        let texts: Vec<&[u8]> = data.split(|byte| *byte == 0).take(count as usize).collect();
        let bytes: usize = texts.iter().map(|text| text.len() + 1).sum();
        let whole = texts.len() == count as usize && bytes <= data.len();
        if whole { Ok(texts) } else { Err(HeaderError::Broken(tag)) }
    }

    /// Returns the files of the package: folders, and names with the number of their folder.
    pub(crate) fn files(&self) -> Result<Files<'a>, HeaderError> {
        let folders = self.texts(DIR_NAMES)?;
        let names = self.texts(BASE_NAMES)?;
        let indexes = match self.find(DIR_INDEXES)? {
            Some(Entry { kind: TYPE_INT32, count, data }) if count as usize == names.len() => {
                data.get(..4 * names.len()).ok_or(HeaderError::Broken(DIR_INDEXES))?
            }
            None if names.is_empty() => &[],
            _ => return Err(HeaderError::Broken(DIR_INDEXES)),
        };
        Ok(Files { folders, names, indexes })
    }

    /// Returns the package: its version is `[epoch:]version-release` without an epoch of 0. A module
    /// label that is there and empty is `Some("")`.
    pub(crate) fn package(&self) -> Result<Package, HeaderError> {
        let name = self.stated(NAME)?.ok_or(HeaderError::NoName)?;
        let Some(version) = self.stated(VERSION)? else { return Err(HeaderError::NoVersion(name)) };
        let release = self.stated(RELEASE)?.unwrap_or_default();
        Ok(Package {
            version: whole_version(self.number(EPOCH)?.unwrap_or(0), &version, &release),
            name,
            kind: "rpm".to_owned(),
            arch: self.stated(ARCH)?,
            source: self.stated(SOURCE_RPM)?.and_then(|file| source(&file)),
            licenses: self.stated(LICENSE)?.into_iter().collect(),
            modularity: self.text(MODULARITY_LABEL)?.filter(|label| label != NONE),
            vendor: self.stated(VENDOR)?,
            ..Package::default()
        })
    }
}

/// The files of a package.
#[derive(Debug)]
pub(crate) struct Files<'a> {
    folders: Vec<&'a [u8]>,
    names: Vec<&'a [u8]>,
    /// The number of the folder of each name, four bytes each.
    indexes: &'a [u8],
}

impl<'a> Files<'a> {
    /// Returns a folder, `/usr/lib/`, by its number.
    pub(crate) fn folder(&self, number: u32) -> Option<&'a [u8]> {
        self.folders.get(number as usize).copied()
    }

    /// Returns the names, each with the number of its folder.
    pub(crate) fn names(&self) -> impl Iterator<Item = (u32, &'a [u8])> {
        let (indexes, _) = self.indexes.as_chunks::<4>();
        indexes.iter().map(|index| u32::from_be_bytes(*index)).zip(self.names.iter().copied())
    }
}

/// Joins the parts of a version as `[epoch:]version[-release]`, an epoch of 0 left out.
pub(crate) fn whole_version(epoch: u32, version: &str, release: &str) -> String {
    let mut whole = if epoch == 0 { String::new() } else { format!("{epoch}:") };
    whole.push_str(version);
    if !release.is_empty() {
        whole.push('-');
        whole.push_str(release);
    }
    whole
}

/// Reads the name of the file of a source package, from the right: `bash-4.4.20-4.el8_6.src.rpm`. Its
/// epoch does not stand there, so that the version has none. `None` where it is no such name.
pub(crate) fn source(file: &str) -> Option<SourcePackage> {
    let (stem, arch) = file.strip_suffix(".rpm")?.rsplit_once('.')?;
    let (head, release) = stem.rsplit_once('-')?;
    let (name, version) = head.rsplit_once('-')?;
    let whole = [name, version, release, arch].iter().all(|part| !part.is_empty());
    whole.then(|| SourcePackage { name: name.to_owned(), version: format!("{version}-{release}") })
}
