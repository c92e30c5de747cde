//! The distributions: one row each, and the one that a target turned out to be.
//!
//! The rows follow `os-release(5)` and the release notes of each distribution; a row names the
//! advisory namespace and the product of endoflife.date, so that nothing else needs to know it.

use serde::{Deserialize, Serialize};

use crate::version::Scheme;

mod dist_tag;
mod suse;

pub use dist_tag::{DistTag, dist_tag, is_fix_reachable};
pub use suse::suse_namespace;

/// What is fixed about a distribution.
#[derive(Debug, Eq, PartialEq)]
pub struct DistroRow {
    /// The `ID` of its os-release.
    pub id: &'static str,
    /// Other values of `ID` for the same distribution.
    pub aliases: &'static [&'static str],
    /// Its name for people.
    pub name: &'static str,
    /// The purl type of its packages: `deb`, `apk`, `rpm`, `alpm`; empty where it has none of its own.
    pub package_type: &'static str,
    /// The namespace in its purls: `debian`.
    pub purl_namespace: &'static str,
    /// What stands before the release in the namespace of its advisories: `redhat`.
    pub namespace: &'static str,
    /// The version order of its packages.
    pub scheme: Scheme,
    /// How much of `VERSION_ID` makes a release.
    pub release: Release,
    /// The key of os-release that tells the release instead of `VERSION_ID`; mostly empty.
    pub release_key: &'static str,
    /// The product of endoflife.date; empty where there is none.
    pub eol_product: &'static str,
    /// Long-term support is free for all, so that advisories go on until its end.
    pub free_long_term: bool,
    /// How `VENDOR` of its own RPM packages begins; packages of another vendor are third-party. Empty
    /// where the vendor tells nothing.
    pub vendors: &'static [&'static str],
    /// What stands in the version of its own packages that state no vendor; empty where all state one.
    pub unvendored: &'static str,
    /// The products whose records are meant for a target that does not tell its repositories, with `{}`
    /// for the release. Empty where records name no products.
    pub products: &'static [&'static str],
    /// The namespace that gives the products of a repository; empty where its channels name them.
    pub product_map: &'static str,
    /// Services of its channels, and the product that each stands for.
    pub services: &'static [(&'static str, &'static str)],
    /// Vendors of add-on repositories whose packages a namespace of its own (and the release) judges.
    pub guests: &'static [(&'static str, &'static str)],
    /// Products that one has to pay for: what only they mend is not mended for a target without them.
    pub paid: &'static [&'static str],
    /// Builds whose versions are compared with their like alone.
    pub flavours: &'static [Flavour],
    /// How source packages begin that only sign a kernel, and how the one that they sign begins: for
    /// `linux-signed-azure` that is `linux-azure`.
    pub signed_kernels: &'static [(&'static str, &'static str)],
    /// Its feed tells what is affected and not mended, so that what it does not tell of a package, the
    /// package does not have.
    pub is_comprehensive: bool,
}

/// A kind of build, told by a mark in the version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flavour {
    /// The mark, in lower case: `.ksplice`.
    pub mark: &'static str,
    /// Its name: `ksplice`.
    pub name: &'static str,
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
    /// The whole text, and what stands behind the number in `VERSION`: `22.03-LTS-SP3`.
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
        namespace: id,
        scheme,
        release,
        release_key: "",
        eol_product,
        free_long_term: false,
        vendors: &[],
        unvendored: "",
        products: &[],
        product_map: "",
        services: &[],
        guests: &[],
        paid: &[],
        flavours: &[],
        signed_kernels: &[],
        is_comprehensive: false,
    }
}

use Release::{Major, MajorMinor, Rolling, Whole};
use Scheme::{Alpm, Apk, Deb, Ebuild, Rpm};

/// What a container of Red Hat Enterprise Linux gets its packages from when it does not tell.
const RHEL_PRODUCTS: &[&str] =
    &["cpe:/o:redhat:enterprise_linux:{}", "cpe:/a:redhat:enterprise_linux:{}"];
