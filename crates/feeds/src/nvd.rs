//! Weaknesses of products from the NVD, by the CPE names that its analysts gave them.
//!
//! ```json
//! {"cve": {"id": "CVE-2023-44487", "vulnStatus": "Analyzed", "configurations": [{"nodes": [{
//!   "operator": "OR", "cpeMatch": [{"vulnerable": true,
//!     "criteria": "cpe:2.3:a:nodejs:node.js:*:*:*:*:-:*:*:*",
//!     "versionStartIncluding": "18.0.0", "versionEndExcluding": "18.18.2"}]}]}]}}
//! ```
//!
//! Rows are keyed by vendor and product, `nodejs:node.js`. The whole NVD (`nvd`) is made of a file for each
//! year, which has 20 MB; a scan asks for single products (`nvd:nodejs:node.js`), for which the API has a page
//! of what is known of them. Only applications are kept, for they alone are looked up.
//! Source: <https://nvd.nist.gov/developers/vulnerabilities>.

use plimsoll_model::{Advisory, Affected, State};
use plimsoll_vuln::{RowKind, cpe};
use serde::Deserialize;

use crate::cve::page::{self, Span};
use crate::cve::{MAX_PACKED_BYTES, Metrics};
use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};

mod configuration;

use configuration::Configuration;

/// Most pages that are read of one product, of 2,000 CVEs each.
pub const MAX_PAGES: u64 = 20;
/// Most bytes of a page of the API.
const MAX_PAGE_BYTES: u64 = 256 << 20;

const YEARS: &str = "https://nvd.nist.gov/feeds/json/cve/2.0";
const API: &str = "https://services.nvd.nist.gov/rest/json/cves/2.0";
/// The first year file holds all CVEs up to its year.
const FIRST_YEAR: u16 = 2002;
const LAST_YEAR: u16 = 2099;

/// All products.
pub const NVD: Feed = Feed {
    id: "nvd",
    title: "NVD",
    licence: "public domain",
    says: "fixed: a range that ends before a version; no fix: a range without such an end; not affected: not \
        in a range; rejected records are left out",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 100_000,
    reader: 1,
    namespaces: |_| vec![cpe::NAMESPACE.to_owned()],
    files: |namespace| {
        let newest = format!("{YEARS}/nvdcve-2.0-modified.json.gz");
        (namespace == cpe::NAMESPACE).then(|| vec![SourceFile::new(newest, MAX_PACKED_BYTES)])
    },
    parse,
};

/// One product, as a scan asks for it.
pub const NVD_PRODUCT: Feed = Feed {
    id: "nvd-product",
    least_records: 0,
    namespaces: |_| Vec::new(),
    files: |namespace| product_of(namespace).map(|product| vec![api_page(product, 0)]),
    ..NVD
};

/// Returns `nodejs:node.js` of `nvd:nodejs:node.js`.
fn product_of(namespace: &str) -> Option<&str> {
    let product = namespace.strip_prefix(cpe::NAMESPACE)?.strip_prefix(':')?;
    (cpe::is_plain(product) && product.contains(':')).then_some(product)
}

/// Returns the page of the API that has what is known of a product, from the `start`th CVE on.
fn api_page(product: &str, start: u64) -> SourceFile {
    let (vendor, name) = product.split_once(':').unwrap_or((product, ""));
    let matching = format!("cpe:2.3:a:{}:{}", quoted(vendor), quoted(name));
    let from = if start == 0 { String::new() } else { format!("&startIndex={start}") };
    SourceFile::new(format!("{API}?virtualMatchString={matching}{from}"), MAX_PAGE_BYTES)
}

/// Writes a part of a CPE name into an address: what is no letter, digit, `_`, `-` or `.` has a backslash in
/// front (`NISTIR` 7695, 6.2), and then a percent sign.
fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut quoted, byte| {
        if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "%5C%{byte:02X}");
        }
        quoted
    })
}

/// Reads a year file (packed, by the ending of its address) or a page of the API. The file of what was
/// changed last is read first, and leads on to all years: what is read first of a CVE counts.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let span = page::read(input, harvest, take)?;
    if address.ends_with("-modified.json.gz") {
        return follow_years(&address, &span, harvest);
    }
    let next = span.start.saturating_add(span.per_page);
    if !address.starts_with(API) || span.per_page == 0 || next >= span.total {
        return Ok(());
    }
    if next / span.per_page >= MAX_PAGES {
        return Err(FeedError::Limit { address, what: "pages", limit: MAX_PAGES });
    }
    let products: Vec<String> =
        harvest.namespaces().filter_map(product_of).map(ToOwned::to_owned).collect();
    products.iter().try_for_each(|product| harvest.follow(api_page(product, next)))
}

