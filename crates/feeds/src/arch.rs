//! Arch Linux: the groups of its security tracker.
//!
//! ```json
//! [{"name": "AVG-4", "packages": ["bzip2"], "status": "Fixed", "severity": "Low",
//!   "type": "denial of service", "affected": "1.0.6-5", "fixed": "1.0.6-6",
//!   "issues": ["CVE-2016-3189"], "advisories": ["ASA-201702-19"]}]
//! ```
//!
//! A group is about some packages and some CVEs that share versions. `affected` is the version that
//! was looked at, so that all below the fix count as affected.
//! Source: <https://security.archlinux.org/>.

use std::marker::PhantomData;

use plimsoll_model::{Advisory, Affected, Key, Scheme, Scope, Severity, State};
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{Maybe, cut, read_json};

/// Most bytes of the list; it has some 2 MB.
pub const MAX_LIST_BYTES: u64 = 64 << 20;
/// Most ids, packages or advisories of one group.
pub const MAX_NAMES: usize = 1_000;
const MAX_TITLE_CHARS: usize = 200;
const NAMESPACE: &str = "arch";
const ADDRESS: &str = "https://security.archlinux.org/all.json";

/// Arch Linux.
pub const ARCH: Feed = Feed {
    id: "arch",
    title: "Arch Linux security tracker",
    licence: "",
    says: "fixed: `fixed`; not affected: status `Not affected`; no fix: `fixed` is null; status \
        `Unknown` is under investigation",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE).then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_LIST_BYTES)])
    },
    parse,
};

#[derive(Deserialize)]
struct Group {
    name: String,
    packages: Vec<String>,
    status: String,
    #[serde(default)]
    severity: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    fixed: Option<String>,
    #[serde(default)]
    issues: Vec<String>,
    #[serde(default)]
    advisories: Vec<String>,
}

/// Reads all groups into `arch`, keyed by package, whose name may be that of the base too; one row a
/// CVE. A group of an unknown status, without names, or whose fix is no version, is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let groups: Vec<Maybe<Group>> = read_json(input, PhantomData)?;
    if groups.is_empty() {
        let (place, detail) = ("its end".to_owned(), "it holds no group at all".to_owned());
        return Err(FeedError::Malformed { address, place, detail });
    }
    for group in groups {
        let group = match group {
            Maybe::Good(group) if group.fits() => group,
            _ => {
                harvest.drop_record(NAMESPACE);
                continue;
            }
        };
        let Some(advisory) = group.advisory() else {
            harvest.drop_record(NAMESPACE);
            continue;
        };
        let own = vec![group.name.clone()];
        let ids = if group.issues.is_empty() { &own } else { &group.issues };
        for package in &group.packages {
            for id in ids {
                let mut row = Advisory { id: id.clone(), ..advisory.clone() };
                row.aliases.retain(|alias| alias != id);
                harvest.push(NAMESPACE, package, Row::Advisory(Box::new(row)))?;
            }
        }
    }
    Ok(())
}

impl Group {
    fn fits(&self) -> bool {
        let lists = [&self.packages, &self.issues, &self.advisories];
        !self.packages.is_empty() && lists.iter().all(|list| list.len() <= MAX_NAMES)
    }

    /// The row of the group, without the id of the weakness; `None` for a status nobody knows and a
    /// version that is none.
    fn advisory(&self) -> Option<Advisory> {
        let fixed = self.fixed.as_deref().map(str::trim).filter(|version| !version.is_empty());
        if fixed.is_some_and(|version| !Scheme::Alpm.is_valid(version)) {
            return None;
        }
        let state = match self.status.as_str() {
            "Not affected" => State::NotAffected,
            "Unknown" => State::UnderInvestigation,
            "Vulnerable" | "Fixed" | "Testing" if fixed.is_some() => State::Fixed,
            "Vulnerable" | "Testing" => State::Affected,
            _ => return None,
        };
        let fixed = fixed.filter(|_| state == State::Fixed);
        let mut aliases = self.advisories.clone();
        aliases.push(self.name.clone());
        aliases.sort();
        let severity = self.severity.as_deref().and_then(Severity::from_word);
        let note = "the mended version is in the testing repository";
        let title = cut(self.kind.as_deref().unwrap_or_default(), MAX_TITLE_CHARS);
        Some(Advisory {
            class: plimsoll_model::Class::Weakness,
            id: String::new(),
            aliases,
            state,
            scope: Scope { key: Key::Both, ..Scope::default() },
            affected: fixed.map_or_else(Affected::all, Affected::below),
            fixed_versions: fixed.map(str::to_owned).into_iter().collect(),
            severity: severity.filter(|known| *known != Severity::Unknown),
            cvss: Vec::new(),
            record: format!("Arch Linux security tracker {}", self.name),
            note: (self.status == "Testing" && fixed.is_some()).then(|| note.to_owned()),
            title: Some(title).filter(|title| !title.is_empty()),
            urls: vec![format!("https://security.archlinux.org/{}", self.name)],
        })
    }
}