/// Extra Packages for Enterprise Linux, built by Fedora.
const EPEL: &[(&str, &str)] = &[("Fedora Project", "epel")];
/// SUSE's distributions share packages.
const SUSE_VENDORS: &[&str] = &["SUSE", "openSUSE"];

/// Every distribution that Plimsoll knows by name, sorted by family.
pub const DISTROS: &[DistroRow] = &[
    row("alpine", "Alpine Linux", "apk", Apk, MajorMinor, "alpine-linux"),
    DistroRow {
        namespace: "alpine",
        ..row("postmarketos", "postmarketOS", "apk", Apk, MajorMinor, "postmarketos")
    },
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
        signed_kernels: &[
            ("linux-signed-amd64", "linux"),
            ("linux-signed-arm64", "linux"),
            ("linux-signed-i386", "linux"),
        ],
        is_comprehensive: true,
        ..row("debian", "Debian GNU/Linux", "deb", Deb, Major, "debian")
    },
    DistroRow {
        namespace: "debian",
        free_long_term: true,
        is_comprehensive: true,
        ..row("raspbian", "Raspbian GNU/Linux", "deb", Deb, Major, "debian")
    },
    DistroRow {
        paid: &["pro"],
        signed_kernels: &[("linux-signed", "linux")],
        services: &[
            ("esm-infra", "pro"),
            ("esm-apps", "pro"),
            ("fips", "fips"),
            ("fips-updates", "fips-updates"),
            ("fips-preview", "fips-preview"),
            ("realtime-kernel", "realtime"),
        ],
        flavours: &[
            Flavour { mark: ".fips.", name: "fips" },
            Flavour { mark: "+fips", name: "fips" },
        ],
        is_comprehensive: true,
        ..row("ubuntu", "Ubuntu", "deb", Deb, MajorMinor, "ubuntu")
    },
    row("echo", "Echo", "deb", Deb, Rolling, ""),
    row("kali", "Kali Linux", "deb", Deb, Rolling, ""),
    row("devuan", "Devuan GNU/Linux", "deb", Deb, Major, "devuan"),
    DistroRow {
        purl_namespace: "redhat",
        namespace: "redhat",
        vendors: &["Red Hat, Inc."],
        products: RHEL_PRODUCTS,
        product_map: "redhat-cpe",
        guests: EPEL,
        is_comprehensive: true,
        ..row("rhel", "Red Hat Enterprise Linux", "rpm", Rpm, Major, "rhel")
    },
    DistroRow {
        // A rebuild of the same sources, whose versions differ after the dist tag alone.
        namespace: "redhat",
        vendors: &["CentOS"],
        products: RHEL_PRODUCTS,
        product_map: "redhat-cpe",
        guests: EPEL,
        is_comprehensive: true,
        ..row("centos", "CentOS Linux", "rpm", Rpm, Major, "centos")
    },
    DistroRow {
        // It runs ahead of Red Hat Enterprise Linux, whose fixed versions say nothing about it.
        purl_namespace: "centos",
        vendors: &["CentOS"],
        guests: EPEL,
        ..row("centos-stream", "CentOS Stream", "rpm", Rpm, Major, "centos-stream")
    },
    DistroRow {
        // Its own version is that of OpenShift.
        purl_namespace: "redhat",
        namespace: "redhat",
        release_key: "RHEL_VERSION",
        vendors: &["Red Hat, Inc."],
        products: RHEL_PRODUCTS,
        product_map: "redhat-cpe",
        is_comprehensive: true,
        ..row("rhcos", "Red Hat Enterprise Linux CoreOS", "rpm", Rpm, Major, "")
    },
    DistroRow {
        purl_namespace: "redhat",
        vendors: &["Red Hat, Inc."],
        ..row("hummingbird", "Red Hat Hummingbird", "rpm", Rpm, Rolling, "")
    },
    DistroRow {
        aliases: &["scientificlinux"],
        vendors: &["Scientific Linux"],
        guests: EPEL,
        ..row("scientific", "Scientific Linux", "rpm", Rpm, Major, "")
    },
    DistroRow {
        vendors: &["Fedora Project"],
        ..row("fedora", "Fedora Linux", "rpm", Rpm, Major, "fedora")
    },
    DistroRow {
        vendors: &["Rocky"],
        guests: EPEL,
        ..row("rocky", "Rocky Linux", "rpm", Rpm, Major, "rocky-linux")
    },
    DistroRow {
        vendors: &["AlmaLinux"],
        guests: EPEL,
        ..row("almalinux", "AlmaLinux", "rpm", Rpm, Major, "almalinux")
    },
    DistroRow {
        aliases: &["oracle", "oraclelinux"],
        namespace: "oracle",
        vendors: &["Oracle"],
        guests: EPEL,
        flavours: &[
            Flavour { mark: ".ksplice", name: "ksplice" },
            Flavour { mark: "_fips", name: "fips" },
        ],
        ..row("ol", "Oracle Linux", "rpm", Rpm, Major, "oracle-linux")
    },
    DistroRow {
        aliases: &["amazon"],
        namespace: "amazon",
        vendors: &["Amazon"],
        unvendored: "amzn",
        ..row("amzn", "Amazon Linux", "rpm", Rpm, Major, "amazon-linux")
    },
    DistroRow {
        purl_namespace: "suse",
        namespace: "suse",
        aliases: &["sled", "sles_sap", "sle_hpc", "sle_rt", "suse"],
        vendors: SUSE_VENDORS,
        ..row("sles", "SUSE Linux Enterprise Server", "rpm", Rpm, MajorMinor, "sles")
    },
    DistroRow {
        purl_namespace: "suse",
        namespace: "suse-micro",
        aliases: &["sl-micro", "sle-micro-rancher", "suse-microos"],
        vendors: SUSE_VENDORS,
        ..row("sle-micro", "SUSE Linux Micro", "rpm", Rpm, MajorMinor, "suse-linux-micro")
    },
    DistroRow {
        purl_namespace: "opensuse",
        namespace: "opensuse-leap",
        aliases: &["opensuse"],
        vendors: SUSE_VENDORS,
        ..row("opensuse-leap", "openSUSE Leap", "rpm", Rpm, MajorMinor, "opensuse")
    },
    DistroRow {
        purl_namespace: "opensuse",
        vendors: SUSE_VENDORS,
        ..row("opensuse-leap-micro", "openSUSE Leap Micro", "rpm", Rpm, MajorMinor, "")
    },
    DistroRow {
        purl_namespace: "opensuse",
        aliases: &["opensuse-microos", "opensuse-aeon", "opensuse-kalpa"],
        vendors: SUSE_VENDORS,
        ..row("opensuse-tumbleweed", "openSUSE Tumbleweed", "rpm", Rpm, Rolling, "")
    },
    DistroRow {
        vendors: &["VMware", "Broadcom"],
        ..row("photon", "VMware Photon OS", "rpm", Rpm, MajorMinor, "photon")
    },
    DistroRow {
        vendors: &["Microsoft"],
        is_comprehensive: true,
        ..row("mariner", "CBL-Mariner", "rpm", Rpm, MajorMinor, "cbl-mariner")
    },
    DistroRow {
        vendors: &["Microsoft"],
        is_comprehensive: true,
        ..row("azurelinux", "Azure Linux", "rpm", Rpm, MajorMinor, "azure-linux")
    },
    row("bottlerocket", "Bottlerocket", "rpm", Rpm, Rolling, "bottlerocket"),
    row("openeuler", "openEuler", "rpm", Rpm, Whole, "openeuler"),
    row("mageia", "Mageia", "rpm", Rpm, Major, "mageia"),
    DistroRow {
        aliases: &["archlinux", "archarm"],
        is_comprehensive: true,
        ..row("arch", "Arch Linux", "alpm", Alpm, Rolling, "")
    },
    row("gentoo", "Gentoo", "ebuild", Ebuild, Rolling, ""),
    row("flatcar", "Flatcar Container Linux", "ebuild", Ebuild, Rolling, ""),
    row("coreos", "Container Linux by CoreOS", "ebuild", Ebuild, Rolling, ""),
    row("talos", "Talos", "", Scheme::Semver, Rolling, ""),
    row("activestate", "ActiveState", "", Scheme::Semver, Rolling, ""),
];

