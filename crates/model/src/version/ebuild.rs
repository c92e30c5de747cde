//! Gentoo ebuild versions, such as `1.2.3b_rc1_p2-r3`.
//!
//! Follows the Package Manager Specification, sections 3.2 and 3.3
//! (<https://projects.gentoo.org/pms/8/pms.html#version-comparison>).

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

/// Suffixes, lowest first; a version without one stands between `rc` and `p`.
const SUFFIXES: [&str; 5] = ["alpha", "beta", "pre", "rc", "p"];
const NO_SUFFIX: usize = 4;

struct Version<'a> {
    numbers: &'a str,
    letter: &'a str,
    /// `_rc1_p2`, checked.
    suffixes: &'a str,
    revision: &'a str,
}

/// Compares numbers, letter, suffixes and revision.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(
        compare_numbers(a.numbers, b.numbers)
            .then_with(|| a.letter.cmp(b.letter))
            .then_with(|| compare_suffixes(a.suffixes, b.suffixes))
            .then_with(|| numbers::compare(a.revision, b.revision)),
    )
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Ebuild, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let (front, revision) = match text.split_once("-r") {
        Some((front, revision)) => (front, numbers::only(revision).then_some(revision)?),
        None => (text, ""),
    };
    let at = front.find('_').unwrap_or(front.len());
    let (front, suffixes) = front.split_at(at);
    let number_end = front.trim_end_matches(|c: char| c.is_ascii_lowercase()).len();
    let (numbers, letter) = front.split_at(number_end);
    let valid = letter.len() <= 1
        && numbers.split('.').all(numbers::only)
        && suffixes.split('_').skip(1).all(|suffix| read_suffix(suffix).is_some());
    valid.then_some(Version { numbers, letter, suffixes, revision })
}

/// Reads `rc1` as its rank and number.
fn read_suffix(text: &str) -> Option<(usize, &str)> {
    let (name, number) = numbers::take_while(text, |c| c.is_ascii_lowercase());
    let rank = SUFFIXES.iter().position(|suffix| *suffix == name)?;
    let rank = if rank < NO_SUFFIX { rank } else { rank + 1 };
    (number.is_empty() || numbers::only(number)).then_some((rank, number))
}

/// Compares the first number by value; a later one with a leading zero is a fraction.
fn compare_numbers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    let first = numbers::compare(a.next().unwrap_or_default(), b.next().unwrap_or_default());
    if first != Ordering::Equal {
        return first;
    }
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) if a.starts_with('0') || b.starts_with('0') => {
                a.trim_end_matches('0').cmp(b.trim_end_matches('0'))
            }
            (Some(a), Some(b)) => numbers::compare(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn compare_suffixes(a: &str, b: &str) -> Ordering {
    let suffixes = |text| str::split(text, '_').skip(1).map(read_suffix);
    let (mut a, mut b) = (suffixes(a), suffixes(b));
    loop {
        let (a, b) = (a.next().flatten(), b.next().flatten());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let (a, b) = (a.unwrap_or((NO_SUFFIX, "")), b.unwrap_or((NO_SUFFIX, "")));
        let order = a.0.cmp(&b.0).then_with(|| numbers::compare(a.1, b.1));
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_compared_in_turn() {
        for (a, b, order) in [
            ("1.2.3-r0", "1.2.3", Ordering::Equal),
            ("1_p", "1_p0", Ordering::Equal),
            ("1_rc1", "1", Ordering::Less),
            ("1_rc1_p1", "1_rc1", Ordering::Greater),
            ("1.01", "1.1", Ordering::Less),
            ("1.10", "1.9", Ordering::Greater),
        ] {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
        }
    }

    #[test]
    fn what_is_out_of_the_grammar_is_not_valid() {
        for version in ["", "a", "1.", "1ab", "1_foo", "1-r", "1-r1-r2", "1_", "1 "] {
            assert!(!is_valid(version), "{version}");
        }
    }
}
