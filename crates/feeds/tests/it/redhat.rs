//! Red Hat's documents: what real ones are known to say, the newest state of a document, damage.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read as _;

use plimsoll_feeds::{Draft, FeedError, Harvest, Input, Row, Texts, redhat};
use plimsoll_model::advisory::Key;
use plimsoll_model::{Advisory, Severity, State};
use serde_json::Value;

use crate::support::{mirror_of, read_all, shared};

const BASE: &str = "https://security.access.redhat.com/data/csaf/v2/vex/";
const RELEASES: [&str; 6] =
    ["redhat:10", "redhat:5", "redhat:6", "redhat:7", "redhat:8", "redhat:9"];

fn parse(file: &str, body: &[u8]) -> Result<Harvest, FeedError> {
    let mut harvest = Harvest::of(RELEASES, Texts::All);
    let mut body = body;
    let address = format!("{BASE}{file}");
    (redhat::REDHAT.parse)(Input { address: &address, body: &mut body }, &mut harvest)?;
    Ok(harvest)
}

fn tar_zst(members: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, body) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(body.len() as u64);
        header.set_cksum();
        tar.append_data(&mut header, path, body.as_bytes()).unwrap();
    }
    zstd::encode_all(tar.into_inner().unwrap().as_slice(), 1).unwrap()
}

fn advisories(draft: &Draft) -> impl Iterator<Item = (&str, Advisory)> {
    draft.rows.iter().map(|(key, row)| match row {
        Row::Lean(row) => (key.as_str(), row.advisory()),
        other => panic!("{other:?}"),
    })
}

fn about(draft: &Draft, package: &str, id: &str) -> Vec<Advisory> {
    let found = advisories(draft).filter(|(key, row)| *key == package && row.id == id);
    found.map(|(_, row)| row).collect()
}

#[test]
fn real_documents_say_what_they_are_known_to_say() {
    let test = "real_documents_say_what_they_are_known_to_say";
    let Some(mirror) = shared(test, "mirror") else { return };
    let mut harvest = Harvest::of(RELEASES, Texts::All);
    let read = read_all(&redhat::REDHAT, "redhat:9", &mirror, &mut harvest);
    let files: Vec<&str> = read.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(files.len(), 9);
    assert_eq!(
        files[2..4],
        [format!("{BASE}deletions.csv"), format!("{BASE}changes.csv#since=2026-08-01"),]
    );
    assert_eq!(
        files[4..8],
        [
            format!("{BASE}2022/cve-2022-24834.json"),
            format!("{BASE}2024/cve-2024-1597.json"),
            format!("{BASE}2023/cve-2023-28484.json"),
            format!("{BASE}2019/cve-2019-14852.json"),
        ]
    );
    let drafts = harvest.into_drafts();
    assert!(drafts.values().all(|draft| draft.updated == "2026-08-04T19:54:43Z"));
    assert!(drafts.values().all(|draft| draft.dropped == 0));
    curl(&drafts);
    openssl(&drafts["redhat:9"]);
    unfixed(&drafts);
    modules(&drafts["redhat:8"]);
    nothing_fixed_is_lost(&read.last().unwrap().1, &drafts);
}

fn curl(drafts: &BTreeMap<String, Draft>) {
    let mut rows = about(&drafts["redhat:9"], "libcurl-minimal", "CVE-2023-38545");
    rows.sort_by_key(|row| row.fixed_versions[0].len());
    let versions: BTreeSet<&str> = rows.iter().map(|row| row.fixed_versions[0].as_str()).collect();
    let expected = ["7.76.1-14.el9_0.9", "7.76.1-23.el9_2.4", "7.76.1-26.el9_3.2"];
    assert_eq!(versions, BTreeSet::from(expected));
    assert_eq!(rows.len(), 3, "products and architectures are joined");
    for row in rows {
        assert_eq!((row.state, row.severity), (State::Fixed, Some(Severity::High)));
        assert_eq!(row.scope.key, Key::Binary);
        assert_eq!(row.scope.arches, ["aarch64", "i686", "ppc64le", "s390x", "x86_64"]);
        assert!(row.scope.products.iter().all(|product| product.contains(":9")));
        assert_eq!((row.cvss[0].source.as_str(), row.cvss[0].version.as_str()), ("redhat", "3.1"));
        assert!(row.urls[0].ends_with("/security/cve/CVE-2023-38545"));
        assert!(row.urls[1].starts_with("https://access.redhat.com/errata/RHSA-2023:"));
    }
    // The source speaks for what is not listed, of any architecture.
    let rows = about(&drafts["redhat:9"], "curl", "CVE-2023-38545");
    let sources: Vec<_> = rows.iter().filter(|row| row.scope.key == Key::Source).collect();
    let versions: BTreeSet<&str> =
        sources.iter().map(|row| row.fixed_versions[0].as_str()).collect();
    assert_eq!((versions, sources.len()), (BTreeSet::from(expected), 3));
    assert!(sources.iter().all(|row| row.scope.arches.is_empty() && row.urls.len() >= 2));
    let rows = about(&drafts["redhat:8"], "curl", "CVE-2023-38545");
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!((rows[0].state, rows[0].scope.key), (State::NotAffected, Key::Source));
}

