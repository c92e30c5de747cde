//! The records that speak of one package, each compared with it, and one finding a weakness made of them.

use std::collections::BTreeSet;

use plimsoll_model::{
    Advisory, Affected, Bound, Class, Finding, Gap, GapKind, Interval, Package, Scheme, SetAside,
    Severity, State, Why,
};

use super::query::{Query, Subject};
use super::{Judged, Names, Negative, choose, fix_names, mending, not_comparable};

/// A record that speaks of a package, and what of the package is compared.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) advisory: &'a Advisory,
    pub(super) query: &'a Query,
    pub(super) subject: &'a Subject,
    /// Which of the record's weaknesses is meant, where it is a CVE.
    pub(super) cve: Option<&'a str>,
    /// Only a product that the target does not have mends it.
    pub(super) is_paid: bool,
}

impl Candidate<'_> {
    /// Returns the id of the weakness that is meant.
    fn id(&self) -> String {
        self.cve.map_or_else(|| shown_id(self.advisory), ToOwned::to_owned)
    }
}

/// What sets a finding aside whose record is about another build than the package.
const OTHER_BUILD: &str = "build";

/// What sets a finding aside of a package whose version nothing states.
pub(super) const UNKNOWN_VERSION: &str = "unknown version";

/// What became of the records on one package.
pub(super) struct Verdicts<'a> {
    pub(super) package: &'a Package,
    /// The order by which fixed versions are compared: that of what was asked first.
    scheme: Scheme,
    findings: Vec<Finding>,
    negatives: Vec<Negative>,
    /// What tells of a version, of the package or in a record, that some order does not know.
    odd: Option<Gap>,
    /// Why some record could not be compared: it is about another build.
    unclear: Option<String>,
}

impl<'a> Verdicts<'a> {
    pub(super) fn new(package: &'a Package, scheme: Scheme) -> Self {
        let (findings, negatives) = (Vec::new(), Vec::new());
        Self { package, scheme, findings, negatives, odd: None, unclear: None }
    }

    pub(super) fn judge(&mut self, candidate: Candidate<'_>) {
        match outcome(candidate) {
            Outcome::Hit(range, comparison) => self.hit(candidate, range, comparison),
            Outcome::NotComparable(detail) => {
                self.odd = self.odd.take().or_else(|| self.odd_version(candidate));
                let (by, reason) = match candidate.subject.version.as_str() {
                    "" => (UNKNOWN_VERSION, "the version is not known"),
                    _ => ("version order", "the versions cannot be compared"),
                };
                self.undetermined(candidate, detail, by, reason);
            }
            Outcome::Miss(reason) => self.miss(candidate, reason),
        }
    }

    fn odd_version(&self, candidate: Candidate<'_>) -> Option<Gap> {
        let Candidate { advisory, query, subject, .. } = candidate;
        let is_own = !query.scheme.is_valid(&subject.version);
        let version = if is_own { Some(&subject.version) } else { advisory.fixed_versions.first() };
        version.map(|version| not_comparable(self.package, query, version))
    }

    fn hit(&mut self, candidate: Candidate<'_>, range: String, comparison: String) {
        let mut finding = finding(self.package, candidate, range, comparison);
        if candidate.is_paid {
            let products = candidate.advisory.scope.products.join(", ");
            let fixed = std::mem::take(&mut finding.fixed_versions).pop().unwrap_or_default();
            finding.note = Some(format!("fixed in {fixed} for those who have {products}"));
            finding.state = State::WillNotFix;
        }
        self.add(finding);
    }

    pub(super) fn set_aside(&mut self, candidate: Candidate<'_>, reason: &str) {
        // What is fixed already need not be told.
        if let Outcome::Hit(_, comparison) = outcome(candidate) {
            self.undetermined(candidate, comparison, OTHER_BUILD, reason);
            self.unclear = self.unclear.take().or_else(|| Some(reason.to_owned()));
        }
    }

    fn undetermined(&mut self, candidate: Candidate<'_>, detail: String, by: &str, reason: &str) {
        let range = range_text(&candidate.advisory.affected);
        let mut finding = finding(self.package, candidate, range, detail);
        finding.state = State::Undetermined;
        finding.set_aside = Some(SetAside { by: by.to_owned(), reason: reason.to_owned() });
        self.add(finding);
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let scheme = self.scheme;
        match self.findings.iter_mut().find(|known| same_weakness(known, &finding)) {
            Some(known) => merge(known, finding, scheme),
            None => self.findings.push(finding),
        }
    }

    pub(super) fn miss(&mut self, candidate: Candidate<'_>, reason: String) {
        let package = self.package.id.clone();
        self.negatives.push(Negative { package, id: candidate.id(), reason });
    }

