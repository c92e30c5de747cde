//! The database of dpkg, as one file (`status`) or as one file a package (`status.d`, distroless).
//!
//! The fields are those of `deb-control(5)` and `dpkg-query(1)`; for `status.d` see the distroless
//! images, whose files have no `Status` and lie beside lists of checksums, `NAME.md5sums`.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Gap, GapKind, Package, Problem, SourcePackage, Tree, Want};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{self, evidence, has_room, merge, note, placed, within_limit};
use crate::standing::{self, DATABASE, Place};
use crate::stanza::{self, fields, parts, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "dpkg",
    version: 3,
    wants: WANTS,
    max_body_bytes: crate::database::MAX_DATABASE_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) mod files;

pub(crate) const WANTS: &[Want] =
    &[Want::Path(FILES[0]), Want::Path(FILES[1]), Want::Under(FOLDERS[0]), Want::Under(FOLDERS[1])];
const FILES: &[&str] = &["var/lib/dpkg/status", "usr/lib/dpkg/status"];
const FOLDERS: &[&str] = &["var/lib/dpkg/status.d", "usr/lib/dpkg/status.d"];
/// Changes that dpkg wrote down and had not merged yet.
const JOURNALS: [&str; 2] = ["var/lib/dpkg/updates", "usr/lib/dpkg/updates"];
/// Fields that a stanza has once.
const ONCE: [&[u8]; 4] = [b"Status", b"Version", b"Source", b"Architecture"];
/// Files beside the packages of a folder.
const CHECKSUMS: &str = ".md5sums";

/// What stands in `Maintainer` of packages that their vendor built, and no distribution.
const THIRD_PARTY: &[&str] = &[
    "@docker.com",
    "@nvidia.com",
    "@hashicorp.com",
    "@microsoft.com",
    "@mongodb.com",
    "@mariadb.com",
    "@mariadb.org",
    "@elastic.co",
    "@nginx.com",
    "@f5.com",
    "@konghq.com",
    "@cloudflare.com",
    "@influxdata.com",
    "@influxdb.com",
    "@gitlab.com",
    "@grafana.com",
    "@datadoghq.com",
    "@nodesource.com",
    "@tailscale.com",
    "@osrfoundation.org",
    "@openrobotics.org",
];

/// Lists the packages of every database of dpkg in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    let filled: Vec<bool> =
        FOLDERS.iter().map(|folder| read_folder(input.tree, folder, &mut found)).collect();
    database::read(input.tree, FILES, parse_status, &mut found);
    let listed = database::names(&found.packages);
    for (folder, filled) in FOLDERS.iter().zip(filled) {
        if !filled {
            found.gaps.extend(removed_folder(input.tree, folder, &listed));
        }
    }
    found.packages = merge(found.packages);
    files::add(input.tree, &found.packages, &mut found.owned);
    found.problems.extend(JOURNALS.iter().filter_map(|folder| journal(input.tree, folder)));
    found
}

/// Returns the problem of a journal that holds changes: they are not read.
fn journal(tree: &Tree, folder: &str) -> Option<Problem> {
    let is_change = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
    let changes = tree.list(folder).into_iter().filter(is_change).count();
    (changes > 0).then(|| Problem {
        path: folder.to_owned(),
        layer: None,
        detail: format!(
            "{changes} changes that dpkg had not merged into its database are not read"
        ),
        gap: Some(GapKind::Unreadable),
    })
}

/// Reads a `status` file. Lists what is installed, in the order of the file. A package without
/// `Source` is its own. What dpkg itself refuses (two stanzas for one name and architecture, a field
/// twice, a name that is none) is listed as far as it goes, and is a problem.
///
/// What is unpacked but not installed is a problem: its files are there and nobody judges them. The
/// paths in the problems are empty.
///
/// ```text
/// Package: libc6
/// Status: install ok installed
/// Architecture: amd64
/// Source: glibc (2.31-13)
/// Version: 2.31-13+b1
/// ```
pub fn parse_status(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut packages: Vec<Package> = Vec::new();
    let mut seen: HashMap<Key, Option<Package>> = HashMap::new();
    let body = within_limit(body, &mut problems);
    let whole = stanzas(body).enumerate().flat_map(|(index, stanza)| {
        let opening: fn(&[u8]) -> bool = |name| name.eq_ignore_ascii_case(b"Package");
        parts(stanza, opening).into_iter().enumerate().map(move |(part, s)| (index + 1, part, s))
    });
    for (number, part, stanza) in whole {
        if part > 0 {
            let detail = format!("stanza {number} names more than one package");
            note(&mut problems, detail, Some(GapKind::Unreadable));
        }
        let Some((key, package)) = parse_stanza(stanza, number, &mut problems) else { continue };
        let double = seen.get(&key).map(|before| *before == package);
        if double == Some(false) {
            let detail = format!("`{}` stands there more than once, and differs", key.0);
            note(&mut problems, detail, Some(GapKind::Unreadable));
        }
        if let Some(package) = package.clone().filter(|_| double != Some(true)) {
            if !has_room(&packages, &mut problems) {
                break;
            }
            packages.push(package);
        }
        seen.insert(key, package);
    }
    (packages, problems)
}

type Key = (String, Option<String>);

