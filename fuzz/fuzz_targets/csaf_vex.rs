//! Red Hat's CSAF VEX documents, and the lists and repositories that lie beside them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_feeds::redhat::{REDHAT, REDHAT_CPE};
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

const BASE: &str = "https://security.access.redhat.com/data";
const RELEASES: &[&str] = &["redhat:10", "redhat:7", "redhat:8", "redhat:9"];

fuzz_target!(|data: &[u8]| {
    let document = |file: &str| {
        let address = format!("{BASE}/csaf/v2/vex/{file}");
        rows::check(REDHAT.parse, &address, data, RowKind::Advisories, RELEASES);
    };
    if data.first() == Some(&b'{') {
        document("2024/cve-2024-0001.json");
        let address = format!("{BASE}/metrics/repository-to-cpe.json");
        rows::check(REDHAT.parse, &address, data, RowKind::Advisories, RELEASES);
        rows::check(REDHAT_CPE.parse, &address, data, RowKind::Other, &["redhat-cpe"]);
        return;
    }
    for list in ["archive_latest.txt", "deletions.csv", "changes.csv#since=2026-01-02"] {
        document(list);
    }
});
