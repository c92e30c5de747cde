//! The layers of an image, sifted in parallel on sandboxed threads, and what was computed of each.
//!
//! A layer that lies uncompressed in a local file is walked, its digest unknown, unless the options
//! are strict. Every other layer streams past once and is hashed to its last byte; what its digests
//! should be and are not ends the scan, since the image is damaged or forged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};

use plimsoll_model::Problem;
use plimsoll_model::tree::{LayerListing, Missing};

use crate::cache::{Cache, Identity};
use crate::error::SourceError;
use crate::image::{LayerBlob, Place};
use crate::inflate::{Bomb, Compression, Digests, Hashing, Region, Unread, inflate, sniff, stream};
use crate::progress::Progress;
use crate::sandbox::{self, Sandbox};
use crate::sieve::{Budget, Feed, MAX_ENTRIES, Seen, Sieve, Walk, look, read_at, sift};
use crate::waiting::{Waiting, weight};

/// Bytes of the layers of a compressed archive that wait for lower ones behind them.
const MAX_ARCHIVE_WAITING_BYTES: usize = 256 << 20;

/// What the layers of one image are read with.
pub(crate) struct Plan<'a> {
    /// The target as errors name it.
    pub(crate) path: &'a str,
    pub(crate) blobs: &'a [LayerBlob],
    pub(crate) readers: &'a dyn plimsoll_model::Readers,
    pub(crate) budget: &'a Budget,
    pub(crate) waiting: &'a Waiting,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) strict: bool,
    pub(crate) threads: usize,
}

/// One layer, read.
#[derive(Clone, Debug)]
pub(crate) struct Sifted {
    pub(crate) listing: LayerListing,
    /// What was computed of it; `None` when it was walked.
    pub(crate) digests: Option<Digests>,
    /// The listing came out of the cache.
    pub(crate) cached: bool,
}

/// What the threads that read tell the one that waits.
pub(crate) enum Told {
    /// A body was kept for tree cataloguers.
    Kept(String, Arc<[u8]>),
    /// A layer is done.
    Done(usize, Result<Sifted, SourceError>),
}

/// Work for one thread.
enum Job {
    /// One layer that lies in a file.
    Stored(usize),
    /// The layers of an archive that is compressed as a whole, in the order of their offsets.
    Archive(Vec<usize>),
}

/// A layer that the cache may know: by digests of the same part of the same file, or by its stored
/// digest, which has to be computed first.
pub(crate) enum Known {
    Proven(Sifted),
    IfStored(Digests, LayerListing),
}

/// Looks a layer up in the cache. Nothing that the image claims is believed.
///
/// Errors: the digests that were computed when the file was last read are not those that the image
/// states.
pub(crate) fn recall(
    plan: &Plan<'_>,
    cache: &Cache,
    blob: &LayerBlob,
) -> Result<Option<Known>, SourceError> {
    let Place::Stored { file, offset, length } = &blob.place else { return Ok(None) };
    if let Some(identity) = identity(&blob.place)
        && let Some(digests) = cache.recall(&identity)
    {
        agree(plan.path, blob, &digests)?;
        let listing = cache.listing(&digests.diff_id);
        return Ok(listing.map(|listing| {
            Known::Proven(Sifted { listing, digests: Some(digests), cached: true })
        }));
    }
    let compressed =
        compression_at(file, *offset, *length).is_ok_and(|how| how != Compression::None);
    let Some(stored) = blob.digest.clone().filter(|_| compressed) else { return Ok(None) };
    let Some(diff_id) = cache.diff_id_of(&stored) else { return Ok(None) };
    let listing = cache.listing(&diff_id);
    Ok(listing.map(|listing| Known::IfStored(Digests { stored, diff_id }, listing)))
}

/// Returns what tells this part of this file from what it was at another time.
pub(crate) fn identity(place: &Place) -> Option<Identity> {
    let Place::Stored { file, offset, length } = place else { return None };
    Some(Identity::new(&file.metadata().ok()?, *offset, *length))
}

