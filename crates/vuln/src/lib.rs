//! What is known to be wrong: shards, matchers, policy, advice.
//!
//! In come packages and the shards of a database; out go findings with their proof. This crate never
//! knows where advisories come from: whoever holds shards implements [`Database`].

pub mod advice;
pub mod cpe;
pub mod database;
pub mod embedded;
pub mod enrich;
pub mod folder;
pub mod known_jars;
pub mod manifest;
pub mod matching;
pub mod osv;
pub mod policy;
pub mod shard;

pub use database::{Database, DatabaseError, Details, ReleaseInfo};
pub use embedded::EmbeddedDatabase;
pub use enrich::{Facts, enrich};
pub use folder::FolderDatabase;
pub use manifest::{Manifest, ManifestError, ShardEntry};
pub use matching::{Judged, MATCHERS, Negative, judge};
pub use shard::{Built, RowKind, Shard, ShardBuilder, ShardError, ShardMeta};
