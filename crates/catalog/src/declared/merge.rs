//! Which declared packages are installed too: a package counts once.

use std::collections::HashMap;

use plimsoll_model::{Evidence, Package};

use crate::place::{evidence_path, outermost};

/// The most evidence of one package, beyond which files that declare it are not told.
const MAX_EVIDENCE: usize = 20;

/// Joins each declared package with those of the same purl that are installed below the folder of its
/// file: they take its evidence, behind their own, and it is gone. Where none is installed, it is joined
/// with the first that a file of the same folder declares. Packages are `finish`ed.
pub(crate) fn merge(packages: Vec<Package>) -> Vec<Package> {
    if !packages.iter().any(|package| package.declared) {
        return packages;
    }
    let (mut declared, mut all): (Vec<Package>, Vec<Package>) =
        packages.into_iter().partition(|package| package.declared && !package.purl.is_empty());
    declared.sort_by(|a, b| (&a.purl, evidence_path(a)).cmp(&(&b.purl, evidence_path(b))));
    let mut installed: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, package) in all.iter().enumerate() {
        installed.entry(package.purl.clone()).or_default().push(index);
    }
    let mut of_folder: HashMap<(String, String), usize> = HashMap::new();
    for package in declared {
        let folder = folder(evidence_path(&package)).to_owned();
        let same = installed.get(&package.purl).map_or(&[][..], Vec::as_slice);
        let below: Vec<usize> =
            same.iter().copied().filter(|index| is_below(&all[*index], &folder)).collect();
        if !below.is_empty() {
            for index in below {
                take_evidence(&mut all[index], &package.evidence);
            }
            continue;
        }
        let first = of_folder.entry((package.purl.clone(), folder)).or_insert(all.len());
        if let Some(first) = all.get_mut(*first) {
            take_evidence(first, &package.evidence);
        } else {
            all.push(package);
        }
    }
    all
}

/// Adds evidence behind that by which the package is known, within the limit.
fn take_evidence(package: &mut Package, more: &[Evidence]) {
    for evidence in more {
        if package.evidence.len() < MAX_EVIDENCE && !package.evidence.contains(evidence) {
            package.evidence.push(evidence.clone());
        }
    }
}

/// Returns the folder of a file with `/` at its end; empty for the root.
fn folder(path: &str) -> &str {
    let path = outermost(path);
    path.rfind('/').map_or("", |at| &path[..=at])
}

fn is_below(package: &Package, folder: &str) -> bool {
    evidence_path(package).starts_with(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(path: &str, declared: bool) -> Package {
        let evidence = Evidence { path: path.to_owned(), ..Evidence::default() };
        Package {
            purl: "pkg:npm/qs@6.5.2".to_owned(),
            evidence: vec![evidence],
            declared,
            ..Package::default()
        }
    }

    fn shown(packages: &[Package]) -> Vec<(bool, Vec<&str>)> {
        packages
            .iter()
            .map(|package| {
                let paths = package.evidence.iter().map(|evidence| evidence.path.as_str());
                (package.declared, paths.collect())
            })
            .collect()
    }

    #[test]
    fn a_declared_package_joins_what_is_installed_below_its_folder() {
        let merged = merge(vec![
            package("app/a.lock", true),
            package("app/node_modules/qs/package.json", false),
            package("app/node_modules/b/node_modules/qs/package.json", false),
            package("usr/lib/node_modules/qs/package.json", false),
        ]);
        assert_eq!(
            shown(&merged),
            [
                (false, vec!["app/node_modules/qs/package.json", "app/a.lock"]),
                (false, vec!["app/node_modules/b/node_modules/qs/package.json", "app/a.lock"]),
                (false, vec!["usr/lib/node_modules/qs/package.json"]),
            ]
        );
    }

    #[test]
    fn files_of_one_folder_declare_a_package_once() {
        let merged = merge(vec![
            package("app/b.lock", true),
            package("app/a.lock", true),
            package("app/x/a.lock", true),
            package("application/qs/package.json", false),
        ]);
        assert_eq!(
            shown(&merged),
            [
                (false, vec!["application/qs/package.json"]),
                (true, vec!["app/a.lock", "app/b.lock"]),
                (true, vec!["app/x/a.lock"]),
            ]
        );
        let at_root = merge(vec![package("a.lock", true), package("lib/qs/package.json", false)]);
        assert_eq!(shown(&at_root), [(false, vec!["lib/qs/package.json", "a.lock"])]);
    }

    #[test]
    fn files_that_declare_one_package_have_a_limit() {
        let mut packages = vec![package("a/b/qs/package.json", false)];
        packages.extend((0..100).map(|number| package(&format!("a/{number}.lock"), true)));
        let merged = merge(packages);
        assert_eq!((merged.len(), merged[0].evidence.len()), (1, MAX_EVIDENCE));
    }

    #[test]
    fn packages_without_a_purl_stay_apart() {
        let mut nameless = package("app/a.lock", true);
        nameless.purl.clear();
        assert_eq!(merge(vec![nameless.clone(), nameless]).len(), 2);
    }
}
