//! Installed packages of the smaller languages: one row for each, with the readers that it has.
//!
//! All of them look at what an installation leaves behind, never at sources: where a file lies says which of
//! the two it is.

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem};

pub(crate) mod conan;
pub(crate) mod dart;
pub(crate) mod dotnet;
pub(crate) mod erlang;
pub(crate) mod haskell;
pub(crate) mod julia;
pub(crate) mod lua;
pub(crate) mod ocaml;
pub(crate) mod perl;
pub(crate) mod php;
pub(crate) mod prolog;
pub(crate) mod r;
pub(crate) mod ruby;
pub(crate) mod swift;
pub(crate) mod term;
pub(crate) mod vcpkg;
pub(crate) mod wordpress;

/// The most bytes of one file; those of packages have a few kB.
pub(crate) const MAX_FILE_BYTES: u64 = 16 << 20;
/// The bytes of a text that are looked at.
pub(crate) const MAX_TEXT_BYTES: usize = 1 << 20;
/// The longest name, version or licence that is believed.
pub(crate) const MAX_FIELD_BYTES: usize = 200;
/// The most licences of one package.
pub(crate) const MAX_LICENSES: usize = 20;

/// Returns the text of a file up to [`MAX_TEXT_BYTES`]; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn text(body: &[u8]) -> String {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    String::from_utf8_lossy(body.get(..MAX_TEXT_BYTES).unwrap_or(body)).into_owned()
}

/// Makes a package whose evidence is the file itself; `None` when name or version cannot be one.
pub(crate) fn package(kind: &str, name: &str, version: &str) -> Option<Package> {
    let (name, version) = (name.trim(), version.trim());
    (is_field(name) && is_field(version)).then(|| Package {
        kind: kind.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        evidence: vec![Evidence::default()],
        ..Package::default()
    })
}

fn is_field(field: &str) -> bool {
    !field.is_empty() && field.len() <= MAX_FIELD_BYTES && !field.chars().any(char::is_control)
}

/// Adds a licence as stated, once, unless it says nothing or is a text and no name.
pub(crate) fn add_license(package: &mut Package, license: &str) {
    let license = license.trim();
    let is_known = package.licenses.iter().any(|known| known == license);
    let is_stated = !matches!(license, "NOASSERTION" | "NONE" | "UNKNOWN") && is_field(license);
    if is_stated && !is_known && package.licenses.len() < MAX_LICENSES {
        package.licenses.push(license.to_owned());
    }
}

/// Makes the yield of a file that tells of one package; without one it is a problem, and a gap.
pub(crate) fn of_one(package: Option<Package>, what: &str) -> FileYield {
    match package {
        Some(package) => FileYield { packages: vec![package], ..FileYield::default() },
        None => unreadable(format!("cannot tell which {what} this is: no name or no version")),
    }
}

/// Makes the yield of a file that cannot be read.
pub(crate) fn unreadable(detail: String) -> FileYield {
    let gap = Some(GapKind::Unreadable);
    let problem = Problem { detail, gap, ..Problem::default() };
    FileYield { problems: vec![problem], ..FileYield::default() }
}

/// Returns the last parts of a path, the name of the file first: `[c, b, a]` of `a/b/c`.
pub(crate) fn ends(path: &str) -> Vec<&str> {
    path.rsplit('/').take(8).collect()
}

/// Parts `NAME-VERSION` at the first dash that a digit follows.
pub(crate) fn split_version(stem: &str) -> Option<(&str, &str)> {
    let is_start = |at: &usize| stem[at + 1..].starts_with(|first: char| first.is_ascii_digit());
    let dash = stem.match_indices('-').map(|(at, _)| at).find(is_start)?;
    (dash > 0).then(|| (&stem[..dash], &stem[dash + 1..]))
}

/// Returns what stands between the first pair of quotes, single or double; no escapes are known.
pub(crate) fn quoted(text: &str) -> Option<&str> {
    split_quoted(text).map(|(content, _)| content)
}

/// Returns what stands between each pair of quotes, in order.
pub(crate) fn all_quoted(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some((content, rest)) = split_quoted(text) {
        found.push(content);
        text = rest;
    }
    found
}

fn split_quoted(text: &str) -> Option<(&str, &str)> {
    let start = text.find(['"', '\''])?;
    let quote = text[start..].chars().next()?;
    text[start + 1..].split_once(quote)
}

/// Returns the values of `name = "value"` lines up to the first table: the head of a TOML file, or of one
/// that looks like it. Values are without their quotes.
pub(crate) fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let head = text.lines().take_while(|line| !line.trim_start().starts_with('['));
    head.filter_map(|line| {
        let (name, value) = line.split_once('=')?;
        quoted(value).map(|value| (name.trim(), value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_licences_have_limits() {
        let long = "x".repeat(MAX_FIELD_BYTES + 1);
        assert!(package("gem", &long[1..], "1").is_some());
        assert!(package("gem", &long, "1").is_none());
        assert!(package("gem", "a", &long).is_none());
        assert!(package("gem", " ", "1").is_none() && package("gem", "a\nb", "1").is_none());
        let mut package = package("gem", "a", "1").unwrap();
        for number in 0..=MAX_LICENSES {
            add_license(&mut package, &format!("L{number}"));
        }
        assert_eq!(package.licenses.len(), MAX_LICENSES);
        package.licenses.clear();
        for license in [&long, "MIT", " MIT ", "NOASSERTION", ""] {
            add_license(&mut package, license);
        }
        assert_eq!(package.licenses, ["MIT"]);
    }

    #[test]
    fn texts_are_cut_off() {
        assert_eq!(text(&vec![b'x'; MAX_TEXT_BYTES + 1]).len(), MAX_TEXT_BYTES);
        assert_eq!(text(b"\xef\xbb\xbfa\xff"), "a\u{fffd}");
    }

    #[test]
    fn names_and_versions_are_parted() {
        assert_eq!(split_version("net-http-0.3.0"), Some(("net-http", "0.3.0")));
        assert_eq!(
            split_version("nokogiri-1.13.8-x86_64-linux"),
            Some(("nokogiri", "1.13.8-x86_64-linux"))
        );
        assert_eq!(split_version("-1"), None);
        assert_eq!(split_version("hello"), None);
        assert_eq!(quoted("= 'a\"b' # \"c\""), Some("a\"b"));
        assert_eq!(quoted("= \"a"), None);
        assert_eq!(all_quoted("['a', \"b'c\", '', 'd"), ["a", "b'c", ""]);
        let head: Vec<_> = assignments("a = \"1\"\nb=2\n c='3'\n[deps]\nd = \"4\"\n").collect();
        assert_eq!(head, [("a", "1"), ("c", "3")]);
        assert_eq!(ends("a/b/c"), ["c", "b", "a"]);
    }
}
