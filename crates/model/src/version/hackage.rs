//! Hackage: numbers parted by `.`, compared one by one; the longer is newer.
//!
//! Follows `Data.Version` of base and the version ranges of Cabal,
//! <https://cabal.readthedocs.io/en/stable/cabal-package-description-file.html#pkg-field-build-depends>.

use std::cmp::Ordering;

use super::terms::{any_holds, op, parse_alternatives};
use super::{Scheme, numbers};
use crate::range::{Comparator, Op, Range};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    Some(super::cran::compare_parts(a.trim().split('.'), b.trim().split('.')))
}

pub(super) fn is_valid(version: &str) -> bool {
    version.trim().split('.').all(numbers::only)
}

/// Reads `>=1.2 && <1.3 || ==2.0.*`, `^>=1.2.3` and `-any`; a comma or blank is AND too.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    parse_alternatives(Scheme::Hackage, &text.replace("&&", ","), read_term)
}

fn read_term(operator: &str, version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    if operator.is_empty() && matches!(version, "*" | "-any") {
        return Some(());
    }
    if let Some(prefix) = version.strip_suffix(".*") {
        let op = if op(operator)? == Op::Equal { Op::Prefix } else { return None };
        into.push(Comparator::new(op, is_valid(prefix).then_some(prefix)?));
        return Some(());
    }
    if !is_valid(version) {
        return None;
    }
    if operator == "^>=" {
        into.push(Comparator::new(Op::GreaterEqual, version));
        into.push(Comparator::new(Op::Less, next_major(version)));
        return Some(());
    }
    into.push(Comparator::new(op(operator)?, version));
    Some(())
}

/// Returns the first version of the next major, which in Haskell is the first two numbers: `1.3`
/// for `1.2.5`, and `1.1` for `1`.
fn next_major(version: &str) -> String {
    let mut parts = version.split('.');
    let (first, second) = (parts.next().unwrap_or("0"), parts.next().unwrap_or("0"));
    format!("{first}.{}", numbers::next(second))
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    if range.plain {
        return crate::range::contains_plain(range, version);
    }
    let version = version.trim();
    if !is_valid(version) {
        return None;
    }
    any_holds(range, |comparator| match comparator.op {
        Op::Prefix => Some(begins_with(version, &comparator.version)),
        op => Some(op.holds(compare(version, &comparator.version)?)),
    })
}

fn begins_with(version: &str, prefix: &str) -> bool {
    let mut parts = version.split('.');
    prefix.split('.').all(|wanted| {
        parts.next().is_some_and(|part| numbers::compare(part, wanted) == Ordering::Equal)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        contains(&parse_range(range).unwrap(), version).unwrap()
    }

    #[test]
    fn cabal_ranges() {
        assert!(holds(">=1.2 && <1.3 || ==2.0.*", "1.2.9"));
        assert!(holds(">=1.2 && <1.3 || ==2.0.*", "2.0.7"));
        assert!(!holds(">=1.2 && <1.3 || ==2.0.*", "2.1"));
        assert!(holds("^>=1.2.3", "1.2.4") && !holds("^>=1.2.3", "1.3"));
        assert!(holds("^>=1", "1.0.5") && !holds("^>=1", "1.1"));
        assert!(holds("-any", "0") && holds("", "0"));
        for text in [">=", ">=x", "!=1.*", "~>1"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
