//! The facts around a CVE joined to findings: severity, title, ratings, exploitation.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::finding::{EpssScore, KevEntry};
use plimsoll_model::report::ShardInfo;
use plimsoll_model::{Cvss, Detail, Epss, Finding, Gap, GapKind, Kev, Severity};

use crate::database::{Database, DatabaseError, Details};
use crate::matching::info;
use crate::shard::ShardError;

/// What joining the facts brought out beside the findings.
#[derive(Debug, Default)]
pub struct Facts {
    /// Holes: feeds that could not be had, findings that nobody rates.
    pub gaps: Vec<Gap>,
    /// The shards that were asked.
    pub shards: Vec<ShardInfo>,
    /// Namespaces that could not be had: `kev`, `epss`, `cve:2023`.
    pub unavailable: Vec<String>,
}

/// Joins CVE details, EPSS and CISA's list to the findings, and drops those whose CVE was rejected.
///
/// The severity is the feed's own where it states one, else that of the first rating of the details, else
/// what another finding of the same CVE has.
///
/// # Errors
/// A damaged shard.
pub fn enrich(findings: &mut Vec<Finding>, database: &dyn Database) -> Result<Facts, ShardError> {
    let mut facts = Facts::default();
    let ids: BTreeSet<String> = findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.id).chain(&finding.aliases))
        .filter(|id| id.starts_with("CVE-"))
        .cloned()
        .collect();
    if ids.is_empty() {
        return Ok(facts);
    }
    let details = database.details(&ids);
    for finding in findings.iter_mut() {
        if let Some(detail) = details.found.get(&finding.id) {
            join_detail(finding, detail);
        }
    }
    findings.retain(|finding| !details.found.get(&finding.id).is_some_and(|d| d.rejected));
    facts.shards.extend(details.shards.iter().map(|shard| info(shard)));
    join_kev(findings, database, &mut facts)?;
    join_epss(findings, database, &mut facts)?;
    lend_ratings(findings);
    tell_unrated(findings, &details, &mut facts);
    Ok(facts)
}

fn join_detail(finding: &mut Finding, detail: &Detail) {
    if finding.title.is_none() {
        finding.title = detail.title.clone().or_else(|| detail.description.clone());
    }
    finding.cwe.extend(detail.cwe.iter().cloned());
    finding.cwe.sort();
    finding.cwe.dedup();
    for cvss in &detail.cvss {
        if !finding.cvss.iter().any(|known| known.vector == cvss.vector) {
            finding.cvss.push(cvss.clone());
        }
    }
    for url in &detail.urls {
        if !finding.urls.contains(url) {
            finding.urls.push(url.clone());
        }
    }
    if finding.severity == Severity::Unknown
        && let Some(Cvss { source, version, score, .. }) = detail.cvss.first()
    {
        finding.severity = Severity::from_score(version, *score);
        finding.severity_source.clone_from(source);
    }
}

/// Gives findings that nobody rates the severity that others of the same CVE have, with its source: of
/// several, one that stands on a CVSS rating, then the worst.
fn lend_ratings(findings: &mut [Finding]) {
    let mut best: BTreeMap<String, (bool, Severity, String, Vec<Cvss>)> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.severity != Severity::Unknown) {
        let Finding { id, severity, severity_source, cvss, .. } = finding;
        let rating = (cvss.is_empty(), *severity, severity_source.clone(), cvss.clone());
        let known = best.entry(id.clone()).or_insert_with(|| rating.clone());
        if (rating.0, rating.1, &rating.2) < (known.0, known.1, &known.2) {
            *known = rating;
        }
    }
    for finding in findings.iter_mut().filter(|one| one.severity == Severity::Unknown) {
        if let Some((_, severity, source, cvss)) = best.get(&finding.id) {
            finding.severity = *severity;
            finding.severity_source.clone_from(source);
            if finding.cvss.is_empty() {
                finding.cvss.clone_from(cvss);
            }
        }
    }
}

fn join_kev(
    findings: &mut [Finding],
    database: &dyn Database,
    facts: &mut Facts,
) -> Result<(), ShardError> {
    let shard = match database.shard("kev") {
        Ok(shard) => shard,
        Err(error) => {
            not_had("kev", "which are known to be exploited", &error, facts);
            return Ok(());
        }
    };
    for finding in findings {
        if let Some(Kev { added, due, .. }) = shard.get::<Kev>(&finding.id)?.into_iter().next() {
            finding.kev = Some(KevEntry { added, due });
        }
    }
    facts.shards.push(info(&shard));
    Ok(())
}

fn join_epss(
    findings: &mut [Finding],
    database: &dyn Database,
    facts: &mut Facts,
) -> Result<(), ShardError> {
    let shard = match database.shard("epss") {
        Ok(shard) => shard,
        Err(error) => {
            not_had("epss", "how likely exploitation is", &error, facts);
            return Ok(());
        }
    };
    for finding in findings {
        if let Some(Epss { score, percentile }) = shard.epss(&finding.id)? {
            finding.epss = Some(EpssScore { score: share(score), percentile: share(percentile) });
        }
    }
    facts.shards.push(info(&shard));
    Ok(())
}

fn share(hundred_thousandths: u32) -> f64 {
    f64::from(hundred_thousandths) / 100_000.0
}

fn not_had(namespace: &str, what: &str, error: &DatabaseError, facts: &mut Facts) {
    let kind = match error {
        DatabaseError::NoFeed { .. } => return,
        _ => GapKind::FeedUnavailable,
    };
    facts.unavailable.push(namespace.to_owned());
    let detail = format!("{error}; it is not known {what}");
    facts.gaps.push(Gap { kind, subject: namespace.to_owned(), detail });
}

/// Findings without a severity make a gap, since a gate by severity cannot see them.
fn tell_unrated(findings: &[Finding], details: &Details, facts: &mut Facts) {
    let unrated: BTreeSet<&str> = findings
        .iter()
        .filter(|finding| finding.counts() && finding.severity == Severity::Unknown)
        .map(|finding| finding.id.as_str())
        .collect();
    let matters = |namespace: &str| {
        let prefix = namespace.replace("cve:", "CVE-") + "-";
        unrated.iter().any(|id| id.starts_with(&prefix))
    };
    for (namespace, why) in &details.unavailable {
        if matters(namespace) {
            facts.unavailable.push(namespace.clone());
            let kind = GapKind::FeedUnavailable;
            let detail = why.clone();
            facts.gaps.push(Gap { kind, subject: namespace.clone(), detail });
        }
    }
    if unrated.is_empty() {
        return;
    }
    let some: Vec<&str> = unrated.iter().take(3).copied().collect();
    let more = if unrated.len() > some.len() { ", …" } else { "" };
    let mut detail = format!(
        "nobody rates {} of the weaknesses found: {}{more}",
        unrated.len(),
        some.join(", ")
    );
    let absent: Vec<&str> =
        details.absent.iter().map(|(name, _)| name.as_str()).filter(|name| matters(name)).collect();
    if !absent.is_empty() {
        detail = format!("{detail}; there is no {}", absent.join(", "));
    }
    facts.gaps.push(Gap { kind: GapKind::NoSeverity, subject: "findings".to_owned(), detail });
}
