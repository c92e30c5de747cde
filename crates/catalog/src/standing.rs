//! What stands in the place of a package database or a release file and cannot be read: a problem, so
//! that one that is hidden behind a link, a device or a folder never passes for one that is not there.

use plimsoll_model::tree::{Block, Obstacle, Standing};
use plimsoll_model::{GapKind, Problem, Tree};

/// Folders that are there for more than a package database: where one of them is a link to nothing,
/// or no folder, that tells nothing of packages.
const SHARED_FOLDERS: &[&str] = &[
    "",
    "etc",
    "home",
    "lib",
    "nix",
    "opt",
    "usr",
    "usr/lib",
    "usr/lib/sysimage",
    "usr/share",
    "var",
    "var/db",
    "var/lib",
];

/// What the places of most rows are for.
pub(crate) const DATABASE: &str = "package database";

/// What a place is when all is well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    File,
    Folder,
}

/// Returns the problem of what stands at a place and cannot be read; `None` when nothing stands there,
/// when all is well, and when a problem of the tree already tells that the bytes were not kept.
/// `what` says what the place is for: `package database`.
pub(crate) fn problem(tree: &Tree, what: &str, (path, place): (&str, Place)) -> Option<Problem> {
    let (at, layer, detail) = match (tree.standing(path), place) {
        (Standing::Nothing, _) | (Standing::Folder, Place::Folder) => return None,
        (Standing::File(real), Place::File) => {
            if tree.read(path).is_some() || is_told(tree, &[path, &real]) {
                return None;
            }
            (path.to_owned(), None, "its bytes were not kept")
        }
        (Standing::Folder, Place::File) => (path.to_owned(), None, "it is a folder"),
        (Standing::File(_), Place::Folder) => (path.to_owned(), None, "it is no folder"),
        (Standing::Blocked(Block { at, layer, by }), _) => {
            (at.clone(), Some(layer), obstacle(&at, by)?)
        }
    };
    let detail = format!("cannot read a {what}: {detail}");
    Some(Problem { path: at, layer, detail, gap: Some(GapKind::Unreadable) })
}

fn obstacle(at: &str, by: Obstacle) -> Option<&'static str> {
    let is_shared = SHARED_FOLDERS.contains(&at);
    match by {
        Obstacle::Loop => Some("its links form a loop, or are too many"),
        Obstacle::LeadsNowhere | Obstacle::NoFolder if is_shared => None,
        Obstacle::LeadsNowhere => Some("the link leads to nothing"),
        Obstacle::NoFolder => Some("it should be a folder"),
        Obstacle::Special => Some("it is a device, a pipe or a socket"),
    }
}

fn is_told(tree: &Tree, paths: &[&str]) -> bool {
    let told = |problem: &Problem| problem.gap.is_some() && paths.contains(&problem.path.as_str());
    tree.problems().iter().any(told)
}
