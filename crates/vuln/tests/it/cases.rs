//! What peers expect of the distributions, out of the shared cases, through one adapter that loads a
//! case's advisories into our shards.
//!
//! A case that we answer otherwise on purpose stands in [`DEVIATIONS`] with its reason; see
//! `docs/deviations.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use plimsoll_model::{Advisory, Affected, Distro, Finding, Package, Scope, SourcePackage, State};
use plimsoll_vuln::{
    Database, DatabaseError, Judged, ReleaseInfo, RowKind, Shard, ShardBuilder, ShardMeta, judge,
};
use serde_json::Value;

mod claircore;
mod grype;
mod languages;
mod lists;
mod trivy;

const BROKEN_ROW: &str = "a malformed row of their database; ours cannot hold such rows";
const REBUILDER: &str = "the feed of a vendor that builds packages anew is not read";
const CPE: &str = "packages of a distribution are not matched by CPE";
const IMAGES: &str = "images as products of Red Hat's catalogue are not matched";
const OF_RHEL: &str = "what Red Hat says of its own packages is not said of a rebuild's";

const BUILD: &str = "the build counter of Bitnami says nothing of the software";
const SYMBOLS: &str = "which functions a program has is not read: a module is judged as a whole";

/// Cases (a part of their id) whose answer differs, and why.
const DEVIATIONS: &[(&str, &str)] = &[
    ("amazon/TestScanner_Detect/Get returns an error", BROKEN_ROW),
    ("azure/TestScanner_Detect/broken advisory", BROKEN_ROW),
    ("bottlerocket/TestScanner_Detect/Get returns an error", BROKEN_ROW),
    ("debian/TestScanner_Detect/invalid bucket", BROKEN_ROW),
    ("echo/TestScanner_Detect/sad path - invalid", BROKEN_ROW),
    ("minimos/TestScanner_Detect/Get returns an error", BROKEN_ROW),
    ("rocky/TestScanner_Detect/Get returns an error", BROKEN_ROW),
    ("ubuntu/TestScanner_Detect/broken bucket", BROKEN_ROW),
    ("#TestMatcherApk_NvdMatchWhenSecdbHasNoCveEntry", CPE),
    ("#TestMatcherApk_NvdFixDroppedWhenNoSecdbEntry", CPE),
    (
        "#TestMatcherApk_ArchFilter_MatchWhenArchAgrees",
        "Chainguard's OSV feed is not read, its secdb is",
    ),
    ("#TestMatcherApk_RootIO", REBUILDER),
    ("rapidfort/TestScanner_Detect/Ubuntu: vulnerable curl", REBUILDER),
    ("rapidfort/TestScanner_Detect/Ubuntu: rfubu package", REBUILDER),
    ("rapidfort/TestScanner_Detect/Ubuntu: +rf-marked package", REBUILDER),
    ("Ubuntu: plain-ubuntu package for rf-binutils below ubuntu fix", REBUILDER),
    ("rapidfort/TestScanner_Detect/RedHat: vulnerable el9 curl", REBUILDER),
    ("rapidfort/TestScanner_Detect/RedHat: patched el9 curl", REBUILDER),
    ("rapidfort/TestScanner_Detect/RedHat: RPM without SOURCERPM", REBUILDER),
    ("rapidfort/TestScanner_Detect/RedHat: source→binary fallback", REBUILDER),
    ("rapidfort/TestScanner_Detect/RedHat: empty SrcName", REBUILDER),
    ("seal/TestScanner_Detect/Ubuntu scanner", REBUILDER),
    ("seal/TestScanner_Detect/Alpine scanner", REBUILDER),
    ("seal/TestScanner_Detect/RedHat scanner", REBUILDER),
    (
        "ubuntu/TestScanner_Detect/ubuntu 19.04-ESM, 19.04 is outdated",
        "a release that is not supported is judged by what its feed has; the end of life is told",
    ),
    ("rhel/rhcc/matcher_test.go#GoldenRepoTagOlder", IMAGES),
    ("rhel/rhcc/matcher_test.go#GoldenRepoInverted", IMAGES),
    ("#TestAlmaLinuxMatching_WontFixPassesThrough", OF_RHEL),
    ("#TestMatcherGolang_GoSymbols", SYMBOLS),
    ("#TestMatcher_ChainguardLibrariesSuppressesUpstreamGhsa", REBUILDER),
    ("TestDriver_Detect/seal security", REBUILDER),
    ("TestBitnamiComparer_IsVulnerable/vulnerable with revision on patch", BUILD),
    ("TestBitnamiComparer_IsVulnerable/vulnerable with revision on both", BUILD),
    ("TestGenericComparer_IsVulnerable/improper constraint", "`*` is every version"),
    ("minikube-kbom.json", "components of a cluster are no packages of an image"),
];

