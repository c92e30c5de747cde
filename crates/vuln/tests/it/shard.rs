//! Shards: what goes in comes out, and a damaged file never gives another answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll_model::{
    Advisory, Affected, Bound, Class, Cvss, Detail, EolRelease, Epss, Interval, Kev, Severity,
    State,
};
use plimsoll_vuln::shard::{self, RowKind, Shard, ShardBuilder, ShardError, ShardMeta};
use proptest::prelude::*;

/// Small numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn meta(namespace: &str, rows: RowKind) -> ShardMeta {
    ShardMeta {
        namespace: namespace.to_owned(),
        title: "A feed".to_owned(),
        addresses: vec!["https://feed.example/all.json".to_owned()],
        updated: "2026-08-20T04:11:09Z".to_owned(),
        rows,
        reader: 1,
        ..ShardMeta::default()
    }
}

fn advisory(id: &str, fixed: &str) -> Advisory {
    Advisory {
        class: Class::Weakness,
        id: id.to_owned(),
        aliases: vec!["DSA-5343-1".to_owned(), "GHSA-jfh8-c2jp-5v3q".to_owned()],
        state: State::Fixed,
        scope: plimsoll_model::Scope::default(),
        affected: Affected::below(fixed),
        fixed_versions: vec![fixed.to_owned()],
        severity: Some(Severity::High),
        cvss: vec![Cvss {
            source: "nvd".to_owned(),
            version: "3.1".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H".to_owned(),
            score: 7.4,
        }],
        record: "A tracker, release 12".to_owned(),
        note: Some("no DSA: Minor issue".to_owned()),
        title: None,
        urls: vec![format!("https://tracker.example/{id}"), "https://a.example/b?c".to_owned()],
    }
}

/// A shard of the shape of a distribution release: many names of a few rows, one of very many.
fn sample(names: usize) -> (Vec<u8>, BTreeMap<String, Vec<Advisory>>) {
    let mut dice = Dice(7);
    let mut all: BTreeMap<String, Vec<Advisory>> = BTreeMap::new();
    for number in 0..names {
        let name = format!("lib{}-{}", dice.roll(5000), number % 7);
        let rows = if number == names / 2 { 1500 } else { 1 + dice.roll(6) };
        for _ in 0..rows {
            let id = format!("CVE-{}-{:04}", 2010 + dice.roll(16), dice.roll(60_000));
            let fixed = format!("{}.{}-{}", dice.roll(9), dice.roll(99), dice.roll(5));
            all.entry(name.clone()).or_default().push(advisory(&id, &fixed));
        }
    }
    let mut builder = ShardBuilder::new(meta("debian:12", RowKind::Advisories));
    for (name, rows) in &all {
        for row in rows {
            builder.add_advisory(name, row).unwrap();
        }
    }
    (builder.finish().unwrap().bytes, all)
}

#[test]
fn what_goes_in_comes_out() {
    let (bytes, all) = sample(2000);
    let shard = Shard::from_bytes(bytes.clone()).unwrap();
    for (name, rows) in &all {
        assert_eq!(&shard.advisories(name).unwrap(), rows, "{name}");
    }
    assert_eq!(shard.advisories("absent").unwrap(), []);
    assert_eq!(shard.advisories("").unwrap(), []);
    assert_eq!(shard.names().collect::<Vec<_>>(), all.keys().cloned().collect::<Vec<_>>());
    assert_eq!(shard.meta().records, all.values().map(|rows| rows.len() as u64).sum::<u64>());
    let names: Vec<&str> = all.keys().rev().map(String::as_str).chain(["absent"]).collect();
    let many = shard.advisories_many(&names).unwrap();
    assert_eq!(many.len(), names.len());
    assert!(
        names
            .iter()
            .zip(&many)
            .all(|(name, rows)| all.get(*name).map_or(0, Vec::len) == rows.len())
    );
    shard.verify(Some(&shard::digest_of(&bytes))).unwrap();
}

#[test]
fn a_file_answers_as_memory_does_and_many_threads_may_ask() {
    let (bytes, all) = sample(500);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.shard");
    std::fs::write(&path, &bytes).unwrap();
    let shard = Shard::open(&path).unwrap();
    assert_eq!(shard.digest(), shard::digest_of(&bytes));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for (name, rows) in &all {
                    assert_eq!(&shard.advisories(name).unwrap(), rows);
                }
            });
        }
    });
    assert!(matches!(Shard::open(&folder.path().join("none")), Err(ShardError::Read { .. })));
}

#[test]
fn builders_and_shards_go_from_thread_to_thread() {
    fn goes<T: Send>() {}
    fn is_shared<T: Send + Sync>() {}
    goes::<ShardBuilder>();
    is_shared::<Shard>();
}

