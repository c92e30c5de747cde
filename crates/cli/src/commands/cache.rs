//! `plimsoll cache`: what is kept between runs.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::args::CacheCommand;
use crate::failure::Outcome;
use crate::run::Run;

/// Shows or empties the cache.
pub(crate) fn run(run: &Run, command: &CacheCommand) -> Result<Outcome> {
    let layers = run.cache_dir.join("layers");
    let shards = run.cache_dir.join("shards");
    let mut out = std::io::stdout().lock();
    match command {
        CacheCommand::Status => {
            let status = plimsoll_source::cache::status(&layers);
            let (files, bytes) = folder_size(&shards)?;
            writeln!(out, "{}", run.cache_dir.display())?;
            writeln!(out, "{:<8} {:>8} {:>12}", "", "entries", "size")?;
            writeln!(out, "{:<8} {:>8} {:>12}", "layers", status.entries, human(status.bytes))?;
            writeln!(out, "{:<8} {:>8} {:>12}", "shards", files, human(bytes))?;
        }
        CacheCommand::Prune { keep } => {
            let before = plimsoll_source::cache::status(&layers).bytes;
            plimsoll_source::cache::prune(&layers, keep << 20);
            let after = plimsoll_source::cache::status(&layers).bytes;
            let (mut freed, mut bytes) = (before.saturating_sub(after), 0);
            if *keep == 0 {
                (_, bytes) = folder_size(&shards)?;
                if shards.is_dir() {
                    fs_err::remove_dir_all(&shards)?;
                }
            }
            freed += bytes;
            writeln!(out, "removed {}", human(freed))?;
        }
    }
    Ok(Outcome::Done)
}

/// Counts the files below a folder and their bytes; a folder that is not there holds none.
fn folder_size(folder: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            let meta = entry.metadata()?;
            if meta.is_dir() {
                folders.push(entry.path());
            } else {
                files += 1;
                bytes += meta.len();
            }
        }
    }
    Ok((files, bytes))
}

/// Writes bytes as people read them: `1.4 MiB`.
pub(crate) fn human(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}
