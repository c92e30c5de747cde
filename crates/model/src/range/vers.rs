//! VERS, the range notation of package-url: `vers:npm/>=1.2.0|<2.0.0|!=1.5.0`.
//!
//! Follows <https://github.com/package-url/vers-spec>. The constraints need not be sorted and may
//! be redundant, as in what the specification's own converters write; then they are read as it
//! says to simplify them: as a union, so `<1|<2` is `<2`.

use std::cmp::Ordering;

use super::{Comparator, MAX_COMPARATORS, Op, Range};
use crate::version::Scheme;

/// Names in VERS that are not the scheme's own.
const ALIASES: [(&str, Scheme); 7] = [
    ("alpine", Scheme::Apk),
    ("gentoo", Scheme::Ebuild),
    ("go", Scheme::Golang),
    ("crates", Scheme::Cargo),
    ("packagist", Scheme::Composer),
    ("debian", Scheme::Deb),
    ("arch", Scheme::Alpm),
];

/// Reads `vers:TYPE/CONSTRAINTS`. `None` when the type is not the scheme's, when a version is not
/// valid, and when there are no constraints or more than [`MAX_COMPARATORS`].
pub(super) fn parse(scheme: Scheme, text: &str) -> Option<Range> {
    let (kind, constraints) = text.strip_prefix("vers:")?.split_once('/')?;
    let kind = kind.to_ascii_lowercase();
    let range = |alternatives| Some(Range { scheme, alternatives, plain: true });
    match kind.as_str() {
        "none" => return (constraints == "*").then(|| range(Vec::new()))?,
        "all" => return (constraints == "*").then(|| range(vec![Vec::new()]))?,
        kind if kind == scheme.name() => {}
        kind if ALIASES.contains(&(kind, scheme)) => {}
        _ => return None,
    }
    let constraints: String = constraints.chars().filter(|c| !c.is_whitespace()).collect();
    if constraints == "*" {
        return range(vec![Vec::new()]);
    }
    let mut sorted: Vec<Comparator> = Vec::new();
    for constraint in constraints.trim_matches('|').split('|') {
        let comparator = parse_constraint(scheme, constraint)?;
        if sorted.len() == MAX_COMPARATORS {
            return None;
        }
        // Unlike a sort, this stands an order that is none, as pacman's.
        let at = sorted.partition_point(|other| {
            scheme.compare(&other.version, &comparator.version) != Ok(Ordering::Greater)
        });
        sorted.insert(at, comparator);
    }
    range(alternatives(scheme, sorted))
}

fn parse_constraint(scheme: Scheme, text: &str) -> Option<Comparator> {
    let (op, version) = super::take_op(text);
    let version = decode(version)?;
    (!version.is_empty() && scheme.is_valid(&version)).then_some(Comparator { op, version })
}

/// Turns sorted constraints into intervals and single versions; each `!=` goes into the interval
/// that it makes a hole in.
fn alternatives(scheme: Scheme, sorted: Vec<Comparator>) -> Vec<Vec<Comparator>> {
    let (holes, rest): (Vec<_>, Vec<_>) = sorted.into_iter().partition(|c| c.op == Op::NotEqual);
    let (points, bounds): (Vec<_>, Vec<_>) = rest.into_iter().partition(|c| c.op == Op::Equal);
    let mut intervals = intervals(bounds);
    if intervals.is_empty() && points.is_empty() {
        intervals.push(Vec::new());
    }
    for interval in &mut intervals {
        let bounds = interval.clone();
        interval.extend(holes.iter().filter(|hole| is_inside(scheme, &bounds, hole)).cloned());
    }
    intervals.extend(points.into_iter().map(|point| vec![point]));
    intervals
}

/// Pairs lower with upper bounds: of lower bounds in a row the first counts, of upper ones the last.
fn intervals(bounds: Vec<Comparator>) -> Vec<Vec<Comparator>> {
    let mut intervals: Vec<Vec<Comparator>> = Vec::new();
    let mut open: Option<Comparator> = None;
    for bound in bounds {
        if matches!(bound.op, Op::Greater | Op::GreaterEqual) {
            open.get_or_insert(bound);
        } else if let Some(lower) = open.take() {
            intervals.push(vec![lower, bound]);
        } else if let Some(last) = intervals.last_mut() {
            last.pop();
            last.push(bound);
        } else {
            intervals.push(vec![bound]);
        }
    }
    intervals.extend(open.map(|lower| vec![lower]));
    intervals
}

fn is_inside(scheme: Scheme, bounds: &[Comparator], hole: &Comparator) -> bool {
    bounds.iter().all(|bound| {
        scheme.compare(&hole.version, &bound.version).is_ok_and(|order| bound.op.holds(order))
    })
}

/// Resolves `%2B`; `None` when what stands behind `%` is not two hex digits, or not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        if *byte != b'%' {
            bytes.push(*byte);
            rest = tail;
            continue;
        }
        let hex = std::str::from_utf8(tail.get(..2)?).ok()?;
        if !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(hex, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        Scheme::Rpm.parse_range(range).unwrap().contains(version).unwrap()
    }

    #[test]
    fn constraints_are_a_union_of_intervals_with_holes() {
        let range = "vers:rpm/>=1|!=1.5|<2|3|>=4%3A0";
        for (version, inside) in
            [("0.9", false), ("1", true), ("1.5", false), ("2", false), ("3", true), ("4:1", true)]
        {
            assert_eq!(holds(range, version), inside, "{version}");
        }
        assert!(holds("vers:rpm/<2|<1", "1.5"));
        assert!(holds("vers:rpm/>2|>1", "1.5"));
        assert!(holds("vers:rpm/!=2", "1") && !holds("vers:rpm/!=2", "2"));
        assert!(holds("vers:all/*", "1") && !holds("vers:none/*", "1"));
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for range in
            ["vers:rpm", "vers:deb/1", "vers:rpm/", "vers:rpm/>=", "vers:rpm/1%2", "vers:rpm/%+1"]
        {
            assert!(Scheme::Rpm.parse_range(range).is_err(), "{range}");
        }
    }

    #[test]
    fn too_many_constraints_are_refused() {
        let range = |count| format!("vers:rpm/{}", vec!["1"; count].join("|"));
        assert!(Scheme::Rpm.parse_range(&range(MAX_COMPARATORS)).is_ok());
        assert!(Scheme::Rpm.parse_range(&range(MAX_COMPARATORS + 1)).is_err());
    }
}
