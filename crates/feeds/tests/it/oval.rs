//! Feeds that are OVAL, and their like, with real data: numbers of `MIRROR.md`, and what is known to
//! stand there.

use std::path::Path;

use plimsoll_feeds::{Draft, FeedError, Harvest, Input, Row, Texts};
use plimsoll_model::{Advisory, Bound, Scheme, Severity, State};

use crate::support::{pack, pack_bz2, read_all, shared};

fn draft(mirror: &Path, namespace: &str) -> Draft {
    let feed = plimsoll_feeds::find(namespace).unwrap();
    let mut harvest = Harvest::of([namespace], Texts::All);
    assert!(!read_all(feed, namespace, mirror, &mut harvest).is_empty(), "{namespace}");
    harvest.into_drafts().remove(namespace).unwrap()
}

fn advisories(draft: &Draft) -> impl Iterator<Item = (&str, Advisory)> {
    draft.rows.iter().map(|(name, row)| match row {
        Row::Advisory(advisory) => (name.as_str(), Advisory::clone(advisory)),
        Row::Lean(lean) => (name.as_str(), lean.advisory()),
        other => panic!("{other:?}"),
    })
}

fn rows(draft: &Draft, package: &str) -> Vec<Advisory> {
    let of_package = advisories(draft).filter(|(name, _)| *name == package);
    of_package.map(|(_, advisory)| advisory).collect()
}

fn count(draft: &Draft, state: State) -> usize {
    advisories(draft).filter(|(_, advisory)| advisory.state == state).count()
}

/// Definitions of the files, less those of a package and CVE that stand twice, less those without a
/// version.
#[test]
fn azure_has_its_numbers() {
    let Some(mirror) = shared("azure_has_its_numbers", "mirror") else { return };
    for (namespace, definitions, twice, dropped, states) in [
        ("azurelinux:3.0", 2266, 1, 0, [2265, 0, 0]),
        ("mariner:1.0", 2252, 18, 0, [2032, 124, 78]),
        ("mariner:2.0", 2436, 24, 2, [2130, 158, 122]),
    ] {
        let draft = draft(&mirror, namespace);
        let told = [State::Fixed, State::Affected, State::NotAffected].map(|s| count(&draft, s));
        assert_eq!((draft.dropped, told), (dropped, states), "{namespace}");
        let lost = usize::try_from(draft.dropped).unwrap();
        assert_eq!(draft.rows.len() + twice + lost, definitions, "{namespace}");
        assert!(draft.updated.starts_with("202"), "{}", draft.updated);
        for (name, advisory) in advisories(&draft) {
            assert!(advisory.affected.hit(Scheme::Rpm, "1-1").is_ok(), "{name} {}", advisory.id);
        }
    }
}

#[test]
fn azure_knows_open_and_mended_packages() {
    let Some(mirror) = shared("azure_knows_open_and_mended_packages", "mirror") else { return };
    let azure = draft(&mirror, "azurelinux:3.0");
    let openssh = rows(&azure, "openssh");
    let row = openssh.iter().find(|row| row.id == "CVE-2025-26466").unwrap();
    assert_eq!((row.state, row.severity), (State::Fixed, Some(Severity::High)));
    assert_eq!(row.fixed_versions, ["9.8p1-3.azl3"]);
    let mariner = draft(&mirror, "mariner:2.0");
    let php = rows(&mariner, "php");
    let row = php.iter().find(|row| row.id == "CVE-2007-3205").unwrap();
    assert_eq!((row.state, row.fixed_versions.len()), (State::Affected, 0));
    assert_eq!(row.affected.intervals[0].high, Bound::Included("8.1.22-2.cm2".to_owned()));
}

#[test]
fn oracle_has_its_notices() {
    let Some(mirror) = shared("oracle_has_its_notices", "mirror") else { return };
    let old = draft(&mirror, "oracle:5");
    // Eight packages, two CVEs.
    assert_eq!((old.rows.len(), old.dropped), (16, 0));
    let bind = &rows(&old, "bind-libs")[0];
    assert_eq!(
        (bind.id.as_str(), bind.aliases.as_slice()),
        ("CVE-2007-0493", &["ELSA-2007-0057".to_owned()][..])
    );
    assert_eq!(bind.fixed_versions, ["30:9.3.3-8.el5"]);
    assert_eq!(bind.scope.arches, ["i386", "i486", "i586", "i686", "x86_64"]);
    assert_eq!(
        (bind.cvss[0].version.as_str(), bind.cvss[0].score.to_string().as_str()),
        ("2.0", "7.8")
    );
    let draft = draft(&mirror, "oracle:8");
    let hivex = rows(&draft, "hivex");
    assert_eq!(hivex.len(), 2);
    assert_eq!(hivex[0].scope.module.as_deref(), Some("virt:kvm_utils"));
    let ssl = rows(&draft, "openssl");
    assert_eq!(
        (ssl.len(), ssl[0].fixed_versions.as_slice()),
        (2, &["2:1.1.1g-15.ksplice1.el8_3".to_owned()][..])
    );
    assert_eq!(draft.dropped, 0);
}

