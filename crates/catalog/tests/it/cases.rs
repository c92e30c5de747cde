//! The distribution on the peers' cases (`identification.json`), and where we differ on purpose.

use std::fs;

use plimsoll_catalog::{catalogue, distro};
use plimsoll_model::Distro;
use serde_json::Value;

use crate::image;

pub(crate) fn cases(section: &str, test: &str, count: usize) -> Option<Vec<Value>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
    let Ok(text) = fs::read_to_string(path) else {
        eprintln!("skipped: {test}: ../shared is not there");
        return None;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let cases = cases[section].as_array().unwrap().clone();
    assert_eq!(cases.len(), count, "cases of {section}");
    Some(cases)
}

fn distro_of(files: &[(&str, &str)]) -> Option<Distro> {
    distro(&image::tree_of(files)).0
}

/// The peers' names of families, and the id of the same distribution here.
const FAMILIES: &[(&str, &str)] = &[
    ("ActiveState", "activestate"),
    ("Fedora", "fedora"),
    ("CentOS", "centos"),
    ("CentOSStream", "centos-stream"),
    ("Rocky", "rocky"),
    ("RockyLinux", "rocky"),
    ("Alma", "almalinux"),
    ("AlmaLinux", "almalinux"),
    ("Oracle", "ol"),
    ("OracleLinux", "ol"),
    ("SLES", "sles"),
    ("SLEMicro", "sl-micro"),
    ("Photon", "photon"),
    ("Azure", "azurelinux"),
    ("CBLMariner", "mariner"),
    ("MinimOS", "minimos"),
    ("Bottlerocket", "bottlerocket"),
    ("Alpine", "alpine"),
    ("AmazonLinux", "amzn"),
    ("Scientific", "scientific"),
    ("Debian", "debian"),
    ("Echo", "echo"),
    ("Gentoo", "gentoo"),
    ("PostmarketOS", "postmarketos"),
    ("Raspbian", "raspbian"),
    ("RedHat", "rhel"),
    ("Wolfi", "wolfi"),
];

/// The case, the id and version that we give, and the reason.
type Deviation = (&'static str, Option<(&'static str, &'static str)>, &'static str);

/// Cases where we differ on purpose: the id and version that we give, and why.
const OS_RELEASE_DEVIATIONS: &[Deviation] = &[
    (
        "os_release/trivy/No 'VERSION_ID' field",
        Some(("alpine", "")),
        "the distribution is named; without a release no advisories are chosen, which is a gap",
    ),
    (
        "os_release/grype/empty",
        None,
        "the expected family is the name of the peer's test folder, not something it detects",
    ),
];

#[test]
fn os_release_cases() {
    let Some(cases) = cases("os_release", "os_release_cases", 36) else { return };
    let mut deviations = 0;
    for case in cases {
        let id = case["id"].as_str().unwrap();
        let lines = case["os_release"].as_object().unwrap().iter();
        let lines = lines.map(|(key, value)| format!("{key}={}", value.as_str().unwrap()));
        let text = lines.collect::<Vec<String>>().join("\n");
        let found = distro_of(&[("etc/os-release", &text)]);
        let found = found.as_ref().map(|distro| (distro.id.as_str(), distro.version_id.as_str()));
        if let Some((_, ours, _)) = OS_RELEASE_DEVIATIONS.iter().find(|known| known.0 == id) {
            deviations += 1;
            assert_eq!(found, *ours, "{id}");
            continue;
        }
        let expected = &case["expected"];
        let expected = expected["family"].as_str().map(|family| {
            let known = FAMILIES.iter().find(|known| known.0 == family);
            let ours = known.unwrap_or_else(|| panic!("family {family} of {id}")).1;
            (ours, expected["release"].as_str().unwrap())
        });
        assert_eq!(found, expected, "{id}");
        if let (Some(label), Some(_)) = (case["expected"]["label"].as_str(), found) {
            let distro = distro_of(&[("etc/os-release", &text)]).unwrap();
            assert_eq!(distro.codename, label, "{id}");
        }
    }
    assert_eq!(deviations, OS_RELEASE_DEVIATIONS.len());
}

#[test]
fn amazon_release_cases() {
    let Some(cases) = cases("amazon_release", "amazon_release_cases", 2) else { return };
    for case in cases {
        let input = &case["case"]["input"];
        let path = input["FilePath"].as_str().unwrap();
        let found = distro_of(&[(path, input["Content"].as_str().unwrap())]);
        // The peer keeps the text behind the number; the number is what is looked up.
        let expected = case["case"]["want"]["OS"]["Name"].as_str();
        let expected = expected.map(|name| name.split(' ').next().unwrap().to_owned());
        assert_eq!(found.map(|distro| distro.version_id), expected, "{}", case["id"]);
    }
}

#[test]
fn redhat_release_cases() {
    let Some(cases) = cases("redhat_release", "redhat_release_cases", 2) else { return };
    // The cases name their input files without the text: this is what such a file says.
    let text = "Red Hat Enterprise Linux Server release 6.2 (Santiago)\n";
    for case in cases {
        let want = &case["case"]["want"]["OS"];
        let is_empty = case["case"]["inputFile"].as_str().unwrap().ends_with("empty");
        let found = distro_of(&[("etc/redhat-release", if is_empty { "" } else { text })]);
        assert_eq!(found.is_none(), is_empty);
        let Some(found) = found else { continue };
        assert_eq!(want["Family"], "redhat");
        assert_eq!(found.id, "rhel");
        assert_eq!(Some(found.version_id.as_str()), want["Name"].as_str());
    }
}

#[test]
fn apk_repositories_cases() {
    let Some(cases) = cases("apk_repositories", "apk_repositories_cases", 4) else { return };
    for case in cases {
        let input = &case["case"]["input"];
        let path = input["FilePath"].as_str().unwrap().trim_start_matches('/');
        let content = input["Content"].as_str().unwrap();
        let os_release = "ID=alpine\nVERSION_ID=3.2.1\n";
        let found = distro_of(&[("etc/os-release", os_release), (path, content)]).unwrap();
        let expected = case["case"]["want"]["Repository"]["Release"].as_str().unwrap_or("3.2");
        assert_eq!(found.release, expected, "{}", case["id"]);
        assert_eq!((found.version_id.as_str(), found.stated_release.as_str()), ("3.2.1", "3.2"));
    }
}

#[test]
fn rpm_sourcerpm_cases() {
    let Some(cases) = cases("rpm_sourcerpm", "rpm_sourcerpm_cases", 1) else { return };
    for case in cases {
        let case = &case["case"];
        let text = |key: &str| case[key].as_str().unwrap();
        let file = text("filename");
        // The list of a distroless image is the one database of RPM that is a text.
        let line = format!("a\t1-1\t0\t0\t(none)\t(none)\t0\tx86_64\t0\t{file}\n");
        let tree = image::tree_of(&[("var/lib/rpmmanifest/container-manifest-2", &line)]);
        let found = catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(1), true);
        let source = found.packages[0].source.as_ref().unwrap();
        assert_eq!(source.name, text("wantName"));
        assert_eq!(source.version, format!("{}-{}", text("wantVer"), text("wantRel")));
    }
}