/// The shards of a case, and the products of repositories.
#[derive(Default)]
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

/// What a case is about: advisories by namespace, products by repository, packages, distribution.
pub(crate) struct Case {
    pub(crate) distro: Distro,
    pub(crate) packages: Vec<Package>,
    pub(crate) rows: BTreeMap<String, Vec<(String, Advisory)>>,
    pub(crate) products: BTreeMap<String, Vec<String>>,
}

impl Case {
    pub(crate) fn new(distro: Distro) -> Self {
        Self { distro, packages: Vec::new(), rows: BTreeMap::new(), products: BTreeMap::new() }
    }

    pub(crate) fn push(&mut self, namespace: &str, name: &str, advisory: Advisory) {
        self.rows.entry(namespace.to_owned()).or_default().push((name.to_owned(), advisory));
    }

    /// Loads the advisories into shards and judges the packages by them.
    pub(crate) fn judge(&mut self) -> Judged {
        // What the case has no advisories for must not fall back to those inside the program.
        if let Some(namespace) = self.distro.namespace() {
            self.rows.entry(namespace).or_default();
        }
        let mut held = Held::default();
        for (namespace, rows) in &self.rows {
            let mut builder = ShardBuilder::new(meta(namespace, RowKind::Advisories));
            for (name, advisory) in rows {
                builder.add_advisory(name, advisory).unwrap();
            }
            held.put(namespace, builder);
        }
        let mut builder = ShardBuilder::new(meta("redhat-cpe", RowKind::Other));
        for (repository, products) in &self.products {
            builder.add(repository, products).unwrap();
        }
        held.put("redhat-cpe", builder);
        for package in &mut self.packages {
            package.finish(Some(&self.distro), "");
        }
        judge(&self.packages, Some(&self.distro), &held).unwrap()
    }

    pub(crate) fn name_of(&self, finding: &Finding) -> &str {
        &self.packages.iter().find(|package| package.id == finding.package).unwrap().name
    }
}

impl Held {
    fn put(&mut self, namespace: &str, builder: ShardBuilder) {
        let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
        self.0.insert(namespace.to_owned(), Arc::new(shard));
    }
}

fn meta(namespace: &str, rows: RowKind) -> ShardMeta {
    ShardMeta { namespace: namespace.to_owned(), rows, ..ShardMeta::default() }
}

/// Makes a row; an empty `fixed` is no fix.
pub(crate) fn row(id: &str, fixed: &str, state: State, scope: Scope) -> Advisory {
    let affected = match (state, fixed) {
        (State::NotAffected, _) => Affected::default(),
        (_, "") => Affected::all(),
        _ => Affected::below(fixed),
    };
    let mends = !fixed.is_empty() && state != State::NotAffected;
    Advisory {
        id: id.to_owned(),
        state,
        scope,
        affected,
        fixed_versions: if mends { vec![fixed.to_owned()] } else { Vec::new() },
        record: "case".to_owned(),
        ..Advisory::default()
    }
}

pub(crate) fn source(name: &str, version: &str) -> SourcePackage {
    SourcePackage { name: name.to_owned(), version: version.to_owned() }
}

/// Holds the answers of cases against the list of deviations.
#[derive(Default)]
struct Checks {
    seen: usize,
    wrong: Vec<String>,
}

impl Checks {
    fn add(&mut self, id: &str, differs: bool, told: &str) {
        self.seen += 1;
        let listed = DEVIATIONS.iter().find(|(part, _)| id.contains(part));
        match (differs, listed) {
            (true, None) => self.wrong.push(format!("{id}: {told}")),
            (false, Some((_, reason))) => {
                self.wrong.push(format!("{id} agrees, though it is listed to differ: {reason}"));
            }
            _ => {}
        }
    }

    /// Tells all that is wrong; `count` cases are expected.
    fn finish(self, count: usize) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        assert_eq!(self.seen, count, "cases");
    }
}

#[test]
fn every_deviation_is_of_a_case() {
    let files = [
        "trivy-ospkg.json",
        "trivy-golden.json",
        "trivy-library.json",
        "trivy-isvulnerable.json",
        "grype-matcher.json",
        "claircore-matcher.json",
    ];
    let Some(cases) = files.iter().map(|file| load(file)).collect::<Option<Vec<_>>>() else {
        return;
    };
    for (part, _) in DEVIATIONS {
        let mut ids = cases.iter().flatten().map(|case| text(&case["id"]));
        assert!(ids.any(|id| id.contains(part)), "{part} is no case");
    }
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

fn strings(value: &Value) -> BTreeSet<String> {
    array(value).iter().map(|item| text(item).to_owned()).collect()
}
