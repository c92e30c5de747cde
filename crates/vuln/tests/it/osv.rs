//! OSV records: what they say of a version.

use plimsoll_model::{Affected, Bound, Class, Interval, Scheme, Severity, State};
use plimsoll_vuln::osv::{self, AffectedItem, Publisher, Row};

const PUBLISHER: Publisher<'static> = Publisher { title: "A database", rater: "ghsa" };

fn convert(json: &str) -> osv::Converted {
    osv::convert(&osv::parse(json.as_bytes()).unwrap(), PUBLISHER)
}

fn reasons(converted: &osv::Converted) -> Vec<&str> {
    converted.dropped.iter().map(|dropped| dropped.reason.as_str()).collect()
}

fn between(low: &str, high: &str) -> Interval {
    Interval { low: Bound::Included(low.to_owned()), high: Bound::Excluded(high.to_owned()) }
}

#[test]
fn a_record_becomes_an_advisory_for_each_package() {
    let converted = convert(
        r#"{"id": "GHSA-jfh8-c2jp-5v3q", "aliases": ["CVE-2021-44228", "CVE-2021-44228"],
        "summary": "A title", "unknown": {"x": [1]}, "related": null,
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
        "references": [{"type": "WEB", "url": "https://w.example"},
                       {"type": "ADVISORY", "url": "https://a.example"}],
        "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-20"]},
        "affected": [
          {"package": {"ecosystem": "PyPI", "name": "Zope.Interface"},
           "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "2.0"}, {"introduced": "1.0"}]},
                      {"type": "GIT", "events": [{"introduced": "0"}]}],
           "versions": ["1.5", "7.0"]},
          {"package": {"ecosystem": "PyPI", "name": "zope-interface"},
           "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "3.0"}, {"fixed": "3.1"}]}]},
          {"package": {"ecosystem": "Alpine:v3.17", "name": "openssl"}, "ranges": null},
          {"package": {"ecosystem": "Nobody knows", "name": "x"}}]}"#,
    );
    assert_eq!(reasons(&converted), ["GHSA-jfh8-c2jp-5v3q: ecosystem `Nobody knows`"]);
    let [alpine, pypi] = converted.rows.as_slice() else { panic!("{:?}", converted.rows) };
    assert_eq!((alpine.namespace.as_str(), alpine.name.as_str()), ("alpine:3.17", "openssl"));
    assert_eq!(alpine.advisory.affected, Affected::all());
    assert_eq!(alpine.advisory.state, State::Affected);
    assert_eq!((pypi.namespace.as_str(), pypi.name.as_str()), ("pypi", "zope-interface"));
    let advisory = &pypi.advisory;
    assert_eq!(advisory.affected.intervals, [between("1.0", "2.0"), between("3.0", "3.1")]);
    assert_eq!(advisory.affected.versions, ["7.0"]);
    assert_eq!(advisory.fixed_versions, ["2.0", "3.1"]);
    assert_eq!(advisory.state, State::Fixed);
    assert_eq!(advisory.aliases, ["CVE-2021-44228"]);
    assert_eq!(advisory.severity, Some(Severity::Medium));
    assert_eq!(advisory.urls, ["https://a.example", "https://w.example"]);
    assert_eq!(advisory.cvss.len(), 1);
    assert_eq!(
        (advisory.cvss[0].version.as_str(), advisory.cvss[0].source.as_str()),
        ("3.1", "ghsa")
    );
    assert!((advisory.cvss[0].score - 10.0).abs() < 1e-9);
}

