//! Entries of the layer cache: the content is the fuzzer's, its frame is right, or else all of it is
//! the fuzzer's. What is read is written and read again the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::Scratch;
use plimsoll_model::Tree;
use plimsoll_source::fuzzing;
use xxhash_rust::xxh3::xxh3_64;

const HEX: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
const MAGIC: &[u8; 8] = b"plsmlay2";

fuzz_target!(|data: &[u8]| {
    let entry = if data.starts_with(MAGIC) {
        data.to_vec()
    } else {
        let packed = zstd::bulk::compress(data, 1).unwrap_or_default();
        let (hash, length) = (xxh3_64(data).to_le_bytes(), (data.len() as u64).to_le_bytes());
        [&MAGIC[..], &hash, &length, &packed].concat()
    };
    let scratch = Scratch::get();
    scratch.write(&format!("layer-{HEX}-{:016x}", 7), &entry);
    let digest = format!("sha256:{HEX}");
    let Some(listing) = fuzzing::recall(scratch.path(), 7, &digest) else { return };
    listing.for_each(|entry| {
        let _ = entry.content.and_then(|index| listing.content(index));
    });
    fuzzing::keep(scratch.path(), 8, &digest, &listing);
    let again = fuzzing::recall(scratch.path(), 8, &digest);
    assert_eq!(again.as_ref(), Some(&listing));
    let mut tree = Tree::new();
    tree.apply(0, listing);
    let _ = plimsoll_catalog::catalogue(&tree, &[], true);
});