/// Asks for the files of all years up to that of the stamp. A mirror may lack some.
fn follow_years(address: &str, span: &Span, harvest: &mut Harvest) -> Result<(), FeedError> {
    let year = span.timestamp.get(..4).and_then(|year| year.parse().ok());
    let Some(year) = year.filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year)) else {
        let detail = format!("`{}` does not begin with a year", span.timestamp);
        let (address, place) = (address.to_owned(), "timestamp".to_owned());
        return Err(FeedError::Malformed { address, place, detail });
    };
    (FIRST_YEAR..=year).rev().try_for_each(|year| {
        let file = SourceFile::new(format!("{YEARS}/nvdcve-2.0-{year}.json.gz"), MAX_PACKED_BYTES);
        harvest.follow(SourceFile { optional: true, ..file })
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve {
    id: String,
    #[serde(default)]
    vuln_status: Option<String>,
    #[serde(default)]
    metrics: Metrics,
    #[serde(default)]
    configurations: Vec<Configuration>,
}

/// Takes what a CVE says of the products that are wanted.
fn take(cve: Cve, harvest: &mut Harvest) -> Result<(), FeedError> {
    if !harvest.claim(&cve.id) || cve.vuln_status.as_deref() == Some("Rejected") {
        return Ok(());
    }
    let read = configuration::products(&cve.configurations);
    if read.dropped > 0 && harvest.wants(cpe::NAMESPACE) {
        harvest.drop_record(cpe::NAMESPACE);
    }
    let mut cvss = cve.metrics.ratings();
    cvss.truncate(1);
    for (product, extent) in read.products {
        let state = if extent.fixed.is_empty() { State::Affected } else { State::Fixed };
        let advisory = Advisory {
            id: cve.id.clone(),
            state,
            affected: Affected { intervals: extent.intervals, versions: extent.versions },
            fixed_versions: extent.fixed,
            cvss: cvss.clone(),
            record: NVD.title.to_owned(),
            note: extent.beside.map(|other| format!("only together with {other}")),
            urls: vec![format!("https://nvd.nist.gov/vuln/detail/{}", cve.id)],
            ..Advisory::default()
        };
        let own = format!("{}:{product}", cpe::NAMESPACE);
        harvest.push(&own, &product, Row::Advisory(Box::new(advisory.clone())))?;
        harvest.push(cpe::NAMESPACE, &product, Row::Advisory(Box::new(advisory)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Texts;

    fn page(total: u64, start: u64) -> String {
        format!(
            r#"{{"timestamp": "2026-01-01", "startIndex": {start}, "resultsPerPage": 2,
            "totalResults": {total}, "vulnerabilities": []}}"#
        )
    }

    fn follow(address: &str, body: &str) -> Result<Vec<String>, FeedError> {
        let mut harvest = Harvest::of(["nvd:a:b"], Texts::All);
        parse(Input { address, body: &mut body.as_bytes() }, &mut harvest)?;
        Ok(harvest.take_followed().into_iter().map(|file| file.address).collect())
    }

    #[test]
    fn a_page_leads_on_to_the_next_up_to_a_limit() {
        let next =
            |start: u64| format!("{API}?virtualMatchString=cpe:2.3:a:a:b&startIndex={start}");
        assert_eq!(follow(API, &page(5, 0)).unwrap(), [next(2)]);
        assert_eq!(follow(API, &page(5, 2)).unwrap(), [next(4)]);
        assert_eq!(follow(API, &page(5, 4)).unwrap(), [""; 0]);
        let error = follow(API, &page(u64::MAX, 2 * MAX_PAGES - 2)).unwrap_err();
        assert!(matches!(error, FeedError::Limit { what: "pages", limit: MAX_PAGES, .. }));
        assert!(follow(API, &page(u64::MAX, u64::MAX)).unwrap().is_empty());
    }

    #[test]
    fn a_product_has_a_page_and_what_is_odd_has_none() {
        let file = |namespace: &str| {
            let files = (NVD_PRODUCT.files)(namespace)?;
            Some(files[0].address.clone())
        };
        let of = |name: &str| Some(format!("{API}?virtualMatchString=cpe:2.3:a:{name}"));
        assert_eq!(file("nvd:nodejs:node.js"), of("nodejs:node.js"));
        assert_eq!(file("nvd:a:c++"), of("a:c%5C%2B%5C%2B"));
        for none in ["nvd", "nvd:", "nvd:a", "nvd:a:../b", "nvdx:a:b"] {
            assert_eq!(file(none), None, "{none}");
        }
    }
}
