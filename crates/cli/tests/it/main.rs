//! The whole program, run as people run it: wiring, exit codes, output, bad input.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::format_collect,
    clippy::format_push_string,
    reason = "a test fails by panicking, and names what it skips"
)]

mod bad_input;
mod config;
mod declared;
mod gate;
mod gathered;
mod help;
mod jars;
mod mirror;
mod order;
mod real_images;
mod report;
mod rpm;
mod shop;
mod support;
