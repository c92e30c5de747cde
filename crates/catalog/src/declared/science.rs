//! R and Julia: `renv.lock` and `Manifest.toml`.
//!
//! Followed: <https://rstudio.github.io/renv/articles/lockfile.html> and
//! <https://pkgdocs.julialang.org/v1/toml-files/>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of lock files of renv in the table of cataloguers.
pub(crate) const R_ROW: Cataloguer =
    super::row("renv-lock", 2, &[Want::Name("renv.lock")], read_renv);

/// The row of manifests of Julia.
pub(crate) const JULIA_ROW: Cataloguer = super::row(
    "julia-manifest",
    2,
    &[Want::Name("Manifest.toml"), Want::Name("JuliaManifest.toml")],
    read_manifest,
);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Renv {
    #[serde(rename = "Packages")]
    packages: Table<Item<Library>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Library {
    package: Text,
    version: Text,
    source: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Manifest {
    deps: Table<List<Item<Dependency>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Dependency {
    version: Text,
    path: Text,
}

/// Reads one lock file of renv; packages of Bioconductor and of repositories of code are listed under their
/// names, what is local is not.
///
/// ```text
/// {"R": {"Version": "4.3.1"}, "Packages": {"curl": {"Package": "curl", "Version": "4.3",
///   "Source": "Repository", "Repository": "CRAN"}}}
/// ```
fn read_renv(input: &FileInput<'_>) -> FileYield {
    super::read(input, "cran", |input, found| {
        let lock: Renv = parse::json(input.body, found);
        for (name, library) in lock.packages.tables() {
            let name = if library.package.is_empty() { name } else { &library.package };
            if &*library.source != "Local" {
                found.add(name, &library.version);
            }
        }
        parse::expect(parse::json, input.body, &[("Packages", Shape::Table)], found);
    })
}

/// Reads one manifest, of format 2 or the older one, where the packages stand at the top. What comes with
/// Julia has no version.
///
/// ```text
/// julia_version = "1.9.2"
/// manifest_format = "2.0"
/// [[deps.JSON]]
/// uuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"
/// version = "0.21.4"
/// ```
fn read_manifest(input: &FileInput<'_>) -> FileYield {
    super::read(input, "julia", |input, found| {
        let mut faults = Found::new("julia");
        let manifest: Manifest = parse::toml(input.body, &mut faults);
        let is_older = manifest.deps.0.is_empty();
        let older = if is_older { parse::toml(input.body, found) } else { Table::default() };
        for (name, versions) in manifest.deps.0.iter().chain(&older.0) {
            for dependency in versions.tables().filter(|dependency| dependency.path.is_empty()) {
                found.add(name, &dependency.version);
            }
        }
    })
}
