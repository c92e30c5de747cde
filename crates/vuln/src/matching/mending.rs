//! Which versions mend a weakness: those that a record names as the fix, and that no record of the weakness
//! calls affected.
//!
//! Ranges of a record may touch (`[1.0, 2.0)`, `[2.0, 3.0)`), and records of one weakness may disagree: a
//! version at which the next range begins mends nothing.

use std::cmp::Ordering;

use plimsoll_model::{Class, Finding, State};

use super::query::{Query, Subject};
use super::verdicts::Candidate;

/// Returns the fixed versions of the record that mend what is installed, lowest first: those of older
/// branches do not, nor do those of a library that the record itself calls affected.
pub(super) fn versions(candidate: Candidate<'_>) -> Vec<String> {
    let Candidate { advisory, query, subject, .. } = candidate;
    let fixed = advisory.fixed_versions.iter();
    let newer = fixed.filter(|fixed| is_newer(query, subject, fixed));
    newer.filter(|fixed| !holds(candidate, fixed)).cloned().collect()
}

/// Leaves out of a finding the fixed versions that another record of its weakness calls affected, where any
/// other remains.
pub(super) fn leave_out_contested(group: &[Candidate<'_>], found: &mut Finding) {
    let counting = |one: &&Candidate<'_>| {
        one.advisory.class != Class::Informational && one.advisory.state != State::NotAffected
    };
    let is_sound = |fixed: &&String| !group.iter().filter(counting).any(|one| holds(*one, fixed));
    let sound: Vec<String> = found.fixed_versions.iter().filter(is_sound).cloned().collect();
    if !sound.is_empty() {
        found.fixed_versions = sound;
    }
}

fn is_newer(query: &Query, subject: &Subject, fixed: &str) -> bool {
    query.scheme.compare(fixed, &subject.version) != Ok(Ordering::Less)
}

/// Returns whether a record of a library calls a version affected.
fn holds(candidate: Candidate<'_>, version: &str) -> bool {
    let Candidate { advisory, query, .. } = candidate;
    let row = plimsoll_model::ecosystem::find(&query.namespace);
    let version = row.map_or(version, |row| (row.plain_bound)(version));
    query.row.is_none() && matches!(advisory.affected.hit(query.scheme, version), Ok(Some(_)))
}
