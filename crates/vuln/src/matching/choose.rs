//! Of several records of a distribution on one weakness of one package, the one that counts.
//!
//! A weakness may be mended once in each product stream, mended again, or be open in one product and
//! mended in another. Of the fixed versions that the target can get, the greatest counts, and a fix goes
//! before a statement that there is none (as Red Hat's own advisories supersede each other).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use plimsoll_model::{Affected, Bound, Interval, Key, Scheme, Scope, State, distro};

use super::products::meet;
use super::query::Query;
use super::verdicts::{Candidate, Outcome, Verdicts, outcome, shown_id};
use crate::cpe;

/// Leaves one record a weakness, in the order of their ids; what is passed over is told as a miss where it
/// answers `why-not`.
pub(super) fn choose<'a>(
    query: &Query,
    candidates: Vec<Candidate<'a>>,
    products: &[String],
    verdicts: &mut Verdicts<'_>,
) -> Vec<Candidate<'a>> {
    let is_extended = |product: &&String| cpe::extended_minor(product).is_some();
    let extended: Vec<String> = products.iter().filter(is_extended).cloned().collect();
    let minor = extended.iter().filter_map(|product| cpe::extended_minor(product)).max();
    let mut weaknesses: BTreeMap<String, Vec<Candidate<'a>>> = BTreeMap::new();
    for candidate in candidates {
        weaknesses.entry(shown_id(candidate.advisory)).or_default().push(candidate);
    }
    let mut chosen = Vec::with_capacity(weaknesses.len());
    for (_, mut group) in weaknesses {
        drop_cleared(&mut group);
        if let [only] = group[..] {
            chosen.push(only);
            continue;
        }
        if let Some(minor) = minor {
            drop_unreachable(minor, &extended, &mut group);
        }
        let open = greatest(query, group.iter().filter(|candidate| !candidate.is_paid));
        let paid = greatest(query, group.iter().filter(|candidate| candidate.is_paid));
        match (open, paid) {
            // Nobody has to pay for what is mended for all.
            (Some(open), Some(_)) if open.advisory.state == State::Fixed => chosen.push(open),
            (Some(open), Some(paid)) => with_paid(open, paid, &mut chosen, verdicts),
            (Some(one), None) | (None, Some(one)) => chosen.push(one),
            (None, None) => {}
        }
    }
    chosen
}

/// A package that is cleared by its own name is not affected by what is said of its source package in the
/// same product.
fn drop_cleared(group: &mut Vec<Candidate<'_>>) {
    let cleared: Vec<&Scope> = group
        .iter()
        .map(|candidate| candidate.advisory)
        .filter(|record| record.state == State::NotAffected && record.scope.key == Key::Binary)
        .map(|record| &record.scope)
        .collect();
    if cleared.is_empty() {
        return;
    }
    let is_cleared = |scope: &Scope| {
        cleared.iter().any(|by| by.products.is_empty() || meet(&by.products, &scope.products))
    };
    group.retain(|candidate| {
        let scope = &candidate.advisory.scope;
        scope.key != Key::Source || !is_cleared(scope)
    });
}

/// Open for all and mended for those who pay: a package that has the mended version is not affected.
fn with_paid<'a>(
    open: Candidate<'a>,
    paid: Candidate<'a>,
    chosen: &mut Vec<Candidate<'a>>,
    verdicts: &mut Verdicts<'_>,
) {
    if open.advisory.state == State::NotAffected {
        chosen.push(open);
    } else if let Outcome::Miss(reason) = outcome(paid) {
        verdicts.miss(paid, reason);
    } else {
        chosen.push(paid);
    }
}

/// A target that stays on a minor release gets what is built for that: such a fix goes before those of the
/// newest minor release, and what was built for a later one counts only where there is no other.
fn drop_unreachable(minor: u32, extended: &[String], group: &mut Vec<Candidate<'_>>) {
    let is_fix = |candidate: &Candidate<'_>| candidate.advisory.state == State::Fixed;
    let is_meant = |candidate: &Candidate<'_>| {
        is_fix(candidate) && meet(&candidate.advisory.scope.products, extended)
    };
    if group.iter().any(is_meant) {
        group.retain(|candidate| !is_fix(candidate) || is_meant(candidate));
    }
    let is_reachable = |candidate: &Candidate<'_>| {
        let fixed = candidate.advisory.fixed_versions.last();
        is_fix(candidate) && fixed.is_some_and(|fixed| distro::is_fix_reachable(fixed, Some(minor)))
    };
    if group.iter().any(is_reachable) {
        group.retain(|candidate| !is_fix(candidate) || is_reachable(candidate));
    }
}

/// Returns the record that counts: of those that know a fix, that of the greatest fixed version whose
/// line the package is in; else the one that says most.
fn greatest<'a, 'b: 'a>(
    query: &Query,
    group: impl Iterator<Item = &'a Candidate<'b>> + Clone,
) -> Option<Candidate<'b>> {
    let fixes = group.clone().filter(|candidate| {
        candidate.advisory.state == State::Fixed && is_in_line(query.scheme, candidate)
    });
    let greatest = fixes.reduce(|a, b| {
        let version = |candidate: &Candidate<'_>| candidate.advisory.fixed_versions.last().cloned();
        match (version(a), version(b)) {
            (Some(first), Some(second))
                if query.scheme.compare(&first, &second) == Ok(Ordering::Less) =>
            {
                b
            }
            (None, Some(_)) => b,
            _ => a,
        }
    });
    // Without a fix: what hits first, then the weightier statement.
    let weight = |candidate: &&Candidate<'_>| {
        let hits = matches!(outcome(**candidate), Outcome::Hit(..));
        (!hits, candidate.advisory.state)
    };
    greatest.or_else(|| group.min_by_key(weight)).copied()
}

/// Returns whether the package is at or above the lower end of some affected stretch.
fn is_in_line(scheme: Scheme, candidate: &Candidate<'_>) -> bool {
    let intervals = &candidate.advisory.affected.intervals;
    intervals.is_empty()
        || intervals.iter().any(|interval| {
            let below = Interval { low: interval.low.clone(), high: Bound::Open };
            below.contains(scheme, &candidate.subject.version).unwrap_or(true)
        })
}

/// Returns the affected versions without their epochs, where the package's own epoch is not known: the name
/// of a source RPM has none.
pub(super) fn without_epochs(candidate: Candidate<'_>) -> Option<Affected> {
    let affected = &candidate.advisory.affected;
    let has_epoch = |bound: &Bound| match bound {
        Bound::Open => false,
        Bound::Included(version) | Bound::Excluded(version) => version.contains(':'),
    };
    if !candidate.subject.lacks_epoch
        || !affected.intervals.iter().any(|one| has_epoch(&one.low) || has_epoch(&one.high))
    {
        return None;
    }
    let bare =
        |version: &str| version.split_once(':').map_or(version, |(_, version)| version).to_owned();
    let bound = |bound: &Bound| match bound {
        Bound::Open => Bound::Open,
        Bound::Included(version) => Bound::Included(bare(version)),
        Bound::Excluded(version) => Bound::Excluded(bare(version)),
    };
    Some(Affected {
        intervals: affected
            .intervals
            .iter()
            .map(|one| Interval { low: bound(&one.low), high: bound(&one.high) })
            .collect(),
        versions: affected.versions.iter().map(|version| bare(version)).collect(),
    })
}
