//! Updates of RPM repositories and their like: what the mirror with real data must give, how files lead
//! on to others, and the limits of their readers.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_feeds::{Draft, FeedError, Harvest, Input, Row, Texts, amazon, arch, fedora, rocky};
use plimsoll_model::{Advisory, Key, Severity, State};

use crate::support::{mirror_of, read_all, shared};

fn read(mirror: &Path, namespace: &str) -> Draft {
    let feed = plimsoll_feeds::find(namespace).unwrap();
    let mut harvest = Harvest::of([namespace], Texts::All);
    read_all(feed, namespace, mirror, &mut harvest);
    harvest.into_drafts().remove(namespace).unwrap()
}

fn advisories(draft: &Draft) -> impl Iterator<Item = (&str, &Advisory)> {
    draft.rows.iter().map(|(key, row)| match row {
        Row::Advisory(advisory) => (key.as_str(), &**advisory),
        other => panic!("{other:?}"),
    })
}

fn one<'a>(draft: &'a Draft, name: &str, id: &str) -> &'a Advisory {
    let mut found = advisories(draft).filter(|(key, row)| *key == name && row.id == id);
    let (_, advisory) = found.next().unwrap_or_else(|| panic!("no {id} of {name}"));
    assert!(found.next().is_none(), "{id} of {name} is there twice");
    advisory
}

/// The counts are those of packages times CVEs of each update, taken with another reader of XML.
#[test]
fn amazon_has_its_numbers() {
    let Some(mirror) = shared("amazon_has_its_numbers", "mirror") else { return };
    for (namespace, rows) in [("amazon:1", 1), ("amazon:2", 286), ("amazon:2023", 42)] {
        let draft = read(&mirror, namespace);
        assert_eq!((draft.rows.len(), draft.dropped), (rows, 0), "{namespace}");
    }
    let draft = read(&mirror, "amazon:2");
    let kernel = one(&draft, "kernel", "CVE-2017-5754");
    assert_eq!(kernel.fixed_versions, ["4.9.76-38.79.amzn2"]);
    assert_eq!((kernel.severity, kernel.scope.key), (Some(Severity::Critical), Key::Binary));
    assert_eq!(
        (&*kernel.scope.arches, &*kernel.aliases),
        (&["x86_64".to_owned()][..], &["ALAS2-2018-939".to_owned()][..])
    );
    let java = one(&draft, "java-1.8.0-openjdk", "CVE-2018-2678");
    assert_eq!(java.fixed_versions, ["1:1.8.0.161-0.b14.amzn2"]);
    let draft = read(&mirror, "amazon:2023");
    let rsyslog = one(&draft, "rsyslog", "CVE-2022-24903");
    assert_eq!(rsyslog.scope.arches, ["aarch64", "i686", "x86_64"]);
    assert_eq!(draft.updated, "2023-02-22 23:22:00");
}

#[test]
fn rocky_tells_modules() {
    let Some(mirror) = shared("rocky_tells_modules", "mirror") else { return };
    let draft = read(&mirror, "rocky:9");
    assert_eq!((draft.rows.len(), draft.dropped), (2, 0));
    assert_eq!(one(&draft, "xz", "CVE-2022-1271").scope.module, None);
    let mariadb = one(&draft, "mariadb", "CVE-2022-47015");
    assert_eq!(mariadb.scope.module.as_deref(), Some("mariadb:10.5"));
    assert_eq!(mariadb.fixed_versions, ["3:10.5.16-2.module+el9.1.0+13358+56c3b6a3"]);
}

#[test]
fn fedora_takes_what_is_stable() {
    let Some(mirror) = shared("fedora_takes_what_is_stable", "mirror") else { return };
    let draft = read(&mirror, "fedora:40");
    let ids: BTreeSet<&str> = advisories(&draft).map(|(_, row)| row.id.as_str()).collect();
    assert_eq!(ids, BTreeSet::from(["CVE-2022-23518", "CVE-2022-23519", "CVE-2022-23520"]));
    let row = one(&draft, "rubygem-rails-html-sanitizer", "CVE-2022-23519");
    assert_eq!((row.fixed_versions[0].as_str(), row.severity), ("1.6.0-1.fc40", None));
    assert!(read(&mirror, "fedora:38").rows.is_empty(), "those of 38 are in testing yet");
}

