//! Real databases of RPM against what `rpm -qa` says of them, column by column.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use plimsoll_catalog::{Catalogued, catalogue};
use plimsoll_model::{EntryKind, LayerListing, Package, Problem, Readers as _, Tree};

use crate::image;

/// Name, epoch, version, release, architecture, source package, module label, vendor.
type Row = [String; 8];

fn shared(path: &str, test: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/images").join(path);
    if !path.exists() {
        eprintln!("skipped: {test}: ../shared is not there");
        return None;
    }
    Some(path)
}

/// What `rpm -qa` printed, sorted, without keys.
fn truth(path: &Path) -> Vec<Row> {
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().map(|line| {
        let columns: Vec<String> = line.split('\t').map(str::to_owned).collect();
        Row::try_from(columns).unwrap()
    });
    let mut rows: Vec<Row> = rows.filter(|row| row[0] != "gpg-pubkey").collect();
    rows.sort();
    rows
}

fn row(package: &Package) -> Row {
    let none = || "(none)".to_owned();
    let (epoch, rest) = package.version.split_once(':').unwrap_or(("0", &package.version));
    let (version, release) = rest.rsplit_once('-').unwrap();
    let source = package.source.as_ref();
    [
        package.name.clone(),
        epoch.to_owned(),
        version.to_owned(),
        release.to_owned(),
        package.arch.clone().unwrap_or_else(none),
        source.map_or_else(none, |source| format!("{}-{}.src.rpm", source.name, source.version)),
        package.modularity.clone().unwrap_or_else(none),
        package.vendor.clone().unwrap_or_else(none),
    ]
}

fn rows(packages: &[Package]) -> Vec<Row> {
    let mut rows: Vec<Row> = packages.iter().map(row).collect();
    rows.sort();
    rows
}

/// Reads an image as `docker save` writes it: the layers that `manifest.json` names, in order.
fn found_in_image(path: &Path) -> Catalogued {
    let members = files(fs::File::open(path).unwrap());
    let body = |name: &str| &members.iter().find(|member| member.0 == name).unwrap().1;
    let manifest: serde_json::Value = serde_json::from_slice(body("manifest.json")).unwrap();
    let layers = manifest[0]["Layers"].as_array().unwrap();
    let layers: Vec<Vec<(String, Vec<u8>)>> =
        layers.iter().map(|name| files(&body(name.as_str().unwrap())[..])).collect();
    let tree = tree(&layers);
    catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(layers.len()), true)
}

fn files(archive: impl std::io::Read) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(archive).entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.header().entry_type().is_file() {
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut body = Vec::new();
            entry.read_to_end(&mut body).unwrap();
            files.push((path, body));
        }
    }
    files
}

fn tree(layers: &[Vec<(String, Vec<u8>)>]) -> Tree {
    let mut tree = Tree::new();
    for (index, files) in layers.iter().enumerate() {
        let mut listing = LayerListing::default();
        for (path, body) in files {
            image::add_file(&plimsoll_catalog::readers(false), path, body, &mut listing);
        }
        tree.apply(index as u32, listing);
    }
    tree
}

#[test]
fn every_kind_of_database_gives_what_rpm_lists() {
    let images = ["rpm-fedora38-sqlite", "rpm-rhel8-bdb", "rpm-sles15-ndb"];
    for image in images {
        let name = format!("built/{image}.tar");
        let Some(path) = shared(&name, "every_kind_of_database_gives_what_rpm_lists") else {
            return;
        };
        // What rpm lists is not there for NDB: the same packages were put in.
        let listed = format!("{image}.rpm-qa.tsv");
        let same = path.with_file_name("rpm-rhel8-bdb.rpm-qa.tsv");
        let truth =
            truth(&Some(path.with_file_name(listed)).filter(|p| p.exists()).unwrap_or(same));
        let found = found_in_image(&path);
        assert_eq!(found.problems, Vec::<Problem>::new(), "{image}");
        assert_eq!(found.gaps, [], "{image}");
        assert_eq!(rows(&found.packages), truth, "{image}");
        let layers: Vec<Option<u32>> = found.packages.iter().map(|package| package.layer).collect();
        assert!(layers.contains(&Some(0)) && layers.contains(&Some(1)), "{image}: {layers:?}");
    }
}

#[test]
fn a_real_database_of_mariner_gives_what_rpm_lists() {
    let test = "a_real_database_of_mariner_gives_what_rpm_lists";
    let Some(path) = shared("fixtures/cbl-mariner-2.0.rpmdb.sqlite", test) else { return };
    let (packages, problems) = plimsoll_catalog::parse_rpm(&fs::read(&path).unwrap());
    assert_eq!(problems, []);
    let truth = truth(&path.with_file_name("cbl-mariner-2.0.rpm-qa.tsv"));
    assert_eq!(rows(&packages), truth);
    assert!(truth.len() > 100, "{}", truth.len());
}

#[test]
fn a_real_database_of_fedora_gives_what_rpm_lists() {
    let test = "a_real_database_of_fedora_gives_what_rpm_lists";
    let Some(path) = shared("fixtures/fedora26-modular-bdb-rootfs.tar.xz", test) else { return };
    let packed = fs::File::open(&path).unwrap();
    let root = files(lzma_rust2::XzReader::new(packed, true));
    let mut listing = LayerListing::default();
    let readers = plimsoll_catalog::readers(false);
    for (path, body) in &root {
        let path = path.strip_prefix("rootfs/").unwrap();
        if readers.wants().ask(path, false) != 0 {
            image::add_file(&readers, path, body, &mut listing);
        } else {
            image::push(path, EntryKind::File, None, &mut listing);
        }
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    let found = catalogue(&tree, &plimsoll_catalog::readers(true), &[], false);
    assert_eq!(found.problems, []);
    let packages: Vec<Package> =
        found.packages.into_iter().filter(|package| package.kind == "rpm").collect();
    let truth = truth(&path.with_file_name("fedora26-modular.rpm-qa.tsv"));
    assert_eq!(rows(&packages), truth);
    assert!(truth.len() > 100, "{}", truth.len());
}
