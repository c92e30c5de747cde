//! The mirror with real data: what is known to stand there must come out, and in the numbers that
//! its own `MIRROR.md` gives.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use plimsoll_feeds::{Draft, Harvest, Row, Texts, rating};
use plimsoll_model::{Advisory, Severity, State};
use serde_json::Value;

use crate::support::{files, read_all, shared};

pub(crate) fn read(mirror: &Path, namespaces: &[&str]) -> BTreeMap<String, Draft> {
    let feed = plimsoll_feeds::find(namespaces[0]).unwrap();
    let mut harvest = Harvest::of(namespaces.iter().copied(), Texts::All);
    read_all(feed, namespaces[0], mirror, &mut harvest);
    harvest.into_drafts()
}

fn advisories(draft: &Draft) -> impl Iterator<Item = (&str, &Advisory)> {
    draft.rows.iter().map(|(key, row)| match row {
        Row::Advisory(advisory) => (key.as_str(), &**advisory),
        other => panic!("{other:?}"),
    })
}

fn count(draft: &Draft, states: &[State]) -> usize {
    advisories(draft).filter(|(_, advisory)| states.contains(&advisory.state)).count()
}

#[test]
fn alpine_knows_openssl() {
    let Some(mirror) = shared("alpine_knows_openssl", "mirror") else { return };
    let draft = read(&mirror, &["alpine:3.17"]).remove("alpine:3.17").unwrap();
    let (_, advisory) = advisories(&draft)
        .find(|(name, advisory)| *name == "openssl" && advisory.id == "CVE-2023-0286")
        .unwrap();
    assert_eq!(advisory.fixed_versions, ["3.0.8-r0"]);
    assert_eq!(advisory.record, "Alpine secdb v3.17 main");
}

/// Every CVE that stands in a file, found by looking for nothing but its digits, is a row; and no
/// other is.
#[test]
fn alpine_loses_no_cve() {
    let Some(mirror) = shared("alpine_loses_no_cve", "mirror") else { return };
    let mut entries = 0;
    let mut releases = 0;
    for folder in std::fs::read_dir(mirror.join("secdb.alpinelinux.org")).unwrap() {
        let folder = folder.unwrap().file_name().into_string().unwrap();
        let namespace = format!("alpine:{}", folder.trim_start_matches('v'));
        let feed = plimsoll_feeds::find(&namespace).unwrap();
        let mut expected = BTreeSet::new();
        for (_, bytes) in files(feed, &namespace, &mirror) {
            releases += 1;
            let json: Value = serde_json::from_slice(&bytes).unwrap();
            for package in json["packages"].as_array().unwrap() {
                let name = package["pkg"]["name"].as_str().unwrap();
                for texts in package["pkg"]["secfixes"].as_object().unwrap().values() {
                    for text in texts.as_array().unwrap() {
                        entries += 1;
                        let cves = cves_in(text.as_str().unwrap()).into_iter();
                        expected.extend(cves.map(|cve| (name.to_owned(), cve)));
                    }
                }
            }
        }
        let draft = read(&mirror, &[&namespace]).remove(&namespace).unwrap();
        let found: BTreeSet<(String, String)> = advisories(&draft)
            .filter(|(_, advisory)| cves_in(&advisory.id).len() == 1)
            .map(|(name, advisory)| (name.to_owned(), advisory.id.clone()))
            .collect();
        assert_eq!(found, expected, "{namespace}");
    }
    assert_eq!((releases, entries), (41, 85_270));
}

fn cves_in(text: &str) -> Vec<String> {
    let text = text.replace('_', "-");
    let mut found = Vec::new();
    for (at, _) in text.match_indices("CVE-") {
        let id: String = text[at + 4..]
            .chars()
            .take_while(|letter| letter.is_ascii_digit() || *letter == '-')
            .collect();
        let mut parts = id.split('-');
        if let (Some(year), Some(number)) = (parts.next(), parts.next())
            && (year.len(), number.len() >= 4) == (4, true)
        {
            found.push(format!("CVE-{year}-{number}"));
        }
    }
    found
}

