//! Vectors of the operating systems and of the SemVer family.

use std::cmp::Ordering;

use plimsoll_model::Scheme;

use crate::shared::rows;

/// Checks every pair of `<file>`, both ways round, but for the pairs in `except`, which must
/// disagree: a pair that agrees after all has to leave the list.
fn check_order(file: &str, scheme: Scheme, except: &[(&str, &str)]) {
    let Some(rows) = rows(file) else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let (a, b) = (row[0].as_str(), row[1].as_str());
        let want = match row[2].as_str() {
            "-1" => Ordering::Less,
            "0" => Ordering::Equal,
            "1" => Ordering::Greater,
            other => panic!("{file}: expected is {other}"),
        };
        let agrees = scheme.compare(a, b) == Ok(want) && scheme.compare(b, a) == Ok(want.reverse());
        if agrees == except.contains(&(a, b)) {
            wrong.push(format!("{row:?}: {:?} {:?}", scheme.compare(a, b), scheme.compare(b, a)));
        }
    }
    report(file, rows.len(), &wrong);
}

/// Checks that every row of `<file>` is valid, or not, as it says.
fn check_validity(file: &str, scheme: Scheme) {
    let Some(rows) = rows(file) else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let want = row[1] == "1";
        let same = scheme.compare(&row[0], &row[0]);
        if scheme.is_valid(&row[0]) != want || same.is_ok() != want {
            wrong.push(format!("{row:?}"));
        }
    }
    report(file, rows.len(), &wrong);
}

/// Checks every row of `<file>` but for those in `except` (range, version, syntax), which must
/// disagree.
fn check_ranges(file: &str, scheme: Scheme, except: &[(&str, &str, &str)]) {
    let Some(rows) = rows(file) else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let got = contains(scheme, &row[0], &row[1]);
        let agrees = got == Ok(row[2] == "1");
        let key = (row[0].as_str(), row[1].as_str(), row[3].as_str());
        if agrees == except.contains(&key) {
            wrong.push(format!("{row:?}: {got:?}"));
        }
    }
    report(file, rows.len(), &wrong);
}

fn contains(scheme: Scheme, range: &str, version: &str) -> Result<bool, String> {
    let range = scheme.parse_range(range).map_err(|error| error.to_string())?;
    range.contains(version).map_err(|error| error.to_string())
}

