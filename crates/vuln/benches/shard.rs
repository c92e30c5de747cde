//! How long it takes to build a shard, to open it, and to look 500 packages up; and how large it is.
//!
//! The rows are made up, with names as Debian and npm have them; 100 of the 500 names are absent.

#![allow(clippy::print_stderr, reason = "the size is a figure too")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll_model::{Advisory, Affected, Severity, State};
use plimsoll_vuln::{RowKind, Shard, ShardBuilder, ShardMeta};

const STEMS: [&str; 24] = [
    "openssl",
    "zlib",
    "python3",
    "node",
    "gtk",
    "qt6",
    "perl",
    "ruby",
    "golang",
    "rust",
    "java",
    "xml",
    "json",
    "http",
    "curl",
    "db5.3",
    "icu",
    "boost",
    "gst-plugins",
    "mesa",
    "kde",
    "gnome",
    "tex",
    "php8.2",
];
const TAILS: [&str; 16] = [
    "", "-core", "-dev", "-utils", "-common", "-data", "-parser", "-client", "-server", "-plugin",
    "-extras", "-tools", "-compat", "-base", "-doc", "-bin",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn name(dice: &mut Dice) -> String {
    let (stem, tail) = (STEMS[dice.roll(STEMS.len())], TAILS[dice.roll(TAILS.len())]);
    match dice.roll(3) {
        0 => format!("lib{stem}{}{tail}", dice.roll(400)),
        1 => format!("{stem}-{}{tail}", STEMS[dice.roll(STEMS.len())]),
        _ => format!("{stem}{tail}-{}", dice.roll(4000)),
    }
}

/// Makes rows, each name with one to fifteen.
fn rows(count: usize) -> Vec<(String, Advisory)> {
    let mut dice = Dice(42);
    let mut rows = Vec::with_capacity(count);
    while rows.len() < count {
        let name = name(&mut dice);
        let version = format!("{}.{}.{}", dice.roll(12), dice.roll(40), dice.roll(20));
        for _ in 0..=dice.roll(15) {
            let id = format!("CVE-{}-{:04}", 2008 + dice.roll(18), dice.roll(48_000));
            rows.push((name.clone(), advisory(id, &version, &mut dice)));
        }
    }
    rows.truncate(count);
    rows
}

fn advisory(id: String, version: &str, dice: &mut Dice) -> Advisory {
    let fixed = format!("{version}-{}", dice.roll(6));
    let open = dice.roll(5) == 0;
    Advisory {
        aliases: Vec::new(),
        class: plimsoll_model::Class::default(),
        state: if open { State::Affected } else { State::Fixed },
        scope: plimsoll_model::Scope::default(),
        affected: if open { Affected::all() } else { Affected::below(&fixed) },
        fixed_versions: if open { Vec::new() } else { vec![fixed] },
        severity: Some(Severity::ALL[1 + dice.roll(4)]),
        cvss: Vec::new(),
        record: "Debian security tracker, bookworm".to_owned(),
        note: (dice.roll(6) == 0).then(|| "no DSA: Minor issue".to_owned()),
        title: None,
        urls: vec![format!("https://security-tracker.debian.org/tracker/{id}")],
        id,
    }
}

fn build(rows: &[(String, Advisory)]) -> Vec<u8> {
    let rows_are = RowKind::Advisories;
    let meta = ShardMeta { namespace: "debian:12".into(), rows: rows_are, ..ShardMeta::default() };
    let mut builder = ShardBuilder::new(meta);
    for (name, row) in rows {
        builder.add_advisory(name, row).expect("the name is short");
    }
    builder.finish().expect("the rows are small").bytes
}

fn shards(criterion: &mut Criterion) {
    // 57,000 rows are a 22nd of 1.245 million: one shard of the study behind the format.
    for (label, count) in [("57k", 57_000), ("300k", 300_000), ("1.2M", 1_200_000)] {
        let rows = rows(count);
        let bytes = build(&rows);
        let folder = tempfile::tempdir().expect("there is room for a file");
        let path = folder.path().join("a.shard");
        std::fs::write(&path, &bytes).expect("there is room for a file");
        eprintln!(
            "{label} rows, {} names: {} bytes",
            Shard::open(&path).map_or(0, |s| s.len()),
            bytes.len()
        );
        let mut names: Vec<&str> =
            rows.iter().step_by(count / 400).take(400).map(|(name, _)| name.as_str()).collect();
        let absent: Vec<String> = (0..100).map(|number| format!("lib-absent-{number}")).collect();
        names.extend(absent.iter().map(String::as_str));

        let mut group = criterion.benchmark_group(format!("shard of {label} rows"));
        group.sample_size(10).measurement_time(Duration::from_secs(5));
        if count < 1_000_000 {
            group.bench_function("build", |bench| bench.iter(|| black_box(build(&rows).len())));
        }
        group.bench_function("open", |bench| bench.iter(|| Shard::open(&path).map(|s| s.len())));
        group.bench_function("open and look 500 names up", |bench| {
            bench.iter(|| {
                let shard = Shard::open(&path).expect("it was written above");
                shard.advisories_many(&names).map_or(0, |found| found.len())
            });
        });
        group.finish();
    }
}

criterion_group!(benches, shards);
criterion_main!(benches);
