//! What a shard says of itself, kept as JSON in its first section.

use serde::{Deserialize, Serialize};

/// Where a shard comes from and what it holds.
///
/// ```json
/// {"namespace":"alpine:3.17","title":"Alpine secdb","addresses":["https://…/main.json"],
///  "licence":"MIT","updated":"2026-08-20T04:11:09Z","records":7319,"dropped":2,
///  "rows":"advisories","reader":1}
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ShardMeta {
    /// `alpine:3.17`, `npm`, `cve:2023`, `epss`.
    pub namespace: String,
    /// The feed's name for people: `Alpine secdb`.
    pub title: String,
    /// The addresses that it was read from, in the order they were read.
    pub addresses: Vec<String>,
    /// The licence of the feed's data; empty when none is stated.
    pub licence: String,
    /// The feed's own stamp, as it writes it or as RFC 3339; empty when it has none. Never the time
    /// of the build.
    pub updated: String,
    /// Rows in the shard; [`super::ShardBuilder::finish`] sets it.
    pub records: u64,
    /// Records of the feed that could not be used.
    pub dropped: u64,
    /// What the rows are.
    pub rows: RowKind,
    /// The version of the code that read the feed; a newer one makes cached shards old.
    pub reader: u32,
    /// Holds only a few hand-picked advisories: what it does not name is not judged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Holds far fewer records than the feed should have: what it does not name may be wrong all the
    /// same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub thin: bool,
}

/// What the rows of a shard are.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// [`plimsoll_model::Advisory`], keyed by package name.
    #[default]
    Advisories,
    /// [`plimsoll_model::Detail`], keyed by CVE id.
    Details,
    /// [`plimsoll_model::Epss`], keyed by CVE id.
    Epss,
    /// [`plimsoll_model::Kev`], keyed by CVE id.
    Kev,
    /// [`plimsoll_model::EolRelease`], keyed by product.
    Eol,
    /// Something else, known to whoever asks.
    Other,
}

impl RowKind {
    /// Returns the word that the meta section uses: `advisories`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Advisories => "advisories",
            Self::Details => "details",
            Self::Epss => "epss",
            Self::Kev => "kev",
            Self::Eol => "eol",
            Self::Other => "other",
        }
    }

    /// Returns whether rows are written as their type is, without a form of their own.
    pub(super) fn is_plain(self) -> bool {
        matches!(self, Self::Kev | Self::Eol | Self::Other)
    }

    /// Bytes of rows that a block collects before it is closed. What is looked up one by one has
    /// small blocks, texts that pack well have larger ones.
    pub(super) fn block_bytes(self) -> usize {
        match self {
            Self::Advisories | Self::Other => 4 * 1024,
            Self::Details | Self::Epss | Self::Kev | Self::Eol => 16 * 1024,
        }
    }
}

impl std::fmt::Display for RowKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
