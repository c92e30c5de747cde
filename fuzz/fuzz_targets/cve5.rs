//! CVE records of schema 5.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::cve5::parse;
    let address = "https://example.org/CVE-2023-0286.json";
    rows::check(parse, address, data, RowKind::Details, &["cve:2023", "cve:2024"]);
});
