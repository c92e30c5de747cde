//! Cases of Trivy: packages of distributions, and its golden files. Advisories come as rows of its
//! database, `bucket` being platform and package.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Channel, Distro, Key, Package, Scope, Severity, State};
use serde_json::Value;

use super::{Case, Checks, array, load, row, source, text};

/// Platforms of its buckets: how they begin, the namespace before the release, which name is the key.
const PLATFORMS: &[(&str, &str, Key)] = &[
    ("alma ", "almalinux", Key::Binary),
    ("alpine ", "alpine", Key::Source),
    ("amazon linux ", "amazon", Key::Binary),
    ("Azure Linux ", "azurelinux", Key::Source),
    ("bottlerocket", "bottlerocket", Key::Binary),
    ("CBL-Mariner ", "mariner", Key::Source),
    ("debian ", "debian", Key::Source),
    ("echo", "echo", Key::Source),
    ("minimos", "minimos", Key::Source),
    ("Oracle Linux ", "oracle", Key::Binary),
    ("Photon OS ", "photon", Key::Source),
    ("Red Hat", "redhat", Key::Binary),
    ("rocky ", "rocky", Key::Binary),
    ("SUSE Linux Enterprise Micro ", "suse-micro", Key::Binary),
    ("SUSE Linux Enterprise ", "suse", Key::Binary),
    ("ubuntu ", "ubuntu", Key::Source),
    ("wolfi", "wolfi", Key::Source),
];

/// One expected finding: id, package, fixed version (empty for none).
type Row = (String, String, String);

#[test]
fn operating_system_cases_agree() {
    let Some(cases) = load("trivy-ospkg.json") else { return };
    let mut checks = Checks::default();
    for input in &cases {
        let mut case = Case::new(distro(input));
        case.take(input);
        case.packages =
            array(&input["packages"]).iter().map(|p| package(p, &case.distro)).collect();
        let judged = case.judge();
        let found: BTreeSet<Row> = judged
            .findings
            .iter()
            .filter(|finding| finding.counts())
            .map(|finding| {
                let fixed = finding.fixed_versions.first().cloned().unwrap_or_default();
                (finding.id.clone(), case.name_of(finding).to_owned(), plain(&fixed))
            })
            .collect();
        let expected: BTreeSet<Row> = array(&input["expected"])
            .iter()
            .map(|row| {
                let field = |name: &str| text(&row[name]).to_owned();
                (field("vulnerability_id"), field("package"), plain(&field("fixed_version")))
            })
            .collect();
        let fails = input["expect_error"].as_bool().unwrap_or(false) || found != expected;
        checks.add(text(&input["id"]), fails, &format!("found {found:?}, expected {expected:?}"));
    }
    checks.finish(52);
}

/// Leaves out an epoch of 0, which Trivy does not print.
fn plain(version: &str) -> String {
    version.strip_prefix("0:").unwrap_or(version).to_owned()
}

/// Binary packages of the golden files whose source package has another name; the files do not say it.
const SOURCES: &[(&str, &str)] = &[
    ("curl-libs", "curl"),
    ("libcrypto1.1", "openssl"),
    ("libssl1.1", "openssl"),
    ("libidn2-0", "libidn2"),
    ("libcom-err2", "e2fsprogs"),
    ("libext2fs2", "e2fsprogs"),
    ("libss2", "e2fsprogs"),
];

