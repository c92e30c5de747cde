//! Echo: one file for its rolling release, keyed by source package.
//!
//! ```json
//! {"curl": {"CVE-2024-11053": {"fixed_version": "7.88.1-10+deb12u8", "severity": "Low"},
//!           "CVE-2024-7264": {"fixed_version": "0"}}}
//! ```
//!
//! A fixed version `0` means that Echo never was affected; without one there is no fix yet.
//! Source: <https://advisory.echohq.com/data.json>.

use std::collections::BTreeMap;
use std::fmt;

use plimsoll_model::{Advisory, Affected, Scheme, Scope, Severity, State};
use plimsoll_vuln::RowKind;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{Maybe, read_json};

/// Most bytes of the file.
pub const MAX_DATA_BYTES: u64 = 256 << 20;
const NAMESPACE: &str = "echo";
const TITLE: &str = "Echo advisories";
const ADDRESS: &str = "https://advisory.echohq.com/data.json";

/// Echo.
pub const ECHO: Feed = Feed {
    id: "echo",
    title: TITLE,
    licence: "",
    says: "fixed: `fixed_version`; not affected: version `0`, or status `not affected`; no fix: no \
        `fixed_version`",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE).then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_DATA_BYTES)])
    },
    parse,
};

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    severity: Option<String>,
}

/// Reads the file into `echo`, as a stream of packages. A record of another shape, or with a version
/// that is none of dpkg, is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let mut failed = None;
    let outcome = read_json(input, Packages { harvest, failed: &mut failed });
    failed.map_or(outcome, Err)
}

struct Packages<'a> {
    harvest: &'a mut Harvest,
    /// A limit that was met; JSON's own errors cannot carry it.
    failed: &'a mut Option<FeedError>,
}

impl<'de> DeserializeSeed<'de> for Packages<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Packages<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(package) = map.next_key::<String>()? {
            let records: Maybe<BTreeMap<String, Maybe<Info>>> = map.next_value()?;
            let Maybe::Good(records) = records else {
                self.harvest.drop_record(NAMESPACE);
                continue;
            };
            for (id, info) in records {
                let advisory = match info {
                    Maybe::Good(info) => info.advisory(id),
                    Maybe::Bad(_) => None,
                };
                let Some(advisory) = advisory else {
                    self.harvest.drop_record(NAMESPACE);
                    continue;
                };
                let pushed =
                    self.harvest.push(NAMESPACE, &package, Row::Advisory(Box::new(advisory)));
                if let Err(error) = pushed {
                    let shown = A::Error::custom(&error);
                    *self.failed = Some(error);
                    return Err(shown);
                }
            }
        }
        Ok(())
    }
}

impl Info {
    fn advisory(self, id: String) -> Option<Advisory> {
        let version = self.fixed_version.as_deref().map(str::trim).unwrap_or_default();
        let status = self.status.unwrap_or_default().to_ascii_lowercase().replace(['_', '-'], " ");
        let (state, affected, fixed) = match version {
            "0" => (State::NotAffected, Affected::all(), None),
            _ if status == "not affected" => (State::NotAffected, Affected::all(), None),
            "" => (State::Affected, Affected::all(), None),
            fixed if Scheme::Deb.is_valid(fixed) => {
                (State::Fixed, Affected::below(fixed), Some(fixed.to_owned()))
            }
            _ => return None,
        };
        let severity = self.severity.as_deref().and_then(Severity::from_word);
        Some(Advisory {
            class: plimsoll_model::Class::Weakness,
            urls: vec![format!("https://advisory.echohq.com/cve/{id}")],
            id,
            aliases: Vec::new(),
            state,
            scope: Scope::default(),
            affected,
            fixed_versions: fixed.into_iter().collect(),
            severity: severity.filter(|severity| *severity != Severity::Unknown),
            cvss: Vec::new(),
            record: TITLE.to_owned(),
            note: None,
            title: None,
        })
    }
}
