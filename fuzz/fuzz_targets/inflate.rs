//! Compressed layers: bytes that begin as gzip or zstd as they are, others packed and then changed.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{patch, tar};
use plimsoll_source::fuzzing;

/// What is inflated of one input, so that a bomb does not take the time of all others.
const MOST_BYTES: u64 = 64 << 20;

fuzz_target!(|data: &[u8]| {
    if !fuzzing::is_plain(data) {
        let _ = fuzzing::inflate(data, MOST_BYTES);
        return;
    }
    let mut u = Unstructured::new(data);
    let (Ok(packing), Ok(patches)) = (u.arbitrary(), patch::patches(&mut u)) else { return };
    let content = u.take_rest();
    let mut packed = tar::pack(content, packing);
    let whole = fuzzing::inflate(&packed, MOST_BYTES);
    if fuzzing::is_plain(content) {
        assert_eq!(whole.ok(), Some(content.len() as u64), "{packing:?}");
    }
    patch::apply(&mut packed, &patches);
    let _ = fuzzing::inflate(&packed, MOST_BYTES);
});