#[test]
fn namespaces_follow_the_tables() {
    for (osv, namespace) in [
        ("PyPI", Some("pypi")),
        ("crates.io", Some("cargo")),
        ("Maven:https://repo.example", Some("maven")),
        ("Alpine:v3.17", Some("alpine:3.17")),
        ("Alpine:edge", Some("alpine:edge")),
        ("Debian:12", Some("debian:12")),
        ("Debian:sid", Some("debian:sid")),
        ("Ubuntu:22.04:LTS", Some("ubuntu:22.04")),
        ("Rocky Linux:9", Some("rocky:9")),
        ("AlmaLinux:9", Some("almalinux:9")),
        ("Wolfi", Some("wolfi")),
        ("BellSoft Hardened Containers:23", Some("alpaquita:23")),
        ("Ubuntu:Pro:14.04:LTS", Some("ubuntu:14.04")),
        ("Ubuntu:25.10", Some("ubuntu:25.10")),
        ("Ubuntu", None),
        ("Ubuntu:Pro", None),
        ("GHC", Some("hackage")),
        ("Packagist:https://packages.drupal.org/8", Some("composer")),
        ("openEuler:22.03-LTS-SP3", Some("openeuler:22.03-LTS-SP3")),
        ("Mageia:9", Some("mageia:9")),
        ("Alpaquita:stream", Some("alpaquita:stream")),
        ("Red Hat:rhel_aus:8.4::appstream", None),
        ("SUSE:Linux Enterprise Server 15 SP5", Some("suse:15.5")),
        ("openSUSE:Leap 15.6", Some("opensuse-leap:15.6")),
        ("openSUSE:Tumbleweed", Some("opensuse-tumbleweed")),
        ("SUSE:Manager Server 4.3", None),
        ("Debian", None),
        ("Nobody:1", None),
        ("", None),
    ] {
        let found = osv::Place::find(osv).map(|place| place.namespace);
        assert_eq!(found.as_deref(), namespace, "{osv}");
    }
}

#[test]
fn withdrawn_records_have_no_rows() {
    let converted = convert(
        r#"{"id": "X-1", "withdrawn": "2024-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "a"}}]}"#,
    );
    assert!(converted.withdrawn && converted.rows.is_empty());
}

#[test]
fn commits_alone_say_nothing_and_broken_versions_are_told() {
    let converted = convert(
        r#"{"id": "X-1", "affected": [
        {"package": {"ecosystem": "npm", "name": "a"},
         "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
        {"package": {"ecosystem": "PyPI", "name": "b"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "not a version!"}]}]},
        {"package": {"ecosystem": "PyPI", "name": "c"}, "versions": ["1.0"],
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "not a version!"}]}]}]}"#,
    );
    let names: Vec<&str> = converted.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    let open = converted.rows[0].advisory.affected.hit(plimsoll_model::Scheme::Pypi, "1.0");
    assert!(open.is_err(), "what is compared with it is undetermined");
    assert_eq!(
        reasons(&converted),
        ["X-1, a: nothing but commits", "X-1, c: `not a version!` is not a pypi version"]
    );
}

#[test]
fn short_versions_are_completed_where_the_order_asks_for_three_parts() {
    let converted = convert(
        r#"{"id": "X-1", "affected": [{"package": {"ecosystem": "npm", "name": "a"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "1"}, {"fixed": "2.1-rc"}]}]}]}"#,
    );
    let advisory = &converted.rows[0].advisory;
    assert_eq!(advisory.affected.intervals, [between("1.0.0", "2.1.0-rc")]);
    assert_eq!(advisory.fixed_versions, ["2.1.0-rc"]);
}

