//! What the tests share: the fixture folders, mirrors made of them, rows as JSON.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use plimsoll_feeds::{Draft, Feed, Harvest, Input, Row};
use plimsoll_net::{Client, Limits, Mirror, Options, Silent};
use serde_json::{Value, json};

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Makes a mirror of the fixtures of some feeds: what lies there unpacked is packed.
pub(crate) fn mirror_of(feeds: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for feed in feeds {
        copy(&fixtures().join(feed).join("mirror"), root.path());
    }
    root
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            match name.strip_suffix(".dir") {
                Some(name) => {
                    std::fs::write(to.join(name), archived_as(name, &entry.path())).unwrap();
                }
                None => copy(&entry.path(), &to.join(name)),
            }
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap();
        let (name, bytes) = match name.strip_suffix(".txt") {
            Some(name) if matches!(end(name), "gz" | "bz2") => {
                (name.to_owned(), packed_as(name, &bytes))
            }
            _ => (name, bytes),
        };
        std::fs::write(to.join(name), bytes).unwrap();
    }
}

fn end(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// Packs a file as its name says.
fn packed_as(name: &str, bytes: &[u8]) -> Vec<u8> {
    match end(name) {
        "gz" => pack(bytes),
        "bz2" => pack_bz2(bytes),
        "xz" => pack_xz(bytes),
        "zst" => zstd::encode_all(bytes, 1).unwrap(),
        _ => panic!("`{name}` is not packed"),
    }
}

/// Makes an archive of a folder as its name says: `all.zip`, `osv-all.tar.xz`, `main.tar.gz`.
fn archived_as(name: &str, folder: &Path) -> Vec<u8> {
    if end(name) != "zip" {
        return packed_as(name, &archive(folder));
    }
    let mut members = Vec::new();
    walk(folder, "", &mut members);
    members.sort();
    zip_of(&members)
}

fn walk(folder: &Path, prefix: &str, members: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &format!("{name}/"), members);
        } else {
            members.push((name, std::fs::read(entry.path()).unwrap()));
        }
    }
}

pub(crate) fn zip_of(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, body) in members {
        let method = rawzip::CompressionMethod::DEFLATE;
        let (mut entry, config) = zip.new_file(name).compression_method(method).start().unwrap();
        let encoder = flate2::write::DeflateEncoder::new(&mut entry, Compression::fast());
        let mut writer = config.wrap(encoder);
        writer.write_all(body).unwrap();
        let (encoder, told) = writer.finish().unwrap();
        encoder.finish().unwrap();
        entry.finish(told).unwrap();
    }
    zip.finish().unwrap()
}

pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut pack = GzEncoder::new(Vec::new(), Compression::fast());
    pack.write_all(bytes).unwrap();
    pack.finish().unwrap()
}

pub(crate) fn pack_bz2(bytes: &[u8]) -> Vec<u8> {
    let mut pack = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    pack.write_all(bytes).unwrap();
    pack.finish().unwrap()
}

fn pack_xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut pack = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    pack.write_all(bytes).unwrap();
    pack.finish().unwrap()
}

/// Makes a tar archive of a folder, in the order of the names.
fn archive(folder: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.mode(tar::HeaderMode::Deterministic);
    append(&mut builder, folder, Path::new(""));
    builder.into_inner().unwrap()
}

fn append(builder: &mut tar::Builder<Vec<u8>>, folder: &Path, below: &Path) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = below.join(path.file_name().unwrap());
        builder.append_path_with_name(&path, &name).unwrap();
        if path.is_dir() {
            append(builder, &path, &name);
        }
    }
}

/// A client that reads a mirror folder and nothing else.
pub(crate) fn client(mirror: &Path) -> Client {
    let mirror = Some(Mirror::Folder(mirror.to_owned()));
    Client::new(Options { mirror, offline: true, ..Options::default() })
}

/// The bytes of every file of a namespace that a mirror has, with their addresses.
pub(crate) fn files(feed: &Feed, namespace: &str, mirror: &Path) -> Vec<(String, Vec<u8>)> {
    let files = (feed.files)(namespace).unwrap();
    let read = |address: String| {
        let place = address.split_once("://").unwrap().1.replace("%20", "_");
        let path = mirror.join(place);
        std::fs::read(path).ok().map(|bytes| (address, bytes))
    };
    files.into_iter().filter_map(|file| read(file.address)).collect()
}

/// Reads all files of a namespace that a mirror has into a harvest, those too that they lead on to;
/// returns their addresses and bytes in the order read.
pub(crate) fn read_all(
    feed: &Feed,
    namespace: &str,
    mirror: &Path,
    harvest: &mut Harvest,
) -> Vec<(String, Vec<u8>)> {
    let client = client(mirror);
    let mut queue: VecDeque<_> = (feed.files)(namespace).unwrap().into();
    let mut read = Vec::new();
    while let Some(file) = queue.pop_front() {
        let limits = Limits { max_bytes: file.max_bytes, max_time: Duration::from_mins(1) };
        let Ok(mut body) = client.get(&file.address, limits, &Silent) else { continue };
        let mut bytes = Vec::new();
        body.read_to_end(&mut bytes).unwrap();
        let mut body = bytes.as_slice();
        (feed.parse)(Input { address: &file.address, body: &mut body }, harvest).unwrap();
        for next in harvest.take_followed().into_iter().rev() {
            queue.push_front(next);
        }
        read.push((file.address, bytes));
    }
    read
}

/// The folder with real data beside the repository; `None`, visibly, where it is not there.
#[allow(clippy::print_stderr)]
pub(crate) fn shared(test: &str, place: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(place);
    if !path.exists() {
        eprintln!("skipped: {test}: ../shared is not there");
        return None;
    }
    Some(path)
}

pub(crate) fn as_json(draft: &Draft) -> Value {
    let rows: Vec<Value> =
        draft.rows.iter().map(|(key, row)| json!([key, row_as_json(row)])).collect();
    json!({ "updated": draft.updated, "dropped": draft.dropped, "rows": rows })
}

fn row_as_json(row: &Row) -> Value {
    let value = match row {
        Row::Advisory(advisory) => serde_json::to_value(advisory),
        Row::Lean(row) => serde_json::to_value(row.advisory()),
        Row::Detail(detail) => serde_json::to_value(detail),
        Row::Epss(epss) => serde_json::to_value(epss),
        Row::Kev(kev) => serde_json::to_value(kev),
        Row::Eol(release) => serde_json::to_value(release),
        Row::Strings(words) => serde_json::to_value(words),
    };
    value.unwrap()
}
