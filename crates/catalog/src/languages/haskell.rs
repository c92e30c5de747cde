//! Installed packages of GHC: a registration `.conf` for each in a package database.
//!
//! The format is that of `InstalledPackageInfo` (GHC user's guide, "Packages",
//! <https://downloads.haskell.org/ghc/latest/docs/users_guide/packages.html>): fields as in Debian control
//! files. Databases are folders `package.conf.d` (GHC), `package.db` (cabal) and `pkgdb` (stack).

use plimsoll_model::{FileYield, Package, Want};

use super::{MAX_TEXT_BYTES, add_license, ends, of_one, package};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::stanza::{fields, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "haskell",
    version: 1,
    wants: &[
        Want::Beneath(DATABASES[0], ".conf"),
        Want::Beneath(DATABASES[1], ".conf"),
        Want::Beneath(DATABASES[2], ".conf"),
    ],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

const DATABASES: &[&str] = &["package.conf.d", "package.db", "pkgdb"];

fn read(input: &FileInput<'_>) -> FileYield {
    if !ends(input.path).get(1).is_some_and(|folder| DATABASES.contains(folder)) {
        return FileYield::default();
    }
    of_one(parse_registration(input.body), "Haskell package")
}

/// Reads a registration. A library inside a package has the name of the package.
///
/// ```text
/// name:                 aeson
/// version:              2.0.3.0
/// license:              BSD-3-Clause
/// ```
fn parse_registration(body: &[u8]) -> Option<Package> {
    let body = body.get(..MAX_TEXT_BYTES).unwrap_or(body);
    let (mut name, mut outer, mut version, mut license) =
        (String::new(), String::new(), String::new(), String::new());
    for (field, value) in stanzas(body).next().into_iter().flat_map(fields) {
        match field {
            b"name" => name = text(value),
            b"package-name" => outer = text(value),
            b"version" => version = text(value),
            b"license" => license = text(value),
            _ => {}
        }
    }
    let mut package = package("hackage", if outer.is_empty() { &name } else { &outer }, &version)?;
    add_license(&mut package, &license);
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_are_read() {
        let body = b"name:\n    aeson\nversion:      2.0.3.0\nlicense:      BSD-3-Clause\nid: x\n";
        let package = parse_registration(body).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("aeson", "2.0.3.0"));
        assert_eq!(package.licenses, ["BSD-3-Clause"]);
        let body = b"name: z-attoparsec-z-internal\npackage-name: attoparsec\nversion: 0.14.4\n";
        assert_eq!(parse_registration(body).unwrap().name, "attoparsec");
    }

    #[test]
    fn other_configuration_is_left_alone() {
        let read = |path| read(&FileInput { path, body: b"x" });
        assert_eq!(read("usr/lib/ghc/package.conf.d/x/y.conf"), FileYield::default());
        assert_eq!(read("usr/lib/ghc/package.conf.d/y.conf").problems.len(), 1);
    }
}
