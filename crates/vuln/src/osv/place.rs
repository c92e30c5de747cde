//! Where the advisories of an OSV ecosystem belong, and by which name of a package they are kept.
//!
//! The ecosystems are those of the OSV schema (<https://ossf.github.io/osv-schema/#defined-ecosystems>).
//! Most name a language or a distribution and its release; a few say more, and have a row in
//! `SPECIALS`.

use plimsoll_model::advisory::{Key, Scope};
use plimsoll_model::distro::{DISTROS, DistroRow, Release, suse_namespace};
use plimsoll_model::{Distro, Scheme, ecosystem};

/// Ecosystems whose packages stand among those of another one.
const GUESTS: &[(&str, &str)] = &[("Bioconductor", "CRAN"), ("GHC", "Hackage")];

/// How the ids of a language's own database begin, by namespace; its records go before others of the same
/// weakness.
const CURATED: &[(&str, &str)] = &[("cargo", "RUSTSEC-"), ("golang", "GO-")];

/// Where the advisories of an OSV ecosystem belong.
#[derive(Clone, Debug)]
pub struct Place {
    /// The namespace: `pypi`, `alpine:3.17`.
    pub namespace: String,
    /// The version order.
    pub scheme: Scheme,
    /// The row of the ecosystem; `None` for a distribution.
    pub ecosystem: Option<&'static ecosystem::Ecosystem>,
    /// Of which packages of a name its records speak.
    pub scope: Scope,
    /// How to read the records of a distribution that has ways of its own.
    pub(super) special: &'static Special,
}

/// A namespace, and the products that the records are about.
type Found = (String, Vec<String>);

/// What is peculiar to the records of a distribution.
#[derive(Debug)]
pub(super) struct Special {
    /// The name in OSV, without the release.
    osv: &'static str,
    /// Reads what follows the name: the namespace, and the products; `None` when it is not known.
    place: fn(&str) -> Option<Found>,
    /// By which name of a package the records are kept.
    key: Key,
    /// Every range of a package begins at 0 and ends at a build that has the fix: one built twice
    /// (`….el8`, `….el8.alma`) is mended from the lowest on.
    pub(super) lists_builds: bool,
    /// `ecosystem_specific.binaries` has the name and version of each package: they are the rows.
    pub(super) has_binaries: bool,
    /// How the ids of records begin that are no advisories of a weakness unless they name one.
    pub(super) plain_updates: &'static [&'static str],
}

const PLAIN: Special = Special {
    osv: "",
    place: |_| None,
    key: Key::Source,
    lists_builds: false,
    has_binaries: false,
    plain_updates: &[],
};

const SUSE: Special = Special { key: Key::Binary, has_binaries: true, ..PLAIN };

/// The distributions whose records say more than a package and its versions.
const SPECIALS: &[Special] = &[
    Special {
        // <https://github.com/AlmaLinux/osv-database>
        osv: "AlmaLinux",
        place: |release| plain("AlmaLinux", release),
        key: Key::Binary,
        lists_builds: true,
        plain_updates: &["ALBA-", "ALEA-"],
        ..PLAIN
    },
    Special {
        osv: "Rocky Linux",
        place: |release| plain("Rocky Linux", release),
        lists_builds: true,
        plain_updates: &["RLBA-", "RLEA-"],
        ..PLAIN
    },
    // <https://ftp.suse.com/pub/projects/security/osv/>: the packages named are source packages.
    Special { place: |product| suse("SUSE", product), osv: "SUSE", ..SUSE },
    Special { place: |product| suse("openSUSE", product), osv: "openSUSE", ..SUSE },
    // <https://documentation.ubuntu.com/security/security-updates/osv/>
    Special { osv: "Ubuntu", place: ubuntu, ..PLAIN },
];

