//! Blocks of rows: the index that finds them, their packing, and a small cache of them.
//!
//! A block holds chunks, one a name, names in the order of their ordinals and none left out. A chunk
//! is two varints (rows, bytes) and the rows one after another. The last name of a block may go on
//! in the next one, which then says so.
//!
//! An entry of the index is 24 bytes, little-endian: first ordinal u32, offset in the section u32,
//! packed bytes u32, raw bytes u32 (the top bit: the first chunk goes on from the block before),
//! xxh3 of the packed bytes u64.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use xxhash_rust::xxh3::xxh3_64;
use zstd::bulk::{Compressor, Decompressor};

use super::error::ShardError;
use super::layout::{u32_at, u64_at};

/// Largest block, unpacked.
pub const MAX_BLOCK_BYTES: usize = 1 << 20;
/// Largest row, encoded.
pub const MAX_ROW_BYTES: usize = MAX_BLOCK_BYTES - 64;

/// The level at which everything is packed. Fixed, so that the same rows give the same bytes.
const LEVEL: i32 = 15;
const ENTRY_BYTES: usize = 24;
const GOES_ON: u32 = 1 << 31;
const CACHED_BLOCKS: usize = 64;
/// Larger blocks are not cached, so that the cache has a bound of 4 MiB.
const MAX_CACHED_BYTES: usize = 64 << 10;
const MAX_DICTIONARY_BYTES: usize = 32 << 10;
/// Fewer bytes than these do not pay for a dictionary.
const MIN_TRAINING_BYTES: usize = 128 << 10;
const MAX_SAMPLES: usize = 2048;
const TRIAL_BLOCKS: usize = 64;

/// A block before it is packed.
#[derive(Debug, Default)]
pub(super) struct RawBlock {
    pub(super) first: u32,
    pub(super) goes_on: bool,
    pub(super) bytes: Vec<u8>,
}

/// The sections that blocks make.
#[derive(Debug, Default)]
pub(super) struct Packed {
    pub(super) dictionary: Vec<u8>,
    pub(super) index: Vec<u8>,
    pub(super) blocks: Vec<u8>,
}

/// Packs all blocks, with a dictionary where that makes the shard smaller.
pub(super) fn pack_all(shard: &str, blocks: &[RawBlock]) -> Result<Packed, ShardError> {
    let dictionary = train(shard, blocks)?;
    let mut compressor = compressor(shard, &dictionary)?;
    let mut packed = Packed { dictionary, ..Packed::default() };
    for block in blocks {
        let bytes =
            compressor.compress(&block.bytes).map_err(|error| ShardError::write(shard, error))?;
        let offset = u32::try_from(packed.blocks.len())
            .map_err(|_| ShardError::write(shard, "more than 4 GiB of rows"))?;
        let goes_on = if block.goes_on { GOES_ON } else { 0 };
        packed.index.extend_from_slice(&block.first.to_le_bytes());
        packed.index.extend_from_slice(&offset.to_le_bytes());
        packed.index.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        packed.index.extend_from_slice(&(block.bytes.len() as u32 | goes_on).to_le_bytes());
        packed.index.extend_from_slice(&xxh3_64(&bytes).to_le_bytes());
        packed.blocks.extend_from_slice(&bytes);
    }
    Ok(packed)
}

/// Trains a dictionary on blocks spread over the shard; empty where it does not pay.
fn train(shard: &str, blocks: &[RawBlock]) -> Result<Vec<u8>, ShardError> {
    let total: usize = blocks.iter().map(|block| block.bytes.len()).sum();
    if total < MIN_TRAINING_BYTES {
        return Ok(Vec::new());
    }
    let samples: Vec<&[u8]> = spread(blocks, MAX_SAMPLES).map(|b| b.bytes.as_slice()).collect();
    // Training refuses samples that have nothing in common; then there is no dictionary.
    let Ok(dictionary) = zstd::dict::from_samples(&samples, MAX_DICTIONARY_BYTES) else {
        return Ok(Vec::new());
    };
    let (mut plain, mut with, mut seen) = (0, 0, 0);
    let mut without = compressor(shard, &[])?;
    let mut compressor = compressor(shard, &dictionary)?;
    for block in spread(blocks, TRIAL_BLOCKS) {
        let error = |error| ShardError::write(shard, error);
        plain += without.compress(&block.bytes).map_err(error)?.len();
        with += compressor.compress(&block.bytes).map_err(error)?.len();
        seen += block.bytes.len();
    }
    let saved = plain.saturating_sub(with) as u64 * total as u64 / seen.max(1) as u64;
    Ok(if saved > dictionary.len() as u64 { dictionary } else { Vec::new() })
}

