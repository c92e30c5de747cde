//! Ubuntu's security data: an archive of OSV records, a CVE a record, for all releases.
//!
//! ```json
//! {"id": "UBUNTU-CVE-2022-0778", "upstream": ["CVE-2022-0778"],
//!  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/…"}, {"type": "Ubuntu", "score": "high"}],
//!  "affected": [{"package": {"ecosystem": "Ubuntu:Pro:16.04:LTS", "name": "openssl"},
//!    "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.0.2g-1ubuntu4.20+esm2"}]}]}],
//!  "references": [{"type": "ADVISORY", "url": "https://ubuntu.com/security/notices/USN-5328-2"}]}
//! ```
//!
//! Packages are source packages. Notices (`USN-…`) are records of their own: what they mend stands in the
//! records of their CVEs too, so that only a CVE without one is taken from a notice. Those on patches of
//! a running kernel (`LSN-…`) say nothing of the package that mends it, and are passed over.
//! Source: <https://documentation.ubuntu.com/security/security-updates/osv/>.

use std::collections::HashSet;

use plimsoll_vuln::RowKind;
use plimsoll_vuln::osv::{self, Publisher, Record};

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::osv::{Scopes, Sharing};
use crate::packed::{ArchiveLimits, check_is_whole, each_in_tar, is_json};

/// Most bytes of the archive.
pub const MAX_ARCHIVE_BYTES: u64 = 1 << 30;
/// What the archive may hold, unpacked.
const LIMITS: ArchiveLimits = ArchiveLimits {
    max_bytes: 16 << 30,
    max_member_bytes: osv::MAX_RECORD_BYTES as u64,
    max_members: 1_000_000,
};
/// Most rows of notices that wait for the records of their CVEs.
const MAX_WAITING_ROWS: usize = 1_000_000;
/// Most notices that are kept of one CVE; kernels have dozens.
const MAX_NOTICES: usize = 8;

const ADDRESS: &str = "https://security-metadata.canonical.com/osv/osv-all.tar.xz";
const PUBLISHER: Publisher<'static> = Publisher { title: "Ubuntu security data", rater: "ubuntu" };
const RELEASES: &[&str] = &[
    "14.04", "16.04", "18.04", "20.04", "22.04", "23.04", "23.10", "24.04", "24.10", "25.04",
    "25.10", "26.04",
];

/// Ubuntu.
pub const UBUNTU: Feed = Feed {
    id: "ubuntu",
    title: PUBLISHER.title,
    licence: "CC-BY-SA-4.0",
    says: "fixed: a range that ends at `fixed`; no fix: a range without an end, for whatever reason; not \
        affected: not named; mended for subscribers alone: `Ubuntu:Pro:…`, kept with the product",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 100,
    reader: 2,
    namespaces: |_| RELEASES.iter().map(|release| format!("ubuntu:{release}")).collect(),
    files: |namespace| {
        let release = namespace.strip_prefix("ubuntu:")?;
        (!release.is_empty()).then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_ARCHIVE_BYTES)])
    },
    parse,
};

/// Reads the archive into every `ubuntu:` namespace that is wanted, keyed by source package. A member
/// that is JSON but no record is counted as dropped in each of them.
///
/// # Errors
/// [`FeedError::Malformed`] with the member, of one that is not whole JSON too; [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let mut told = HashSet::new();
    let mut waiting = Vec::new();
    let mut scopes = Scopes::default();
    each_in_tar(input, LIMITS, |path, body| {
        if !is_json(path) {
            return Ok(());
        }
        let Ok(mut record) = osv::parse(body) else {
            check_is_whole(&address, path, body)?;
            harvest.drop_everywhere();
            return Ok(());
        };
        if record.id.starts_with("LSN-") {
            return Ok(());
        }
        if record.id.starts_with("USN-") {
            return wait(&record, &told, &address, harvest, &mut waiting);
        }
        told.extend(osv::cve_in(&record.id).map(str::to_owned));
        tidy(&mut record);
        crate::osv::take(&record, PUBLISHER, &mut scopes, harvest)
    })?;
    let mut sharing = Sharing::new(&mut scopes);
    for row in waiting.into_iter().filter(|row: &osv::Row| !told.contains(&row.advisory.id)) {
        harvest.push(&row.namespace, &row.name, sharing.lean(row.advisory))?;
    }
    Ok(())
}

