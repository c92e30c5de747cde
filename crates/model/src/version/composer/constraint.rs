//! Composer's constraints: `^1.2`, `~1.2`, `1.2.*`, `1.0 - 2.0`, comparators, `||`.
//!
//! Follows `parseConstraint` of <https://github.com/composer/semver> and
//! <https://getcomposer.org/doc/articles/versions.md>. Bounds are kept in their normal form; where
//! a constraint names no stability, `<` and `>=` begin at the `-dev` of the version.

use std::cmp::Ordering;

use super::{BRANCH, compare_normal, join, normalize, read_modifier, split_flag, take_numbers};
use crate::range::{Comparator, MAX_COMPARATORS, Op, Range};
use crate::version::terms::{any_holds, op as plain_op, terms};
use crate::version::{MAX_VERSION_BYTES, Scheme, numbers};

/// Reads `^1.2 || >=3.0 <3.4, !=3.2.1 | 4.x`; blanks and commas are AND.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    let mut count = 0;
    for alternative in text.split("||").flat_map(|part| part.split('|')) {
        let comparators = read_alternative(alternative)?;
        count += comparators.len().max(1);
        alternatives.push(comparators);
        if count > MAX_COMPARATORS {
            return None;
        }
    }
    Some(Range::native(Scheme::Composer, alternatives))
}

fn read_alternative(text: &str) -> Option<Vec<Comparator>> {
    let mut comparators = Vec::new();
    let mut terms = terms(text).peekable();
    while let Some((operator, version)) = terms.next() {
        if terms.next_if_eq(&("", "-")).is_some() {
            let ("", to) = terms.next()? else { return None };
            read_hyphen(operator.is_empty().then_some(version)?, to, &mut comparators)?;
        } else {
            read_term(operator, version, &mut comparators)?;
        }
        if terms.next_if_eq(&("", "as")).is_some() {
            terms.next()?;
        }
        if version.len() > MAX_VERSION_BYTES || comparators.len() > MAX_COMPARATORS {
            return None;
        }
    }
    Some(comparators)
}

fn read_term(operator: &str, version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    let (version, flag) = split_flag(version);
    let version = match version.split_once('#') {
        Some((branch, _)) if branch.starts_with(BRANCH) || branch.ends_with(".x-dev") => branch,
        _ => version,
    };
    match operator {
        "^" => read_caret(version, into),
        "~" => read_tilde(version, into),
        "" if version.is_empty() => None,
        "" if is_wildcard(version) => {
            if version.len() > 1 {
                into.push(Comparator::new(Op::GreaterEqual, "0.0.0.0-dev"));
            }
            Some(())
        }
        "" if version.ends_with(['x', 'X', '*']) => read_wildcard(version, into),
        _ => read_comparison(operator, version, flag, into),
    }
}

/// Returns whether the text is `*`, `x`, `v*` or `x.x`.
fn is_wildcard(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    text.split('.').all(|part| matches!(part, "x" | "X" | "*"))
}

/// `~1.2` lets the last number grow.
fn read_tilde(version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    let bound = Bound::parse(version)?;
    into.push(Comparator::new(Op::GreaterEqual, bound.low()));
    let position = bound.numbers.len().saturating_sub(1).max(1);
    into.push(Comparator::new(Op::Less, next(&bound.numbers, position)));
    Some(())
}

/// `^1.2` lets all behind the first number that is not zero grow.
fn read_caret(version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    let bound = Bound::parse(version)?;
    into.push(Comparator::new(Op::GreaterEqual, bound.low()));
    let counts = |number: &&str| numbers::compare(number, "0") != Ordering::Equal;
    let first = bound.numbers.iter().position(counts).map_or(bound.numbers.len(), |at| at + 1);
    into.push(Comparator::new(
        Op::Less,
        next(&bound.numbers, first.min(bound.numbers.len()).min(3)),
    ));
    Some(())
}

/// `1.2.*`
fn read_wildcard(version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    let version = version.strip_prefix(['v', 'V']).unwrap_or(version);
    let (mut numbers, rest) = take_numbers(version)?;
    let wild = rest.strip_prefix('.').is_some_and(is_wildcard);
    if !wild || numbers.len() > 3 {
        return None;
    }
    numbers.truncate(3);
    let low = join(&numbers) + "-dev";
    into.push(Comparator::new(Op::GreaterEqual, low));
    into.push(Comparator::new(Op::Less, next(&numbers, numbers.len())));
    Some(())
}

/// `1.0 - 2.0`: what the upper end leaves out may be anything.
fn read_hyphen(from: &str, to: &str, into: &mut Vec<Comparator>) -> Option<()> {
    let (from, to) = (Bound::parse(from)?, Bound::parse(to)?);
    into.push(Comparator::new(Op::GreaterEqual, from.low()));
    if to.numbers.len() > 2 || !to.stability.is_empty() {
        into.push(Comparator::new(Op::LessEqual, join(&to.numbers) + &to.stability));
    } else {
        into.push(Comparator::new(Op::Less, next(&to.numbers, to.numbers.len())));
    }
    Some(())
}

