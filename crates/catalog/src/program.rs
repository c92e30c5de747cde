//! Programs and libraries of machine code: ELF, PE and Mach-O files, and what they tell of themselves.
//!
//! One look at the file serves all [`READERS`]; each takes what it knows.

use plimsoll_model::{Confidence, FileYield, GapKind, Problem, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::languages::dotnet;

mod artifact;
pub(crate) mod classifiers;
mod classify;
mod go;
mod image;
#[cfg(test)]
mod made;
mod native_image;
pub(crate) mod notes;
mod rust;

pub use go::{choose_version, release_of, version_in_flags};
pub(crate) use image::Image;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "program",
    version: 2,
    wants: &[Want::Program],
    max_body_bytes: MAX_PROGRAM_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The most bytes of one program.
const MAX_PROGRAM_BYTES: u64 = 1 << 30;

/// What is asked of each program, in this order; each names itself in its evidence.
const READERS: &[fn(&Image<'_>) -> FileYield] =
    &[go::read, rust::read, notes::read, native_image::read, classify::read, dotnet::bundle::read];

/// Reads one file, which may hold a program for each of several machines. A program that nothing names but
/// by hints is listed by its digest.
fn read(input: &FileInput<'_>) -> FileYield {
    let mut found = FileYield::default();
    let images = Image::open_all(input.path, input.body);
    for image in &images {
        for reader in READERS {
            let FileYield { packages, problems, artifacts, .. } = reader(image);
            found.packages.extend(packages);
            found.problems.extend(problems);
            found.artifacts.extend(artifacts);
        }
    }
    go::lend_version(&mut found.packages);
    let is_hint = |confidence| confidence == Some(Confidence::Low);
    if found.packages.iter().any(|package| !is_hint(package.confidence)) {
        return found;
    }
    if images.iter().any(|image| !image.is_sound()) {
        let detail = "it begins as a program, and its tables cannot be read".to_owned();
        let gap = Some(GapKind::Unidentified);
        found.problems.push(Problem { detail, gap, ..Problem::default() });
    }
    found.artifacts.extend(artifact::artifact(input.body, &images));
    found
}

#[cfg(test)]
mod tests;
