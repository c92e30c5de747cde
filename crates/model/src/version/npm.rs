//! npm versions and ranges, as node-semver reads them without options.
//!
//! Follows <https://github.com/npm/node-semver> (`internal/re.js`, `classes/range.js`). Versions
//! are read loosely (`v1.2.3`, `= 1.2.3`, `1.2.3beta`), and numbers may have any length.

use std::cmp::Ordering;

use super::Scheme;
use super::semver::{self, BarePre, Partial, Rules, Version};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

const LOOSE: Rules =
    Rules { least: 3, most: 3, before_pre: 3, leading_zeros: true, bare_pre: BarePre::Joined };

/// Compares by SemVer precedence.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(parse(a)?.compare(&parse(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads `^1.2 || ~0.3.1 >=0.3.4 || 1.0 - 2.x`; a comma is a blank. An alternative that cannot be
/// read holds nothing; where none can, the text is not a range.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    let mut count = 0;
    for alternative in text.split("||") {
        let Some(comparators) = parse_alternative(alternative) else { continue };
        count += comparators.len() + 1;
        if count > MAX_COMPARATORS {
            return None;
        }
        alternatives.push(comparators);
    }
    (!alternatives.is_empty()).then(|| Range::native(Scheme::Npm, alternatives))
}

/// Evaluates; a pre-release lies only in an alternative that names a pre-release of the same
/// release, unless the range is plain.
pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    if range.plain {
        return range::contains_plain(range, version);
    }
    let version = parse(version)?;
    for alternative in &range.alternatives {
        let mut all = true;
        let mut pre_named = version.pre.is_empty();
        for Comparator { op, version: bound } in alternative {
            let bound = parse(bound)?;
            all &= op.holds(version.compare(&bound));
            pre_named |= !bound.pre.is_empty()
                && semver::compare_release(bound.release, version.release) == Ordering::Equal;
        }
        if all && pre_named {
            return Some(true);
        }
    }
    Some(false)
}

fn parse(text: &str) -> Option<Version<'_>> {
    semver::parse(bare(text), &LOOSE)
}

/// Cuts blanks around, and `v` and `=` in front.
fn bare(text: &str) -> &str {
    text.trim_end().trim_start_matches(|c: char| c == 'v' || c == '=' || c.is_whitespace())
}

fn parse_alternative(text: &str) -> Option<Vec<Comparator>> {
    if let Some((from, to)) = text.trim().split_once(" - ") {
        return parse_hyphen(from, to);
    }
    let mut comparators = Vec::new();
    let mut rest = text;
    while let Some((sign, version)) = next_item(&mut rest) {
        comparators.extend(desugar(sign, Partial::parse(version)?)?);
        if comparators.len() > MAX_COMPARATORS {
            return None;
        }
    }
    Some(comparators)
}

/// Takes `>= v1.2` off the front: the signs, and the version without its `v`.
fn next_item<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let (sign, version) = semver::next_item(rest)?;
    if version != "v" {
        return Some((sign, version.strip_prefix('v').unwrap_or(version)));
    }
    // `v 1.2.3`: the number is the next word.
    match semver::next_item(rest)? {
        ("", version) => Some((sign, version)),
        _ => None,
    }
}

/// Reads the two sides of `1.2 - 2.3`.
fn parse_hyphen(from: &str, to: &str) -> Option<Vec<Comparator>> {
    let (from, to) = (Partial::parse(bare(from))?, Partial::parse(bare(to))?);
    let mut comparators = vec![Comparator::new(Op::GreaterEqual, from.lowest())];
    if to.is_full() {
        comparators.push(Comparator::new(Op::LessEqual, to.lowest()));
    } else {
        comparators.extend(to.inequality("<="));
    }
    Some(comparators)
}

/// Turns one comparator of the syntax into plain ones. As in node-semver, any number of `=` may
/// stand before the version, and `^1.x.3` is read where `1.x.3` is not.
fn desugar(sign: &str, partial: Partial<'_>) -> Option<Vec<Comparator>> {
    let bare = sign.trim_end_matches('=');
    let sign = match (bare, sign.len() > bare.len()) {
        (">", true) => ">=",
        ("<", true) => "<=",
        _ => bare,
    };
    match sign {
        "^" => Some(partial.caret()),
        "~" | "~>" => Some(partial.tilde()),
        _ if partial.is_holey() => None,
        "" if partial.is_full() => Some(vec![Comparator::new(Op::Equal, partial.lowest())]),
        "" => Some(partial.wildcard()),
        "<" | "<=" | ">" | ">=" if partial.is_full() => {
            Some(vec![Comparator::new(range::take_op(sign).0, partial.lowest())])
        }
        "<" | "<=" | ">" | ">=" => Some(partial.inequality(sign)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> Option<bool> {
        contains(&parse_range(range)?, version)
    }

    #[test]
    fn pre_releases_need_one_of_the_same_release_in_their_alternative() {
        assert_eq!(holds("^1.2.3-beta.2", "1.2.3-beta.4"), Some(true));
        assert_eq!(holds("^1.2.3-beta.2", "1.2.4-beta.4"), Some(false));
        assert_eq!(holds(">1.2.3-beta || <3", "1.2.4-beta"), Some(false));
        assert_eq!(holds("*", "1.0.0-rc.1"), Some(false));
    }

    #[test]
    fn unreadable_alternatives_hold_nothing() {
        assert_eq!(holds("1.0.0 || foo", "1.0.0"), Some(true));
        assert_eq!(holds("1.0.0 || foo", "2.0.0"), Some(false));
        for range in ["foo", "1.2.3.4", "x.1", "=>1", "!=1", "1 - foo"] {
            assert!(parse_range(range).is_none(), "{range}");
        }
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&"^1 ".repeat(MAX_COMPARATORS + 1)).is_none());
        assert!(parse_range(&"||".repeat(MAX_COMPARATORS)).is_none());
    }
}
