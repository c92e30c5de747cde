//! The databases of RPM, whichever program wrote them: SQLite, NDB, BerkeleyDB, and the list in text that
//! images without RPM have. Which one a file is, its content tells.
//!
//! Nothing of RPM, SQLite or BerkeleyDB is run or linked; the readers take bytes and have limits.

use std::ops::ControlFlow;

use plimsoll_model::{GapKind, Package, Problem, Want};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{self, has_room, merge, note, within_limit};

mod bdb;
mod files;
mod header;
mod log;
mod manifest;
mod ndb;
mod record;
mod sqlite;
mod states;

use header::Header;
use record::{Damage, Order, Place, Take};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "rpm",
    version: 1,
    wants: WANTS,
    max_body_bytes: crate::database::MAX_DATABASE_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] = &[
    Want::Path(FILES[0]),
    Want::Path(FILES[1]),
    Want::Path(FILES[2]),
    Want::Path(FILES[3]),
    Want::Path(FILES[4]),
    Want::Path(FILES[5]),
    Want::Path(FILES[6]),
    Want::Path(FILES[7]),
    Want::Path(FILES[8]),
    Want::Path(FILES[9]),
    Want::Path("var/lib/rpm/rpmdb.sqlite-wal"),
    Want::Path("usr/lib/sysimage/rpm/rpmdb.sqlite-wal"),
    Want::Path("usr/share/rpm/rpmdb.sqlite-wal"),
];
/// Where databases are: the place of most distributions, that of newer ones, that of rpm-ostree.
const FILES: &[&str] = &[
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
    "usr/share/rpm/rpmdb.sqlite",
    "usr/share/rpm/Packages.db",
    "usr/share/rpm/Packages",
    "var/lib/rpmmanifest/container-manifest-2",
];
/// What RPM makes of keys that are imported; it has no files, and its version is the number of the key.
const KEYS: &str = "gpg-pubkey";

/// Lists the packages of every database of RPM in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    database::read(input.tree, FILES, parse_rpm, &mut found);
    for path in FILES.iter().filter(|path| path.ends_with(".sqlite")) {
        states::apply_log(input.tree, path, &mut found);
    }
    found.packages = merge(found.packages);
    let (owned, problems) = files::owned(input.tree, &found.packages);
    found.owned = owned;
    found.problems.extend(problems);
    found
}

/// What kind of database a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Sqlite,
    Ndb,
    BerkeleyDb(Order),
    Manifest,
}

impl Kind {
    fn of(body: &[u8]) -> Option<Self> {
        if body.starts_with(sqlite::MAGIC) {
            Some(Self::Sqlite)
        } else if body.starts_with(ndb::MAGIC) {
            Some(Self::Ndb)
        } else if let Some(order) = bdb::order(body) {
            Some(Self::BerkeleyDb(order))
        } else {
            manifest::is_one(body).then_some(Self::Manifest)
        }
    }
}

/// Reads a database of any kind: its packages in the order of the file, keys left out. An empty file
/// lists nothing. The paths in the problems are empty; they name the page, slot or line.
pub fn parse_rpm(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut packages = Vec::new();
    let body = within_limit(body, &mut problems);
    let mut add = |package| add(package, &mut packages, &mut problems);
    // Whether all was taken is told by the problems.
    let _ = if Kind::of(body) == Some(Kind::Manifest) {
        manifest::packages(body).try_for_each(add)
    } else {
        headers(body, &mut |found| add(found.and_then(|(place, blob)| package(place, blob))))
    };
    (packages, problems)
}

/// Hands the headers of a database of any kind to `take`; a manifest has none.
fn headers(body: &[u8], take: &mut Take<'_>) -> ControlFlow<()> {
    match Kind::of(body) {
        Some(Kind::Sqlite) => sqlite::headers(body, take),
        Some(Kind::Ndb) => ndb::headers(body, take),
        Some(Kind::BerkeleyDb(order)) => bdb::headers(body, order, take),
        Some(Kind::Manifest) => ControlFlow::Continue(()),
        None if body.is_empty() => ControlFlow::Continue(()),
        None => take(Err(Damage::new(Place::File, "is no database of RPM"))),
    }
}

fn package(place: Place, blob: &[u8]) -> Result<Package, Damage> {
    Header::new(blob)
        .and_then(|header| header.package())
        .map_err(|error| Damage::new(place, error.to_string()).making(error.gap()))
}

fn add(
    package: Result<Package, Damage>,
    packages: &mut Vec<Package>,
    problems: &mut Vec<Problem>,
) -> ControlFlow<()> {
    match package {
        Err(damage) => note(problems, damage.to_string(), Some(damage.gap)),
        Ok(package) if package.name == KEYS => {}
        Ok(package) => {
            if !has_room(packages, problems) {
                return ControlFlow::Break(());
            }
            if !is_name(&package.name) {
                let detail = format!("`{}` is no name of an RPM package", package.name);
                note(problems, detail, Some(GapKind::Unreadable));
            }
            packages.push(package);
        }
    }
    ControlFlow::Continue(())
}

/// RPM itself takes letters, digits, `-`, `.`, `_` and `+` for new packages and reads more; blanks,
/// slashes and bytes that are no text are in no name.
fn is_name(name: &str) -> bool {
    !name.contains(|letter: char| {
        letter.is_whitespace() || letter.is_control() || matches!(letter, '/' | '\u{fffd}')
    })
}

#[cfg(test)]
mod tests;
