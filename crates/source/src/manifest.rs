//! The JSON documents of saved images, read leniently: what is not needed may be wrong or missing.
//!
//! Sources: <https://github.com/opencontainers/image-spec> (`manifest.md`, `image-index.md`,
//! `config.md`, `descriptor.md`) and, for `manifest.json`,
//! <https://github.com/moby/docker-image-spec>.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Images or manifests that one document lists.
pub(crate) const MAX_MANIFESTS: usize = 2000;
/// Layers of one image.
pub(crate) const MAX_LAYERS: usize = 500;
/// Elements of any list that are kept; larger than every limit above, so that these can be told.
const MAX_LIST: usize = 4000;
const _: () = assert!(MAX_LIST > MAX_MANIFESTS && MAX_LIST > MAX_LAYERS);

/// A pointer to a blob.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Descriptor {
    /// `application/vnd.oci.image.manifest.v1+json`; empty where it is not stated.
    #[serde(deserialize_with = "nullable")]
    pub(crate) media_type: String,
    /// `sha256:…`, not checked yet.
    #[serde(deserialize_with = "nullable")]
    pub(crate) digest: String,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Where the blob lies if not beside the manifest.
    #[serde(deserialize_with = "lenient_list")]
    pub(crate) urls: Vec<String>,
    /// Key and value.
    #[serde(deserialize_with = "lenient_texts")]
    pub(crate) annotations: BTreeMap<String, String>,
    /// In an index: what the manifest is for.
    #[serde(deserialize_with = "lenient")]
    pub(crate) platform: Option<PlatformDocument>,
    /// What an artefact is.
    #[serde(deserialize_with = "lenient")]
    pub(crate) artifact_type: Option<String>,
}

/// A platform as documents write it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PlatformDocument {
    /// `linux`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) os: String,
    /// `amd64`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) architecture: String,
    /// `v7`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) variant: String,
}

/// An image manifest or an index; which of them, its fields tell.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Manifest {
    /// 2; 1 is the old form.
    #[serde(deserialize_with = "lenient")]
    pub(crate) schema_version: Option<u64>,
    /// As in the descriptor.
    #[serde(deserialize_with = "nullable")]
    pub(crate) media_type: String,
    /// What an artefact is.
    #[serde(deserialize_with = "lenient")]
    pub(crate) artifact_type: Option<String>,
    /// The configuration; an image manifest has one.
    pub(crate) config: Option<Descriptor>,
    /// The layers, lowest first; an image manifest has them.
    #[serde(deserialize_with = "optional_list")]
    pub(crate) layers: Option<Vec<Descriptor>>,
    /// The manifests of an index.
    #[serde(deserialize_with = "optional_list")]
    pub(crate) manifests: Option<Vec<Descriptor>>,
    /// Key and value.
    #[serde(deserialize_with = "lenient_texts")]
    pub(crate) annotations: BTreeMap<String, String>,
    /// The layers of the old form, schema 1.
    #[serde(rename = "fsLayers", deserialize_with = "lenient")]
    pub(crate) old_layers: Option<IgnoredAny>,
}

/// One image of `manifest.json` in a docker archive.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SavedImage {
    /// The name of the configuration: `9f86….json`, `blobs/sha256/9f86…`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) config: String,
    /// `shop:1.4`; none when the image was saved by its id.
    #[serde(deserialize_with = "list")]
    pub(crate) repo_tags: Vec<String>,
    /// The names of the layers, lowest first: `<id>/layer.tar`.
    #[serde(deserialize_with = "list")]
    pub(crate) layers: Vec<String>,
}

/// The configuration of an image.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Configuration {
    /// `linux`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) os: String,
    /// `amd64`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) architecture: String,
    /// `v7`.
    #[serde(deserialize_with = "nullable")]
    pub(crate) variant: String,
    /// How containers start.
    #[serde(deserialize_with = "lenient")]
    pub(crate) config: RunConfiguration,
    /// The digests of the layers; `None` in what is no image, or an image of before Docker 1.10.
    pub(crate) rootfs: Option<RootFs>,
    /// One entry for each instruction, oldest first.
    #[serde(deserialize_with = "lenient_list")]
    pub(crate) history: Vec<Step>,
}

/// How containers of an image start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct RunConfiguration {
    /// Key and value.
    #[serde(deserialize_with = "lenient_texts")]
    pub(crate) labels: BTreeMap<String, String>,
    /// `KEY=value`.
    #[serde(deserialize_with = "lenient_list")]
    pub(crate) env: Vec<String>,
}