fn spread(blocks: &[RawBlock], most: usize) -> impl Iterator<Item = &RawBlock> {
    blocks.iter().step_by(blocks.len().div_ceil(most).max(1))
}

fn compressor(shard: &str, dictionary: &[u8]) -> Result<Compressor<'static>, ShardError> {
    let error = |error| ShardError::write(shard, error);
    let mut compressor = Compressor::with_dictionary(LEVEL, dictionary).map_err(error)?;
    compressor.include_dictid(false).map_err(error)?;
    compressor.include_checksum(false).map_err(error)?;
    Ok(compressor)
}

/// Packs one section: its raw length (u32) and a zstd frame.
pub(super) fn pack(
    shard: &str,
    what: &str,
    raw: &[u8],
    limit: usize,
) -> Result<Vec<u8>, ShardError> {
    if raw.len() > limit {
        let (shard, what) = (shard.to_owned(), what.to_owned());
        return Err(ShardError::TooBig { shard, what, size: raw.len(), limit });
    }
    let mut bytes = (raw.len() as u32).to_le_bytes().to_vec();
    bytes.extend(zstd::bulk::compress(raw, LEVEL).map_err(|e| ShardError::write(shard, e))?);
    Ok(bytes)
}

/// Unpacks what [`pack`] packed.
pub(super) fn unpack(shard: &str, bytes: &[u8], limit: usize) -> Result<Vec<u8>, ShardError> {
    let damaged = || ShardError::damaged(shard, "a section cannot be unpacked");
    let Some((length, frame)) = bytes.split_first_chunk::<4>() else { return Err(damaged()) };
    let length = u32::from_le_bytes(*length) as usize;
    if length > limit {
        return Err(ShardError::damaged(shard, format!("a section says it has {length} bytes")));
    }
    let raw = zstd::bulk::decompress(frame, length).map_err(|_| damaged())?;
    if raw.len() == length { Ok(raw) } else { Err(damaged()) }
}

/// Where a block lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) first: u32,
    pub(super) offset: u64,
    pub(super) packed: u64,
    pub(super) raw: usize,
    pub(super) goes_on: bool,
    hash: u64,
}

/// The index, as it lies in the file.
#[derive(Debug)]
pub(super) struct Index(Vec<u8>);

impl Index {
    /// Takes the section; its length must be whole entries.
    pub(super) fn new(shard: &str, bytes: Vec<u8>) -> Result<Self, ShardError> {
        if !bytes.len().is_multiple_of(ENTRY_BYTES) {
            return Err(ShardError::damaged(shard, "the index ends inside an entry"));
        }
        Ok(Self(bytes))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len() / ENTRY_BYTES
    }

    /// Returns an entry; `number` is below [`Index::len`].
    pub(super) fn entry(&self, number: usize) -> Entry {
        let at = number * ENTRY_BYTES;
        let raw = u32_at(&self.0, at + 12);
        Entry {
            first: u32_at(&self.0, at),
            offset: u64::from(u32_at(&self.0, at + 4)),
            packed: u64::from(u32_at(&self.0, at + 8)),
            raw: (raw & !GOES_ON) as usize,
            goes_on: raw & GOES_ON != 0,
            hash: u64_at(&self.0, at + 16),
        }
    }

    /// Returns the block in which the rows of an ordinal begin; `None` when there is no block.
    pub(super) fn find(&self, ordinal: u32) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.entry(middle).first <= ordinal {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let mut number = low.checked_sub(1)?;
        while number > 0 {
            let entry = self.entry(number);
            if entry.first != ordinal || !entry.goes_on {
                break;
            }
            number -= 1;
        }
        Some(number)
    }
}

/// A block by its number.
type Cached = (usize, Arc<[u8]>);

/// Unpacks blocks and keeps the last ones; shared by threads.
pub(super) struct Unpacking {
    dictionary: Vec<u8>,
    free: Mutex<Vec<Decompressor<'static>>>,
    cache: Mutex<Vec<Option<Cached>>>,
}

impl Unpacking {
    pub(super) fn new(dictionary: Vec<u8>) -> Self {
        let cache = Mutex::new(vec![None; CACHED_BLOCKS]);
        Self { dictionary, free: Mutex::default(), cache }
    }

