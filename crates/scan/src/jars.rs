//! Archives that the catalogue is not sure of, looked up by their digests.
//!
//! Only the shards of the digests at hand are asked for (`jars:ab`). A database that has none of them says
//! so without a look at the network, and then nothing is known and nothing is missing.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::Catalogued;
use plimsoll_model::report::Layer;
use plimsoll_model::{Gap, GapKind};
use plimsoll_vuln::matching::info;
use plimsoll_vuln::{Database, DatabaseError, Judged, ShardError, known_jars};

/// Puts right what digests tell. What could not be had is told in `judged`, and the shards that were asked.
///
/// # Errors
/// A damaged shard.
pub(crate) fn identify(
    catalogued: &mut Catalogued,
    layers: &[Layer],
    database: &dyn Database,
    judged: &mut Judged,
) -> Result<(), ShardError> {
    let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for artifact in catalogued.archives_in_doubt() {
        if let Some(digest) = known_jars::parse_digest(&artifact.digest) {
            wanted.entry(known_jars::namespace(&digest)).or_default().insert(&artifact.digest);
        }
    }
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (namespace, digests) in wanted {
        let shard = match database.shard(&namespace) {
            Ok(shard) => shard,
            Err(DatabaseError::NoFeed { .. }) => continue,
            Err(error) => {
                judged.gaps.push(Gap {
                    kind: GapKind::FeedUnavailable,
                    subject: namespace.clone(),
                    detail: error.to_string(),
                });
                judged.unavailable.push(namespace);
                continue;
            }
        };
        for text in digests {
            let Some(digest) = known_jars::parse_digest(text) else { continue };
            let names = known_jars::find(&shard, &digest)?;
            if !names.is_empty() {
                known.insert(text.to_owned(), names);
            }
        }
        judged.shards.push(info(&shard));
    }
    if !known.is_empty() {
        catalogued.take_known(&known, layers);
    }
    Ok(())
}
