//! CISA's catalogue of known exploited vulnerabilities.
//!
//! ```json
//! {"dateReleased": "2026-08-07T16:45:47.0648Z", "count": 1662, "vulnerabilities": [
//!   {"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10", "dueDate": "2021-12-24",
//!    "vulnerabilityName": "Apache Log4j2 …", "knownRansomwareCampaignUse": "Known"}]}
//! ```
//!
//! Source: <https://www.cisa.gov/known-exploited-vulnerabilities-catalog>.

use std::marker::PhantomData;

use plimsoll_model::Kev;
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{cut, day, read_json};

/// Most bytes of the catalogue.
pub const MAX_CATALOGUE_BYTES: u64 = 32 << 20;
const MAX_TITLE_CHARS: usize = 200;
const NAMESPACE: &str = "kev";
const ADDRESS: &str =
    "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";

/// CISA KEV.
pub const KEV: Feed = Feed {
    id: "kev",
    title: "CISA KEV",
    licence: "CC0-1.0",
    says: "exploited: the CVE is listed; nothing else is told",
    rows: RowKind::Kev,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_CATALOGUE_BYTES)])
    },
    parse,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Catalogue {
    #[serde(default)]
    date_released: Option<String>,
    #[serde(default)]
    count: Option<u64>,
    vulnerabilities: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve_id: String,
    #[serde(default)]
    date_added: String,
    #[serde(default)]
    due_date: Option<String>,
    #[serde(default)]
    vulnerability_name: Option<String>,
    #[serde(default)]
    known_ransomware_campaign_use: Option<String>,
}

/// Reads the catalogue into `kev`, keyed by CVE. An entry without the day it was added is dropped and
/// counted.
///
/// # Errors
/// [`FeedError::Malformed`]: with line and column, or when the list is shorter than it says.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let catalogue: Catalogue = read_json(input, PhantomData)?;
    let found = catalogue.vulnerabilities.len() as u64;
    if let Some(count) = catalogue.count.filter(|count| *count != found) {
        let detail = format!("it says that it has {count} entries");
        return Err(FeedError::Malformed { address, place: format!("entry {found}"), detail });
    }
    for entry in catalogue.vulnerabilities {
        let Some(added) = day(&entry.date_added) else {
            harvest.drop_record(NAMESPACE);
            continue;
        };
        let kev = Kev {
            added,
            due: entry.due_date.as_deref().and_then(day).unwrap_or_default(),
            ransomware: entry.known_ransomware_campaign_use.as_deref() == Some("Known"),
            title: cut(&entry.vulnerability_name.unwrap_or_default(), MAX_TITLE_CHARS),
        };
        harvest.push(NAMESPACE, entry.cve_id.trim(), Row::Kev(Box::new(kev)))?;
    }
    harvest.stamp(&catalogue.date_released.unwrap_or_default());
    Ok(())
}
