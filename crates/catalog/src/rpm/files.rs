//! Which package owns which file, by the lists of files in the headers.

use std::collections::HashMap;
use std::ops::ControlFlow;

use plimsoll_model::{Package, Problem, Tree};

use super::header::{Header, HeaderError};
use super::{FILES, headers, states};
use crate::database::{note, placed};
use crate::owned::{Owned, OwnedPath};

/// The most bytes of the paths of one database, each counted whole; 500,000 paths have some 40 MB.
const MAX_PATHS_BYTES: usize = 512 << 20;
/// The longest folder or name that is looked at; Linux allows 4096.
pub(super) const MAX_PART_BYTES: usize = 4096;

type Key<'a> = (&'a str, &'a str, Option<&'a str>);

fn key(package: &Package) -> Key<'_> {
    (&package.name, &package.version, package.arch.as_deref())
}

/// Returns the files of `packages`, each with its place there, and what is not known of them.
pub(super) fn owned(tree: &Tree, packages: &[Package]) -> (Owned, Vec<Problem>) {
    let places: HashMap<Key<'_>, usize> =
        packages.iter().enumerate().map(|(place, package)| (key(package), place)).collect();
    let mut owned = Owned::default();
    let mut told = Vec::new();
    let mut read: Vec<String> = Vec::new();
    for path in FILES {
        let Some(file) = tree.read(path) else { continue };
        if read.contains(&file.path) {
            continue;
        }
        let mut problems = Vec::new();
        let body = states::whole(tree, &file);
        add_files(&body, &places, &mut owned, &mut problems);
        told.extend(placed(problems, &file.path, file.layer));
        read.push(file.path);
    }
    (owned, told)
}

fn add_files(
    body: &[u8],
    places: &HashMap<Key<'_>, usize>,
    owned: &mut Owned,
    problems: &mut Vec<Problem>,
) {
    let mut path = OwnedPath::default();
    let mut bytes_left = MAX_PATHS_BYTES;
    let _ = headers(body, &mut |found| {
        // What is damaged is told where packages are listed.
        let Ok((place, blob)) = found else { return ControlFlow::Continue(()) };
        let Ok(header) = Header::new(blob) else { return ControlFlow::Continue(()) };
        let Some(&package) = header.package().ok().as_ref().and_then(|it| places.get(&key(it)))
        else {
            return ControlFlow::Continue(());
        };
        let mut add = |hash| owned.add(hash, package);
        match hash_files(&header, &mut path, &mut bytes_left, &mut add) {
            Ok(Whole::Yes) => ControlFlow::Continue(()),
            Ok(Whole::No) => {
                let detail = format!(
                    "paths of more than {MAX_PATHS_BYTES} bytes; which package owns the others is not known"
                );
                note(problems, detail, None);
                ControlFlow::Break(())
            }
            Err(error) => {
                note(problems, format!("{place} {error}; which files it owns is not known"), None);
                ControlFlow::Continue(())
            }
        }
    });
}

/// Whether all files of a header were taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Whole {
    Yes,
    No,
}

/// Hands the hash of each file to `add`, until `bytes_left` are used up.
pub(super) fn hash_files(
    header: &Header<'_>,
    path: &mut OwnedPath,
    bytes_left: &mut usize,
    add: &mut dyn FnMut(u64),
) -> Result<Whole, HeaderError> {
    let files = header.files()?;
    let mut entered = None;
    for (folder, name) in files.names() {
        let Some(text) = files.folder(folder) else { continue };
        if text.len() > MAX_PART_BYTES || name.len() > MAX_PART_BYTES {
            continue;
        }
        let Some(left) = bytes_left.checked_sub(text.len() + name.len()) else {
            return Ok(Whole::No);
        };
        *bytes_left = left;
        if entered.replace(folder) != Some(folder) {
            path.enter(text);
        }
        if let Some(hash) = path.file(name) {
            add(hash);
        }
    }
    Ok(Whole::Yes)
}