#[test]
fn an_update_is_a_row_for_each_cve_and_the_lowest_build_mends() {
    let converted = convert(
        r#"{"id": "ALSA-2022:7288", "summary": "Important: openssl security update",
        "related": ["CVE-2022-3786", "CVE-2022-3602", "GHSA-x"], "affected": [
        {"package": {"ecosystem": "AlmaLinux:9", "name": "openssl-libs"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:3.0.1-43.el9_0.alma"}]}]},
        {"package": {"ecosystem": "AlmaLinux:9", "name": "openssl-libs"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:3.0.1-43.el9_0"}]}]}]}"#,
    );
    let ids: Vec<&str> = converted.rows.iter().map(|row| row.advisory.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2022-3602", "CVE-2022-3786"]);
    for Row { namespace, name, advisory } in converted.rows {
        assert_eq!((namespace.as_str(), name.as_str()), ("almalinux:9", "openssl-libs"));
        assert_eq!(advisory.affected, Affected::below("1:3.0.1-43.el9_0"));
        assert_eq!(advisory.fixed_versions, ["1:3.0.1-43.el9_0"]);
        assert_eq!(advisory.aliases, ["ALSA-2022:7288"]);
        assert_eq!((advisory.severity, advisory.title), (Some(Severity::High), None));
        assert_eq!(advisory.scope, plimsoll_model::Scope::binary());
    }
}

#[test]
fn what_kind_of_thing_a_record_tells() {
    let item = r#"[{"package": {"ecosystem": "npm", "name": "a"}}, {"package": {"ecosystem": "Go",
        "name": "b"}}]"#;
    for (front, npm, go) in [
        (r#""id": "GHSA-1""#, Class::Weakness, Class::Weakness),
        (r#""id": "MAL-2024-1""#, Class::Malicious, Class::Malicious),
        (r#""id": "GHSA-1", "aliases": ["MAL-2024-1"]"#, Class::Malicious, Class::Malicious),
        (
            r#""id": "GHSA-1", "summary": "Malware in a", "database_specific": {"cwe_ids": ["CWE-506"]}"#,
            Class::Malicious,
            Class::Malicious,
        ),
        (
            r#""id": "GHSA-1", "summary": "Embedded code", "database_specific": {"cwe_ids": ["CWE-506"]}"#,
            Class::Weakness,
            Class::Weakness,
        ),
        (
            r#""id": "GO-2024-1", "database_specific": {"review_status": "REVIEWED"}"#,
            Class::Weakness,
            Class::Curated,
        ),
        (
            r#""id": "GO-2024-1", "database_specific": {"review_status": "UNREVIEWED"}"#,
            Class::Weakness,
            Class::Weakness,
        ),
    ] {
        let converted = convert(&format!(r#"{{{front}, "affected": {item}}}"#));
        let classes: Vec<Class> = converted.rows.iter().map(|row| row.advisory.class).collect();
        assert_eq!(classes, [go, npm], "{front}");
    }
}

#[test]
fn ranges_of_versions_that_no_module_has_stand_in_where_all_are_affected() {
    let record = |fixed: &str| {
        let event =
            if fixed.is_empty() { String::new() } else { format!(r#", {{"fixed": "{fixed}"}}"#) };
        let converted = convert(&format!(
            r#"{{"id": "GO-2024-1", "affected": [{{"package": {{"ecosystem": "Go", "name": "m"}},
            "ranges": [{{"type": "SEMVER", "events": [{{"introduced": "0"}}{event}]}}],
            "ecosystem_specific": {{"custom_ranges": [{{"type": "ECOSYSTEM", "events":
            [{{"introduced": "5.0.0"}}, {{"fixed": "5.0.4"}}]}}]}}}}]}}"#
        ));
        converted.rows[0].advisory.affected.intervals.clone()
    };
    assert_eq!(record(""), [between("5.0.0", "5.0.4")]);
    assert_eq!(record("1.0.0"), Affected::below("1.0.0").intervals);
}

#[test]
fn careless_bounds_are_read() {
    let converted = convert(
        r#"{"id": "GHSA-1", "affected": [{"package": {"ecosystem": "Go", "name": "m"}, "ranges":
        [{"type": "SEMVER", "events": [{"introduced": "19.03.0"}, {"fixed": "23.0.15"},
        {"introduced": "24.0.0b1"}, {"fixed": "25"}]}]}]}"#,
    );
    let affected = &converted.rows[0].advisory.affected;
    assert_eq!(
        affected.intervals,
        [between("19.3.0", "23.0.15"), between("24.0.0-b1", "25")],
        "{:?}",
        converted.dropped
    );
}

#[test]
fn builds_of_java_are_left_out_of_bounds() {
    let converted = convert(
        r#"{"id": "GHSA-1", "affected": [{"package": {"ecosystem": "Maven", "name": "a:b"}, "ranges":
        [{"type": "ECOSYSTEM", "events": [{"introduced": "12.0.0"}, {"fixed": "12.2.0.jre8"}]}]}]}"#,
    );
    let advisory = &converted.rows[0].advisory;
    assert_eq!(advisory.affected.intervals, [between("12.0.0", "12.2.0")]);
    assert_eq!(advisory.fixed_versions, ["12.2.0.jre8"]);
}

