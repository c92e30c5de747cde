//! The one window to the street: HTTP with retries, proxies, an offline switch and a mirror.
//!
//! In comes an address; out goes a bounded stream of its bytes, from the network or from a mirror.
//! Proxies come from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, roots from the system or
//! `SSL_CERT_FILE`. This crate never knows a word of the domain: no packages, no advisories.

mod client;
mod error;
mod mirror;
mod pause;
mod response;

pub use client::{Client, Limits, Options};
pub use error::NetError;
pub use mirror::{MAX_ADDRESS_BYTES, Mirror};
pub use response::{Progress, Response, Silent};
