//! Swift: `Package.resolved` of the package manager and `Podfile.lock` of CocoaPods.
//!
//! Followed: SwiftPM, `ResolvedPackagesStore.swift`, and <https://guides.cocoapods.org/using/using-cocoapods.html>.

use std::collections::HashSet;

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::loose::{Item, List, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("swift-resolved", 2, &[Want::Name("Package.resolved")], read);

/// The row of lock files of CocoaPods.
pub(crate) const PODS_ROW: Cataloguer =
    super::row("podfile-lock", 2, &[Want::Name("Podfile.lock")], read_pods);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resolved {
    /// From version 2 on.
    pins: List<Item<Pin>>,
    object: Item<Object>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Object {
    pins: List<Item<Pin>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pin {
    identity: Text,
    location: Text,
    #[serde(rename = "repositoryURL")]
    repository: Text,
    state: Item<State>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    version: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Podfile {
    #[serde(rename = "PODS")]
    pods: List<Item<Table<List<Text>>>>,
    #[serde(rename = "EXTERNAL SOURCES")]
    external: Table<Table<Text>>,
}

/// Reads one file of pins; a pin to a branch has no version, which is told. The name is the address
/// without protocol and `.git`; of a package of a registry it is the identity.
///
/// ```text
/// {"version": 2, "pins": [{"identity": "swift-nio", "kind": "remoteSourceControl",
///   "location": "https://github.com/apple/swift-nio.git", "state": {"version": "2.41.0"}}]}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "swift", |input, found| {
        let resolved: Resolved = parse::json(input.body, found);
        let older = resolved.object.table().into_iter().flat_map(|object| object.pins.tables());
        for pin in resolved.pins.tables().chain(older) {
            let Some(state) = pin.state.table() else { continue };
            let names = [&pin.location, &pin.repository, &pin.identity];
            let name = names.into_iter().find(|name| !name.is_empty());
            let name = name.map(|name| name_of(name)).unwrap_or_default();
            if state.version.is_empty() {
                found.open(&name);
            } else {
                found.add(&name, &state.version);
            }
        }
        let fields = [("pins", Shape::List), ("object", Shape::Table)];
        parse::expect(parse::json, input.body, &fields, found);
    })
}

/// Returns `github.com/apple/swift-nio` of `https://github.com/apple/swift-nio.git` and of
/// `git@github.com:apple/swift-nio.git`; a name of a registry stays as it is.
fn name_of(address: &str) -> String {
    let path = address.split_once("://").map_or(address, |(_, path)| path);
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    match path.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest.replacen(':', "/", 1),
        _ => path.to_owned(),
    }
}

/// Reads one lock file of CocoaPods. Parts of a pod (`Firebase/Core`) are listed as the pod; what is
/// taken from a folder is left out.
///
/// ```text
/// PODS:
///   - AFNetworking (4.0.1)
///   - Firebase/Core (10.0.0):
///     - FirebaseCore (= 10.0.0)
/// ```
fn read_pods(input: &FileInput<'_>) -> FileYield {
    super::read(input, "cocoapods", |input, found| {
        let lock: Podfile = parse::yaml(input.body, found);
        let is_path = |(key, _): &(String, Text)| key.trim_start_matches(':') == "path";
        let external = lock.external.0.iter().filter(|(_, source)| source.0.iter().any(is_path));
        let local: HashSet<&str> = external.map(|(name, _)| name.as_str()).collect();
        for pod in &lock.pods.0 {
            let text = match pod {
                Item::Text(text) => text,
                Item::Table(table) => match table.0.first() {
                    Some((text, _)) => text,
                    None => continue,
                },
            };
            let Some((name, version)) = text.split_once(" (") else { continue };
            let name = name.split('/').next().unwrap_or_default();
            let Some(version) = version.strip_suffix(')') else {
                found.broken("it ends in the middle of a version");
                continue;
            };
            if !local.contains(name) {
                found.add(name, version);
            }
        }
        let fields =
            [("PODS", Shape::List), ("PODFILE CHECKSUM", Shape::Word), ("COCOAPODS", Shape::Word)];
        parse::expect(parse::yaml, input.body, &fields, found);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_names() {
        for address in [
            "https://github.com/apple/swift-nio.git",
            "https://github.com/apple/swift-nio/",
            "git@github.com:apple/swift-nio.git",
            "ssh://git@github.com/apple/swift-nio",
        ] {
            assert_eq!(name_of(address), "github.com/apple/swift-nio");
        }
        assert_eq!(
            (name_of("mona.LinkedList"), name_of("")),
            ("mona.LinkedList".into(), String::new())
        );
    }
}
