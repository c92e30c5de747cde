//! ZIP archives of OSV records: bytes that begin as one as they are, others as a recipe for one.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{rows, zip};
use plimsoll_vuln::RowKind;

const NAMES: &[&str] = &["GHSA-1.json", "a/ALSA-2.json", "README", "x.json"];

const RECORDS: &[&[u8]] = &[
    br#"{"id": "GHSA-1", "aliases": ["CVE-2021-1"], "affected": [{"package": {"ecosystem": "PyPI",
    "name": "A_b"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2"}]}]}]}"#,
    br#"{"id": "ALSA-2", "summary": "Low: virt:rhel security update", "related": ["CVE-2021-1",
    "CVE-2021-2"], "affected": [{"package": {"ecosystem": "AlmaLinux:9", "name": "a"}, "ranges": [
    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1-1.module_el9.1.0+1+a"}]}]}]}"#,
    br#"{"id": "UBUNTU-CVE-2021-1", "affected": [{"package": {"ecosystem": "Ubuntu:Pro:FIPS:18.04:LTS",
    "name": "a"}, "ecosystem_specific": {"binaries": [{}], "ubuntu_priority": "low"}}]}"#,
    br#"{"id": "X", "affected": [{"#,
    b"",
];

fuzz_target!(|data: &[u8]| {
    let made = match data {
        [b'P', b'K', ..] => data.to_vec(),
        _ => zip::documents(&mut Unstructured::new(data), NAMES, RECORDS).unwrap_or_default(),
    };
    let names = ["almalinux:9", "pypi", "ubuntu:18.04"];
    rows::check(plimsoll_feeds::osv::parse, "all.zip", &made, RowKind::Advisories, &names);
});
