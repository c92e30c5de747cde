//! Databases of RPM: small sound ones with a few changes, their sums put right, and what the catalogue
//! makes of them.

use std::fmt::Write as _;

use arbitrary::{Arbitrary, Result, Unstructured};
use plimsoll_catalog::{Catalogued, catalogue, readers};
use plimsoll_model::report::Layer;
use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing, Readers as _, Tree};

use crate::patch;

/// Where the tests have databases.
macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!("../../crates/catalog/tests/fixtures/rpm/", $path))
    };
}

const SQLITE: &[u8] = fixture!("moved/layers/1/usr/lib/sysimage/rpm/rpmdb.sqlite");
const LOGGED: &[u8] = fixture!("log/layers/0/usr/lib/sysimage/rpm/rpmdb.sqlite");
const LOG: &[u8] = fixture!("log/layers/2/usr/lib/sysimage/rpm/rpmdb.sqlite-wal");
const NDB: &[u8] = fixture!("ndb/tree/usr/lib/sysimage/rpm/Packages.db");
const BERKELEY_DB: &[u8] = fixture!("berkeleydb-big-endian/tree/var/lib/rpm/Packages");

const PAGE_BYTES: usize = 512;
const BLOCK_BYTES: usize = 16;

/// Catalogues an image whose layers have these files, and checks what has to hold of any.
pub fn catalogued(layers: &[&[(&str, &[u8])]]) -> Catalogued {
    let readers = readers(false);
    let mut tree = Tree::new();
    let mut all = Vec::new();
    for (index, files) in (0u32..).zip(layers) {
        let mut listing = LayerListing::default();
        for (path, body) in *files {
            let rows = readers.wants().ask(path, false);
            assert_ne!(rows, 0, "{path} is wanted");
            let yields = Vec::new();
            let content = listing.keep(Content { body: Some((*body).into()), yields, rows });
            let kind = EntryKind::File;
            let _ = listing.push(&Entry { path, kind, executable: false, content: Some(content) });
        }
        tree.apply(index, listing);
        all.push(Layer { index, diff_id: format!("sha256:{index:064}"), ..Layer::default() });
    }
    let found = catalogue(&tree, &plimsoll_catalog::readers(false), &all, true);
    for package in &found.packages {
        assert!(!package.name.is_empty() && !package.version.is_empty(), "{package:?}");
        assert!(!package.evidence.is_empty() && package.layer.is_some(), "{package:?}");
        assert_ne!(package.name, "gpg-pubkey");
    }
    let files: usize = layers.iter().map(|files| files.len()).sum();
    // A list of 100 that says it goes on, once for the packages and once for their files.
    assert!(found.problems.len() <= 2 * 101 * files + 1, "{}", found.problems.len());
    found
}

/// Takes a database of SQLite, and a log for it or nothing.
pub fn sqlite(u: &mut Unstructured<'_>) -> Result<(Vec<u8>, Vec<u8>)> {
    let (database, log) = if u.arbitrary()? { (SQLITE, &b""[..]) } else { (LOGGED, LOG) };
    Ok((changed(database, u)?, summed_log(changed(log, u)?)))
}

/// Takes a table of BerkeleyDB.
pub fn berkeley_db(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    changed(BERKELEY_DB, u)
}

/// Takes a database of NDB whose checksums are right.
pub fn ndb(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut body = changed(NDB, u)?;
    for slot in (32..body.len().min(4096) - body.len().min(4096) % BLOCK_BYTES).step_by(BLOCK_BYTES)
    {
        let number = |at: usize| {
            body.get(at..at + 4)
                .map_or(0, |word| u32::from_le_bytes(word.try_into().unwrap_or_default()))
        };
        let start = (number(slot + 8) as usize).saturating_mul(BLOCK_BYTES);
        let end = start.saturating_add((number(slot + 12) as usize).saturating_mul(BLOCK_BYTES));
        if start > 0 && end <= body.len() && end - start >= 28 {
            let sum = adler32(&body[start..end - 12]);
            body[end - 12..end - 8].copy_from_slice(&sum.to_le_bytes());
        }
    }
    Ok(body)
}

/// Makes a database of NDB that holds one header.
pub fn around(header: &[u8]) -> Vec<u8> {
    let blocks = (16 + header.len() + 12).div_ceil(BLOCK_BYTES);
    let mut body = b"RpmP\0\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0".to_vec();
    body.resize(32, 0);
    for number in 0..254u32 {
        let (start, count) = if number == 0 { (256, blocks as u32) } else { (0, 0) };
        body.extend_from_slice(b"Slot");
        for word in [number + 1, start, count] {
            body.extend_from_slice(&word.to_le_bytes());
        }
    }
    let start = body.len();
    body.extend_from_slice(b"BlbS\x01\0\0\0\x01\0\0\0");
    body.extend_from_slice(&(header.len() as u32).to_le_bytes());
    body.extend_from_slice(header);
    body.resize(start + blocks * BLOCK_BYTES - 12, 0);
    let sum = adler32(&body[start..]);
    body.extend_from_slice(&sum.to_le_bytes());
    body.extend_from_slice(&(header.len() as u32).to_le_bytes());
    body.extend_from_slice(b"BlbE");
    body
}