#[test]
fn updates_and_notes_without_a_weakness_have_no_rows() {
    let plain = r#""affected": [{"package": {"ecosystem": "AlmaLinux:9", "name": "tzdata"}}]}"#;
    let update = convert(&format!(r#"{{"id": "ALBA-2023:1", {plain}"#));
    assert_eq!((update.rows.len(), update.informational), (0, 1));
    let security = convert(&format!(r#"{{"id": "ALSA-2023:1", {plain}"#));
    assert_eq!(security.rows[0].advisory.id, "ALSA-2023:1");
    let mending = convert(&format!(r#"{{"id": "ALBA-2023:1", "related": ["CVE-2023-1"], {plain}"#));
    assert_eq!(mending.rows[0].advisory.id, "CVE-2023-1");
    for (word, class) in [
        ("\"unmaintained\"", Class::Informational),
        ("\"unsound\"", Class::Informational),
        ("null", Class::Curated),
    ] {
        let converted = convert(&format!(
            r#"{{"id": "RUSTSEC-2021-1", "affected": [{{"package": {{"ecosystem": "crates.io",
            "name": "a"}}, "database_specific": {{"informational": {word}}}}}]}}"#
        ));
        let advisory = &converted.rows[0].advisory;
        assert_eq!(advisory.class, class, "{word}");
        assert_eq!(advisory.note.is_some(), class == Class::Informational);
    }
}

#[test]
fn binaries_of_suse_are_the_rows() {
    let converted = convert(
        r#"{"id": "SUSE-SU-2023:1-1", "upstream": ["CVE-2023-1"], "affected": [
        {"package": {"ecosystem": "SUSE:Linux Enterprise Server 15 SP5", "name": "openssl-1_1"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1.1l-1.1"}]}],
         "ecosystem_specific": {"binaries": [{"libopenssl1_1": "1.1.1l-150500.1.1", "openssl-1_1": "1.1.1l-150500.1.1"}]}},
        {"package": {"ecosystem": "openSUSE:Leap 15.6", "name": "no-binaries"},
         "ecosystem_specific": {"binaries": "odd"}}]}"#,
    );
    let found: Vec<_> = converted
        .rows
        .iter()
        .map(|row| (row.namespace.as_str(), row.name.as_str(), &row.advisory))
        .map(|(namespace, name, advisory)| (namespace, name, advisory.fixed_versions.join(" ")))
        .collect();
    let version = "1.1.1l-150500.1.1".to_owned();
    assert_eq!(
        found,
        [
            ("opensuse-leap:15.6", "no-binaries", String::new()),
            ("suse:15.5", "libopenssl1_1", version.clone()),
            ("suse:15.5", "openssl-1_1", version),
        ]
    );
}

#[test]
fn products_of_ubuntu_are_told_apart() {
    for (osv, products) in [
        ("Ubuntu:22.04:LTS", &[][..]),
        ("Ubuntu:Pro:22.04:LTS", &["pro"]),
        ("Ubuntu:Pro:FIPS:22.04:LTS", &["fips"]),
        ("Ubuntu:Pro:FIPS-updates:22.04:LTS", &["fips-updates"]),
        ("Ubuntu:Pro:22.04:LTS:Realtime:Kernel", &["realtime"]),
        ("Ubuntu:22.04:LTS:for:NVIDIA:BlueField", &["nvidia-bluefield"]),
    ] {
        let place = osv::Place::find(osv).unwrap();
        assert_eq!(place.namespace, "ubuntu:22.04", "{osv}");
        assert_eq!(place.scope.products, products, "{osv}");
    }
}

