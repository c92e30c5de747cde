//! CVE details from the NVD: year files and API pages, which have one shape (schema 2.0).
//!
//! ```json
//! {"timestamp": "2026-08-22T00:00:00.000", "vulnerabilities": [{"cve": {
//!   "id": "CVE-2023-0286", "published": "2023-02-08T20:15:24.013", "vulnStatus": "Modified",
//!   "descriptions": [{"lang": "en", "value": "There is a type confusion …"}],
//!   "metrics": {"cvssMetricV31": [{"source": "nvd@nist.gov", "type": "Primary",
//!     "cvssData": {"version": "3.1", "vectorString": "CVSS:3.1/…", "baseScore": 7.4}}]},
//!   "weaknesses": [{"description": [{"lang": "en", "value": "CWE-843"}]}],
//!   "references": [{"url": "https://…", "tags": ["Vendor Advisory"]}]}}]}
//! ```
//!
//! A year file has 20 MB packed and some 150 MB unpacked, so it is read as a stream. Shards that a
//! scan builds for itself must stay small: where a [`Harvest`] names the CVEs whose texts it wants
//! ([`crate::Texts::Of`]), every CVE of the year keeps its best rating and whether it is rejected,
//! which is all that a gate needs, and only the named ones keep description, CWE, addresses and
//! the other ratings.
//! Source: <https://nvd.nist.gov/developers/vulnerabilities>.

use plimsoll_model::{Cvss, Detail};
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::rating::{Rank, in_order, rating};
use crate::text::{cut, day};

pub(crate) mod page;

/// Most bytes of a year file as it is stored.
pub const MAX_PACKED_BYTES: u64 = 256 << 20;
/// Most bytes of a year file unpacked, or of an API page.
pub const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// Longest description that is kept, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 400;
/// Most addresses of one CVE that are kept.
pub const MAX_URLS: usize = 5;
/// Longest address that is kept, in bytes.
pub const MAX_URL_BYTES: usize = 500;
/// CWE ids of one CVE that are kept.
const MAX_CWE: usize = 8;

/// The first year file holds all CVEs up to its year.
const FIRST_FILE: u16 = 2002;
const FIRST_YEAR: u16 = 1999;
const LAST_YEAR: u16 = 2099;

/// The NVD.
pub const CVE: Feed = Feed {
    id: "cve",
    title: "NVD",
    licence: "public domain",
    says: "how bad a CVE is and what it is about; rejected ones are kept as such and never match",
    rows: RowKind::Details,
    max_age_hours: 48,
    least_records: 1,
    reader: 1,
    namespaces: |year| (FIRST_YEAR..=year.min(LAST_YEAR)).map(|y| format!("cve:{y}")).collect(),
    files: |namespace| {
        let year = year_of(namespace)?.max(FIRST_FILE);
        let folder = "https://nvd.nist.gov/feeds/json/cve/2.0";
        let address = format!("{folder}/nvdcve-2.0-{year}.json.gz");
        Some(vec![SourceFile::new(address, MAX_PACKED_BYTES)])
    },
    parse,
};

/// Returns the file that the API gives for one CVE; it has the shape of a year file, unpacked.
pub fn api_page(id: &str) -> SourceFile {
    let address = format!("https://services.nvd.nist.gov/rest/json/cves/2.0?cveId={id}");
    SourceFile::new(address, 64 << 20)
}

fn year_of(namespace: &str) -> Option<u16> {
    let text = namespace.strip_prefix("cve:")?;
    let year = text.parse().ok().filter(|year| (FIRST_YEAR..=LAST_YEAR).contains(year))?;
    (text.len() == 4).then_some(year)
}

/// Returns the namespace of a CVE: `cve:2023` for `CVE-2023-0286`; `None` for another id.
pub fn namespace_of(id: &str) -> Option<String> {
    let (year, number) = id.strip_prefix("CVE-")?.split_once('-')?;
    let digits = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    let namespace = format!("cve:{year}");
    (digits && year_of(&namespace).is_some()).then_some(namespace)
}

/// Reads a year file (packed, by the ending of its address) or an API page into the `cve:` shards,
/// keyed by CVE. A record that cannot be read is an error: its CVE may be the one that matters.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    page::read(input, harvest, take).map(|_| ())
}

fn take(cve: Cve, harvest: &mut Harvest) -> Result<(), FeedError> {
    let Some(namespace) = namespace_of(&cve.id) else { return Ok(()) };
    if !harvest.wants(&namespace) {
        return Ok(());
    }
    let id = cve.id.clone();
    let mut detail = cve.into_detail();
    if !harvest.wants_text(&id) {
        detail = without_texts(detail);
    }
    harvest.push(&namespace, &id, Row::Detail(Box::new(detail)))
}

