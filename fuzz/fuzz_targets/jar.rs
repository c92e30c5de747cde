//! Java archives: bytes that begin as a ZIP file as they are, others as a recipe for one.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::zip;

fuzz_target!(|data: &[u8]| {
    let made = match data {
        [b'P', b'K', ..] => data.to_vec(),
        _ => zip::archive(&mut Unstructured::new(data), 3).unwrap_or_default(),
    };
    let found = plimsoll_catalog::read_jar("shop-1.4.jar", &made);
    for mut package in found.packages {
        assert!(!package.name.is_empty(), "{package:?}");
        assert!(!package.evidence.is_empty(), "{package:?}");
        package.finish(None, "");
    }
    for problem in found.problems {
        assert!(!problem.detail.is_empty());
    }
});
