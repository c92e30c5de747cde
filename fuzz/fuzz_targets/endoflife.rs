//! Ends of life.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::eol::parse;
    let address = "https://endoflife.date/api/v1/products/full";
    rows::check(parse, address, data, RowKind::Eol, &["eol"]);
});
