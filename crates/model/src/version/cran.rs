//! CRAN: numbers parted by `.` or `-`, compared one by one; the longer is newer.
//!
//! Follows `numeric_version` of R,
//! <https://stat.ethz.ch/R-manual/R-devel/library/base/html/numeric_version.html>.

use std::cmp::Ordering;

use super::numbers;
use crate::range::Range;

const SEPARATORS: [char; 2] = ['.', '-'];

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    Some(compare_parts(a.trim().split(SEPARATORS), b.trim().split(SEPARATORS)))
}

pub(super) fn is_valid(version: &str) -> bool {
    version.trim().split(SEPARATORS).all(numbers::only)
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Cran, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

/// Compares numbers one by one; where all are equal, the one with more of them is greater.
pub(super) fn compare_parts<'a>(
    mut a: impl Iterator<Item = &'a str>,
    mut b: impl Iterator<Item = &'a str>,
) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (Some(a), Some(b)) => numbers::compare(a, b),
            (None, None) => return Ordering::Equal,
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_and_dash_are_one() {
        assert_eq!(compare("1.2-3", "1.2.3"), Some(Ordering::Equal));
        assert_eq!(compare("1.9", "1.9-0"), Some(Ordering::Less));
        for text in ["", ".", "1.", "1..2", "1.a", "1 2"] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
