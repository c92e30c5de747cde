//! Installed packages of R: the file `DESCRIPTION` of each.
//!
//! The format is that of Debian control files ("Writing R Extensions", section 1.1.1,
//! <https://cran.r-project.org/doc/manuals/r-release/R-exts.html>). The field `Built` is written when a package
//! is installed, and tells an installed one from its source.

use plimsoll_model::{FileYield, Package, Want};

use super::{MAX_TEXT_BYTES, add_license, of_one, package};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::stanza::{fields, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "r",
    version: 1,
    wants: &[Want::Name("DESCRIPTION")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// Reads one description. A source, and a file of that name which is none, yield nothing.
fn read(input: &FileInput<'_>) -> FileYield {
    match parse_description(input.body) {
        Some(package) => of_one(package, "R package"),
        None => FileYield::default(),
    }
}

/// Reads the description of an installed package; the licence as stated, which need not be SPDX. `None`
/// when it is no description of an installed package, `Some(None)` when it has no name or no version.
///
/// ```text
/// Package: jsonlite
/// Version: 1.8.4
/// License: MIT + file LICENSE
/// Built: R 4.2.2; x86_64-pc-linux-gnu; 2022-12-08 14:54:23 UTC; unix
/// ```
fn parse_description(body: &[u8]) -> Option<Option<Package>> {
    let body = body.get(..MAX_TEXT_BYTES).unwrap_or(body);
    let (mut name, mut version, mut license) = (String::new(), String::new(), String::new());
    let mut is_installed = false;
    for (field, value) in stanzas(body).next().into_iter().flat_map(fields) {
        match field {
            b"Package" => name = text(value),
            b"Version" => version = text(value),
            b"License" => license = text(value),
            b"Built" => is_installed = true,
            _ => {}
        }
    }
    is_installed.then(|| {
        let mut package = package("cran", &name, &version)?;
        add_license(&mut package, &license);
        Some(package)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_packages_are_told_from_sources() {
        let source = "Package: Matrix\nVersion: 1.5-3\nLicense: GPL (>= 2) | file LICENCE\n";
        assert_eq!(parse_description(source.as_bytes()), None);
        let built = format!("{source}Built: R 4.2.2; ; 2022-11-11; unix\n");
        let package = parse_description(built.as_bytes()).unwrap().unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("Matrix", "1.5-3"));
        assert_eq!(package.licenses, ["GPL (>= 2) | file LICENCE"]);
        assert_eq!(parse_description(b"A kernel module.\n"), None);
    }

    #[test]
    fn one_without_a_name_is_a_gap() {
        let found = read(&FileInput { path: "R/library/x/DESCRIPTION", body: b"Built: R 4\n" });
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
    }
}
