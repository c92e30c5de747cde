//! Properties of every version order: total, and calm on any text.

use std::cmp::Ordering;

use plimsoll_model::version::MAX_VERSION_BYTES;
use plimsoll_model::{Comparator, Op, Range, Scheme};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{TestCaseError, TestRunner};

/// What the versions of a scheme look like: a pattern whose texts are mostly valid, and short, so
/// that equal and nearly equal ones come together.
fn pattern(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Deb => "([0-2]:)?[0-2]([.+~:a-b0-1-]{0,3}[a-b0-1~+.])?(-[0-1a~+.]{1,3})?",
        Scheme::Rpm => "([0-2]:)?[0-2.a-bA~^_]{0,5}(-[0-1a~^.]{0,3})?",
        Scheme::Apk => {
            "[0-2](\\.0?[0-2]{1,2}){0,2}[ap]?(_(alpha|rc|p|git)[0-2]?){0,2}(~[0-1a-b]{1,2})?(-r[0-2])?"
        }
        Scheme::Ebuild => "[0-2](\\.0?[0-2]0?){0,2}[a-b]?(_(alpha|rc|p)[0-2]?){0,2}(-r[0-2])?",
        // With releases and with doubled or trailing separators, pacman's order is not transitive.
        Scheme::Alpm => "([0-2]:)?[0-2](\\.?[0-2ab]{1,2}){0,3}",
        Scheme::Golang => "v?[0-2]\\.[0-2]\\.[0-2](-(0|1|rc|a-b)(\\.(0|1|a))?)?(\\+incompatible)?",
        Scheme::GoToolchain => "(go)?1\\.[0-2](\\.[0-2])?(rc[0-2]|beta[0-2]|-0|-rc\\.[0-2])?",
        Scheme::Jvm => "(1\\.)?[0-2](\\.[0-2]){0,3}(_[0-2])?(-ea|-b0[0-2])?(\\+[0-2])?",
        Scheme::Openssl => "[0-2]\\.[0-2]\\.[0-2](z?[a-b])?(-(pre|alpha|beta)[0-2])?",
        Scheme::Datetime => "202[0-2]-0[1-3]-0[1-2]T0[0-3]:00:00(\\.[01]{1,2})?(Z|[+-]0[0-2]:00)",
        Scheme::Lexicographic => "[a-bé]{0,3}",
        Scheme::Generic => {
            "v?[0-2](\\.[0-2]){0,3}[a-b]?([.-]?(rc|p|a|beta|x|update_)[0-2]?){0,2}(\\+[0-2])?"
        }
        Scheme::Pypi => {
            "([0-1]!)?[0-2](\\.[0-2]){0,2}((a|b|rc)[0-1])?(\\.post[0-1])?(\\.dev[0-1])?(\\+[a0-1](\\.[a0-1])?)?"
        }
        Scheme::Maven => "[0-2]([.-]([0-2]|alpha|a1|rc|SNAPSHOT|final|ga|sp|x|RELEASE)){0,3}",
        Scheme::Gem => "[0-2](\\.([0-2]|a|rc1|pre)){0,3}(-[ab0-1])?",
        Scheme::Nuget => "[0-2](\\.[0-2]){0,3}(-([0-1]|Rc|rc|a)(\\.[0-1a])?)?(\\+b)?",
        Scheme::Composer => "v?[0-2](\\.[0-2]){0,3}(-?(dev|alpha|beta|RC|p|patch)[0-1]?)?",
        Scheme::Php => "[0-2](\\.[0-2]){0,2}([-_+]?(dev|alpha|a|b|RC|pl|p)[0-1]?)?",
        Scheme::Conan => "[0-2](\\.([0-2]|a|b1)){0,3}(-(pre|[0-1])(\\.[0-1])?)?(\\+[a0-1])?",
        Scheme::Cran => "[0-2]([.-][0-2]){1,3}",
        Scheme::Hackage => "[0-2](\\.[0-2]){0,4}",
        Scheme::Bitnami => "[0-2]\\.[0-2]\\.[0-2](-[0-2])?",
        Scheme::Npm
        | Scheme::Semver
        | Scheme::Cargo
        | Scheme::Hex
        | Scheme::Pub
        | Scheme::Swift => {
            "[0-2]\\.[0-2]\\.[0-2](-(0|1|10|rc|a-b)(\\.(0|1|a)){0,2})?(\\+(b|0)(\\.[01])?)?"
        }
    }
}

