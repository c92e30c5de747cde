//! One ZIP file in memory: its directory, and the bytes of its members under limits.
//!
//! The format is that of PKWARE's application note
//! (<https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>). JARs, wheels, eggs and the packages
//! of Yarn are all ZIP files.

use std::borrow::Cow;
use std::io::Read;

use plimsoll_model::{GapKind, Problem};
use rawzip::{CompressionMethod, ZipArchiveEntryWayfinder, ZipLocator, ZipSliceArchive};

/// How far from its end the directory of a ZIP file is looked for: past the longest comment.
pub(crate) const MAX_SEARCH_BYTES: u64 = 128 << 10;
/// The most entries of one archive and all inside it.
pub(crate) const MAX_ENTRIES: usize = 2_000_000;
/// The most bytes that are inflated of one archive and all inside it, one after the other.
pub(crate) const MAX_INFLATED_BYTES: u64 = 2 << 30;
/// The most inflated bytes of nested archives that are in memory at once.
pub(crate) const MAX_HELD_BYTES: u64 = 256 << 20;
/// What may be inflated of the smallest archive, and for each byte of an archive beyond that: what is packed
/// in it is packed well enough to be no larger.
const INFLATED_BYTES_FOR_ANY: u64 = 32 << 20;
const INFLATED_BYTES_FOR_EACH: u64 = 16;
/// Bytes that one byte of deflate can stand for, at most.
const MAX_DEFLATE_RATIO: u64 = 1032;
/// Bytes of the header in front of a member, without its name.
const LOCAL_HEADER_BYTES: u64 = 30;

/// What is left of the limits of one outermost archive.
pub(crate) struct Limits {
    /// Entries that may still be listed.
    pub(crate) entries: usize,
    /// Bytes that may still be inflated.
    pub(crate) inflated_bytes: u64,
    /// Bytes of nested archives that may still be held at once.
    pub(crate) held_bytes: u64,
}

impl Limits {
    /// The limits before anything was read.
    pub(crate) fn new() -> Self {
        Self {
            entries: MAX_ENTRIES,
            inflated_bytes: MAX_INFLATED_BYTES,
            held_bytes: MAX_HELD_BYTES,
        }
    }

    /// The limits of an archive of so many bytes in which archives are to be read: a small one that becomes
    /// large is a bomb.
    pub(crate) fn of(body_bytes: usize) -> Self {
        let inflated = INFLATED_BYTES_FOR_EACH.saturating_mul(body_bytes as u64);
        let inflated_bytes =
            inflated.saturating_add(INFLATED_BYTES_FOR_ANY).min(MAX_INFLATED_BYTES);
        Self { inflated_bytes, ..Self::new() }
    }
}

/// A ZIP file; what stands in front of it (a shell script) is skipped.
pub(crate) struct Archive<'a> {
    zip: ZipSliceArchive<&'a [u8]>,
}

/// One member that is worth a look.
pub(crate) struct Member {
    pub(crate) name: String,
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    is_encrypted: bool,
}

/// Why something was not read.
#[derive(Debug)]
pub(crate) enum Trouble {
    Broken(String),
    /// Members lie over each other: nobody writes such archives but to have the same bytes read again and
    /// again.
    Overlap,
    Limit(String),
}

impl Trouble {
    /// Makes it a problem of what lies at a path inside the outermost archive, empty for that itself.
    pub(crate) fn problem(self, path: &str) -> Problem {
        let (detail, gap) = match self {
            Self::Broken(detail) => (detail, GapKind::Unreadable),
            Self::Overlap => {
                ("members of the archive lie over each other".to_owned(), GapKind::Unreadable)
            }
            Self::Limit(detail) => (detail, GapKind::Limit),
        };
        Problem { path: path.to_owned(), layer: None, detail, gap: Some(gap) }
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn open(body: &'a [u8]) -> Result<Self, Trouble> {
        let locator = ZipLocator::new().max_search_space(MAX_SEARCH_BYTES);
        match locator.locate_in_slice(body) {
            Ok(zip) => Ok(Self { zip }),
            Err((_, error)) => Err(Trouble::Broken(format!("cannot read the archive: {error}"))),
        }
    }

    /// Goes through the directory and hands over the name of each file, and what makes a [`Member`] of
    /// it where it is worth a look. What stands before a trouble was handed over; members that lie over
    /// each other are one too, found at the end.
    pub(crate) fn list(
        &self,
        left: &mut Limits,
        mut take: impl FnMut(&str, &dyn Fn() -> Member) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        let (mut seen, mut spans) = (0, Vec::new());
        for entry in self.zip.entries() {
            let entry = entry.map_err(|error| {
                Trouble::Broken(format!("cannot read the directory of the archive: {error}"))
            })?;
            if left.entries == 0 {
                return Err(Trouble::Limit(format!("more than {MAX_ENTRIES} entries inside")));
            }
            left.entries -= 1;
            seen += 1;
            if entry.is_dir() {
                continue;
            }
            let path = entry.file_path();
            let start = entry.local_header_offset();
            let size = entry.compressed_size_hint().saturating_add(path.as_bytes().len() as u64);
            spans.push((start, start.saturating_add(LOCAL_HEADER_BYTES).saturating_add(size)));
            let name = String::from_utf8_lossy(path.as_bytes());
            take(&name, &|| Member {
                name: name.clone().into_owned(),
                wayfinder: entry.wayfinder(),
                method: entry.compression_method(),
                is_encrypted: entry.flags().is_encrypted(),
            })?;
        }
        let told = self.zip.entries_hint();
        if seen < told {
            let detail = format!("the directory of the archive ends at entry {seen} of {told}");
            return Err(Trouble::Broken(detail));
        }
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            return Err(Trouble::Overlap);
        }
        Ok(())
    }

