//! The report: everything a scan found out, in the shape of the JSON that people and tools read.
//!
//! Field order here is field order there. Fields may be added, never changed; the JSON Schema is
//! `crates/report/schema/report-1.json`.

use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::package::{Artifact, Package, Problem};

/// The version of the shape.
pub const SCHEMA_VERSION: u32 = 1;

/// One scan of one target.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The UTC day by which ends of life and expiries are judged: `2026-11-24`.
    pub as_of: String,
    /// The program.
    pub tool: Tool,
    /// The configuration files that were read, in the order of their weight, strongest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub config_files: Vec<String>,
    /// What was scanned.
    pub target: Target,
    /// Its distribution.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub distro: Option<DistroInfo>,
    /// What it was judged by; absent in an inventory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub database: Option<DatabaseInfo>,
    /// What was judged and what was not.
    pub coverage: Coverage,
    /// Sorted by type, name, version, evidence path.
    pub packages: Vec<Package>,
    /// Sorted by package (in the order of `packages`), severity, id. Absent in an inventory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub findings: Option<Vec<Finding>>,
    /// Archives and programs that no package, classifier or known digest explains; sorted by kind, path.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub artifacts: Vec<Artifact>,
    /// Sorted by path, layer, detail.
    pub problems: Vec<Problem>,
    /// What to do; absent in an inventory.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub advice: Option<Advice>,
    /// The counts.
    pub summary: Summary,
}

/// The program that made the report.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tool {
    /// `plimsoll`.
    pub name: String,
    /// `0.1.0`.
    pub version: String,
}

/// What was scanned.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Target {
    /// `image` or `dir`.
    pub kind: String,
    /// As the user named it, or the tag that the archive gives.
    pub name: String,
    /// The manifest digest, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The digest of the image configuration.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub image_id: Option<String>,
    /// `linux/amd64`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub platform: Option<String>,
    /// Where it was read from: `docker-archive`, `oci-layout`, `oci-archive`, `folder`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// The layers, lowest first; empty for a folder.
    pub layers: Vec<Layer>,
    /// The base image, where it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub base: Option<Base>,
}

/// One layer.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Layer {
    /// 0 is the lowest.
    pub index: u32,
    /// The digest of the layer as it is stored (compressed), where the manifest tells it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The digest of the uncompressed layer, as the configuration states it.
    pub diff_id: String,
    /// Bytes as stored.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// The instruction that made it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub created_by: Option<String>,
    /// Whether a digest of it was computed and agreed, now or when the same file was last read.
    pub verified: bool,
}

/// The base image.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Base {
    /// `alpine`.
    pub name: String,
    /// `3.17.1`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tag: Option<String>,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// How many layers, from the lowest, are of the base.
    pub layers: u32,
    /// How it is known: `annotation`, `label`, `history`.
    pub how: String,
}

/// The distribution as the report shows it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DistroInfo {
    /// `alpine`.
    pub id: String,
    /// `3.17.1`; empty where there is none.
    pub version_id: String,
    /// `Alpine Linux v3.17`.
    pub name: String,
    /// The repositories or services that the target says its packages come from, sorted:
    /// `rhel-9-for-x86_64-baseos-rpms`, `esm-infra`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub channels: Vec<String>,
    /// When it stops getting advisories, where that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eol: Option<Eol>,
}

/// An end of life, judged by the day of the report.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Eol {
    /// The last day of support for all: `2024-11-22`.
    pub date: String,
    /// Whether that day has passed.
    pub ended: bool,
    /// The last day of paid or long-term support.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extended: Option<String>,
}

/// What the target was judged by.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct DatabaseInfo {
    /// The digest of the release; absent where shards were built one by one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// When the release was built: RFC 3339, UTC.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub built: Option<String>,
    /// The shards that were asked, sorted by namespace.
    pub shards: Vec<ShardInfo>,
}

/// One shard that was asked.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct ShardInfo {
    /// `alpine:3.17`.
    pub namespace: String,
    /// The feed: `Alpine secdb`.
    pub source: String,
    /// The feed's own stamp, or empty.
    pub updated: String,
    /// Records in it.
    pub records: u64,
    /// `sha256:…` of the shard.
    pub digest: String,
}

/// What to do, best first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Advice {
    /// The steps, the one that removes the most first.
    pub steps: Vec<Step>,
}

/// One thing to do.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Step {
    /// `upgrade_base`, `upgrade_package` or `no_fix`.
    pub action: String,
    /// What to change: `libssl3`, `log4j-core`.
    pub subject: String,
    /// The version there now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// The least version that mends all of `removes`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
    /// The `id`s of the packages it is about, sorted.
    pub packages: Vec<String>,
    /// How many findings it removes (for `no_fix`: how many stay), by severity.
    pub removes: BySeverity,
}

/// The counts of a report; what is set aside is counted apart.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Summary {
    /// Findings that count.
    pub total: u64,
    /// The same by severity.
    pub by_severity: BySeverity,
    /// Those of them that a newer version mends.
    pub fixable: u64,
    /// Findings set aside.
    pub set_aside: u64,
}

/// Counts by severity.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BySeverity {
    /// Count of critical ones.
    pub critical: u64,
    /// Count of high ones.
    pub high: u64,
    /// Count of medium ones.
    pub medium: u64,
    /// Count of low ones.
    pub low: u64,
    /// Count of negligible ones.
    pub negligible: u64,
    /// Count of those nobody rates.
    pub unknown: u64,
}

impl BySeverity {
    /// Counts one.
    pub fn add(&mut self, severity: crate::Severity) {
        use crate::Severity;
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Negligible => &mut self.negligible,
            Severity::Unknown => &mut self.unknown,
        } += 1;
    }

    /// Returns the sum.
    pub fn total(&self) -> u64 {
        self.critical + self.high + self.medium + self.low + self.negligible + self.unknown
    }
}

impl Summary {
    /// Counts findings.
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            if !finding.counts() {
                summary.set_aside += 1;
                continue;
            }
            summary.total += 1;
            summary.by_severity.add(finding.severity);
            summary.fixable += u64::from(finding.is_fixable());
        }
        summary
    }
}
