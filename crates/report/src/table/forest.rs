//! Packages as a forest: each below the one that holds it, a JAR below the JAR around it.

use std::collections::{HashMap, HashSet};

use plimsoll_model::{Package, Report};

use super::groups::Group;

/// Packages by the package that holds them; each `id` stands in one place.
pub(super) struct Forest<'a> {
    /// Those that nothing holds.
    pub roots: Vec<&'a str>,
    /// What each holds, in the order of the groups.
    pub children: HashMap<&'a str, Vec<&'a str>>,
    /// All packages of the report by `id`.
    pub packages: HashMap<&'a str, &'a Package>,
    /// The groups by `id`.
    pub groups: HashMap<&'a str, &'a Group<'a>>,
}

impl<'a> Forest<'a> {
    /// Plants the groups in their order; a holder stands where the first package in it would.
    pub(super) fn new(report: &'a Report, groups: &'a [Group<'a>]) -> Self {
        let mut forest = Self {
            roots: Vec::new(),
            children: HashMap::new(),
            packages: report
                .packages
                .iter()
                .map(|package| (package.id.as_str(), package))
                .collect(),
            groups: groups.iter().map(|group| (group.id, group)).collect(),
        };
        let mut planted: HashSet<&str> = HashSet::new();
        for group in groups {
            let mut id = group.id;
            while planted.insert(id) {
                let Some(parent) = forest.parent(id) else {
                    forest.roots.push(id);
                    break;
                };
                if planted.contains(parent) && forest.leads_to(parent, id) {
                    // Packages that hold each other: one of them has to stand at the top.
                    forest.roots.push(id);
                    break;
                }
                forest.children.entry(parent).or_default().push(id);
                id = parent;
            }
        }
        forest
    }

    /// Returns the `id` of the package that holds this one, where the report lists it.
    pub(super) fn parent(&self, id: &str) -> Option<&'a str> {
        let parent = self.packages.get(id)?.parent.as_deref()?;
        self.packages.contains_key(parent).then_some(parent)
    }

    /// Returns whether `from` stands below `to` so far.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let mut due: Vec<&str> = vec![to];
        while let Some(id) = due.pop() {
            if id == from {
                return true;
            }
            due.extend(self.children.get(id).into_iter().flatten());
        }
        false
    }

    /// Returns what a path adds to that of the package around it.
    pub(super) fn path_below<'p>(&self, id: &str, path: &'p str) -> &'p str {
        let parent = self.parent(id).and_then(|parent| self.packages.get(parent));
        parent
            .and_then(|parent| parent.evidence.first())
            .and_then(|evidence| path.strip_prefix(&evidence.path)?.strip_prefix(" > "))
            .unwrap_or(path)
    }
}