    /// Returns how many files below a folder end so.
    pub(crate) fn count(&self, folder: &str, suffix: &str) -> usize {
        let is_one = |entry: &rawzip::ZipFileHeaderRecord<'_>| {
            let path = entry.file_path();
            let path: &[u8] = path.as_bytes();
            path.starts_with(folder.as_bytes()) && path.ends_with(suffix.as_bytes())
        };
        self.zip.entries().map_while(Result::ok).take(MAX_ENTRIES).filter(is_one).count()
    }

    /// Returns the bytes of a member, at the cost of what is left to inflate. A stored member is
    /// borrowed, and its checksum is not looked at: it is an archive with checksums of its own.
    pub(crate) fn read(
        &self,
        member: &Member,
        left: &mut Limits,
    ) -> Result<Cow<'_, [u8]>, Trouble> {
        if member.method == CompressionMethod::STORE && !member.is_encrypted {
            let entry = self.zip.get_entry(member.wayfinder).map_err(broken)?;
            return Ok(Cow::Borrowed(entry.data()));
        }
        self.read_small(member, left.held_bytes, left).map(Cow::Owned)
    }

    /// Returns the bytes of a member that must not have more than `most`.
    pub(crate) fn read_small(
        &self,
        member: &Member,
        most: u64,
        left: &mut Limits,
    ) -> Result<Vec<u8>, Trouble> {
        let allowed = most.min(left.inflated_bytes);
        let mut cost = 0;
        let bytes = self.inflate(member, allowed, &mut cost);
        // A member that turns out to be broken took its time too.
        left.inflated_bytes -= allowed.min(cost);
        bytes?.ok_or_else(|| {
            Trouble::Limit(if allowed == most {
                format!("`{}` has more than {allowed} bytes", member.name)
            } else {
                "more to inflate than an archive of its size has".to_owned()
            })
        })
    }

    /// Returns the bytes of a member, size and checksum being checked; `None` if more than `most`.
    /// Adds what was inflated to `cost`, also when it was for nothing.
    fn inflate(
        &self,
        member: &Member,
        most: u64,
        cost: &mut u64,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        if member.is_encrypted {
            return Err(broken("it is encrypted"));
        }
        let entry = self.zip.get_entry(member.wayfinder).map_err(broken)?;
        let raw: Box<dyn Read> = match member.method {
            CompressionMethod::STORE => Box::new(entry.data()),
            CompressionMethod::DEFLATE => {
                Box::new(flate2::bufread::DeflateDecoder::new(entry.data()))
            }
            method => return Err(broken(format_args!("compression {method} is not known"))),
        };
        // What a member says of its size may be a lie, but deflate has a greatest ratio.
        let told = member.wayfinder.uncompressed_size_hint().min(most);
        let room = told.min(entry.data().len() as u64 * MAX_DEFLATE_RATIO);
        let mut bytes = Vec::with_capacity(room as usize);
        let verified = entry.verifying_reader(Counted { inner: raw, count: cost });
        verified.take(most + 1).read_to_end(&mut bytes).map_err(broken)?;
        Ok((bytes.len() as u64 <= most).then_some(bytes))
    }
}

/// A reader that counts what it gives.
struct Counted<'a, R> {
    inner: R,
    count: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(into)?;
        *self.count += got as u64;
        Ok(got)
    }
}

fn broken(cause: impl std::fmt::Display) -> Trouble {
    Trouble::Broken(format!("cannot read a member of the archive: {cause}"))
}

/// Archives for the tests of this crate.
#[cfg(test)]
pub(crate) mod testing {
    use std::io::Write as _;

    use rawzip::{CompressionMethod, ZipArchiveWriter};

    /// Packs members, each deflated.
    pub(crate) fn pack(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipArchiveWriter::new(Vec::new());
        for (name, body) in members {
            let method = CompressionMethod::DEFLATE;
            let (mut entry, config) =
                writer.new_file(name).compression_method(method).start().unwrap();
            let level = flate2::Compression::default();
            let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
            data.write_all(body).unwrap();
            let (encoder, output) = data.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(output).unwrap();
        }
        writer.finish().unwrap()
    }
}
