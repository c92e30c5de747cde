//! Amazon Linux 1, 2 and 2023: the updates of its repositories.
//!
//! A repository is found through a list of mirrors, of which the first is taken; its
//! `repodata/repomd.xml` names the updates and their checksum. That of one architecture tells of all.
//!
//! ```text
//! https://cdn.amazonlinux.com/2/core/2.0/x86_64/221a4af0…
//! ```
//!
//! **Lines.** The extras of Amazon Linux 2 bring other lines of packages that the core has too: kernel
//! 5.10 beside 4.14. Their ids name the topic (`ALASKERNEL-5.10-2022-003`, `ALAS2PHP8.0-2023-001`).
//! Where the fixed version begins with the number of the topic, only versions from that number on are
//! affected; a topic without such a number has its packages to itself, and all below the fix are. The
//! core needs no such end: extras are there to bring newer lines than the core has, so that theirs lie
//! above what the core mends.
//! Source: <https://alas.aws.amazon.com/>, <https://cdn.amazonlinux.com/2/extras-catalog.json>.

use std::io::Read as _;
use std::marker::PhantomData;

use plimsoll_model::{Affected, Bound, Interval};
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::repodata::{self, Check, MAX_REPOMD_BYTES};
use crate::text::{Bounded, of_io, read_json};
use crate::updateinfo::{Update, Vendor};

/// Most bytes of a list of mirrors.
pub const MAX_MIRRORS_BYTES: u64 = 1 << 20;
/// Most bytes of the catalogue of extras.
pub const MAX_CATALOGUE_BYTES: u64 = 16 << 20;
/// Most topics of the catalogue; it has some 80.
pub const MAX_TOPICS: usize = 1_000;

/// Hosts that a list of mirrors may name.
const HOSTS: &[&str] = &[".amazonaws.com", ".amazonlinux.com", ".amazonaws.com.cn"];
const CATALOGUE: &str = "extras-catalog.json";
const EXTRAS: &str = "https://cdn.amazonlinux.com/2/extras";

/// A release: its namespace, a part of the addresses of its files alone, its name, the page of its
/// advisories, and where it begins.
struct ReleaseRow {
    namespace: &'static str,
    mark: &'static str,
    title: &'static str,
    page: &'static str,
    /// Addresses; those after the first need not be there.
    files: &'static [&'static str],
}

const RELEASES: &[ReleaseRow] = &[
    ReleaseRow {
        namespace: "amazon:1",
        mark: "/2018.03/",
        title: "Amazon Linux 1",
        page: "https://alas.aws.amazon.com/",
        files: &[
            "http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list",
            "http://repo.us-west-2.amazonaws.com/2018.03/main/x86_64/mirror.list",
        ],
    },
    ReleaseRow {
        namespace: "amazon:2",
        mark: ".com/2/",
        title: "Amazon Linux 2",
        page: "https://alas.aws.amazon.com/AL2/",
        files: &[
            "https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list",
            "https://cdn.amazonlinux.com/2/extras-catalog.json",
        ],
    },
    ReleaseRow {
        namespace: "amazon:2023",
        mark: "/al2023/",
        title: "Amazon Linux 2023",
        page: "https://alas.aws.amazon.com/AL2023/",
        files: &[
            "https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list",
            "https://cdn.amazonlinux.com/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list",
        ],
    },
];

/// Amazon Linux.
pub const AMAZON: Feed = Feed {
    id: "amazon",
    title: "Amazon Linux Security Center",
    licence: "",
    says: "fixed: the version of the package in the update; not affected and no fix: not told, \
        unfixed weaknesses are missing",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| RELEASES.iter().map(|row| row.namespace.to_owned()).collect(),
    files,
    parse,
};

fn files(namespace: &str) -> Option<Vec<SourceFile>> {
    let row = RELEASES.iter().find(|row| row.namespace == namespace)?;
    let file = |(index, address): (usize, &&str)| SourceFile {
        optional: index > 0,
        ..SourceFile::new((*address).to_owned(), MAX_CATALOGUE_BYTES)
    };
    Some(row.files.iter().enumerate().map(file).collect())
}

/// Reads a list of mirrors, the catalogue of extras, a list of files, or updates, as the address says;
/// all but the last lead on to further files. Rows are keyed by the package's own name.
///
/// # Errors
/// [`FeedError::Malformed`] with line or byte, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let name = input.address.rsplit('/').next().unwrap_or_default();
    match name {
        "mirror.list" => return follow_mirror(input, harvest),
        CATALOGUE => return follow_topics(input, harvest),
        "repomd.xml" => return repodata::follow(input, harvest, &["updateinfo"], Check::Stated),
        _ => {}
    }
    let address = input.address;
    let Some(row) = RELEASES.iter().find(|row| address.contains(row.mark)) else {
        let (address, place) = (address.to_owned(), "its address".to_owned());
        let detail = "it tells no release of Amazon Linux".to_owned();
        return Err(FeedError::Malformed { address, place, detail });
    };
    let page = |id: &str| page(row, id);
    let vendor = Vendor { namespace: row.namespace, title: row.title, page: &page, affected };
    repodata::read(input, |update| {
        if !matches!(update.kind.as_str(), "security" | "") {
            return Ok(());
        }
        harvest.stamp(&update.updated);
        update.harvest(&vendor, harvest)
    })
}

/// Returns the page of an advisory: there, ids do not name the release.
fn page(row: &ReleaseRow, id: &str) -> String {
    let number = row.namespace.rsplit(':').next().unwrap_or_default();
    let rest = id.strip_prefix("ALAS").unwrap_or(id);
    let rest = rest.strip_prefix(number).unwrap_or(rest);
    format!("{}ALAS{rest}.html", row.page)
}

