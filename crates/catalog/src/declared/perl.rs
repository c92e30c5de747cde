//! Perl: `cpanfile.snapshot`.
//!
//! Followed: Carton, `Carton::Snapshot::Parser`.

use plimsoll_model::{FileYield, Want};

use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("cpanfile-snapshot", 2, &[Want::Name("cpanfile.snapshot")], read);

/// What stands above the distributions.
const LIST: &str = "DISTRIBUTIONS";
/// How far in a distribution stands.
const INDENT: &str = "  ";

/// Reads one snapshot: a distribution is its name and version.
///
/// ```text
/// # carton snapshot format: version 1.0
/// DISTRIBUTIONS
///   Try-Tiny-0.31
///     pathname: E/ET/ETHER/Try-Tiny-0.31.tar.gz
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "cpan", |input, found| {
        let text = parse::text(input.body, found);
        if !text.trim().is_empty() && !text.contains(LIST) {
            found.broken(format!("it is none of a snapshot of Carton: no `{LIST}`"));
        }
        for line in text.lines() {
            let Some(entry) = line.strip_prefix(INDENT).filter(|rest| !rest.starts_with(' '))
            else {
                continue;
            };
            if let Some((name, version)) = split(entry.trim_end()) {
                found.add(name, version);
            }
        }
    })
}

/// Splits `Try-Tiny-0.31` before the last part that begins a version: `libnet-v3.14`.
fn split(entry: &str) -> Option<(&str, &str)> {
    let (name, version) = entry.rsplit_once('-')?;
    let digits = version.strip_prefix('v').unwrap_or(version);
    if digits.starts_with(|letter: char| letter.is_ascii_digit()) {
        return Some((name, version));
    }
    // `-TRIAL` may follow the version.
    let (name, _) = name.rsplit_once('-')?;
    let version = &entry[name.len() + 1..];
    version.starts_with(|letter: char| letter.is_ascii_digit()).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_begin_at_the_last_dash_that_a_digit_follows() {
        assert_eq!(split("Try-Tiny-0.31"), Some(("Try-Tiny", "0.31")));
        assert_eq!(split("libnet-v3.14"), Some(("libnet", "v3.14")));
        assert_eq!(split("Foo-1.02-TRIAL"), Some(("Foo", "1.02-TRIAL")));
        assert_eq!((split("Foo-Bar"), split("Foo"), split("")), (None, None, None));
    }
}
