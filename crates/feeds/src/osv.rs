//! The zips of OSV: an archive of records for each ecosystem, languages and distributions alike.
//!
//! A row below names the ecosystems that make a namespace; what a record says is read by
//! [`plimsoll_vuln::osv`]. A record that names packages of several ecosystems lies in the zip of each.
//! Distributions whose zip in OSV is younger or thinner than their own feed are read from that.
//! Source: <https://google.github.io/osv.dev/data/#data-dumps>.

use plimsoll_model::ecosystem::ECOSYSTEMS;
use plimsoll_vuln::RowKind;
use plimsoll_vuln::osv::{self, Place, Publisher, Record};

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::packed::{ArchiveLimits, check_is_whole, each_in_zip, is_json};

mod sharing;

pub(crate) use sharing::{Scopes, Sharing};

/// Most bytes of a zip; that of npm has more than 200 MB.
pub const MAX_ZIP_BYTES: u64 = 2 << 30;
/// What one zip may hold, unpacked.
const LIMITS: ArchiveLimits = ArchiveLimits {
    max_bytes: 16 << 30,
    max_member_bytes: osv::MAX_RECORD_BYTES as u64,
    max_members: 4_000_000,
};

/// Most members of a zip that may be no JSON, whatever its size.
pub const MAX_BROKEN_MEMBERS: u64 = 9;
/// Most members that may be no JSON, of a hundred.
pub const MAX_BROKEN_PERCENT: u64 = 1;

const HOST: &str = "https://osv-vulnerabilities.storage.googleapis.com";
const SAYS: &str = "fixed: a range that ends at `fixed`; no fix: a range without an end; not affected: \
    not in a range; withdrawn records are left out, informational ones are told and do not count";

/// The languages.
pub const OSV: Feed = Feed {
    id: "osv",
    title: "OSV",
    licence: "CC-BY-4.0 (PyPI, Go, GitHub), CC0-1.0 (RustSec, Haskell, OCaml), Apache-2.0 (Bitnami, R, \
        malicious packages), MIT and Unlicense (PHP)",
    says: SAYS,
    rows: RowKind::Advisories,
    max_age_hours: 12,
    least_records: 1,
    reader: 3,
    namespaces: |_| languages().map(|row| row.namespace.to_owned()).collect(),
    files: |namespace| {
        let names = Place::osv_names(namespace);
        let mut files = zips(&names);
        // The packages that stand among those of another ecosystem have few records, or none yet.
        files.iter_mut().skip(1).for_each(|file| file.optional = true);
        (!files.is_empty()).then_some(files)
    },
    parse,
};

/// AlmaLinux: binary packages, mended versions alone.
pub const ALMALINUX: Feed = Feed {
    id: "almalinux",
    title: "AlmaLinux errata",
    licence: "MIT",
    max_age_hours: 24,
    least_records: 1_000,
    namespaces: |_| releases("almalinux", &["10", "8", "9"]),
    files: |namespace| of_release("almalinux", namespace, &["AlmaLinux"]),
    ..OSV
};

/// Alpaquita Linux, and the images that BellSoft hardens with it.
pub const ALPAQUITA: Feed = Feed {
    id: "alpaquita",
    title: "BellSoft advisories",
    licence: "Apache-2.0",
    max_age_hours: 24,
    least_records: 100,
    namespaces: |_| releases("alpaquita", &["23", "25", "stream"]),
    files: |namespace| {
        of_release("alpaquita", namespace, &["Alpaquita", "BellSoft Hardened Containers"])
    },
    ..OSV
};

/// Mageia.
pub const MAGEIA: Feed = Feed {
    id: "mageia",
    title: "Mageia advisories",
    licence: "CC-BY-SA-4.0",
    max_age_hours: 24,
    least_records: 100,
    namespaces: |_| releases("mageia", &["10", "7", "8", "9"]),
    files: |namespace| of_release("mageia", namespace, &["Mageia"]),
    ..OSV
};

/// openEuler.
pub const OPENEULER: Feed = Feed {
    id: "openeuler",
    title: "openEuler security advisories",
    licence: "",
    max_age_hours: 24,
    least_records: 100,
    namespaces: |_| releases("openeuler", OPENEULER_RELEASES),
    files: |namespace| of_release("openeuler", namespace, &["openEuler"]),
    ..OSV
};

const OPENEULER_RELEASES: &[&str] = &[
    "20.03-LTS",
    "20.03-LTS-SP1",
    "20.03-LTS-SP2",
    "20.03-LTS-SP3",
    "20.03-LTS-SP4",
    "22.03-LTS",
    "22.03-LTS-SP1",
    "22.03-LTS-SP2",
    "22.03-LTS-SP3",
    "22.03-LTS-SP4",
    "24.03-LTS",
    "24.03-LTS-SP1",
    "24.03-LTS-SP2",
    "24.03-LTS-SP3",
];

