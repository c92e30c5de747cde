//! The rows of a document.
//!
//! A fixed build gives a row about the binary package; entries that differ only in architecture or
//! product are one row. A source package is told only where no binary package of its build is (the
//! documents on release 7). What is not fixed is told of a component, that may be the name of a source
//! or a binary package; newer documents list both, the source with `arch=src`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use plimsoll_model::advisory::{Key, Scope};
use plimsoll_model::{Advisory, Affected, Severity, State};

use super::component::{Component, Named};
use super::document::{self, Document, Text, Vulnerability};
use super::facts::Facts;
use super::products::{self, MAX_CPE_BYTES};
use super::tree::Tree;
use super::{FAMILY, REDHAT, RELEASES};
use crate::error::FeedError;
use crate::feed::{Harvest, Row};
use crate::text::cut;

/// Longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 200;
/// Longest version that is kept, in bytes.
const MAX_VERSION_BYTES: usize = 256;
/// Most addresses of one row.
const MAX_URLS: usize = 8;
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
    let tracking = &document.document.tracking;
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
        let kept = kept(entries.list);
        push_all(id, &document, &facts, &kept, harvest)?;
    }
    Ok(left_out)
}

fn drop_everywhere(harvest: &mut Harvest) {
    for release in RELEASES {
        harvest.drop_record(&namespace(release));
    }
}

fn namespace(release: u8) -> String {
    format!("{FAMILY}:{release}")
}

/// What a document says of one component of one product.
struct Entry<'d> {
    releases: Vec<u8>,
    cpe: &'d str,
    component: Component,
    state: State,
    severity: Option<Severity>,
    /// Place in [`Facts::ratings`].
    rating: Option<usize>,
    url: Option<&'d str>,
    note: Option<String>,
}

impl Entry<'_> {
    fn is_source(&self) -> bool {
        matches!(self.component.arch.as_deref(), Some("src" | "nosrc"))
    }

    fn is_fixed(&self) -> bool {
        self.state == State::Fixed
    }
}

struct Entries<'a, 'd> {
    tree: &'a Tree<'d>,
    facts: &'a Facts<'d>,
    list: Vec<Entry<'d>>,
    left_out: u64,
}

impl<'d> Entries<'_, 'd> {
    fn read(&mut self, vulnerability: &'d Vulnerability<'d>, harvest: &mut Harvest) {
        let status = &vulnerability.product_status;
        self.read_all(&status.fixed, |_, _| State::Fixed, harvest);
        self.read_all(&status.known_affected, Facts::state_of, harvest);
        self.read_all(&status.under_investigation, |_, _| State::UnderInvestigation, harvest);
        self.read_all(&status.known_not_affected, |_, _| State::NotAffected, harvest);
    }

    fn read_all(
        &mut self,
        ids: &'d [Text<'d>],
        state: impl Fn(&Facts<'d>, &str) -> State,
        harvest: &mut Harvest,
    ) {
        for id in ids {
            let Some(member) = self.tree.find(id).filter(|m| m.cpe.len() <= MAX_CPE_BYTES) else {
                self.left_out += 1;
                continue;
            };
            let state = state(self.facts, id);
            let version = match &member.named {
                Named::Package(component) => component.version.as_deref(),
                Named::Broken => None,
                Named::Module(_) | Named::Other => {
                    self.left_out += 1;
                    continue;
                }
            };
            let mut releases = products::releases(member.cpe, version, harvest);
            releases.retain(|release| harvest.wants(&namespace(*release)));
            let lacks_build = state == State::Fixed && version.is_none();
            let too_long = version.is_some_and(|version| version.len() > MAX_VERSION_BYTES);
            match member.named {
                Named::Package(component) if !lacks_build && !too_long => {
                    self.left_out += u64::from(releases.is_empty());
                    self.put(id, state, member.cpe, component, releases);
                }
                _ => releases.iter().for_each(|one| harvest.drop_record(&namespace(*one))),
            }
        }
    }

    fn put(
        &mut self,
        id: &str,
        state: State,
        cpe: &'d str,
        component: Component,
        releases: Vec<u8>,
    ) {
        if releases.is_empty() {
            return;
        }
        let told = state != State::NotAffected;
        self.list.push(Entry {
            releases,
            cpe,
            component,
            state,
            severity: self.facts.severity_of(id).filter(|_| told),
            rating: self.facts.rating_of(id).filter(|_| told),
            url: self.facts.advisory_of(id).filter(|_| state == State::Fixed),
            note: self.facts.note_of(id).filter(|_| !told),
        });
    }
}

