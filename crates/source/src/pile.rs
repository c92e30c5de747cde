//! The layers as they come, in any order, laid on the tree in theirs; with limits for the image.

use std::collections::{BTreeMap, HashMap};

use plimsoll_model::Problem;
use plimsoll_model::coverage::GapKind;
use plimsoll_model::tree::{Content, LayerListing, Tree};

use crate::error::SourceError;
use crate::image::{LayerBlob, Place};
use crate::layers::{Sifted, agree};

/// Bytes that all layers together keep for tree cataloguers.
const MAX_IMAGE_KEPT_BYTES: usize = 256 << 20;

/// Layers that came, waiting for those below them, and the tree of those that do not wait.
pub(crate) struct Pile<'a> {
    path: &'a str,
    blobs: &'a [LayerBlob],
    /// For each layer the lowest one whose bytes are the same part of the same file.
    twins: Vec<usize>,
    waiting: BTreeMap<usize, Sifted>,
    next: usize,
    verified: Vec<bool>,
    tree: Tree,
    /// Bytes that may still be kept.
    kept_bytes: usize,
}

impl<'a> Pile<'a> {
    /// Starts with an empty tree; `path` is the target as errors name it.
    pub(crate) fn new(path: &'a str, blobs: &'a [LayerBlob]) -> Self {
        Self {
            path,
            blobs,
            twins: twins(blobs),
            waiting: BTreeMap::new(),
            next: 0,
            verified: vec![false; blobs.len()],
            tree: Tree::new(),
            kept_bytes: MAX_IMAGE_KEPT_BYTES,
        }
    }

    /// Returns the layers that have to be had, ascending: one of each set of twins.
    pub(crate) fn distinct(&self) -> Vec<usize> {
        (0..self.blobs.len()).filter(|&layer| self.twins[layer] == layer).collect()
    }

    /// Adds a layer, lays all on the tree that have none below them to wait for, and returns how many
    /// that were of those that had to be had.
    ///
    /// Errors: what was computed of it is not what the image states of one of its twins.
    pub(crate) fn add(&mut self, layer: usize, sifted: Sifted) -> Result<usize, SourceError> {
        self.waiting.insert(layer, sifted);
        let mut laid = 0;
        while let Some(&first) = self.twins.get(self.next)
            && let Some(sifted) = self.waiting.get(&first)
        {
            let blob = &self.blobs[self.next];
            if let Some(digests) = &sifted.digests {
                agree(self.path, blob, digests)?;
                self.verified[self.next] = blob.is_stated();
            }
            laid += usize::from(first == self.next);
            let listing = if self.twins[self.next + 1..].contains(&first) {
                Some(sifted.listing.clone())
            } else {
                self.waiting.remove(&first).map(|sifted| sifted.listing)
            };
            if let Some(listing) = listing {
                let listing = spend(&mut self.kept_bytes, listing);
                self.tree.apply(self.next as u32, listing);
            }
            self.next += 1;
        }
        Ok(laid)
    }

    /// Returns the layer that has to be had before another can be laid.
    pub(crate) fn lowest(&self) -> usize {
        self.twins.get(self.next).copied().unwrap_or(usize::MAX - 1)
    }

    /// Returns whether a digest of this layer was computed and agreed.
    pub(crate) fn is_verified(&self, layer: usize) -> bool {
        self.verified.get(layer).copied().unwrap_or(false)
    }

    /// Returns the tree of all layers.
    pub(crate) fn tree(self) -> Tree {
        self.tree
    }
}

/// Takes what a listing keeps from the bytes that are left; where they do not suffice, it comes back
/// without bodies, and without the paths of packages.
fn spend(left: &mut usize, listing: LayerListing) -> LayerListing {
    let owned = |content: &Content| -> usize {
        content.yields.iter().map(|(_, taken)| size_of_val(taken.owned.as_slice())).sum()
    };
    let body = |content: &Content| content.body.as_ref().map_or(0, |body| body.len());
    let kept: usize = listing.contents().iter().map(|content| body(content) + owned(content)).sum();
    if kept <= *left {
        *left -= kept;
        return listing;
    }
    let bare = |content: &Content| {
        let mut bare = Content { body: None, ..content.clone() };
        bare.yields.iter_mut().for_each(|(_, taken)| taken.owned = Vec::new());
        bare
    };
    let contents = listing.contents().iter().map(bare).collect();
    let thin = LayerListing::from_packed(listing.packed().to_vec(), contents);
    let mut thin = thin.unwrap_or_default();
    thin.problems = listing.problems;
    thin.problems.push(Problem {
        path: "layer".to_owned(),
        layer: None,
        detail:
            "the layers together keep more bytes than an image may; nothing is kept of this one"
                .to_owned(),
        gap: Some(GapKind::Limit),
    });
    thin
}

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

#[cfg(test)]
mod tests {
    use plimsoll_model::FileYield;
    use plimsoll_model::tree::{Entry, EntryKind};

    use super::*;

    fn listing() -> LayerListing {
        let mut listing = LayerListing::default();
        let content = Some(listing.keep(Content::of_body([7; 10].into(), 1)));
        let file =
            |path, content| Entry { path, kind: EntryKind::File, executable: false, content };
        assert!(listing.push(&file("plain", None)));
        assert!(listing.push(&file("wanted", content)));
        listing
    }

    #[test]
    fn a_layer_within_the_limit_of_the_image_stays_as_it_is() {
        let mut left = 10;
        assert_eq!(spend(&mut left, listing()), listing());
        assert_eq!(left, 0);
    }

    #[test]
    fn a_layer_beyond_the_limit_is_thinned_and_says_so() {
        let mut left = 9;
        let thin = spend(&mut left, listing());
        assert_eq!((left, thin.len()), (9, 2));
        assert_eq!(thin.content(0).unwrap().body, None);
        assert_eq!(thin.content(0).unwrap().rows, 1);
        assert_eq!(thin.problems.len(), 1);
        assert_eq!(thin.problems[0].gap, Some(GapKind::Limit));
    }

    #[test]
    fn the_paths_of_packages_count_as_what_is_kept() {
        let owned = || {
            let mut listing = LayerListing::default();
            let taken = FileYield { owned: vec![1, 2], ..FileYield::default() };
            listing.keep(Content { yields: vec![(0, taken)], ..Content::default() });
            listing
        };
        let mut left = 16;
        assert_eq!(spend(&mut left, owned()), owned());
        assert_eq!(left, 0);
        let thin = spend(&mut left, owned());
        assert_eq!(thin.content(0).unwrap().yields[0].1, FileYield::default());
        assert_eq!(thin.problems.len(), 1);
    }
}
