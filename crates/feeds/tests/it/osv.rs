//! OSV and Ubuntu: what is known to stand in the mirror, and records that are broken.

use std::collections::BTreeSet;

use plimsoll_feeds::{Draft, FeedError, Harvest, Input, Row, Texts};
use plimsoll_model::{Advisory, Class, Key, Scheme, Severity, State};

use crate::real::read;
use crate::support::{shared, zip_of};

fn advisories(draft: &Draft) -> Vec<(&str, Advisory)> {
    let advisory = |row: &Row| match row {
        Row::Advisory(advisory) => Advisory::clone(advisory),
        Row::Lean(lean) => lean.advisory(),
        other => panic!("{other:?}"),
    };
    draft.rows.iter().map(|(key, row)| (key.as_str(), advisory(row))).collect()
}

#[test]
fn languages_know_famous_weaknesses() {
    let Some(mirror) = shared("languages_know_famous_weaknesses", "mirror") else { return };
    for (namespace, scheme, name, cve, affected, mended) in [
        ("pypi", Scheme::Pypi, "django", "CVE-2023-24580", "4.1.6", "4.1.7"),
        ("pypi", Scheme::Pypi, "django", "CVE-2014-0481", "1.5.8", "1.5.9"),
        (
            "maven",
            Scheme::Maven,
            "org.apache.logging.log4j:log4j-core",
            "CVE-2021-44228",
            "2.14.1",
            "2.15.0",
        ),
        ("npm", Scheme::Npm, "lodash", "CVE-2021-23337", "4.17.20", "4.17.21"),
        ("gem", Scheme::Gem, "rack", "CVE-2023-27530", "2.1.4.2", "2.1.4.3"),
        ("golang", Scheme::Golang, "stdlib", "CVE-2020-16845", "1.13.14", "1.13.15"),
        ("cargo", Scheme::Cargo, "time", "CVE-2020-26235", "0.2.22", "0.2.23"),
    ] {
        let draft = read(&mirror, &[namespace]).remove(namespace).unwrap();
        let records: Vec<_> = advisories(&draft)
            .into_iter()
            .filter(|(key, advisory)| {
                let mut ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
                *key == name && ids.any(|id| id == cve)
            })
            .map(|(_, advisory)| advisory)
            .collect();
        let hit = |version: &str| {
            records.iter().any(|advisory| advisory.affected.hit(scheme, version).unwrap().is_some())
        };
        assert!(hit(affected) && !hit(mended), "{cve}");
    }
}

#[test]
fn languages_lose_nearly_no_record() {
    let Some(mirror) = shared("languages_lose_nearly_no_record", "mirror") else { return };
    for (namespace, records, dropped) in [
        ("bitnami", 7_400, 1),
        ("cargo", 700, 0),
        ("composer", 1_350, 20),
        ("cran", 14, 0),
        ("gem", 1_100, 1),
        ("golang", 4_200, 0),
        ("hackage", 35, 0),
        ("hex", 103, 0),
        ("maven", 1_900, 1),
        ("npm", 2_700, 2),
        ("nuget", 240, 1),
        ("pub", 3, 0),
        ("pypi", 6_800, 1),
        ("swift", 5, 0),
    ] {
        let draft = read(&mirror, &[namespace]).remove(namespace).unwrap();
        let all = advisories(&draft);
        let ids: BTreeSet<&str> = all.iter().map(|(_, advisory)| advisory.id.as_str()).collect();
        assert!(ids.len() >= records, "{namespace}: {} records", ids.len());
        assert!(draft.dropped <= dropped, "{namespace}: {} dropped", draft.dropped);
        assert!(!draft.updated.is_empty(), "{namespace}");
    }
}

#[test]
fn what_is_unmaintained_is_no_weakness() {
    let Some(mirror) = shared("what_is_unmaintained_is_no_weakness", "mirror") else { return };
    let draft = read(&mirror, &["cargo"]).remove("cargo").unwrap();
    let all = advisories(&draft);
    let of = |id: &str| all.iter().find(|(_, advisory)| advisory.id == id).unwrap().1.class;
    // `ansi_term` is unmaintained; `time` has a weakness.
    assert_eq!(of("RUSTSEC-2021-0139"), Class::Informational);
    assert_eq!(of("RUSTSEC-2020-0071"), Class::Curated);
}

#[test]
fn almalinux_is_kept_by_cve_and_package() {
    let Some(mirror) = shared("almalinux_is_kept_by_cve_and_package", "mirror") else { return };
    let names = ["almalinux:8", "almalinux:9", "almalinux:10"];
    let drafts = read(&mirror, &names);
    let find = |namespace: &str, name: &str, cve: &str| -> Vec<_> {
        advisories(&drafts[namespace])
            .into_iter()
            .filter(|(key, advisory)| *key == name && advisory.id == cve)
            .map(|(_, advisory)| advisory)
            .collect()
    };
    let openssl = find("almalinux:9", "openssl-libs", "CVE-2022-3602");
    assert_eq!(openssl.len(), 1);
    assert_eq!(openssl[0].fixed_versions, ["1:3.0.1-43.el9_0"]);
    assert_eq!(openssl[0].aliases, ["ALSA-2022:7288"]);
    assert_eq!((openssl[0].scope.key, openssl[0].severity), (Key::Binary, Some(Severity::High)));
    let node = find("almalinux:8", "nodejs", "CVE-2023-32002");
    let modules: BTreeSet<&str> = node.iter().filter_map(|a| a.scope.module.as_deref()).collect();
    assert_eq!(modules, BTreeSet::from(["nodejs:16", "nodejs:18"]));
    let plain = find("almalinux:9", "nodejs", "CVE-2023-32002");
    assert!(plain.iter().any(|a| a.scope.module.is_none() && a.state == State::Fixed));
    for draft in drafts.values() {
        assert_eq!(draft.dropped, 0);
        assert!(advisories(draft).iter().all(|(_, advisory)| !advisory.id.starts_with("ALBA-")));
    }
}

