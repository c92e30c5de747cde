//! Composer (Packagist): versions in their normal form, then PHP's `version_compare`.
//!
//! Follows the `VersionParser` of <https://github.com/composer/semver>: `v1.2-beta.3` is
//! `1.2.0.0-beta3`, a date stays a date, `1.x-dev` is `1.9999999.9999999.9999999-dev`, and a
//! branch (`dev-main`) is below every number. Versions that Composer refuses though they begin with a
//! number (`3.5.0.post1`) stand in some records; they keep what follows the numbers.

use std::cmp::Ordering;

use super::{numbers, php};
use crate::range::Range;

mod constraint;

/// Most digits that the first number may have; longer ones are dates.
const MAX_MAJOR_DIGITS: usize = 5;
const MAX_NUMBERS: usize = 4;
const BRANCH: &str = "dev-";
/// What Composer writes for the `x` of a branch.
const ANY_NUMBER: &str = "9999999";

/// The words of a stability, a longer one before its own beginning, and their normal form.
const STABILITIES: [(&str, &str); 9] = [
    ("stable", ""),
    ("beta", "beta"),
    ("b", "beta"),
    ("rc", "RC"),
    ("alpha", "alpha"),
    ("a", "alpha"),
    ("patch", "patch"),
    ("pl", "patch"),
    ("p", "patch"),
];

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(compare_normal(&normalize(a)?, &normalize(b)?))
}

