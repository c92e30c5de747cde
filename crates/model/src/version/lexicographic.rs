//! Texts in the order of their code points, for what has no order of its own.
//!
//! Follows the `lexicographic` scheme of <https://github.com/package-url/vers-spec>.

use std::cmp::Ordering;

use crate::range::Range;

/// Compares code point by code point, which is the order of the UTF-8 bytes.
#[allow(clippy::unnecessary_wraps)] // The table of schemes asks for this shape.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(a.cmp(b))
}

/// Returns true: any text has its place.
pub(super) fn is_valid(_version: &str) -> bool {
    true
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Lexicographic, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_are_compared() {
        assert_eq!(compare("z", "\u{1f600}"), Some(Ordering::Less));
        assert_eq!(compare("10", "9"), Some(Ordering::Less));
        let range = parse_range(">=b").unwrap();
        assert_eq!(contains(&range, "c"), Some(true));
    }
}
