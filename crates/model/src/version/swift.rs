//! Swift package versions: SemVer, from Git tags.
//!
//! Follows SwiftPM's `Version` (<https://github.com/swiftlang/swift-tools-support-core>), which
//! leniently also reads `v1.2.3` and `1.2`.

use std::cmp::Ordering;

use super::Scheme;
use super::semver::{self, Rules, STRICT, Version};
use crate::range::{self, Range};

const TAG: Rules = Rules { least: 2, before_pre: 2, ..STRICT };

/// Compares by SemVer precedence; the build does not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(parse(a)?.compare(&parse(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads plain comparators.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    range::parse_plain(Scheme::Swift, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    semver::parse(text.strip_prefix('v').unwrap_or(text), &TAG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read() {
        assert_eq!(compare("v1.2", "1.2.0"), Some(Ordering::Equal));
        assert_eq!(compare("1.2.3-beta", "1.2.3+beta"), Some(Ordering::Less));
        assert!(!is_valid("1") && !is_valid("main") && !is_valid("1.02.3"));
    }
}
