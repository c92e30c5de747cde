//! npm versions and ranges, as node-semver reads them without options.
//!
//! Follows <https://github.com/npm/node-semver> (`internal/re.js`, `classes/range.js`). Versions
//! are read loosely (`v1.2.3`, `= 1.2.3`, `1.2.3beta`), and numbers may have any length.

use std::cmp::Ordering;

use super::semver::{self, Partial, Rules, Version};
use super::{Scheme, numbers};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

const LOOSE: Rules =
    Rules { least: 3, most: 3, before_pre: 3, leading_zeros: true, bare_pre: true };

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
        if count > 2 * MAX_COMPARATORS {
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
    let text = text.trim();
    let text = text.trim_start_matches(|c: char| c == 'v' || c == '=' || c.is_whitespace());
    semver::parse(text, &LOOSE)
}

fn parse_alternative(text: &str) -> Option<Vec<Comparator>> {
    if let Some(comparators) = parse_hyphen(text) {
        return comparators;
    }
    let mut comparators = Vec::new();
    let mut rest = text;
    while let Some((sign, version)) = next_item(&mut rest) {
        comparators.extend(desugar(sign, Partial::parse(version)?)?);
        if comparators.len() > 2 * MAX_COMPARATORS {
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

/// Reads `1.2 - 2.3`; `None` when there is no hyphen with blanks around it.
fn parse_hyphen(text: &str) -> Option<Option<Vec<Comparator>>> {
    let (from, to) = text.trim().split_once(" - ")?;
    let partial = |text: &str| {
        let text = text.trim().trim_start_matches(|c: char| c == 'v' || c == '=' || c == ' ');
        let (word, behind) = numbers::take_while(text, |c| !c.is_whitespace());
        if behind.is_empty() {
            Partial::parse(word).map(|p| (p.is_full(), p.lowest(), word.to_owned()))
        } else {
            None
        }
    };
    let (Some((_, lowest, _)), Some((full, highest, word))) = (partial(from), partial(to)) else {
        return Some(None);
    };
    let mut comparators = vec![Comparator::new(Op::GreaterEqual, lowest)];
    if full {
        comparators.push(Comparator::new(Op::LessEqual, highest));
    } else {
        comparators.extend(Partial::parse(&word)?.inequality("<="));
    }
    Some(Some(comparators))
}

/// Turns one comparator of the syntax into plain ones.
fn desugar(sign: &str, partial: Partial<'_>) -> Option<Vec<Comparator>> {
    match sign {
        "^" => Some(partial.caret()),
        "~" | "~>" => Some(partial.tilde()),
        "" | "=" | "==" if partial.is_full() => {
            Some(vec![Comparator::new(Op::Equal, partial.lowest())])
        }
        "" | "=" | "==" => Some(partial.wildcard()),
        "<" | "<=" | ">" | ">=" if partial.is_full() => {
            Some(vec![Comparator::new(range::take_op(sign).0, partial.lowest())])
        }
        "<" | "<=" | ">" | ">=" => Some(partial.inequality(sign)),
        _ => None,
    }
}