/// The layers to read, ascending, and for some of them what the cache has if their stored digest is
/// the one that is stated.
#[derive(Default)]
pub(crate) struct ToRead {
    pub(crate) layers: Vec<usize>,
    pub(crate) known: HashMap<usize, (Digests, LayerListing)>,
}

/// Reads layers on sandboxed threads and tells of each. The lowest layer that fails is always told
/// of. A job is begun when there is a permit for it, or nobody left to give one.
///
/// Returns whether all threads were in a closed sandbox.
pub(crate) fn sift_all(
    plan: &Plan<'_>,
    to_read: ToRead,
    tell: &Sender<Told>,
    permits: Receiver<()>,
) -> Result<bool, SourceError> {
    let jobs = jobs(plan, &to_read.layers);
    let (known, permits) = (Mutex::new(to_read.known), Mutex::new(permits));
    let (next, failed, open) =
        (AtomicUsize::new(0), AtomicBool::new(false), AtomicBool::new(false));
    let work = |tell: &Sender<Told>, sandbox: Sandbox| {
        open.fetch_or(!sandbox.is_closed(), Ordering::Relaxed);
        while !failed.load(Ordering::Relaxed) {
            // Who waits for a permit has no job yet, so that the lowest job is never left without one.
            let taken = permits.lock().map(|permits| {
                let _ = permits.recv();
                next.fetch_add(1, Ordering::Relaxed)
            });
            let Some(job) = taken.ok().and_then(|taken| jobs.get(taken)) else { break };
            let done = |layer, result: Result<Sifted, SourceError>| {
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                // Who does not listen any more has an error already.
                let _ = tell.send(Told::Done(layer, result));
            };
            let _lost = TellsPanic { plan, job, tell };
            match job {
                Job::Stored(layer) => {
                    let known = known.lock().ok().and_then(|mut known| known.remove(layer));
                    done(*layer, sift_stored(plan, *layer, known, tell));
                }
                Job::Archive(layers) => sift_archive(plan, layers, tell, &done),
            }
        }
    };
    let work = &work;
    std::thread::scope(|scope| {
        let threads = plan.threads.min(jobs.len());
        let running: Vec<_> = (0..threads)
            .map(|_| {
                let tell = tell.clone();
                sandbox::start(scope, move |sandbox| work(&tell, sandbox))
            })
            .collect();
        for thread in running {
            let ended =
                thread.and_then(|thread| thread.join().unwrap_or_else(|_| Err(sandbox::lost())));
            ended.map_err(|error| SourceError::failed(plan.path, error))?;
        }
        Ok(!open.load(Ordering::Relaxed))
    })
}

/// Looks again into layers for files that are missed; in the order of layers.
pub(crate) fn look_again(
    plan: &Plan<'_>,
    missing: &[Missing],
) -> Result<(Vec<Seen>, Vec<Problem>), SourceError> {
    let ran = sandbox::run(|| {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        for missing in missing.chunk_by(|a, b| a.layer == b.layer) {
            let layer = missing[0].layer as usize;
            let sieve = plan.sieve(&|_, _| (), &|_| ());
            let place = &plan.blobs[layer].place;
            let read = read_place(plan, place, Look::Again, |feed| look(feed, missing, &sieve));
            let ((contents, odd), _) = read.map_err(|error| fault(plan.path, layer, error))?;
            found.extend(contents);
            let layer = Some(layer as u32);
            problems.extend(odd.into_iter().map(|problem| Problem { layer, ..problem }));
        }
        Ok((found, problems))
    });
    ran.unwrap_or_else(|error| Err(SourceError::failed(plan.path, error)))
}

impl Plan<'_> {
    fn sieve<'s>(
        &'s self,
        kept: &'s (dyn Fn(&str, &Arc<[u8]>) + Sync),
        grown: &'s (dyn Fn(usize) + Sync),
    ) -> Sieve<'s> {
        let Self { readers, budget, .. } = *self;
        Sieve { readers, budget, kept, grown, max_entries: MAX_ENTRIES }
    }
}