#[test]
fn the_same_rows_give_the_same_bytes_in_whatever_order_names_come() {
    let (bytes, all) = sample(800);
    let mut builder = ShardBuilder::new(meta("debian:12", RowKind::Advisories));
    for (name, rows) in all.iter().rev() {
        for row in rows {
            builder.add_advisory(name, row).unwrap();
        }
    }
    let built = builder.finish().unwrap();
    assert_eq!(built.digest, shard::digest_of(&bytes));
    assert!(built.bytes == bytes);
}

/// The test of DESIGN.md section 3: 60 smudges of 1 to 32 bytes, over and over.
#[test]
fn a_smudged_shard_gives_the_same_answer_or_an_error() {
    let (bytes, all) = sample(2000);
    let mut dice = Dice(99);
    let (mut same, mut refused) = (0, 0);
    for trial in 0..60 {
        let mut smudged = bytes.clone();
        // The first trials spare the front of the file, so that opening succeeds and blocks are met.
        let front = if trial < 30 { bytes.len() / 2 } else { 0 };
        let smudges = if trial % 3 == 0 { 1 } else { 60 };
        for _ in 0..smudges {
            let at = front + dice.roll(bytes.len() - front);
            let end = (at + 1 + dice.roll(32)).min(bytes.len());
            smudged[at..end].iter_mut().for_each(|byte| *byte = dice.roll(256) as u8);
        }
        let Ok(shard) = Shard::from_bytes(smudged) else {
            refused += 1;
            continue;
        };
        for (name, rows) in &all {
            match shard.advisories(name) {
                Ok(found) => {
                    assert_eq!(&found, rows, "trial {trial}, {name}");
                    same += 1;
                }
                Err(ShardError::Damaged { .. }) => refused += 1,
                Err(other) => panic!("trial {trial}: {other}"),
            }
        }
        assert!(shard.verify(None).is_err(), "trial {trial}");
    }
    assert!(same > 1000 && refused > 1000, "{same} same, {refused} refused");
}

