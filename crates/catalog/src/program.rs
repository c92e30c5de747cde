//! Programs and libraries of machine code: ELF, PE and Mach-O files, and what they tell of themselves.
//!
//! One look at the file serves all [`READERS`]; each takes what it knows.

use plimsoll_model::{FileYield, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};

mod classifiers;
mod classify;
mod go;
mod image;
#[cfg(test)]
mod made;

pub use go::{choose_version, release_of, version_in_flags};
pub(crate) use image::Image;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "program",
    version: 1,
    wants: &[Want::Program],
    max_body_bytes: MAX_PROGRAM_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The most bytes of one program.
const MAX_PROGRAM_BYTES: u64 = 1 << 30;

/// What is asked of each program, in this order; each names itself in its evidence.
const READERS: &[fn(&Image<'_>) -> FileYield] = &[go::read, classify::read];

fn read(input: &FileInput<'_>) -> FileYield {
    let mut found = FileYield::default();
    for image in Image::open_all(input.path, input.body) {
        for reader in READERS {
            let FileYield { packages, problems, artifacts, .. } = reader(&image);
            found.packages.extend(packages);
            found.problems.extend(problems);
            found.artifacts.extend(artifacts);
        }
    }
    found
}
