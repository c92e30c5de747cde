//! Package databases that are one file: found, read, attributed to layers, or missed when removed.

use std::collections::{HashMap, HashSet};

use plimsoll_model::tree::{File, Standing, Version};
use plimsoll_model::{Evidence, Gap, GapKind, Package, Problem, Tree};

use crate::attribution;
use crate::cataloguer::TreeYield;
use crate::standing::{self, DATABASE, Place};

/// The most bytes of a database that are read; real ones of thousands of packages have a few MB.
pub(crate) const MAX_DATABASE_BYTES: usize = 128 << 20;
/// The most packages taken from one database.
pub(crate) const MAX_PACKAGES: usize = 200_000;
/// The most problems told of one file.
pub(crate) const MAX_PROBLEMS: usize = 100;

/// Reads the packages of a database: without evidence, and with problems that name no path yet.
pub(crate) type Parse = fn(&[u8]) -> (Vec<Package>, Vec<Problem>);

/// Reads every database among `paths`, each real file once however many names lead to it, and adds
/// what it holds to `found`. What stands in the place of one and cannot be read is a problem; where one
/// lists nothing and a lower layer had one there whose packages are not found elsewhere, that is a gap.
pub(crate) fn read(tree: &Tree, paths: &[&str], parse: Parse, found: &mut TreeYield) {
    let packages_before = found.packages.len();
    let mut real: Vec<String> = Vec::new();
    let mut lost: Vec<&str> = Vec::new();
    let mut empty: Vec<Problem> = Vec::new();
    for path in paths {
        let Some(file) = tree.read(path) else {
            let blocked = standing::problem(tree, DATABASE, (path, Place::File));
            if !matches!(tree.standing(path), Standing::File(_)) {
                lost.push(path);
            }
            found.problems.extend(blocked);
            continue;
        };
        if real.contains(&file.path) {
            continue;
        }
        if lists_nothing(&file, &longest_history(tree, path, &file), parse, found) {
            lost.push(path);
            if file.body.is_empty() {
                let detail = "the database is empty".to_owned();
                let problem = problem(&file.path, detail, GapKind::Unreadable);
                empty.push(Problem { layer: Some(file.layer), ..problem });
            }
        }
        real.push(file.path);
    }
    let (other, here) = found.packages.split_at(packages_before);
    let (other, here) = (names(other), names(here));
    // Elsewhere it is the same database, moved, if it lists any of the same; a database of another kind
    // has to list them all.
    let is_kept = |packages: &[Package]| {
        let is_in = |listed: &HashSet<&str>, package: &Package| listed.contains(&*package.name);
        packages.iter().any(|package| is_in(&here, package))
            || packages.iter().all(|package| is_in(&other, package))
    };
    let gaps: Vec<Gap> =
        lost.iter().filter_map(|path| removed(tree, path, parse, &is_kept)).collect();
    if found.packages.is_empty() && gaps.is_empty() {
        found.problems.append(&mut empty);
    }
    found.gaps.extend(gaps);
}

/// Adds what a database holds to `found`; returns whether that is nothing, without a problem that says
/// why.
fn lists_nothing(
    file: &File<'_>,
    history: &[Version<'_>],
    parse: Parse,
    found: &mut TreeYield,
) -> bool {
    let (mut packages, problems) = parse(file.body);
    let nothing = packages.is_empty() && problems.iter().all(|problem| problem.gap.is_none());
    let layers = attribution::layers(&packages, history, parse);
    for (package, layer) in packages.iter_mut().zip(layers) {
        package.layer = Some(layer);
        package.evidence = vec![evidence(&file.path, file.layer)];
    }
    found.packages.append(&mut packages);
    found.problems.extend(placed(problems, &file.path, file.layer));
    nothing
}

/// Returns the copies of a database that was found at `path`: by that name, or by its real one where
/// that is known for longer.
fn longest_history<'a>(tree: &'a Tree, path: &str, file: &File<'_>) -> Vec<Version<'a>> {
    let (by_name, _) = tree.history(path);
    let (by_place, _) = tree.history(&file.path);
    if by_name.len() > by_place.len() { by_name } else { by_place }
}

/// Returns the names of packages, to see whether what one database listed stands in another.
pub(crate) fn names(packages: &[Package]) -> HashSet<&str> {
    packages.iter().map(|package| package.name.as_str()).collect()
}

/// What tells one package of a database from another: name, version, architecture.
pub(crate) type Key<'a> = (&'a str, &'a str, Option<&'a str>);

