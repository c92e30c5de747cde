//! Cases of claircore: one package and one advisory each, vulnerable or not.

use plimsoll_model::{Channel, Distro, Key, Package, Scope, State};
use serde_json::Value;

use super::{Case, Checks, load, row, text};

/// Matchers of its that are of distributions: a part of the id, and the distribution.
const MATCHERS: &[(&str, &str, &str)] = &[
    ("claircore:aws/", "amzn", "2"),
    ("claircore:rhel/matcher", "rhel", "8"),
    ("claircore:internal/rpm/", "rhel", "8"),
    ("claircore:rhel/rhcc/", "rhel", "8"),
];

#[test]
fn pairs_agree() {
    let Some(cases) = load("claircore-matcher.json") else { return };
    let mut checks = Checks::default();
    for input in &cases {
        let id = text(&input["id"]);
        let Some((_, family, release)) = MATCHERS.iter().find(|(part, ..)| id.contains(part))
        else {
            continue;
        };
        let mut distro = Distro::new(family, release, "", "", "");
        if let Some(cpe) = input["record"]["Repository"]["CPE"].as_str() {
            distro.channels = vec![Channel { names: vec![cpe.to_owned()], ..Channel::default() }];
        }
        let mut case = Case::new(distro);
        let namespace = case.distro.namespace().unwrap();
        case.push(&namespace, "pkg", advisory(&input["advisory"]));
        case.packages = vec![package(&input["record"]["Package"])];
        let found = case.judge().findings.iter().any(plimsoll_model::Finding::counts);
        let differs = found != input["expected_vulnerable"].as_bool().unwrap();
        checks.add(id, differs, &format!("found {found}"));
    }
    checks.finish(17);
}

fn package(stated: &Value) -> Package {
    Package {
        name: "pkg".to_owned(),
        version: text(&stated["Version"]).to_owned(),
        kind: "rpm".to_owned(),
        // Its matcher takes an arch that is not stated for one that differs.
        arch: Some(stated["Arch"].as_str().unwrap_or("x86_64").to_owned()),
        ..Package::default()
    }
}

fn advisory(stated: &Value) -> plimsoll_model::Advisory {
    let fixed = text(&stated["FixedInVersion"]);
    let state = if fixed.is_empty() { State::Affected } else { State::Fixed };
    let repository = &stated["Repo"];
    let product =
        [&repository["CPE"], &repository["Name"]].into_iter().find_map(|name| name.as_str());
    let scope = Scope {
        key: Key::Binary,
        arches: stated["Package"]["Arch"].as_str().map(ToOwned::to_owned).into_iter().collect(),
        products: product.map(ToOwned::to_owned).into_iter().collect(),
        ..Scope::default()
    };
    row("CVE-2030-0001", fixed, state, scope)
}
