//! Databases of SQLite with a log beside them: what the two together were, layer by layer.
//!
//! A layer may bring a new log and leave the database below as it is, so that the history of the
//! database alone does not tell what was installed when.

use std::borrow::Cow;

use plimsoll_model::tree::{File, Version};
use plimsoll_model::{GapKind, Package, Problem, Tree};

use super::{log, parse_rpm};
use crate::attribution;
use crate::cataloguer::TreeYield;
use crate::database::{evidence, placed, problem};

/// What SQLite adds to the name of a database for that of its log.
const LOG: &str = "-wal";

/// Returns the log that stands beside a database and holds something.
fn log_of<'a>(tree: &'a Tree, file: &File<'_>) -> Option<File<'a>> {
    tree.read(&format!("{}{LOG}", file.path)).filter(|log| !log.body.is_empty())
}

/// Returns the bytes of a database, its log applied where it has one.
pub(super) fn whole<'a>(tree: &Tree, file: &File<'a>) -> Cow<'a, [u8]> {
    let merged = log_of(tree, file).and_then(|log| log::applied(file.body, log.body));
    merged.map_or(Cow::Borrowed(file.body), Cow::Owned)
}

/// Puts in place of what the database at `path` alone lists what it lists with its log.
pub(super) fn apply_log(tree: &Tree, path: &str, found: &mut TreeYield) {
    let Some(file) = tree.read(path) else { return };
    let Some(log) = log_of(tree, &file) else { return };
    let Some(merged) = log::applied(file.body, log.body) else {
        if log.body.len() > log::HEAD_BYTES {
            let detail = "nothing of the write-ahead log is whole: what it changed is not known";
            let problem = problem(&log.path, detail.to_owned(), GapKind::Unreadable);
            found.problems.push(Problem { layer: Some(log.layer), ..problem });
        }
        return;
    };
    let (mut packages, problems) = parse_rpm(&merged);
    let is_of_file = |package: &Package| {
        package.evidence.first().is_some_and(|evidence| evidence.path == file.path)
    };
    found.packages.retain(|package| !is_of_file(package));
    found.problems.retain(|problem| problem.path != file.path);
    if !packages.is_empty() {
        found.gaps.retain(|gap| gap.subject != path);
    }
    let states = states(&tree.history(&file.path).0, &tree.history(&log.path).0);
    let versions: Vec<Version<'_>> = states.iter().map(State::version).collect();
    let layers = attribution::layers(&packages, &versions, parse_rpm);
    for (package, layer) in packages.iter_mut().zip(layers) {
        package.layer = Some(layer);
        package.evidence = vec![evidence(&file.path, file.layer), evidence(&log.path, log.layer)];
    }
    found.packages.append(&mut packages);
    found.problems.extend(placed(problems, &file.path, file.layer));
}

/// A database with its log as they were from one layer on.
struct State<'a> {
    layer: u32,
    body: Option<Cow<'a, [u8]>>,
    after_gap: bool,
}

impl State<'_> {
    fn version(&self) -> Version<'_> {
        Version { layer: self.layer, body: self.body.as_deref(), after_gap: self.after_gap }
    }
}

/// Returns the states at each layer that brought the database or the log, lowest first.
fn states<'a>(database: &[Version<'a>], log: &[Version<'a>]) -> Vec<State<'a>> {
    let mut layers: Vec<u32> = database.iter().chain(log).map(|copy| copy.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    let mut states = Vec::new();
    for layer in layers {
        let Some(copy) = database.iter().rfind(|copy| copy.layer <= layer) else { continue };
        let body = match log_at(log, layer) {
            None => copy.body.map(Cow::Borrowed),
            Some(Version { body: None, .. }) => None,
            Some(Version { body: Some(log), .. }) => copy
                .body
                .map(|body| log::applied(body, log).map_or(Cow::Borrowed(body), Cow::Owned)),
        };
        let after_gap = copy.after_gap && copy.layer == layer;
        states.push(State { layer, body, after_gap });
    }
    states
}

/// Returns the log that was there at a layer. One that was gone before the next came is taken to have
/// been there in its own layer alone.
fn log_at<'b, 'a>(log: &'b [Version<'a>], layer: u32) -> Option<&'b Version<'a>> {
    let place = log.iter().rposition(|copy| copy.layer <= layer)?;
    let copy = &log[place];
    let is_gone = log.get(place + 1).is_some_and(|next| next.after_gap) && copy.layer != layer;
    (!is_gone).then_some(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_a_database_with_the_log_of_its_time() {
        let copy = |layer, after_gap| Version { layer, body: Some(&b"x"[..]), after_gap };
        let logs = [copy(1, false), copy(4, true)];
        let at = |layer| log_at(&logs, layer).map(|copy| copy.layer);
        assert_eq!((at(0), at(1), at(2), at(4), at(5)), (None, Some(1), None, Some(4), Some(4)));
        let states = states(&[copy(0, false), copy(3, true)], &logs);
        let shape: Vec<(u32, bool)> =
            states.iter().map(|state| (state.layer, state.after_gap)).collect();
        assert_eq!(shape, [(0, false), (1, false), (3, true), (4, false)]);
    }
}
