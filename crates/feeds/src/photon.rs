//! Photon OS: a list of CVEs and packages for each branch.
//!
//! ```json
//! [{"cve_id": "CVE-2025-9086", "pkg": "curl-libs", "cve_score": 7.5, "res_ver": "8.16.0-1.ph4",
//!   "aff_ver": "all versions before 8.16.0-1.ph4 are vulnerable", "status": "Fixed"},
//!  {"cve_id": "CVE-2025-0725", "pkg": "curl", "cve_score": 7.3, "aff_ver": "NA", "res_ver": "NA",
//!   "status": "Not Affected"}]
//! ```
//!
//! Old branches name source packages, newer ones the packages made of them too, so a name may be either.
//! Where a CVE and package stand several times, the greatest version counts. Scores are of CVSS 3.
//! Source: <https://packages.broadcom.com/photon/photon_cve_metadata/>.

use std::collections::BTreeMap;
use std::fmt;

use plimsoll_model::{Advisory, Affected, Key, Scheme, Scope, Severity, State};
use plimsoll_vuln::RowKind;
use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::oval::is_greater;
use crate::text::read_json;

/// Most bytes of one list.
pub const MAX_LIST_BYTES: u64 = 128 << 20;
/// Most pairs of package and CVE in one list.
pub const MAX_PAIRS: usize = 1_000_000;

const TITLE: &str = "Photon OS CVE metadata";
const BRANCHES: &[&str] = &["1.0", "2.0", "3.0", "4.0", "5.0"];
const ADDRESS: &str = "https://packages.broadcom.com/photon/photon_cve_metadata/cve_data_photon";

/// Photon OS.
pub const PHOTON: Feed = Feed {
    id: "photon",
    title: TITLE,
    licence: "",
    says: "fixed: `res_ver`; not affected: `status` Not Affected; no fix: a `res_ver` of NA with any other \
        status",
    rows: RowKind::Advisories,
    max_age_hours: 72,
    least_records: 500,
    reader: 1,
    namespaces: |_| BRANCHES.iter().map(|branch| format!("photon:{branch}")).collect(),
    files: |namespace| {
        let branch = namespace.strip_prefix("photon:")?;
        let address = format!("{ADDRESS}{branch}.json");
        BRANCHES.contains(&branch).then(|| vec![SourceFile::new(address, MAX_LIST_BYTES)])
    },
    parse,
};

/// Reads the list of a branch into its namespace, keyed by package. An entry without a real id (`UNK-1`),
/// a package or a version that can be compared is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let branch = address.strip_prefix(ADDRESS).and_then(|rest| rest.strip_suffix(".json"));
    let Some(branch) = branch.filter(|branch| BRANCHES.contains(branch)) else {
        let (place, detail) = ("its address".to_owned(), "it names no branch".to_owned());
        return Err(FeedError::Malformed { address, place, detail });
    };
    let namespace = format!("photon:{branch}");
    let mut list = List { max_pairs: MAX_PAIRS, ..List::default() };
    let result = read_json(input, &mut list);
    if list.is_full {
        let limit = list.max_pairs as u64;
        return Err(FeedError::Limit { address, what: "packages and CVEs", limit });
    }
    result?;
    for _ in 0..list.dropped {
        harvest.drop_record(&namespace);
    }
    for ((package, id), entry) in list.entries {
        let row = advisory(id, entry, branch);
        harvest.push(&namespace, &package, Row::Advisory(Box::new(row)))?;
    }
    Ok(())
}

#[derive(Default)]
struct List {
    /// By package and CVE.
    entries: BTreeMap<(String, String), Entry>,
    dropped: u64,
    max_pairs: usize,
    is_full: bool,
}

struct Entry {
    state: State,
    /// Empty where there is none.
    fixed: String,
    severity: Option<Severity>,
}

