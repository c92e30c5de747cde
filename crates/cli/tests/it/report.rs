//! Every report of the tests meets the JSON Schema; several formats at once; the width.

use crate::support::{Lab, checkout, shared};

#[test]
fn reports_meet_the_schema() {
    let lab = Lab::new();
    let schema: serde_json::Value = serde_json::from_str(plimsoll_report::REPORT_SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut images = vec![checkout("examples/shop.tar")];
    if let Some(folder) = shared("images/built", "schema of reports on odd images") {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|suffix| suffix == "tar") {
                images.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    for image in &images {
        for command in ["image", "inventory"] {
            let report = lab.json(&[command, image, "-f", "json"]);
            let errors: Vec<String> =
                validator.iter_errors(&report).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{command} {image}: {errors:#?}");
        }
    }
}

#[test]
fn one_scan_gives_several_formats() {
    let lab = Lab::new();
    let image = checkout("examples/shop.tar");
    let ran = lab.run(&["image", &image, "-f", "table", "-f", "json=out.json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Total: "));
    let written = std::fs::read_to_string(lab.path("out.json")).unwrap();
    assert!(written.starts_with('{'));
    assert_eq!(lab.run(&["image", &image, "-f", "table", "-f", "json"]).code, 2);
    assert_eq!(lab.run(&["image", &image, &image, "-f", "json=out.json"]).code, 2);
}

#[test]
fn a_report_replaces_the_file_behind_a_link_and_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt as _;
    let lab = Lab::new();
    let image = checkout("examples/shop.tar");
    let real = lab.write("out/real.json", "old");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink(&real, lab.path("link.json")).unwrap();
    lab.write("link.json.part", "mine");
    assert_eq!(lab.run(&["image", &image, "-f", "json=link.json"]).code, 0);
    assert!(lab.path("link.json").symlink_metadata().unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().starts_with('{'));
    assert_eq!(real.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_to_string(lab.path("link.json.part")).unwrap(), "mine");
    assert_eq!(lab.run(&["image", &image, "-f", "json="]).code, 2);
}

#[test]
fn the_table_fits_the_columns() {
    let lab = Lab::new();
    for columns in [60, 80, 120] {
        let mut command = lab.command(&["image", &checkout("examples/shop.tar")]);
        command.env("COLUMNS", columns.to_string());
        let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
        for line in out.lines().filter(|line| !line.starts_with("Total: ")) {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let lab = Lab::new();
    let mut command = lab.command(&["image", &checkout("examples/shop.tar"), "-f", "json"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let ran = crate::support::ran(&child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
