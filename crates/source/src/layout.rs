//! Images in OCI layouts, folders and archives alike.
//!
//! Source: <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>. Documents are
//! checked against their digests and sizes; layers against their sizes only, until they are read.

use std::collections::BTreeMap;

use crate::describe::{Parts, StoredLayer, describe};
use crate::error::SourceError;
use crate::image::{Image, Place};
use crate::manifest::{Configuration, Descriptor, MAX_LAYERS, parse};
use crate::path::shown;
use crate::platform::Platform;
use crate::reference::Select;
use crate::select::{Leaf, choose};
use crate::store::{Store, blob_name};

/// Opens the image of a layout that `select` names, or the only one. `given` is the path as the user
/// wrote it, for the name of an image that has none.
pub(crate) fn open(
    store: &Store,
    select: Option<&Select>,
    platform: Option<&Platform>,
    given: &str,
) -> Result<Image, SourceError> {
    let leaf = choose(store, select, platform)?;
    let (manifest, digest) = (&leaf.manifest, &leaf.descriptor.digest);
    let Some(config) = &manifest.config else {
        return Err(store.damaged(&format!("manifest {digest}"), "it names no configuration"));
    };
    refuse_artefact(config, &leaf, store)?;
    let body = store.blob(config, "configuration")?;
    let configuration: Configuration = parse(&body)
        .map_err(|detail| store.damaged(&format!("configuration {}", config.digest), detail))?;
    let layers = manifest.layers.as_deref().unwrap_or_default();
    if layers.len() > MAX_LAYERS {
        return Err(store.limit("layers", MAX_LAYERS as u64));
    }
    let stored: Result<Vec<_>, _> = layers.iter().map(|layer| stored(layer, store)).collect();
    let mut annotations: BTreeMap<String, String> = leaf.descriptor.annotations.clone();
    annotations.extend(manifest.annotations.clone());
    let parts = Parts {
        name: leaf.name_of(given),
        source: if store.is_archive() { "oci-archive" } else { "oci-layout" },
        digest: Some(digest.clone()),
        image_id: config.digest.clone(),
        annotations,
        layers: stored?,
        platform: leaf.platform.clone(),
    };
    describe(parts, configuration, store)
}

fn stored(layer: &Descriptor, store: &Store) -> Result<StoredLayer, SourceError> {
    let kind = layer.media_type.as_str();
    let digest = &layer.digest;
    if kind.contains("+encrypted") || !(kind.is_empty() || kind.contains(".tar")) {
        return Err(SourceError::Unsupported {
            what: format!("layer `{}` of `{}` is `{}`", shown(digest), store.path(), shown(kind)),
            hint: Some("only tar layers, plain or compressed, are read".to_owned()),
        });
    }
    let name = blob_name(digest, &store.path(), "digest of a layer")?;
    let Some(place) = store.locate(&name)? else { return Err(absent(layer, store)) };
    let (Place::Stored { length, .. } | Place::Inflated { length, .. }) = place;
    store.check_size(layer, length, "layer")?;
    Ok(StoredLayer { digest: Some(digest.clone()), size: length, place })
}

/// Words a layer that is not there; some may not be passed on and stay at an address of their maker.
fn absent(layer: &Descriptor, store: &Store) -> SourceError {
    let is_foreign = layer.media_type.contains("foreign")
        || layer.media_type.contains("nondistributable")
        || !layer.urls.is_empty();
    if is_foreign {
        let whence =
            layer.urls.first().map_or_else(String::new, |url| format!(", at `{}`", shown(url)));
        return SourceError::Unsupported {
            what: format!(
                "layer `{}` is not in `{}` but stays with its maker{whence}",
                layer.digest,
                store.path()
            ),
            hint: Some("copy the image with its foreign layers".to_owned()),
        };
    }
    SourceError::Missing {
        path: store.path(),
        what: format!("layer `{}`", layer.digest),
        hint: Some("the copy is not whole; save or copy the image again".to_owned()),
    }
}

fn refuse_artefact(config: &Descriptor, leaf: &Leaf, store: &Store) -> Result<(), SourceError> {
    const IMAGES: [&str; 4] = [
        "",
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
        // Docker 1.10 pushed so.
        "application/octet-stream",
    ];
    let stated = leaf.manifest.artifact_type.as_deref().filter(|kind| !kind.is_empty());
    let kind = match (IMAGES.contains(&config.media_type.as_str()), stated) {
        (true, _) => return Ok(()),
        (false, Some(artefact)) => artefact,
        (false, None) => &config.media_type,
    };
    Err(SourceError::Unsupported {
        what: format!(
            "`{}` in `{}` is an artefact of type `{}` and not an image",
            leaf.name_of("manifest"),
            store.path(),
            shown(kind)
        ),
        hint: None,
    })
}
