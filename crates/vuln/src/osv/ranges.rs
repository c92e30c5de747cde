//! Turns the events of OSV ranges into intervals.
//!
//! Follows "Evaluation" of the OSV schema: events are sorted by version first, because not every
//! database sorts them (PYSEC-2018-104 does not); at the same version `introduced` comes first. `0`
//! is before all versions where it introduces, and a plain version elsewhere.

use std::cmp::Ordering;

use plimsoll_model::{Affected, Bound, DISTROS, Interval, Scheme};

use super::group::Group;
use super::record::{AffectedItem, Event, RangeItem};

/// Most comparisons of listed versions with intervals; beyond, versions that an interval holds stay
/// listed.
const MAX_COMPARISONS: usize = 1_000_000;

/// Longest version of which a valid beginning is looked for.
const MAX_CARELESS_BYTES: usize = 200;

/// What the items of one package say.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// `None` when no version can be compared.
    pub(super) extent: Option<Extent>,
    /// What could not be used, in words.
    pub(super) problems: Vec<String>,
}

/// Which versions are affected, and which mend it.
#[derive(Debug, Default)]
pub(super) struct Extent {
    pub(super) affected: Affected,
    /// Lowest first, no two alike.
    pub(super) fixed: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Kind {
    Introduced,
    Fixed,
    LastAffected,
    Limit,
}

/// Reads what a record says of one package.
pub(super) fn read(group: &Group<'_>) -> Read {
    let items: Vec<&AffectedItem> = group.items.iter().map(AsRef::as_ref).collect();
    let scheme = group.place.scheme;
    let mut read = read_items(scheme, &items);
    if group.place.special.lists_builds
        && let Some(extent) = &mut read.extent
    {
        keep_lowest(extent);
    }
    if let (Some(extent), Some(row)) = (&mut read.extent, group.place.ecosystem) {
        plain_bounds(&mut extent.affected, row.plain_bound);
    }
    if read.extent.is_none() && read.problems.is_empty() {
        read.problems.push("nothing but commits".to_owned());
    }
    read
}

/// Reads all items of one package; they are OR-ed.
pub(super) fn read_items(scheme: Scheme, items: &[&AffectedItem]) -> Read {
    let mut read = Read::default();
    let mut fixed = Vec::new();
    let (mut intervals, mut listed) = (Vec::new(), Vec::new());
    for item in items {
        if item.ranges.is_empty() && item.versions.is_empty() {
            intervals.extend(Affected::all().intervals);
        }
        let custom = custom_ranges(scheme, item);
        let ranges = if custom.is_empty() { &item.ranges } else { &custom };
        for range in ranges.iter().filter(|range| range.kind != "GIT") {
            match walk(scheme, range) {
                Ok(walked) => {
                    intervals.extend(walked);
                    fixed.extend(mends(scheme, range));
                }
                // What is listed tells what the range does not.
                Err(odd) if !item.versions.is_empty() => {
                    read.problems.push(format!("`{odd}` is not a {} version", scheme.name()));
                }
                Err(odd) => intervals.extend(Affected::below(&odd).intervals),
            }
        }
        listed.extend(item.versions.iter());
    }
    fixed.sort_by(|a: &String, b| order(scheme, Some(a), Some(b)).then_with(|| a.cmp(b)));
    fixed.dedup();
    intervals.dedup();
    let versions = beyond(scheme, &intervals, listed);
    if !intervals.is_empty() || !versions.is_empty() {
        let affected = Affected { intervals, versions };
        read.extent = Some(Extent { affected, fixed });
    }
    read
}

/// Returns the ranges that Go's database has of versions that no module can have (those of a repository
/// without major versions in its paths), where its own say nothing but that all are affected.
fn custom_ranges(scheme: Scheme, item: &AffectedItem) -> Vec<RangeItem> {
    let specific = item.ecosystem_specific.as_ref();
    let Some(raw) = specific.and_then(|specific| specific.custom_ranges.as_ref()) else {
        return Vec::new();
    };
    let says_all = |range: &RangeItem| {
        range.events.iter().all(|event| event.introduced.as_deref() == Some("0"))
    };
    let custom: Vec<RangeItem> = serde_json::from_str(raw.get()).unwrap_or_default();
    let is_readable = || custom.iter().all(|range| walk(scheme, range).is_ok());
    if item.ranges.iter().all(says_all) && is_readable() { custom } else { Vec::new() }
}

/// Leaves out of the bounds what has no place in the order: a fix for `12.2.0.jre8` is one of `12.2.0`.
fn plain_bounds(affected: &mut Affected, plain: fn(&str) -> &str) {
    let intervals = affected.intervals.iter_mut();
    let bounds = intervals.flat_map(|interval| [&mut interval.low, &mut interval.high]);
    let versions = bounds.filter_map(|bound| match bound {
        Bound::Open => None,
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
    });
    for version in versions.chain(&mut affected.versions) {
        let length = plain(version).len();
        version.truncate(length);
    }
}

/// Returns the listed versions that no interval holds, sorted; some lists have thousands.
fn beyond(scheme: Scheme, intervals: &[Interval], mut listed: Vec<&String>) -> Vec<String> {
    let held = |version: &str| {
        intervals.iter().any(|interval| {
            let is_all = interval.low == Bound::Open && interval.high == Bound::Open;
            is_all || interval.contains(scheme, version) == Ok(true)
        })
    };
    let all_compared = listed.len().saturating_mul(intervals.len()) <= MAX_COMPARISONS;
    listed.retain(|version| !all_compared || !held(version));
    listed.sort();
    listed.dedup();
    listed.into_iter().cloned().collect()
}

/// Where each interval ends at a build that has the fix, the lowest of them is the first that has.
fn keep_lowest(extent: &mut Extent) {
    let Extent { affected, fixed } = extent;
    let from_first = |interval: &Interval| {
        interval.low == Bound::Open && matches!(interval.high, Bound::Excluded(_))
    };
    if !fixed.is_empty() && affected.intervals.iter().all(from_first) {
        fixed.truncate(1);
        affected.intervals = Affected::below(&fixed[0]).intervals;
    }
}

fn mends(scheme: Scheme, range: &RangeItem) -> impl Iterator<Item = String> {
    let fixed = range.events.iter().filter_map(|event| event.fixed.as_deref());
    fixed.filter(|version| *version != "0").filter_map(move |version| complete(scheme, version))
}

/// Sorts the events of a range and walks them from the lowest version up; fails with a bound that cannot be
/// read as a version: what is compared with it is undetermined.
fn walk(scheme: Scheme, range: &RangeItem) -> Result<Vec<Interval>, String> {
    let mut events = Vec::new();
    for (version, kind) in range.events.iter().flat_map(parts) {
        if kind == Kind::Limit && version == "*" {
            continue;
        }
        if kind == Kind::Introduced && version == "0" {
            events.push((None, kind));
            continue;
        }
        let Some(version) = complete(scheme, version) else {
            return Err(version.to_owned());
        };
        events.push((Some(version), kind));
    }
    events.sort_by(|a, b| order(scheme, a.0.as_deref(), b.0.as_deref()).then(a.1.cmp(&b.1)));
    let mut intervals = Vec::new();
    let mut low: Option<Bound> = None;
    for (version, kind) in events {
        match (kind, version) {
            (Kind::Introduced, _) if low.is_some() => {}
            (Kind::Introduced, None) => low = Some(Bound::Open),
            (Kind::Introduced, Some(version)) => low = Some(Bound::Included(version)),
            (Kind::LastAffected, Some(version)) => {
                close(&mut intervals, &mut low, Bound::Included(version));
            }
            (_, Some(version)) => close(&mut intervals, &mut low, Bound::Excluded(version)),
            (_, None) => {}
        }
    }
    close(&mut intervals, &mut low, Bound::Open);
    Ok(intervals)
}

/// Returns the version in a form that the order reads, where some records are careless: `1` is `1.0.0`,
/// `19.03.0` is `19.3.0`, `9.6.0b1` is `9.6.0-b1`, `2.6.0-NA` is `2.6.0`. `None` when it is no version even
/// so.
fn complete(scheme: Scheme, version: &str) -> Option<String> {
    if scheme.is_valid(version) {
        return Some(version.to_owned());
    }
    let at = version.find(['-', '+']).unwrap_or(version.len());
    let (numbers, rest) = version.split_at(at);
    let parted = numbers.find(|c: char| c.is_ascii_alphabetic()).filter(|at| *at > 0);
    let parted = parted.map(|at| format!("{}-{}", &numbers[..at], &numbers[at..]));
    let forms = [
        format!("{numbers}.0{rest}"),
        format!("{numbers}.0.0{rest}"),
        format!("{}{rest}", without_zeros(numbers)),
    ];
    let forms = forms.into_iter().chain(parted.map(|front| format!("{front}{rest}")));
    forms.into_iter().find(|form| scheme.is_valid(form)).or_else(|| leading(scheme, version))
}

/// Returns the longest version that a library's version begins with and that ends where a word does: `2.6.0`
/// of `2.6.0-cu124`. Distributions number with care: what is odd there is not guessed at.
fn leading(scheme: Scheme, version: &str) -> Option<String> {
    if version.len() > MAX_CARELESS_BYTES || DISTROS.iter().any(|row| row.scheme == scheme) {
        return None;
    }
    let ends = version.char_indices().zip(version.chars().skip(1));
    let ends = ends.filter(|((_, last), next)| {
        last.is_ascii_alphanumeric()
            && (!next.is_ascii_alphanumeric()
                || last.is_ascii_digit() && next.is_ascii_alphabetic())
    });
    let ends: Vec<usize> = ends.map(|((place, _), _)| place + 1).collect();
    ends.into_iter()
        .rev()
        .map(|end| &version[..end])
        .find(|front| scheme.is_valid(front))
        .map(str::to_owned)
}

/// Leaves out the zeros in front of each number: `19.03.0` is `19.3.0`.
fn without_zeros(numbers: &str) -> String {
    let bare = |number: &str| {
        let bare = number.trim_start_matches('0');
        if bare.is_empty() { "0".to_owned() } else { bare.to_owned() }
    };
    numbers.split('.').map(bare).collect::<Vec<_>>().join(".")
}

fn close(intervals: &mut Vec<Interval>, low: &mut Option<Bound>, high: Bound) {
    if let Some(low) = low.take() {
        intervals.push(Interval { low, high });
    }
}

fn parts(event: &Event) -> impl Iterator<Item = (&str, Kind)> {
    [
        (&event.introduced, Kind::Introduced),
        (&event.fixed, Kind::Fixed),
        (&event.last_affected, Kind::LastAffected),
        (&event.limit, Kind::Limit),
    ]
    .into_iter()
    .filter_map(|(version, kind)| Some((version.as_deref()?, kind)))
}

/// Compares valid versions; `None` is before all of them.
fn order(scheme: Scheme, a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => scheme.compare(a, b).unwrap_or(Ordering::Equal),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn careless_bounds_are_read_as_what_they_begin_with() {
        for (version, read) in [
            ("2.6.0-NA", Some("2.6.0")),
            ("2.6.0-cu124", Some("2.6.0")),
            ("0.8.1p1", Some("0.8.1")),
            ("4.6.0.stable11", Some("4.6.0")),
            ("0.2.0-alpha\\.33", Some("0.2.0-alpha")),
            ("1.0+cu118", Some("1.0+cu118")),
            ("nightly-2", None),
            ("é.1", None),
        ] {
            assert_eq!(complete(Scheme::Pypi, version).as_deref(), read, "{version}");
        }
        assert_eq!(complete(Scheme::Apk, "10.0.11-0"), None, "a distribution's is not guessed at");
    }

    #[test]
    fn a_careless_bound_has_a_limit() {
        let careless = |length: usize| format!("{}-NA", "1".repeat(length - 3));
        assert!(complete(Scheme::Pypi, &careless(MAX_CARELESS_BYTES)).is_some());
        assert!(complete(Scheme::Pypi, &careless(MAX_CARELESS_BYTES + 1)).is_none());
    }

    #[test]
    fn a_bound_that_is_no_version_leaves_all_undetermined_but_what_is_listed() {
        let read = |versions: &str| {
            let range = r#"{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "x"}]}"#;
            let json = format!(r#"{{"ranges": [{range}], "versions": [{versions}]}}"#);
            let item: AffectedItem = serde_json::from_str(&json).unwrap();
            let read = read_items(Scheme::Pypi, &[&item]);
            (read.extent.unwrap().affected, read.problems.len())
        };
        let (affected, problems) = read("");
        assert!(affected.hit(Scheme::Pypi, "1.0").is_err());
        assert_eq!(problems, 0);
        let (affected, problems) = read(r#""1.0""#);
        assert!(affected.hit(Scheme::Pypi, "1.0").unwrap().is_some());
        assert_eq!((affected.hit(Scheme::Pypi, "1.1"), problems), (Ok(None), 1));
    }
}
