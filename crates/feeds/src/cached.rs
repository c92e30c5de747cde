//! What the lazy database keeps, for people who want to see it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use plimsoll_vuln::Shard;

/// A shard in the cache.
#[derive(Debug)]
pub struct Cached {
    /// The shard.
    pub shard: Shard,
    /// When its files were fetched.
    pub fetched: Timestamp,
    /// Its size on disk.
    pub bytes: u64,
}

/// Returns the shards below the cache folder that can be opened, sorted by namespace and place; a
/// mirror's are kept beside those of upstream.
pub fn cached(cache_dir: &Path) -> Vec<Cached> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![cache_dir.join("shards")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs_err::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "shard") {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut held: Vec<Cached> = files.iter().filter_map(|path| open(path)).collect();
    held.sort_by(|a, b| a.shard.meta().namespace.cmp(&b.shard.meta().namespace));
    held
}

fn open(path: &Path) -> Option<Cached> {
    let meta = fs_err::metadata(path).ok()?;
    let fetched = Timestamp::try_from(meta.modified().ok()?).ok()?;
    Some(Cached { shard: Shard::open(path).ok()?, fetched, bytes: meta.len() })
}
