//! The client against a small server on loopback, written out in bytes.

#![allow(clippy::unwrap_used)]

mod client;
mod mirror;
mod street;
