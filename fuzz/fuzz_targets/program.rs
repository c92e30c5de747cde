//! Programs and what they tell of themselves: ELF, PE and Mach-O files as they are, or one section of an ELF
//! file by its name. `kind rest`, where the first byte chooses.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{choose_version, readers, release_of, version_in_flags};
use plimsoll_model::{Distro, Readers};

const SECTIONS: [&[u8]; 4] = [b".go.buildinfo", b".dep-v0", b".note.package", b".rodata"];

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    if *kind == b'v' {
        return versions(&String::from_utf8_lossy(rest));
    }
    let body = match SECTIONS.get(usize::from(kind.wrapping_sub(b'0'))) {
        Some(name) => elf(name, rest),
        None => rest.to_vec(),
    };
    let readers = readers(false);
    let distro = Distro::new("debian", "12", "", "", "");
    for (_, taken) in readers.read("usr/bin/go", readers.wants().programs(), &body) {
        assert!(taken.packages.len() <= 60_000, "packages have a limit");
        for mut package in taken.packages {
            assert!(!package.name.is_empty());
            package.finish(Some(&distro), "");
            let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:");
            assert!(is_purl, "{}", package.purl);
        }
    }
});

fn versions(text: &str) {
    let found = version_in_flags(text);
    assert!(found.as_ref().is_none_or(|version| version.starts_with('v')), "{found:?}");
    let release = release_of(text);
    assert!(release.is_none_or(|release| release.contains('.')));
    let _ = choose_version(text, found, || None);
}

/// Makes a program of 64 bits with one section that may be written to.
fn elf(name: &[u8], section: &[u8]) -> Vec<u8> {
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    let names = 64 + section.len().next_multiple_of(16) as u64;
    let table = names + 64;
    let half = |value: u16, file: &mut Vec<u8>| file.extend_from_slice(&value.to_le_bytes());
    let word = |value: u64, file: &mut Vec<u8>| file.extend_from_slice(&value.to_le_bytes());
    half(2, &mut file);
    half(62, &mut file);
    file.extend_from_slice(&1u32.to_le_bytes());
    for value in [64, 0, table] {
        word(value, &mut file);
    }
    file.extend_from_slice(&[0; 4]);
    for value in [64, 56, 0, 64, 3, 2] {
        half(value, &mut file);
    }
    file.extend_from_slice(section);
    file.resize(names as usize, 0);
    file.push(0);
    file.extend_from_slice(name);
    file.resize(table as usize, 0);
    let size = section.len() as u64;
    for (name, kind, flags, at, size) in
        [(0u64, 0u64, 0u64, 0u64, 0u64), (1, 1, 3, 64, size), (0, 3, 0, names, 64)]
    {
        word(name | kind << 32, &mut file);
        for value in [flags, at, at, size, 0, 16, 0] {
            word(value, &mut file);
        }
    }
    file
}
