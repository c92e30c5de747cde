//! Installed packages of Julia: `Project.toml` in a depot, and those of the standard library.
//!
//! A depot keeps a package at `packages/NAME/SLUG/Project.toml`, Julia its library at
//! `stdlib/vVERSION/NAME/Project.toml` (Pkg manual, <https://pkgdocs.julialang.org/v1/toml-files/>).

use plimsoll_model::{FileYield, Package, Want};

use super::{assignments, ends, of_one, package, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "julia",
    version: 1,
    wants: &[
        Want::Beneath(".julia/packages", "/Project.toml"),
        Want::Beneath("julia/packages", "/Project.toml"),
        Want::Beneath("julia/stdlib", "/Project.toml"),
    ],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    match ends(input.path).as_slice() {
        [_, _, _, "packages", ..] => of_one(parse_project(input.body), "Julia package"),
        // Parts of Julia that are never released alone state no version.
        [_, _, _, "stdlib", ..] => FileYield {
            packages: parse_project(input.body).into_iter().collect(),
            ..FileYield::default()
        },
        _ => FileYield::default(),
    }
}

/// Reads the head of a project file, before its first table.
///
/// ```text
/// name = "JSON"
/// uuid = "682c06a0-de6a-54ab-a142-c8b1cf79cde6"
/// version = "0.21.4"
/// ```
fn parse_project(body: &[u8]) -> Option<Package> {
    let text = text(body);
    let field = |wanted| assignments(&text).find(|(name, _)| *name == wanted);
    package("julia", field("name")?.1, field("version")?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_project_is_read() {
        let body =
            b"name = \"JSON\"\nauthors = [\"x\"]\nversion = \"0.21.4\"\n[deps]\nname = \"y\"\n";
        let package = parse_project(body).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("JSON", "0.21.4"));
        assert!(parse_project(b"name = \"a\"\n[compat]\nversion = \"1\"\n").is_none());
    }

    #[test]
    fn only_depots_and_the_library_count() {
        let read = |path| read(&FileInput { path, body: b"name = 'a'\n" });
        assert_eq!(read("root/.julia/packages/JSON/93Ea8/Project.toml").problems.len(), 1);
        assert_eq!(read("opt/julia/stdlib/v1.9/Dates/Project.toml"), FileYield::default());
        assert_eq!(read("root/.julia/packages/JSON/93Ea8/test/Project.toml"), FileYield::default());
    }
}
