//! RubyGems: numbers and words; a word makes a pre-release.
//!
//! Follows `Gem::Version` and `Gem::Requirement`,
//! <https://docs.ruby-lang.org/en/master/Gem/Version.html>. A platform behind the version
//! (`1.2.0-x86_64-linux`, `1.2.0-java`) is no part of it and is left out.

use std::cmp::Ordering;

use super::terms::{any_holds, op, parse_alternatives};
use super::{Scheme, numbers};
use crate::range::{Comparator, Op, Range};

/// What platforms begin with, after a `-`: <https://guides.rubygems.org/platforms/>.
const PLATFORMS: &[&str] = &[
    "aarch64",
    "amd64",
    "arm",
    "arm64",
    "dalvik",
    "darwin",
    "dotnet",
    "i386",
    "i486",
    "i586",
    "i686",
    "java",
    "jruby",
    "linux",
    "loongarch64",
    "mips",
    "mips64",
    "mswin",
    "mswin32",
    "mswin64",
    "mingw",
    "mingw32",
    "powerpc",
    "powerpc64",
    "powerpc64le",
    "ppc64",
    "ppc64le",
    "riscv64",
    "s390x",
    "sparc",
    "sparc64",
    "truffleruby",
    "universal",
    "x64",
    "x86",
    "x86_64",
];

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(compare_segments(&segments(a)?, &segments(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    is_version(without_platform(version.trim()))
}

/// Reads `>= 1.2, < 2`, `~> 1.4` and, as advisories write it, `||`; blanks may stand for commas.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    parse_alternatives(Scheme::Gem, text, |operator, version, into| {
        if version == "*" && operator.is_empty() {
            return Some(());
        }
        if version.is_empty() || !is_valid(version) {
            return None;
        }
        if operator == "~>" {
            into.push(Comparator::new(Op::GreaterEqual, version));
            into.push(Comparator::new(Op::Prefix, pessimistic_prefix(version)));
        } else {
            into.push(Comparator::new(op(operator)?, version));
        }
        Some(())
    })
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    let segments_of = segments;
    let version = segments(version)?;
    any_holds(range, |comparator| {
        let bound = segments_of(&comparator.version)?;
        Some(match comparator.op {
            Op::Prefix => begins_with(&version, &bound),
            op => op.holds(compare_segments(&version, &bound)),
        })
    })
}

/// Returns the numbers that `~>` lets vary nothing of: `1.4` for `1.4.4`, `5` for `5.a`.
fn pessimistic_prefix(version: &str) -> String {
    let numbers = release(without_platform(version.trim()));
    numbers.rsplit_once('.').map_or(numbers, |(kept, _)| kept).to_owned()
}

/// Returns the numbers in front: `1.4` for `1.4.rc1.2`. The text must be a version.
fn release(version: &str) -> &str {
    let end = version.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.');
    let end = end.map_or(version.len(), |at| version[..at].rfind('.').unwrap_or(at));
    &version[..end]
}

fn begins_with(version: &[&str], prefix: &[&str]) -> bool {
    prefix.iter().enumerate().all(|(index, wanted)| {
        let part = version.get(index).filter(|part| numbers::only(part)).copied();
        numbers::compare(part.unwrap_or("0"), wanted) == Ordering::Equal
    })
}

/// Cuts a version into numbers and words, without the zeros before the first word; `-` is the
/// word `pre`. An empty version is zero.
fn segments(text: &str) -> Option<Vec<&str>> {
    let text = without_platform(text.trim());
    if !is_version(text) {
        return None;
    }
    let mut segments = Vec::with_capacity(8);
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let run = match first {
            b'-' => {
                push(&mut segments, "pre");
                rest = &rest[1..];
                continue;
            }
            b'.' => {
                rest = &rest[1..];
                continue;
            }
            _ => rest.bytes().position(|byte| {
                !byte.is_ascii_alphanumeric() || byte.is_ascii_digit() != first.is_ascii_digit()
            }),
        };
        let (segment, after) = rest.split_at(run.unwrap_or(rest.len()));
        push(&mut segments, segment);
        rest = after;
    }
    Some(segments)
}

fn push<'a>(segments: &mut Vec<&'a str>, segment: &'a str) {
    if !numbers::only(segment) && segments.iter().all(|before| numbers::only(before)) {
        while segments.last().is_some_and(|last| last.bytes().all(|byte| byte == b'0')) {
            segments.pop();
        }
    }
    segments.push(segment);
}

/// Words are below numbers, and what is missing is zero.
fn compare_segments(a: &[&str], b: &[&str]) -> Ordering {
    for index in 0..a.len().max(b.len()) {
        let (a, b) = (a.get(index).unwrap_or(&"0"), b.get(index).unwrap_or(&"0"));
        let order = match (numbers::only(a), numbers::only(b)) {
            (true, true) => numbers::compare(a, b),
            (false, false) => a.cmp(b),
            (a, b) => a.cmp(&b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn without_platform(version: &str) -> &str {
    let at = version.match_indices('-').map(|(at, _)| at).find(|at| {
        let rest = &version[at + 1..];
        let part = rest.split('-').next().unwrap_or(rest);
        PLATFORMS.contains(&part) || part.starts_with("armv")
    });
    at.map_or(version, |at| &version[..at])
}

/// Returns whether the text is empty or `digits(alphanumeric)*(.alphanumeric)*(-labels)?`. RubyGems
/// wants a dot before the first letter; `1beta` of old records is read all the same.
fn is_version(text: &str) -> bool {
    let (front, pre) = match text.split_once('-') {
        Some((front, pre)) => (front, Some(pre)),
        None => (text, None),
    };
    let alphanumeric =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.is_empty()
        || (front.starts_with(|c: char| c.is_ascii_digit())
            && front.split('.').all(alphanumeric)
            && pre.is_none_or(super::terms::are_labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        contains(&parse_range(range).unwrap(), version).unwrap()
    }

    #[test]
    fn words_make_pre_releases() {
        let order = ["1.0.a", "1.0.b1", "1-1", "1", "1.0.1.rc1", "1.0.1"];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(compare("1.0.0.a", "1.a"), Some(Ordering::Equal));
        assert_eq!(compare("", "0"), Some(Ordering::Equal));
        assert_eq!(compare("1.2.0-x86_64-linux", "1.2"), Some(Ordering::Equal));
        assert_eq!(compare("1.2.0.rc1-java", "1.2.0"), Some(Ordering::Less));
        for text in [".3", "a", "1..2", "1-", "1 2", "1_2", "1.é"] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn the_pessimistic_operator() {
        assert!(
            holds("~> 1.4.4", "1.4.9") && !holds("~> 1.4.4", "1.5") && !holds("~> 1.4.4", "1.5.a")
        );
        assert!(holds("~> 1", "1.9") && !holds("~> 1", "2.0.a") && holds("~> 5.a", "5.0.0.rc2"));
        assert!(holds("~> 1.0 || > 3", "4") && holds("", "1"));
        for text in [">=", "~> x", "=> 1", "^1"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
