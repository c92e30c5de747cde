//! Red Hat: one CSAF VEX document a CVE, and which products a repository holds.
//!
//! `archive_latest.txt` names an archive of all documents of one day; `changes.csv` and
//! `deletions.csv` tell what became of documents since, which then lie there one by one:
//!
//! ```text
//! csaf_vex_2026-08-01.tar.zst
//! "2024/cve-2024-1597.json","2026-08-04T17:40:45+00:00"
//! ```
//!
//! The newest file is read first and the archive last, and of a document the first copy counts. All
//! releases are made in one pass. What is no RPM package (container images, Java archives) is left out.
//! Sources: <https://security.access.redhat.com/data/csaf/v2/vex/>, OASIS CSAF 2.0,
//! <https://security.access.redhat.com/data/metrics/repository-to-cpe.json>.

mod component;
mod document;
mod entries;
mod facts;
mod listing;
mod products;
mod repositories;
mod rows;
#[cfg(test)]
mod tests;
mod tree;

use std::io::Read as _;

use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::packed::{ArchiveLimits, each_in_tar};
use crate::text::{Bounded, of_io};

pub use component::MAX_PURL_BYTES;
pub use document::MAX_DOCUMENT_BYTES;
pub use listing::{MAX_LINE_BYTES, MAX_LISTED_DOCUMENTS, MAX_SINGLE_DOCUMENTS};
pub use repositories::MAX_REPOSITORIES_BYTES;

/// Most bytes of the archive as it is stored.
pub const MAX_ARCHIVE_BYTES: u64 = 2 << 30;
/// Most bytes that the archive may hold unpacked.
pub const MAX_UNPACKED_BYTES: u64 = 128 << 30;
/// Most documents in the archive.
pub const MAX_ARCHIVE_DOCUMENTS: u64 = 1_000_000;

/// Where the documents lie.
const BASE: &str = "https://security.access.redhat.com/data/csaf/v2/vex/";
const LATEST: &str = "archive_latest.txt";
/// Which repository holds which products.
const REPOSITORIES: &str = "https://security.access.redhat.com/data/metrics/repository-to-cpe.json";
/// What stands before the release in a namespace.
const FAMILY: &str = "redhat";
/// The namespace of repositories.
const REPOSITORY_NAMESPACE: &str = "redhat-cpe";
/// The releases that documents speak of.
const RELEASES: std::ops::RangeInclusive<u8> = 5..=10;

/// The documents, for all releases.
pub const REDHAT: Feed = Feed {
    id: "redhat",
    title: "Red Hat CSAF VEX",
    licence: "CC-BY-4.0",
    says: "fixed: `fixed` with a build; no fix: `known_affected` and its remediation (affected, fix \
        deferred, will not fix, out of support scope); `under_investigation`; not affected: \
        `known_not_affected`",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1000,
    reader: 2,
    namespaces: |_| {
        let mut names: Vec<String> = RELEASES.map(namespace).collect();
        names.sort();
        names
    },
    files: |namespace| {
        release_of(namespace)?;
        Some(vec![
            SourceFile { optional: true, ..repositories_file() },
            SourceFile::new(format!("{BASE}{LATEST}"), listing::MAX_LATEST_BYTES),
        ])
    },
    parse,
};

/// Which products a repository (content set) holds.
pub const REDHAT_CPE: Feed = Feed {
    id: "redhat-cpe",
    title: "Red Hat repositories",
    licence: "",
    says: "no advisories: the CPEs of each repository",
    rows: RowKind::Other,
    max_age_hours: 24 * 7,
    least_records: 1000,
    reader: 1,
    namespaces: |_| vec![REPOSITORY_NAMESPACE.to_owned()],
    files: |namespace| (namespace == REPOSITORY_NAMESPACE).then(|| vec![repositories_file()]),
    parse: repositories::parse,
};

fn repositories_file() -> SourceFile {
    SourceFile::new(REPOSITORIES.to_owned(), MAX_REPOSITORIES_BYTES)
}

/// Returns the major release of `redhat:9`; `None` for what is not served.
fn release_of(namespace: &str) -> Option<u8> {
    let release = namespace.strip_prefix(FAMILY)?.strip_prefix(':')?;
    RELEASES.into_iter().find(|served| served.to_string() == release)
}

/// Returns `redhat:9`.
fn namespace(release: u8) -> String {
    format!("{FAMILY}:{release}")
}

/// Reads a file by what it is; see the head of this file.
fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let file = address.strip_prefix(BASE).unwrap_or(address);
    let file = file.split_once('#').map_or(file, |(file, _)| file);
    match file {
        REPOSITORIES => repositories::note_releases(input, harvest),
        LATEST => listing::read_latest(input, harvest),
        listing::CHANGES => listing::read_changes(input, harvest),
        listing::DELETIONS => listing::read_deletions(input, harvest),
        file if file.contains(".tar") => read_archive(input, harvest),
        file => read_single(input, file, harvest),
    }
}

fn read_archive(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let limits = ArchiveLimits {
        max_bytes: MAX_UNPACKED_BYTES,
        max_member_bytes: MAX_DOCUMENT_BYTES,
        max_members: MAX_ARCHIVE_DOCUMENTS,
    };
    let mut left_out = 0;
    each_in_tar(input, limits, |path, body| {
        let Some(document) = listing::document_of(path) else { return Ok(()) };
        if listing::is_deleted(&document, harvest) || !harvest.claim(&document) {
            return Ok(());
        }
        left_out += rows::take(address, Some(path), body, harvest)?;
        Ok(())
    })?;
    tracing::debug!(address, left_out, "archive read");
    Ok(())
}

/// Reads one document that lies by itself.
fn read_single(input: Input<'_>, file: &str, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let bytes = read_bounded(input, MAX_DOCUMENT_BYTES)?;
    if listing::document_of(file).is_some_and(|document| !harvest.claim(&document)) {
        return Ok(());
    }
    rows::take(address, None, &bytes, harvest).map(drop)
}

fn read_bounded(input: Input<'_>, max_bytes: u64) -> Result<Vec<u8>, FeedError> {
    let Input { address, body } = input;
    let mut bytes = Vec::new();
    match Bounded::new(body, max_bytes).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(fault) => Err(of_io(address, format!("byte {}", bytes.len()), fault)),
    }
}
