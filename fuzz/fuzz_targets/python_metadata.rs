//! The metadata of Python distributions: `path \n body`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{parse_metadata, readers};
use plimsoll_model::{Distro, Readers};

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (path, body) = (String::from_utf8_lossy(&data[..at]), &data[at..]);
    let body = body.get(1..).unwrap_or_default();
    assert!(parse_metadata(body).licenses.len() <= 21, "licences have a limit");
    let readers = readers(false);
    let path = format!("opt/{path}.egg-info");
    let rows = readers.wants().ask(&path, false);
    let distro = Distro::new("debian", "12", "", "", "");
    for (_, taken) in readers.read(&path, rows, body) {
        for mut package in taken.packages {
            assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
            package.finish(Some(&distro), "");
            let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:");
            assert!(is_purl, "{}", package.purl);
        }
    }
});
