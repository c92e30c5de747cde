//! The description of an opened image: what the report says of it before any layer is read.
//!
//! The base image stands in annotations or labels, as
//! <https://github.com/opencontainers/image-spec/blob/main/annotations.md> has them.

use std::collections::BTreeMap;

use plimsoll_model::report::{Base, Layer, Target};

use crate::digest::hex_of;
use crate::error::SourceError;
use crate::image::{Image, ImageConfig, LayerBlob, Place};
use crate::manifest::{Configuration, Step};
use crate::names::{familiar, split_tag};
use crate::platform::Platform;
use crate::store::Store;

const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// What the documents of a saved image told.
pub(crate) struct Parts {
    /// The name for the report.
    pub(crate) name: String,
    /// The kind of source: `docker-archive`.
    pub(crate) source: &'static str,
    /// The digest of the manifest, where there is one.
    pub(crate) digest: Option<String>,
    /// The digest of the configuration.
    pub(crate) image_id: String,
    /// Annotations of the manifest and its descriptor.
    pub(crate) annotations: BTreeMap<String, String>,
    /// The layers, lowest first.
    pub(crate) layers: Vec<StoredLayer>,
    /// The platform of the descriptor, for a configuration that does not tell.
    pub(crate) platform: Option<Platform>,
}

/// One layer as it is stored.
pub(crate) struct StoredLayer {
    /// `sha256:…`, where the manifest states it.
    pub(crate) digest: Option<String>,
    /// Bytes.
    pub(crate) size: u64,
    /// Where.
    pub(crate) place: Place,
}

/// Puts an image together.
///
/// Errors: no `rootfs` in the configuration (an image of before Docker 1.10), malformed DiffIDs, or
/// not as many of them as layers.
pub(crate) fn describe(
    parts: Parts,
    configuration: Configuration,
    store: &Store,
) -> Result<Image, SourceError> {
    let Some(rootfs) = &configuration.rootfs else {
        return Err(SourceError::Unsupported {
            what: format!("the configuration in `{}` is of the old form, schema 1", store.path()),
            hint: Some("load the image into a newer engine and save it again".to_owned()),
        });
    };
    let (layers, diff_ids) = (parts.layers.len(), rootfs.diff_ids.len());
    if layers != diff_ids {
        let detail = format!("it lists {diff_ids} layers where the manifest has {layers}");
        return Err(store.damaged("configuration", detail));
    }
    for (index, diff_id) in rootfs.diff_ids.iter().enumerate() {
        hex_of(diff_id, &store.path(), &format!("DiffID of layer {index}"))?;
    }
    let platform = platform_of(&configuration).or(parts.platform);
    let (blobs, described) = layers_of(parts.layers, &rootfs.diff_ids, &configuration.history);
    let base = base_of(&parts.annotations, "annotation")
        .or_else(|| base_of(&configuration.config.labels, "label"));
    let target = Target {
        kind: "image".to_owned(),
        name: parts.name,
        digest: parts.digest,
        image_id: Some(parts.image_id),
        platform: platform.map(|platform| platform.to_string()),
        source: Some(parts.source.to_owned()),
        layers: described,
        base,
    };
    let history =
        configuration.history.iter().map(|step| (step.created_by.clone(), step.empty_layer));
    let config = ImageConfig {
        history: history.collect(),
        labels: configuration.config.labels.into_iter().collect(),
        annotations: parts.annotations.into_iter().collect(),
        env: configuration.config.env,
    };
    Ok(Image { target, layers: blobs, config, sandboxed: false })
}

/// Returns the platform of a configuration; `None` when it does not tell.
pub(crate) fn platform_of(configuration: &Configuration) -> Option<Platform> {
    let Configuration { os, architecture, variant, .. } = configuration;
    (!os.is_empty() && !architecture.is_empty())
        .then(|| Platform::new(os, architecture, Some(variant)))
}