/// An entry that becomes a row, and the name it is kept under.
struct Kept<'d> {
    entry: Entry<'d>,
    key: Key,
}

/// Leaves out sources whose binary packages are told, and what is called not affected although it is
/// told to be affected or fixed in the same product.
fn kept(list: Vec<Entry<'_>>) -> Vec<Kept<'_>> {
    let build = |entry: &Entry<'_>| {
        let version = entry.component.version.as_deref().unwrap_or_default();
        let version = version.split_once(':').map_or(version, |(_, rest)| rest);
        (entry.cpe.to_owned(), entry.component.module.clone(), version.to_owned())
    };
    let package = |entry: &Entry<'_>| {
        (entry.cpe.to_owned(), entry.component.module.clone(), entry.component.name.clone())
    };
    let is_binary = |entry: &&Entry<'_>| entry.is_fixed() && !entry.is_source();
    let builds: HashSet<_> = list.iter().filter(is_binary).map(build).collect();
    let is_told = |entry: &&Entry<'_>| entry.state != State::NotAffected;
    let told: HashSet<_> = list.iter().filter(is_told).map(package).collect();
    let is_clear_source =
        |entry: &&Entry<'_>| entry.state == State::NotAffected && entry.is_source();
    let clear_sources: HashSet<_> = list.iter().filter(is_clear_source).map(package).collect();
    let names_sources = list.iter().any(|entry| !entry.is_fixed() && entry.is_source());

    let mut kept = Vec::with_capacity(list.len());
    for entry in list {
        let has_arch = entry.component.arch.is_some();
        let key = match (entry.state, entry.is_source(), has_arch) {
            (State::Fixed, true, _) if builds.contains(&build(&entry)) => continue,
            (State::NotAffected, _, _) if told.contains(&package(&entry)) => continue,
            (State::NotAffected, false, false) if clear_sources.contains(&package(&entry)) => {
                continue;
            }
            (State::NotAffected, false, false) if names_sources => Key::Binary,
            (State::NotAffected, false, false) => Key::Source,
            (State::Fixed | State::NotAffected, true, _) => Key::Source,
            (State::Fixed, false, _) | (_, false, true) => Key::Binary,
            _ => Key::Both,
        };
        kept.push(Kept { entry, key });
    }
    kept
}

/// What entries of one row have in common.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Face<'k> {
    name: &'k str,
    module: Option<&'k str>,
    version: Option<&'k str>,
    key: Key,
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

fn push_all(
    id: &str,
    document: &Document<'_>,
    facts: &Facts<'_>,
    kept: &[Kept<'_>],
    harvest: &mut Harvest,
) -> Result<(), FeedError> {
    let mut releases: BTreeMap<u8, BTreeMap<Face<'_>, Products<'_>>> = BTreeMap::new();
    for one in kept {
        for release in &one.entry.releases {
            let products = releases.entry(*release).or_default().entry(face(one)).or_default();
            join(products.entry(one.entry.cpe).or_default(), one);
        }
    }
    let title = cut(document.document.title.as_deref().unwrap_or_default(), MAX_TITLE_CHARS);
    let page = format!("{PAGE}{id}");
    for (release, faces) in releases {
        let namespace = namespace(release);
        for (face, products) in faces {
            let cvss = face.rating.and_then(|place| facts.ratings.get(place));
            for (arches, (cpes, urls)) in by_arches(products) {
                let urls = std::iter::once(page.as_str()).chain(urls).take(MAX_URLS);
                let scope = Scope {
                    key: face.key,
                    arches: arches.into_iter().map(str::to_owned).collect(),
                    module: face.module.map(str::to_owned),
                    products: cpes.into_iter().map(str::to_owned).collect(),
                };
                let advisory = Advisory {
                    id: id.to_owned(),
                    state: face.state,
                    scope,
                    affected: face.version.map_or_else(Affected::all, Affected::below),
                    fixed_versions: face.version.map(str::to_owned).into_iter().collect(),
                    severity: face.severity,
                    cvss: cvss.cloned().unwrap_or_default(),
                    record: REDHAT.title.to_owned(),
                    note: face.note.map(str::to_owned),
                    title: Some(title.clone()).filter(|title| !title.is_empty()),
                    urls: urls.map(str::to_owned).collect(),
                    ..Advisory::default()
                };
                harvest.push(&namespace, face.name, Row::Advisory(Box::new(advisory)))?;
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
        state: entry.state,
        severity: entry.severity,
        rating: entry.rating,
        note: entry.note.as_deref(),
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