#[test]
fn ubuntu_has_its_numbers() {
    let Some(mirror) = shared("ubuntu_has_its_numbers", "mirror") else { return };
    let names = ["ubuntu:16.04", "ubuntu:20.04", "ubuntu:22.04"];
    let drafts = read(&mirror, &names);
    // The numbers of MIRROR.md, less what records that were withdrawn and notices say.
    for (namespace, product, all, fixed) in [
        ("ubuntu:22.04", None, 23_139, 10_828),
        ("ubuntu:20.04", None, 30_019, 17_349),
        ("ubuntu:16.04", None, 14_790, 14_774),
        ("ubuntu:16.04", Some("pro"), 18_919, 4_719),
    ] {
        let rows: Vec<_> = advisories(&drafts[namespace])
            .into_iter()
            .map(|(_, advisory)| advisory)
            .filter(|advisory| advisory.scope.products.first().map(String::as_str) == product)
            .filter(|advisory| advisory.aliases.iter().any(|id| id.starts_with("UBUNTU-CVE-")))
            .collect();
        let mended = rows.iter().filter(|advisory| advisory.state == State::Fixed).count();
        assert_eq!((rows.len(), mended), (all, fixed), "{namespace} {product:?}");
    }
    for draft in drafts.values() {
        assert_eq!(draft.dropped, 0);
        assert!(advisories(draft).iter().all(|(_, advisory)| advisory.scope.key == Key::Source));
        // A patch of the running kernel mends no package.
        let live = |advisory: &Advisory| {
            advisory.id.starts_with("LSN-")
                || advisory.aliases.iter().any(|id| id.starts_with("LSN-"))
        };
        assert!(!advisories(draft).iter().any(|(_, advisory)| live(advisory)));
    }
    let openssl = |namespace: &str, cve: &str| {
        advisories(&drafts[namespace])
            .into_iter()
            .find(|(name, advisory)| *name == "openssl" && advisory.id == cve)
            .map(|(_, advisory)| advisory)
            .unwrap()
    };
    let mended = openssl("ubuntu:22.04", "CVE-2022-3602");
    assert_eq!(mended.fixed_versions, ["3.0.2-0ubuntu1.7"]);
    assert_eq!(mended.severity, Some(Severity::High));
    assert_eq!(mended.aliases, ["UBUNTU-CVE-2022-3602", "USN-5710-1"]);
    assert_eq!(mended.cvss.len(), 1);
    let paid = openssl("ubuntu:16.04", "CVE-2022-0778");
    assert_eq!(paid.fixed_versions, ["1.0.2g-1ubuntu4.20+esm2"]);
    assert_eq!(paid.scope.products, ["pro"]);
}

#[test]
fn a_broken_record_in_the_middle_is_dropped_and_a_broken_archive_is_not_read() {
    let record = |id: &str| {
        let json = format!(
            r#"{{"id": "{id}", "affected": [{{"package": {{"ecosystem": "PyPI", "name": "a"}},
            "ranges": [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}]}}]}}]}}"#
        );
        (format!("{id}.json"), json.into_bytes())
    };
    let broken = ("b.json".to_owned(), b"{\"id\": \"X-2\", \"affected\": 1}".to_vec());
    let zip = zip_of(&[record("X-1"), broken, record("X-3"), record("X-3")]);
    let feed = plimsoll_feeds::find("pypi").unwrap();
    let mut harvest = Harvest::of(["pypi"], Texts::All);
    let mut body = zip.as_slice();
    (feed.parse)(Input { address: "all.zip", body: &mut body }, &mut harvest).unwrap();
    let draft = harvest.into_drafts().remove("pypi").unwrap();
    let ids: Vec<String> =
        advisories(&draft).into_iter().map(|(_, advisory)| advisory.id).collect();
    assert_eq!((ids, draft.dropped), (vec!["X-1".to_owned(), "X-3".to_owned()], 1));

    // One that is no JSON is one broken record; ten of a hundred are a broken archive.
    let half = ("h.json".to_owned(), b"{\"id\": \"X-4\",\n \"affected\": [{".to_vec());
    let read = |broken: usize, whole: usize| {
        let mut members = vec![half.clone(); broken];
        members.extend((0..whole).map(|number| record(&format!("X-{number}"))));
        let zip = zip_of(&members);
        let mut harvest = Harvest::of(["pypi"], Texts::All);
        let input = Input { address: "all.zip", body: &mut zip.as_slice() };
        (feed.parse)(input, &mut harvest)
            .map(|()| harvest.into_drafts().remove("pypi").unwrap().dropped)
    };
    assert_eq!(read(1, 2).unwrap(), 1);
    assert_eq!(read(9, 0).unwrap(), 9);
    assert_eq!(read(10, 990).unwrap(), 10);
    let error = read(10, 989).unwrap_err();
    let FeedError::Malformed { place, .. } = &error else { panic!("{error}") };
    assert_eq!(place, "member `h.json`, line 2 column 15");

    let at = zip.windows(8).position(|bytes| bytes == b"X-3.json").unwrap();
    let mut damaged = zip;
    damaged[at + 20] ^= 0x40;
    let mut harvest = Harvest::of(["pypi"], Texts::All);
    let mut body = damaged.as_slice();
    let input = Input { address: "all.zip", body: &mut body };
    let error = (feed.parse)(input, &mut harvest).unwrap_err();
    let FeedError::Malformed { place, .. } = &error else { panic!("{error}") };
    assert_eq!(place, "member `X-3.json`");
}
