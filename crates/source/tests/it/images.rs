//! Images made up for these tests, and readers that tell what they were asked.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use plimsoll_model::want::{Want, WantSet};
use plimsoll_model::{FileYield, Package, Readers, Tree};
use plimsoll_source::{Contents, Options, Reference, Silent, SourceError, read};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Row 0 keeps files of fixed places, row 1 takes JARs.
pub(crate) struct Stub {
    wants: WantSet,
    /// Panics when it is asked for a limit: a defect of ours.
    pub(crate) panics: bool,
    /// The paths of all files that were read for row 1.
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Stub {
    pub(crate) fn new() -> Self {
        let rows: &[&[Want]] = &[
            &[
                Want::Path("etc/os-release"),
                Want::Path("usr/lib/os-release"),
                Want::Path("var/lib/dpkg/status"),
                Want::Path("lib/apk/db/installed"),
                Want::Path("usr/lib/apk/db/installed"),
                Want::Name("keep"),
            ],
            &[Want::Suffix(".jar")],
        ];
        Self { wants: WantSet::new(rows), panics: false, asked: Mutex::default() }
    }

    /// Returns and forgets what was asked so far, sorted.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

impl Readers for Stub {
    fn wants(&self) -> &WantSet {
        &self.wants
    }

    fn tree_rows(&self) -> u128 {
        1
    }

    fn max_body_bytes(&self, _rows: u128) -> u64 {
        assert!(!self.panics, "a test of panics");
        32 << 20
    }

    fn fingerprint(&self) -> u64 {
        42
    }

    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        assert_eq!(rows, 2);
        self.asked.lock().unwrap().push(path.to_owned());
        let name = String::from_utf8_lossy(body).into_owned();
        let packages = vec![Package { name, ..Package::default() }];
        vec![(1, FileYield { packages, ..FileYield::default() })]
    }
}

/// An entry of a layer: `dir/`, `link -> target`, `link => target` (hard), or a file and its text.
pub(crate) fn layer(entries: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, body) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        if let Some((name, target)) = name.split_once(" -> ") {
            header.set_entry_type(tar::EntryType::Symlink);
            builder.append_link(&mut header, name, target).unwrap();
        } else if let Some((name, target)) = name.split_once(" => ") {
            header.set_entry_type(tar::EntryType::Link);
            builder.append_link(&mut header, name, target).unwrap();
        } else if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
            builder.append_data(&mut header, name, &[][..]).unwrap();
        } else {
            header.set_size(body.len() as u64);
            builder.append_data(&mut header, name, body.as_bytes()).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).unwrap()
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

/// A layer as it is stored, and the `DiffID` that the configuration states for it.
pub(crate) type Stored = (Vec<u8>, String);

/// Stores a layer as it is.
pub(crate) fn plain(layer: &[u8]) -> Stored {
    (layer.to_vec(), sha256(layer))
}

/// Stores a layer compressed.
pub(crate) fn gzipped(layer: &[u8]) -> Stored {
    (gzip(layer), sha256(layer))
}

fn config(layers: &[Stored]) -> Value {
    let diff_ids: Vec<&str> = layers.iter().map(|(_, diff_id)| diff_id.as_str()).collect();
    json!({
        "os": "linux", "architecture": "amd64",
        "rootfs": {"type": "layers", "diff_ids": diff_ids}
    })
}

/// Returns an archive as `docker save` writes it; layers with the same bytes are stored once.
pub(crate) fn docker_archive(layers: &[Stored]) -> Vec<u8> {
    let config = config(layers).to_string();
    let config_name = format!("{}.json", &sha256(config.as_bytes())[7..]);
    let names: Vec<String> =
        layers.iter().map(|(stored, _)| format!("{}/layer.tar", &sha256(stored)[7..])).collect();
    let manifest = json!([{"Config": config_name, "RepoTags": ["shop:1"], "Layers": names}]);
    let mut builder = tar::Builder::new(Vec::new());
    let mut put = |name: &str, body: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(body.len() as u64);
        builder.append_data(&mut header, name, body).unwrap();
    };
    put(&config_name, config.as_bytes());
    for (index, name) in names.iter().enumerate() {
        if !names[..index].contains(name) {
            put(name, &layers[index].0);
        }
    }
    put("manifest.json", manifest.to_string().as_bytes());
    builder.into_inner().unwrap()
}

/// Writes an OCI layout.
pub(crate) fn oci_layout(folder: &Path, layers: &[Stored]) {
    let blobs = folder.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).unwrap();
    let blob = |kind: &str, body: &[u8]| {
        let digest = sha256(body);
        fs_err::write(blobs.join(&digest[7..]), body).unwrap();
        let media = format!("application/vnd.oci.image.{kind}");
        json!({"mediaType": media, "digest": digest, "size": body.len()})
    };
    let config = blob("config.v1+json", config(layers).to_string().as_bytes());
    let layers: Vec<Value> =
        layers.iter().map(|(stored, _)| blob("layer.v1.tar+gzip", stored)).collect();
    let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers});
    let manifest = blob("manifest.v1+json", manifest.to_string().as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [manifest]});
    fs_err::write(folder.join("index.json"), index.to_string()).unwrap();
    fs_err::write(folder.join("oci-layout"), r#"{"imageLayoutVersion": "1.0.0"}"#).unwrap();
}

/// A folder for one test.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) stub: Stub,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), stub: Stub::new() }
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        fs_err::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn read(&self, path: &Path) -> Result<Contents, SourceError> {
        self.read_with(path, &options())
    }

    pub(crate) fn read_cached(&self, path: &Path) -> Result<Contents, SourceError> {
        self.read_with(path, &Options { cache: Some(&self.cache()), ..options() })
    }

    pub(crate) fn read_with(
        &self,
        path: &Path,
        options: &Options<'_>,
    ) -> Result<Contents, SourceError> {
        let reference = Reference::parse(path.to_str().unwrap()).unwrap();
        read(&reference, &self.stub, options)
    }
}

pub(crate) fn options() -> Options<'static> {
    Options {
        platform: Some("linux/amd64".parse().unwrap()),
        strict: false,
        cache: None,
        threads: None,
        progress: &Silent,
        hint: &|_, _| (),
    }
}

/// Returns the text of a file of the tree.
pub(crate) fn text<'a>(tree: &'a Tree, path: &str) -> Option<&'a str> {
    tree.read(path).map(|file| std::str::from_utf8(file.body).unwrap())
}

/// Returns path, layer and text of all that file cataloguers took.
pub(crate) fn taken(tree: &Tree) -> Vec<(String, u32, String)> {
    let yields = tree.yields().into_iter();
    yields.map(|(path, layer, _, taken)| (path, layer, taken.packages[0].name.clone())).collect()
}

pub(crate) fn verified(contents: &Contents) -> Vec<bool> {
    contents.target.layers.iter().map(|layer| layer.verified).collect()
}
