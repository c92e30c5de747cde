//! Ends of life, from endoflife.date (API v1, all products in one file).
//!
//! ```json
//! {"generated_at": "2026-08-22T00:00:00+00:00", "result": [{"name": "debian", "releases": [
//!   {"name": "12", "isEol": true, "eolFrom": "2026-07-11", "eoesFrom": "2028-06-30",
//!    "latest": {"name": "12.15"}}]}]}
//! ```
//!
//! For Debian and Ubuntu their own lists are asked first (distro-info-data), and what they say goes
//! before:
//!
//! ```text
//! version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy
//! 22.04 LTS,Jammy Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-25
//! ```
//!
//! Source: <https://endoflife.date/docs/api/v1/>, <https://salsa.debian.org/debian/distro-info-data>.

use std::io::Read as _;
use std::marker::PhantomData;

use plimsoll_model::EolRelease;
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, MAX_KEY_BYTES, Row, SourceFile};
use crate::text::{Bounded, day, of_io, read_json};

/// Most bytes of the file.
pub const MAX_PRODUCTS_BYTES: u64 = 64 << 20;
/// Most bytes of a distribution's own list.
pub const MAX_LIST_BYTES: u64 = 1 << 20;
const NAMESPACE: &str = "eol";
const ADDRESS: &str = "https://endoflife.date/api/v1/products/full";

/// A distribution's own list: its address, its product, and the column of its extended support.
const LISTS: &[(&str, &str, &str)] = &[
    ("https://debian.pages.debian.net/distro-info-data/debian.csv", "debian", "eol-lts"),
    ("https://debian.pages.debian.net/distro-info-data/ubuntu.csv", "ubuntu", "eol-esm"),
];

/// Releases that targets state under another name than the list has: product, its name, theirs.
const ALSO: &[(&str, &str, &str)] = &[
    ("amazon-linux", "2018.03", "1"),
    ("sles", "15.0", "15"),
    ("sles", "12.0", "12"),
    ("sles", "11.0", "11"),
    ("sles", "10.0", "10"),
];

/// endoflife.date.
pub const EOL: Feed = Feed {
    id: "eol",
    title: "endoflife.date",
    licence: "MIT",
    says: "until when a release is supported, for all and for those who pay",
    rows: RowKind::Eol,
    max_age_hours: 7 * 24,
    least_records: 100,
    reader: 2,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files,
    parse,
};

fn files(namespace: &str) -> Option<Vec<SourceFile>> {
    let list = |(address, ..): &(&str, &str, &str)| SourceFile {
        optional: true,
        ..SourceFile::new((*address).to_owned(), MAX_LIST_BYTES)
    };
    let mut files: Vec<SourceFile> = LISTS.iter().map(list).collect();
    files.push(SourceFile::new(ADDRESS.to_owned(), MAX_PRODUCTS_BYTES));
    (namespace == NAMESPACE).then_some(files)
}

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

/// Reads a distribution's own list, whose dates go before those of all products, or all products into
/// `eol`, keyed by the product's slug, releases in the order of the file. A release that has ended on a
/// day nobody knows has no date.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    if let Some((_, product, extended)) = LISTS.iter().find(|list| list.0 == input.address) {
        return read_list(input, product, extended, harvest);
    }
    let products: Products = read_json(input, PhantomData)?;
    for product in products.result {
        for release in product.releases {
            let row = release.into_row(&product.name, harvest);
            let also = ALSO.iter().find(|also| also.0 == product.name && also.1 == row.release);
            if let Some((.., name)) = also {
                let row = EolRelease { release: (*name).to_owned(), ..row.clone() };
                harvest.push(NAMESPACE, &product.name, Row::Eol(Box::new(row)))?;
            }
            harvest.push(NAMESPACE, &product.name, Row::Eol(Box::new(row)))?;
        }
    }
    harvest.stamp(&products.generated_at.unwrap_or_default());
    Ok(())
}

impl Release {
    fn into_row(self, product: &str, harvest: &Harvest) -> EolRelease {
        let stated = [&self.eol_from, &self.eoes_from].map(|date| date.as_deref().and_then(day));
        let [mut date, mut extended] = stated.map(Option::unwrap_or_default);
        if let Some(own) = harvest.recall(&format!("{product} {}", self.name)) {
            let (own_date, own_extended) = own.split_once(' ').unwrap_or((own, ""));
            own_date.clone_into(&mut date);
            if !own_extended.is_empty() {
                own_extended.clone_into(&mut extended);
            }
        }
        let latest = self.latest.and_then(|latest| latest.name);
        let latest = latest.filter(|name| name.len() <= MAX_KEY_BYTES).unwrap_or_default();
        EolRelease { release: self.name, date, extended, latest }
    }
}

/// Keeps the dates of a distribution's own list for the file of all products. Columns at the end of a
/// line may be missing.
fn read_list(
    input: Input<'_>,
    product: &str,
    extended: &str,
    harvest: &mut Harvest,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut text = Vec::new();
    let mut body = Bounded::new(input.body, MAX_LIST_BYTES);
    body.read_to_end(&mut text).map_err(|fault| of_io(address, "its text".to_owned(), fault))?;
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| names.iter().position(|column| *column == name);
    let (Some(version), Some(end), Some(extended)) =
        (column("version"), column("eol"), column(extended))
    else {
        let (address, place) = (address.to_owned(), "line 1".to_owned());
        let detail = "the columns are not those of distro-info".to_owned();
        return Err(FeedError::Malformed { address, place, detail });
    };
    let server = column("eol-server");
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        // `22.04 LTS`, and `6.0` for what is called `6`.
        let release = cell(version).split(' ').next().unwrap_or_default();
        let release = release.strip_suffix(".0").unwrap_or(release);
        // Of old, Ubuntu kept its servers longer than its desktops.
        let server = server.and_then(|at| day(cell(at)));
        let end = day(cell(end)).max(server);
        if let Some(end) = end.filter(|_| !release.is_empty()) {
            let extended = day(cell(extended)).unwrap_or_default();
            harvest.remember(&format!("{product} {release}"), &format!("{end} {extended}"))?;
        }
    }
    Ok(())
}
