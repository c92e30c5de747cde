//! C and C++: `conan.lock` of Conan 1 and 2, and `conanfile.txt`.
//!
//! Followed: <https://docs.conan.io/2/tutorial/versioning/lockfiles.html> and
//! <https://docs.conan.io/2/reference/conanfile_txt.html>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("conan-lock", 2, &[Want::Name("conan.lock"), Want::Name(WRITTEN)], read);

/// The name of what people write.
const WRITTEN: &str = "conanfile.txt";
/// The sections of what people write that are for building and tests.
const DEVELOPMENT: &[&str] = &["[build_requires]", "[tool_requires]", "[test_requires]"];

/// What is used to build alone, in version 1.
const BUILD: &str = "build";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    /// Of version 2.
    requires: List<Text>,
    build_requires: List<Text>,
    #[serde(rename = "graph_lock")]
    graph: Item<Graph>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Graph {
    nodes: Table<Item<Node>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Node {
    r#ref: Text,
    path: Text,
    context: Text,
}

/// Reads one file; what only builds is left out, and the project itself.
///
/// ```text
/// {"version": "0.5", "requires": ["zlib/1.2.12#3b9e037a%1675278126.05"], "build_requires": []}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "conan", |input, found| {
        if super::file_name(input.path) == WRITTEN {
            return add_written(&parse::text(input.body, found), found);
        }
        let lock: Lock = parse::json(input.body, found);
        lock.requires.0.iter().for_each(|reference| add(reference, found));
        for (_, node) in lock.graph.table().into_iter().flat_map(|graph| graph.nodes.tables()) {
            if &*node.context == BUILD {
                found.left_out(1);
            } else if node.path.is_empty() {
                add(&node.r#ref, found);
            }
        }
        found.left_out(lock.build_requires.0.len());
        let fields = [("version", Shape::Word), ("graph_lock", Shape::Table)];
        parse::expect(parse::json, input.body, &fields, found);
    })
}

/// Adds what people write: exact versions, and not ranges.
///
/// ```text
/// [requires]
/// zlib/1.2.12
/// fmt/[>=8 <9]
/// ```
fn add_written(text: &str, found: &mut Found) {
    let mut section = "";
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') {
            section = line;
        } else if DEVELOPMENT.contains(&section) {
            found.left_out(usize::from(!line.is_empty()));
        } else if section == "[requires]" && !line.is_empty() {
            match line.split_once('/') {
                Some((_, version)) if !version.contains(['[', ']', '*', '$']) => add(line, found),
                _ => found.open(line.split('/').next().unwrap_or_default()),
            }
        }
    }
}

/// Adds `name/version@user/channel#revision%time`.
fn add(reference: &str, found: &mut Found) {
    let plain = reference.split(['#', '%', '@']).next().unwrap_or_default();
    if let Some((name, version)) = plain.split_once('/') {
        found.add(name, version);
    }
}