    pub(super) fn finish(mut self, held: &[(&Query, &Names<'_>)], judged: &mut Judged) {
        let is_comparable = held.iter().any(|(query, _)| query.is_comparable());
        judged.gaps.extend(self.odd.filter(|_| is_comparable));
        if let Some(reason) = self.unclear {
            let by = |finding: &Finding| finding.set_aside.as_ref().map(|aside| aside.by.clone());
            let is_unclear = |finding: &&Finding| by(finding).as_deref() == Some(OTHER_BUILD);
            let count = self.findings.iter().filter(is_unclear).count();
            let detail = format!(
                "`{} {}` cannot be compared with {count} of its records: {reason}",
                self.package.name, self.package.version
            );
            let subject = self.package.name.clone();
            judged.gaps.push(Gap { kind: GapKind::Unreadable, subject, detail });
        }
        self.findings.sort_by(|a, b| a.id.cmp(&b.id));
        judged.findings.append(&mut self.findings);
        judged.negatives.append(&mut self.negatives);
    }
}

pub(super) enum Outcome {
    /// Range and comparison.
    Hit(String, String),
    NotComparable(String),
    Miss(String),
}

pub(super) fn outcome(candidate: Candidate<'_>) -> Outcome {
    let Candidate { advisory, query, subject, .. } = candidate;
    if advisory.state == State::NotAffected {
        return Outcome::Miss(format!("{}: not affected", advisory.record));
    }
    if subject.version.is_empty() && is_everything(&advisory.affected) {
        let comparison = "every version is affected, whichever is installed";
        return Outcome::Hit(range_text(&advisory.affected), comparison.to_owned());
    }
    if subject.version.is_empty() {
        return Outcome::NotComparable("the version of the package is not known".to_owned());
    }
    if let Some(odd) = query.odd {
        return Outcome::NotComparable(format!("`{}`: {odd}", subject.version));
    }
    let bare = choose::without_epochs(candidate);
    let affected = bare.as_ref().unwrap_or(&advisory.affected);
    let whole = subject.whole.as_ref().filter(|_| names_builds(affected));
    let version = whole.unwrap_or(&subject.version);
    if query.row.is_none() && !query.scheme.is_valid(version) && !names(affected, version) {
        let scheme = query.scheme.name();
        return Outcome::NotComparable(format!("`{version}` is not a {scheme} version"));
    }
    match affected.hit(query.scheme, version) {
        Ok(Some(hit)) => Outcome::Hit(hit.range, hit.comparison),
        Ok(None) => Outcome::Miss(format!(
            "{}: affected is {}, installed is {version}",
            advisory.record,
            range_text(affected),
        )),
        Err(error) => Outcome::NotComparable(error.to_string()),
    }
}

/// Returns whether a record holds every version there is.
fn is_everything(affected: &Affected) -> bool {
    let is_all = |one: &Interval| one.low == Bound::Open && one.high == Bound::Open;
    affected.intervals.iter().any(is_all)
}

/// Returns whether a version need not be compared: it is listed, or all are affected.
fn names(affected: &Affected, version: &str) -> bool {
    affected.versions.iter().any(|listed| listed == version) || is_everything(affected)
}

/// Returns whether a record tells builds of one version apart: `<4.2.8+sp999`.
fn names_builds(affected: &Affected) -> bool {
    let bounds = affected.intervals.iter().flat_map(|one| [&one.low, &one.high]);
    let texts = bounds.filter_map(|bound| match bound {
        Bound::Open => None,
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
    });
    texts.chain(&affected.versions).any(|version| version.contains('+'))
}

fn range_text(affected: &Affected) -> String {
    let intervals = affected.intervals.iter().map(ToString::to_string);
    let versions = affected.versions.iter().take(5).map(|version| format!("={version}"));
    intervals.chain(versions).collect::<Vec<_>>().join(" || ")
}

/// Returns the id people know: the CVE if there is one, else the GHSA, else the record's own.
pub(super) fn shown_id(advisory: &Advisory) -> String {
    let ids = || std::iter::once(&advisory.id).chain(&advisory.aliases);
    let preferred = |prefix: &str| ids().filter(|id| id.starts_with(prefix)).min();
    preferred("CVE-").or_else(|| preferred("GHSA-")).unwrap_or(&advisory.id).clone()
}

pub(super) fn finding(
    package: &Package,
    candidate: Candidate<'_>,
    range: String,
    comparison: String,
) -> Finding {
    let Candidate { advisory, query, subject, .. } = candidate;
    let id = candidate.id();
    let is_other = |alias: &&String| candidate.cve.is_some() && alias.starts_with("CVE-");
    let mut aliases: Vec<String> = std::iter::once(&advisory.id)
        .chain(&advisory.aliases)
        .filter(|alias| **alias != id && !is_other(alias))
        .cloned()
        .collect();
    aliases.sort();
    aliases.dedup();
    let (severity, severity_source) = stated_severity(query, advisory);
    let fixed = mending::versions(candidate);
    let fixed_versions = fix_names::named(&query.namespace, &subject.name, &package.version, fixed);
    // The branch that is installed has no fix.
    let is_unmended = query.row.is_none() && fixed_versions.is_empty();
    let state = match advisory.state {
        State::Fixed if is_unmended => State::Affected,
        state => state,
    };
    Finding {
        id,
        aliases,
        package: package.id.clone(),
        severity,
        severity_source,
        cvss: advisory.cvss.clone(),
        cwe: Vec::new(),
        epss: None,
        kev: None,
        malicious: advisory.class == Class::Malicious,
        state,
        fixed_versions,
        title: advisory.title.clone(),
        note: advisory.note.clone(),
        urls: advisory.urls.clone(),
        why: Why {
            record: format!("{}, {}: {}", advisory.record, subject.name, advisory.id),
            source: query.namespace.clone(),
            matched_name: query.cpe.as_ref().unwrap_or(&subject.name).clone(),
            range,
            comparison,
        },
        set_aside: set_aside_by_feed(query, advisory),
    }
}

/// What the vendor could not determine is told and does not count, nor does what is no weakness.
fn set_aside_by_feed(query: &Query, advisory: &Advisory) -> Option<SetAside> {
    if advisory.class == Class::Informational {
        let word = advisory.note.as_deref().unwrap_or_default();
        let reason = format!("{} tells of no weakness: {word}", advisory.record);
        return Some(SetAside { by: "informational".to_owned(), reason });
    }
    (advisory.state == State::Undetermined).then(|| SetAside {
        by: family(query).to_owned(),
        reason: "the vendor has not determined whether it is affected".to_owned(),
    })
}

/// The severity that the record states, and who does: the distribution, GitHub, or whoever rated it
/// by CVSS.
fn stated_severity(query: &Query, advisory: &Advisory) -> (Severity, String) {
    let rated = advisory.cvss.first();
    if let Some(severity) = advisory.severity {
        let source = match rated {
            _ if advisory.id.starts_with("GHSA-") => "ghsa",
            Some(cvss) => &cvss.source,
            None => family(query),
        };
        return (severity, source.to_owned());
    }
    match rated {
        Some(cvss) => (Severity::from_score(&cvss.version, cvss.score), cvss.source.clone()),
        // Whoever has it installed runs it.
        None if advisory.class == Class::Malicious => {
            (Severity::Critical, family(query).to_owned())
        }
        None => (Severity::Unknown, String::new()),
    }
}

fn family(query: &Query) -> &str {
    query.namespace.split(':').next().unwrap_or(&query.namespace)
}

fn same_weakness(a: &Finding, b: &Finding) -> bool {
    a.id == b.id || a.aliases.contains(&b.id) || b.aliases.contains(&a.id)
}

/// Joins a second record of one weakness: the one that knows a fix, else the first, is the proof; of
/// two fixes in one branch the greater one counts, since the weakness was mended again.
pub(super) fn merge(known: &mut Finding, other: Finding, scheme: Scheme) {
    let malicious = known.malicious || other.malicious;
    let mut aliases: BTreeSet<String> = known.aliases.drain(..).collect();
    aliases.extend(other.aliases.iter().cloned());
    aliases.insert(other.id.clone());
    let greater = match (known.fixed_versions.last(), other.fixed_versions.last()) {
        (None, Some(_)) => true,
        (Some(a), Some(b)) => scheme.compare(a, b) == Ok(std::cmp::Ordering::Less),
        _ => false,
    };
    let counts_more = !known.counts() && other.counts();
    if (greater && other.counts()) || counts_more {
        let old = std::mem::replace(known, other);
        aliases.insert(old.id.clone());
        if known.severity == Severity::Unknown {
            known.severity = old.severity;
            known.severity_source = old.severity_source;
        }
        known.title = known.title.take().or(old.title);
    } else {
        if known.severity == Severity::Unknown {
            known.severity = other.severity;
            known.severity_source = other.severity_source;
        }
        known.title = known.title.take().or(other.title);
    }
    if !known.id.starts_with("CVE-")
        && let Some(cve) = aliases.iter().find(|alias| alias.starts_with("CVE-")).cloned()
    {
        aliases.insert(std::mem::replace(&mut known.id, cve));
    }
    aliases.remove(&known.id);
    known.malicious = malicious;
    known.aliases = aliases.into_iter().collect();
}