#[test]
fn arch_has_its_groups() {
    let Some(mirror) = shared("arch_has_its_groups", "mirror") else { return };
    let draft = read(&mirror, "arch");
    assert_eq!((draft.rows.len(), draft.dropped), (5, 0));
    let row = one(&draft, "libtiff", "CVE-2015-7554");
    assert_eq!((row.state, row.fixed_versions[0].as_str()), (State::Fixed, "4.0.8-2"));
    assert_eq!(row.aliases, ["ASA-201707-17", "AVG-5"]);
}

/// Kernel 4.14 of the core is not judged by what is said of kernel 5.10 of the extras, and the other
/// way round.
#[test]
fn lines_of_amazon_do_not_hit_one_another() {
    let mirror = mirror_of(&["amazon"]);
    let draft = read(mirror.path(), "amazon:2");
    let hits = |version: &str| -> BTreeSet<&str> {
        advisories(&draft)
            .filter(|(name, row)| {
                let hit = row.affected.hit(plimsoll_model::Scheme::Rpm, version).unwrap();
                *name == "kernel" && hit.is_some()
            })
            .map(|(_, row)| row.aliases[0].as_str())
            .collect()
    };
    assert_eq!(hits("4.9.70-1.amzn2"), BTreeSet::from(["ALAS2-2018-939"]));
    assert_eq!(hits("4.14.200-1.amzn2"), BTreeSet::new());
    assert_eq!(hits("5.4.100-1.amzn2"), BTreeSet::new());
    assert_eq!(hits("5.10.50-1.amzn2"), BTreeSet::from(["ALAS2KERNEL-5.10-2022-005"]));
    assert_eq!(hits("5.10.82-83.359.amzn2"), BTreeSet::new());
    assert_eq!(hits("5.15.1-1.amzn2"), BTreeSet::new());
}

