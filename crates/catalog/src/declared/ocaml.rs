//! OCaml: `*.opam.locked`, as `opam lock` writes it.
//!
//! Followed: <https://opam.ocaml.org/doc/Manual.html#opam>.

use plimsoll_model::{FileYield, Want};

use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("opam-lock", 2, &[Want::Suffix(".opam.locked")], read);

/// The marks of what is for tests, documents and development.
const LEFT_OUT: &[&str] = &["with-test", "with-doc", "with-dev-setup"];

/// Reads one lock file.
///
/// ```text
/// depends: [
///   "base" {= "v0.15.1"}
///   "ounit" {= "2.2.6" & with-test}
/// ]
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "opam", |input, found| {
        let text = parse::text(input.body, found);
        let Some((list, ends)) = list_of(&text, "depends:") else {
            if !text.trim().is_empty() {
                found.broken("it is no locked file of opam: no list `depends`");
            }
            return;
        };
        if !ends {
            found.broken("it ends in the middle of the list `depends`");
        }
        for entry in list.split('}') {
            let Some((name, condition)) = entry.split_once('{') else { continue };
            // Names without a condition may stand before.
            let name = name.trim().trim_end_matches('"').rsplit('"').next().unwrap_or_default();
            let version = condition.trim_start().strip_prefix('=').map(str::trim_start);
            let version = version.and_then(|rest| Some(rest.strip_prefix('"')?.split_once('"')?.0));
            let Some(version) = version else { continue };
            if LEFT_OUT.iter().any(|mark| condition.contains(mark)) {
                found.left_out(1);
            } else {
                found.add(name, version);
            }
        }
    })
}

/// Returns what stands in the brackets of a field at the start of a line, and whether they end.
fn list_of<'a>(text: &'a str, field: &str) -> Option<(&'a str, bool)> {
    let starts = text.match_indices(field).map(|(at, _)| at);
    let at = starts.into_iter().find(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n')?;
    let list = text[at + field.len()..].trim_start().strip_prefix('[')?;
    Some(list.split_once(']').map_or((list, false), |(list, _)| (list, true)))
}
