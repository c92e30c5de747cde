//! Bun: `bun.lock`, JSON with comments and commas behind the last entry.
//!
//! Followed: <https://bun.com/docs/pm/lockfile>. The older `bun.lockb`, which is no
//! text, is not read, and that is told.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{List, Shape, Table, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("bun-lock", 2, &[Want::Name("bun.lock"), Want::Name(BINARY)], read);

/// The name of the older files.
const BINARY: &str = "bun.lockb";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    packages: Table<List<Text>>,
}

/// Reads one lock file. It does not tell what is for development.
///
/// ```text
/// "packages": {
///   "qs": ["qs@6.5.2", "", {}, "sha512-…"],
/// }
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "npm", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    if super::file_name(input.path) == BINARY {
        found.broken("bun.lockb is not read; `bun install --save-text-lockfile` writes bun.lock");
        return;
    }
    let body = plain_json(&parse::decoded(input.body));
    let lock: Lock = parse::json(&body, found);
    for (_, entry) in &lock.packages.0 {
        let Some(first) = entry.0.first() else { continue };
        let at = first.char_indices().skip(1).find(|(_, letter)| *letter == '@');
        let Some((at, _)) = at else { continue };
        let (name, version) = (&first[..at], &first[at + 1..]);
        // Behind a colon or slash stands where it is from: a folder, git, an archive.
        if !version.contains([':', '/']) {
            found.add(name, version);
        }
    }
    let fields = [("lockfileVersion", Shape::Word), ("packages", Shape::Table)];
    parse::expect(parse::json, &body, &fields, found);
}

/// Takes comments and commas before a closing bracket out; what is in quotes stays.
fn plain_json(body: &[u8]) -> Vec<u8> {
    let mut plain: Vec<u8> = Vec::with_capacity(body.len());
    let mut rest = body;
    while let [first, tail @ ..] = rest {
        let taken = match (first, tail) {
            (b'"', _) => 1 + quoted_bytes(tail),
            (b'/', [b'/', ..]) => {
                rest = &rest[bytes_before(rest, b"\n")..];
                continue;
            }
            (b'/', [b'*', more @ ..]) => {
                rest = more.get(bytes_before(more, b"*/") + 2..).unwrap_or_default();
                continue;
            }
            (b']' | b'}', _) => {
                let end = plain.iter().rposition(|byte| !byte.is_ascii_whitespace());
                if let Some(at) = end.filter(|at| plain[*at] == b',') {
                    plain.remove(at);
                }
                1
            }
            _ => 1,
        };
        plain.extend_from_slice(&rest[..taken]);
        rest = &rest[taken..];
    }
    plain
}

/// Returns the length of what is quoted, the quote at its end included.
fn quoted_bytes(body: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    body.len()
}

fn bytes_before(body: &[u8], end: &[u8]) -> usize {
    body.windows(end.len()).position(|window| window == end).unwrap_or(body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        String::from_utf8(plain_json(text.as_bytes())).unwrap()
    }

    #[test]
    fn comments_and_last_commas_go_and_quotes_stay() {
        assert_eq!(plain("{\"a\": [1,\n], // x,]\n}"), "{\"a\": [1\n] \n}");
        assert_eq!(plain(r#"["//,]", "\",]", /* , */ 1,]"#), r#"["//,]", "\",]",  1]"#);
        assert_eq!(
            (plain("\"\\"), plain("/*"), plain("/")),
            ("\"\\".to_owned(), String::new(), "/".to_owned())
        );
        assert_eq!(plain(",}"), "}");
    }
}
