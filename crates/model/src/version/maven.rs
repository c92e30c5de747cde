//! Maven's order of versions, as of Maven 4 (and 3.9 where they are the same).
//!
//! Follows `ComparableVersion`,
//! <https://maven.apache.org/pom.html#version-order-specification>: a version is a chain of lists; a
//! new list begins at `-` and wherever digits and letters meet, and is always the last item of the
//! one before. So the chain is kept flat here, with [`Item::Deeper`] between two lists.
//!
//! Maven's own order runs in circles at its edges (`1 < 1.sp-alpha < 1-alpha < 1`, and `1 = 1-ga <
//! 1-ga-1 = 1`). Here every word begins a list, not only one at the end or before a digit, and lists
//! that hold nothing of their own are none; then it is a total order, and Maven's own tests agree.

use std::cmp::Ordering;

use super::{Scheme, numbers, terms};
use crate::range::Range;

/// The rank of a release; the words below it come before a release, those above it after.
const RELEASE: u8 = 5;
const WORDS: [(&str, u8); 11] = [
    ("alpha", 0),
    ("beta", 1),
    ("milestone", 2),
    ("rc", 3),
    ("cr", 3),
    ("snapshot", 4),
    ("", RELEASE),
    ("ga", RELEASE),
    ("final", RELEASE),
    ("release", RELEASE),
    ("sp", 6),
];
const OTHER_WORD: u8 = 7;

#[derive(Clone, Copy)]
enum Item<'a> {
    Number(&'a str),
    /// A word that stands alone.
    Word(&'a str),
    /// A word and the number behind it: `rc1`, `rc-1`.
    Mixed(&'a str, &'a str),
    /// What follows is in a list of its own.
    Deeper,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    (is_valid(a) && is_valid(b)).then(|| compare_items(&parse(a.trim()), &parse(b.trim())))
}

pub(super) fn is_valid(version: &str) -> bool {
    let version = version.trim();
    !version.is_empty() && !version.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Reads intervals (`[1.0,2.0),[3.0,)`) and comparators (`>= 1.0, < 2.0 || = 3.0`). A bare version
/// means itself, as in advisories, not Maven's mere wish.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    terms::parse_with_intervals(Scheme::Maven, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Vec<Item<'_>> {
    let bytes = text.as_bytes();
    let mut items = Vec::with_capacity(8);
    let mut start = 0;
    let mut digits = false;
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b'.' => {
                push(&mut items, &text[start..index]);
                start = index + 1;
            }
            b'-' => {
                // `rc-1` is `rc1`.
                let number_follows = bytes.get(index + 1).is_some_and(u8::is_ascii_digit);
                if index > start && !digits && number_follows {
                    continue;
                }
                push(&mut items, &text[start..index]);
                start = index + 1;
                items.push(Item::Deeper);
            }
            b'0'..=b'9' => digits = true,
            _ => {
                if digits && index > start {
                    push(&mut items, &text[start..index]);
                    start = index;
                    items.push(Item::Deeper);
                }
                digits = false;
            }
        }
    }
    if start < text.len() {
        push(&mut items, &text[start..]);
    }
    normalize(&items)
}

/// Adds one item. A word begins a list of its own; with a number behind it, a word that only says
/// "release" is left out: `1-ga-1` is `1-1`.
fn push<'a>(items: &mut Vec<Item<'a>>, text: &'a str) {
    let mut item = item(text);
    if !matches!(item, Item::Number(_)) && begins_list(items) {
        items.push(Item::Deeper);
    }
    if let Item::Mixed(word, number) = item
        && rank(word).0 == RELEASE
    {
        item = Item::Number(number);
    }
    items.push(item);
}

/// Returns whether the current list has an item, so that a list inside it can begin.
fn begins_list(items: &[Item<'_>]) -> bool {
    items.last().is_some_and(|item| !matches!(item, Item::Deeper))
}

/// Reads one item; nothing at all is the number zero.
fn item(text: &str) -> Item<'_> {
    let Some(at) = text.bytes().position(|byte| byte.is_ascii_digit()) else {
        return if text.is_empty() { Item::Number("") } else { Item::Word(text) };
    };
    let (word, number) = text.split_at(at);
    match word.strip_suffix('-').unwrap_or(word) {
        "" => Item::Number(number),
        word => Item::Mixed(word, number),
    }
}

