//! OSV records, one or a list.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_model::Scheme;
use plimsoll_vuln::osv::{self, Publisher};

fuzz_target!(|data: &[u8]| {
    let records = osv::parse(data).map(|record| vec![record]);
    let Ok(records) = records.or_else(|_| osv::parse_list(data)) else { return };
    for record in &records {
        let converted = osv::convert(record, Publisher { title: "OSV", rater: "osv" });
        assert!(!converted.withdrawn || converted.rows.is_empty());
        for row in converted.rows {
            for scheme in [Scheme::Semver, Scheme::Pypi, Scheme::Deb, Scheme::Maven] {
                let _ = row.advisory.affected.hit(scheme, "1.2.3");
            }
        }
    }
});