fn layers_of(
    stored: Vec<StoredLayer>,
    diff_ids: &[String],
    history: &[Step],
) -> (Vec<LayerBlob>, Vec<Layer>) {
    let made: Vec<&Step> = history.iter().filter(|step| !step.empty_layer).collect();
    // A history that does not fit the layers would name the wrong instruction.
    let fits = made.len() == stored.len();
    let each = stored.into_iter().zip(diff_ids).enumerate();
    each.map(|(index, (layer, diff_id))| {
        let created_by = made.get(index).filter(|_| fits).map(|step| instruction(&step.created_by));
        let (index, diff_id) = (index as u32, diff_id.clone());
        let StoredLayer { digest, size, place } = layer;
        let described = Layer {
            index,
            digest: digest.clone(),
            diff_id: diff_id.clone(),
            size: Some(size),
            created_by: created_by.filter(|text| !text.is_empty()),
            verified: false,
        };
        (LayerBlob { index, digest, diff_id, place }, described)
    })
    .unzip()
}

/// Returns an instruction as the author of the Dockerfile wrote it, on one line, as far as that can
/// be told: the classic builder writes `/bin/sh -c #(nop) COPY file:9f86… in /srv/ ` and
/// `|1 VERSION=2 /bin/sh -c apk add curl`, BuildKit `RUN /bin/sh -c apk add curl # buildkit`.
pub(crate) fn instruction(created_by: &str) -> String {
    let text = created_by.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_suffix("# buildkit").map_or(text.as_str(), str::trim_end);
    let after_arguments = match text.strip_prefix('|') {
        Some(_) => text.split_once("/bin/sh -c ").map(|(_, command)| command),
        None => text.strip_prefix("/bin/sh -c "),
    };
    if let Some(command) = after_arguments {
        return match command.strip_prefix("#(nop) ") {
            Some(other) => other.to_owned(),
            None => format!("RUN {command}"),
        };
    }
    match text.strip_prefix("RUN /bin/sh -c ") {
        Some(command) => format!("RUN {command}"),
        None => text.to_owned(),
    }
}

fn base_of(texts: &BTreeMap<String, String>, how: &str) -> Option<Base> {
    let name = texts.get(BASE_NAME).filter(|name| !name.is_empty())?;
    let (name, named_digest) = match name.split_once('@') {
        Some((name, digest)) => (name, Some(digest.to_owned())),
        None => (name.as_str(), None),
    };
    let (name, tag) = split_tag(name);
    Some(Base {
        name: familiar(name).to_owned(),
        tag: tag.map(str::to_owned),
        digest: texts.get(BASE_DIGEST).filter(|text| !text.is_empty()).cloned().or(named_digest),
        layers: 0,
        how: how.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_is_shown_as_its_author_wrote_it() {
        for (written, shown) in [
            ("/bin/sh -c #(nop) COPY file:9f86 in /srv/ ", "COPY file:9f86 in /srv/"),
            ("/bin/sh -c #(nop)  CMD [\"/bin/sh\"]", "CMD [\"/bin/sh\"]"),
            ("/bin/sh -c apk add \\\n\t curl", "RUN apk add \\ curl"),
            ("|1 VERSION=2 /bin/sh -c apk add curl", "RUN apk add curl"),
            ("RUN /bin/sh -c apk add curl # buildkit", "RUN apk add curl"),
            ("COPY shop.jar /srv/ # buildkit", "COPY shop.jar /srv/"),
            ("bazel build ...", "bazel build ..."),
            ("", ""),
        ] {
            assert_eq!(instruction(written), shown, "{written}");
        }
    }

    #[test]
    fn a_base_image_is_read_from_its_name_and_digest() {
        let texts = |name: &str| BTreeMap::from([(BASE_NAME.to_owned(), name.to_owned())]);
        let base = base_of(&texts("docker.io/library/alpine:3.17.1"), "label").unwrap();
        assert_eq!((base.name.as_str(), base.tag.as_deref()), ("alpine", Some("3.17.1")));
        let base = base_of(&texts("localhost:5000/base@sha256:00"), "annotation").unwrap();
        assert_eq!((base.name.as_str(), base.tag), ("localhost:5000/base", None));
        assert_eq!(base.digest.as_deref(), Some("sha256:00"));
        assert_eq!(base_of(&texts(""), "label"), None);
    }
}