/// Drops zeros at the end of a list, and those before a word or before a list that begins with one.
fn normalize<'a>(items: &[Item<'a>]) -> Vec<Item<'a>> {
    let mut reversed: Vec<Item<'a>> = Vec::with_capacity(items.len());
    // What follows in the same list, and what follows a `Deeper`.
    let mut next: Option<Item<'a>> = None;
    let mut inside: Option<Item<'a>> = None;
    for &item in items.iter().rev() {
        match item {
            // A list of nothing, or of nothing but a list, is none of its own.
            Item::Deeper if matches!(next, None | Some(Item::Deeper)) => continue,
            Item::Deeper => {
                inside = next;
                next = Some(Item::Deeper);
            }
            Item::Number(number) if number.bytes().all(|byte| byte == b'0') => {
                let dropped = match next {
                    None | Some(Item::Word(_)) => true,
                    Some(Item::Deeper) => {
                        matches!(inside, Some(Item::Word(_) | Item::Mixed(..)))
                    }
                    Some(_) => false,
                };
                if dropped {
                    continue;
                }
                next = Some(item);
            }
            _ => next = Some(item),
        }
        reversed.push(item);
    }
    if matches!(reversed.last(), Some(Item::Deeper)) {
        reversed.pop();
    }
    reversed.reverse();
    reversed
}

fn compare_items(a: &[Item<'_>], b: &[Item<'_>]) -> Ordering {
    for index in 0..a.len().max(b.len()) {
        let order = match (a.get(index), b.get(index)) {
            (Some(a), Some(b)) => compare_item(*a, *b),
            (Some(_), None) => return compare_to_nothing(&a[index..]),
            (None, Some(_)) => return compare_to_nothing(&b[index..]).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

/// Words are below lists, lists below numbers, and a word with a number goes with the words.
fn compare_item(a: Item<'_>, b: Item<'_>) -> Ordering {
    let kind = |item: &Item<'_>| match item {
        Item::Word(_) | Item::Mixed(..) => 0,
        Item::Deeper => 1,
        Item::Number(_) => 2,
    };
    match (&a, &b) {
        (Item::Number(a), Item::Number(b)) => numbers::compare(a, b),
        (Item::Word(a), Item::Word(b)) => compare_words(rank(a), rank(b)),
        (Item::Word(a), Item::Mixed(b, _)) => {
            compare_words(rank(a), rank_before_digit(b)).then(Ordering::Less)
        }
        (Item::Mixed(a, _), Item::Word(b)) => {
            compare_words(rank_before_digit(a), rank(b)).then(Ordering::Greater)
        }
        (Item::Mixed(a, left), Item::Mixed(b, right)) => {
            compare_words(rank_before_digit(a), rank_before_digit(b))
                .then_with(|| numbers::compare(left, right))
        }
        _ => kind(&a).cmp(&kind(&b)),
    }
}

/// Compares what one side has too much with nothing: the first item that is not neutral decides.
fn compare_to_nothing(items: &[Item<'_>]) -> Ordering {
    let one = |item: &Item<'_>| match item {
        Item::Number(number) => numbers::compare(number, "0"),
        Item::Word(word) => rank(word).0.cmp(&RELEASE),
        Item::Mixed(word, _) => rank_before_digit(word).0.cmp(&RELEASE),
        Item::Deeper => Ordering::Equal,
    };
    items.iter().map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn rank(word: &str) -> (u8, &str) {
    let known = WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    known.map_or((OTHER_WORD, word), |(_, rank)| (*rank, ""))
}

/// As [`rank`], with the short forms that only count before a digit: `a1`, `b1`, `m1`.
fn rank_before_digit(word: &str) -> (u8, &str) {
    rank(match word {
        "a" | "A" => "alpha",
        "b" | "B" => "beta",
        "m" | "M" => "milestone",
        _ => word,
    })
}

fn compare_words(a: (u8, &str), b: (u8, &str)) -> Ordering {
    let small = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<Vec<_>>();
    a.0.cmp(&b.0)
        .then_with(|| if a.0 == OTHER_WORD { small(a.1).cmp(&small(b.1)) } else { Ordering::Equal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers_are_in_order() {
        let order = [
            "1-alpha",
            "1-a1",
            "1-b1",
            "1-m1",
            "1-rc",
            "1-snapshot",
            "1",
            "1-sp",
            "1-foo",
            "1-1",
            "1.1",
        ];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        for (a, b) in [("1.0.GA", "1"), ("1-RC", "1.0-cr"), ("1.0x", "1-x"), ("2.0.a", "2-a")] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a} {b}");
        }
    }

    #[test]
    fn a_deep_version_is_compared_in_a_line() {
        let deep = "1-".repeat(2000);
        assert_eq!(compare(&format!("{deep}1"), &format!("{deep}2")), Some(Ordering::Less));
        assert_eq!(compare(&"a1".repeat(2000), &"a1".repeat(2000)), Some(Ordering::Equal));
    }

    #[test]
    fn ranges_in_both_syntaxes() {
        let holds =
            |range: &str, version: &str| contains(&parse_range(range).unwrap(), version).unwrap();
        assert!(holds("(,1.0],[1.2,)", "0.5") && holds("(,1.0],[1.2,)", "1.2.0"));
        assert!(!holds("(,1.0],[1.2,)", "1.1") && holds("[1.0,2.0) || > 3, < 4", "3.5"));
        assert!(holds("1.0", "1") && !holds("1.0", "1.1"));
    }
}