/// Runs the test on `cases` values for each scheme, and tells of all schemes that fail.
fn check<S: Strategy>(
    cases: u32,
    strategy: impl Fn(Scheme) -> S,
    test: impl Fn(Scheme, S::Value) -> Result<(), TestCaseError>,
) {
    let mut failures = Vec::new();
    for scheme in Scheme::all() {
        let config = ProptestConfig { cases, failure_persistence: None, ..Default::default() };
        let run = TestRunner::new(config).run(&strategy(scheme), |value| test(scheme, value));
        failures.extend(run.err().map(|error| format!("{}: {error}", scheme.name())));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Makes texts after the scheme's [`pattern`].
fn version_like(scheme: Scheme) -> BoxedStrategy<String> {
    prop::string::string_regex(pattern(scheme)).unwrap().boxed()
}

#[test]
fn versions_are_in_a_total_order() {
    let three = |scheme| {
        let valid = version_like(scheme).prop_filter("not valid", move |v| scheme.is_valid(v));
        [valid.clone(), valid.clone(), valid]
    };
    check(4000, three, |scheme, [a, b, c]| {
        let compare = |a: &str, b: &str| scheme.compare(a, b).unwrap();
        prop_assert_eq!(compare(&a, &a), Ordering::Equal, "reflexive");
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse(), "antisymmetric");
        for [low, middle, high] in [[&a, &b, &c], [&b, &c, &a], [&c, &a, &b]] {
            let steps = (compare(low, middle), compare(middle, high));
            let whole = match steps {
                (first, Ordering::Equal) => first,
                (Ordering::Equal, second) => second,
                (first, second) if first == second => first,
                _ => continue,
            };
            prop_assert_eq!(compare(low, high), whole, "transitive: {} {} {}", low, middle, high);
        }
        Ok(())
    });
}

#[test]
fn comparing_and_validity_are_of_one_mind() {
    let two = |scheme| {
        let text = prop_oneof![r"\PC{0,8}", version_like(scheme)];
        (text.clone(), text)
    };
    check(1000, two, |scheme, (a, b)| {
        let valid = scheme.is_valid(&a) && scheme.is_valid(&b);
        prop_assert_eq!(scheme.compare(&a, &b).is_ok(), valid);
        let alternatives = vec![vec![Comparator { op: Op::LessEqual, version: b.clone() }]];
        let range = Range { scheme, alternatives, plain: true };
        match (range.contains(&a), scheme.compare(&a, &b)) {
            (Ok(inside), Ok(order)) => prop_assert_eq!(inside, order.is_le()),
            (inside, order) => prop_assert!(inside.is_err() && order.is_err()),
        }
        Ok(())
    });
}

#[test]
fn no_text_makes_a_panic() {
    let pieces = select(vec![
        "1",
        "0",
        "00",
        "9",
        ".",
        "-",
        "_",
        "+",
        "~",
        "^",
        ":",
        "!",
        "*",
        "x",
        "v",
        "r",
        "rc",
        "p",
        "a",
        "alpha",
        "dev",
        "post",
        "snapshot",
        "=",
        "<",
        ">",
        ">=",
        "!=",
        "==",
        "~>",
        "||",
        "|",
        ",",
        " ",
        " - ",
        "[",
        "]",
        "(",
        ")",
        "and",
        "or",
        "vers:npm/",
        "%",
        "%2",
        "é",
        "\u{1f600}",
        "\0",
        "\u{301}",
        "٣",
        "latest",
        "{",
        "}",
        "&&",
        "@",
    ]);
    let odd = prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat());
    let text = || prop_oneof![odd.clone(), any::<String>()];
    check(
        2000,
        |_| (text(), text()),
        |scheme, (a, b)| {
            let _ = scheme.compare(&a, &b);
            let _ = scheme.is_valid(&a);
            for range in [a.clone(), format!("vers:{}/{a}", scheme.name())] {
                if let Ok(range) = scheme.parse_range(&range) {
                    let _ = range.contains(&b);
                }
            }
            Ok(())
        },
    );
}

#[test]
fn the_longest_versions_are_compared_and_longer_ones_refused() {
    for scheme in Scheme::all() {
        for unit in
            ["1", "1.", "0.", "1a", "a.", "~", "1-", "_p1", ".rc", "(", "1,", "-.", "\u{e9}"]
        {
            let long = unit.repeat(MAX_VERSION_BYTES / unit.len());
            let prefixed = format!("1.{}", &long[..long.len() - unit.len() * 2]);
            for text in [&long, &prefixed] {
                let same = scheme.compare(text, text);
                // Old versions of Python have an order, and are not valid.
                let is_old = scheme == Scheme::Pypi && same.is_ok() && text.contains('.');
                assert!(
                    same.is_ok() == scheme.is_valid(text) || is_old,
                    "{} {unit}",
                    scheme.name()
                );
                assert!(same.is_err() || same == Ok(Ordering::Equal), "{} {unit}", scheme.name());
                if let Ok(range) = scheme.parse_range(text) {
                    let _ = range.contains("1.0.0");
                }
            }
            let longer = unit.repeat(MAX_VERSION_BYTES / unit.len() + 1);
            assert!(!scheme.is_valid(&longer), "{}", scheme.name());
            assert!(scheme.compare(&longer, "1").is_err(), "{}", scheme.name());
        }
    }
}

#[test]
fn an_empty_range_holds_everything() {
    for scheme in Scheme::all() {
        let version = if scheme == Scheme::Datetime { "2024-01-01T00:00:00Z" } else { "1.2.3" };
        for range in ["", " "] {
            let range = scheme.parse_range(range).unwrap();
            assert_eq!(range.contains(version), Ok(true), "{}", scheme.name());
        }
    }
}
