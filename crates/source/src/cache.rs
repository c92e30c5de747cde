//! What layers yielded, kept between runs.
//!
//! A listing is kept under the SHA-256 of the uncompressed layer that was computed when it was made,
//! never under one that an image only claims: else a forged `DiffID` would plant a false layer. Two
//! kinds of small records lead to it without inflating: from the SHA-256 of the stored bytes, and
//! from the identity of a part of a local file (device, inode, size, times, place).
//!
//! Every entry is a file, written aside and renamed, so that many processes can share the folder. An
//! entry that is damaged, of another version or of other readers is no entry.

use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plimsoll_model::tree::{Content, LayerListing};
use plimsoll_model::{Artifact, FileYield, Package, Problem};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::inflate::Digests;

/// The most bytes of the folder; the entries that were used longest ago go first.
pub const MAX_CACHE_BYTES: u64 = 1 << 30;
/// The most bytes of one entry, inflated. A larger listing is not kept.
pub(crate) const MAX_ENTRY_BYTES: u64 = 256 << 20;
/// The first bytes of every entry; the digit is the version of the format.
const MAGIC: &[u8; 8] = b"plsmlay4";
const HEAD_BYTES: usize = 24;
/// A file that changed so shortly before its record was written may have changed again within one
/// tick of its clock.
const TICK: Duration = Duration::from_secs(2);

/// What the folder holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CacheStatus {
    /// Files.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The layer cache for one set of readers.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    fingerprint: u64,
}

/// A part of a file as it was at one time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    offset: u64,
    length: u64,
}

#[derive(Deserialize, Serialize)]
struct Record {
    identity: Option<Identity>,
    stored: String,
    diff_id: String,
}

/// A listing as it lies in an entry. What the words of the model leave out when it is empty could
/// not be read back from postcard, so packages and problems stand in it as JSON.
#[derive(Deserialize, Serialize)]
struct Wire<'a> {
    /// As [`LayerListing::packed`] returns them.
    entries: &'a [u8],
    #[serde(borrow)]
    contents: Vec<WireContent<'a>>,
    #[serde(borrow)]
    problems: Cow<'a, str>,
}

#[derive(Deserialize, Serialize)]
struct WireContent<'a> {
    body: Option<&'a [u8]>,
    rows: u128,
    /// Empty for none.
    #[serde(borrow)]
    yields: Cow<'a, str>,
    /// The paths of packages, by row, which would be twice as long in JSON.
    owned: Vec<(u8, Cow<'a, [u64]>)>,
}

/// A [`FileYield`] without the paths of packages.
#[derive(Serialize)]
struct WireYield<'a> {
    packages: &'a [Package],
    problems: &'a [Problem],
    artifacts: &'a [Artifact],
}

impl<'a> WireYield<'a> {
    fn new(taken: &'a FileYield) -> Self {
        Self { packages: &taken.packages, problems: &taken.problems, artifacts: &taken.artifacts }
    }
}

impl<'a> Wire<'a> {
    fn new(listing: &'a LayerListing) -> Option<Self> {
        let contents = listing.contents().iter().map(WireContent::new).collect::<Option<_>>()?;
        let problems = Cow::Owned(serde_json::to_string(&listing.problems).ok()?);
        Some(Self { entries: listing.packed(), contents, problems })
    }

    fn listing(&self) -> Option<LayerListing> {
        let contents = self.contents.iter().map(WireContent::content).collect::<Option<_>>()?;
        let mut listing = LayerListing::from_packed(self.entries.to_vec(), contents)?;
        listing.problems = serde_json::from_str(&self.problems).ok()?;
        Some(listing)
    }
}

impl<'a> WireContent<'a> {
    fn new(content: &'a Content) -> Option<Self> {
        let texts = content.yields.iter().map(|(row, taken)| (*row, WireYield::new(taken)));
        let yields = match texts.collect::<Vec<_>>().as_slice() {
            [] => Cow::Borrowed(""),
            yields => Cow::Owned(serde_json::to_string(yields).ok()?),
        };
        let owned = content.yields.iter().filter(|(_, taken)| !taken.owned.is_empty());
        let owned = owned.map(|(row, taken)| (*row, Cow::Borrowed(&*taken.owned))).collect();
        Some(Self { body: content.body.as_deref(), rows: content.rows, yields, owned })
    }

