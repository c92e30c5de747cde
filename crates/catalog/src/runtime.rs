//! Runtimes, servers and applications that tell their version in a text file of their own: the `release`
//! of a JVM, `OTP_VERSION`, the release notes of Tomcat, `version.php` of Nextcloud.
//!
//! Formats: JEP 223 and the builders of JVMs for `release`; the products' own sources for the rest.

use plimsoll_model::{Evidence, FileYield, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::classifier::Table;

pub(crate) mod jvm;
mod markers;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "runtime",
    version: 1,
    wants: WANTS,
    max_body_bytes: MAX_MARKER_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The most bytes of one file; Composer as one file has three million.
const MAX_MARKER_BYTES: u64 = 16 << 20;

/// The files of [`markers`], and `release`. Of archives the name is enough.
const WANTS: &[Want] = &[
    Want::Name("release"),
    Want::Name("RELEASE"),
    Want::Name("RELEASE-NOTES"),
    Want::Name("VERSION"),
    Want::Name("VERSION.txt"),
    Want::Name("version.txt"),
    Want::Name("version.php"),
    Want::Name("OTP_VERSION"),
    Want::Name("application.ini"),
    Want::Name("julia_version.h"),
    Want::Name("composer.phar"),
    Want::Name("wp-cli.phar"),
    Want::Suffix("/bin/composer"),
    Want::Suffix("/bin/wp"),
    Want::Suffix("/ebin/elixir.app"),
    Want::Suffix("/ebin/rabbit.app"),
    Want::Suffix("/dir/META-INF/MANIFEST.MF"),
    Want::Suffix("/lang-painless/plugin-descriptor.properties"),
    Want::Suffix("kibana/package.json"),
    Want::Suffix("logstash/versions-gem-copy.yml"),
    Want::Suffix("core/lib/Drupal.php"),
    Want::Suffix("includes/bootstrap.inc"),
    Want::Suffix("includes/Defines.php"),
    Want::Suffix("manifests/files/joomla.xml"),
    Want::Suffix("libraries/classes/Version.php"),
    Want::Suffix("dart-sdk/version"),
    Want::Suffix("lib/dart/version"),
    Want::Suffix(".jar"),
];

pub(crate) static TABLE: Table = Table::new(&[markers::ROWS]);

/// Reads one marker file; the evidence is the file itself.
fn read(input: &FileInput<'_>) -> FileYield {
    let package = match input.path.rsplit('/').next() {
        Some("release") => jvm::read(input),
        _ => TABLE.name(input.path, input.body),
    };
    let packages = package.map(|mut package| {
        package.evidence = vec![Evidence::default()];
        package
    });
    FileYield { packages: packages.into_iter().collect(), ..FileYield::default() }
}

#[cfg(test)]
mod tests;
