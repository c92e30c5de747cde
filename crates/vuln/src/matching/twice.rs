//! One product at one path under several identities: its weaknesses count once.
//!
//! A program of the Go distribution is `golang` by its bytes, `stdlib` and `toolchain` by its build
//! information; `docker` is a program and a module. What says more of the file stays, and what says less is
//! set aside, each CVE for itself.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Finding, Package, SetAside, Severity};

/// What sets a finding aside that the same file has under another identity.
const SAME_FILE: &str = "same file";

/// How little a package says of its file; a library says most.
fn breadth(package: &Package) -> u8 {
    match (package.kind.as_str(), package.name.as_str()) {
        ("generic", _) => 2,
        // What the go command shares with the standard library.
        ("golang", "toolchain") => 1,
        _ => 0,
    }
}

/// Sets findings aside of which a package that says more of the same file has one that counts. That one takes
/// the severity where it has none itself.
pub(super) fn set_aside(packages: &[Package], findings: &mut [Finding]) {
    let pairs = pairs(packages);
    if pairs.is_empty() {
        return;
    }
    let mut by_package: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, finding) in findings.iter().enumerate() {
        by_package.entry(finding.package.clone()).or_default().push(place);
    }
    let of = |package: &Package| by_package.get(&package.id).map_or(&[][..], Vec::as_slice);
    for (wide, narrow) in pairs {
        for &place in of(wide) {
            let is_same = |other: &&usize| {
                findings[**other].counts() && is_one_weakness(&findings[**other], &findings[place])
            };
            let Some(&kept) = of(narrow).iter().find(is_same) else { continue };
            if !findings[place].counts() {
                continue;
            }
            let reason = format!("also found as {} {}, which counts", narrow.name, narrow.version);
            findings[place].set_aside = Some(SetAside { by: SAME_FILE.to_owned(), reason });
            lend_severity(place, kept, findings);
        }
    }
}

/// Returns packages that lie at one path, the one that says less first; in the order of how much those say.
fn pairs(packages: &[Package]) -> Vec<(&Package, &Package)> {
    let mut by_path: BTreeMap<(&str, Option<u32>), BTreeSet<usize>> = BTreeMap::new();
    for (place, package) in packages.iter().enumerate() {
        for evidence in package.evidence.iter().filter(|evidence| !evidence.path.is_empty()) {
            by_path.entry((&evidence.path, evidence.layer)).or_default().insert(place);
        }
    }
    let mut pairs: BTreeSet<(u8, usize, u8, usize)> = BTreeSet::new();
    for places in by_path.values().filter(|places| places.len() > 1) {
        let ranked: Vec<(u8, usize)> =
            places.iter().map(|place| (breadth(&packages[*place]), *place)).collect();
        for &(wide, place) in ranked.iter().filter(|(wide, _)| *wide > 0) {
            let narrower = ranked.iter().filter(|(narrow, other)| {
                *narrow < wide && (wide > 1 || packages[*other].name == "stdlib")
            });
            pairs.extend(narrower.map(|(narrow, other)| (wide, place, *narrow, *other)));
        }
    }
    pairs.iter().map(|(_, wide, _, narrow)| (&packages[*wide], &packages[*narrow])).collect()
}

/// Two CVEs are two weaknesses, whatever other ids they share.
fn is_one_weakness(a: &Finding, b: &Finding) -> bool {
    let is_cve = |finding: &Finding| finding.id.starts_with("CVE-");
    if is_cve(a) && is_cve(b) {
        return a.id == b.id;
    }
    let mut ids = std::iter::once(&a.id).chain(&a.aliases);
    ids.any(|id| *id == b.id || b.aliases.contains(id))
}

fn lend_severity(from: usize, to: usize, findings: &mut [Finding]) {
    if findings[to].severity == Severity::Unknown {
        let source = findings[from].severity_source.clone();
        findings[to].severity = findings[from].severity;
        findings[to].severity_source = source;
    }
}
