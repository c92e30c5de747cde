//! A release of the database: a folder of shards and the manifest that names them.
//!
//! ```text
//! manifest.json
//! shards/91ab….shard      named by the SHA-256 of the file
//! ```
//!
//! The digest of `manifest.json` is the identity of the release. Files are written aside and renamed,
//! so that whoever reads at the same time sees the old or the new one, never half of it; the manifest
//! comes last. A signature will lie beside the manifest, over its bytes.

use std::collections::BTreeSet;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use fs_err as fs;
use serde::{Deserialize, Serialize};

use crate::shard::{Built, ShardMeta, digest_of};

/// The version of the manifest's shape.
pub const MANIFEST_VERSION: u32 = 1;
/// Largest manifest that is read.
pub const MAX_MANIFEST_BYTES: u64 = 16 << 20;
/// Most shards that a release names.
pub const MAX_SHARDS: usize = 20_000;

const FILE: &str = "manifest.json";

/// What a release holds.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub schema_version: u32,
    /// When it was built: RFC 3339, UTC. Given by the builder.
    pub built: String,
    /// The version of the program that built it.
    pub tool_version: String,
    /// The shards, sorted by namespace, each once.
    pub shards: Vec<ShardEntry>,
}

/// One shard of a release.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ShardEntry {
    /// `alpine:3.17`.
    pub namespace: String,
    /// `sha256:…` of the file.
    pub digest: String,
    /// Bytes of the file.
    pub size: u64,
    /// The feed: `Alpine secdb`.
    pub source: String,
    /// The feed's own stamp, or empty.
    pub updated: String,
    /// Rows in it.
    pub records: u64,
    /// Records of the feed that could not be used.
    pub dropped: u64,
    /// Where it lies in the folder: `shards/91ab….shard`.
    pub file: String,
}

/// A release that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// There is no manifest in the folder.
    #[error("no database in `{folder}`: it has no `{FILE}`")]
    Missing {
        /// The folder.
        folder: String,
    },
    /// A file could not be read or written; the cause names it.
    #[error("cannot use the database folder `{folder}`")]
    Io {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// The manifest is not one.
    #[error("cannot read the manifest of `{folder}`: {detail}")]
    Malformed {
        /// The folder.
        folder: String,
        /// What is wrong with it.
        detail: String,
    },
}

impl Manifest {
    /// Starts an empty release.
    pub fn new(built: &str, tool_version: &str) -> Self {
        Self {
            schema_version: MANIFEST_VERSION,
            built: built.to_owned(),
            tool_version: tool_version.to_owned(),
            shards: Vec::new(),
        }
    }

    /// Puts a shard in, in place of the one of its namespace.
    pub fn put(&mut self, entry: ShardEntry) {
        match self.place(&entry.namespace) {
            Ok(place) => self.shards[place] = entry,
            Err(place) => self.shards.insert(place, entry),
        }
    }

    /// Finds the shard of a namespace.
    pub fn find(&self, namespace: &str) -> Option<&ShardEntry> {
        self.place(namespace).ok().map(|place| &self.shards[place])
    }

