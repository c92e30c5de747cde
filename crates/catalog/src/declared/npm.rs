//! npm: `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.
//!
//! Followed: <https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::{Found, add_license};
use super::loose::{Item, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row(
    "package-lock",
    2,
    &[Want::Name("package-lock.json"), Want::Name("npm-shrinkwrap.json")],
    read,
);

/// The folder that the packages lie in.
const FOLDER: &str = "node_modules/";
/// What stands before the real name of a package that has another in the project.
const ALIAS: &str = "npm:";
/// The fields of which every file has one.
const FIELDS: &[(&str, Shape)] =
    &[("lockfileVersion", Shape::Word), ("packages", Shape::Table), ("dependencies", Shape::Table)];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    packages: Table<Item<Entry>>,
    dependencies: Table<Item<Dependency>>,
}

/// An entry of versions 2 and 3, by its place: `node_modules/a/node_modules/@s/b`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: Text,
    version: Text,
    license: Text,
    dev: Text,
    link: Text,
}

/// An entry of version 1, by its name, with what lies in it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dependency {
    version: Text,
    dev: Text,
    dependencies: Table<Item<Dependency>>,
}

/// Reads one lock file. Packages of the project itself have no `node_modules` in their place.
///
/// ```text
/// {"lockfileVersion": 3, "packages": {"": {"name": "shop"},
///   "node_modules/qs": {"version": "6.5.2", "license": "BSD-3-Clause"}}}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "npm", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let lock: Lock = parse::json(input.body, found);
    for (place, entry) in lock.packages.tables() {
        let Some((_, name)) = place.rsplit_once(FOLDER) else { continue };
        if entry.dev.is_true() || entry.link.is_true() {
            found.left_out(usize::from(!entry.link.is_true()));
            continue;
        }
        let name = if entry.name.is_empty() { name } else { &entry.name };
        if let Some(package) = found.add(name, &entry.version) {
            add_license(package, &entry.license);
        }
    }
    if lock.packages.0.is_empty() {
        add_dependencies(&lock.dependencies, found);
    }
    parse::expect(parse::json, input.body, FIELDS, found);
}

fn add_dependencies(dependencies: &Table<Item<Dependency>>, found: &mut Found) {
    for (name, dependency) in dependencies.tables() {
        if dependency.dev.is_true() {
            found.left_out(1);
            continue;
        }
        match dependency.version.strip_prefix(ALIAS).and_then(|real| real.rsplit_once('@')) {
            Some((name, version)) => {
                found.add(name, version);
            }
            // Where it is from git or a file, the version is not told.
            None if dependency.version.contains(':') => {}
            None => {
                found.add(name, &dependency.version);
            }
        }
        add_dependencies(&dependency.dependencies, found);
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::GapKind;

    use super::*;

    #[test]
    fn packages_in_packages_have_a_limit() {
        let head = r#""dependencies": {"a": {"version": "1.0.0", "#;
        let of_depth = |depth: usize| {
            let body = format!("{{{}\"x\": 1{}}}", head.repeat(depth), "}}".repeat(depth));
            read(&FileInput { path: "package-lock.json", body: body.as_bytes() })
        };
        assert_eq!(of_depth(60).packages.len(), 1);
        let deep = of_depth(100_000);
        assert_eq!((deep.packages.len(), deep.problems[0].gap), (0, Some(GapKind::Unreadable)));
    }

    #[test]
    fn an_alias_is_listed_by_its_real_name() {
        let body = br#"{"dependencies": {"a": {"version": "npm:@s/b@1.0.0"}, "c": {"version": "file:../c"}}}"#;
        let found = read(&FileInput { path: "package-lock.json", body });
        assert_eq!(found.packages.len(), 1);
        assert_eq!((&*found.packages[0].name, &*found.packages[0].version), ("@s/b", "1.0.0"));
    }
}