fn openssl(draft: &Draft) {
    let rows = about(draft, "openssl-libs", "CVE-2024-0727");
    assert_eq!(rows.len(), 1, "{rows:#?}");
    assert_eq!(rows[0].fixed_versions, ["1:3.0.7-27.el9"]);
    assert_eq!(rows[0].severity, Some(Severity::Low));
    assert_eq!(rows[0].urls[1..], ["https://access.redhat.com/errata/RHSA-2024:2447"]);
    assert_eq!(
        rows[0].scope.products,
        ["cpe:/a:redhat:enterprise_linux:9::appstream", "cpe:/o:redhat:enterprise_linux:9::baseos",]
    );
    let sources: Vec<_> = about(draft, "openssl", "CVE-2024-0727")
        .into_iter()
        .filter(|row| row.state == State::Fixed && row.scope.key == Key::Source)
        .collect();
    assert_eq!(sources.len(), 1, "{sources:#?}");
    assert_eq!(sources[0].fixed_versions, ["1:3.0.7-27.el9"], "with the epoch");
    assert_eq!(sources[0].scope.products, rows[0].scope.products);
}

fn unfixed(drafts: &BTreeMap<String, Draft>) {
    let state = |release: &str, package: &str, id: &str| {
        let rows = about(&drafts[release], package, id);
        assert_eq!(rows.len(), 1, "{package} {id}: {rows:#?}");
        assert!(rows[0].fixed_versions.is_empty());
        (rows[0].state, rows[0].scope.key)
    };
    assert_eq!(state("redhat:8", "libssh", "CVE-2026-0968"), (State::FixDeferred, Key::Both));
    assert_eq!(state("redhat:9", "libssh-config", "CVE-2026-0968"), (State::Affected, Key::Both));
    assert_eq!(state("redhat:6", "libssh2", "CVE-2026-0968"), (State::NotAffected, Key::Source));
    let docs = state("redhat:7", "libssh2-docs", "CVE-2026-0968");
    assert_eq!(docs, (State::NotAffected, Key::Binary));
    assert_eq!(state("redhat:8", "wireshark", "CVE-2019-5716"), (State::WillNotFix, Key::Both));
    assert_eq!(state("redhat:7", "unbound", "CVE-2019-25038"), (State::EndOfLife, Key::Both));
    let kernel = state("redhat:7", "kernel", "CVE-2019-25162");
    assert_eq!(kernel, (State::UnderInvestigation, Key::Both));
    // Only the source is told of what is fixed on release 7.
    let rows = about(&drafts["redhat:7"], "nspr", "CVE-2019-11756");
    assert_eq!(
        (rows[0].scope.key, rows[0].fixed_versions[0].as_str()),
        (Key::Source, "4.25.0-2.el7_9")
    );
}

fn modules(draft: &Draft) {
    let rows = about(draft, "nodejs", "CVE-2022-24999");
    let streams: BTreeSet<&str> =
        rows.iter().filter_map(|row| row.scope.module.as_deref()).collect();
    assert!(streams.contains("nodejs:18"), "{rows:#?}");
    let rows = about(draft, "python39", "CVE-2024-6923");
    assert!(rows.iter().all(|row| row.scope.module.as_deref() == Some("python39:3.9")));
    assert!(
        rows.iter()
            .any(|row| { row.fixed_versions == ["3.9.19-7.module+el8.10.0+22237+51382d7a"] })
    );
    let rows = about(draft, "golang", "CVE-2026-27142");
    assert!(rows.iter().any(|row| row.scope.module.as_deref() == Some("go-toolset:rhel8")));
}