/// Asks for the list of files of the first mirror.
fn follow_mirror(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let place = || "line 1".to_owned();
    let mut list = Vec::new();
    let mut body = Bounded::new(input.body, MAX_MIRRORS_BYTES);
    body.read_to_end(&mut list).map_err(|fault| of_io(address, place(), fault))?;
    let list = String::from_utf8_lossy(&list);
    let first = list.lines().next().unwrap_or_default().trim().replace("$basearch", "x86_64");
    let fault = |detail: &str| {
        let (address, detail) = (address.to_owned(), detail.to_owned());
        FeedError::Malformed { address, place: place(), detail }
    };
    let rest = first.strip_prefix("https://").or_else(|| first.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next());
    let host = host.ok_or_else(|| fault("it is no list of mirrors"))?;
    if !HOSTS.iter().any(|end| host.ends_with(end)) {
        return Err(fault("the mirror is none of Amazon"));
    }
    let next = format!("{}/repodata/repomd.xml", first.trim_end_matches('/'));
    harvest.follow(SourceFile::new(next, MAX_REPOMD_BYTES))
}

#[derive(Deserialize)]
struct Catalogue {
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
struct Topic {
    n: String,
}

/// Asks for the mirrors of every topic; one that has gone is no fault.
fn follow_topics(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let catalogue: Catalogue = read_json(input, PhantomData)?;
    if catalogue.topics.len() > MAX_TOPICS {
        let limit = MAX_TOPICS as u64;
        return Err(FeedError::Limit { address, what: "topics", limit });
    }
    for Topic { n } in catalogue.topics {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte);
        if n.is_empty() || n.len() > 100 || n.starts_with('.') || !n.bytes().all(plain) {
            harvest.drop_record("amazon:2");
            continue;
        }
        let file =
            SourceFile::new(format!("{EXTRAS}/{n}/latest/x86_64/mirror.list"), MAX_MIRRORS_BYTES);
        harvest.follow(SourceFile { optional: true, ..file })?;
    }
    Ok(())
}

/// Says what is affected: all below the fix, or of a topic with a number all of its line.
fn affected(update: &Update, fixed: &str) -> Affected {
    let mut affected = Affected::below(fixed);
    if let Some(line) = topic(&update.id).and_then(|topic| line(topic, fixed)) {
        let epoch = fixed.split_once(':').map_or(String::new(), |(epoch, _)| format!("{epoch}:"));
        affected.intervals = vec![Interval {
            low: Bound::Included(format!("{epoch}{line}")),
            high: Bound::Excluded(fixed.to_owned()),
        }];
    }
    affected
}

/// Takes the topic out of an id: `KERNEL-5.10` of `ALAS2KERNEL-5.10-2022-003`; `None` for the core.
fn topic(id: &str) -> Option<&str> {
    let mut parts = id.rsplitn(3, '-');
    let front = parts.nth(2)?.strip_prefix("ALAS")?;
    let releases = ["2023", "2022", "2"];
    let topic = releases.iter().find_map(|release| front.strip_prefix(release)).unwrap_or(front);
    (!topic.is_empty()).then_some(topic)
}

/// Finds the number of the topic that the fixed version begins with: `5.10` for `5.10.82-83.359.amzn2`.
fn line<'a>(topic: &'a str, fixed: &str) -> Option<&'a str> {
    let version = fixed.split_once(':').map_or(fixed, |(_, version)| version);
    let numbers = topic.split(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let begins = |number: &&str| {
        version.strip_prefix(number).is_some_and(|rest| rest.starts_with(['.', '-']))
    };
    let numbers =
        numbers.map(|number| number.trim_matches('.')).filter(|number| !number.is_empty());
    numbers.filter(begins).max_by_key(|number| number.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_told_by_ids() {
        for (id, expected) in [
            ("ALAS-2011-1", None),
            ("ALAS2-2018-939", None),
            ("ALAS2023-2023-001", None),
            ("ALASKERNEL-5.4-2022-007", Some("KERNEL-5.4")),
            ("ALAS2KERNEL-5.10-2026-123", Some("KERNEL-5.10")),
            ("ALASNITRO-ENCLAVES-2021-001", Some("NITRO-ENCLAVES")),
            ("ALAS2PHP8.0-2023-001", Some("PHP8.0")),
            ("ALAS2023LIVEPATCH-2023-003", Some("LIVEPATCH")),
            ("x", None),
        ] {
            assert_eq!(topic(id), expected, "{id}");
        }
    }

    #[test]
    fn a_line_has_a_lower_end() {
        let text = |id: &str, fixed: &str| {
            let update = Update { id: id.to_owned(), ..Update::default() };
            affected(&update, fixed).intervals[0].to_string()
        };
        let kernel = text("ALAS2KERNEL-5.10-2022-003", "5.10.82-83.359.amzn2");
        assert_eq!(kernel, ">=5.10, <5.10.82-83.359.amzn2");
        assert_eq!(text("ALASNGINX1-2023-003", "1:1.22.1-1.amzn2"), ">=1:1, <1:1.22.1-1.amzn2");
        assert_eq!(text("ALASPHP8.0-2023-003", "8.0.27-1.amzn2"), ">=8.0, <8.0.27-1.amzn2");
        assert_eq!(text("ALASPHP8.0-2023-003", "1.19.1-1.amzn2"), "<1.19.1-1.amzn2");
        assert_eq!(text("ALASREDIS6-2023-003", "60.1-1"), "<60.1-1", "a number ends at a dot");
        assert_eq!(text("ALASDOCKER-2021-001", "20.10.4-1.amzn2"), "<20.10.4-1.amzn2");
        assert_eq!(text("ALAS2-2021-001", "4.14.1-1.amzn2"), "<4.14.1-1.amzn2");
    }
}
