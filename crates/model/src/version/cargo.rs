//! crates.io versions and Cargo's requirements.
//!
//! Follows <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html> and the crate
//! `semver` that Cargo uses; build metadata does not count, as advisories want it.

use std::cmp::Ordering;

use super::semver::{self, STRICT, Version};
use super::{Scheme, numbers};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

/// Compares by SemVer precedence.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(semver::parse(a, &STRICT)?.compare(&semver::parse(b, &STRICT)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    semver::parse(version, &STRICT).is_some()
}

/// Reads `>=1.2, <2`; no operator means `^`. The comparators keep missing numbers missing: `=1.2`
/// holds all of 1.2.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut comparators = Vec::new();
    if !matches!(text.trim(), "" | "*") {
        for item in text.split(',') {
            comparators.extend(parse_item(item.trim())?);
            if comparators.len() > MAX_COMPARATORS {
                return None;
            }
        }
    }
    Some(Range::native(Scheme::Cargo, vec![comparators]))
}

/// Evaluates; a pre-release lies only in a range that names a pre-release of the same release,
/// unless the range is plain.
pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    if range.plain {
        return range::contains_plain(range, version);
    }
    let version = semver::parse(version, &STRICT)?;
    for alternative in &range.alternatives {
        let mut all = true;
        let mut pre_named = version.pre.is_empty();
        for Comparator { op, version: bound } in alternative {
            let (bound, numbers) = parse_partial(bound)?;
            let order = if numbers == 3 {
                version.compare(&bound)
            } else {
                semver::compare_front(version.release, bound.release)
            };
            all &= op.holds(order);
            pre_named |= !bound.pre.is_empty() && version.release == bound.release;
        }
        if all && pre_named {
            return Some(true);
        }
    }
    Some(false)
}

fn parse_item(text: &str) -> Option<Vec<Comparator>> {
    let (sign, behind) = numbers::take_while(text, |c| "<>=~^".contains(c));
    let version = trim_wildcards(behind.trim_start());
    let wild = version.len() < behind.trim_start().len();
    let (parsed, numbers) = parse_partial(version)?;
    let kept = |count: usize| Comparator::new(Op::Equal, front(parsed.release, count));
    Some(match sign {
        _ if wild && numbers == 3 => return None,
        "" if wild => vec![kept(numbers)],
        "" | "^" => {
            let zeros = parsed.release.split('.').take_while(|number| *number == "0").count();
            let behind = match (numbers, zeros) {
                // `^0.0.3` holds nothing but 0.0.3, from the pre-release on that it names.
                (3, 2..) => Comparator::new(Op::LessEqual, parsed.release),
                _ => kept(numbers.min(zeros + 1)),
            };
            vec![Comparator::new(Op::GreaterEqual, version), behind]
        }
        "~" => vec![Comparator::new(Op::GreaterEqual, version), kept(numbers.min(2))],
        "=" | "<" | "<=" | ">" | ">=" => {
            vec![Comparator::new(range::take_op(sign).0, version)]
        }
        _ => return None,
    })
}

/// Cuts `.*` from the end: `1.*.*` is `1`.
fn trim_wildcards(mut text: &str) -> &str {
    while let Some(front) =
        text.strip_suffix(".*").or(text.strip_suffix(".x")).or(text.strip_suffix(".X"))
    {
        text = front;
    }
    text
}

/// Reads a version of one to three numbers, and counts them.
fn parse_partial(text: &str) -> Option<(Version<'_>, usize)> {
    let rules = semver::Rules { least: 1, ..STRICT };
    let version = semver::parse(text, &rules)?;
    Some((version, version.release.split('.').count()))
}

fn front(release: &str, count: usize) -> &str {
    let end = release.match_indices('.').nth(count - 1).map_or(release.len(), |(at, _)| at);
    &release[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> Option<bool> {
        contains(&parse_range(range)?, version)
    }

    #[test]
    fn carets_keep_the_first_number_that_is_not_zero() {
        for (range, inside, outside) in [
            ("1.2.3", "1.9.0", "2.0.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("^0.0", "0.0.9", "0.1.0"),
            ("^0", "0.9.9", "1.0.0"),
            ("^1.2", "1.3.0", "1.1.9"),
            ("~1.2", "1.2.9", "1.3.0"),
            ("1.2.*", "1.2.9", "1.3.0"),
            (">1", "2.0.0", "1.9.0"),
            ("<=1.2", "1.2.9", "1.3.0"),
        ] {
            assert_eq!(holds(range, inside), Some(true), "{range} {inside}");
            assert_eq!(holds(range, outside), Some(false), "{range} {outside}");
        }
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&["=1"; MAX_COMPARATORS].join(",")).is_some());
        assert!(parse_range(&["=1"; MAX_COMPARATORS + 1].join(",")).is_none());
    }
}
