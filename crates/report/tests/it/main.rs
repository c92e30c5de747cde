//! The writers on one rich sample report, on odd ones, and on any text at all.

// What the lint has no eye for: helpers of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod any_text;
mod json;
mod sample;
mod tables;
mod why;
