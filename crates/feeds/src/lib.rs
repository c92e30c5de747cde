//! Upstream advisories: fetched, parsed, built into shards.
