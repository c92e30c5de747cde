//! Scans by the shared mirror of real feeds.

use std::collections::BTreeMap;

use crate::support::{Lab, alpine, image, layer, shared};

fn findings(report: &serde_json::Value) -> BTreeMap<String, serde_json::Value> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|f| (f["id"].as_str().unwrap().to_owned(), f.clone())).collect()
}

#[test]
fn alpine_3_17_with_openssl_3_0_7_shows_its_weaknesses_with_the_fix() {
    let Some(mirror) = shared("mirror", "Alpine 3.17 by the mirror") else { return };
    let lab = Lab::new();
    let path = lab.write("x.tar", alpine(&[("libssl3", "3.0.7-r0", "openssl")]));
    let mirror = mirror.to_str().unwrap();
    let report = lab.json(&["image", path.to_str().unwrap(), "--mirror", mirror, "-f", "json"]);
    let findings = findings(&report);
    let finding = &findings["CVE-2023-0286"];
    assert_eq!(finding["fixed_versions"][0], "3.0.8-r0");
    assert_eq!(finding["state"], "fixed");
    assert_eq!(finding["why"]["source"], "alpine:3.17");
    assert_eq!(finding["why"]["comparison"], "3.0.7-r0 < 3.0.8-r0");
    assert!(findings.len() > 10, "{:?}", findings.keys());
    assert_eq!(report["coverage"]["packages"]["judged"], 1);
    let shards = report["database"]["shards"].as_array().unwrap();
    assert!(shards.iter().any(|shard| shard["namespace"] == "alpine:3.17"));
    // What the cache keeps of a first Alpine scan stays small.
    let kept: u64 = walk(&lab.path("cache"));
    assert!(kept < 3_000_000, "{kept} bytes in the cache");
}

fn walk(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() { walk(&entry.path()) } else { meta.len() }
        })
        .sum()
}

#[test]
fn debian_11_shows_none_that_its_fixed_versions_exclude() {
    let Some(mirror) = shared("mirror", "Debian 11 by the mirror") else { return };
    let lab = Lab::new();
    let status = |version: &str| {
        format!(
            "Package: libssl1.1\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: {version}\n\n"
        )
    };
    let release: &[u8] =
        b"ID=debian\nVERSION_ID=\"11\"\nPRETTY_NAME=\"Debian GNU/Linux 11 (bullseye)\"\n";
    let mirror = mirror.to_str().unwrap();
    let scan = |version: &str| {
        let status = status(version);
        let files: &[(&str, &[u8])] =
            &[("etc/os-release", release), ("var/lib/dpkg/status", status.as_bytes())];
        let path = lab.write("x.tar", image(&[layer(files)]));
        findings(&lab.json(&["image", path.to_str().unwrap(), "--mirror", mirror, "-f", "json"]))
    };
    let old = scan("1.1.1k-1");
    let new = scan("1.1.1n-0+deb11u5");
    assert_eq!(old["CVE-2023-0286"]["fixed_versions"][0], "1.1.1n-0+deb11u4");
    assert!(!new.contains_key("CVE-2023-0286"), "{:?}", new.keys());
    for (id, finding) in &new {
        assert!(
            finding["fixed_versions"].as_array().unwrap().iter().all(|f| f != "1.1.1n-0+deb11u4"),
            "{id}"
        );
    }
}

