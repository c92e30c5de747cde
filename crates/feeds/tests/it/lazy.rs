//! The database that builds what is asked for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::{Timestamp, ToSpan as _};
use plimsoll_feeds::{Lazy, LazyOptions};
use plimsoll_net::{Client, Options, Silent};
use plimsoll_vuln::{Database, DatabaseError};

use crate::support::{client, mirror_of, shared};

const NOW: &str = "2026-11-24T12:00:00Z";

fn lazy(mirror: &Path, cache: &Path, hours_later: i64) -> Lazy {
    lazy_with(client(mirror), cache, hours_later)
}

fn lazy_with(client: Client, cache: &Path, hours_later: i64) -> Lazy {
    let now = NOW.parse::<Timestamp>().unwrap() + hours_later.hours();
    let options = LazyOptions { cache_dir: Some(cache.to_owned()), now };
    Lazy::new(client, Arc::new(Silent), options)
}

fn shards(cache: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for place in std::fs::read_dir(cache.join("shards")).unwrap() {
        for file in std::fs::read_dir(place.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn ids(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn what_is_asked_for_is_built_and_kept() {
    let (mirror, cache) = (mirror_of(&["alpine", "debian", "kev"]), tempfile::tempdir().unwrap());
    let first = lazy(mirror.path(), cache.path(), 0);
    let shard = first.shard("alpine:3.17").unwrap();
    assert_eq!(shard.meta().records, 12);
    assert_eq!(shard.meta().dropped, 1);
    assert_eq!(shard.meta().addresses.len(), 2);
    let openssl = shard.advisories("openssl").unwrap();
    assert!(
        openssl.iter().any(|row| row.id == "CVE-2023-0286" && row.fixed_versions == ["3.0.8-r0"])
    );
    assert!(Arc::ptr_eq(&shard, &first.shard("alpine:3.17").unwrap()));
    assert_eq!(first.shard("debian:12").unwrap().meta().title, "Debian security tracker");
    assert_eq!(
        first.shard("kev").unwrap().kev("CVE-2021-44228").unwrap().unwrap().due,
        "2021-12-24"
    );
    let names: Vec<String> = shards(cache.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["alpine_3.17.shard", "debian_12.shard", "kev.shard"]);
    assert!(first.stale().is_empty());

    // Fresh: the file of the mirror is not asked for, so that nobody misses it.
    std::fs::remove_dir_all(mirror.path().join("secdb.alpinelinux.org")).unwrap();
    let second = lazy(mirror.path(), cache.path(), 23);
    assert_eq!(second.shard("alpine:3.17").unwrap().digest(), shard.digest());
    assert!(second.stale().is_empty());
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let mirror = mirror_of(&["alpine", "debian", "kev", "epss", "eol", "cve", "wolfi"]);
    let bytes = |hours| {
        let cache = tempfile::tempdir().unwrap();
        let lazy = lazy(mirror.path(), cache.path(), hours);
        for namespace in ["alpine:3.17", "debian:12", "kev", "epss", "eol", "cve:2023", "wolfi"] {
            lazy.shard(namespace).unwrap();
        }
        shards(cache.path())
    };
    assert_eq!(bytes(0), bytes(500));
}

#[test]
fn what_cannot_be_had_is_said() {
    let (mirror, cache) = (mirror_of(&["alpine"]), tempfile::tempdir().unwrap());
    let lazy = lazy(mirror.path(), cache.path(), 0);
    assert!(matches!(lazy.shard("nixos:24.05"), Err(DatabaseError::NoFeed { .. })));
    let Err(DatabaseError::Unavailable { namespace, detail }) = lazy.shard("alpine:3.99") else {
        panic!("it is not there")
    };
    assert_eq!(namespace, "alpine:3.99");
    assert!(detail.contains("secdb.alpinelinux.org/v3.99/main.json"), "{detail}");
    assert!(lazy.shard("alpine:edge").is_ok());
}

#[test]
fn half_a_feed_is_none() {
    let mirror = mirror_of(&["alpine"]);
    let folder = mirror.path().join("secdb.alpinelinux.org");
    let ask = |namespace: &str| {
        let cache = tempfile::tempdir().unwrap();
        lazy(mirror.path(), cache.path(), 0).shard(namespace).map(drop)
    };
    for file in ["main.json", "community.json"] {
        let (path, aside) = (folder.join("edge").join(file), folder.join("aside"));
        std::fs::rename(&path, &aside).unwrap();
        let Err(DatabaseError::Unavailable { detail, .. }) = ask("alpine:edge") else {
            panic!("it passes without {file}")
        };
        assert!(detail.contains(&format!("secdb.alpinelinux.org/edge/{file}")), "{detail}");
        std::fs::rename(&aside, &path).unwrap();
    }
    ask("alpine:edge").unwrap();
    // The oldest releases have no community repository.
    std::fs::rename(folder.join("edge"), folder.join("v3.2")).unwrap();
    std::fs::remove_file(folder.join("v3.2/community.json")).unwrap();
    ask("alpine:3.2").unwrap();
}

#[test]
fn a_feed_without_a_record_is_not_an_empty_shard() {
    let (mirror, cache) = (mirror_of(&["debian"]), tempfile::tempdir().unwrap());
    let lazy = lazy(mirror.path(), cache.path(), 0);
    let error = lazy.shard("debian:13").unwrap_err();
    assert!(error.to_string().contains("holds no record of `debian:13`"), "{error}");
}

#[test]
fn an_old_shard_is_built_again_or_said_to_be_old() {
    let (mirror, cache) = (mirror_of(&["alpine"]), tempfile::tempdir().unwrap());
    let first = lazy(mirror.path(), cache.path(), 0).shard("alpine:edge").unwrap();
    let main = mirror.path().join("secdb.alpinelinux.org/edge/main.json");
    let text = std::fs::read_to_string(&main).unwrap();
    std::fs::write(&main, text.replace("3.0.8-r0", "3.0.9-r0")).unwrap();
    let next = lazy(mirror.path(), cache.path(), 25).shard("alpine:edge").unwrap();
    assert_ne!(first.digest(), next.digest());

    std::fs::write(&main, "{").unwrap();
    let third = lazy(mirror.path(), cache.path(), 60);
    assert_eq!(third.shard("alpine:edge").unwrap().digest(), next.digest());
    let stale = third.stale();
    assert_eq!(stale.len(), 1);
    assert_eq!(stale[0].0, "alpine:edge");
    assert!(stale[0].1.contains("2026-11-25") && stale[0].1.contains("line 1"), "{}", stale[0].1);
    assert!(third.ask("alpine:edge").unwrap().stale.is_some());
}

#[test]
fn a_feed_that_lost_too_much_is_refused() {
    let (mirror, cache) = (mirror_of(&["alpine"]), tempfile::tempdir().unwrap());
    let first = lazy(mirror.path(), cache.path(), 0).shard("alpine:3.17").unwrap();
    let main = mirror.path().join("secdb.alpinelinux.org/v3.17/main.json");
    std::fs::write(&main, r#"{"packages": []}"#).unwrap();
    let second = lazy(mirror.path(), cache.path(), 48);
    assert_eq!(second.shard("alpine:3.17").unwrap().digest(), first.digest());
    let stale = second.stale();
    assert!(stale[0].1.contains("shrank from 12 to 1 records"), "{stale:?}");
}

#[test]
fn offline_serves_the_cache_and_nothing_else() {
    let (mirror, cache) = (mirror_of(&["wolfi"]), tempfile::tempdir().unwrap());
    let offline = || Client::new(Options { offline: true, ..Options::default() });
    let nothing = lazy_with(offline(), cache.path(), 0).shard("wolfi").unwrap_err();
    assert!(nothing.to_string().contains("offline"), "{nothing}");
    // A shard that came from a mirror is none of upstream.
    lazy(mirror.path(), cache.path(), 0).shard("wolfi").unwrap();
    assert!(lazy_with(offline(), cache.path(), 0).shard("wolfi").is_err());
    let places = cache.path().join("shards");
    let place = std::fs::read_dir(&places).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(place, places.join("upstream")).unwrap();
    let old = lazy_with(offline(), cache.path(), 1000);
    assert!(old.shard("wolfi").is_ok());
    assert!(old.stale()[0].1.contains("offline"));
    assert!(old.held("wolfi").is_some() && old.held("kev").is_none());
}

#[test]
fn a_broken_shard_in_the_cache_is_built_again() {
    let (mirror, cache) = (mirror_of(&["wolfi"]), tempfile::tempdir().unwrap());
    lazy(mirror.path(), cache.path(), 0).shard("wolfi").unwrap();
    let place = std::fs::read_dir(cache.path().join("shards")).unwrap().next().unwrap().unwrap();
    std::fs::write(place.path().join("wolfi.shard"), "PLIMSHRD and no more").unwrap();
    let shard = lazy(mirror.path(), cache.path(), 0).shard("wolfi").unwrap();
    assert_eq!(shard.advisories("curl").unwrap().len(), 3);
}

#[test]
fn many_may_ask_at_once() {
    let (mirror, cache) = (mirror_of(&["alpine"]), tempfile::tempdir().unwrap());
    let many: Vec<Lazy> = (0..4).map(|_| lazy(mirror.path(), cache.path(), 0)).collect();
    std::thread::scope(|scope| {
        for lazy in &many {
            for _ in 0..2 {
                scope.spawn(|| assert_eq!(lazy.shard("alpine:3.17").unwrap().meta().records, 12));
            }
        }
    });
    assert_eq!(shards(cache.path()).len(), 1, "nothing is left aside");
}

#[test]
fn texts_are_kept_for_what_was_asked() {
    let (mirror, cache) = (mirror_of(&["cve"]), tempfile::tempdir().unwrap());
    let first = lazy(mirror.path(), cache.path(), 0);
    let details = first.details(&ids(&["CVE-2023-0286", "CVE-2023-9999", "CVE-2023-1", "GHSA-x"]));
    assert_eq!(details.found.keys().collect::<Vec<_>>(), ["CVE-2023-0286", "CVE-2023-9999"]);
    assert!(details.unavailable.is_empty());
    assert_eq!(details.found["CVE-2023-0286"].cvss[0].source, "nvd");
    assert!(details.found["CVE-2023-0286"].description.is_some());
    assert!(details.found["CVE-2023-9999"].rejected);
    // The other one has its rating, which is all that a gate needs.
    let shard = first.shard("cve:2023").unwrap();
    let bare = shard.details("CVE-2023-0215").unwrap().unwrap();
    assert_eq!((bare.description, bare.cvss.len()), (None, 1));

    // Another report asks for it: the year is read again, and the first keeps its texts.
    let second = lazy(mirror.path(), cache.path(), 1);
    let details = second.details(&ids(&["CVE-2023-0215"]));
    assert!(details.found["CVE-2023-0215"].description.is_some());
    let shard = second.shard("cve:2023").unwrap();
    assert!(shard.details("CVE-2023-0286").unwrap().unwrap().description.is_some());

    // What has its texts is not read again.
    std::fs::remove_dir_all(mirror.path().join("nvd.nist.gov")).unwrap();
    let third = lazy(mirror.path(), cache.path(), 2);
    assert_eq!(third.details(&ids(&["CVE-2023-0215", "CVE-2023-0286"])).found.len(), 2);
}

#[test]
fn a_year_without_a_file_is_asked_for_singly() {
    let (mirror, cache) = (mirror_of(&["cve"]), tempfile::tempdir().unwrap());
    let lazy = lazy(mirror.path(), cache.path(), 0);
    let details = lazy.details(&ids(&["CVE-2019-1563", "CVE-2019-0001"]));
    assert_eq!(details.found.keys().collect::<Vec<_>>(), ["CVE-2019-1563"]);
    assert!(details.unavailable.is_empty(), "{:?}", details.unavailable);
    let meta = details.shards[0].meta();
    assert!(meta.partial && meta.addresses[0].contains("cveId=CVE-2019-"), "{meta:?}");

    let many: BTreeSet<String> = (1000..1030).map(|number| format!("CVE-2019-{number}")).collect();
    let details = lazy.details(&many);
    assert_eq!(details.absent.len(), 1);
    assert!(details.absent[0].1.contains("10 are left"), "{:?}", details.absent);

    std::fs::remove_dir_all(mirror.path().join("services.nvd.nist.gov")).unwrap();
    let details = lazy.details(&ids(&["CVE-2019-1563"]));
    assert_eq!(details.unavailable[0].0, "cve:2019");
    assert!(lazy.shard("cve:2019").is_err());
}

/// A first scan of an Alpine image leaves less than 3 MB.
#[test]
fn a_first_alpine_scan_leaves_little() {
    let name = "a_first_alpine_scan_leaves_little";
    let Some(mirror) = shared(name, "mirror") else { return };
    let cache = tempfile::tempdir().unwrap();
    let lazy = lazy(&mirror, cache.path(), 0);
    let alpine = lazy.shard("alpine:3.17").unwrap();
    let mut asked = BTreeSet::new();
    for package in alpine.names().take(200) {
        asked.extend(alpine.advisories(&package).unwrap().into_iter().map(|row| row.id));
    }
    let details = lazy.details(&asked);
    assert!(details.found.len() > 20, "{}", details.found.len());
    lazy.shard("epss").unwrap();
    lazy.shard("kev").unwrap();
    lazy.shard("eol").unwrap();
    let sizes: Vec<(String, usize)> =
        shards(cache.path()).into_iter().map(|(name, bytes)| (name, bytes.len())).collect();
    let total: usize = sizes.iter().map(|(_, size)| size).sum();
    assert!(total < 3_000_000, "{total}: {sizes:?}");
    println!("{total}: {sizes:?}");
}

#[test]
fn a_product_of_the_nvd_is_asked_for_alone() {
    let (mirror, cache) = (mirror_of(&["nvd-product", "nvd"]), tempfile::tempdir().unwrap());
    let lazy = lazy(mirror.path(), cache.path(), 0);
    let tide = lazy.shard("nvd:acme:tide").unwrap();
    assert_eq!(tide.advisories("acme:tide").unwrap()[0].id, "CVE-2026-0001");
    assert!(tide.advisories("acme:other").unwrap().is_empty(), "only what was asked for");
    // Nothing known of it is an answer, and kept as such.
    let calm = lazy.shard("nvd:acme:calm").unwrap();
    assert_eq!((calm.meta().records, calm.meta().thin), (0, false));
    let names: Vec<String> = shards(cache.path()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["nvd_acme_calm.shard", "nvd_acme_tide.shard"]);
    let odd = lazy.shard("nvd:acme:../tide").unwrap_err();
    assert!(matches!(odd, DatabaseError::NoFeed { .. }), "{odd}");
    assert!(lazy.shard("nvd").unwrap().meta().thin, "the fixture is far from whole");
}
