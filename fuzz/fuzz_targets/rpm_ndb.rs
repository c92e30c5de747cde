//! Databases of NDB: bytes that begin as one as they are, others as changes of a small one that has its
//! sums.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rpm;

fuzz_target!(|data: &[u8]| {
    let body = match data {
        [b'R', b'p', ..] => data.to_vec(),
        _ => rpm::ndb(&mut Unstructured::new(data)).unwrap_or_default(),
    };
    rpm::catalogued(&[&[("var/lib/rpm/Packages.db", &body)]]);
});