#[test]
fn a_record_makes_only_so_many_rows() {
    let package =
        |n: usize| format!(r#"{{"package": {{"ecosystem": "AlmaLinux:9", "name": "p{n}"}}}}"#);
    let record = |cves: usize| {
        let packages: Vec<String> = (0..500).map(package).collect();
        let cves: Vec<String> = (0..cves).map(|n| format!(r#""CVE-2023-{n}""#)).collect();
        let (packages, cves) = (packages.join(","), cves.join(","));
        convert(&format!(r#"{{"id": "ALSA-1", "related": [{cves}], "affected": [{packages}]}}"#))
    };
    let most = osv::MAX_ROWS / 500;
    assert_eq!(record(most).rows.len(), osv::MAX_ROWS);
    let beyond = record(most + 1);
    assert_eq!((beyond.rows.len(), beyond.dropped.len()), (0, 1));
}

#[test]
fn limits_end_a_range_and_stars_do_not() {
    for (limit, held) in [("2.0.0", false), ("*", true)] {
        let json = format!(
            r#"[{{"package": null, "ranges": [{{"type": "SEMVER",
            "events": [{{"introduced": "1.0.0"}}, {{"limit": "{limit}"}}]}}]}}]"#
        );
        let items: Vec<AffectedItem> = serde_json::from_str(&json).unwrap();
        let affected = osv::affected(Scheme::Npm, &items.iter().collect::<Vec<_>>()).unwrap();
        assert!(affected.hit(Scheme::Npm, "1.5.0").unwrap().is_some());
        assert_eq!(affected.hit(Scheme::Npm, "2.0.0").unwrap().is_some(), held, "{limit}");
    }
}

#[test]
fn what_is_no_record_is_refused() {
    for bytes in [&b""[..], b"[]", b"{}", b"{\"id\": 1}", b"{\"id\": \"X\"", b"\xff\xfe"] {
        assert!(osv::parse(bytes).is_err(), "{bytes:?}");
    }
    let mut large = b"{\"id\": \"X\"}".to_vec();
    large.resize(osv::MAX_RECORD_BYTES, b' ');
    assert!(osv::parse(&large).is_ok());
    large.push(b' ');
    assert!(matches!(osv::parse(&large), Err(osv::OsvError::TooBig { .. })));
}

/// Rows whose version is no version of npm are left out (empty, `0.0.0.1`, `2.0.0rc2`): the peer
/// guesses (an empty version is affected by all), here matching tells them as undetermined.
#[test]
fn ranges_agree_with_the_vectors_of_osv() {
    let Some(path) =
        super::shared("ranges_agree_with_the_vectors_of_osv", "vectors/osv.ranges.tsv")
    else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut invalid, mut wrong) = (0, 0, Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (json, version, expected) = (fields[0], fields[1], fields[2] == "1");
        if !Scheme::Npm.is_valid(version) {
            invalid += 1;
            continue;
        }
        // The vectors are about a package of npm; items of other ecosystems are not its own.
        let json: Vec<serde_json::Value> = serde_json::from_str(json).unwrap();
        let items: Vec<AffectedItem> = json
            .into_iter()
            .filter(|item| item["ecosystem"] == "npm")
            .map(|item| serde_json::from_value(item).unwrap())
            .collect();
        let affected = osv::affected(Scheme::Npm, &items.iter().collect::<Vec<_>>());
        let hit = affected.is_some_and(|affected| {
            // SEMVER and ECOSYSTEM ranges of npm share one order.
            affected.hit(Scheme::Npm, version).is_ok_and(|hit| hit.is_some())
        });
        rows += 1;
        if hit != expected {
            wrong.push(line.to_owned());
        }
    }
    assert!(rows >= 70 && invalid <= 25, "{rows} rows, {invalid} left out");
    assert!(wrong.is_empty(), "{} of {rows}: {wrong:#?}", wrong.len());
}

/// Every advisory of the Python advisory database, judged by another program.
#[test]
fn ranges_agree_with_what_is_known_of_pypi() {
    let name = "ranges_agree_with_what_is_known_of_pypi";
    let Some(path) = super::shared(name, "vectors/pypi.shared.jsonl") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let item = serde_json::json!({ "ranges": value["ranges"] });
        let item: AffectedItem = serde_json::from_value(item).unwrap();
        let Some(affected) = osv::affected(Scheme::Pypi, &[&item]) else { continue };
        for (key, expected) in [("affected_versions", true), ("unaffected_versions", false)] {
            for version in value[key].as_array().unwrap() {
                let version = version.as_str().unwrap();
                rows += 1;
                let hit = affected.hit(Scheme::Pypi, version).map(|hit| hit.is_some());
                if hit != Ok(expected) && Scheme::Pypi.is_valid(version) {
                    wrong.push(format!("{} {version}: {hit:?}", value["id"]));
                }
            }
        }
    }
    assert!(rows > 1000, "{rows}");
    assert!(wrong.is_empty(), "{} of {rows}: {:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
}
