//! Alpine's secdb, and the feeds of the same shape by Wolfi, Chainguard and MinimOS.
//!
//! A file has for each origin package the versions that fixed something:
//!
//! ```json
//! {"distroversion": "v3.17", "reponame": "main", "packages": [
//!   {"pkg": {"name": "openssl", "secfixes": {"3.0.8-r0": ["CVE-2023-0286", "CVE-2023-0215"],
//!                                            "0": ["CVE-2022-1292 (needs c_rehash)"]}}}]}
//! ```
//!
//! A version `0` means that the package never was affected. One text may hold several CVEs, other
//! ids of the same weakness, and a remark in brackets. Unfixed weaknesses are not told.
//! Source: <https://secdb.alpinelinux.org/>, <https://packages.wolfi.dev/os/security.json>,
//! <https://packages.mini.dev/advisories/secdb/security.json>.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use plimsoll_model::{Advisory, Affected, Scheme, State};
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, MAX_KEY_BYTES, Row, SourceFile};
use crate::text::{cut, cve, read_json};

/// Most bytes of one secdb file; the largest is below 2 MiB.
pub const MAX_SECDB_BYTES: u64 = 64 << 20;
/// Longest remark that is kept, in characters.
const MAX_NOTE_CHARS: usize = 200;
/// Longest record text, in characters.
const MAX_RECORD_CHARS: usize = 100;
/// Most other ids of one weakness.
pub const MAX_ALIASES: usize = 32;
/// The last release 3.N that has no community repository.
const LAST_WITHOUT_COMMUNITY: u16 = 2;
/// The newest release 3.N that `db build --all` asks for; the lazy path serves any.
const NEWEST_MINOR: u32 = 26;

const SAYS: &str = "fixed: the version that names the id; not affected: version `0`; \
    no fix: not told, unfixed weaknesses are missing";

/// Alpine Linux.
pub const ALPINE: Feed = Feed {
    id: "alpine",
    title: "Alpine secdb",
    licence: "",
    says: SAYS,
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 100,
    reader: 3,
    namespaces: alpine_namespaces,
    files: alpine_files,
    parse: parse_alpine,
};

/// Wolfi.
pub const WOLFI: Feed = Feed {
    id: "wolfi",
    title: "Wolfi secdb",
    namespaces: |_| vec!["wolfi".to_owned()],
    files: |namespace| one_file(namespace, "wolfi", "https://packages.wolfi.dev/os/security.json"),
    parse: |input, harvest| parse(input, harvest, "wolfi", "Wolfi secdb"),
    ..ALPINE
};

/// Chainguard.
pub const CHAINGUARD: Feed = Feed {
    id: "chainguard",
    title: "Chainguard secdb",
    namespaces: |_| vec!["chainguard".to_owned()],
    files: |namespace| {
        let address = "https://packages.cgr.dev/chainguard/security.json";
        one_file(namespace, "chainguard", address)
    },
    parse: |input, harvest| parse(input, harvest, "chainguard", "Chainguard secdb"),
    ..ALPINE
};

/// MinimOS.
pub const MINIMOS: Feed = Feed {
    id: "minimos",
    title: "MinimOS secdb",
    namespaces: |_| vec!["minimos".to_owned()],
    files: |namespace| {
        let address = "https://packages.mini.dev/advisories/secdb/security.json";
        one_file(namespace, "minimos", address)
    },
    parse: |input, harvest| parse(input, harvest, "minimos", "MinimOS secdb"),
    ..ALPINE
};

fn one_file(namespace: &str, served: &str, address: &str) -> Option<Vec<SourceFile>> {
    (namespace == served).then(|| vec![SourceFile::new(address.to_owned(), MAX_SECDB_BYTES)])
}

fn alpine_namespaces(_year: u16) -> Vec<String> {
    let mut names: Vec<String> = (2..=NEWEST_MINOR).map(|n| format!("alpine:3.{n}")).collect();
    names.push("alpine:edge".to_owned());
    names.sort();
    names
}

fn alpine_files(namespace: &str) -> Option<Vec<SourceFile>> {
    let release = namespace.strip_prefix("alpine:")?;
    let (folder, optional) = match release.split_once('.') {
        None if release == "edge" => ("edge".to_owned(), false),
        Some(("3", minor)) => {
            let number = minor.parse::<u16>().ok().filter(|number| number.to_string() == minor)?;
            (format!("v{release}"), number <= LAST_WITHOUT_COMMUNITY)
        }
        _ => return None,
    };
    let file = |repository: &str| {
        let address = format!("https://secdb.alpinelinux.org/{folder}/{repository}.json");
        SourceFile::new(address, MAX_SECDB_BYTES)
    };
    Some(vec![file("main"), SourceFile { optional, ..file("community") }])
}

