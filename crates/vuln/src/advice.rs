//! The smallest change that helps: which package to raise to which version, best first.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::report::{Advice, BySeverity, Step};
use plimsoll_model::{DISTROS, Distro, Finding, Package, Scheme};

/// Draws the steps from findings that count.
///
/// Packages of one source package are raised together; every package instance of a library is a
/// step of its own. A step with a fix comes before one without, the one that removes the worst and
/// the most first.
pub fn advise(packages: &[Package], findings: &[Finding], distro: Option<&Distro>) -> Advice {
    let mut groups: BTreeMap<GroupKey, Vec<(&Package, &Finding)>> = BTreeMap::new();
    let by_id: BTreeMap<&str, &Package> =
        packages.iter().map(|package| (package.id.as_str(), package)).collect();
    for finding in findings.iter().filter(|finding| finding.counts()) {
        let Some(package) = by_id.get(finding.package.as_str()) else { continue };
        groups.entry(group_key(package)).or_default().push((package, finding));
    }
    let mut steps: Vec<Step> = groups
        .iter()
        .flat_map(|((_, subject, version), members)| steps(subject, version, members, distro))
        .collect();
    steps.sort_by_key(|step| {
        (step.to.is_none(), Reverse(weight(&step.removes)), step.subject.clone(), step.from.clone())
    });
    Advice { steps }
}

/// Type and place, subject, version.
type GroupKey = (String, String, String);

/// The subject is the source package where there is one, else the library at its place.
fn group_key(package: &Package) -> GroupKey {
    if let Some(source) = &package.source {
        // The name of a source RPM has no epoch, its packages have.
        let has_epoch = package.version.split_once(':').is_some_and(|(_, v)| v == source.version);
        let version = if has_epoch { &package.version } else { &source.version };
        return (package.kind.clone(), source.name.clone(), version.clone());
    }
    let place = package.evidence.first().map_or("", |evidence| evidence.path.as_str());
    (format!("{} {place}", package.kind), package.name.clone(), package.version.clone())
}

fn steps(
    subject: &str,
    version: &str,
    members: &[(&Package, &Finding)],
    distro: Option<&Distro>,
) -> Vec<Step> {
    let scheme = members.first().and_then(|(package, _)| scheme_of(package, distro));
    let mut mended = Step {
        action: "upgrade_package".to_owned(),
        subject: subject.to_owned(),
        from: Some(version.to_owned()),
        ..Step::default()
    };
    let mut left = Step { action: "no_fix".to_owned(), to: None, ..mended.clone() };
    mended.to = target(version, members, scheme);
    for (package, finding) in members {
        let is_newer = |fixed: &String| is_above(scheme, fixed, version);
        let step =
            if finding.fixed_versions.iter().any(is_newer) { &mut mended } else { &mut left };
        step.removes.add(finding.severity);
        step.packages.push(package.id.clone());
    }
    [mended, left]
        .into_iter()
        .filter(|step| !step.packages.is_empty())
        .map(|mut step| {
            step.packages.sort();
            step.packages.dedup();
            step
        })
        .collect()
}

/// Returns the lowest version that mends all that any version mends.
fn target(
    version: &str,
    members: &[(&Package, &Finding)],
    scheme: Option<Scheme>,
) -> Option<String> {
    let fixed = members.iter().flat_map(|(_, finding)| &finding.fixed_versions);
    let newer: BTreeSet<&str> =
        fixed.map(String::as_str).filter(|fixed| is_above(scheme, fixed, version)).collect();
    let mends_all = |to: &str| {
        members.iter().all(|(_, finding)| {
            let fixed = &finding.fixed_versions;
            mends(scheme, to, fixed) || !fixed.iter().any(|fixed| newer.contains(fixed.as_str()))
        })
    };
    let lower = |a: &&str, b: &&str| {
        scheme.map_or(Ordering::Equal, |s| s.compare(a, b).unwrap_or(Ordering::Equal))
    };
    newer.iter().copied().filter(|to| mends_all(to)).min_by(lower).map(str::to_owned)
}

/// Returns whether a version mends what `fixed`, lowest first, mend: it is one of them, or above all, or
/// nearer to the one below it than to the next (`1.2.3` has the mend of `1.2.2`, of `1.2.2` and `1.2.6` not).
fn mends(scheme: Option<Scheme>, to: &str, fixed: &[String]) -> bool {
    let above = fixed.iter().position(|fixed| is_above(scheme, fixed, to)).unwrap_or(fixed.len());
    let Some(below) = above.checked_sub(1).map(|place| &fixed[place]) else { return false };
    let is_same = scheme.map_or(below == to, |s| s.compare(below, to) == Ok(Ordering::Equal));
    is_same || fixed.get(above).is_none_or(|next| shared(to, below) > shared(to, next))
}

fn is_above(scheme: Option<Scheme>, a: &str, b: &str) -> bool {
    scheme.map_or(a != b, |scheme| scheme.compare(a, b) == Ok(Ordering::Greater))
}

