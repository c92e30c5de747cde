//! Where shards come from, as matching sees it: something that is asked for a namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_model::Detail;

use crate::shard::Shard;

/// Gives shards. Whoever holds a database implements it: a folder, the feeds, the program itself.
///
/// Asking twice for one namespace gives the same shard or the same error; several threads may ask at
/// once.
pub trait Database: Send + Sync {
    /// Returns the shard of a namespace: `alpine:3.17`, `npm`, `cve:2023`, `epss`, `kev`, `eol`.
    ///
    /// # Errors
    /// `NoFeed` when nobody publishes such a namespace as far as this database knows; `Unavailable`
    /// when it exists but could not be had; `Damaged` when what was had cannot be trusted.
    fn shard(&self, namespace: &str) -> Result<Arc<Shard>, DatabaseError>;

    /// Returns which release this database is.
    fn release(&self) -> ReleaseInfo;

    /// Returns a shard only if it is here already and whole: nothing is fetched for it.
    fn held(&self, _namespace: &str) -> Option<Arc<Shard>> {
        None
    }

    /// Returns what is known of these CVEs (`CVE-2023-0286`); other ids are left out. A database that
    /// fetches may look for just these, and must not fail as a whole for one year that is missing.
    fn details(&self, ids: &BTreeSet<String>) -> Details {
        details_by_year(self, ids)
    }

    /// Returns the namespaces handed out so far whose data is older than its feed's rhythm allows,
    /// each with a sentence that tells its age. Sorted.
    fn stale(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}

/// What is known of the CVEs that were asked for.
#[derive(Debug, Default)]
pub struct Details {
    /// By CVE id.
    pub found: BTreeMap<String, Detail>,
    /// The shards that were asked, for the report.
    pub shards: Vec<Arc<Shard>>,
    /// The years that could not be had: namespace `cve:2023`, and why in words. Sorted.
    pub unavailable: Vec<(String, String)>,
    /// The years that nobody publishes as far as is known here, likewise.
    pub absent: Vec<(String, String)>,
}

/// Asks the shards `cve:YEAR` of the ids.
fn details_by_year<D: Database + ?Sized>(database: &D, ids: &BTreeSet<String>) -> Details {
    let mut details = Details::default();
    let mut years: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for id in ids {
        if let Some(year) = id.strip_prefix("CVE-").and_then(|rest| rest.split('-').next()) {
            years.entry(year).or_default().push(id);
        }
    }
    for (year, ids) in years {
        let namespace = format!("cve:{year}");
        let shard = match database.shard(&namespace) {
            Ok(shard) => shard,
            Err(error) => {
                let lack = match error {
                    DatabaseError::NoFeed { .. } => &mut details.absent,
                    _ => &mut details.unavailable,
                };
                lack.push((namespace, error.to_string()));
                continue;
            }
        };
        for id in ids {
            match shard.details(id) {
                Ok(Some(detail)) => {
                    details.found.insert(id.to_owned(), detail);
                }
                Ok(None) => {}
                Err(error) => {
                    details.unavailable.push((namespace.clone(), error.to_string()));
                    break;
                }
            }
        }
        details.shards.push(shard);
    }
    details
}

/// Which release a database is; both are `None` where shards are built one by one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ReleaseInfo {
    /// `sha256:…` of its manifest.
    pub digest: Option<String>,
    /// When it was built: RFC 3339, UTC.
    pub built: Option<String>,
}

/// Why there is no shard.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DatabaseError {
    /// Nobody publishes advisories for it, as far as is known here.
    #[error("no feed covers `{namespace}`")]
    NoFeed {
        /// The namespace.
        namespace: String,
    },
    /// There is a feed, but it could not be had.
    #[error("cannot get the advisories of `{namespace}`: {detail}")]
    Unavailable {
        /// The namespace.
        namespace: String,
        /// What failed, with what to do where that is known.
        detail: String,
    },
    /// It was had, but its bytes are not those that were published.
    #[error("cannot trust the advisories of `{namespace}`: {detail}")]
    Damaged {
        /// The namespace.
        namespace: String,
        /// Which check failed.
        detail: String,
    },
}