/// Who publishes records, by the beginning of their ids.
const PUBLISHERS: &[(&str, Publisher<'static>)] = &[
    ("ALBA-", Publisher { title: ALMALINUX.title, rater: "almalinux" }),
    ("ALEA-", Publisher { title: ALMALINUX.title, rater: "almalinux" }),
    ("ALSA-", Publisher { title: ALMALINUX.title, rater: "almalinux" }),
    ("BELL-", Publisher { title: ALPAQUITA.title, rater: "bellsoft" }),
    ("BIT-", Publisher { title: "Bitnami vulnerability database", rater: "bitnami" }),
    ("DRUPAL-", Publisher { title: "Drupal security advisories", rater: "drupal" }),
    ("GHSA-", Publisher { title: "GitHub advisory database", rater: "ghsa" }),
    ("GO-", Publisher { title: "Go vulnerability database", rater: "go" }),
    ("HSEC-", Publisher { title: "Haskell security advisories", rater: "haskell" }),
    ("MAL-", Publisher { title: "OpenSSF malicious packages", rater: "openssf" }),
    ("MGASA-", Publisher { title: MAGEIA.title, rater: "mageia" }),
    ("OESA-", Publisher { title: OPENEULER.title, rater: "openeuler" }),
    ("PYSEC-", Publisher { title: "PyPA advisory database", rater: "pypa" }),
    ("RSEC-", Publisher { title: "R consortium advisory database", rater: "r-consortium" }),
    ("RUSTSEC-", Publisher { title: "RustSec advisory database", rater: "rustsec" }),
];

/// Reads a zip into the namespaces that are wanted. A member that is no record is counted as dropped in each
/// of them, whether it is JSON or not, a package whose versions cannot be compared in its own.
///
/// # Errors
/// [`FeedError::Malformed`] of a zip that is not whole, and with the first such member where more than
/// [`MAX_BROKEN_MEMBERS`] and [`MAX_BROKEN_PERCENT`] are no JSON; [`FeedError::Limit`], [`FeedError::Spool`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let mut scopes = Scopes::default();
    let mut broken = Broken::default();
    each_in_zip(input, LIMITS, |path, body| {
        if !is_json(path) {
            return Ok(());
        }
        broken.members += 1;
        let Ok(record) = osv::parse(body) else {
            if let Err(error) = check_is_whole(address, path, body) {
                broken.count += 1;
                broken.first.get_or_insert(error);
            }
            harvest.drop_everywhere();
            return Ok(());
        };
        if !harvest.claim(&record.id) {
            return Ok(());
        }
        take(&record, publisher(&record.id), &mut scopes, harvest)
    })?;
    broken.check()
}

/// What of a zip is no JSON.
#[derive(Default)]
struct Broken {
    members: u64,
    count: u64,
    first: Option<FeedError>,
}

impl Broken {
    /// Fails with the first member where there are too many.
    fn check(self) -> Result<(), FeedError> {
        let is_too_many = self.count > MAX_BROKEN_MEMBERS
            && self.count.saturating_mul(100) > self.members.saturating_mul(MAX_BROKEN_PERCENT);
        self.first.filter(|_| is_too_many).map_or(Ok(()), Err)
    }
}

/// Takes what a record says of the namespaces that are wanted.
pub(crate) fn take(
    record: &Record,
    publisher: Publisher<'_>,
    scopes: &mut Scopes,
    harvest: &mut Harvest,
) -> Result<(), FeedError> {
    harvest.stamp(&record.modified);
    let converted = osv::convert_for(record, publisher, &|namespace| harvest.wants(namespace));
    for dropped in converted.dropped {
        harvest.drop_record(&dropped.namespace);
    }
    let mut sharing = Sharing::new(scopes);
    for row in converted.rows {
        harvest.push(&row.namespace, &row.name, sharing.lean(row.advisory))?;
    }
    Ok(())
}

fn publisher(id: &str) -> Publisher<'static> {
    let known = PUBLISHERS.iter().find(|(prefix, _)| id.starts_with(prefix));
    known.map_or(Publisher { title: OSV.title, rater: "osv" }, |(_, publisher)| *publisher)
}

fn languages() -> impl Iterator<Item = &'static plimsoll_model::ecosystem::Ecosystem> {
    ECOSYSTEMS.iter().filter(|row| !row.osv.is_empty())
}

fn releases(distribution: &str, releases: &[&str]) -> Vec<String> {
    releases.iter().map(|release| format!("{distribution}:{release}")).collect()
}

/// Returns the zips of a distribution for any release of it: the next one is in them before it is in a
/// table here.
fn of_release(distribution: &str, namespace: &str, names: &[&str]) -> Option<Vec<SourceFile>> {
    let release = namespace.strip_prefix(distribution)?.strip_prefix(':')?;
    (!release.is_empty()).then(|| zips(names))
}

fn zips(names: &[&str]) -> Vec<SourceFile> {
    let address = |name: &&str| format!("{HOST}/{}/all.zip", name.replace(' ', "%20"));
    names.iter().map(|name| SourceFile::new(address(name), MAX_ZIP_BYTES)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_has_the_zips_of_its_ecosystems() {
        let files = |feed: &Feed, namespace: &str| -> Option<Vec<String>> {
            let files = (feed.files)(namespace)?;
            Some(files.into_iter().map(|file| file.address).collect())
        };
        let of = |name: &str| format!("{HOST}/{name}/all.zip");
        assert_eq!(files(&OSV, "cargo"), Some(vec![of("crates.io")]));
        assert_eq!(files(&OSV, "hackage"), Some(vec![of("Hackage"), of("GHC")]));
        assert_eq!(files(&OSV, "almalinux:9"), None);
        assert_eq!(files(&ALMALINUX, "almalinux:11"), Some(vec![of("AlmaLinux")]));
        assert_eq!(files(&ALMALINUX, "almalinux:"), None);
        let both = vec![of("Alpaquita"), of("BellSoft%20Hardened%20Containers")];
        assert_eq!(files(&ALPAQUITA, "alpaquita:stream"), Some(both));
    }

    #[test]
    fn who_publishes_stands_in_the_id() {
        assert_eq!(publisher("GHSA-x").rater, "ghsa");
        assert_eq!(publisher("GO-2024-1").title, "Go vulnerability database");
        assert_eq!(publisher("OSV-2024-1").rater, "osv");
        assert!(PUBLISHERS.is_sorted_by_key(|(prefix, _)| *prefix));
    }
}
