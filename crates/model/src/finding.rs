//! One weakness of one package instance, with its proof.

use serde::{Deserialize, Serialize};

use crate::advisory::{Cvss, Severity, State};

/// One weakness of one package instance.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The CVE if there is one, else the GHSA, else the record's own id.
    pub id: String,
    /// Other ids, sorted.
    pub aliases: Vec<String>,
    /// The `id` of the package.
    pub package: String,
    /// How bad it is.
    pub severity: Severity,
    /// Who says so: `debian`, `nvd`, …; empty when nobody does.
    pub severity_source: String,
    /// Ratings, the one to prefer first.
    pub cvss: Vec<Cvss>,
    /// CWE ids, sorted.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cwe: Vec<String>,
    /// The exploit prediction.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epss: Option<EpssScore>,
    /// The entry in CISA's list of exploited vulnerabilities.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kev: Option<KevEntry>,
    /// The package is malware.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub malicious: bool,
    /// What the feed says of it.
    pub state: State,
    /// The versions that mend it, lowest first.
    pub fixed_versions: Vec<String>,
    /// One line about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// A remark of the feed: `no DSA: Minor issue`, `fixed in 1.1.1-1ubuntu2.1~18.04.23+esm1 of Ubuntu Pro`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
    /// Addresses to read more, best first.
    pub urls: Vec<String>,
    /// The proof.
    pub why: Why,
    /// Present when something sets the finding aside; it stays in the report all the same.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set_aside: Option<SetAside>,
}

/// The proof of a finding: enough to redo the comparison by hand.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Why {
    /// The record: `Alpine secdb v3.17 main, openssl: CVE-2023-0286`.
    pub record: String,
    /// The namespace of the shard that holds it: `alpine:3.17`.
    pub source: String,
    /// The name that matched, of the binary or the source package.
    pub matched_name: String,
    /// The affected range: `<3.0.8-r0`.
    pub range: String,
    /// The comparison that hit: `3.0.7-r0 < 3.0.8-r0`.
    pub comparison: String,
}

/// Who set a finding aside, and why.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SetAside {
    /// `severity filter`, `ignore file plimsoll-ignore.toml`, `vex …`, `feed`.
    pub by: String,
    /// The reason given.
    pub reason: String,
}

/// An exploit prediction as the report shows it: shares of one.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct EpssScore {
    /// 0 to 1.
    pub score: f64,
    /// 0 to 1.
    pub percentile: f64,
}

impl Eq for EpssScore {}

/// An entry of CISA's list as the report shows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KevEntry {
    /// The day it was added.
    pub added: String,
    /// The day by which agencies must act.
    pub due: String,
}

impl Finding {
    /// Returns whether it counts for totals and gates: it is not set aside.
    pub fn counts(&self) -> bool {
        self.set_aside.is_none()
    }

    /// Returns whether a version that mends it is out.
    pub fn is_fixable(&self) -> bool {
        !self.fixed_versions.is_empty()
    }
}