/// Keeps what a gate needs: the best rating, and whether it is rejected.
pub(crate) fn without_texts(mut detail: Detail) -> Detail {
    detail.cvss.truncate(1);
    Detail { cvss: detail.cvss, rejected: detail.rejected, ..Detail::default() }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve {
    id: String,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    vuln_status: Option<String>,
    #[serde(default)]
    descriptions: Vec<Text>,
    #[serde(default)]
    metrics: Metrics,
    #[serde(default)]
    weaknesses: Vec<Weakness>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    value: String,
}

/// The ratings of a CVE.
#[derive(Default, Deserialize)]
pub(crate) struct Metrics {
    #[serde(default, rename = "cvssMetricV40")]
    v40: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV31")]
    v31: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV30")]
    v30: Vec<Metric>,
    #[serde(default, rename = "cvssMetricV2")]
    v2: Vec<Metric>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    #[serde(default)]
    source: String,
    #[serde(default, rename = "type")]
    kind: String,
    cvss_data: CvssData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CvssData {
    version: String,
    #[serde(default)]
    vector_string: String,
    #[serde(default)]
    base_score: Option<f64>,
}

#[derive(Deserialize)]
struct Weakness {
    #[serde(default)]
    description: Vec<Text>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Cve {
    fn into_detail(self) -> Detail {
        let english = self.descriptions.iter().find(|text| text.lang == "en");
        let description = english.map(|text| cut(&text.value, MAX_DESCRIPTION_CHARS));
        let words = self.weaknesses.iter().flat_map(|weakness| &weakness.description);
        Detail {
            title: None,
            description: description.filter(|text| !text.is_empty()),
            cwe: cwe_ids(words.map(|text| text.value.as_str())),
            cvss: self.metrics.ratings(),
            urls: addresses(self.references.iter().map(|r| (r.url.as_str(), r.tags.as_slice()))),
            published: self.published.as_deref().and_then(day),
            rejected: self.vuln_status.as_deref() == Some("Rejected"),
        }
    }
}

impl Metrics {
    /// Returns them, the one to prefer first.
    pub(crate) fn ratings(self) -> Vec<Cvss> {
        let all = [self.v40, self.v31, self.v30, self.v2].into_iter().flatten();
        let ratings = all.filter_map(|metric| {
            let rank = if metric.kind == "Primary" { Rank::Primary } else { Rank::Secondary };
            let data = metric.cvss_data;
            let source = source_name(&metric.source);
            rating(source, &data.version, &data.vector_string, data.base_score).map(|c| (rank, c))
        });
        in_order(ratings.collect())
    }
}

/// Names who rated: `nvd`, `cisa-adp`, the domain of an address, else `cna`.
fn source_name(source: &str) -> &str {
    match source {
        "nvd@nist.gov" => "nvd",
        "134c704f-9b21-4f2e-91b3-4a467353bcc0" => "cisa-adp",
        other => other.rsplit_once('@').map_or("cna", |(_, domain)| domain),
    }
}

/// Takes the words that are CWE ids, sorted, no two alike.
pub(crate) fn cwe_ids<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut ids: Vec<String> = words
        .filter(|word| {
            word.strip_prefix("CWE-").is_some_and(|number| {
                (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
        .map(str::to_owned)
        .collect();
    ids.sort();
    ids.dedup();
    ids.truncate(MAX_CWE);
    ids
}

/// Takes a few addresses: those of the vendor and of patches first, else in the order stated.
pub(crate) fn addresses<'a>(
    references: impl Iterator<Item = (&'a str, &'a [String])>,
) -> Vec<String> {
    let rank = |tags: &[String]| {
        let tag = |name: &str| tags.iter().any(|tag| tag.eq_ignore_ascii_case(name));
        match () {
            () if tag("Vendor Advisory") => 0,
            () if tag("Patch") => 1,
            () if tag("Broken Link") => 3,
            () => 2,
        }
    };
    let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
    let mut ranked: Vec<(u8, &str)> = references
        .filter(|(url, _)| web(url) && url.len() <= MAX_URL_BYTES)
        .map(|(url, tags)| (rank(tags), url))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut urls: Vec<String> = Vec::new();
    for (_, url) in ranked {
        if urls.len() == MAX_URLS {
            break;
        }
        if !urls.iter().any(|known| known == url) {
            urls.push(url.to_owned());
        }
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_files() {
        let file = |namespace: &str| (CVE.files)(namespace).map(|files| files[0].address.clone());
        let address = |year: u16| {
            Some(format!("https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-{year}.json.gz"))
        };
        assert_eq!(file("cve:2023"), address(2023));
        assert_eq!(file("cve:1999"), address(2002));
        for none in ["cve", "cve:", "cve:1998", "cve:23", "cve:02023", "epss"] {
            assert_eq!(file(none), None, "{none}");
        }
        assert_eq!(namespace_of("CVE-2023-0286").as_deref(), Some("cve:2023"));
        for none in ["CVE-2023-028", "CVE-2023-x286", "GHSA-2023-0286", "CVE-20230286"] {
            assert_eq!(namespace_of(none), None, "{none}");
        }
    }

    #[test]
    fn sources_have_short_names() {
        assert_eq!(source_name("nvd@nist.gov"), "nvd");
        assert_eq!(source_name("secalert@redhat.com"), "redhat.com");
        assert_eq!(source_name("3895c224-4e1d-482a-adb3-fa64795683ac"), "cna");
    }

    #[test]
    fn addresses_are_few_and_the_best_come_first() {
        let tags = |tag: &str| vec![tag.to_owned()];
        let (patch, vendor, broken) = (tags("Patch"), tags("Vendor Advisory"), tags("Broken Link"));
        let long = format!("https://x.example/{}", "a".repeat(MAX_URL_BYTES));
        let urls = addresses(
            [
                ("https://b.example/", broken.as_slice()),
                ("javascript:alert(1)", &[]),
                (&long, &vendor),
                ("https://o.example/", &[]),
                ("https://p.example/", &patch),
                ("https://v.example/", &vendor),
                ("https://v.example/", &vendor),
            ]
            .into_iter(),
        );
        assert_eq!(
            urls,
            [
                "https://v.example/",
                "https://p.example/",
                "https://o.example/",
                "https://b.example/"
            ]
        );
        let many: Vec<String> = (0..20).map(|n| format!("https://x.example/{n}")).collect();
        assert_eq!(addresses(many.iter().map(|url| (url.as_str(), &[][..]))).len(), MAX_URLS);
    }
}
