//! Vectors of the language ecosystems.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use plimsoll_model::{Affected, Bound, Interval, Scheme};

use crate::shared::rows;

/// The files of pairs, `<name>.tsv`, and their schemes.
const ORDERS: &[(&str, Scheme)] = &[
    ("pep440", Scheme::Pypi),
    ("packagist", Scheme::Composer),
    ("php-version-compare", Scheme::Php),
    ("maven", Scheme::Maven),
    ("gem", Scheme::Gem),
    ("nuget", Scheme::Nuget),
    ("conan", Scheme::Conan),
    ("cran", Scheme::Cran),
    ("hackage", Scheme::Hackage),
];

/// The files of versions that are valid or not, `<name>.validity.tsv`.
const VALIDITIES: &[(&str, Scheme)] =
    &[("pep440", Scheme::Pypi), ("gem", Scheme::Gem), ("nuget", Scheme::Nuget)];

/// The files of ranges, `<name>.ranges.tsv`.
const RANGES: &[(&str, Scheme)] = &[
    ("pep440", Scheme::Pypi),
    ("packagist", Scheme::Composer),
    ("maven", Scheme::Maven),
    ("gem", Scheme::Gem),
    ("nuget", Scheme::Nuget),
    ("conan", Scheme::Conan),
    ("bitnami", Scheme::Bitnami),
];

/// Pairs that we order otherwise: file, both versions, why.
const ORDERED_OTHERWISE: &[(&str, &str, &str, &str)] = &[
    (
        "packagist",
        "v4-beta4",
        "v4.0-alpha",
        "osv-scalibr does not fill up numbers; Composer makes 4.0.0.0-beta4 and 4.0.0.0-alpha",
    ),
    (
        "maven",
        "1-1.foo-bar-1-baz-0.1",
        "1-1.foo-bar1baz-.1",
        "order before Maven 3.9: since then `baz-0` is one item, as `rc-1` is",
    ),
    (
        "maven",
        "1.0.0-gradle-rework-beta3",
        "1.0.0.RC7-3",
        "order before Maven 3.9: since then the zeros before `.RC7` fall away, as before `-RC7`",
    ),
    (
        "maven",
        "1.2.48.sec10",
        "1.2.48_noneautotype",
        "order before Maven 3.9: since then `.sec10` is `-sec10`, and letters decide",
    ),
    (
        "maven",
        "2-1",
        "2.0.0.a",
        "order before Maven 3.9; the same file has 2.0.a < 2-1 and 2.0.a = 2.0.0.a",
    ),
];

/// Rows of ranges that we judge otherwise: file, range, version, syntax, why.
const HELD_OTHERWISE: &[(&str, &str, &str, &str, &str)] = &[(
    "pep440",
    ">1.0, <2.0",
    "2.0-beta-3",
    "grype",
    "grype compares plainly; by PEP 440 `<2.0` leaves the pre-releases of 2.0 out",
)];

