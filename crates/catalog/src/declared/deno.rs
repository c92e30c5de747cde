//! Deno: `deno.lock`, versions 2 to 5.
//!
//! Followed: <https://docs.deno.com/runtime/fundamentals/modules/> and the files that Deno writes.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("deno-lock", 2, &[Want::Name("deno.lock")], read);

/// The type of packages of JSR, which has none of its own.
const JSR: &str = "generic";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    packages: Item<Registries>,
    npm: Table<Item<Entry>>,
    jsr: Table<Item<Entry>>,
}

/// Version 3 keeps them one step further in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Registries {
    npm: Table<Item<Entry>>,
    jsr: Table<Item<Entry>>,
}

/// Version 2 has a table `packages` among the entries of npm.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Entry(Table<Text>);

/// Reads one lock file: packages of npm and of JSR. It does not tell what is for development.
///
/// ```text
/// {"version": "4", "npm": {"chalk@5.3.0": {"integrity": "sha512-…"}}}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "npm", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let lock: Lock = parse::json(input.body, found);
    let none = Registries::default();
    let inner = lock.packages.table().unwrap_or(&none);
    for (key, entry) in lock.npm.tables().chain(inner.npm.tables()) {
        if key == "packages" {
            entry.0.0.iter().for_each(|(key, _)| add("npm", key, found));
        } else {
            add("npm", key, found);
        }
    }
    for (key, _) in lock.jsr.tables().chain(inner.jsr.tables()) {
        add(JSR, key, found);
    }
    let fields = [
        ("version", Shape::Word),
        ("npm", Shape::Table),
        ("jsr", Shape::Table),
        ("remote", Shape::Table),
    ];
    parse::expect(parse::json, input.body, &fields, found);
}

/// Adds `@s/a@1.0.0_b@2.0.0`, where `b` is a peer.
fn add(kind: &str, key: &str, found: &mut Found) {
    let at = key.char_indices().skip(1).find(|(_, letter)| *letter == '@');
    if let Some((at, _)) = at {
        let version = key[at + 1..].split('_').next().unwrap_or_default();
        found.add_of(kind, &key[..at], version);
    }
}
