//! A whole release: every shard that is asked for, built from upstream into a folder.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plimsoll_net::{Client, Progress};
use plimsoll_vuln::manifest::{Manifest, ManifestError, ShardEntry, put_shard};
use plimsoll_vuln::{Shard, ShardError};

use crate::error::FeedError;
use crate::feed::{Draft, Feed, Harvest, SourceFile, Texts};
use crate::fetch::{check_loss, finish, gather};

/// What to build, and where.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The namespaces; `None` for every one that is known.
    pub only: Option<Vec<String>>,
    /// The folder of the release. Shards of other namespaces that are there already stay.
    pub out: PathBuf,
    /// The time that the manifest states: RFC 3339, UTC.
    pub built: String,
    /// The year that it is: up to it there are CVEs.
    pub year: u16,
    /// Threads that build at once; 0 for as many as there are processors.
    pub threads: usize,
}

/// What became of one namespace.
#[derive(Clone, Debug)]
pub struct BuildRow {
    /// `alpine:3.17`.
    pub namespace: String,
    /// The feed: `Alpine secdb`.
    pub source: String,
    /// Rows in the shard.
    pub records: u64,
    /// Records that could not be used.
    pub dropped: u64,
    /// Size of the shard.
    pub bytes: u64,
    /// From the first byte of its files to the finished shard.
    pub time: Duration,
    /// Whether there is a new shard.
    pub outcome: Outcome,
}

/// Whether there is a new shard.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was built.
    Built,
    /// The upstream has no such thing.
    NotFound,
    /// It was not built, for this reason; the last shard, if there is one, stays in use.
    Failed(String),
}

/// Why there is no release.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A namespace that was asked for by name could not be built.
    #[error("cannot build `{namespace}`")]
    Feed {
        /// The namespace.
        namespace: String,
        /// Why; the namespaces of one file share it.
        #[source]
        source: Arc<FeedError>,
    },
    /// The folder could not be used.
    #[error(transparent)]
    Folder(#[from] ManifestError),
}

impl BuildError {
    /// Returns the advice that goes with it, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Feed { source, .. } => source.hint(),
            Self::Folder(_) => None,
        }
    }
}

/// One download and the namespaces that it serves.
struct Job {
    feed: &'static Feed,
    files: Vec<SourceFile>,
    namespaces: Vec<String>,
}

/// What a job gives for one namespace.
struct Done {
    row: BuildRow,
    result: Result<ShardEntry, BuildError>,
}

