//! Python: PEP 440.
//!
//! Follows <https://packaging.python.org/en/latest/specifications/version-specifiers/>. Versions
//! from before PEP 440 (`4.11-final`, `0.8.1p1`) still stand in old records: they are not valid, have an
//! order among themselves, and none with others. What begins with no number is below all, as with osv.dev.

use std::cmp::Ordering;

use super::{numbers, terms};
use crate::range::Range;

mod specifier;

const SEPARATORS: [char; 3] = ['-', '_', '.'];

/// The words of a pre-release, a longer one before its own beginning.
const PRE_WORDS: [(&str, Phase); 8] = [
    ("alpha", Phase::Alpha),
    ("a", Phase::Alpha),
    ("beta", Phase::Beta),
    ("b", Phase::Beta),
    ("preview", Phase::Candidate),
    ("pre", Phase::Candidate),
    ("c", Phase::Candidate),
    ("rc", Phase::Candidate),
];
const POST_WORDS: [(&str, ()); 3] = [("post", ()), ("rev", ()), ("r", ())];
const DEV_WORDS: [(&str, ()); 1] = [("dev", ())];

#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Phase {
    /// A development release of no pre-release: below all of them.
    Development,
    Alpha,
    Beta,
    Candidate,
    Final,
}

/// `1!2.0rc1.post2.dev3+ubuntu.1`, cut into its parts; numbers may be empty, which is zero.
struct Version<'a> {
    epoch: &'a str,
    release: &'a str,
    pre: Option<(Phase, &'a str)>,
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => {
            Some(a.compare_public(&b).then_with(|| compare_local(a.local, b.local)))
        }
        (None, None) => (is_legacy(a) && is_legacy(b)).then(|| compare_legacy(a.trim(), b.trim())),
        (Some(_), None) => is_wordy(b).then_some(Ordering::Greater),
        (None, Some(_)) => is_wordy(a).then_some(Ordering::Less),
    }
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    specifier::parse_range(text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    specifier::contains(range, version)
}

