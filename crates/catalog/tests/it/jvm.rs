//! The `release` files of JVMs on the peers' cases (`identification.json`), and where we differ on purpose.

use std::fs;

use plimsoll_catalog::{JvmRelease, jvm_cpe_names, split_cpe_update};
use serde_json::Value;

/// The cases that we answer otherwise, and why.
const DEVIATIONS: &[(&str, &str)] = &[
    (
        "TestJvmPurl/no repository URLs provided",
        "the name is Bitnami's, `java`, so that its advisories are found",
    ),
    ("TestJvmPurl/JRE with source repo", "as above; where the source lies does not name a package"),
];

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn agrees(test: &str, case: &Value) -> bool {
    match test {
        "TestJvmVersion" => {
            let input = &case["input"];
            let release = JvmRelease {
                runtime_version: text(input, "JavaRuntimeVersion"),
                java_version: text(input, "JavaVersion"),
                full_version: text(input, "FullVersion"),
                semantic_version: text(input, "SemanticVersion"),
                ..JvmRelease::default()
            };
            release.version() == Some(text(case, "expected"))
        }
        "TestGetJVMVersionAndUpdate" => {
            let (version, update) = split_cpe_update(&text(case, "version"));
            version == text(case, "expectedVer")
                && update.trim_start_matches("update") == text(case, "expectedUpdate")
        }
        "TestJvmPrimaryVendorProduct" => {
            let release = JvmRelease {
                implementor: text(case, "implementor"),
                build_type: text(case, "buildType"),
                image_type: text(case, "imageType"),
                has_jdk: case["hasJdk"].as_bool().unwrap_or_default(),
                ..JvmRelease::default()
            };
            let path = text(case, "path");
            let folder = path.trim_start_matches('/').trim_end_matches("/release");
            release.product(folder)
                == (&text(case, "expectedVendor"), &text(case, "expectedProduct"))
        }
        "TestJvmCpes" => {
            let names = jvm_cpe_names(
                &text(case, "primaryVendor"),
                &text(case, "primaryProduct"),
                case["hasJdk"].as_bool().unwrap_or_default(),
                &text(case, "pkgVersion"),
            );
            names == expected_names(case)
        }
        _ => false,
    }
}

fn expected_names(case: &Value) -> Vec<String> {
    let expected = case["expected"].as_array().unwrap().iter();
    let name = |name: &Value| {
        let part = |key| text(&name["Attributes"], key);
        let update = Some(part("Update")).filter(|update| !update.is_empty());
        format!(
            "cpe:2.3:a:{}:{}:{}:{}:*:*:*:*:*:*",
            part("Vendor"),
            part("Product"),
            part("Version"),
            update.unwrap_or_else(|| "*".to_owned())
        )
    };
    expected.map(name).collect()
}

#[test]
fn the_peers_cases_of_jvms() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
    let Ok(file) = fs::read_to_string(path) else {
        eprintln!("skipped: the_peers_cases_of_jvms: ../shared is not there");
        return;
    };
    let cases: Value = serde_json::from_str(&file).unwrap();
    let cases = cases["jvm_release"].as_array().unwrap();
    assert_eq!(cases.len(), 17);
    let mut others = Vec::new();
    for case in cases {
        let id = case["id"].as_str().unwrap().trim_start_matches("jvm_release/");
        if !agrees(id.split('/').next().unwrap(), &case["case"]) {
            others.push(id);
        }
    }
    let known: Vec<&str> = DEVIATIONS.iter().map(|(id, _)| *id).collect();
    assert_eq!(others, known);
}