/// The digests of the uncompressed layers, lowest first.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RootFs {
    /// `sha256:…`, not checked yet.
    #[serde(deserialize_with = "list")]
    pub(crate) diff_ids: Vec<String>,
}

/// One instruction of a build.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Step {
    /// The instruction as the builder wrote it.
    #[serde(deserialize_with = "lenient")]
    pub(crate) created_by: String,
    /// Whether it made no layer.
    #[serde(deserialize_with = "lenient")]
    pub(crate) empty_layer: bool,
}

/// Parses a document; `{}` is a document where all fields have a default. Nesting is limited by
/// `serde_json` to 128, the length by who reads the bytes.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    crate::keys::check(body)?;
    serde_json::from_slice(body).map_err(|error| crate::path::shown(error.to_string()))
}

/// Parses a document that is a list, of which the first [`MAX_LIST`] elements are kept.
pub(crate) fn parse_list<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, String> {
    parse::<List<T>>(body).map(|list| list.0)
}

/// A list cut at [`MAX_LIST`]: `[{},{},…]` takes a hundred times its text in memory.
struct List<T>(Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while list.len() < MAX_LIST {
            match elements.next_element()? {
                Some(element) => list.push(element),
                None => return Ok(List(list)),
            }
        }
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(List(list))
    }
}

/// Takes `null` for an empty list.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    optional_list(deserializer).map(Option::unwrap_or_default)
}

fn optional_list<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<List<T>>::deserialize(deserializer)?.map(|list| list.0))
}

/// Takes what is no list for an empty one.
fn lenient_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    lenient::<D, List<T>>(deserializer).map(|list| list.0)
}

/// Takes `null` for the default; anything else of the wrong type is an error.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Takes anything of the wrong type for the default.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// Takes the texts of an object and leaves out what is no text.
fn lenient_texts<'de, D>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error>
where
    D: Deserializer<'de>,
{
    let raw: BTreeMap<String, Box<RawValue>> = lenient(deserializer)?;
    let text = |(key, value): (String, Box<RawValue>)| {
        serde_json::from_str(value.get()).ok().map(|value| (key, value))
    };
    Ok(raw.into_iter().filter_map(text).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_nonsense_in_what_is_not_needed_are_borne() {
        let text = r#"{"digest":"sha256:00","size":7,"urls":null,"annotations":{"a":"b","c":3},
            "platform":"linux","mediaType":null}"#;
        let descriptor: Descriptor = parse(text.as_bytes()).unwrap();
        assert_eq!((descriptor.digest.as_str(), descriptor.size), ("sha256:00", Some(7)));
        assert_eq!(descriptor.annotations.get("a").map(String::as_str), Some("b"));
        assert!(!descriptor.annotations.contains_key("c") && descriptor.platform.is_none());
        let saved: Vec<SavedImage> =
            parse(br#"[{"Config":"a.json","RepoTags":null,"Layers":null}]"#).unwrap();
        assert!(saved[0].repo_tags.is_empty() && saved[0].layers.is_empty());
        let config: Configuration =
            parse(br#"{"config":null,"history":[{"empty_layer":"yes"}],"rootfs":{}}"#).unwrap();
        assert_eq!(config.history.len(), 1);
        assert!(config.rootfs.is_some_and(|rootfs| rootfs.diff_ids.is_empty()));
    }

    #[test]
    fn a_list_without_end_is_cut() {
        let many = format!("{{\"manifests\":[{}]}}", vec!["{}"; MAX_LIST + 9].join(","));
        let index: Manifest = parse(many.as_bytes()).unwrap();
        assert_eq!(index.manifests.unwrap().len(), MAX_LIST);
        let most = vec!["7"; MAX_LIST].join(",");
        assert_eq!(parse_list::<u8>(format!("[{most}]").as_bytes()).unwrap().len(), MAX_LIST);
        assert_eq!(parse_list::<u8>(format!("[{most},7]").as_bytes()).unwrap().len(), MAX_LIST);
        assert!(parse_list::<u8>(format!("[{most},7").as_bytes()).is_err());
    }

    #[test]
    fn what_is_needed_must_be_right() {
        for text in [
            r#"{"size":-1}"#,
            r#"{"size":1.5}"#,
            r#"{"size":99999999999999999999}"#,
            r#"{"digest":7}"#,
            "[]x",
            "",
        ] {
            assert!(parse::<Descriptor>(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        let deep = "[".repeat(1 << 20);
        assert!(parse::<Manifest>(deep.as_bytes()).is_err());
        let hidden = format!("{{\"history\":{deep}");
        assert!(parse::<Configuration>(hidden.as_bytes()).is_err());
    }
}