/// Tells that a layer failed when the thread that reads it panics, lest others wait for it.
struct TellsPanic<'a> {
    plan: &'a Plan<'a>,
    job: &'a Job,
    tell: &'a Sender<Told>,
}

impl Drop for TellsPanic<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let layer = match self.job {
            Job::Stored(layer) => *layer,
            Job::Archive(layers) => layers.first().copied().unwrap_or(0),
        };
        let error = SourceError::failed(self.plan.path, sandbox::lost());
        let _ = self.tell.send(Told::Done(layer, Err(error)));
    }
}

fn jobs(plan: &Plan<'_>, layers: &[usize]) -> Vec<Job> {
    let (mut jobs, mut packed) = (Vec::new(), Vec::new());
    for &layer in layers {
        match plan.blobs[layer].place {
            Place::Stored { .. } => jobs.push(Job::Stored(layer)),
            Place::Inflated { offset, .. } => packed.push((offset, layer)),
        }
    }
    if !packed.is_empty() {
        packed.sort_unstable();
        // First, since others may have to wait for what it holds.
        jobs.insert(0, Job::Archive(packed.into_iter().map(|(_, layer)| layer).collect()));
    }
    jobs
}

fn sift_stored(
    plan: &Plan<'_>,
    layer: usize,
    known: Option<(Digests, LayerListing)>,
    tell: &Sender<Told>,
) -> Result<Sifted, SourceError> {
    let blob = &plan.blobs[layer];
    let read = match known {
        Some((digests, listing)) => hash_stored(plan, &blob.place).map(|stored| {
            let diff_id = digests.diff_id;
            Sifted { listing, digests: Some(Digests { stored, diff_id }), cached: true }
        }),
        None => read_place(plan, &blob.place, Look::First, |feed| {
            sift_feed(plan, feed, tell, &|bytes| plan.waiting.hold(layer, bytes))
        })
        .map(|(listing, digests)| Sifted { listing, digests, cached: false }),
    };
    let sifted = read.map_err(|error| fault(plan.path, layer, error))?;
    if let Some(digests) = &sifted.digests {
        agree(plan.path, blob, digests)?;
    }
    Ok(sifted)
}

/// Reads the layers of a compressed archive in one pass over it.
fn sift_archive(
    plan: &Plan<'_>,
    layers: &[usize],
    tell: &Sender<Told>,
    done: &dyn Fn(usize, Result<Sifted, SourceError>),
) {
    let mut archive: Option<Unpacked<'_>> = None;
    let mut order = Order::of(layers);
    for &layer in layers {
        let blob = &plan.blobs[layer];
        let read = unpacked_at(plan, &blob.place, &mut archive).and_then(|mut stored| {
            stream(&mut stored, Hashing::All, |feed| sift_feed(plan, feed, tell, &|_| ()))
        });
        let result = read.map_err(|error| fault(plan.path, layer, error));
        let result = result.and_then(|(listing, digests)| {
            if let Some(digests) = &digests {
                agree(plan.path, blob, digests)?;
            }
            order.add(plan.path, layer, weight(&listing))?;
            Ok(Sifted { listing, digests, cached: false })
        });
        let failed = result.is_err();
        done(layer, result);
        if failed {
            return;
        }
    }
}

/// The layers of a compressed archive that lie before lower ones, whose listings have to wait, since
/// there is no way back in it.
struct Order {
    /// The layers that are still to come, ascending.
    open: BTreeSet<usize>,
    waiting: BTreeMap<usize, usize>,
}

impl Order {
    fn of(layers: &[usize]) -> Self {
        Self { open: layers.iter().copied().collect(), waiting: BTreeMap::new() }
    }

