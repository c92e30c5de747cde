//! The database of portage: a folder a package, `CATEGORY/NAME-VERSION`.
//!
//! The layout is that of `portage(5)`, "/var/db/pkg"; what a name and a version are is said by the Package
//! Manager Specification, "Names and versions".

use std::collections::HashSet;

use plimsoll_model::tree::Standing;
use plimsoll_model::{FileYield, Gap, GapKind, Package, Problem, Scheme, Tree, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read, TreeInput, TreeYield};
use crate::database::{self, evidence, has_room, placed, problem};
use crate::owned;
use crate::standing::{self, DATABASE, Place};
use plimsoll_model::THIRD_PARTY;

/// The row of the table of cataloguers.
pub(crate) const FILES_ROW: Cataloguer = Cataloguer {
    name: "portage-files",
    version: 1,
    wants: FILES_WANTS,
    max_body_bytes: MAX_CONTENTS_BYTES,
    declared: false,
    read: Read::File(read_contents),
};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "portage",
    version: 1,
    wants: WANTS,
    max_body_bytes: MAX_SMALL_FILE_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] = &[Want::In(FOLDER, "/LICENSE"), Want::In(FOLDER, "/repository")];
pub(crate) const FILES_WANTS: &[Want] = &[Want::In(FOLDER, "/CONTENTS")];
const FOLDER: &str = "var/db/pkg";
/// The list of the files of a package, by which it is known to be whole.
const CONTENTS: &str = "CONTENTS";
/// What portage puts before the name while it writes.
const UNFINISHED: &str = "-MERGING-";
/// The repository of the distribution.
const OFFICIAL: &str = "gentoo";
/// The most bytes of a small file that are looked at.
pub(crate) const MAX_SMALL_FILE_BYTES: usize = 64 << 10;
/// The most bytes of one `CONTENTS`; those of the largest packages (kernel sources) have some millions.
pub(crate) const MAX_CONTENTS_BYTES: u64 = 64 << 20;
/// The most paths of one `CONTENTS`.
const MAX_LISTED_PATHS: usize = 300_000;
/// The most licences of one package.
const MAX_LICENSES: usize = 50;

/// Lists the packages of the database of portage in the tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let tree = input.tree;
    let mut found = TreeYield::default();
    found.problems.extend(standing::problem(tree, DATABASE, (FOLDER, Place::Folder)));
    for category in tree.list(FOLDER) {
        let folder = format!("{FOLDER}/{category}");
        if tree.standing(&folder) == Standing::Folder && !category.starts_with('.') {
            read_category(tree, category, &mut found);
        }
    }
    if found.packages.is_empty() {
        found.problems.extend(foreign(tree).filter(|_| found.problems.is_empty()));
        found.gaps.extend(removed(tree));
    }
    found
}

/// Reads the list of what a package owns, `CONTENTS`.
///
/// ```text
/// dir /usr/bin
/// obj /usr/bin/pigz d41d8cd98f00b204e9800998ecf8427e 1700000000
/// sym /usr/bin/unpigz -> pigz 1700000000
/// ```
pub(crate) fn read_contents(input: &FileInput<'_>) -> FileYield {
    let paths = input.body.split(|byte| *byte == b'\n').filter_map(owned_path);
    owned::listed(paths, MAX_LISTED_PATHS)
}

/// Returns the path of a line; it may have blanks, so that what follows it is counted from the end.
fn owned_path(line: &[u8]) -> Option<&[u8]> {
    let cut = |text: &'_ [u8]| text.iter().rposition(|byte| *byte == b' ');
    let (kind, rest) = line.split_at_checked(4)?;
    match kind {
        b"obj " => {
            let sum = &rest[..cut(rest)?];
            Some(&sum[..cut(sum)?])
        }
        b"sym " => rest.windows(4).position(|part| part == b" -> ").map(|at| &rest[..at]),
        b"dir " | b"dev " | b"fif " => Some(rest),
        _ => None,
    }
}

fn read_category(tree: &Tree, category: &str, found: &mut TreeYield) {
    for name in tree.list(&format!("{FOLDER}/{category}")) {
        let path = format!("{FOLDER}/{category}/{name}");
        match tree.standing(&path) {
            Standing::Folder if name.starts_with('.') => continue,
            Standing::Folder => {}
            Standing::Blocked(_) => {
                found.problems.extend(standing::problem(tree, DATABASE, (&path, Place::Folder)));
                continue;
            }
            _ => continue,
        }
        let Some((name, version)) = split_ebuild(name) else {
            let detail = match name.strip_prefix(UNFINISHED) {
                Some(name) => format!("`{name}` was not merged to the end; it is not judged"),
                None => format!("`{name}` is no name and version of an ebuild"),
            };
            found.problems.push(problem(&path, detail, GapKind::Unreadable));
            continue;
        };
        let mut limits = Vec::new();
        if has_room(&found.packages, &mut limits) {
            found.owned.add_listed(tree, &format!("{path}/{CONTENTS}"), found.packages.len());
            found.packages.push(package(tree, &path, format!("{category}/{name}"), version));
        }
        found.problems.extend(placed(limits, FOLDER, 0));
    }
}

