//! Manifests of Node modules and archives of them: the first byte tells which, then `path \n body`; ZIP
//! files are made of what follows where it is none.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{read_node_archive, read_package_json};
use plimsoll_fuzz::zip;
use plimsoll_model::FileYield;

const NAMES: &[&str] = &[
    "node_modules/a/package.json",
    "node_modules/@s/a/lib/package.json",
    "node_modules/a/node_modules/b/package.json",
    "package.json",
];
const BODIES: &[&[u8]] = &[
    br#"{"name": "a", "version": "1.0.0", "license": "MIT"}"#,
    br#"{"name": "@s/a", "version": 1, "licenses": [{"type": "MIT"}, "ISC"]}"#,
    b"{",
];

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let found = match kind % 3 {
        0 => {
            let at = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
            let path = format!("srv/{}/package.json", String::from_utf8_lossy(&data[..at]));
            read_package_json(&path, data.get(at + 1..).unwrap_or_default())
        }
        1 => read_node_archive("opt/app.asar", &asar(data)),
        _ => read_node_archive(".yarn/cache/a-npm-1.0.0-aa-bb.zip", &packed(data)),
    };
    check(found);
});

/// Bytes that begin as an asar as they are, others as its header: a text, a NUL, the files.
fn asar(data: &[u8]) -> Vec<u8> {
    if data.starts_with(&[4, 0, 0, 0]) {
        return data.to_vec();
    }
    let end = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let mut made = Vec::new();
    for number in [4, end + 8, end + 4, end] {
        made.extend_from_slice(&(number as u32).to_le_bytes());
    }
    made.extend_from_slice(data);
    made
}

fn packed(data: &[u8]) -> Vec<u8> {
    match data {
        [b'P', b'K', ..] => data.to_vec(),
        _ => zip::documents(&mut Unstructured::new(data), NAMES, BODIES).unwrap_or_default(),
    }
}

fn check(found: FileYield) {
    for mut package in found.packages {
        assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
        assert!(package.licenses.len() <= 20, "licences have a limit");
        assert_eq!(package.evidence.len(), 1, "{package:?}");
        package.finish(None, "");
        let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:npm/");
        assert!(is_purl, "{}", package.purl);
    }
    for problem in found.problems {
        assert!(!problem.detail.is_empty() && problem.gap.is_some());
    }
}
