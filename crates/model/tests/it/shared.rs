//! Rows of the shared vectors: `../shared/vectors/<file>` beside the repository, as TSV.

use std::path::PathBuf;

/// Returns the rows of a vector file without its comment lines, each split at tabs and unescaped;
/// `None`, after a visible line on stderr, where the shared folder is not there.
///
/// `rows("deb.tsv")` gives rows such as `["1.0", "1.1", "-1", "dpkg:lib/dpkg/t/t-version.c"]`.
#[allow(clippy::print_stderr)]
pub(crate) fn rows(file: &str) -> Option<Vec<Vec<String>>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {file}: ../shared is not there");
        return None;
    };
    let rows: Vec<Vec<String>> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .map(|line| line.split('\t').map(unescape).collect())
        .collect();
    assert!(!rows.is_empty() || text.lines().count() == 1, "{file} has no rows");
    Some(rows)
}

/// Resolves `\t`, `\n`, `\\`, `\uXXXX` and the two names of characters that the files use.
fn unescape(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut rest = cell;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (character, used) = match escape.chars().next() {
            Some('t') => ('\t', 1),
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('\\') => ('\\', 1),
            Some('u') => {
                let code = u32::from_str_radix(&escape[1..5], 16).unwrap();
                (char::from_u32(code).unwrap(), 5)
            }
            Some('N') => {
                let end = escape.find('}').unwrap();
                let character = match &escape[2..end] {
                    "NARROW NO-BREAK SPACE" => '\u{202f}',
                    "PARAGRAPH SEPARATOR" => '\u{2029}',
                    name => panic!("unknown character name {name}"),
                };
                (character, end + 1)
            }
            other => panic!("unknown escape {other:?} in {cell}"),
        };
        text.push(character);
        rest = &escape[used..];
    }
    text.push_str(rest);
    text
}

#[test]
fn escapes_are_resolved() {
    assert_eq!(unescape(r"a\tb\n\\\u00e9"), "a\tb\n\\é");
    assert_eq!(unescape(r"\N{PARAGRAPH SEPARATOR}x"), "\u{2029}x");
}
