//! The whole catalogue of a target: every cataloguer's packages, finished and linked.

use std::collections::HashSet;
use std::ops::Range;

use plimsoll_model::report::Layer;
use plimsoll_model::{
    Artifact, Distro, FileYield, Gap, GapKind, Package, Problem, Readers as _, THIRD_PARTY, Tree,
    WantSet,
};

use crate::CATALOGUERS;
use crate::artifacts;
use crate::bounds;
use crate::cataloguer::{CatalogReaders, Read, TreeInput};
use crate::declared;
use crate::installations;
use crate::languages::dotnet;
use crate::owned::{self, Owned};
use crate::place::{evidence_path, inside, outermost};
use crate::program::notes;
use crate::python;
use crate::relations;

/// Everything that was found in a target.
#[derive(Debug, Default)]
pub struct Catalogued {
    /// Its distribution.
    pub distro: Option<Distro>,
    /// Its packages, with `purl` and `id`, sorted by type, name, version, evidence path.
    pub packages: Vec<Package>,
    /// Archives and programs that no package explains, with paths from the root; sorted.
    pub artifacts: Vec<Artifact>,
    /// Archives that a package explains whose identity is not sure; sorted.
    pub doubtful: Vec<Artifact>,
    /// What could not be read, that of the tree itself included; sorted, no two alike.
    pub problems: Vec<Problem>,
    /// The gaps that follow, one for each problem that makes one too; sorted, no two alike.
    pub gaps: Vec<Gap>,
}

/// Lists what is in a tree whose files were read with `readers`.
///
/// `layers` are those of the target, by their index; `is_image` is false for a folder, whose packages
/// and problems then have no layer. Packages that another one holds (an archive, a module that bundles
/// them) have that one as their parent.
pub fn catalogue(
    tree: &Tree,
    readers: &CatalogReaders,
    layers: &[Layer],
    is_image: bool,
) -> Catalogued {
    let problems = tree_problems(tree, readers);
    let mut found = Catalogued { problems, ..Catalogued::default() };
    let owned = read_tree(tree, &mut found);
    let of_tree = found.packages.len();
    read_yields(tree, readers, &mut found);
    if !is_image {
        forget_layers(&mut found);
    }
    tell_vendors(&mut found.packages, found.distro.as_ref());
    settle_notes(&mut found, of_tree, &owned);
    let libraries = of_tree..found.packages.len();
    installations::settle(&mut found.packages, libraries, &owned, found.distro.as_ref());
    finish(&mut found.packages, found.distro.as_ref(), layers);
    let libraries = of_tree..found.packages.len();
    set_owners(&mut found.packages, libraries, &owned);
    found.doubtful = artifacts::explain(&found.packages, &mut found.artifacts, &owned);
    found.packages = declared::merge(found.packages);
    found.packages.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    // An archive may hold two members of one name; there is no telling them apart.
    found.packages.dedup_by(|a, b| a.id == b.id && sort_key(a) == sort_key(b) && a.arch == b.arch);
    relations::link(&mut found.packages);
    found.gaps.extend(found.problems.iter().filter_map(gap_of));
    found.problems.sort();
    found.problems.dedup();
    found.gaps.sort();
    found.gaps.dedup();
    found
}

/// Returns the problems of the tree. It does not know what is wanted: where an entry at a place that a
/// cataloguer wants did not become a file, that is a gap.
fn tree_problems(tree: &Tree, readers: &CatalogReaders) -> Vec<Problem> {
    let mut problems = tree.problems();
    for problem in &mut problems {
        let is_place = readers.wants().places().iter().any(|(place, _)| *place == problem.path);
        if problem.gap.is_none() && (is_place || readers.wants().ask(&problem.path, false) != 0) {
            problem.gap = Some(GapKind::Unreadable);
        }
    }
    problems
}

/// Adds what tree cataloguers found, and returns the paths that the packages own.
fn read_tree(tree: &Tree, found: &mut Catalogued) -> Owned {
    let mut owned = Owned::default();
    for row in CATALOGUERS {
        let Read::Tree(read) = row.read else { continue };
        let mut taken = read(&TreeInput { tree });
        // Packages that own paths are known by their place in the list; their databases have limits.
        if taken.owned.is_empty() {
            bounds::bound_packages(&mut taken.packages, &mut taken.problems);
        }
        found.distro = found.distro.take().or(taken.distro);
        owned.append(taken.owned, found.packages.len());
        found.packages.extend(taken.packages.into_iter().map(|package| {
            let declared = row.declared;
            Package { declared, ..named(package, row.name) }
        }));
        found.problems.extend(taken.problems);
        found.gaps.extend(taken.gaps);
    }
    found.problems.extend(owned.problem());
    owned
}

