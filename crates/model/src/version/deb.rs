//! Debian package versions: `[epoch:]upstream[-revision]`, such as `1:2.30-1+deb12u1`.
//!
//! Follows deb-version(7) and dpkg, `lib/dpkg/version.c` and `lib/dpkg/parsehelp.c`
//! (<https://git.dpkg.org/git/dpkg/dpkg.git>).

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

/// Longest epoch that can be valid: dpkg keeps it in a C `int`.
const MAX_EPOCH: u64 = i32::MAX as u64;

struct Version<'a> {
    epoch: u64,
    upstream: &'a str,
    revision: &'a str,
}

/// Compares epoch, upstream version and revision; an absent revision equals `0`.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(
        a.epoch
            .cmp(&b.epoch)
            .then_with(|| compare_part(a.upstream, b.upstream))
            .then_with(|| compare_part(a.revision, b.revision)),
    )
}

/// Returns whether dpkg reads the version, with or without a warning.
pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Deb, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (parse_epoch(epoch)?, rest),
        None => (0, text),
    };
    let (upstream, revision) = match rest.rsplit_once('-') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (rest, ""),
    };
    let is_upstream = |byte: u8| byte.is_ascii_alphanumeric() || b".-+~:".contains(&byte);
    let is_revision = |byte: u8| byte.is_ascii_alphanumeric() || b".+~".contains(&byte);
    let valid = !upstream.is_empty()
        && upstream.bytes().all(is_upstream)
        && revision.bytes().all(is_revision);
    valid.then_some(Version { epoch, upstream, revision })
}

fn parse_epoch(text: &str) -> Option<u64> {
    if !numbers::only(text) {
        return None;
    }
    text.parse().ok().filter(|epoch| *epoch <= MAX_EPOCH)
}

/// Compares as dpkg's `verrevcmp`: runs of non-digits and of digits take turns.
fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (text_a, rest_a) = numbers::take_while(a, |character| !character.is_ascii_digit());
        let (text_b, rest_b) = numbers::take_while(b, |character| !character.is_ascii_digit());
        let (number_a, rest_a) = numbers::take(rest_a);
        let (number_b, rest_b) = numbers::take(rest_b);
        let order = compare_text(text_a.as_bytes(), text_b.as_bytes())
            .then_with(|| numbers::compare(number_a, number_b));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn compare_text(a: &[u8], b: &[u8]) -> Ordering {
    (0..a.len().max(b.len()))
        .map(|index| weight(a.get(index)).cmp(&weight(b.get(index))))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

/// Orders `~`, the end of the text, letters, all else.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_epoch_is_that_of_a_c_int() {
        assert!(is_valid("2147483647:1"));
        assert!(!is_valid("2147483648:1"));
    }

    #[test]
    fn a_tilde_sorts_before_the_end() {
        assert_eq!(compare("1.0~rc1-1", "1.0-1"), Some(Ordering::Less));
        assert_eq!(compare("1.0-1+deb12u1", "1.0-1"), Some(Ordering::Greater));
        assert_eq!(compare("1.0 1", "1"), None);
    }
}
