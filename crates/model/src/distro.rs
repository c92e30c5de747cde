//! The distributions: one row each, and the one that a target turned out to be.
//!
//! The rows follow `os-release(5)` and the release notes of each distribution; a row names the
//! advisory namespace and the product of endoflife.date, so that nothing else needs to know it.

use serde::{Deserialize, Serialize};

use crate::version::Scheme;

/// What is fixed about a distribution.
#[derive(Debug, Eq, PartialEq)]
pub struct DistroRow {
    /// The `ID` of its os-release.
    pub id: &'static str,
    /// Other values of `ID` for the same distribution.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub name: &'static str,
    /// The purl type of its packages: `deb`, `apk`, `rpm`, `alpm`.
    pub package_type: &'static str,
    /// The namespace in its purls: `debian`.
    pub purl_namespace: &'static str,
    /// The version order of its packages.
    pub scheme: Scheme,
    /// How much of `VERSION_ID` makes a release.
    pub release: Release,
    /// The product of endoflife.date; empty where there is none.
    pub eol_product: &'static str,
    /// The `id` of the distribution whose advisories are valid for this one too; empty for none.
    pub advisories_of: &'static str,
    /// Long-term support is free for all, so that advisories go on until its end.
    pub free_long_term: bool,
}

/// How much of a version number makes a release.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Release {
    /// There are no releases.
    Rolling,
    /// `12.5` is of release `12`.
    Major,
    /// `3.19.1` is of release `3.19`.
    MajorMinor,
    /// The whole text.
    Whole,
}

const fn row(
    id: &'static str,
    name: &'static str,
    package_type: &'static str,
    scheme: Scheme,
    release: Release,
    eol_product: &'static str,
) -> DistroRow {
    DistroRow {
        id,
        aliases: &[],
        name,
        package_type,
        purl_namespace: id,
        scheme,
        release,
        eol_product,
        advisories_of: "",
        free_long_term: false,
    }
}

use Release::{Major, MajorMinor, Rolling, Whole};
use Scheme::{Alpm, Apk, Deb, Ebuild, Rpm};

/// Every distribution that Plimsoll knows by name, sorted by family.
pub const DISTROS: &[DistroRow] = &[
    row("alpine", "Alpine Linux", "apk", Apk, MajorMinor, "alpine-linux"),
    row("postmarketos", "postmarketOS", "apk", Apk, MajorMinor, "postmarketos"),
    row("wolfi", "Wolfi", "apk", Apk, Rolling, ""),
    row("chainguard", "Chainguard OS", "apk", Apk, Rolling, ""),
    row("minimos", "MinimOS", "apk", Apk, Rolling, ""),
    row("secureos", "SecureOS", "apk", Apk, Rolling, ""),
    DistroRow {
        aliases: &["bellsoft-hardened-containers"],
        ..row("alpaquita", "Alpaquita Linux", "apk", Apk, MajorMinor, "alpaquita")
    },
    DistroRow {
        free_long_term: true,
        ..row("debian", "Debian GNU/Linux", "deb", Deb, Major, "debian")
    },
    DistroRow {
        advisories_of: "debian",
        free_long_term: true,
        ..row("raspbian", "Raspbian GNU/Linux", "deb", Deb, Major, "debian")
    },
    row("ubuntu", "Ubuntu", "deb", Deb, MajorMinor, "ubuntu"),
    row("echo", "Echo", "deb", Deb, Rolling, ""),
    row("kali", "Kali Linux", "deb", Deb, Rolling, ""),
    row("devuan", "Devuan GNU/Linux", "deb", Deb, Major, "devuan"),
    DistroRow {
        purl_namespace: "redhat",
        ..row("rhel", "Red Hat Enterprise Linux", "rpm", Rpm, Major, "rhel")
    },
    row("centos", "CentOS", "rpm", Rpm, Major, "centos"),
    row("fedora", "Fedora Linux", "rpm", Rpm, Major, "fedora"),
    row("rocky", "Rocky Linux", "rpm", Rpm, Major, "rocky-linux"),
    row("almalinux", "AlmaLinux", "rpm", Rpm, Major, "almalinux"),
    DistroRow {
        aliases: &["oracle", "oraclelinux"],
        ..row("ol", "Oracle Linux", "rpm", Rpm, Major, "oracle-linux")
    },
    DistroRow {
        aliases: &["amazon"],
        ..row("amzn", "Amazon Linux", "rpm", Rpm, Major, "amazon-linux")
    },
    DistroRow {
        purl_namespace: "suse",
        aliases: &["sled", "sles_sap"],
        ..row("sles", "SUSE Linux Enterprise Server", "rpm", Rpm, MajorMinor, "sles")
    },
    DistroRow {
        purl_namespace: "suse",
        aliases: &["sl-micro", "sle-micro-rancher"],
        ..row("sle-micro", "SUSE Linux Micro", "rpm", Rpm, MajorMinor, "")
    },
    DistroRow {
        purl_namespace: "opensuse",
        aliases: &["opensuse"],
        ..row("opensuse-leap", "openSUSE Leap", "rpm", Rpm, MajorMinor, "opensuse")
    },
    DistroRow {
        purl_namespace: "opensuse",
        ..row("opensuse-tumbleweed", "openSUSE Tumbleweed", "rpm", Rpm, Rolling, "")
    },
    row("photon", "VMware Photon OS", "rpm", Rpm, MajorMinor, "photon"),
    row("mariner", "CBL-Mariner", "rpm", Rpm, MajorMinor, ""),
    row("azurelinux", "Azure Linux", "rpm", Rpm, MajorMinor, "azure-linux"),
    row("bottlerocket", "Bottlerocket", "rpm", Rpm, Rolling, "bottlerocket"),
    row("openeuler", "openEuler", "rpm", Rpm, Whole, "openeuler"),
    row("mageia", "Mageia", "rpm", Rpm, Major, "mageia"),
    DistroRow {
        aliases: &["archlinux", "archarm"],
        ..row("arch", "Arch Linux", "alpm", Alpm, Rolling, "")
    },
    row("gentoo", "Gentoo", "ebuild", Ebuild, Rolling, ""),
];

