//! pub (Dart) versions: SemVer whose build is ordered, and pub's constraints.
//!
//! Follows <https://github.com/dart-lang/pub_semver> (`version.dart`, `version_range.dart`).

use std::cmp::Ordering;

use super::Scheme;
use super::semver::{self, Rules, STRICT, Version};
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

const PUB: Rules = Rules { leading_zeros: true, ..STRICT };

/// Compares by SemVer precedence, then by build: none is below any.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let builds = || match (a.build.is_empty(), b.build.is_empty()) {
        (false, false) => semver::compare_identifiers(a.build, b.build),
        (a, b) => b.cmp(&a),
    };
    Some(a.compare(&b).then_with(builds))
}

pub(super) fn is_valid(version: &str) -> bool {
    parse(version).is_some()
}

/// Reads `^1.2.3`, `>=1.0.0 <2.0.0`, `any`; `||` is OR. As in pub, `<2.0.0` leaves out the
/// pre-releases of 2.0.0, unless a lower bound names one.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    let mut count = 0;
    for alternative in text.split("||") {
        let mut comparators = Vec::new();
        let mut rest = alternative;
        while let Some((sign, version)) = semver::next_item(&mut rest) {
            comparators.extend(parse_item(sign, version)?);
            if comparators.len() > MAX_COMPARATORS {
                return None;
            }
        }
        leave_out_pre_releases(&mut comparators);
        count += comparators.len() + 1;
        if count > MAX_COMPARATORS {
            return None;
        }
        alternatives.push(comparators);
    }
    Some(Range { scheme: Scheme::Pub, alternatives, plain: true })
}

pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    range::contains_plain(range, version)
}

fn parse(text: &str) -> Option<Version<'_>> {
    semver::parse(text.strip_prefix('v').unwrap_or(text), &PUB)
}

fn parse_item(sign: &str, text: &str) -> Option<Vec<Comparator>> {
    if sign.is_empty() && matches!(text, "any" | "*") {
        return Some(Vec::new());
    }
    let version = parse(text)?;
    if sign == "^" {
        let mut numbers = version.release.split('.');
        let (major, minor) = (numbers.next()?, numbers.next()?);
        let next = super::numbers::next;
        let behind = match major.trim_start_matches('0') {
            "" => format!("0.{}.0-0", next(minor)),
            major => format!("{}.0.0-0", next(major)),
        };
        return Some(vec![
            Comparator::new(Op::GreaterEqual, text),
            Comparator::new(Op::Less, behind),
        ]);
    }
    let (op, "") = range::take_op(sign) else { return None };
    Some(vec![Comparator::new(op, text)])
}

fn leave_out_pre_releases(comparators: &mut [Comparator]) {
    let lower_bounds: Vec<String> = comparators
        .iter()
        .filter(|c| matches!(c.op, Op::Greater | Op::GreaterEqual))
        .map(|c| c.version.clone())
        .collect();
    for bound in comparators.iter_mut().filter(|c| c.op == Op::Less) {
        let Some(version) = parse(&bound.version) else { continue };
        let names_pre = |lower: &String| {
            parse(lower).is_some_and(|lower| {
                !lower.pre.is_empty()
                    && semver::compare_release(lower.release, version.release) == Ordering::Equal
            })
        };
        if version.pre.is_empty() && version.build.is_empty() && !lower_bounds.iter().any(names_pre)
        {
            bound.version = format!("{}-0", version.release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_are_read_as_pub_does() {
        for (range, version, inside) in [
            ("^1.2.3", "1.9.0", true),
            ("^1.2.3", "2.0.0-dev", false),
            ("^0.1.2", "0.2.0", false),
            ("^0.0.3", "0.0.9", true),
            (">=1.0.0 <2.0.0", "2.0.0-dev", false),
            (">=2.0.0-a <2.0.0", "2.0.0-dev", true),
            ("any", "1.0.0", true),
        ] {
            let parsed = parse_range(range).unwrap();
            assert_eq!(contains(&parsed, version), Some(inside), "{range} {version}");
        }
    }

    #[test]
    fn the_build_is_ordered() {
        assert_eq!(compare("1.0.0", "1.0.0+1"), Some(Ordering::Less));
        assert_eq!(compare("1.0.0+2", "1.0.0+10"), Some(Ordering::Less));
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&"^1.0.0 ".repeat(MAX_COMPARATORS + 1)).is_none());
    }
}
