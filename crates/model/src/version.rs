//! The version orders of all package managers, each in its own file, and the table of them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::range::{InvalidRange, Range};

mod alpm;
mod apk;
mod bitnami;
mod cargo;
mod composer;
mod conan;
mod cran;
mod datetime;
mod deb;
mod ebuild;
mod gem;
mod generic;
mod go_toolchain;
mod golang;
mod hackage;
mod hex;
mod jvm;
mod lexicographic;
mod maven;
mod npm;
mod nuget;
mod numbers;
mod openssl;
mod php;
mod pub_dev;
mod pypi;
mod rpm;
mod semver;
mod swift;
mod terms;

/// A version order: which of two versions is newer, and what a range of them means.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Debian package versions.
    Deb,
    /// RPM package versions (EVR).
    Rpm,
    /// Alpine package versions.
    Apk,
    /// npm (node-semver).
    Npm,
    /// Semantic Versioning 2.
    Semver,
    /// Python (PEP 440).
    Pypi,
    /// Maven.
    Maven,
    /// RubyGems.
    Gem,
    /// Go modules.
    Golang,
    /// NuGet.
    Nuget,
    /// Composer (Packagist).
    Composer,
    /// crates.io.
    Cargo,
    /// Hex (Elixir).
    Hex,
    /// pub (Dart).
    Pub,
    /// Swift packages.
    Swift,
    /// Conan.
    Conan,
    /// Arch Linux packages.
    Alpm,
    /// CRAN.
    Cran,
    /// Gentoo ebuilds.
    Ebuild,
    /// Hackage.
    Hackage,
    /// Bitnami components.
    Bitnami,
    /// Java runtimes (`1.8.0_352-b08`, `11.0.17+8`).
    Jvm,
    /// OpenSSL releases (`1.0.2zf`).
    Openssl,
    /// Go toolchains (`go1.21rc2`).
    GoToolchain,
    /// PHP's own `version_compare`.
    Php,
    /// Plain text order.
    Lexicographic,
    /// RFC 3339 instants.
    Datetime,
    /// Programs of no package manager, and CPE names.
    Generic,
}

/// A text that is not a version of its scheme.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{version}` is not a {scheme} version")]
pub struct InvalidVersion {
    /// The scheme's name.
    pub scheme: &'static str,
    /// The text, cut to 200 characters.
    pub version: String,
}

/// Longest text that is taken for a version; what is longer is not valid.
pub const MAX_VERSION_BYTES: usize = 4096;
/// Longest text that is taken for a range; what is longer is not valid.
pub const MAX_RANGE_BYTES: usize = 1 << 20;

struct Row {
    scheme: Scheme,
    name: &'static str,
    compare: fn(&str, &str) -> Option<Ordering>,
    is_valid: fn(&str) -> bool,
    parse_range: fn(&str) -> Option<Range>,
    contains: fn(&Range, &str) -> Option<bool>,
}

const fn row(
    scheme: Scheme,
    name: &'static str,
    compare: fn(&str, &str) -> Option<Ordering>,
    is_valid: fn(&str) -> bool,
    parse_range: fn(&str) -> Option<Range>,
    contains: fn(&Range, &str) -> Option<bool>,
) -> Row {
    Row { scheme, name, compare, is_valid, parse_range, contains }
}

