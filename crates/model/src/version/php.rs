//! PHP's own `version_compare`.
//!
//! Follows <https://www.php.net/manual/en/function.version-compare.php>: a version is cut at `-`,
//! `_`, `+`, `.` and between digits and letters; any word < `dev` < `alpha` < `beta` < `RC` < no
//! more parts < numbers < `pl`. Two things are otherwise: a `v` in front is passed over, and so is
//! a part `#`, PHP's sign for any number, since it would make the order run in circles.

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

/// The words that count, by how they begin, and their rank. A number has [`NUMBER`].
const WORDS: [(&str, u8); 9] = [
    ("dev", 1),
    ("alpha", 2),
    ("a", 2),
    ("beta", 3),
    ("b", 3),
    ("RC", 4),
    ("rc", 4),
    ("pl", 7),
    ("p", 7),
];
const END: u8 = 5;
const NUMBER: u8 = 6;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    (is_valid(a) && is_valid(b)).then(|| order(without_v(a), without_v(b)))
}

pub(super) fn is_valid(version: &str) -> bool {
    let version = version.trim();
    !version.is_empty() && !version.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn without_v(version: &str) -> &str {
    let version = version.trim();
    version.strip_prefix(['v', 'V']).unwrap_or(version)
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Php, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

/// Compares two texts part by part.
pub(super) fn order(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (left, right) = (next_part(&mut a), next_part(&mut b));
        let order = rank(left).cmp(&rank(right));
        if order != Ordering::Equal {
            return order;
        }
        match (left, right) {
            (None, None) => return Ordering::Equal,
            (Some(left), Some(right)) if rank(Some(left)) == NUMBER => {
                let order = numbers::compare(left, right);
                if order != Ordering::Equal {
                    return order;
                }
            }
            _ => {}
        }
    }
}

fn rank(part: Option<&str>) -> u8 {
    let Some(part) = part else { return END };
    if part.as_bytes()[0].is_ascii_digit() {
        return NUMBER;
    }
    WORDS.iter().find(|(word, _)| part.starts_with(word)).map_or(0, |(_, rank)| *rank)
}

/// Takes the next run of digits or of other letters, past what parts them.
fn next_part<'a>(text: &mut &'a str) -> Option<&'a str> {
    let start = text.find(|c: char| !is_separator(c))?;
    let rest = &text[start..];
    let digits = rest.as_bytes()[0].is_ascii_digit();
    let end = rest.find(|c: char| is_separator(c) || c.is_ascii_digit() != digits);
    let (part, rest) = rest.split_at(end.unwrap_or(rest.len()));
    *text = rest;
    Some(part)
}

fn is_separator(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order() {
        let order = ["1.0foo", "1.0-dev", "1.0a1", "1.0b1", "1.0RC1", "1.0", "1.0.0", "1.0pl1"];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(compare("1.2.3.#", "1.2.3"), Some(Ordering::Equal));
        assert_eq!(compare("", "1"), None);
        assert_eq!(compare(&"9".repeat(4000), &"8".repeat(4000)), Some(Ordering::Greater));
    }
}
