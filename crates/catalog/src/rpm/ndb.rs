//! NDB, the back end of SUSE: `Packages.db`.
//!
//! Pages of 4096 bytes with slots of 16 bytes, two of which the head of the file takes; a slot leads to
//! blocks of 16 bytes that hold one header between a head and a tail with a checksum. All numbers have
//! the low byte first. See `lib/backend/ndb/rpmpkg.c` of RPM.

use std::ops::ControlFlow;

use super::record::{Damage, MAX_HEADER_BYTES, Order, Place, Take};

/// How a file begins.
pub(crate) const MAGIC: &[u8] = b"RpmP";
const VERSION: u32 = 0;
const PAGE_BYTES: usize = 4096;
const SLOT_BYTES: usize = 16;
/// Slots that the head of the file takes.
const HEAD_SLOTS: usize = 2;
const SLOT_MAGIC: &[u8] = b"Slot";
const BLOCK_BYTES: usize = 16;
const BLOB_HEAD_BYTES: usize = 16;
const BLOB_TAIL_BYTES: usize = 12;
const BLOB_MAGIC: &[u8] = b"BlbS";
const TAIL_MAGIC: &[u8] = b"BlbE";

/// Hands the headers of a database to `take`, in the order of its slots.
pub(crate) fn headers(body: &[u8], take: &mut Take<'_>) -> ControlFlow<()> {
    let number = |at| Order::Little.u32(body, at);
    let Some((version, pages)) = number(4).zip(number(12)) else {
        return take(Err(Damage::new(Place::File, "ends in its first page")));
    };
    if version != VERSION {
        return take(Err(Damage::new(Place::File, format!("is of NDB version {version}"))));
    }
    let claimed = (pages as usize).saturating_mul(PAGE_BYTES);
    if claimed > body.len() || pages == 0 {
        let what = format!("claims {pages} pages of slots and has {} bytes", body.len());
        take(Err(Damage::new(Place::File, what)))?;
    }
    let slots = &body[..claimed.min(body.len())];
    let mut blocks_left = body.len() / BLOCK_BYTES;
    for (index, slot) in slots.chunks_exact(SLOT_BYTES).enumerate().skip(HEAD_SLOTS) {
        let place = Place::Slot(index + 1);
        match blob(body, slot, &mut blocks_left) {
            Ok(None) => {}
            Ok(Some(blob)) => take(Ok((place, blob)))?,
            Err(Fault { what, is_limit: true }) => {
                take(Err(Damage::limit(place, what)))?;
                return ControlFlow::Break(());
            }
            Err(Fault { what, .. }) => take(Err(Damage::new(place, what)))?,
        }
    }
    ControlFlow::Continue(())
}

struct Fault {
    what: String,
    is_limit: bool,
}

impl From<&str> for Fault {
    fn from(what: &str) -> Self {
        Self { what: what.to_owned(), is_limit: false }
    }
}

/// Returns what a slot leads to; `None` for one that is free. `blocks_left` counts down what all slots
/// together may lead to: the blocks of the file.
fn blob<'a>(
    body: &'a [u8],
    slot: &[u8],
    blocks_left: &mut usize,
) -> Result<Option<&'a [u8]>, Fault> {
    let number = |bytes: &[u8], at| Order::Little.u32(bytes, at).unwrap_or(0);
    if !slot.starts_with(SLOT_MAGIC) {
        return Err("is no slot".into());
    }
    let (start, count) = (number(slot, 8) as usize, number(slot, 12) as usize);
    if start == 0 {
        return Ok(None);
    }
    let end = start.saturating_add(count).saturating_mul(BLOCK_BYTES);
    let blocks = body.get(start.saturating_mul(BLOCK_BYTES)..end);
    let blocks = blocks.ok_or("leads beyond the end of the file")?;
    let Some(left) = blocks_left.checked_sub(count) else {
        let what = "leads to blocks that other slots lead to; the rest is not read".to_owned();
        return Err(Fault { what, is_limit: true });
    };
    *blocks_left = left;
    if blocks.len() < BLOB_HEAD_BYTES + BLOB_TAIL_BYTES || !blocks.starts_with(BLOB_MAGIC) {
        return Err("leads to what is no header".into());
    }
    let tail = blocks.len() - BLOB_TAIL_BYTES;
    let bytes = number(blocks, 12) as usize;
    if number(blocks, 4) != number(slot, 4)
        || !blocks.ends_with(TAIL_MAGIC)
        || number(blocks, tail + 4) as usize != bytes
        || bytes > tail - BLOB_HEAD_BYTES
    {
        return Err("leads to the blocks of another header".into());
    }
    if bytes > MAX_HEADER_BYTES {
        let what =
            format!("leads to a header of {bytes} bytes; at most {MAX_HEADER_BYTES} are read");
        return Err(Fault { what, is_limit: true });
    }
    if adler32(&blocks[..tail]) != number(blocks, tail) {
        return Err("leads to a header whose checksum is wrong".into());
    }
    Ok(Some(&blocks[BLOB_HEAD_BYTES..BLOB_HEAD_BYTES + bytes]))
}

/// The checksum of zlib, RFC 1950.
fn adler32(bytes: &[u8]) -> u32 {
    /// The most bytes whose sums fit in 32 bits.
    const MAX_RUN_BYTES: usize = 5552;
    const MODULUS: u32 = 65_521;
    let (mut low, mut high) = (1u32, 0u32);
    for run in bytes.chunks(MAX_RUN_BYTES) {
        for byte in run {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}
