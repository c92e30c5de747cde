//! Manifests of releases. What is read is written and read again the same, and every file that it
//! names lies in `shards/`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_vuln::Manifest;

fuzz_target!(|data: &[u8]| {
    let Ok(manifest) = Manifest::parse(data) else { return };
    for entry in &manifest.shards {
        let name = entry.file.strip_prefix("shards/").expect("a file in `shards/`");
        assert!(!name.contains(['/', '\\', '\0']) && !name.starts_with('.'), "{name}");
        assert_eq!(manifest.find(&entry.namespace), Some(entry));
    }
    assert_eq!(Manifest::parse(&manifest.to_bytes()), Ok(manifest));
});