fn parse_alpine(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let mut parts = input.address.rsplit('/');
    let folder = parts.nth(1).unwrap_or_default();
    let namespace = format!("alpine:{}", folder.strip_prefix('v').unwrap_or(folder));
    parse(input, harvest, &namespace, "Alpine secdb")
}

#[derive(Deserialize)]
struct Secdb {
    #[serde(default)]
    distroversion: Option<String>,
    #[serde(default)]
    reponame: Option<String>,
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    pkg: Package,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    secfixes: Option<BTreeMap<String, Option<Vec<Option<String>>>>>,
}

/// Reads a file of secdb's shape into one namespace. Rows are keyed by origin package and come
/// sorted by id within a package; a version that is not one of apk is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with the line and column, [`FeedError::Limit`].
pub fn parse(
    input: Input<'_>,
    harvest: &mut Harvest,
    namespace: &str,
    title: &str,
) -> Result<(), FeedError> {
    let secdb: Secdb = read_json(input, PhantomData)?;
    let release = secdb.distroversion.unwrap_or_default();
    let repository = secdb.reponame.unwrap_or_default();
    let record = cut(&[title, &release, &repository].join(" "), MAX_RECORD_CHARS);
    for Entry { pkg } in secdb.packages {
        let mut fixes: BTreeMap<String, Fix> = BTreeMap::new();
        for (version, texts) in pkg.secfixes.unwrap_or_default() {
            let version = version.trim();
            for text in texts.into_iter().flatten().flatten() {
                let ids = Ids::of(&text);
                if ids.first.is_empty() {
                    harvest.drop_record(namespace);
                    continue;
                }
                for id in &ids.first {
                    fixes.entry(id.clone()).or_default().add(version, &ids);
                }
            }
        }
        for (id, fix) in fixes {
            let advisory = fix.into_advisory(id, &record);
            harvest.push(namespace, &pkg.name, Row::Advisory(Box::new(advisory)))?;
        }
    }
    Ok(())
}

/// What all texts of one package say of one id.
#[derive(Default)]
struct Fix {
    /// The greatest fixed version; `0` when there is no other; empty for none. One that is no apk
    /// version is kept: matching tells that it cannot be compared.
    version: Option<String>,
    aliases: Vec<String>,
    note: Option<String>,
}

impl Fix {
    fn add(&mut self, version: &str, ids: &Ids) {
        // A weakness that was fixed again is open below the last fix.
        let greater = match self.version.as_deref() {
            None | Some("0") => true,
            _ if version == "0" => false,
            // What is no version cannot be compared, here or later: another one goes before it.
            Some(known) if !Scheme::Apk.is_valid(known) => Scheme::Apk.is_valid(version),
            Some(known) => Scheme::Apk.compare(version, known).is_ok_and(Ordering::is_gt),
        };
        if greater {
            self.version = Some(version.to_owned());
            self.note.clone_from(&ids.note);
        }
        self.aliases.extend(ids.aliases.iter().cloned());
    }

    fn into_advisory(mut self, id: String, record: &str) -> Advisory {
        self.aliases.sort();
        self.aliases.dedup();
        self.aliases.truncate(MAX_ALIASES);
        let version = self.version.unwrap_or_default();
        let (state, affected, fixed) = match version.as_str() {
            "0" => (State::NotAffected, Affected::all(), None),
            "" => (State::Affected, Affected::all(), None),
            fixed => (State::Fixed, Affected::below(fixed), Some(version)),
        };
        Advisory {
            class: plimsoll_model::Class::Weakness,
            id,
            aliases: self.aliases,
            state,
            scope: plimsoll_model::Scope::default(),
            affected,
            fixed_versions: fixed.into_iter().collect(),
            severity: None,
            cvss: Vec::new(),
            record: record.to_owned(),
            note: self.note,
            title: None,
            urls: Vec::new(),
        }
    }
}

/// The ids of one text: `CVE-2017-5753 CVE-2017-5715 XSA-254 (Spectre)`.
#[derive(Debug, Default, Eq, PartialEq)]
struct Ids {
    /// Each is a weakness: the CVEs, or else the best of the other ids.
    first: Vec<String>,
    /// Other names.
    aliases: Vec<String>,
    /// The remark.
    note: Option<String>,
}

