//! Whole targets, read from the file to the merged tree.

#![allow(clippy::print_stderr, reason = "what is skipped is said")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cache;
mod damage;
mod folder;
mod images;
mod layers;
mod shared;
