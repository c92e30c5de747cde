//! Semantic Versioning 2, and what its relatives (npm, Cargo, Hex, pub, Swift, Go) share.
//!
//! Follows <https://semver.org/spec/v2.0.0.html>. The scheme itself is lenient, since advisories
//! are: a `v` in front, any number of numbers (`1.2` is 1.2.0), and a pre-release without its
//! hyphen (`1.20rc1`, `1.0.0.beta`) are read.

use std::cmp::Ordering;

use super::{Scheme, numbers};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

mod partial;

pub(super) use partial::Partial;

/// What a relative takes for a version.
pub(super) struct Rules {
    /// Fewest numbers in front.
    pub(super) least: usize,
    /// Most numbers in front.
    pub(super) most: usize,
    /// Numbers that must be there before a pre-release or a build may follow.
    pub(super) before_pre: usize,
    /// Whether `01` is a number.
    pub(super) leading_zeros: bool,
    /// How a pre-release may begin without its hyphen.
    pub(super) bare_pre: BarePre,
}

/// How a pre-release may begin without its hyphen.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum BarePre {
    /// Not at all.
    Never,
    /// Right behind the numbers: `1.2.3beta`.
    Joined,
    /// So, or behind a dot: `1.2.3.beta`.
    Dotted,
}

/// SemVer to the letter.
pub(super) const STRICT: Rules =
    Rules { least: 3, most: 3, before_pre: 3, leading_zeros: false, bare_pre: BarePre::Never };

const LENIENT: Rules = Rules {
    least: 1,
    most: usize::MAX,
    before_pre: 1,
    leading_zeros: true,
    bare_pre: BarePre::Dotted,
};

/// A version in its parts, as they stand in the text.
#[derive(Clone, Copy)]
pub(super) struct Version<'a> {
    /// Numbers with dots between: `1.2.3`.
    pub(super) release: &'a str,
    /// Empty where there is none.
    pub(super) pre: &'a str,
    /// Empty where there is none. No order but pub's looks at it.
    pub(super) build: &'a str,
}

/// Compares by SemVer precedence; missing numbers are 0.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(lenient(a)?.compare(&lenient(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    lenient(version).is_some()
}

/// Reads comparators by plain order (`<1.0.0` holds 1.0.0-rc.1), `^1.2`, `~1.2` and wildcards as
/// in `1.x`; `2.1` is `=2.1.0`.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    let mut count = 0;
    for alternative in text.split("||") {
        let mut comparators = Vec::new();
        let mut rest = alternative;
        while let Some((sign, version)) = next_item(&mut rest) {
            comparators.extend(read_item(sign, version)?);
        }
        count += comparators.len() + 1;
        if count > MAX_COMPARATORS {
            return None;
        }
        alternatives.push(comparators);
    }
    Some(Range { scheme: Scheme::Semver, alternatives, plain: true })
}

/// Evaluates by plain order; `!=4.2.x` looks at the first two numbers.
pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    let version = lenient(version)?;
    for alternative in &range.alternatives {
        let mut all = true;
        for Comparator { op, version: bound } in alternative {
            let bound = lenient(bound)?;
            all &= op.holds(match op {
                Op::Prefix | Op::NotPrefix => compare_front(version.release, bound.release),
                _ => version.compare(&bound),
            });
        }
        if all {
            return Some(true);
        }
    }
    Some(false)
}

fn lenient(text: &str) -> Option<Version<'_>> {
    parse(text.strip_prefix(['v', 'V']).unwrap_or(text), &LENIENT)
}

/// Takes `>= 1.2` off the front: the signs and what follows them.
pub(super) fn next_item<'a>(rest: &mut &'a str) -> Option<(&'a str, &'a str)> {
    let separator = |c: char| c == ',' || c.is_ascii_whitespace();
    let text = rest.trim_start_matches(separator);
    if text.is_empty() {
        return None;
    }
    let (sign, behind) = numbers::take_while(text, |c| "<>=!~^".contains(c));
    let (version, behind) =
        numbers::take_while(behind.trim_start(), |c| !separator(c) && !"<>=!~^".contains(c));
    *rest = behind;
    Some((sign, version))
}

