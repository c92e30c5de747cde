//! What the crate promises, seen from outside.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::io::Write as _;
use std::path::PathBuf;

mod cases;
mod embedded;
mod jars;
mod libraries;
mod osv;
mod release;
mod rules;
mod shard;

/// Finds a file of `../shared`; where it is not there, says so by the name of the test.
fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    // Not `eprintln!`: the test runner would keep it to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: ../shared is not there");
    None
}