/// Adds what file cataloguers took, with the paths inside a file made into paths from the root.
fn read_yields(tree: &Tree, readers: &CatalogReaders, found: &mut Catalogued) {
    let yields = by_wanted_names(tree.yields(), readers.wants());
    for &(ref path, layer, row, taken) in &yields {
        // A cache of another version could name a row that is not there.
        let Some(row) = CATALOGUERS.get(usize::from(row)) else { continue };
        for package in &taken.packages {
            let mut package = named(package.clone(), row.name);
            package.layer = Some(layer);
            package.declared = row.declared;
            for evidence in &mut package.evidence {
                evidence.path = inside(path, &evidence.path);
                evidence.layer = Some(layer);
            }
            found.packages.push(package);
        }
        found.artifacts.extend(taken.artifacts.iter().map(|artifact| Artifact {
            path: inside(path, &artifact.path),
            layer: Some(layer),
            ..artifact.clone()
        }));
        found.problems.extend(taken.problems.iter().map(|problem| Problem {
            path: inside(path, &problem.path),
            layer: Some(layer),
            ..problem.clone()
        }));
    }
    let of_rows = yields.iter().filter_map(|(_, _, row, taken)| {
        CATALOGUERS.get(usize::from(*row)).map(|row| (row.name, *taken))
    });
    dotnet::drop_claimed(of_rows, &mut found.packages);
    python::join(&mut found.packages);
}

/// A path, its layer, the row, and what was taken.
type Yield<'a> = (String, u32, u8, &'a FileYield);

/// Leaves out the names of a file that nobody asked for where another name of it was (hard links: pnpm
/// links each file to its store, where it has a number for a name).
fn by_wanted_names<'a>(mut yields: Vec<Yield<'a>>, wants: &WantSet) -> Vec<Yield<'a>> {
    let is_wanted =
        |(path, _, row, _): &Yield<'_>| (wants.ask(path, true) | wants.programs()) >> row & 1 == 1;
    let wanted: Vec<bool> = yields.iter().map(is_wanted).collect();
    if wanted.iter().all(|wanted| *wanted) {
        return yields;
    }
    let names = yields.iter().zip(&wanted).filter(|(_, wanted)| **wanted);
    let known: HashSet<*const FileYield> =
        names.map(|((_, _, _, taken), _)| std::ptr::from_ref(*taken)).collect();
    let mut wanted = wanted.into_iter();
    yields.retain(|(_, _, _, taken)| {
        wanted.next() == Some(true) || !known.contains(&std::ptr::from_ref(*taken))
    });
    yields
}

fn named(mut package: Package, cataloguer: &str) -> Package {
    // A row that asks several readers has them tell their own names.
    for evidence in package.evidence.iter_mut().filter(|evidence| evidence.cataloguer.is_empty()) {
        cataloguer.clone_into(&mut evidence.cataloguer);
    }
    package
}

fn forget_layers(found: &mut Catalogued) {
    for package in &mut found.packages {
        package.layer = None;
        package.evidence.iter_mut().for_each(|evidence| evidence.layer = None);
    }
    found.problems.iter_mut().for_each(|problem| problem.layer = None);
    found.artifacts.iter_mut().for_each(|artifact| artifact.layer = None);
}

/// Tells packages of another vendor than the distribution's. One that states none was built by somebody at
/// home, but for the distributions that leave it out.
fn tell_vendors(packages: &mut [Package], distro: Option<&Distro>) {
    let Some(row) = distro.and_then(|distro| distro.row).filter(|row| !row.vendors.is_empty())
    else {
        return;
    };
    for package in packages.iter_mut().filter(|package| package.kind == row.package_type) {
        let is_own = match package.vendor.as_deref() {
            Some(vendor) => row.vendors.iter().any(|own| vendor.starts_with(own)),
            None => !row.unvendored.is_empty() && package.version.contains(row.unvendored),
        };
        if !is_own {
            package.repository = Some(THIRD_PARTY.to_owned());
        }
    }
}

/// Looks at the packages that notes in programs name, which may be installed: see [`notes::settle`].
fn settle_notes(found: &mut Catalogued, of_tree: usize, owned: &Owned) {
    let mut of_files = found.packages.split_off(of_tree);
    let owners = owned.owners(of_files.iter().map(path_hash));
    let is_owned = |package: &Package| owners.contains_key(&path_hash(package));
    notes::settle(&found.packages, &mut of_files, found.distro.as_ref(), &is_owned);
    found.packages.append(&mut of_files);
}

pub(crate) fn finish(packages: &mut [Package], distro: Option<&Distro>, layers: &[Layer]) {
    for package in &mut *packages {
        package.evidence.sort();
        let layer = package.evidence.first().and_then(|evidence| evidence.layer);
        let layer = layers.iter().find(|known| Some(known.index) == layer);
        package.finish(distro, layer.map_or("", |layer| layer.diff_id.as_str()));
    }
}

/// Gives each of the `libraries` the id of the package that owns the file which shows it to be there.
fn set_owners(packages: &mut [Package], libraries: Range<usize>, owned: &Owned) {
    let owners = owned.owners(packages[libraries.clone()].iter().map(path_hash));
    for index in libraries {
        let owner = owners.get(&path_hash(&packages[index])).and_then(|owner| packages.get(*owner));
        packages[index].owner = owner.map(|owner| owner.id.clone());
    }
}

/// Returns the hash of the path of the file that shows a package to be there.
fn path_hash(package: &Package) -> u64 {
    owned::hash(outermost(evidence_path(package)).as_bytes())
}

pub(crate) fn sort_key(package: &Package) -> (&str, &str, &str, &str, &str) {
    (&package.kind, &package.name, &package.version, evidence_path(package), &package.id)
}

fn gap_of(problem: &Problem) -> Option<Gap> {
    let kind = problem.gap?;
    Some(Gap { kind, subject: problem.path.clone(), detail: problem.detail.clone() })
}
