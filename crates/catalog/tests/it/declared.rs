//! Lock files cut off, and with bytes changed: each is read to some end, the same each time, within limits.
//! `PROPTEST_CASES=100000` goes on for longer.

use std::fs;
use std::path::Path;

use plimsoll_catalog::{CATALOGUERS, readers};
use plimsoll_model::Readers;
use proptest::prelude::*;

/// Returns the path from the root and the bytes of every file in the cases of rows of lock files.
fn samples() -> Vec<(String, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for row in CATALOGUERS.iter().filter(|row| row.declared) {
        for case in fs::read_dir(fixtures.join(row.name)).unwrap() {
            collect(&case.unwrap().path().join("tree"), "", &mut found);
        }
    }
    found.sort();
    assert!(found.len() > 60, "{} files", found.len());
    found
}

fn collect(folder: &Path, at: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let path = format!("{at}{}", name.to_str().unwrap());
        if entry.is_dir() {
            collect(&entry, &format!("{path}/"), found);
        } else {
            found.push((path, fs::read(entry).unwrap()));
        }
    }
}

/// Reads a file twice and checks what came.
fn check(path: &str, body: &[u8]) {
    let readers = readers(true);
    let rows = readers.wants().ask(path, false);
    let taken = readers.read(path, rows, body);
    assert_eq!(taken, readers.read(path, rows, body), "{path}");
    for (_, found) in taken {
        assert!(found.problems.len() <= 101, "{path}");
        assert!(found.problems.iter().all(|problem| !problem.detail.is_empty()), "{path}");
        for mut package in found.packages {
            assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
            assert!(package.name.len() <= 500 && package.version.len() <= 500, "{path}");
            package.finish(None, "");
            assert!(package.purl.is_empty() || package.purl.starts_with("pkg:"), "{path}");
        }
    }
}

#[test]
fn without_the_flag_no_row_of_lock_files_is_asked() {
    let (plain, all) = (readers(false), readers(true));
    let declared = |index: usize| CATALOGUERS[index].declared;
    for (path, _) in samples() {
        let rows = |bits: u128| (0..CATALOGUERS.len()).filter(move |index| bits >> index & 1 == 1);
        assert!(!rows(plain.wants().ask(&path, false)).any(declared), "{path}");
        let is_other = path.ends_with("package.json") || path.contains("node_modules/.");
        assert!(is_other || rows(all.wants().ask(&path, false)).any(declared), "{path}");
    }
}

#[test]
fn files_that_were_cut_off_are_read_to_some_end() {
    for (path, body) in samples() {
        let step = body.len() / 40 + 1;
        for end in (0..body.len()).step_by(step) {
            check(&path, &body[..end]);
        }
    }
}

proptest! {
    #[test]
    fn files_with_bytes_changed_are_read_to_some_end(
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12),
    ) {
        thread_local!(static SAMPLES: Vec<(String, Vec<u8>)> = samples());
        let (path, mut body) = SAMPLES.with(|samples| index.get(samples).clone());
        for (at, byte, change) in changes {
            let at = at.index(body.len() + 1);
            match change {
                0 => body.insert(at, byte),
                1 if at < body.len() => drop(body.remove(at)),
                // A part of the file again.
                2 => {
                    let part = body[at / 2..at].to_vec();
                    body.splice(at..at, part);
                }
                _ if at < body.len() => body[at] = byte,
                _ => {}
            }
        }
        check(&path, &body);
    }
}
