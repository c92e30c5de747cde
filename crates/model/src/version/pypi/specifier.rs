//! PEP 440 version specifiers, with `||` as OR, `=` and no operator as `==`.
//!
//! Follows <https://packaging.python.org/en/latest/specifications/version-specifiers/>, with
//! pre-releases always let in, as `packaging` does with `prereleases=True`. Where a specifier names
//! a local version though the operator forbids it (`<2.0+cgr.12`), the local versions compare.

use std::cmp::Ordering;

use super::{Version, compare_local, parse};
use crate::range::{Comparator, Op, Range};
use crate::version::terms::{any_holds, op as plain_op, parse_alternatives};
use crate::version::{Scheme, numbers};

/// Reads `>=1.2, <2, !=1.5.* || ~=3.1 || ===foo`.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    parse_alternatives(Scheme::Pypi, text, read_term)
}

fn read_term(operator: &str, version: &str, into: &mut Vec<Comparator>) -> Option<()> {
    if operator == "===" && !version.is_empty() {
        into.push(Comparator::new(Op::Identical, version));
        return Some(());
    }
    if operator == "~=" {
        into.push(Comparator::new(Op::GreaterEqual, version));
        into.push(Comparator::new(Op::Prefix, compatible_prefix(version)?));
        return Some(());
    }
    if version == "*" && operator.is_empty() {
        return Some(());
    }
    let mut op = plain_op(operator)?;
    let Some(prefix) = version.strip_suffix(".*") else {
        into.push(Comparator::new(op, parse(version).map(|_| version)?));
        return Some(());
    };
    op = match op {
        Op::Equal => Op::Prefix,
        Op::NotEqual => Op::NotPrefix,
        _ => return None,
    };
    let plain = parse(prefix).is_some_and(|prefix| prefix.dev.is_none() && prefix.local.is_none());
    into.push(Comparator::new(op, plain.then_some(prefix)?));
    Some(())
}

/// Returns what `~=` lets vary nothing of: `2!1.4` for `2!1.4.5rc1`.
fn compatible_prefix(version: &str) -> Option<String> {
    let parsed = parse(version).filter(|parsed| parsed.local.is_none())?;
    let (kept, _) = parsed.release.rsplit_once('.')?;
    let epoch = if parsed.epoch.is_empty() { "0" } else { parsed.epoch };
    Some(format!("{epoch}!{kept}"))
}

pub(super) fn contains(range: &Range, text: &str) -> Option<bool> {
    let parsed = parse(text);
    let (false, Some(version)) = (range.plain, &parsed) else {
        return crate::range::contains_plain(range, text);
    };
    any_holds(range, |comparator| {
        if comparator.op == Op::Identical {
            return Some(comparator.version.eq_ignore_ascii_case(text.trim()));
        }
        Some(holds(version, comparator.op, &parse(&comparator.version)?))
    })
}

fn holds(version: &Version<'_>, op: Op, bound: &Version<'_>) -> bool {
    let public = version.compare_public(bound);
    // Only a bound that names a local version looks at that of the version.
    let order = match bound.local {
        Some(_) => public.then_with(|| compare_local(version.local, bound.local)),
        None => public,
    };
    match op {
        Op::Prefix => begins_with(version, bound),
        Op::NotPrefix => !begins_with(version, bound),
        Op::Less => order == Ordering::Less && !is_before_release(version, bound),
        Op::Greater => order == Ordering::Greater && !is_post_release_of(version, bound),
        op => op.holds(order),
    }
}

/// Returns whether the version is a pre-release of the bound, which is none itself: `2a1` of `2`,
/// and `2.post1.dev1` of `2.post1`.
fn is_before_release(version: &Version<'_>, bound: &Version<'_>) -> bool {
    if bound.is_prerelease() || !version.is_prerelease() {
        return false;
    }
    let of_post = || version.pre.is_none() && is_same(version.post, bound.post);
    version.compare_base(bound) == Ordering::Equal && (bound.post.is_none() || of_post())
}

/// Returns whether the version is a post-release of the bound: `1.post1` of `1`.
fn is_post_release_of(version: &Version<'_>, bound: &Version<'_>) -> bool {
    let plain = bound.post.is_none() && bound.dev.is_none();
    plain
        && version.post.is_some()
        && version.compare_base(bound) == Ordering::Equal
        && has_same_pre(version, bound)
}

/// Returns whether the version begins so: its release does, or, where the prefix has a pre- or
/// post-release too, all of its release does and these are the same.
fn begins_with(version: &Version<'_>, prefix: &Version<'_>) -> bool {
    if numbers::compare(version.epoch, prefix.epoch) != Ordering::Equal {
        return false;
    }
    if prefix.pre.is_none() && prefix.post.is_none() {
        let mut parts = version.release.split('.');
        return prefix.release.split('.').all(|wanted| {
            numbers::compare(parts.next().unwrap_or("0"), wanted) == Ordering::Equal
        });
    }
    version.compare_base(prefix) == Ordering::Equal
        && has_same_pre(version, prefix)
        && (prefix.post.is_none() || is_same(version.post, prefix.post))
}

fn has_same_pre(a: &Version<'_>, b: &Version<'_>) -> bool {
    a.pre.map(|pre| pre.0) == b.pre.map(|pre| pre.0)
        && is_same(a.pre.map(|pre| pre.1), b.pre.map(|pre| pre.1))
}

fn is_same(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => numbers::compare(a, b) == Ordering::Equal,
        (a, b) => a.is_none() && b.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::MAX_COMPARATORS;
    use crate::version::MAX_VERSION_BYTES;

    fn holds(range: &str, version: &str) -> bool {
        contains(&parse_range(range).unwrap(), version).unwrap()
    }

    #[test]
    fn exclusive_comparisons_leave_the_neighbours_out() {
        assert!(!holds("<2", "2a1") && holds("<2", "1.9rc1") && holds("<2rc1", "2a1"));
        assert!(!holds(">1", "1.post1") && !holds(">1", "1+local") && holds(">1", "1.1.post1"));
        assert!(holds("<2.post1", "2a1") && !holds("<2.post1", "2.post1.dev1"));
        assert!(holds(">1rc1", "1.post1") && !holds(">1rc1", "1rc1.post1"));
        assert!(holds("<=1.0", "1.0+local") && holds("!=1.1", "1.0+local"));
    }

    #[test]
    fn alternatives_and_the_arbitrary_operator() {
        assert!(holds("<1 || >=2", "2.0") && !holds("<1 || >=2", "1.5"));
        assert!(
            holds("", "1") && holds("*", "1") && holds("===1.0", "1.0") && !holds("===1.0", "1")
        );
        assert!(holds("~=2!1.4.5rc1", "2!1.4.9") && !holds("~=2!1.4.5", "2!1.5"));
        for text in ["~=1", "<1.*", "==1.dev1.*", ">", "<>x", "==garbage", "^1"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&">1 ".repeat(MAX_COMPARATORS)).is_some());
        assert!(parse_range(&">1 ".repeat(MAX_COMPARATORS + 1)).is_none());
        assert!(parse_range(&"||".repeat(MAX_COMPARATORS)).is_none());
        assert!(parse_range(&"1".repeat(MAX_VERSION_BYTES)).is_some());
        assert!(parse_range(&"1".repeat(MAX_VERSION_BYTES + 1)).is_none());
    }
}
