//! Packages and advisories brought together: which names are looked up where, and which records hit.
//!
//! The rules follow the feeds: Debian's tracker and Alpine's secdb are keyed by source package and
//! compare the source version; OSV ecosystems are keyed by the package's own name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_model::report::ShardInfo;
use plimsoll_model::{
    Advisory, Affected, Distro, Finding, Gap, GapKind, Package, Scheme, SetAside, Severity, State,
    THIRD_PARTY, Why,
};

use crate::database::{Database, DatabaseError};
use crate::embedded;
use crate::shard::{Shard, ShardError};

mod choose;
mod fit;
mod products;
mod query;
mod set_aside;

use fit::Fit;
use products::Products;
pub use query::{MATCHERS, Matcher, Query, Subject};

/// What judging brought out.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings in the order of the packages; severity is the feed's own, or unknown.
    pub findings: Vec<Finding>,
    /// What is known not to hit: package id, advisory id, reason in words. Sorted.
    pub negatives: Vec<Negative>,
    /// Packages for which advisories were asked.
    pub judged: u64,
    /// What could not be judged.
    pub gaps: Vec<Gap>,
    /// The shards that were asked, sorted by namespace.
    pub shards: Vec<ShardInfo>,
    /// Feeds that exist but could not be had.
    pub unavailable: Vec<String>,
}

/// A record that does not hit a package, and why.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Negative {
    /// The package's id.
    pub package: String,
    /// The record's id.
    pub id: String,
    /// `fixed in 3.0.8-r0, installed 3.0.9-r1`, `the vendor says not affected`.
    pub reason: String,
}

/// Judges packages by a database, and by the advisories inside the program where it has no data.
///
/// A package of another vendor is not judged by the distribution's feed, nor is one that a vendor built
/// anew: the gaps tell their number. A library that belongs to a package of the distribution is judged
/// as that package; its own findings are set aside.
///
/// # Errors
/// A damaged shard; what is merely not to be had becomes a gap.
pub fn judge(
    packages: &[Package],
    distro: Option<&Distro>,
    database: &dyn Database,
) -> Result<Judged, ShardError> {
    let mut judged = Judged::default();
    let products = Products::of(distro, database)?;
    if let Some((namespace, error)) = &products.unavailable {
        judged.unavailable.push(namespace.clone());
        judged.gaps.push(unavailable(namespace, error));
    }
    let mut unjudged = Unjudged::default();
    let queries: Vec<Option<Query>> =
        packages.iter().map(|package| asked(package, distro, &mut unjudged)).collect();
    let known = look_up(&queries, database, &mut judged)?;
    for (package, query) in packages.iter().zip(&queries) {
        let Some(query) = query else { continue };
        let Some(names) = known.get(query.namespace.as_str()) else {
            unjudged.add(query.namespace.clone());
            continue;
        };
        // A version that is none is compared with nothing: its advisories are told, set aside.
        if !query.own.version.is_empty() && query.scheme.is_valid(&query.own.version) {
            judged.judged += 1;
        } else {
            judged.gaps.push(not_comparable(package, query, &query.own.version));
        }
        let rows = query.names().flat_map(|name| {
            let advisories = names.get(name).map_or(&[][..], Vec::as_slice);
            advisories.iter().map(move |advisory| (name, advisory))
        });
        evaluate(package, query, rows, products.of_package(package), &mut judged);
    }
    unjudged.tell(&mut judged.gaps);
    set_aside::headers(packages, &mut judged.findings);
    set_aside::owned(packages, &queries, &known, &mut judged);
    judged.negatives.sort();
    judged.negatives.dedup();
    judged.shards.sort();
    Ok(judged)
}

/// Returns what to look up for a package; what nothing judges is counted.
fn asked(package: &Package, distro: Option<&Distro>, unjudged: &mut Unjudged) -> Option<Query> {
    let Some(query) = query::query(package, distro) else {
        unjudged.add(unjudged_subject(package, distro));
        return None;
    };
    let own = distro.and_then(Distro::namespace);
    if query.row.is_some() && Some(&query.namespace) == own.as_ref() {
        if package.repository.as_deref() == Some(THIRD_PARTY) {
            unjudged.foreign += 1;
            return None;
        }
        if let Some(vendor) = fit::rebuilder(&query.own.version) {
            unjudged.add(format!("packages built anew by {vendor}"));
            return None;
        }
    }
    Some(query)
}

