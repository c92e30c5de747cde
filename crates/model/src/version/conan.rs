//! Conan: parts that are numbers or words, a pre-release behind `-`, a build behind `+`.
//!
//! Follows <https://docs.conan.io/2/tutorial/versioning/version_ranges.html>. Conan compares a
//! number with a word as two texts, which makes its order run in circles (`10 < 1a < 9 < 10`); here
//! the digits in front are a number always, and what follows them decides after it.

use std::cmp::Ordering;

use super::terms::{any_holds, op as plain_op, parse_alternatives};
use super::{Scheme, numbers};
use crate::range::{Comparator, Op, Range};

struct Version<'a> {
    main: &'a str,
    pre: Option<&'a str>,
    build: Option<&'a str>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let pre = || match (a.pre, b.pre) {
        (Some(a), Some(b)) => compare_parts(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    };
    let build = || match (a.build, b.build) {
        (Some(a), Some(b)) => compare_parts(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    Some(compare_parts(a.main, b.main).then_with(pre).then_with(build))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads `>1 <2.0 || ^3.2`, with `, include_prerelease` behind it where pre-releases count; other
/// commas are AND. The brackets of a reference (`[>1]`) may stand around it.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let text = text.trim();
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_option = |part: &str| part.trim().starts_with("include_prerelease");
    let terms: Vec<&str> = text.split(',').filter(|part| !is_option(part)).collect();
    let mut range = parse_alternatives(Scheme::Conan, &terms.join(","), read_term)?;
    range.plain = text.split(',').any(is_option);
    Some(range)
}

fn read_term(operator: &str, version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    if version == "*" && operator.is_empty() {
        return Some(());
    }
    let parsed = parse(version)?;
    let low = if parsed.pre.is_none() && parsed.build.is_none() {
        format!("{version}-")
    } else {
        version.to_owned()
    };
    let parts: Vec<&str> = parsed.main.split('.').collect();
    let grows = match operator {
        "~" => usize::from(parts.len() > 1),
        "^" => parts.iter().position(|part| !is_zero(part)).unwrap_or(parts.len() - 1),
        _ => {
            let op = plain_op(operator)?;
            let from_dev = matches!(op, Op::Less | Op::GreaterEqual);
            into.push(Comparator::new(op, if from_dev { low } else { version.to_owned() }));
            return Some(());
        }
    };
    into.push(Comparator::new(Op::GreaterEqual, low));
    into.push(Comparator::new(Op::Less, next(&parts, grows)?));
    Some(())
}

/// Returns the lowest version whose part at the index is one more: `1.3-` for `1.2.5` and 1.
fn next(parts: &[&str], index: usize) -> Option<String> {
    let part = parts.get(index).filter(|part| numbers::only(part))?;
    let mut version = parts[..index].join(".");
    if index > 0 {
        version.push('.');
    }
    version.push_str(&numbers::next(part));
    version.push('-');
    Some(version)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    let parsed = parse(version)?;
    if parsed.pre.is_some() && !range.plain {
        return Some(false);
    }
    any_holds(range, |comparator| Some(comparator.op.holds(compare(version, &comparator.version)?)))
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let (text, build) = match text.rsplit_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (main, pre) = match text.split_once('-') {
        Some((main, pre)) => (main, Some(pre)),
        None => (text, None),
    };
    Some(Version { main, pre, build })
}

fn is_zero(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte == b'0')
}

/// Compares part by part; zeros at the end do not count, and the longer is greater.
fn compare_parts(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (without_end_zeros(a), without_end_zeros(b));
    loop {
        let (left, right) = (next_part(&mut a), next_part(&mut b));
        let order = match (left, right) {
            (Some(left), Some(right)) => compare_part(left, right),
            (None, None) => return Ordering::Equal,
            (left, right) => return left.is_some().cmp(&right.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Drops `.0` at the end, and a lone `0`, which leaves nothing.
fn without_end_zeros(mut text: &str) -> Option<&str> {
    loop {
        let (rest, last) = match text.rsplit_once('.') {
            Some((rest, last)) => (Some(rest), last),
            None => (None, text),
        };
        if !is_zero(last) {
            return Some(text);
        }
        text = rest?;
    }
}

fn next_part<'a>(text: &mut Option<&'a str>) -> Option<&'a str> {
    let (part, rest) = match (*text)?.split_once('.') {
        Some((part, rest)) => (part, Some(rest)),
        None => ((*text)?, None),
    };
    *text = rest;
    Some(part)
}

/// Nothing is lowest, then what begins with a number, by that number, then words.
fn compare_part(a: &str, b: &str) -> Ordering {
    let kind = |part: &str| match part.bytes().next() {
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 1,
        Some(_) => 2,
    };
    let ((left, a_rest), (right, b_rest)) = (numbers::take(a), numbers::take(b));
    kind(a)
        .cmp(&kind(b))
        .then_with(|| numbers::compare(left, right))
        .then_with(|| a_rest.cmp(b_rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_runs_in_no_circle() {
        let order = ["1.a", "1.9", "1.9c", "1.10", "1.10a"];
        for pair in order[1..].windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(compare("1.10a", order[0]), Some(Ordering::Less));
        assert_eq!(compare("0.0", "0"), Some(Ordering::Equal));
        assert_eq!(compare("", "0"), None);
    }

    #[test]
    fn ranges_as_references_write_them() {
        let holds =
            |range: &str, version: &str| contains(&parse_range(range).unwrap(), version).unwrap();
        assert!(holds("[>=1.0 <2]", "1.5") && !holds("[>=1.0 <2]", "1.5-rc1"));
        assert!(holds(">=1.0, <2, include_prerelease", "1.5-rc1"));
        assert!(!holds("<2, include_prerelease", "2-rc1") && holds("^0", "0.5"));
        for text in [">", "^a", "~1.x", "><1"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
