//! The table of classifiers: for each product, in which files it stands and what tells its version.
//!
//! Names are those that Bitnami's advisories use, where they know the product, else the usual ones of its
//! makers. What each mark looks like was seen in binaries of Debian, of PyPI and npm packages, or is written
//! in the source of the product.

use std::sync::OnceLock;

use plimsoll_model::Confidence;
use regex::bytes::{Regex, RegexBuilder};

mod databases;
mod golang;
mod languages;
mod libraries;
mod servers;
mod tools;

/// All rows, by what they are; within a file the first row that fits wins, so a fork stands before what it
/// was forked from.
pub(super) const ROWS: &[&[Classifier]] =
    &[languages::ROWS, databases::ROWS, servers::ROWS, golang::ROWS, tools::ROWS, libraries::ROWS];

/// The most bytes of one compiled pattern.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// One product.
#[derive(Debug)]
pub(super) struct Classifier {
    /// The name of its package: `node`.
    pub(super) name: &'static str,
    /// The files that may be it: a name, or the end of a path, with `*` for any run of characters.
    pub(super) files: &'static [&'static str],
    /// What tells the version, surest first.
    pub(super) marks: &'static [Mark],
    /// `vendor:product` of its CPE names, best first.
    pub(super) cpes: &'static [&'static str],
    /// Texts that show the file to be something else.
    pub(super) unless: &'static [&'static str],
}

/// One way to tell a version.
#[derive(Debug)]
pub(super) struct Mark {
    /// A text that stands in the file. `{short}` in it is the version in the file's name: `3.11`, and the
    /// version found then has to go on with it.
    pub(super) literal: &'static str,
    /// A pattern of bytes around the literal; its first group is the version. `<v2>` stands for two or
    /// more numbers with points between, `<v3>` for three or more, `<pre>` for a mark of a release before
    /// the release, or none. Where the confidence is low, it is matched against the file's name instead.
    pub(super) shape: &'static str,
    /// How sure the version is.
    pub(super) confidence: Confidence,
}

/// A version in a text made to tell it.
const fn high(literal: &'static str, shape: &'static str) -> Mark {
    Mark { literal, shape, confidence: Confidence::High }
}

/// A version that follows from what stands around it.
const fn medium(literal: &'static str, shape: &'static str) -> Mark {
    Mark { literal, shape, confidence: Confidence::Medium }
}

/// A version in the name of the file alone.
const fn name_only(shape: &'static str) -> Mark {
    Mark { literal: "", shape, confidence: Confidence::Low }
}

const fn row(
    name: &'static str,
    files: &'static [&'static str],
    marks: &'static [Mark],
    cpes: &'static [&'static str],
) -> Classifier {
    Classifier { name, files, marks, cpes, unless: &[] }
}

/// Returns every row with its place in the table.
pub(super) fn rows() -> impl Iterator<Item = (usize, &'static Classifier)> {
    ROWS.iter().copied().flatten().enumerate()
}

impl Mark {
    /// Makes the pattern; `None` where the table is wrong, which a test rules out.
    pub(super) fn pattern(&self) -> Option<Regex> {
        let shape = self
            .shape
            .replace("<v2>", r"[0-9]{1,8}(?:\.[0-9]{1,8}){1,4}")
            .replace("<v3>", r"[0-9]{1,8}(?:\.[0-9]{1,8}){2,4}")
            .replace("<pre>", r"(?:[-.]?(?:alpha|beta|rc|pre|dev|preview|a|b)[-.]?[0-9]{1,4})?");
        let mut builder = RegexBuilder::new(&shape);
        builder.unicode(false).dot_matches_new_line(true).size_limit(MAX_PATTERN_BYTES);
        builder.build().ok()
    }
}

/// Returns the version in the name of a file: `3.11` of `libpython3.11.so.1.0`.
pub(super) fn short_version(file_name: &str) -> Option<&str> {
    static SHAPE: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let shape = SHAPE.get_or_init(|| regex::Regex::new("[0-9]{1,3}[.][0-9]{1,3}").ok());
    shape.as_ref()?.find(file_name).map(|found| found.as_str())
}
