//! SQLite, the back end of RPM from 4.16: `rpmdb.sqlite`, and a write-ahead log beside it.
//!
//! Only what is needed to walk the table `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)`: pages, b-trees
//! of tables, records, chains of pages. See <https://www.sqlite.org/fileformat2.html>; sections are
//! named where they are followed.

use std::ops::ControlFlow;

use super::record::{Damage, MAX_HEADER_BYTES, Order, Place, Seen, Take};

/// How a file begins.
pub(crate) const MAGIC: &[u8] = b"SQLite format 3\0";
/// The table of the headers, and which of its columns they are in.
const TABLE: &str = "Packages";
const BLOB_COLUMN: usize = 1;
/// The bytes that a record has beside the header that it holds.
const MAX_RECORD_BYTES: usize = MAX_HEADER_BYTES + 64;

const FILE_HEAD_BYTES: usize = 100;
const UTF_8: u32 = 1;
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// Hands the headers of a database to `take`, in the order of their numbers.
pub(crate) fn headers(body: &[u8], take: &mut Take<'_>) -> ControlFlow<()> {
    let mut pages = match Pages::new(body) {
        Ok(pages) => pages,
        Err(what) => return take(Err(Damage::new(Place::File, what))),
    };
    if pages.count < pages.claimed {
        let what = format!("holds {} pages of {}", pages.count, pages.claimed);
        take(Err(Damage::new(Place::File, what)))?;
    }
    let mut root = None;
    pages.walk(1, &mut |found| {
        let (_, payload) = match found {
            Ok(found) => found,
            Err(damage) => return take(Err(damage)),
        };
        if root.is_none() {
            root = root_of(payload);
        }
        ControlFlow::Continue(())
    })?;
    let Some(root) = root else {
        return take(Err(Damage::new(Place::File, format!("has no table `{TABLE}`"))));
    };
    pages.walk(root, &mut |found| match found {
        Ok((place, payload)) => take(match column(payload, BLOB_COLUMN) {
            Some(Value::Blob(blob)) => Ok((place, blob)),
            _ => Err(Damage::new(place, "is no row with a header")),
        }),
        Err(damage) => take(Err(damage)),
    })
}

/// Returns the size of the pages that a database states.
pub(crate) fn page_bytes(body: &[u8]) -> Option<usize> {
    match Order::Big.u16(body, 16)? {
        1 => Some(65_536),
        bytes => Some(usize::from(bytes)),
    }
}

/// Returns the root page of our table from a row of the schema ("Storage Of The SQL Database Schema").
fn root_of(row: &[u8]) -> Option<u32> {
    let is = |index, text: &str| matches!(column(row, index), Some(Value::Text(name)) if name.eq_ignore_ascii_case(text.as_bytes()));
    match column(row, 3) {
        Some(Value::Integer(page)) if is(0, "table") && is(1, TABLE) => u32::try_from(page).ok(),
        _ => None,
    }
}

/// The pages of a file, each of which is met once.
struct Pages<'a> {
    body: &'a [u8],
    page_bytes: usize,
    usable_bytes: usize,
    /// Whole pages in the file, and those that it says it has.
    count: u32,
    claimed: u32,
    seen: Seen,
}

impl<'a> Pages<'a> {
    /// Reads the head of the file ("The Database Header").
    fn new(body: &'a [u8]) -> Result<Self, String> {
        if body.len() < FILE_HEAD_BYTES {
            return Err("ends in its first page".to_owned());
        }
        let number = |at| Order::Big.u32(body, at).unwrap_or(0);
        let page_bytes = page_bytes(body).unwrap_or(0);
        let usable_bytes = page_bytes.saturating_sub(usize::from(body[20]));
        if page_bytes < 512 || !page_bytes.is_power_of_two() || usable_bytes < 480 {
            return Err(format!("claims pages of {page_bytes} bytes"));
        }
        if !matches!(number(56), 0 | UTF_8) {
            return Err("is not written in UTF-8".to_owned());
        }
        let count = u32::try_from(body.len() / page_bytes).unwrap_or(u32::MAX);
        // Old versions of SQLite leave the number of pages as it was, which two counters tell.
        let claimed = if number(24) == number(92) { number(28) } else { 0 };
        let seen = Seen::new(count as usize + 1);
        Ok(Self { body, page_bytes, usable_bytes, count, claimed, seen })
    }

    /// Returns a page, and where its b-tree begins in it; pages are counted from 1.
    fn page(&self, number: u32) -> Option<(&'a [u8], usize)> {
        let start = (number.checked_sub(1)? as usize).checked_mul(self.page_bytes)?;
        let page = self.body.get(start..start + self.page_bytes)?;
        Some((page, if number == 1 { FILE_HEAD_BYTES } else { 0 }))
    }