/// Distributions that share the `ID` of another: that `ID`, a word of their name, and their row.
const NAMESAKES: &[(&str, &str, &str)] = &[
    // The stream between Fedora and Red Hat Enterprise Linux has the id of the rebuild of the latter.
    ("centos", "Stream", "centos-stream"),
    // Before 2018 Tumbleweed and Leap had one id.
    ("opensuse", "Tumbleweed", "opensuse-tumbleweed"),
];

/// Returns the vendor that built a package of a distribution anew, by the mark in its version: what the
/// distribution says of its own build says nothing about such a one.
///
/// ```text
/// 3.0.11-1~deb12u2.root.io.1   1.44.2-r20071   Root.io
/// 7.88.0-1+rf1                 2.46-10rfubu    RapidFort
/// ```
pub fn rebuilder(package_type: &str, version: &str) -> Option<&'static str> {
    let followed_by_end = |mark: &str| {
        version.match_indices(mark).any(|(at, _)| {
            !version[at + mark.len()..].starts_with(|letter: char| letter.is_alphabetic())
        })
    };
    if version.contains(".root.io") || (package_type == "apk" && has_root_io_revision(version)) {
        Some("Root.io")
    } else if followed_by_end("+rf") || followed_by_end("rfubu") {
        Some("RapidFort")
    } else {
        None
    }
}

