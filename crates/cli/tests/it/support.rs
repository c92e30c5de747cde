//! A program to run, a folder to run it in, and small images.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A folder of its own for one test, with a cache and a home in it.
pub(crate) struct Lab {
    folder: tempfile::TempDir,
}

/// What a run printed and how it ended.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Lab {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A command with nothing of the outside in its environment, and no network.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.path("home")).env("PLIMSOLL_CACHE_DIR", self.path("cache"));
        command.env("PLIMSOLL_OFFLINE", "true");
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        ran(&self.command(words).output().unwrap())
    }

    /// Runs and reads the report in JSON.
    pub(crate) fn json(&self, words: &[&str]) -> Value {
        let ran = self.run(words);
        assert_eq!(ran.code, 0, "{}", ran.err);
        serde_json::from_str(&ran.out).unwrap()
    }
}

pub(crate) fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The shared data, or `None` after saying what is skipped.
pub(crate) fn shared(what: &str, for_what: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(what);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {for_what}: ../shared/{what} is not there");
    None
}

/// A file of the checkout.
pub(crate) fn checkout(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    path.to_str().unwrap().to_owned()
}

/// A layer of regular files.
pub(crate) fn layer(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, body) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(body.len() as u64);
        header.set_mode(0o644);
        // Names that the `tar` crate would refuse are what some tests are about.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        archive.append(&header, *body).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A `docker save` archive of uncompressed layers.
pub(crate) fn image(layers: &[Vec<u8>]) -> Vec<u8> {
    let diff_ids: Vec<String> =
        layers.iter().map(|layer| format!("sha256:{}", sha256(layer))).collect();
    image_claiming(layers, &diff_ids)
}

/// The same, with DiffIDs of the caller's choice.
pub(crate) fn image_claiming(layers: &[Vec<u8>], diff_ids: &[String]) -> Vec<u8> {
    let config = json!({
        "architecture": "amd64", "os": "linux",
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": layers.iter().enumerate()
            .map(|(index, _)| json!({ "created_by": format!("RUN step {index}") }))
            .collect::<Vec<_>>(),
    });
    let config = serde_json::to_vec(&config).unwrap();
    let names: Vec<String> =
        (0..layers.len()).map(|index| format!("{index:064}/layer.tar")).collect();
    let manifest = json!([{ "Config": "config.json", "RepoTags": ["lab/x:1"], "Layers": names }]);
    let mut files: Vec<(&str, &[u8])> = vec![("config.json", &config)];
    files.extend(names.iter().map(String::as_str).zip(layers.iter().map(Vec::as_slice)));
    let manifest = serde_json::to_vec(&manifest).unwrap();
    files.push(("manifest.json", &manifest));
    layer(&files)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) const ALPINE: &[u8] =
    b"ID=alpine\nVERSION_ID=3.17.1\nPRETTY_NAME=\"Alpine Linux v3.17\"\n";

/// An Alpine image of one layer with these packages: name, version, origin.
pub(crate) fn alpine(packages: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut database = String::new();
    for (name, version, origin) in packages {
        database += &format!("P:{name}\nV:{version}\nA:x86_64\no:{origin}\nL:MIT\n\n");
    }
    image(&[layer(&[("etc/os-release", ALPINE), ("lib/apk/db/installed", database.as_bytes())])])
}
