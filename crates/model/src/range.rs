//! Ranges of versions as people write them: comparators, AND-ed and OR-ed, and the VERS form.
//!
//! Each scheme's own syntax is read in its own file under `version/`; what they share is here.
//! VERS follows the specification of package-url/vers-spec.

use std::cmp::Ordering;

use crate::version::{InvalidVersion, Scheme};

mod vers;

/// Most comparators and alternatives that one range may have; a longer one is not a range.
pub const MAX_COMPARATORS: usize = 1000;

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

impl Comparator {
    /// Makes a comparator.
    pub(crate) fn new(op: Op, version: impl Into<String>) -> Self {
        Self { op, version: version.into() }
    }
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

impl Op {
    /// Returns whether the comparison holds for a version that stands so to the comparator's;
    /// the three that look at the text hold where the two are equal, or are not.
    pub(crate) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order == Ordering::Less,
            Self::LessEqual => order != Ordering::Greater,
            Self::Equal | Self::Prefix | Self::Identical => order == Ordering::Equal,
            Self::NotEqual | Self::NotPrefix => order != Ordering::Equal,
            Self::GreaterEqual => order != Ordering::Less,
            Self::Greater => order == Ordering::Greater,
        }
    }
}

impl Range {
    /// Makes a range of the scheme's own syntax, whose pre-release rules apply.
    pub(crate) fn native(scheme: Scheme, alternatives: Vec<Vec<Comparator>>) -> Self {
        Self { scheme, alternatives, plain: false }
    }

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
    let mut count = 0;
    for alternative in text.split("||") {
        let mut comparators = Vec::new();
        for (op, version) in items(alternative) {
            count += 1;
            if count > MAX_COMPARATORS {
                return None;
            }
            if version == "*" && op == Op::Equal {
                continue;
            }
            if !scheme.is_valid(version) {
                return None;
            }
            comparators.push(Comparator::new(op, version));
        }
        alternatives.push(comparators);
        if alternatives.len() > MAX_COMPARATORS {
            return None;
        }
    }
    Some(Range { scheme, alternatives, plain: true })
}

/// Splits `>= 1.2, <2` into its operators and what follows each; an operator without a version
/// gives an empty one.
pub(crate) fn items(text: &str) -> impl Iterator<Item = (Op, &str)> {
    let mut rest = text.trim_matches(is_separator);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (op, after) = take_op(rest);
        let after = after.trim_start_matches(is_blank);
        let end = after.find(is_separator).unwrap_or(after.len());
        rest = after[end..].trim_start_matches(is_separator);
        Some((op, &after[..end]))
    })
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

fn is_separator(character: char) -> bool {
    character == ',' || is_blank(character)
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
        for Comparator { op, version: bound } in alternative {
            all &= match op {
                Op::Prefix => version.starts_with(bound),
                Op::NotPrefix => !version.starts_with(bound),
                Op::Identical => version == bound,
                _ => op.holds(range.scheme.compare(version, bound).ok()?),
            };
        }
        if all {
            return Some(true);
        }
    }
    Some(false)
}

/// Reads VERS; its type must be the scheme's. `None` when it is malformed.
pub(crate) fn parse_vers(scheme: Scheme, text: &str) -> Option<Range> {
    vers::parse(scheme, text)
}
