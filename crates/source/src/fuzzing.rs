//! Doors into this crate for the targets in `fuzz/`, and for nothing else: no part of its interface.
//!
//! Each takes foreign bytes as one step of [`read`](crate::read()) gets them, without threads and
//! without a sandbox, so that a fuzzer sees all that is run.

use std::fs::File;
use std::io;
use std::path::Path;

use plimsoll_model::tree::{Content, Missing};
use plimsoll_model::{LayerListing, Problem, Readers};

use crate::cache::Cache;
use crate::error::SourceError;
use crate::inflate::{Compression, Digests, Hashing, sniff, stream};
use crate::platform::Platform;
use crate::reference::Reference;
use crate::sieve::{Budget, Feed, MAX_LARGE_BODIES_BYTES, Sieve, Walk, look, sift};

/// Returns whether bytes are taken for a layer that is not compressed.
pub fn is_plain(bytes: &[u8]) -> bool {
    sniff(bytes) == Compression::None
}

/// Sifts a layer, compressed or not, as a stream.
pub fn sift_stream(
    mut bytes: &[u8],
    readers: &dyn Readers,
    max_entries: usize,
) -> io::Result<LayerListing> {
    with_sieve(readers, max_entries, |sieve| {
        stream(&mut bytes, Hashing::Off, |feed| sift(feed, sieve)).map(|(listing, _)| listing)
    })
}

/// Sifts a layer that is not compressed and is the whole of a file by jumping over bodies.
pub fn sift_file(
    file: &File,
    readers: &dyn Readers,
    max_entries: usize,
) -> io::Result<LayerListing> {
    let length = file.metadata()?.len();
    with_sieve(readers, max_entries, |sieve| sift(&mut Walk::new(file, 0, length, &|_| ()), sieve))
}

/// What a second look brought for each file that it found.
pub type Found = Vec<(Missing, Content)>;

/// Looks into a layer again for some of its files.
pub fn look_again(
    mut bytes: &[u8],
    missing: &[Missing],
    readers: &dyn Readers,
) -> io::Result<(Found, Vec<Problem>)> {
    with_sieve(readers, usize::MAX, |sieve| {
        stream(&mut bytes, Hashing::Off, |feed| look(feed, missing, sieve)).map(|(found, _)| found)
    })
}

/// Inflates and hashes a layer, and reads no more than `most_bytes` of what it inflates to; returns
/// how many bytes came.
pub fn inflate(mut bytes: &[u8], most_bytes: u64) -> io::Result<u64> {
    let read = |feed: &mut dyn Feed| {
        let count = feed.skip(most_bytes)?;
        if count == most_bytes {
            return Err(io::Error::other("it is not read on"));
        }
        Ok(count)
    };
    stream(&mut bytes, Hashing::All, read).map(|(count, _)| count)
}

/// Opens an image without reading its layers; returns how many it has.
pub fn open(reference: &Reference, platform: Option<&Platform>) -> Result<usize, SourceError> {
    crate::open::open(reference, platform).map(|image| image.layers.len())
}

/// Returns what a layer cache in `folder` has for `diff_id` and these readers.
pub fn recall(folder: &Path, fingerprint: u64, diff_id: &str) -> Option<LayerListing> {
    Cache::new(folder, fingerprint).listing(diff_id)
}

/// Puts a listing into a layer cache in `folder`.
pub fn keep(folder: &Path, fingerprint: u64, diff_id: &str, listing: &LayerListing) {
    let digests = Digests { stored: diff_id.to_owned(), diff_id: diff_id.to_owned() };
    Cache::new(folder, fingerprint).keep(&digests, listing);
}

fn with_sieve<T>(
    readers: &dyn Readers,
    max_entries: usize,
    work: impl FnOnce(&Sieve<'_>) -> T,
) -> T {
    let budget = Budget::new(MAX_LARGE_BODIES_BYTES);
    work(&Sieve { readers, budget: &budget, kept: &|_, _| (), grown: &|_| (), max_entries })
}
