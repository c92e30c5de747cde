//! Installed Node modules: the `package.json` of each.
//!
//! The fields are those of npm's manifest (<https://docs.npmjs.com/cli/v10/configuring-npm/package-json>).
//! The folder is not believed: of an alias (`"lodash3": "npm:lodash@3"`) the manifest alone tells the
//! name. pnpm, Yarn, Bun and Deno lay modules elsewhere, with the same manifest in each.

use plimsoll_model::{Confidence, Evidence, FileYield, GapKind, Package, Problem, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};

mod archive;
mod asar;
mod manifest;
mod place;

pub(crate) use archive::ROW as ARCHIVE_ROW;
pub use archive::read_node_archive;
pub(crate) use place::{holders, place};

use manifest::{MAX_MANIFEST_BYTES, Manifest};
use place::Place;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "node",
    version: 1,
    wants: &[Want::Name("package.json")],
    max_body_bytes: MAX_MANIFEST_BYTES as u64,
    declared: false,
    read: Read::File(read),
};

/// What [`Package::repository`] says of applications with `"private": true`: npm refuses to publish them,
/// but who has the name in the registry is not told. It excuses nothing: some build their copies so.
const PRIVATE: &str = "private";

/// Reads one manifest.
fn read(input: &FileInput<'_>) -> FileYield {
    read_package_json(input.path, input.body)
}

/// Reads the `package.json` at a path: the package that it states, or none.
///
/// Where the folder is that of an installed module (`node_modules/NAME`), the manifest has to tell name
/// and version: that it does not, or is no JSON, is a problem. A manifest deeper inside a module is a
/// package only if it is a copy of another one: neither private, nor of the module's own name, nor part
/// of its tests and examples. Any other that states name and version is an application.
///
/// ```text
/// {"name": "@babel/core", "version": "7.20.0", "license": "MIT"}
/// ```
pub fn read_package_json(path: &str, body: &[u8]) -> FileYield {
    let place = place::of(path);
    if matches!(place, Place::Sample) {
        return FileYield::default();
    }
    match Manifest::read(body) {
        Ok(manifest) => of_manifest(&place, manifest),
        // Templates and snippets have the name too.
        Err(_) if !matches!(place, Place::Module { .. }) => FileYield::default(),
        Err(cause) => problem(format!("cannot read the manifest: {cause}"), GapKind::Unreadable),
    }
}

fn of_manifest(place: &Place<'_>, manifest: Manifest) -> FileYield {
    let Manifest { name, version, licenses, is_private } = manifest;
    let mut package = Package { name, version, licenses, ..Package::default() };
    "npm".clone_into(&mut package.kind);
    match place {
        Place::Module { name } => {
            if package.version.is_empty() {
                let detail = format!("the manifest of the module `{name}` states no version");
                return problem(detail, GapKind::Unidentified);
            }
            if package.name.is_empty() {
                (*name).clone_into(&mut package.name);
                package.confidence = Some(Confidence::Medium);
            }
        }
        Place::Within { name } => {
            // `preact/hooks` and its like are parts of a module, which bundlers read.
            let is_part =
                package.name == *name || (package.name.contains('/') && !is_scoped(&package.name));
            if is_part || is_private {
                return FileYield::default();
            }
        }
        Place::Other => package.repository = is_private.then(|| PRIVATE.to_owned()),
        Place::Sample => {}
    }
    if package.name.is_empty() || package.version.is_empty() {
        return FileYield::default();
    }
    package.evidence = vec![Evidence::default()];
    FileYield { packages: vec![package], ..FileYield::default() }
}

/// Returns whether a name has the form `@scope/name`.
fn is_scoped(name: &str) -> bool {
    name.strip_prefix('@').is_some_and(|rest| {
        rest.split_once('/').is_some_and(|(scope, name)| {
            !scope.is_empty() && !name.is_empty() && !name.contains('/')
        })
    })
}

fn problem(detail: String, gap: GapKind) -> FileYield {
    let problem = Problem { detail, gap: Some(gap), ..Problem::default() };
    FileYield { problems: vec![problem], ..FileYield::default() }
}

#[cfg(test)]
mod tests;
