//! Images and folders read as a stream into a tree.
//!
//! In comes what the user named (`docker-archive:shop.tar`, `oci:layout:1.2`, a folder) and the
//! [`Readers`](plimsoll_model::Readers) that say which files matter; out goes the merged [`Tree`]
//! with what was kept of those files. Nothing is unpacked to disk and nothing of a target is run.
//! This crate never knows a package format.

mod archive;
pub mod cache;
mod describe;
mod digest;
mod dir;
mod docker;
mod door;
mod error;
#[cfg(test)]
mod fixture;
mod folder;
#[doc(hidden)]
pub mod fuzzing;
mod image;
mod inflate;
mod keys;
mod layers;
mod layout;
mod manifest;
mod names;
mod open;
mod path;
mod pile;
mod platform;
mod progress;
mod read;
mod reference;
pub mod sandbox;
mod select;
mod sieve;
mod store;
mod waiting;

pub use error::SourceError;
pub use image::ImageConfig;
pub use platform::Platform;
pub use progress::{Progress, Silent};
pub use read::{Contents, Options, read};
pub use reference::{Reference, Select};
