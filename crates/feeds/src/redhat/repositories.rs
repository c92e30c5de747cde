//! Which products each repository (content set) holds.
//!
//! ```json
//! {"data": {"rhel-9-for-x86_64-baseos-rpms": {"cpes": ["cpe:/o:redhat:enterprise_linux:9::baseos"],
//!   "repo_relative_urls": ["content/dist/rhel9/9/x86_64/baseos/os"]}}, "last_updated": "…"}
//! ```
//!
//! Source: <https://security.access.redhat.com/data/metrics/repository-to-cpe.json>.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::Deserialize;

use super::REPOSITORY_NAMESPACE;
use super::products::{self, MAX_CPE_BYTES};
use crate::error::FeedError;
use crate::feed::{Harvest, Input, Row};
use crate::text::{Bounded, read_json};

/// Most bytes of the file.
pub const MAX_REPOSITORIES_BYTES: u64 = 128 << 20;
/// Most products of one repository.
pub(super) const MAX_PRODUCTS: usize = 1000;

#[derive(Deserialize)]
struct Repositories {
    data: BTreeMap<String, Repository>,
    #[serde(default)]
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    #[serde(default)]
    cpes: Vec<String>,
}

/// Reads the file into rows: the sorted CPEs of a repository. One without a CPE is dropped.
pub(super) fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let repositories = read(input)?;
    harvest.stamp(&repositories.last_updated.unwrap_or_default());
    for (name, repository) in repositories.data {
        let mut cpes = repository.cpes;
        cpes.retain(|cpe| cpe.starts_with("cpe:") && cpe.len() <= MAX_CPE_BYTES);
        cpes.sort();
        cpes.dedup();
        if cpes.is_empty() || cpes.len() > MAX_PRODUCTS {
            harvest.drop_record(REPOSITORY_NAMESPACE);
            continue;
        }
        harvest.push(REPOSITORY_NAMESPACE, &name, Row::Strings(cpes))?;
    }
    Ok(())
}

/// Reads the file for what it tells of the releases of products.
pub(super) fn note_releases(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    for repository in read(input)?.data.values() {
        for cpe in repository.cpes.iter().filter(|cpe| cpe.len() <= MAX_CPE_BYTES) {
            products::note(cpe, harvest)?;
        }
    }
    Ok(())
}

fn read(input: Input<'_>) -> Result<Repositories, FeedError> {
    let Input { address, body } = input;
    let mut body = Bounded::new(body, MAX_REPOSITORIES_BYTES);
    read_json(Input { address, body: &mut body }, PhantomData)
}