    /// Notes a layer that was read. Errors: those that wait hold too many bytes together.
    fn add(&mut self, path: &str, layer: usize, bytes: usize) -> Result<(), SourceError> {
        self.open.remove(&layer);
        self.waiting.insert(layer, bytes);
        let lowest = self.open.first().copied().unwrap_or(usize::MAX);
        self.waiting = self.waiting.split_off(&lowest);
        if self.waiting.values().sum::<usize>() <= MAX_ARCHIVE_WAITING_BYTES {
            return Ok(());
        }
        Err(SourceError::Limit {
            path: path.to_owned(),
            what: "bytes of layers that lie in it before lower ones".to_owned(),
            limit: MAX_ARCHIVE_WAITING_BYTES as u64,
            hint: Some("decompress the archive first".to_owned()),
        })
    }
}

fn sift_feed(
    plan: &Plan<'_>,
    feed: &mut dyn Feed,
    tell: &Sender<Told>,
    grown: &(dyn Fn(usize) + Sync),
) -> io::Result<LayerListing> {
    let kept = |path: &str, body: &Arc<[u8]>| {
        // Who does not listen any more has an error already.
        let _ = tell.send(Told::Kept(path.to_owned(), Arc::clone(body)));
    };
    sift(feed, &plan.sieve(&kept, grown))
}

/// Whether a layer is read to be listed and proven, or to get a few files more.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Look {
    First,
    Again,
}

/// Opens the bytes of a layer as they have to be read: walked, or streamed and perhaps hashed.
fn read_place<T>(
    plan: &Plan<'_>,
    place: &Place,
    when: Look,
    work: impl FnOnce(&mut dyn Feed) -> io::Result<T>,
) -> io::Result<(T, Option<Digests>)> {
    let hashing = if when == Look::First { Hashing::All } else { Hashing::Off };
    let passed = |bytes| {
        if when == Look::First {
            plan.progress.advance(bytes);
        }
    };
    let Place::Stored { file, offset, length } = place else {
        let mut archive = None;
        return stream(&mut unpacked_at(plan, place, &mut archive)?, hashing, work);
    };
    check_length(file, *offset, *length)?;
    let walked = compression_at(file, *offset, *length)? == Compression::None;
    if walked && (when == Look::Again || !plan.strict) {
        let mut walk = Walk::new(file, *offset, *length, &passed);
        return work(&mut walk).map(|value| (value, None));
    }
    stream(&mut Region::new(file, *offset, *length, &passed), hashing, work)
}

fn compression_at(file: &File, offset: u64, length: u64) -> io::Result<Compression> {
    let mut start = [0; 6];
    let most = length.min(6) as usize;
    let got = read_at(file, &mut start[..most], offset)?;
    Ok(sniff(&start[..got]))
}

fn check_length(file: &File, offset: u64, length: u64) -> io::Result<()> {
    let there = file.metadata()?.len();
    if offset.checked_add(length).is_none_or(|end| end > there) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
    }
    Ok(())
}

/// An archive that is compressed as a whole, inflated up to a place.
struct Unpacked<'a> {
    reader: Box<dyn Read + 'a>,
    position: u64,
}

/// A layer inside an [`Unpacked`] archive.
struct Inner<'r, 'a> {
    archive: &'r mut Unpacked<'a>,
    left: u64,
    progress: &'r dyn Progress,
}

/// Inflates an archive up to a layer; opens it where that was not done before.
fn unpacked_at<'r, 'a>(
    plan: &'r Plan<'_>,
    place: &'a Place,
    archive: &'r mut Option<Unpacked<'a>>,
) -> io::Result<Inner<'r, 'a>> {
    let Place::Inflated { archive: file, offset, length } = place else {
        return Err(io::Error::other("it lies in a file of its own"));
    };
    let archive = match archive {
        Some(archive) => archive,
        None => archive.insert(Unpacked::open(file)?),
    };
    let Some(ahead) = offset.checked_sub(archive.position) else {
        return Err(io::Error::other("it begins inside another layer"));
    };
    let passed = io::copy(&mut archive.reader.by_ref().take(ahead), &mut io::sink())?;
    archive.position += passed;
    if passed < ahead {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Inner { archive, left: *length, progress: plan.progress })
}

