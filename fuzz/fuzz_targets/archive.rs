//! The outer archive of a saved image: bytes that begin as a tar as they are, others as a recipe for
//! one, plain or packed.

#![no_main]

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{Scratch, patch, tar};
use plimsoll_source::{Reference, fuzzing};

const NAMES: &[&str] = &[
    "manifest.json",
    "index.json",
    "oci-layout",
    "repositories",
    "config.json",
    "layer/layer.tar",
    "blobs/sha256/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "blobs/sha256/x",
    "../layer.tar",
];

const BODIES: &[&str] = &[
    r#"[{"Config":"config.json","RepoTags":["shop:1.4"],"Layers":["layer/layer.tar"]}]"#,
    r#"{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"]}}"#,
    r#"{"schemaVersion":2,"manifests":[{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}]}"#,
    "{}",
    "",
];

fuzz_target!(|data: &[u8]| {
    let bytes = if data.get(257..262) == Some(b"ustar") {
        let mut bytes = data.to_vec();
        tar::seal(&mut bytes);
        bytes
    } else {
        made(&mut Unstructured::new(data)).unwrap_or_default()
    };
    let path = Scratch::get().write("image.tar", &bytes);
    let _ = fuzzing::open(&Reference::Archive { path: path.clone() }, None);
    let _ = fuzzing::open(&Reference::OciArchive { path, select: None }, None);
});

fn made(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let packing = u.arbitrary()?;
    let mut bytes = Vec::new();
    if u.ratio(1, 3)? {
        bytes = tar::archive(u)?;
    } else {
        for _ in 0..u.int_in_range(0..=6)? {
            let (name, body) = (u.choose(NAMES)?, u.choose(BODIES)?.as_bytes());
            tar::put_file(&mut bytes, name.as_bytes(), body);
        }
        let patches = patch::patches(u)?;
        patch::apply(&mut bytes, &patches);
        tar::finish(&mut bytes);
    }
    let mut packed = tar::pack(&bytes, packing);
    if u.ratio(1, 4)? {
        let patches = patch::patches(u)?;
        patch::apply(&mut packed, &patches);
    }
    Ok(packed)
}
