//! The rows of a document: entries that differ only in architecture or product are one row.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_model::advisory::{Key, Scope};
use plimsoll_model::{Advisory, Severity, State};

use super::document::{self, Document};
use super::entries::{Entries, Kept, kept};
use super::facts::Facts;
use super::tree::Tree;
use super::{REDHAT, RELEASES, namespace};
use crate::error::FeedError;
use crate::feed::{Harvest, Lean, Row};
use crate::text::cut;

/// Longest title that is kept, in characters.
pub(super) const MAX_TITLE_CHARS: usize = 200;
/// Most addresses of one row.
pub(super) const MAX_URLS: usize = 8;
/// Where people read on.
const PAGE: &str = "https://access.redhat.com/security/cve/";

/// Reads a document into the rows of all releases that are wanted. A document of another shape is
/// counted as dropped, one that was withdrawn says nothing. Returns the number of entries that are
/// left out because they are about no RPM package, or no release that is known.
///
/// # Errors
/// [`FeedError::Malformed`] when it is not JSON, [`FeedError::Limit`].
pub(super) fn take(
    address: &str,
    member: Option<&str>,
    bytes: &[u8],
    harvest: &mut Harvest,
) -> Result<u64, FeedError> {
    let Some(document) = document::read(address, member, bytes)? else {
        drop_everywhere(harvest);
        return Ok(0);
    };
    let tracking = &document.head.tracking;
    if matches!(&*tracking.status, "deleted" | "rejected" | "withdrawn") {
        return Ok(0);
    }
    let tree = Tree::new(&document.product_tree);
    let mut left_out = 0;
    for vulnerability in &document.vulnerabilities {
        let id = vulnerability.cve.as_deref().unwrap_or(&tracking.id);
        if id.is_empty() {
            drop_everywhere(harvest);
            continue;
        }
        let facts = Facts::new(&document, vulnerability);
        let mut entries = Entries { tree: &tree, facts: &facts, list: Vec::new(), left_out: 0 };
        entries.read(vulnerability, harvest);
        left_out += entries.left_out;
        let mut words = Words::new(id, &document, &facts);
        push_all(&kept(entries.list), &mut words, harvest)?;
    }
    Ok(left_out)
}

fn drop_everywhere(harvest: &mut Harvest) {
    for release in RELEASES {
        harvest.drop_record(&namespace(release));
    }
}

/// What entries of one row have in common.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Face<'k> {
    name: &'k str,
    module: Option<&'k str>,
    version: Option<&'k str>,
    key: Key,
    saying: Saying<'k>,
}

/// What a row says, whatever the package.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
struct Saying<'k> {
    state: State,
    severity: Option<Severity>,
    rating: Option<usize>,
    note: Option<&'k str>,
}

/// Of one face in one product.
#[derive(Default)]
struct Reach<'k> {
    arches: BTreeSet<&'k str>,
    /// It is about packages of every architecture.
    of_all: bool,
    urls: BTreeSet<&'k str>,
}

type Products<'k> = BTreeMap<&'k str, Reach<'k>>;

fn push_all<'k>(
    kept: &'k [Kept<'_>],
    words: &mut Words<'k>,
    harvest: &mut Harvest,
) -> Result<(), FeedError> {
    let mut releases: BTreeMap<u8, BTreeMap<Face<'_>, Products<'_>>> = BTreeMap::new();
    for one in kept {
        for release in &one.entry.releases {
            let products = releases.entry(*release).or_default().entry(face(one)).or_default();
            join(products.entry(one.entry.cpe).or_default(), one);
        }
    }
    for (release, faces) in releases {
        let namespace = namespace(release);
        for (face, products) in faces {
            for (arches, (cpes, urls)) in by_arches(products) {
                let row = Lean {
                    common: words.common(face.saying, urls),
                    scope: words.scope(&face, arches, cpes),
                    fixed_version: face.version.map(|version| words.version(version)),
                };
                harvest.push(&namespace, face.name, Row::Lean(row))?;
            }
        }
    }
    Ok(())
}

