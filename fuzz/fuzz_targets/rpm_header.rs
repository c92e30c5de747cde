//! Headers of RPM: bytes that begin as one as they are, others as a recipe for one; with their files.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::rpm;

fuzz_target!(|data: &[u8]| {
    let header = match data {
        [0, 0, ..] => data.to_vec(),
        _ => rpm::header(&mut Unstructured::new(data)).unwrap_or_default(),
    };
    let body = rpm::around(&header);
    let found = rpm::catalogued(&[&[("usr/lib/sysimage/rpm/Packages.db", &body)]]);
    assert!(found.packages.len() <= 1);
    let told = found.problems.iter().any(|problem| problem.gap.is_some());
    let is_key = header.windows(10).any(|bytes| bytes == b"gpg-pubkey");
    assert!(!found.packages.is_empty() || told || is_key, "a header is listed or told");
});
