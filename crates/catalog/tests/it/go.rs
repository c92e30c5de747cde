//! The versions of Go programs on the peers' cases (`identification.json`).

use plimsoll_catalog::{choose_version, release_of, version_in_flags};
use serde_json::Value;

use crate::cases::cases;

/// The flags of a case: words, or the line of the list with the quotes of Go around the value.
fn flags(case: &Value) -> Option<String> {
    if let Some(words) = case["args"]["flags"].as_array() {
        let words: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
        return Some(words.join(" "));
    }
    let line = case["ldflags"].as_str()?.trim_start();
    let value = line.strip_prefix("build\t-ldflags=\"").unwrap();
    let (value, _) = value.rsplit_once('"').unwrap();
    Some(value.replace("\\\"", "\""))
}

/// Versions here begin with `v`; some peers leave out what was not written.
fn with_v(version: &str) -> Option<String> {
    match version {
        "" => None,
        version if version.starts_with('v') => Some(version.to_owned()),
        version => Some(format!("v{version}")),
    }
}

#[test]
fn go_main_version_cases() {
    let Some(cases) = cases("go_main_version", "go_main_version_cases", 28) else { return };
    for case in cases {
        let (id, case) = (&case["id"], &case["case"]);
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        let expected = with_v(&(text("want") + &text("wantFullVersion")));
        let found = match flags(case) {
            Some(flags) => version_in_flags(&flags),
            None => choose_version(&text("version"), with_v(&text("ldflagsVersion")), || {
                with_v(&text("elfVersion"))
            }),
        };
        assert_eq!(found, expected, "{id}");
    }
}

#[test]
fn go_stdlib_cases() {
    let Some(cases) = cases("go_stdlib", "go_stdlib_cases", 3) else { return };
    for case in cases {
        let (id, case) = (&case["id"], &case["case"]);
        // The peer's versions of the library begin with `v`, those of Go's database do not.
        let expected = case["want"].as_str().unwrap().trim_start_matches('v');
        assert_eq!(
            release_of(case["goVersion"].as_str().unwrap()).as_deref(),
            Some(expected),
            "{id}"
        );
    }
}
