//! The database that builds what is asked for: from upstream (or its mirror) into a cache.
//!
//! A shard in the cache is used while it is younger than the rhythm of its feed. Else its files are
//! fetched and read, and the new shard is written aside and renamed, so that two processes at once
//! do not clash. What cannot be fetched is served from the cache, however old, and said to be stale.
//!
//! Shards `cve:YEAR` stay small here: every CVE keeps its best rating, and only those that a report
//! asked for keep their texts (see [`crate::cve`]). When a report asks for another, the year is
//! fetched again. Where a year file does not exist, a few CVEs are asked for one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use plimsoll_model::Detail;
use plimsoll_net::{Client, Mirror, Progress};
use plimsoll_vuln::{Database, DatabaseError, Details, ReleaseInfo, RowKind, Shard};
use sha2::{Digest, Sha256};

use crate::cve;
use crate::error::FeedError;
use crate::feed::{Draft, Feed, Harvest, Texts};
use crate::fetch::{check_loss, finish, gather};

mod keep;

use keep::Shelf;

/// Most CVEs of one year that are asked for one by one.
pub const MAX_SINGLE_LOOKUPS: usize = 20;

/// How a [`Lazy`] works.
#[derive(Clone, Debug)]
pub struct LazyOptions {
    /// The folder that keeps shards; `None` keeps none.
    pub cache_dir: Option<PathBuf>,
    /// The time that it is.
    pub now: Timestamp,
}

/// A shard, and how old it is.
#[derive(Clone, Debug)]
pub struct Held {
    /// The shard.
    pub shard: Arc<Shard>,
    /// When its files were fetched.
    pub fetched: Timestamp,
    /// It is older than its feed's rhythm allows: a sentence for people that tells its age.
    pub stale: Option<String>,
}

/// Builds shards as they are asked for; see the head of this file. Of a namespace the same shard is
/// handed out each time, but for `cve:YEAR`, which is built again when more texts are asked for.
pub struct Lazy {
    client: Client,
    progress: Arc<dyn Progress>,
    now: Timestamp,
    shelf: Shelf,
    /// What was handed out, by namespace; the inner lock is held while one is built.
    held: Mutex<HashMap<String, Arc<Slot>>>,
}

type Slot = Mutex<Option<Result<Held, Lack>>>;

/// Why there is no shard.
#[derive(Clone, Debug)]
struct Lack {
    error: DatabaseError,
    /// The upstream says that there is no such file.
    not_found: bool,
}

impl Lazy {
    /// Makes one; nothing is read or fetched yet.
    pub fn new(client: Client, progress: Arc<dyn Progress>, options: LazyOptions) -> Self {
        // What came from a mirror is not taken for what the upstream says, or the other way round.
        let place = match client.mirror() {
            None => "upstream".to_owned(),
            Some(Mirror::Folder(path)) => {
                let whole = fs_err::canonicalize(path).unwrap_or_else(|_| path.clone());
                mirror_folder(&whole.to_string_lossy())
            }
            Some(Mirror::Address(url)) => mirror_folder(url.as_str()),
        };
        let shelf = Shelf::new(options.cache_dir.map(|dir| dir.join("shards").join(place)));
        Self { client, progress, now: options.now, shelf, held: Mutex::default() }
    }

    /// Returns a shard and its age.
    ///
    /// # Errors
    /// As [`Database::shard`].
    pub fn ask(&self, namespace: &str) -> Result<Held, DatabaseError> {
        self.ask_with(namespace, &BTreeSet::new()).map_err(|lack| lack.error)
    }

    /// Returns a shard that has the texts of these CVEs.
    fn ask_with(&self, namespace: &str, ids: &BTreeSet<String>) -> Result<Held, Lack> {
        let slot = self.slot(namespace);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.as_ref() {
            Some(Ok(held)) if !has_texts(&held.shard, ids) => {}
            Some(known) => return known.clone(),
            None => {}
        }
        let held = self.obtain(namespace, ids);
        *slot = Some(held.clone());
        held
    }

