//! Shards: bytes that begin as one, or else a sound one of some kind that is changed. All checksums
//! are put right, as whoever forges a shard does.

#![no_main]

use std::sync::OnceLock;

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::patch;
use plimsoll_model::{
    Advisory, Affected, Bound, Cvss, Detail, EolRelease, Epss, Interval, Kev, Severity, State,
};
use plimsoll_vuln::{RowKind, Shard, ShardBuilder, ShardMeta};
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 8] = b"PLIMSHRD";
const HEADER_BYTES: usize = 192;
const KINDS: [RowKind; 6] = [
    RowKind::Advisories,
    RowKind::Details,
    RowKind::Epss,
    RowKind::Kev,
    RowKind::Eol,
    RowKind::Other,
];

fuzz_target!(
    init: {
        // The reader of names catches the panics of the `fst` crate, which the hook of the fuzzer
        // would take for crashes. A panic that nobody catches still ends the run.
        std::panic::set_hook(Box::new(|_| ()));
    },
    |data: &[u8]| {
        let mut bytes = if data.starts_with(MAGIC) {
            data.to_vec()
        } else {
            let mut u = Unstructured::new(data);
            let Ok(kind) = u.choose_index(KINDS.len()) else { return };
            let Ok(patches) = patch::patches(&mut u) else { return };
            let mut bytes = sound()[kind].clone();
            patch::apply(&mut bytes, &patches);
            bytes
        };
        seal(&mut bytes);
        let Ok(shard) = Shard::from_bytes(bytes) else { return };
        use_all(&shard);
    }
);

fn use_all(shard: &Shard) {
    let names: Vec<String> = shard.names().take(50).collect();
    assert!(names.iter().all(|name| name.len() <= 3 * 1024), "names have a limit");
    for name in names.iter().map(String::as_str).chain(["openssl", "CVE-2023-0286", ""]) {
        let _ = shard.advisories(name);
        let _ = shard.details(name);
        let _ = shard.epss(name);
        let _ = shard.kev(name);
        let _ = shard.eol(name);
        let _ = shard.get::<Kev>(name);
    }
    let _ = shard.verify(None);
    assert!(shard.verify(Some("sha256:00")).is_err());
}

/// Puts right the checksums of blocks, sections and header, where these are.
fn seal(bytes: &mut [u8]) {
    if bytes.len() < HEADER_BYTES {
        return;
    }
    let number = |bytes: &[u8], at: usize| {
        bytes.get(at..at + 8).map(|eight| u64::from_le_bytes(eight.try_into().unwrap_or_default()))
    };
    let place = |bytes: &[u8], section: usize| {
        let offset = usize::try_from(number(bytes, 16 + section * 24)?).ok()?;
        let length = usize::try_from(number(bytes, 24 + section * 24)?).ok()?;
        let end = offset.checked_add(length).filter(|&end| end <= bytes.len())?;
        Some(offset..end)
    };
    if let (Some(index), Some(blocks)) = (place(bytes, 3), place(bytes, 6)) {
        for at in index.step_by(24) {
            let Some(two) = number(bytes, at + 4) else { break };
            let start = blocks.start.saturating_add(two as u32 as usize);
            let end = start.saturating_add((two >> 32) as usize);
            let Some(block) = bytes.get(start..end) else { continue };
            let hash = xxh3_64(block).to_le_bytes();
            if let Some(room) = bytes.get_mut(at + 16..at + 24) {
                room.copy_from_slice(&hash);
            }
        }
    }
    for section in 0..7 {
        let Some(range) = place(bytes, section) else { continue };
        let hash = xxh3_64(&bytes[range]).to_le_bytes();
        bytes[32 + section * 24..40 + section * 24].copy_from_slice(&hash);
    }
    let hash = xxh3_64(&bytes[..HEADER_BYTES - 8]).to_le_bytes();
    bytes[HEADER_BYTES - 8..HEADER_BYTES].copy_from_slice(&hash);
}

/// Returns one sound shard of each kind.
fn sound() -> &'static [Vec<u8>] {
    static SOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SOUND.get_or_init(|| KINDS.map(build).to_vec())
}

fn build(kind: RowKind) -> Vec<u8> {
    let meta = ShardMeta { namespace: "alpine:3.17".into(), rows: kind, ..ShardMeta::default() };
    let mut builder = ShardBuilder::new(meta);
    for number in 0..40 {
        let id = format!("CVE-2023-{:04}", 280 + number);
        let package = if number == 0 { "openssl".to_owned() } else { format!("p{}", number / 2) };
        let title = Some("A title that several rows share".to_owned());
        let added = match kind {
            RowKind::Advisories => builder.add_advisory(&package, &advisory(&id, title)),
            RowKind::Details => {
                let (cwe, cvss) = (vec!["CWE-79".into()], vec![rating()]);
                let detail = Detail { title, cwe, cvss, ..Detail::default() };
                builder.add_detail(&id, &detail)
            }
            RowKind::Epss => builder.add_epss(&id, Epss { score: number, percentile: 1000 }),
            RowKind::Kev => builder.add(&id, &Kev { added: "2023-01-02".into(), ..Kev::default() }),
            RowKind::Eol => {
                let release = EolRelease { release: number.to_string(), ..EolRelease::default() };
                builder.add(&package, &release)
            }
            RowKind::Other => builder.add(&package, &Kev::default()),
        };
        added.expect("a sound row");
    }
    builder.finish().expect("a sound shard").bytes
}

fn rating() -> Cvss {
    Cvss {
        source: "nvd".to_owned(),
        version: "3.1".to_owned(),
        vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H".to_owned(),
        score: 7.4,
    }
}

fn advisory(id: &str, title: Option<String>) -> Advisory {
    let mut affected = Affected::below("3.0.8-r0");
    affected.intervals.push(Interval {
        low: Bound::Included("3.1".to_owned()),
        high: Bound::Included("3.1.2".to_owned()),
    });
    affected.intervals.push(Interval { low: Bound::Excluded("4".to_owned()), high: Bound::Open });
    affected.versions.push("3.0.9".to_owned());
    Advisory {
        id: id.to_owned(),
        aliases: vec!["GHSA-jfh8-c2jp-5v3q".to_owned()],
        class: plimsoll_model::Class::Curated,
        state: State::Fixed,
        scope: plimsoll_model::Scope::default(),
        affected,
        fixed_versions: vec!["3.0.8-r0".to_owned()],
        severity: Some(Severity::High),
        cvss: vec![rating()],
        record: "Alpine secdb v3.17 main".to_owned(),
        note: Some("A remark".to_owned()),
        title,
        urls: vec!["https://example.org/a".to_owned()],
    }
}