/// Packages that nothing judged, by what lacks.
#[derive(Debug, Default)]
struct Unjudged {
    by_subject: BTreeMap<String, u64>,
    foreign: u64,
}

impl Unjudged {
    fn add(&mut self, subject: String) {
        *self.by_subject.entry(subject).or_default() += 1;
    }

    fn tell(self, gaps: &mut Vec<Gap>) {
        for (subject, count) in self.by_subject {
            if !gaps.iter().any(|gap| gap.subject == subject) {
                gaps.push(no_feed(&subject, count));
            }
        }
        if self.foreign > 0 {
            let what = if self.foreign == 1 { "package is" } else { "packages are" };
            let detail = format!(
                "{} {what} of another vendor than the distribution, whose feed says nothing of them: \
                 not judged",
                self.foreign
            );
            let subject = "third-party packages".to_owned();
            gaps.push(Gap { kind: GapKind::NoFeed, subject, detail });
        }
    }
}

fn unavailable(namespace: &str, error: &DatabaseError) -> Gap {
    Gap { kind: GapKind::FeedUnavailable, subject: namespace.to_owned(), detail: error.to_string() }
}

/// What a namespace knows of the names asked for.
type Known<'a> = BTreeMap<&'a str, BTreeMap<&'a str, Vec<Advisory>>>;

/// Looks up all names, each once and in order, so that a block of a shard is unpacked once.
fn look_up<'a>(
    queries: &'a [Option<Query>],
    database: &dyn Database,
    judged: &mut Judged,
) -> Result<Known<'a>, ShardError> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for query in queries.iter().flatten() {
        wanted.entry(&query.namespace).or_default().extend(query.names());
    }
    let mut known = Known::new();
    for (namespace, names) in wanted {
        let Some(shard) = open(database, namespace, judged) else { continue };
        let names: Vec<&str> = names.into_iter().collect();
        let rows = shard.advisories_many(&names)?;
        known.insert(namespace, names.into_iter().zip(rows).collect());
    }
    Ok(known)
}

fn not_comparable(package: &Package, query: &Query, version: &str) -> Gap {
    let scheme = query.scheme.name();
    let detail =
        format!("`{version}` is not a {scheme} version, so `{}` cannot be judged", query.own.name);
    Gap { kind: GapKind::Unreadable, subject: package.name.clone(), detail }
}

fn no_feed(subject: &str, count: u64) -> Gap {
    let detail = if count == 1 {
        format!("no feed is read for `{subject}`: 1 package was not judged")
    } else {
        format!("no feed is read for `{subject}`: {count} packages were not judged")
    };
    Gap { kind: GapKind::NoFeed, subject: subject.to_owned(), detail }
}

fn unjudged_subject(package: &Package, distro: Option<&Distro>) -> String {
    if plimsoll_model::ecosystem::find(&package.kind).is_some() {
        return package.kind.clone();
    }
    match distro {
        Some(distro) if distro.row.is_some_and(|row| row.package_type != package.kind) => {
            format!("{} packages that are not of {}", package.kind, distro.name)
        }
        Some(distro) => distro.namespace().unwrap_or_else(|| distro.qualifier()),
        None => format!("{} packages of an unknown distribution", package.kind),
    }
}

/// Asks for a shard; where there is none, takes the advisories inside the program, and tells the gap.
fn open(database: &dyn Database, namespace: &str, judged: &mut Judged) -> Option<Arc<Shard>> {
    let shard = match database.shard(namespace) {
        Ok(shard) => shard,
        Err(error) => {
            if !matches!(error, DatabaseError::NoFeed { .. }) {
                judged.unavailable.push(namespace.to_owned());
                judged.gaps.push(unavailable(namespace, &error));
            }
            embedded::shard(namespace)?
        }
    };
    if shard.meta().partial {
        let records = shard.meta().records;
        judged.gaps.push(Gap {
            kind: GapKind::EmbeddedOnly,
            subject: namespace.to_owned(),
            detail: format!(
                "`{namespace}` was judged by the {records} famous advisories inside the program alone"
            ),
        });
    }
    if shard.meta().thin {
        let records = shard.meta().records;
        judged.unavailable.push(namespace.to_owned());
        judged.gaps.push(Gap {
            kind: GapKind::FeedUnavailable,
            subject: namespace.to_owned(),
            detail: format!(
                "the feed of `{namespace}` has only {records} records, far fewer than it should: \
                 it cannot be whole"
            ),
        });
    }
    judged.shards.push(info(&shard));
    Some(shard)
}

