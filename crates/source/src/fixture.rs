//! Saved images made up for the tests of this crate.

use std::io::{Read, Write};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::digest::sha256;

/// The media types that the tests use.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// The files of a saved image in the order in which they are packed; names may be there twice.
#[derive(Clone, Default)]
pub(crate) struct Saved {
    pub(crate) files: Vec<(String, Vec<u8>)>,
}

impl Saved {
    pub(crate) fn put(&mut self, name: &str, body: impl Into<Vec<u8>>) -> &mut Self {
        self.files.push((name.to_owned(), body.into()));
        self
    }

    pub(crate) fn put_json(&mut self, name: &str, value: &Value) -> &mut Self {
        self.put(name, value.to_string())
    }

    /// Puts a blob of a layout and returns the descriptor of it.
    pub(crate) fn blob(&mut self, kind: &str, body: impl Into<Vec<u8>>) -> Value {
        let body = body.into();
        let digest = sha256(&body);
        let size = body.len();
        self.put(&digest.replace("sha256:", "blobs/sha256/"), body);
        json!({"mediaType": kind, "digest": digest, "size": size})
    }

    /// Puts an image of one layer into a layout and returns the descriptor of its manifest.
    pub(crate) fn image(&mut self, architecture: &str, layer: &[u8]) -> Value {
        let config = configuration(architecture, &[layer]);
        let config = self.blob(CONFIG, config.to_string());
        let layer = self.blob(LAYER, layer);
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": [layer]});
        self.blob(MANIFEST, manifest.to_string())
    }

    /// Puts `index.json` and `oci-layout`.
    pub(crate) fn index(&mut self, manifests: &[Value]) -> &mut Self {
        self.put_json("oci-layout", &json!({"imageLayoutVersion": "1.0.0"}));
        self.put_json("index.json", &json!({"schemaVersion": 2, "manifests": manifests}))
    }

    /// Puts an image of one layer as Docker 24 saved it and returns its entry of `manifest.json`.
    pub(crate) fn docker_image(&mut self, tags: &[&str], layer: &[u8]) -> Value {
        let config = configuration("amd64", &[layer]).to_string();
        let config_name = format!("{}.json", &sha256(config.as_bytes())[7..]);
        let layer_name = format!("{}/layer.tar", &sha256(layer)[7..]);
        self.put(&config_name, config).put(&layer_name, layer);
        json!({"Config": config_name, "RepoTags": tags, "Layers": [layer_name]})
    }

    /// Returns the plain tar archive.
    pub(crate) fn packed(&self) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, body) in &self.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(body.len() as u64);
            header.set_mode(0o644);
            header.as_mut_bytes()[..name.len().min(100)]
                .copy_from_slice(&name.as_bytes()[..name.len().min(100)]);
            header.set_cksum();
            builder.append(&header, body.as_slice()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    /// Writes the layout as a folder.
    pub(crate) fn unpack(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, body) in &self.files {
            let path = folder.path().join(name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, body).unwrap();
        }
        folder
    }
}

/// Returns the configuration of an image of these uncompressed layers.
pub(crate) fn configuration(architecture: &str, layers: &[&[u8]]) -> Value {
    let diff_ids: Vec<String> = layers.iter().map(|layer| sha256(layer)).collect();
    json!({
        "os": "linux",
        "architecture": architecture,
        "config": {"Labels": {"b": "2", "a": "1"}, "Env": ["PATH=/bin"]},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [
            {"created_by": "/bin/sh -c #(nop) ADD file:9f86 in / "},
            {"created_by": "CMD [\"/bin/sh\"]", "empty_layer": true},
        ],
    })
}

/// A file that is gone with the value.
pub(crate) struct Written {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

/// Writes bytes into a file `image.tar`.
pub(crate) fn write(bytes: &[u8]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    fs_err::write(&path, bytes).unwrap();
    Written { path, _folder: folder }
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compresses with a checksum, as the program `zstd` does.
pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Returns the bytes of a place, as a reader of layers finds them.
pub(crate) fn bytes_of(place: &crate::image::Place) -> Vec<u8> {
    use crate::image::Place;
    use crate::inflate::{Region, inflate, sniff};
    match place {
        Place::Stored { file, offset, length } => {
            let mut bytes = vec![0; *length as usize];
            assert_eq!(crate::sieve::read_at(file, &mut bytes, *offset).unwrap(), bytes.len());
            bytes
        }
        Place::Inflated { archive, offset, length } => {
            let mut start = [0; 6];
            crate::sieve::read_at(archive, &mut start, 0).unwrap();
            let stored = Region::new(archive, 0, u64::MAX, &|_| ());
            let stored = std::io::BufReader::new(stored);
            let mut reader = inflate(stored, sniff(&start)).unwrap();
            std::io::copy(&mut reader.by_ref().take(*offset), &mut std::io::sink()).unwrap();
            let mut bytes = Vec::new();
            reader.take(*length).read_to_end(&mut bytes).unwrap();
            bytes
        }
    }
}

/// Returns a file of the shared images; `None`, said by the name of the test, when it is not there.
pub(crate) fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !root.is_dir() {
        eprintln!("skipped: {test}: ../shared is not there");
        return None;
    }
    Some(root.join("images").join(name))
}
