//! OpenSSL releases: `1.0.2zf`, `1.1.1-pre9`, `3.0.0-alpha17`, `1.0.2k-fips`.
//!
//! Follows <https://openssl-library.org/policies/general/versioning-policy/>: before 3.0 a letter
//! behind the numbers counts the releases (`z` is followed by `za`).

use std::cmp::Ordering;

use super::semver::compare_release;
use super::{Scheme, numbers};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

/// Kinds of releases, lowest first; none of them is above all.
const KINDS: [&str; 5] = ["dev", "alpha", "beta", "pre", ""];

struct Version<'a> {
    numbers: &'a str,
    letters: &'a str,
    /// The place in [`KINDS`].
    kind: usize,
    count: &'a str,
}

/// Compares numbers, letters, and the pre-release; `-fips` does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(
        compare_release(a.numbers, b.numbers)
            .then_with(|| a.letters.cmp(b.letters))
            .then_with(|| a.kind.cmp(&b.kind))
            .then_with(|| numbers::compare(a.count, b.count)),
    )
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads plain comparators, or a list of versions: `3.0.1, 0.9.7a` holds both.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let list: Vec<&str> = text.split(',').map(str::trim).collect();
    if list.len() < 2 || !list.iter().all(|version| is_valid(version)) {
        return range::parse_plain(Scheme::Openssl, text);
    }
    if list.len() > MAX_COMPARATORS {
        return None;
    }
    let alternatives = list.into_iter().map(|v| vec![Comparator::new(Op::Equal, v)]).collect();
    Some(Range { scheme: Scheme::Openssl, alternatives, plain: true })
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_suffix("-fips").unwrap_or(text);
    let (front, pre) = text.split_once('-').unwrap_or((text, ""));
    let (numbers, letters) = numbers::take_while(front, |c| c.is_ascii_digit() || c == '.');
    let (name, count) = numbers::take_while(pre, |c| c.is_ascii_lowercase());
    let kind = KINDS.iter().position(|known| *known == name)?;
    let valid = numbers.split('.').all(numbers::only)
        && letters.bytes().all(|byte| byte.is_ascii_lowercase())
        && (count.is_empty() || numbers::only(count) && !name.is_empty())
        && !text.ends_with('-');
    valid.then_some(Version { numbers, letters, kind, count })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_follow_numbers_and_pre_releases_come_before() {
        let ascending = [
            "0.9.8zh",
            "1.0.0-beta1",
            "1.0.2-beta3",
            "1.0.2",
            "1.0.2k-fips",
            "1.0.2u",
            "1.0.2za",
            "1.0.2zf",
            "1.1.1-pre9",
            "1.1.1",
            "3.0.0-alpha9",
            "3.0.0-alpha17",
            "3.0.0-beta1",
            "3.0.0",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        for version in ["", "1.", "1.0.2K", "1.0-", "1.0-9", "fips", "1.0.2-rc1"] {
            assert!(!is_valid(version), "{version}");
        }
    }

    #[test]
    fn a_list_is_an_or_and_has_a_limit() {
        let range = parse_range("3.0.1, 0.9.7a").unwrap();
        assert_eq!(contains(&range, "0.9.7a"), Some(true));
        assert_eq!(contains(&range, "3.0.2"), Some(false));
        assert!(parse_range(&vec!["1"; MAX_COMPARATORS + 1].join(",")).is_none());
    }
}
