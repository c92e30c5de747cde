//! Go module versions: `v1.2.3`, `v2.0.0+incompatible`, `v0.0.0-20210124154548-22da62e12c0c`.
//!
//! Follows `golang.org/x/mod/semver` and <https://go.dev/ref/mod#versions>; the `v` may be missing,
//! as in OSV records.

use std::cmp::Ordering;

use super::Scheme;
use super::semver::{self, Rules, STRICT, Version};
use crate::range::{self, Range};

/// `v1` and `v1.2` stand for `v1.0.0` and `v1.2.0`, but carry no pre-release.
const GO: Rules = Rules { least: 1, ..STRICT };

/// Compares by SemVer precedence; `+incompatible` and other builds do not count.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(parse(a)?.compare(&parse(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    range::parse_plain(Scheme::Golang, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    semver::parse(text.strip_prefix('v').unwrap_or(text), &GO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudo_versions_are_pre_releases() {
        let pseudo = "v1.2.4-0.20191109021931-daa7c04131f5";
        assert_eq!(compare("v1.2.3", pseudo), Some(Ordering::Less));
        assert_eq!(compare(pseudo, "v1.2.4"), Some(Ordering::Less));
        assert_eq!(compare("v2.0.0+incompatible", "2.0.0"), Some(Ordering::Equal));
    }

    #[test]
    fn devel_and_the_like_are_not_valid() {
        for version in ["(devel)", "", "v", "v1-pre", "v1.2+meta", "v01.2.3", "v1.2.3-01"] {
            assert!(!is_valid(version), "{version}");
        }
    }
}