#[derive(Arbitrary, Debug)]
enum Value {
    Text(u8, String),
    Texts(Vec<String>),
    Numbers(Vec<u32>),
    Raw(u32, u32, u32),
}

/// Takes a header of tags that are read, with values of any kind.
pub fn header(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const TAGS: [u32; 14] =
        [1000, 1001, 1002, 1003, 1011, 1014, 1022, 1044, 1116, 1117, 1118, 5096, 63, 1005];
    let (mut index, mut data) = (Vec::new(), Vec::new());
    let count = u.int_in_range(0..=16)?;
    for number in 0..count {
        // Mostly the tags in their order, so that there is a name.
        let tag = if u.ratio(1, 8)? { *u.choose(&TAGS)? } else { TAGS[number % TAGS.len()] };
        let mut offset = data.len() as u32;
        let (kind, items) = match u.arbitrary()? {
            Value::Text(kind, text) => {
                let _ = write!(&mut Text(&mut data), "{text}\0");
                ([6, 8, 9][usize::from(kind % 3)], 1)
            }
            Value::Texts(texts) => {
                for text in &texts {
                    let _ = write!(&mut Text(&mut data), "{text}\0");
                }
                (8, texts.len() as u32)
            }
            Value::Numbers(numbers) => {
                numbers.iter().for_each(|number| data.extend_from_slice(&number.to_be_bytes()));
                (4, numbers.len() as u32)
            }
            Value::Raw(kind, at, items) => {
                offset = at;
                (kind % 12, items)
            }
        };
        for word in [tag, kind, offset, items] {
            index.extend_from_slice(&word.to_be_bytes());
        }
    }
    let mut blob = (count as u32).to_be_bytes().to_vec();
    blob.extend_from_slice(&(data.len() as u32).to_be_bytes());
    blob.extend_from_slice(&index);
    blob.extend_from_slice(&data);
    patch::apply(&mut blob, &patch::patches(u)?);
    Ok(blob)
}

struct Text<'a>(&'a mut Vec<u8>);

impl std::fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Makes changes within pages, which then stay where they are, and sometimes any.
fn changed(body: &[u8], u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut body = body.to_vec();
    for _ in 0..u.int_in_range(0..=8)? {
        if body.is_empty() {
            break;
        }
        let at = u.int_in_range(0..=body.len() - 1)?;
        // Heads of pages are where the structure is.
        let at =
            if u.arbitrary()? { at - at % PAGE_BYTES + at % 40 } else { at }.min(body.len() - 1);
        let end = (at + u.int_in_range(1..=4usize)?).min(body.len());
        for byte in &mut body[at..end] {
            *byte = if u.arbitrary()? { u.int_in_range(0..=16)? } else { u.arbitrary()? };
        }
    }
    if u.ratio(1, 4)? {
        patch::apply(&mut body, &patch::patches(u)?);
    }
    Ok(body)
}

/// Puts the checksums of a write-ahead log right.
fn summed_log(mut log: Vec<u8>) -> Vec<u8> {
    if log.len() < 32 {
        return log;
    }
    let is_big = log[3] & 1 == 1;
    let salts: [u8; 8] = log[16..24].try_into().unwrap_or_default();
    let mut sums = add(is_big, [0; 2], &log[..24]);
    put(&mut log[24..32], sums);
    let (_, frames) = log.split_at_mut(32);
    for frame in frames.chunks_exact_mut(24 + PAGE_BYTES) {
        frame[8..16].copy_from_slice(&salts);
        sums = add(is_big, add(is_big, sums, &frame[..8]), &frame[24..]);
        put(&mut frame[16..24], sums);
    }
    log
}

fn put(place: &mut [u8], sums: [u32; 2]) {
    place[..4].copy_from_slice(&sums[0].to_be_bytes());
    place[4..].copy_from_slice(&sums[1].to_be_bytes());
}

fn add(is_big: bool, [mut first, mut second]: [u32; 2], bytes: &[u8]) -> [u32; 2] {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let word = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
            if is_big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) }
        };
        first = first.wrapping_add(word(0)).wrapping_add(second);
        second = second.wrapping_add(word(4)).wrapping_add(first);
    }
    [first, second]
}

fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1u32, 0u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    high << 16 | low
}