impl<'a> Unpacked<'a> {
    fn open(file: &'a File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let compression = compression_at(file, 0, length)?;
        let file = BufReader::with_capacity(256 << 10, Region::new(file, 0, length, &|_| ()));
        Ok(Self { reader: inflate(file, compression)?, position: 0 })
    }
}

impl Read for Inner<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.left.min(into.len() as u64) as usize;
        let got = self.archive.reader.read(&mut into[..most])?;
        if got == 0 && most > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
        }
        self.left -= got as u64;
        self.archive.position += got as u64;
        self.progress.advance(got as u64);
        Ok(got)
    }
}

/// Computes the digest of the stored bytes of a layer.
fn hash_stored(plan: &Plan<'_>, place: &Place) -> io::Result<String> {
    use sha2::Digest as _;
    let Place::Stored { file, offset, length } = place else {
        return Err(io::Error::other("it does not lie in a file"));
    };
    check_length(file, *offset, *length)?;
    let passed = |bytes| plan.progress.advance(bytes);
    let mut region = Region::new(file, *offset, *length, &passed);
    let (mut hash, mut buffer) = (sha2::Sha256::new(), vec![0; 256 << 10]);
    loop {
        match region.read(&mut buffer)? {
            0 => return Ok(crate::digest::written(&hash.finalize())),
            got => hash.update(&buffer[..got]),
        }
    }
}

/// Compares what was computed of a layer with what the image states of it.
pub(crate) fn agree(path: &str, blob: &LayerBlob, digests: &Digests) -> Result<(), SourceError> {
    let wrong = |expected: &str, found: &str| SourceError::WrongDigest {
        path: path.to_owned(),
        blob: format!("layer {}", blob.index),
        expected: crate::path::shown(expected),
        found: found.to_owned(),
    };
    if let Some(stated) = blob.digest.as_deref().filter(|&stated| stated != digests.stored) {
        return Err(wrong(stated, &digests.stored));
    }
    if !blob.diff_id.is_empty() && blob.diff_id != digests.diff_id {
        return Err(wrong(&blob.diff_id, &digests.diff_id));
    }
    Ok(())
}

/// Words what went wrong with a layer: the system, a limit, or the bytes.
fn fault(path: &str, layer: usize, error: io::Error) -> SourceError {
    let path = path.to_owned();
    if let Some(bomb) = Bomb::of(&error) {
        let (limit, hint) = bomb.limit();
        let what = format!("layer {layer}: {bomb}");
        return SourceError::Limit { path, what, limit, hint };
    }
    if let Some(Unread(name)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        let what = format!("layer {layer} of `{path}` is compressed by {name}, which is not read");
        let hint =
            Some("save the image with layers that are compressed by gzip or zstd".to_owned());
        return SourceError::Unsupported { what, hint };
    }
    if error.raw_os_error().is_some() {
        return SourceError::Unreadable { path, source: error };
    }
    let detail = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => error.to_string(),
    };
    SourceError::Damaged { path, place: format!("layer {layer}"), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_before_lower_ones_have_a_limit() {
        let mut order = Order::of(&[2, 1, 0, 3]);
        let half = MAX_ARCHIVE_WAITING_BYTES / 2;
        order.add("a", 2, half).unwrap();
        order.add("a", 1, half).unwrap();
        order.add("a", 0, half).unwrap();
        assert!(order.waiting.is_empty(), "none is below");
        let mut order = Order::of(&[2, 1, 0]);
        order.add("a", 2, half).unwrap();
        let error = order.add("a", 1, half + 1).unwrap_err();
        assert_eq!(error.hint().as_deref(), Some("decompress the archive first"));
    }
}