impl Place {
    /// Reads an OSV ecosystem: `PyPI`, `Alpine:v3.17`, `Debian:12`, `Wolfi`, `Ubuntu:Pro:22.04:LTS`;
    /// `None` for one that is not known, or a distribution without its release.
    pub fn find(osv: &str) -> Option<Self> {
        let first = osv.split(':').next().unwrap_or_default();
        let guest = GUESTS.iter().find(|(guest, _)| *guest == first);
        if let Some(row) = ecosystem::find_osv(guest.map_or(first, |(_, host)| host)) {
            return Some(Self {
                namespace: row.namespace.to_owned(),
                scheme: row.scheme,
                ecosystem: Some(row),
                scope: Scope::default(),
                special: &PLAIN,
            });
        }
        let (name, release) = osv.split_once(':').unwrap_or((osv, ""));
        let special = SPECIALS.iter().find(|special| special.osv == name).unwrap_or(&PLAIN);
        let (namespace, products) = match special.osv {
            "" => plain(name, release)?,
            _ => (special.place)(release)?,
        };
        let scheme = distro(name).map_or(Scheme::Rpm, |row| row.scheme);
        let scope = Scope { key: special.key, products, ..Scope::default() };
        Some(Self { namespace, scheme, ecosystem: None, scope, special })
    }

    /// Returns whether a record is of the language's own database.
    pub(super) fn is_curated(&self, id: &str) -> bool {
        CURATED
            .iter()
            .any(|(namespace, prefix)| self.namespace == *namespace && id.starts_with(prefix))
    }

    /// Returns the OSV names of the language ecosystems whose records make a namespace, its own first:
    /// `Hackage` and `GHC` for `hackage`. None for another namespace.
    pub fn osv_names(namespace: &str) -> Vec<&'static str> {
        let rows = ecosystem::ECOSYSTEMS.iter();
        let Some(row) = rows.clone().find(|row| row.namespace == namespace && !row.osv.is_empty())
        else {
            return Vec::new();
        };
        let guests = GUESTS.iter().filter(|(_, host)| *host == row.osv).map(|(guest, _)| *guest);
        std::iter::once(row.osv).chain(guests).collect()
    }
}

/// Reads `12`, `v3.17`, `stream` or nothing of a distribution.
fn plain(name: &str, release: &str) -> Option<Found> {
    // `Red Hat:rhel_aus:…` and the like name products, for which their own feeds have their own way.
    let release = release.split(':').next().unwrap_or("");
    if !is_release(release) {
        return None;
    }
    let row = distro(name)?;
    // Of a distribution with releases, a record must name one.
    if release.is_empty() && row.release != Release::Rolling {
        return None;
    }
    Some((Distro::new(row.id, release, "", "", "").namespace()?, Vec::new()))
}

/// Reads `Linux Enterprise Server 15 SP5`, `Leap 15.6`.
fn suse(vendor: &str, product: &str) -> Option<Found> {
    suse_namespace(&format!("{vendor} {product}")).map(|namespace| (namespace, Vec::new()))
}

/// Reads `22.04:LTS`, `Pro:22.04:LTS`, `Pro:FIPS-updates:20.04:LTS`, `Pro:22.04:LTS:Realtime:Kernel`
/// or `22.04:LTS:for:NVIDIA:BlueField`: one part is the release, what is not filling names the
/// product, of which `Pro` is the least.
fn ubuntu(rest: &str) -> Option<Found> {
    let is_number = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let release = rest.split(':').find(is_number)?;
    let words: Vec<String> = rest
        .split(':')
        .filter(|part| !is_number(part) && !matches!(*part, "LTS" | "for" | "Kernel" | "Pro"))
        .map(str::to_ascii_lowercase)
        .collect();
    let product = match (words.is_empty(), rest.split(':').any(|part| part == "Pro")) {
        (false, _) => Some(words.join("-")),
        (true, true) => Some("pro".to_owned()),
        (true, false) => None,
    };
    let (namespace, _) = plain("Ubuntu", release)?;
    Some((namespace, product.into_iter().collect()))
}

/// Returns whether the text is a number (`v3.17`, `12`), a word (`edge`, `sid`) or empty.
fn is_release(text: &str) -> bool {
    let numbers = text.strip_prefix('v').unwrap_or(text);
    numbers.starts_with(|first: char| first.is_ascii_digit())
        || text.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Finds the distribution that OSV calls so: by its id, else by its name or the first words of it.
fn distro(osv: &str) -> Option<&'static DistroRow> {
    let starts = |row: &&DistroRow| {
        row.name.strip_prefix(osv).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let id = osv.replace(' ', "-");
    plimsoll_model::distro::find(&id).or_else(|| DISTROS.iter().find(starts))
}
