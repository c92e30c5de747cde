//! Bottlerocket: one file of updates (`updateinfo.xml`) for all of its variants.
//!
//! The names are those of its inventory (`kernel-6.1`), which are packages of their own:
//!
//! ```xml
//! <update type="security"><id>BRSA-kp8x0hwyxhoa</id> … <package name="kernel-6.1" version="6.1.140"
//!   release="1.1749663821.e27d1b03.br1" epoch="0" arch="x86_64"/>
//! ```
//!
//! Source: <https://advisories.bottlerocket.aws/>.

use plimsoll_model::Affected;
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::updateinfo::{self, MAX_PACKED_BYTES, Vendor};

const NAMESPACE: &str = "bottlerocket";
const ADDRESS: &str = "https://advisories.bottlerocket.aws/updateinfo.xml.gz";

/// Bottlerocket.
pub const BOTTLEROCKET: Feed = Feed {
    id: "bottlerocket",
    title: "Bottlerocket Security Advisories",
    licence: "Apache-2.0 OR MIT",
    says: "fixed: the version of the package in the update; not affected and no fix: not told, \
        unfixed weaknesses are missing",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 100,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_PACKED_BYTES)])
    },
    parse,
};

/// Reads all updates into `bottlerocket`, keyed by the package's own name.
///
/// # Errors
/// As [`updateinfo::read`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let page = |_: &str| String::new();
    let affected = |_: &updateinfo::Update, fixed: &str| Affected::below(fixed);
    let vendor = Vendor { namespace: NAMESPACE, title: "Bottlerocket", page: &page, affected };
    updateinfo::read(input, |update| {
        harvest.stamp(&update.updated);
        update.harvest(&vendor, harvest)
    })
}
