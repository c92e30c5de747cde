//! The engine of classifiers: a table of products, each with the files it stands in and what tells its
//! version there.
//!
//! A mark is a literal text, looked for in the whole body in one pass, and a pattern that has to match
//! around it; so the work grows with the size of the file alone.

use std::sync::OnceLock;

use memchr::memmem;
use plimsoll_model::{Confidence, Package};
use regex::bytes::{Regex, RegexBuilder};

use crate::cpe;

/// The purl type of what belongs to no ecosystem.
pub(crate) const GENERIC: &str = "generic";

/// The most bytes before a literal that a pattern sees.
const MAX_BEFORE_BYTES: usize = 64;
/// The most bytes after a literal that a pattern sees.
const MAX_AFTER_BYTES: usize = 128;
/// The most places of one literal that are looked at.
const MAX_PLACES: usize = 1 << 16;
/// The longest version, in bytes.
const MAX_VERSION_BYTES: usize = 64;
/// The most bytes of one compiled pattern.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// A table of products.
#[derive(Debug)]
pub(crate) struct Table {
    rows: &'static [&'static [Classifier]],
    /// The patterns of each row, made when the first file that fits it is met.
    shapes: OnceLock<Vec<OnceLock<Vec<Regex>>>>,
}

/// One product.
#[derive(Debug)]
pub(crate) struct Classifier {
    /// The name of its package: `node`.
    pub(crate) name: &'static str,
    /// The files that may be it: a name, or the end of a path, with `*` for any run of characters but `/`.
    pub(crate) files: &'static [&'static str],
    /// What tells the version, surest first.
    pub(crate) marks: &'static [Mark],
    /// `vendor:product` of its CPE names, best first.
    pub(crate) cpes: &'static [&'static str],
    /// Texts that show the file to be something else.
    pub(crate) unless: &'static [&'static str],
}

/// One way to tell a version.
#[derive(Debug)]
pub(crate) struct Mark {
    /// Where the pattern is matched.
    place: Place,
    /// A pattern of bytes; its first group is the version. `<v2>` stands for two or more numbers with
    /// points between, `<v3>` for three or more, `<pre>` for a mark of a release before the release, or
    /// none.
    shape: &'static str,
    /// How sure the version is.
    confidence: Confidence,
}

#[derive(Debug)]
enum Place {
    /// The name of the file.
    FileName,
    /// The first bytes of the body.
    Start,
    /// The bytes around this text. `{short}` in it is the version in the file's name: `3.11`, and the
    /// version found then has to go on with it.
    Around(&'static str),
}

/// A version in a text made to tell it.
pub(crate) const fn high(literal: &'static str, shape: &'static str) -> Mark {
    Mark { place: Place::Around(literal), shape, confidence: Confidence::High }
}

/// A version that follows from what stands around it.
pub(crate) const fn medium(literal: &'static str, shape: &'static str) -> Mark {
    Mark { place: Place::Around(literal), shape, confidence: Confidence::Medium }
}

/// A file that begins with its version.
pub(crate) const fn at_start(shape: &'static str) -> Mark {
    Mark { place: Place::Start, shape, confidence: Confidence::High }
}

/// A version in the name of a file that only this product has.
pub(crate) const fn named(shape: &'static str) -> Mark {
    Mark { place: Place::FileName, shape, confidence: Confidence::Medium }
}

/// A version in the name of the file alone, which may be rough.
pub(crate) const fn name_only(shape: &'static str) -> Mark {
    Mark { place: Place::FileName, shape, confidence: Confidence::Low }
}

/// A row that nothing speaks against.
pub(crate) const fn row(
    name: &'static str,
    files: &'static [&'static str],
    marks: &'static [Mark],
    cpes: &'static [&'static str],
) -> Classifier {
    Classifier { name, files, marks, cpes, unless: &[] }
}

impl Table {
    /// Makes a table of groups of rows.
    pub(crate) const fn new(rows: &'static [&'static [Classifier]]) -> Self {
        Self { rows, shapes: OnceLock::new() }
    }

    /// Names a file: the first row that fits its path and finds its version. The package has no evidence.
    pub(crate) fn name(&self, path: &str, body: &[u8]) -> Option<Package> {
        let file = File { name: path.rsplit('/').next().unwrap_or(path), body };
        self.rows().enumerate().find_map(|(index, row)| {
            let fits = row.files.iter().any(|pattern| fits(pattern, path))
                && !row.unless.iter().any(|word| memmem::find(body, word.as_bytes()).is_some());
            let (version, confidence) = fits.then(|| self.find_version(index, row, &file))??;
            Some(package(row, version, confidence))
        })
    }

    /// Returns the products that a file of this path may be, by its name alone.
    pub(crate) fn candidates(&self, path: &str) -> impl Iterator<Item = &'static str> {
        let is = |row: &&'static Classifier| row.files.iter().any(|pattern| fits(pattern, path));
        self.rows().filter(is).map(|row| row.name)
    }

    /// Returns every row in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static Classifier> {
        self.rows.iter().copied().flatten()
    }

    fn find_version(
        &self,
        index: usize,
        row: &'static Classifier,
        file: &File<'_>,
    ) -> Option<(String, Confidence)> {
        let shapes = self.shapes.get_or_init(|| self.rows().map(|_| OnceLock::new()).collect());
        let make = || row.marks.iter().filter_map(Mark::pattern).collect();
        let shapes = shapes.get(index)?.get_or_init(make);
        row.marks.iter().zip(shapes).find_map(|(mark, shape)| {
            let version = match mark.place {
                Place::FileName => version_in(shape, file.name.as_bytes()),
                Place::Start => {
                    version_in(shape, &file.body[..file.body.len().min(MAX_AFTER_BYTES)])
                }
                Place::Around(literal) => search(literal, shape, file),
            };
            Some((version?, mark.confidence))
        })
    }
}

#[derive(Clone, Copy)]
struct File<'a> {
    name: &'a str,
    body: &'a [u8],
}

/// Makes the package of a file.
fn package(row: &Classifier, version: String, confidence: Confidence) -> Package {
    // A version that only the name of a file tells is too rough to be judged by.
    let is_sure = confidence > Confidence::Low;
    Package {
        name: row.name.to_owned(),
        kind: GENERIC.to_owned(),
        cpes: if is_sure { cpe::names(row.cpes, &version) } else { Vec::new() },
        version,
        confidence: Some(confidence),
        ..Package::default()
    }
}

/// Looks for a literal in the whole body, and around each place of it for the version.
fn search(literal: &str, shape: &Regex, file: &File<'_>) -> Option<String> {
    const SHORT: &str = "{short}";
    let (body, is_short) = (file.body, literal.contains(SHORT));
    let short = if is_short { short_version(file.name)? } else { "" };
    let literal = literal.replace(SHORT, short);
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
    let version = std::str::from_utf8(groups.get(1)?.as_bytes()).ok()?;
    (!version.is_empty() && version.len() <= MAX_VERSION_BYTES).then(|| version.to_owned())
}

/// Returns the version in the name of a file: `3.11` of `libpython3.11.so.1.0`.
fn short_version(file_name: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let start = file_name.find(|letter: char| letter.is_ascii_digit())?;
    let text = &file_name[start..];
    let major = digits(text);
    let minor = digits(text.get(major..)?.strip_prefix('.')?);
    (minor > 0).then(|| &text[..major + 1 + minor])
}

impl Mark {
    /// Makes the pattern; `None` where the table is wrong, which a test rules out.
    fn pattern(&self) -> Option<Regex> {
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

#[cfg(test)]
mod tests;
