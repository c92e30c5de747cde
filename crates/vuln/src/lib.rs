//! What is known to be wrong: shards, matchers, policy, advice.
//!
//! In come packages and the shards of a database; out go findings with their proof. This crate never
//! knows where advisories come from: whoever holds shards implements [`Database`].
