//! Hex versions and Elixir's requirements: `~> 2.1 and != 2.1.3 or >= 3.0.0`.
//!
//! Follows <https://hexdocs.pm/elixir/Version.html>, with pre-releases allowed, as
//! `Version.match?/2` does without options.

use std::cmp::Ordering;

use super::semver::{self, Partial, STRICT, Version};
use super::{Scheme, numbers};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

/// Longest number that Elixir reads in major, minor and patch.
const MAX_NUMBER_DIGITS: usize = 14;

/// Compares by SemVer precedence.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(parse(a)?.compare(&parse(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads comparators joined by `and` and `or`; `and` binds tighter. Commas and `||` are read too,
/// since advisories write them.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut alternatives = vec![Vec::new()];
    let mut joined = true;
    let mut count = 0;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (word, behind) = numbers::take_while(rest, |c| c.is_ascii_alphabetic() || c == '|');
        if !joined || word == "||" {
            match word {
                "and" => {}
                "or" | "||" => alternatives.push(Vec::new()),
                _ if rest.starts_with(',') => {}
                _ => return None,
            }
            rest = if word.is_empty() { &rest[1..] } else { behind }.trim_start();
            joined = true;
            count += 1;
            if count > MAX_COMPARATORS || rest.is_empty() {
                return None;
            }
            continue;
        }
        let (comparators, behind) = parse_item(rest)?;
        alternatives.last_mut()?.extend(comparators);
        rest = behind.trim_start();
        joined = false;
    }
    Some(Range { scheme: Scheme::Hex, alternatives, plain: true })
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let version = semver::parse(text, &STRICT)?;
    version.release.split('.').all(|n| n.len() <= MAX_NUMBER_DIGITS).then_some(version)
}

fn parse_item(text: &str) -> Option<(Vec<Comparator>, &str)> {
    let (sign, behind) = numbers::take_while(text, |c| "<>=!~".contains(c));
    let is_version = |c: char| c.is_ascii_alphanumeric() || ".-+".contains(c);
    let (version, behind) = numbers::take_while(behind.trim_start(), is_version);
    let comparators = match sign {
        "~>" => pessimistic(version)?,
        "!" => vec![Comparator::new(Op::NotEqual, version)],
        _ => {
            let (op, "") = range::take_op(sign) else { return None };
            vec![Comparator::new(op, version)]
        }
    };
    comparators.iter().all(|c| is_valid(&c.version)).then_some((comparators, behind))
}

/// `~> 2.1` keeps the first number, `~> 2.1.3` the first two.
fn pessimistic(text: &str) -> Option<Vec<Comparator>> {
    let rules = semver::Rules { least: 2, before_pre: 2, ..STRICT };
    let version = semver::parse(text, &rules)?;
    let (major, behind) = version.release.split_once('.')?;
    let hyphen = if version.pre.is_empty() { "" } else { "-" };
    let (lowest, kept) = match behind.split_once('.') {
        Some(_) => (format!("{}{hyphen}{}", version.release, version.pre), version.release),
        None => (format!("{}.0{hyphen}{}", version.release, version.pre), major),
    };
    let kept = kept.rsplit_once('.').map_or(major, |(front, _)| front);
    let mut comparators = Partial::parse(kept)?.wildcard();
    comparators[0].version = lowest;
    Some(comparators)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_numbers_are_refused() {
        assert!(is_valid(&format!("1.{}.0", "9".repeat(MAX_NUMBER_DIGITS))));
        assert!(!is_valid(&format!("1.{}.0", "9".repeat(MAX_NUMBER_DIGITS + 1))));
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let range = parse_range("~> 1.2 and != 1.3.0 or == 3.0.0").unwrap();
        for (version, inside) in
            [("1.2.0", true), ("1.3.0", false), ("2.0.0", false), ("3.0.0", true)]
        {
            assert_eq!(contains(&range, version), Some(inside), "{version}");
        }
        for range in ["and", "1.0.0 or", "1.0.0 2.0.0", ">= 1", "~> 1"] {
            assert!(parse_range(range).is_none(), "{range}");
        }
    }

    #[test]
    fn too_many_comparators_are_refused() {
        let range = |count| vec!["1.0.0"; count].join(" or ");
        assert!(parse_range(&range(MAX_COMPARATORS)).is_some());
        assert!(parse_range(&range(MAX_COMPARATORS + 2)).is_none());
    }
}
