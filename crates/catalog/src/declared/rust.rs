//! Cargo: `Cargo.lock`.
//!
//! Followed: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Shape, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("cargo-lock", 2, &[Want::Name("Cargo.lock")], read);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    package: List<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: Text,
    version: Text,
}

/// Reads one lock file. The crates of the project are listed like all others: the file does not tell which
/// are published. It does not tell what is for tests alone either.
///
/// ```text
/// [[package]]
/// name = "time"
/// version = "0.1.43"
/// source = "registry+https://github.com/rust-lang/crates.io-index"
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "cargo", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let lock: Lock = parse::toml(input.body, found);
    for entry in lock.package.tables() {
        found.add(&entry.name, &entry.version);
    }
    let fields = [("package", Shape::List), ("version", Shape::Word)];
    parse::expect(parse::toml, input.body, &fields, found);
}
