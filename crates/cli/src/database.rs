//! Which database a scan asks: a folder, or the one that builds shards from the feeds as needed.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use jiff::civil::Date;
use plimsoll_feeds::{Lazy, LazyOptions};
use plimsoll_net::{Client, Mirror, Options};
use plimsoll_vuln::{Database, FolderDatabase};

use crate::args::DatabaseArgs;
use crate::failure::{Trouble, Usage};
use crate::progress::Bars;
use crate::run::Run;

/// Opens what `--db` names, or the lazy database.
///
/// # Errors
/// A database that cannot be opened; a day in the past without history.
pub(crate) fn open(
    run: &Run,
    args: &DatabaseArgs,
    as_of: Date,
    bars: &Arc<Bars>,
) -> Result<Box<dyn Database>> {
    if let Some(place) = &args.db {
        return folder(place);
    }
    if as_of < run.today {
        return Err(Trouble::new(format!("there is no database of {as_of}"))
            .with_hint("give a database of that day with `--db DIR`; without one only today's feeds can be had")
            .into());
    }
    let options = LazyOptions { cache_dir: Some(run.cache_dir.clone()), now: run.now };
    Ok(Box::new(Lazy::new(client(run)?, bars.clone(), options)))
}

/// Opens a release folder.
pub(crate) fn folder(place: &str) -> Result<Box<dyn Database>> {
    if place.contains("://") || place.starts_with("sha256:") {
        return Err(Usage::new(format!("`{place}` is no folder"))
            .with_hint("databases from registries and web servers are not read yet: give a folder")
            .into());
    }
    let database = FolderDatabase::open(Path::new(place)).map_err(|error| {
        Trouble::from(
            anyhow::Error::new(error).context(format!("cannot open the database `{place}`")),
        )
        .with_hint("make one with `plimsoll db build --all --out DIR`")
    })?;
    Ok(Box::new(database))
}

/// Makes the client for feeds.
pub(crate) fn client(run: &Run) -> Result<Client> {
    let mirror = run
        .mirror
        .as_deref()
        .map(Mirror::parse)
        .transpose()
        .map_err(|error| Usage::new(error.to_string()))?;
    Ok(Client::new(Options { mirror, offline: run.offline, ..Options::default() }))
}
