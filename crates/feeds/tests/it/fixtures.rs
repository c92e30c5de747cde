//! Every row of the table against its fixture folder.

use std::collections::BTreeSet;

use plimsoll_feeds::{FEEDS, Feed, Harvest, Texts};
use serde_json::{Map, Value};

use crate::support::{as_json, fixtures, mirror_of, read_all};

#[test]
fn every_row_has_a_folder_and_every_folder_a_row() {
    let ids: BTreeSet<String> = FEEDS.iter().map(|feed| feed.id.to_owned()).collect();
    assert_eq!(ids.len(), FEEDS.len(), "an id stands twice");
    let folders: BTreeSet<String> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(ids, folders);
}

#[test]
fn every_feed_reads_its_fixture() {
    for feed in FEEDS {
        let path = fixtures().join(feed.id).join("expected.json");
        let expected: Map<String, Value> =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let found = read(feed, &expected);
        if std::env::var_os("UPDATE").is_some() {
            let text = serde_json::to_string_pretty(&found).unwrap();
            std::fs::write(&path, text + "\n").unwrap();
            continue;
        }
        for (namespace, expected) in &expected {
            assert_eq!(&found[namespace], expected, "{namespace}");
        }
    }
}

fn read(feed: &Feed, expected: &Map<String, Value>) -> Map<String, Value> {
    let mirror = mirror_of(&[feed.id]);
    let mut found = Map::new();
    for namespace in expected.keys() {
        let mut harvest = Harvest::of([namespace.as_str()], Texts::All);
        let read = read_all(feed, namespace, mirror.path(), &mut harvest);
        assert!(!read.is_empty(), "{namespace} has no file");
        found.insert(namespace.clone(), as_json(&harvest.into_drafts()[namespace]));
    }
    found
}

#[test]
fn each_namespace_has_one_feed() {
    for feed in FEEDS {
        for namespace in (feed.namespaces)(2026) {
            let served = FEEDS.iter().filter(|feed| (feed.files)(&namespace).is_some()).count();
            assert_eq!(served, 1, "{namespace}");
            assert_eq!(plimsoll_feeds::find(&namespace).map(|found| found.id), Some(feed.id));
        }
    }
    assert!(plimsoll_feeds::find("nixos:24.05").is_none());
}
