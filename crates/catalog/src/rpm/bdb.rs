//! BerkeleyDB, a hash table: `Packages` of RPM before 4.16.
//!
//! Page 0 describes the table; pages of the hash hold keys and values by turns, and a long value lies in
//! a chain of pages of its own. The numbers are in the order of the machine that wrote them. See
//! `src/dbinc/db_page.h` of BerkeleyDB 5.3.

use std::ops::ControlFlow;

use super::record::{Damage, MAX_HEADER_BYTES, Order, Place, Seen, Take};

/// Where the magic number stands.
const MAGIC_AT: usize = 12;
const HASH_MAGIC: u32 = 0x0006_1561;
const BTREE_MAGIC: u32 = 0x0005_3162;
const HASH_META: u8 = 8;

const PAGE_HEAD_BYTES: usize = 26;
const INVALID: u8 = 0;
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;

const KEY_DATA: u8 = 1;
const OFF_PAGE: u8 = 3;

/// Returns in which order the numbers of a BerkeleyDB file are; `None` where it is none.
pub(crate) fn order(body: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| matches!(order.u32(body, MAGIC_AT), Some(HASH_MAGIC | BTREE_MAGIC)))
}

/// Hands the headers of a table to `take`, in the order of its pages.
pub(crate) fn headers(body: &[u8], order: Order, take: &mut Take<'_>) -> ControlFlow<()> {
    let table = match Table::new(body, order) {
        Ok(table) => table,
        Err(what) => return take(Err(Damage::new(Place::File, what))),
    };
    if table.pages < table.claimed_pages {
        let what = format!("holds {} pages of {}", table.pages, table.claimed_pages);
        take(Err(Damage::new(Place::File, what)))?;
    }
    let mut seen = Seen::new(table.pages as usize);
    let mut value = Vec::new();
    for number in 1..table.pages {
        let Some(page) = table.page(number) else { break };
        match page[25] {
            HASH | HASH_UNSORTED => table.read_page(number, &mut seen, &mut value, take)?,
            // Pages that are free, or kept for what comes, and those of long values.
            INVALID | OVERFLOW => {}
            kind => {
                let what = format!("is of kind {kind}, which a hash table does not have");
                take(Err(Damage::new(Place::Page(number), what)))?;
            }
        }
    }
    ControlFlow::Continue(())
}

struct Table<'a> {
    body: &'a [u8],
    order: Order,
    page_bytes: usize,
    /// Whole pages in the file, and those that it says it has.
    pages: u32,
    claimed_pages: u32,
}

impl<'a> Table<'a> {
    fn new(body: &'a [u8], order: Order) -> Result<Self, String> {
        let number = |at| order.u32(body, at).ok_or("ends in its first page");
        if number(MAGIC_AT)? == BTREE_MAGIC || body.get(25) != Some(&HASH_META) {
            return Err("is a BerkeleyDB file and no hash table".to_owned());
        }
        let page_bytes = number(20)? as usize;
        if !(512..=65_536).contains(&page_bytes) || !page_bytes.is_power_of_two() {
            return Err(format!("claims pages of {page_bytes} bytes"));
        }
        if body[24] != 0 {
            return Err("is encrypted".to_owned());
        }
        let pages = u32::try_from(body.len() / page_bytes).unwrap_or(u32::MAX);
        let claimed_pages = number(32)?.saturating_add(1);
        Ok(Self { body, order, page_bytes, pages, claimed_pages })
    }

    /// Returns a page; none has fewer bytes than its head.
    fn page(&self, number: u32) -> Option<&'a [u8]> {
        let start = number as usize * self.page_bytes;
        self.body.get(start..start + self.page_bytes)
    }

    fn read_page(
        &self,
        number: u32,
        seen: &mut Seen,
        value: &mut Vec<u8>,
        take: &mut Take<'_>,
    ) -> ControlFlow<()> {
        let Some(page) = self.page(number) else { return ControlFlow::Continue(()) };
        if self.order.u32(page, 8) != Some(number) {
            let what = "has the number of another page";
            return take(Err(Damage::new(Place::Page(number), what)));
        }
        let count = usize::from(self.order.u16(page, 20).unwrap_or(0));
        if !count.is_multiple_of(2) || PAGE_HEAD_BYTES + 2 * count > page.len() {
            let what = format!("claims {count} keys and values");
            return take(Err(Damage::new(Place::Page(number), what)));
        }
        for index in (0..count).step_by(2) {
            let place = Place::Entry(number, index / 2 + 1);
            let Some((key, data)) = self.item(page, index).zip(self.item(page, index + 1)) else {
                take(Err(Damage::new(place, "does not lie in its page")))?;
                continue;
            };
            // Under the key 0 stands the number of the last package, not a package.
            if key.first() == Some(&KEY_DATA) && key[1..].iter().all(|byte| *byte == 0) {
                continue;
            }
            let found = match data.first() {
                Some(&KEY_DATA) => Ok(&data[1..]),
                Some(&OFF_PAGE) => self.long_value((place, data), seen, value).map(|()| &value[..]),
                _ => Err(Damage::new(place, "is neither a value nor leads to one")),
            };
            take(found.map(|blob| (place, blob)))?;
        }
        ControlFlow::Continue(())
    }

    /// Returns an item of a page: it ends where the one before begins, the first at the end of the page.
    fn item(&self, page: &'a [u8], index: usize) -> Option<&'a [u8]> {
        let start_of = |index| self.order.u16(page, PAGE_HEAD_BYTES + 2 * index).map(usize::from);
        let end = if index == 0 { page.len() } else { start_of(index - 1)? };
        page.get(start_of(index)?..end)
    }

    /// Reads the chain of pages that an item leads to into `value`.
    fn long_value(
        &self,
        (place, item): (Place, &[u8]),
        seen: &mut Seen,
        value: &mut Vec<u8>,
    ) -> Result<(), Damage> {
        value.clear();
        let broken = |what: String| Damage::new(place, what);
        let Some((mut next, whole)) = self.order.u32(item, 4).zip(self.order.u32(item, 8)) else {
            return Err(broken("is too short to lead to a value".to_owned()));
        };
        let whole = whole as usize;
        if whole > MAX_HEADER_BYTES {
            let what = format!("claims {whole} bytes; at most {MAX_HEADER_BYTES} are read");
            return Err(Damage::limit(place, what));
        }
        while next != 0 {
            let Some((bytes, after)) = self.part(next) else {
                let what = format!("leads to page {next}, which holds no part of a value");
                return Err(broken(what));
            };
            if !seen.is_first(next) {
                return Err(broken(format!("leads to page {next}, which is taken")));
            }
            next = after;
            value.extend_from_slice(bytes);
        }
        if value.len() == whole {
            return Ok(());
        }
        Err(broken(format!("claims {whole} bytes and leads to {}", value.len())))
    }

    /// Returns what a page holds of a long value, and the page with what follows, 0 for none.
    fn part(&self, number: u32) -> Option<(&'a [u8], u32)> {
        let page = self.page(number)?;
        if page[25] != OVERFLOW || self.order.u32(page, 8) != Some(number) {
            return None;
        }
        let bytes = usize::from(self.order.u16(page, 22)?);
        let part = page.get(PAGE_HEAD_BYTES..PAGE_HEAD_BYTES + bytes)?;
        Some((part, self.order.u32(page, 16)?))
    }
}
