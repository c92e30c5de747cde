//! The frame of a shard file: magic, schema, section table, sections without a gap.
//!
//! All numbers are little-endian.
//!
//! ```text
//! 0    8   magic "PLIMSHRD"
//! 8    4   schema version
//! 12   4   number of sections, always 7
//! 16   24  a section: offset u64, length u64, xxh3 of its bytes u64; seven times
//! 184  8   xxh3 of the 184 bytes before
//! 192  …   the sections, in the order of `Section`, each beginning where the last one ends
//! ```
//!
//! The file ends with its last section, so every byte stands under a checksum.

use xxhash_rust::xxh3::xxh3_64;

use super::error::ShardError;

/// The schema that this code writes and reads.
pub const SCHEMA_VERSION: u32 = 2;

/// Largest shard file.
pub const MAX_SHARD_BYTES: u64 = 1 << 30;

pub(super) const HEADER_BYTES: usize = 192;
const MAGIC: &[u8; 8] = b"PLIMSHRD";
const SECTIONS: usize = 7;
const TABLE_AT: usize = 16;
const ROW_BYTES: usize = 24;

/// The sections, in the order in which they lie in the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Section {
    /// `ShardMeta` as JSON.
    Meta,
    /// The `fst` from name to ordinal.
    Names,
    /// The dictionary that the blocks are packed with; may be empty.
    Dictionary,
    /// Where the blocks are, and their checksums.
    Index,
    /// Texts that several rows share, packed; may be empty.
    Texts,
    /// Pairs of score and percentile, packed; only in the shard `epss`.
    Scores,
    /// The blocks of rows, each under a checksum of its own.
    Blocks,
}

const ORDER: [Section; SECTIONS] = [
    Section::Meta,
    Section::Names,
    Section::Dictionary,
    Section::Index,
    Section::Texts,
    Section::Scores,
    Section::Blocks,
];

impl Section {
    fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Names => "names",
            Self::Dictionary => "dictionary",
            Self::Index => "index",
            Self::Texts => "texts",
            Self::Scores => "scores",
            Self::Blocks => "blocks",
        }
    }

    fn max_bytes(self) -> u64 {
        match self {
            Self::Meta => 64 << 10,
            Self::Names | Self::Index => 64 << 20,
            Self::Dictionary => 128 << 10,
            Self::Texts | Self::Scores => 32 << 20,
            Self::Blocks => MAX_SHARD_BYTES - (1 << 28),
        }
    }
}

/// Where a section lies, and what its bytes must hash to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) length: u64,
    hash: u64,
}

/// The section table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Layout([Place; SECTIONS]);

impl Layout {
    pub(super) fn place(&self, section: Section) -> Place {
        self.0[section as usize]
    }

    /// Checks the bytes of a section against the table.
    pub(super) fn check(
        &self,
        shard: &str,
        section: Section,
        bytes: &[u8],
    ) -> Result<(), ShardError> {
        if xxh3_64(bytes) == self.place(section).hash {
            return Ok(());
        }
        Err(ShardError::damaged(shard, format!("section {} does not match", section.name())))
    }

    /// Reads the header of a file of `file_bytes`.
    pub(super) fn read(shard: &str, header: &[u8], file_bytes: u64) -> Result<Self, ShardError> {
        let damaged = |detail: &str| ShardError::damaged(shard, detail);
        let Some(header) = header.first_chunk::<HEADER_BYTES>() else {
            return Err(damaged("it ends inside its header"));
        };
        if !header.starts_with(MAGIC) {
            return Err(damaged("it does not begin as a shard"));
        }
        let body = &header[..HEADER_BYTES - 8];
        if xxh3_64(body) != u64_at(header, HEADER_BYTES - 8) {
            return Err(damaged("the header does not match"));
        }
        let schema = u32_at(header, 8);
        if schema != SCHEMA_VERSION {
            let shard = shard.to_owned();
            return Err(ShardError::Schema { shard, schema, ours: SCHEMA_VERSION });
        }
        if u32_at(header, 12) as usize != SECTIONS {
            return Err(damaged("the section table has another length"));
        }
        let mut places = [Place::default(); SECTIONS];
        let mut end = HEADER_BYTES as u64;
        for (index, place) in places.iter_mut().enumerate() {
            let at = TABLE_AT + index * ROW_BYTES;
            let (offset, length) = (u64_at(header, at), u64_at(header, at + 8));
            if offset != end || length > ORDER[index].max_bytes() {
                return Err(damaged("a section lies where it cannot"));
            }
            end += length;
            *place = Place { offset, length, hash: u64_at(header, at + 16) };
        }
        if end != file_bytes {
            return Err(damaged("the file is longer or shorter than its sections"));
        }
        Ok(Self(places))
    }
}

