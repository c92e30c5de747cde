//! Python distributions: the first byte tells what of, then `path \n body`; ZIP files are made of the body
//! where it is none.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{parse_metadata, read_python_archive, readers};
use plimsoll_fuzz::zip;
use plimsoll_model::{Distro, FileYield, Readers};

/// How paths end that the cataloguers want.
const ENDS: &[&str] = &[
    ".egg-info",
    ".dist-info/METADATA",
    ".egg/EGG-INFO/PKG-INFO",
    "/_vendor/vendor.txt",
    "/conda-meta/a-1-0.json",
    ".whl",
    ".egg",
];
const NAMES: &[&str] = &[
    "a-1.0.dist-info/METADATA",
    "a/_vendor/b-2.0.dist-info/METADATA",
    "a/_vendor/vendor.txt",
    "EGG-INFO/PKG-INFO",
];
const BODIES: &[&[u8]] =
    &[b"Name: a\nVersion: 1.0\nLicense: MIT\n", b"six==1.16.0\nidna[x]==3 # y\n", b""];

fuzz_target!(|data: &[u8]| {
    let Some((kind, data)) = data.split_first() else { return };
    let at = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let body = data.get(at + 1..).unwrap_or_default();
    assert!(parse_metadata(body).licenses.len() <= 21, "licences have a limit");
    let end = ENDS[*kind as usize % ENDS.len()];
    let path = format!("opt/{}{end}", String::from_utf8_lossy(&data[..at]));
    if matches!(end, ".whl" | ".egg") && !body.starts_with(b"PK") {
        let made = zip::documents(&mut Unstructured::new(body), NAMES, BODIES).unwrap_or_default();
        check(read_python_archive(&path, &made));
        return;
    }
    let readers = readers(false);
    let rows = readers.wants().ask(&path, false);
    for (_, taken) in readers.read(&path, rows, body) {
        check(taken);
    }
});

fn check(found: FileYield) {
    let distro = Distro::new("debian", "12", "", "", "");
    for mut package in found.packages {
        assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
        package.finish(Some(&distro), "");
        let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:");
        assert!(is_purl, "{}", package.purl);
    }
    for problem in found.problems {
        assert!(!problem.detail.is_empty());
    }
}
