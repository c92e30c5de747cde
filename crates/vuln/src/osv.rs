//! Turns records of the OSV format into advisories, one for each package that a record names.
//!
//! Follows the OSV schema 1.7 (<https://ossf.github.io/osv-schema/>), leniently: unknown fields are
//! passed over, `null` is as good as absent, and what cannot be used is told, not guessed.
//!
//! ```json
//! {"id": "GHSA-jfh8-c2jp-5v3q", "aliases": ["CVE-2021-44228"], "affected": [{
//!   "package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
//!   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.13.0"}, {"fixed": "2.15.0"}]}]}]}
//! ```

use std::collections::BTreeMap;

use plimsoll_model::distro::{DISTROS, DistroRow};
use plimsoll_model::{Advisory, Affected, Cvss, Distro, Scheme, Severity, State, ecosystem};
use serde::Deserialize;

mod ranges;
mod record;

pub use record::{
    AffectedItem, DatabaseSpecific, Event, PackageName, RangeItem, Record, Reference, SeverityItem,
};

/// Largest record that is read.
pub const MAX_RECORD_BYTES: usize = 32 << 20;

/// Most addresses that are kept of one record.
const MAX_URLS: usize = 5;

/// Who publishes the records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Publisher<'a> {
    /// What [`Advisory::record`] shall say: `GitHub advisory database`.
    pub title: &'a str,
    /// What [`Cvss::source`] shall say: `ghsa`.
    pub rater: &'a str,
}

/// What a record says of one package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// The namespace of the shard it belongs into: `maven`, `alpine:3.17`.
    pub namespace: String,
    /// The name as look-ups spell it.
    pub name: String,
    /// The advisory.
    pub advisory: Advisory,
}

/// What became of a record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Converted {
    /// One row for each namespace and package, sorted by them.
    pub rows: Vec<Row>,
    /// The record was withdrawn: it has no rows.
    pub withdrawn: bool,
    /// What could not be used, in words.
    pub dropped: Vec<String>,
}

