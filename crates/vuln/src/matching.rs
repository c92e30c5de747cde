//! Packages and advisories brought together: which names are looked up where, and which records hit.
//!
//! The rules follow the feeds: Debian's tracker and Alpine's secdb are keyed by source package and
//! compare the source version; OSV ecosystems are keyed by the package's own name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_model::report::ShardInfo;
use plimsoll_model::{
    Advisory, Affected, Distro, Finding, Gap, GapKind, Package, Scheme, SetAside, Severity, State,
    Why,
};

use crate::database::{Database, DatabaseError};
use crate::embedded;
use crate::shard::{Shard, ShardError};

/// How packages of some types are judged: a row and a function.
pub struct Matcher {
    /// Its name.
    pub name: &'static str,
    /// The purl types it judges.
    pub types: &'static [&'static str],
    /// Says what to look up for a package; `None` when its distribution has no advisories.
    pub query: fn(&Package, Option<&Distro>) -> Option<Query>,
}

/// What to look up for one package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// The namespace: `alpine:3.17`.
    pub namespace: String,
    /// The version order.
    pub scheme: Scheme,
    /// The name that advisories are keyed by.
    pub name: String,
    /// The version to compare.
    pub version: String,
}

/// Every way of judging, in the order of the purl types.
pub const MATCHERS: &[Matcher] = &[
    Matcher { name: "apk", types: &["apk"], query: by_source },
    Matcher { name: "dpkg", types: &["deb"], query: by_debian_source },
    Matcher {
        name: "ecosystem",
        types: &[
            "bitnami", "cargo", "composer", "conan", "cran", "gem", "golang", "hackage", "hex",
            "maven", "npm", "nuget", "pub", "pypi", "swift",
        ],
        query: by_name,
    },
];

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
/// # Errors
/// A damaged shard; what is merely not to be had becomes a gap.
pub fn judge(
    packages: &[Package],
    distro: Option<&Distro>,
    database: &dyn Database,
) -> Result<Judged, ShardError> {
    let mut judged = Judged::default();
    let queries: Vec<Option<Query>> =
        packages.iter().map(|package| query(package, distro)).collect();
    let known = look_up(&queries, database, &mut judged)?;
    let mut unjudged: BTreeMap<String, u64> = BTreeMap::new();
    for (package, query) in packages.iter().zip(&queries) {
        let Some(query) = query else {
            *unjudged.entry(unjudged_subject(package, distro)).or_default() += 1;
            continue;
        };
        let Some(names) = known.get(query.namespace.as_str()) else {
            *unjudged.entry(query.namespace.clone()).or_default() += 1;
            continue;
        };
        // A version that is none is compared with nothing: its advisories are told, set aside.
        if query.scheme.is_valid(&query.version) {
            judged.judged += 1;
        } else {
            judged.gaps.push(not_comparable(package, query, &query.version));
        }
        let advisories = names.get(query.name.as_str()).map_or(&[][..], Vec::as_slice);
        evaluate(package, query, advisories, &mut judged);
    }
    for (subject, count) in unjudged {
        if !judged.gaps.iter().any(|gap| gap.subject == subject) {
            judged.gaps.push(no_feed(&subject, count));
        }
    }
    judged.negatives.sort();
    judged.negatives.dedup();
    judged.shards.sort();
    Ok(judged)
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
        wanted.entry(&query.namespace).or_default().insert(&query.name);
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
        format!("`{version}` is not a {scheme} version, so `{}` cannot be judged", query.name);
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

fn query(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let kind = package.kind.as_str();
    let matcher = MATCHERS.iter().find(|matcher| matcher.types.contains(&kind))?;
    (matcher.query)(package, distro)
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

/// Keyed by source package: its name and its version.
fn by_source(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let distro = distro?;
    let row = distro.row.filter(|row| row.package_type == package.kind)?;
    let (name, version) = match &package.source {
        Some(source) => (source.name.clone(), source.version.clone()),
        None => (package.name.clone(), package.version.clone()),
    };
    Some(Query { namespace: distro.namespace()?, scheme: row.scheme, name, version })
}

/// As [`by_source`]; signed kernels are built from a source package of their own, whose version
/// `6.1.90+1` stands for `6.1.90-1` of `linux`.
fn by_debian_source(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let mut query = by_source(package, distro)?;
    if query.name.starts_with("linux-signed-") {
        "linux".clone_into(&mut query.name);
        query.version = query.version.replacen('+', "-", 1);
    }
    Some(query)
}

/// Keyed by the package's own name in the form that its ecosystem compares.
fn by_name(package: &Package, _distro: Option<&Distro>) -> Option<Query> {
    let row = plimsoll_model::ecosystem::find(&package.kind)?;
    Some(Query {
        namespace: row.namespace.to_owned(),
        scheme: row.scheme,
        name: row.key(&package.name),
        version: package.version.clone(),
    })
}

/// Asks for a shard; where there is none, takes the advisories inside the program, and tells the gap.
fn open(database: &dyn Database, namespace: &str, judged: &mut Judged) -> Option<Arc<Shard>> {
    let shard = match database.shard(namespace) {
        Ok(shard) => shard,
        Err(error) => {
            if !matches!(error, DatabaseError::NoFeed { .. }) {
                judged.unavailable.push(namespace.to_owned());
                judged.gaps.push(Gap {
                    kind: GapKind::FeedUnavailable,
                    subject: namespace.to_owned(),
                    detail: error.to_string(),
                });
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

/// Judges one package by the records on its name: one finding a weakness, whatever number of records
/// tell of it.
fn evaluate(package: &Package, query: &Query, advisories: &[Advisory], judged: &mut Judged) {
    let mut findings: Vec<Finding> = Vec::new();
    let mut odd: Option<&str> = None;
    for advisory in advisories {
        let finding = match outcome(query, advisory) {
            Outcome::Hit(range, comparison) => finding(package, query, advisory, range, comparison),
            Outcome::NotComparable(detail) => {
                let mut finding =
                    finding(package, query, advisory, range_text(&advisory.affected), detail);
                finding.state = State::Undetermined;
                odd = odd.or(advisory.fixed_versions.first().map(String::as_str));
                let reason = "the versions cannot be compared".to_owned();
                finding.set_aside = Some(SetAside { by: "version order".to_owned(), reason });
                finding
            }
            Outcome::Miss(reason) => {
                let (package, id) = (package.id.clone(), shown_id(advisory));
                judged.negatives.push(Negative { package, id, reason });
                continue;
            }
        };
        match findings.iter_mut().find(|known| same_weakness(known, &finding)) {
            Some(known) => merge(known, finding, query.scheme),
            None => findings.push(finding),
        }
    }
    if let Some(version) = odd.filter(|_| query.scheme.is_valid(&query.version)) {
        judged.gaps.push(not_comparable(package, query, version));
    }
    findings.sort_by(|a, b| a.id.cmp(&b.id));
    judged.findings.append(&mut findings);
}

enum Outcome {
    /// Range and comparison.
    Hit(String, String),
    NotComparable(String),
    Miss(String),
}

fn outcome(query: &Query, advisory: &Advisory) -> Outcome {
    if advisory.state == State::NotAffected {
        return Outcome::Miss(format!("{}: not affected", advisory.record));
    }
    match advisory.affected.hit(query.scheme, &query.version) {
        Ok(Some(hit)) => Outcome::Hit(hit.range, hit.comparison),
        Ok(None) => Outcome::Miss(format!(
            "{}: affected is {}, installed is {}",
            advisory.record,
            range_text(&advisory.affected),
            query.version
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
    advisory: &Advisory,
    range: String,
    comparison: String,
) -> Finding {
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
        fixed_versions: mending(query, advisory),
        title: advisory.title.clone(),
        urls: advisory.urls.clone(),
        why: Why {
            record: format!("{}, {}: {}", advisory.record, query.name, advisory.id),
            source: query.namespace.clone(),
            matched_name: query.name.clone(),
            range,
            comparison,
        },
        set_aside: set_aside_by_feed(query, advisory),
    }
}

/// Returns the fixed versions that are newer than what is installed: those of older branches mend
/// nothing here.
fn mending(query: &Query, advisory: &Advisory) -> Vec<String> {
    let newer = |fixed: &&String| {
        query.scheme.compare(fixed, &query.version) != Ok(std::cmp::Ordering::Less)
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
