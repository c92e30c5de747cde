//! Tests of `go`: both ways in which build information is written, and what it may lie about.

use super::*;
use crate::program::made::{Elf, build_info, mach_o, marked, pe};

const LIST: &str = "path\texample.org/tool/cmd/tool\nmod\texample.org/tool\tv1.2.3\th1:x=\n\
    dep\texample.org/a/v2\tv2.0.1\th1:x=\ndep\texample.org/b\tv1.0.0\n=>\texample.org/fork/b\tv1.0.9\th1:x=\n\
    dep\texample.org/c\tv0.0.0\n=>\t./staging/c\t(devel)\t\nbuild\tGOARCH=arm64\nbuild\tGOOS=linux\n";

fn names(found: &FileYield) -> Vec<String> {
    found.packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

fn read_bytes(path: &str, bytes: &[u8]) -> FileYield {
    read(&Image::open(path, bytes).unwrap())
}

fn read_list(list: &str) -> FileYield {
    let elf = Elf::program().with(".go.buildinfo", &build_info("go1.22.3", list));
    read_bytes("usr/bin/tool", &elf.bytes())
}

#[test]
fn modules_are_what_they_were_replaced_with() {
    let found = read_list(LIST);
    let expected = [
        "stdlib 1.22.3",
        "example.org/tool v1.2.3",
        "example.org/a/v2 v2.0.1",
        "example.org/fork/b v1.0.9",
        "example.org/c (devel)",
    ];
    assert_eq!(names(&found), expected);
    assert!(found.packages.iter().all(|package| package.arch.as_deref() == Some("arm64")));
    assert_eq!(found.packages[0].evidence[0].cataloguer, "go");
    assert_eq!(found.problems, []);
}

#[test]
fn without_modules_the_package_tells_the_module() {
    let list = "path\texample.org/docker/cmd/dockerd\nbuild\t-ldflags=\" \\t-w \\t-X \\\"e.org/version.Version=20.10.24+dfsg1\\\"\"\n";
    let found = read_list(list);
    assert_eq!(names(&found)[1..], ["example.org/docker v20.10.24+dfsg1"]);
    assert_eq!(found.packages[1].confidence, Some(Confidence::Medium));
    assert_eq!(names(&read_list("path\texample.org/runc\n"))[1..], ["example.org/runc (devel)"]);
    for path in ["cmd/go", "command-line-arguments", "example.org/", ""] {
        assert_eq!(read_list(&format!("path\t{path}\n")).packages.len(), 1, "{path}");
    }
}

#[test]
fn a_classifier_lends_its_version_to_a_program_that_was_not_stamped() {
    let lent = |list: &str, confidence, version: &str| {
        let mut packages = read_list(list).packages;
        let evidence = vec![Evidence { cataloguer: CLASSIFIER.to_owned(), ..Evidence::default() }];
        let version = version.to_owned();
        packages.push(Package { confidence, version, evidence, ..Package::default() });
        lend_version(&mut packages);
        packages[1].version.clone()
    };
    let devel = "mod\te.org/k\t(devel)\t\ndep\te.org/a\tv1.0.0\n";
    assert_eq!(lent(devel, Some(Confidence::High), "1.32.4"), "v1.32.4");
    assert_eq!(lent(devel, None, "1.32.4"), "v1.32.4");
    assert_eq!(lent(devel, Some(Confidence::Low), "1.32.4"), "(devel)");
    assert_eq!(lent(devel, Some(Confidence::High), "r5"), "(devel)");
    assert_eq!(lent("mod\te.org/k\tv1.0.0\t\n", Some(Confidence::High), "1.32.4"), "v1.0.0");
}

/// The header of Go before 1.18: addresses of texts, which are an address and a length.
fn pointing(elf: Elf, word: usize, version: &str, list: &[u8]) -> Vec<u8> {
    let (header, texts) = (elf.address(0), elf.address(0) + 48);
    let is_big = elf.bytes()[5] == 2;
    let mut info = b"\xff Go buildinf:".to_vec();
    info.extend_from_slice(&[word as u8, u8::from(is_big)]);
    for at in [header + 48, header + 48 + 2 * word as u64] {
        elf.word(at, word, &mut info);
    }
    info.resize(48, 0);
    let data = texts + 4 * word as u64;
    for (at, length) in [(data, version.len()), (data + version.len() as u64, list.len())] {
        elf.word(at, word, &mut info);
        elf.word(length as u64, word, &mut info);
    }
    info.extend_from_slice(version.as_bytes());
    info.extend_from_slice(list);
    elf.with(".go.buildinfo", &info).bytes()
}

#[test]
fn before_1_18_texts_are_found_by_their_addresses_in_all_orders() {
    for (elf, word) in [
        (Elf::program(), 8),
        (Elf::program().big(), 8),
        (Elf::program().of_32(), 4),
        (Elf::program().of_32().big(), 4),
    ] {
        let bytes = pointing(elf, word, "go1.16.3", &marked(LIST));
        let found = read_bytes("a", &bytes);
        assert_eq!(names(&found)[..2], ["stdlib 1.16.3", "example.org/tool v1.2.3"], "{word}");
        assert_eq!(found.packages.len(), 5);
    }
    let bytes = pointing(Elf::program(), 8, "go1.12", b"");
    assert_eq!(names(&read_bytes("a", &bytes)), ["stdlib 1.12"]);
}

#[test]
fn what_points_outside_or_is_cut_off_is_told() {
    let whole = build_info("go1.22.3", LIST);
    for length in [20, 33, 45, whole.len() - 1] {
        let elf = Elf::program().with(".go.buildinfo", &whole[..length]);
        // Behind the section lies more of the file, which is no part of it.
        let found = read_bytes("a", &elf.bytes());
        assert_eq!(found.packages, [], "{length}");
        assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable), "{length}");
    }
    let mut far = pointing(Elf::program(), 8, "go1.16.3", b"");
    let place = far.windows(14).position(|bytes| bytes == b"\xff Go buildinf:").unwrap();
    far[place + 16..place + 24].fill(0xee);
    assert_eq!(read_bytes("a", &far).problems.len(), 1);
    let mut long = b"\xff Go buildinf:\x08\x02".to_vec();
    long.resize(32, 0);
    long.extend_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
    let found = read_bytes("a", &Elf::program().with(".go.buildinfo", &long).bytes());
    assert!(found.problems[0].detail.contains("longer than"), "{:?}", found.problems);
    let mut endless = b"\xff Go buildinf:\x08\x02".to_vec();
    endless.resize(64, 0xff);
    endless[16..32].fill(0);
    let found = read_bytes("a", &Elf::program().with(".go.buildinfo", &endless).bytes());
    assert!(found.problems[0].detail.contains("cut off"), "{:?}", found.problems);
}

