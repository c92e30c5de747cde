//! Entries of the layer cache: bytes that begin as one as they are; others are a recipe for a layer,
//! whose entry is changed inside a frame that is right. What is read is written and read again the
//! same.

#![no_main]

use std::fs;
use std::sync::OnceLock;

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{CatalogReaders, catalogue, readers};
use plimsoll_fuzz::{Scratch, patch, tar};
use plimsoll_model::Tree;
use plimsoll_source::fuzzing;
use xxhash_rust::xxh3::xxh3_64;

const HEX: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
/// The magic, the hash of the content, its length.
const HEAD_BYTES: usize = 24;
const MAGIC_BYTES: usize = 8;

fuzz_target!(|data: &[u8]| {
    let scratch = Scratch::get();
    let digest = format!("sha256:{HEX}");
    let entry =
        if data.starts_with(b"plsmlay") { Some(data.to_vec()) } else { made(data, &digest) };
    let Some(entry) = entry else { return };
    scratch.write(&name(7), &entry);
    let Some(listing) = fuzzing::recall(scratch.path(), 7, &digest) else { return };
    fuzzing::keep(scratch.path(), 8, &digest, &listing);
    let again = fuzzing::recall(scratch.path(), 8, &digest);
    assert_eq!(again.as_ref(), Some(&listing));
    let mut tree = Tree::new();
    tree.apply(0, listing);
    let _ = catalogue(&tree, &plimsoll_catalog::readers(false), &[], true);
});

fn name(fingerprint: u64) -> String {
    format!("layer-{HEX}-{fingerprint:016x}")
}

/// Keeps what a made layer yields, changes the content of the entry and puts its frame right.
fn made(data: &[u8], digest: &str) -> Option<Vec<u8>> {
    static READERS: OnceLock<CatalogReaders> = OnceLock::new();
    let readers = READERS.get_or_init(|| readers(false));
    let mut u = Unstructured::new(data);
    let patches = patch::patches(&mut u).ok()?;
    let layer = tar::archive(&mut u).ok()?;
    let listing = fuzzing::sift_stream(&layer, readers, 40).ok()?;
    let scratch = Scratch::get();
    fuzzing::keep(scratch.path(), 9, digest, &listing);
    let entry = fs::read(scratch.path().join(name(9))).ok()?;
    let (head, packed) = entry.split_at_checked(HEAD_BYTES)?;
    let length = u64::from_le_bytes(head[16..].try_into().ok()?);
    let mut content = zstd::bulk::decompress(packed, usize::try_from(length).ok()?).ok()?;
    patch::apply(&mut content, &patches);
    let (hash, length) = (xxh3_64(&content).to_le_bytes(), (content.len() as u64).to_le_bytes());
    let packed = zstd::bulk::compress(&content, 1).ok()?;
    Some([&head[..MAGIC_BYTES], &hash, &length, &packed].concat())
}