    fn slot(&self, namespace: &str) -> Arc<Slot> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(held.entry(namespace.to_owned()).or_default())
    }

    /// Takes a shard from the cache, or builds it.
    fn obtain(&self, namespace: &str, ids: &BTreeSet<String>) -> Result<Held, Lack> {
        let namespace = namespace.to_owned();
        let Some(feed) = crate::find(&namespace) else {
            let error = DatabaseError::NoFeed { namespace };
            return Err(Lack { error, not_found: false });
        };
        let cached = self.shelf.take(feed, &namespace);
        let fresh = cached.as_ref().is_some_and(|held| self.is_fresh(feed, held));
        if let Some(held) = cached.as_ref().filter(|held| fresh && has_texts(&held.shard, ids)) {
            return Ok(held.clone());
        }
        let error = match self.build(feed, &namespace, ids, cached.as_ref()) {
            Ok(held) => return Ok(held),
            Err(error) => error,
        };
        let (detail, is_not_found) = (error.in_words(), error.is_not_found());
        let Some(mut held) = cached else {
            let error = DatabaseError::Unavailable { namespace, detail };
            return Err(Lack { error, not_found: is_not_found });
        };
        if !fresh {
            let day = held.fetched.strftime("%Y-%m-%d");
            tracing::warn!(namespace, fetched = %day, cause = detail, "old shard used");
            held.stale = Some(format!("the data of `{namespace}` is of {day}: {detail}"));
        }
        Ok(held)
    }

    fn is_fresh(&self, feed: &Feed, held: &Held) -> bool {
        let age = self.now.duration_since(held.fetched);
        // A clock that was wrong must not keep a shard for ever.
        age < SignedDuration::from_hours(feed.max_age_hours.into())
            && age > SignedDuration::from_hours(-24)
    }

    /// Returns the year that it is.
    fn year(&self) -> u16 {
        let text = self.now.to_string();
        text.get(..4).and_then(|year| year.parse().ok()).unwrap_or(u16::MAX)
    }

    fn build(
        &self,
        feed: &Feed,
        namespace: &str,
        ids: &BTreeSet<String>,
        cached: Option<&Held>,
    ) -> Result<Held, FeedError> {
        let files = (feed.files)(namespace).unwrap_or_default();
        let mut asked = ids.clone();
        asked.extend(cached.map(|held| texts_of(&held.shard)).unwrap_or_default());
        let texts = Texts::Of(asked);
        let harvest = Harvest::of([namespace], texts).up_to(self.year());
        let gathered = gather(feed, &files, harvest, &self.client, &*self.progress)?;
        let draft = gathered.drafts.into_values().next().unwrap_or_default();
        if let Some(held) = cached {
            check_loss(namespace, held.shard.meta().records, draft.rows.len() as u64)?;
        }
        let built = finish(feed, namespace, draft, &gathered.addresses)?;
        tracing::debug!(namespace, records = built.records, "shard built");
        self.shelf.put(namespace, built, self.now)
    }

    /// Reads a page for each CVE, up to [`MAX_SINGLE_LOOKUPS`].
    fn pages(
        &self,
        namespace: &str,
        ids: &BTreeSet<String>,
        details: &mut Details,
    ) -> (Draft, Vec<String>) {
        let mut draft = Draft { partial: true, ..Draft::default() };
        let mut addresses = Vec::new();
        let mut left = ids.clone();
        while let Some(id) = left.pop_first() {
            if addresses.len() == MAX_SINGLE_LOOKUPS {
                let why = format!(
                    "there is no file of the year, and of its CVEs only {MAX_SINGLE_LOOKUPS} were \
                     asked for one by one; {} are left",
                    left.len() + 1
                );
                details.absent.push((namespace.to_owned(), why));
                break;
            }
            let page = [cve::api_page(&id)];
            let texts = Texts::Of(ids.clone());
            let harvest = Harvest::of([namespace], texts).up_to(self.year());
            match gather(&cve::CVE, &page, harvest, &self.client, &*self.progress) {
                Ok(gathered) => {
                    addresses.extend(gathered.addresses);
                    for page in gathered.drafts.into_values() {
                        draft.updated = page.updated.max(draft.updated);
                        // One page may answer for several, or for others than the one asked for.
                        draft.rows.extend(
                            page.rows
                                .into_iter()
                                .filter(|(found, _)| *found == id || left.remove(found)),
                        );
                    }
                }
                Err(error) => {
                    details.unavailable.push((namespace.to_owned(), error.in_words()));
                    break;
                }
            }
        }
        (draft, addresses)
    }

    /// Looks CVEs up one by one, where a year has no file.
    fn singly(&self, namespace: &str, ids: &BTreeSet<String>, details: &mut Details) {
        let (draft, addresses) = self.pages(namespace, ids, details);
        if draft.rows.is_empty() {
            return;
        }
        // Not kept: it answers for these CVEs alone.
        let shard = finish(&cve::CVE, namespace, draft, &addresses)
            .and_then(|built| keep::open(namespace, built));
        match shard {
            Ok(shard) => take_found(Arc::new(shard), ids, details),
            Err(error) => details.unavailable.push((namespace.to_owned(), error.in_words())),
        }
    }
}

