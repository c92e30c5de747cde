//! What is known to be wrong: one record about one package, and the facts around a CVE.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::version::{InvalidVersion, Scheme};

/// What one feed says of one package and one weakness. The package is the key it is stored under.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Advisory {
    /// The record's own id: `CVE-2023-0286`, `GHSA-jfh8-c2jp-5v3q`, `DSA-5343-1`.
    pub id: String,
    /// Other ids of the same weakness, sorted.
    pub aliases: Vec<String>,
    /// What kind of thing it tells.
    #[serde(skip_serializing_if = "Class::is_weakness", default)]
    pub class: Class,
    /// What the feed says of versions that [`Advisory::affected`] holds. `NotAffected` is a fact to
    /// keep: it silences overlapping matches and answers `why-not`.
    pub state: State,
    /// Of which packages of that name it speaks.
    pub scope: Scope,
    /// Which versions are affected.
    pub affected: Affected,
    /// The versions that mend it, lowest first; empty when there is none.
    pub fixed_versions: Vec<String>,
    /// The severity that the feed itself states.
    pub severity: Option<Severity>,
    /// CVSS vectors that the feed states.
    pub cvss: Vec<Cvss>,
    /// Where it stands, for people: `Alpine secdb v3.17 main`.
    pub record: String,
    /// A remark of the feed worth showing: `no DSA: Minor issue`.
    pub note: Option<String>,
    /// A short text on the weakness, where the feed has one.
    pub title: Option<String>,
    /// Addresses to read more, best first.
    pub urls: Vec<String>,
}

/// What kind of thing a record tells.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A weakness.
    #[default]
    Weakness,
    /// A weakness, told by the people of the language and looked through by them: of several records on
    /// it, theirs counts.
    Curated,
    /// The package itself is malware.
    Malicious,
    /// No weakness: nobody maintains the package, or it can be misused. [`Advisory::note`] has the feed's
    /// word: `unmaintained`.
    Informational,
}

/// Of which packages a record speaks, beyond the name it is stored under. The default is what most
/// feeds mean: the source package, whatever else.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Scope {
    /// Which name of a package the record is stored under.
    pub key: Key,
    /// The architectures as the package manager spells them (`x86_64`), sorted; empty for all. A
    /// package of no architecture (`noarch`) is of all. Of libraries of a language: system and
    /// architecture, `windows/*`, `*/arm64`.
    pub arches: Vec<String>,
    /// The module stream that it is about: `php:7.2`; `None` for packages of no module.
    pub module: Option<String>,
    /// The products or channels that it is about, sorted; empty for the whole distribution. Red Hat:
    /// a CPE, `cpe:/a:redhat:enterprise_linux:9::appstream`; Ubuntu: `pro`, `fips`.
    pub products: Vec<String>,
}

/// Which name of a package a record is stored under, and so which version it is compared with.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub enum Key {
    /// The source package (`openssl` for `libssl3`) and its version; a package that has none is its
    /// own. Libraries of a language are their own too.
    #[default]
    Source,
    /// The package itself and its version.
    Binary,
    /// Either.
    Both,
}

/// A set of versions: those in any interval, and those listed one by one.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Affected {
    /// Intervals, OR-ed.
    pub intervals: Vec<Interval>,
    /// Single versions, spelled as the feed spells them; one that the scheme calls equal is meant too.
    pub versions: Vec<String>,
}

/// A stretch of versions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: Bound,
    /// The upper end.
    pub high: Bound,
}

/// One end of an [`Interval`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Bound {
    /// No end.
    Open,
    /// The version itself belongs to it.
    Included(String),
    /// The version itself does not belong to it.
    Excluded(String),
}

/// What a feed says about a weakness in a package.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// A version that mends it is out.
    Fixed,
    /// Affected, no version mends it yet.
    #[default]
    Affected,
    /// The vendor will not mend it.
    WillNotFix,
    /// The vendor put the mend off.
    FixDeferred,
    /// The vendor is looking into it.
    UnderInvestigation,
    /// The package or release gets no more fixes.
    EndOfLife,
    /// The vendor could not find out.
    Undetermined,
    /// Not affected.
    NotAffected,
}

/// How bad it is. The order is from worst to least, so that sorting puts the worst first.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// 9.0 and more.
    Critical,
    /// 7.0 to 8.9.
    High,
    /// 4.0 to 6.9.
    Medium,
    /// 0.1 to 3.9.
    Low,
    /// The vendor calls it unimportant.
    Negligible,
    /// Nobody states it.
    #[default]
    Unknown,
}

/// One CVSS rating.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Cvss {
    /// Who rated: `nvd`, `cisa-adp`, `ghsa`.
    pub source: String,
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: String,
    /// The whole vector: `CVSS:3.1/AV:N/…`.
    pub vector: String,
    /// 0.0 to 10.0, one decimal.
    pub score: f64,
}

impl Eq for Cvss {}

/// What is known of one CVE, whoever ships it; kept in the shards `cve:YEAR`.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Detail {
    /// One line, where one is known.
    pub title: Option<String>,
    /// The description, cut at a limit of the feed's reader.
    pub description: Option<String>,
    /// CWE ids, `CWE-79`, sorted.
    pub cwe: Vec<String>,
    /// Ratings, the one to prefer first.
    pub cvss: Vec<Cvss>,
    /// Addresses, best first, few.
    pub urls: Vec<String>,
    /// The day it was published, `2023-02-08`.
    pub published: Option<String>,
    /// Rejected or withdrawn: it must never match.
    pub rejected: bool,
}

/// The exploit prediction of one CVE, in hundred-thousandths, as FIRST publishes them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Epss {
    /// Probability of exploitation within 30 days, in 1/100,000.
    pub score: u32,
    /// Share of CVEs with the same or a lower score, in 1/100,000.
    pub percentile: u32,
}

