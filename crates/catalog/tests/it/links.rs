//! Files with several names: what is told once, and under which name.

use plimsoll_catalog::{Catalogued, catalogue};
use plimsoll_model::EntryKind;

use crate::image;

const FILE: EntryKind<'_> = EntryKind::File;
const LODASH: &str = r#"{"name": "lodash", "version": "4.17.20"}"#;

fn paths(entries: &[(&str, EntryKind<'_>, &str)]) -> Vec<String> {
    let tree = image::tree_of_layers(&[entries]);
    let Catalogued { packages, .. } =
        catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(1), true);
    packages.into_iter().map(|package| package.evidence[0].path.clone()).collect()
}

#[test]
fn a_name_that_nobody_asked_for_tells_nothing() {
    let module = "srv/node_modules/lodash/package.json";
    let store = "root/store/v3/files/00/4f";
    for entries in [
        [(store, FILE, LODASH), (module, EntryKind::Hardlink(store), "")],
        [(module, FILE, LODASH), (store, EntryKind::Hardlink(module), "")],
    ] {
        assert_eq!(paths(&entries), [module]);
    }
}

#[test]
fn each_name_that_was_asked_for_tells_of_it() {
    let (module, cache) =
        ("srv/node_modules/lodash/package.json", "root/.bun/install/cache/lodash@4/package.json");
    let entries = [(cache, FILE, LODASH), (module, EntryKind::Hardlink(cache), "")];
    assert_eq!(paths(&entries), [cache, module]);
}

#[test]
fn a_link_in_a_place_leads_to_what_it_asks_for() {
    let linked = [
        ("usr/lib/conda/a", FILE, r#"{"name": "a", "version": "1"}"#),
        ("opt/conda-meta/a.json", EntryKind::Hardlink("usr/lib/conda/a"), ""),
    ];
    assert_eq!(paths(&linked), ["opt/conda-meta/a.json"]);
}