/// One row a scheme, in the order of [`Scheme`].
const SCHEMES: &[Row] = &[
    row(Scheme::Deb, "deb", deb::compare, deb::is_valid, deb::parse_range, deb::contains),
    row(Scheme::Rpm, "rpm", rpm::compare, rpm::is_valid, rpm::parse_range, rpm::contains),
    row(Scheme::Apk, "apk", apk::compare, apk::is_valid, apk::parse_range, apk::contains),
    row(Scheme::Npm, "npm", npm::compare, npm::is_valid, npm::parse_range, npm::contains),
    row(
        Scheme::Semver,
        "semver",
        semver::compare,
        semver::is_valid,
        semver::parse_range,
        semver::contains,
    ),
    row(Scheme::Pypi, "pypi", pypi::compare, pypi::is_valid, pypi::parse_range, pypi::contains),
    row(
        Scheme::Maven,
        "maven",
        maven::compare,
        maven::is_valid,
        maven::parse_range,
        maven::contains,
    ),
    row(Scheme::Gem, "gem", gem::compare, gem::is_valid, gem::parse_range, gem::contains),
    row(
        Scheme::Golang,
        "golang",
        golang::compare,
        golang::is_valid,
        golang::parse_range,
        golang::contains,
    ),
    row(
        Scheme::Nuget,
        "nuget",
        nuget::compare,
        nuget::is_valid,
        nuget::parse_range,
        nuget::contains,
    ),
    row(
        Scheme::Composer,
        "composer",
        composer::compare,
        composer::is_valid,
        composer::parse_range,
        composer::contains,
    ),
    row(
        Scheme::Cargo,
        "cargo",
        cargo::compare,
        cargo::is_valid,
        cargo::parse_range,
        cargo::contains,
    ),
    row(Scheme::Hex, "hex", hex::compare, hex::is_valid, hex::parse_range, hex::contains),
    row(
        Scheme::Pub,
        "pub",
        pub_dev::compare,
        pub_dev::is_valid,
        pub_dev::parse_range,
        pub_dev::contains,
    ),
    row(
        Scheme::Swift,
        "swift",
        swift::compare,
        swift::is_valid,
        swift::parse_range,
        swift::contains,
    ),
    row(
        Scheme::Conan,
        "conan",
        conan::compare,
        conan::is_valid,
        conan::parse_range,
        conan::contains,
    ),
    row(Scheme::Alpm, "alpm", alpm::compare, alpm::is_valid, alpm::parse_range, alpm::contains),
    row(Scheme::Cran, "cran", cran::compare, cran::is_valid, cran::parse_range, cran::contains),
    row(
        Scheme::Ebuild,
        "ebuild",
        ebuild::compare,
        ebuild::is_valid,
        ebuild::parse_range,
        ebuild::contains,
    ),
    row(
        Scheme::Hackage,
        "hackage",
        hackage::compare,
        hackage::is_valid,
        hackage::parse_range,
        hackage::contains,
    ),
    row(
        Scheme::Bitnami,
        "bitnami",
        bitnami::compare,
        bitnami::is_valid,
        bitnami::parse_range,
        bitnami::contains,
    ),
    row(Scheme::Jvm, "jvm", jvm::compare, jvm::is_valid, jvm::parse_range, jvm::contains),
    row(
        Scheme::Openssl,
        "openssl",
        openssl::compare,
        openssl::is_valid,
        openssl::parse_range,
        openssl::contains,
    ),
    row(
        Scheme::GoToolchain,
        "go-toolchain",
        go_toolchain::compare,
        go_toolchain::is_valid,
        go_toolchain::parse_range,
        go_toolchain::contains,
    ),
    row(Scheme::Php, "php", php::compare, php::is_valid, php::parse_range, php::contains),
    row(
        Scheme::Lexicographic,
        "lexicographic",
        lexicographic::compare,
        lexicographic::is_valid,
        lexicographic::parse_range,
        lexicographic::contains,
    ),
    row(
        Scheme::Datetime,
        "datetime",
        datetime::compare,
        datetime::is_valid,
        datetime::parse_range,
        datetime::contains,
    ),
    row(
        Scheme::Generic,
        "generic",
        generic::compare,
        generic::is_valid,
        generic::parse_range,
        generic::contains,
    ),
];

impl Scheme {
    /// Returns every scheme, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        SCHEMES.iter().map(|row| row.scheme)
    }

    /// Returns the name that the command line and the database use: `deb`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// Finds a scheme by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        SCHEMES.iter().find(|row| row.name == name).map(|row| row.scheme)
    }

    /// Compares two versions.
    ///
    /// # Errors
    /// When one of them is not a version of this scheme; the first that is not is named.
    pub fn compare(self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let row = self.row();
        if a.len() <= MAX_VERSION_BYTES
            && b.len() <= MAX_VERSION_BYTES
            && let Some(order) = (row.compare)(a, b)
        {
            return Ok(order);
        }
        Err(self.invalid(if self.is_valid(a) { b } else { a }))
    }

    /// Returns whether the text is a version of this scheme.
    pub fn is_valid(self, version: &str) -> bool {
        version.len() <= MAX_VERSION_BYTES && (self.row().is_valid)(version)
    }

    /// Reads a range in the scheme's own syntax, or as VERS (`vers:npm/>=1.2|<2`).
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse_range(self, text: &str) -> Result<Range, InvalidRange> {
        let parsed = if text.len() > MAX_RANGE_BYTES {
            None
        } else if text.trim_start().starts_with("vers:") {
            crate::range::parse_vers(self, text.trim())
        } else {
            (self.row().parse_range)(text)
        };
        parsed.ok_or_else(|| InvalidRange { scheme: self.name(), range: cut(text) })
    }

    pub(crate) fn contains(self, range: &Range, version: &str) -> Result<bool, InvalidVersion> {
        if version.len() > MAX_VERSION_BYTES {
            return Err(self.invalid(version));
        }
        (self.row().contains)(range, version).ok_or_else(|| self.invalid(version))
    }

    fn invalid(self, version: &str) -> InvalidVersion {
        InvalidVersion { scheme: self.name(), version: cut(version) }
    }

    fn row(self) -> &'static Row {
        &SCHEMES[self as usize]
    }
}

fn cut(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_a_limit() {
        let long = ">=1 ".repeat(MAX_RANGE_BYTES / 4 + 1);
        assert!(Scheme::Deb.parse_range(&long).is_err());
    }

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (index, row) in SCHEMES.iter().enumerate() {
            assert_eq!(row.scheme as usize, index, "{}", row.name);
        }
    }
}