/// Returns how a shard stands in the report.
pub fn info(shard: &Shard) -> ShardInfo {
    let meta = shard.meta();
    ShardInfo {
        namespace: meta.namespace.clone(),
        source: meta.title.clone(),
        updated: meta.updated.clone(),
        records: meta.records,
        digest: shard.digest().to_owned(),
    }
}

/// A record that speaks of a package, and what of the package is compared.
#[derive(Clone, Copy)]
struct Candidate<'a> {
    advisory: &'a Advisory,
    subject: &'a Subject,
    /// Only a product that the target does not have mends it.
    is_paid: bool,
}

/// Judges one package by the records on its names: one finding a weakness, whatever number of records
/// tell of it.
fn evaluate<'a>(
    package: &Package,
    query: &'a Query,
    rows: impl Iterator<Item = (&'a str, &'a Advisory)>,
    products: &[String],
    judged: &mut Judged,
) {
    let mut verdicts = Verdicts::new(package, query);
    let mut candidates = Vec::new();
    for (name, advisory) in rows {
        let Some(subject) = query.subject(advisory.scope.key, name) else { continue };
        let fit = query
            .row
            .map_or(Fit::Yes, |row| fit::fit(package, &subject.version, row, products, advisory));
        let candidate = Candidate { advisory, subject, is_paid: fit == Fit::Paid };
        match fit {
            Fit::Yes | Fit::Paid => candidates.push(candidate),
            Fit::Unclear(reason) => verdicts.set_aside(candidate, &reason),
            Fit::No(reason) => {
                verdicts.miss(advisory, format!("{}: {reason}", advisory.record));
            }
        }
    }
    if query.row.is_some() {
        candidates = choose::choose(query, candidates, products, &mut verdicts);
    }
    for candidate in candidates {
        verdicts.judge(candidate);
    }
    verdicts.finish(judged);
}

/// What became of the records on one package.
struct Verdicts<'a> {
    package: &'a Package,
    query: &'a Query,
    findings: Vec<Finding>,
    negatives: Vec<Negative>,
    /// A version in a record that is none.
    odd: Option<String>,
}

impl<'a> Verdicts<'a> {
    fn new(package: &'a Package, query: &'a Query) -> Self {
        Self { package, query, findings: Vec::new(), negatives: Vec::new(), odd: None }
    }

    fn judge(&mut self, candidate: Candidate<'_>) {
        match outcome(self.query, candidate) {
            Outcome::Hit(range, comparison) => self.hit(candidate, range, comparison),
            Outcome::NotComparable(detail) => {
                self.odd =
                    self.odd.take().or_else(|| candidate.advisory.fixed_versions.first().cloned());
                self.undetermined(
                    candidate,
                    detail,
                    "version order",
                    "the versions cannot be compared",
                );
            }
            Outcome::Miss(reason) => self.miss(candidate.advisory, reason),
        }
    }

    fn hit(&mut self, candidate: Candidate<'_>, range: String, comparison: String) {
        let mut finding = finding(self.package, self.query, candidate, range, comparison);
        if candidate.is_paid {
            let products = candidate.advisory.scope.products.join(", ");
            let fixed = std::mem::take(&mut finding.fixed_versions).pop().unwrap_or_default();
            finding.note = Some(format!("fixed in {fixed} for those who have {products}"));
            finding.state = State::WillNotFix;
        }
        self.add(finding);
    }

    fn set_aside(&mut self, candidate: Candidate<'_>, reason: &str) {
        // What is fixed already need not be told.
        if let Outcome::Hit(_, comparison) = outcome(self.query, candidate) {
            self.undetermined(candidate, comparison, "module", reason);
        }
    }

    fn undetermined(&mut self, candidate: Candidate<'_>, detail: String, by: &str, reason: &str) {
        let range = range_text(&candidate.advisory.affected);
        let mut finding = finding(self.package, self.query, candidate, range, detail);
        finding.state = State::Undetermined;
        finding.set_aside = Some(SetAside { by: by.to_owned(), reason: reason.to_owned() });
        self.add(finding);
    }

    fn add(&mut self, finding: Finding) {
        match self.findings.iter_mut().find(|known| same_weakness(known, &finding)) {
            Some(known) => merge(known, finding, self.query.scheme),
            None => self.findings.push(finding),
        }
    }

    fn miss(&mut self, advisory: &Advisory, reason: String) {
        let package = self.package.id.clone();
        self.negatives.push(Negative { package, id: shown_id(advisory), reason });
    }

