//! Instants of RFC 3339: `2024-01-01T12:00:00.250+02:00`.
//!
//! Follows <https://www.rfc-editor.org/rfc/rfc3339> and the `datetime` scheme of
//! <https://github.com/package-url/vers-spec>.

use std::cmp::Ordering;

use jiff::Timestamp;

use crate::range::Range;

/// Compares the instants, whatever their offsets.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(parse(a)?.cmp(&parse(b)?))
}

/// Returns whether the text is a day, a time and an offset; up to nanoseconds.
pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    crate::range::parse_plain(super::Scheme::Datetime, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    crate::range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Timestamp> {
    // What jiff takes beyond RFC 3339 are blanks, and the names of zones in brackets.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-+:.".contains(&byte);
    text.bytes().all(plain).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_compared_across_offsets() {
        assert_eq!(
            compare("2024-01-01T00:00:00+02:00", "2023-12-31T22:00:00Z"),
            Some(Ordering::Equal)
        );
        for version in ["", "2024-01-01", "2024-13-01T00:00:00Z", "2024-01-01T00:00:00", "now"] {
            assert!(!is_valid(version), "{version}");
        }
    }
}