/// Every package of Red Hat Enterprise Linux that an id of the archive calls fixed, source or binary, read
/// out of the id's own text, is a row of its release, and one only where the products are alike; and no
/// other is.
fn nothing_fixed_is_lost(archive: &[u8], drafts: &BTreeMap<String, Draft>) {
    let mut expected = BTreeSet::new();
    let mut tar = tar::Archive::new(zstd::Decoder::new(archive).unwrap());
    let (mut documents, mut genuine) = (0, BTreeSet::new());
    for entry in tar.entries().unwrap() {
        let mut text = String::new();
        entry.unwrap().read_to_string(&mut text).unwrap();
        let Ok(document) = serde_json::from_str::<Value>(&text) else { continue };
        documents += 1;
        let vulnerability = &document["vulnerabilities"][0];
        let id = vulnerability["cve"].as_str().unwrap();
        if !text.contains("offline mirror build") {
            genuine.insert(id.to_owned());
            continue;
        }
        let fixed = vulnerability["product_status"]["fixed"].as_array();
        for product in fixed.into_iter().flatten().map(|id| id.as_str().unwrap()) {
            // `AppStream-8:lemon-0:3.26.0-15.el8.x86_64`
            let (place, build) = product.split_once(':').unwrap();
            let (build, arch) = build.rsplit_once('.').unwrap();
            let mut parts = build.rsplitn(3, '-');
            let (release, version) = (parts.next().unwrap(), parts.next().unwrap());
            let name = parts.next().unwrap();
            let version = version.strip_prefix("0:").unwrap_or(version);
            let major = place.split('-').nth(1).unwrap();
            let key = if arch == "src" { Key::Source } else { Key::Binary };
            let build = format!("{version}-{release}");
            expected.insert((key, major.to_owned(), name.to_owned(), id.to_owned(), build));
        }
    }
    let (mut found, mut rows) = (BTreeSet::new(), BTreeSet::new());
    for (namespace, draft) in drafts {
        let major = namespace.split_once(':').unwrap().1;
        for (name, row) in advisories(draft).filter(|(_, row)| !genuine.contains(&row.id)) {
            if row.state == State::Fixed {
                let (key, build) = (row.scope.key, row.fixed_versions[0].clone());
                let products = (key, name.to_owned(), row.id.clone(), row.scope.products.clone());
                assert!(rows.insert((major, build.clone(), products)), "{name} {row:#?}");
                found.insert((key, major.to_owned(), name.to_owned(), row.id.clone(), build));
            }
        }
    }
    assert_eq!((documents, genuine.len()), (11_554, 30));
    let sources = expected.iter().filter(|(key, ..)| *key == Key::Source).count();
    assert_eq!((sources, expected.len() - sources), (13_114, 67_895));
    assert_eq!(expected.symmetric_difference(&found).take(5).collect::<Vec<_>>(), [] as [&_; 0]);
}

#[test]
fn the_newest_state_of_a_document_counts() {
    let mirror = mirror_of(&["redhat"]);
    let mut harvest = Harvest::of(["redhat:9"], Texts::All);
    let read = read_all(&redhat::REDHAT, "redhat:9", mirror.path(), &mut harvest);
    let files: Vec<&str> =
        read.iter().map(|(address, _)| address.strip_prefix(BASE).unwrap_or(address)).collect();
    assert_eq!(
        files[1..],
        [
            "archive_latest.txt",
            "deletions.csv",
            "changes.csv#since=2026-01-02",
            "2024/cve-2024-0002.json",
            "csaf_vex_2026-01-02.tar.zst",
        ]
    );
    let drafts = harvest.into_drafts();
    let draft = &drafts["redhat:9"];
    let titles: BTreeSet<String> = advisories(draft).filter_map(|(_, row)| row.title).collect();
    assert_eq!(Vec::from_iter(titles), ["hull: a plank is loose", "mast: new state"]);
}