/// Revisions of Root.io for Alpine Linux are the distribution's with `007` and a digit behind.
fn has_root_io_revision(version: &str) -> bool {
    let Some((_, revision)) = version.rsplit_once("-r") else { return false };
    let digits = revision.as_bytes();
    digits.len() >= 5
        && digits.iter().all(u8::is_ascii_digit)
        && &digits[digits.len() - 4..digits.len() - 1] == b"007"
}

/// The releases of postmarketOS, and the release of Alpine Linux that each is built on
/// (<https://wiki.postmarketos.org/wiki/Releases>).
const POSTMARKETOS: &[(&str, &str)] = &[
    ("20.05", "3.12"),
    ("21.03", "3.13"),
    ("21.06", "3.14"),
    ("21.12", "3.15"),
    ("22.06", "3.16"),
    ("22.12", "3.17"),
    ("23.06", "3.18"),
    ("23.12", "3.19"),
    ("24.06", "3.20"),
    ("24.12", "3.21"),
    ("25.06", "3.22"),
    ("25.12", "3.23"),
];

/// What a target says of the repositories that its packages come from.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Channel {
    /// The layer that says it; packages of that layer come from there. `None`: all packages do.
    pub layer: Option<u32>,
    /// Content sets (`rhel-9-for-x86_64-baseos-rpms`), CPEs (`cpe:/a:redhat:…`), builds
    /// (`nvr:ubi8-container-8.0-7 x86_64`), or services (`esm-infra`), sorted.
    pub names: Vec<String>,
    /// The file that says it.
    pub evidence: String,
}

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
    /// What is known of the repositories of its packages, lowest layer first; mostly nothing.
    pub channels: Vec<Channel>,
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
        let namesake = NAMESAKES.iter().find(|(of, word, _)| *of == id && name.contains(word));
        let row = find(namesake.map_or(id, |(_, _, row)| row));
        let release = row.map_or(String::new(), |row| release_of(row, version_id, codename));
        Self {
            id: id.to_owned(),
            version_id: version_id.to_owned(),
            name: if name.is_empty() { id.to_owned() } else { name.to_owned() },
            codename: codename.to_owned(),
            stated_release: row.map_or(String::new(), |row| stated_of(row, version_id, &release)),
            release,
            evidence: evidence.to_owned(),
            channels: Vec::new(),
            row,
        }
    }

    /// Returns the namespace of its advisories: `alpine:3.17`, `debian:12`, `wolfi`; `None` for a
    /// distribution without a row, or whose release is not known.
    pub fn namespace(&self) -> Option<String> {
        let row = self.row?;
        match (row.release, self.release.as_str()) {
            (Rolling, _) => Some(row.namespace.to_owned()),
            (_, "") => None,
            (_, release) => Some(format!("{}:{release}", row.namespace)),
        }
    }

    /// Returns whether its channels have a product that one has to pay for, so that its paid support counts.
    pub fn is_paid_for(&self) -> bool {
        let Some(row) = self.row else { return false };
        let names = || self.channels.iter().flat_map(|channel| &channel.names);
        row.services.iter().any(|(service, product)| {
            row.paid.contains(product) && names().any(|name| name == service)
        })
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

fn release_of(row: &DistroRow, version_id: &str, codename: &str) -> String {
    let version = version_id.strip_prefix('v').unwrap_or(version_id);
    // Alpine edge says `3.20_alpha20231219` or `edge`; Debian testing and sid have no number.
    if row.id == "alpine" && (version.contains("_alpha") || version == "edge") {
        return "edge".to_owned();
    }
    if row.id == "debian" && version.is_empty() {
        return match codename {
            // Testing and unstable state no number, and often both names.
            "" | "sid" | "unstable" => "sid".to_owned(),
            both if both.ends_with("/sid") => "sid".to_owned(),
            other => debian_release(other).unwrap_or(other).to_owned(),
        };
    }
    if row.id == "postmarketos" {
        let built_on = POSTMARKETOS.iter().find(|(release, _)| *release == version);
        return built_on.map_or("edge", |(_, alpine)| alpine).to_owned();
    }
    let mut parts = version.split(['.', ' ', '(']);
    match row.release {
        Rolling => String::new(),
        Whole if codename.is_empty() => version.to_owned(),
        Whole => format!("{version}-{codename}"),
        // The first Amazon Linux was released by month.
        Major if row.id == "amzn" && version.starts_with("201") => "1".to_owned(),
        Major => parts.next().unwrap_or_default().to_owned(),
        MajorMinor => match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) if !minor.is_empty() => format!("{major}.{minor}"),
            (Some(major), _) => major.to_owned(),
            _ => String::new(),
        },
    }
}

