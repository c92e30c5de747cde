//! Archives and programs that no package explains.

use std::collections::{HashMap, HashSet};

use crate::catalogue::{Catalogued, evidence_path, outermost};
use crate::owned::{self, Owned};

/// Leaves the artifacts that nothing explains: those at whose path no package was found, and whose file
/// belongs to no package of the distribution. Sorts them.
pub(crate) fn explain(found: &mut Catalogued, owned: &Owned) {
    let hash_of = |path: &str| owned::hash(outermost(path).as_bytes());
    let hashes = found.artifacts.iter().map(|artifact| hash_of(&artifact.path));
    let owners: HashMap<u64, usize> = owned.owners(hashes);
    let places: HashSet<&str> = found.packages.iter().map(evidence_path).collect();
    found.artifacts.retain(|artifact| {
        !places.contains(artifact.path.as_str()) && !owners.contains_key(&hash_of(&artifact.path))
    });
    found.artifacts.sort();
    found.artifacts.dedup();
}
