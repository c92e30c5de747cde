//! Real RPM databases through the whole program, in all three back ends.

use crate::support::{Lab, shared};

/// Returns what the report lists, as `rpm -qa` would with the columns of the shared lists.
fn listed(report: &serde_json::Value) -> Vec<String> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or("(none)").to_owned();
    let mut rows: Vec<String> = report["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| {
            let version = text(&package["version"]);
            let (epoch, version) = version.split_once(':').unwrap_or(("0", &version));
            let (version, release) = version.rsplit_once('-').unwrap();
            let source = &package["source"];
            let source = format!("{}-{}.src.rpm", text(&source["name"]), text(&source["version"]));
            [
                &text(&package["name"]),
                epoch,
                version,
                release,
                &text(&package["arch"]),
                &source,
                &text(&package["modularity"]),
                &text(&package["vendor"]),
            ]
            .join("\t")
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn real_databases_give_what_rpm_gave_for_them() {
    let Some(folder) = shared("images/built", "images with RPM databases") else { return };
    let lab = Lab::new();
    // The third holds the packages of the first.
    for (image, truth) in [
        ("rpm-rhel8-bdb", "rpm-rhel8-bdb"),
        ("rpm-fedora38-sqlite", "rpm-fedora38-sqlite"),
        ("rpm-sles15-ndb", "rpm-rhel8-bdb"),
    ] {
        let path = folder.join(format!("{image}.tar"));
        let report = lab.json(&["inventory", path.to_str().unwrap(), "-f", "json"]);
        let truth = std::fs::read_to_string(folder.join(format!("{truth}.rpm-qa.tsv"))).unwrap();
        let mut truth: Vec<&str> = truth.lines().collect();
        truth.sort_unstable();
        assert_eq!(listed(&report), truth, "{image}");
    }
}

#[test]
fn red_hat_packages_are_judged_by_red_hat_and_foreign_ones_by_nobody() {
    let Some(folder) = shared("images/built", "images with RPM databases") else { return };
    let Some(mirror) = shared("mirror", "RPM images by the mirror") else { return };
    let lab = Lab::new();
    let mirror = mirror.to_str().unwrap();
    let scan = |image: &str| {
        let path = folder.join(format!("{image}.tar"));
        lab.json(&["image", path.to_str().unwrap(), "--mirror", mirror, "-f", "json"])
    };
    let report = scan("rpm-rhel8-bdb");
    let findings = report["findings"].as_array().unwrap();
    let of = |id: &str| findings.iter().find(|finding| finding["id"] == id);
    let openssl = of("CVE-2023-0286").unwrap();
    assert_eq!(openssl["fixed_versions"][0], "1:1.1.1k-9.el8_7");
    assert_eq!(openssl["why"]["comparison"], "1:1.1.1k-7.el8_6 < 1:1.1.1k-9.el8_7");
    assert_eq!(openssl["severity_source"], "redhat");
    assert_eq!(of("CVE-2024-0727").unwrap()["state"], "fix_deferred");
    assert_eq!(report["coverage"]["packages"]["judged"], 5);
    // Packages of Red Hat in an image that calls itself Fedora or SUSE.
    for image in ["rpm-fedora38-sqlite", "rpm-sles15-ndb"] {
        let report = scan(image);
        assert_eq!(report["coverage"]["verdict"], "none", "{image}");
        let gaps = report["coverage"]["gaps"].as_array().unwrap();
        assert!(gaps.iter().any(|gap| gap["subject"] == "third-party packages"), "{image}");
    }
}
