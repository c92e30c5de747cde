//! Real images: those of the shared data, and those that `cargo xtask test` builds.

use crate::support::{Lab, shared};

#[test]
fn real_alpine_images_are_whole() {
    let Some(folder) = shared("images/fixtures", "Alpine 3.10 and 3.11") else { return };
    let lab = Lab::new();
    for (file, version, packages) in
        [("alpine-310.tar.gz", "3.10.4", 14), ("alpine-311.tar.gz", "3.11.5", 14)]
    {
        let path = folder.join(file);
        let report = lab.json(&["inventory", path.to_str().unwrap(), "-f", "json"]);
        assert_eq!(report["distro"]["version_id"], version, "{file}");
        assert_eq!(report["packages"].as_array().unwrap().len(), packages, "{file}");
        assert!(report["problems"].as_array().unwrap().is_empty(), "{file}");
    }
}

#[test]
fn a_second_scan_comes_from_the_cache_and_says_the_same() {
    let Some(folder) = shared("images/fixtures", "the layer cache on Alpine 3.10") else { return };
    let lab = Lab::new();
    let path = folder.join("alpine-310.tar.gz");
    let words = ["image", path.to_str().unwrap(), "-f", "json"];
    let first = lab.run(&words).out;
    assert_eq!(lab.run(&words).out, first);
    let status = lab.run(&["cache", "status"]).out;
    assert!(status.contains("layers          1"), "{status}");
    assert_eq!(lab.run(&["cache", "prune"]).code, 0);
    let status = lab.run(&["cache", "status"]).out;
    assert!(status.contains("layers          0"), "{status}");
}

#[test]
fn debian_images_have_their_release_and_packages() {
    let Some(folder) = std::env::var_os("PLIMSOLL_TEST_IMAGES").map(std::path::PathBuf::from)
    else {
        eprintln!("skipped: Debian 11, 12, 13: `cargo xtask test` builds them");
        return;
    };
    let lab = Lab::new();
    for release in ["11", "12", "13"] {
        let path = folder.join(format!("debian-{release}-min.tar"));
        if !path.is_file() {
            eprintln!("skipped: Debian {release}: {} is not there", path.display());
            continue;
        }
        let report = lab.json(&["image", path.to_str().unwrap(), "-f", "json"]);
        assert_eq!(report["distro"]["version_id"], release);
        let packages = report["packages"].as_array().unwrap();
        assert!(packages.len() > 60, "{release}: {}", packages.len());
        for package in packages {
            // What else is named lies in files of packages of the distribution.
            let owned = package["type"] != "deb" && package["owner"].is_string();
            assert!(owned || package["source"]["name"].is_string(), "{package}");
        }
    }
}
