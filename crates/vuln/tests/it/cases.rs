//! What peers expect for Alpine, Wolfi and Debian, out of the shared cases, through one adapter that
//! loads a case's advisories into our shards.
//!
//! A case that we answer otherwise on purpose stands in `DEVIATIONS` with its reason; see
//! `docs/deviations.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use plimsoll_model::{Advisory, Affected, Distro, Package, Severity, SourcePackage, State};
use plimsoll_vuln::{
    Database, DatabaseError, ReleaseInfo, RowKind, Shard, ShardBuilder, ShardMeta, judge,
};
use serde_json::Value;

/// Cases (the end of their id) whose answer differs, and why.
const DEVIATIONS: &[(&str, &str)] = &[
    (
        "debian/TestScanner_Detect/invalid bucket",
        "malformed rows of their database; ours cannot hold such rows",
    ),
    ("seal/TestScanner_Detect/Alpine scanner", "Seal's feed is not read"),
    ("#TestMatcherApk_NvdMatchWhenSecdbHasNoCveEntry", "no CPE matching of apk packages"),
    ("#TestMatcherApk_NvdFixDroppedWhenNoSecdbEntry", "no CPE matching of apk packages"),
    (
        "#TestMatcherApk_ArchFilter_MatchWhenArchAgrees",
        "Chainguard's OSV feed is not read, its secdb is",
    ),
    ("#TestMatcherApk_RootIO", "Root.io's feed is not read, and no CPE matching"),
];

struct Held(BTreeMap<String, Arc<Shard>>);

impl Database for Held {
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        let absent = || DatabaseError::NoFeed { namespace: namespace.to_owned() };
        self.0.get(namespace).cloned().ok_or_else(absent)
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo::default()
    }
}

/// One expected finding: id, package, fixed version (empty for none).
type Row = (String, String, String);

#[test]
fn operating_system_cases_of_trivy_agree() {
    let Some(cases) = load("trivy-ospkg.json") else { return };
    let mut seen = 0;
    for case in cases.iter().filter(|case| is_ours(text(&case["distro"]))) {
        let id = text(&case["id"]);
        let distro = trivy_distro(case);
        let mut rows = BTreeMap::new();
        for advisory in array(&case["advisories"]) {
            add_trivy(&mut rows, advisory);
        }
        let packages: Vec<Package> =
            array(&case["packages"]).iter().map(|p| trivy_package(p, &distro)).collect();
        let found = findings(rows, &packages, &distro);
        let expected: BTreeSet<Row> = array(&case["expected"])
            .iter()
            .map(|row| {
                let field = |name: &str| text(&row[name]).to_owned();
                (field("vulnerability_id"), field("package"), field("fixed_version"))
            })
            .collect();
        let fails = case["expect_error"].as_bool().unwrap_or(false) || found != expected;
        check(id, fails, &format!("found {found:?}, expected {expected:?}"));
        seen += 1;
    }
    assert_eq!(seen, 9, "cases that bear on Alpine, Wolfi and Debian");
}

/// Binary packages of the golden files whose source package has another name; the files do not say it.
const SOURCES: &[(&str, &str)] = &[
    ("libcrypto1.1", "openssl"),
    ("libssl1.1", "openssl"),
    ("libidn2-0", "libidn2"),
    ("libcom-err2", "e2fsprogs"),
    ("libext2fs2", "e2fsprogs"),
    ("libss2", "e2fsprogs"),
];

#[test]
fn golden_files_of_trivy_agree() {
    let Some(cases) = load("trivy-golden.json") else { return };
    let ours = |case: &&Value| text(&case["kind"]) == "os" && is_ours(text(&case["distro"]));
    let mut seen = 0;
    for case in cases.iter().filter(ours) {
        let id = text(&case["id"]);
        let mut distro = Distro::new(text(&case["distro"]), text(&case["release"]), "", "", "");
        if id.contains("alpine-distroless") {
            // Its repositories are those of edge, which the golden file does not tell.
            "edge".clone_into(&mut distro.release);
        }
        let mut rows = BTreeMap::new();
        for advisory in array(&case["advisories"]) {
            add_trivy(&mut rows, advisory);
        }
        let packages: Vec<Package> = array(&case["packages_implied_by_vulns"])
            .iter()
            .map(|package| golden_package(package, &distro))
            .collect();
        let name = |finding: &plimsoll_model::Finding| {
            packages.iter().find(|package| package.id == finding.package).unwrap().name.clone()
        };
        let only_fixed = id.contains("ignore-unfixed");
        let found: BTreeSet<[String; 5]> = judged(rows, &packages, &distro)
            .findings
            .iter()
            .filter(|finding| !only_fixed || finding.is_fixable())
            .map(|finding| {
                let fixed = finding.fixed_versions.first().cloned().unwrap_or_default();
                let (state, rater) = (finding.state.name().to_owned(), &finding.severity_source);
                let severity = if rater.is_empty() { "" } else { finding.severity.name() };
                [finding.id.clone(), name(finding), fixed, state, severity.to_uppercase()]
            })
            .collect();
        let expected: BTreeSet<[String; 5]> = array(&case["expected"])
            .iter()
            .map(|row| {
                let field = |name: &str| text(&row[name]).to_owned();
                // Severities of NVD are joined elsewhere; here the distribution's own are seen.
                let own = field("severity_source") == text(&case["distro"]);
                let severity = if own { field("severity") } else { String::new() };
                let (id, package) = (field("vulnerability_id"), field("package"));
                [id, package, field("fixed_version"), field("status"), severity]
            })
            .collect();
        assert_eq!(found, expected, "{id}");
        seen += 1;
    }
    assert_eq!(seen, 4, "golden files of Alpine and Debian");
}

