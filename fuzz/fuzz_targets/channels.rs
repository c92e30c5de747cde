//! What a target says of its repositories: content manifests, labels, Dockerfiles and Ubuntu Pro, each in
//! a layer of its own; and names of products and versions.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::distro;
use plimsoll_model::distro::{dist_tag, is_fix_reachable, suse_namespace};
use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing, Tree};

/// The files, as many as there are parts between the NUL bytes of the input.
const FILES: &[&str] = &[
    "etc/os-release",
    "root/buildinfo/content_manifests/base-9.4-1.json",
    "root/buildinfo/Dockerfile-shop-2.1-7",
    "root/buildinfo/labels.json",
    "usr/share/buildinfo/content-sets.json",
    "var/lib/ubuntu-advantage/status.json",
];

fuzz_target!(|data: &[u8]| {
    let mut tree = Tree::new();
    for ((layer, path), body) in (0..).zip(FILES).zip(data.split(|byte| *byte == 0)) {
        let mut listing = LayerListing::default();
        let content = Some(listing.keep(Content { body: Some(body.into()), ..Content::default() }));
        let entry = Entry { path, kind: EntryKind::File, executable: false, content };
        assert!(listing.push(&entry));
        tree.apply(layer, listing);
        // The same bytes as any other of the files, so that no part waits for those before it.
        let text = String::from_utf8_lossy(body);
        if let Some(namespace) = suse_namespace(&text) {
            assert!(namespace.starts_with("suse") || namespace.starts_with("opensuse"));
        }
        if dist_tag(&text).is_none() {
            assert!(is_fix_reachable(&text, Some(0)));
        }
    }
    let (Some(found), problems) = distro(&tree) else { return };
    assert!(problems.len() <= 2 * FILES.len());
    for channel in found.channels {
        assert!(FILES.contains(&channel.evidence.as_str()));
        assert!(!channel.names.is_empty() && channel.names.is_sorted());
        assert!(channel.layer.is_some() || channel.evidence == FILES[5]);
    }
});
