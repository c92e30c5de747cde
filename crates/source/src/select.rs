//! The choice of one image in an OCI layout: by tag or digest, then by platform.
//!
//! `index.json` may list images and indexes of images, these again indexes; beside images stand
//! attestations (`vnd.docker.reference.type`, platform `unknown/unknown`) and other artefacts.

use crate::error::SourceError;
use crate::manifest::{Configuration, Descriptor, MAX_MANIFESTS, Manifest, parse};
use crate::names::{familiar, full_name, split_tag};
use crate::path::shown;
use crate::platform::Platform;
use crate::reference::Select;
use crate::store::{Store, blob_name};

/// Indexes inside indexes.
pub(crate) const MAX_INDEX_DEPTH: usize = 8;

/// The document that makes a folder or an archive a layout.
pub(crate) const INDEX: &str = "index.json";

const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// Docker writes the full name here and the tag alone into the other.
const FULL_NAME: &str = "io.containerd.image.name";
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// An image manifest that was chosen or could be.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// The pointer to it.
    pub(crate) descriptor: Descriptor,
    /// Itself.
    pub(crate) manifest: Manifest,
    /// What its descriptor or configuration says it is for.
    pub(crate) platform: Option<Platform>,
    /// The name of the entry of `index.json` that it was reached by.
    name: Option<String>,
}

impl Leaf {
    /// Returns its name for the report; `given` is the path of the layout.
    pub(crate) fn name_of(&self, given: &str) -> String {
        match &self.name {
            Some(name) if name.contains([':', '/']) => familiar(name).to_owned(),
            Some(tag) => format!("{given}:{tag}"),
            None => given.to_owned(),
        }
    }
}

/// Chooses the image that `select` and `platform` mean. Without a platform it is that of this
/// machine, else the only one.
pub(crate) fn choose(
    store: &Store,
    select: Option<&Select>,
    platform: Option<&Platform>,
) -> Result<Leaf, SourceError> {
    let entries = entries(store)?;
    let chosen = match select {
        None => the_only_name(entries, store)?,
        Some(Select::Tag(tag)) => by_tag(entries, tag, store)?,
        Some(Select::Digest(digest)) => by_digest(&entries, digest, store)?,
    };
    let mut search = Search { store, leaves: Vec::new(), absent: None, seen: 0 };
    for entry in &chosen {
        search.expand(entry, name_of(entry).as_deref(), 0)?;
    }
    let Search { leaves, absent, .. } = search;
    if leaves.is_empty() {
        return Err(absent.unwrap_or_else(|| SourceError::NotAnImage {
            path: store.path(),
            found: "it holds no image, only attestations or other artefacts".to_owned(),
            hint: None,
        }));
    }
    by_platform(leaves, platform, store)
}

fn entries(store: &Store) -> Result<Vec<Descriptor>, SourceError> {
    let Some(body) = store.document(INDEX)? else {
        return Err(SourceError::Missing {
            path: store.path(),
            what: format!("`{INDEX}`"),
            hint: Some("an OCI layout has `oci-layout`, `index.json` and `blobs`".to_owned()),
        });
    };
    let index: Manifest = parse(&body).map_err(|detail| store.damaged(INDEX, detail))?;
    let entries = index.manifests.unwrap_or_default();
    if entries.len() > MAX_MANIFESTS {
        return Err(store.limit("manifests", MAX_MANIFESTS as u64));
    }
    if entries.is_empty() {
        return Err(store.damaged(INDEX, "it lists no image"));
    }
    Ok(entries)
}

fn the_only_name(
    mut entries: Vec<Descriptor>,
    store: &Store,
) -> Result<Vec<Descriptor>, SourceError> {
    entries.retain(|entry| !is_beside_images(entry));
    let mut present: Vec<String> = entries.iter().map(described).collect();
    present.sort();
    present.dedup();
    let same_digest = entries.windows(2).all(|pair| pair[0].digest == pair[1].digest);
    if same_digest {
        entries.truncate(1);
    }
    // Entries without a name are the platforms of one image.
    let unnamed = entries.iter().all(|entry| name_of(entry).is_none());
    if same_digest || unnamed || present.len() == 1 {
        return Ok(entries);
    }
    let path = store.path();
    let kind = if store.is_archive() { "oci-archive" } else { "oci" };
    let hint = format!("name one: `{kind}:{path}:TAG`");
    Err(SourceError::SeveralImages { path, present, hint })
}

fn by_tag(
    entries: Vec<Descriptor>,
    tag: &str,
    store: &Store,
) -> Result<Vec<Descriptor>, SourceError> {
    let exact = |entry: &Descriptor| {
        let names = [entry.annotations.get(REF_NAME), entry.annotations.get(FULL_NAME)];
        names.into_iter().flatten().any(|name| {
            name == tag || name.contains([':', '/']) && full_name(name) == full_name(tag)
        })
    };
    let by_tag_alone = |entry: &Descriptor| {
        let name = entry.annotations.get(REF_NAME).or(entry.annotations.get(FULL_NAME));
        name.is_some_and(|name| split_tag(name).1 == Some(tag))
    };
    let any_exact = entries.iter().any(exact);
    let (chosen, others): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|entry| if any_exact { exact(entry) } else { by_tag_alone(entry) });
    if chosen.is_empty() {
        return Err(no_such(tag, &others, store));
    }
    Ok(chosen)
}

