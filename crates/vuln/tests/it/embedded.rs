//! The embedded minimum: whole, valid, and true on a few versions that everybody knows.

use std::collections::BTreeSet;

use plimsoll_model::{DISTROS, Scheme, Severity, ecosystem};
use plimsoll_vuln::{Database, DatabaseError, EmbeddedDatabase, embedded};

fn scheme_of(namespace: &str) -> Scheme {
    let family = namespace.split(':').next().unwrap();
    ecosystem::find(family)
        .map(|row| row.scheme)
        .or_else(|| plimsoll_model::distro::find(family).map(|row| row.scheme))
        .unwrap()
}

#[test]
fn nothing_of_the_lists_is_lost() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("embedded");
    let publisher = plimsoll_vuln::osv::Publisher { title: "x", rater: "x" };
    let (mut records, mut namespaces) = (0, BTreeSet::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("eol.json") {
            continue;
        }
        let list = plimsoll_vuln::osv::parse_list(&std::fs::read(&path).unwrap()).unwrap();
        for record in list {
            let converted = plimsoll_vuln::osv::convert(&record, publisher);
            assert_eq!(converted.dropped, [], "{}", record.id);
            assert!(!converted.rows.is_empty(), "{}", record.id);
            records += 1;
            for row in converted.rows {
                let shard = embedded::shard(&row.namespace).unwrap();
                let found = shard.advisories(&row.name).unwrap();
                assert!(found.iter().any(|advisory| advisory.id == record.id), "{}", record.id);
                namespaces.insert(row.namespace);
            }
        }
    }
    assert!(records >= 40, "{records}");
    namespaces.insert("eol".to_owned());
    assert_eq!(embedded::namespaces().map(str::to_owned).collect::<BTreeSet<_>>(), namespaces);
}

#[test]
fn every_advisory_is_rated_fixed_and_valid() {
    for namespace in embedded::namespaces().filter(|namespace| *namespace != "eol") {
        let shard = embedded::shard(namespace).unwrap();
        assert!(shard.meta().partial, "{namespace}");
        assert_eq!(shard.meta().updated, embedded::UPDATED);
        for name in shard.names() {
            for advisory in shard.advisories(&name).unwrap() {
                let place = format!("{namespace} {name} {}", advisory.id);
                assert_eq!(advisory.cvss.len(), 1, "{place}");
                let rated = Severity::from_score(&advisory.cvss[0].version, advisory.cvss[0].score);
                assert_eq!(advisory.severity, Some(rated), "{place} {}", advisory.cvss[0].score);
                assert!(!advisory.fixed_versions.is_empty(), "{place}");
                for fixed in &advisory.fixed_versions {
                    let hit = advisory.affected.hit(scheme_of(namespace), fixed);
                    assert_eq!(hit, Ok(None), "{place}: {fixed}");
                }
                assert!(advisory.title.is_some_and(|title| title.len() < 110), "{place}");
            }
        }
        shard.verify(Some(shard.digest())).unwrap();
    }
}

#[test]
fn well_known_versions_are_judged_right() {
    let log4j = "org.apache.logging.log4j:log4j-core";
    for (namespace, name, version, expected) in [
        (
            "maven",
            log4j,
            "2.14.1",
            &["CVE-2021-44228", "CVE-2021-44832", "CVE-2021-45046", "CVE-2021-45105"][..],
        ),
        ("maven", log4j, "2.17.1", &[]),
        ("maven", log4j, "2.3.1", &["CVE-2021-44832"]),
        ("maven", log4j, "1.2.17", &[]),
        ("maven", "org.springframework:spring-beans", "5.3.17", &["CVE-2022-22965"]),
        ("maven", "org.springframework:spring-beans", "5.2.20.RELEASE", &[]),
        ("pypi", "requests", "2.30.0", &["CVE-2023-32681"]),
        ("pypi", "jinja2", "2.10", &["CVE-2019-10906", "CVE-2024-22195"]),
        ("pypi", "django", "3.0", &[]),
        ("npm", "lodash", "4.17.15", &["CVE-2021-23337"]),
        ("npm", "minimist", "0.2.4", &[]),
        ("golang", "stdlib", "1.20.2", &["CVE-2023-24538", "CVE-2023-39325"]),
        ("alpine:3.17", "openssl", "3.0.7-r0", &["CVE-2023-0286"]),
        ("alpine:3.17", "openssl", "3.0.8-r0", &[]),
        ("alpine:3.15", "openssl", "1.1.1s-r0", &["CVE-2023-0286"]),
        ("alpine:edge", "xz", "5.6.1-r0", &["CVE-2024-3094"]),
        ("alpine:edge", "xz", "5.4.6-r0", &[]),
        ("debian:12", "glibc", "2.36-9+deb12u2", &["CVE-2023-4911"]),
        ("debian:12", "glibc", "2.36-9+deb12u3", &[]),
        ("debian:11", "openssl", "1.1.1n-0+deb11u3", &["CVE-2023-0286"]),
        ("debian:sid", "xz-utils", "5.6.1-1", &["CVE-2024-3094"]),
        ("debian:sid", "xz-utils", "5.6.1+really5.4.5-1", &[]),
        ("debian:7", "openssl", "1.0.1e-2+deb7u4", &["CVE-2014-0160"]),
    ] {
        let shard = EmbeddedDatabase.shard(namespace).unwrap();
        let scheme = scheme_of(namespace);
        let mut found: Vec<String> = shard
            .advisories(name)
            .unwrap()
            .into_iter()
            .filter(|advisory| advisory.affected.hit(scheme, version).unwrap().is_some())
            .map(|advisory| advisory.id)
            .collect();
        found.sort();
        assert_eq!(found, expected, "{namespace} {name} {version}");
    }
    let none = EmbeddedDatabase.shard("fedora:40").unwrap_err();
    assert_eq!(none, DatabaseError::NoFeed { namespace: "fedora:40".to_owned() });
    assert_eq!(none.to_string(), "no feed covers `fedora:40`");
}

#[test]
fn ends_of_life_are_known_for_the_distributions() {
    let alpine = embedded::eol("alpine-linux").iter().find(|row| row.release == "3.17").unwrap();
    assert_eq!((alpine.date.as_str(), alpine.latest.as_str()), ("2024-11-22", "3.17.10"));
    let debian = embedded::eol("debian").iter().find(|row| row.release == "12").unwrap();
    assert_eq!((debian.date.as_str(), debian.extended.as_str()), ("2026-07-11", "2028-06-30"));
    assert!(embedded::eol("nothing").is_empty());

    let shard = EmbeddedDatabase.shard("eol").unwrap();
    let is_day = |day: &str| day.is_empty() || (day.len() == 10 && day.as_bytes()[4] == b'-');
    for product in shard.names() {
        assert!(DISTROS.iter().any(|row| row.eol_product == product), "{product}");
        let releases = shard.eol(&product).unwrap();
        assert_eq!(releases, embedded::eol(&product));
        let names: BTreeSet<&str> = releases.iter().map(|row| row.release.as_str()).collect();
        assert_eq!(names.len(), releases.len(), "{product}");
        assert!(releases.iter().all(|row| is_day(&row.date) && is_day(&row.extended)), "{product}");
    }
}
