//! Bitnami components: Semantic Versioning with any count of numbers, and a build counter `-N` at
//! the end that says nothing of the software and is left out.
//!
//! Follows the records of <https://github.com/bitnami/vulndb>: `2.3.1-4` is the fourth build of
//! `2.3.1`.

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

struct Version<'a> {
    numbers: &'a str,
    pre: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(
        super::terms::compare_padded(a.numbers, b.numbers)
            .then_with(|| super::terms::compare_labels(a.pre, b.pre)),
    )
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Bitnami, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let text = match text.rsplit_once('-') {
        Some((version, build)) if numbers::only(build) => version,
        _ => text,
    };
    let (numbers, pre) = match text.split_once('-') {
        Some((numbers, pre)) => (numbers, Some(pre)),
        None => (text, None),
    };
    let labels = pre.is_none_or(super::terms::are_labels);
    (labels && numbers.split('.').all(numbers::only)).then_some(Version { numbers, pre })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_counter_does_not_count() {
        assert_eq!(compare("2.3.1-4", "2.3.1"), Some(Ordering::Equal));
        assert_eq!(compare("2.3.1-rc.1-4", "2.3.1-rc.1"), Some(Ordering::Equal));
        assert_eq!(compare("2.3.1-rc.1-4", "2.3.1-0"), Some(Ordering::Less));
        assert_eq!(compare("2.3", "2.3.0.0"), Some(Ordering::Equal));
        for text in ["", "a", "1..2", "1.0-", "1.0-b..c", "-1"] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
