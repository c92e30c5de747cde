//! Pages of the NVD, schema 2.0.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::cve::parse;
    let address = "https://services.nvd.nist.gov/rest/json/cves/2.0";
    rows::check(parse, address, data, RowKind::Details, &["cve:2023", "cve:2024"]);
});
