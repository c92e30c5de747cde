//! Packages of different tools under one spelling.
//!
//! Package URLs are written in several ways for the same package; [`Key::of`] is the form in which they are
//! compared: type, namespace and name in one, version. Qualifiers are dropped, but an epoch is part of the version.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

/// A package as it is compared.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Key {
    /// The purl type: `maven`.
    pub(crate) kind: String,
    /// Namespace and name: `org.slf4j/slf4j-api`, `github.com/x/y/v2`; of packages of distributions the name alone.
    pub(crate) name: String,
    /// The version, with a nonzero epoch in front: `1:2.3-4`.
    pub(crate) version: String,
}

/// One package at one place.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) key: Key,
    /// The file from the root, without a leading slash; inner files follow ` > `: `srv/a.war > WEB-INF/lib/b.jar`.
    pub(crate) place: String,
    /// Which of the tool's readers found it.
    pub(crate) found_by: String,
    /// The package of the distribution that the tool says its file belongs to.
    pub(crate) owner: Option<Key>,
    /// What the tool wrote of it.
    pub(crate) facts: Value,
}

/// What a tool lists of an image.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pub(crate) items: Vec<Item>,
    keys: BTreeSet<Key>,
    /// The keys at each place.
    places: BTreeMap<String, Vec<Key>>,
    /// Files that were seen and not identified, or not read: places of artifacts, problems and gaps.
    pub(crate) admitted: BTreeSet<String>,
}

impl Inventory {
    /// Sorts by package and place, and makes the indexes.
    pub(crate) fn of(mut items: Vec<Item>) -> Self {
        items.sort_by(|a, b| (&a.key, &a.place).cmp(&(&b.key, &b.place)));
        let mut inventory = Self::default();
        for item in &items {
            inventory.places.entry(item.place.clone()).or_default().push(item.key.clone());
            inventory.keys.insert(item.key.clone());
        }
        inventory.items = items;
        inventory
    }

    /// Returns the different packages, sorted.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// Returns whether this very package is listed.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Returns whether anything is listed of what is inside this archive.
    pub(crate) fn inside(&self, place: &str) -> bool {
        let inner = format!("{place} > ");
        self.places
            .range(inner.clone()..)
            .next()
            .is_some_and(|(found, _)| found.starts_with(&inner))
    }

    /// Returns what is listed of this file itself, or by the pom.properties in it.
    pub(crate) fn named_by(&self, place: &str) -> impl Iterator<Item = &Item> {
        let inner = format!("{place} > META-INF/maven/");
        self.items.iter().filter(move |item| item.place == place || item.place.starts_with(&inner))
    }

    /// Returns the packages seen in just this file.
    pub(crate) fn at(&self, place: &str) -> &[Key] {
        self.places.get(place).map_or(&[], Vec::as_slice)
    }
}

impl Key {
    /// Reads a package URL: `pkg:golang/github.com/x/y@v2.1.0#v2` is `golang`, `github.com/x/y/v2`, `2.1.0`.
    ///
    /// Returns nothing for a text that is no package URL.
    pub(crate) fn of(purl: &str) -> Option<Self> {
        let rest = purl.strip_prefix("pkg:")?;
        let (rest, below) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, path) = rest.split_once('/')?;
        let (path, version) = path.rsplit_once('@').unwrap_or((path, ""));
        let kind = kind.to_ascii_lowercase();
        let mut name = decoded(path);
        if kind == "golang" && !below.is_empty() {
            name = format!("{name}/{}", decoded(below));
        }
        let epoch =
            qualifiers.split('&').find_map(|pair| pair.strip_prefix("epoch=")).unwrap_or("0");
        Some(Self::normal(kind, name, &decoded(version), epoch))
    }

    /// Makes the key of a name and version that come without a package URL.
    pub(crate) fn normal(kind: String, name: String, version: &str, epoch: &str) -> Self {
        let name = match kind.as_str() {
            "pypi" => pep503(&name),
            "golang" | "nuget" | "composer" => name.to_ascii_lowercase(),
            "deb" | "rpm" | "apk" | "alpm" => {
                name.rsplit('/').next().unwrap_or_default().to_owned()
            }
            _ => name,
        };
        let version = match kind.as_str() {
            "golang" if version == "(devel)" => "",
            "golang" if name == "stdlib" => {
                version.trim_start_matches("go").trim_start_matches('v')
            }
            "golang" | "composer" => version.strip_prefix('v').unwrap_or(version),
            _ => version,
        };
        let plain = version.strip_prefix("0:").unwrap_or(version);
        let version = match epoch {
            "" | "0" => plain.to_owned(),
            epoch if plain.starts_with(&format!("{epoch}:")) => plain.to_owned(),
            epoch => format!("{epoch}:{plain}"),
        };
        Self { kind, name, version }
    }

    /// Returns the last part of the name: the artifact of `group/artifact`.
    pub(crate) fn artifact(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} {}", self.kind, self.name, self.version)
    }
}

/// The name under which PyPI knows it: lower case, each run of `-`, `_` and `.` one `-`.
fn pep503(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            letter => normal.extend(letter.to_lowercase()),
        }
    }
    normal
}

/// Percent-decoding; what is no escape stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = tail.get(..2).filter(|_| *first == b'%');
        let value = escape
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(purl: &str) -> String {
        Key::of(purl).unwrap().to_string()
    }

    #[test]
    fn one_spelling_for_each_type() {
        for (purl, key) in [
            ("pkg:pypi/Foo_Bar.baz@1.0", "pypi foo-bar-baz 1.0"),
            ("pkg:pypi/a.__.b@1", "pypi a-b 1"),
            (
                "pkg:golang/github.com/Masterminds/semver@v3.2.0#v3",
                "golang github.com/masterminds/semver/v3 3.2.0",
            ),
            ("pkg:golang/stdlib@go1.19.8", "golang stdlib 1.19.8"),
            ("pkg:golang/stdlib@v1.19.8", "golang stdlib 1.19.8"),
            ("pkg:golang/x.io/y@%28devel%29", "golang x.io/y "),
            ("pkg:npm/%40types/node@18.0.0", "npm @types/node 18.0.0"),
            ("pkg:maven/org.slf4j/slf4j-api@1.7?type=jar", "maven org.slf4j/slf4j-api 1.7"),
            ("pkg:deb/debian/base-files@12.4%2Bdeb12u5?arch=amd64", "deb base-files 12.4+deb12u5"),
            ("pkg:deb/debian/tar@1.2-3?arch=amd64&epoch=1", "deb tar 1:1.2-3"),
            ("pkg:deb/debian/tar@1:1.2-3?epoch=1", "deb tar 1:1.2-3"),
            ("pkg:rpm/fedora/bash@0:5.1-2?epoch=0", "rpm bash 5.1-2"),
            ("pkg:nuget/Newtonsoft.Json@13.0.1", "nuget newtonsoft.json 13.0.1"),
            ("pkg:gem/rails", "gem rails "),
            ("pkg:generic/a%zz%2@1", "generic a%zz%2 1"),
        ] {
            assert_eq!(shown(purl), key, "{purl}");
        }
        assert_eq!(Key::of("npm/x@1"), None);
        assert_eq!(Key::of("pkg:npm"), None);
    }
}
