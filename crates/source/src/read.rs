//! From a reference to the merged tree: the whole way of this crate.

use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use plimsoll_model::coverage::GapKind;
use plimsoll_model::report::Target;
use plimsoll_model::tree::Tree;
use plimsoll_model::{LayerListing, Problem, Readers};

use crate::cache::{self, Cache, Identity, MAX_CACHE_BYTES};
use crate::error::SourceError;
use crate::folder;
use crate::image::{Image, ImageConfig, LayerBlob};
use crate::layers::{self, Known, Plan, Sifted, ToRead, Told};
use crate::path::shown;
use crate::pile::Pile;
use crate::platform::Platform;
use crate::progress::Progress;
use crate::reference::Reference;
use crate::sandbox::{self, SandboxError};
use crate::sieve::{Budget, MAX_LARGE_BODIES_BYTES};
use crate::waiting::{MAX_WAITING_BYTES, Waiting, weight};

/// How often the layers are looked into again for files that links lead to.
pub(crate) const MAX_ROUNDS: usize = 4;

/// Layers beyond the number of threads that may be read while a lower one is not: their listings wait
/// in memory.
const LAYERS_AHEAD: usize = 4;

/// Bytes of listings out of the cache that wait for the stored digests of their layers.
const MAX_KNOWN_BYTES: usize = 256 << 20;

/// How a target is read.
pub struct Options<'a> {
    /// Of an image for several platforms, the one to read; by default that of this machine.
    pub platform: Option<Platform>,
    /// Hash every layer, also those that could be walked.
    pub strict: bool,
    /// The folder of the layer cache; without one, nothing is kept.
    pub cache: Option<&'a Path>,
    /// Threads that read layers; by default as many as there are processors.
    pub threads: Option<usize>,
    /// Is told how far the layers are.
    pub progress: &'a dyn Progress,
    /// Is called with path and bytes of each file kept for tree cataloguers as soon as it comes, in no
    /// stated order, so that what it makes necessary can be fetched meanwhile.
    pub hint: &'a (dyn Fn(&str, &[u8]) + Sync),
}

/// A target, read.
#[derive(Debug)]
pub struct Contents {
    /// What was read, for the report.
    pub target: Target,
    /// All layers over each other, with what the readers took.
    pub tree: Tree,
    /// What the image configuration tells; empty for a folder.
    pub config: ImageConfig,
    /// Whether all threads that parsed were in a closed sandbox.
    pub sandboxed: bool,
}

/// Reads a target.
///
/// What is wrong inside of it is a problem of the tree. Errors: it cannot be opened, it is damaged, a
/// digest is wrong, a limit is passed.
pub fn read(
    reference: &Reference,
    readers: &dyn Readers,
    options: &Options<'_>,
) -> Result<Contents, SourceError> {
    let path = shown(reference.path().as_os_str().as_encoded_bytes());
    if let Reference::Dir { path: root } = reference {
        return folder::read_folder(root, &path, readers, options);
    }
    let image = crate::open::open(reference, options.platform.as_ref())?;
    read_image(&path, image, readers, options)
}

/// Reads the layers of an opened image.
pub(crate) fn read_image(
    path: &str,
    image: Image,
    readers: &dyn Readers,
    options: &Options<'_>,
) -> Result<Contents, SourceError> {
    let Image { mut target, layers: blobs, config, sandboxed: documents } = image;
    let budget = Budget::new(MAX_LARGE_BODIES_BYTES);
    let waiting = Waiting::new(MAX_WAITING_BYTES);
    let plan = Plan {
        path,
        blobs: &blobs,
        readers,
        budget: &budget,
        waiting: &waiting,
        progress: options.progress,
        strict: options.strict,
        threads: options.threads.unwrap_or_else(processors).max(1),
    };
    options.progress.start("layers", blobs.iter().map(LayerBlob::length).sum());
    let cache = options.cache.map(|folder| Cache::new(folder, readers.fingerprint()));
    let result = merge(&plan, cache.as_ref(), options);
    options.progress.finish();
    let (pile, layers) = result?;
    let sandboxed = documents && layers;
    for layer in &mut target.layers {
        layer.verified = pile.is_verified(layer.index as usize);
    }
    let mut tree = pile.tree();
    if let Some(folder) = options.cache {
        cache::prune(folder, MAX_CACHE_BYTES);
    }
    supply_missing(&plan, &mut tree, options)?;
    Ok(Contents { target, tree, config, sandboxed })
}

/// Gathers all layers, out of the cache or read, and lays them over each other in their order. Returns
/// them and whether all threads that read were in a closed sandbox.
fn merge<'a>(
    plan: &'a Plan<'_>,
    cache: Option<&Cache>,
    options: &Options<'_>,
) -> Result<(Pile<'a>, bool), SourceError> {
    let mut pile = Pile::new(plan.path, plan.blobs);
    let to_read = recall_all(plan, cache, options, &mut pile)?;
    plan.waiting.laid(pile.lowest());
    let mut gathering = Gathering {
        plan,
        cache,
        options,
        before: plan.blobs.iter().map(|blob| layers::identity(&blob.place)).collect(),
        pile,
    };
    let (tell, told) = channel();
    let (permit, permits) = channel();
    let (read, listened) = std::thread::scope(|scope| {
        let reading = std::thread::Builder::new()
            .spawn_scoped(scope, move || layers::sift_all(plan, to_read, &tell, permits));
        let listened = gathering.listen(told, &permit);
        let lost = |_| Err(SourceError::failed(plan.path, sandbox::lost()));
        let read = match reading {
            Ok(reading) => reading.join().unwrap_or_else(lost),
            Err(error) => Err(SourceError::failed(plan.path, SandboxError::Thread(error))),
        };
        (read, listened)
    });
    listened?;
    Ok((gathering.pile, read?))
}

