//! Which package owns which file: lists of dpkg, checksums of distroless images, the database of apk,
//! and libraries whose files may be among them.

#![no_main]

use std::collections::HashSet;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{catalogue, readers};
use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing, Readers as _, Tree};

/// The files, as many as there are parts between the NUL bytes of the input.
const FILES: &[&str] = &[
    "var/lib/dpkg/info/a.list",
    "var/lib/dpkg/info/b:amd64.list",
    "var/lib/dpkg/status.d/c.md5sums",
    "lib/apk/db/installed",
    "var/lib/dpkg/status",
];

/// Files that are there whatever the input is.
const FIXED: &[(&str, &str)] = &[
    ("var/lib/dpkg/status", "Package: a\nVersion: 1\n\nPackage: b\nArchitecture: amd64\nVersion: 2\n"),
    ("var/lib/dpkg/status.d/c", "Package: c\nVersion: 3\n"),
    ("usr/lib/x.egg-info", "Name: x\nVersion: 1\n"),
    ("usr/local/lib/y-2.dist-info/METADATA", "Name: y\nVersion: 2\n"),
];

fuzz_target!(|data: &[u8]| {
    let readers = readers(false);
    let mut listing = LayerListing::default();
    let parts = FILES.iter().copied().zip(data.split(|byte| *byte == 0));
    let fixed = FIXED.iter().map(|(path, text)| (*path, text.as_bytes()));
    for (path, body) in fixed.chain(parts) {
        let rows = readers.wants().ask(path, false);
        let body_kept: Option<Arc<[u8]>> =
            (rows & readers.tree_rows() != 0).then(|| body.into());
        let content = Content { body: body_kept, yields: readers.read(path, rows, body), rows };
        let content = Some(listing.keep(content));
        let entry = Entry { path, kind: EntryKind::File, executable: false, content };
        assert!(listing.push(&entry));
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    let found = catalogue(&tree, &plimsoll_catalog::readers(false), &[], true);
    let ids: HashSet<&str> = found.packages.iter().map(|package| package.id.as_str()).collect();
    for package in &found.packages {
        let is_library = package.kind == "pypi";
        assert!(package.owner.is_none() || is_library);
        assert!(package.owner.as_deref().is_none_or(|owner| ids.contains(owner)));
    }
});