    fn content(&self) -> Option<Content> {
        let mut yields: Vec<(u8, FileYield)> = match &*self.yields {
            "" => Vec::new(),
            yields => serde_json::from_str(yields).ok()?,
        };
        for (row, owned) in &self.owned {
            let (_, taken) = yields.iter_mut().find(|(known, _)| known == row)?;
            taken.owned = owned.to_vec();
        }
        Some(Content { body: self.body.map(Into::into), yields, rows: self.rows })
    }
}

impl Identity {
    /// Takes it from the description of an open file.
    pub(crate) fn new(file: &Metadata, offset: u64, length: u64) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
            offset,
            length,
        }
    }

    fn name(&self) -> String {
        format!("file-{:032x}", xxh3_128(&postcard::to_stdvec(self).unwrap_or_default()))
    }

    fn changed_at(&self) -> Option<SystemTime> {
        let (seconds, nanos) = self.changed;
        let since = Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?);
        UNIX_EPOCH.checked_add(since)
    }
}

impl Cache {
    /// Uses a folder, which is made when the first entry is written.
    pub(crate) fn new(folder: &Path, fingerprint: u64) -> Self {
        Self { folder: folder.to_owned(), fingerprint }
    }

    /// Returns what the layer with this computed `DiffID` yielded to these readers.
    pub(crate) fn listing(&self, diff_id: &str) -> Option<LayerListing> {
        let path = self.folder.join(self.listing_name(diff_id)?);
        let listing = postcard::from_bytes::<Wire<'_>>(&read_entry(&path)?).ok()?.listing()?;
        renew(&path);
        Some(listing)
    }

    /// Keeps what a layer yielded, under digests that were computed while it was read.
    pub(crate) fn keep(&self, digests: &Digests, listing: &LayerListing) {
        if let Some(name) = self.listing_name(&digests.diff_id) {
            if let Some(wire) = Wire::new(listing) {
                self.write(&name, &wire);
            } else {
                tracing::debug!(name, "layer cannot be packed for the cache");
            }
        }
        let Digests { stored, diff_id } = digests;
        if let Some(hex) = hex(stored).filter(|_| stored != diff_id) {
            let (stored, diff_id) = (stored.clone(), diff_id.clone());
            self.write(&format!("blob-{hex}"), &Record { identity: None, stored, diff_id });
        }
    }

    /// Returns the `DiffID` of the layer whose stored bytes have this digest.
    pub(crate) fn diff_id_of(&self, stored: &str) -> Option<String> {
        let record = read_record(&self.folder.join(format!("blob-{}", hex(stored)?)))?;
        (record.stored == stored).then_some(record.diff_id)
    }

    /// Remembers the digests that were computed of a part of a file.
    pub(crate) fn remember(&self, identity: &Identity, digests: &Digests) {
        let Digests { stored, diff_id } = digests.clone();
        let record = Record { identity: Some(identity.clone()), stored, diff_id };
        self.write(&identity.name(), &record);
    }

    /// Returns the digests that were computed when this part of this file was last read. A file that
    /// changed just before that is not trusted.
    pub(crate) fn recall(&self, identity: &Identity) -> Option<Digests> {
        let path = self.folder.join(identity.name());
        let written = fs_err::metadata(&path).ok()?.modified().ok()?;
        if written < identity.changed_at()?.checked_add(TICK)? {
            return None;
        }
        let record = read_record(&path)?;
        let same = record.identity.as_ref() == Some(identity);
        same.then_some(Digests { stored: record.stored, diff_id: record.diff_id })
    }

    fn listing_name(&self, diff_id: &str) -> Option<String> {
        Some(format!("layer-{}-{:016x}", hex(diff_id)?, self.fingerprint))
    }

    /// Writes an entry. That it cannot be written changes no result, so it is logged and no more.
    fn write(&self, name: &str, value: &impl Serialize) {
        if let Err(error) = write_entry(&self.folder, name, value) {
            tracing::debug!(name, %error, "cache entry not written");
        }
    }
}

/// Returns what a cache folder holds; nothing when there is none.
pub fn status(folder: &Path) -> CacheStatus {
    let files = list(folder);
    CacheStatus {
        entries: files.len() as u64,
        bytes: files.iter().map(|(_, _, bytes)| bytes).sum(),
    }
}