fn package(tree: &Tree, folder: &str, name: String, version: &str) -> Package {
    let contents = format!("{folder}/{CONTENTS}");
    let layer = tree.since(folder);
    // A file tells the newest layer that wrote here; without it the folder itself is the evidence.
    let evidence = match (tree.standing(&contents), tree.history(&contents).0.pop()) {
        (Standing::File(real), Some(copy)) => evidence(&real, copy.layer),
        _ => evidence(folder, layer.unwrap_or_default()),
    };
    let repository = small_file(tree, &format!("{folder}/repository"));
    Package {
        kind: "ebuild".to_owned(),
        name,
        version: version.to_owned(),
        licenses: licenses(&small_file(tree, &format!("{folder}/LICENSE"))),
        repository: (!matches!(repository.trim(), "" | OFFICIAL)).then(|| THIRD_PARTY.to_owned()),
        layer,
        evidence: vec![evidence],
        ..Package::default()
    }
}

fn small_file(tree: &Tree, path: &str) -> String {
    let body = tree.read(path).map(|file| file.body).unwrap_or_default();
    String::from_utf8_lossy(&body[..body.len().min(MAX_SMALL_FILE_BYTES)]).into_owned()
}

/// Returns the licences of an expression, without its operators, each once: `|| ( GPL-2 MIT )`.
fn licenses(expression: &str) -> Vec<String> {
    let mut licenses: Vec<String> = Vec::new();
    for word in expression.split_whitespace() {
        let is_operator = matches!(word, "||" | "(" | ")") || word.ends_with('?');
        let is_known = licenses.iter().any(|known| known == word);
        if !is_operator && !is_known && licenses.len() < MAX_LICENSES {
            licenses.push(word.to_owned());
        }
    }
    licenses
}

/// Parts the name of a package's folder into name and version: `openssl-3.0.13-r2` into `openssl` and
/// `3.0.13-r2`. `None` where it is not made so.
pub fn split_ebuild(text: &str) -> Option<(&str, &str)> {
    let (head, last) = text.rsplit_once('-')?;
    let revision = last.strip_prefix('r');
    let is_revision = revision
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let name = if is_revision { head.rsplit_once('-')?.0 } else { head };
    let version = &text[name.len() + 1..];
    let is_sound = !name.is_empty() && !name.starts_with('-') && Scheme::Ebuild.is_valid(version);
    is_sound.then_some((name, version))
}

/// Returns the problem of a folder that holds files, and no package: another system keeps its packages
/// there too.
fn foreign(tree: &Tree) -> Option<Problem> {
    let is_foreign = !tree.files_below(FOLDER, &|_| true).is_empty();
    let detail = "it holds files, and no package that portage would know".to_owned();
    is_foreign.then(|| problem(FOLDER, detail, GapKind::Unreadable))
}

/// Returns the gap of a database that lower layers filled and that lists nothing in the end.
fn removed(tree: &Tree) -> Option<Gap> {
    let mut packages: HashSet<String> = HashSet::new();
    let mut last_layer = 0;
    for (category, _) in tree.list_hidden(FOLDER) {
        for (name, _) in tree.list_hidden(&format!("{FOLDER}/{category}")) {
            let path = format!("{FOLDER}/{category}/{name}");
            let copy = tree.history(&format!("{path}/{CONTENTS}")).0.pop();
            if let (Some(copy), Some(_)) = (copy, split_ebuild(name)) {
                last_layer = last_layer.max(copy.layer);
                packages.insert(path);
            }
        }
    }
    let count = packages.len();
    (count > 0).then(|| database::removed_gap(FOLDER, last_layer, "removed", Some(count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_parted() {
        for (text, name, version) in [
            ("openssl-3.0.13-r2", "openssl", "3.0.13-r2"),
            ("zlib-1.3.1", "zlib", "1.3.1"),
            ("gtk+-3.24.41-r1", "gtk+", "3.24.41-r1"),
            ("font-adobe-100dpi-1.0.4", "font-adobe-100dpi", "1.0.4"),
            ("portage-utils-0.97_pre20240201", "portage-utils", "0.97_pre20240201"),
            ("perl-r5-1.0", "perl-r5", "1.0"),
            ("git-9999", "git", "9999"),
        ] {
            assert_eq!(split_ebuild(text), Some((name, version)), "{text}");
        }
        for text in ["", "zlib", "zlib-", "-1.0", "zlib-r1", "zlib-1.0-rc", "-MERGING-zlib-1.0"] {
            assert_eq!(split_ebuild(text), None, "{text}");
        }
    }

    #[test]
    fn the_paths_of_contents_may_have_blanks() {
        let body = b"dir /usr/share/a b\nobj /usr/share/a b/c d 0123 1700000000\n\
            sym /usr/lib/x -> y -> z 1700000000\nfif /run/p\nodd /x\nobj /short\nobj\n";
        let found = read_contents(&FileInput { path: "", body });
        let paths = ["usr/share/a b", "usr/share/a b/c d", "usr/lib/x", "run/p"];
        assert_eq!(found.owned, paths.map(|path| owned::hash(path.as_bytes())));
    }

    #[test]
    fn licences_are_told_without_operators() {
        assert_eq!(
            licenses("|| ( GPL-2+ MIT ) ssl? ( openssl ) MIT\n"),
            ["GPL-2+", "MIT", "openssl"]
        );
        let many: Vec<String> = (0..=MAX_LICENSES).map(|number| format!("L{number}")).collect();
        assert_eq!(licenses(&many.join(" ")).len(), MAX_LICENSES);
    }
}