    /// Reads the manifest of a folder, and its digest.
    ///
    /// # Errors
    /// `Missing` when there is none, `Io` when it cannot be read, `Malformed` when it is not a
    /// manifest of this version: also when it names a file outside `shards/`, one namespace twice, or
    /// more than [`MAX_SHARDS`] shards.
    pub fn read(folder: &Path) -> Result<(Self, String), ManifestError> {
        let name = folder.display().to_string();
        let path = folder.join(FILE);
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ManifestError::Missing { folder: name });
            }
            Err(source) => return Err(ManifestError::Io { folder: name, source }),
        };
        let mut bytes = Vec::new();
        file.take(MAX_MANIFEST_BYTES + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| ManifestError::Io { folder: name.clone(), source })?;
        let manifest = Self::parse(&bytes)
            .map_err(|detail| ManifestError::Malformed { folder: name, detail })?;
        Ok((manifest, digest_of(&bytes)))
    }

    /// Reads the bytes of a manifest; the error says what is wrong with them.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() as u64 > MAX_MANIFEST_BYTES {
            return Err(format!("it has more than {MAX_MANIFEST_BYTES} bytes"));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if manifest.schema_version != MANIFEST_VERSION {
            return Err(format!(
                "its version is {}, this program reads {MANIFEST_VERSION}",
                manifest.schema_version
            ));
        }
        if manifest.shards.len() > MAX_SHARDS {
            return Err(format!("it names more than {MAX_SHARDS} shards"));
        }
        let mut last = None;
        for entry in &manifest.shards {
            if last.is_some_and(|last: &str| last >= entry.namespace.as_str()) {
                return Err(format!("`{}` is out of order", entry.namespace));
            }
            last = Some(&entry.namespace);
            if file_of(&entry.digest).as_deref() != Some(&entry.file) {
                return Err(format!("`{}` does not lie where its digest says", entry.namespace));
            }
        }
        Ok(manifest)
    }

    /// Writes the manifest into a folder, and returns its digest. The shards must be there already.
    ///
    /// # Errors
    /// `Io` when it cannot be written.
    pub fn write(&self, folder: &Path) -> Result<String, ManifestError> {
        let bytes = self.to_bytes();
        replace(&folder.join(FILE), &bytes).map_err(|source| io_error(folder, source))?;
        Ok(digest_of(&bytes))
    }

    /// Returns the bytes of the manifest: JSON, two blanks deep, a line end at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and numbers alone always have a JSON form.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    fn place(&self, namespace: &str) -> Result<usize, usize> {
        self.shards.binary_search_by(|entry| entry.namespace.as_str().cmp(namespace))
    }
}

/// Writes a shard into a folder, unless it is there already, and returns its entry.
///
/// # Errors
/// `Io` when it cannot be written.
pub fn put_shard(
    folder: &Path,
    meta: &ShardMeta,
    built: &Built,
) -> Result<ShardEntry, ManifestError> {
    let file = file_of(&built.digest).unwrap_or_default();
    let (path, size) = (folder.join(&file), built.bytes.len() as u64);
    if fs::metadata(&path).is_ok_and(|there| there.len() == size) {
        // The name is the digest; a file that does not match it is found out when it is opened.
    } else {
        fs::create_dir_all(folder.join("shards")).map_err(|source| io_error(folder, source))?;
        replace(&path, &built.bytes).map_err(|source| io_error(folder, source))?;
    }
    Ok(ShardEntry {
        namespace: meta.namespace.clone(),
        digest: built.digest.clone(),
        size,
        source: meta.title.clone(),
        updated: meta.updated.clone(),
        records: built.records,
        dropped: meta.dropped,
        file,
    })
}

/// Removes the shards that the manifest does not name; returns how many.
///
/// # Errors
/// `Io` when the folder cannot be read or a file not removed.
pub fn prune(folder: &Path, manifest: &Manifest) -> Result<usize, ManifestError> {
    let named: BTreeSet<PathBuf> =
        manifest.shards.iter().map(|entry| folder.join(&entry.file)).collect();
    let mut removed = 0;
    let error = |source| io_error(folder, source);
    for entry in fs::read_dir(folder.join("shards")).map_err(error)? {
        let path = entry.map_err(error)?.path();
        let is_shard = path.extension().is_some_and(|extension| extension == "shard");
        if is_shard && !named.contains(&path) {
            fs::remove_file(&path).map_err(error)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns where the shard of a digest lies: `shards/<64 hex digits>.shard`; `None` when the text is
/// no SHA-256 digest.
pub fn file_of(digest: &str) -> Option<String> {
    let hex = digest.strip_prefix("sha256:")?;
    let is_hex = hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (hex.len() == 64 && is_hex).then(|| format!("shards/{hex}.shard"))
}

/// Writes a file aside and renames it into place. Two that write at once do not clash: each writes
/// its own file, and the last rename stays.
///
/// # Errors
/// When the system refuses; the error names the file.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!(".{name}.{}-{number}.tmp", std::process::id()));
    let written = fs::File::create(&aside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&aside, path));
    if written.is_err() {
        let _ = fs::remove_file(&aside);
    }
    written
}

fn io_error(folder: &Path, source: io::Error) -> ManifestError {
    ManifestError::Io { folder: folder.display().to_string(), source }
}