/// The distribution of a target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Distro {
    /// The `ID` as the target states it.
    pub id: String,
    /// The `VERSION_ID` as stated; empty where there is none.
    pub version_id: String,
    /// The name for people: `Alpine Linux v3.17`.
    pub name: String,
    /// `VERSION_CODENAME`, or what the file has in its place: `bookworm`.
    pub codename: String,
    /// The release that advisories are keyed by: `3.17`, `edge`, `12`; empty for rolling ones. That of
    /// the package repositories, where they are of another release than is stated.
    pub release: String,
    /// The release that the target states to be, by which its end of life is judged.
    pub stated_release: String,
    /// The file that told it.
    pub evidence: String,
    /// The row of the table; `None` for a distribution that is not known here.
    pub row: Option<&'static DistroRow>,
}

/// When a release stops getting advisories, as days `2024-11-22`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct EolRelease {
    /// The release: `3.17`.
    pub release: String,
    /// The last day of support for all; empty when none is set.
    pub date: String,
    /// The last day of paid or long-term support, where there is one.
    pub extended: String,
    /// The newest version of the release: `3.17.10`; empty when not known.
    pub latest: String,
}

impl EolRelease {
    /// Returns the last day of support for all, and of paid support beyond it; each may be empty.
    pub fn days(&self, row: &DistroRow) -> (&str, &str) {
        if row.free_long_term && !self.extended.is_empty() {
            (&self.extended, "")
        } else {
            (&self.date, &self.extended)
        }
    }
}

impl Distro {
    /// Makes a distribution from what its release file states, and finds its row and release.
    pub fn new(id: &str, version_id: &str, name: &str, codename: &str, evidence: &str) -> Self {
        let row = find(id);
        let release = row.map_or(String::new(), |row| release_of(row, version_id, codename));
        Self {
            id: id.to_owned(),
            version_id: version_id.to_owned(),
            name: if name.is_empty() { id.to_owned() } else { name.to_owned() },
            codename: codename.to_owned(),
            stated_release: release.clone(),
            release,
            evidence: evidence.to_owned(),
            row,
        }
    }

