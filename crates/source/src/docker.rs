//! Images in archives that `docker save` and `podman save` write.
//!
//! `manifest.json` lists the images; the names of configuration and layers in it are free, and four
//! forms are met: `<id>/layer.tar` (Docker to 24), `blobs/sha256/<digest>` (Docker from 25), the
//! same without `repositories` (Docker with containerd's store), and `<digest>.tar` with links
//! (podman). Source: <https://github.com/moby/docker-image-spec>.

use std::collections::BTreeMap;

use crate::describe::{Parts, StoredLayer, describe, platform_of};
use crate::digest::{is_hex, sha256};
use crate::error::SourceError;
use crate::image::{Image, Place};
use crate::manifest::{Configuration, MAX_LAYERS, MAX_MANIFESTS, SavedImage, parse, parse_list};
use crate::names::{familiar, full_name, split_tag};
use crate::path::{clean_path, shown};
use crate::platform::Platform;
use crate::store::Store;

/// The document that makes an archive a docker archive.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Opens the image of a docker archive that `tag` names (`shop:1.4`, `1.4`, or the digest of its
/// configuration), or the only one.
pub(crate) fn open(
    store: &Store,
    tag: Option<&str>,
    platform: Option<&Platform>,
) -> Result<Image, SourceError> {
    let candidates = candidates(store)?;
    let chosen = choose(candidates, tag, platform, store)?;
    if chosen.saved.layers.len() > MAX_LAYERS {
        return Err(store.limit("layers", MAX_LAYERS as u64));
    }
    let layers: Result<Vec<_>, _> =
        chosen.saved.layers.iter().map(|name| layer(store, name)).collect();
    let name = chosen.name(tag).unwrap_or_else(|| store.path());
    let parts = Parts {
        name,
        source: "docker-archive",
        digest: None,
        image_id: chosen.image_id,
        annotations: BTreeMap::new(),
        layers: layers?,
        platform: None,
    };
    describe(parts, chosen.configuration, store)
}

/// One image of the archive with its configuration.
struct Candidate {
    saved: SavedImage,
    image_id: String,
    configuration: Configuration,
}

fn candidates(store: &Store) -> Result<Vec<Candidate>, SourceError> {
    let Some(body) = store.document(MANIFEST)? else { return Err(no_manifest(store)) };
    let list: Vec<SavedImage> =
        parse_list(&body).map_err(|detail| store.damaged(MANIFEST, detail))?;
    if list.len() > MAX_MANIFESTS {
        return Err(store.limit(format!("images in {MANIFEST}"), MAX_MANIFESTS as u64));
    }
    if list.is_empty() {
        return Err(store.damaged(MANIFEST, "it lists no image"));
    }
    list.into_iter().map(|saved| candidate(store, saved)).collect()
}

fn candidate(store: &Store, saved: SavedImage) -> Result<Candidate, SourceError> {
    let name = file_name(store, &saved.config)?;
    let body = store.document(&name)?.ok_or_else(|| SourceError::Missing {
        path: store.path(),
        what: format!("configuration `{}`", shown(&saved.config)),
        hint: Some("the copy is not whole; save the image again".to_owned()),
    })?;
    // The name need not be the digest, but a name that is one must be the right one.
    let last = name.rsplit('/').next().unwrap_or(&name);
    let stem = last.strip_suffix(".json").unwrap_or(last);
    let stem = stem.strip_prefix("sha256:").unwrap_or(stem);
    if is_hex(stem) {
        store.check_digest(&format!("sha256:{stem}"), &body, "configuration")?;
    }
    let configuration = parse(&body).map_err(|detail| store.damaged(&shown(&name), detail))?;
    Ok(Candidate { saved, image_id: sha256(&body), configuration })
}

fn no_manifest(store: &Store) -> SourceError {
    if store.contains("index.json") {
        let hint = Some("it is an OCI archive; name it `oci-archive:PATH`".to_owned());
        return SourceError::Missing { path: store.path(), what: format!("`{MANIFEST}`"), hint };
    }
    if store.contains("repositories") {
        return SourceError::Unsupported {
            what: format!("`{}` was saved by a Docker older than 1.10 (schema 1)", store.path()),
            hint: Some("load it into a newer engine and save it again".to_owned()),
        };
    }
    SourceError::NotAnImage {
        path: store.path(),
        found: "it is a tar archive with neither `manifest.json` nor `index.json`".to_owned(),
        hint: Some("save an image with `docker save -o FILE IMAGE`; the root file system that `docker export` writes can be unpacked and scanned with `dir:PATH`".to_owned()),
    }
}