/// A text that is no OSV record.
#[derive(Debug, thiserror::Error)]
pub enum OsvError {
    /// It is not JSON, or its fields are of other types.
    #[error("cannot read an OSV record")]
    Json(#[from] serde_json::Error),
    /// It is too large.
    #[error("an OSV record has {bytes} bytes, the limit is {MAX_RECORD_BYTES}")]
    TooBig {
        /// Its size.
        bytes: usize,
    },
}

/// Reads one record.
///
/// # Errors
/// When it is not a JSON object with an `id`, or larger than [`MAX_RECORD_BYTES`].
pub fn parse(bytes: &[u8]) -> Result<Record, OsvError> {
    bounded(bytes)
}

/// Reads a list of records: `[{…}, {…}]`.
///
/// # Errors
/// As [`parse`].
pub fn parse_list(bytes: &[u8]) -> Result<Vec<Record>, OsvError> {
    bounded(bytes)
}

fn bounded<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, OsvError> {
    if bytes.len() > MAX_RECORD_BYTES {
        return Err(OsvError::TooBig { bytes: bytes.len() });
    }
    Ok(serde_json::from_slice(bytes)?)
}

/// Turns a record into advisories.
pub fn convert(record: &Record, publisher: Publisher<'_>) -> Converted {
    let mut converted = Converted::default();
    if record.withdrawn.is_some() {
        converted.withdrawn = true;
        return converted;
    }
    let mut packages: BTreeMap<(String, String), (Scheme, Vec<&AffectedItem>)> = BTreeMap::new();
    for item in &record.affected {
        let Some(package) = &item.package else { continue };
        let Some(place) = Place::find(&package.ecosystem) else {
            converted.dropped.push(format!("{}: ecosystem `{}`", record.id, package.ecosystem));
            continue;
        };
        let name =
            place.ecosystem.map_or_else(|| package.name.clone(), |row| row.key(&package.name));
        let key = (place.namespace, name);
        packages.entry(key).or_insert_with(|| (place.scheme, Vec::new())).1.push(item);
    }
    for ((namespace, name), (scheme, items)) in packages {
        let read = ranges::read(scheme, &items);
        converted.dropped.extend(
            read.problems.into_iter().map(|problem| format!("{}, {name}: {problem}", record.id)),
        );
        let Some(affected) = read.affected else { continue };
        let advisory = advisory(record, &items, publisher, affected, read.fixed);
        converted.rows.push(Row { namespace, name, advisory });
    }
    converted
}

/// Reads the ranges and versions of the items of one package; `None` when they name no version that
/// can be compared (only commits, or only broken versions).
pub fn affected(scheme: Scheme, items: &[&AffectedItem]) -> Option<Affected> {
    ranges::read(scheme, items).affected
}

fn advisory(
    record: &Record,
    items: &[&AffectedItem],
    publisher: Publisher<'_>,
    affected: Affected,
    fixed_versions: Vec<String>,
) -> Advisory {
    let mut aliases: Vec<String> = record
        .aliases
        .iter()
        .chain(&record.upstream)
        .filter(|id| **id != record.id)
        .cloned()
        .collect();
    aliases.sort();
    aliases.dedup();
    let own: Vec<&SeverityItem> = items.iter().flat_map(|item| &item.severity).collect();
    let stated: Vec<&SeverityItem> =
        if own.is_empty() { record.severity.iter().collect() } else { own };
    Advisory {
        id: record.id.clone(),
        aliases,
        state: if fixed_versions.is_empty() { State::Affected } else { State::Fixed },
        scope: plimsoll_model::Scope::default(),
        affected,
        fixed_versions,
        severity: severity(record, items, &stated),
        cvss: stated.iter().filter_map(|item| cvss(&item.score, publisher.rater)).collect(),
        record: publisher.title.to_owned(),
        note: None,
        title: record.summary.clone().filter(|summary| !summary.is_empty()),
        urls: urls(&record.references),
    }
}

/// Returns the severity in words that the record states, of the package first.
fn severity(
    record: &Record,
    items: &[&AffectedItem],
    stated: &[&SeverityItem],
) -> Option<Severity> {
    let word = |specific: &Option<DatabaseSpecific>| {
        Severity::from_word(specific.as_ref()?.severity.as_ref()?.as_str()?)
    };
    let of_package = items
        .iter()
        .find_map(|item| word(&item.ecosystem_specific).or_else(|| word(&item.database_specific)));
    let in_words = || stated.iter().find_map(|item| Severity::from_word(&item.score));
    of_package.or_else(|| word(&record.database_specific)).or_else(in_words)
}

/// Reads and rates a vector; `None` for what is not one.
fn cvss(vector: &str, rater: &str) -> Option<Cvss> {
    let parsed: cvss::Cvss = vector.parse().ok()?;
    let version = vector.strip_prefix("CVSS:").and_then(|rest| rest.split('/').next());
    Some(Cvss {
        source: rater.to_owned(),
        version: version.unwrap_or("2.0").to_owned(),
        vector: vector.to_owned(),
        score: parsed.score(),
    })
}

/// Returns the addresses, advisories first, then fixes and reports, then the rest.
fn urls(references: &[Reference]) -> Vec<String> {
    let weight = |reference: &&Reference| match reference.kind.as_str() {
        "ADVISORY" => 0,
        "FIX" | "REPORT" => 1,
        _ => 2,
    };
    let mut references: Vec<&Reference> = references.iter().collect();
    references.sort_by_key(weight);
    let mut urls: Vec<String> = Vec::new();
    for reference in references {
        if urls.len() < MAX_URLS && !urls.contains(&reference.url) {
            urls.push(reference.url.clone());
        }
    }
    urls
}

/// Where the advisories of an OSV ecosystem belong.
#[derive(Clone, Debug)]
pub struct Place {
    /// The namespace: `pypi`, `alpine:3.17`.
    pub namespace: String,
    /// The version order.
    pub scheme: Scheme,
    /// The row of the ecosystem; `None` for a distribution.
    pub ecosystem: Option<&'static ecosystem::Ecosystem>,
}

impl Place {
    /// Reads an OSV ecosystem: `PyPI`, `Alpine:v3.17`, `Debian:12`, `Wolfi`; `None` for one that is
    /// not known, or a distribution without its release.
    pub fn find(osv: &str) -> Option<Self> {
        if let Some(row) = ecosystem::find_osv(osv) {
            let (namespace, scheme) = (row.namespace.to_owned(), row.scheme);
            return Some(Self { namespace, scheme, ecosystem: Some(row) });
        }
        let (name, release) = osv.split_once(':').unwrap_or((osv, ""));
        // Of `Ubuntu:22.04:LTS` the release is what counts. `Ubuntu:Pro:…`, `Red Hat:rhel_aus:…` and
        // `SUSE:Linux Enterprise …` name products, for which the feeds of these have their own way.
        let release = release.split(':').next().unwrap_or("");
        if !is_release(release) {
            return None;
        }
        let row = distro(name)?;
        let namespace = Distro::new(row.id, release, "", "", "").namespace()?;
        Some(Self { namespace, scheme: row.scheme, ecosystem: None })
    }
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
