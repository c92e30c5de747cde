//! Tests of `dpkg`.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::database::{MAX_DATABASE_BYTES, MAX_PACKAGES, MAX_PROBLEMS};

fn names(body: &str) -> Vec<String> {
    let (packages, _) = parse_status(body.as_bytes());
    packages.into_iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

fn one(body: &str) -> Package {
    let (mut packages, problems) = parse_status(body.as_bytes());
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(packages.len(), 1);
    packages.remove(0)
}

#[test]
fn the_source_may_have_a_version_of_its_own() {
    let source = |line: &str| {
        let body = format!("Package: p\nStatus: install ok installed\nVersion: 1-1+b1\n{line}");
        let source = one(&body).source.unwrap();
        format!("{} {}", source.name, source.version)
    };
    assert_eq!(source(""), "p 1-1+b1");
    assert_eq!(source("Source: s\n"), "s 1-1+b1");
    assert_eq!(source("Source: glibc (2.31-13)\n"), "glibc 2.31-13");
    assert_eq!(source("source:glibc(2.31-13)\r\n"), "glibc 2.31-13");
    assert_eq!(source("Source:\n glibc (2.31-13)"), "glibc 2.31-13");
}

#[test]
fn only_what_is_installed_is_listed() {
    let stanza = |name: &str, status: &str| format!("Package: {name}\nVersion: 1\n{status}\n\n");
    let body = stanza("in", "Status: install ok installed")
        + &stanza("hold", "Status: hold ok installed")
        + &stanza("bare", "")
        + &stanza("conf", "Status: deinstall ok config-files")
        + "Package: never\nStatus: deinstall ok not-installed\n\n"
        + &stanza("half", "Status: install ok half-configured");
    assert_eq!(names(&body), ["in 1", "hold 1", "bare 1"]);
    let (_, problems) = parse_status(body.as_bytes());
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].detail, "`half` is `half-configured`, not installed; it is not judged");
}

#[test]
fn architectures_are_apart_and_two_stanzas_for_one_are_both_listed_and_told() {
    let stanza = |version: &str, arch: &str, state: &str| {
        format!(
            "Package: libc6\nStatus: install ok {state}\nVersion: {version}\nArchitecture: {arch}\n\n"
        )
    };
    let both = stanza("1", "amd64", "installed") + &stanza("1", "i386", "installed");
    assert_eq!(names(&both), ["libc6 1", "libc6 1"]);
    let twice = stanza("1", "amd64", "installed") + &stanza("2", "amd64", "installed");
    assert_eq!(names(&twice), ["libc6 1", "libc6 2"]);
    let gone = stanza("1", "amd64", "installed") + &stanza("1", "amd64", "config-files");
    assert_eq!(names(&gone), ["libc6 1"]);
    for body in [&twice, &gone] {
        let (_, problems) = parse_status(body.as_bytes());
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].gap, Some(GapKind::Unreadable));
    }
    let same = stanza("1", "amd64", "installed").repeat(2);
    assert_eq!(names(&same), ["libc6 1"]);
    assert!(parse_status(same.as_bytes()).1.is_empty());
}

#[test]
fn what_dpkg_refuses_is_listed_and_told() {
    let stanza = |name: &str, more: &str| {
        format!("Package: {name}\nStatus: install ok installed\nVersion: 1\n{more}")
    };
    for (body, listed) in [
        (stanza("openssl", "") + &stanza("hello", ""), vec!["openssl 1", "hello 1"]),
        (stanza("openssl", " \n") + &stanza("hello", ""), vec!["openssl 1", "hello 1"]),
        (stanza("OpenSSL\0x", ""), vec!["openssl 1"]),
        (stanza("open ssl", ""), vec!["open ssl 1"]),
        (stanza("openssl:amd64", ""), vec!["openssl:amd64 1"]),
        (stanza("a", "Source: OpenSSL\n"), vec!["a 1"]),
        (stanza("a", "Version: 9\n"), vec!["a 9"]),
        (stanza("a", "Status: deinstall ok config-files\n"), vec![]),
    ] {
        assert_eq!(names(&body), listed, "{body:?}");
        let (_, problems) = parse_status(body.as_bytes());
        let quiet = body.contains(" \n") || body.contains('\0');
        assert_eq!(problems.is_empty(), quiet, "{body:?}: {problems:?}");
    }
}

#[test]
fn stanzas_without_name_or_version_are_told() {
    let body = "Version: 1\n\nPackage: x\nStatus: install ok installed\n\nPackage: y\nVersion: 2";
    let (packages, problems) = parse_status(body.as_bytes());
    assert_eq!(packages.len(), 1);
    let details: Vec<&str> = problems.iter().map(|problem| problem.detail.as_str()).collect();
    assert_eq!(details, ["stanza 1 has no `Package`", "`x` has no `Version`"]);
}

#[test]
fn line_ends_and_bytes_may_be_odd() {
    let body = b"Package: a\r\nVersion: 1\xff\r\nDescription: x\r\n Version: 9\r\n\r\nPackage: b\nVersion: 2";
    let (packages, problems) = parse_status(body);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(packages[0].version, "1\u{fffd}");
    assert_eq!(packages[1].version, "2");
}

#[test]
fn vendors_are_told_from_the_distribution() {
    let class = |maintainer: &str| {
        one(&format!("Package: p\nVersion: 1\nMaintainer: {maintainer}\n")).repository
    };
    assert_eq!(class("Docker <support@docker.com>").as_deref(), Some("third-party"));
    assert_eq!(class("Debian NVIDIA Maintainers <pkg-nvidia-devel@lists.alioth.debian.org>"), None);
    assert_eq!(class("Debian MySQL Maintainers <pkg-mysql-maint@lists.alioth.debian.org>"), None);
}

#[test]
fn the_size_of_a_database_has_a_limit() {
    let mut body = b"Package: first\nVersion: 1\nDescription: ".to_vec();
    body.resize(MAX_DATABASE_BYTES - 2, b'x');
    body.extend_from_slice(b"\n\nPackage: beyond\nVersion: 1\n");
    let (packages, problems) = parse_status(&body);
    assert_eq!(packages.len(), 1);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn the_numbers_of_packages_and_problems_have_limits() {
    let mut body = "Version: 1\n\n".repeat(MAX_PROBLEMS + 50).into_bytes();
    for number in 0..=MAX_PACKAGES {
        writeln!(body, "Package: p{number}\nVersion: 1\n").unwrap();
    }
    let (packages, problems) = parse_status(&body);
    assert_eq!(packages.len(), MAX_PACKAGES);
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let (_, problems) = parse_status(&body);
        prop_assert!(problems.len() <= MAX_PROBLEMS + 1);
    }

    #[test]
    fn any_lines_are_read(body in "((Package|Version|Status|Source| x)?:? ?[a-z0-9() ]{0,9}\r?\n){0,40}") {
        let (packages, _) = parse_status(body.as_bytes());
        prop_assert!(packages.iter().all(|package| !package.version.is_empty()));
    }
}
