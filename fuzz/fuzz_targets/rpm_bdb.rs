//! Hash tables of BerkeleyDB: bytes that have its number as they are, others as changes of a small one.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rpm;

fuzz_target!(|data: &[u8]| {
    let is_table = |magic: &&[u8]| **magic == [0, 6, 0x15, 0x61] || **magic == [0x61, 0x15, 6, 0];
    let body = match data.get(12..16).filter(is_table) {
        Some(_) => data.to_vec(),
        None => rpm::berkeley_db(&mut Unstructured::new(data)).unwrap_or_default(),
    };
    rpm::catalogued(&[&[("var/lib/rpm/Packages", &body)]]);
});
