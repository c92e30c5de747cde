//! From a reference to the merged tree: the whole way of this crate.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::channel;

use plimsoll_model::coverage::GapKind;
use plimsoll_model::report::Target;
use plimsoll_model::tree::Tree;
use plimsoll_model::{LayerListing, Problem, Readers};

use crate::cache::{self, Cache, MAX_CACHE_BYTES};
use crate::error::SourceError;
use crate::folder;
use crate::image::{Image, ImageConfig, LayerBlob, Place};
use crate::layers::{self, Known, Plan, Sifted, Told};
use crate::path::shown;
use crate::platform::Platform;
use crate::progress::Progress;
use crate::reference::Reference;
use crate::sieve::{Budget, MAX_LARGE_BODIES_BYTES};

/// How often the layers are looked into again for files that links lead to.
pub(crate) const MAX_ROUNDS: usize = 4;

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
    let Image { mut target, layers: blobs, config } = image;
    let budget = Budget::new(MAX_LARGE_BODIES_BYTES);
    let plan = Plan {
        path,
        blobs: &blobs,
        readers,
        budget: &budget,
        progress: options.progress,
        strict: options.strict,
        threads: options.threads.unwrap_or_else(processors).max(1),
    };
    options.progress.start("layers", blobs.iter().map(length).sum());
    let cache = options.cache.map(|folder| Cache::new(folder, readers.fingerprint()));
    let result = merge(&plan, cache.as_ref(), options);
    options.progress.finish();
    let Merged { mut tree, verified, sandboxed } = result?;
    for layer in &mut target.layers {
        layer.verified = verified.get(layer.index as usize).copied().unwrap_or(false);
    }
    if let Some(folder) = options.cache {
        cache::prune(folder, MAX_CACHE_BYTES);
    }
    supply_missing(&plan, &mut tree, options)?;
    Ok(Contents { target, tree, config, sandboxed })
}

/// The layers in one tree, and what is known of each.
struct Merged {
    tree: Tree,
    verified: Vec<bool>,
    sandboxed: bool,
}

/// Gathers all layers, out of the cache or read, and lays them over each other in their order.
fn merge(
    plan: &Plan<'_>,
    cache: Option<&Cache>,
    options: &Options<'_>,
) -> Result<Merged, SourceError> {
    let twins = twins(plan.blobs);
    let mut pile = Pile::new(plan, twins.clone());
    let mut to_read = Vec::new();
    let mut known = vec![None; plan.blobs.len()];
    for (layer, blob) in plan.blobs.iter().enumerate() {
        if twins[layer] != layer {
            continue;
        }
        let found = match cache {
            Some(cache) => layers::recall(plan, cache, blob)?,
            None => None,
        };
        match found {
            Some(Known::Proven(sifted)) => {
                plan.progress.advance(length(blob));
                pile.add(layer, sifted, options)?;
                continue;
            }
            Some(Known::IfStored(digests, listing)) => known[layer] = Some((digests, listing)),
            None => {}
        }
        to_read.push(layer);
    }
    let before: Vec<_> = plan.blobs.iter().map(|blob| layers::identity(&blob.place)).collect();
    let (tell, told) = channel();
    let (read, error) = std::thread::scope(|scope| {
        let reading = scope.spawn(move || layers::sift_all(plan, &to_read, known, &tell));
        let mut error: Option<(usize, SourceError)> = None;
        let mut fail = |layer: usize, found: SourceError| match &error {
            Some((lower, _)) if *lower < layer => {}
            _ => error = Some((layer, found)),
        };
        for told in told {
            match told {
                Told::Kept(path, body) => (options.hint)(&path, &body),
                Told::Done(layer, Err(found)) => fail(layer, found),
                Told::Done(layer, Ok(sifted)) => {
                    if let Some(cache) = cache {
                        keep(cache, &sifted, &plan.blobs[layer], before[layer].as_ref());
                    }
                    if let Err(found) = pile.add(layer, sifted, options) {
                        fail(layer, found);
                    }
                }
            }
        }
        (reading.join(), error)
    });
    if let Some((_, error)) = error {
        return Err(error);
    }
    let lost = |_| Err(SourceError::failed(plan.path, crate::sandbox::lost()));
    let sandboxed = read.unwrap_or_else(lost)?;
    Ok(Merged { tree: pile.tree, verified: pile.verified, sandboxed })
}

