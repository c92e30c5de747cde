//! Archives made by the `tar` crate and by hand, through the walk and as a stream.

use std::io::Write;
use std::sync::Mutex;

use plimsoll_model::FileYield;
use plimsoll_model::want::{Want, WantSet};

use super::*;
use crate::inflate::{Hashing, stream};

/// Row 0 keeps whole files, row 1 takes the length of others, row 2 panics.
struct Stub {
    wants: WantSet,
    limit: u64,
}

impl Stub {
    fn new() -> Self {
        let rows: &[&[Want]] =
            &[&[Want::Name("keep")], &[Want::Suffix(".jar")], &[Want::Name("panic")]];
        Self { wants: WantSet::new(rows), limit: 20 << 20 }
    }
}

impl Readers for Stub {
    fn wants(&self) -> &WantSet {
        &self.wants
    }

    fn tree_rows(&self) -> u128 {
        1
    }

    fn max_body_bytes(&self, _rows: u128) -> u64 {
        self.limit
    }

    fn fingerprint(&self) -> u64 {
        1
    }

    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        assert!(rows & 4 == 0, "a test of panics");
        let name = format!("{path} {} {}", body.len(), xxhash_rust::xxh3::xxh3_64(body));
        let package = plimsoll_model::Package { name, ..Default::default() };
        vec![(1, FileYield { packages: vec![package], problems: Vec::new() })]
    }
}

fn sift_with(archive: &[u8], stub: &Stub, max_entries: usize) -> LayerListing {
    let budget = Budget::new(1 << 20);
    let heard = Mutex::new(Vec::new());
    let kept = |path: &str, body: &Arc<[u8]>| {
        heard.lock().unwrap().push((path.to_owned(), body.len()));
    };
    let sieve = Sieve { readers: stub, budget: &budget, kept: &kept, max_entries };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&[&[7; 100], archive, &[9; 5000]].concat()).unwrap();
    let walked = sift(&mut Walk::new(&file, 100, archive.len() as u64, &|_| ()), &sieve).unwrap();
    let mut source = archive;
    let streamed = stream(&mut source, Hashing::All, |feed| sift(feed, &sieve)).unwrap();
    assert_eq!(streamed.1.unwrap().diff_id, crate::digest::sha256(archive));
    assert_eq!(walked, streamed.0, "both ways yield the same");
    let heard = heard.into_inner().unwrap();
    assert_eq!(heard[..heard.len() / 2], heard[heard.len() / 2..]);
    walked
}

fn sifted(archive: &[u8]) -> LayerListing {
    sift_with(archive, &Stub::new(), MAX_ENTRIES)
}

fn paths(listing: &LayerListing) -> Vec<String> {
    listing.entries().map(|entry| format!("{:?} {}", entry.kind, entry.path)).collect()
}

fn body<'a>(listing: &'a LayerListing, path: &str) -> Option<&'a [u8]> {
    let entry = listing.entries().filter(|entry| entry.path == path).last()?;
    listing.content(entry.content?)?.body.as_deref()
}

fn details(listing: &LayerListing) -> Vec<(&str, Option<GapKind>)> {
    listing.problems.iter().map(|problem| (problem.detail.as_str(), problem.gap)).collect()
}

/// A ustar header with a right sum, and the body padded.
fn member(name: &[u8], kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = head(name, kind, body.len() as u64, b"");
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn head(name: &[u8], kind: u8, size: u64, link: &[u8]) -> Vec<u8> {
    let mut block = vec![0u8; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..136].copy_from_slice(&(size | 0x80 << 56).to_be_bytes().map_or_number(size));
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

trait Field {
    fn map_or_number(self, size: u64) -> [u8; 12];
}

impl Field for [u8; 8] {
    /// Octal where it fits, else base 256.
    fn map_or_number(self, size: u64) -> [u8; 12] {
        let mut field = [0; 12];
        if size < 8 << 30 {
            field.copy_from_slice(format!("{size:011o}\0").as_bytes());
        } else {
            field[0] = 0x80;
            field[4..].copy_from_slice(&size.to_be_bytes());
        }
        field
    }
}
