//! Haskell: `stack.yaml.lock` and `cabal.project.freeze`.
//!
//! Followed: <https://docs.haskellstack.org/en/stable/topics/lock_files/> and
//! <https://cabal.readthedocs.io/en/stable/cabal-commands.html#cabal-freeze>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::loose::{Item, List, Shape, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of lock files of Stack in the table of cataloguers.
pub(crate) const STACK_ROW: Cataloguer =
    super::row("stack-lock", 2, &[Want::Name("stack.yaml.lock")], read_stack);

/// The row of frozen projects of Cabal.
pub(crate) const CABAL_ROW: Cataloguer =
    super::row("cabal-freeze", 2, &[Want::Name("cabal.project.freeze")], read_cabal);

/// The fields of which a frozen project has one.
const FIELDS: &[&str] = &["constraints:", "active-repositories:", "index-state:"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    packages: List<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    completed: Item<Completed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Completed {
    hackage: Text,
    name: Text,
    version: Text,
}

/// Reads one lock file of Stack: what is named beside the snapshot, whose own packages it does not tell.
///
/// ```text
/// packages:
/// - completed:
///     hackage: HTTP-4000.3.14@sha256:00,3272
/// ```
fn read_stack(input: &FileInput<'_>) -> FileYield {
    super::read(input, "hackage", |input, found| {
        let lock: Lock = parse::yaml(input.body, found);
        for completed in lock.packages.tables().filter_map(|entry| entry.completed.table()) {
            let package = completed.hackage.split('@').next().unwrap_or_default();
            match package.rsplit_once('-') {
                Some((name, version)) => found.add(name, version),
                None => found.add(&completed.name, &completed.version),
            };
        }
        let fields = [("packages", Shape::List), ("snapshots", Shape::List)];
        parse::expect(parse::yaml, input.body, &fields, found);
    })
}

/// Reads one frozen project; flags of packages stand between the versions.
///
/// ```text
/// active-repositories: hackage.haskell.org:merge
/// constraints: any.Cabal ==3.4.1.0,
///              any.HTTP ==4000.3.14,
///              HTTP +network-uri
/// ```
fn read_cabal(input: &FileInput<'_>) -> FileYield {
    super::read(input, "hackage", |input, found| {
        let text = parse::text(input.body, found);
        for line in text.lines() {
            let line = line.trim_start().trim_start_matches("constraints:");
            for constraint in line.split(',') {
                let Some((name, version)) = constraint.split_once("==") else { continue };
                let name = name.trim();
                let name = name.rsplit(['.', ':']).next().unwrap_or(name);
                let version = version.trim();
                if version.chars().all(|letter| letter.is_ascii_digit() || letter == '.') {
                    found.add(name, version);
                }
            }
        }
        if found.is_bare() && !text.trim().is_empty() && !FIELDS.iter().any(|it| text.contains(it))
        {
            found.broken("it is none of a frozen project of Cabal: no `constraints:`");
        }
    })
}
