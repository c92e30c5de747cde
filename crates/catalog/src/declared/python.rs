//! Python: `poetry.lock`, `pdm.lock`, `uv.lock` and `pylock.toml`, which all list packages in TOML, and
//! `Pipfile.lock` in JSON.
//!
//! Followed: <https://packaging.python.org/en/latest/specifications/pylock-toml/> and what each tool
//! writes.

use std::collections::HashSet;

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Shape, Table, Text};
use super::parse;
use super::reach::{Needs, reach};
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row(
    "python-lock",
    2,
    &[
        Want::Name("poetry.lock"),
        Want::Name("pdm.lock"),
        Want::Name("uv.lock"),
        Want::Name("pylock.toml"),
        Want::Name("Pipfile.lock"),
    ],
    read,
);

/// The groups of what runs; the others are for development.
const GROUPS_THAT_RUN: &[&str] = &["main", "default"];
/// The one group of PDM, whose optional dependencies are groups too, that is for development by name.
const DEVELOPMENT: &str = "dev";
/// The fields of which every file of TOML has one.
const FIELDS: &[(&str, Shape)] = &[
    ("package", Shape::List),
    ("packages", Shape::List),
    ("metadata", Shape::Table),
    ("version", Shape::Word),
    ("lock-version", Shape::Word),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    package: List<Item<Entry>>,
    /// In `pylock.toml`.
    packages: List<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Entry {
    name: Text,
    version: Text,
    category: Text,
    groups: List<Text>,
    source: Item<Source>,
    directory: Item<Source>,
    path: Text,
    dependencies: List<Item<Need>>,
    optional_dependencies: Table<List<Item<Need>>>,
}

/// Where a package is from: `{type = "directory"}` of Poetry, `{editable = "."}` of uv.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Source {
    r#type: Text,
    editable: Text,
    r#virtual: Text,
    directory: Text,
    path: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Need {
    name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pipfile {
    default: Table<Item<Pinned>>,
    develop: Table<Item<Pinned>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pinned {
    version: Text,
}

/// Reads one lock file.
///
/// ```text
/// [[package]]
/// name = "jinja2"
/// version = "2.10"
/// groups = ["main"]
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "pypi", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    match super::file_name(input.path) {
        "Pipfile.lock" => parse_pipfile(input.body, found),
        "uv.lock" => parse_uv(input.body, found),
        _ => parse_packages(input.body, found),
    }
}

fn parse_pipfile(body: &[u8], found: &mut Found) {
    let lock: Pipfile = parse::json(body, found);
    for (name, pinned) in lock.default.tables() {
        match pinned.version.strip_prefix("==") {
            Some(version) => drop(found.add(name, version)),
            // What is from git or a folder has none.
            None if pinned.version.is_empty() => {}
            None => found.open(name),
        }
    }
    let is_new = |(name, _): &&(String, _)| lock.default.0.iter().all(|(known, _)| known != name);
    found.left_out(lock.develop.0.iter().filter(is_new).count());
    let fields = [("default", Shape::Table), ("_meta", Shape::Table)];
    parse::expect(parse::json, body, &fields, found);
}

fn parse_packages(body: &[u8], found: &mut Found) {
    let lock: Lock = parse::toml(body, found);
    for entry in lock.package.tables().chain(lock.packages.tables()) {
        let is_local = entry.source.table().is_some_and(|source| &*source.r#type == "directory")
            || entry.directory.table().is_some()
            || !entry.path.is_empty();
        if !is_local && runs(entry) {
            found.add(&entry.name, &entry.version);
        } else {
            found.left_out(usize::from(!is_local));
        }
    }
    parse::expect(parse::toml, body, FIELDS, found);
}

/// Returns whether a package is not for development alone, as far as its entry tells.
fn runs(entry: &Entry) -> bool {
    let groups = &entry.groups.0;
    let is_of = |names: &[&str]| groups.iter().any(|group| names.contains(&&**group));
    let is_of_pdm = groups.iter().any(|group| &**group == "default") || groups.len() > 1;
    let is_dev = groups.iter().all(|group| &**group == DEVELOPMENT);
    &*entry.category != DEVELOPMENT
        && (groups.is_empty() || is_of(GROUPS_THAT_RUN) || (is_of_pdm && !is_dev))
}

/// In the file of uv, what runs is what the projects of the workspace lead to.
fn parse_uv(body: &[u8], found: &mut Found) {
    let lock: Lock = parse::toml(body, found);
    let mut needs = Needs::new();
    let mut roots = Vec::new();
    for entry in lock.package.tables() {
        let optional = entry.optional_dependencies.0.iter().flat_map(|(_, list)| list.tables());
        let next = entry.dependencies.tables().chain(optional).map(|need| need.name.0.clone());
        // One name may stand there in several versions.
        needs.entry(&entry.name).or_default().extend(next);
        if is_of_project(entry) {
            roots.push(entry.name.0.clone());
        }
    }
    let reached: Option<HashSet<String>> = (!roots.is_empty()).then(|| reach(roots, &needs));
    for entry in lock.package.tables() {
        let runs = reached.as_ref().is_none_or(|reached| reached.contains(&entry.name.0));
        if runs && !is_of_project(entry) {
            found.add(&entry.name, &entry.version);
        } else {
            found.left_out(usize::from(!runs));
        }
    }
    parse::expect(parse::toml, body, FIELDS, found);
}

fn is_of_project(entry: &Entry) -> bool {
    entry.source.table().is_some_and(|source| {
        let paths = [&source.editable, &source.r#virtual, &source.directory];
        paths.iter().any(|path| !path.is_empty())
    })
}
