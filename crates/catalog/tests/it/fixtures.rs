//! Walks `tests/fixtures/CATALOGUER/CASE`: a case has a folder `tree` (one layer) or `layers` (folders
//! `0`, `1`, … from the lowest), and `expected.json`. `UPDATE=1` writes that anew.
//!
//! A file `folder` in a case says that the target is a folder and no image.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_catalog::{CATALOGUERS, Catalogued, catalogue};
use plimsoll_model::{Channel, DISTROS};
use serde_json::{Value, json};

use crate::image;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn show(found: &Catalogued) -> Value {
    let distro = found.distro.as_ref().map(|distro| {
        let mut shown = json!({
            "id": distro.id,
            "version_id": distro.version_id,
            "name": distro.name,
            "codename": distro.codename,
            "release": distro.release,
            "namespace": distro.namespace(),
            "evidence": distro.evidence,
        });
        let channel = |channel: &Channel| {
            json!({ "layer": channel.layer, "names": channel.names, "evidence": channel.evidence })
        };
        if !distro.channels.is_empty() {
            shown["channels"] = distro.channels.iter().map(channel).collect();
        }
        shown
    });
    let mut shown = json!({
        "distro": distro,
        "packages": found.packages,
        "problems": found.problems,
        "gaps": found.gaps,
    });
    if !found.artifacts.is_empty() {
        shown["artifacts"] = json!(found.artifacts);
    }
    shown
}

#[test]
fn every_row_has_a_fixture_and_every_fixture_a_row() {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let fixtures: Vec<String> = folders(&root()).iter().map(name).collect();
    let mut rows: Vec<&str> = CATALOGUERS.iter().map(|row| row.name).collect();
    rows.sort_unstable();
    assert_eq!(fixtures, rows);
    for folder in folders(&root()) {
        assert!(!folders(&folder).is_empty(), "{} has no case", folder.display());
    }
}

#[test]
fn every_distribution_has_a_fixture() {
    for row in DISTROS {
        let tree = image::tree(&[root().join("distro").join(row.id).join("tree")]);
        let found = plimsoll_catalog::distro(&tree).0;
        let found = found.and_then(|distro| distro.row).map(|row| row.id);
        assert_eq!(found, Some(row.id));
    }
}

#[test]
fn every_case_gives_what_is_expected() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in folders(&root()).iter().flat_map(|row| folders(row)) {
        let layers = case.join("layers");
        let layers = if layers.is_dir() { folders(&layers) } else { vec![case.join("tree")] };
        let tree = image::tree(&layers);
        let is_image = !case.join("folder").exists();
        let found = show(&catalogue(
            &tree,
            &plimsoll_catalog::readers(true),
            &image::layers(layers.len()),
            is_image,
        ));
        let text = format!("{}\n", serde_json::to_string_pretty(&found).unwrap());
        let expected = case.join("expected.json");
        if update {
            fs::write(&expected, text).unwrap();
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&text) {
            wrong.push(format!("{}:\n{text}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "not as in expected.json:\n{}", wrong.join("\n"));
}