fn report(file: &str, rows: usize, wrong: &[String]) {
    assert!(wrong.is_empty(), "{file}: {} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn deb() {
    check_order("deb.tsv", Scheme::Deb, &[]);
    check_validity("deb.validity.tsv", Scheme::Deb);
    check_ranges("deb.ranges.tsv", Scheme::Deb, &[]);
}

/// Grype ignores an epoch that only one side has; rpm reads an absent epoch as 0, and so do we.
const RPM_RANGES_OF_PEERS: [(&str, &str, &str); 2] =
    [("< 2:1.0", "1.0", "grype"), ("<= 4.19.1-1.el7_5", "2:4.19.01-1.el7_5", "grype")];

#[test]
fn rpm() {
    check_order("rpm.tsv", Scheme::Rpm, &[]);
    check_order("rpm-evr.tsv", Scheme::Rpm, &[]);
    check_ranges("rpm.ranges.tsv", Scheme::Rpm, &RPM_RANGES_OF_PEERS);
}

/// Not valid in apk-tools 3 (`apk.validity.tsv` has the like), nor built by Alpine: an error here,
/// where osv-scalibr guesses an order.
const APK_OUT_OF_GRAMMAR: [(&str, &str); 13] = [
    ("0...1...0r1", "0...1...0r2"),
    ("0..1..0", "0..1..1"),
    ("0..8", "0...8"),
    ("0..8", "0..8"),
    ("0.8.21.r2", "0.8.21r2"),
    ("1-r", "1-r0"),
    ("1-r0-1", "1-r0-2"),
    ("1-ruff2", "1--ruff1"),
    ("1-ruff2", "1-ruff1"),
    ("1.0", "1.0bc"),
    ("1.2.0A", "1.2.0d"),
    ("1.2.0D", "1.2.0d"),
    ("c", "c"),
];

#[test]
fn apk() {
    check_order("apk.tsv", Scheme::Apk, &[]);
    check_order("apk-lenient.tsv", Scheme::Apk, &APK_OUT_OF_GRAMMAR);
    check_validity("apk.validity.tsv", Scheme::Apk);
    check_ranges("apk.ranges.tsv", Scheme::Apk, &[]);
}

/// Rows of node-semver with its option `includePrerelease`, which we read without.
const NPM_WITH_PRE_RELEASES: [(&str, &str, &str); 11] = [
    ("*", "1.0.0-rc1", "npm+includePrerelease"),
    ("1 - 2", "2.0.0-pre", "npm+includePrerelease"),
    ("1.0 - 2", "1.0.0-pre", "npm+includePrerelease"),
    ("1.1.x", "1.1.0-a", "npm+includePrerelease"),
    ("=0.7.x", "0.7.0-asdf", "npm+includePrerelease"),
    (">=0.7.x", "0.7.0-asdf", "npm+includePrerelease"),
    ("^1.0.0", "1.0.1-rc1", "npm+includePrerelease"),
    ("^1.0.0", "1.1.0-rc1", "npm+includePrerelease"),
    ("~1.1", "1.1.1-a", "npm+includePrerelease"),
    ("~1.1.x", "1.1.0-a", "npm+includePrerelease"),
    ("~2", "2.0.0-pre.0", "npm+includePrerelease"),
];

#[test]
fn npm() {
    check_order("npm.tsv", Scheme::Npm, &[]);
    check_order("npm-loose.tsv", Scheme::Npm, &[]);
    check_ranges("npm.ranges.tsv", Scheme::Npm, &NPM_WITH_PRE_RELEASES);
}

const GO_VERSION: &str = "aquasecurity/go-version semver TestConstraint_Check";
const GO_VERSION_PRE: &str = "aquasecurity/go-version semver TestConstraint_CheckWithPreRelease";
const GO_VERSION_SETS: &str = "aquasecurity/go-version semver TestConstraints_Check";

/// What peers do and SemVer does not say. go-version contradicts itself by option: here a missing
/// number is 0 (`2.1` is 2.1.0, as with its zero padding and in Grype), and pre-releases compare
/// plainly, which two of its three modes leave out. Grype makes hyphens of all dots behind a letter.
const SEMVER_RANGES_OF_PEERS: [(&str, &str, &str); 28] = [
    (" >1.1 <2 ", "1.1.1", GO_VERSION_SETS),
    ("!=4.1", "4.1.1", GO_VERSION),
    ("!=4.1", "4.1.1", GO_VERSION_PRE),
    ("!=4.1-alpha", "4.1.0", GO_VERSION),
    ("!=4.1-alpha", "4.1.0", GO_VERSION_PRE),
    ("!=4.1-alpha", "4.1.0", GO_VERSION_SETS),
    ("*", "1.2.3-alpha.1", GO_VERSION),
    ("2.1", "2.1.1", GO_VERSION),
    ("2.1", "2.1.1", GO_VERSION_PRE),
    ("<0", "0.0.0-alpha", GO_VERSION),
    ("<=1.1", "0.1.0-alpha", GO_VERSION_SETS),
    ("<=1.1", "1.1.1", GO_VERSION),
    ("<=1.1", "1.1.1", GO_VERSION_PRE),
    ("<=1.1", "1.1.1", GO_VERSION_SETS),
    ("<=1.1-a", "0.1.0-alpha", GO_VERSION_SETS),
    ("<=11", "11.2.3", GO_VERSION),
    ("<=11", "11.2.3", GO_VERSION_PRE),
    ("= 1.0.0-rc-alpha", "1.0.0.rc.alpha", "grype"),
    (">11.1", "11.1.1", GO_VERSION),
    (">11.1", "11.1.1", GO_VERSION_PRE),
    (">=0-0", "0.0.0-alpha", GO_VERSION),
    (">=0-0", "0.0.0-alpha", GO_VERSION_PRE),
    (">=0-0", "0.0.1-alpha", GO_VERSION),
    (">=0-0", "0.0.1-alpha", GO_VERSION_PRE),
    (">=0.0-0", "0.0.1-alpha", GO_VERSION),
    (">=0.0-0", "0.0.1-alpha", GO_VERSION_PRE),
    ("^1.2.0", "1.2.1-alpha.1", GO_VERSION),
    ("~1.1-alpha", "1.1.1-beta", GO_VERSION_SETS),
];

#[test]
fn semver() {
    check_order("semver.tsv", Scheme::Semver, &[]);
    check_ranges("semver.ranges.tsv", Scheme::Semver, &SEMVER_RANGES_OF_PEERS);
}

/// The same file says that `1.2.*` does not hold 1.0.9: the rows have lost an operator.
const CRATES_BROKEN_ROWS: [(&str, &str, &str); 2] =
    [("1.2.*", "0.0.1", "cargo-req"), ("1.2.*", "1.0.0", "cargo-req")];

#[test]
fn cargo() {
    check_order("crates.tsv", Scheme::Cargo, &[]);
    check_ranges("crates.ranges.tsv", Scheme::Cargo, &CRATES_BROKEN_ROWS);
}

#[test]
fn golang() {
    check_order("go.tsv", Scheme::Golang, &[]);
    check_validity("go.validity.tsv", Scheme::Golang);
    check_ranges("go.ranges.tsv", Scheme::Golang, &[]);
}

#[test]
fn hex() {
    check_order("hex.tsv", Scheme::Hex, &[]);
    check_validity("hex.validity.tsv", Scheme::Hex);
    check_ranges("hex.ranges.tsv", Scheme::Hex, &[]);
}

#[test]
fn swift_and_pub() {
    check_order("swift.tsv", Scheme::Swift, &[]);
    check_order("pub.tsv", Scheme::Pub, &[]);
}

#[test]
fn alpm() {
    check_order("alpm.tsv", Scheme::Alpm, &[]);
}

#[test]
fn ebuild() {
    check_order("gentoo.tsv", Scheme::Ebuild, &[]);
    check_ranges("gentoo.ranges.tsv", Scheme::Ebuild, &[]);
}

#[test]
fn schemes_without_a_package_manager() {
    check_order("go-toolchain.tsv", Scheme::GoToolchain, &[]);
    check_order("openssl.tsv", Scheme::Openssl, &[]);
    check_order("lexicographic.tsv", Scheme::Lexicographic, &[]);
    check_order("datetime.tsv", Scheme::Datetime, &[]);
    check_ranges("jvm.ranges.tsv", Scheme::Jvm, &[]);
    check_order("generic-trivy.tsv", Scheme::Generic, &[GO_VERSION_LABEL]);
    check_order("openssl.tsv", Scheme::Generic, &[]);
    check_ranges("jvm.ranges.tsv", Scheme::Generic, &[]);
}

/// A number and a word in one label of SemVer; here the number counts.
const GO_VERSION_LABEL: (&str, &str) = ("v3.2-rc.1-1-g123", "v3.2-rc.2");

/// Each native range and the VERS that the specification's converters make of it must hold the same
/// of all versions that the file names for the scheme (but pre-releases, which VERS orders plainly).
#[test]
fn vers_agrees_with_native_ranges() {
    let file = "vers_from_native.tsv";
    let Some(rows) = rows(file) else { return };
    let mut wrong = Vec::new();
    for row in &rows {
        let (scheme, native, vers) = (Scheme::from_name(&row[0]).unwrap(), &row[1], &row[2]);
        let samples =
            rows.iter().filter(|other| other[0] == row[0]).flat_map(|other| bounds(&other[2]));
        let mut samples: Vec<&str> = samples.filter(|version| !version.contains('-')).collect();
        samples.sort_unstable();
        samples.dedup();
        let differing = samples
            .iter()
            .find(|version| contains(scheme, native, version) != contains(scheme, vers, version));
        let agrees = differing.is_none() && contains(scheme, vers, samples[0]).is_ok();
        if agrees == VERS_NOT_NATIVE.contains(&(row[0].as_str(), native.as_str())) {
            wrong.push(format!("{row:?}: {differing:?}"));
        }
    }
    report(file, rows.len(), &wrong);
}

/// What the converters of vers-spec write that is not what the native range holds: npm's `2.1` is all
/// of 2.1, `<= 1.0` all of 1.0, and `>= 1.x` has no end; Conan's 0 is below 0.0.0, and its `>1-`
/// holds 1.
const VERS_NOT_NATIVE: [(&str, &str); 6] = [
    ("conan", "*-"),
    ("conan", ">1- <2.0 || ^3.2 "),
    ("npm", "2.1 || 2.6"),
    ("npm", "<= 1.0"),
    ("npm", ">= 1.x"),
    ("npm", ">= 2.2.x"),
];

fn bounds(vers: &str) -> impl Iterator<Item = &str> {
    let constraints = vers.split_once('/').map_or("", |(_, constraints)| constraints);
    constraints.split('|').map(|constraint| constraint.trim_start_matches(['<', '>', '=', '!']))
}