fn choose(
    mut candidates: Vec<Candidate>,
    tag: Option<&str>,
    platform: Option<&Platform>,
    store: &Store,
) -> Result<Candidate, SourceError> {
    if let Some(tag) = tag {
        let present = names_of(&candidates);
        let exact = candidates.iter().any(|candidate| candidate.is_named(tag));
        candidates.retain(
            |candidate| {
                if exact { candidate.is_named(tag) } else { candidate.is_tagged(tag) }
            },
        );
        if candidates.is_empty() {
            return Err(SourceError::NoSuchTag { path: store.path(), tag: shown(tag), present });
        }
    }
    if let Some(wanted) = platform {
        let mut present = candidates.iter().map(Candidate::platform).collect::<Vec<_>>();
        present.sort();
        present.dedup();
        // A configuration that names no platform cannot be the wrong one.
        candidates.retain(|candidate| {
            platform_of(&candidate.configuration).is_none_or(|found| wanted.accepts(&found))
        });
        if candidates.is_empty() {
            let (path, wanted) = (store.path(), wanted.to_string());
            return Err(SourceError::NoSuchPlatform { path, wanted, present });
        }
    }
    candidates.dedup_by(|second, first| {
        let same = first.image_id == second.image_id;
        if same {
            first.saved.repo_tags.append(&mut second.saved.repo_tags);
        }
        same
    });
    let present = names_of(&candidates);
    match (candidates.pop(), candidates.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(SourceError::SeveralImages {
            path: store.path(),
            hint: format!("name one: `docker-archive:{}:TAG`", store.path()),
            present,
        }),
    }
}

fn names_of(candidates: &[Candidate]) -> Vec<String> {
    let mut names: Vec<String> = candidates
        .iter()
        .flat_map(|candidate| match candidate.saved.repo_tags.as_slice() {
            [] => vec![candidate.image_id.clone()],
            tags => tags.iter().map(shown).collect(),
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

impl Candidate {
    /// Returns whether it has this full name, or this digest.
    fn is_named(&self, tag: &str) -> bool {
        let wanted = full_name(tag);
        self.image_id == tag
            || self.saved.repo_tags.iter().any(|stated| full_name(stated) == wanted)
    }

    /// Returns whether this is the tag behind one of its names.
    fn is_tagged(&self, tag: &str) -> bool {
        self.saved.repo_tags.iter().any(|stated| split_tag(stated).1 == Some(tag))
    }

    fn name(&self, asked: Option<&str>) -> Option<String> {
        let tags = &self.saved.repo_tags;
        let asked = asked.map(full_name);
        let named = tags.iter().find(|stated| Some(full_name(stated)) == asked);
        named.or(tags.first()).map(|name| familiar(name).to_owned())
    }

    fn platform(&self) -> String {
        platform_of(&self.configuration)
            .map_or_else(|| "an unknown platform".to_owned(), |found| found.to_string())
    }
}

fn layer(store: &Store, name: &str) -> Result<StoredLayer, SourceError> {
    let file = file_name(store, name)?;
    let Some(place) = store.locate(&file)? else {
        return Err(SourceError::Missing {
            path: store.path(),
            what: format!("layer `{}`", shown(name)),
            hint: Some("the copy is not whole; save the image again".to_owned()),
        });
    };
    let (Place::Stored { length, .. } | Place::Inflated { length, .. }) = place;
    let stated = file.strip_prefix("blobs/sha256/").filter(|hex| is_hex(hex));
    let digest = stated.map(|hex| format!("sha256:{hex}"));
    Ok(StoredLayer { digest, size: length, place })
}

fn file_name(store: &Store, name: &str) -> Result<String, SourceError> {
    clean_path(name.as_bytes())
        .map_err(|error| store.damaged(MANIFEST, format!("of `{}`, {error}", shown(name))))
}
