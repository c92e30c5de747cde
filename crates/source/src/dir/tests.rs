//! Tests of `dir`.

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use plimsoll_model::{FileYield, Want, WantSet};

use super::*;

/// Wants every `status` and every executable, up to ten bytes.
struct Wants(WantSet);

impl Wants {
    fn new() -> Self {
        Self(WantSet::new(&[&[Want::Name("status")], &[Want::Executable]]))
    }
}

impl Readers for Wants {
    fn wants(&self) -> &WantSet {
        &self.0
    }
    fn tree_rows(&self) -> u128 {
        0
    }
    fn max_body_bytes(&self, _: u128) -> u64 {
        10
    }
    fn fingerprint(&self) -> u64 {
        0
    }
    fn read(&self, _: &str, _: u128, _: &[u8]) -> Vec<(u8, FileYield)> {
        Vec::new()
    }
}

/// Walks and writes one line for each thing met.
fn told(root: &Path) -> Vec<String> {
    told_within(&Limits::default(), root)
}

fn told_within(limits: &Limits, root: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    walk_within(limits, root, (&Wants::new(), &Budget::new(100)), &mut |found| {
        lines.push(match found {
            Found::Entry(entry, wanted) => {
                let body = wanted.map(|wanted| {
                    format!(" {}:{}", wanted.rows, String::from_utf8_lossy(&wanted.body))
                });
                format!("{} {:?}{}", entry.path, entry.kind, body.unwrap_or_default())
            }
            Found::Problem(problem) => {
                format!("! {} {:?} {}", problem.path, problem.gap, problem.detail)
            }
        });
        ControlFlow::Continue(())
    })
    .unwrap();
    lines
}

#[test]
fn everything_below_is_told_in_order_and_what_is_wanted_is_read() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fs::create_dir_all(at("b/c")).unwrap();
    fs::write(at("b/c/status"), "ten bytes!").unwrap();
    fs::write(at("b/z"), "unwanted").unwrap();
    fs::write(at("a"), "#!").unwrap();
    fs::set_permissions(at("a"), Permissions::from_mode(0o755)).unwrap();
    fs::write(at("status"), "eleven byte").unwrap();
    assert_eq!(
        told(root.path()),
        [
            "a File 2:#!",
            "b Directory",
            "b/c Directory",
            "b/c/status File 1:ten bytes!",
            "b/z File",
            "! status Some(Limit) it is larger than 10 bytes and was not read",
            "status File",
        ]
    );
}

#[test]
fn no_link_is_followed_and_no_pipe_opened() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("status"), "outside").unwrap();
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    symlink(outside.path(), at("out")).unwrap();
    symlink(outside.path().join("status"), at("status")).unwrap();
    symlink(".", at("loop")).unwrap();
    // A pipe of a wanted name, which would wait for ever.
    fs::create_dir(at("pipe")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(at("pipe/status")).status();
    let has_pipe = made.is_ok_and(|status| status.success());
    let socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    let lines = told(root.path());
    drop(socket);
    assert_eq!(lines[0], "loop Symlink(\".\")");
    assert_eq!(lines[1], format!("out Symlink({:?})", outside.path()));
    assert_eq!(lines[2], "pipe Directory");
    assert_eq!(has_pipe, lines.contains(&"pipe/status Other".to_owned()));
    assert!(lines.contains(&"socket Other".to_owned()));
    assert!(lines.contains(&format!("status Symlink({:?})", outside.path().join("status"))));
    assert!(!lines.iter().any(|line| line.contains("outside")), "{lines:?}");
}

#[test]
fn names_that_are_no_text_are_written_as_numbers_and_still_read() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("status"), "read").unwrap();
    assert_eq!(told(root.path()), ["caf\\xe9 Directory", "caf\\xe9/status File 1:read"]);
}

#[test]
fn what_lies_too_deep_is_a_problem() {
    let root = tempfile::tempdir().unwrap();
    let deep = vec!["d"; MAX_WALK_DEPTH + 5].join("/");
    fs::create_dir_all(root.path().join(deep)).unwrap();
    let lines = told(root.path());
    assert_eq!(lines.len(), MAX_WALK_DEPTH + 1);
    assert!(lines[MAX_WALK_DEPTH].contains("Some(Limit) more than"), "{lines:?}");
}

#[test]
fn names_beyond_a_limit_are_left_out_and_it_is_said() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["a", "b"] {
        fs::create_dir(root.path().join(folder)).unwrap();
        for name in ["1", "2", "3"] {
            fs::write(root.path().join(folder).join(name), "").unwrap();
        }
    }
    let lines = told_within(&Limits { entries: 8, folder_names: 3 }, root.path());
    assert_eq!(lines.len(), 8);
    let lines = told_within(&Limits { entries: 5, folder_names: 3 }, root.path());
    assert_eq!(lines[5..], ["!  Some(Limit) more than 5 files; the rest is left out"]);
    let lines = told_within(&Limits { entries: 8, folder_names: 2 }, root.path());
    let said = "! a Some(Limit) more than 2 names; the rest is left out".to_owned();
    assert!(lines.len() == 8 && lines.contains(&said), "{lines:?}");
}

