//! The parts of a scan behind the reading: catalogue, match, shard build.
//!
//! `cargo bench -p plimsoll-scan`. Rows are made here; with `../shared/mirror` beside the checkout the
//! real feeds are built too. Figures with the machine stand in `docs/bench.md`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    missing_docs,
    reason = "a bench that cannot run may stop, and names what it skips"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll_model::tree::Content;
use plimsoll_model::{
    Advisory, Affected, Distro, Entry, EntryKind, LayerListing, Package, SourcePackage, State, Tree,
};
use plimsoll_vuln::{
    Database, DatabaseError, ReleaseInfo, RowKind, Shard, ShardBuilder, ShardMeta, judge,
};

/// Packages of a usual application image.
const PACKAGES: usize = 520;
/// Rows of one Debian release: source packages, and CVEs of each.
const SOURCES: usize = 3000;
const CVES: usize = 10;

fn name(index: usize) -> String {
    format!("lib{}-{}", ["alpha", "core", "net", "xml", "zip"][index % 5], index)
}

fn status() -> String {
    let mut text = String::new();
    for index in 0..PACKAGES {
        let name = name(index * 5);
        write!(
            text,
            "Package: {name}\nStatus: install ok installed\nPriority: optional\nSection: libs\n\
             Maintainer: Somebody <somebody@debian.org>\nArchitecture: amd64\nSource: {name}\n\
             Version: 1.{index}.2-3+deb12u{}\nDepends: libc6 (>= 2.36)\nDescription: words\n \
             more words about it\n\n",
            index % 7
        )
        .unwrap();
    }
    text
}

fn tree() -> Tree {
    let mut listing = LayerListing::default();
    let status = status();
    let release = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
    for (path, body) in [("etc/os-release", release), ("var/lib/dpkg/status", status.as_str())] {
        let content = Some(listing.keep(Content::of_body(body.as_bytes().into(), u128::MAX)));
        assert!(listing.push(&Entry { path, kind: EntryKind::File, executable: false, content }));
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    tree
}

fn built(namespace: &str) -> Vec<u8> {
    let meta = ShardMeta {
        namespace: namespace.to_owned(),
        rows: RowKind::Advisories,
        ..ShardMeta::default()
    };
    let mut builder = ShardBuilder::new(meta);
    for source in 0..SOURCES {
        for cve in 0..CVES {
            let fixed = format!("1.{}.{}-{cve}", source % 9, cve);
            let advisory = Advisory {
                class: plimsoll_model::Class::Weakness,
                id: format!("CVE-20{}-{}", 10 + cve, 1000 + source),
                aliases: Vec::new(),
                state: State::Fixed,
                scope: plimsoll_model::Scope::default(),
                affected: Affected::below(&fixed),
                fixed_versions: vec![fixed],
                severity: None,
                cvss: Vec::new(),
                record: "Debian tracker, bookworm".to_owned(),
                note: None,
                title: Some("A weakness of some kind in some function".to_owned()),
                urls: Vec::new(),
            };
            builder.add_advisory(&name(source), &advisory).unwrap();
        }
    }
    builder.finish().unwrap().bytes
}

struct One(Arc<Shard>);

impl Database for One {
    fn shard(&self, _namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
        Ok(self.0.clone())
    }

    fn release(&self) -> ReleaseInfo {
        ReleaseInfo::default()
    }
}

fn packages(distro: &Distro) -> Vec<Package> {
    (0..500)
        .map(|index| {
            let name = name(index * 5);
            let version = format!("1.{}.5-1", index % 9);
            let mut package = Package {
                source: Some(SourcePackage { name: name.clone(), version: version.clone() }),
                name,
                version,
                kind: "deb".to_owned(),
                ..Package::default()
            };
            package.finish(Some(distro), "");
            package
        })
        .collect()
}

fn catalogue(criterion: &mut Criterion) {
    let merged = tree();
    criterion.bench_function("catalogue 520 dpkg packages", |bencher| {
        bencher.iter(|| {
            let catalogued = plimsoll_catalog::catalogue(
                black_box(&merged),
                &plimsoll_catalog::readers(false),
                &[],
                true,
            );
            assert_eq!(catalogued.packages.len(), PACKAGES);
        });
    });
}

fn matching(criterion: &mut Criterion) {
    let distro = Distro::new("debian", "12", "Debian", "bookworm", "etc/os-release");
    let packages = packages(&distro);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("debian.shard");
    std::fs::write(&file, built("debian:12")).unwrap();
    criterion.bench_function("match 500 packages, warm (shard open)", |bencher| {
        let warm = One(Arc::new(Shard::open(&file).unwrap()));
        bencher.iter(|| judge(black_box(&packages), Some(&distro), &warm).unwrap());
    });
    criterion.bench_function("match 500 packages, cold (shard opened each time)", |bencher| {
        bencher.iter(|| {
            let cold = One(Arc::new(Shard::open(&file).unwrap()));
            judge(black_box(&packages), Some(&distro), &cold).unwrap()
        });
    });
}

fn shard_build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("shard build");
    group.sample_size(10);
    group.bench_function("30,000 made rows", |bencher| bencher.iter(|| built("debian:12")));
    let mirror = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/mirror");
    if !mirror.is_dir() {
        eprintln!("skipped: builds of real feeds: ../shared is not there");
        return;
    }
    for (label, namespaces) in [
        ("alpine 3.17 from its feed", vec!["alpine:3.17"]),
        ("debian 10, 11, 12 from the tracker", vec!["debian:10", "debian:11", "debian:12"]),
        ("epss from its feed", vec!["epss"]),
    ] {
        group.bench_function(label, |bencher| bencher.iter(|| build(&mirror, &namespaces)));
    }
}

fn build(mirror: &Path, namespaces: &[&str]) {
    let out = tempfile::tempdir().unwrap();
    let client = plimsoll_net::Client::new(plimsoll_net::Options {
        mirror: Some(plimsoll_net::Mirror::Folder(mirror.to_owned())),
        offline: true,
        ..plimsoll_net::Options::default()
    });
    let options = plimsoll_feeds::BuildOptions {
        only: Some(namespaces.iter().map(|name| (*name).to_owned()).collect()),
        out: out.path().to_owned(),
        built: "2026-01-01T00:00:00Z".to_owned(),
        year: 2026,
        threads: 0,
    };
    plimsoll_feeds::build(&options, &client, &plimsoll_net::Silent).unwrap();
}

criterion_group!(benches, catalogue, matching, shard_build);
criterion_main!(benches);
