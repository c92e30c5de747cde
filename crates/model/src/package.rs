//! What was found aboard: packages, the evidence for each, and what could not be read.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::distro::Distro;

/// One installed package or library, as the report shows it.
///
/// Cataloguers fill `name`, `version`, `kind` and `evidence`; [`Package::finish`] derives `purl` and
/// `id` once the distribution is known.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Package {
    /// Derived from purl, evidence path and DiffID; empty until [`Package::finish`].
    pub id: String,
    /// The name as the package manager spells it: `libssl3`, `org.apache.logging.log4j:log4j-core`.
    pub name: String,
    /// The whole version: `[epoch:]upstream[-revision]` for deb, `[epoch:]version-release` for rpm.
    pub version: String,
    /// The purl type: `deb`, `apk`, `rpm`, `pypi`, `npm`, `maven`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// The canonical package URL; empty until [`Package::finish`].
    pub purl: String,
    /// The architecture as the package manager spells it: `amd64`, `x86_64`, `noarch`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub arch: Option<String>,
    /// The source package it was built from, where the package manager tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourcePackage>,
    /// Licences as stated, in the order stated.
    #[serde(default)]
    pub licenses: Vec<String>,
    /// The index of the layer that brought it; absent for a folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<u32>,
    /// Whether the base image or the application brought it; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub origin: Option<Origin>,
    /// The `id` of the package that holds it (the fat JAR around a JAR).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
    /// How sure the identity is; absent means certain.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<Confidence>,
    /// The RPM module label: `nodejs:18:…`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub modularity: Option<String>,
    /// The class or name of the repository it came from, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repository: Option<String>,
    /// Who built or signed it, where the package manager tells: `Red Hat, Inc.`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub vendor: Option<String>,
    /// The `id` of the distribution's package that its file belongs to (`python3-requests` for the
    /// library `requests`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
    /// CPE 2.3 names, best first, of identities that our own readers made with confidence (programs and
    /// runtimes): `cpe:2.3:a:nodejs:node.js:18.12.1:*:*:*:*:*:*:*`. Never guessed from a name.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cpes: Vec<String>,
    /// Files that the artifact has and that were taken out of this copy of it, by their paths in the
    /// artifact, sorted: `org/apache/logging/log4j/core/lookup/JndiLookup.class`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lacks: Vec<String>,
    /// What its code has that older versions do not, where its version is not known: path of a class in the
    /// artifact and a name in that, sorted: `org/apache/logging/log4j/core/net/JndiManager.class isJndiEnabled`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub shows: Vec<String>,
    /// Only a lock file or a manifest tells of it: it need not be installed.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub declared: bool,
    /// Where it was seen, at least one place, sorted; files that declare an installed package come last.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

/// What [`Package::repository`] says of packages that their vendor built, and no distribution.
pub const THIRD_PARTY: &str = "third-party";

/// The source package of a binary package.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct SourcePackage {
    /// `openssl` for `libssl3`.
    pub name: String,
    /// The version of the source package, which need not be that of the binary (`+b1`).
    pub version: String,
}

/// Who brought a package into the image.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// It is in the base image.
    Base,
    /// It was added on top of the base image.
    Application,
}

/// How sure an identity is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint, such as a file name alone.
    Low,
    /// Several hints that agree.
    Medium,
    /// A record made for the purpose.
    High,
}

/// One place that shows a package to be there.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Evidence {
    /// The cataloguer that read it: `dpkg`.
    pub cataloguer: String,
    /// The file that was read: `var/lib/dpkg/status`. A file inside an archive follows ` > `:
    /// `srv/shop.jar > BOOT-INF/lib/log4j-core-2.14.1.jar`.
    pub path: String,
    /// The index of the layer of that file; absent for a folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<u32>,
}

/// What one file cataloguer took from one file; kept with the layer in the cache.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct FileYield {
    /// The packages of the file, in the order found.
    pub packages: Vec<Package>,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
    /// Hashes of the paths that the file lists as those of one package of the distribution.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub owned: Vec<u64>,
    /// Archives and programs whose content may tell what their readers could not, in the order found;
    /// paths are relative to the file, as in the evidence.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub artifacts: Vec<Artifact>,
}

/// A file that holds code, by its digest. Readers list archives and programs that they are not sure of;
/// what then neither a package, a classifier nor a known digest explains stays in the report.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Artifact {
    /// What it is.
    pub kind: ArtifactKind,
    /// Where it lies, as in [`Evidence::path`].
    pub path: String,
    /// The index of its layer; absent for a folder.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<u32>,
    /// `sha1:` and 40 hex digits for an archive (repositories know them so), `sha256:` and 64 for a program.
    pub digest: String,
    /// The build id of an ELF file, hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub build_id: Option<String>,
    /// What is known all the same, for people: `packed by UPX`, `Go, no build information`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
}

/// The kinds of [`Artifact`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactKind {
    /// A Java archive.
    Archive,
    /// A program: ELF, PE or Mach-O.
    Program,
}

/// Something of the target that could not be read or was cut off at a limit.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Problem {
    /// The file, or the place, that it is about.
    pub path: String,
    /// The index of the layer; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub layer: Option<u32>,
    /// One sentence: what was tried and what is wrong.
    pub detail: String,
    /// Which gap in the coverage it makes; `None` when nothing about packages is lost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gap: Option<crate::coverage::GapKind>,
}

impl Package {
    /// Derives `purl` and `id`. `diff_id` is that of the layer of the first evidence, or empty.
    pub fn finish(&mut self, distro: Option<&Distro>, diff_id: &str) {
        self.evidence.sort();
        self.purl = crate::ecosystem::purl(self, distro);
        let path = self.evidence.first().map_or("", |evidence| evidence.path.as_str());
        let mut hash = Sha256::new();
        for part in [self.purl.as_str(), path, diff_id] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        let digest = hash.finalize();
        self.id = digest[..8].iter().fold(String::with_capacity(16), |mut text, byte| {
            use std::fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        });
    }
}
