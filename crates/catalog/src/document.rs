//! JSON documents of package managers, read within a limit.

use plimsoll_model::{GapKind, Package, Problem};
use serde_json::Value;

use crate::database::note;

/// The most bytes of a document; real ones have a few hundred kB. A list of small numbers takes up to
/// eighty times as many in memory while it is read.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 4 << 20;

/// The most packages taken from one document.
pub(crate) const MAX_ENTRIES: usize = 20_000;

/// Reads a document. What is larger than [`MAX_DOCUMENT_BYTES`], no JSON, or nested too deeply is a
/// problem that names no path yet. A byte order mark in front is skipped.
pub(crate) fn read(body: &[u8], problems: &mut Vec<Problem>) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.len() > MAX_DOCUMENT_BYTES {
        let detail = format!("more than {MAX_DOCUMENT_BYTES} bytes; it is not read");
        note(problems, detail, Some(GapKind::Limit));
        return None;
    }
    match serde_json::from_slice(body) {
        Ok(document) => Some(document),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let detail = format!("it is no JSON that can be read: line {line}, column {column}");
            note(problems, detail, Some(GapKind::Unreadable));
            None
        }
    }
}

/// Returns whether there is room for one more package of a document; says once when there is not.
pub(crate) fn has_room(packages: &[Package], problems: &mut Vec<Problem>) -> bool {
    if packages.len() < MAX_ENTRIES {
        return true;
    }
    let detail = format!("more than {MAX_ENTRIES} packages; the rest is not read");
    note(problems, detail, Some(GapKind::Limit));
    false
}

/// Returns the text of a field without blanks around it; empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_depth_have_limits() {
        let mut problems = Vec::new();
        let mut body = b"{}".to_vec();
        body.resize(MAX_DOCUMENT_BYTES, b' ');
        assert!(read(&body, &mut problems).is_some());
        body.push(b' ');
        assert!(read(&body, &mut problems).is_none());
        assert!(read("[".repeat(1_000_000).as_bytes(), &mut problems).is_none());
        let gaps: Vec<_> = problems.iter().map(|problem| problem.gap).collect();
        assert_eq!(gaps, [Some(GapKind::Limit), Some(GapKind::Unreadable)]);
        assert!(problems[1].detail.contains("line 1, column 128"), "{}", problems[1].detail);
    }

    #[test]
    fn a_field_that_is_no_text_is_empty() {
        let document = read(b"\xef\xbb\xbf{\"a\": \" x \", \"b\": 1}", &mut Vec::new()).unwrap();
        assert_eq!(
            (text(&document, "a"), text(&document, "b"), text(&document, "c")),
            ("x", "", "")
        );
    }
}
