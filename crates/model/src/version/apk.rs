//! Alpine package versions, such as `1.2.3_rc1-r0` or `6.6.2p1-r0`.
//!
//! Follows apk-tools 3, `src/version.c` (<https://gitlab.alpinelinux.org/alpine/apk-tools>). One
//! thing is taken from apk-tools 2: a number behind the letter `p`, which real packages have
//! (`sudo` 1.9.5p2, `opensmtpd` 6.6.2p1).

use std::cmp::Ordering;

use super::numbers;
use crate::range::{self, Comparator, MAX_COMPARATORS, Op, Range};

/// Suffixes below a version without one, lowest first.
const PRE_SUFFIXES: [&str; 4] = ["alpha", "beta", "pre", "rc"];
/// Suffixes above it, lowest first.
const POST_SUFFIXES: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// One token, in the order of what wins where two versions part: `1.0_rc1 < 1.0 < 1.0-r1 <
/// 1.0~ab < 1.0_p1 < 1.0a < 1.0.1`. The number of a suffix stands between hash and suffix.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token<'a> {
    /// What apk-tools cannot read.
    Invalid,
    PreSuffix(usize),
    End,
    Revision(&'a str),
    Hash(&'a str),
    SuffixNumber(&'a str),
    PostSuffix(usize),
    Letter(u8),
    /// The number behind the letter `p`.
    Patch(&'a str),
    Number(&'a str),
    First(&'a str),
}

impl Token<'_> {
    fn rank(self) -> u8 {
        match self {
            Token::Invalid => 0,
            Token::PreSuffix(_) => 1,
            Token::End => 2,
            Token::Revision(_) => 3,
            Token::Hash(_) => 4,
            Token::SuffixNumber(_) => 5,
            Token::PostSuffix(_) => 6,
            Token::Letter(_) => 7,
            Token::Patch(_) => 8,
            Token::Number(_) => 9,
            Token::First(_) => 10,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        self.rank().cmp(&other.rank()).then_with(|| match (self, other) {
            // As in Gentoo, a leading zero makes the number a fraction: 8.2.0015 < 8.2.002.
            (Token::Number(a), Token::Number(b)) if a.starts_with('0') || b.starts_with('0') => {
                a.cmp(b)
            }
            (Token::First(a), Token::First(b))
            | (Token::Number(a), Token::Number(b))
            | (Token::Patch(a), Token::Patch(b))
            | (Token::SuffixNumber(a), Token::SuffixNumber(b))
            | (Token::Revision(a), Token::Revision(b)) => numbers::compare(a, b),
            (Token::Letter(a), Token::Letter(b)) => a.cmp(&b),
            (Token::PreSuffix(a), Token::PreSuffix(b))
            | (Token::PostSuffix(a), Token::PostSuffix(b)) => a.cmp(&b),
            (Token::Hash(a), Token::Hash(b)) => a.cmp(b),
            _ => Ordering::Equal,
        })
    }
}

/// Reads a version token by token; behind the last comes [`Token::End`] for ever.
#[derive(Clone)]
struct Tokens<'a> {
    rest: &'a str,
    /// `None` at the start.
    last: Option<Token<'a>>,
}

/// Compares token by token.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    if !is_valid(a) || !is_valid(b) {
        return None;
    }
    let (mut a, mut b) = (Tokens::of(a), Tokens::of(b));
    loop {
        let (left, right) = (a.next(), b.next());
        let order = left.compare(right);
        if order != Ordering::Equal || left == Token::End {
            return Some(order);
        }
    }
}

/// Returns whether the version is in the grammar: `1.2.3a_rc1_git20240101~0a1b-r2`.
pub(super) fn is_valid(version: &str) -> bool {
    let mut tokens = Tokens::of(version);
    loop {
        match tokens.next() {
            Token::End => return true,
            Token::Invalid => return false,
            _ => {}
        }
    }
}

/// Reads plain comparators and apk's fuzzy ones: `~3.6` or `~=3.6` holds all that begins with 3.6,
/// `>~3.6` and `<~3.6` add what is above or below.
pub(super) fn parse_range(text: &str) -> Option<Range> {
    if !text.contains('~') {
        return range::parse_plain(super::Scheme::Apk, text);
    }
    let mut alternatives = Vec::new();
    for alternative in text.split("||") {
        alternatives.extend(parse_alternative(alternative)?);
        if size(&alternatives) > MAX_COMPARATORS {
            return None;
        }
    }
    Some(Range { scheme: super::Scheme::Apk, alternatives, plain: false })
}

/// Evaluates by apk order; a fuzzy comparator reads no further than its own version goes.
pub(super) fn contains(range: &Range, version: &str) -> Option<bool> {
    let valid = is_valid(version);
    let mut found = false;
    for alternative in &range.alternatives {
        let mut all = true;
        for Comparator { op, version: bound } in alternative {
            all &= match op {
                Op::Prefix => begins_with(version, bound),
                Op::NotPrefix => !begins_with(version, bound),
                _ if valid => op.holds(compare(version, bound)?),
                _ => false,
            };
        }
        found |= all && (valid || !alternative.is_empty());
    }
    (valid || found).then_some(found)
}

/// Splits a fuzzy inequality into two alternatives, since it is an OR; the others are AND-ed to
/// both. More than [`MAX_COMPARATORS`] comparators are refused.
fn parse_alternative(text: &str) -> Option<Vec<Vec<Comparator>>> {
    let mut alternatives = vec![Vec::new()];
    let mut rest = text.trim_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let sign_end = rest.find(|c| !"<>=!~".contains(c)).unwrap_or(rest.len());
        let (sign, after) = rest.split_at(sign_end);
        let after = after.trim_start();
        let end = after.find([' ', '\t', ',']).unwrap_or(after.len());
        let version = &after[..end];
        rest = after[end..].trim_start_matches([' ', '\t', ',']);
        if !is_valid(version) {
            return None;
        }
        let ops = match sign {
            "~" | "~=" | "=~" => vec![Op::Prefix],
            "!~" => vec![Op::NotPrefix],
            "<~" | "<=~" => vec![Op::Less, Op::Prefix],
            ">~" | ">=~" => vec![Op::Greater, Op::Prefix],
            _ if sign.contains('~') => return None,
            _ => match range::take_op(sign) {
                (op, "") => vec![op],
                _ => return None,
            },
        };
        let mut next = Vec::new();
        for alternative in &alternatives {
            for op in &ops {
                let mut longer = alternative.clone();
                longer.push(Comparator { op: *op, version: version.to_owned() });
                next.push(longer);
            }
        }
        if size(&next) > MAX_COMPARATORS {
            return None;
        }
        alternatives = next;
    }
    Some(alternatives)
}

/// Counts alternatives and comparators.
fn size(alternatives: &[Vec<Comparator>]) -> usize {
    alternatives.iter().map(|comparators| comparators.len() + 1).sum()
}

fn begins_with(version: &str, beginning: &str) -> bool {
    let (mut version, mut beginning) = (Tokens::of(version), Tokens::of(beginning));
    loop {
        let wanted = beginning.next();
        if wanted == Token::End {
            return true;
        }
        let token = version.next();
        if token == Token::Invalid || token.compare(wanted) != Ordering::Equal {
            return false;
        }
    }
}

impl<'a> Tokens<'a> {
    fn of(version: &'a str) -> Self {
        Self { rest: version, last: None }
    }

    fn next(&mut self) -> Token<'a> {
        let token = match self.last {
            None => self.number(self.rest, Token::First),
            Some(last) => self.next_behind(last),
        };
        self.last = Some(token);
        token
    }

    fn next_behind(&mut self, last: Token<'a>) -> Token<'a> {
        let rest = self.rest;
        let behind = |length: usize| rest.get(length..).unwrap_or_default();
        match (last, rest.as_bytes()) {
            (Token::Invalid, _) => Token::Invalid,
            (_, []) => Token::End,
            (Token::Revision(_) | Token::End, _) => Token::Invalid,
            (Token::First(_) | Token::Number(_), [b'.', ..]) => {
                self.number(behind(1), Token::Number)
            }
            (Token::First(_) | Token::Number(_), [letter @ b'a'..=b'z', ..]) => {
                self.rest = behind(1);
                Token::Letter(*letter)
            }
            (Token::Letter(b'p'), [b'0'..=b'9', ..]) => self.number(rest, Token::Patch),
            (Token::PreSuffix(_) | Token::PostSuffix(_), [b'0'..=b'9', ..]) => {
                self.number(rest, Token::SuffixNumber)
            }
            (_, [b'-', b'r', ..]) => self.number(behind(2), Token::Revision),
            (Token::Hash(_), _) => Token::Invalid,
            (_, [b'_', ..]) => self.suffix(behind(1)),
            (_, [b'~', ..]) => self.hash(behind(1)),
            _ => Token::Invalid,
        }
    }

    fn number(&mut self, text: &'a str, token: impl Fn(&'a str) -> Token<'a>) -> Token<'a> {
        let (number, rest) = numbers::take(text);
        self.rest = rest;
        if number.is_empty() { Token::Invalid } else { token(number) }
    }

    fn suffix(&mut self, text: &'a str) -> Token<'a> {
        let (name, rest) = numbers::take_while(text, |c| c.is_ascii_lowercase());
        self.rest = rest;
        let find = |names: &[&str]| names.iter().position(|known| *known == name);
        match (find(&PRE_SUFFIXES), find(&POST_SUFFIXES)) {
            (Some(index), _) => Token::PreSuffix(index),
            (_, Some(index)) => Token::PostSuffix(index),
            _ => Token::Invalid,
        }
    }

    fn hash(&mut self, text: &'a str) -> Token<'a> {
        let (hash, rest) = numbers::take_while(text, |c| matches!(c, '0'..='9' | 'a'..='f'));
        self.rest = rest;
        if hash.is_empty() { Token::Invalid } else { Token::Hash(hash) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_level_behind_the_letter_p_is_ordered() {
        assert_eq!(compare("1.9.5p1-r1", "1.9.5p2-r0"), Some(Ordering::Less));
        assert_eq!(compare("1.9.5p2-r1", "1.9.6-r0"), Some(Ordering::Less));
        assert_eq!(compare("1.9.5a2", "1.9.5a2"), None);
    }

    #[test]
    fn too_many_comparators_are_refused() {
        assert!(parse_range(&"~1 ".repeat(MAX_COMPARATORS - 1)).is_some());
        assert!(parse_range(&"~1 ".repeat(MAX_COMPARATORS)).is_none());
        assert!(parse_range(&"~1||".repeat(MAX_COMPARATORS)).is_none());
        assert!(parse_range(&"<~1 ".repeat(20)).is_none());
    }

    #[test]
    fn a_version_out_of_the_grammar_is_an_error_and_not_outside() {
        let range = parse_range("~3.6").unwrap();
        assert_eq!(contains(&range, "3.6.9_post1"), Some(true));
        assert_eq!(contains(&range, "3.7_post1"), None);
    }
}