/// Returns how many parts two versions begin with alike.
fn shared(a: &str, b: &str) -> usize {
    let parts = |text| str::split(text, |letter: char| !letter.is_ascii_alphanumeric());
    parts(a).zip(parts(b)).take_while(|(a, b)| a == b).count()
}

fn scheme_of(package: &Package, distro: Option<&Distro>) -> Option<Scheme> {
    plimsoll_model::ecosystem::find(&package.kind)
        .map(|row| row.scheme)
        .or_else(|| distro.and_then(|distro| distro.row).map(|row| row.scheme))
        .or_else(|| {
            let row = DISTROS.iter().find(|row| row.package_type == package.kind);
            row.map(|row| row.scheme)
        })
}

/// Worst first, then most: the counts from critical to unknown.
fn weight(counts: &BySeverity) -> [u64; 6] {
    let BySeverity { critical, high, medium, low, negligible, unknown } = *counts;
    [critical, high, medium, unknown, low, negligible]
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_model::{Severity, SourcePackage, State, Why};

    fn package(id: &str, name: &str, source: &str) -> Package {
        Package {
            id: id.to_owned(),
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            kind: if source.is_empty() { "npm" } else { "apk" }.to_owned(),
            source: (!source.is_empty())
                .then(|| SourcePackage { name: source.to_owned(), version: "1.0.0".to_owned() }),
            ..Package::default()
        }
    }

    fn finding(id: &str, package: &str, severity: Severity, fixed: &[&str]) -> Finding {
        Finding {
            id: id.to_owned(),
            aliases: Vec::new(),
            package: package.to_owned(),
            severity,
            severity_source: String::new(),
            cvss: Vec::new(),
            cwe: Vec::new(),
            epss: None,
            kev: None,
            malicious: false,
            state: State::Fixed,
            fixed_versions: fixed.iter().map(|text| (*text).to_owned()).collect(),
            title: None,
            note: None,
            urls: Vec::new(),
            why: Why::default(),
            set_aside: None,
        }
    }

    #[test]
    fn the_epoch_that_a_source_rpm_lacks_is_that_of_the_package() {
        let mut libs = package("a", "openssl-libs", "openssl");
        libs.version = "1:1.0.0".to_owned();
        let key = group_key(&libs);
        assert_eq!((key.1.as_str(), key.2.as_str()), ("openssl", "1:1.0.0"));
        libs.version = "2.0.0".to_owned();
        assert_eq!(group_key(&libs).2, "1.0.0");
    }

    #[test]
    fn one_step_a_source_package_to_the_least_version_that_mends_all() {
        let packages = [package("a", "libssl3", "openssl"), package("b", "libcrypto3", "openssl")];
        let findings = [
            finding("CVE-1", "a", Severity::High, &["1.0.8"]),
            finding("CVE-1", "b", Severity::High, &["1.0.8"]),
            finding("CVE-2", "b", Severity::Low, &["1.0.10"]),
            finding("CVE-3", "b", Severity::Critical, &[]),
        ];
        let advice = advise(&packages, &findings, None);
        let seen: Vec<(&str, &str, Option<&str>, u64)> = advice
            .steps
            .iter()
            .map(|s| (s.action.as_str(), s.subject.as_str(), s.to.as_deref(), s.removes.total()))
            .collect();
        assert_eq!(seen.len(), 2);
        assert_eq!((seen[0].0, seen[0].1, seen[0].3), ("upgrade_package", "openssl", 3));
        assert_eq!(seen[1], ("no_fix", "openssl", None, 1));
        assert_eq!(advice.steps[0].packages, ["a", "b"]);
    }

    #[test]
    fn of_several_branches_the_next_fix_above_the_installed_version_is_taken() {
        let packages = [package("a", "x", "")];
        let findings = [finding("CVE-1", "a", Severity::High, &["0.9.9", "1.0.5", "2.0.0"])];
        let advice = advise(&packages, &findings, None);
        assert_eq!(advice.steps[0].to.as_deref(), Some("1.0.5"));
    }

    #[test]
    fn the_version_advised_mends_every_finding_of_the_step() {
        let packages = [package("a", "minimist", "")];
        let findings = [
            finding("CVE-1", "a", Severity::Critical, &["0.2.4", "1.2.6"]),
            finding("CVE-2", "a", Severity::High, &["1.2.2"]),
            finding("CVE-3", "a", Severity::Medium, &["0.2.1", "1.2.3"]),
        ];
        let advice = advise(&packages, &findings, None);
        assert_eq!(advice.steps[0].to.as_deref(), Some("1.2.6"));
        let findings = [
            finding("CVE-1", "a", Severity::High, &["1.11.13", "1.12.11"]),
            finding("CVE-2", "a", Severity::High, &["1.11.14", "1.13.4"]),
        ];
        let advice = advise(&packages, &findings, None);
        assert_eq!(advice.steps[0].to.as_deref(), Some("1.11.14"));
    }
}