/// Lays the layers on the pile that the cache has, and returns the others.
fn recall_all(
    plan: &Plan<'_>,
    cache: Option<&Cache>,
    options: &Options<'_>,
    pile: &mut Pile<'_>,
) -> Result<ToRead, SourceError> {
    let mut to_read = ToRead::default();
    let mut known_bytes = 0;
    for layer in pile.distinct() {
        let blob = &plan.blobs[layer];
        let found = match cache {
            Some(cache) => layers::recall(plan, cache, blob)?,
            None => None,
        };
        match found {
            Some(Known::Proven(sifted)) => {
                plan.progress.advance(blob.length());
                tell_kept(&sifted.listing, options);
                pile.add(layer, sifted)?;
            }
            Some(Known::IfStored(digests, listing)) => {
                to_read.layers.push(layer);
                // Of what would fill the memory, the rest is read again.
                known_bytes += weight(&listing);
                if known_bytes <= MAX_KNOWN_BYTES {
                    to_read.known.insert(layer, (digests, listing));
                }
            }
            None => to_read.layers.push(layer),
        }
    }
    Ok(to_read)
}

/// The side of the thread that called, which listens to those that read.
struct Gathering<'a, 'b, 'p> {
    plan: &'a Plan<'p>,
    cache: Option<&'b Cache>,
    options: &'b Options<'b>,
    /// What each file was before it was read.
    before: Vec<Option<Identity>>,
    pile: Pile<'a>,
}

impl Gathering<'_, '_, '_> {
    /// Takes what the threads tell until they are done. Of several errors that of the lowest layer is
    /// returned.
    fn listen(&mut self, told: Receiver<Told>, permit: &Sender<()>) -> Result<(), SourceError> {
        let permit = |count| (0..count).for_each(|_| permit.send(()).unwrap_or_default());
        permit(self.plan.threads + LAYERS_AHEAD);
        let mut error: Option<(usize, SourceError)> = None;
        for told in told {
            match told {
                Told::Kept(path, body) => (self.options.hint)(&path, &body),
                Told::Done(layer, done) => match done.and_then(|sifted| self.add(layer, sifted)) {
                    Ok(laid) => permit(laid),
                    Err(found) if error.as_ref().is_none_or(|(lowest, _)| layer < *lowest) => {
                        error = Some((layer, found));
                    }
                    Err(_) => {}
                },
            }
            if error.is_some() {
                // Nothing more is laid on the pile, so no thread may wait for that.
                permit(self.plan.threads);
                self.plan.waiting.open();
            }
        }
        error.map_or(Ok(()), |(_, error)| Err(error))
    }

    fn add(&mut self, layer: usize, sifted: Sifted) -> Result<usize, SourceError> {
        if let Some(cache) = self.cache {
            keep(cache, &sifted, &self.plan.blobs[layer], self.before[layer].as_ref());
        }
        if sifted.cached {
            tell_kept(&sifted.listing, self.options);
        }
        let laid = self.pile.add(layer, sifted)?;
        self.plan.waiting.laid(self.pile.lowest());
        Ok(laid)
    }
}

/// Keeps what a layer yielded, if its digests were computed and something that was stated agreed.
fn keep(cache: &Cache, sifted: &Sifted, blob: &LayerBlob, before: Option<&Identity>) {
    let Some(digests) = sifted.digests.as_ref().filter(|_| blob.is_stated()) else { return };
    if !sifted.cached {
        cache.keep(digests, &sifted.listing);
    }
    // A file that changed while it was read is not what was hashed.
    let after = layers::identity(&blob.place);
    if let Some(identity) = before.filter(|&before| Some(before) == after.as_ref()) {
        cache.remember(identity, digests);
    }
}

/// Hints at the bodies of a layer that came out of the cache.
fn tell_kept(listing: &LayerListing, options: &Options<'_>) {
    listing.for_each(|entry| {
        let content = entry.content.and_then(|index| listing.content(index));
        if let Some(body) = content.and_then(|content| content.body.as_deref()) {
            (options.hint)(entry.path, body);
        }
    });
}

/// Looks into the layers again for files that are wanted under another name than their own.
fn supply_missing(
    plan: &Plan<'_>,
    tree: &mut Tree,
    options: &Options<'_>,
) -> Result<(), SourceError> {
    for _ in 0..MAX_ROUNDS {
        let missing = tree.missing(plan.readers.wants());
        if missing.is_empty() {
            return Ok(());
        }
        let (found, problems) = layers::look_again(plan, &missing)?;
        for problem in problems {
            tree.add_problem(problem);
        }
        if found.is_empty() {
            break;
        }
        for (missing, content) in found {
            if let Some(body) = content.body.as_deref() {
                (options.hint)(&missing.wanted_as, body);
            }
            tree.supply(&missing, &content);
        }
    }
    tell_missing(tree, plan.readers);
    Ok(())
}

/// Tells of files that are wanted, are there, and were not found by looking again.
pub(crate) fn tell_missing(tree: &mut Tree, readers: &dyn Readers) {
    for missing in tree.missing(readers.wants()) {
        let place = shown(&missing.path);
        tree.add_problem(Problem {
            path: missing.wanted_as,
            layer: Some(missing.layer),
            detail: format!("the file that its links lead to is not read: `{place}`"),
            gap: Some(GapKind::Unreadable),
        });
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
