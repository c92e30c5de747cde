//! Installed packages of R: the file `DESCRIPTION` of each.
//!
//! The format is that of Debian control files ("Writing R Extensions", section 1.1.1). The field `Built` is written
//! when a package is installed, and tells an installed one from its source; the translations that come with R lack it, and lie
//! in its library.

use plimsoll_model::{FileYield, Want};

use super::{MAX_TEXT_BYTES, add_license, ends, of_one, package};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::stanza::{fields, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "r",
    version: 2,
    wants: &[Want::Name("DESCRIPTION")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let place = match ends(input.path).as_slice() {
        [_, _, "library" | "site-library", "R", ..] => Place::Library,
        _ => Place::Elsewhere,
    };
    read_description(input.body, place)
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    Library,
    Elsewhere,
}

/// Reads a description; the licence as stated, which need not be SPDX. One of a source, and a file of that name
/// which is none, yield nothing.
///
/// ```text
/// Package: jsonlite
/// Version: 1.8.4
/// License: MIT + file LICENSE
/// Built: R 4.2.2; x86_64-pc-linux-gnu; 2022-12-08 14:54:23 UTC; unix
/// ```
fn read_description(body: &[u8], place: Place) -> FileYield {
    let body = body.get(..MAX_TEXT_BYTES).unwrap_or(body);
    let (mut name, mut version, mut license) = (String::new(), String::new(), String::new());
    let mut is_installed = place == Place::Library;
    for (field, value) in stanzas(body).next().into_iter().flat_map(fields) {
        match field {
            b"Package" => name = text(value),
            b"Version" => version = text(value),
            b"License" => license = text(value),
            b"Built" => is_installed = true,
            _ => {}
        }
    }
    if !is_installed {
        return FileYield::default();
    }
    let mut package = package("cran", &name, &version);
    if let Some(package) = &mut package {
        add_license(package, &license);
    }
    of_one(package, "R package")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installed_packages_are_told_from_sources() {
        let source = "Package: Matrix\nVersion: 1.5-3\nLicense: GPL (>= 2) | file LICENCE\n";
        assert_eq!(read_description(source.as_bytes(), Place::Elsewhere), FileYield::default());
        let built = format!("{source}Built: R 4.2.2; ; 2022-11-11; unix\n");
        let package = &read_description(built.as_bytes(), Place::Elsewhere).packages[0];
        assert_eq!((package.name.as_str(), package.version.as_str()), ("Matrix", "1.5-3"));
        assert_eq!(package.licenses, ["GPL (>= 2) | file LICENCE"]);
        let read = |path| read(&FileInput { path, body: source.as_bytes() }).packages.len();
        assert_eq!(
            (read("usr/lib/R/library/Matrix/DESCRIPTION"), read("srv/Matrix/DESCRIPTION")),
            (1, 0)
        );
        assert_eq!(read_description(b"A kernel module.\n", Place::Elsewhere), FileYield::default());
    }

    #[test]
    fn one_without_a_name_is_a_gap() {
        let found = read(&FileInput { path: "R/library/x/DESCRIPTION", body: b"Built: R 4\n" });
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
    }
}
