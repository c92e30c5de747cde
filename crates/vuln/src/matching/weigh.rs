//! Of several records of one weakness in a library, what they say together.
//!
//! Databases of languages tell of one weakness under several ids (`GHSA-…`, `GO-…`, `PYSEC-…`, the CVE) and
//! not always of the same versions. Records that share an id are one weakness and make one finding. What the
//! language's own people looked through ([`Class::Curated`]) counts; where there is no such record, a version
//! is affected that any of them holds. Where they disagree, the finding says so.

use std::collections::BTreeSet;

use plimsoll_model::{Class, Finding, SetAside};

use super::verdicts::{Candidate, Outcome, Verdicts, finding, outcome};

/// What sets a finding aside that the language's own database contradicts.
const CURATED: &str = "curated";

/// Judges the candidates, all records that stand under a name of the package.
pub(super) fn weigh(candidates: Vec<Candidate<'_>>, verdicts: &mut Verdicts<'_>) {
    for group in groups(candidates) {
        weigh_one(&group, verdicts);
    }
}

/// Brings together what shares an id, in the order of the first of each.
fn groups(candidates: Vec<Candidate<'_>>) -> Vec<Vec<Candidate<'_>>> {
    let mut groups: Vec<Vec<Candidate<'_>>> = Vec::new();
    for candidate in candidates {
        let (mut akin, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|one| share_id(one, &candidate)));
        groups = others;
        // A record that names two weaknesses makes them one.
        let mut group = if akin.is_empty() { Vec::new() } else { akin.remove(0) };
        group.extend(akin.into_iter().flatten());
        group.push(candidate);
        groups.push(group);
    }
    groups
}

fn share_id(a: &Candidate<'_>, b: &Candidate<'_>) -> bool {
    let ids = |one: &Candidate<'_>| {
        std::iter::once(&one.advisory.id).chain(&one.advisory.aliases).cloned().collect::<Vec<_>>()
    };
    let others = ids(b);
    ids(a).iter().any(|id| others.contains(id))
}

fn weigh_one(group: &[Candidate<'_>], verdicts: &mut Verdicts<'_>) {
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
            verdicts.miss(one.advisory, reason);
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
    name(group, &mut found);
    verdicts.add(found);
}

/// Gives the finding the ids of all records: the CVE if there is one, else the GHSA, else its own is shown.
fn name(group: &[Candidate<'_>], found: &mut Finding) {
    let mut ids: BTreeSet<String> = found.aliases.drain(..).collect();
    for advisory in group.iter().map(|one| one.advisory) {
        ids.extend(std::iter::once(&advisory.id).chain(&advisory.aliases).cloned());
    }
    ids.insert(found.id.clone());
    let preferred = |prefix: &str| ids.iter().find(|id| id.starts_with(prefix)).cloned();
    if let Some(id) = preferred("CVE-").or_else(|| preferred("GHSA-")) {
        found.id = id;
    }
    ids.remove(&found.id);
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
