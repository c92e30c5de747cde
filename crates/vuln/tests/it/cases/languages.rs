//! Libraries of languages: cases of Trivy, claircore and Grype.

use std::collections::BTreeSet;

use plimsoll_model::{
    Advisory, Affected, Bound, Distro, Interval, Package, Scheme, State, ecosystem,
};
use plimsoll_vuln::osv;
use serde_json::Value;

use super::lists::{affected, intervals};
use super::{Case, Checks, array, load, row, strings, text};

/// Their names of ecosystems, and our package types.
const KINDS: &[(&str, &str)] = &[
    ("bitnami", "bitnami"),
    ("cargo", "cargo"),
    ("composer", "composer"),
    ("erlang", "hex"),
    ("gem", "gem"),
    ("go", "golang"),
    ("julia", "julia"),
    ("maven", "maven"),
    ("npm", "npm"),
    ("nuget", "nuget"),
    ("pep440", "pypi"),
    ("pip", "pypi"),
    ("pub", "pub"),
    ("python", "pypi"),
    ("rubygems", "gem"),
    ("swift", "swift"),
];

fn kind(name: &str) -> Option<&'static str> {
    KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

fn scheme(kind: &str) -> Scheme {
    ecosystem::find(kind).unwrap().scheme
}

fn package(kind: &str, name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        evidence: vec![plimsoll_model::Evidence { path: name.to_owned(), ..Default::default() }],
        ..Package::default()
    }
}

/// Makes a record of intervals; each that ends before a version names it as the fix.
fn record(id: &str, affected: Affected) -> Advisory {
    let fixes = affected.intervals.iter().filter_map(|interval| match &interval.high {
        Bound::Excluded(version) => Some(version.clone()),
        _ => None,
    });
    let fixed_versions: Vec<String> = fixes.collect();
    let state = if fixed_versions.is_empty() { State::Affected } else { State::Fixed };
    Advisory { affected, fixed_versions, ..row(id, "", state, plimsoll_model::Scope::default()) }
}

impl Case {
    /// A case of libraries on a distribution without a feed.
    fn of_libraries() -> Self {
        Self::new(Distro::new("kali", "", "", "", ""))
    }

    /// Pushes a record under the name in the form that look-ups have.
    fn push_library(&mut self, kind: &str, name: &str, advisory: Advisory) {
        let row = ecosystem::find(kind).unwrap();
        self.push(row.namespace, &row.key(name), advisory);
    }

    /// Takes `{"bucket": ["pip::GitHub …", "django"], "id": …, "value": {"VulnerableVersions": […]}}`.
    fn take_lists(&mut self, advisory: &Value) {
        let (bucket, name) = (text(&advisory["bucket"][0]), text(&advisory["bucket"][1]));
        // `seal pip::…` is a feed of a vendor that builds anew.
        let Some(kind) = bucket.split_once("::").and_then(|(of, _)| kind(of)) else { return };
        let Some(affected) = affected(scheme(kind), &advisory["value"]) else { return };
        let mut record = record(text(&advisory["id"]), affected);
        record.aliases = strings(&advisory["value"]["VendorIDs"]).into_iter().collect();
        self.push_library(kind, name, record);
    }

    /// Judges, and returns id and package of what counts.
    fn counting(&mut self) -> Rows {
        // What the case has no records for must not fall back to those inside the program.
        for package in self.packages.clone() {
            if let Some(row) = ecosystem::find(&package.kind) {
                self.rows.entry(row.namespace.to_owned()).or_default();
            }
        }
        let judged = self.judge();
        let counting = judged.findings.iter().filter(|finding| finding.counts());
        counting.map(|found| (found.id.clone(), self.name_of(found).to_owned())).collect()
    }
}

