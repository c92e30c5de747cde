//! Tests of `tree`.

use super::*;
use crate::want::Want;

fn layer(entries: &[(&str, EntryKind<'_>, Option<&str>)]) -> LayerListing {
    let mut listing = LayerListing::default();
    for (path, kind, body) in entries {
        let content = body.map(|body| listing.keep(Content::of_body(body.as_bytes().into(), 1)));
        assert!(listing.push(&Entry { path, kind: *kind, executable: false, content }));
    }
    listing
}

pub(super) fn tree(layers: &[&[(&str, EntryKind<'_>, Option<&str>)]]) -> Tree {
    let mut tree = Tree::new();
    for (index, entries) in layers.iter().enumerate() {
        tree.apply(index as u32, layer(entries));
    }
    tree
}

fn text(tree: &Tree, path: &str) -> Option<String> {
    tree.read(path).map(|file| String::from_utf8_lossy(file.body).into_owned())
}

pub(super) const FILE: EntryKind<'static> = EntryKind::File;
pub(super) const DIR: EntryKind<'static> = EntryKind::Directory;
pub(super) const GONE: EntryKind<'static> = EntryKind::Whiteout;
const OPAQUE: EntryKind<'static> = EntryKind::Opaque;

#[test]
fn an_upper_layer_replaces_and_removes() {
    let tree = tree(&[
        &[("a/x", FILE, Some("1")), ("a/y", FILE, Some("1")), ("b/z", FILE, Some("1"))],
        &[("a/x", FILE, Some("2")), ("a/y", GONE, None), ("b", GONE, None)],
    ]);
    assert_eq!(text(&tree, "a/x").as_deref(), Some("2"));
    assert_eq!(text(&tree, "a/y"), None);
    assert_eq!(text(&tree, "b/z"), None);
    assert_eq!(tree.list("a"), ["x"]);
    assert!(!tree.exists("b"));
}

#[test]
fn files_of_one_name_are_those_that_are_visible_and_were_kept() {
    let tree = tree(&[
        &[("b/x", FILE, Some("1")), ("a/x", FILE, Some("1")), ("x", FILE, None)],
        &[
            ("a/x", GONE, None),
            ("c/x", FILE, Some("2")),
            ("c/xx", FILE, Some("2")),
            ("d/x", DIR, None),
        ],
    ]);
    assert_eq!(tree.named("x"), ["b/x", "c/x"]);
    assert_eq!(tree.named("y"), [""; 0]);
}

#[test]
fn a_whiteout_hides_only_what_lower_layers_brought() {
    let tree = tree(&[
        &[("d/old", FILE, Some("1")), ("e/old", FILE, Some("1"))],
        &[
            ("d/new", FILE, Some("2")),
            ("d", OPAQUE, None),
            ("e/old", FILE, Some("2")),
            ("e/old", GONE, None),
        ],
    ]);
    assert_eq!(tree.list("d"), ["new"]);
    assert_eq!(text(&tree, "e/old").as_deref(), Some("2"));
}

#[test]
fn a_folder_replaced_by_a_file_and_made_again_is_empty() {
    let tree = tree(&[
        &[("d/old", FILE, Some("1"))],
        &[("d", FILE, Some("2"))],
        &[("d", DIR, None), ("d/new", FILE, Some("3"))],
    ]);
    assert_eq!(tree.list("d"), ["new"]);
}

#[test]
fn entries_below_a_linked_folder_land_where_the_link_leads() {
    let tree = tree(&[
        &[("usr/lib", DIR, None), ("lib", EntryKind::Symlink("usr/lib"), None)],
        &[("lib/apk/db/installed", FILE, Some("db"))],
    ]);
    assert_eq!(text(&tree, "usr/lib/apk/db/installed").as_deref(), Some("db"));
    assert_eq!(tree.read("lib/apk/db/installed").unwrap().path, "usr/lib/apk/db/installed");
}

#[test]
fn absolute_links_stay_inside_and_loops_end() {
    let tree = tree(&[&[
        ("etc/os-release", EntryKind::Symlink("/usr/lib/os-release"), None),
        ("usr/lib/os-release", FILE, Some("ID=x")),
        ("up", EntryKind::Symlink("../../.."), None),
        ("a", EntryKind::Symlink("b"), None),
        ("b", EntryKind::Symlink("a"), None),
        ("a/file", FILE, Some("lost")),
        ("dot", EntryKind::Symlink("."), None),
    ]]);
    assert_eq!(text(&tree, "etc/os-release").as_deref(), Some("ID=x"));
    assert_eq!(text(&tree, "up/etc/os-release").as_deref(), Some("ID=x"));
    assert_eq!(text(&tree, "dot/dot/dot/etc/os-release").as_deref(), Some("ID=x"));
    assert_eq!(text(&tree, "a"), None);
    assert_eq!(tree.problems().len(), 1, "{:?}", tree.problems());
}

#[test]
fn a_hard_link_keeps_the_bytes_when_its_target_goes() {
    let tree = tree(&[
        &[("data/orig", FILE, Some("bytes"))],
        &[("data/hard", EntryKind::Hardlink("data/orig"), None)],
        &[("data/orig", GONE, None)],
    ]);
    assert_eq!(text(&tree, "data/hard").as_deref(), Some("bytes"));
    assert_eq!(text(&tree, "data/orig"), None);
}

#[test]
fn history_shows_hidden_copies_and_gaps() {
    let tree = tree(&[
        &[("var/status", FILE, Some("1"))],
        &[("var/status", FILE, Some("2"))],
        &[("var", GONE, None)],
        &[("var/status", FILE, Some("4"))],
    ]);
    let (history, visible) = tree.history("var/status");
    let seen: Vec<(u32, bool)> = history.iter().map(|v| (v.layer, v.after_gap)).collect();
    assert_eq!(seen, [(0, false), (1, false), (3, true)]);
    assert!(visible);
}

#[test]
fn history_survives_the_removal_of_a_database() {
    let tree =
        tree(&[&[("var/lib/dpkg/status", FILE, Some("1"))], &[("var/lib/dpkg", GONE, None)]]);
    let (history, visible) = tree.history("var/lib/dpkg/status");
    assert_eq!(history.len(), 1);
    assert!(!visible);
}

#[test]
fn names_of_a_removed_folder_are_still_known() {
    let tree = tree(&[&[("d/b", FILE, None), ("d/a", FILE, None)], &[("d", GONE, None)]]);
    assert!(tree.list("d").is_empty());
    let hidden = tree.list_hidden("d");
    let names: Vec<&str> = hidden.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(tree.list_hidden("e").is_empty());
}

#[test]
fn the_last_of_two_entries_with_one_path_counts() {
    let tree = tree(&[&[("s", FILE, Some("a")), ("s", FILE, Some("b"))]]);
    assert_eq!(text(&tree, "s").as_deref(), Some("b"));
    assert_eq!(tree.history("s").0.len(), 1);
}

#[test]
fn a_wanted_file_behind_a_link_is_missing_until_supplied() {
    let wants: &[&[Want]] = &[&[Want::Path("var/lib/dpkg/status"), Want::Suffix(".jar")]];
    let wants = WantSet::new(wants);
    let mut tree = tree(&[&[
        ("opt/db/status", FILE, None),
        ("var/lib/dpkg", EntryKind::Symlink("/opt/db"), None),
        ("blob", FILE, None),
        ("app.jar", EntryKind::Hardlink("blob"), None),
    ]]);
    let missing = tree.missing(&wants);
    let places: Vec<&str> = missing.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(places, ["blob", "opt/db/status"]);
    for place in &missing {
        tree.supply(place, &Content::of_body(b"found".as_slice().into(), 1));
    }
    assert_eq!(text(&tree, "var/lib/dpkg/status").as_deref(), Some("found"));
    assert!(tree.missing(&wants).is_empty());
}

#[test]
fn beyond_the_names_of_an_image_only_what_matters_goes_on_and_that_is_said_once() {
    let limits = TreeLimits { names: 8, text_bytes: 1000 };
    let mut tree = Tree::with_limits(limits);
    let plain: Vec<String> = (0..20).map(|number| format!("d/plain{number}")).collect();
    let mut entries: Vec<_> = plain.iter().map(|path| (path.as_str(), FILE, None)).collect();
    tree.apply(0, layer(&entries));
    assert_eq!(tree.list("d").len(), 7, "the root and the folder are names too");
    entries.extend([("e", DIR, None), ("d/kept", FILE, Some("body"))]);
    tree.apply(1, layer(&entries));
    assert_eq!(tree.list("d").len(), 8);
    assert!(tree.exists("e"));
    assert_eq!(text(&tree, "d/kept").as_deref(), Some("body"));
    // There is no room any more, but nothing is believed to be what it was.
    let more = [("d/kept", FILE, None), ("d/plain0", GONE, None), ("f", DIR, None)];
    tree.apply(2, layer(&more));
    assert_eq!(text(&tree, "d/kept"), None);
    assert!(tree.exists("d/kept") && !tree.exists("d/plain0") && !tree.exists("f"));
    assert!(tree.nodes.len() <= 8 + 8 / 4 + 1);
    let problems = tree.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].gap, problems[0].layer), (Some(GapKind::Limit), Some(0)));
}

#[test]
fn what_layers_bring_again_and_again_has_a_limit() {
    let limits = TreeLimits { names: 10, text_bytes: 100 };
    let mut tree = Tree::with_limits(limits);
    for number in 0..100 {
        let folder = format!("x{number}");
        let link = EntryKind::Symlink("to/another/place");
        tree.apply(
            number,
            layer(&[
                ("plain", FILE, None),
                ("kept", FILE, Some("1")),
                ("link", link, None),
                ("gone", FILE, None),
                ("gone", GONE, None),
                (&format!("{folder}/y"), DIR, None),
            ]),
        );
    }
    assert!(tree.nodes.len() <= 13, "{}", tree.nodes.len());
    assert!(tree.versions.len() <= 40, "{}", tree.versions.len());
    assert!(tree.links.len() <= 16, "{}", tree.links.len());
    assert!(tree.names.len() + tree.link_bytes <= 160 + 16);
    assert!(tree.slots.len() <= 40, "{}", tree.slots.len());
    assert_eq!(tree.problems().len(), 1);
}

#[test]
fn a_file_that_its_layer_calls_otherwise_is_looked_for_by_that_name() {
    let wants: &[&[Want]] = &[&[Want::Path("var/db")]];
    let wants = WantSet::new(wants);
    let link = EntryKind::Symlink("usr/lib");
    let mut tree = tree(&[
        &[
            ("usr/lib", DIR, None),
            ("lib", link, None),
            ("var/db", EntryKind::Symlink("../lib/db"), None),
        ],
        &[("lib/other", FILE, None), ("lib/db", FILE, None), ("usr/lib/third", FILE, None)],
    ]);
    let missing = tree.missing(&wants);
    assert_eq!(missing.len(), 1);
    assert_eq!((missing[0].layer, missing[0].path.as_str()), (1, "lib/db"));
    tree.supply(&missing[0], &Content::of_body(b"found".as_slice().into(), 1));
    assert_eq!(tree.read("var/db").unwrap().path, "usr/lib/db");
    assert_eq!(text(&tree, "var/db").as_deref(), Some("found"));
    assert_eq!(tree.slots.len(), 2, "none for the file that lies under its own path");
}

#[test]
fn plain_files_that_each_layer_brings_again_are_all_there_and_nothing_is_said() {
    let mut tree = Tree::with_limits(TreeLimits { names: 10, text_bytes: 100 });
    for number in 0..100 {
        tree.apply(number, layer(&[("d", DIR, None), ("d/a", FILE, None), ("d/b", FILE, None)]));
    }
    assert_eq!(tree.list("d"), ["a", "b"]);
    assert_eq!(tree.visible(tree.locate("d/a", Follow::Last).unwrap()).unwrap().layer, 99);
    assert!(tree.versions.len() <= 24, "{}", tree.versions.len());
    assert_eq!(tree.problems(), []);
}
