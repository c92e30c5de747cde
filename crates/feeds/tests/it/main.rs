//! The feeds against fixtures, and against a mirror with real data where one is there.

#![allow(clippy::unwrap_used)]

mod build;
mod cve5;
mod damage;
mod eol_cases;
mod fixtures;
mod lazy;
mod osv;
mod oval;
mod real;
mod redhat;
mod support;
mod updates;
