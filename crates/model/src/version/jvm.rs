//! Java runtimes: `1.8.0_352-b08`, `8u352`, `11.0.17+8-LTS`, `17-ea`.
//!
//! Follows JEP 223 (<https://openjdk.org/jeps/223>) and, before Java 9, Oracle's scheme: the `1.`
//! in front does not count, and the update stands for the third number, so `1.8.0_352` is 8.0.352.
//! Builds (`+8`, `-b08`) do not count.

use std::cmp::Ordering;

use super::semver;
use super::{Scheme, numbers};
use crate::range::{self, Range};

struct Version<'a> {
    /// Major, minor and what follows, with dots between.
    release: &'a str,
    /// The update of Java 8 and before, else empty.
    update: &'a str,
    pre: &'a str,
}

/// Compares the numbers, then the pre-release: `-ea` is below none.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    Some(compare_numbers(&a, &b).then_with(|| semver::compare_pre(a.pre, b.pre)))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    range::parse_plain(Scheme::Jvm, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix("jdk").or(text.strip_prefix("jre")).unwrap_or(text);
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, _build) = text.split_once('+').unwrap_or((text, ""));
    let (version, pre) = text.split_once('-').unwrap_or((text, ""));
    let (release, update) = match version.split_once(['_', 'u']) {
        Some((release, update)) => {
            let update = update.strip_prefix("pdate").unwrap_or(update);
            (release, numbers::only(update).then_some(update)?)
        }
        None => (version, ""),
    };
    let release = release.strip_prefix("1.").unwrap_or(release);
    let is_build = |word: &str| {
        word.strip_prefix('b').is_some_and(numbers::only) || word.eq_ignore_ascii_case("lts")
    };
    let pre = pre.split('-').next().filter(|word| !is_build(word)).unwrap_or_default();
    let valid = release.split('.').all(numbers::only)
        && pre.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    valid.then_some(Version { release, update, pre })
}

fn compare_numbers(a: &Version<'_>, b: &Version<'_>) -> Ordering {
    let (mut a, mut b) = (numbers_of(a), numbers_of(b));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => numbers::compare(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Lists the numbers with the update behind them, in the third place or later.
fn numbers_of<'a>(version: &Version<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    let count = version.release.split('.').count();
    let padding = std::iter::repeat_n("0", 2_usize.saturating_sub(count));
    version.release.split('.').chain(padding).chain([version.update])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_and_the_new_scheme_are_one_order() {
        for (a, b, order) in [
            ("1.8.0_352-b08", "8.0.352", Ordering::Equal),
            ("8u352", "1.8.0_352", Ordering::Equal),
            ("jdk-11.0.17+8-LTS", "11.0.17", Ordering::Equal),
            ("1.8.0_131-ea", "1.8.0_131", Ordering::Less),
            ("1.7.0_80", "9", Ordering::Less),
            ("17-ea+3", "17", Ordering::Less),
            ("17.0.1", "17.0.1.1", Ordering::Less),
        ] {
            assert_eq!(compare(a, b), Some(order), "{a} {b}");
        }
        for version in ["", "jdk", "8_", "1.", "8u", "x"] {
            assert!(!is_valid(version), "{version}");
        }
    }
}
