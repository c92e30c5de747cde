//! Release files, each kind of them, and apk's list of repositories beside one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{distro, distro_from_file};
use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing, Tree};

const FILES: &[&str] = &[
    "etc/os-release",
    "etc/lsb-release",
    "etc/alpine-release",
    "etc/issue",
    "etc/debian_version",
    "etc/oracle-release",
    "etc/redhat-release",
    "etc/system-release-cpe",
];

fuzz_target!(|data: &[u8]| {
    for path in FILES {
        if let Some(found) = distro_from_file(path, data) {
            assert!(!found.id.is_empty());
            let _ = (found.namespace(), found.qualifier());
        }
    }
    let at = data.iter().position(|&byte| byte == 0).unwrap_or(data.len());
    let (release, repositories) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let mut listing = LayerListing::default();
    for (path, body) in [(FILES[0], release), ("etc/apk/repositories", repositories)] {
        let content = Content { body: Some(body.into()), ..Content::default() };
        let content = Some(listing.keep(content));
        let entry = Entry { path, kind: EntryKind::File, executable: false, content };
        assert!(listing.push(&entry));
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    if let (Some(found), _) = distro(&tree) {
        let _ = (found.namespace(), found.qualifier());
    }
});
