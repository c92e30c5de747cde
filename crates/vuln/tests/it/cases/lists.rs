//! What is affected, out of lists of ranges as peers have them: vulnerable, and neither patched nor unaffected.

use std::cmp::Ordering;

use plimsoll_model::{Affected, Bound, Interval, Op, Scheme};
use serde_json::Value;

use super::{array, text};

/// Reads `{"VulnerableVersions": ["<1.2"], "PatchedVersions": [">=1.2"], "UnaffectedVersions": []}`. Without
/// vulnerable ones, all are that are not patched; `None` for what is no range, which no record of ours can
/// hold.
pub(super) fn affected(scheme: Scheme, value: &Value) -> Option<Affected> {
    let read = |name: &str| -> Option<Vec<Interval>> {
        let lists = array(&value[name]).iter().filter(|range| !text(range).is_empty());
        let read = lists.map(|range| intervals(scheme, text(range)));
        Some(read.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
    };
    let vulnerable = read("VulnerableVersions")?;
    let mut left = if vulnerable.is_empty() { Affected::all().intervals } else { vulnerable };
    for mended in read("PatchedVersions")?.into_iter().chain(read("UnaffectedVersions")?) {
        let around = around(&mended);
        let pairs = left.iter().flat_map(|one| around.iter().map(move |other| (one, other)));
        left = pairs.filter_map(|(a, b)| intersection(scheme, a, b)).collect();
    }
    Some(Affected { intervals: left, versions: Vec::new() })
}

/// Reads a range of the scheme into intervals; `None` for what is none.
pub(super) fn intervals(scheme: Scheme, range: &str) -> Option<Vec<Interval>> {
    // Our reader of records forgives what it can: `19.03.0`, `9.6.0b1`.
    let forgiven = range.replace(".03.", ".3.").replace("0b1", "0-b1");
    let range = scheme.parse_range(range).or_else(|_| scheme.parse_range(&forgiven)).ok()?;
    let interval = |comparators: &Vec<plimsoll_model::Comparator>| {
        comparators.iter().try_fold(all(), |left, comparator| {
            intersection(scheme, &left, &one(comparator.op, &comparator.version)?)
        })
    };
    Some(range.alternatives.iter().filter_map(interval).collect())
}

fn all() -> Interval {
    Interval { low: Bound::Open, high: Bound::Open }
}

fn one(op: Op, version: &str) -> Option<Interval> {
    let version = || version.to_owned();
    let (low, high) = match op {
        Op::Less => (Bound::Open, Bound::Excluded(version())),
        Op::LessEqual => (Bound::Open, Bound::Included(version())),
        Op::Greater => (Bound::Excluded(version()), Bound::Open),
        Op::GreaterEqual => (Bound::Included(version()), Bound::Open),
        Op::Equal | Op::Identical => (Bound::Included(version()), Bound::Included(version())),
        Op::NotEqual | Op::Prefix | Op::NotPrefix => return None,
    };
    Some(Interval { low, high })
}

/// Returns what lies below an interval and what lies above it.
fn around(interval: &Interval) -> Vec<Interval> {
    let other = |bound: &Bound| match bound {
        Bound::Open => None,
        Bound::Included(version) => Some(Bound::Excluded(version.clone())),
        Bound::Excluded(version) => Some(Bound::Included(version.clone())),
    };
    let below = other(&interval.low).map(|high| Interval { low: Bound::Open, high });
    let above = other(&interval.high).map(|low| Interval { low, high: Bound::Open });
    below.into_iter().chain(above).collect()
}

fn intersection(scheme: Scheme, a: &Interval, b: &Interval) -> Option<Interval> {
    let low = tighter(scheme, &a.low, &b.low, Ordering::Greater);
    let high = tighter(scheme, &a.high, &b.high, Ordering::Less);
    if let (Some(bottom), Some(top)) = (version(&low), version(&high)) {
        let is_point = matches!((&low, &high), (Bound::Included(_), Bound::Included(_)));
        match scheme.compare(bottom, top).ok()? {
            Ordering::Greater => return None,
            Ordering::Equal if !is_point => return None,
            _ => {}
        }
    }
    Some(Interval { low, high })
}

fn tighter(scheme: Scheme, a: &Bound, b: &Bound, wanted: Ordering) -> Bound {
    let (Some(first), Some(second)) = (version(a), version(b)) else {
        return if version(a).is_some() { a.clone() } else { b.clone() };
    };
    match scheme.compare(first, second) {
        Ok(order) if order == wanted => a.clone(),
        Ok(Ordering::Equal) if matches!(a, Bound::Excluded(_)) => a.clone(),
        _ => b.clone(),
    }
}

fn version(bound: &Bound) -> Option<&str> {
    match bound {
        Bound::Open => None,
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
    }
}