impl<'de> DeserializeSeed<'de> for &mut List {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut List {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of CVEs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<Value>()? {
            match entry(&value) {
                Some((package, id, entry)) => self.put(package, id, entry),
                None => self.dropped += 1,
            }
            if self.entries.len() > self.max_pairs {
                self.is_full = true;
                return Err(A::Error::custom("too many entries"));
            }
        }
        if self.entries.is_empty() && self.dropped == 0 {
            return Err(A::Error::custom("the list is empty"));
        }
        Ok(())
    }
}

impl List {
    fn put(&mut self, package: &str, id: &str, entry: Entry) {
        let key = (package.to_owned(), id.to_owned());
        match self.entries.get_mut(&key) {
            Some(known) if entry.outweighs(known) => *known = entry,
            Some(_) => {}
            None => {
                self.entries.insert(key, entry);
            }
        }
    }
}

impl Entry {
    /// A fix counts more than none, affected more than not; of two fixes, the greater version.
    fn outweighs(&self, other: &Self) -> bool {
        let rank = |state| match state {
            State::Fixed => 2,
            State::NotAffected => 0,
            _ => 1,
        };
        let (own, others) = (rank(self.state), rank(other.state));
        own > others || (own == others && is_greater(&self.fixed, &other.fixed))
    }
}

/// Reads an entry; `None` when it says nothing that can be used.
fn entry(value: &Value) -> Option<(&str, &str, Entry)> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().trim();
    let (id, package, fixed) = (text("cve_id"), text("pkg"), text("res_ver"));
    if package.is_empty() || !is_id(id) {
        return None;
    }
    let has_fix = !matches!(fixed, "" | "NA" | "None");
    let state = match text("status") {
        status if status.eq_ignore_ascii_case("not affected") => State::NotAffected,
        _ if has_fix => State::Fixed,
        _ => State::Affected,
    };
    let fixed = if state == State::Fixed { fixed } else { "" };
    let score = value.get("cve_score").and_then(Value::as_f64);
    let severity = score.filter(|score| *score > 0.0 && *score <= 10.0);
    let severity = severity.map(|score| Severity::from_score("3.1", score));
    let entry = Entry { state, fixed: fixed.to_owned(), severity };
    Scheme::Rpm.is_valid(fixed).then_some((package, id, entry))
}

/// An id has a word and two numbers: `CVE-2025-9086`, `BDSA-2025-13833`; `UNK-1` stands for none.
fn is_id(id: &str) -> bool {
    let mut parts = id.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts.next().is_some_and(is_word) && number(parts.next()) && number(parts.next())
}

fn advisory(id: String, entry: Entry, branch: &str) -> Advisory {
    let Entry { state, fixed, severity } = entry;
    let affected = if fixed.is_empty() { Affected::all() } else { Affected::below(&fixed) };
    Advisory {
        id,
        state,
        scope: Scope { key: Key::Both, ..Scope::default() },
        affected,
        fixed_versions: Some(fixed).filter(|fixed| !fixed.is_empty()).into_iter().collect(),
        severity,
        record: format!("{TITLE} {branch}"),
        ..Advisory::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_words() {
        for (id, is) in [
            ("CVE-2025-9086", true),
            ("BDSA-2025-13833", true),
            ("UNK-1", false),
            ("Re", false),
            ("", false),
            ("-1-2", false),
            ("CVE-x-1", false),
        ] {
            assert_eq!(is_id(id), is, "{id}");
        }
    }

    #[test]
    fn a_list_has_a_limit() {
        let text = r#"[{"cve_id":"CVE-2020-1","pkg":"a","res_ver":"1"},
            {"cve_id":"CVE-2020-1","pkg":"a","res_ver":"2"},{"cve_id":"CVE-2020-2","pkg":"a","res_ver":"1"}]"#;
        for (max_pairs, is_full) in [(2, false), (1, true)] {
            let mut list = List { max_pairs, ..List::default() };
            let input = Input { address: "x", body: &mut text.as_bytes() };
            assert_eq!(read_json(input, &mut list).is_err(), is_full);
            assert_eq!(
                (list.is_full, list.entries.values().next().unwrap().fixed.as_str()),
                (is_full, "2")
            );
        }
    }
}
