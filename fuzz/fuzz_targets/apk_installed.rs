//! The database of apk.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (packages, problems) = plimsoll_catalog::parse_installed(data);
    assert!(problems.len() <= 101, "problems have a limit");
    for package in packages {
        assert!(!package.name.is_empty() && !package.version.is_empty());
        assert!(package.source.is_some());
    }
});
