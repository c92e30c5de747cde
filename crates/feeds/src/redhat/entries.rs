//! The entries of a document: what it says of one component of one product, and which of them count.
//!
//! A fixed build gives entries about its source package, with `arch=src`, and, but for the documents on
//! release 7, about its binary packages. Both are kept: the source speaks for sub-packages and
//! architectures that are not listed. What is not fixed is told of a component, that may be the name of
//! a source or a binary package; newer documents list both, the source with `arch=src`.

use std::collections::HashSet;

use plimsoll_model::advisory::Key;
use plimsoll_model::{Severity, State};

use super::component::{Component, Named};
use super::document::{Text, Vulnerability};
use super::facts::Facts;
use super::namespace;
use super::products::{self, MAX_CPE_BYTES};
use super::tree::Tree;
use crate::feed::Harvest;

/// Longest version that is kept, in bytes.
pub(super) const MAX_VERSION_BYTES: usize = 256;

/// What a document says of one component of one product.
pub(super) struct Entry<'d> {
    /// The releases that it is about, at least one.
    pub(super) releases: Vec<u8>,
    pub(super) cpe: &'d str,
    pub(super) component: Component,
    pub(super) state: State,
    pub(super) severity: Option<Severity>,
    /// Place in [`Facts::ratings`].
    pub(super) rating: Option<usize>,
    /// The address of the advisory that brought the build.
    pub(super) url: Option<&'d str>,
    pub(super) note: Option<String>,
}

impl Entry<'_> {
    fn is_source(&self) -> bool {
        matches!(self.component.arch.as_deref(), Some("src" | "nosrc"))
    }

    pub(super) fn is_fixed(&self) -> bool {
        self.state == State::Fixed
    }
}

/// The entries of one vulnerability, as they are read.
pub(super) struct Entries<'a, 'd> {
    pub(super) tree: &'a Tree<'d>,
    pub(super) facts: &'a Facts<'d>,
    pub(super) list: Vec<Entry<'d>>,
    /// Those about no RPM package, or no release that is known or wanted.
    pub(super) left_out: u64,
}

impl<'d> Entries<'_, 'd> {
    pub(super) fn read(&mut self, vulnerability: &'d Vulnerability<'d>, harvest: &mut Harvest) {
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
pub(super) struct Kept<'d> {
    pub(super) entry: Entry<'d>,
    pub(super) key: Key,
}

/// A package of one product: CPE, module and name.
type Place = (String, Option<String>, String);

/// What is told elsewhere in a document.
struct Told {
    /// Packages that are fixed or affected.
    packages: HashSet<Place>,
    /// Sources that are not affected.
    clear_sources: HashSet<Place>,
    /// Sources are marked as such, so that names without a mark are binary packages.
    marks_sources: bool,
}

/// Leaves out what is called not affected although it is told to be affected or fixed in the same
/// product, or although its source is told already.
pub(super) fn kept(list: Vec<Entry<'_>>) -> Vec<Kept<'_>> {
    let told = Told::new(&list);
    list.into_iter().filter_map(|entry| Some(Kept { key: told.key(&entry)?, entry })).collect()
}

impl Told {
    fn new(list: &[Entry<'_>]) -> Self {
        let clear = |entry: &&Entry<'_>| entry.state == State::NotAffected;
        Self {
            packages: list.iter().filter(|entry| !clear(entry)).map(package).collect(),
            clear_sources: list
                .iter()
                .filter(clear)
                .filter(|e| e.is_source())
                .map(package)
                .collect(),
            marks_sources: list.iter().any(|entry| !entry.is_fixed() && entry.is_source()),
        }
    }

    /// Returns the name that an entry is kept under; `None` when it is left out.
    fn key(&self, entry: &Entry<'_>) -> Option<Key> {
        let is_binary = entry.component.arch.is_some() && !entry.is_source();
        match entry.state {
            State::Fixed => Some(if entry.is_source() { Key::Source } else { Key::Binary }),
            State::NotAffected if self.packages.contains(&package(entry)) => None,
            _ if is_binary => Some(Key::Binary),
            State::NotAffected if entry.is_source() || !self.marks_sources => Some(Key::Source),
            State::NotAffected => {
                (!self.clear_sources.contains(&package(entry))).then_some(Key::Binary)
            }
            _ => Some(Key::Both),
        }
    }
}

fn package(entry: &Entry<'_>) -> Place {
    (entry.cpe.to_owned(), entry.component.module.clone(), entry.component.name.clone())
}