#[test]
fn orders_agree() {
    let mut failures = Vec::new();
    let mut otherwise = BTreeSet::new();
    for &(file, scheme) in ORDERS {
        let Some(rows) = rows(&format!("{file}.tsv")) else { return };
        for row in rows {
            let [a, b, expected, ..] = row.as_slice() else { panic!("{file}: {row:?}") };
            let expected: i8 = expected.parse().unwrap();
            let order = |a: &str, b: &str| scheme.compare(a, b).ok().map(sign);
            if order(a, b) == Some(expected) && order(b, a) == Some(-expected) {
                continue;
            }
            let known = |row: &&(&str, &str, &str, &str)| (row.0, row.1, row.2) == (file, a, b);
            match ORDERED_OTHERWISE.iter().find(known) {
                Some(row) => _ = otherwise.insert(row),
                None => failures.push(format!("{file}: {a:?} {b:?} {expected}: {:?}", order(a, b))),
            }
        }
    }
    assert!(failures.is_empty(), "{} rows:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(otherwise.len(), ORDERED_OTHERWISE.len(), "an exception is not needed any more");
}

#[test]
fn validity_agrees() {
    let mut failures = Vec::new();
    for &(file, scheme) in VALIDITIES {
        let Some(rows) = rows(&format!("{file}.validity.tsv")) else { return };
        for row in rows {
            let [version, valid, ..] = row.as_slice() else { panic!("{file}: {row:?}") };
            if scheme.is_valid(version) != (valid == "1")
                || scheme.compare(version, version).is_ok() != (valid == "1")
            {
                failures.push(format!("{file}: {version:?} {valid}"));
            }
        }
    }
    assert!(failures.is_empty(), "{} rows:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn ranges_agree() {
    let mut otherwise = BTreeSet::new();
    let mut failures = Vec::new();
    for &(file, scheme) in RANGES {
        let Some(rows) = rows(&format!("{file}.ranges.tsv")) else { return };
        for row in rows {
            let [range, version, contained, syntax, ..] = row.as_slice() else {
                panic!("{file}: {row:?}")
            };
            let held =
                scheme.parse_range(range).ok().and_then(|range| range.contains(version).ok());
            if held == Some(contained == "1") {
                continue;
            }
            let known = |row: &&(&str, &str, &str, &str, &str)| {
                (row.0, row.1, row.2, row.3) == (file, range, version, syntax)
            };
            match HELD_OTHERWISE.iter().find(known) {
                Some(row) => _ = otherwise.insert(row),
                None => failures.push(format!("{file}: {row:?}: {held:?}")),
            }
        }
    }
    assert!(failures.is_empty(), "{} rows:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(otherwise.len(), HELD_OTHERWISE.len(), "an exception is not needed any more");
}

/// Whole advisories of PyPI, as OSV ranges: ordered plainly, pre-releases as any version.
#[test]
fn pypi_advisories_agree() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/pypi.shared.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: pypi.shared.jsonl: ../shared is not there");
        return;
    };
    let mut failures = Vec::new();
    let mut judged = 0;
    for line in text.lines() {
        let advisory: serde_json::Value = serde_json::from_str(line).unwrap();
        let affected = affected(&advisory);
        for (field, expected) in [("affected_versions", true), ("unaffected_versions", false)] {
            for version in advisory[field].as_array().unwrap() {
                let version = version.as_str().unwrap();
                let hit = affected.hit(Scheme::Pypi, version).unwrap().is_some();
                judged += 1;
                if hit != expected {
                    failures.push(format!("{} {version}: {hit}", advisory["id"]));
                }
            }
        }
    }
    assert!(judged > 10_000, "{judged} versions");
    assert!(failures.is_empty(), "{} versions:\n{}", failures.len(), failures.join("\n"));
}

/// Turns the events of an advisory, which may stand in any order, into intervals.
fn affected(advisory: &serde_json::Value) -> Affected {
    let mut affected = Affected::default();
    for range in advisory["ranges"].as_array().unwrap() {
        let mut events: Vec<(&str, &str)> = Vec::new();
        for event in range["events"].as_array().unwrap() {
            for (kind, version) in event.as_object().unwrap() {
                events.push((kind, version.as_str().unwrap()));
            }
        }
        events.sort_by(|a, b| Scheme::Pypi.compare(a.1, b.1).unwrap());
        let mut low: Option<&str> = None;
        for (kind, version) in events {
            match (kind, low) {
                ("introduced", None) => low = Some(version),
                ("fixed", Some(start)) => {
                    affected.intervals.push(interval(start, Bound::Excluded(version.to_owned())));
                    low = None;
                }
                _ => {}
            }
        }
        affected.intervals.extend(low.map(|start| interval(start, Bound::Open)));
    }
    affected
}

fn interval(start: &str, high: Bound) -> Interval {
    let low = if start == "0" { Bound::Open } else { Bound::Included(start.to_owned()) };
    Interval { low, high }
}

fn sign(order: Ordering) -> i8 {
    order as i8
}
