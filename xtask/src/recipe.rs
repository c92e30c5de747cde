//! Images from text: a recipe in TOML becomes the same archive, byte for byte, each time.
//!
//! ```text
//! name = "shop:1.4"
//! [[layer]]
//! created_by = "ADD rootfs.tar /"
//! [[layer.file]]
//! path = "etc/os-release"
//! text = "ID=alpine\n"
//! [[layer.file]]
//! path = "srv/shop.jar"
//! zip = [{ path = "META-INF/MANIFEST.MF", text = "…" }]
//! ```

use std::io::{Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// A recipe of an image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recipe {
    /// The tag: `shop:1.4`.
    pub(crate) name: String,
    /// Labels of the configuration.
    #[serde(default)]
    pub(crate) labels: std::collections::BTreeMap<String, String>,
    /// The layers, lowest first.
    pub(crate) layer: Vec<RecipeLayer>,
}

/// A layer of a recipe.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipeLayer {
    /// The instruction of the history.
    created_by: String,
    /// The entries, in this order.
    file: Vec<RecipeFile>,
}

/// One file: a text, a link or a zip of files.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecipeFile {
    path: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    zip: Option<Vec<RecipeFile>>,
    #[serde(default)]
    executable: bool,
}

/// A finished layer.
pub(crate) struct Layer {
    /// The instruction of the history.
    pub(crate) created_by: String,
    /// The uncompressed archive.
    pub(crate) tar: Vec<u8>,
}

/// Makes a `docker save` archive of a recipe.
pub(crate) fn build(text: &str) -> Result<Vec<u8>> {
    let recipe: Recipe = toml::from_str(text)?;
    let mut layers = Vec::new();
    for layer in &recipe.layer {
        let tar = layer_tar(&layer.file)?;
        layers.push(Layer { created_by: layer.created_by.clone(), tar });
    }
    let labels: Vec<(String, String)> = recipe.labels.into_iter().collect();
    docker_archive(&recipe.name, &layers, &labels)
}

/// Wraps layers as `docker save` of Docker 20.10 does.
pub(crate) fn docker_archive(
    tag: &str,
    layers: &[Layer],
    labels: &[(String, String)],
) -> Result<Vec<u8>> {
    let digests: Vec<String> = layers.iter().map(|layer| sha256(&layer.tar)).collect();
    let steps: Vec<&str> = layers.iter().map(|layer| layer.created_by.as_str()).collect();
    let config = config(&digests, &steps, labels)?;
    let config_name = format!("{}.json", sha256(&config));
    let names: Vec<String> = digests.iter().map(|hex| format!("{hex}/layer.tar")).collect();
    let mut archive = tar::Builder::new(Vec::new());
    add(&mut archive, &config_name, &config, 0o644)?;
    for (name, layer) in names.iter().zip(layers) {
        add(&mut archive, name, &layer.tar, 0o644)?;
    }
    add(&mut archive, "manifest.json", &manifest(&config_name, tag, &names)?, 0o644)?;
    Ok(archive.into_inner()?)
}

/// Wraps one layer that is a file, however large, in the same way.
pub(crate) fn archive_of_layer(tag: &str, layer: &Path, to: &Path) -> Result<()> {
    let digest = sha256_of_file(layer)?;
    let config = config(std::slice::from_ref(&digest), &["COPY . /"], &[])?;
    let config_name = format!("{}.json", sha256(&config));
    let name = format!("{digest}/layer.tar");
    let part = to.with_extension("part");
    let mut archive = tar::Builder::new(fs_err::File::create(&part)?);
    let mut body = fs_err::File::open(layer)?;
    let mut entry = header(tar::EntryType::Regular, body.metadata()?.len(), 0o644);
    archive.append_data(&mut entry, &name, &mut body)?;
    let manifest = manifest(&config_name, tag, &[name])?;
    for (name, body) in [(config_name.as_str(), &config), ("manifest.json", &manifest)] {
        let mut entry = header(tar::EntryType::Regular, body.len() as u64, 0o644);
        archive.append_data(&mut entry, name, body.as_slice())?;
    }
    archive.into_inner()?;
    fs_err::rename(part, to)?;
    Ok(())
}

fn config(digests: &[String], steps: &[&str], labels: &[(String, String)]) -> Result<Vec<u8>> {
    let labels: serde_json::Map<String, serde_json::Value> =
        labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    let config = json!({
        "architecture": "amd64",
        "config": { "Labels": labels },
        "created": "2023-01-10T00:00:00Z",
        "history": steps.iter().map(|step| json!({
            "created": "2023-01-10T00:00:00Z",
            "created_by": step,
        })).collect::<Vec<_>>(),
        "os": "linux",
        "rootfs": {
            "type": "layers",
            "diff_ids": digests.iter().map(|hex| format!("sha256:{hex}")).collect::<Vec<_>>(),
        },
    });
    Ok(serde_json::to_vec(&config)?)
}

fn manifest(config: &str, tag: &str, layers: &[String]) -> Result<Vec<u8>> {
    let manifest = json!([{ "Config": config, "RepoTags": [tag], "Layers": layers }]);
    Ok(serde_json::to_vec(&manifest)?)
}

fn layer_tar(files: &[RecipeFile]) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let mode = if file.executable { 0o755 } else { 0o644 };
        match (&file.link, body(file)?) {
            (Some(target), _) => {
                let mut header = header(tar::EntryType::Symlink, 0, 0o777);
                archive.append_link(&mut header, &file.path, target)?;
            }
            (None, Some(body)) => add(&mut archive, &file.path, &body, mode)?,
            (None, None) => bail!("`{}` has neither text, link nor zip", file.path),
        }
    }
    Ok(archive.into_inner()?)
}

fn body(file: &RecipeFile) -> Result<Option<Vec<u8>>> {
    match (&file.text, &file.zip) {
        (Some(text), None) => Ok(Some(text.clone().into_bytes())),
        (None, Some(files)) => zip(files).map(Some),
        (None, None) => Ok(None),
        _ => bail!("`{}` has both text and zip", file.path),
    }
}

/// Makes a zip of stored entries without times.
fn zip(files: &[RecipeFile]) -> Result<Vec<u8>> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for file in files {
        let body = body(file)?.with_context(|| format!("`{}` has no body", file.path))?;
        let (mut entry, config) = archive.new_file(&file.path).start()?;
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&body)?;
        let (_, descriptor) = writer.finish()?;
        entry.finish(descriptor)?;
    }
    Ok(archive.finish()?)
}

fn add(archive: &mut tar::Builder<Vec<u8>>, path: &str, body: &[u8], mode: u32) -> Result<()> {
    let mut header = header(tar::EntryType::Regular, body.len() as u64, mode);
    archive.append_data(&mut header, path, body)?;
    Ok(())
}

fn header(kind: tar::EntryType, size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn sha256_of_file(path: &Path) -> Result<String> {
    let mut file = fs_err::File::open(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&block[..read]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write as _;
        let _ = write!(text, "{byte:02x}");
        text
    })
}
