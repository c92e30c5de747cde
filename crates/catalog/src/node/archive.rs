//! Node modules inside archives: the ZIP files that Yarn's Plug'n'Play loads from, extensions of editors,
//! and Electron's asar.
//!
//! Yarn keeps one ZIP file a package, `.yarn/cache/NAME-npm-VERSION-HASH.zip`, with the module at
//! `node_modules/NAME` (<https://yarnpkg.com/advanced/lexicon#zero-installs>). An asar is a header of
//! JSON and the files one after the other (<https://github.com/electron/asar#format>).

use plimsoll_model::{FileYield, Problem, Want};

use super::place::MANIFEST;
use super::{MAX_MANIFEST_BYTES, asar, read_package_json};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::zip::{Archive, Limits, Member, Trouble};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "node-archive",
    version: 1,
    wants: &[
        Want::Beneath(".yarn/cache", ".zip"),
        Want::Beneath("berry/cache", ".zip"),
        Want::Suffix(".vsix"),
        Want::Suffix(".asar"),
    ],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

/// The most manifests looked at in one archive.
pub(super) const MAX_ARCHIVED_MANIFESTS: usize = 20_000;

/// Reads one archive, by its file name.
fn read(input: &FileInput<'_>) -> FileYield {
    read_node_archive(input.path, input.body)
}

/// Reads an archive of Node modules: each manifest in it as
/// [`read_package_json`](super::read_package_json) would beside it, with the path inside the archive as
/// evidence, in the order of the archive. The file name tells whether it is an asar.
pub fn read_node_archive(path: &str, body: &[u8]) -> FileYield {
    let mut found = FileYield::default();
    let is_asar =
        path.len() >= 5 && path.as_bytes()[path.len() - 5..].eq_ignore_ascii_case(b".asar");
    let result = if is_asar { asar::read(body, &mut found) } else { read_zip(body, &mut found) };
    if let Err(trouble) = result {
        push(&mut found, trouble.problem(""));
    }
    found
}

fn read_zip(body: &[u8], found: &mut FileYield) -> Result<(), Trouble> {
    let archive = Archive::open(body)?;
    let mut left = Limits::new();
    let mut manifests: Vec<Member> = Vec::new();
    let listed = archive.list(&mut left, |name, member| {
        if is_manifest(name) {
            has_room(manifests.len())?;
            manifests.push(member());
        }
        Ok(())
    });
    for member in &manifests {
        match archive.read_small(member, MAX_MANIFEST_BYTES as u64, &mut left) {
            Ok(manifest) => add(found, &member.name, &manifest),
            Err(trouble) => push(found, trouble.problem(&member.name)),
        }
    }
    listed
}

/// Returns whether the file of this name is a manifest.
pub(super) fn is_manifest(path: &str) -> bool {
    path.rsplit('/').next() == Some(MANIFEST)
}

/// Returns whether one more manifest may be looked at.
pub(super) fn has_room(manifests: usize) -> Result<(), Trouble> {
    if manifests < MAX_ARCHIVED_MANIFESTS {
        return Ok(());
    }
    Err(Trouble::Limit(format!("more than {MAX_ARCHIVED_MANIFESTS} manifests inside")))
}

/// Adds what the manifest at a path inside the archive tells.
pub(super) fn add(found: &mut FileYield, path: &str, manifest: &[u8]) {
    let mut taken = read_package_json(path, manifest);
    for evidence in taken.packages.iter_mut().flat_map(|package| &mut package.evidence) {
        path.clone_into(&mut evidence.path);
    }
    found.packages.append(&mut taken.packages);
    for problem in taken.problems {
        push(found, Problem { path: path.to_owned(), ..problem });
    }
}

fn push(found: &mut FileYield, problem: Problem) {
    if found.problems.len() < crate::database::MAX_PROBLEMS {
        found.problems.push(problem);
    }
}
