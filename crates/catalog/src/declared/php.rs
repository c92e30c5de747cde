//! PHP: `composer.lock`.
//!
//! Followed: <https://getcomposer.org/doc/01-basic-usage.md> and Composer's `Locker.php`.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::{Found, add_license};
use super::loose::{Item, List, Shape, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("composer-lock", 2, &[Want::Name("composer.lock")], read);

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Lock {
    packages: List<Item<Entry>>,
    packages_dev: List<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    name: Text,
    version: Text,
    license: List<Text>,
    dist: Item<Dist>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dist {
    r#type: Text,
}

/// Reads one lock file; `packages-dev` is left out, and what is taken from a folder.
///
/// ```text
/// {"packages": [{"name": "twig/twig", "version": "v2.4.0", "license": ["BSD-3-Clause"]}]}
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "composer", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let lock: Lock = parse::json(input.body, found);
    for entry in lock.packages.tables() {
        if entry.dist.table().is_some_and(|dist| &*dist.r#type == "path") {
            continue;
        }
        if let Some(package) = found.add(&entry.name, &entry.version) {
            entry.license.0.iter().for_each(|license| add_license(package, license));
        }
    }
    parse::expect(parse::json, input.body, &[("packages", Shape::List)], found);
    found.left_out(lock.packages_dev.0.len());
}
