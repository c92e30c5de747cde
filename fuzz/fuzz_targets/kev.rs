//! CISA's catalogue of exploited vulnerabilities.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::kev::parse;
    let address = "https://www.cisa.gov/kev.json";
    rows::check(parse, address, data, RowKind::Kev, &["kev"]);
});
