//! Every cataloguer on its fixtures, and the distribution on the peers' cases.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // Tests may; the helpers are no test functions.

mod cases;
mod declared;
mod fixtures;
mod go;
mod hidden;
mod image;
mod jvm;
mod links;
mod pacman;
mod rpm;
mod rpm_tool;