/// An entry of CISA's list of exploited vulnerabilities.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Kev {
    /// The day it was added, `2021-12-10`.
    pub added: String,
    /// The day by which agencies must act.
    pub due: String,
    /// Whether ransomware campaigns are known to use it.
    pub ransomware: bool,
    /// CISA's name of the weakness.
    pub title: String,
}

impl Class {
    /// Returns whether it is what most records are; serde asks by reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    fn is_weakness(&self) -> bool {
        *self == Self::Weakness
    }
}

impl Scope {
    /// Records stored under the name of the package itself.
    pub fn binary() -> Self {
        Self { key: Key::Binary, ..Self::default() }
    }
}

impl Affected {
    /// Every version is affected.
    pub fn all() -> Self {
        Self {
            intervals: vec![Interval { low: Bound::Open, high: Bound::Open }],
            versions: Vec::new(),
        }
    }

    /// Every version below `fixed` is affected.
    pub fn below(fixed: &str) -> Self {
        let high = Bound::Excluded(fixed.to_owned());
        Self { intervals: vec![Interval { low: Bound::Open, high }], versions: Vec::new() }
    }

    /// Returns the interval or single version that holds `version`, in words for [`crate::Why`], or
    /// `None` when nothing does.
    ///
    /// # Errors
    /// When nothing holds it, and `version`, or a bound that had to be compared, is not a version of
    /// `scheme`.
    pub fn hit(&self, scheme: Scheme, version: &str) -> Result<Option<Hit>, InvalidVersion> {
        let mut invalid = None;
        for interval in &self.intervals {
            match interval.contains(scheme, version) {
                Ok(true) => {
                    return Ok(Some(Hit {
                        range: interval.to_string(),
                        comparison: interval.comparison(version),
                    }));
                }
                Ok(false) => {}
                Err(error) => invalid = invalid.or(Some(error)),
            }
        }
        let equal = |listed: &String| {
            listed == version || scheme.compare(listed, version) == Ok(Ordering::Equal)
        };
        if self.versions.iter().any(equal) {
            return Ok(Some(Hit {
                range: format!("={version}"),
                comparison: format!("{version} is listed"),
            }));
        }
        invalid.map_or(Ok(None), Err)
    }
}

/// Why a version is affected, in words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hit {
    /// The range: `<3.0.8-r0`, `>=2.0, <2.15.0`, `*`.
    pub range: String,
    /// The comparison that a person can redo: `3.0.7-r0 < 3.0.8-r0`.
    pub comparison: String,
}

impl Interval {
    /// Returns whether `version` lies in the interval.
    ///
    /// # Errors
    /// When `version` or a bound is not a version of `scheme`.
    pub fn contains(&self, scheme: Scheme, version: &str) -> Result<bool, InvalidVersion> {
        let low = match &self.low {
            Bound::Open => true,
            Bound::Included(low) => scheme.compare(version, low)? != Ordering::Less,
            Bound::Excluded(low) => scheme.compare(version, low)? == Ordering::Greater,
        };
        if !low {
            return Ok(false);
        }
        Ok(match &self.high {
            Bound::Open => true,
            Bound::Included(high) => scheme.compare(version, high)? != Ordering::Greater,
            Bound::Excluded(high) => scheme.compare(version, high)? == Ordering::Less,
        })
    }

    fn comparison(&self, version: &str) -> String {
        let low = match &self.low {
            Bound::Open => String::new(),
            Bound::Included(low) => format!("{low} <= "),
            Bound::Excluded(low) => format!("{low} < "),
        };
        let high = match &self.high {
            Bound::Open => String::new(),
            Bound::Included(high) => format!(" <= {high}"),
            Bound::Excluded(high) => format!(" < {high}"),
        };
        if low.is_empty() && high.is_empty() {
            return format!("{version}: every version is affected");
        }
        format!("{low}{version}{high}")
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.low, &self.high) {
            (Bound::Open, Bound::Open) => return f.write_str("*"),
            (Bound::Open, _) => {}
            (Bound::Included(low), _) => write!(f, ">={low}")?,
            (Bound::Excluded(low), _) => write!(f, ">{low}")?,
        }
        let comma = if matches!(self.low, Bound::Open) { "" } else { ", " };
        match &self.high {
            Bound::Open => Ok(()),
            Bound::Included(high) => write!(f, "{comma}<={high}"),
            Bound::Excluded(high) => write!(f, "{comma}<{high}"),
        }
    }
}

impl State {
    /// Returns the word as the JSON report writes it: `will_not_fix`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Affected => "affected",
            Self::WillNotFix => "will_not_fix",
            Self::FixDeferred => "fix_deferred",
            Self::UnderInvestigation => "under_investigation",
            Self::EndOfLife => "end_of_life",
            Self::Undetermined => "undetermined",
            Self::NotAffected => "not_affected",
        }
    }
}

impl Severity {
    /// All, from worst to least.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Negligible, Self::Unknown];

    /// Returns the word as the JSON report writes it: `critical`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Negligible => "negligible",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a word of any feed, whatever its case: `Important`, `moderate`, `unimportant`.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" => Self::Low,
            "negligible" | "unimportant" | "none" => Self::Negligible,
            "unknown" | "untriaged" => Self::Unknown,
            _ => return None,
        })
    }

    /// Rates a base score by the bands of its CVSS version (`2.0` has no critical).
    pub fn from_score(version: &str, score: f64) -> Self {
        match score {
            s if s >= 9.0 && !version.starts_with('2') => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ if version.starts_with('2') => Self::Low,
            _ => Self::Negligible,
        }
    }
}
