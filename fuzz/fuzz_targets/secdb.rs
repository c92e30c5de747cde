//! Alpine's secdb.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::alpine::ALPINE.parse;
    let address = "https://secdb.alpinelinux.org/v3.17/main.json";
    rows::check(parse, address, data, RowKind::Advisories, &["alpine:3.17"]);
});