#[test]
fn wolfi_and_chainguard_have_all_their_ids() {
    let Some(mirror) = shared("wolfi_and_chainguard_have_all_their_ids", "mirror") else { return };
    for (namespace, packages, ids) in [("wolfi", 29, 149), ("chainguard", 58, 237)] {
        let draft = read(&mirror, &[namespace]).remove(namespace).unwrap();
        let names: BTreeSet<&str> = advisories(&draft).map(|(name, _)| name).collect();
        assert_eq!(
            (names.len(), draft.rows.len(), draft.dropped),
            (packages, ids, 0),
            "{namespace}"
        );
    }
}

#[test]
fn debian_has_its_numbers() {
    let Some(mirror) = shared("debian_has_its_numbers", "mirror") else { return };
    let names = ["debian:10", "debian:11", "debian:12", "debian:13", "debian:14", "debian:sid"];
    let drafts = read(&mirror, &names);
    let resolved = [State::Fixed, State::NotAffected];
    let open = [State::Affected, State::WillNotFix, State::FixDeferred, State::EndOfLife];
    for (namespace, fixed, unfixed) in
        [("debian:12", 24_374, 1_533), ("debian:11", 23_738, 3_102), ("debian:10", 21_263, 4_730)]
    {
        let draft = &drafts[namespace];
        let lost = usize::try_from(draft.dropped).unwrap();
        let found = (count(draft, &resolved) + lost, count(draft, &open));
        assert_eq!(found, (fixed, unfixed), "{namespace}");
    }
    assert_eq!((drafts["debian:13"].rows.len(), drafts["debian:sid"].rows.len()), (1, 12));
    assert_eq!(drafts["debian:14"].rows.len(), 12, "what testing lacks, sid says");
    let state = |namespace: &str, package: &str, id: &str| {
        advisories(&drafts[namespace])
            .find(|(name, advisory)| *name == package && advisory.id == id)
            .map(|(_, advisory)| (advisory.state, advisory.severity))
    };
    assert_eq!(
        state("debian:11", "389-ds-base", "CVE-2012-0833"),
        Some((State::NotAffected, Some(Severity::Negligible)))
    );
    assert_eq!(state("debian:12", "tar", "CVE-2005-2541"), Some((State::Affected, None)));
}

/// Five releases of endoflife.date have a second name, which targets state.
#[test]
fn facts_of_cves_have_their_numbers() {
    let Some(mirror) = shared("facts_of_cves_have_their_numbers", "mirror") else { return };
    for (namespace, rows) in
        [("kev", 1662), ("epss", 360_142), ("eol", 5808 + 5), ("cve:2024", 20_411), ("cve:2021", 3)]
    {
        let draft = read(&mirror, &[namespace]).remove(namespace).unwrap();
        assert_eq!((draft.rows.len(), draft.dropped), (rows, 0), "{namespace}");
        assert!(!draft.updated.is_empty(), "{namespace}");
    }
}

/// Every score that the shared vectors give is computed from its vector.
#[test]
fn scores_agree_with_the_vectors() {
    let Some(vectors) = shared("scores_agree_with_the_vectors", "vectors") else { return };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for version in ["2.0", "3.0", "3.1", "4.0"] {
        let text = std::fs::read_to_string(vectors.join(format!("cvss{version}.tsv"))).unwrap();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let (vector, score) = (cells.next().unwrap(), cells.next().unwrap());
            let Ok(score) = score.parse::<f64>() else { continue };
            seen += 1;
            let found = rating::base_score(version, vector);
            if !found.is_some_and(|found| (found - score).abs() < 0.01) {
                wrong.push(format!("{vector}: {score}, computed {found:?}"));
            }
        }
    }
    assert!(seen > 100, "{seen}");
    assert!(
        wrong.is_empty(),
        "{} of {seen}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}
