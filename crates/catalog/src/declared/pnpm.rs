//! pnpm: `pnpm-lock.yaml`, versions 5, 6 and 9.
//!
//! Followed: <https://github.com/pnpm/spec/tree/master/lockfile>.

use std::collections::HashSet;

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, Shape, Table, Text};
use super::parse;
use super::reach::{Needs, reach};
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("pnpm-lock", 2, &[Want::Name("pnpm-lock.yaml")], read);

/// The fields of which every file has one.
const FIELDS: &[(&str, Shape)] =
    &[("lockfileVersion", Shape::Word), ("packages", Shape::Table), ("importers", Shape::Table)];

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Lock {
    lockfile_version: Text,
    importers: Table<Item<Importer>>,
    packages: Table<Item<Entry>>,
    snapshots: Table<Item<Snapshot>>,
}

/// What one project of the workspace asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Importer {
    dependencies: Table<Item<Resolved>>,
    optional_dependencies: Table<Item<Resolved>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resolved {
    version: Text,
}

/// What is known of a package; the name and version are given where the key does not tell them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: Text,
    version: Text,
    dev: Text,
    resolution: Item<Resolution>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resolution {
    r#type: Text,
}

/// What a package needs, from version 9 on.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Snapshot {
    dependencies: Table<Text>,
    optional_dependencies: Table<Text>,
}

/// Reads one lock file. Up to version 6 each package says whether it is for development alone; from 9 on
/// that follows from what the projects ask for.
///
/// ```text
/// packages:
///   '@babel/core@7.22.5':
///     resolution: {integrity: sha512-…}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "npm", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let lock: Lock = parse::yaml(input.body, found);
    let is_old = lock.lockfile_version.starts_with('5');
    let needed = needed(&lock);
    for (key, entry) in lock.packages.0.iter().map(|(key, item)| (key.as_str(), item)) {
        let none = Entry::default();
        let entry = entry.table().unwrap_or(&none);
        let is_needed = needed.as_ref().is_none_or(|needed| needed.contains(bare(key)));
        let is_folder =
            entry.resolution.table().is_some_and(|resolution| &*resolution.r#type == "directory");
        if entry.dev.is_true() || !is_needed || is_folder {
            found.left_out(usize::from(!is_folder));
            continue;
        }
        let of_key = if is_old { split_old(key) } else { split(key) };
        // What is not of a registry has an address in the place of the version.
        let of_key = of_key.filter(|(_, version)| !version.contains([':', '/']));
        let (name, version) = of_key.unwrap_or_default();
        let name = if entry.name.is_empty() { name } else { &entry.name };
        let version = if entry.version.is_empty() { version } else { &entry.version };
        found.add(name, version);
    }
    parse::expect(parse::yaml, input.body, FIELDS, found);
}

/// Returns the keys of packages that a project needs to run; `None` where the file does not tell.
fn needed(lock: &Lock) -> Option<HashSet<String>> {
    if lock.snapshots.0.is_empty() {
        return None;
    }
    let key_of = |name: &str, version: &str| {
        let is_whole = bare(version).char_indices().skip(1).any(|(_, letter)| letter == '@');
        if is_whole { version.to_owned() } else { format!("{name}@{version}") }
    };
    let mut roots = Vec::new();
    for (_, importer) in lock.importers.tables() {
        for (name, resolved) in
            importer.dependencies.tables().chain(importer.optional_dependencies.tables())
        {
            roots.push(key_of(name, &resolved.version));
        }
    }
    let mut needs = Needs::new();
    for (key, snapshot) in lock.snapshots.tables() {
        let next = snapshot.dependencies.0.iter().chain(&snapshot.optional_dependencies.0);
        needs.insert(key, next.map(|(name, version)| key_of(name, version)).collect());
    }
    let reached = reach(roots, &needs);
    Some(reached.iter().map(|key| bare(key).to_owned()).collect())
}

/// Takes the peers off: `a@1.0.0(b@2.0.0)` is `a@1.0.0`.
fn bare(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

/// Splits `/@s/a@1.0.0(b@2.0.0)` and `@s/a@1.0.0`.
fn split(key: &str) -> Option<(&str, &str)> {
    let key = bare(key);
    let key = key.strip_prefix('/').unwrap_or(key);
    let at = key.char_indices().skip(1).find(|(_, letter)| *letter == '@')?.0;
    Some((&key[..at], &key[at + 1..]))
}

/// Splits `/@s/a/1.0.0_b@2.0.0`.
fn split_old(key: &str) -> Option<(&str, &str)> {
    let key = key.strip_prefix('/')?;
    let scope = if key.starts_with('@') { key.find('/')? + 1 } else { 0 };
    let end = scope + key[scope..].find('/')?;
    let version = key[end + 1..].split('_').next()?;
    Some((&key[..end], version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_all_versions_are_split() {
        assert_eq!(split_old("/@s/a/1.0.0_b@2.0.0"), Some(("@s/a", "1.0.0")));
        assert_eq!(split_old("/a/1.0.0"), Some(("a", "1.0.0")));
        assert_eq!(split("/@s/a@1.0.0(b@2.0.0)(@c/d@3.0.0)"), Some(("@s/a", "1.0.0")));
        assert_eq!(split("a@1.0.0"), Some(("a", "1.0.0")));
        assert_eq!(
            (split(""), split("@s/a"), split_old("/@s"), split_old("a/1")),
            (None, None, None, None)
        );
    }
}
