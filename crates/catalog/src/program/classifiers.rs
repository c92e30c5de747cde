//! The table of classifiers of programs: in which files a product stands and what tells its version.
//!
//! Names are those that Bitnami's advisories use, where they know the product, else the usual ones of its
//! makers. What each mark looks like was seen in binaries of Debian, of PyPI and npm packages, or is written
//! in the source of the product.

use crate::classifier::{Classifier, Mark, Table, high, medium, name_only, row};

mod databases;
mod golang;
mod languages;
mod libraries;
mod servers;
mod tools;

/// All rows, by what they are; within a file the first row that fits wins, so a fork stands before what it
/// was forked from.
pub(crate) static TABLE: Table = Table::new(&[
    languages::ROWS,
    databases::ROWS,
    servers::ROWS,
    golang::ROWS,
    tools::ROWS,
    libraries::ROWS,
]);