/// Looks for a digest among the entries, then in the indexes that they point to.
fn by_digest(
    entries: &[Descriptor],
    digest: &str,
    store: &Store,
) -> Result<Vec<Descriptor>, SourceError> {
    crate::digest::hex_of(digest, &store.path(), "digest asked for")?;
    let mut level = entries.to_vec();
    let mut seen = 0;
    for _ in 0..=MAX_INDEX_DEPTH {
        if let Some(found) = level.iter().find(|entry| entry.digest == digest) {
            return Ok(vec![found.clone()]);
        }
        let mut below = Vec::new();
        for entry in level.iter().filter(|entry| {
            entry.media_type.contains("index") || entry.media_type.contains("manifest.list")
        }) {
            if !store.contains(&blob_name(&entry.digest, &store.path(), INDEX)?) {
                continue;
            }
            let mut inner = store.manifest(entry)?.manifests.unwrap_or_default();
            // Only the entry of `index.json` has a name.
            if let Some(name) = name_of(entry) {
                for entry in &mut inner {
                    entry.annotations.entry(REF_NAME.to_owned()).or_insert_with(|| name.clone());
                }
            }
            seen += inner.len();
            if seen > MAX_MANIFESTS {
                return Err(store.limit("manifests", MAX_MANIFESTS as u64));
            }
            below.append(&mut inner);
        }
        level = below;
    }
    Err(no_such(digest, entries, store))
}

fn no_such(tag: &str, others: &[Descriptor], store: &Store) -> SourceError {
    let mut present: Vec<String> =
        others.iter().filter(|entry| !is_beside_images(entry)).map(described).collect();
    present.sort();
    present.dedup();
    SourceError::NoSuchTag { path: store.path(), tag: shown(tag), present }
}

/// The walk from entries of `index.json` to image manifests.
struct Search<'a> {
    store: &'a Store,
    leaves: Vec<Leaf>,
    /// The first blob that was not there: layouts may hold some platforms only.
    absent: Option<SourceError>,
    seen: usize,
}

impl Search<'_> {
    fn expand(
        &mut self,
        descriptor: &Descriptor,
        name: Option<&str>,
        depth: usize,
    ) -> Result<(), SourceError> {
        self.seen += 1;
        if self.seen > MAX_MANIFESTS {
            return Err(self.store.limit("manifests", MAX_MANIFESTS as u64));
        }
        if depth > MAX_INDEX_DEPTH {
            return Err(self.store.limit("indexes inside indexes", MAX_INDEX_DEPTH as u64));
        }
        if is_beside_images(descriptor) && depth > 0 {
            return Ok(());
        }
        let manifest = match self.store.manifest(descriptor) {
            Err(error @ SourceError::Missing { .. }) => {
                self.absent.get_or_insert(error);
                return Ok(());
            }
            other => other?,
        };
        if let Some(inner) = &manifest.manifests {
            for entry in inner {
                self.expand(entry, name, depth + 1)?;
            }
            return Ok(());
        }
        let stated = descriptor.platform.as_ref().filter(|platform| !platform.os.is_empty());
        let platform = stated.map(|platform| {
            Platform::new(&platform.os, &platform.architecture, Some(&platform.variant))
        });
        let platform = platform.or_else(|| configured_platform(&manifest, self.store));
        let (descriptor, name) = (descriptor.clone(), name.map(str::to_owned));
        self.leaves.push(Leaf { descriptor, manifest, platform, name });
        Ok(())
    }
}

/// Reads the platform from the configuration; `None` when that is broken, which is told later if
/// this image is the one that is wanted.
fn configured_platform(manifest: &Manifest, store: &Store) -> Option<Platform> {
    let body = store.blob(manifest.config.as_ref()?, "configuration").ok()?;
    crate::describe::platform_of(&parse::<Configuration>(&body).ok()?)
}

fn by_platform(
    mut leaves: Vec<Leaf>,
    asked: Option<&Platform>,
    store: &Store,
) -> Result<Leaf, SourceError> {
    let mut present: Vec<String> = leaves
        .iter()
        .map(|leaf| leaf.platform.as_ref().map_or("unknown".to_owned(), Platform::to_string))
        .collect();
    present.sort();
    present.dedup();
    let wanted = asked.cloned().unwrap_or_else(Platform::of_this_machine);
    let accepted = |leaf: &Leaf| leaf.platform.as_ref().is_some_and(|found| wanted.accepts(found));
    // The variant that a name without one means comes first: none, then the highest.
    let best = leaves
        .iter()
        .enumerate()
        .filter(|(_, leaf)| accepted(leaf))
        .max_by_key(|(index, leaf)| {
            let variant = leaf.platform.as_ref().and_then(|found| found.variant.clone());
            (variant.is_none(), variant, std::cmp::Reverse(*index))
        })
        .map(|(index, _)| index);
    let is_only = leaves.len() == 1;
    match best {
        Some(index) => Ok(leaves.swap_remove(index)),
        None if is_only && (asked.is_none() || leaves[0].platform.is_none()) => {
            Ok(leaves.swap_remove(0))
        }
        None => {
            let (path, wanted) = (store.path(), wanted.to_string());
            Err(SourceError::NoSuchPlatform { path, wanted, present })
        }
    }
}

fn is_beside_images(entry: &Descriptor) -> bool {
    let platform = entry.platform.as_ref();
    entry.annotations.contains_key(REFERENCE_TYPE)
        || entry.artifact_type.as_deref().is_some_and(|kind| !kind.is_empty())
        || platform.is_some_and(|found| found.os == "unknown" && found.architecture == "unknown")
}

fn name_of(entry: &Descriptor) -> Option<String> {
    let names = [entry.annotations.get(FULL_NAME), entry.annotations.get(REF_NAME)];
    names.into_iter().flatten().find(|name| !name.is_empty()).cloned()
}

fn described(entry: &Descriptor) -> String {
    shown(name_of(entry).unwrap_or_else(|| entry.digest.clone()))
}