#[test]
fn golden_files_agree() {
    let Some(cases) = load("trivy-golden.json") else { return };
    let mut checks = Checks::default();
    for input in cases.iter().filter(|case| text(&case["kind"]) == "os") {
        let id = text(&input["id"]);
        let mut distro = distro(input);
        if id.contains("alpine-distroless") {
            // Its repositories are those of edge, which the golden file does not tell.
            "edge".clone_into(&mut distro.release);
        }
        let mut case = Case::new(distro);
        case.take(input);
        case.packages = array(&input["packages_implied_by_vulns"])
            .iter()
            .map(|package| golden_package(package, &case.distro))
            .collect();
        let judged = case.judge();
        let (only_fixed, medium) = (id.contains("ignore-unfixed"), id.contains("-medium"));
        let found: BTreeSet<[String; 5]> = judged
            .findings
            .iter()
            .filter(|finding| finding.counts())
            .filter(|finding| !only_fixed || finding.is_fixable())
            .filter(|finding| !medium || finding.severity == Severity::Medium)
            .map(|finding| {
                let fixed = plain(finding.fixed_versions.first().map_or("", String::as_str));
                let (state, rater) = (finding.state.name().to_owned(), &finding.severity_source);
                let severity = if rater.is_empty() { "" } else { finding.severity.name() };
                let name = case.name_of(finding).to_owned();
                [finding.id.clone(), name, fixed, state, severity.to_uppercase()]
            })
            .collect();
        let expected: BTreeSet<[String; 5]> = array(&input["expected"])
            .iter()
            .map(|row| {
                let field = |name: &str| text(&row[name]).to_owned();
                // Severities that the rows of the case do not state are joined elsewhere.
                let own = matches!(field("severity_source").as_str(), "debian" | "redhat");
                let severity = if own { field("severity") } else { String::new() };
                let (id, package) = (field("vulnerability_id"), field("package"));
                [id, package, plain(&field("fixed_version")), field("status"), severity]
            })
            .collect();
        checks.add(id, found != expected, &format!("found {found:?}, expected {expected:?}"));
    }
    checks.finish(14);
}

fn golden_package(package: &Value, distro: &Distro) -> Package {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let of = SOURCES.iter().find(|(binary, _)| *binary == name).map_or(name, |(_, s)| s);
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: distro.row.unwrap().package_type.to_owned(),
        arch: Some("x86_64".to_owned()).filter(|_| distro.row.unwrap().package_type == "rpm"),
        source: Some(source(of, version)),
        ..Package::default()
    }
}

fn distro(input: &Value) -> Distro {
    let family = text(&input["distro"]).trim_start_matches("ftypes.").to_lowercase();
    let release = text(&input["release"]);
    let id = match (family.as_str(), release) {
        ("azure", "3.0") => "azurelinux",
        ("azure" | "cbl-mariner", _) => "mariner",
        // The two products share the numbers of no release.
        ("suse", "5.3") => "sle-micro",
        ("alma", _) => "almalinux",
        ("redhat", _) => "rhel",
        (other, _) => other,
    };
    let (release, is_pro) = match release.strip_suffix("-ESM") {
        Some(release) => (release, true),
        None => (release.trim_start_matches("AMI release "), false),
    };
    let mut distro = Distro::new(id, release, "", "", "");
    if is_pro {
        let names = vec!["esm-infra".to_owned()];
        distro.channels = vec![Channel { names, ..Channel::default() }];
    }
    // What packages say of where they are from: here all say the same.
    for package in array(&input["packages"]) {
        let build = &package["build_info"];
        let mut names: Vec<String> = array(&build["ContentSets"])
            .iter()
            // The reader of content manifests takes the suffix off.
            .map(|name| text(name).trim_end_matches("__8").to_owned())
            .collect();
        if let Some(nvr) = build["Nvr"].as_str() {
            names.push(format!("nvr:{nvr} {}", text(&build["Arch"])));
        }
        if !names.is_empty() {
            distro.channels = vec![Channel { names, ..Channel::default() }];
        }
    }
    // The stream of the package repositories goes before the release file, as our cataloguer does.
    if let Some(release) = input["repository"]["Release"].as_str().filter(|_| distro.id == "alpine")
    {
        release.clone_into(&mut distro.release);
    }
    distro
}

fn package(package: &Value, distro: &Distro) -> Package {
    let joined = |epoch: &str, version: &str, release: &str| {
        let (version, release) = (text(&package[version]), text(&package[release]));
        let epoch = package[epoch].as_u64().map_or(String::new(), |epoch| format!("{epoch}:"));
        let release = if release.is_empty() { String::new() } else { format!("-{release}") };
        format!("{epoch}{version}{release}")
    };
    let label = package["modularity_label"].as_str();
    let version = joined("epoch", "version", "release");
    let name =
        [&package["name"], &package["src_name"]].into_iter().map(text).find(|n| !n.is_empty());
    // RPM's own name of a source package has no epoch.
    let source_version = match distro.row.unwrap().package_type {
        "rpm" => joined("", "src_version", "src_release"),
        _ => joined("src_epoch", "src_version", "src_release"),
    };
    Package {
        name: name.unwrap_or_default().to_owned(),
        version,
        kind: distro.row.unwrap().package_type.to_owned(),
        arch: package["arch"].as_str().map(ToOwned::to_owned),
        modularity: label.map(ToOwned::to_owned),
        source: Some(source(text(&package["src_name"]), &source_version))
            .filter(|source| !source.name.is_empty()),
        ..Package::default()
    }
}