#[test]
fn a_signed_kernel_is_judged_as_the_kernel_it_is() {
    let Some(mirror) = shared("mirror", "signed kernels by the mirror") else { return };
    let lab = Lab::new();
    let kernel = |source: &str| {
        format!(
            "Package: linux-image-5.10.0-20-amd64\nStatus: install ok installed\nArchitecture: amd64\nSource: {source}\nVersion: 5.10.158-1\n\n"
        )
    };
    let release: &[u8] = b"ID=debian\nVERSION_ID=\"11\"\n";
    let mirror = mirror.to_str().unwrap();
    let ids = |source: &str| {
        let status = kernel(source);
        let files: &[(&str, &[u8])] =
            &[("etc/os-release", release), ("var/lib/dpkg/status", status.as_bytes())];
        let path = lab.write("x.tar", image(&[layer(files)]));
        let words = ["image", path.to_str().unwrap(), "--mirror", mirror, "-f", "json"];
        findings(&lab.json(&words)).into_keys().collect::<Vec<_>>()
    };
    let (signed, plain) = (ids("linux-signed-amd64 (5.10.158+1)"), ids("linux (5.10.158-1)"));
    assert!(!plain.is_empty() && !plain.contains(&"CVE-2022-3521".to_owned()));
    assert_eq!(signed, plain);
}

#[test]
fn an_advisory_with_a_version_that_is_none_is_told_and_not_lost() {
    let Some(mirror) = shared("mirror", "malformed versions of secdb") else { return };
    let lab = Lab::new();
    let database = "P:croc\nV:9.6.0-r1\nA:x86_64\no:croc\n\n";
    let release: &[u8] = b"ID=alpine\nVERSION_ID=3.21.0\n";
    let files: &[(&str, &[u8])] =
        &[("etc/os-release", release), ("lib/apk/db/installed", database.as_bytes())];
    let path = lab.write("x.tar", image(&[layer(files)]));
    let mirror = mirror.to_str().unwrap();
    let report = lab.json(&["image", path.to_str().unwrap(), "--mirror", mirror, "-f", "json"]);
    let finding = &findings(&report)["CVE-2023-43617"];
    assert_eq!(finding["set_aside"]["by"], "version order");
    assert_eq!(report["coverage"]["verdict"], "partial");
}

#[test]
fn a_built_database_gives_what_the_feeds_give() {
    let Some(mirror) = shared("mirror", "db build by the mirror") else { return };
    let lab = Lab::new();
    let mirror = mirror.to_str().unwrap();
    let path = lab.write("x.tar", alpine(&[("libssl3", "3.0.7-r0", "openssl")]));
    let image = path.to_str().unwrap();
    let only = "alpine:3.17,kev,epss";
    let build = |out: &str| {
        let ran = lab.run(&["db", "build", "--only", only, "--out", out, "--mirror", mirror]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    };
    let table = build("db").out;
    assert!(table.starts_with("namespace"), "{table}");
    assert!(table.contains("alpine:3.17") && table.contains("Alpine secdb"), "{table}");
    build("db2");
    let shards = |folder: &str| {
        let mut names: Vec<_> = std::fs::read_dir(lab.path(folder).join("shards"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(shards("db"), shards("db2"), "two builds give the same shards");
    let lazy = lab.json(&["image", image, "--mirror", mirror, "-f", "json"]);
    let held = lab.json(&["image", image, "--db", "db", "-f", "json"]);
    let ids = |report| findings(report).into_keys().collect::<Vec<_>>();
    assert_eq!(ids(&lazy), ids(&held));
    assert!(held["database"]["digest"].as_str().unwrap().starts_with("sha256:"));
    let status = lab.run(&["db", "status", "--db", "db"]);
    assert!(status.out.contains("alpine:3.17"), "{}", status.out);
    let cached = lab.run(&["db", "status"]);
    assert!(cached.out.contains("alpine:3.17"), "{}", cached.out);
}

#[test]
fn a_namespace_without_a_feed_is_wrong_usage_and_one_that_is_not_there_three() {
    let Some(mirror) = shared("mirror", "namespaces that are not there") else { return };
    let lab = Lab::new();
    let mirror = mirror.to_str().unwrap();
    let build = |only: &str| {
        lab.run(&["db", "build", "--only", only, "--out", "db", "--mirror", mirror]).code
    };
    assert_eq!(build("plan9:4"), 2);
    assert_eq!(build("alpine:3.99"), 3);
}
