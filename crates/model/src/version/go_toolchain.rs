//! Versions of the Go toolchain: `go1.21rc2`, `1.20.12`, and `1.21.0-rc.2` as Go's own advisories
//! write it.
//!
//! Follows <https://go.dev/doc/toolchain#version>. `1.21` is read as `1.21.0`.

use std::cmp::Ordering;

use super::semver::{self, BarePre, Rules, Version};
use super::{Scheme, numbers};
use crate::range::{self, Range};

const TOOLCHAIN: Rules =
    Rules { least: 1, most: 3, before_pre: 1, leading_zeros: false, bare_pre: BarePre::Joined };

/// Compares numbers, then kind and number of the pre-release: `-0 < beta1 < rc1 < rc2 < none`.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let order = semver::compare_release(a.release, b.release).then_with(|| {
        if a.pre.is_empty() || b.pre.is_empty() {
            return a.pre.is_empty().cmp(&b.pre.is_empty());
        }
        compare_pre(a.pre, b.pre)
    });
    Some(order)
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

pub(super) fn parse_range(text: &str) -> Option<Range> {
    range::parse_plain(Scheme::GoToolchain, text)
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    let text = text.strip_prefix("go").or(text.strip_prefix('v')).unwrap_or(text);
    semver::parse(text, &TOOLCHAIN)
}

/// Compares run by run, so that `rc2` and `rc.2` are one.
fn compare_pre(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (left, right) = (next_run(&mut a), next_run(&mut b));
        let order = match (left, right) {
            (None, None) => return Ordering::Equal,
            (Some(left), Some(right)) => match (numbers::only(left), numbers::only(right)) {
                (true, true) => numbers::compare(left, right),
                (false, false) => left.cmp(right),
                (number, _) => (!number).cmp(&number),
            },
            (left, right) => left.is_some().cmp(&right.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn next_run<'a>(text: &mut &'a str) -> Option<&'a str> {
    let rest = text.trim_start_matches(['.', '-']);
    let (digits, behind) = numbers::take(rest);
    let (run, behind) = if digits.is_empty() {
        numbers::take_while(rest, |c| c.is_ascii_alphabetic())
    } else {
        (digits, behind)
    };
    *text = behind;
    (!run.is_empty()).then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_one_order() {
        let ascending = ["1.20.9", "1.21.0-0", "go1.21beta1", "go1.21rc1", "1.21.0-rc.2", "1.21"];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Some(Ordering::Less), "{pair:?}");
        }
        assert_eq!(compare("go1.21rc2", "1.21.0-rc.2"), Some(Ordering::Equal));
        assert_eq!(compare("go1.21", "v1.21.0"), Some(Ordering::Equal));
        assert_eq!(compare("devel", "1.21"), None);
    }
}