    /// Walks the b-tree of a table and hands each record to `take`, in order ("B-tree Pages").
    fn walk(&mut self, root: u32, take: &mut Take<'_>) -> ControlFlow<()> {
        let mut open = vec![root];
        let mut record = Vec::new();
        while let Some(number) = open.pop() {
            let place = Place::Page(number);
            let Some((page, at)) = self.page(number) else {
                take(Err(Damage::new(place, "is led to and not there")))?;
                continue;
            };
            if !self.seen.is_first(number) {
                take(Err(Damage::new(place, "is led to a second time")))?;
                continue;
            }
            match page[at] {
                INTERIOR => match children(page, at) {
                    Some(children) => open.extend(children),
                    None => take(Err(Damage::new(place, "leads out of itself")))?,
                },
                LEAF => self.read_leaf((number, page, at), &mut record, take)?,
                kind => {
                    let what =
                        format!("is of kind {kind}, which the tree of a table does not have");
                    take(Err(Damage::new(place, what)))?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn read_leaf(
        &mut self,
        (number, page, at): (u32, &'a [u8], usize),
        record: &mut Vec<u8>,
        take: &mut Take<'_>,
    ) -> ControlFlow<()> {
        let count = usize::from(Order::Big.u16(page, at + 3).unwrap_or(0));
        for index in 0..count {
            let place = Place::Entry(number, index + 1);
            let cell = Order::Big.u16(page, at + 8 + 2 * index);
            let Some(cell) = cell.and_then(|cell| page.get(usize::from(cell)..self.usable_bytes))
            else {
                // The other pointers lie farther on yet.
                return take(Err(Damage::new(place, "does not lie in its page")));
            };
            take(self.payload(cell, place, record).map(|payload| (place, payload)))?;
        }
        ControlFlow::Continue(())
    }

    /// Returns the record of a cell, put together in `record` where it lies in several pages ("Cell
    /// Payload Overflow Pages").
    fn payload<'b>(
        &mut self,
        cell: &'a [u8],
        place: Place,
        record: &'b mut Vec<u8>,
    ) -> Result<&'b [u8], Damage>
    where
        'a: 'b,
    {
        let broken = |what: &str| Damage::new(place, what);
        let (bytes, rest) = varint(cell).ok_or_else(|| broken("ends in its first number"))?;
        let (_, rest) = varint(rest).ok_or_else(|| broken("ends in its number"))?;
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        if bytes > MAX_RECORD_BYTES {
            let what = format!("claims {bytes} bytes; at most {MAX_RECORD_BYTES} are read");
            return Err(Damage::limit(place, what));
        }
        let local = self.local_bytes(bytes);
        let head = rest.get(..local).ok_or_else(|| broken("does not lie in its page"))?;
        if local == bytes {
            return Ok(head);
        }
        record.clear();
        record.extend_from_slice(head);
        let mut next = Order::Big.u32(rest, local).unwrap_or(0);
        while record.len() < bytes {
            let Some((page, _)) = self.page(next) else {
                return Err(broken(&format!("leads to page {next}, which is not there")));
            };
            if !self.seen.is_first(next) {
                return Err(broken(&format!("leads to page {next}, which is taken")));
            }
            next = Order::Big.u32(page, 0).unwrap_or(0);
            let part = &page[4..self.usable_bytes];
            record.extend_from_slice(&part[..part.len().min(bytes - record.len())]);
        }
        Ok(record)
    }

    /// Returns how many bytes of a record of a leaf lie in the leaf itself ("B-tree Pages", X, M, K).
    fn local_bytes(&self, bytes: usize) -> usize {
        let usable = self.usable_bytes;
        let most = usable - 35;
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + bytes.saturating_sub(least) % (usable - 4);
        match bytes <= most {
            true => bytes,
            false if fitting <= most => fitting,
            false => least,
        }
    }
}

/// Returns the pages below an interior page, the last one first.
fn children(page: &[u8], at: usize) -> Option<Vec<u32>> {
    let count = usize::from(Order::Big.u16(page, at + 3)?);
    let mut children = vec![Order::Big.u32(page, at + 8)?];
    for index in (0..count).rev() {
        let cell = Order::Big.u16(page, at + 12 + 2 * index)?;
        children.push(Order::Big.u32(page, usize::from(cell))?);
    }
    Some(children)
}

/// A value of a record that is looked at.
enum Value<'a> {
    Integer(u64),
    Blob(&'a [u8]),
    Text(&'a [u8]),
    Other,
}

/// Returns a value of a record ("Record Format").
fn column(record: &[u8], wanted: usize) -> Option<Value<'_>> {
    let (head_bytes, _) = varint(record)?;
    let head_bytes = usize::try_from(head_bytes).ok()?;
    let mut values = record.get(head_bytes..)?;
    let (_, mut head) = varint(record.get(..head_bytes)?)?;
    for index in 0.. {
        let (kind, rest) = varint(head)?;
        head = rest;
        let bytes = match kind {
            0 | 8..=11 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            _ => (kind - 12) / 2,
        };
        let (value, rest) = values.split_at_checked(usize::try_from(bytes).ok()?)?;
        values = rest;
        if index == wanted {
            return Some(match kind {
                1..=6 => Value::Integer(
                    value.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
                ),
                9 => Value::Integer(1),
                12.. if kind % 2 == 0 => Value::Blob(value),
                12.. => Value::Text(value),
                _ => Value::Other,
            });
        }
    }
    None
}

/// Reads a number of one to nine bytes ("A variable-length integer").
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        if index == 8 {
            return Some((number << 8 | u64::from(*byte), &bytes[9..]));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}