/// Keeps the rows of a notice whose CVEs were not told of so far.
fn wait(
    record: &Record,
    told: &HashSet<String>,
    address: &str,
    harvest: &mut Harvest,
    waiting: &mut Vec<osv::Row>,
) -> Result<(), FeedError> {
    let converted = osv::convert_for(record, PUBLISHER, &|namespace| harvest.wants(namespace));
    waiting.extend(converted.rows.into_iter().filter(|row| !told.contains(&row.advisory.id)));
    if waiting.len() > MAX_WAITING_ROWS {
        let (address, limit) = (address.to_owned(), MAX_WAITING_ROWS as u64);
        return Err(FeedError::Limit { address, what: "rows of notices", limit });
    }
    Ok(())
}

/// Notes the notices of a CVE as aliases, and leaves of the addresses that of the CVE, which leads to
/// all others.
fn tidy(record: &mut Record) {
    let notice = |url: &String| {
        let (_, id) = url.rsplit_once("/notices/")?;
        id.starts_with("USN-").then(|| id.trim_end_matches('/').to_owned())
    };
    let urls = || record.references.iter().map(|reference| &reference.url);
    let notices: Vec<String> = urls().filter_map(notice).take(MAX_NOTICES).collect();
    let is_of_cve = |url: &str| url.starts_with("https://ubuntu.com/security/CVE-");
    if urls().any(|url| is_of_cve(url)) {
        record.references.retain(|reference| is_of_cve(&reference.url));
    }
    record.aliases.extend(notices);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_aliases_and_the_page_of_the_cve_is_the_address() {
        let json = br#"{"id": "UBUNTU-CVE-2022-0778", "references": [
            {"type": "ADVISORY", "url": "https://ubuntu.com/security/notices/USN-5328-1"},
            {"type": "REPORT", "url": "https://ubuntu.com/security/CVE-2022-0778"},
            {"type": "WEB", "url": "https://w.example"}]}"#;
        let mut record = osv::parse(json).unwrap();
        tidy(&mut record);
        assert_eq!(record.aliases, ["USN-5328-1"]);
        assert_eq!(record.references.len(), 1);
    }

    fn read(members: &[(&str, &[u8])]) -> Result<crate::feed::Draft, FeedError> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, body) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(body.len() as u64);
            header.set_cksum();
            builder.append_data(&mut header, path, *body).unwrap();
        }
        let tar = builder.into_inner().unwrap();
        let mut harvest = Harvest::of(["ubuntu:22.04"], crate::feed::Texts::All);
        parse(Input { address: "osv-all.tar", body: &mut tar.as_slice() }, &mut harvest)?;
        Ok(harvest.into_drafts().remove("ubuntu:22.04").unwrap())
    }

    #[test]
    fn a_record_of_another_shape_is_dropped_and_half_a_record_is_an_error() {
        let (whole, other) = (&br#"{"id": "UBUNTU-CVE-2022-0001"}"#[..], &br#"{"id": 1}"#[..]);
        let draft = read(&[("a.json", whole), ("b.json", other), ("README", b"{")]).unwrap();
        assert_eq!(draft.dropped, 1);
        let error = read(&[("a.json", whole), ("b.json", b"{\"id\":\n \"UBU")]).unwrap_err();
        let FeedError::Malformed { place, .. } = &error else { panic!("{error}") };
        assert_eq!(place, "member `b.json`, line 2 column 5");
    }

    #[test]
    fn a_notice_on_the_running_kernel_makes_no_row() {
        let notice = |id: &str, cve: &str| {
            format!(
                r#"{{"id": "{id}", "related": ["{cve}"], "affected": [{{"package": {{"ecosystem":
                "Ubuntu:22.04:LTS", "name": "linux"}}, "ranges": [{{"type": "ECOSYSTEM", "events":
                [{{"introduced": "0"}}, {{"fixed": "5.15.0-1.1"}}]}}]}}]}}"#
            )
        };
        let (usn, lsn) = (notice("USN-1-1", "CVE-2099-0001"), notice("LSN-1-1", "CVE-2099-0002"));
        let draft = read(&[("l.json", lsn.as_bytes()), ("u.json", usn.as_bytes())]).unwrap();
        let id = |row: &crate::feed::Row| match row {
            crate::feed::Row::Advisory(row) => row.id.clone(),
            crate::feed::Row::Lean(row) => row.advisory().id,
            other => panic!("{other:?}"),
        };
        let ids: Vec<String> = draft.rows.iter().map(|(_, row)| id(row)).collect();
        assert_eq!((ids, draft.dropped), (vec!["CVE-2099-0001".to_owned()], 0));
    }

    #[test]
    fn any_release_is_asked_for_by_its_number() {
        assert!((UBUNTU.files)("ubuntu:26.10").is_some());
        assert!((UBUNTU.files)("ubuntu:").is_none() && (UBUNTU.files)("ubuntu").is_none());
    }
}
