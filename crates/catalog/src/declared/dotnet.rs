//! .NET: `packages.lock.json`, `packages.config`, project files and `Directory.Packages.props`.
//!
//! Followed: <https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files>
//! and <https://learn.microsoft.com/en-us/nuget/reference/packages-config>.

use std::collections::HashMap;

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::{Found, MAX_WORD_BYTES};
use super::loose::{Item, Shape, Table, Text};
use super::parse;
use super::xml::{self, Element};
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of lock files in the table of cataloguers.
pub(crate) const LOCK_ROW: Cataloguer =
    super::row("nuget-lock", 2, &[Want::Name("packages.lock.json")], read_lock);

/// The row of what people write.
pub(crate) const PROJECT_ROW: Cataloguer = super::row(
    "nuget-project",
    2,
    &[
        Want::Name("packages.config"),
        Want::Name("Packages.props"),
        Want::Name("Directory.Packages.props"),
        Want::Suffix(".csproj"),
        Want::Suffix(".fsproj"),
        Want::Suffix(".vbproj"),
    ],
    read_project,
);

/// Another project of the solution.
const PROJECT: &str = "Project";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    dependencies: Table<Table<Item<Entry>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    r#type: Text,
    resolved: Text,
}

/// Reads one lock file.
///
/// ```text
/// {"version": 1, "dependencies": {"net8.0": {
///   "Serilog": {"type": "Direct", "requested": "[3.1.1, )", "resolved": "3.1.1"}}}}
/// ```
fn read_lock(input: &FileInput<'_>) -> FileYield {
    super::read(input, "nuget", |input, found| {
        let lock: Lock = parse::json(input.body, found);
        for (name, entry) in lock.dependencies.0.iter().flat_map(|(_, entries)| entries.tables()) {
            if &*entry.r#type != PROJECT {
                found.add(name, &entry.resolved);
            }
        }
        parse::expect(parse::json, input.body, &[("dependencies", Shape::Table)], found);
    })
}

/// Reads one file that people write. A plain version stands for the lowest that will do, which is what is
/// installed; ranges and patterns are not listed, nor what serves the build alone.
///
/// ```text
/// <Project><ItemGroup><PackageReference Include="Serilog" Version="3.1.1" /></ItemGroup></Project>
/// ```
fn read_project(input: &FileInput<'_>) -> FileYield {
    super::read(input, "nuget", |input, found| {
        let root = xml::read(input.body, found);
        if root.name == "packages" {
            for package in root.all("package") {
                if package.attribute("developmentDependency").eq_ignore_ascii_case("true") {
                    found.left_out(1);
                } else {
                    found.add(package.attribute("id"), package.attribute("version"));
                }
            }
            return;
        }
        if root.name != "Project" && found.is_bare() {
            found.broken("it is not what its name says: no `Project` and no `packages`");
        }
        let groups = root.all("PropertyGroup").flat_map(|group| &group.children);
        let properties: HashMap<&str, &str> =
            groups.map(|property| (property.name.as_str(), property.text())).collect();
        for item in root.all("ItemGroup").flat_map(|group| &group.children) {
            if matches!(item.name.as_str(), "PackageReference" | "PackageVersion") {
                add(item, &properties, found);
            }
        }
    })
}

fn add(item: &Element, properties: &HashMap<&str, &str>, found: &mut Found) {
    let field = |name: &'static str| match item.attribute(name) {
        "" => item.text_of(name),
        value => value,
    };
    let name = match field("Include") {
        "" => field("Update"),
        name => name,
    };
    if field("PrivateAssets").eq_ignore_ascii_case("all") {
        found.left_out(1);
        return;
    }
    let version = match field("VersionOverride") {
        "" => field("Version"),
        version => version,
    };
    let is_told = !version.is_empty();
    let property = version.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
    let version =
        property.map_or(version, |name| properties.get(name).copied().unwrap_or_default());
    let exact =
        version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(version);
    let is_short = exact.len() <= MAX_WORD_BYTES;
    if is_short
        && !exact.contains(['[', ']', '(', ')', ',', '*', '$'])
        && !name.contains(['$', ';'])
        && !exact.is_empty()
    {
        found.add(name, exact);
        return;
    }
    // One without a version has it from the central list, a file of its own.
    if is_told && !name.is_empty() {
        found.open(name);
    }
}
