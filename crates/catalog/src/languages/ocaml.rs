//! Installed packages of OCaml: what opam keeps of each, and the `META` files of findlib.
//!
//! opam keeps the description at `.opam-switch/packages/NAME.VERSION/opam` (opam manual, "Package format",
//! <https://opam.ocaml.org/doc/Manual.html>); the folder says name and version. findlib's `META`
//! (`meta(5)`) lies in the folder of a library whose name need not be that of the package: such an identity is
//! of medium confidence, and not used where opam tells.

use plimsoll_model::{Confidence, FileYield, Package, Want};

use super::{add_license, all_quoted, assignments, ends, of_one, package, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "ocaml",
    version: 1,
    wants: &[
        Want::Beneath(".opam-switch/packages", "/opam"),
        Want::Beneath("ocaml", "/META"),
        Want::Beneath("site-lib", "/META"),
    ],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let ends = ends(input.path);
    match ends.as_slice() {
        ["opam", folder, "packages", ..] => {
            of_one(parse_opam(folder, input.body), "package of opam")
        }
        ["META", folder, ..] if !is_in_switch(input.path) => {
            let packages = parse_meta(folder, input.body).into_iter().collect();
            FileYield { packages, ..FileYield::default() }
        }
        _ => FileYield::default(),
    }
}

/// Returns whether a path lies in a switch of opam, of the user or of a project.
fn is_in_switch(path: &str) -> bool {
    path.split('/').any(|folder| matches!(folder, ".opam" | "_opam"))
}

/// Reads what opam keeps in a folder of this name.
///
/// ```text
/// opam-version: "2.0"
/// license: "BSD-3-Clause"
/// ```
fn parse_opam(folder: &str, body: &[u8]) -> Option<Package> {
    let (name, version) = folder.split_once('.')?;
    let mut package = package("opam", name, version)?;
    let text = text(body);
    let stated = text.lines().find_map(|line| line.strip_prefix("license:"));
    let licenses = all_quoted(stated.unwrap_or_default());
    for license in licenses {
        add_license(&mut package, license);
    }
    Some(package)
}

/// Reads the `META` of a library in a folder of this name; `None` when it states no version, as those of
/// parts of a package do not.
///
/// ```text
/// version = "2.0.2"
/// description = "JSON parsing and printing"
/// ```
fn parse_meta(folder: &str, body: &[u8]) -> Option<Package> {
    let text = text(body);
    // Parts of a package follow in parentheses.
    let head = text.split("package ").next().unwrap_or_default();
    let version = assignments(head).find(|(name, _)| *name == "version")?.1;
    let starts = version.strip_prefix('v').unwrap_or(version);
    if !starts.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let confidence = Some(Confidence::Medium);
    Some(Package { confidence, ..package("opam", folder, version)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_opam_names_the_package() {
        let body = b"opam-version: \"2.0\"\nlicense: [\"MIT\" \"LGPL-2.1-only\"]\n";
        let package = parse_opam("ocaml-lsp-server.1.15.1-4.14", body).unwrap();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("ocaml-lsp-server", "1.15.1-4.14")
        );
        assert_eq!(package.licenses, ["MIT", "LGPL-2.1-only"]);
        assert!(parse_opam("none", body).is_none());
    }

    #[test]
    fn a_library_with_a_version_is_a_package() {
        let body = b"version = \"2.0.2\"\npackage \"x\" (\n version = \"9\"\n)\n";
        let package = parse_meta("yojson", body).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("yojson", "2.0.2"));
        assert_eq!(package.confidence, Some(Confidence::Medium));
        for body in
            ["package \"x\" (\nversion = \"9\"\n)", "version = \"[distributed with Ocaml]\"", ""]
        {
            assert!(parse_meta("x", body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn where_opam_tells_findlib_is_not_asked() {
        let read = |path| read(&FileInput { path, body: b"version = \"1\"\n" }).packages.len();
        assert_eq!(read("usr/lib/ocaml/yojson/META"), 1);
        assert_eq!(read("home/opam/.opam/4.14/lib/ocaml/yojson/META"), 0);
        assert_eq!(read("home/opam/.opam/4.14/.opam-switch/packages/yojson.2.0/opam"), 1);
        assert_eq!(read("home/opam/.opam/4.14/.opam-switch/packages/yojson.2.0/x/opam"), 0);
    }
}