#[test]
fn without_sections_the_whole_file_is_searched() {
    let elf = Elf::program().with(".go.buildinfo", &build_info("go1.22.3", LIST));
    let mut bytes = elf.bytes();
    // The number of sections lies beyond the end of the file.
    bytes[60..62].copy_from_slice(&[0xff, 0xff]);
    let image = Image::open("a", &bytes).unwrap();
    assert!(!image.is_sound());
    assert_eq!(read(&image).packages.len(), 5);
    bytes[40..48].fill(0);
    bytes[60..64].fill(0);
    let image = Image::open("a", &bytes).unwrap();
    assert!(image.is_sound() && !image.has_sections());
    assert_eq!(read(&image).packages.len(), 5);
}

#[test]
fn modules_have_a_limit() {
    let line = |number: usize| format!("dep\te.org/{number}\tv1.0.0\n");
    let list: String = (0..=MAX_MODULES).map(line).collect();
    let found = read_list(&list);
    assert_eq!(found.packages.len(), MAX_MODULES + 1, "all but one, and the library");
    assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn a_version_that_the_linker_was_handed_counts_where_none_was_stamped() {
    let list = "mod\te.org/a\t(devel)\t\nbuild\t-ldflags=\"-s -X 'e.org/a/version.Version=1.4.0' -X \\\"e.org/b=c\\\"\"\n";
    assert_eq!(names(&read_list(list))[1], "e.org/a v1.4.0");
    assert_eq!(names(&read_list("mod\te.org/a\t(devel)\t\n"))[1], "e.org/a (devel)");
    let elf = Elf::program()
        .with(".go.buildinfo", &build_info("go1.22.3", "mod\te.org/a\t(devel)\t\n"))
        .with(".rodata", b"1.5.0");
    let at = elf.address(1);
    let elf = elf.with_symbols(&[("main.version.str", at, 5), ("main.commit.str", at, 3)]);
    assert_eq!(names(&read_bytes("a", &elf.bytes()))[1], "e.org/a v1.5.0");
}

#[test]
fn only_go_itself_has_the_tools() {
    let elf = Elf::program().with(".go.buildinfo", &build_info("go1.22.3", "path\tcmd/go\n"));
    let found = read_bytes("usr/local/go/bin/go", &elf.bytes());
    assert_eq!(names(&found), ["stdlib 1.22.3", "toolchain 1.22.3"]);
    assert_eq!(names(&read_bytes("bin/other", &elf.bytes())), ["stdlib 1.22.3"]);
}

#[test]
fn releases_of_go_are_written_as_its_database_does() {
    for (stated, release) in [
        ("go1.22.3", Some("1.22.3")),
        ("go1.20", Some("1.20")),
        ("go1.20.12 X:strictfipsruntime", Some("1.20.12")),
        ("go1.26.5 (Red Hat 1.26.5-1.el10)", Some("1.26.5")),
        ("go1.26.0-X:nodwarf5", Some("1.26.0")),
        ("go1.21rc2", Some("1.21.0-rc.2")),
        ("go1.21.0rc2", Some("1.21.0-rc.2")),
        ("devel go1.23-abc", None),
        ("go1", None),
        ("", None),
    ] {
        assert_eq!(release_of(stated).as_deref(), release, "{stated}");
    }
}

#[test]
fn programs_of_windows_and_apple_tell_it_too() {
    let info = build_info(
        "go1.22.3",
        "mod\te.org/a\tv1.0.0\t\nbuild\tGOARCH=amd64\nbuild\tGOOS=windows\n",
    );
    for file in [pe(0, &info), mach_o("__go_buildinfo", &info)] {
        let found = read_bytes("a.exe", &file);
        assert_eq!(names(&found), ["stdlib 1.22.3", "e.org/a v1.0.0"]);
        assert_eq!(found.packages[0].arch.as_deref(), Some("windows/amd64"));
    }
}

#[test]
fn texts_of_the_build_information_have_limits() {
    use build_info::{MAX_LIST_BYTES, MAX_VERSION_BYTES};
    let read_info = |version: usize, list: usize| {
        let info = build_info(&"v".repeat(version), &"x".repeat(list));
        read_bytes("a", &Elf::program().with(".go.buildinfo", &info).bytes())
    };
    let (version, list) = (MAX_VERSION_BYTES as usize, MAX_LIST_BYTES as usize - 32);
    assert!(!read_info(version, list).problems[0].detail.contains("longer than"));
    assert!(read_info(version + 1, 1).problems[0].detail.contains("longer than"));
    assert!(read_info(version, list + 1).problems[0].detail.contains("longer than"));
}

#[test]
fn variables_and_their_versions_have_limits() {
    use main_version::{MAX_VARIABLES, MAX_VERSION_BYTES};
    let first = |count: usize| {
        let others = (0..count).map(|number| format!("-X e.org/o.version=1.0.{number}"));
        let others: Vec<String> = others.collect();
        version_in_flags(&(others.join(" ") + " -X e.org/cmd/a.version=2.0.0"))
    };
    assert_eq!(first(MAX_VARIABLES - 1).as_deref(), Some("v2.0.0"));
    assert_eq!(first(MAX_VARIABLES), None);
    let symbol = |bytes: u64| {
        let text = format!("1.5.0-{}", "a".repeat(bytes as usize - 6));
        let elf = Elf::program().with(".rodata", text.as_bytes());
        let bytes = elf.with_symbols(&[("main.version.str", elf_address(), bytes)]).bytes();
        main_version::version_in_symbols(&Image::open("a", &bytes).unwrap()).is_some()
    };
    assert_eq!((symbol(MAX_VERSION_BYTES), symbol(MAX_VERSION_BYTES + 1)), (true, false));
}

/// The address of the first section.
fn elf_address() -> u64 {
    Elf::program().with("a", b"").address(0)
}