/// Returns the release as the distribution itself counts, where advisories count otherwise.
fn stated_of(row: &DistroRow, version_id: &str, release: &str) -> String {
    let version = version_id.strip_prefix('v').unwrap_or(version_id);
    match row.id {
        "postmarketos" => version.to_owned(),
        "amzn" if release == "1" && !version.is_empty() => version.to_owned(),
        _ => release.to_owned(),
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
    fn what_a_target_states_to_be_is_counted_as_the_distribution_does() {
        let stated = |id: &str, version: &str| {
            Distro::new(id, version, "", "", "etc/os-release").stated_release
        };
        assert_eq!(stated("postmarketos", "v24.06"), "24.06");
        assert_eq!(stated("amzn", "2018.03"), "2018.03");
        assert_eq!(stated("amzn", "2"), "2");
        assert_eq!(stated("alpine", "3.20_alpha20231219"), "edge");
    }

    #[test]
    fn no_two_rows_share_an_id() {
        let ids = DISTROS.iter().flat_map(|row| [&[row.id], row.aliases].concat());
        let mut ids: Vec<&str> = ids.collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        for (_, _, row) in NAMESAKES {
            assert!(find(row).is_some(), "{row}");
        }
    }

    #[test]
    fn packages_built_anew_are_known_by_their_mark() {
        let of = |kind: &str, version: &str| rebuilder(kind, version).unwrap_or("nobody");
        assert_eq!(of("deb", "3.0.11-1~deb12u2.root.io.1"), "Root.io");
        assert_eq!(of("apk", "1.44.2-r20071"), "Root.io");
        assert_eq!(of("apk", "3.0.7-r10071"), "Root.io");
        assert_eq!(of("deb", "2.5.2-1build1+rf.1"), "RapidFort");
        assert_eq!(of("deb", "7.88.0-1+rf1"), "RapidFort");
        assert_eq!(of("deb", "2.46-10rfubu"), "RapidFort");
        for (kind, version) in
            [("deb", "1:2.1.0-3+deb12u1"), ("apk", "3.0.7-r1007"), ("deb", "1+rfc2")]
        {
            assert_eq!(of(kind, version), "nobody", "{version}");
        }
    }

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
        assert_eq!(namespace("debian", "", "bookworm/sid").as_deref(), Some("debian:sid"));
        assert_eq!(namespace("debian", "", "").as_deref(), Some("debian:sid"));
        assert_eq!(namespace("raspbian", "11", "").as_deref(), Some("debian:11"));
        assert_eq!(namespace("wolfi", "20230201", "").as_deref(), Some("wolfi"));
        assert_eq!(namespace("rhel", "9.4", "").as_deref(), Some("redhat:9"));
        assert_eq!(namespace("sles", "15.6", "").as_deref(), Some("suse:15.6"));
        assert_eq!(namespace("amzn", "2018.03", "").as_deref(), Some("amazon:1"));
        assert_eq!(namespace("amzn", "2023", "").as_deref(), Some("amazon:2023"));
        assert_eq!(namespace("postmarketos", "v24.06", "").as_deref(), Some("alpine:3.20"));
        assert_eq!(namespace("postmarketos", "edge", "").as_deref(), Some("alpine:edge"));
        assert_eq!(namespace("centos", "8", "").as_deref(), Some("redhat:8"));
        let stream = Distro::new("centos", "9", "CentOS Stream", "", "etc/os-release");
        assert_eq!(stream.namespace().as_deref(), Some("centos-stream:9"));
        let tumbleweed = Distro::new("opensuse", "20170101", "openSUSE Tumbleweed", "", "");
        assert_eq!(tumbleweed.namespace().as_deref(), Some("opensuse-tumbleweed"));
        assert_eq!(namespace("centos", "7", "").as_deref(), Some("redhat:7"));
        assert_eq!(namespace("rhcos", "9.4", "").as_deref(), Some("redhat:9"));
        assert_eq!(namespace("mariner", "2.0.20240112", "").as_deref(), Some("mariner:2.0"));
        assert_eq!(namespace("photon", "5.0", "").as_deref(), Some("photon:5.0"));
        assert_eq!(namespace("sl-micro", "6.1", "").as_deref(), Some("suse-micro:6.1"));
        assert_eq!(namespace("sles", "15", "").as_deref(), Some("suse:15"));
        assert_eq!(namespace("sled", "15.7", "").as_deref(), Some("suse:15.7"));
        assert_eq!(namespace("opensuse", "42.3", "").as_deref(), Some("opensuse-leap:42.3"));
        assert_eq!(
            namespace("opensuse-leap-micro", "5.5", "").as_deref(),
            Some("opensuse-leap-micro:5.5")
        );
        assert_eq!(
            namespace("opensuse-tumbleweed", "20251120", "").as_deref(),
            Some("opensuse-tumbleweed")
        );
        assert_eq!(
            namespace("opensuse-microos", "20251120", "").as_deref(),
            Some("opensuse-tumbleweed")
        );
        assert_eq!(namespace("alpaquita", "stream", "").as_deref(), Some("alpaquita:stream"));
        assert_eq!(
            namespace("openEuler", "22.03", "LTS-SP3").as_deref(),
            Some("openeuler:22.03-LTS-SP3")
        );
        assert_eq!(
            namespace("openeuler", "22.03-LTS-SP3", "").as_deref(),
            Some("openeuler:22.03-LTS-SP3")
        );
        assert_eq!(namespace("talos", "v1.7.0", "").as_deref(), Some("talos"));
        assert_eq!(namespace("nixos", "24.05", ""), None);
        assert_eq!(namespace("alpine", "", ""), None);
    }
}
