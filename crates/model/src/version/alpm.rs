//! Arch Linux package versions: `[epoch:]pkgver[-pkgrel]`, such as `1:2.39-4`.
//!
//! Follows pacman's `alpm_pkg_vercmp` (<https://man.archlinux.org/man/vercmp.8>,
//! `lib/libalpm/version.c`). The order is not total, as pacman's is not: `1.5-1 < 1.5-2`, and both
//! equal `1.5`.

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

/// Compares epoch, version, and release where both have one.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    let ((epoch_a, version_a, release_a), (epoch_b, version_b, release_b)) = (split(a), split(b));
    let order = numbers::compare(epoch_a, epoch_b)
        .then_with(|| compare_part(version_a, version_b))
        .then_with(|| match (release_a, release_b) {
            (Some(a), Some(b)) => compare_part(a, b),
            _ => Ordering::Equal,
        });
    Some(order)
}

/// Returns whether the text is not empty and has no blanks or control characters.
pub(super) fn is_valid(version: &str) -> bool {
    !version.is_empty() && !version.bytes().any(|byte| byte <= b' ' || byte == 0x7f)
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Alpm, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn split(text: &str) -> (&str, &str, Option<&str>) {
    let (number, behind) = numbers::take(text);
    let (epoch, rest) = match behind.strip_prefix(':') {
        Some(rest) => (number, rest),
        None => ("", text),
    };
    match rest.rsplit_once('-') {
        Some((version, release)) => (epoch, version, Some(release)),
        None => (epoch, rest, None),
    }
}

/// Compares as pacman's `rpmvercmp`, an old one: letters at the end make a version older, and more
/// separators make it newer.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() && !b.is_empty() {
        let (gap_a, rest_a) = numbers::take_while(a, |c| !c.is_ascii_alphanumeric());
        let (gap_b, rest_b) = numbers::take_while(b, |c| !c.is_ascii_alphanumeric());
        (a, b) = (rest_a, rest_b);
        if a.is_empty() || b.is_empty() {
            break;
        }
        if gap_a.len() != gap_b.len() {
            return gap_a.len().cmp(&gap_b.len());
        }
        let (segment_a, segment_b);
        let order = match (starts_with_digit(a), starts_with_digit(b)) {
            (true, true) => {
                (segment_a, a) = numbers::take(a);
                (segment_b, b) = numbers::take(b);
                numbers::compare(segment_a, segment_b)
            }
            (false, false) => {
                (segment_a, a) = numbers::take_while(a, |c| c.is_ascii_alphabetic());
                (segment_b, b) = numbers::take_while(b, |c| c.is_ascii_alphabetic());
                segment_a.cmp(segment_b)
            }
            (number, other) => number.cmp(&other),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    match (a.is_empty(), b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !starts_with_letter(b) => Ordering::Less,
        _ if starts_with_letter(a) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

fn starts_with_digit(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn starts_with_letter(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_counts_only_where_both_have_one() {
        assert_eq!(compare("1.5", "1.5-1"), Some(Ordering::Equal));
        assert_eq!(compare("1.5-1", "1.5-2"), Some(Ordering::Less));
    }

    #[test]
    fn letters_at_the_end_are_older() {
        assert_eq!(compare("1.0rc1", "1.0"), Some(Ordering::Less));
        assert_eq!(compare("1.0.a", "1.0"), Some(Ordering::Greater));
        assert_eq!(compare("", "1"), None);
    }
}