#[test]
fn the_walk_ends_when_it_is_told_to_and_fails_only_without_a_root() {
    let root = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        fs::write(root.path().join(name), "").unwrap();
    }
    let mut count = 0;
    walk(root.path(), &Wants::new(), &Budget::new(100), &mut |_| {
        count += 1;
        if count == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })
    .unwrap();
    assert_eq!(count, 2);
    let gone = walk(&root.path().join("gone"), &Wants::new(), &Budget::new(100), &mut |_| {
        ControlFlow::Continue(())
    });
    assert!(matches!(gone, Err(SourceError::Unreadable { .. })));
}

#[test]
fn what_the_system_does_not_let_be_read_is_a_gap() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("shut")).unwrap();
    fs::set_permissions(root.path().join("shut"), Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read_dir(root.path().join("shut")).is_ok();
    let lines = told(root.path());
    fs::set_permissions(root.path().join("shut"), Permissions::from_mode(0o700)).unwrap();
    if is_root {
        eprintln!("skipped: what_the_system_does_not_let_be_read_is_a_gap: root reads everything");
        return;
    }
    assert_eq!(lines[0], "shut Directory");
    assert!(lines[1].starts_with("! shut Some(Unreadable) it cannot be read"), "{lines:?}");
}

#[test]
fn many_problems_are_counted_and_not_listed() {
    let root = tempfile::tempdir().unwrap();
    for number in 0..MAX_WALK_PROBLEMS + 3 {
        let folder = root.path().join(format!("{number:04}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("status"), "more than ten bytes").unwrap();
    }
    let lines = told(root.path());
    let problems: Vec<_> = lines.iter().filter(|line| line.starts_with('!')).collect();
    assert_eq!(problems.len() as u64, MAX_WALK_PROBLEMS + 1);
    assert!(problems[problems.len() - 1].ends_with("3 more files or folders could not be read"));
}

#[test]
fn the_kernels_folders_of_a_live_root_are_not_read() {
    use std::os::unix::fs::MetadataExt;
    let device = |path: &str| fs::metadata(path).map(|metadata| metadata.dev()).ok();
    if device("/dev").is_none() || device("/dev") == device("/") {
        eprintln!("skipped: the_kernels_folders_of_a_live_root_are_not_read: /dev is not mounted");
        return;
    }
    let mut noted = false;
    // `/dev` comes before the large folders.
    walk(Path::new("/"), &WantsNothing(WantSet::default()), &Budget::new(100), &mut |found| {
        match found {
            Found::Problem(problem) if problem.path == "dev" => {
                noted = problem.gap.is_none();
                ControlFlow::Break(())
            }
            Found::Entry(entry, _) if entry.path.starts_with("dev/") => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })
    .unwrap();
    assert!(noted);
}

struct WantsNothing(WantSet);

impl Readers for WantsNothing {
    fn wants(&self) -> &WantSet {
        &self.0
    }
    fn tree_rows(&self) -> u128 {
        0
    }
    fn max_body_bytes(&self, _: u128) -> u64 {
        0
    }
    fn fingerprint(&self) -> u64 {
        0
    }
    fn read(&self, _: &str, _: u128, _: &[u8]) -> Vec<(u8, FileYield)> {
        Vec::new()
    }
}

#[test]
fn programs_are_read_whatever_their_names_and_scripts_are_not() {
    struct Programs(WantSet);
    impl Readers for Programs {
        fn wants(&self) -> &WantSet {
            &self.0
        }
        fn tree_rows(&self) -> u128 {
            0
        }
        fn max_body_bytes(&self, _: u128) -> u64 {
            20
        }
        fn fingerprint(&self) -> u64 {
            0
        }
        fn read(&self, _: &str, _: u128, _: &[u8]) -> Vec<(u8, FileYield)> {
            Vec::new()
        }
    }
    let root = tempfile::tempdir().unwrap();
    for (name, body) in [
        ("library.so", &b"\x7fELF\x02\x01\x01\0rest"[..]),
        ("large", b"\x7fELF\x02\x01\x01\0 and more than is read"),
        ("script", b"#!/bin/sh\nexit\n"),
        ("short", b"\x7fELF"),
    ] {
        fs::write(root.path().join(name), body).unwrap();
    }
    let readers = Programs(WantSet::new(&[&[], &[Want::Program]]));
    let (budget, mut read, mut problems) = (Budget::new(100), Vec::new(), Vec::new());
    walk(root.path(), &readers, &budget, &mut |found| {
        match found {
            Found::Entry(entry, wanted) => {
                read.extend(wanted.map(|wanted| (entry.path.to_owned(), wanted.rows)));
            }
            Found::Problem(problem) => problems.push(problem.path),
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(read, [("library.so".to_owned(), 2)]);
    assert_eq!(problems, ["large"]);
}