/// Returns name and architecture, and the package if it is installed.
fn parse_stanza(
    stanza: &[u8],
    number: usize,
    problems: &mut Vec<Problem>,
) -> Option<(Key, Option<Package>)> {
    let mut status = None;
    let mut source = String::new();
    let mut package = Package { kind: "deb".to_owned(), ..Package::default() };
    let mut once = HashSet::new();
    for (name, value) in fields(stanza) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        if ONCE.iter().any(|known| is(known)) && !once.insert(name.to_ascii_lowercase()) {
            let name = text(name);
            let detail = format!("stanza {number} has `{name}` more than once");
            note(problems, detail, Some(GapKind::Unreadable));
        }
        if is(b"Package") {
            package.name = stanza::name(value).to_ascii_lowercase();
        } else if is(b"Version") {
            package.version = text(value);
        } else if is(b"Status") {
            status = Some(text(value));
        } else if is(b"Source") {
            source = text(value);
        } else if is(b"Architecture") {
            package.arch = Some(text(value)).filter(|arch| !arch.is_empty());
        } else if is(b"Maintainer") {
            package.repository = repository(&text(value));
        }
    }
    if package.name.is_empty() {
        let detail = format!("stanza {number} has no `Package`");
        note(problems, detail, Some(GapKind::Unreadable));
        return None;
    }
    let key = (package.name.clone(), package.arch.clone());
    if !is_name(&package.name) {
        let detail = format!("`{}` is no name of a Debian package", package.name);
        note(problems, detail, Some(GapKind::Unreadable));
    }
    if !is_installed(status.as_deref(), &package, problems) {
        return Some((key, None));
    }
    let source = parse_source(&source, &package);
    if is_name(&package.name) && !is_name(&source.name) {
        let detail = format!("`{}` is no name of a Debian source package", source.name);
        note(problems, detail, Some(GapKind::Unreadable));
    }
    package.source = Some(source);
    Some((key, Some(package)))
}

/// Letters in lower case, digits, `+`, `-` and `.`: deb-control(5), "Package".
fn is_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
}

/// Returns whether a package counts, and says so where it is there and does not.
fn is_installed(status: Option<&str>, package: &Package, problems: &mut Vec<Problem>) -> bool {
    // A hand-made database without any `Status` claims that its packages are there.
    let state = status.map_or("installed", |status| status.split_whitespace().nth(2).unwrap_or(""));
    let detail = match state {
        "installed" if !package.version.is_empty() => return true,
        "installed" => format!("`{}` has no `Version`", package.name),
        "not-installed" | "config-files" => return false,
        _ => format!("`{}` is `{state}`, not installed; it is not judged", package.name),
    };
    note(problems, detail, Some(GapKind::Unreadable));
    false
}

/// Reads `glibc`, or `glibc (2.31-13)`; what is not said is as for the binary package.
fn parse_source(source: &str, package: &Package) -> SourcePackage {
    let (name, version) = match source.split_once('(') {
        Some((name, version)) => (name.trim(), version.trim_end().trim_end_matches(')').trim()),
        None => (source, ""),
    };
    SourcePackage {
        name: if name.is_empty() { package.name.clone() } else { name.to_owned() },
        version: if version.is_empty() { package.version.clone() } else { version.to_owned() },
    }
}

fn repository(maintainer: &str) -> Option<String> {
    let maintainer = maintainer.to_ascii_lowercase();
    let is_third_party = THIRD_PARTY.iter().any(|address| maintainer.contains(address));
    is_third_party.then(|| plimsoll_model::THIRD_PARTY.to_owned())
}

/// Reads a folder with a file a package; each belongs to the layer of its own file. Returns whether
/// there was any.
fn read_folder(tree: &Tree, folder: &str, found: &mut TreeYield) -> bool {
    let packages_before = found.packages.len();
    found.problems.extend(standing::problem(tree, DATABASE, (folder, Place::Folder)));
    for name in tree.list(folder) {
        if name.ends_with(CHECKSUMS) {
            continue;
        }
        let path = format!("{folder}/{name}");
        let Some(file) = tree.read(&path) else {
            found.problems.extend(standing::problem(tree, DATABASE, (&path, Place::File)));
            continue;
        };
        let (packages, mut problems) = parse_status(file.body);
        if packages.is_empty() && problems.is_empty() {
            note(&mut problems, "it lists no package".to_owned(), Some(GapKind::Unreadable));
        }
        found.packages.extend(packages.into_iter().map(|package| Package {
            layer: Some(file.layer),
            evidence: vec![evidence(&file.path, file.layer)],
            ..package
        }));
        found.problems.extend(placed(problems, &file.path, file.layer));
    }
    found.packages.len() > packages_before
}

/// Returns the gap of a folder that lower layers filled and that holds no package in the end, unless
/// all that it held is in `listed`.
fn removed_folder(tree: &Tree, folder: &str, listed: &HashSet<&str>) -> Option<Gap> {
    let mut count = Some(0);
    let mut last_layer = 0;
    let mut is_lost = false;
    for (name, copy) in tree.list_hidden(folder) {
        let Some(copy) = copy.filter(|_| !name.ends_with(CHECKSUMS)) else { continue };
        last_layer = last_layer.max(copy.layer);
        let Some(body) = copy.body else {
            (is_lost, count) = (true, None);
            continue;
        };
        let (packages, _) = parse_status(body);
        count = count.map(|count| count + packages.len());
        is_lost |= packages.iter().any(|package| !listed.contains(package.name.as_str()));
    }
    is_lost.then(|| database::removed_gap(folder, last_layer, "removed", count))
}

#[cfg(test)]
mod tests;
