//! Lock files: always read in a folder, in an image where that was asked for, and each package once.

use serde_json::Value;

use crate::support::{ALPINE, Lab, image, layer};

const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
    "node_modules/qs": {"version": "6.5.2"}, "node_modules/lodash": {"version": "4.17.20"},
    "node_modules/jest": {"version": "27.0.0", "dev": true}}}"#;
const QS: &str = r#"{"name": "qs", "version": "6.5.2", "license": "BSD-3-Clause"}"#;

/// Returns name, whether it is declared, and the paths of the evidence.
fn shown(report: &Value) -> Vec<(&str, bool, Vec<&str>)> {
    let packages = report["packages"].as_array().unwrap().iter();
    let of_npm = packages.filter(|package| package["type"] == "npm").map(|package| {
        let evidence = package["evidence"].as_array().unwrap().iter();
        let paths = evidence.map(|evidence| evidence["path"].as_str().unwrap()).collect();
        (package["name"].as_str().unwrap(), package["declared"] == true, paths)
    });
    of_npm.collect()
}

#[test]
fn a_folder_with_modules_and_a_lock_file_counts_each_package_once() {
    let lab = Lab::new();
    lab.write("project/package-lock.json", LOCK);
    lab.write("project/node_modules/qs/package.json", QS);
    let words = ["inventory", "project", "-f", "json"];
    assert_eq!(
        shown(&lab.json(&words)),
        [
            ("lodash", true, vec!["package-lock.json"]),
            ("qs", false, vec!["node_modules/qs/package.json", "package-lock.json"]),
        ]
    );
    let table = lab.run(&["inventory", "project"]).out;
    assert!(table.contains("declared in"), "{table}");
    // What was asked for in an image is the rule in a folder.
    assert_eq!(lab.json(&[&words[..], &["--declared=false"]].concat()), lab.json(&words));
}

#[test]
fn an_image_is_read_for_lock_files_only_where_that_is_asked_for() {
    let lab = Lab::new();
    let files = [("etc/os-release", ALPINE), ("srv/package-lock.json", LOCK.as_bytes())];
    lab.write("shop.tar", image(&[layer(&files)]));
    let words = ["inventory", "shop.tar", "-f", "json"];
    let plain = lab.json(&words);
    assert_eq!(shown(&plain), []);
    let declared = lab.json(&[&words[..], &["--declared"]].concat());
    let both = [
        ("lodash", true, vec!["srv/package-lock.json"]),
        ("qs", true, vec!["srv/package-lock.json"]),
    ];
    assert_eq!(shown(&declared), both);
    assert_eq!(declared["packages"][0]["layer"], 0);
    // Neither sees what the other left in the cache.
    assert_eq!(lab.json(&words), plain);
    let by_environment = lab.command(&words).env("PLIMSOLL_DECLARED", "true").output().unwrap();
    let by_environment: Value = serde_json::from_slice(&by_environment.stdout).unwrap();
    assert_eq!(by_environment, declared);
}

#[test]
fn a_broken_lock_file_is_a_problem_and_a_gap_and_only_where_it_is_read() {
    let lab = Lab::new();
    let files = [("srv/poetry.lock", &b"[[package]\n"[..])];
    lab.write("shop.tar", image(&[layer(&files)]));
    let gaps = |report: &Value| -> Vec<String> {
        let gaps = report["coverage"]["gaps"].as_array().unwrap().iter();
        let gaps = gaps.filter(|gap| gap["subject"] == "srv/poetry.lock");
        gaps.map(|gap| gap["kind"].as_str().unwrap().to_owned()).collect()
    };
    let words = ["inventory", "shop.tar", "-f", "json"];
    assert_eq!(gaps(&lab.json(&words)), Vec::<String>::new());
    let declared = lab.json(&[&words[..], &["--declared"]].concat());
    assert_eq!(gaps(&declared), ["unreadable"]);
    let detail = declared["problems"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("it is no TOML that can be read: "), "{detail}");
}

#[test]
fn the_image_of_a_node_application_declares_more_only_where_that_is_asked_for() {
    let folder = std::env::var_os("PLIMSOLL_TEST_IMAGES").map(std::path::PathBuf::from);
    let path = folder.map(|folder| folder.join("node-app.tar")).filter(|path| path.exists());
    let Some(path) = path else {
        eprintln!("skipped: lock files in node-app: `cargo xtask test` builds it");
        return;
    };
    let lab = Lab::new();
    let words = ["inventory", path.to_str().unwrap(), "-f", "json"];
    let is_of_lock = |(_, _, paths): &(&str, bool, Vec<&str>)| {
        paths.iter().any(|path| path.ends_with("package-lock.json"))
    };
    let plain = lab.json(&words);
    assert!(!shown(&plain).iter().any(is_of_lock));
    let declared = lab.json(&[&words[..], &["--declared"]].concat());
    assert!(shown(&declared).iter().any(is_of_lock));
}
