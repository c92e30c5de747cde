//! Makes the tree of an image from folders, as a source would: each file is read by the rows that want
//! it, links stay links, and a folder that is named as an archive is packed into one.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use plimsoll_model::report::Layer;
use plimsoll_model::tree::Content;
use plimsoll_model::{Entry, EntryKind, LayerListing, Readers, Tree, WantSet};
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// Applies one folder a layer, lowest first. `.wh.NAME` files are whiteouts.
pub(crate) fn tree(folders: &[impl AsRef<Path>]) -> Tree {
    let readers = plimsoll_catalog::readers(true);
    let mut tree = Tree::new();
    for (index, folder) in folders.iter().enumerate() {
        let mut listing = LayerListing::default();
        add_folder(&readers, folder.as_ref(), "", &mut listing);
        tree.apply(index as u32, listing);
    }
    for missing in tree.missing(readers.wants()) {
        let Ok(body) = fs::read(folders[missing.layer as usize].as_ref().join(&missing.path))
        else {
            continue;
        };
        let content = content(&readers, &missing.wanted_as, missing.rows, &body);
        tree.supply(&missing, &content);
    }
    tree
}

/// Makes a tree of one layer from paths and texts.
pub(crate) fn tree_of(files: &[(&str, &str)]) -> Tree {
    let readers = plimsoll_catalog::readers(true);
    let mut listing = LayerListing::default();
    for (path, text) in files {
        add_file(&readers, path, text.as_bytes(), &mut listing);
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    tree
}

/// Makes a tree of layers, lowest first, from paths, what they are, and the texts of files.
pub(crate) fn tree_of_layers(layers: &[&[(&str, EntryKind<'_>, &str)]]) -> Tree {
    let readers = plimsoll_catalog::readers(true);
    let mut tree = Tree::new();
    for (index, entries) in layers.iter().enumerate() {
        let mut listing = LayerListing::default();
        for (path, kind, text) in *entries {
            match kind {
                EntryKind::File => add_file(&readers, path, text.as_bytes(), &mut listing),
                kind => push(path, *kind, None, &mut listing),
            }
        }
        tree.apply(index as u32, listing);
    }
    for missing in tree.missing(readers.wants()) {
        let mut entries = layers[missing.layer as usize].iter();
        let Some((_, _, text)) = entries.find(|entry| entry.0 == missing.path) else { continue };
        let content = content(&readers, &missing.wanted_as, missing.rows, text.as_bytes());
        tree.supply(&missing, &content);
    }
    tree
}

/// Makes a tree of one layer of which no bytes were kept.
pub(crate) fn tree_without_bytes(entries: &[(&str, EntryKind<'_>, &str)]) -> Tree {
    let mut listing = LayerListing::default();
    for (path, kind, _) in entries {
        push(path, *kind, None, &mut listing);
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    tree
}

/// The layers of a tree of so many: their DiffIDs are told apart by a number.
pub(crate) fn layers(count: usize) -> Vec<Layer> {
    (0..count as u32)
        .map(|index| Layer { index, diff_id: format!("sha256:{index:064}"), ..Layer::default() })
        .collect()
}

fn add_folder(readers: &impl Readers, folder: &Path, at: &str, listing: &mut LayerListing) {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let (real, path) = (folder.join(&name), join(at, &name));
        let kind = fs::symlink_metadata(&real).unwrap();
        if kind.is_symlink() {
            let target = fs::read_link(&real).unwrap().into_os_string().into_string().unwrap();
            push(&path, EntryKind::Symlink(&target), None, listing);
        } else if let Some(gone) = name.strip_prefix(".wh.") {
            push(&join(at, gone), EntryKind::Whiteout, None, listing);
        } else if kind.is_dir() && is_archive(&name) {
            add_file(readers, path.trim_end_matches(PACKED), &pack(&real), listing);
        } else if kind.is_dir() {
            push(&path, EntryKind::Directory, None, listing);
            add_folder(readers, &real, &path, listing);
        } else {
            add_file(readers, &path, &fs::read(&real).unwrap(), listing);
        }
    }
}

pub(crate) fn add_file(
    readers: &impl Readers,
    path: &str,
    body: &[u8],
    listing: &mut LayerListing,
) {
    let wants: &WantSet = readers.wants();
    let programs = if plimsoll_model::is_program(body) { wants.programs() } else { 0 };
    let rows = wants.ask(path, false) | programs;
    let content = (rows != 0).then(|| listing.keep(content(readers, path, rows, body)));
    push(path, EntryKind::File, content, listing);
}

fn content(readers: &impl Readers, path: &str, rows: u128, body: &[u8]) -> Content {
    let keeps = rows & readers.tree_rows() != 0;
    let body_kept: Option<Arc<[u8]>> = keeps.then(|| body.into());
    Content { body: body_kept, yields: readers.read(path, rows, body), rows }
}

pub(crate) fn push(
    path: &str,
    kind: EntryKind<'_>,
    content: Option<u32>,
    listing: &mut LayerListing,
) {
    assert!(listing.push(&Entry { path, kind, executable: false, content }));
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Folders named so are packed too, and the end is taken off: eggs are files or folders.
const PACKED: &str = ".packed";

fn is_archive(name: &str) -> bool {
    let ends = [".jar", ".war", ".ear", ".hpi", ".rar", ".whl", ".zip", PACKED];
    ends.iter().any(|end| name.ends_with(end))
}

/// Packs a folder into a ZIP file: archives in it are stored, as a build of a fat JAR does, all else
/// is compressed.
fn pack(folder: &Path) -> Vec<u8> {
    let mut members = Vec::new();
    collect(folder, "", &mut members);
    let mut writer = ZipArchiveWriter::new(Vec::new());
    for (name, body) in members {
        let stored = is_archive(&name);
        let method = if stored { CompressionMethod::STORE } else { CompressionMethod::DEFLATE };
        let file = writer.new_file(&name).compression_method(method);
        let (mut entry, config) = file.start().unwrap();
        let output = if stored {
            let mut data = config.wrap(&mut entry);
            data.write_all(&body).unwrap();
            data.finish().unwrap().1
        } else {
            let level = flate2::Compression::default();
            let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
            data.write_all(&body).unwrap();
            let (encoder, output) = data.finish().unwrap();
            encoder.finish().unwrap();
            output
        };
        entry.finish(output).unwrap();
    }
    writer.finish().unwrap()
}

fn collect(folder: &Path, at: &str, members: &mut Vec<(String, Vec<u8>)>) {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let (real, path) = (folder.join(&name), join(at, &name));
        if real.is_dir() && is_archive(&name) {
            members.push((path, pack(&real)));
        } else if real.is_dir() {
            collect(&real, &path, members);
        } else {
            members.push((path, fs::read(&real).unwrap()));
        }
    }
}