    /// Returns a block from the cache.
    pub(super) fn cached(&self, number: usize) -> Option<Arc<[u8]>> {
        let cache = self.cache.lock().ok()?;
        let (cached, block) = cache[number % CACHED_BLOCKS].as_ref()?;
        (*cached == number).then(|| Arc::clone(block))
    }

    /// Checks and unpacks a block, and keeps it.
    pub(super) fn unpack(
        &self,
        shard: &str,
        number: usize,
        entry: Entry,
        packed: &[u8],
    ) -> Result<Arc<[u8]>, ShardError> {
        let damaged = |what| ShardError::damaged(shard, format!("block {number} {what}"));
        if xxh3_64(packed) != entry.hash {
            return Err(damaged("does not match"));
        }
        if entry.raw > MAX_BLOCK_BYTES {
            return Err(damaged("is too large"));
        }
        let free = self.free.lock().ok().and_then(|mut free| free.pop());
        let mut decompressor = match free {
            Some(decompressor) => decompressor,
            None => Decompressor::with_dictionary(&self.dictionary)
                .map_err(|_| damaged("has a broken dictionary"))?,
        };
        let raw = decompressor.decompress(packed, entry.raw);
        if let Ok(mut free) = self.free.lock() {
            free.push(decompressor);
        }
        let raw = raw.map_err(|_| damaged("cannot be unpacked"))?;
        if raw.len() != entry.raw {
            return Err(damaged("has another length"));
        }
        let block: Arc<[u8]> = raw.into();
        if block.len() <= MAX_CACHED_BYTES
            && let Ok(mut cache) = self.cache.lock()
        {
            cache[number % CACHED_BLOCKS] = Some((number, Arc::clone(&block)));
        }
        Ok(block)
    }
}

impl std::fmt::Debug for Unpacking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unpacking")
            .field("dictionary", &self.dictionary.len())
            .finish_non_exhaustive()
    }
}

/// Walks the chunks of a block: the rows of one name, and where in the block they lie.
pub(super) struct Chunks<'a> {
    block: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(block: &'a [u8]) -> Self {
        Self { block, at: 0 }
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<(u32, Range<usize>), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.block[self.at..];
        if rest.is_empty() {
            return None;
        }
        // After an error there is nothing more to be had.
        let all = std::mem::replace(&mut self.at, self.block.len());
        let Ok(((rows, bytes), behind)) = postcard::take_from_bytes::<(u32, u32)>(rest) else {
            return Some(Err("a block cannot be read"));
        };
        let start = all + rest.len() - behind.len();
        if bytes as usize > behind.len() {
            return Some(Err("a block ends inside a row"));
        }
        self.at = start + bytes as usize;
        Some(Ok((rows, start..self.at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_that_claims_too_much_is_refused() {
        let raw = vec![7; 5000];
        let packed = pack("x", "a section", &raw, 5000).unwrap();
        assert_eq!(unpack("x", &packed, 5000).unwrap(), raw);
        assert!(matches!(unpack("x", &packed, 4999), Err(ShardError::Damaged { .. })));
        assert!(matches!(pack("x", "a section", &raw, 4999), Err(ShardError::TooBig { .. })));
        // A frame that holds more than it was said to hold is not unpacked either.
        let mut lying = packed;
        lying[..4].copy_from_slice(&100_u32.to_le_bytes());
        assert!(matches!(unpack("x", &lying, 5000), Err(ShardError::Damaged { .. })));
        assert!(unpack("x", &[1, 2], 5000).is_err());
    }

    #[test]
    fn a_block_that_claims_too_much_is_refused() {
        let packed = zstd::bulk::compress(&vec![0; 2 * MAX_BLOCK_BYTES], 1).unwrap();
        let unpacking = Unpacking::new(Vec::new());
        for raw in [100, MAX_BLOCK_BYTES, 2 * MAX_BLOCK_BYTES] {
            let hash = xxh3_64(&packed);
            let entry = Entry { first: 0, offset: 0, packed: 0, raw, goes_on: false, hash };
            let refused = unpacking.unpack("x", 0, entry, &packed);
            assert!(matches!(refused, Err(ShardError::Damaged { .. })), "{raw}");
        }
    }

    #[test]
    fn chunks_of_any_bytes_end() {
        for bytes in [&[][..], &[1], &[1, 200, 1], &[0, 0, 0, 0], &[255; 40], &[1, 1, 9, 1]] {
            assert!(Chunks::new(bytes).count() <= bytes.len() + 1);
        }
    }
}
