//! NuGet. (Not written yet.)

use std::cmp::Ordering;

use crate::range::Range;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(a.cmp(b))
}

pub(super) fn is_valid(_version: &str) -> bool {
    true
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Nuget, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}