fn read_comparison(
    operator: &str,
    text: &str,
    flag: &str,
    into: &mut Vec<Comparator>,
) -> Option<()> {
    let op = plain_op(operator)?;
    let mut version = match normalize(text) {
        Some(version) => version,
        None => text.strip_suffix("-dev").and_then(|name| normalize(&format!("{BRANCH}{name}")))?,
    };
    let stable = !version.contains('-');
    let branch = version.starts_with(BRANCH);
    let names_stability = text.contains('-') && (!stable || ends_in_stable(text));
    if op != Op::Equal && stable && !flag.is_empty() && !flag.eq_ignore_ascii_case("stable") {
        version = format!("{version}-{}", flag.to_lowercase().replace("rc", "RC"));
    } else if matches!(op, Op::Less | Op::GreaterEqual) && !branch && !names_stability {
        version.push_str("-dev");
    }
    into.push(Comparator::new(op, version));
    Some(())
}

fn ends_in_stable(text: &str) -> bool {
    text.to_ascii_lowercase().ends_with("-stable")
}

/// A version as `^`, `~` and ` - ` take it.
struct Bound<'a> {
    numbers: Vec<&'a str>,
    /// `-beta3`, or empty.
    stability: String,
}

impl<'a> Bound<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = split_flag(text).0;
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, rest) = take_numbers(text.strip_prefix(['v', 'V']).unwrap_or(text))?;
        Some(Self { numbers, stability: read_modifier(rest)? })
    }

    fn low(&self) -> String {
        let stability = if self.stability.is_empty() { "-dev" } else { &self.stability };
        join(&self.numbers) + stability
    }
}

/// Returns the lowest version whose number at the position (from 1) is one more: `1.3.0.0-dev` for
/// `1.2.5` and 2.
fn next(numbers: &[&str], position: usize) -> String {
    let mut raised: Vec<String> =
        numbers.iter().take(position).map(|number| (*number).to_owned()).collect();
    if let Some(last) = raised.last_mut() {
        *last = numbers::next(last);
    }
    join(&raised) + "-dev"
}

pub(super) fn contains(range: &Range, text: &str) -> Option<bool> {
    if range.plain {
        return crate::range::contains_plain(range, text);
    }
    let version = normalize(text)?;
    any_holds(range, |comparator| Some(holds(&version, comparator)))
}

/// A branch is only ever the same as another or not; it is never above or below anything.
fn holds(version: &str, Comparator { op, version: bound }: &Comparator) -> bool {
    if !version.starts_with(BRANCH) && !bound.starts_with(BRANCH) {
        return op.holds(compare_normal(version, bound));
    }
    match op {
        Op::Equal => version == bound,
        Op::NotEqual => version != bound,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        contains(&parse_range(range).unwrap(), version).unwrap()
    }

    #[test]
    fn hyphens_and_wildcards() {
        assert!(holds("1.0 - 2.0", "2.0.9") && !holds("1.0 - 2.0", "2.1"));
        assert!(holds("1.0.0 - 2.0.0", "2.0.0") && !holds("1.0.0 - 2.0.0", "2.0.1"));
        assert!(holds("0.*", "0.5") && !holds("0.*", "1.0") && holds("1.2.x", "1.2.3-alpha"));
    }

    #[test]
    fn carets_and_tildes() {
        assert!(holds("^0.0.3", "0.0.3") && !holds("^0.0.3", "0.0.4"));
        assert!(holds("^0", "0.9") && !holds("^0", "1.0") && holds("^0.0", "0.0.9"));
        assert!(holds("~1.2.3", "1.2.9") && !holds("~1.2.3", "1.3") && holds("~1.2", "1.9"));
        assert!(!holds("^1.2", "2.0-beta") && holds("^1.2", "1.2-beta"));
    }

    #[test]
    fn branches_and_flags() {
        assert!(
            holds("dev-main", "dev-main") && !holds(">=1.0", "dev-main") && holds("*", "dev-x")
        );
        assert!(holds("dev-main#abc123", "dev-main") && holds("1.x-dev", "1.x-dev"));
        assert!(
            holds(">1.0@dev", "1.0") && !holds(">1.0", "1.0") && holds("dev-a as 1.0", "dev-a")
        );
        assert!(!holds(">=1.0-stable", "1.0-beta") && holds(">=1.0", "1.0-beta"));
    }

    #[test]
    fn broken_constraints_are_refused() {
        for text in ["~>1.2", ">=", "1.0 -", "- 2.0", "^x", ">=1.2.*", "1.2.3.4.*", "foo"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
        assert!(parse_range(&">1 ".repeat(MAX_COMPARATORS)).is_some());
        assert!(parse_range(&">1 ".repeat(MAX_COMPARATORS + 1)).is_none());
        assert!(parse_range(&"1".repeat(MAX_VERSION_BYTES)).is_some());
        assert!(parse_range(&"1".repeat(MAX_VERSION_BYTES + 1)).is_none());
    }
}
