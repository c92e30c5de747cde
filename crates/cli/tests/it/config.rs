//! Configuration files and environment: who may set what, and who wins.

use crate::support::{Lab, alpine};

fn image(lab: &Lab) -> String {
    let path = lab.write("x.tar", alpine(&[("libssl3", "3.0.7-r0", "openssl")]));
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_file_in_the_checkout_may_set_gate_filters_and_format() {
    let lab = Lab::new();
    let image = image(&lab);
    lab.write("plimsoll.toml", "fail-on = [\"any\"]\nformat = \"json\"\n");
    let ran = lab.run(&["image", &image]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["config_files"][0], "./plimsoll.toml");
}

#[test]
fn a_file_in_the_checkout_may_not_set_what_it_could_harm_with() {
    let lab = Lab::new();
    let image = image(&lab);
    for line in [
        "mirror = \"http://127.0.0.1:1\"",
        "cache-dir = \"x\"",
        "db = \"x\"",
        "offline = false",
        "no-cache = true",
        "format = \"json=stolen.json\"",
        "format = [\"table\", \"json=stolen.json\"]",
    ] {
        lab.write("plimsoll.toml", format!("{line}\n"));
        let ran = lab.run(&["image", &image]);
        assert_eq!(ran.code, 2, "{line}: {}", ran.err);
        assert!(ran.err.contains("may not set"), "{line}: {}", ran.err);
        assert!(!lab.path("stolen.json").exists());
    }
}

#[test]
fn the_users_own_file_may_and_the_stronger_wins() {
    let lab = Lab::new();
    let image = image(&lab);
    lab.write(
        "home/.config/plimsoll/plimsoll.toml",
        "format = \"json=mine.json\"\nfail-on = \"any\"\n",
    );
    let ran = lab.run(&["image", &image]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(lab.path("mine.json").exists());
    lab.write("plimsoll.toml", "fail-on = \"kev\"\n");
    assert_eq!(lab.run(&["image", &image]).code, 0, "the local file goes before the user's");
    let mut command = lab.command(&["image", &image]);
    command.env("PLIMSOLL_FAIL_ON", "any");
    assert_eq!(command.output().unwrap().status.code(), Some(1), "the environment before both");
    command.args(["--fail-on", "kev"]);
    assert_eq!(command.output().unwrap().status.code(), Some(0), "a flag before all");
}

#[test]
fn a_link_in_the_checkout_is_not_followed_and_nothing_is_quoted() {
    let lab = Lab::new();
    let image = image(&lab);
    lab.write("secret", "root:hunter2:1:2\n");
    std::os::unix::fs::symlink(lab.path("secret"), lab.path("plimsoll.toml")).unwrap();
    let ran = lab.run(&["image", &image]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    std::fs::remove_file(lab.path("plimsoll.toml")).unwrap();
    lab.write("plimsoll.toml", "table = \"detail\"\nroot:hunter2:1:2\n");
    let ran = lab.run(&["image", &image]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("line 2") && !ran.err.contains("hunter2"), "{}", ran.err);
}

#[test]
fn empty_variables_count_as_not_set() {
    let lab = Lab::new();
    let image = image(&lab);
    let mut command = lab.command(&["image", &image]);
    for name in ["FAIL_ON", "SEVERITY", "FORMAT", "ONLY_FIXED", "STRICT"] {
        command.env(format!("PLIMSOLL_{name}"), "");
    }
    let ran = crate::support::ran(&command.output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = lab.run(&["image", &image, "--fail-on", ""]);
    assert_eq!(ran.code, 2, "a gate of nothing is a slip: {}", ran.err);
}

#[test]
fn unknown_keys_and_broken_files_are_wrong_usage() {
    let lab = Lab::new();
    let image = image(&lab);
    for text in ["colour = \"red\"\n", "= nonsense", "only-fixed = \"perhaps\"\n"] {
        lab.write("plimsoll.toml", text);
        assert_eq!(lab.run(&["image", &image]).code, 2, "{text}");
    }
}
