//! `--fail-on`, filters and exit codes.

use crate::support::{Lab, alpine};

/// Holds CVE-2023-0286, which the advisories inside the program know.
fn vulnerable(lab: &Lab) -> String {
    let path = lab.write("x.tar", alpine(&[("libssl3", "3.0.7-r0", "openssl")]));
    path.to_str().unwrap().to_owned()
}

#[test]
fn without_a_gate_findings_do_not_fail() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    assert_eq!(lab.run(&["image", &image]).code, 0);
}

#[test]
fn a_gate_fails_with_one_and_says_why() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    for words in ["any", "fixable", "eol", "gaps", "critical,any"] {
        let ran = lab.run(&["image", &image, "--fail-on", words]);
        assert_eq!(ran.code, 1, "{words}: {}", ran.err);
        assert!(ran.err.contains("gate: "), "{words}: {}", ran.err);
    }
    assert_eq!(lab.run(&["image", &image, "--fail-on", "kev"]).code, 0);
}

#[test]
fn what_a_filter_sets_aside_stays_in_the_report_and_passes_the_gate() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let words = ["image", &image, "-f", "json", "--severity", "low", "--fail-on", "high,critical"];
    let ran = lab.run(&words);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|finding| finding["set_aside"]["by"] == "severity filter"));
    assert_eq!(report["summary"]["set_aside"].as_u64().unwrap(), findings.len() as u64);
}

#[test]
fn a_feed_that_cannot_be_had_is_three_with_a_gate_and_nothing_without() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let empty = lab.path("mirror");
    std::fs::create_dir_all(&empty).unwrap();
    let mirror = empty.to_str().unwrap();
    let run = |words: &[&str]| {
        let mut command = lab.command(words);
        command.env_remove("PLIMSOLL_OFFLINE");
        crate::support::ran(&command.output().unwrap())
    };
    assert_eq!(run(&["image", &image, "--mirror", mirror]).code, 0);
    let ran = run(&["image", &image, "--mirror", mirror, "--fail-on", "kev"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("alpine:3.17"), "{}", ran.err);
    // What is known to be wrong fails the gate, whatever else is not known.
    assert_eq!(run(&["image", &image, "--mirror", mirror, "--fail-on", "any"]).code, 1);
    assert_eq!(lab.run(&["image", &image, "--mirror", mirror, "--fail-on", "kev"]).code, 0);
}

#[test]
fn a_closed_pipe_neither_passes_the_gate_nor_loses_a_file() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let words = ["image", &image, "-f", "table", "-f", "json=out.json", "--fail-on", "any"];
    let mut command = lab.command(&words);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(lab.path("out.json").exists());
}

#[test]
fn a_database_without_the_namespace_is_three_with_a_gate() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let manifest =
        r#"{"schema_version":1,"built":"2026-01-01T00:00:00Z","tool_version":"0","shards":[]}"#;
    lab.write("db/manifest.json", manifest);
    let run = |words: &[&str]| {
        let mut command = lab.command(words);
        command.env_remove("PLIMSOLL_OFFLINE");
        crate::support::ran(&command.output().unwrap())
    };
    assert_eq!(run(&["image", &image, "--db", "db"]).code, 0);
    let ran = run(&["image", &image, "--db", "db", "--fail-on", "kev"]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.contains("alpine:3.17"), "{}", ran.err);
}

#[test]
fn a_switch_does_not_swallow_the_image() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    for switch in ["-q", "--quiet", "--strict", "--only-fixed", "--no-cache", "--offline"] {
        let ran = lab.run(&["image", switch, &image]);
        assert_eq!(ran.code, 0, "{switch}: {}", ran.err);
    }
    assert_eq!(lab.run(&["image", "--strict=false", &image]).code, 0);
    assert_eq!(lab.run(&["image", "--strict=perhaps", &image]).code, 2);
}

#[test]
fn versions_that_are_none_are_told_and_never_clear() {
    let lab = Lab::new();
    let path = lab
        .write("x.tar", alpine(&[("libssl3", "1.x-y", "openssl"), ("zlib", "1.2.13-r0", "zlib")]));
    let image = path.to_str().unwrap();
    let report = lab.json(&["image", image, "-f", "json"]);
    assert_eq!(report["coverage"]["packages"]["judged"], 1);
    let gaps = report["coverage"]["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["kind"] == "unreadable" && gap["subject"] == "libssl3"));
}

#[test]
fn a_baseline_leaves_only_what_is_new() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let baseline = lab.path("old.json");
    let baseline = baseline.to_str().unwrap();
    assert_eq!(lab.run(&["image", &image, "-f", &format!("json={baseline}")]).code, 0);
    let words = ["image", &image, "--fail-on", "new-any", "--baseline", baseline];
    assert_eq!(lab.run(&words).code, 0);
    assert_eq!(lab.run(&["image", &image, "--fail-on", "new-any"]).code, 2);
}

#[test]
fn wrong_usage_is_two() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    for words in [
        ["--fail-on", "severe"],
        ["--severity", "bad"],
        ["--format", "pdf"],
        ["--table", "square"],
        ["--platform", "x"],
        ["--as-of", "yesterday"],
        ["--nonsense", "x"],
    ] {
        let ran = lab.run(&["image", &image, words[0], words[1]]);
        assert_eq!(ran.code, 2, "{words:?}: {}", ran.err);
    }
}

#[test]
fn a_day_in_the_past_needs_a_database_of_that_day() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let ran = lab.run(&["image", &image, "--as-of", "2020-01-01"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("hint: "), "{}", ran.err);
}

#[test]
fn one_bad_image_does_not_hide_the_next() {
    let lab = Lab::new();
    let image = vulnerable(&lab);
    let ran = lab.run(&["image", "not-there.tar", &image]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("not-there.tar"), "{}", ran.err);
    assert!(ran.out.contains("CVE-2023-0286"), "{}", ran.out);
}
