//! CVE records of schema 5, as the CVE programme publishes them (cvelistV5), with the containers of
//! the numbering authority and of CISA's enrichment.
//!
//! ```json
//! {"cveMetadata": {"cveId": "CVE-2024-0001", "state": "PUBLISHED", "datePublished": "2024-09-23T…"},
//!  "containers": {"cna": {"title": "…", "descriptions": [{"lang": "en", "value": "…"}],
//!      "metrics": [{"cvssV3_1": {"version": "3.1", "vectorString": "CVSS:3.1/…", "baseScore": 10}}],
//!      "problemTypes": [{"descriptions": [{"cweId": "CWE-1188"}]}], "references": [{"url": "…"}],
//!      "providerMetadata": {"shortName": "PureStorage"}},
//!    "adp": [{"providerMetadata": {"shortName": "CISA-ADP"}, "metrics": […]}]}}
//! ```
//!
//! Source: <https://github.com/CVEProject/cve-schema>.

use std::marker::PhantomData;

use plimsoll_model::{Cvss, Detail};
use serde::Deserialize;

use crate::cve::{
    MAX_DESCRIPTION_CHARS, MAX_UNPACKED_BYTES, addresses, cwe_ids, namespace_of, without_texts,
};
use crate::error::FeedError;
use crate::feed::{Harvest, Input, Row};
use crate::rating::{Rank, in_order, rating};
use crate::text::{Bounded, cut, day, read_json};

const MAX_TITLE_CHARS: usize = 200;

/// Reads one record into the shard `cve:YEAR` of its id, in the row form of [`crate::cve`].
///
/// # Errors
/// [`FeedError::Malformed`] with line and column.
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let Input { address, body } = input;
    let mut body = Bounded::new(body, MAX_UNPACKED_BYTES);
    let record: Record = read_json(Input { address, body: &mut body }, PhantomData)?;
    let id = record.cve_metadata.cve_id.clone();
    let Some(namespace) = namespace_of(&id) else {
        let detail = "the id is not one of a CVE".to_owned();
        let place = "cveMetadata.cveId".to_owned();
        return Err(FeedError::Malformed { address: address.to_owned(), place, detail });
    };
    if let Some(stamp) = &record.cve_metadata.date_updated {
        harvest.stamp(stamp);
    }
    let mut detail = record.into_detail();
    if !harvest.wants_text(&id) {
        detail = without_texts(detail);
    }
    harvest.push(&namespace, &id, Row::Detail(Box::new(detail)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    cve_metadata: Metadata,
    #[serde(default)]
    containers: Containers,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    cve_id: String,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    date_published: Option<String>,
    #[serde(default)]
    date_updated: Option<String>,
}

#[derive(Default, Deserialize)]
struct Containers {
    #[serde(default)]
    cna: Container,
    #[serde(default)]
    adp: Vec<Container>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    descriptions: Vec<Text>,
    #[serde(default)]
    metrics: Vec<Metric>,
    #[serde(default)]
    problem_types: Vec<ProblemType>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    provider_metadata: Provider,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    value: String,
}

/// One of these, mostly.
#[derive(Deserialize)]
struct Metric {
    #[serde(default, rename = "cvssV4_0")]
    v40: Option<CvssData>,
    #[serde(default, rename = "cvssV3_1")]
    v31: Option<CvssData>,
    #[serde(default, rename = "cvssV3_0")]
    v30: Option<CvssData>,
    #[serde(default, rename = "cvssV2_0")]
    v2: Option<CvssData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CvssData {
    #[serde(default)]
    vector_string: String,
    #[serde(default)]
    base_score: Option<f64>,
}

#[derive(Deserialize)]
struct ProblemType {
    #[serde(default)]
    descriptions: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    #[serde(default)]
    cwe_id: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    url: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    #[serde(default)]
    short_name: String,
}

impl Record {
    fn into_detail(self) -> Detail {
        let Containers { cna, adp } = self.containers;
        let all = || std::iter::once(&cna).chain(&adp);
        let english = |text: &&Text| text.lang == "en" || text.lang.starts_with("en-");
        let description = cna.descriptions.iter().find(english);
        let description = description.map(|text| cut(&text.value, MAX_DESCRIPTION_CHARS));
        let problems = all().flat_map(|c| &c.problem_types).flat_map(|p| &p.descriptions);
        let urls = all().flat_map(|c| &c.references);
        // The authority of a CVE stands before those who enrich it.
        let ratings = ratings(&cna, Rank::Primary, "cna");
        let enriched = adp.iter().flat_map(ratings_of_adp);
        Detail {
            title: cna.title.as_deref().map(|t| cut(t, MAX_TITLE_CHARS)).filter(|t| !t.is_empty()),
            description: description.filter(|text| !text.is_empty()),
            cwe: cwe_ids(problems.filter_map(|problem| problem.cwe_id.as_deref())),
            cvss: in_order(ratings.into_iter().chain(enriched).collect()),
            urls: addresses(urls.map(|r| (r.url.as_str(), r.tags.as_slice()))),
            published: self.cve_metadata.date_published.as_deref().and_then(day),
            rejected: self.cve_metadata.state.as_deref() == Some("REJECTED"),
        }
    }
}

fn ratings_of_adp(container: &Container) -> Vec<(Rank, Cvss)> {
    let name = container.provider_metadata.short_name.to_ascii_lowercase();
    ratings(container, Rank::Secondary, &name)
}

fn ratings(container: &Container, rank: Rank, source: &str) -> Vec<(Rank, Cvss)> {
    let mut found = Vec::new();
    for metric in &container.metrics {
        let versions =
            [("4.0", &metric.v40), ("3.1", &metric.v31), ("3.0", &metric.v30), ("2.0", &metric.v2)];
        for (version, data) in versions {
            let Some(data) = data else { continue };
            let cvss = rating(source, version, &data.vector_string, data.base_score);
            found.extend(cvss.map(|cvss| (rank, cvss)));
        }
    }
    found
}
