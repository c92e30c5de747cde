//! The writers on one rich sample report, on odd ones, and on any text at all.

mod any_text;
mod json;
mod sample;
mod tables;
mod why;
