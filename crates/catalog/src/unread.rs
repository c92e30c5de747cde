//! Package databases that Plimsoll knows by name and does not read yet: seen, they are a gap, so that a
//! target never looks clean because of what it was packed with.

use plimsoll_model::tree::Standing;
use plimsoll_model::{Gap, GapKind, Tree};

use crate::cataloguer::{TreeInput, TreeYield};
use crate::database::problem;
use crate::standing::{self, DATABASE, Place};

/// The databases of one package manager.
struct Unread {
    /// For people: `RPM`.
    manager: &'static str,
    /// What each of `places` is.
    kind: Place,
    /// Files, or folders that hold a file or folder a package.
    places: &'static [&'static str],
}

const UNREAD: &[Unread] = &[
    Unread { manager: "nix", kind: Place::File, places: &["nix/var/nix/db/db.sqlite"] },
];

/// Looks for the databases: those that are there, and those that a lower layer had.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    for unread in UNREAD {
        // Several names may lead to one database; one line for each manager says it all.
        if let Some(place) = unread.places.iter().find(|place| is_there(input.tree, place)) {
            let detail = format!("{} databases are not read yet", unread.manager);
            found.problems.push(problem(place, detail, GapKind::Unreadable));
            continue;
        }
        for place in unread.places {
            found.problems.extend(standing::problem(input.tree, DATABASE, (place, unread.kind)));
            found.gaps.extend(removed(input.tree, place));
        }
    }
    found
}

/// Returns whether this is a path of one of these databases, or a path in one that is a folder.
pub(crate) fn knows(path: &str) -> bool {
    UNREAD.iter().any(|unread| match unread.kind {
        Place::File => unread.places.contains(&path),
        Place::Folder => unread.places.iter().any(|place| {
            path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }),
    })
}

fn is_there(tree: &Tree, place: &str) -> bool {
    // A folder lists nothing if it is empty.
    matches!(tree.standing(place), Standing::File(_)) || !tree.list(place).is_empty()
}

fn removed(tree: &Tree, place: &str) -> Option<Gap> {
    let (history, _) = tree.history(place);
    let detail = match history.last() {
        Some(last) => {
            format!("a layer above layer {} removed it; its packages are not known", last.layer)
        }
        None if !tree.list_hidden(place).is_empty() => {
            "an upper layer removed it; its packages are not known".to_owned()
        }
        None => return None,
    };
    Some(Gap { kind: GapKind::DatabaseRemoved, subject: place.to_owned(), detail })
}
