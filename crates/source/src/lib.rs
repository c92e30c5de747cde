//! Images and folders read as a stream into a tree.
//!
//! In comes what the user named (`docker-archive:shop.tar`, `oci:layout:1.2`, a folder) and the
//! [`Readers`](plimsoll_model::Readers) that say which files matter; out goes the merged [`Tree`]
//! with what was kept of those files. Nothing is unpacked to disk and nothing of a target is run.
//! This crate never knows a package format.

mod error;
mod image;
mod path;
pub mod sandbox;
mod sieve;

pub use error::SourceError;
pub use image::ImageConfig;