fn golden_package(package: &Value, distro: &Distro) -> Package {
    let (name, version) = (text(&package["name"]), text(&package["version"]));
    let source = SOURCES.iter().find(|(binary, _)| *binary == name).map_or(name, |(_, s)| s);
    let mut made = Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: distro.row.unwrap().package_type.to_owned(),
        source: Some(SourcePackage { name: source.to_owned(), version: version.to_owned() }),
        ..Package::default()
    };
    made.finish(Some(distro), "");
    made
}

#[test]
fn apk_cases_of_grype_agree() {
    let Some(cases) = load("grype-matcher.json") else { return };
    let mut seen = 0;
    for case in cases.iter().filter(|case| text(&case["id"]).contains("/apk/")) {
        let mut rows = BTreeMap::new();
        for advisory in array(&case["advisories"]) {
            add_grype(&mut rows, &advisory["item"]["Vulnerability"]);
        }
        let mut ids = BTreeSet::new();
        let mut negatives = BTreeSet::new();
        for package in array(&case["packages"]) {
            let release = text(&package["release"]);
            let distro = Distro::new(text(&package["distro"]), release, "", "", "");
            let judged = judged(rows.clone(), &[grype_package(package, &distro)], &distro);
            ids.extend(judged.findings.iter().map(|finding| finding.id.clone()));
            negatives.extend(judged.negatives.iter().map(|negative| negative.id.clone()));
        }
        let strings = |value: &Value| -> BTreeSet<String> {
            array(value).iter().map(|id| text(id).to_owned()).collect()
        };
        let expected = strings(&case["expected_match_ids"]);
        // An ignore of theirs is a negative fact of ours, where it comes of the distribution.
        let silenced: BTreeSet<String> = array(&case["expected_ignores"])
            .iter()
            .filter(|ignore| text(&ignore["reason"]) != "reasonCPENotVulnerable")
            .map(|ignore| text(&ignore["id"]).to_owned())
            .collect();
        let differs = ids != expected || !silenced.is_subset(&negatives);
        let told =
            format!("found {ids:?} not {negatives:?}, expected {expected:?} not {silenced:?}");
        check(text(&case["id"]), differs, &told);
        seen += 1;
    }
    assert_eq!(seen, 13, "cases that bear on apk");
}