#[test]
fn a_cut_or_longer_file_is_refused() {
    let (bytes, _) = sample(50);
    for length in (0..bytes.len()).step_by(13) {
        assert!(Shard::from_bytes(bytes[..length].to_vec()).is_err(), "{length}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(matches!(Shard::from_bytes(longer), Err(ShardError::Damaged { .. })));
}

#[test]
fn another_schema_is_told_from_damage() {
    let (mut bytes, _) = sample(5);
    bytes[8] = 9;
    let hash = xxhash_rust::xxh3::xxh3_64(&bytes[..184]);
    bytes[184..192].copy_from_slice(&hash.to_le_bytes());
    let error = Shard::from_bytes(bytes).unwrap_err();
    assert!(matches!(error, ShardError::Schema { schema: 9, .. }), "{error}");
}

/// Whoever forges a file can make every checksum right; then it must still not panic or hang.
#[test]
fn a_forged_file_does_not_panic() {
    let (bytes, all) = sample(300);
    let mut dice = Dice(5);
    let number =
        |bytes: &[u8], at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    for trial in 0..200 {
        let mut forged = bytes.clone();
        let row = 16 + (trial % 7) * 24;
        let (start, length) = (number(&forged, row) as usize, number(&forged, row + 8) as usize);
        if length == 0 {
            continue;
        }
        for _ in 0..=dice.roll(8) {
            forged[start + dice.roll(length)] = dice.roll(256) as u8;
        }
        let hash = xxhash_rust::xxh3::xxh3_64(&forged[start..start + length]);
        forged[row + 16..row + 24].copy_from_slice(&hash.to_le_bytes());
        let hash = xxhash_rust::xxh3::xxh3_64(&forged[..184]);
        forged[184..192].copy_from_slice(&hash.to_le_bytes());
        if let Ok(shard) = Shard::from_bytes(forged) {
            for name in all.keys() {
                drop(shard.advisories(name));
            }
            assert!(shard.names().count() <= shard.len());
            drop(shard.verify(None));
        }
    }
}

#[test]
fn every_kind_of_row_comes_back() {
    let detail = Detail {
        title: Some("A title".to_owned()),
        description: Some("What it is. ".repeat(30)),
        cwe: vec!["CWE-79".to_owned(), "NVD-CWE-noinfo".to_owned()],
        cvss: advisory("CVE-2020-1", "1").cvss,
        urls: vec!["https://nvd.example/CVE-2023-0286".to_owned()],
        published: Some("2023-02-08".to_owned()),
        rejected: true,
    };
    let mut builder = ShardBuilder::new(meta("cve:2023", RowKind::Details));
    builder.add_detail("CVE-2023-0286", &detail).unwrap();
    let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
    assert_eq!(shard.details("CVE-2023-0286").unwrap(), Some(detail));
    assert_eq!(shard.details("CVE-2023-0287").unwrap(), None);

    let kev = Kev { added: "2021-12-10".to_owned(), ransomware: true, ..Kev::default() };
    let mut builder = ShardBuilder::new(meta("kev", RowKind::Kev));
    builder.add("CVE-2021-44228", &kev).unwrap();
    let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
    assert_eq!(shard.kev("CVE-2021-44228").unwrap(), Some(kev.clone()));
    assert_eq!(shard.get_many::<Kev>(&["x", "CVE-2021-44228"]).unwrap(), [vec![], vec![kev]]);

    let release = EolRelease { release: "3.17".to_owned(), ..EolRelease::default() };
    let mut builder = ShardBuilder::new(meta("eol", RowKind::Eol));
    builder.add("alpine-linux", &release).unwrap();
    let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
    assert_eq!(shard.eol("alpine-linux").unwrap(), [release]);
    assert!(matches!(shard.advisories("x"), Err(ShardError::Kind { .. })));
}

/// Scores as many and as spread as those of FIRST: about 360,000 CVEs, 100,000 pairs.
#[test]
fn a_whole_epss_day_comes_back_and_is_small() {
    let mut dice = Dice(3);
    let mut builder = ShardBuilder::new(meta("epss", RowKind::Epss));
    let mut all = Vec::new();
    for year in 1999..=2026 {
        for number in 1..26_000 {
            if dice.roll(2) == 0 {
                continue;
            }
            let score = if dice.roll(5) == 0 { dice.roll(100_000) } else { dice.roll(800) } as u32;
            let epss = Epss { score, percentile: score / 2 + dice.roll(4) as u32 };
            let id = format!("CVE-{year}-{number:04}");
            builder.add_epss(&id, epss).unwrap();
            all.push((id, epss));
        }
    }
    assert!(all.len() > 350_000, "{}", all.len());
    let built = builder.finish().unwrap();
    assert_eq!(built.records, all.len() as u64);
    assert!(built.bytes.len() < 1_500_000, "{} bytes", built.bytes.len());
    let shard = Shard::from_bytes(built.bytes).unwrap();
    for (id, epss) in all.iter().step_by(97) {
        assert_eq!(shard.epss(id).unwrap().as_ref(), Some(epss), "{id}");
    }
    let present: std::collections::BTreeSet<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    let absent =
        (1..2000).map(|n| format!("CVE-2020-{n:04}")).find(|id| !present.contains(id.as_str()));
    assert_eq!(shard.epss(&absent.unwrap()).unwrap(), None);
    assert_eq!(shard.epss("CVE-2031-0001").unwrap(), None);
    assert_eq!(shard.epss("GHSA-jfh8-c2jp-5v3q").unwrap(), None);
    shard.verify(None).unwrap();
}

#[test]
fn a_release_of_thirty_thousand_rows_is_small() {
    let mut dice = Dice(11);
    let mut builder = ShardBuilder::new(meta("debian:12", RowKind::Advisories));
    let mut rows = 0;
    for package in 0..3000 {
        let version = format!("{}.{}.{}", dice.roll(9), dice.roll(30), dice.roll(30));
        for _ in 0..=dice.roll(20) {
            let id = format!("CVE-{}-{:04}", 2014 + dice.roll(12), dice.roll(50_000));
            let fixed = format!("{version}-{}", dice.roll(4));
            let row = Advisory {
                aliases: Vec::new(),
                cvss: Vec::new(),
                urls: vec![format!("https://security-tracker.debian.org/tracker/{id}")],
                ..advisory(&id, &fixed)
            };
            builder.add_advisory(&format!("package-{package}"), &row).unwrap();
            rows += 1;
        }
    }
    let built = builder.finish().unwrap();
    assert!(rows > 30_000 && built.bytes.len() < 400_000, "{rows} rows, {}", built.bytes.len());
}

#[test]
fn limits_are_met() {
    let mut builder = ShardBuilder::new(meta("x", RowKind::Other));
    let name = "n".repeat(shard::MAX_NAME_BYTES);
    builder.add(&name, &1_u8).unwrap();
    assert!(matches!(builder.add(&format!("{name}n"), &1_u8), Err(ShardError::TooBig { .. })));
    let row = "r".repeat(shard::MAX_ROW_BYTES - 4);
    builder.add("big", &row).unwrap();
    let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
    assert_eq!(shard.get::<String>("big").unwrap(), [row]);
    assert_eq!(shard.get::<u8>(&name).unwrap(), [1]);
    assert!(shard.get::<u8>(&format!("{name}n")).unwrap().is_empty());

    let mut builder = ShardBuilder::new(meta("x", RowKind::Other));
    builder.add("bigger", &"r".repeat(shard::MAX_ROW_BYTES)).unwrap();
    assert!(matches!(builder.finish(), Err(ShardError::TooBig { .. })));

    let mut builder = ShardBuilder::new(meta("x", RowKind::Other));
    for _ in 0..shard::MAX_ROWS_PER_NAME {
        builder.add("many", &7_u8).unwrap();
    }
    assert!(matches!(builder.add("many", &7_u8), Err(ShardError::TooBig { .. })));
    let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
    assert_eq!(shard.get::<u8>("many").unwrap().len(), shard::MAX_ROWS_PER_NAME);
}

#[test]
fn a_file_over_the_limit_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.shard");
    std::fs::File::create(&path).unwrap().set_len(shard::MAX_SHARD_BYTES + 1).unwrap();
    let error = Shard::open(&path).unwrap_err();
    assert!(matches!(error, ShardError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_said_of_one_name_has_a_limit() {
    let row = "r".repeat(1_000_000);
    let rows = shard::MAX_BYTES_PER_NAME / (row.len() + 3);
    for (more, good) in [(0, true), (1, false)] {
        let mut builder = ShardBuilder::new(meta("x", RowKind::Other));
        for _ in 0..rows + more {
            builder.add("large", &row).unwrap();
        }
        let built = builder.finish();
        assert_eq!(built.is_ok(), good);
        if let Ok(built) = built {
            let shard = Shard::from_bytes(built.bytes).unwrap();
            assert_eq!(shard.get::<String>("large").unwrap().len(), rows);
        }
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé/:.-]{0,12}",
        Just("CVE-2021-44228".to_owned()),
        Just("https://a.example/CVE-2021-44228".to_owned()),
        "CVE-[0-9]{4}-[0-9]{1,7}",
        "GHSA-[2-9cfghjmpqrvwx]{4}-[2-9cfghjmpqrvwx]{4}-[2-9cfghjmpqrvwx]{4}",
        "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}",
    ]
}

fn any_bound() -> impl Strategy<Value = Bound> {
    prop_oneof![
        Just(Bound::Open),
        any_text().prop_map(Bound::Included),
        any_text().prop_map(Bound::Excluded)
    ]
}

fn any_affected() -> impl Strategy<Value = Affected> {
    let interval = (any_bound(), any_bound()).prop_map(|(low, high)| Interval { low, high });
    let intervals = prop::collection::vec(interval, 0..3);
    (intervals, prop::collection::vec(any_text(), 0..3))
        .prop_map(|(intervals, versions)| Affected { intervals, versions })
}

fn any_advisory() -> impl Strategy<Value = Advisory> {
    let texts = || prop::collection::vec(any_text(), 0..3);
    let cvss = (any_text(), any_text(), any_text(), 0.0..11.0_f64)
        .prop_map(|(source, version, vector, score)| Cvss { source, version, vector, score });
    let severity = prop::option::of(prop::sample::select(Severity::ALL.to_vec()));
    let state = prop::sample::select(vec![State::Fixed, State::NotAffected, State::Undetermined]);
    let optional = || prop::option::of(any_text());
    let class = prop::sample::select(vec![
        Class::Weakness,
        Class::Curated,
        Class::Malicious,
        Class::Informational,
    ]);
    let first = (any_text(), texts(), state, any_affected(), texts(), severity, class);
    let second = (prop::collection::vec(cvss, 0..2), any_text(), optional(), optional(), texts());
    (first, second).prop_map(|(first, second)| Advisory {
        id: first.0,
        aliases: first.1,
        class: first.6,
        state: first.2,
        scope: plimsoll_model::Scope::default(),
        affected: first.3,
        fixed_versions: first.4,
        severity: first.5,
        cvss: second.0,
        record: second.1,
        note: second.2,
        title: second.3,
        urls: second.4,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_rows_come_back(rows in prop::collection::vec(("[a-c]{0,2}", any_advisory()), 0..30)) {
        let mut builder = ShardBuilder::new(meta("x", RowKind::Advisories));
        let mut all: BTreeMap<String, Vec<Advisory>> = BTreeMap::new();
        for (name, row) in rows {
            builder.add_advisory(&name, &row).unwrap();
            all.entry(name).or_default().push(row);
        }
        let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
        for (name, rows) in &all {
            prop_assert_eq!(&shard.advisories(name).unwrap(), rows);
        }
        prop_assert_eq!(shard.len(), all.len());
        shard.verify(None).unwrap();
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Shard::from_bytes(bytes).is_err());
    }
}

#[test]
fn errors_tell_what_to_do() {
    let mut text = String::new();
    let _ = write!(text, "{}", Shard::from_bytes(vec![0; 300]).unwrap_err());
    assert_eq!(
        text,
        "shard `in memory` is damaged: it does not begin as a shard; fetch or build it again"
    );
}