/// Entries of the files, less those whose id stands for none (`UNK-1`, `Re`).
#[test]
fn photon_has_its_numbers() {
    let Some(mirror) = shared("photon_has_its_numbers", "mirror") else { return };
    for (namespace, entries, dropped, unaffected) in [
        ("photon:1.0", 7, 0, 0),
        ("photon:2.0", 5, 0, 0),
        ("photon:3.0", 6, 1, 1),
        ("photon:4.0", 7, 4, 0),
        ("photon:5.0", 2, 0, 1),
    ] {
        let draft = draft(&mirror, namespace);
        let found = (draft.rows.len() + dropped, count(&draft, State::NotAffected));
        assert_eq!((found, draft.dropped), ((entries, unaffected), dropped as u64), "{namespace}");
    }
    let curl = draft(&mirror, "photon:4.0");
    let curl = &rows(&curl, "curl-libs")[0];
    assert_eq!(
        (curl.fixed_versions.as_slice(), curl.severity),
        (&["8.16.0-1.ph4".to_owned()][..], Some(Severity::High))
    );
}

/// The samples have some definitions without their tests; what stands in them in words is told.
#[test]
fn suse_has_its_states() {
    let Some(mirror) = shared("suse_has_its_states", "mirror") else { return };
    let states = [State::Fixed, State::Affected, State::NotAffected];
    for (namespace, told) in SUSE {
        let draft = draft(&mirror, namespace);
        let found = states.map(|state| count(&draft, state));
        assert_eq!((found, draft.dropped), (told.0, told.1), "{namespace}");
    }
    let micro = draft(&mirror, "suse-micro:5.5");
    let vim = &rows(&micro, "vim-small")[0];
    assert_eq!((vim.id.as_str(), vim.state), ("CVE-2009-0316", State::Fixed));
    assert_eq!(vim.fixed_versions, ["9.0.1632-150500.20.3.1"]);
    assert_eq!(vim.scope.arches, ["aarch64", "ppc64le", "s390x", "x86_64"]);
    let old = draft(&mirror, "suse-micro:5.0");
    assert_eq!(rows(&old, "vim-small")[0].fixed_versions, ["8.0.1568-5.11.1"]);
    let leap = draft(&mirror, "opensuse-leap-micro:5.2");
    let python = &rows(&leap, "python3")[0];
    assert_eq!((python.aliases.len(), python.cvss[0].source.as_str()), (8, "suse"));
}

const SUSE: &[(&str, ([usize; 3], u64))] = &[
    ("suse:15.4", ([0, 0, 7], 0)),
    ("suse:15.1", ([0, 0, 9], 0)),
    ("suse:12.5", ([0, 0, 12], 0)),
    ("suse:16.0", ([4, 0, 0], 6)),
    ("suse-micro:5.5", ([2, 0, 0], 0)),
    ("suse-micro:5.0", ([2, 0, 1], 0)),
    ("suse-micro:6.1", ([0, 0, 7], 0)),
    ("opensuse-leap:15.2", ([1, 0, 0], 0)),
    ("opensuse-leap-micro:5.2", ([3, 0, 0], 0)),
    ("opensuse-tumbleweed", ([6, 0, 0], 0)),
];

/// A file that is cut, and one whose bytes are changed, never gives rows that are taken for whole.
#[test]
fn a_damaged_file_is_an_error_that_names_it() {
    let Some(mirror) = shared("a_damaged_file_is_an_error_that_names_it", "mirror") else { return };
    for (namespace, place) in [
        ("oracle:8", "linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2"),
        (
            "mariner:2.0",
            "github.com/microsoft/AzureLinuxVulnerabilityData/archive/refs/heads/main.tar.gz",
        ),
    ] {
        let bytes = std::fs::read(mirror.join(place)).unwrap();
        let address = format!("https://{place}");
        let mut changed = bytes.clone();
        changed[bytes.len() / 2] ^= 0x55;
        for damaged in [&bytes[..bytes.len() / 2], &bytes[..bytes.len() - 1], &changed] {
            let error = parse(namespace, &address, damaged).unwrap_err();
            let FeedError::Malformed { address: told, .. } = &error else { panic!("{error}") };
            assert!(told.starts_with(&address), "{error}");
        }
    }
}

#[test]
fn broken_xml_in_the_middle_is_told_with_place_and_element() {
    let text = "<oval_definitions>\n<definitions>\n<definition id='x'>\n<metadata></definition>";
    let address = "https://h.example/x.xml.bz2";
    let error = parse("oracle:8", address, &pack_bz2(text.as_bytes())).unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("`https://h.example/x.xml.bz2` is not readable at byte 76 in `metadata`"),
        "{told}"
    );
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    archive.append_data(&mut header, "main/azurelinux-3.0-oval.xml", text.as_bytes()).unwrap();
    let archive = pack(&archive.into_inner().unwrap());
    let told =
        parse("azurelinux:3.0", "https://h.example/x.tar.gz", &archive).unwrap_err().to_string();
    assert!(told.contains("`https://h.example/x.tar.gz#azurelinux-3.0-oval.xml`"), "{told}");
    assert!(told.contains(" in `metadata`: "), "{told}");
}

fn parse(namespace: &str, address: &str, bytes: &[u8]) -> Result<(), FeedError> {
    let feed = plimsoll_feeds::find(namespace).unwrap();
    let mut harvest = Harvest::of([namespace], Texts::All);
    let mut body = bytes;
    (feed.parse)(Input { address, body: &mut body }, &mut harvest)
}
