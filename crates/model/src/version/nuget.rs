//! NuGet: one to four numbers, then pre-release labels of Semantic Versioning whatever their case;
//! build metadata does not count.
//!
//! Follows <https://learn.microsoft.com/en-us/nuget/concepts/package-versioning>.

use std::cmp::Ordering;

use super::{Scheme, numbers, terms};
use crate::range::{Op, Range};

const MAX_NUMBERS: usize = 4;
/// The largest number that NuGet reads, a 32-bit integer.
const MAX_NUMBER: &str = "2147483647";

struct Version<'a> {
    numbers: &'a str,
    pre: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(
        terms::compare_padded(a.numbers, b.numbers)
            .then_with(|| terms::compare_labels(a.pre, b.pre)),
    )
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads intervals (`[1.0,2.0)`), a bare version, which is the least one wanted, and comparators
/// (`>= 1.0, < 2.0`) as advisories write them.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut range = terms::parse_with_intervals(Scheme::Nuget, text)?;
    if is_valid(text)
        && let Some(comparator) = range.alternatives.first_mut().and_then(|all| all.first_mut())
    {
        comparator.op = Op::GreaterEqual;
    }
    Some(range)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    let (text, metadata) = match text.split_once('+') {
        Some((text, metadata)) => (text, Some(metadata)),
        None => (text, None),
    };
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, Some(pre)),
        None => (text, None),
    };
    let labels = pre.is_none_or(terms::are_labels) && metadata.is_none_or(terms::are_labels);
    (labels && are_numbers(numbers)).then_some(Version { numbers, pre })
}

/// Returns whether these are up to four numbers that NuGet can hold. Where even the first cannot be
/// held, the version is from elsewhere (osv.dev orders such), and digits are taken as they come.
fn are_numbers(text: &str) -> bool {
    let fits = |number: &str| numbers::compare(number, MAX_NUMBER) != Ordering::Greater;
    let mut parts = text.split('.');
    let foreign = parts.clone().next().is_some_and(|first| !fits(first));
    let mut count = 0;
    parts.all(|part| {
        count += 1;
        count <= MAX_NUMBERS && numbers::only(part) && (foreign || fits(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(range: &str, version: &str) -> bool {
        contains(&parse_range(range).unwrap(), version).unwrap()
    }

    #[test]
    fn labels_and_numbers() {
        assert_eq!(compare("1.0-ALPHA.2", "1.0.0.0-alpha.10+x"), Some(Ordering::Less));
        assert_eq!(compare("1.0", "1.0.0.1"), Some(Ordering::Less));
        for text in ["", "v1", "1.2.3.4.5", "1.2147483648", "1.0-", "1.0+", "1.0-é"] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn ranges_in_both_syntaxes() {
        assert!(holds("1.0", "1.5") && !holds("= 1.0", "1.5") && holds("[1.0]", "1.0.0"));
        assert!(holds("[1.0,2.0)", "2.0-beta") && !holds("(1.0,2.0)", "1.0"));
        assert!(holds(">= 1.0, < 2.0 || [3.0,)", "3.1") && !holds(">= 1.0, < 2.0 || [3.0,)", "2"));
    }
}
