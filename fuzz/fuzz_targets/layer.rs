//! Layers, from the bytes of a tar to the list of packages: bytes that begin as a tar as they are,
//! others as a recipe for up to three layers. The walk over a file and the stream must agree, and
//! so must a layer out of the cache.

#![no_main]

use std::io;
use std::sync::OnceLock;

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{CatalogReaders, catalogue, readers};
use plimsoll_fuzz::{Scratch, tar};
use plimsoll_model::report::Layer;
use plimsoll_model::{FileYield, LayerListing, Readers, Tree, WantSet};
use plimsoll_source::fuzzing;

/// Few, so that the limit is met.
const MAX_ENTRIES: usize = 40;
const DIFF_ID: &str = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

/// The readers, but none takes a body that costs seconds to fill with zeros.
struct Small(CatalogReaders);

impl Readers for Small {
    fn wants(&self) -> &WantSet {
        self.0.wants()
    }

    fn tree_rows(&self) -> u128 {
        self.0.tree_rows()
    }

    fn max_body_bytes(&self, rows: u128) -> u64 {
        self.0.max_body_bytes(rows).min(1 << 20)
    }

    fn fingerprint(&self) -> u64 {
        self.0.fingerprint()
    }

    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        self.0.read(path, rows, body)
    }
}

fuzz_target!(|data: &[u8]| {
    static READERS: OnceLock<Small> = OnceLock::new();
    let readers = READERS.get_or_init(|| Small(readers(false)));
    let archives = archives(data);
    let mut tree = Tree::new();
    let mut layers = Vec::new();
    for (index, archive) in archives.iter().enumerate() {
        let index = index as u32;
        let Ok(listing) = sift(archive, readers) else { return };
        if data.len() % 16 == 0 {
            check_cache(&listing, readers);
        }
        tree.apply(index, listing);
        layers.push(Layer { index, diff_id: format!("sha256:{index:064}"), ..Layer::default() });
    }
    for _ in 0..4 {
        let missing = tree.missing(readers.wants());
        for (index, archive) in archives.iter().enumerate() {
            let here: Vec<_> =
                missing.iter().filter(|one| one.layer as usize == index).cloned().collect();
            if here.is_empty() {
                continue;
            }
            let Ok((found, _)) = fuzzing::look_again(archive, &here, readers) else { continue };
            for (one, content) in found {
                tree.supply(&one, &content);
            }
        }
        if missing.is_empty() {
            break;
        }
    }
    let found = catalogue(&tree, &plimsoll_catalog::readers(false), &layers, true);
    for package in &found.packages {
        assert!(!package.id.is_empty() && !package.evidence.is_empty(), "{package:?}");
        assert!(package.layer.is_none_or(|layer| (layer as usize) < layers.len()), "{package:?}");
    }
    if data.len() % 8 != 0 {
        return;
    }
    let again = catalogue(&tree, &plimsoll_catalog::readers(false), &layers, true);
    assert_eq!(found.packages, again.packages, "the same tree gives the same packages");
    assert_eq!((found.problems, found.gaps), (again.problems, again.gaps));
});

fn archives(data: &[u8]) -> Vec<Vec<u8>> {
    if data.get(257..262) == Some(b"ustar") {
        let mut archive = data.to_vec();
        tar::seal(&mut archive);
        return vec![archive];
    }
    let mut u = Unstructured::new(data);
    let count = u.int_in_range(1..=3).unwrap_or(1);
    (0..count).map_while(|_| tar::archive(&mut u).ok()).collect()
}

fn sift(archive: &[u8], readers: &Small) -> io::Result<LayerListing> {
    let streamed = fuzzing::sift_stream(archive, readers, MAX_ENTRIES)?;
    if fuzzing::is_plain(archive) {
        let file = Scratch::get().open("layer.tar", archive);
        let walked = fuzzing::sift_file(&file, readers, MAX_ENTRIES)?;
        assert_eq!(streamed, walked, "the walk and the stream yield the same");
    }
    assert!(streamed.len() <= 2 * MAX_ENTRIES, "entries have a limit");
    streamed.for_each(|entry| {
        assert!(!entry.path.starts_with('/') && !entry.path.ends_with('/'), "{}", entry.path);
        assert!(entry.path.split('/').all(|part| !matches!(part, "." | "..")), "{}", entry.path);
    });
    Ok(streamed)
}

fn check_cache(listing: &LayerListing, readers: &Small) {
    let (folder, fingerprint) = (Scratch::get().path(), readers.fingerprint());
    fuzzing::keep(folder, fingerprint, DIFF_ID, listing);
    let back = fuzzing::recall(folder, fingerprint, DIFF_ID);
    assert_eq!(back.as_ref(), Some(listing), "the cache gives back what it got");
}
