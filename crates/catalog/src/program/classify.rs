//! Programs that no package manager knows, told by what is written in them.
//!
//! [`classifiers::ROWS`] says for each product in which files it stands and what tells its version there.
//! A mark is a literal text, looked for in the whole body in one pass, and a pattern that has to match
//! around it; so the work grows with the size of the file alone.

use std::sync::OnceLock;

use memchr::memmem;
use plimsoll_model::{Confidence, Evidence, FileYield, Package};
use regex::bytes::Regex;

use super::Image;
use super::classifiers::{self, Classifier, Mark};
use crate::cpe;

/// The cataloguer in the evidence.
pub(crate) const CLASSIFIER: &str = "classifier";
/// The purl type of programs that belong to no ecosystem.
pub(crate) const GENERIC: &str = "generic";

/// The most bytes around a literal that a pattern sees, before and after it.
const MAX_BEFORE_BYTES: usize = 64;
const MAX_AFTER_BYTES: usize = 128;
/// The most places of one literal that are looked at.
const MAX_PLACES: usize = 1 << 16;
/// The longest version, in bytes.
const MAX_VERSION_BYTES: usize = 64;

/// Names a program by the table of classifiers: the first row that fits the file's name and finds its
/// version in the body. The evidence is the file itself.
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    for (index, row) in classifiers::rows() {
        if !row.files.iter().any(|pattern| fits(pattern, image.path)) {
            continue;
        }
        if row.unless.iter().any(|word| memmem::find(image.body, word.as_bytes()).is_some()) {
            continue;
        }
        if let Some((version, confidence)) = find_version(index, row, image) {
            found.packages.push(identity(row, version, confidence));
            break;
        }
    }
    found
}

/// Makes the package of a program.
fn identity(row: &Classifier, version: String, confidence: Confidence) -> Package {
    Package {
        name: row.name.to_owned(),
        kind: GENERIC.to_owned(),
        // A version that only the name of a file tells is too rough to be judged by.
        cpes: if confidence > Confidence::Low {
            cpe::names(row.cpes, &version)
        } else {
            Vec::new()
        },
        version,
        confidence: Some(confidence),
        evidence: vec![Evidence {
            cataloguer: CLASSIFIER.to_owned(),
            path: String::new(),
            layer: None,
        }],
        ..Package::default()
    }
}

fn find_version(index: usize, row: &Classifier, image: &Image<'_>) -> Option<(String, Confidence)> {
    for (mark, shape) in row.marks.iter().zip(shapes(index, row)) {
        let version = if mark.confidence == Confidence::Low {
            version_in(shape, image.file_name().as_bytes())
        } else {
            search(mark, shape, image)
        };
        if let Some(version) = version {
            return Some((version, mark.confidence));
        }
    }
    None
}

/// Looks for a mark in the whole body.
fn search(mark: &Mark, shape: &Regex, image: &Image<'_>) -> Option<String> {
    const SHORT: &str = "{short}";
    let body = image.body;
    let short = match mark.literal.contains(SHORT) {
        true => classifiers::short_version(image.file_name())?,
        false => "",
    };
    let literal = mark.literal.replace(SHORT, short);
    let literal = literal.as_bytes();
    for at in memmem::find_iter(body, literal).take(MAX_PLACES) {
        let start = at.saturating_sub(MAX_BEFORE_BYTES);
        let end = (at + literal.len() + MAX_AFTER_BYTES).min(body.len());
        let version = body.get(start..end).and_then(|around| version_in(shape, around));
        if let Some(version) = version.filter(|version| version.starts_with(short)) {
            return Some(version);
        }
    }
    None
}

fn version_in(shape: &Regex, text: &[u8]) -> Option<String> {
    let groups = shape.captures(text)?;
    let version = groups.get(1)?.as_bytes();
    let version = std::str::from_utf8(version).ok()?;
    (!version.is_empty() && version.len() <= MAX_VERSION_BYTES).then(|| version.to_owned())
}

/// Returns the patterns of a row, made when the first file that fits it is met.
fn shapes(index: usize, row: &Classifier) -> &'static [Regex] {
    static MADE: OnceLock<Vec<OnceLock<Vec<Regex>>>> = OnceLock::new();
    let made = MADE.get_or_init(|| classifiers::rows().map(|_| OnceLock::new()).collect());
    let make = || row.marks.iter().filter_map(|mark| mark.pattern()).collect();
    made.get(index).map_or(&[], |cell| cell.get_or_init(make).as_slice())
}

/// Returns whether the last parts of a path fit those of a pattern, part by part: `python*` fits
/// `usr/bin/python3.11`, `go/bin/go` fits `usr/local/go/bin/go`.
fn fits(pattern: &str, path: &str) -> bool {
    let mut parts = path.rsplit('/');
    pattern.rsplit('/').all(|part| parts.next().is_some_and(|name| fits_part(part, name)))
}

/// Returns whether a name fits a pattern in which `*` stands for any run of characters.
fn fits_part(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = name.find(piece) else { return false };
        name = &name[at + piece.len()..];
    }
    name.ends_with(last)
}
