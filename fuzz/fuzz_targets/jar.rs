//! Java archives: bytes that begin as a ZIP file as they are, others as a recipe for one; and lines of a list
//! of known digests.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::zip;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Some((_, coordinates)) = plimsoll_feeds::parse_known_jar(text)
    {
        assert_eq!(coordinates.split(':').count(), 3, "{coordinates}");
    }
    let made = match data {
        [b'P', b'K', ..] => data.to_vec(),
        _ => zip::archive(&mut Unstructured::new(data), 3).unwrap_or_default(),
    };
    let found = plimsoll_catalog::read_jar("shop-1.4.jar", &made);
    for mut package in found.packages {
        assert!(!package.name.is_empty(), "{package:?}");
        assert!(!package.evidence.is_empty(), "{package:?}");
        assert!(!package.version.is_empty() || package.confidence.is_some(), "{package:?}");
        package.finish(None, "");
    }
    for artifact in found.artifacts {
        assert_eq!(artifact.digest.len(), "sha1:".len() + 40);
    }
    for problem in found.problems {
        assert!(!problem.detail.is_empty());
    }
});