/// Removes the entries that were used longest ago until no more than `keep_bytes` are left. Returns
/// what was removed.
pub fn prune(folder: &Path, keep_bytes: u64) -> CacheStatus {
    let mut files = list(folder);
    files.sort();
    let mut bytes: u64 = files.iter().map(|(_, _, bytes)| bytes).sum();
    let mut removed = CacheStatus::default();
    for (_, path, size) in files {
        if bytes <= keep_bytes {
            break;
        }
        // Another process may have been faster.
        if fs_err::remove_file(&path).is_ok() {
            removed.entries += 1;
            removed.bytes += size;
        }
        bytes -= size;
    }
    removed
}

/// Lists the files of ours in a folder: last use, path, bytes.
fn list(folder: &Path) -> Vec<(SystemTime, PathBuf, u64)> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let entries = entries.filter_map(Result::ok).filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        ["layer-", "blob-", "file-", "new-"].iter().any(|start| name.starts_with(start))
    });
    entries
        .filter_map(|entry| {
            let file = entry.metadata().ok().filter(Metadata::is_file)?;
            Some((file.modified().ok()?, entry.path(), file.len()))
        })
        .collect()
}

/// Returns the digits of a SHA-256, so that no other text becomes a file name.
fn hex(digest: &str) -> Option<&str> {
    digest.strip_prefix("sha256:").filter(|hex| crate::digest::is_hex(hex))
}

/// An entry is [`MAGIC`], the xxh3 of the content, its length, and the content packed by zstd.
fn write_entry(folder: &Path, name: &str, value: &impl Serialize) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let content = postcard::to_stdvec(value).map_err(io::Error::other)?;
    if content.len() as u64 > MAX_ENTRY_BYTES {
        return Err(io::Error::other("it is larger than an entry may be"));
    }
    let packed = zstd::bulk::compress(&content, 1)?;
    fs_err::create_dir_all(folder)?;
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let aside = folder.join(format!("new-{}-{count}", std::process::id()));
    let written = (|| {
        let mut file = fs_err::File::create(&aside)?;
        file.write_all(MAGIC)?;
        file.write_all(&xxh3_64(&content).to_le_bytes())?;
        file.write_all(&(content.len() as u64).to_le_bytes())?;
        file.write_all(&packed)?;
        fs_err::rename(&aside, folder.join(name))
    })();
    if written.is_err() {
        let _ = fs_err::remove_file(&aside);
    }
    written
}

fn read_record(path: &Path) -> Option<Record> {
    postcard::from_bytes(&read_entry(path)?).ok()
}

/// Returns the content of a sound entry.
fn read_entry(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?.take(MAX_ENTRY_BYTES + HEAD_BYTES as u64);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).ok()?;
    let (head, packed) = bytes.split_at_checked(HEAD_BYTES)?;
    let number = |at: usize| Some(u64::from_le_bytes(head.get(at..at + 8)?.try_into().ok()?));
    let length = number(16)?;
    if &head[..8] != MAGIC || length > MAX_ENTRY_BYTES {
        return None;
    }
    let content = zstd::bulk::decompress(packed, length as usize).ok()?;
    let sound = content.len() as u64 == length && xxh3_64(&content) == number(8)?;
    sound.then_some(content)
}

