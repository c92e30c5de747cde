//! Lists of the distributions that another one vendors: `pip/_vendor/vendor.txt` and its like.
//!
//! They are requirements files that name one version each
//! (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).

use plimsoll_model::{Confidence, Evidence, FileYield, GapKind, Package, Problem};

use super::PYPI;

/// The most distributions that one list may name; that of pip has about twenty.
const MAX_VENDORED: usize = 2_000;

/// Reads a list. Somebody may have taken a vendored copy away and left the list, so nothing is certain.
pub(super) fn read(body: &[u8]) -> FileYield {
    let mut packages = parse_vendored(body);
    let mut problems = Vec::new();
    if packages.len() > MAX_VENDORED {
        packages.truncate(MAX_VENDORED);
        let detail = format!("more than {MAX_VENDORED} vendored packages; the rest is not read");
        problems.push(Problem { detail, gap: Some(GapKind::Limit), ..Problem::default() });
    }
    for package in &mut packages {
        package.confidence = Some(Confidence::Medium);
        package.evidence = vec![Evidence::default()];
    }
    FileYield { packages, problems, ..FileYield::default() }
}

/// Reads the lines `NAME==VERSION` of a list, in its order; one more than the limit is kept. Extras,
/// markers and comments are left out, and so is a line that names no single version.
///
/// ```text
/// requests==2.31.0
///     idna==3.4  # of requests
/// rich[jupyter]==13.4.2; python_version > "3.6"
/// ```
pub fn parse_vendored(body: &[u8]) -> Vec<Package> {
    let lines = body.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines
        .filter_map(|line| std::str::from_utf8(line).ok().and_then(package))
        .take(MAX_VENDORED + 1)
        .collect()
}

fn package(line: &str) -> Option<Package> {
    let line = line.split(['#', ';']).next().unwrap_or_default();
    let (name, version) = line.split_once("==")?;
    let name = name.split('[').next().unwrap_or_default().trim();
    let version = version.trim_start_matches('=').split_whitespace().next()?;
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_version = |letter: char| letter.is_ascii_alphanumeric() || ".+!-_".contains(letter);
    let is_good = !name.is_empty()
        && name.chars().all(is_name)
        && version.starts_with(|letter: char| letter.is_ascii_digit() || letter == 'v')
        && version.chars().all(is_version);
    is_good.then(|| Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: PYPI.to_owned(),
        ..Package::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str) -> Vec<String> {
        let packages = parse_vendored(text.as_bytes());
        packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
    }

    #[test]
    fn one_version_of_each_is_named() {
        let text = "# all\r\nrequests==2.31.0\n    idna==3.4 # of requests\nrich[a,b]==13.4.2; x > '3'\n\
            six===1.16.0 --hash=sha256:00\ntyping_extensions >= 4\ngit+https://h.example/x.git\n\
            two==1.0,<2\nany==*\n==1\n-e .\n";
        assert_eq!(listed(text), ["requests 2.31.0", "idna 3.4", "rich 13.4.2", "six 1.16.0"]);
    }

    #[test]
    fn a_list_has_a_limit() {
        let lines: Vec<String> = (0..MAX_VENDORED).map(|n| format!("a{n}==1\n")).collect();
        let text = lines.concat();
        assert!(read(text.as_bytes()).problems.is_empty());
        let found = read(format!("{text}b==1\nc==1\n").as_bytes());
        assert_eq!((found.packages.len(), found.problems.len()), (MAX_VENDORED, 1));
        assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
    }
}
