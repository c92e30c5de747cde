//! The folder of shards: a file a namespace, written aside and renamed. The time of a file is the
//! time at which its data was fetched.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use plimsoll_vuln::{Built, Shard};

use super::Held;
use crate::error::FeedError;
use crate::feed::Feed;

/// The folder; none keeps nothing.
#[derive(Debug)]
pub(super) struct Shelf(Option<PathBuf>);

impl Shelf {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self(folder)
    }

    fn path(&self, namespace: &str) -> Option<PathBuf> {
        let name = namespace.replace(':', "_");
        self.0.as_ref().map(|folder| folder.join(format!("{name}.shard")))
    }

    /// Opens the shard of a namespace; `None` when there is none that this program can use.
    pub(super) fn take(&self, feed: &Feed, namespace: &str) -> Option<Held> {
        let path = self.path(namespace)?;
        let changed = fs_err::metadata(&path).ok()?.modified().ok()?;
        let shard = match Shard::open(&path) {
            Ok(shard) => shard,
            Err(error) => {
                tracing::warn!(namespace, cause = %error, "cached shard passed over");
                return None;
            }
        };
        let meta = shard.meta();
        let ours = meta.namespace == namespace
            && meta.reader == feed.reader
            && meta.rows == feed.rows
            && !meta.partial;
        let fetched = Timestamp::try_from(changed).ok()?;
        ours.then(|| Held { shard: Arc::new(shard), fetched, stale: None })
    }

    /// Keeps a new shard. A folder that cannot be written to costs a line in the log, no more.
    pub(super) fn put(
        &self,
        namespace: &str,
        built: Built,
        now: Timestamp,
    ) -> Result<Held, FeedError> {
        if let Some(path) = self.path(namespace)
            && let Err(error) = write(&path, &built.bytes, now)
        {
            tracing::warn!(namespace, cause = %error, "shard not kept");
        }
        let shard = open(namespace, built)?;
        Ok(Held { shard: Arc::new(shard), fetched: now, stale: None })
    }
}

/// Opens a shard that was just built.
pub(super) fn open(namespace: &str, built: Built) -> Result<Shard, FeedError> {
    Shard::from_bytes(built.bytes)
        .map(|shard| shard.with_digest(&built.digest))
        .map_err(|source| FeedError::Shard { namespace: namespace.to_owned(), source })
}

fn write(path: &std::path::Path, bytes: &[u8], now: Timestamp) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs_err::create_dir_all(folder)?;
    let mut aside = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut aside, bytes)?;
    let now = SystemTime::try_from(now).map_err(std::io::Error::other)?;
    aside.as_file().set_modified(now)?;
    aside.persist(path).map_err(|error| error.error)?;
    Ok(())
}
