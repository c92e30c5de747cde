//! Large and deep Java archives, made at the start from numbers that look random.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may")]

use std::hint::black_box;
use std::io::Write as _;

use criterion::{Criterion, criterion_group, criterion_main};
use rawzip::{CompressionMethod, ZipArchiveWriter};

const CLASS_BYTES: usize = 2_400;
const CLASSES: usize = 60_000;
const DEPTH: usize = 8;
const INNERMOST_BYTES: usize = 16 << 20;

const POM: (&str, &[u8]) = (
    "META-INF/maven/com.example/big/pom.properties",
    b"groupId=com.example\nartifactId=big\nversion=1.0\n",
);

/// Bytes that do not pack, always the same.
fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut bytes = Vec::with_capacity(count + 8);
    while bytes.len() < count {
        bytes.extend(next().to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

fn pack(members: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    let mut writer = ZipArchiveWriter::new(Vec::new());
    for (name, body) in members {
        let method = if deflate { CompressionMethod::DEFLATE } else { CompressionMethod::STORE };
        let (mut entry, config) =
            writer.new_file(*name).compression_method(method).start().unwrap();
        if deflate {
            let level = flate2::Compression::fast();
            let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
            data.write_all(body).unwrap();
            let (encoder, output) = data.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(output).unwrap();
        } else {
            let mut data = config.wrap(&mut entry);
            data.write_all(body).unwrap();
            let (_, output) = data.finish().unwrap();
            entry.finish(output).unwrap();
        }
    }
    writer.finish().unwrap()
}

/// 144 MB in 60,000 classes; with a `pom.properties` or without.
fn large(pom: bool) -> Vec<u8> {
    let body = noise(CLASS_BYTES, 7);
    let names: Vec<String> = (0..CLASSES)
        .map(|number| format!("com/example/p{}/C{number}.class", number % 97))
        .collect();
    let mut members: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), body.as_slice())).collect();
    members.extend(pom.then_some(POM));
    pack(&members, false)
}

/// An archive in an archive, eight in all, each deflated.
fn deep() -> Vec<u8> {
    let body = noise(INNERMOST_BYTES, 11);
    let mut archive = pack(&[("a/B.class", &body), POM], true);
    for _ in 1..DEPTH {
        archive = pack(&[("lib/inner-1.0.jar", &archive)], true);
    }
    archive
}

fn jars(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("jar");
    group.sample_size(10);
    let named = large(true);
    group.bench_function("144 MB, 60,000 classes", |bencher| {
        bencher.iter(|| black_box(plimsoll_catalog::read_jar("big-1.0.jar", &named)));
    });
    drop(named);
    let unnamed = large(false);
    group.bench_function("144 MB, unknown, so hashed", |bencher| {
        bencher.iter(|| black_box(plimsoll_catalog::read_jar("big.jar", &unnamed)));
    });
    drop(unnamed);
    let deep = deep();
    // Each archive, and what the innermost bundles.
    assert_eq!(plimsoll_catalog::read_jar("outer-1.0.jar", &deep).packages.len(), DEPTH + 1);
    group.bench_function("8 deep, 16 MiB within", |bencher| {
        bencher.iter(|| black_box(plimsoll_catalog::read_jar("outer-1.0.jar", &deep)));
    });
    group.finish();
}

criterion_group!(benches, jars);
criterion_main!(benches);