impl Case {
    /// Takes the advisories of a case, and what it says of repositories.
    fn take(&mut self, input: &Value) {
        let mut cpes = BTreeMap::new();
        for advisory in array(&input["advisories"]) {
            if text(&advisory["bucket"][0]) == "Red Hat CPE"
                && text(&advisory["bucket"][1]) == "cpe"
            {
                cpes.insert(text(&advisory["id"]).to_owned(), text(&advisory["value"]).to_owned());
            }
        }
        for advisory in array(&input["advisories"]) {
            if text(&advisory["bucket"][0]) == "Red Hat CPE" {
                self.take_repository(advisory, &cpes);
            } else {
                self.take_advisory(advisory, &cpes);
            }
        }
    }

    fn take_repository(&mut self, advisory: &Value, cpes: &BTreeMap<String, String>) {
        let id = text(&advisory["id"]);
        let products: Vec<String> = array(&advisory["value"])
            .iter()
            .filter_map(|n| cpes.get(&n.to_string()))
            .cloned()
            .collect();
        let key = match text(&advisory["bucket"][1]) {
            "nvr" => {
                let (nvr, arch) = id.rsplit_once('-').unwrap();
                format!("nvr:{nvr} {arch}")
            }
            "repository" => id.to_owned(),
            _ => return,
        };
        self.products.insert(key, products);
    }

    fn take_advisory(&mut self, advisory: &Value, cpes: &BTreeMap<String, String>) {
        let bucket = text(&advisory["bucket"][0]);
        let Some((start, family, key)) =
            PLATFORMS.iter().find(|(start, ..)| bucket.starts_with(start))
        else {
            return;
        };
        let release = match *family {
            "redhat" => self.distro.release.as_str(),
            _ => &bucket[start.len()..],
        };
        let namespace =
            if release.is_empty() { (*family).to_owned() } else { format!("{family}:{release}") };
        let name = text(&advisory["bucket"][1]);
        let (module, name) = name.split_once("::").map_or((None, name), |(m, n)| (Some(m), n));
        let scope = Scope { key: *key, module: module.map(ToOwned::to_owned), ..Scope::default() };
        let value = &advisory["value"];
        let entries = array(&value["Entries"]);
        if entries.is_empty() {
            self.take_entry((&namespace, name, text(&advisory["id"])), value, &scope);
            return;
        }
        for entry in entries {
            let products = array(&entry["Affected"]).iter();
            let scope = Scope {
                arches: array(&entry["Arches"]).iter().map(|arch| text(arch).to_owned()).collect(),
                // Golden files do not tell the products behind their numbers.
                products: products.filter_map(|n| cpes.get(&n.to_string())).cloned().collect(),
                ..scope.clone()
            };
            self.take_entry((&namespace, name, text(&advisory["id"])), entry, &scope);
        }
    }

    fn take_entry(
        &mut self,
        (namespace, name, id): (&str, &str, &str),
        value: &Value,
        scope: &Scope,
    ) {
        let fixed = text(&value["FixedVersion"]);
        let state = match text(&value["Status"]) {
            _ if fixed == "0" => State::NotAffected,
            _ if !fixed.is_empty() => State::Fixed,
            "will_not_fix" => State::WillNotFix,
            "end_of_life" => State::EndOfLife,
            _ => State::Affected,
        };
        let mut new = |id: &str, severity: &Value| {
            let mut row = row(id, fixed, state, scope.clone());
            row.severity = match severity {
                Value::Number(number) => {
                    [Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
                        .get(number.as_f64().unwrap() as usize - 1)
                        .copied()
                }
                other => Severity::from_word(text(other)),
            };
            self.push(namespace, name, row);
        };
        if array(&value["Cves"]).is_empty() {
            new(id, &value["Severity"]);
        }
        for cve in array(&value["Cves"]) {
            new(cve["ID"].as_str().unwrap_or(id), &cve["Severity"]);
        }
    }
}
