//! Packages that Swift's package manager checked out: `.build/workspace-state.json`.
//!
//! The state names each dependency with its place and version (SwiftPM, `WorkspaceStateStorage.swift`); a
//! compiled program carries no names. The name of a package is its address without scheme and `.git`.

use plimsoll_model::{FileYield, GapKind, Package, Problem, Want};
use serde_json::Value;

use super::package;
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::database::note;
use crate::document::{self, has_room, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "swift",
    version: 1,
    wants: &[Want::Name("workspace-state.json")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let (packages, problems) = parse_workspace(input.body);
    FileYield { packages, problems, ..FileYield::default() }
}

/// Reads the state, in the order of the file; what was checked out at a branch or a revision has no version
/// and is left out. The paths in the problems are empty.
///
/// ```text
/// {"object": {"dependencies": [{"packageRef": {"location": "https://github.com/apple/swift-nio.git"},
///   "state": {"checkoutState": {"revision": "6aa9347", "version": "2.40.0"}}}]}, "version": 6}
/// ```
fn parse_workspace(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = document::read(body, &mut problems) else { return (packages, problems) };
    let Some(listed) = document.pointer("/object/dependencies").and_then(Value::as_array) else {
        note(&mut problems, "it has no list `dependencies`".to_owned(), Some(GapKind::Unreadable));
        return (packages, problems);
    };
    for entry in listed {
        let Some(reference) = entry.get("packageRef") else { continue };
        let state = entry.pointer("/state/checkoutState").unwrap_or(&Value::Null);
        let place = [text(reference, "location"), text(reference, "path")];
        let place = place.iter().find(|place| !place.is_empty()).copied().unwrap_or_default();
        let Some(package) = package("swift", &address(place), text(state, "version")) else {
            continue;
        };
        if !has_room(&packages, &mut problems) {
            break;
        }
        packages.push(package);
    }
    (packages, problems)
}

/// Returns the address of a repository as names have it: `github.com/apple/swift-nio`.
fn address(place: &str) -> String {
    let place = place.split_once("://").map_or(place, |(_, rest)| rest);
    let place = place.rsplit_once('@').map_or(place, |(_, rest)| rest);
    let place = place.strip_suffix(".git").unwrap_or(place).trim_end_matches('/');
    place.replacen(':', "/", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkouts_with_a_version_are_packages() {
        let body = br#"{"object":{"dependencies":[
            {"packageRef":{"location":"https://github.com/apple/swift-nio.git"},"state":{"checkoutState":{"version":"2.40.0"}}},
            {"packageRef":{"path":"git@github.com:a/b.git"},"state":{"checkoutState":{"version":"1.0"}}},
            {"packageRef":{"location":"https://github.com/a/c"},"state":{"checkoutState":{"branch":"main"}}},7]}}"#;
        let (packages, problems) = parse_workspace(body);
        let shown: Vec<_> =
            packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(shown, [("github.com/apple/swift-nio", "2.40.0"), ("github.com/a/b", "1.0")]);
        assert!(problems.is_empty());
        assert_eq!(parse_workspace(b"{}").1.len(), 1);
    }
}
