//! Programs and runtimes that no package manager knows: `path \n body`, the body with or without the first
//! bytes of an ELF file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{CATALOGUERS, parse_jvm_release, readers};
use plimsoll_model::Readers;

fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (path, body) = (String::from_utf8_lossy(&data[..at]), &data[at..]);
    let body = body.get(1..).unwrap_or_default();
    let program = [b"\x7fELF".as_slice(), body].concat();
    if let Some(release) = parse_jvm_release(body) {
        assert!(release.version().is_none_or(|version| !version.is_empty()));
    }
    let readers = readers(false);
    for (name, body) in [("program", program.as_slice()), ("runtime", body)] {
        let Some(row) = CATALOGUERS.iter().position(|row| row.name == name) else { continue };
        for (_, taken) in readers.read(&path, 1 << row, body) {
            for mut package in taken.packages {
                assert!(!package.name.is_empty() && !package.version.is_empty());
                assert!(!package.evidence.is_empty());
                assert!(package.cpes.iter().all(|name| is_cpe(name)), "{:?}", package.cpes);
                package.finish(None, "");
            }
        }
    }
});

/// Returns whether a name has the thirteen fields of CPE 2.3, and no blank or control letter.
fn is_cpe(name: &str) -> bool {
    let fields = name.replace("\\:", "").matches(':').count();
    name.starts_with("cpe:2.3:a:") && fields == 12 && name.bytes().all(|byte| byte.is_ascii_graphic())
}
