//! The JSON documents of an image, parted by NUL: tag, `manifest.json`, `index.json`, manifest,
//! configuration. `@3` in a document stands for the digest of the manifest, `@4` for that of the
//! configuration, `@5` for that of the layer, so that mutations of one do not break the others.

#![no_main]

use std::fmt::Write as _;

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{Scratch, tar};
use plimsoll_source::{Reference, Select, fuzzing};
use sha2::{Digest, Sha256};

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(5, |&byte| byte == 0);
    let [tag, saved, index, manifest, config] =
        [(); 5].map(|()| parts.next().unwrap_or_default().to_vec());
    let layer = [0; 1024];
    let layer_digest = digest(&layer);
    let config = replaced(&config, b"@5", &layer_digest);
    let config_digest = digest(&config);
    let manifest = replaced(&manifest, b"@5", &layer_digest);
    let manifest = replaced(&manifest, b"@4", &config_digest);
    let manifest_digest = digest(&manifest);
    let index = replaced(&index, b"@3", &manifest_digest);
    let mut bytes = Vec::new();
    for (digest, body) in
        [(&layer_digest, &layer[..]), (&config_digest, &config), (&manifest_digest, &manifest)]
    {
        let name = format!("blobs/sha256/{}", &digest[7..]);
        tar::put_file(&mut bytes, name.as_bytes(), body);
    }
    let named: [(&[u8], &[u8]); 4] = [
        (b"config.json", &config),
        (b"layer.tar", &layer),
        (b"manifest.json", &saved),
        (b"index.json", &index),
    ];
    for (name, body) in named.into_iter().filter(|(_, body)| !body.is_empty()) {
        tar::put_file(&mut bytes, name, body);
    }
    tar::finish(&mut bytes);
    let path = Scratch::get().write("image.tar", &bytes);
    let tag = String::from_utf8_lossy(&tag).into_owned();
    let platform = tag.parse().ok();
    for reference in [
        Reference::DockerArchive { path: path.clone(), tag: None },
        Reference::DockerArchive { path: path.clone(), tag: Some(tag.clone()) },
        Reference::OciArchive { path: path.clone(), select: None },
        Reference::OciArchive { path: path.clone(), select: Some(Select::Tag(tag.clone())) },
        Reference::OciArchive { path: path.clone(), select: Some(Select::Digest(manifest_digest)) },
        Reference::OciArchive { path: path.clone(), select: Some(Select::Digest(tag)) },
        Reference::Archive { path },
    ] {
        match fuzzing::open(&reference, platform.as_ref()) {
            Ok(layers) => assert!(layers <= 500, "layers have a limit"),
            Err(error) => {
                let text = error.to_string();
                let is_plain = text.chars().all(|letter| !letter.is_control());
                assert!(is_plain, "a control character in {text:?}");
            }
        }
    }
});

fn digest(bytes: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn replaced(bytes: &[u8], mark: &[u8; 2], text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == mark) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(text.as_bytes());
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    out
}
