//! Programs of no package manager, and the versions of CPE names: `1.25.1`, `v3.0.0-rc.1`, `1.1.1k`,
//! `9.3p1`, `7.4.2-debug`.
//!
//! There is no authority; the rules are those that most projects keep to. Numbers compare one by one, and a
//! missing one is zero. A word of a pre-release (`rc`, `beta`, `dev`) is below none, one of a later release
//! (`p1`, `update2`, the letter of `1.1.1k`) above none. A build (`+8`) and other words (`-debug`) do not
//! count.

use std::cmp::Ordering;

use super::{Scheme, numbers};
use crate::range::{self, Range};

/// Words of what comes before a release, lowest first; those of one line are alike.
const BEFORE: &[&[&str]] = &[
    &["dev", "snapshot", "nightly", "canary"],
    &["alpha", "a"],
    &["beta", "b"],
    &["milestone", "m"],
    &["preview", "pre", "ea"],
    &["rc", "cr", "candidate"],
];
/// Words of what comes after a release.
const AFTER: &[&str] = &["p", "pl", "patch", "patchlevel", "post", "sp", "u", "update"];
/// Most letters that count releases: `1.0.2zf`.
const MAX_LETTERS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Item<'a> {
    /// The place in [`BEFORE`].
    Before(usize),
    /// Letters right behind a number.
    Letters(&'a str),
    After,
    Number(&'a str),
}

/// Compares two versions as the head of this file says.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    let (mut a, mut b) = (items(a), items(b));
    let mut in_pre_release = false;
    loop {
        let (left, right) = (a.next(), b.next());
        if left.is_none() && right.is_none() {
            return Some(Ordering::Equal);
        }
        let order = if in_pre_release {
            compare_behind(left, right)
        } else {
            let rank = |item: Option<Item<'_>>| item.map_or(Rank::Nothing, Item::rank);
            rank(left).cmp(&rank(right)).then_with(|| compare_alike(left, right))
        };
        if order != Ordering::Equal {
            return Some(order);
        }
        in_pre_release |= matches!(left, Some(Item::Before(_)));
    }
}

/// Returns whether the text is a number with anything of letters, digits and `.-_+~:` behind it; a `v` may
/// stand in front.
pub(super) fn is_valid(version: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+~:".contains(&byte);
    let numbers = version.strip_prefix(['v', 'V']).unwrap_or(version);
    numbers.starts_with(|c: char| c.is_ascii_digit()) && numbers.bytes().all(known)
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    range::parse_plain(Scheme::Generic, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

/// Lowest first; a number that is zero ranks as nothing.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Rank {
    Before,
    Nothing,
    Letters,
    After,
    Number,
}

impl Item<'_> {
    fn rank(self) -> Rank {
        match self {
            Self::Before(_) => Rank::Before,
            Self::Letters(_) => Rank::Letters,
            Self::After => Rank::After,
            Self::Number(digits) if digits.bytes().all(|byte| byte == b'0') => Rank::Nothing,
            Self::Number(_) => Rank::Number,
        }
    }
}

fn compare_alike(a: Option<Item<'_>>, b: Option<Item<'_>>) -> Ordering {
    match (a, b) {
        (Some(Item::Before(a)), Some(Item::Before(b))) => a.cmp(&b),
        (Some(Item::Letters(a)), Some(Item::Letters(b))) => a.len().cmp(&b.len()).then(a.cmp(b)),
        (Some(Item::Number(a)), Some(Item::Number(b))) => numbers::compare(a, b),
        _ => Ordering::Equal,
    }
}

/// Behind the word of a pre-release nothing is lowest, and numbers are below words.
fn compare_behind(a: Option<Item<'_>>, b: Option<Item<'_>>) -> Ordering {
    let rank = |item: Option<Item<'_>>| match item {
        None => 0,
        Some(Item::Number(_)) => 1,
        Some(_) => 2,
    };
    rank(a).cmp(&rank(b)).then_with(|| compare_alike(a, b))
}

/// Lists what counts of a version, up to its build or the first word that is not known.
fn items(version: &str) -> impl Iterator<Item = Item<'_>> {
    let text = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let mut rest = text.split('+').next().unwrap_or_default();
    let mut is_behind_number = false;
    std::iter::from_fn(move || {
        let bare = rest.trim_start_matches(['.', '-', '_', '~', ':']);
        let is_joined = is_behind_number && bare.len() == rest.len();
        let (digits, after) = numbers::take(bare);
        if !digits.is_empty() {
            rest = after;
            is_behind_number = true;
            return Some(Item::Number(digits));
        }
        is_behind_number = false;
        let (word, after) = numbers::take_while(bare, |c| c.is_ascii_alphabetic());
        rest = after;
        let count = numbers::take(after.trim_start_matches(['.', '-', '_'])).0;
        // `-b08` is a build of Java.
        let is_build = !is_joined && word == "b" && count.len() > 1;
        let item = item_of(word, is_joined, !count.is_empty()).filter(|_| !is_build);
        if item.is_none() {
            rest = "";
        }
        item
    })
}

/// Reads a word; `None` when it does not count. One letter is a word of its own only where a number follows:
/// `3.9.0b2`, but `1.1.1b`.
fn item_of(word: &str, is_joined: bool, has_count: bool) -> Option<Item<'_>> {
    let is = |known: &str| known.eq_ignore_ascii_case(word) && (known.len() > 1 || has_count);
    if let Some(place) = BEFORE.iter().position(|words| words.iter().any(|known| is(known))) {
        return Some(Item::Before(place));
    }
    if AFTER.iter().any(|known| is(known)) {
        return Some(Item::After);
    }
    let is_count = is_joined && (1..=MAX_LETTERS).contains(&word.len());
    is_count.then_some(Item::Letters(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_before_and_after_a_release() {
        for ascending in [
            &["1.0.1f", "1.0.1m", "1.0.2", "1.0.2a", "1.0.2z", "1.0.2za", "1.0.2zf", "1.1.0"][..],
            &["3.9.0.dev1", "3.9.0a1", "3.9.0b2", "3.9.0rc1", "3.9.0", "3.9.0.1", "3.9.1"],
            &["9.3-rc1", "9.3", "9.3p1", "9.3p2", "9.3.1", "9.4"],
            &["1.8.0", "1.8.0-update_131", "1.8.0:update352", "1.8.1"],
            &["2.0-alpha", "2.0-alpha.1", "2.0-alpha.beta", "2.0"],
        ] {
            for (at, low) in ascending.iter().enumerate() {
                assert_eq!(compare(low, low), Some(Ordering::Equal), "{low}");
                for high in &ascending[at + 1..] {
                    assert_eq!(compare(low, high), Some(Ordering::Less), "{low} {high}");
                    assert_eq!(compare(high, low), Some(Ordering::Greater), "{high} {low}");
                }
            }
        }
    }

    #[test]
    fn builds_zeros_and_other_words_do_not_count() {
        for (a, b) in [
            ("1.2", "v1.2.0.0"),
            ("10.6.12-MariaDB", "10.6.12"),
            ("17.0.5+8-LTS", "17.0.5"),
            ("9.3p1", "9.3-P1"),
            ("1.25.1-alpine3.18", "1.25.1"),
            ("1.0-rc.1", "1.0rc1"),
            ("1.8.0_352-b08", "1.8.0_352"),
        ] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
        }
        for version in ["", "v", "x1", "-", "1 2", "1.2\u{e9}", "*", "latest"] {
            assert!(!is_valid(version), "{version}");
        }
    }
}