fn face<'k>(kept: &'k Kept<'_>) -> Face<'k> {
    let Kept { entry, key } = kept;
    Face {
        name: &entry.component.name,
        module: entry.component.module.as_deref(),
        version: entry.component.version.as_deref().filter(|_| entry.is_fixed()),
        key: *key,
        saying: Saying {
            state: entry.state,
            severity: entry.severity,
            rating: entry.rating,
            note: entry.note.as_deref(),
        },
    }
}

/// A build of no architecture is for all; so is a source, and what is not affected anywhere.
fn join<'k>(reach: &mut Reach<'k>, kept: &'k Kept<'_>) {
    let told = kept.entry.state != State::NotAffected && kept.key == Key::Binary;
    match kept.entry.component.arch.as_deref().filter(|_| told) {
        Some(arch) if arch != "noarch" => {
            reach.arches.insert(arch);
        }
        _ => reach.of_all = true,
    }
    reach.urls.extend(kept.entry.url);
}

type Joined<'k> = BTreeMap<BTreeSet<&'k str>, (BTreeSet<&'k str>, BTreeSet<&'k str>)>;

/// Puts products together for which the same architectures are told.
fn by_arches(products: Products<'_>) -> Joined<'_> {
    let mut joined = Joined::new();
    for (cpe, reach) in products {
        let arches = if reach.of_all { BTreeSet::new() } else { reach.arches };
        let (cpes, urls) = joined.entry(arches).or_default();
        cpes.insert(cpe);
        urls.extend(reach.urls);
    }
    joined
}

/// What many rows of a document say in the same words; each is kept once.
struct Words<'k> {
    /// What all rows say.
    base: Advisory,
    facts: &'k Facts<'k>,
    commons: BTreeMap<(Saying<'k>, BTreeSet<&'k str>), Arc<Advisory>>,
    scopes: BTreeSet<Arc<Scope>>,
    versions: BTreeSet<Arc<str>>,
}

impl<'k> Words<'k> {
    fn new(id: &str, document: &Document<'_>, facts: &'k Facts<'k>) -> Self {
        let title = cut(document.head.title.as_deref().unwrap_or_default(), MAX_TITLE_CHARS);
        let base = Advisory {
            id: id.to_owned(),
            record: REDHAT.title.to_owned(),
            title: Some(title).filter(|title| !title.is_empty()),
            urls: vec![format!("{PAGE}{id}")],
            ..Advisory::default()
        };
        let (scopes, versions) = (BTreeSet::new(), BTreeSet::new());
        Self { base, facts, commons: BTreeMap::new(), scopes, versions }
    }

    fn common(&mut self, saying: Saying<'k>, urls: BTreeSet<&'k str>) -> Arc<Advisory> {
        let key = (saying, urls);
        if let Some(common) = self.commons.get(&key) {
            return Arc::clone(common);
        }
        let ratings = saying.rating.and_then(|place| self.facts.ratings.get(place));
        let mut common = Advisory {
            state: saying.state,
            severity: saying.severity,
            cvss: ratings.cloned().unwrap_or_default(),
            note: saying.note.map(str::to_owned),
            ..self.base.clone()
        };
        common.urls.extend(key.1.iter().take(MAX_URLS - 1).map(|url| (*url).to_owned()));
        let common = Arc::new(common);
        self.commons.insert(key, Arc::clone(&common));
        common
    }

    fn scope(
        &mut self,
        face: &Face<'_>,
        arches: BTreeSet<&str>,
        cpes: BTreeSet<&str>,
    ) -> Arc<Scope> {
        let scope = Scope {
            key: face.key,
            arches: arches.into_iter().map(str::to_owned).collect(),
            module: face.module.map(str::to_owned),
            products: cpes.into_iter().map(str::to_owned).collect(),
        };
        if let Some(known) = self.scopes.get(&scope) {
            return Arc::clone(known);
        }
        let scope = Arc::new(scope);
        self.scopes.insert(Arc::clone(&scope));
        scope
    }

    fn version(&mut self, version: &str) -> Arc<str> {
        if let Some(known) = self.versions.get(version) {
            return Arc::clone(known);
        }
        let version: Arc<str> = version.into();
        self.versions.insert(Arc::clone(&version));
        version
    }
}
