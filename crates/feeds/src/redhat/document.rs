//! The parts of a CSAF VEX document that rows are made of.
//!
//! A product id of a status (`BaseOS-9.4.0.GA:curl-0:7.76.1-29.el9_4.x86_64`) is a relationship of a
//! component (with a package URL) to a product (with a CPE). In older documents the component may
//! belong to a module, and the module to the product.
//!
//! ```json
//! {"document": {"title": "…", "aggregate_severity": {"text": "Low"}, "tracking": {"id": "CVE-…"}},
//!  "product_tree": {"branches": [{"branches": […], "product": {"product_id": "…",
//!    "product_identification_helper": {"cpe": "cpe:/…", "purl": "pkg:rpm/…"}}}],
//!    "relationships": [{"full_product_name": {"product_id": "P:C"}, "product_reference": "C",
//!      "relates_to_product_reference": "P"}]},
//!  "vulnerabilities": [{"cve": "CVE-…", "product_status": {"fixed": ["P:C"]},
//!    "remediations": [{"category": "vendor_fix", "url": "…", "product_ids": ["P:C"]}],
//!    "scores": […], "threats": […], "flags": […]}]}
//! ```
//!
//! Source: <https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html>.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::FeedError;

/// Most bytes of one document; the largest have some tens of MiB.
pub const MAX_DOCUMENT_BYTES: u64 = 256 << 20;

/// A text of the document, borrowed from its bytes where it has no escapes.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

#[derive(Deserialize)]
pub(super) struct Document<'a> {
    #[serde(borrow, rename = "document")]
    pub(super) head: Head<'a>,
    #[serde(borrow, default)]
    pub(super) product_tree: ProductTree<'a>,
    #[serde(borrow, default)]
    pub(super) vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow, default)]
    pub(super) title: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) aggregate_severity: Option<Severity<'a>>,
    #[serde(borrow, default)]
    pub(super) tracking: Tracking<'a>,
}

#[derive(Deserialize)]
pub(super) struct Severity<'a> {
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Tracking<'a> {
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) status: Text<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct ProductTree<'a> {
    #[serde(borrow, default)]
    pub(super) branches: Vec<Branch<'a>>,
    #[serde(borrow, default)]
    pub(super) full_product_names: Vec<Product<'a>>,
    #[serde(borrow, default)]
    pub(super) relationships: Vec<Relationship<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Branch<'a> {
    #[serde(borrow, default)]
    pub(super) branches: Vec<Branch<'a>>,
    #[serde(borrow, default)]
    pub(super) product: Option<Product<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    pub(super) product_id: Text<'a>,
    #[serde(borrow, default, rename = "product_identification_helper")]
    pub(super) helper: Helper<'a>,
}

#[derive(Default, Deserialize)]
pub(super) struct Helper<'a> {
    #[serde(borrow, default)]
    pub(super) cpe: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) purl: Option<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Relationship<'a> {
    #[serde(borrow)]
    pub(super) full_product_name: Named<'a>,
    #[serde(borrow)]
    pub(super) product_reference: Text<'a>,
    #[serde(borrow)]
    pub(super) relates_to_product_reference: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Named<'a> {
    #[serde(borrow)]
    pub(super) product_id: Text<'a>,
}

#[derive(Deserialize)]
pub(super) struct Vulnerability<'a> {
    #[serde(borrow, default)]
    pub(super) cve: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) product_status: ProductStatus<'a>,
    #[serde(borrow, default)]
    pub(super) remediations: Vec<Remark<'a>>,
    #[serde(borrow, default)]
    pub(super) threats: Vec<Remark<'a>>,
    #[serde(borrow, default)]
    pub(super) flags: Vec<Flag<'a>>,
    #[serde(borrow, default)]
    pub(super) scores: Vec<Score<'a>>,
}

#[derive(Default, Deserialize)]
pub(super) struct ProductStatus<'a> {
    #[serde(borrow, default)]
    pub(super) fixed: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) known_affected: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) known_not_affected: Vec<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) under_investigation: Vec<Text<'a>>,
}

/// A remediation or a threat.
#[derive(Deserialize)]
pub(super) struct Remark<'a> {
    #[serde(borrow, default)]
    pub(super) category: Text<'a>,
    #[serde(borrow, default)]
    pub(super) details: Text<'a>,
    #[serde(borrow, default)]
    pub(super) url: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) product_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Flag<'a> {
    #[serde(borrow, default)]
    pub(super) label: Text<'a>,
    #[serde(borrow, default)]
    pub(super) product_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
pub(super) struct Score<'a> {
    #[serde(borrow, default)]
    pub(super) cvss_v2: Option<Rating<'a>>,
    #[serde(borrow, default)]
    pub(super) cvss_v3: Option<Rating<'a>>,
    #[serde(borrow, default)]
    pub(super) cvss_v4: Option<Rating<'a>>,
    #[serde(borrow, default)]
    pub(super) products: Vec<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rating<'a> {
    #[serde(borrow, default)]
    pub(super) version: Text<'a>,
    #[serde(borrow, default)]
    pub(super) vector_string: Text<'a>,
    #[serde(default)]
    pub(super) base_score: Option<f64>,
}

/// Reads a document; `None` for one of another shape, which is a broken record and no broken file.
///
/// # Errors
/// [`FeedError::Malformed`] with member, line and column when it is not JSON.
pub(super) fn read<'a>(
    address: &str,
    member: Option<&str>,
    bytes: &'a [u8],
) -> Result<Option<Document<'a>>, FeedError> {
    let fault = match serde_json::from_slice(bytes) {
        Ok(document) => return Ok(Some(document)),
        Err(fault) if fault.is_data() => match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(_) => return Ok(None),
            Err(fault) => fault,
        },
        Err(fault) => fault,
    };
    let place = format!("line {} column {}", fault.line(), fault.column());
    let detail = fault.to_string();
    let detail = detail.strip_suffix(&format!(" at {place}")).unwrap_or(&detail).to_owned();
    let place = match member {
        Some(member) => format!("member `{}`, {place}", crate::text::cut(member, 200)),
        None => place,
    };
    Err(FeedError::Malformed { address: address.to_owned(), place, detail })
}
