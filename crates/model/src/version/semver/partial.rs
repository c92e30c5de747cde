//! Versions with missing or wild numbers, and the comparators that `^`, `~` and `x` make of them.
//!
//! Follows the grammar and the desugaring of <https://github.com/npm/node-semver#advanced-range-syntax>.

use super::are_identifiers;
use crate::range::{Comparator, Op};
use crate::version::numbers;

/// A version whose last numbers may be missing or wild: `1.x`, `1.2`, `*`, `1.2.3-rc.1`.
#[derive(Clone, Copy)]
pub(in crate::version) struct Partial<'a> {
    numbers: [Option<&'a str>; 3],
    pre: &'a str,
    holey: bool,
}

impl<'a> Partial<'a> {
    /// Reads a partial version. A pre-release counts only behind three numbers, and no number counts
    /// behind a wild one.
    pub(in crate::version) fn parse(text: &'a str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { numbers: [None; 3], pre: "", holey: false });
        }
        let (text, build) = text.split_once('+').unwrap_or((text, "0"));
        if !are_identifiers(build) {
            return None;
        }
        let mut numbers = [None; 3];
        let mut rest = text;
        let (mut wild, mut holey) = (false, false);
        for (index, number) in numbers.iter_mut().enumerate() {
            if index > 0 {
                let Some(behind) = rest.strip_prefix('.') else { break };
                rest = behind;
            }
            let (digits, behind) = numbers::take(rest);
            if digits.is_empty() {
                rest = rest.strip_prefix(['x', 'X', '*'])?;
                wild = true;
            } else {
                rest = behind;
                *number = (!wild).then_some(digits);
                holey |= wild;
            }
        }
        let pre = rest.strip_prefix('-').unwrap_or(rest);
        if !pre.is_empty() && !are_identifiers(pre) || pre.is_empty() && !rest.is_empty() {
            return None;
        }
        let pre = if numbers[2].is_some() { pre } else { "" };
        Some(Self { numbers, pre, holey })
    }

    /// Returns whether all three numbers are there.
    pub(in crate::version) fn is_full(&self) -> bool {
        self.numbers[2].is_some()
    }

    /// Returns whether a number stands behind a wild one: `1.x.3`.
    pub(in crate::version) fn is_holey(&self) -> bool {
        self.holey
    }

    /// Returns the lowest version that fits, without the pre-release ones of a wild part.
    pub(in crate::version) fn lowest(&self) -> String {
        let [major, minor, patch] = self.numbers.map(|number| number.unwrap_or("0"));
        let hyphen = if self.pre.is_empty() { "" } else { "-" };
        format!("{major}.{minor}.{patch}{hyphen}{}", self.pre)
    }

    /// Returns the release behind all that have the first `kept` numbers: `1.2` kept is `1.3.0`.
    fn behind(&self, kept: usize) -> String {
        let mut numbers = self.numbers.map(|number| number.unwrap_or("0").to_owned());
        for (index, number) in numbers.iter_mut().enumerate() {
            if index + 1 == kept {
                *number = numbers::next(number);
            } else if index >= kept {
                "0".clone_into(number);
            }
        }
        numbers.join(".")
    }

    fn known(&self) -> usize {
        self.numbers.iter().flatten().count()
    }

    /// Returns `>=` the lowest and `<` what is behind the first `kept` numbers, whose own
    /// pre-releases are left out (`<2.0.0-0`); nothing kept is everything.
    fn within(&self, kept: usize) -> Vec<Comparator> {
        if kept == 0 {
            return Vec::new();
        }
        vec![
            Comparator::new(Op::GreaterEqual, self.lowest()),
            Comparator::new(Op::Less, self.behind(kept) + "-0"),
        ]
    }

    /// `^1.2.3`: the first number that is not 0 stays.
    pub(in crate::version) fn caret(&self) -> Vec<Comparator> {
        let is_zero = |number: Option<&str>| number.is_some_and(|n| n.bytes().all(|b| b == b'0'));
        let zeros = self.numbers.iter().take_while(|number| is_zero(**number)).count();
        self.within((zeros + 1).min(self.known()))
    }

    /// `~1.2.3`: the first two numbers stay.
    pub(in crate::version) fn tilde(&self) -> Vec<Comparator> {
        self.within(self.known().min(2))
    }

    /// `1.2.x`: all known numbers stay.
    pub(in crate::version) fn wildcard(&self) -> Vec<Comparator> {
        self.within(self.known())
    }

    /// `!=1.2.x`; `None` for `!=*`, which holds nothing.
    pub(super) fn not_wildcard(&self) -> Option<Vec<Comparator>> {
        let known: Vec<&str> = self.numbers.iter().flatten().copied().collect();
        (!known.is_empty()).then(|| vec![Comparator::new(Op::NotPrefix, known.join("."))])
    }

    /// `>1.2.x` and the like, where a number is missing; the sign is `<`, `<=`, `>` or `>=`.
    pub(in crate::version) fn inequality(&self, sign: &str) -> Vec<Comparator> {
        let known = self.known();
        let comparator = match (sign, known) {
            ("<" | ">", 0) => Comparator::new(Op::Less, "0.0.0-0"),
            (_, 0) => return Vec::new(),
            (">", _) => Comparator::new(Op::GreaterEqual, self.behind(known)),
            ("<=", _) => Comparator::new(Op::Less, self.behind(known) + "-0"),
            ("<", _) => Comparator::new(Op::Less, self.lowest() + "-0"),
            _ => Comparator::new(Op::GreaterEqual, self.lowest()),
        };
        vec![comparator]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(comparators: &[Comparator]) -> Vec<&str> {
        comparators.iter().map(|comparator| comparator.version.as_str()).collect()
    }

    #[test]
    fn ranges_end_before_the_pre_releases_of_what_is_behind() {
        let partial = |text| Partial::parse(text).unwrap();
        assert_eq!(texts(&partial("1.2.3").caret()), ["1.2.3", "2.0.0-0"]);
        assert_eq!(texts(&partial("0.2.3-a").caret()), ["0.2.3-a", "0.3.0-0"]);
        assert_eq!(texts(&partial("0.0").caret()), ["0.0.0", "0.1.0-0"]);
        assert_eq!(texts(&partial("1.9").tilde()), ["1.9.0", "1.10.0-0"]);
        assert_eq!(texts(&partial("1.2.x").wildcard()), ["1.2.0", "1.3.0-0"]);
        assert_eq!(texts(&partial("99").inequality(">")), ["100.0.0"]);
        assert!(partial("*").wildcard().is_empty());
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["a", "1.", "1.2.3.4", "1.2.3-", "1.2.3-a..b", "1.2.3+", "-1"] {
            assert!(Partial::parse(text).is_none(), "{text}");
        }
    }
}
