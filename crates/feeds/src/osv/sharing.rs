//! Rows that share what the rows of a record have in common.
//!
//! An update of a kernel mends a hundred weaknesses in sixty packages: six thousand rows, which differ
//! in their id, their package and little else.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll_model::{Advisory, Affected, Scope};

use crate::feed::{Lean, Row};

/// The scopes of all records.
#[derive(Debug, Default)]
pub(crate) struct Scopes(BTreeMap<Scope, Arc<Scope>>);

/// What the rows of one record share.
#[derive(Debug)]
pub(crate) struct Sharing<'s> {
    scopes: &'s mut Scopes,
    /// By id.
    common: BTreeMap<String, Arc<Advisory>>,
    versions: BTreeMap<String, Arc<str>>,
}

impl<'s> Sharing<'s> {
    pub(crate) fn new(scopes: &'s mut Scopes) -> Self {
        Self { scopes, common: BTreeMap::new(), versions: BTreeMap::new() }
    }

    /// Makes the row of an advisory. One whose versions are not just all, or all below the one that
    /// mends it, has a row of its own.
    pub(crate) fn lean(&mut self, mut advisory: Advisory) -> Row {
        let fixed_version = match advisory.fixed_versions.as_slice() {
            [] if advisory.affected == Affected::all() => None,
            [fixed] if advisory.affected == Affected::below(fixed) => Some(self.version(fixed)),
            _ => return Row::Advisory(Box::new(advisory)),
        };
        let scope = std::mem::take(&mut advisory.scope);
        let scope = match self.scopes.0.get(&scope) {
            Some(known) => Arc::clone(known),
            None => {
                Arc::clone(self.scopes.0.entry(scope.clone()).or_insert_with(|| Arc::new(scope)))
            }
        };
        advisory.affected = Affected::default();
        advisory.fixed_versions = Vec::new();
        let common = match self.common.get(&advisory.id) {
            Some(known) if **known == advisory => Arc::clone(known),
            _ => {
                let (id, common) = (advisory.id.clone(), Arc::new(advisory));
                self.common.insert(id, Arc::clone(&common));
                common
            }
        };
        Row::Lean(Lean { common, scope, fixed_version })
    }

    fn version(&mut self, version: &str) -> Arc<str> {
        if let Some(known) = self.versions.get(version) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(version);
        self.versions.insert(version.to_owned(), Arc::clone(&shared));
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_back_what_it_was_made_of() {
        let plain = Advisory { id: "CVE-1".to_owned(), ..Advisory::default() };
        let below = Affected::below("2");
        let fixed = Advisory {
            affected: below.clone(),
            fixed_versions: vec!["2".to_owned()],
            scope: Scope::binary(),
            ..plain.clone()
        };
        let open = Advisory { affected: Affected::all(), ..plain.clone() };
        let odd = Advisory { affected: below, ..plain };
        let mut scopes = Scopes::default();
        let mut sharing = Sharing::new(&mut scopes);
        let mut commons = Vec::new();
        for advisory in [fixed, open] {
            let Row::Lean(lean) = sharing.lean(advisory.clone()) else { panic!("{advisory:?}") };
            assert_eq!(lean.advisory(), advisory);
            commons.push(lean.common);
        }
        assert!(Arc::ptr_eq(&commons[0], &commons[1]));
        assert_eq!(sharing.lean(odd.clone()), Row::Advisory(Box::new(odd)));
    }
}
