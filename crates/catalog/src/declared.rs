//! Lock files and manifests: what somebody meant to install.
//!
//! They are read in folders, and in images only where that was asked for; their packages say that they
//! are declared. What a file marks as meant for development or tests alone is left out, and so is what
//! it takes from a folder beside it, since that is the project itself. Of a range of versions nothing
//! is made: only exact versions are listed.
//!
//! What installed packages bring along (`node_modules/a/yarn.lock`) was meant for those who made them
//! and is not read.

pub(crate) mod actions;
pub(crate) mod beam;
pub(crate) mod bun;
pub(crate) mod conan;
pub(crate) mod dart;
pub(crate) mod deno;
pub(crate) mod dotnet;
pub(crate) mod golang;
pub(crate) mod haskell;
pub(crate) mod jvm;
pub(crate) mod maven;
pub(crate) mod npm;
pub(crate) mod ocaml;
pub(crate) mod perl;
pub(crate) mod php;
pub(crate) mod pnpm;
pub(crate) mod python;
pub(crate) mod requirements;
pub(crate) mod ruby;
pub(crate) mod rust;
pub(crate) mod science;
pub(crate) mod swift;
pub(crate) mod terraform;
pub(crate) mod yarn;

mod found;
mod loose;
mod merge;
mod parse;
mod reach;
mod xml;

pub(crate) use merge::merge;

use plimsoll_model::{FileYield, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use found::Found;

/// The most bytes of a lock file; real ones of large projects have some MB.
pub(crate) const MAX_LOCK_BYTES: u64 = 32 << 20;

/// Folders of what is installed or was fetched to be built.
const INSTALLED: &[&str] = &[
    "node_modules/",
    "site-packages/",
    "dist-packages/",
    "share/nodejs/",
    "ruby/gems/",
    "share/gems/",
    "bundle/ruby/",
    ".cargo/registry/",
    ".cargo/git/",
    "pkg/mod/",
    "vendor/",
];

/// Makes a row of the table of cataloguers.
const fn row(
    name: &'static str,
    version: u32,
    wants: &'static [Want],
    read: fn(&FileInput<'_>) -> FileYield,
) -> Cataloguer {
    let max_body_bytes = MAX_LOCK_BYTES;
    Cataloguer { name, version, wants, max_body_bytes, declared: true, read: Read::File(read) }
}

/// Reads a file whose packages are mostly of one type, unless it lies in an installed package.
fn read(
    input: &FileInput<'_>,
    kind: &'static str,
    parse: fn(&FileInput<'_>, &mut Found),
) -> FileYield {
    if is_installed(input.path) {
        return FileYield::default();
    }
    let mut found = Found::new(kind);
    parse(input, &mut found);
    found.finish()
}

fn is_installed(path: &str) -> bool {
    let begins = |at: usize| at == 0 || path.as_bytes().get(at - 1) == Some(&b'/');
    INSTALLED.iter().any(|folder| path.match_indices(folder).any(|(at, _)| begins(at)))
}

/// Returns the name of the file itself.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_installed_packages_bring_along_is_told_apart() {
        assert!(is_installed("node_modules/a/yarn.lock"));
        assert!(is_installed("srv/app/node_modules/a/Cargo.lock"));
        assert!(is_installed("usr/lib/ruby/gems/3.1.0/gems/rbs-2.7.0/Gemfile.lock"));
        assert!(is_installed("vendor/time/Cargo.lock") && !is_installed("vendor.d/Cargo.lock"));
        assert!(!is_installed("srv/my_node_modules/yarn.lock"));
        assert!(!is_installed("srv/app/yarn.lock"));
        assert_eq!(file_name("a/b.lock"), "b.lock");
        assert_eq!(file_name("b.lock"), "b.lock");
    }
}
