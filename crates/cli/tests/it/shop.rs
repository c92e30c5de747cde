//! The image of the README, without a network.

use crate::support::{Lab, checkout};

#[test]
fn the_readme_s_image_gives_a_telling_report_without_a_network() {
    let lab = Lab::new();
    let ran = lab.run(&["image", &checkout("examples/shop.tar")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for text in [
        "Alpine Linux v3.17",
        "end of life since 2024-11-22",
        "CVE-2021-44228",
        "CVE-2023-0286",
        "log4j-core",
        "2.14.1",
        "srv/shop.jar > BOOT-INF/lib/log4j-core-2.14.1.jar",
        "Total: ",
        "Tested ",
        "What to do",
        "Coverage: partial",
        "inside the program alone",
    ] {
        assert!(ran.out.contains(text), "`{text}` is missing in:\n{}", ran.out);
    }
}

#[test]
fn layers_and_parents_are_told() {
    let lab = Lab::new();
    let report = lab.json(&["image", &checkout("examples/shop.tar"), "-f", "json"]);
    let packages = report["packages"].as_array().unwrap();
    let find = |name: &str| packages.iter().find(|p| p["name"] == name).unwrap();
    assert_eq!(
        find("libssl3")["layer"],
        0,
        "there since the base, though layer 1 rewrote the database"
    );
    assert_eq!(find("python3")["layer"], 1);
    assert_eq!(find("requests")["layer"], 2);
    let log4j = find("org.apache.logging.log4j:log4j-core");
    assert_eq!(log4j["layer"], 3);
    assert_eq!(log4j["parent"], find("com.example:shop")["id"]);
    assert_eq!(find("libssl3")["source"]["name"], "openssl");
    assert_eq!(
        find("libssl3")["purl"],
        "pkg:apk/alpine/libssl3@3.0.7-r0?arch=x86_64&distro=alpine-3.17.1"
    );
}

#[test]
fn two_runs_give_the_same_bytes() {
    let lab = Lab::new();
    let image = checkout("examples/shop.tar");
    for format in ["json", "table"] {
        let first = lab.run(&["image", &image, "-f", format]).out;
        let second = lab.run(&["image", &image, "-f", format, "--no-cache"]).out;
        assert_eq!(first, second, "{format}");
        assert_eq!(Lab::new().run(&["image", &image, "-f", format]).out, first, "{format}");
    }
}

#[test]
fn why_tells_the_proof() {
    let lab = Lab::new();
    let image = checkout("examples/shop.tar");
    let ran = lab.run(&["why", "CVE-2023-0286", &image]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for text in ["libssl3 3.0.7-r0", "lib/apk/db/installed", "3.0.7-r0 < 3.0.8-r0", "openssl"] {
        assert!(ran.out.contains(text), "`{text}` is missing in:\n{}", ran.out);
    }
    let ran = lab.run(&["why", "CVE-1999-0001", &image]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("Coverage: partial"), "{}", ran.out);
}

#[test]
fn an_inventory_needs_no_database() {
    let lab = Lab::new();
    let report = lab.json(&["inventory", &checkout("examples/shop.tar"), "-f", "json"]);
    assert!(report.get("findings").is_none() && report.get("database").is_none());
    assert!(report.get("advice").is_none());
    assert!(report["packages"].as_array().unwrap().len() > 15);
    let table = lab.run(&["inventory", &checkout("examples/shop.tar")]);
    assert!(table.out.contains("log4j-core"), "{}", table.out);
}

#[test]
fn a_folder_is_scanned_as_it_lies() {
    let lab = Lab::new();
    lab.write("root/etc/os-release", crate::support::ALPINE);
    lab.write("root/lib/apk/db/installed", "P:libssl3\nV:3.0.7-r0\nA:x86_64\no:openssl\n\n");
    let report = lab.json(&["dir", "root", "-f", "json"]);
    assert_eq!(report["target"]["kind"], "dir");
    assert_eq!(report["packages"][0]["name"], "libssl3");
    assert!(report["packages"][0].get("layer").is_none());
    assert!(report["findings"].as_array().unwrap().iter().any(|f| f["id"] == "CVE-2023-0286"));
}