/// The type of a package, by the ecosystem that a case names or by the packages' own names.
fn kind_of(input: &Value, package: &Value) -> &'static str {
    if let Some(kind) = package["purl"].as_str().and_then(|purl| purl.split(['/', ':']).nth(1)) {
        let find = |row: &&ecosystem::Ecosystem| row.purl_type == kind;
        return ecosystem::ECOSYSTEMS.iter().find(find).map_or("k8s", |row| row.purl_type);
    }
    match text(&input["ecosystem"]) {
        "Composer" => "composer",
        "GoModule" | "GoBinary" => "golang",
        "Julia" => "julia",
        "PythonPkg" => "pypi",
        "Bundler" => "gem",
        "Pom" => "maven",
        "Npm" => "npm",
        other => panic!("{other}"),
    }
}

/// Ids and packages.
type Rows = BTreeSet<(String, String)>;

/// Runs a case of Trivy, and returns what was found and what is expected.
fn run(input: &Value) -> (Rows, Rows) {
    let mut case = Case::of_libraries();
    for advisory in array(&input["advisories"]) {
        case.take_lists(advisory);
    }
    let stated = [&input["packages"], &input["packages_implied_by_vulns"]];
    case.packages = stated
        .iter()
        .flat_map(|list| array(list))
        .map(|one| package(kind_of(input, one), text(&one["name"]), text(&one["version"])))
        .collect();
    let expected = array(&input["expected"]).iter();
    let field = |row: &Value, name: &str| text(&row[name]).to_owned();
    let expected: Rows =
        expected.map(|row| (field(row, "vulnerability_id"), field(row, "package"))).collect();
    (case.counting(), expected)
}

#[test]
fn libraries_of_trivy_agree() {
    for (file, count) in [("trivy-library.json", 14), ("trivy-golden.json", 16)] {
        let Some(cases) = load(file) else { return };
        let mut checks = Checks::default();
        for input in cases.iter().filter(|case| text(&case["kind"]) == "lang") {
            let (found, expected) = run(input);
            let told = format!("found {found:?}, expected {expected:?}");
            checks.add(text(&input["id"]), found != expected, &told);
        }
        checks.finish(count);
    }
}

/// The versions of the cases of any program, which the file leaves out; they stand in the test of Trivy that
/// it names.
const VERSIONS: &[(&str, &str)] = &[
    ("happy path", "1.2.3"),
    ("no patch", "1.2.3"),
    ("pre-release", "1.2.2-alpha"),
    ("multiple constraints", "2.0.0"),
    ("invalid version", "1.2..4"),
    ("improper constraint", "1.2.3"),
    ("empty patched version", "1.2.3"),
];

#[test]
fn versions_of_trivy_agree() {
    let Some(cases) = load("trivy-isvulnerable.json") else { return };
    let mut checks = Checks::default();
    for input in &cases {
        let id = text(&input["id"]);
        let expected = input["expected_vulnerable"].as_bool().unwrap_or(false);
        let found = if let Some(kind) = kind(text(&input["ecosystem"])) {
            let mut case = Case::of_libraries();
            if let Some(affected) = affected(scheme(kind), &input["advisory"]) {
                case.push_library(kind, "pkg", record("CVE-2030-0001", affected));
            }
            case.packages = vec![package(kind, "pkg", text(&input["version"]))];
            !case.counting().is_empty()
        } else {
            let name = id.rsplit('/').next().unwrap();
            let (_, version) = VERSIONS.iter().find(|(known, _)| *known == name).unwrap();
            let affected = affected(Scheme::Generic, &input["advisory"]);
            affected.is_some_and(|affected| {
                affected.hit(Scheme::Generic, version).is_ok_and(|hit| hit.is_some())
            })
        };
        checks.add(id, found != expected, &format!("found {found}"));
    }
    checks.finish(28);
}

#[test]
fn libraries_of_claircore_agree() {
    let Some(cases) = load("claircore-matcher.json") else { return };
    let mut checks = Checks::default();
    for input in &cases {
        let id = text(&input["id"]);
        let kinds = [(":java/", "maven"), (":python/", "pypi"), (":ruby/", "gem")];
        let Some((_, kind)) = kinds.iter().find(|(part, _)| id.contains(part)) else { continue };
        let mut case = Case::of_libraries();
        let advisory = &input["advisory"];
        let name = text(&advisory["Package"]["Name"]);
        let affected = between(text(&advisory["FixedInVersion"]));
        case.push_library(kind, name, record("CVE-2030-0001", affected));
        let version = text(&input["record"]["Package"]["Version"]);
        case.packages = vec![package(kind, name, version)];
        let found = !case.counting().is_empty();
        let differs = found != input["expected_vulnerable"].as_bool().unwrap();
        checks.add(id, differs, &format!("found {found}"));
    }
    checks.finish(11);
}

