//! Whole releases.

use std::path::Path;

use plimsoll_feeds::{BuildOptions, BuildRow, Outcome, build};
use plimsoll_net::{Client, Options, Silent};
use plimsoll_vuln::Database as _;
use plimsoll_vuln::folder::FolderDatabase;

use crate::support::{client, mirror_of, shared};

fn options(out: &Path, only: Option<&[&str]>) -> BuildOptions {
    BuildOptions {
        only: only.map(|only| only.iter().map(|name| (*name).to_owned()).collect()),
        out: out.to_owned(),
        built: "2026-11-24T12:00:00Z".to_owned(),
        year: 2026,
        threads: 2,
    }
}

fn row<'a>(rows: &'a [BuildRow], namespace: &str) -> &'a BuildRow {
    rows.iter().find(|row| row.namespace == namespace).unwrap()
}

fn words(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", words(cause))).unwrap_or_default();
    format!("{error}{cause}")
}

#[test]
fn all_that_is_there_is_built() {
    let mirror =
        mirror_of(&["alpine", "chainguard", "cve", "debian", "eol", "epss", "kev", "wolfi"]);
    let out = tempfile::tempdir().unwrap();
    let rows = build(&options(out.path(), None), &client(mirror.path()), &Silent).unwrap();
    assert!(rows.is_sorted_by_key(|row| row.namespace.clone()));
    for namespace in
        ["alpine:3.17", "chainguard", "cve:2023", "debian:12", "eol", "epss", "kev", "wolfi"]
    {
        let row = row(&rows, namespace);
        assert_eq!(row.outcome, Outcome::Built, "{namespace}");
        assert!(row.records > 0 && row.bytes > 0, "{namespace}");
    }
    assert_eq!(row(&rows, "alpine:3.17").dropped, 1);
    assert_eq!(row(&rows, "alpine:3.2").outcome, Outcome::NotFound);
    assert_eq!(row(&rows, "debian:13").outcome, Outcome::NotFound);
    assert_eq!(row(&rows, "cve:2022").outcome, Outcome::NotFound);

    let database = FolderDatabase::open(out.path()).unwrap();
    let shard = database.shard("cve:2023").unwrap();
    let detail = shard.details("CVE-2023-0215").unwrap().unwrap();
    assert!(detail.description.is_some(), "a release has all texts");
    assert_eq!(database.shard("debian:11").unwrap().advisories("openssl").unwrap().len(), 2);
    assert_eq!(database.release().built.as_deref(), Some("2026-11-24T12:00:00Z"));
}

#[test]
fn a_release_is_the_same_each_time() {
    let mirror = mirror_of(&["alpine", "debian", "kev"]);
    let only = ["kev", "debian:12", "alpine:3.17", "debian:11", "debian:12"];
    let digest = |threads| {
        let out = tempfile::tempdir().unwrap();
        let options = BuildOptions { threads, ..options(out.path(), Some(&only)) };
        assert_eq!(build(&options, &client(mirror.path()), &Silent).unwrap().len(), 4);
        FolderDatabase::open(out.path()).unwrap().release().digest.unwrap()
    };
    assert_eq!(digest(1), digest(4));
}

#[test]
fn what_was_asked_for_by_name_must_be_there() {
    let (mirror, out) = (mirror_of(&["alpine"]), tempfile::tempdir().unwrap());
    let try_only =
        |only: &[&str]| build(&options(out.path(), Some(only)), &client(mirror.path()), &Silent);
    let error = try_only(&["alpine:3.17", "alpine:3.18"]).unwrap_err();
    assert!(words(&error).contains("cannot build `alpine:3.18`"), "{}", words(&error));
    assert!(words(&error).contains("there is no `https://secdb"), "{}", words(&error));
    assert!(FolderDatabase::open(out.path()).is_err(), "no manifest was written");
    let error = try_only(&["alpine:3.17", "beos"]).unwrap_err();
    assert!(words(&error).contains("no feed serves `beos`"), "{}", words(&error));
    let offline = Client::new(Options { offline: true, ..Options::default() });
    let error = build(&options(out.path(), Some(&["kev"])), &offline, &Silent).unwrap_err();
    assert!(words(&error).contains("cannot build `kev`: cannot fetch `https://www.cisa"));
    assert!(error.hint().is_some_and(|hint| hint.contains("--offline")));

    try_only(&["alpine:3.17"]).unwrap();
    try_only(&["alpine:edge"]).unwrap();
    let names: Vec<String> = FolderDatabase::open(out.path())
        .unwrap()
        .manifest()
        .shards
        .iter()
        .map(|shard| shard.namespace.clone())
        .collect();
    assert_eq!(names, ["alpine:3.17", "alpine:edge"]);
}

#[test]
fn a_broken_feed_keeps_the_last_shard() {
    let (mirror, out) = (mirror_of(&["alpine", "kev"]), tempfile::tempdir().unwrap());
    build(&options(out.path(), None), &client(mirror.path()), &Silent).unwrap();
    let digest = |namespace: &str| {
        FolderDatabase::open(out.path()).unwrap().manifest().find(namespace).unwrap().digest.clone()
    };
    let before = (digest("alpine:3.17"), digest("alpine:edge"));
    let folder = mirror.path().join("secdb.alpinelinux.org");
    std::fs::write(folder.join("v3.17/main.json"), r#"{"packages": []}"#).unwrap();
    std::fs::write(folder.join("edge/main.json"), "{\"packages\":\n  [").unwrap();
    let rows = build(&options(out.path(), None), &client(mirror.path()), &Silent).unwrap();
    let Outcome::Failed(why) = &row(&rows, "alpine:3.17").outcome else { panic!("not refused") };
    assert!(why.contains("shrank from 12 to 1 records"), "{why}");
    let Outcome::Failed(why) = &row(&rows, "alpine:edge").outcome else { panic!("not refused") };
    assert!(why.contains("edge/main.json` is not readable at line 2"), "{why}");
    assert_eq!((digest("alpine:3.17"), digest("alpine:edge")), before);
}

#[test]
fn nothing_at_all_is_an_error() {
    let (mirror, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(build(&options(out.path(), None), &client(mirror.path()), &Silent).is_err());
}

/// Everything that the real mirror has; prints what it costs.
#[test]
fn the_real_mirror_is_built() {
    let Some(mirror) = shared("the_real_mirror_is_built", "mirror") else { return };
    let out = tempfile::tempdir().unwrap();
    let begin = std::time::Instant::now();
    let rows = build(&options(out.path(), None), &client(&mirror), &Silent).unwrap();
    for row in rows.iter().filter(|row| row.outcome != Outcome::NotFound) {
        assert_eq!(row.outcome, Outcome::Built, "{}", row.namespace);
        println!(
            "{:14} {:7} {:4} {:8} {:.2}",
            row.namespace,
            row.records,
            row.dropped,
            row.bytes,
            row.time.as_secs_f64()
        );
    }
    println!("{:.1} s", begin.elapsed().as_secs_f64());
    for namespace in ["alpine:3.2", "alpine:edge", "debian:12", "cve:2024", "epss", "kev", "eol"] {
        assert_eq!(row(&rows, namespace).outcome, Outcome::Built, "{namespace}");
    }
    assert_eq!(row(&rows, "epss").records, 360_142);
}
