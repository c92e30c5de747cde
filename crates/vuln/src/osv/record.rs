//! The fields of an OSV record that are read.

use serde::{Deserialize, Deserializer};

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
    #[serde(default, deserialize_with = "or_none")]
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
    #[serde(default, deserialize_with = "or_none")]
    pub ecosystem_specific: Option<DatabaseSpecific>,
    /// The same, elsewhere.
    #[serde(default, deserialize_with = "or_none")]
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

/// The one field of the free-form objects that is read.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DatabaseSpecific {
    /// `MODERATE`; some databases put something else than a word here.
    #[serde(default)]
    pub severity: Option<serde_json::Value>,
}

/// Reads `null` as the default.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads an object; what is not one is passed over, for these fields have no fixed form.
fn or_none<'de, D>(deserializer: D) -> Result<Option<DatabaseSpecific>, D::Error>
where
    D: Deserializer<'de>,
{
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}