type Parse = fn(Input<'_>, &mut Harvest) -> Result<(), FeedError>;

fn parsed(parse: Parse, namespace: &str, address: &str, text: &str) -> Result<Harvest, FeedError> {
    let mut harvest = Harvest::of([namespace], Texts::All);
    let mut body = text.as_bytes();
    parse(Input { address, body: &mut body }, &mut harvest)?;
    Ok(harvest)
}

#[test]
fn the_first_mirror_must_be_one_of_amazon() {
    let address = "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list";
    let follow = |list: &str| {
        let mut harvest = parsed(amazon::parse, "amazon:2", address, list)?;
        Ok::<_, FeedError>(harvest.take_followed().remove(0).address)
    };
    let expected = "https://cdn.amazonlinux.com/2/x/$y/repodata/repomd.xml".replace("$y", "x86_64");
    assert_eq!(follow("https://cdn.amazonlinux.com/2/x/$basearch/\nhttps://b").unwrap(), expected);
    for bad in [
        "",
        "<html>",
        "ftp://cdn.amazonlinux.com/x",
        "https://amazonlinux.com.evil.example/x",
        "https://evil.example/.amazonaws.com",
        "https://cdn.amazonlinux.com@evil.example/x",
    ] {
        let error = follow(bad).unwrap_err().to_string();
        assert!(error.contains("at line 1"), "{bad}: {error}");
    }
    let long = "x".repeat(amazon::MAX_MIRRORS_BYTES as usize + 1);
    assert!(matches!(follow(&long), Err(FeedError::Limit { .. })));
}

#[test]
fn topics_and_pages_have_limits() {
    let address = "https://cdn.amazonlinux.com/2/extras-catalog.json";
    let topics =
        |count: usize| format!(r#"{{"topics": [{}]}}"#, vec![r#"{"n": "x"}"#; count].join(","));
    let read = |count| parsed(amazon::parse, "amazon:2", address, &topics(count));
    let mut harvest = read(amazon::MAX_TOPICS).unwrap();
    let first = harvest.take_followed().remove(0);
    assert!(first.optional && first.address.ends_with("/2/extras/x/latest/x86_64/mirror.list"));
    assert!(matches!(read(amazon::MAX_TOPICS + 1), Err(FeedError::Limit { limit: 1_000, .. })));

    let address =
        (plimsoll_feeds::find("fedora:40").unwrap().files)("fedora:40").unwrap()[0].address.clone();
    let page = |number: u64, pages: u64| {
        format!(r#"{{"updates": [], "page": {number}, "pages": {pages}}}"#)
    };
    let mut harvest = parsed(fedora::parse, "fedora:40", &address, &page(1, 3)).unwrap();
    let next: Vec<String> = harvest.take_followed().into_iter().map(|file| file.address).collect();
    assert_eq!(next.len(), 2);
    assert!(next[0].ends_with("&page=2") && next[1].ends_with("&page=3"), "{next:?}");
    let mut later = parsed(fedora::parse, "fedora:40", &next[0], &page(2, 3)).unwrap();
    assert!(later.take_followed().is_empty());
    let many = parsed(fedora::parse, "fedora:40", &address, &page(1, fedora::MAX_PAGES + 1));
    assert!(matches!(many, Err(FeedError::Limit { limit: fedora::MAX_PAGES, .. })));
}

#[test]
fn an_update_with_too_many_parts_is_dropped() {
    let address =
        (plimsoll_feeds::find("fedora:40").unwrap().files)("fedora:40").unwrap()[0].address.clone();
    let bugs = vec![r#"{"title": "CVE-2024-0001"}"#; fedora::MAX_PARTS + 1].join(",");
    let text = format!(
        r#"{{"updates": [{{"alias": "F", "type": "security", "status": "stable", "release": {{"name": "F40"}},
        "builds": [{{"nvr": "a-1-1.fc40"}}], "bugs": [{bugs}]}}]}}"#
    );
    let draft = parsed(fedora::parse, "fedora:40", &address, &text).unwrap().into_drafts();
    assert_eq!((draft["fedora:40"].rows.len(), draft["fedora:40"].dropped), (0, 1));

    let names = vec![r#""x""#; arch::MAX_NAMES + 1].join(",");
    let text = format!(r#"[{{"name": "AVG-1", "status": "Vulnerable", "packages": [{names}]}}]"#);
    let draft = parsed(arch::parse, "arch", "x", &text).unwrap().into_drafts();
    assert_eq!((draft["arch"].rows.len(), draft["arch"].dropped), (0, 1));
}

#[test]
fn lists_of_modules_are_whole_and_limited() {
    let address =
        "https://download.rockylinux.org/pub/rocky/9/AppStream/x86_64/os/repodata/c-modules.yaml";
    let read = |text: &str| parsed(rocky::parse, "rocky:9", address, text);
    let document = "---\ndocument: modulemd\ndata:\n  name: a\n  stream: '1'\n  artifacts:\n    rpms:\n    - a-0:1-1.x86_64\n";
    let harvest = read(&format!("{document}...\n")).unwrap();
    assert_eq!(harvest.recall("9 a-0:1-1.x86_64"), Some("a:1"));
    for cut in [document, "", "- a-0:1-1.x86_64\n"] {
        let error = read(cut).unwrap_err().to_string();
        assert!(error.contains("at line "), "{error}");
    }
    let long = "x".repeat(rocky::MAX_LINE_BYTES as usize);
    assert!(read(&format!("---\n{long}")).unwrap_err().to_string().contains("ends early"));
    assert!(matches!(read(&format!("---\n{long}x")), Err(FeedError::Limit { .. })));
}
