//! Names of products and dist tags on the peers' cases (`identification.json`), and where we differ on
//! purpose.

use std::fs;

use plimsoll_model::distro::{is_fix_reachable, suse_namespace};
use serde_json::Value;

#[allow(clippy::print_stderr)]
fn cases(section: &str, count: usize) -> Option<Vec<Value>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
    let Ok(text) = fs::read_to_string(path) else {
        eprintln!("skipped: cases of {section}: ../shared is not there");
        return None;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let cases = cases[section].as_array().unwrap().clone();
    assert_eq!(cases.len(), count, "cases of {section}");
    Some(cases)
}

/// Products for which we give another namespace than the peer, and why.
const SUSE_DEVIATIONS: &[(&str, &str, &str)] = &[(
    "openSUSE Leap NonFree 15.1",
    "opensuse-leap:15.1",
    "its packages are installed on Leap 15.1 as those of `openSUSE Leap 42.3 NonFree` on 42.3, \
     which the peer does read",
)];

#[test]
fn suse_os_cases() {
    let Some(cases) = cases("suse_os", 45) else { return };
    let mut deviations = 0;
    for case in cases {
        let product = case["case"]["inputPlatformName"].as_str().unwrap();
        let expected = case["case"]["expectedPlatformName"].as_str().unwrap();
        let found = suse_namespace(product);
        if let Some((_, ours, _)) = SUSE_DEVIATIONS.iter().find(|known| known.0 == product) {
            assert_eq!(found.as_deref(), Some(*ours));
            assert_eq!(expected, "", "the peer agrees now");
            deviations += 1;
            continue;
        }
        assert_eq!(found.unwrap_or_default(), namespace(expected), "{product}");
    }
    assert_eq!(deviations, SUSE_DEVIATIONS.len());
}

/// Returns the namespace of a platform under the peer's name for it: `SUSE Linux Enterprise 12.3`.
fn namespace(platform: &str) -> String {
    let (name, release) = platform.rsplit_once(' ').unwrap_or_default();
    match name {
        "" => String::new(),
        "SUSE Linux Enterprise" => format!("suse:{release}"),
        "openSUSE Leap" => format!("opensuse-leap:{release}"),
        "openSUSE Leap Micro" => format!("opensuse-leap-micro:{release}"),
        "openSUSE" => format!("opensuse-{}", release.to_lowercase()),
        other => panic!("a platform that no case had before: {other}"),
    }
}

#[test]
fn rhel_eus_cases() {
    let Some(cases) = cases("rhel_eus", 6) else { return };
    for case in cases {
        let fix = case["case"]["fixVersion"].as_str().unwrap();
        let minor = match &case["case"]["eusDistro"] {
            Value::Null => None,
            Value::String(release) => Some(release.split_once('.').unwrap().1.parse().unwrap()),
            // `9+eus`, without a minor release, is the first.
            call => {
                assert_eq!(call["args"][1], "9+eus");
                Some(0)
            }
        };
        let expected = case["case"]["want"].as_bool().unwrap();
        assert_eq!(is_fix_reachable(fix, minor), expected, "{}", case["id"]);
    }
}
