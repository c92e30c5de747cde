//! What the range syntaxes of the language ecosystems share: terms such as `>= 1.2`, and the
//! intervals `[1.0,2.0)` of Maven and NuGet.

use std::cmp::Ordering;

use super::{MAX_VERSION_BYTES, Scheme, numbers};
use crate::range::{Comparator, MAX_COMPARATORS, Op, Range};

/// The signs that operators are made of.
const SIGNS: &str = "<>=!~^";

/// Cuts an alternative into its terms: the operator (it may be empty) and the version after it.
/// Blanks and commas part terms; blanks may stand between operator and version.
///
/// `>= 1.2, <2 3` gives `(">=", "1.2")`, `("<", "2")`, `("", "3")`.
pub(super) fn terms(alternative: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = |c: char| c.is_whitespace() || c == ',';
    let mut rest = alternative.trim_start_matches(parts);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let sign_end = rest.find(|c| !SIGNS.contains(c)).unwrap_or(rest.len());
        let (operator, after) = rest.split_at(sign_end);
        let after = after.trim_start();
        let (version, after) = after.split_at(after.find(parts).unwrap_or(after.len()));
        rest = after.trim_start_matches(parts);
        Some((operator, version))
    })
}

/// Reads alternatives parted by `||`; `read_term` turns each term into comparators or refuses it.
pub(super) fn parse_alternatives(
    scheme: Scheme,
    text: &str,
    mut read_term: impl FnMut(&str, &str, &mut Vec<Comparator>) -> Option<()>,
) -> Option<Range> {
    let mut alternatives = Vec::new();
    let mut count = 0;
    for alternative in text.split("||") {
        let mut comparators = Vec::new();
        for (operator, version) in terms(alternative) {
            read_term(operator, version, &mut comparators)?;
            let too_long = version.len() > MAX_VERSION_BYTES;
            if too_long || count + comparators.len() > MAX_COMPARATORS {
                return None;
            }
        }
        count += comparators.len().max(1);
        alternatives.push(comparators);
        if count > MAX_COMPARATORS {
            return None;
        }
    }
    Some(Range::native(scheme, alternatives))
}

/// Reads the operators that all syntaxes know; none means `=`.
pub(super) fn op(operator: &str) -> Option<Op> {
    Some(match operator {
        "" | "=" | "==" => Op::Equal,
        "!=" | "<>" => Op::NotEqual,
        "<" => Op::Less,
        "<=" => Op::LessEqual,
        ">" => Op::Greater,
        ">=" => Op::GreaterEqual,
        _ => return None,
    })
}

/// Returns whether any alternative holds, each asking for all of its comparators; `None` when one
/// of them could not be judged.
pub(super) fn any_holds(
    range: &Range,
    mut holds: impl FnMut(&Comparator) -> Option<bool>,
) -> Option<bool> {
    for alternative in &range.alternatives {
        let mut all = true;
        for comparator in alternative {
            all = all && holds(comparator)?;
        }
        if all {
            return Some(true);
        }
    }
    Some(false)
}

/// Compares numbers parted by `.`, one by one; a missing number is zero: `1.2` equals `1.2.0`.
pub(super) fn compare_padded(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => numbers::compare(a.unwrap_or("0"), b.unwrap_or("0")),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Returns whether the text is labels of Semantic Versioning: `[0-9A-Za-z-]+` parted by `.`.
pub(super) fn are_labels(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// Compares pre-release labels as Semantic Versioning does, but whatever the case of letters; no
/// label at all is newest.
pub(super) fn compare_labels(a: Option<&str>, b: Option<&str>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_none().cmp(&b.is_none()) };
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (Some(a), Some(b)) => match (numbers::only(a), numbers::only(b)) {
                (true, true) => numbers::compare(a, b),
                (false, false) => compare_ignoring_case(a, b),
                (a, b) => b.cmp(&a),
            },
            (None, None) => return Ordering::Equal,
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Compares letter by letter, ASCII capitals as small letters.
pub(super) fn compare_ignoring_case(a: &str, b: &str) -> Ordering {
    a.bytes()
        .map(|byte| byte.to_ascii_lowercase())
        .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// Reads alternatives parted by `||`, each either intervals or comparators.
pub(super) fn parse_with_intervals(scheme: Scheme, text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    for alternative in text.split("||") {
        if alternative.trim_start().starts_with(['[', '(']) {
            alternatives.extend(intervals(scheme, alternative)?);
        } else {
            alternatives.extend(crate::range::parse_plain(scheme, alternative)?.alternatives);
        }
        if alternatives.len() > MAX_COMPARATORS {
            return None;
        }
    }
    Some(Range { scheme, alternatives, plain: true })
}

/// Reads intervals, OR-ed, as Maven and NuGet write them: `(,1.0],[1.2,)`, `[1.0]`.
fn intervals(scheme: Scheme, text: &str) -> Option<Vec<Vec<Comparator>>> {
    let mut alternatives = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find([']', ')'])?;
        alternatives.push(interval(scheme, &rest[..=end])?);
        rest = rest[end + 1..].trim_start();
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            if rest.is_empty() {
                return None;
            }
        }
    }
    (!alternatives.is_empty()).then_some(alternatives)
}

fn interval(scheme: Scheme, text: &str) -> Option<Vec<Comparator>> {
    let (opens, closes) = (text.chars().next()?, text.chars().next_back()?);
    if !matches!(opens, '[' | '(') {
        return None;
    }
    let inside = &text[1..text.len() - 1];
    let Some((low, high)) = inside.split_once(',') else {
        let version = inside.trim();
        let exact = opens == '[' && closes == ']' && scheme.is_valid(version);
        return exact.then(|| vec![Comparator::new(Op::Equal, version)]);
    };
    let low_op = if opens == '[' { Op::GreaterEqual } else { Op::Greater };
    let high_op = if closes == ']' { Op::LessEqual } else { Op::Less };
    let mut comparators = Vec::with_capacity(2);
    for (op, bound) in [(low_op, low.trim()), (high_op, high.trim())] {
        if bound.is_empty() {
            continue;
        }
        if bound.contains(',') || !scheme.is_valid(bound) {
            return None;
        }
        comparators.push(Comparator::new(op, bound));
    }
    Some(comparators)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_cut() {
        let cut: Vec<_> = terms(" >= 1.2, <2  3,").collect();
        assert_eq!(cut, [(">=", "1.2"), ("<", "2"), ("", "3")]);
        assert_eq!(terms(" , ").count(), 0);
    }

    #[test]
    fn broken_intervals_are_refused() {
        for text in
            ["", "[", "[]", "(1.0)", "[1.0,2.0", "[1.0,2.0),", "1.0,2.0]", "[1,2,3]", "[1) x"]
        {
            assert_eq!(intervals(Scheme::Maven, text), None, "{text}");
        }
        assert_eq!(intervals(Scheme::Maven, "(,1.0],[1.2,)").map(|all| all.len()), Some(2));
    }
}
