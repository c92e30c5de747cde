//! The write-ahead log of SQLite, `rpmdb.sqlite-wal`: pages that were committed and not yet written to the
//! database. An image whose builder was stopped before RPM closed its database has one.
//!
//! See <https://www.sqlite.org/fileformat2.html>, "The Write-Ahead Log".

use super::record::Order;
use super::sqlite;

/// How a log begins; the last bit says in which order the checksums take the bytes.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;
pub(super) const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;

/// Returns the database with what its log has committed; `None` where SQLite would not apply it: it
/// commits nothing or is none, or there is no database that it could belong to. Frames behind the last
/// one that is sound and commits do not count.
pub(crate) fn applied(database: &[u8], log: &[u8]) -> Option<Vec<u8>> {
    let head = Head::new(log)?;
    if sqlite::page_bytes(database) != Some(head.page_bytes) {
        return None;
    }
    let page_bytes = head.page_bytes;
    let mut sums = head.sums;
    let mut open: Vec<(u32, &[u8])> = Vec::new();
    let mut merged: Option<Vec<u8>> = None;
    for frame in log[HEAD_BYTES..].chunks_exact(FRAME_HEAD_BYTES + page_bytes) {
        let (frame_head, page) = frame.split_at(FRAME_HEAD_BYTES);
        sums = head.add(head.add(sums, &frame_head[..8]), page);
        let number = |at| Order::Big.u32(frame_head, at).unwrap_or(0);
        if frame_head[8..16] != *head.salts || sums != [number(16), number(20)] {
            break;
        }
        open.push((number(0), page));
        let pages = number(4) as usize;
        if pages > 0 {
            let merged = merged.get_or_insert_with(|| database.to_vec());
            commit(merged, &mut open, page_bytes);
            let whole = pages.saturating_mul(page_bytes);
            merged.truncate(whole);
        }
    }
    merged
}

/// Writes pages to where they belong. A page beyond the end makes the file longer only as far as there
/// were pages for it.
fn commit(merged: &mut Vec<u8>, open: &mut Vec<(u32, &[u8])>, page_bytes: usize) {
    // In the order of their numbers, so that the file grows page by page; the last of one number counts.
    open.sort_by_key(|(number, _)| *number);
    for (number, page) in open.drain(..) {
        let Some(start) = (number as usize).checked_sub(1).map(|index| index * page_bytes) else {
            continue;
        };
        if start == merged.len() {
            merged.extend_from_slice(page);
        } else if let Some(place) = merged.get_mut(start..start + page_bytes) {
            place.copy_from_slice(page);
        }
    }
}

struct Head<'a> {
    page_bytes: usize,
    order: Order,
    salts: &'a [u8],
    sums: [u32; 2],
}

impl<'a> Head<'a> {
    fn new(log: &'a [u8]) -> Option<Self> {
        let number = |at| Order::Big.u32(log, at);
        let magic = number(0)?;
        let page_bytes = number(8)? as usize;
        let is_page = (512..=65_536).contains(&page_bytes) && page_bytes.is_power_of_two();
        if magic & !1 != MAGIC || number(4)? != VERSION || !is_page || log.len() < HEAD_BYTES {
            return None;
        }
        let order = if magic & 1 == 1 { Order::Big } else { Order::Little };
        let head = Self { page_bytes, order, salts: &log[16..24], sums: [0; 2] };
        let sums = head.add([0; 2], &log[..24]);
        (sums == [number(24)?, number(28)?]).then_some(Self { sums, ..head })
    }

    /// Goes on with the checksum ("Checksum Algorithm"); the bytes are a multiple of eight.
    fn add(&self, [mut first, mut second]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
        for pair in bytes.chunks_exact(8) {
            let number = |at| self.order.u32(pair, at).unwrap_or(0);
            first = first.wrapping_add(number(0)).wrapping_add(second);
            second = second.wrapping_add(number(4)).wrapping_add(first);
        }
        [first, second]
    }
}
