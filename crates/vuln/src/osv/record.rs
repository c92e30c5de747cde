//! The fields of an OSV record that are read.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// One record.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Record {
    /// `GHSA-jfh8-c2jp-5v3q`.
    pub id: String,
    /// Other ids of the same weakness.
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
    /// The ids of the weakness upstream, where the record is that of a distribution.
    #[serde(default, deserialize_with = "or_default")]
    pub upstream: Vec<String>,
    /// Ids of what is akin; where older records of distributions have their CVEs.
    #[serde(default, deserialize_with = "or_default")]
    pub related: Vec<String>,
    /// When it was last changed: RFC 3339.
    #[serde(default, deserialize_with = "or_default")]
    pub modified: String,
    /// When it was withdrawn.
    #[serde(default)]
    pub withdrawn: Option<String>,
    /// One line.
    #[serde(default)]
    pub summary: Option<String>,
    /// The ratings.
    #[serde(default, deserialize_with = "or_default")]
    pub severity: Vec<SeverityItem>,
    /// The packages.
    #[serde(default, deserialize_with = "or_default")]
    pub affected: Vec<AffectedItem>,
    /// The addresses.
    #[serde(default, deserialize_with = "or_default")]
    pub references: Vec<Reference>,
    /// Where GitHub states its severity in a word.
    #[serde(default)]
    pub database_specific: Option<DatabaseSpecific>,
}

/// A rating: a CVSS vector, or a word.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SeverityItem {
    /// `CVSS_V3`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// The vector.
    #[serde(default, deserialize_with = "or_default")]
    pub score: String,
}

/// What a record says of one package.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct AffectedItem {
    /// The package.
    #[serde(default)]
    pub package: Option<PackageName>,
    /// Its ranges.
    #[serde(default, deserialize_with = "or_default")]
    pub ranges: Vec<RangeItem>,
    /// Its versions one by one.
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<String>,
    /// Ratings for this package alone.
    #[serde(default, deserialize_with = "or_default")]
    pub severity: Vec<SeverityItem>,
    /// Where some distributions state their severity.
    #[serde(default)]
    pub ecosystem_specific: Option<DatabaseSpecific>,
    /// The same, elsewhere.
    #[serde(default)]
    pub database_specific: Option<DatabaseSpecific>,
}

/// The package of an [`AffectedItem`].
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PackageName {
    /// `Maven`, `Alpine:v3.17`.
    #[serde(default, deserialize_with = "or_default")]
    pub ecosystem: String,
    /// As the ecosystem spells it.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

/// A range.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RangeItem {
    /// `ECOSYSTEM`, `SEMVER` or `GIT`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// Its events, in any order.
    #[serde(default, deserialize_with = "or_default")]
    pub events: Vec<Event>,
}

/// Where being affected begins or ends; one of the fields is there.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Event {
    /// From this version on; `0` is before all versions.
    #[serde(default)]
    pub introduced: Option<String>,
    /// Up to, but without, this version.
    #[serde(default)]
    pub fixed: Option<String>,
    /// Up to and with this version.
    #[serde(default)]
    pub last_affected: Option<String>,
    /// The range says nothing from here on.
    #[serde(default)]
    pub limit: Option<String>,
}

/// An address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Reference {
    /// `ADVISORY`, `FIX`, `WEB`, ….
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// The address.
    #[serde(default, deserialize_with = "or_default")]
    pub url: String,
}

/// The fields of the free-form objects that are read; what is not an object has none of them.
#[derive(Clone, Debug, Default)]
pub struct DatabaseSpecific {
    /// `MODERATE`; some databases put something else than a word here.
    pub severity: Option<String>,
    /// Ubuntu's severity of one package: `negligible`.
    pub ubuntu_priority: Option<String>,
    /// RustSec's word for what is no weakness: `unmaintained`.
    pub informational: Option<String>,
    /// Go's word for what nobody of the database looked through: `UNREVIEWED`.
    pub review_status: Option<String>,
    /// SUSE's packages and their versions: `[{"libopenssl1_1": "1.1.1d-11.30.1"}]`.
    pub binaries: Option<Box<RawValue>>,
    /// Go's packages of a module: `[{"path": "net/http", "goos": ["windows"]}]`.
    pub imports: Option<Box<RawValue>>,
    /// RustSec's systems and architectures: `{"os": ["windows"], "arch": []}`.
    pub affects: Option<Box<RawValue>>,
    /// Go's ranges of versions that are not the module's own, where those can tell none.
    pub custom_ranges: Option<Box<RawValue>>,
    /// GitHub's kinds of weaknesses: `["CWE-506"]`.
    pub cwe_ids: Option<Box<RawValue>>,
}

impl DatabaseSpecific {
    fn word(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "severity" => &mut self.severity,
            "ubuntu_priority" => &mut self.ubuntu_priority,
            "informational" => &mut self.informational,
            "review_status" => &mut self.review_status,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for DatabaseSpecific {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Specific)
    }
}

/// Reads an object; what is not one is passed over, for these fields have no fixed form.
struct Specific;

impl<'de> Visitor<'de> for Specific {
    type Value = DatabaseSpecific;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<DatabaseSpecific, A::Error> {
        let mut read = DatabaseSpecific::default();
        while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
            let raw = match &*name {
                "binaries" => &mut read.binaries,
                "imports" => &mut read.imports,
                "affects" => &mut read.affects,
                "custom_ranges" => &mut read.custom_ranges,
                "cwe_ids" => &mut read.cwe_ids,
                _ => {
                    let Some(word) = read.word(&name) else {
                        fields.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let raw: Box<RawValue> = fields.next_value()?;
                    *word = serde_json::from_str(raw.get()).ok();
                    continue;
                }
            };
            *raw = Some(fields.next_value()?);
        }
        Ok(read)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<DatabaseSpecific, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(DatabaseSpecific::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }

    fn visit_unit<E>(self) -> Result<DatabaseSpecific, E> {
        Ok(DatabaseSpecific::default())
    }
}

/// Reads `null` as the default.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
