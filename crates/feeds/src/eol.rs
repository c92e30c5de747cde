//! Ends of life, from endoflife.date (API v1, all products in one file).
//!
//! ```json
//! {"generated_at": "2026-08-22T00:00:00+00:00", "result": [{"name": "debian", "releases": [
//!   {"name": "12", "isEol": true, "eolFrom": "2026-07-11", "eoesFrom": "2028-06-30",
//!    "latest": {"name": "12.15"}}]}]}
//! ```
//!
//! Source: <https://endoflife.date/docs/api/v1/>.

use std::marker::PhantomData;

use plimsoll_model::EolRelease;
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, MAX_KEY_BYTES, Row, SourceFile};
use crate::text::{day, read_json};

/// Most bytes of the file.
pub const MAX_PRODUCTS_BYTES: u64 = 64 << 20;
const NAMESPACE: &str = "eol";
const ADDRESS: &str = "https://endoflife.date/api/v1/products/full";

/// endoflife.date.
pub const EOL: Feed = Feed {
    id: "eol",
    title: "endoflife.date",
    licence: "MIT",
    says: "until when a release is supported, for all and for those who pay",
    rows: RowKind::Eol,
    max_age_hours: 7 * 24,
    least_records: 100,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_PRODUCTS_BYTES)])
    },
    parse,
};

#[derive(Deserialize)]
struct Products {
    #[serde(default)]
    generated_at: Option<String>,
    result: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    #[serde(default)]
    releases: Vec<Release>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    name: String,
    #[serde(default)]
    eol_from: Option<String>,
    #[serde(default)]
    eoes_from: Option<String>,
    #[serde(default)]
    latest: Option<Latest>,
}

#[derive(Deserialize)]
struct Latest {
    #[serde(default)]
    name: Option<String>,
}

/// Reads all products into `eol`, keyed by the product's slug, releases in the order of the file.
/// A release that has ended on a day nobody knows has no date.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let products: Products = read_json(input, PhantomData)?;
    for product in products.result {
        for release in product.releases {
            let latest = release.latest.and_then(|latest| latest.name);
            let row = EolRelease {
                release: release.name,
                date: release.eol_from.as_deref().and_then(day).unwrap_or_default(),
                extended: release.eoes_from.as_deref().and_then(day).unwrap_or_default(),
                latest: latest.filter(|name| name.len() <= MAX_KEY_BYTES).unwrap_or_default(),
            };
            harvest.push(NAMESPACE, &product.name, Row::Eol(Box::new(row)))?;
        }
    }
    harvest.stamp(&products.generated_at.unwrap_or_default());
    Ok(())
}
