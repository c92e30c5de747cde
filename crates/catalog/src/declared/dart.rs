//! Dart: `pubspec.lock`.
//!
//! Followed: <https://dart.dev/tools/pub/glossary#lockfile> and the files that `pub` writes.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::loose::{Item, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("pubspec-lock", 2, &[Want::Name("pubspec.lock")], read);

/// What lies in a folder of the project, or comes with the tools.
const NOT_FETCHED: &[&str] = &["path", "sdk"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    packages: Table<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    dependency: Text,
    source: Text,
    version: Text,
}

/// Reads one lock file. What the project itself asks for in development is left out; what that needs in
/// turn has no mark.
///
/// ```text
/// packages:
///   http:
///     dependency: "direct main"
///     source: hosted
///     version: "0.13.3"
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "pub", |input, found| {
        let lock: Lock = parse::yaml(input.body, found);
        for (name, entry) in lock.packages.tables() {
            let is_dev = &*entry.dependency == "direct dev";
            if NOT_FETCHED.contains(&&*entry.source) {
                continue;
            }
            if is_dev {
                found.left_out(1);
            } else {
                found.add(name, &entry.version);
            }
        }
        let fields = [("packages", Shape::Table), ("sdks", Shape::Table)];
        parse::expect(parse::yaml, input.body, &fields, found);
    })
}
