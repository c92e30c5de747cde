//! The systems and architectures that a record of a language is about, by the names that Go has for them.
//!
//! Go's records name them for each package of a module, RustSec's for the whole crate:
//! `{"imports": [{"path": "os", "goos": ["windows"]}]}`, `{"affects": {"os": ["windows"], "arch": []}}`.
//! Sources: <https://go.dev/doc/security/vuln/database>, <https://github.com/rustsec/advisory-db>.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::record::AffectedItem;

/// Most platforms that are kept of one record; one that names more is about all.
const MAX_PLATFORMS: usize = 64;

/// Names of Rust, and those of Go.
const NAMES: &[(&str, &str)] = &[
    ("aarch64", "arm64"),
    ("i686", "386"),
    ("macos", "darwin"),
    ("powerpc64", "ppc64"),
    ("x86", "386"),
    ("x86_64", "amd64"),
];

#[derive(Deserialize)]
struct Import {
    #[serde(default)]
    goos: Vec<String>,
    #[serde(default)]
    goarch: Vec<String>,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(default)]
    arch: Vec<String>,
    #[serde(default)]
    os: Vec<String>,
}

/// Returns the platforms that an item is about, sorted: `windows/*`, `*/arm64`; none for all. What cannot
/// be read is about all.
pub(super) fn platforms(item: &AffectedItem) -> Vec<String> {
    let specific = item.ecosystem_specific.as_ref();
    let imports = specific.and_then(|specific| specific.imports.as_ref());
    if let Some(imports) = imports
        && let Ok(imports) = serde_json::from_str::<Vec<Import>>(imports.get())
    {
        let pairs = imports.iter().map(|import| (&import.goos[..], &import.goarch[..]));
        return joined(pairs);
    }
    let affects = specific.and_then(|specific| specific.affects.as_ref());
    match affects.and_then(|raw| serde_json::from_str::<Affects>(raw.get()).ok()) {
        Some(affects) => joined(std::iter::once((&affects.os[..], &affects.arch[..]))),
        None => Vec::new(),
    }
}

fn joined<'a>(pairs: impl Iterator<Item = (&'a [String], &'a [String])>) -> Vec<String> {
    let mut platforms = BTreeSet::new();
    for (systems, arches) in pairs {
        if systems.is_empty() && arches.is_empty() {
            return Vec::new();
        }
        for system in or_any(systems) {
            for arch in or_any(arches) {
                platforms.insert(format!("{}/{}", go_name(system), go_name(arch)));
                if platforms.len() > MAX_PLATFORMS {
                    return Vec::new();
                }
            }
        }
    }
    platforms.into_iter().collect()
}

fn or_any(names: &[String]) -> Vec<&str> {
    if names.is_empty() { vec!["*"] } else { names.iter().map(String::as_str).collect() }
}

/// Returns Go's name of a system or an architecture: `amd64` for `x86_64`.
pub(crate) fn go_name(name: &str) -> &str {
    NAMES.iter().find(|(other, _)| *other == name).map_or(name, |(_, go)| go)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(specific: &str) -> Vec<String> {
        let json = format!(r#"{{"ecosystem_specific": {specific}}}"#);
        platforms(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn platforms_are_named_as_go_does() {
        assert_eq!(of(r#"{"imports": [{"path": "os", "goos": ["windows"]}]}"#), ["windows/*"]);
        let both =
            r#"{"imports": [{"goos": ["linux"], "goarch": ["arm", "386"]}, {"goos": ["js"]}]}"#;
        assert_eq!(of(both), ["js/*", "linux/386", "linux/arm"]);
        let any = r#"{"imports": [{"goos": ["windows"]}, {"path": "net"}]}"#;
        assert_eq!(of(any), [""; 0]);
        let rust = r#"{"affects": {"os": ["macos"], "arch": ["x86_64"], "functions": []}}"#;
        assert_eq!(of(rust), ["darwin/amd64"]);
        for all in [r#"{"affects": {"os": [], "arch": []}}"#, r#"{"imports": 1}"#, "{}", "3"] {
            assert_eq!(of(all), [""; 0], "{all}");
        }
    }

    #[test]
    fn a_record_of_too_many_platforms_is_about_all() {
        let names = |count: usize| {
            let list: Vec<String> = (0..count).map(|n| format!("\"s{n}\"")).collect();
            format!(r#"{{"imports": [{{"goos": [{}]}}]}}"#, list.join(","))
        };
        assert_eq!(of(&names(MAX_PLATFORMS)).len(), MAX_PLATFORMS);
        assert_eq!(of(&names(MAX_PLATFORMS + 1)).len(), 0);
    }
}