impl Database for Lazy {
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        self.ask(namespace).map(|held| held.shard)
    }

    fn held(&self, namespace: &str) -> Option<Arc<Shard>> {
        if let Some(Ok(held)) =
            self.slot(namespace).lock().unwrap_or_else(PoisonError::into_inner).as_ref()
        {
            return Some(Arc::clone(&held.shard));
        }
        let feed = crate::find(namespace)?;
        self.shelf.take(feed, namespace).map(|held| held.shard)
    }

    fn details(&self, ids: &BTreeSet<String>) -> Details {
        let mut details = Details::default();
        let mut years: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in ids {
            if let Some(namespace) = cve::namespace_of(id) {
                years.entry(namespace).or_default().insert(id.clone());
            }
        }
        for (namespace, ids) in years {
            match self.ask_with(&namespace, &ids) {
                Ok(held) => take_found(held.shard, &ids, &mut details),
                Err(lack) if lack.not_found => self.singly(&namespace, &ids, &mut details),
                Err(lack) => details.unavailable.push((namespace, lack.error.to_string())),
            }
        }
        details
    }

    fn stale(&self) -> Vec<(String, String)> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stale: Vec<(String, String)> = held
            .iter()
            .filter_map(|(namespace, slot)| {
                let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                let sentence = slot.as_ref()?.as_ref().ok()?.stale.clone()?;
                Some((namespace.clone(), sentence))
            })
            .collect();
        stale.sort();
        stale
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo::default()
    }
}

impl std::fmt::Debug for Lazy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lazy")
            .field("client", &self.client)
            .field("shelf", &self.shelf)
            .finish_non_exhaustive()
    }
}

fn mirror_folder(root: &str) -> String {
    let digest = Sha256::digest(root.as_bytes());
    let number = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("mirror-{number:016x}")
}

fn take_found(shard: Arc<Shard>, ids: &BTreeSet<String>, details: &mut Details) {
    for id in ids {
        match shard.details(id) {
            Ok(detail) => details.found.extend(detail.map(|detail| (id.clone(), detail))),
            Err(error) => {
                let namespace = shard.meta().namespace.clone();
                details.unavailable.push((namespace, error.to_string()));
                break;
            }
        }
    }
    details.shards.push(shard);
}

/// A record of NVD always has its day; what was kept without texts has none.
fn is_whole(detail: &Detail) -> bool {
    detail.published.is_some() || detail.description.is_some()
}

/// Returns whether no CVE of these is there without its texts.
fn has_texts(shard: &Shard, ids: &BTreeSet<String>) -> bool {
    ids.iter().all(|id| shard.details(id).ok().flatten().is_none_or(|detail| is_whole(&detail)))
}

/// Returns the CVEs of a shard that have their texts.
fn texts_of(shard: &Shard) -> BTreeSet<String> {
    if shard.meta().rows != RowKind::Details {
        return BTreeSet::new();
    }
    let whole = |id: &String| shard.details(id).ok().flatten().is_some_and(|d| is_whole(&d));
    shard.names().filter(whole).collect()
}