/// Builds shards and writes the manifest last. The rows are sorted by namespace.
///
/// A shard that lost more than a fifth of its records against the manifest that is there is refused.
/// Without `only`, what cannot be built stands in its row; with it, nothing of that kind is
/// accepted.
///
/// # Errors
/// With `only`: the first namespace, in the order of the names, that could not be built; the manifest
/// then stays as it was. Without: when not one shard could be built. And when the folder cannot be
/// written.
pub fn build(
    options: &BuildOptions,
    client: &Client,
    progress: &dyn Progress,
) -> Result<Vec<BuildRow>, BuildError> {
    let before = match Manifest::read(&options.out) {
        Ok((manifest, _)) => Some(manifest),
        Err(ManifestError::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let jobs = jobs(options)?;
    let (out, year) = (&options.out, options.year);
    let bench = Bench { client, progress, before: before.as_ref(), out, year };
    let mut done = run(&jobs, options.threads, &bench);
    done.sort_by(|a, b| a.row.namespace.cmp(&b.row.namespace));

    let mut manifest = Manifest::new(&options.built, env!("CARGO_PKG_VERSION"));
    manifest.shards = before.map(|before| before.shards).unwrap_or_default();
    let (mut rows, mut first, mut built) = (Vec::new(), None, 0);
    for Done { row, result } in done {
        rows.push(row);
        match result {
            Ok(entry) => {
                manifest.put(entry);
                built += 1;
            }
            Err(error) => first = first.or(Some(error)),
        }
    }
    if let Some(error) = first.filter(|error| {
        options.only.is_some() || built == 0 || matches!(error, BuildError::Folder(_))
    }) {
        return Err(error);
    }
    manifest.write(&options.out)?;
    Ok(rows)
}

/// Puts the namespaces that share their files together, the largest files first.
fn jobs(options: &BuildOptions) -> Result<Vec<Job>, BuildError> {
    let namespaces: Vec<String> = match &options.only {
        Some(only) => only.clone(),
        None => crate::FEEDS.iter().flat_map(|feed| (feed.namespaces)(options.year)).collect(),
    };
    let mut jobs: Vec<Job> = Vec::new();
    for namespace in namespaces {
        let found = crate::find(&namespace).and_then(|f| Some((f, (f.files)(&namespace)?)));
        let Some((feed, files)) = found else {
            let source = Arc::new(FeedError::NoFeed { namespace: namespace.clone() });
            return Err(BuildError::Feed { namespace, source });
        };
        match jobs.iter_mut().find(|job| job.files == files) {
            Some(job) if job.namespaces.contains(&namespace) => {}
            Some(job) => job.namespaces.push(namespace),
            None => jobs.push(Job { feed, files, namespaces: vec![namespace] }),
        }
    }
    let size = |job: &Job| job.files.iter().map(|file| file.max_bytes).sum::<u64>();
    jobs.sort_by_key(|job| std::cmp::Reverse(size(job)));
    Ok(jobs)
}

/// What all jobs work with.
struct Bench<'a> {
    client: &'a Client,
    progress: &'a dyn Progress,
    before: Option<&'a Manifest>,
    out: &'a Path,
    year: u16,
}

fn run(jobs: &[Job], threads: usize, bench: &Bench<'_>) -> Vec<Done> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if threads == 0 { processors } else { threads };
    in_parallel(jobs, threads, |job| bench.work(job, threads)).into_iter().flatten().collect()
}

/// Calls the function for each item on a few threads; what it gives comes in no stated order.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push(result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

impl Bench<'_> {
    fn work(&self, job: &Job, threads: usize) -> Vec<Done> {
        let begin = Instant::now();
        let names = job.namespaces.iter().map(String::as_str);
        let harvest = Harvest::of(names, Texts::All).up_to(self.year);
        let gathered = match gather(job.feed, &job.files, harvest, self.client, self.progress) {
            Ok(gathered) => gathered,
            Err(error) => return job.failed(error, begin.elapsed()),
        };
        let drafts: Vec<(String, Mutex<Draft>)> =
            gathered.drafts.into_iter().map(|(name, draft)| (name, Mutex::new(draft))).collect();
        in_parallel(&drafts, threads, |(namespace, draft)| {
            let draft = std::mem::take(&mut *draft.lock().unwrap_or_else(PoisonError::into_inner));
            let result = self.shard(job.feed, namespace, draft, &gathered.addresses);
            Done::new(job.feed, namespace, result, begin.elapsed())
        })
    }

    fn shard(
        &self,
        feed: &Feed,
        namespace: &str,
        draft: Draft,
        addresses: &[String],
    ) -> Result<ShardEntry, BuildError> {
        let fault =
            |error| BuildError::Feed { namespace: namespace.to_owned(), source: Arc::new(error) };
        let built = finish(feed, namespace, draft, addresses).map_err(fault)?;
        if let Some(entry) = self.before.and_then(|before| before.find(namespace)) {
            check_loss(namespace, entry.records, built.records).map_err(fault)?;
        }
        // What was written is read back: a shard that cannot be opened must not be released.
        let of_shard = |source: ShardError| {
            fault(FeedError::Shard { namespace: namespace.to_owned(), source })
        };
        let meta = Shard::from_bytes(built.bytes.clone()).map_err(of_shard)?.meta().clone();
        Ok(put_shard(self.out, &meta, &built)?)
    }
}

impl Job {
    /// Makes the rows of a job whose files could not be had or read.
    fn failed(&self, error: FeedError, time: Duration) -> Vec<Done> {
        let source = Arc::new(error);
        let done = |namespace: &String| {
            let error =
                BuildError::Feed { namespace: namespace.clone(), source: Arc::clone(&source) };
            Done::new(self.feed, namespace, Err(error), time)
        };
        self.namespaces.iter().map(done).collect()
    }
}

impl Done {
    fn new(
        feed: &Feed,
        namespace: &str,
        result: Result<ShardEntry, BuildError>,
        time: Duration,
    ) -> Self {
        let (namespace, source) = (namespace.to_owned(), feed.title.to_owned());
        let mut row = BuildRow {
            namespace,
            source,
            records: 0,
            dropped: 0,
            bytes: 0,
            time,
            outcome: Outcome::Built,
        };
        match &result {
            Ok(entry) => {
                row.records = entry.records;
                row.dropped = entry.dropped;
                row.bytes = entry.size;
            }
            Err(BuildError::Feed { source, .. }) => {
                let nothing = source.is_not_found() || matches!(**source, FeedError::Empty { .. });
                row.outcome =
                    if nothing { Outcome::NotFound } else { Outcome::Failed(source.in_words()) };
            }
            Err(BuildError::Folder(error)) => row.outcome = Outcome::Failed(error.to_string()),
        }
        Self { row, result }
    }
}