impl Ids {
    fn of(text: &str) -> Self {
        let (text, note) = match text.split_once('(') {
            Some((text, note)) => (text, cut(note.trim_end_matches([')', ' ']), MAX_NOTE_CHARS)),
            None => (text, String::new()),
        };
        let mut ids = Self { note: Some(note).filter(|note| !note.is_empty()), ..Self::default() };
        for word in text.split(|letter: char| letter.is_whitespace() || letter == ',') {
            if let Some(cve) = cve(word) {
                if !ids.first.contains(&cve) {
                    ids.first.push(cve);
                }
            } else if is_id(word) && !ids.aliases.iter().any(|known| known == word) {
                ids.aliases.push(word.to_owned());
            }
        }
        if ids.first.is_empty() && !ids.aliases.is_empty() {
            let best = ids.aliases.iter().position(|id| id.starts_with("GHSA-")).unwrap_or(0);
            ids.first.push(ids.aliases.remove(best));
        }
        ids.aliases.sort();
        ids
    }
}

/// Returns whether a word looks like an id: letters in front, no odd signs, and a digit somewhere,
/// which only those of GitHub may lack.
fn is_id(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && (word.starts_with("GHSA-") || word.bytes().any(|byte| byte.is_ascii_digit()))
        && word.len() <= MAX_KEY_BYTES
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> (Vec<String>, Vec<String>, Option<String>) {
        let ids = Ids::of(text);
        (ids.first, ids.aliases, ids.note)
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn texts_are_split_into_ids() {
        for (text, first, aliases) in [
            ("CVE-2023-0286", &["CVE-2023-0286"][..], &[][..]),
            ("CVE_2019-2426", &["CVE-2019-2426"], &[]),
            ("CVE-2018-12891  XSA-264", &["CVE-2018-12891"], &["XSA-264"]),
            (
                "CVE-2017-5753 CVE-2017-5715 XSA-254 XPTI",
                &["CVE-2017-5753", "CVE-2017-5715"],
                &["XSA-254"],
            ),
            ("GNUTLS-SA-2020-03-31 CVE-2020-11501", &["CVE-2020-11501"], &["GNUTLS-SA-2020-03-31"]),
            ("XSA-248", &["XSA-248"], &[]),
            (
                "RUSTSEC-2020-0146 GHSA-1111-2222-3333",
                &["GHSA-1111-2222-3333"],
                &["RUSTSEC-2020-0146"],
            ),
            ("CVE-????-????? TS-2024-005", &["TS-2024-005"], &[]),
            ("CVE N/A ZBX-11023", &["ZBX-11023"], &[]),
            ("CVE-2021-35940.patch", &["CVE-2021-35940"], &[]),
            ("CVE-2017-17434-1", &["CVE-2017-17434"], &[]),
            ("???", &[], &[]),
        ] {
            assert_eq!(ids(text), (words(first), words(aliases), None), "{text}");
        }
        let remark = Some("+ regression fix".to_owned());
        assert_eq!(
            ids("CVE-2017-2616 (+ regression fix)"),
            (words(&["CVE-2017-2616"]), vec![], remark)
        );
    }

    #[test]
    fn other_ids_are_limited() {
        let text: Vec<String> = (0..100).map(|n| format!("XSA-{n}")).collect();
        let mut fix = Fix::default();
        fix.add("1", &Ids::of(&text.join(" ")));
        let advisory = fix.into_advisory("CVE-2020-0001".to_owned(), "x");
        assert_eq!(advisory.aliases.len(), MAX_ALIASES);
        assert_eq!(Ids::of(&format!("A{}", "1".repeat(MAX_KEY_BYTES))), Ids::default());
    }

    #[test]
    fn only_old_releases_may_lack_a_community() {
        for (release, optional) in
            [("3.0", true), ("3.2", true), ("3.3", false), ("3.17", false), ("edge", false)]
        {
            let files = alpine_files(&format!("alpine:{release}")).unwrap();
            let found: Vec<bool> = files.iter().map(|file| file.optional).collect();
            assert_eq!(found, [false, optional], "{release}");
        }
    }

    #[test]
    fn only_releases_have_files() {
        let first = |namespace: &str| alpine_files(namespace).map(|files| files[0].address.clone());
        let main = |folder: &str| Some(format!("https://secdb.alpinelinux.org/{folder}/main.json"));
        assert_eq!(first("alpine:3.17"), main("v3.17"));
        assert_eq!(first("alpine:edge"), main("edge"));
        for none in
            ["alpine", "alpine:", "alpine:3", "alpine:3.x", "alpine:3.017", "alpine:4.1", "wolfi"]
        {
            assert_eq!(first(none), None, "{none}");
        }
    }
}
