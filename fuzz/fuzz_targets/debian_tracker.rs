//! The Debian security tracker.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rows;
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let parse = plimsoll_feeds::debian::parse;
    let address = "https://security-tracker.debian.org/tracker/data/json";
    rows::check(
        parse,
        address,
        data,
        RowKind::Advisories,
        &["debian:11", "debian:12", "debian:14", "debian:sid"],
    );
});
