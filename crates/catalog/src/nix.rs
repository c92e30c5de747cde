//! The store of Nix: a folder for each output of a build, `HASH-NAME-VERSION[-OUTPUT]`.
//!
//! What is a name and what a version is as Nix itself says (`builtins.parseDrvName`, Nix manual, "Built-ins"):
//! the version begins after the first dash that no letter follows. That there is such a folder is all that is
//! looked at; the database of Nix may be missing, as in most images.

use plimsoll_model::tree::Standing;
use plimsoll_model::{Package, Tree};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{evidence, has_room, merge, placed};
use crate::standing::{self, DATABASE, Place};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "nix",
    version: 1,
    // The names in the store say it all.
    wants: &[],
    max_body_bytes: 0,
    declared: false,
    read: Read::Tree(read),
};

const STORE: &str = "nix/store";
/// Letters of a hash in the base 32 of Nix.
const HASH_LETTERS: usize = 32;
/// Names of outputs beside `out`, as nixpkgs uses them.
const OUTPUTS: &[&str] = &[
    "bin", "data", "debug", "dev", "devdoc", "devman", "dist", "doc", "getent", "info", "lib",
    "libgcc", "locale", "login", "man", "modules", "mount", "nc", "out", "py", "python", "share",
    "static", "su", "swap", "terminfo", "tests", "tools", "xapps",
];
/// How the names of sources, patches and build plans end: none of them is installed software.
const SOURCES: &[&str] = &[
    ".bz2", ".c", ".crate", ".diff", ".drv", ".gem", ".gz", ".lock", ".patch", ".tar", ".tgz",
    ".whl", ".xz", ".zip", ".zst", "-source", "-src", "-vendor",
];

/// Lists what is in the store: each name and version once, with all its folders as evidence.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let tree = input.tree;
    let (mut found, mut problems) = (TreeYield::default(), Vec::new());
    found.problems.extend(standing::problem(tree, DATABASE, (STORE, Place::Folder)));
    for entry in tree.list(STORE) {
        let Some((name, version)) = split_store_name(entry) else { continue };
        let path = format!("{STORE}/{entry}");
        if tree.standing(&path) != Standing::Folder {
            continue;
        }
        if !has_room(&found.packages, &mut problems) {
            break;
        }
        found.packages.push(package(tree, &path, name, version));
    }
    found.packages = merge(found.packages);
    found.problems.extend(placed(problems, STORE, 0));
    found
}

fn package(tree: &Tree, path: &str, name: &str, version: &str) -> Package {
    let layer = tree.since(path).unwrap_or_default();
    Package {
        kind: "nix".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        layer: Some(layer),
        evidence: vec![evidence(path, layer)],
        ..Package::default()
    }
}

/// Parts the name of an entry of the store into name and version, the hash and the output left out.
/// `None` for what states no version, and for sources.
///
/// ```text
/// 1b9p07z77phvv2hf6gm9f28syp39f1ag-openssl-3.0.7-bin
/// ```
pub fn split_store_name(entry: &str) -> Option<(&str, &str)> {
    let (hash, rest) = entry.split_at_checked(HASH_LETTERS)?;
    let rest = rest.strip_prefix('-').filter(|_| hash.bytes().all(is_hash_letter))?;
    if SOURCES.iter().any(|end| rest.ends_with(end)) {
        return None;
    }
    let rest = match rest.rsplit_once('-') {
        Some((whole, output)) if OUTPUTS.contains(&output) => whole,
        _ => rest,
    };
    let is_start = |at: &usize| rest[at + 1..].starts_with(|first: char| first.is_ascii_digit());
    let dash = rest.match_indices('-').map(|(at, _)| at).find(is_start)?;
    let (name, version) = (&rest[..dash], &rest[dash + 1..]);
    // nixpkgs writes `unstable-2023-01-01` for what was never released.
    let (name, version) = match name.strip_suffix("-unstable") {
        Some(name) => (name, &rest[name.len() + 1..]),
        None => (name, version),
    };
    (!name.is_empty()).then_some((name, version))
}

/// Digits and small letters without `e`, `o`, `t` and `u`.
fn is_hash_letter(letter: u8) -> bool {
    letter.is_ascii_digit() || letter.is_ascii_lowercase() && !b"eotu".contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "1b9p07z77phvv2hf6gm9f28syp39f1ag";

    #[test]
    fn names_versions_and_outputs_are_parted() {
        for (entry, name, version) in [
            ("openssl-3.0.7", "openssl", "3.0.7"),
            ("openssl-3.0.7-bin", "openssl", "3.0.7"),
            ("glibc-2.35-224-getent", "glibc", "2.35-224"),
            ("bash-interactive-5.2-p15", "bash-interactive", "5.2-p15"),
            ("python3.11-requests-2.28.1", "python3.11-requests", "2.28.1"),
            ("gtk+3-3.24.35-dev", "gtk+3", "3.24.35"),
            ("foo-unstable-2023-01-01", "foo", "unstable-2023-01-01"),
            ("foo-0-unstable-2023-01-01-lib", "foo", "0-unstable-2023-01-01"),
            ("gcc-12.2.0-libgcc", "gcc", "12.2.0"),
            ("curl-8.0-rc1", "curl", "8.0-rc1"),
        ] {
            let entry = format!("{HASH}-{entry}");
            assert_eq!(split_store_name(&entry), Some((name, version)), "{entry}");
        }
    }

    #[test]
    fn what_is_no_installed_package_is_left_out() {
        for entry in [
            "hook",
            "source",
            "zlib-1.3.1.tar.gz",
            "zlib-1.3.1.drv",
            "fix-1.2.patch",
            "app-1.0-source",
            "-1.0",
        ] {
            assert_eq!(split_store_name(&format!("{HASH}-{entry}")), None, "{entry}");
        }
        for entry in [
            "",
            HASH,
            "zlib-1.3",
            "1b9p07z77phvv2hf6gm9f28syp39f1ae-zlib-1.3",
            "1B9P07Z77PHVV2HF6GM9F28SYP39F1AG-zlib-1.3",
            "1b9p07z77phvv2hf6gm9f28syp39f1a\u{e9}-zlib-1.3",
        ] {
            assert_eq!(split_store_name(entry), None, "{entry}");
        }
    }
}