    fn finish(mut self, judged: &mut Judged) {
        let is_valid = |version: &str| !version.is_empty() && self.query.scheme.is_valid(version);
        if let Some(version) = self.odd.filter(|_| is_valid(&self.query.own.version)) {
            judged.gaps.push(not_comparable(self.package, self.query, &version));
        }
        self.findings.sort_by(|a, b| a.id.cmp(&b.id));
        judged.findings.append(&mut self.findings);
        judged.negatives.append(&mut self.negatives);
    }
}

enum Outcome {
    /// Range and comparison.
    Hit(String, String),
    NotComparable(String),
    Miss(String),
}

fn outcome(query: &Query, candidate: Candidate<'_>) -> Outcome {
    let Candidate { advisory, subject, .. } = candidate;
    if advisory.state == State::NotAffected {
        return Outcome::Miss(format!("{}: not affected", advisory.record));
    }
    if subject.version.is_empty() {
        return Outcome::NotComparable("the version of the package is not known".to_owned());
    }
    let bare = choose::without_epochs(candidate);
    let affected = bare.as_ref().unwrap_or(&advisory.affected);
    match affected.hit(query.scheme, &subject.version) {
        Ok(Some(hit)) => Outcome::Hit(hit.range, hit.comparison),
        Ok(None) => Outcome::Miss(format!(
            "{}: affected is {}, installed is {}",
            advisory.record,
            range_text(affected),
            subject.version
        )),
        Err(error) => Outcome::NotComparable(error.to_string()),
    }
}

fn range_text(affected: &Affected) -> String {
    let intervals = affected.intervals.iter().map(ToString::to_string);
    let versions = affected.versions.iter().take(5).map(|version| format!("={version}"));
    intervals.chain(versions).collect::<Vec<_>>().join(" || ")
}

/// Returns the id people know: the CVE if there is one, else the GHSA, else the record's own.
fn shown_id(advisory: &Advisory) -> String {
    let ids = || std::iter::once(&advisory.id).chain(&advisory.aliases);
    let preferred = |prefix: &str| ids().filter(|id| id.starts_with(prefix)).min();
    preferred("CVE-").or_else(|| preferred("GHSA-")).unwrap_or(&advisory.id).clone()
}

fn finding(
    package: &Package,
    query: &Query,
    candidate: Candidate<'_>,
    range: String,
    comparison: String,
) -> Finding {
    let Candidate { advisory, subject, .. } = candidate;
    let id = shown_id(advisory);
    let mut aliases: Vec<String> = std::iter::once(&advisory.id)
        .chain(&advisory.aliases)
        .filter(|alias| **alias != id)
        .cloned()
        .collect();
    aliases.sort();
    aliases.dedup();
    let (severity, severity_source) = stated_severity(query, advisory);
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
        malicious: advisory.id.starts_with("MAL-"),
        state: advisory.state,
        fixed_versions: mending(query, subject, advisory),
        title: advisory.title.clone(),
        note: advisory.note.clone(),
        urls: advisory.urls.clone(),
        why: Why {
            record: format!("{}, {}: {}", advisory.record, subject.name, advisory.id),
            source: query.namespace.clone(),
            matched_name: subject.name.clone(),
            range,
            comparison,
        },
        set_aside: set_aside_by_feed(query, advisory),
    }
}

/// Returns the fixed versions that are newer than what is installed: those of older branches mend
/// nothing here.
fn mending(query: &Query, subject: &Subject, advisory: &Advisory) -> Vec<String> {
    let newer = |fixed: &&String| {
        query.scheme.compare(fixed, &subject.version) != Ok(std::cmp::Ordering::Less)
    };
    advisory.fixed_versions.iter().filter(newer).cloned().collect()
}

/// What the vendor could not determine is told and does not count.
fn set_aside_by_feed(query: &Query, advisory: &Advisory) -> Option<SetAside> {
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
fn merge(known: &mut Finding, other: Finding, scheme: Scheme) {
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
    known.aliases = aliases.into_iter().collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_foreign_manager_are_told_apart_from_those_of_the_distribution() {
        let distro = Distro::new("debian", "12", "Debian GNU/Linux 12", "", "etc/os-release");
        let subject = |kind: &str| {
            let package = Package { kind: kind.to_owned(), ..Package::default() };
            unjudged_subject(&package, Some(&distro))
        };
        assert_eq!(subject("apk"), "apk packages that are not of Debian GNU/Linux 12");
        assert_eq!(subject("deb"), "debian:12");
        assert_eq!(subject("npm"), "npm");
    }
}