/// Notes that an entry was used. Cutting a file to its own length sets its time of change by the
/// clock of the file system, so that no clock is asked here.
fn renew(path: &Path) {
    let renewed = File::options().write(true).open(path).and_then(|file| {
        let length = file.metadata()?.len();
        file.set_len(length)
    });
    if let Err(error) = renewed {
        tracing::debug!(%error, "cache entry not renewed");
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::tree::{Entry, EntryKind};

    use super::*;

    fn digests(text: &str) -> Digests {
        let stored = crate::digest::sha256(format!("stored {text}").as_bytes());
        Digests { stored, diff_id: crate::digest::sha256(text.as_bytes()) }
    }

    fn listing(path: &str) -> LayerListing {
        let mut listing = LayerListing::default();
        let mut content = Content::of_body(path.as_bytes().into(), 1 << 100);
        let version = "1".to_owned();
        let package = plimsoll_model::Package { version, layer: Some(3), ..Default::default() };
        let problem = Problem { path: path.to_owned(), ..Problem::default() };
        let problems = vec![problem.clone()];
        let owned = vec![1, u64::MAX];
        content.yields.push((
            7,
            FileYield { packages: vec![package], problems, owned, artifacts: Vec::new() },
        ));
        let content = Some(listing.keep(content));
        for kind in [
            EntryKind::Directory,
            EntryKind::Symlink("../x"),
            EntryKind::Hardlink("y"),
            EntryKind::Other,
            EntryKind::Whiteout,
            EntryKind::Opaque,
        ] {
            assert!(listing.push(&Entry { path, kind, executable: false, content: None }));
        }
        assert!(listing.push(&Entry { path, kind: EntryKind::File, executable: true, content }));
        listing.problems = vec![problem];
        listing
    }

    #[test]
    fn a_listing_comes_back_for_the_same_readers_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("layers"), 7);
        let digests = digests("a");
        assert_eq!(cache.listing(&digests.diff_id), None);
        cache.keep(&digests, &listing("etc/x"));
        assert_eq!(cache.listing(&digests.diff_id), Some(listing("etc/x")));
        assert_eq!(cache.diff_id_of(&digests.stored), Some(digests.diff_id.clone()));
        let other = Cache::new(&folder.path().join("layers"), 8);
        assert_eq!(other.listing(&digests.diff_id), None);
        assert_eq!(cache.listing("sha256:../../etc/passwd"), None);
    }

    #[test]
    fn a_damaged_entry_is_no_entry() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 7);
        let digests = digests("a");
        let path = folder.path().join(cache.listing_name(&digests.diff_id).unwrap());
        cache.keep(&digests, &listing("etc/x"));
        let sound = fs_err::read(&path).unwrap();
        for at in 0..sound.len() {
            let mut broken = sound.clone();
            broken[at] ^= 0x41;
            fs_err::write(&path, &broken).unwrap();
            assert_eq!(cache.listing(&digests.diff_id), None, "byte {at}");
            fs_err::write(&path, &sound[..at]).unwrap();
            assert_eq!(cache.listing(&digests.diff_id), None, "cut at {at}");
        }
        cache.keep(&digests, &listing("etc/y"));
        assert_eq!(cache.listing(&digests.diff_id), Some(listing("etc/y")));
    }

    #[test]
    fn an_entry_that_claims_to_be_huge_is_not_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        write_entry(folder.path(), "layer-x", &vec![0u8; 1 << 20]).unwrap();
        let path = folder.path().join("layer-x");
        assert!(read_entry(&path).is_some());
        let mut bytes = fs_err::read(&path).unwrap();
        bytes[16..24].copy_from_slice(&(MAX_ENTRY_BYTES + 1).to_le_bytes());
        fs_err::write(&path, &bytes).unwrap();
        assert!(read_entry(&path).is_none());
    }

    #[test]
    fn a_file_is_known_again_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 7);
        let path = folder.path().join("image.tar");
        fs_err::write(&path, "bytes").unwrap();
        let mut identity = Identity::new(&fs_err::metadata(&path).unwrap(), 0, 5);
        let digests = digests("a");
        cache.remember(&identity, &digests);
        assert_eq!(cache.recall(&identity), None, "it changed within the tick");
        identity.changed.0 -= 3;
        cache.remember(&identity, &digests);
        assert_eq!(cache.recall(&identity), Some(digests));
        assert_eq!(cache.recall(&Identity { size: 6, ..identity.clone() }), None);
        assert_eq!(cache.recall(&Identity { offset: 1, ..identity }), None);
    }

    #[test]
    fn pruning_removes_what_was_used_longest_ago_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 7);
        fs_err::write(folder.path().join("README"), "not ours").unwrap();
        let all: Vec<Digests> = ["a", "b", "c"].map(digests).into();
        for (age, digests) in all.iter().enumerate() {
            let same = Digests { stored: digests.diff_id.clone(), ..digests.clone() };
            cache.keep(&same, &listing("etc/x"));
            let path = folder.path().join(cache.listing_name(&digests.diff_id).unwrap());
            let time = UNIX_EPOCH + Duration::from_secs(1000 + age as u64);
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        assert!(cache.listing(&all[0].diff_id).is_some(), "and so it is the newest");
        let before = status(folder.path());
        assert_eq!(before.entries, 3);
        let removed = prune(folder.path(), before.bytes - 1);
        assert_eq!(removed.entries, 1);
        assert!(cache.listing(&all[1].diff_id).is_none());
        assert!(cache.listing(&all[0].diff_id).is_some());
        prune(folder.path(), 0);
        assert_eq!(status(folder.path()), CacheStatus::default());
        assert!(folder.path().join("README").exists());
    }
}
