//! Images read from the file to the tree, each beside the cost of what cannot be avoided: the bytes
//! read, hashed, inflated. And the overlay of 100,000 files alone.
//!
//! The image is made up: 1 GiB in one layer, most files small, most bytes in large ones, every
//! hundredth file a JAR that is wanted.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll_model::tree::{Entry, EntryKind};
use plimsoll_model::want::{Want, WantSet};
use plimsoll_model::{FileYield, LayerListing, Readers, Tree};
use plimsoll_source::{Options, Reference, Silent, read};
use sha2::{Digest, Sha256};

const LAYER_BYTES: u64 = 1 << 30;
const GZIP_LAYER_BYTES: u64 = 256 << 20;

struct Jars(WantSet);

impl Readers for Jars {
    fn wants(&self) -> &WantSet {
        &self.0
    }

    fn tree_rows(&self) -> u128 {
        0
    }

    fn max_body_bytes(&self, _rows: u128) -> u64 {
        64 << 20
    }

    fn fingerprint(&self) -> u64 {
        1
    }

    fn read(&self, _path: &str, _rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        black_box(body);
        Vec::new()
    }
}

/// Writes a layer of about so many bytes, with files of 200 bytes to 2 MB.
fn write_layer(to: impl Write, bytes: u64) -> impl Write {
    let mut builder = tar::Builder::new(to);
    // Compresses about as programs do.
    let mut random = 1u32;
    let body: Vec<u8> = (0..2 << 20u32)
        .map(|index: u32| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            if index % 64 < 40 { (index / 64) as u8 } else { (random >> 24) as u8 }
        })
        .collect();
    let (mut written, mut number) = (0, 0usize);
    while written < bytes {
        let size = if number % 60 == 0 { 2 << 20 } else { 200 + number * 7919 % 16_000 };
        let end = if number % 100 == 0 { "jar" } else { "txt" };
        let mut header = tar::Header::new_ustar();
        header.set_size(size as u64);
        header.set_mode(0o644);
        let name = format!("usr/share/{}/{number}.{end}", number / 50);
        builder.append_data(&mut header, name, &body[..size]).unwrap();
        written += size as u64;
        number += 1;
    }
    builder.into_inner().unwrap()
}

/// Packs a layer file into an archive as `docker save` writes it.
fn write_archive(layer: &Path, diff_id: &str, path: &Path) {
    let config = format!(
        r#"{{"os":"linux","architecture":"amd64","rootfs":{{"type":"layers","diff_ids":["{diff_id}"]}}}}"#
    );
    let manifest = r#"[{"Config":"config.json","RepoTags":["bench:1"],"Layers":["layer.tar"]}]"#;
    let mut builder = tar::Builder::new(BufWriter::new(File::create(path).unwrap()));
    for (name, text) in [("config.json", config.as_str()), ("manifest.json", manifest)] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        builder.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    builder.append_path_with_name(layer, "layer.tar").unwrap();
    builder.into_inner().unwrap().flush().unwrap();
}

fn hash(mut reader: impl Read) -> String {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 256 << 10]);
    loop {
        match reader.read(&mut buffer).unwrap() {
            0 => break,
            got => hash.update(&buffer[..got]),
        }
    }
    hash.finalize().iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn read_image(path: &Path, strict: bool) -> Tree {
    let readers = Jars(WantSet::new(&[&[Want::Suffix(".jar")]]));
    let options = Options {
        platform: Some("linux/amd64".parse().unwrap()),
        strict,
        cache: None,
        threads: None,
        progress: &Silent,
        hint: &|_, _| (),
    };
    let reference = Reference::Archive { path: path.to_owned() };
    read(&reference, &readers, &options).unwrap().tree
}

fn open(path: &Path) -> File {
    File::open(path).unwrap()
}

fn plain(bench: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let layer = folder.path().join("layer");
    write_layer(BufWriter::new(File::create(&layer).unwrap()), LAYER_BYTES).flush().unwrap();
    let archive = folder.path().join("image.tar");
    write_archive(&layer, &hash(open(&layer)), &archive);
    let mut group = bench.benchmark_group("uncompressed 1 GiB");
    group.throughput(Throughput::Bytes(open(&archive).metadata().unwrap().len()));
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.bench_function("walked", |bench| bench.iter(|| read_image(&archive, false)));
    group.bench_function("hashed (strict)", |bench| bench.iter(|| read_image(&archive, true)));
    group.bench_function("floor: read", |bench| {
        let mut buffer = vec![0; 256 << 10];
        bench.iter(|| {
            let mut file = open(&archive);
            while file.read(&mut buffer).unwrap() > 0 {}
        });
    });
    group.bench_function("floor: read and hash", |bench| bench.iter(|| hash(open(&archive))));
    group.finish();
}

fn gzip(bench: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let (layer, archive) = (folder.path().join("layer"), folder.path().join("image.tar"));
    let file = BufWriter::new(File::create(&layer).unwrap());
    let encoder = flate2::write::GzEncoder::new(file, flate2::Compression::new(6));
    drop(write_layer(encoder, GZIP_LAYER_BYTES));
    let inflated = || flate2::bufread::GzDecoder::new(BufReader::new(open(&layer)));
    write_archive(&layer, &hash(inflated()), &archive);
    let mut group = bench.benchmark_group("gzip, 256 MiB inflated");
    group.throughput(Throughput::Bytes(GZIP_LAYER_BYTES));
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    group.bench_function("streamed", |bench| bench.iter(|| read_image(&archive, false)));
    group.bench_function("floor: hash, inflate, hash in a row", |bench| {
        bench.iter(|| {
            black_box(hash(open(&layer)));
            hash(inflated())
        });
    });
    group.bench_function("floor: inflate", |bench| {
        bench.iter(|| io::copy(&mut inflated(), &mut io::sink()).unwrap());
    });
    group.finish();
}

fn overlay(bench: &mut Criterion) {
    let mut listing = LayerListing::default();
    for number in 0..100_000 {
        let path = format!("usr/share/{}/{}/{number}", number / 1000, number / 50);
        let kind = EntryKind::File;
        assert!(listing.push(&Entry { path: &path, kind, executable: false, content: None }));
    }
    bench.bench_function("overlay of 100,000 files, twice", |bench| {
        bench.iter(|| {
            let mut tree = Tree::new();
            tree.apply(0, listing.clone());
            tree.apply(1, listing.clone());
            tree
        });
    });
}

criterion_group!(benches, plain, gzip, overlay);
criterion_main!(benches);
