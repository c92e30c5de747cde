//! Why a package that another scanner lists is not in our list: a table of reasons.
//!
//! Each reason is checked against the data of the row it explains; the first that holds is told.

use super::inventory::{Inventory, Item};

/// One reason.
pub(crate) struct Reason {
    /// A few words: `declared, not installed`.
    pub(crate) name: &'static str,
    /// One sentence.
    pub(crate) sentence: &'static str,
    /// Whether it is true of a package that only they list, by what they and we wrote.
    pub(crate) holds: fn(&Item, &Inventory) -> bool,
}

/// The reasons, the most telling first.
pub(crate) const REASONS: &[Reason] = &[Reason {
    name: "declared, not installed",
    sentence: "their place is a lock file or manifest, which tells what is asked for; --declared reads it",
    holds: declared,
}];

/// Files that tell what is asked for.
const DECLARING: [&str; 4] = ["package-lock.json", "yarn.lock", "Cargo.lock", "requirements.txt"];

fn declared(theirs: &Item, _ours: &Inventory) -> bool {
    let file = theirs.place.rsplit('/').next().unwrap_or_default();
    DECLARING.contains(&file)
}