#[test]
fn a_broken_document_of_the_archive_is_named() {
    let whole = r#"{"document": {"tracking": {"id": "CVE-2024-1"}}}"#;
    let archive = tar_zst(&[
        ("2024/cve-2024-1.json", whole),
        ("2024/cve-2024-2.json", "{\"document\":\n {\"tracking\" 1}}"),
        ("2024/cve-2024-3.json", whole),
    ]);
    let error = parse("csaf_vex_2026-01-02.tar.zst", &archive).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("member `2024/cve-2024-2.json`, line 2 column 14"), "{text}");
    // JSON of another shape is a record that cannot be used, broken JSON behind it is not.
    let other = tar_zst(&[("2024/cve-2024-2.json", r#"{"document": 1}"#)]);
    let drafts = parse("csaf_vex_2026-01-02.tar.zst", &other).unwrap().into_drafts();
    assert!(drafts.values().all(|draft| draft.dropped == 1 && draft.rows.is_empty()));
    let broken = tar_zst(&[("2024/cve-2024-2.json", r#"{"document": 1"#)]);
    assert!(parse("csaf_vex_2026-01-02.tar.zst", &broken).is_err());
    let cut = &archive[..archive.len() - 20];
    let error = parse("csaf_vex_2026-01-02.tar.zst", cut).unwrap_err();
    assert!(matches!(error, FeedError::Malformed { .. }), "{error}");
}

#[test]
fn lists_are_read_line_by_line() {
    let changes = |text: &str| parse("changes.csv#since=2026-08-01", text.as_bytes());
    let line = r#""2024/cve-2024-1597.json","2026-08-01T00:00:00+00:00""#;
    let mut harvest = changes(&format!("{line}\n\n{}\n", line.replace("cve-", "rhsa-"))).unwrap();
    let followed = harvest.take_followed();
    assert_eq!(followed.len(), 1, "{followed:?}");
    assert!(followed[0].optional && followed[0].address.ends_with("/2024/cve-2024-1597.json"));
    for broken in ["\"2024/cve-2024-1597.json\"", "a,b", "\"a\",\"soon\"", "\u{0}", "\"\"\""] {
        let error = changes(&format!("{line}\n{broken}\n")).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
    let long = format!("{line}\n\"{}\"", "x".repeat(redhat::MAX_LINE_BYTES as usize));
    let error = changes(&long).unwrap_err();
    assert!(matches!(error, FeedError::Limit { what: "bytes in one line", .. }), "{error}");
    let many = "\n".repeat(1 + redhat::MAX_LISTED_DOCUMENTS as usize);
    let error = changes(&many).unwrap_err();
    assert!(matches!(error, FeedError::Limit { what: "lines", .. }), "{error}");
    assert!(parse("changes.csv", b"").is_err(), "the day of the archive is not known");
}

#[test]
fn only_so_many_documents_are_fetched_one_by_one() {
    let mut text = String::new();
    for number in 0..=redhat::MAX_SINGLE_DOCUMENTS {
        let hour = if number == 7 { 1 } else { 2 };
        writeln!(text, "\"2026/cve-2026-{number}.json\",\"2026-08-02T0{hour}:00:00Z\"").unwrap();
    }
    let mut harvest = parse("changes.csv#since=2026-08-01", text.as_bytes()).unwrap();
    let followed = harvest.take_followed();
    assert_eq!(followed.len(), redhat::MAX_SINGLE_DOCUMENTS);
    assert!(followed.iter().all(|file| !file.address.ends_with("-7.json")), "the oldest waits");
    let drafts = harvest.into_drafts();
    assert!(drafts.values().all(|draft| draft.updated.is_empty()), "they are not all as new");
}

#[test]
fn the_name_of_the_archive_must_be_one() {
    for name in ["", "csaf_vex_2026-13-01.tar.zst", "../x", "csaf_vex_2026-01-02.tar.zst\nx", "x"] {
        assert!(parse("archive_latest.txt", name.as_bytes()).is_err(), "{name}");
    }
    let error = parse("archive_latest.txt", &[b' '; 300]).unwrap_err();
    assert!(matches!(error, FeedError::Limit { limit: 256, .. }), "{error}");
}

#[test]
fn the_repositories_of_the_mirror_are_all_there() {
    let Some(mirror) = shared("the_repositories_of_the_mirror_are_all_there", "mirror") else {
        return;
    };
    let mut harvest = Harvest::of(["redhat-cpe"], Texts::All);
    read_all(&redhat::REDHAT_CPE, "redhat-cpe", &mirror, &mut harvest);
    let draft = &harvest.into_drafts()["redhat-cpe"];
    assert_eq!((draft.rows.len(), draft.dropped), (8564, 0));
    let of = |name: &str| draft.rows.iter().find(|(key, _)| key == name).map(|(_, row)| row);
    let baseos = vec!["cpe:/o:redhat:enterprise_linux:9::baseos".to_owned()];
    assert_eq!(of("rhel-9-for-x86_64-baseos-rpms"), Some(&Row::Strings(baseos)));
}
