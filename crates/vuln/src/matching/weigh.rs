//! Of several records of one weakness in a library, what they say together.
//!
//! Databases of languages tell of one weakness under several ids (`GHSA-…`, `GO-…`, `PYSEC-…`, the CVE) and
//! not always of the same versions. Records of one CVE, or that have none and share another id, are one
//! weakness and make one finding. What the
//! language's own people looked through ([`Class::Curated`]) counts; where there is no such record, a version
//! is affected that any of them holds. Where they disagree, the finding says so.

use std::collections::BTreeSet;

use plimsoll_model::{Advisory, Class, Finding, SetAside};

use super::verdicts::{Candidate, Outcome, Verdicts, finding, outcome};

/// What sets a finding aside that the language's own database contradicts.
const CURATED: &str = "curated";

/// Judges the candidates, all records that stand under a name of the package.
pub(super) fn weigh(candidates: &[Candidate<'_>], verdicts: &mut Verdicts<'_>) {
    let groups = groups(candidates);
    for group in &groups {
        let is_in = |advisory: &Advisory| group.iter().any(|one| one.advisory.id == advisory.id);
        let others = groups.iter().flatten().filter(|one| !is_in(one.advisory));
        let others: BTreeSet<&str> = others.map(|one| one.advisory.id.as_str()).collect();
        weigh_one(group, &others, verdicts);
    }
}

/// What tells of one weakness.
type Group<'a> = Vec<Candidate<'a>>;

/// Brings together what tells of one CVE, in the order of the first of each, then what has none and shares
/// another id. Two CVEs are never one weakness, though a record may tell of both.
fn groups<'a>(candidates: &[Candidate<'a>]) -> Vec<Group<'a>> {
    let (with, without): (Vec<_>, Vec<_>) =
        candidates.iter().copied().partition(|one| cves(one.advisory).next().is_some());
    let mut groups: Vec<Group<'_>> = Vec::new();
    for &candidate in &with {
        for cve in told_by(candidate, &with) {
            let one = Candidate { cve: Some(cve), ..candidate };
            match groups.iter_mut().find(|group| group[0].cve == Some(cve)) {
                Some(group) => group.push(one),
                None => groups.push(vec![one]),
            }
        }
    }
    let of_cves = groups.len();
    for more in clusters(without) {
        let mut is_known = false;
        for group in &mut groups[..of_cves] {
            if more.iter().any(|one| group.iter().any(|other| share_id(one, other))) {
                let cve = group[0].cve;
                group.extend(more.iter().map(|one| Candidate { cve, ..*one }));
                is_known = true;
            }
        }
        if !is_known {
            groups.push(more);
        }
    }
    groups
}

