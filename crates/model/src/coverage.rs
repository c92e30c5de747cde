//! The coverage verdict: what was judged, what was not, and why.

use serde::{Deserialize, Serialize};

/// What a report could judge and what it could not.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Coverage {
    /// The verdict that follows from the rest.
    pub verdict: Verdict,
    /// How many packages there are and how many a feed judged.
    pub packages: PackageCount,
    /// What is missing, sorted by kind and subject, no two alike.
    pub gaps: Vec<Gap>,
}

/// Packages in all, and those that were judged.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct PackageCount {
    /// All packages found.
    pub total: u64,
    /// Those for which a feed was asked.
    pub judged: u64,
}

/// One thing that the report does not know.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Gap {
    /// What kind of hole it is.
    pub kind: GapKind,
    /// What it is about: a namespace, a path, a package.
    pub subject: String,
    /// One sentence for people.
    pub detail: String,
}

/// The kinds of gaps. All but the last two make a report `partial`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// There is no feed for these packages, or it is not read yet.
    NoFeed,
    /// There is a feed, but it could not be had.
    FeedUnavailable,
    /// The release gets no more advisories.
    EndOfLife,
    /// The data is older than its feed's rhythm allows.
    Stale,
    /// Only the few advisories inside the program were asked.
    EmbeddedOnly,
    /// Something could not be read.
    Unreadable,
    /// Something was cut off at a limit.
    Limit,
    /// A package database of a lower layer was removed by an upper one.
    DatabaseRemoved,
    /// Findings whose severity nobody states.
    NoSeverity,
    /// A library that nothing identifies. A note: it does not block.
    Unidentified,
    /// A program that no package owns. A note: it does not block.
    UnownedExecutable,
}

impl GapKind {
    /// Returns whether a gap of this kind makes the report partial.
    pub fn is_blocking(self) -> bool {
        !matches!(self, Self::Unidentified | Self::UnownedExecutable)
    }

    /// Returns the name as the JSON report writes it: `no_feed`.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoFeed => "no_feed",
            Self::FeedUnavailable => "feed_unavailable",
            Self::EndOfLife => "end_of_life",
            Self::Stale => "stale",
            Self::EmbeddedOnly => "embedded_only",
            Self::Unreadable => "unreadable",
            Self::Limit => "limit",
            Self::DatabaseRemoved => "database_removed",
            Self::NoSeverity => "no_severity",
            Self::Unidentified => "unidentified",
            Self::UnownedExecutable => "unowned_executable",
        }
    }
}

/// Returns the first `most` of some names for a sentence, and how many more there are: `a, b and 3 more`.
pub fn some_of(names: &[String], most: usize) -> String {
    let shown = names.get(..most).unwrap_or(names).join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// How far a report can be trusted to be whole.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No blocking gap.
    Complete,
    /// At least one blocking gap.
    Partial,
    /// No package was judged by a feed.
    None,
}

impl Verdict {
    /// Returns the word as the JSON report writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::None => "none",
        }
    }
}

impl Coverage {
    /// Draws the verdict from counts and gaps; sorts the gaps and drops doubles.
    ///
    /// No package judged is `none`, also where there is no package at all; a blocking gap is
    /// `partial`; else `complete`.
    pub fn new(packages: PackageCount, mut gaps: Vec<Gap>) -> Self {
        gaps.sort();
        gaps.dedup();
        let verdict = if packages.judged == 0 {
            Verdict::None
        } else if gaps.iter().any(|gap| gap.kind.is_blocking()) {
            Verdict::Partial
        } else {
            Verdict::Complete
        };
        Self { verdict, packages, gaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_the_first_and_counts_the_others() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(some_of(&names, 2), "a, b and 1 more");
        assert_eq!(some_of(&names, 3), "a, b, c");
        assert_eq!(some_of(&[], 3), "");
    }
}