/// Reads `introduced=2.2.0&lastAffected=3.0.1`.
fn between(fields: &str) -> Affected {
    let mut interval = Interval { low: Bound::Open, high: Bound::Open };
    for (name, version) in fields.split('&').filter_map(|field| field.split_once('=')) {
        match name {
            "introduced" if version == "0" => {}
            "introduced" => interval.low = Bound::Included(version.to_owned()),
            "fixed" => interval.high = Bound::Excluded(version.to_owned()),
            "lastAffected" => interval.high = Bound::Included(version.to_owned()),
            other => panic!("{other}"),
        }
    }
    Affected { intervals: vec![interval], versions: Vec::new() }
}

#[test]
fn libraries_of_grype_agree() {
    let Some(cases) = load("grype-matcher.json") else { return };
    let mut checks = Checks::default();
    for input in &cases {
        let kinds: BTreeSet<&str> = array(&input["packages"])
            .iter()
            .filter_map(|one| grype_kind(text(&one["type"])))
            .collect();
        if kinds.is_empty() {
            continue;
        }
        let mut case = Case::of_libraries();
        for advisory in array(&input["advisories"]) {
            take_grype(&mut case, advisory);
        }
        let stated = array(&input["packages"]).iter();
        case.packages = stated
            .map(|one| {
                let kind = grype_kind(text(&one["type"])).unwrap();
                package(kind, text(&one["name"]), text(&one["version"]))
            })
            .collect();
        let mut expected = strings(&input["expected_match_ids"]);
        case.counting();
        let judged = case.judge();
        // Theirs names the record, ours the CVE.
        let mut found = BTreeSet::new();
        for finding in judged.findings.iter().filter(|finding| finding.counts()) {
            let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
            match ids.find(|id| expected.contains(*id)) {
                Some(id) => found.insert(id.clone()),
                None => found.insert(finding.id.clone()),
            };
        }
        let differs = found != expected;
        expected.extend(strings(&input["expected_ignores"]));
        checks.add(text(&input["id"]), differs, &format!("found {found:?}, not {expected:?}"));
    }
    checks.finish(6);
}

fn grype_kind(name: &str) -> Option<&'static str> {
    Some(match name {
        "GoModulePkg" => "golang",
        "PythonPkg" => "pypi",
        "GemPkg" => "gem",
        _ => return None,
    })
}

/// Takes a record of GitHub's as its provider has it, or one of the Go vulnerability database as it is.
fn take_grype(case: &mut Case, advisory: &Value) {
    let item = &advisory["item"];
    if item["affected"].is_array() {
        let record = osv::parse(item.to_string().as_bytes()).unwrap();
        let publisher = osv::Publisher { title: "case", rater: "case" };
        for row in osv::convert(&record, publisher).rows {
            case.push(&row.namespace, &row.name, row.advisory);
        }
        return;
    }
    let github = &item["Advisory"];
    if github["withdrawn"].is_string() {
        return;
    }
    for fixed in array(&github["FixedIn"]) {
        let kind = kind(text(&fixed["ecosystem"])).unwrap();
        // Blanks part comparators as commas do: `>= 1.3 <= 1.3.1`.
        let range = text(&fixed["range"]).replace(" <", ", <");
        let intervals = intervals(scheme(kind), &range).unwrap();
        let mut record =
            record(text(&github["ghsaId"]), Affected { intervals, versions: Vec::new() });
        record.aliases = strings(&github["CVE"]).into_iter().collect();
        case.push_library(kind, text(&fixed["name"]), record);
    }
}
