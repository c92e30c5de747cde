//! Programs without a package manager, in the images that `cargo xtask images` gathers: each is named, and
//! judged by the shared mirror.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Lab, shared};

/// The image, or `None` after saying what is skipped.
fn gathered(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PLIMSOLL_TEST_IMAGES").map(PathBuf::from);
    let image = folder.map(|folder| folder.join(format!("{name}.tar")));
    let there = image.filter(|image| image.is_file());
    if there.is_none() {
        eprintln!(
            "skipped: {name}: `cargo xtask images {name}` makes it, PLIMSOLL_TEST_IMAGES names its folder"
        );
    }
    there
}

fn inventory(image: &std::path::Path) -> Value {
    Lab::new().json(&["inventory", image.to_str().unwrap(), "-f", "json"])
}

/// The report of a scan by the mirror; findings are there, so the exit code is not asked.
fn scan(image: &std::path::Path, name: &str) -> Option<Value> {
    let mirror = shared("mirror", &format!("{name} judged by the mirror"))?;
    let lab = Lab::new();
    let words = ["image", image.to_str().unwrap(), "--mirror", mirror.to_str().unwrap()];
    let ran = lab.run(&[&words[..], &["-f", "json"]].concat());
    Some(serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err)))
}

fn packages<'a>(report: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    report["packages"].as_array().unwrap().iter().filter(move |package| package["type"] == kind)
}

/// Names of the packages with findings.
fn weak<'a>(report: &'a Value, kind: &'a str) -> BTreeSet<&'a str> {
    let found: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().map(|finding| &finding["package"]).collect();
    packages(report, kind)
        .filter(|package| found.contains(&&package["id"]))
        .map(|package| package["name"].as_str().unwrap())
        .collect()
}

#[test]
fn runtimes_that_no_package_owns_are_named_and_judged() {
    let Some(image) = gathered("runtimes") else { return };
    let report = inventory(&image);
    for (name, version, place) in [
        ("java", "25.0.2", "opt/java/"),
        ("node", "24.19.0", "opt/node/bin/node"),
        ("nginx", "1.", "opt/nginx/sbin/nginx"),
        ("python", "3.11.", "opt/python/bin/python3.11"),
    ] {
        let found: Vec<_> =
            packages(&report, "generic").filter(|row| row["name"] == name).collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        let package = found[0];
        assert!(package["version"].as_str().unwrap().starts_with(version), "{package}");
        assert!(package["evidence"][0]["path"].as_str().unwrap().starts_with(place), "{package}");
        assert!(!package["cpes"].as_array().unwrap().is_empty(), "{package}");
        assert!(package["owner"].is_null(), "{package}");
    }
    let npm = packages(&report, "npm").find(|package| package["name"] == "npm").unwrap();
    assert_eq!(npm["evidence"][0]["path"], "opt/node/lib/node_modules/npm/package.json");
    let Some(report) = scan(&image, "runtimes") else { return };
    assert_eq!(report["coverage"]["packages"]["judged"], report["coverage"]["packages"]["total"]);
    let weak = weak(&report, "generic");
    for name in ["java", "nginx", "python"] {
        assert!(weak.contains(name), "{name} has known weaknesses: {weak:?}");
    }
}

#[test]
fn go_programs_tell_their_modules_and_are_judged() {
    let Some(image) = gathered("go-programs") else { return };
    let report = inventory(&image);
    let at = |path: &str| {
        let seen = |package: &&Value| {
            let evidence = package["evidence"].as_array().unwrap();
            evidence.iter().any(|evidence| evidence["path"] == path)
        };
        packages(&report, "golang").filter(seen).count()
    };
    // What the publishers of these versions built in; the others were built without a list of modules.
    assert_eq!(at("usr/local/bin/syft"), 187);
    assert_eq!(at("usr/local/bin/trivy"), 377);
    for bare in ["usr/local/bin/containerd", "usr/local/bin/ctr", "usr/local/sbin/runc"] {
        assert!(at(bare) >= 1, "{bare} has a standard library");
    }
    let Some(report) = scan(&image, "go-programs") else { return };
    assert!(weak(&report, "golang").contains("stdlib"));
}

#[test]
fn crates_of_a_rust_program_are_read_stripped_or_not_and_guessed_without_a_list() {
    let Some(image) = gathered("rust-auditable-scratch") else { return };
    let Some(report) = scan(&image, "rust-auditable-scratch") else { return };
    let at = |path: &str| -> BTreeSet<(&str, &str)> {
        packages(&report, "cargo")
            .filter(|package| package["evidence"][0]["path"] == path)
            .map(|package| {
                (package["name"].as_str().unwrap(), package["version"].as_str().unwrap())
            })
            .collect()
    };
    let listed = at("app");
    assert!(listed.is_superset(&BTreeSet::from([("smallvec", "0.6.13"), ("chrono", "0.4.19")])));
    assert_eq!(at("bin/app-stripped"), listed);
    let guessed: Vec<_> = packages(&report, "cargo")
        .filter(|package| package["evidence"][0]["path"] == "bin/app-plain")
        .collect();
    assert!(guessed.iter().any(|package| package["name"] == "regex"), "{guessed:?}");
    assert!(guessed.iter().all(|package| package["confidence"] == "low"), "{guessed:?}");
    let found: BTreeSet<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["id"].as_str().unwrap())
        .collect();
    for id in ["CVE-2021-25900", "CVE-2020-26235", "CVE-2022-24713", "RUSTSEC-2020-0159"] {
        assert!(found.contains(id), "{id}: {found:?}");
    }
}
