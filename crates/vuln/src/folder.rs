//! A release folder as a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::database::{Database, DatabaseError, ReleaseInfo};
use crate::manifest::{Manifest, ManifestError, ShardEntry};
use crate::shard::{Shard, ShardError};

type Opened = OnceLock<Result<Arc<Shard>, DatabaseError>>;

/// A release folder. Each shard is opened, and its SHA-256 compared, when it is first asked for.
///
/// A namespace that the release does not name is [`DatabaseError::NoFeed`]: a release is the whole of
/// what there is to ask. A shard that it names but that is not there is `Unavailable`; one that is
/// not what the manifest says is `Damaged`.
#[derive(Debug)]
pub struct FolderDatabase {
    folder: PathBuf,
    manifest: Manifest,
    digest: String,
    shards: BTreeMap<String, Opened>,
}

impl FolderDatabase {
    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// As [`Manifest::read`].
    pub fn open(folder: &Path) -> Result<Self, ManifestError> {
        let (manifest, digest) = Manifest::read(folder)?;
        let shards =
            manifest.shards.iter().map(|entry| (entry.namespace.clone(), Opened::new())).collect();
        Ok(Self { folder: folder.to_owned(), manifest, digest, shards })
    }

    /// Returns what the release holds.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn open_shard(&self, entry: &ShardEntry) -> Result<Arc<Shard>, DatabaseError> {
        let namespace = entry.namespace.clone();
        let refuse = |error: &ShardError| match error {
            ShardError::Read { source, .. } => DatabaseError::Unavailable {
                namespace: namespace.clone(),
                detail: source.to_string(),
            },
            other => {
                DatabaseError::Damaged { namespace: namespace.clone(), detail: other.to_string() }
            }
        };
        let shard = Shard::open(&self.folder.join(&entry.file)).map_err(|error| refuse(&error))?;
        let digest = shard.digest();
        if digest != entry.digest {
            let detail = format!("the digest of `{}` is {digest}", entry.file);
            return Err(DatabaseError::Damaged { namespace, detail });
        }
        if shard.meta().namespace != namespace {
            let detail = format!("`{}` holds `{}`", entry.file, shard.meta().namespace);
            return Err(DatabaseError::Damaged { namespace, detail });
        }
        Ok(Arc::new(shard))
    }
}

impl Database for FolderDatabase {
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        let (Some(entry), Some(opened)) =
            (self.manifest.find(namespace), self.shards.get(namespace))
        else {
            return Err(DatabaseError::NoFeed { namespace: namespace.to_owned() });
        };
        opened.get_or_init(|| self.open_shard(entry)).clone()
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo { digest: Some(self.digest.clone()), built: Some(self.manifest.built.clone()) }
    }

    fn held(&self, namespace: &str) -> Option<Arc<Shard>> {
        self.shard(namespace).ok()
    }
}
