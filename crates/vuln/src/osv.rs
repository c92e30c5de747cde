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

use plimsoll_model::{Advisory, Affected, Scheme};
use serde::Deserialize;

mod advisory;
mod group;
mod ids;
mod place;
mod platform;
mod ranges;
mod record;

use group::Key;
use ids::Weaknesses;

pub use ids::cve_in;
pub use place::Place;
pub(crate) use platform::go_name;
pub use record::{
    AffectedItem, DatabaseSpecific, Event, PackageName, RangeItem, Record, Reference, SeverityItem,
};

/// Largest record that is read.
pub const MAX_RECORD_BYTES: usize = 32 << 20;

/// Most rows that are made of one record; real ones have under 10,000.
pub const MAX_ROWS: usize = 200_000;

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
    /// One row for each namespace, package, scope and weakness, sorted by them.
    pub rows: Vec<Row>,
    /// The record was withdrawn: it has no rows.
    pub withdrawn: bool,
    /// What could not be used.
    pub dropped: Vec<Dropped>,
    /// How many of its packages have no rows for lack of a weakness: the record tells of a plain update.
    pub informational: usize,
}

/// A part of a record that could not be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dropped {
    /// The namespace that it would belong into; empty where that is what is not known.
    pub namespace: String,
    /// What is wrong, in words.
    pub reason: String,
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
    convert_for(record, publisher, &|_| true)
}

/// As [`convert`], for the namespaces that are wanted.
pub fn convert_for(
    record: &Record,
    publisher: Publisher<'_>,
    wanted: &dyn Fn(&str) -> bool,
) -> Converted {
    let mut converted = Converted { withdrawn: record.withdrawn.is_some(), ..Converted::default() };
    if converted.withdrawn {
        return converted;
    }
    let mut weaknesses = Weaknesses::new(record);
    let groups = group::groups(record, wanted, &mut converted);
    let mut rows = 0;
    for (key, group) in groups {
        let read = ranges::read(&group);
        let Key { namespace, name, scope } = key;
        for problem in read.problems {
            converted.drop(&namespace, format!("{}, {name}: {problem}", record.id));
        }
        let Some(extent) = read.extent else { continue };
        let weaknesses = weaknesses.of(&group.place);
        rows += weaknesses.len();
        if rows > MAX_ROWS {
            let reason = format!("{}: more than {MAX_ROWS} rows", record.id);
            converted.rows.clear();
            converted.drop(&namespace, reason);
            return converted;
        }
        let advisory = advisory::of(record, &group, publisher, extent);
        for weakness in weaknesses {
            let (id, aliases) = (weakness.id.clone(), weakness.aliases.clone());
            // The title of an update is about the update, not about one of its weaknesses.
            let title = advisory.title.clone().filter(|_| id == record.id);
            let scope = scope.clone();
            let advisory = Advisory { id, aliases, scope, title, ..advisory.clone() };
            let (namespace, name) = (namespace.clone(), name.clone());
            converted.rows.push(Row { namespace, name, advisory });
        }
    }
    converted
}

/// Reads the ranges and versions of the items of one package; `None` when they name no version that
/// can be compared (only commits, or only broken versions).
pub fn affected(scheme: Scheme, items: &[&AffectedItem]) -> Option<Affected> {
    ranges::read_items(scheme, items).extent.map(|extent| extent.affected)
}

impl Converted {
    fn drop(&mut self, namespace: &str, reason: String) {
        self.dropped.push(Dropped { namespace: namespace.to_owned(), reason });
    }
}

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason)
    }
}