impl Version<'_> {
    /// Compares all but the local version.
    fn compare_public(&self, other: &Self) -> Ordering {
        self.compare_base(other)
            .then_with(|| {
                let ((a_phase, a), (b_phase, b)) = (self.pre_key(), other.pre_key());
                a_phase.cmp(&b_phase).then_with(|| numbers::compare(a, b))
            })
            .then_with(|| match (self.post, other.post) {
                (Some(a), Some(b)) => numbers::compare(a, b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            })
            .then_with(|| match (self.dev, other.dev) {
                (Some(a), Some(b)) => numbers::compare(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
    }

    /// Compares epoch and release alone.
    fn compare_base(&self, other: &Self) -> Ordering {
        numbers::compare(self.epoch, other.epoch)
            .then_with(|| terms::compare_padded(self.release, other.release))
    }

    fn pre_key(&self) -> (Phase, &str) {
        match self.pre {
            Some(pre) => pre,
            None if self.post.is_none() && self.dev.is_some() => (Phase::Development, ""),
            None => (Phase::Final, ""),
        }
    }

    fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }
}

/// Local versions: numbers above words, the longer above its own beginning, none lowest.
fn compare_local(a: Option<&str>, b: Option<&str>) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else { return a.is_some().cmp(&b.is_some()) };
    let (mut a, mut b) = (a.split(SEPARATORS), b.split(SEPARATORS));
    loop {
        let order = match (a.next(), b.next()) {
            (Some(a), Some(b)) => match (numbers::only(a), numbers::only(b)) {
                (true, true) => numbers::compare(a, b),
                (false, false) => terms::compare_ignoring_case(a, b),
                (a, b) => a.cmp(&b),
            },
            (None, None) => return Ordering::Equal,
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (public, local) = match text.split_once('+') {
        Some((public, local)) => (public, Some(local)),
        None => (text, None),
    };
    if !local.is_none_or(is_local) {
        return None;
    }
    let (epoch, rest) = match public.split_once('!') {
        Some((epoch, rest)) => (numbers::only(epoch).then_some(epoch)?, rest),
        None => ("", public),
    };
    let (release, rest) = take_release(rest);
    let (pre, rest) = match take_word(rest, &PRE_WORDS) {
        Some((phase, number, rest)) => (Some((phase, number)), rest),
        None => (None, rest),
    };
    let (post, rest) = take_post(rest);
    let (dev, rest) = match take_word(rest, &DEV_WORDS) {
        Some(((), number, rest)) => (Some(number), rest),
        None => (None, rest),
    };
    let whole = rest.is_empty() && !release.is_empty();
    whole.then_some(Version { epoch, release, pre, post, dev, local })
}

fn is_local(text: &str) -> bool {
    text.split(SEPARATORS)
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Takes `1.2.3` in front, which is empty where there is no number.
fn take_release(text: &str) -> (&str, &str) {
    let mut end = numbers::take(text).0.len();
    while end > 0
        && let Some(after) = text[end..].strip_prefix('.')
    {
        let digits = numbers::take(after).0.len();
        if digits == 0 {
            break;
        }
        end += 1 + digits;
    }
    text.split_at(end)
}

fn take_post(text: &str) -> (Option<&str>, &str) {
    if let Some(after) = text.strip_prefix('-') {
        let (number, rest) = numbers::take(after);
        if !number.is_empty() {
            return (Some(number), rest);
        }
    }
    match take_word(text, &POST_WORDS) {
        Some(((), number, rest)) => (Some(number), rest),
        None => (None, text),
    }
}

/// Takes `[-_.]?word[-_.]?number?` in front; gives what the word means, the number and the rest.
fn take_word<'a, T: Copy>(text: &'a str, words: &[(&str, T)]) -> Option<(T, &'a str, &'a str)> {
    let text = text.strip_prefix(SEPARATORS).unwrap_or(text);
    words.iter().find_map(|(word, meaning)| {
        let found = text.get(..word.len())?.eq_ignore_ascii_case(word);
        let rest = found.then(|| &text[word.len()..])?;
        let (number, rest) = numbers::take(rest.strip_prefix(SEPARATORS).unwrap_or(rest));
        Some((*meaning, number, rest))
    })
}

/// Returns whether this can be a version from before PEP 440: at least two parts of letters,
/// digits, `-` and `_`, joined by dots.
fn is_legacy(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let text = text.trim();
    text.contains('.') && text.split('.').all(is_part)
}

/// Returns whether an old version begins with no number: `-class.-jw.util.version.Version-`.
fn is_wordy(text: &str) -> bool {
    is_legacy(text) && !text.trim().starts_with(|first: char| first.is_ascii_digit())
}

/// Compares run by run: separators below words, words below numbers, and the longer is newer.
fn compare_legacy(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() && !b.is_empty() {
        let ((left, a_rest), (right, b_rest)) = (take_run(a), take_run(b));
        let kind = |run: &str| match run.as_bytes()[0] {
            byte if byte.is_ascii_digit() => 2,
            byte if byte.is_ascii_alphabetic() => 1,
            _ => 0,
        };
        let order = kind(left).cmp(&kind(right)).then_with(|| match kind(left) {
            2 => numbers::compare(left, right),
            1 => terms::compare_ignoring_case(left, right),
            _ => Ordering::Equal,
        });
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (a_rest, b_rest);
    }
    a.len().cmp(&b.len())
}

/// Takes a run of digits, a run of letters, or one separator; the text must not be empty.
fn take_run(text: &str) -> (&str, &str) {
    let first = text.as_bytes()[0];
    let same = |byte: u8| {
        (first.is_ascii_digit() && byte.is_ascii_digit())
            || (first.is_ascii_alphabetic() && byte.is_ascii_alphabetic())
    };
    text.split_at(text.bytes().position(|byte| !same(byte)).unwrap_or(text.len()).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_in_order() {
        let order =
            ["1.dev1", "1a1.dev2", "1a1", "1b2", "1rc1", "1", "1+x", "1+2", "1.post1.dev1", "1-1"];
        for pair in order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(compare("v1.0.ALPHA_1", "1a1"), Some(Ordering::Equal));
        assert_eq!(compare("1.0a-dev", "1a0.dev0"), Some(Ordering::Equal));
    }

    #[test]
    fn numbers_of_any_length_compare() {
        let (a, b) = (format!("1.{}", "9".repeat(2000)), format!("1.1{}", "0".repeat(2000)));
        assert_eq!(compare(&a, &b), Some(Ordering::Less));
    }

    #[test]
    fn old_versions_compare_among_themselves_alone() {
        for (a, b) in [("4.11-final", "0.1.dev0"), ("2.6.0-NA", "1.0"), ("1.0", "4.2-custom")] {
            assert_eq!(compare(a, b), None, "{a} {b}");
        }
        assert!(!is_valid("4.2-custom") && is_valid("4.2+custom"));
        assert_eq!(compare("4.11-final", "4.9-final"), Some(Ordering::Greater));
        for text in ["", "garbage", ".", "1..2.3", "1 .0", "1.0+", "1.0.é"] {
            assert_eq!(compare(text, "1"), None, "{text}");
        }
    }
}