fn read_item(sign: &str, text: &str) -> Option<Vec<Comparator>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let partial = Partial::parse(text);
    let wild = text.split('.').any(is_wildcard);
    match (sign, partial) {
        ("^", Some(partial)) => Some(partial.caret()),
        ("~" | "~>", Some(partial)) => Some(partial.tilde()),
        ("" | "=" | "==", Some(partial)) if wild => Some(partial.wildcard()),
        ("<" | "<=" | ">" | ">=", Some(partial)) if wild => Some(partial.inequality(sign)),
        ("!=", Some(partial)) if wild => partial.not_wildcard(),
        _ => {
            let (op, "") = range::take_op(sign) else { return None };
            is_valid(text).then(|| vec![Comparator::new(op, text)])
        }
    }
}

/// Reads `1.2.3-pre+build` by the rules.
pub(super) fn parse<'a>(text: &'a str, rules: &Rules) -> Option<Version<'a>> {
    let (release, mut rest) = take_release(text);
    let is_number = |n: &str| !n.is_empty() && (rules.leading_zeros || !has_leading_zero(n));
    let count = release.split('.').count();
    let fits = (rules.least..=rules.most).contains(&count) && release.split('.').all(is_number);
    if !fits || (!rest.is_empty() && count < rules.before_pre) {
        return None;
    }
    let (mut pre, mut build) = ("", "");
    if let Some((front, behind)) = rest.split_once('+') {
        build = are_identifiers(behind).then_some(behind)?;
        rest = front;
    }
    if !rest.is_empty() {
        pre = match rest.strip_prefix('-') {
            Some(pre) => pre,
            None => match rules.bare_pre {
                BarePre::Never => return None,
                BarePre::Joined => rest,
                BarePre::Dotted => rest.strip_prefix('.').unwrap_or(rest),
            },
        };
        let strict = rules.leading_zeros || !pre.split('.').any(is_padded_number);
        if !are_identifiers(pre) || !strict {
            return None;
        }
    }
    Some(Version { release, pre, build })
}

/// Takes digits with single dots between off the front.
fn take_release(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let dot_inside = *byte == b'.' && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if !(byte.is_ascii_digit() || (dot_inside && end > 0)) {
            break;
        }
        end += 1;
    }
    text.split_at(end)
}

fn has_leading_zero(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0')
}

fn is_padded_number(identifier: &str) -> bool {
    has_leading_zero(identifier) && numbers::only(identifier)
}

fn are_identifiers(text: &str) -> bool {
    text.split('.').all(|identifier| {
        !identifier.is_empty()
            && identifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

impl Version<'_> {
    /// Compares by precedence: numbers, then pre-release; the build does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        compare_release(self.release, other.release).then_with(|| compare_pre(self.pre, other.pre))
    }
}

/// Compares numbers one by one; missing ones are 0.
pub(super) fn compare_release(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => numbers::compare(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Compares the numbers that both have.
pub(super) fn compare_front(a: &str, b: &str) -> Ordering {
    a.split('.')
        .zip(b.split('.'))
        .map(|(a, b)| numbers::compare(a, b))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}

/// Compares pre-releases; none is the greatest.
pub(super) fn compare_pre(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return a.is_empty().cmp(&b.is_empty());
    }
    compare_identifiers(a, b)
}

/// Compares dotted identifiers: numbers by value and below texts, fewer below more.
pub(super) fn compare_identifiers(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) => match (numbers::only(a), numbers::only(b)) {
                (true, true) => numbers::compare(a, b),
                (false, false) => a.cmp(b),
                (number, _) => (!number).cmp(&number),
            },
            (a, b) => a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Returns whether the part of a version stands for any.
pub(super) fn is_wildcard(part: &str) -> bool {
    matches!(part, "x" | "X" | "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_forms_are_read() {
        for (a, b) in [("v1.2", "1.2.0"), ("1.20rc1", "1.20.0-rc1"), ("1.0.0.beta", "1.0.0-beta")] {
            assert_eq!(compare(a, b), Some(Ordering::Equal), "{a}");
        }
        for version in ["", "1..2", "1.", "-1", "1.0-", "1.0+", "1.0-a_b"] {
            assert!(!is_valid(version), "{version}");
        }
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&"^1 ".repeat(MAX_COMPARATORS)).is_none());
        assert!(parse_range(&"||".repeat(MAX_COMPARATORS)).is_none());
    }
}