/// Returns the CVEs of a record that it decides. One that names several leaves those to others that have a
/// record of their own (`GHSA-269q-hmxg-m83q` names the CVE whose fix was incomplete too), unless nothing is
/// left, or the language's own people wrote it.
fn told_by<'a>(candidate: Candidate<'a>, all: &[Candidate<'a>]) -> Vec<&'a str> {
    let own: BTreeSet<&str> = cves(candidate.advisory).collect();
    if own.len() == 1 || candidate.advisory.class == Class::Curated {
        return own.into_iter().collect();
    }
    let is_of = |other: &Candidate<'_>, cve: &str| cves(other.advisory).all(|one| one == cve);
    let has_own = |cve: &&str| all.iter().any(|other| is_of(other, cve));
    let left: Vec<&str> = own.iter().copied().filter(|cve| !has_own(cve)).collect();
    if left.is_empty() { own.into_iter().collect() } else { left }
}

fn cves(advisory: &Advisory) -> impl Iterator<Item = &str> {
    let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
    ids.map(String::as_str).filter(|id| id.starts_with("CVE-"))
}

/// Brings together what shares an id.
fn clusters(candidates: Vec<Candidate<'_>>) -> Vec<Group<'_>> {
    let mut clusters: Vec<Group<'_>> = Vec::new();
    for candidate in candidates {
        let (mut akin, others): (Vec<_>, Vec<_>) = clusters
            .into_iter()
            .partition(|group| group.iter().any(|one| share_id(one, &candidate)));
        clusters = others;
        // A record that names two makes them one.
        let mut group = if akin.is_empty() { Vec::new() } else { akin.remove(0) };
        group.extend(akin.into_iter().flatten());
        group.push(candidate);
        clusters.push(group);
    }
    clusters
}

fn share_id(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    fn ids<'a>(one: &Candidate<'a>) -> impl Iterator<Item = &'a String> + use<'a> {
        std::iter::once(&one.advisory.id).chain(&one.advisory.aliases)
    }
    ids(a).any(|id| ids(b).any(|other| other == id))
}

/// `others` are the ids of records of other weaknesses of the package.
fn weigh_one(group: &[Candidate<'_>], others: &BTreeSet<&str>, verdicts: &mut Verdicts<'_>) {
    let mut hits = Vec::new();
    let mut misses = Vec::new();
    for candidate in group {
        match outcome(*candidate) {
            Outcome::Hit(range, comparison) => hits.push((*candidate, range, comparison)),
            Outcome::Miss(reason) => misses.push((*candidate, reason)),
            Outcome::NotComparable(_) => verdicts.judge(*candidate),
        }
    }
    let is_curated = |candidate: &Candidate<'_>| candidate.advisory.class == Class::Curated;
    if hits.is_empty() {
        for (one, reason) in misses {
            verdicts.miss(one, reason);
        }
        return;
    }
    let decided = hits.iter().any(|(one, ..)| is_curated(one));
    let contrary = misses.iter().find(|(one, _)| is_curated(one)).filter(|_| !decided);
    let aside = contrary.map(|(one, reason)| SetAside {
        by: CURATED.to_owned(),
        reason: format!("{}: {reason}", one.advisory.id),
    });
    // What counts comes first: the other records then add their ids and no more.
    hits.sort_by_key(|(one, ..)| (!is_curated(one), one.advisory.class == Class::Informational));
    let mut findings = hits.into_iter().map(|(one, range, comparison)| {
        let found = finding(verdicts.package, one, range, comparison);
        (one, found)
    });
    let Some((first, mut found)) = findings.next() else { return };
    let mut notes: Vec<String> = found.note.take().into_iter().collect();
    for (_, other) in findings {
        notes.extend(differing_fix(&found, &other));
        if is_curated(&first) {
            absorb(&mut found, other);
        } else {
            super::verdicts::merge(&mut found, other, first.query.scheme);
        }
    }
    let disagree = |(one, reason): (Candidate<'_>, String)| {
        format!("{} says that it is not affected: {reason}", one.advisory.id)
    };
    notes.extend(misses.into_iter().map(disagree).filter(|_| aside.is_none()));
    found.note = (!notes.is_empty()).then(|| notes.join("; "));
    found.set_aside = found.set_aside.take().or(aside);
    super::mending::leave_out_contested(group, &mut found);
    name(group, others, &mut found);
    verdicts.add(found);
}

/// Gives the finding the ids of all records: the CVE if there is one, else the GHSA, else its own is shown.
/// Other CVEs, and ids of records of other weaknesses, are not names of this one.
fn name(group: &[Candidate<'_>], others: &BTreeSet<&str>, found: &mut Finding) {
    let mut ids: BTreeSet<String> = found.aliases.drain(..).collect();
    for advisory in group.iter().map(|one| one.advisory) {
        ids.extend(std::iter::once(&advisory.id).chain(&advisory.aliases).cloned());
    }
    ids.insert(found.id.clone());
    let github = || ids.iter().find(|id| id.starts_with("GHSA-")).cloned();
    let cve = group.iter().find_map(|one| one.cve).map(ToOwned::to_owned);
    if let Some(id) = cve.or_else(github) {
        found.id = id;
    }
    let is_other = |id: &str| id.starts_with("CVE-") || others.contains(id);
    ids.retain(|id| *id != found.id && !is_other(id));
    found.aliases = ids.into_iter().collect();
}

/// Returns a sentence where another record names another first fix.
fn differing_fix(found: &Finding, other: &Finding) -> Option<String> {
    let (ours, theirs) = (found.fixed_versions.first(), other.fixed_versions.first());
    let id = other.why.record.rsplit(": ").next().unwrap_or_default();
    match (ours, theirs) {
        (Some(a), Some(b)) if a != b => Some(format!("{id} names {b} as the fix")),
        (None, Some(b)) => Some(format!("{id} names {b} as the fix, the others none")),
        _ => None,
    }
}

/// Takes the ids of a record that does not count, and what the one that counts lacks.
fn absorb(found: &mut Finding, other: Finding) {
    let (proof, fixed, state) = (found.why.clone(), found.fixed_versions.clone(), found.state);
    // Without a fix on either side the first stays the proof, whatever the order.
    let bare = Finding { fixed_versions: Vec::new(), ..other };
    super::verdicts::merge(found, bare, plimsoll_model::Scheme::Generic);
    (found.why, found.fixed_versions, found.state) = (proof, fixed, state);
}
