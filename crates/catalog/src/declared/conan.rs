//! C and C++: `conan.lock` of Conan 1 and 2.
//!
//! Followed: <https://docs.conan.io/2/tutorial/versioning/lockfiles.html>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("conan-lock", 1, &[Want::Name("conan.lock")], read);

/// What is used to build alone, in version 1.
const BUILD: &str = "build";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    /// Of version 2.
    requires: List<Text>,
    graph_lock: Item<Graph>,
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

/// Reads one lock file; what only builds is left out, and the project itself.
///
/// ```text
/// {"version": "0.5", "requires": ["zlib/1.2.12#3b9e037a%1675278126.05"], "build_requires": []}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "conan", |input, found| {
        let lock: Lock = parse::json(input.body, found);
        lock.requires.0.iter().for_each(|reference| add(reference, found));
        for (_, node) in lock.graph_lock.table().into_iter().flat_map(|graph| graph.nodes.tables())
        {
            if &*node.context != BUILD && node.path.is_empty() {
                add(&node.r#ref, found);
            }
        }
    })
}

/// Adds `name/version@user/channel#revision%time`.
fn add(reference: &str, found: &mut Found) {
    let plain = reference.split(['#', '%', '@']).next().unwrap_or_default();
    if let Some((name, version)) = plain.split_once('/') {
        found.add(name, version);
    }
}