/// Keeps what a layer yielded, if its digests were computed and something that was stated agreed.
fn keep(cache: &Cache, sifted: &Sifted, blob: &LayerBlob, before: Option<&cache::Identity>) {
    let Some(digests) = sifted.digests.as_ref().filter(|_| is_stated(blob)) else { return };
    if !sifted.cached {
        cache.keep(digests, &sifted.listing);
    }
    // A file that changed while it was read is not what was hashed.
    let after = layers::identity(&blob.place);
    if let Some(identity) = before.filter(|&before| Some(before) == after.as_ref()) {
        cache.remember(identity, digests);
    }
}

/// Layers that came, waiting for those below them.
struct Pile<'a> {
    plan: &'a Plan<'a>,
    twins: Vec<usize>,
    tree: Tree,
    waiting: BTreeMap<usize, Sifted>,
    next: usize,
    verified: Vec<bool>,
}

impl<'a> Pile<'a> {
    fn new(plan: &'a Plan<'a>, twins: Vec<usize>) -> Self {
        let verified = vec![false; plan.blobs.len()];
        Self { plan, twins, tree: Tree::new(), waiting: BTreeMap::new(), next: 0, verified }
    }

    /// Adds a layer, and lays all on the tree that have none below them to wait for.
    fn add(
        &mut self,
        layer: usize,
        sifted: Sifted,
        options: &Options<'_>,
    ) -> Result<(), SourceError> {
        if sifted.cached {
            tell_kept(&sifted.listing, options);
        }
        self.waiting.insert(layer, sifted);
        while let Some(&first) = self.twins.get(self.next)
            && let Some(sifted) = self.waiting.get(&first)
        {
            let blob = &self.plan.blobs[self.next];
            if let Some(digests) = &sifted.digests {
                layers::agree(self.plan.path, blob, digests)?;
                self.verified[self.next] = is_stated(blob);
            }
            let needed_again = self.twins[self.next + 1..].contains(&first);
            let sifted =
                if needed_again { Some(sifted.clone()) } else { self.waiting.remove(&first) };
            if let Some(sifted) = sifted {
                self.tree.apply(self.next as u32, sifted.listing);
            }
            self.next += 1;
        }
        Ok(())
    }
}

fn tell_kept(listing: &LayerListing, options: &Options<'_>) {
    for entry in listing.entries() {
        let content = entry.content.and_then(|index| listing.content(index));
        if let Some(body) = content.and_then(|content| content.body.as_deref()) {
            (options.hint)(entry.path, body);
        }
    }
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

/// Returns for each layer the lowest one whose bytes are the same part of the same file.
fn twins(blobs: &[LayerBlob]) -> Vec<usize> {
    let mut first = HashMap::new();
    let places = blobs.iter().enumerate().map(|(layer, blob)| {
        let (file, offset, length) = match &blob.place {
            Place::Stored { file, offset, length } => (file, offset, length),
            Place::Inflated { archive, offset, length } => (archive, offset, length),
        };
        *first.entry((std::sync::Arc::as_ptr(file), *offset, *length)).or_insert(layer)
    });
    places.collect()
}

fn is_stated(blob: &LayerBlob) -> bool {
    blob.digest.is_some() || !blob.diff_id.is_empty()
}

fn length(blob: &LayerBlob) -> u64 {
    let (Place::Stored { length, .. } | Place::Inflated { length, .. }) = blob.place;
    length
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