/// Returns where each package stands among these.
pub(crate) fn places(packages: &[Package]) -> HashMap<Key<'_>, usize> {
    let places = packages.iter().enumerate().map(|(index, package)| {
        let key: Key<'_> = (&package.name, &package.version, package.arch.as_deref());
        (key, index)
    });
    places.collect()
}

/// Returns the evidence of a tree cataloguer; the name of the cataloguer is filled in later.
pub(crate) fn evidence(path: &str, layer: u32) -> Evidence {
    Evidence { cataloguer: String::new(), path: path.to_owned(), layer: Some(layer) }
}

/// Fills in where problems of a parser are.
pub(crate) fn placed(
    problems: Vec<Problem>,
    path: &str,
    layer: u32,
) -> impl Iterator<Item = Problem> {
    problems.into_iter().map(move |problem| Problem {
        path: path.to_owned(),
        layer: Some(layer),
        ..problem
    })
}

pub(crate) fn problem(path: &str, detail: String, gap: GapKind) -> Problem {
    Problem { path: path.to_owned(), layer: None, detail, gap: Some(gap) }
}

/// Adds a problem that names no path yet, up to [`MAX_PROBLEMS`] of them and one that says so.
pub(crate) fn note(problems: &mut Vec<Problem>, detail: String, gap: Option<GapKind>) {
    let detail = match problems.len() {
        MAX_PROBLEMS => "more problems of this file are left out".to_owned(),
        count if count > MAX_PROBLEMS => return,
        _ => detail,
    };
    problems.push(Problem { path: String::new(), layer: None, detail, gap });
}

/// Cuts a database off at [`MAX_DATABASE_BYTES`], and says so.
pub(crate) fn within_limit<'a>(body: &'a [u8], problems: &mut Vec<Problem>) -> &'a [u8] {
    let Some(head) = body.get(..MAX_DATABASE_BYTES) else { return body };
    if head.len() < body.len() {
        let detail = format!("more than {MAX_DATABASE_BYTES} bytes; the rest is not read");
        note(problems, detail, Some(GapKind::Limit));
    }
    head
}

/// Returns whether there is room for one more package; says once when there is not.
pub(crate) fn has_room(packages: &[Package], problems: &mut Vec<Problem>) -> bool {
    if packages.len() < MAX_PACKAGES {
        return true;
    }
    let detail = format!("more than {MAX_PACKAGES} packages; the rest is not read");
    note(problems, detail, Some(GapKind::Limit));
    false
}

/// Joins packages with the same name, version and architecture into the first of them, which keeps
/// the lowest layer and all evidence.
pub(crate) fn merge(packages: Vec<Package>) -> Vec<Package> {
    let mut places: HashMap<(String, String, Option<String>), usize> = HashMap::new();
    let mut merged: Vec<Package> = Vec::with_capacity(packages.len());
    for package in packages {
        let key = (package.name.clone(), package.version.clone(), package.arch.clone());
        let place = *places.entry(key).or_insert(merged.len());
        match merged.get_mut(place) {
            Some(first) => {
                first.layer = first.layer.min(package.layer);
                first.evidence.extend(package.evidence);
                first.evidence.sort();
                first.evidence.dedup();
            }
            None => merged.push(package),
        }
    }
    merged
}

/// Tells of a database that lower layers had at `path` and that lists nothing there in the end, unless
/// what it listed is kept elsewhere.
fn removed(
    tree: &Tree,
    path: &str,
    parse: Parse,
    is_kept: &dyn Fn(&[Package]) -> bool,
) -> Option<Gap> {
    let (history, visible) = tree.history(path);
    let lower = if visible { history.split_last()?.1 } else { &history[..] };
    let what = if visible { "emptied" } else { "removed" };
    for copy in lower.iter().rev() {
        let Some(body) = copy.body else {
            return Some(removed_gap(path, copy.layer, what, None));
        };
        let (packages, problems) = parse(body);
        if !packages.is_empty() {
            let gap = removed_gap(path, copy.layer, what, Some(packages.len()));
            return (!is_kept(&packages)).then_some(gap);
        }
        if problems.iter().any(|problem| problem.gap.is_some()) {
            return Some(removed_gap(path, copy.layer, what, None));
        }
    }
    None
}

/// Makes the gap of a database that was last seen in `layer`, with so many packages.
pub(crate) fn removed_gap(path: &str, layer: u32, what: &str, count: Option<usize>) -> Gap {
    let count = match count {
        None => "its packages are not known".to_owned(),
        Some(1) => "1 package was listed there".to_owned(),
        Some(count) => format!("{count} packages were listed there"),
    };
    let detail = format!("a layer above layer {layer} {what} it; {count}");
    Gap { kind: GapKind::DatabaseRemoved, subject: path.to_owned(), detail }
}
