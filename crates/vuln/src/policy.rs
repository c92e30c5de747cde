//! What is set aside, and whether the gate holds.
//!
//! A filter never deletes: it sets a finding aside with a reason. The gate sees what is not set
//! aside, the ends of life and the gaps of the coverage.

use std::collections::BTreeSet;

use plimsoll_model::{Finding, GapKind, Report, SetAside, Severity};

/// Filters that the user asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Filters {
    /// Only these severities count; empty means all.
    pub severities: Vec<Severity>,
    /// Only findings that a newer version mends count.
    pub only_fixed: bool,
}

/// One condition of `--fail-on`.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Condition {
    /// A finding of this severity.
    Severity(Severity),
    /// Any finding.
    Any,
    /// The distribution's release gets no more advisories.
    Eol,
    /// A blocking gap in the coverage.
    Gaps,
    /// Any gap, notes too.
    GapsAll,
    /// A finding that is known to be exploited.
    Kev,
    /// A finding that a newer version mends.
    Fixable,
}

/// A parsed `--fail-on`: conditions, OR-ed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Gate {
    conditions: Vec<(Condition, Scope)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scope {
    /// Every finding.
    All,
    /// Only findings that the baseline does not have.
    New,
}

/// A word in `--fail-on` that is no condition.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{word}` is no condition of `--fail-on`")]
pub struct UnknownCondition {
    /// The word.
    pub word: String,
}

impl UnknownCondition {
    /// Returns what to do.
    pub fn hint(&self) -> String {
        let names: Vec<&str> = WORDS.iter().map(|(name, _)| *name).collect();
        format!("take any of {}, or `new-` before one of them with `--baseline`", names.join(", "))
    }
}

/// The words of `--fail-on`.
const WORDS: &[(&str, Condition)] = &[
    ("critical", Condition::Severity(Severity::Critical)),
    ("high", Condition::Severity(Severity::High)),
    ("medium", Condition::Severity(Severity::Medium)),
    ("low", Condition::Severity(Severity::Low)),
    ("negligible", Condition::Severity(Severity::Negligible)),
    ("unknown", Condition::Severity(Severity::Unknown)),
    ("any", Condition::Any),
    ("eol", Condition::Eol),
    ("gaps", Condition::Gaps),
    ("gaps=all", Condition::GapsAll),
    ("kev", Condition::Kev),
    ("fixable", Condition::Fixable),
];

impl Filters {
    /// Sets aside what the filters leave out; what is set aside already keeps its reason.
    pub fn apply(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.counts()) {
            let severity = finding.severity;
            if !self.severities.is_empty() && !self.severities.contains(&severity) {
                finding.set_aside = Some(SetAside {
                    by: "severity filter".to_owned(),
                    reason: format!("severity {} was not asked for", severity.name()),
                });
            } else if self.only_fixed && !finding.is_fixable() {
                finding.set_aside = Some(SetAside {
                    by: "only-fixed filter".to_owned(),
                    reason: format!("no version mends it ({})", finding.state.name()),
                });
            }
        }
    }
}

impl Gate {
    /// Reads words such as `critical`, `gaps=all`, `new-high`.
    ///
    /// # Errors
    /// The first word that is no condition.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownCondition> {
        let mut conditions = Vec::new();
        for word in words {
            let word = word.trim();
            let (scope, name) = match word.strip_prefix("new-") {
                Some(name) => (Scope::New, name),
                None => (Scope::All, word),
            };
            let Some((_, condition)) = WORDS.iter().find(|(known, _)| *known == name) else {
                return Err(UnknownCondition { word: word.to_owned() });
            };
            conditions.push((*condition, scope));
        }
        Ok(Self { conditions })
    }

    /// Returns whether nothing was asked for: then the gate always holds.
    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Returns whether a condition looks only at what a baseline has not.
    pub fn needs_baseline(&self) -> bool {
        self.conditions.iter().any(|(_, scope)| *scope == Scope::New)
    }

    /// Returns whether the gate cannot be judged without the facts of a namespace: CISA's list for
    /// `kev`, the CVE details for a severity.
    pub fn needs(&self, namespace: &str) -> bool {
        self.conditions.iter().any(|(condition, _)| match condition {
            Condition::Kev => namespace == "kev",
            Condition::Severity(_) => namespace.starts_with("cve:"),
            _ => false,
        })
    }

    /// Returns why the gate fails, one sentence a condition in the order asked; empty when it holds.
    pub fn failures(&self, report: &Report, baseline: Option<&Report>) -> Vec<String> {
        let known: BTreeSet<(String, &str)> = baseline.map(keys).unwrap_or_default();
        self.conditions
            .iter()
            .filter_map(|(condition, scope)| match condition {
                Condition::Eol => eol(report),
                Condition::Gaps => gaps(report, GapKind::is_blocking),
                Condition::GapsAll => gaps(report, |_| true),
                _ => findings(report, *condition, *scope, &known),
            })
            .collect()
    }
}

fn findings(
    report: &Report,
    condition: Condition,
    scope: Scope,
    known: &BTreeSet<(String, &str)>,
) -> Option<String> {
    let count = report
        .findings
        .iter()
        .flatten()
        .filter(|finding| finding.counts())
        .filter(|finding| match condition {
            Condition::Severity(severity) => finding.severity == severity,
            Condition::Kev => finding.kev.is_some(),
            Condition::Fixable => finding.is_fixable(),
            _ => true,
        })
        .filter(|finding| scope == Scope::All || !known.contains(&key(report, finding)))
        .count();
    let what = match condition {
        Condition::Severity(severity) => format!("{} severity", severity.name()),
        Condition::Kev => "known exploitation".to_owned(),
        Condition::Fixable => "a fix".to_owned(),
        _ => "any severity".to_owned(),
    };
    let new = if scope == Scope::New { "new " } else { "" };
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| format!("{count} {new}finding{plural} with {what}"))
}

fn eol(report: &Report) -> Option<String> {
    let distro = report.distro.as_ref()?;
    let eol = distro.eol.as_ref().filter(|eol| eol.ended)?;
    Some(format!("{} is past its end of life ({})", distro.name, eol.date))
}

fn gaps(report: &Report, asked: fn(GapKind) -> bool) -> Option<String> {
    let count = report.coverage.gaps.iter().filter(|gap| asked(gap.kind)).count();
    if count > 0 {
        let plural = if count == 1 { "" } else { "s" };
        return Some(format!("{count} gap{plural} in the coverage"));
    }
    (report.coverage.verdict == plimsoll_model::Verdict::None)
        .then(|| "no package was judged".to_owned())
}

/// What makes a finding the same in two reports: type and name of its package, and its id.
fn key<'a>(report: &Report, finding: &'a Finding) -> (String, &'a str) {
    let package = report.packages.iter().find(|package| package.id == finding.package);
    (package.map_or(String::new(), |p| format!("{}/{}", p.kind, p.name)), finding.id.as_str())
}

fn keys(report: &Report) -> BTreeSet<(String, &str)> {
    report
        .findings
        .iter()
        .flatten()
        .filter(|finding| finding.counts())
        .map(|finding| key(report, finding))
        .collect()
}

#[cfg(test)]
mod tests;
