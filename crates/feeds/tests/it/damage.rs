//! Broken input: an error that names the file and the place, and no rows taken for whole.

use std::collections::BTreeSet;

use plimsoll_feeds::{FEEDS, Feed, FeedError, Harvest, Input, Texts};

use serde_json::{Map, Value};

use crate::support::{fixtures, mirror_of, pack, read_all};

fn parse(feed: &Feed, address: &str, bytes: &[u8]) -> Result<(), FeedError> {
    let names = (feed.namespaces)(2026);
    let mut harvest = Harvest::of(names.iter().map(String::as_str), Texts::All);
    let mut body = bytes;
    (feed.parse)(Input { address, body: &mut body }, &mut harvest)
}

/// Lists of lines: they have no end of their own, and may be empty.
const LISTS: &[&str] = &["mirror.list", "changes.csv", "deletions.csv"];

/// A file of each kind that the fixtures of each feed have, but for lists.
fn documents() -> Vec<(&'static Feed, String, Vec<u8>)> {
    let mut found = Vec::new();
    for feed in FEEDS {
        let mirror = mirror_of(&[feed.id]);
        let mut kinds = BTreeSet::new();
        let mut names = (feed.namespaces)(2026);
        if names.is_empty() {
            // A feed that is asked for what a scan comes upon.
            let expected = std::fs::read(fixtures().join(feed.id).join("expected.json")).unwrap();
            let expected: Map<String, Value> = serde_json::from_slice(&expected).unwrap();
            names = expected.keys().cloned().collect();
        }
        for name in names {
            let mut harvest = Harvest::of([name.as_str()], Texts::All);
            for (address, bytes) in read_all(feed, &name, mirror.path(), &mut harvest) {
                let kind = address.rsplit('/').next().unwrap().to_owned();
                let file = kind.split('#').next().unwrap();
                if !LISTS.contains(&file) && kinds.insert(kind) {
                    found.push((feed, address, bytes));
                }
            }
        }
        assert!(!kinds.is_empty(), "{} has no document", feed.id);
    }
    found
}

#[test]
fn a_file_that_ends_early_is_an_error() {
    for (feed, address, bytes) in documents() {
        let whole = bytes.trim_ascii_end().len();
        assert!(parse(feed, &address, &bytes).is_ok(), "{address}");
        for end in (0..whole).step_by(1 + whole / 300).chain([whole - 1]) {
            let error = parse(feed, &address, &bytes[..end]).unwrap_err();
            let FeedError::Malformed { address: named, place, .. } = error else {
                panic!("{address} cut at {end}: {error}")
            };
            assert_eq!(Some(named.as_str()), address.split('#').next());
            let known = ["line ", "byte ", "member ", "the member ", "its "];
            assert!(known.iter().any(|word| place.starts_with(word)), "{place}");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_an_error() {
    let deep = "[".repeat(200_000);
    for (feed, address, _) in documents() {
        // A file that is one record of many is dropped, when it is JSON of another shape.
        if address.contains("/cve-") {
            continue;
        }
        for text in ["", "null", "[]", "{}x", "<html>", "\u{0}\u{0}", deep.as_str()] {
            assert!(parse(feed, &address, text.as_bytes()).is_err(), "{address}: {text:.9}");
            let packed = pack(text.as_bytes());
            assert!(parse(feed, &address, &packed).is_err(), "{address}: {text:.9}");
        }
    }
}

#[test]
fn what_follows_the_document_is_an_error() {
    for (feed, address, mut bytes) in documents() {
        bytes.extend_from_slice(b"{}");
        assert!(parse(feed, &address, &bytes).is_err(), "{address}");
    }
}

#[test]
fn the_list_of_exploited_must_be_as_long_as_it_says() {
    let feed = plimsoll_feeds::find("kev").unwrap();
    let error = parse(feed, "x", br#"{"count": 2, "vulnerabilities": []}"#).unwrap_err();
    assert!(error.to_string().contains("it says that it has 2 entries"), "{error}");
}

#[test]
fn a_line_of_scores_is_limited() {
    let feed = plimsoll_feeds::find("epss").unwrap();
    let mut text = "cve,epss,percentile\n".to_owned();
    text.extend(std::iter::repeat_n('x', plimsoll_feeds::epss::MAX_LINE_BYTES as usize));
    let error = parse(feed, "x.gz", &pack(text.as_bytes())).unwrap_err();
    assert!(error.to_string().contains("line 2: the line is too long"), "{error}");
}
