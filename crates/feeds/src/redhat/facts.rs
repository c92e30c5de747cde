//! What a document says of each product id beside its status: severity, rating, reason, advisory.

use std::collections::HashMap;

use plimsoll_model::{Cvss, Severity, State};

use super::document::{Document, Rating, Text, Vulnerability};
use crate::rating::rating;
use crate::text::cut;

/// Most ratings of one document.
pub(super) const MAX_RATINGS: usize = 64;
/// Who rates.
const SOURCE: &str = "redhat";
/// Longest reason that is kept, in characters.
const MAX_NOTE_CHARS: usize = 100;

/// What stands beside the statuses of one vulnerability.
pub(super) struct Facts<'d> {
    /// The severity of the document as a whole.
    severity: Option<Severity>,
    severities: HashMap<&'d str, Severity>,
    /// The ratings that [`Facts::rating_of`] tells the places of.
    pub(super) ratings: Vec<Vec<Cvss>>,
    rated: HashMap<&'d str, usize>,
    reasons: HashMap<&'d str, State>,
    advisories: HashMap<&'d str, &'d str>,
    labels: HashMap<&'d str, &'d str>,
}

impl<'d> Facts<'d> {
    pub(super) fn new(document: &'d Document<'d>, vulnerability: &'d Vulnerability<'d>) -> Self {
        let aggregate = document.head.aggregate_severity.as_ref();
        let mut facts = Self {
            severity: aggregate.and_then(|severity| Severity::from_word(&severity.text)),
            severities: HashMap::new(),
            ratings: Vec::new(),
            rated: HashMap::new(),
            reasons: HashMap::new(),
            advisories: HashMap::new(),
            labels: HashMap::new(),
        };
        facts.take_threats(vulnerability);
        facts.take_scores(vulnerability);
        facts.take_remediations(vulnerability);
        for flag in &vulnerability.flags {
            put_all(&mut facts.labels, &flag.product_ids, &*flag.label);
        }
        facts
    }

    /// Returns how severe it is for this product id.
    pub(super) fn severity_of(&self, id: &str) -> Option<Severity> {
        self.severities.get(id).copied().or(self.severity)
    }

    /// Returns the place of the rating for this product id; a document with one rating means all.
    pub(super) fn rating_of(&self, id: &str) -> Option<usize> {
        let only = (self.ratings.len() == 1).then_some(0);
        self.rated.get(id).copied().or(only)
    }

    /// Returns what is to become of an affected product id.
    pub(super) fn state_of(&self, id: &str) -> State {
        self.reasons.get(id).copied().unwrap_or(State::Affected)
    }

    /// Returns the address of the advisory that brought the fixed build.
    pub(super) fn advisory_of(&self, id: &str) -> Option<&'d str> {
        self.advisories.get(id).copied()
    }

    /// Returns why a product id is not affected: `vulnerable code not present`.
    pub(super) fn note_of(&self, id: &str) -> Option<String> {
        let label = cut(&self.labels.get(id)?.replace('_', " "), MAX_NOTE_CHARS);
        (!label.is_empty()).then_some(label)
    }

    fn take_threats(&mut self, vulnerability: &'d Vulnerability<'d>) {
        for threat in vulnerability.threats.iter().filter(|threat| &*threat.category == "impact") {
            if let Some(severity) = Severity::from_word(&threat.details) {
                put_all(&mut self.severities, &threat.product_ids, severity);
                self.severity = self.severity.or(Some(severity));
            }
        }
    }

    fn take_scores(&mut self, vulnerability: &'d Vulnerability<'d>) {
        for score in vulnerability.scores.iter().take(MAX_RATINGS) {
            let stated = [&score.cvss_v4, &score.cvss_v3, &score.cvss_v2];
            let ratings: Vec<Cvss> = stated.into_iter().flatten().filter_map(checked).collect();
            if !ratings.is_empty() {
                put_all(&mut self.rated, &score.products, self.ratings.len());
                self.ratings.push(ratings);
            }
        }
    }

    fn take_remediations(&mut self, vulnerability: &'d Vulnerability<'d>) {
        for remediation in &vulnerability.remediations {
            let reason = match (&*remediation.category, &*remediation.details) {
                ("none_available", "Fix deferred") => State::FixDeferred,
                ("none_available", _) => State::Affected,
                ("no_fix_planned", "Out of support scope") => State::EndOfLife,
                ("no_fix_planned", _) => State::WillNotFix,
                ("vendor_fix", _) => {
                    if let Some(url) = remediation.url.as_deref().filter(|url| is_address(url)) {
                        put_all(&mut self.advisories, &remediation.product_ids, url);
                    }
                    continue;
                }
                _ => continue,
            };
            put_all(&mut self.reasons, &remediation.product_ids, reason);
        }
    }
}

/// The first word on a product id counts.
fn put_all<'d, T: Copy>(map: &mut HashMap<&'d str, T>, ids: &'d [Text<'d>], value: T) {
    for id in ids {
        map.entry(&**id).or_insert(value);
    }
}

fn checked(stated: &Rating<'_>) -> Option<Cvss> {
    let vector = &*stated.vector_string;
    let version = match &*stated.version {
        "" => vector.strip_prefix("CVSS:").and_then(|rest| rest.split('/').next()).unwrap_or("2.0"),
        version => version,
    };
    rating(SOURCE, version, vector, stated.base_score)
}

fn is_address(url: &str) -> bool {
    url.starts_with("https://") && url.len() <= 200 && !url.contains(char::is_whitespace)
}
