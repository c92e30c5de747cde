//! Digit strings of any length as numbers, and the cutting of versions into runs.
//!
//! Versions are foreign text: a run of a thousand digits must neither overflow nor be refused.

use std::cmp::Ordering;

/// Splits the leading ASCII digits off: `12rc1` is `("12", "rc1")`.
pub(super) fn take(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// Splits off the characters in front for which the test holds.
pub(super) fn take_while(text: &str, test: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|character| !test(character)).unwrap_or(text.len());
    text.split_at(end)
}

/// Returns whether the text is one or more ASCII digits and nothing else.
pub(super) fn only(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Compares two digit strings as numbers; leading zeros count for nothing, and no digit is zero.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Returns the number that follows: `99` gives `100`.
pub(super) fn next(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let nines = digits.len() - kept.len();
    let mut number = String::with_capacity(digits.len() + 1);
    match kept.as_bytes().last() {
        Some(&last) => {
            number.push_str(&kept[..kept.len() - 1]);
            number.push(char::from(last + 1));
        }
        None => number.push('1'),
    }
    number.extend(std::iter::repeat_n('0', nines));
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_compare() {
        assert_eq!(compare("007", "7"), Ordering::Equal);
        assert_eq!(compare("", "0"), Ordering::Equal);
        assert_eq!(compare("10", "9"), Ordering::Greater);
        assert_eq!(compare(&"9".repeat(4000), &"1".repeat(4001)), Ordering::Less);
    }

    #[test]
    fn the_next_number_carries() {
        assert_eq!(next("0"), "1");
        assert_eq!(next("129"), "130");
        assert_eq!(next("99"), "100");
    }
}
