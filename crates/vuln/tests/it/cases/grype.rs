//! Cases of Grype: packages of distributions. Advisories are records of its provider, of several schemas.

use std::collections::BTreeSet;

use plimsoll_model::{Channel, Distro, Key, Package, Scope, State};
use plimsoll_vuln::osv;
use serde_json::Value;

use super::{Case, Checks, array, load, row, source, strings, text};

#[test]
fn cases_of_distributions_agree() {
    let Some(cases) = load("grype-matcher.json") else { return };
    let mut checks = Checks::default();
    for input in cases.iter().filter(|case| is_of_distribution(case)) {
        let (mut ids, mut negatives) = (BTreeSet::new(), BTreeSet::new());
        for stated in array(&input["packages"]) {
            let mut case = Case::new(distro(stated));
            for advisory in array(&input["advisories"]) {
                case.take_record(advisory);
            }
            case.packages = vec![package(stated)];
            let judged = case.judge();
            let counting = judged.findings.iter().filter(|finding| finding.counts());
            ids.extend(counting.map(|finding| finding.id.clone()));
            negatives.extend(judged.negatives.iter().map(|negative| negative.id.clone()));
        }
        let expected = strings(&input["expected_match_ids"]);
        // An ignore of theirs is a negative fact of ours, where it comes of the distribution.
        let silenced: BTreeSet<String> = array(&input["expected_ignores"])
            .iter()
            .filter(|ignore| text(&ignore["reason"]) != "reasonCPENotVulnerable")
            .map(|ignore| text(&ignore["id"]).to_owned())
            .collect();
        let differs = ids != expected || !silenced.is_subset(&negatives);
        let told =
            format!("found {ids:?} not {negatives:?}, expected {expected:?} not {silenced:?}");
        checks.add(text(&input["id"]), differs, &told);
    }
    checks.finish(38);
}

fn is_of_distribution(case: &Value) -> bool {
    let kinds = ["ApkPkg", "DebPkg", "RpmPkg", "AlpmPkg", "PortagePkg"];
    array(&case["packages"]).iter().all(|package| kinds.contains(&text(&package["type"])))
}

/// Reads `distro` and `release`, or an expression: `distro.New(distro.RedHat, "8.4", "")`,
/// `newEUSDistro("9.4")`.
fn distro(package: &Value) -> Distro {
    let expression = text(&package["distro_expr"]);
    let quoted = expression.split('"').nth(1).unwrap_or_default();
    let (id, release) = match text(&package["distro"]) {
        "" => ("rhel", quoted),
        "redhat" => ("rhel", text(&package["release"])),
        other => (other, text(&package["release"])),
    };
    let mut distro = Distro::new(id, release, "", "", "");
    if expression.starts_with("newEUSDistro") {
        let major = &distro.release;
        let names = vec![
            format!("cpe:/o:redhat:rhel_eus:{quoted}::baseos"),
            format!("cpe:/o:redhat:enterprise_linux:{major}::baseos"),
        ];
        distro.channels = vec![Channel { names, ..Channel::default() }];
    }
    distro
}

fn package(stated: &Value) -> Package {
    let version = text(&stated["version"]);
    let kind = match text(&stated["type"]) {
        "ApkPkg" => "apk",
        "DebPkg" => "deb",
        "RpmPkg" => "rpm",
        "AlpmPkg" => "alpm",
        _ => "ebuild",
    };
    let of = array(&stated["upstreams"]).first().map(|upstream| {
        let version = Some(text(&upstream[1])).filter(|v| !v.is_empty()).unwrap_or(version);
        source(text(&upstream[0]), version)
    });
    Package {
        name: text(&stated["name"]).to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        arch: stated["arch"].as_str().map(ToOwned::to_owned),
        modularity: stated["modularity"].as_str().map(ToOwned::to_owned),
        source: of,
        ..Package::default()
    }
}

impl Case {
    fn take_record(&mut self, advisory: &Value) {
        let item = &advisory["item"];
        for fixed in array(&item["Vulnerability"]["FixedIn"]) {
            self.take_fixed_in(text(&item["Vulnerability"]["Name"]), fixed);
        }
        if item["affected"].is_array() && text(&advisory["provider"]) == "alma" {
            let record = osv::parse(item.to_string().as_bytes()).unwrap();
            let publisher = osv::Publisher { title: "case", rater: "case" };
            for row in osv::convert(&record, publisher).rows {
                self.push(&row.namespace, &row.name, row.advisory);
            }
        }
    }

    /// Takes `{"Name": "openssl", "NamespaceName": "rhel:8", "Version": "1:1.1.1c-2.el8", "Module": null}`.
    fn take_fixed_in(&mut self, id: &str, fixed: &Value) {
        let (family, release) = text(&fixed["NamespaceName"]).split_once(':').unwrap();
        let version = text(&fixed["Version"]);
        let state = match version {
            "0" => State::NotAffected,
            "None" | "" if fixed["VendorAdvisory"]["NoAdvisory"].as_bool() == Some(true) => {
                State::WillNotFix
            }
            "None" | "" => State::Affected,
            _ => State::Fixed,
        };
        let version = if state == State::Fixed { version } else { "" };
        let mut scope =
            Scope { module: fixed["Module"].as_str().map(ToOwned::to_owned), ..Scope::default() };
        let (family, release, key) = match (family, release) {
            ("rhel", release) => {
                let (release, product) = match release.split_once('+') {
                    Some((minor, _)) => (minor, format!("cpe:/o:redhat:rhel_eus:{minor}::baseos")),
                    None => (release, format!("cpe:/o:redhat:enterprise_linux:{release}")),
                };
                scope.products = vec![product];
                ("rhel", release, Key::Both)
            }
            ("sles", release) => ("sles", release, Key::Binary),
            (other, "rolling") => (other, "", Key::Source),
            (other, release) => (other, release, Key::Source),
        };
        scope.key = key;
        let Some(namespace) = Distro::new(family, release, "", "", "").namespace() else { return };
        self.push(&namespace, text(&fixed["Name"]), row(id, version, state, scope));
    }
}
