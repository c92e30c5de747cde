//! Tests of programs as a whole: damaged ones, those for several machines, and the files of the fixtures.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::made::{Elf, build_info};
use super::*;

fn read_bytes(path: &str, body: &[u8]) -> FileYield {
    read(&FileInput { path, body })
}

const LIST: &str = "path\texample.org/tool\nmod\texample.org/tool\tv1.2.3\th1:x=\n\
    dep\texample.org/a\tv0.3.0\th1:x=\nbuild\tGOARCH=amd64\nbuild\tGOOS=linux\n";

fn go() -> Elf {
    Elf::program().with(".go.buildinfo", &build_info("go1.22.3", LIST))
}

#[test]
fn a_program_that_is_named_is_no_artifact() {
    let found = read_bytes("a", &go().bytes());
    assert_eq!((found.packages.len(), found.artifacts.len()), (3, 0));
    let hint = b"/registry/src/x/memchr-2.7.4/src/lib.rs";
    let found = read_bytes("a", &Elf::program().with(".rodata", hint).bytes());
    assert_eq!((found.packages.len(), found.artifacts.len()), (1, 1), "a hint names no program");
    assert_eq!(read_bytes("a", b"#!/bin/sh"), FileYield::default());
    assert_eq!(read_bytes("a", b"MZ are two letters"), FileYield::default());
}

#[test]
fn a_program_whose_tables_cannot_be_read_is_told() {
    for (at, value) in [(40, 0xff), (58, 0xff), (60, 0xff), (62, 0xff)] {
        let mut bytes = go().bytes();
        bytes[at..at + 2].fill(value);
        let found = read_bytes("a", &bytes);
        let is_whole = found.packages.len() == 3;
        assert!(is_whole || found.problems[0].gap == Some(GapKind::Unidentified), "{at}");
    }
    let found = read_bytes("a", b"\x7fELF\x02\x01\x01\0");
    assert_eq!((found.problems.len(), found.artifacts.len()), (1, 0));
}

#[test]
fn all_machines_of_one_file_are_looked_at() {
    let (one, two) = (go().bytes(), Elf::program().bytes());
    let mut fat = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 3];
    let start = 128u32;
    for (at, size) in
        [(start, one.len() as u32), (start + one.len() as u32, two.len() as u32), (start, u32::MAX)]
    {
        for word in [7, 3, at, size, 0] {
            fat.extend_from_slice(&u32::to_be_bytes(word));
        }
    }
    fat.resize(start as usize, 0);
    fat.extend_from_slice(&one);
    fat.extend_from_slice(&two);
    assert_eq!(Image::open_all("a", &fat).len(), 2);
    assert_eq!(read_bytes("a", &fat).packages.len(), 3);
    fat[4..8].fill(0xff);
    assert_eq!(read_bytes("a", &fat), FileYield::default());
}

proptest! {
    #[test]
    fn any_damage_is_read(place in 0usize..2000, bytes in proptest::collection::vec(any::<u8>(), 1..16)) {
        let mut file = go().with_symbols(&[("main.version.str", 1, 5), ("sbom", 2, 3)]).bytes();
        let end = (place + bytes.len()).min(file.len());
        if let Some(part) = file.get_mut(place..end) {
            part.copy_from_slice(&bytes[..part.len()]);
        }
        let _ = read_bytes("a", &file);
        let _ = read_bytes("a", &file[..place.min(file.len())]);
    }
}

/// The programs of the fixtures, by case and path: `UPDATE=1` writes them anew.
#[test]
fn the_fixtures_hold_what_is_made() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/program");
    let replaced =
        format!("{LIST}dep\texample.org/b\tv1.0.0\n=>\texample.org/fork/b\tv1.0.9\th1:x=\n");
    let devel =
        "path\tcommand-line-arguments\nmod\texample.org/own\t(devel)\t\nbuild\tGOARCH=arm64\n";
    let note =
        br#"{"type":"deb","os":"debian","name":"NAME","version":"1.0-1","architecture":"amd64"}"#;
    let noted = |name: &[u8; 4]| {
        let place = note.windows(4).position(|part| part == b"NAME").unwrap();
        let mut text = note.to_vec();
        text[place..place + 4].copy_from_slice(name);
        Elf::library().with_loader().with_note(".note.package", b"FDO\0", 0xcafe_1a7e, &text)
    };
    let info =
        |list: &str| Elf::program().with(".go.buildinfo", &build_info("go1.22.3 X:boring", list));
    let plain = Elf::program().with_note(".note.gnu.build-id", b"GNU\0", 3, &[0xab; 20]);
    for (path, elf) in [
        ("go/tree/usr/local/bin/tool", info(&replaced)),
        ("go/tree/usr/lib/plugin.so", info(devel)),
        ("unowned/tree/opt/tool/bin/a", plain.with(".rodata", b"a")),
        ("unowned/tree/opt/tool/bin/b", Elf::program().with(".gopclntab", b"x")),
        ("unowned/tree/opt/tool/lib/library.so", Elf::library()),
        ("unowned/tree/usr/bin/owned", Elf::program()),
        ("unowned/tree/usr/lib/python3/site-packages/six/run.bin", Elf::program()),
        ("notes/tree/usr/bin/known", noted(b"base")),
        ("notes/tree/opt/copied", noted(b"tool")),
    ] {
        let (path, bytes) = (root.join(path), elf.bytes());
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{}", path.display());
    }
}