#[test]
fn ends_of_life_agree() {
    let Some(cases) = load("trivy-eol.json") else { return };
    let ours = |case: &&Value| matches!(text(&case["distro"]), "alpine" | "debian");
    let mut seen = 0;
    for case in cases.iter().filter(ours) {
        let distro = Distro::new(text(&case["distro"]), text(&case["release"]), "", "", "");
        let row = distro.row.unwrap();
        let known = plimsoll_vuln::embedded::eol(row.eol_product);
        let release = known.iter().find(|release| release.release == distro.release);
        let today = &text(&case["now"])[..10];
        let last = release.map_or("", |release| release.days(row).0);
        let ended = !last.is_empty() && last < today;
        assert_eq!(!ended, case["supported"].as_bool().unwrap(), "{}", text(&case["id"]));
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn every_deviation_is_of_a_case() {
    let (Some(trivy), Some(grype)) = (load("trivy-ospkg.json"), load("grype-matcher.json")) else {
        return;
    };
    for (end, _) in DEVIATIONS {
        let mut cases = trivy.iter().chain(&grype);
        assert!(cases.any(|case| text(&case["id"]).ends_with(end)), "{end} is no case");
    }
}

fn check(id: &str, differs: bool, told: &str) {
    let reason = DEVIATIONS.iter().find(|(end, _)| id.ends_with(end)).map(|(_, reason)| reason);
    match (differs, reason) {
        (true, None) => panic!("{id}: {told}"),
        (false, Some(reason)) => panic!("{id} agrees, though it is listed to differ: {reason}"),
        _ => {}
    }
}

fn is_ours(distro: &str) -> bool {
    ["alpine", "debian", "wolfi", "chainguard", "ftypes.Alpine", "ftypes.Debian"].contains(&distro)
}

fn load(file: &str) -> Option<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases").join(file);
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: cases of {file}: ../shared is not there");
        return None;
    };
    Some(serde_json::from_slice(&bytes).unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn trivy_distro(case: &Value) -> Distro {
    let family = text(&case["distro"]).trim_start_matches("ftypes.").to_lowercase();
    let mut distro = Distro::new(&family, text(&case["release"]), "", "", "");
    // The stream of the package repositories goes before the release file, as our cataloguer does.
    if let Some(release) = case["repository"]["Release"].as_str() {
        release.clone_into(&mut distro.release);
    }
    distro
}

fn trivy_package(package: &Value, distro: &Distro) -> Package {
    let joined = |version: &str, release: &str| {
        let (version, release) = (text(&package[version]), text(&package[release]));
        if release.is_empty() { version.to_owned() } else { format!("{version}-{release}") }
    };
    let mut made = Package {
        name: text(&package["name"]).to_owned(),
        version: joined("version", "release"),
        kind: distro.row.unwrap().package_type.to_owned(),
        source: Some(SourcePackage {
            name: text(&package["src_name"]).to_owned(),
            version: joined("src_version", "src_release"),
        }),
        ..Package::default()
    };
    made.finish(Some(distro), "");
    made
}

fn grype_package(package: &Value, distro: &Distro) -> Package {
    let version = text(&package["version"]).to_owned();
    let source = array(&package["upstreams"]).first().map(|upstream| SourcePackage {
        name: text(&upstream[0]).to_owned(),
        version: Some(text(&upstream[1]))
            .filter(|version| !version.is_empty())
            .map_or_else(|| version.clone(), ToOwned::to_owned),
    });
    let mut made = Package {
        name: text(&package["name"]).to_owned(),
        version: version.clone(),
        kind: "apk".to_owned(),
        source,
        ..Package::default()
    };
    made.finish(Some(distro), "");
    made
}

type Rows = BTreeMap<String, Vec<(String, Advisory)>>;

fn add_trivy(rows: &mut Rows, advisory: &Value) {
    let bucket = text(&advisory["bucket"][0]);
    let mut words = bucket.split(' ');
    let (Some(family), release) = (words.next(), words.next().unwrap_or_default()) else { return };
    if !is_ours(family) {
        return;
    }
    let namespace = Distro::new(family, release, "", "", "").namespace().unwrap();
    let value = &advisory["value"];
    // Range lists are the form of rebuild vendors; the distribution's rows have one fixed version.
    let fixed = text(&value["FixedVersion"]);
    let state = match text(&value["Status"]) {
        "will_not_fix" => State::WillNotFix,
        "end_of_life" => State::EndOfLife,
        _ if fixed.is_empty() => State::Affected,
        _ => State::Fixed,
    };
    let mut row = row(text(&advisory["id"]), fixed, state);
    row.severity = value["Severity"].as_str().and_then(Severity::from_word);
    rows.entry(namespace).or_default().push((text(&advisory["bucket"][1]).to_owned(), row));
}

fn add_grype(rows: &mut Rows, vulnerability: &Value) {
    for fixed in array(&vulnerability["FixedIn"]) {
        let namespace = text(&fixed["NamespaceName"]).trim_end_matches(":rolling").to_owned();
        let version = text(&fixed["Version"]);
        let state = if version == "0" { State::NotAffected } else { State::Fixed };
        let row = row(text(&vulnerability["Name"]), version, state);
        rows.entry(namespace).or_default().push((text(&fixed["Name"]).to_owned(), row));
    }
}

fn row(id: &str, fixed: &str, state: State) -> Advisory {
    let affected = match (state, fixed) {
        (State::NotAffected, _) => Affected::default(),
        (_, "") => Affected::all(),
        _ => Affected::below(fixed),
    };
    let mends = !fixed.is_empty() && state != State::NotAffected;
    Advisory {
        id: id.to_owned(),
        aliases: Vec::new(),
        state,
        scope: plimsoll_model::Scope::default(),
        affected,
        fixed_versions: if mends { vec![fixed.to_owned()] } else { Vec::new() },
        severity: None,
        cvss: Vec::new(),
        record: "case".to_owned(),
        note: None,
        title: None,
        urls: Vec::new(),
    }
}

fn judged(mut rows: Rows, packages: &[Package], distro: &Distro) -> plimsoll_vuln::Judged {
    // What the case has no advisories for must not fall back to those inside the program.
    rows.entry(distro.namespace().unwrap()).or_default();
    let mut shards = BTreeMap::new();
    for (namespace, rows) in rows {
        let meta = ShardMeta {
            namespace: namespace.clone(),
            rows: RowKind::Advisories,
            ..ShardMeta::default()
        };
        let mut builder = ShardBuilder::new(meta);
        for (name, advisory) in &rows {
            builder.add_advisory(name, advisory).unwrap();
        }
        let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
        shards.insert(namespace, Arc::new(shard));
    }
    judge(packages, Some(distro), &Held(shards)).unwrap()
}

fn findings(rows: Rows, packages: &[Package], distro: &Distro) -> BTreeSet<Row> {
    let names: BTreeMap<String, String> =
        packages.iter().map(|package| (package.id.clone(), package.name.clone())).collect();
    judged(rows, packages, distro)
        .findings
        .into_iter()
        .map(|finding| {
            let fixed = finding.fixed_versions.first().cloned().unwrap_or_default();
            (finding.id, names[&finding.package].clone(), fixed)
        })
        .collect()
}