    /// Returns the namespace of its advisories: `alpine:3.17`, `debian:12`, `wolfi`; `None` for a
    /// distribution without a row, or whose release is not known.
    pub fn namespace(&self) -> Option<String> {
        let row = self.row?;
        let family =
            if row.advisories_of.is_empty() { namespace_id(row) } else { row.advisories_of };
        match (row.release, self.release.as_str()) {
            (Rolling, _) => Some(family.to_owned()),
            (_, "") => None,
            (_, release) => Some(format!("{family}:{release}")),
        }
    }

    /// Returns the `distro` qualifier of its purls: `debian-12`.
    pub fn qualifier(&self) -> String {
        if self.version_id.is_empty() {
            return self.id.clone();
        }
        format!("{}-{}", self.id, self.version_id)
    }
}

/// Finds the row of an os-release `ID`, whatever its case.
pub fn find(id: &str) -> Option<&'static DistroRow> {
    let id = id.to_ascii_lowercase();
    DISTROS.iter().find(|row| row.id == id || row.aliases.contains(&id.as_str()))
}

/// The namespace of some distributions is not their `ID`.
fn namespace_id(row: &DistroRow) -> &'static str {
    match row.id {
        "rhel" => "redhat",
        "amzn" => "amazon",
        "ol" => "oracle",
        "sles" => "suse",
        other => other,
    }
}

fn release_of(row: &DistroRow, version_id: &str, codename: &str) -> String {
    let version = version_id.strip_prefix('v').unwrap_or(version_id);
    // Alpine edge says `3.20_alpha20231219` or `edge`; Debian testing and sid have no number.
    if row.id == "alpine" && (version.contains("_alpha") || version == "edge") {
        return "edge".to_owned();
    }
    if row.id == "debian" && version.is_empty() {
        return match codename {
            "sid" | "unstable" => "sid".to_owned(),
            other => debian_release(other).unwrap_or(other).to_owned(),
        };
    }
    let mut parts = version.split(['.', ' ', '(']);
    match row.release {
        Rolling => String::new(),
        Whole => version.to_owned(),
        Major => parts.next().unwrap_or_default().to_owned(),
        MajorMinor => match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) if !minor.is_empty() => format!("{major}.{minor}"),
            (Some(major), _) => major.to_owned(),
            _ => String::new(),
        },
    }
}

/// Debian's code names and numbers (debian-security and the tracker use names, images use numbers).
pub const DEBIAN_RELEASES: &[(&str, &str)] = &[
    ("7", "wheezy"),
    ("8", "jessie"),
    ("9", "stretch"),
    ("10", "buster"),
    ("11", "bullseye"),
    ("12", "bookworm"),
    ("13", "trixie"),
    ("14", "forky"),
    ("15", "duke"),
    ("sid", "sid"),
];

/// Returns the number of a Debian code name: `12` for `bookworm`.
pub fn debian_release(codename: &str) -> Option<&'static str> {
    DEBIAN_RELEASES.iter().find(|(_, name)| *name == codename).map(|(number, _)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_cut_as_each_row_says() {
        let namespace = |id: &str, version: &str, codename: &str| {
            Distro::new(id, version, "", codename, "etc/os-release").namespace()
        };
        assert_eq!(namespace("alpine", "3.17.1", "").as_deref(), Some("alpine:3.17"));
        assert_eq!(namespace("alpine", "3.20_alpha20231219", "").as_deref(), Some("alpine:edge"));
        assert_eq!(namespace("debian", "12", "bookworm").as_deref(), Some("debian:12"));
        assert_eq!(namespace("debian", "", "trixie").as_deref(), Some("debian:13"));
        assert_eq!(namespace("debian", "", "sid").as_deref(), Some("debian:sid"));
        assert_eq!(namespace("raspbian", "11", "").as_deref(), Some("debian:11"));
        assert_eq!(namespace("wolfi", "20230201", "").as_deref(), Some("wolfi"));
        assert_eq!(namespace("rhel", "9.4", "").as_deref(), Some("redhat:9"));
        assert_eq!(namespace("sles", "15.6", "").as_deref(), Some("suse:15.6"));
        assert_eq!(namespace("nixos", "24.05", ""), None);
        assert_eq!(namespace("alpine", "", ""), None);
    }
}