pub(super) fn is_valid(version: &str) -> bool {
    normalize(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    constraint::parse_range(text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    constraint::contains(range, version)
}

/// Compares two versions in their normal form; branches among themselves go by their names.
fn compare_normal(a: &str, b: &str) -> Ordering {
    match (a.strip_prefix(BRANCH), b.strip_prefix(BRANCH)) {
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => php::order(a, b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Returns the normal form of a version.
fn normalize(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once(" as ").map_or(text, |(version, _)| version.trim_end());
    let text = split_flag(text).0;
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control() || c == ',') {
        return None;
    }
    if ["master", "trunk", "default"].contains(&text) {
        return Some(format!("{BRANCH}{text}"));
    }
    if let Some(name) = strip_prefix_any_case(text, BRANCH) {
        return (!name.is_empty()).then(|| format!("{BRANCH}{name}"));
    }
    let text = match text.split_once('+') {
        Some((_, "")) => return None,
        Some((version, _)) => version,
        None => text,
    };
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    normalize_numbers(text)
        .or_else(|| normalize_date(text))
        .or_else(|| normalize_branch(text))
        .or_else(|| normalize_foreign(text))
}

/// Cuts a stability flag off: `1.0@beta` is `("1.0", "beta")`.
fn split_flag(text: &str) -> (&str, &str) {
    match text.rsplit_once('@') {
        Some((version, flag))
            if ["stable", "RC", "beta", "alpha", "dev"]
                .iter()
                .any(|known| flag.eq_ignore_ascii_case(known)) =>
        {
            (version, flag)
        }
        _ => (text, ""),
    }
}

/// `1.2-beta.3` gives `1.2.0.0-beta3`.
fn normalize_numbers(text: &str) -> Option<String> {
    let (numbers, rest) = take_numbers(text)?;
    if numbers[0].len() > MAX_MAJOR_DIGITS {
        return None;
    }
    let suffix = read_modifier(rest)?;
    Some(join(&numbers) + &suffix)
}

/// Takes one to four numbers in front.
fn take_numbers(text: &str) -> Option<(Vec<&str>, &str)> {
    let (first, mut rest) = numbers::take(text);
    let mut all = vec![first];
    while all.len() < MAX_NUMBERS
        && let Some(after) = rest.strip_prefix('.')
    {
        let (number, after) = numbers::take(after);
        if number.is_empty() {
            break;
        }
        all.push(number);
        rest = after;
    }
    (!first.is_empty()).then_some((all, rest))
}

/// Joins numbers, filled up to four.
fn join<T: AsRef<str>>(numbers: &[T]) -> String {
    let mut text = String::with_capacity(16);
    for index in 0..MAX_NUMBERS {
        if index > 0 {
            text.push('.');
        }
        text.push_str(numbers.get(index).map_or("0", AsRef::as_ref));
    }
    text
}

/// Reads `[._-]?(stability([.-]?number)*)?([.-]?dev)?` to its end and gives the normal form:
/// `-beta3-dev`.
fn read_modifier(text: &str) -> Option<String> {
    let rest = text.strip_prefix(['.', '_', '-']).unwrap_or(text);
    let mut suffix = String::new();
    let word = STABILITIES
        .iter()
        .find_map(|(word, normal)| strip_prefix_any_case(rest, word).map(|after| (*normal, after)));
    let mut rest = rest;
    if let Some((normal, after)) = word {
        let end = after.len() - skip_numbers(after).len();
        rest = &after[end..];
        if !normal.is_empty() {
            suffix = format!("-{normal}{}", after[..end].trim_start_matches(['.', '-']));
        }
    }
    let stable = word.is_some_and(|(normal, _)| normal.is_empty());
    if !rest.is_empty() {
        let after = rest.strip_prefix(['.', '-']).unwrap_or(rest);
        if !after.eq_ignore_ascii_case("dev") {
            return None;
        }
        if !stable {
            suffix.push_str("-dev");
        }
    }
    Some(suffix)
}

/// Skips `([.-]?number)*`.
fn skip_numbers(mut text: &str) -> &str {
    loop {
        let (number, rest) = numbers::take(text.strip_prefix(['.', '-']).unwrap_or(text));
        if number.is_empty() {
            return text;
        }
        text = rest;
    }
}

/// `2010-01-02.1` gives `2010.01.02.1`: a year, one to six pairs of digits, then up to two numbers
/// of up to three digits.
fn normalize_date(text: &str) -> Option<String> {
    let separators = ['.', ':', '-'];
    let take = |text: &str, least: usize, most: usize| {
        let after = text.strip_prefix(separators).unwrap_or(text);
        let digits = numbers::take(after).0.len().min(most);
        (digits >= least).then(|| text.len() - after.len() + digits)
    };
    let mut end = 4;
    if !numbers::only(text.get(..end)?) {
        return None;
    }
    end += take(&text[end..], 2, 2)?;
    for (times, least, most) in [(5, 2, 2), (2, 1, 3)] {
        for _ in 0..times {
            end += take(&text[end..], least, most).unwrap_or(0);
        }
    }
    let suffix = read_modifier(&text[end..])?;
    Some(text[..end].replace(|c: char| !c.is_ascii_digit(), ".") + &suffix)
}

/// `1.x-dev` gives `1.9999999.9999999.9999999-dev`.
fn normalize_branch(text: &str) -> Option<String> {
    let at = text.len().checked_sub(3).filter(|at| text.is_char_boundary(*at))?;
    let (name, dev) = text.split_at(at);
    let name = name.strip_suffix(['.', '-']).unwrap_or(name);
    let mut parts: Vec<&str> = name.split('.').collect();
    let numeric = parts.iter().enumerate().all(|(index, part)| {
        numbers::only(part) || (index > 0 && matches!(*part, "x" | "X" | "*"))
    });
    if !dev.eq_ignore_ascii_case("dev") || !numeric || parts.len() > MAX_NUMBERS {
        return None;
    }
    parts.resize(MAX_NUMBERS, "x");
    for part in &mut parts {
        if !numbers::only(part) {
            *part = ANY_NUMBER;
        }
    }
    Some(join(&parts) + "-dev")
}

/// `3.5.post1` gives `3.5.0.0-post1`.
fn normalize_foreign(text: &str) -> Option<String> {
    let (numbers, rest) = take_numbers(text)?;
    let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !rest.bytes().all(known) {
        return None;
    }
    let separator = if rest.starts_with(|c: char| c.is_ascii_alphanumeric()) { "-" } else { "" };
    Some(join(&numbers) + separator + rest)
}

fn strip_prefix_any_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.get(..prefix.len())?.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_a_normal_form() {
        for (version, normal) in [
            ("v1", "1.0.0.0"),
            ("1.2-beta.3", "1.2.0.0-beta3"),
            ("1.0.0RC1dev", "1.0.0.0-RC1-dev"),
            ("1.0-p2", "1.0.0.0-patch2"),
            ("1.0-stable", "1.0.0.0"),
            ("1.0.0+build.5", "1.0.0.0"),
            ("20100102", "20100102"),
            ("2010-01-02.5-a1", "2010.01.02.5-alpha1"),
            ("1.x-dev", "1.9999999.9999999.9999999-dev"),
            ("DEV-Foo/bar", "dev-Foo/bar"),
            ("master", "dev-master"),
            ("1.0@beta", "1.0.0.0"),
            ("dev-x as 1.0", "dev-x"),
            ("3.5.post1", "3.5.0.0.post1"),
            ("1.2.3.4.5", "1.2.3.4.5"),
        ] {
            assert_eq!(normalize(version).as_deref(), Some(normal), "{version}");
        }
        for version in ["", "a", "1.0 2", "1.0-föö", "1.0+", "dev-", "éev", "x-dev"] {
            assert_eq!(normalize(version), None, "{version}");
        }
    }

    #[test]
    fn normal_forms_stay_as_they_are() {
        for version in ["1.2.0.0-beta3-dev", "1.9999999.9999999.9999999-dev", "dev-main"] {
            assert_eq!(normalize(version).as_deref(), Some(version));
        }
    }
}