/// Puts the sections, given in their order, into one file.
pub(super) fn write(shard: &str, sections: &[Vec<u8>; SECTIONS]) -> Result<Vec<u8>, ShardError> {
    let body: usize = sections.iter().map(Vec::len).sum();
    let mut file = Vec::with_capacity(HEADER_BYTES + body);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&SCHEMA_VERSION.to_le_bytes());
    file.extend_from_slice(&(SECTIONS as u32).to_le_bytes());
    let mut offset = HEADER_BYTES as u64;
    for (section, bytes) in ORDER.iter().zip(sections) {
        let limit = section.max_bytes();
        if bytes.len() as u64 > limit {
            return Err(ShardError::TooBig {
                shard: shard.to_owned(),
                what: format!("section {}", section.name()),
                size: bytes.len(),
                limit: limit as usize,
            });
        }
        file.extend_from_slice(&offset.to_le_bytes());
        file.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        file.extend_from_slice(&xxh3_64(bytes).to_le_bytes());
        offset += bytes.len() as u64;
    }
    file.extend_from_slice(&xxh3_64(&file).to_le_bytes());
    for bytes in sections {
        file.extend_from_slice(bytes);
    }
    Ok(file)
}

/// Reads a number; the caller knows that it is there.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut number = [0; 4];
    number.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(number)
}

/// Reads a number; the caller knows that it is there.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes the header of a file whose sections have these lengths.
    fn header(lengths: [u64; SECTIONS]) -> Vec<u8> {
        let mut header = write("x", &Default::default()).unwrap();
        let mut offset = HEADER_BYTES as u64;
        for (index, length) in lengths.into_iter().enumerate() {
            let at = TABLE_AT + index * ROW_BYTES;
            header[at..at + 8].copy_from_slice(&offset.to_le_bytes());
            header[at + 8..at + 16].copy_from_slice(&length.to_le_bytes());
            offset += length;
        }
        let hash = xxh3_64(&header[..HEADER_BYTES - 8]).to_le_bytes();
        header[HEADER_BYTES - 8..].copy_from_slice(&hash);
        header
    }

    #[test]
    fn every_section_has_its_limit() {
        for (index, section) in ORDER.into_iter().enumerate() {
            assert_eq!(section as usize, index);
            for (over, good) in [(0, true), (1, false)] {
                let mut lengths = [0; SECTIONS];
                lengths[index] = section.max_bytes() + over;
                let file_bytes = HEADER_BYTES as u64 + lengths[index];
                let read = Layout::read("x", &header(lengths), file_bytes);
                assert_eq!(read.is_ok(), good, "{section:?} {over}");
            }
        }
        let all: u64 = ORDER.into_iter().map(Section::max_bytes).sum();
        assert!(all + HEADER_BYTES as u64 <= MAX_SHARD_BYTES);
    }

    #[test]
    fn sections_lie_one_behind_the_other() {
        let good = header([1; SECTIONS]);
        assert!(Layout::read("x", &good, HEADER_BYTES as u64 + 7).is_ok());
        assert!(Layout::read("x", &good, HEADER_BYTES as u64 + 8).is_err());
        let mut gap = good;
        gap[TABLE_AT + ROW_BYTES] += 1;
        let hash = xxh3_64(&gap[..HEADER_BYTES - 8]).to_le_bytes();
        gap[HEADER_BYTES - 8..].copy_from_slice(&hash);
        assert!(Layout::read("x", &gap, HEADER_BYTES as u64 + 7).is_err());
    }
}
