//! Which package holds which: the archive around a library, the module that bundles another.
//!
//! Two rules, by the path in the first evidence. What lies inside a file (` > `) is held by the package
//! of the nearest file around it. Of the package types in [`RULES`] a package is also held by the nearest
//! package of the same type whose folder it lies in. A parent that two packages could be is the first in
//! the order of the report.

use std::collections::HashMap;

use plimsoll_model::Package;

use crate::classifier::GENERIC;
use crate::place::{INSIDE, evidence_path};
use crate::{node, python};

/// How packages of one type hold each other by their folders.
struct Rule {
    /// The purl type.
    kind: &'static str,
    /// Returns the places of what may hold a package, nearest first, by the path of its evidence; all of
    /// it lies in one file, or beside it.
    holders: fn(&str) -> Vec<String>,
    /// Returns the place that a package is known by, by the path of its evidence.
    place: fn(&str) -> Option<String>,
}

/// The types whose folders tell.
const RULES: &[Rule] = &[
    Rule { kind: "npm", holders: node::holders, place: node::place },
    Rule { kind: "pypi", holders: python::holders, place: python::place },
];

/// Gives each package that another one holds the id of that one as parent. The packages have to be in
/// the order of the report.
pub(crate) fn link(packages: &mut [Package]) {
    let places = places(packages);
    let parents: Vec<Option<String>> =
        packages.iter().map(|package| parent(package, &places)).collect();
    for (package, parent) in packages.iter_mut().zip(parents) {
        package.parent = parent;
    }
}

/// What is at a place, by type: archives hold packages of any.
type Places<'a> = HashMap<(&'static str, String), &'a str>;

/// The type of what any package may lie in.
const ANY: &str = "";

fn rule(package: &Package) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.kind == package.kind && !package.declared)
}

fn places(packages: &[Package]) -> Places<'_> {
    let mut places = Places::new();
    // A product told by one of its files is not what lies in that file; a library is.
    let (products, others): (Vec<&Package>, Vec<&Package>) =
        packages.iter().partition(|package| package.kind == GENERIC);
    for package in others.into_iter().chain(products) {
        let path = evidence_path(package);
        places.entry((ANY, path.to_owned())).or_insert(&package.id);
        if let Some(rule) = rule(package)
            && let Some(place) = (rule.place)(path)
        {
            places.entry((rule.kind, place)).or_insert(&package.id);
        }
    }
    places
}

fn parent(package: &Package, places: &Places<'_>) -> Option<String> {
    let is_other = |id: &&&str| **id != package.id;
    let mut path = evidence_path(package);
    loop {
        if let Some(rule) = rule(package) {
            let mut holders = (rule.holders)(path).into_iter();
            let holder = holders.find_map(|place| places.get(&(rule.kind, place)).filter(is_other));
            if let Some(id) = holder {
                return Some((*id).to_owned());
            }
        }
        path = path.rsplit_once(INSIDE)?.0;
        if let Some(id) = places.get(&(ANY, path.to_owned())).filter(is_other) {
            return Some((*id).to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(kind: &str, name: &str, path: &str) -> Package {
        let evidence = plimsoll_model::Evidence { path: path.to_owned(), ..Default::default() };
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            evidence: vec![evidence],
            ..Package::default()
        }
    }

    fn linked(packages: &[(&str, &str, &str)]) -> Vec<String> {
        let mut packages: Vec<Package> =
            packages.iter().map(|(kind, name, path)| package(kind, name, path)).collect();
        link(&mut packages);
        packages.into_iter().map(|package| package.parent.unwrap_or_default()).collect()
    }

    #[test]
    fn the_nearest_archive_holds_what_is_inside() {
        let parents = linked(&[
            ("maven", "all", "srv/all.ear"),
            ("maven", "log", "srv/all.ear > a.war > b.jar"),
            ("maven", "in-log", "srv/all.ear > a.war > b.jar > META-INF/maven/g/a/pom.properties"),
        ]);
        assert_eq!(parents, ["", "all", "log"]);
    }

    #[test]
    fn a_module_holds_those_in_its_folder() {
        let parents = linked(&[
            ("npm", "shop", "srv/package.json"),
            ("npm", "npm", "srv/node_modules/npm/package.json"),
            ("npm", "tar", "srv/node_modules/npm/node_modules/tar/package.json"),
            ("npm", "acorn", "srv/.yarn/cache/a.zip > node_modules/acorn/package.json"),
            ("npm", "in-acorn", "srv/.yarn/cache/a.zip > node_modules/acorn/x/package.json"),
            ("pypi", "gyp", "srv/node_modules/gyp.egg-info"),
            ("npm", "other", "opt/package.json"),
        ]);
        assert_eq!(parents, ["", "shop", "npm", "shop", "acorn", "", ""]);
    }

    #[test]
    fn a_distribution_holds_what_its_folder_vendors() {
        let parents = linked(&[
            ("pypi", "pip", "lib/pip-23.0.1.dist-info/METADATA"),
            ("pypi", "Setup.Tools", "lib/setup_tools-1.0-py3.egg-info"),
            ("pypi", "six", "lib/pip/_vendor/vendor.txt"),
            ("pypi", "wheel", "lib/setup_tools/_vendor/wheel-1.dist-info/METADATA"),
            ("pypi", "elsewhere", "opt/pip/_vendor/vendor.txt"),
            ("pypi", "setuptools", "opt/setuptools-60.0.0.dist-info/METADATA"),
            ("pypi", "resources", "opt/pkg_resources/_vendor/vendored.txt"),
            ("pypi", "in-wheel", "opt/pip-23.whl > pip/_vendor/vendor.txt"),
            ("pypi", "wheel-of-pip", "opt/pip-23.whl"),
        ]);
        let expected = ["", "", "pip", "Setup.Tools", "", "", "setuptools", "wheel-of-pip", ""];
        assert_eq!(parents, expected);
    }

    #[test]
    fn a_lock_file_holds_nothing() {
        let mut packages = [package("npm", "a", "package.json"), package("npm", "b", "yarn.lock")];
        packages[1].declared = true;
        link(&mut packages);
        assert_eq!(packages[1].parent, None);
    }
}
