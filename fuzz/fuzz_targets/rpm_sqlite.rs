//! Databases of SQLite with a log or without: bytes that begin as one as they are, others as changes of a
//! small one whose log has its sums.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rpm;

const DATABASE: &str = "usr/lib/sysimage/rpm/rpmdb.sqlite";
const LOG: &str = "usr/lib/sysimage/rpm/rpmdb.sqlite-wal";

fuzz_target!(|data: &[u8]| {
    let (database, log) = match data {
        [b'S', b'Q', ..] => (data.to_vec(), Vec::new()),
        _ => rpm::sqlite(&mut Unstructured::new(data)).unwrap_or_default(),
    };
    rpm::catalogued(&[&[(DATABASE, &database)], &[(LOG, &log)]]);
});
