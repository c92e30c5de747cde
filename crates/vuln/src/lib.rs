//! What is known to be wrong: shards, matchers, policy, advice.
