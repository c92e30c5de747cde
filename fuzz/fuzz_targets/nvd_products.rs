//! Products in pages of the NVD, schema 2.0.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::nvd::parse;
    for file in ["services.nvd.nist.gov/rest/json/cves/2.0", "nvd.nist.gov/a-modified.json"] {
        let address = format!("https://{file}");
        rows::check(parse, &address, data, RowKind::Advisories, &["nvd", "nvd:acme:tide"]);
    }
});
