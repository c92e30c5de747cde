//! RPM package versions: `[epoch:]version[-release]`, such as `1:3.0.7-25.el9_3`.
//!
//! Follows `rpmvercmp` and `parseEVR` of rpm
//! (<https://rpm-software-management.github.io/rpm/man/rpm-version.7>, `rpmio/rpmvercmp.c`).

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

struct Evr<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

/// Compares epoch, version and release. An absent epoch is 0; an absent release is lower than any;
/// an empty version is lower than all but those that begin with `~`.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    let (a, b) = (parse(a), parse(b));
    let order = numbers::compare(a.epoch, b.epoch)
        .then_with(|| compare_part(a.version, b.version))
        .then_with(|| match (a.release, b.release) {
            (Some(a), Some(b)) => compare_part(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        });
    Some(order)
}

/// Returns whether the text can be a version: rpm takes any text without blanks and control
/// characters, the empty one too.
pub(super) fn is_valid(version: &str) -> bool {
    !version.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Rpm, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Evr<'_> {
    let (number, behind) = numbers::take(text);
    let (epoch, rest) = match behind.strip_prefix(':') {
        Some(rest) => (number, rest),
        None => ("", text),
    };
    // Neither part may hold a hyphen, so a text with two is no pair of them: it is compared whole.
    let (version, release) = match rest.split_once('-') {
        Some((version, release)) if !release.contains('-') => (version, Some(release)),
        _ => (rest, None),
    };
    Evr { epoch, version, release }
}

/// Compares as `rpmvercmp`: segment by segment, `~` below the end and `^` just above it.
pub(super) fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (left, right) = (next_segment(&mut a), next_segment(&mut b));
        let order = left.rank().cmp(&right.rank()).then_with(|| match (&left, &right) {
            (Segment::Number(left), Segment::Number(right)) => numbers::compare(left, right),
            (Segment::Letters(left), Segment::Letters(right)) => left.cmp(right),
            _ => Ordering::Equal,
        });
        if order != Ordering::Equal || matches!(left, Segment::End) {
            return order;
        }
    }
}

enum Segment<'a> {
    Tilde,
    End,
    Caret,
    Letters(&'a str),
    Number(&'a str),
}

impl Segment<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::Tilde => 0,
            Self::End => 1,
            Self::Caret => 2,
            Self::Letters(_) => 3,
            Self::Number(_) => 4,
        }
    }
}

fn next_segment<'a>(text: &mut &'a str) -> Segment<'a> {
    let is_segment = |c: char| c.is_ascii_alphanumeric() || matches!(c, '~' | '^');
    let rest = numbers::take_while(text, |character| !is_segment(character)).1;
    let (segment, rest) = match rest.as_bytes().first() {
        None => (Segment::End, rest),
        Some(b'~') => (Segment::Tilde, &rest[1..]),
        Some(b'^') => (Segment::Caret, &rest[1..]),
        Some(byte) if byte.is_ascii_digit() => {
            let (number, rest) = numbers::take(rest);
            (Segment::Number(number), rest)
        }
        Some(_) => {
            let (letters, rest) = numbers::take_while(rest, |c| c.is_ascii_alphabetic());
            (Segment::Letters(letters), rest)
        }
    };
    *text = rest;
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_epoch_is_zero_and_an_absent_release_is_lowest() {
        assert_eq!(compare("0:1.0-1", "1.0-1"), Some(Ordering::Equal));
        assert_eq!(compare("1.0", "1.0-0"), Some(Ordering::Less));
        assert_eq!(compare("", "~"), Some(Ordering::Greater));
        assert_eq!(compare("", "0"), Some(Ordering::Less));
    }

    #[test]
    fn blanks_are_not_valid() {
        assert_eq!(compare("1 0", "1"), None);
    }
}
