//! Images that real tools, and people with bad intentions, have made.

use std::path::PathBuf;

use plimsoll_model::GapKind;

use crate::images::{Place, text};

/// Returns an image of `../shared`, or says that the test is skipped.
fn image(test: &str, name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/images").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test}: ../shared is not there");
    None
}

#[test]
fn odd_links_lead_where_they_lead() {
    let Some(path) = image("odd_links_lead_where_they_lead", "built/odd-links.tar") else { return };
    let contents = Place::new().read(&path).unwrap();
    let tree = &contents.tree;
    assert!(text(tree, "var/lib/dpkg/status").unwrap().contains("Version: 3.0.11-1"));
    assert!(text(tree, "etc/os-release").unwrap().contains("ID=debian"));
    // The entry was `lib/apk/db/installed`, and `lib` is a link to `usr/lib`.
    let file = tree.read("lib/apk/db/installed").unwrap();
    assert_eq!(file.path, "usr/lib/apk/db/installed");
    assert!(tree.exists("data/hard") && !tree.exists("data/orig") && !tree.exists("data/soft"));
    assert!(tree.exists("abs/file"));
    assert!(!tree.exists("loop-a"));
    assert_eq!(tree.problems(), []);
}

#[test]
fn odd_names_stay_inside() {
    let Some(path) = image("odd_names_stay_inside", "built/odd-hostile.tar") else { return };
    let contents = Place::new().read(&path).unwrap();
    let problems = contents.tree.problems();
    let unreadable = problems.iter().filter(|odd| odd.gap == Some(GapKind::Unreadable));
    assert!(unreadable.count() >= 2, "{problems:?}");
    assert!(contents.tree.exists("tmp/lab-escape2"), "a link to `/` is a link to the root");
    assert!(!contents.tree.exists("tmp/lab-escape"));
}

#[test]
fn odd_duplicates_and_removed_databases_come_out_right() {
    let test = "odd_duplicates_and_removed_databases_come_out_right";
    let Some(path) = image(test, "built/odd-dup-entries.tar") else { return };
    let contents = Place::new().read(&path).unwrap();
    assert!(text(&contents.tree, "var/lib/dpkg/status").unwrap().contains("Package: c"));
    let (history, _) = contents.tree.history("var/lib/dpkg/status");
    let second = std::str::from_utf8(history[1].body.unwrap()).unwrap();
    assert!(second.contains("Package: b"), "the last of two counts");

    let Some(path) = image(test, "built/odd-db-removed.tar") else { return };
    let contents = Place::new().read(&path).unwrap();
    assert!(!contents.tree.exists("var/lib/dpkg/status"));
    let (history, visible) = contents.tree.history("var/lib/dpkg/status");
    assert!(!visible && history[0].body.is_some());
}

#[test]
fn every_image_there_is_read_without_a_problem() {
    let test = "every_image_there_is_read_without_a_problem";
    let names = [
        "built/odd-empty-layers.tar",
        "built/odd-gnu-v7.tar",
        "built/rpm-fedora38-sqlite.tar",
        "built/rpm-rhel8-bdb.tar",
        "built/rpm-sles15-ndb.tar",
        "fixtures/alpine-310.tar.gz",
        "fixtures/alpine-311.tar.gz",
    ];
    for name in names {
        let Some(path) = image(test, name) else { return };
        let contents = Place::new().read(&path).unwrap();
        assert_eq!(contents.tree.problems(), [], "{name}");
        assert!(text(&contents.tree, "etc/os-release").unwrap().contains("ID="), "{name}");
        let packed = name.starts_with("fixtures/");
        assert!(contents.target.layers.iter().all(|layer| layer.verified == packed), "{name}");
    }
}
