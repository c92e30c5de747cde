//! Yarn: `yarn.lock`, classic (version 1) and berry (2 and later).
//!
//! Followed: <https://classic.yarnpkg.com/en/docs/yarn-lock> and the files that either writes.

use plimsoll_model::{FileYield, Want};

use super::found::Found;
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("yarn-lock", 2, &[Want::Name("yarn.lock")], read);

/// What is taken from the project or a folder beside it.
const LOCAL: &[&str] = &["workspace:", "link:", "portal:", "file:"];

/// The longest name that is told.
const MAX_NAME_CHARS: usize = 100;

/// One entry while it is read.
#[derive(Debug, Default)]
struct Entry {
    name: String,
    version: String,
    is_local: bool,
}

/// Reads one lock file. It does not tell what is for development.
///
/// ```text
/// "@babel/core@^7.0.0", "@babel/core@^7.1.0":
///   version "7.22.5"
///
/// "qs@npm:^6.5.0, qs@npm:~6.5.2":
///   version: 6.5.2
///   resolution: "qs@npm:6.5.2"
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "npm", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let text = parse::text(input.body, found);
    let mut entry = Entry::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.matches('"').count() % 2 == 1 && !line.contains('\\') {
            found.broken(format!("line {} ends in the middle of a text", number + 1));
            return;
        }
        if !line.starts_with(' ') {
            add(&std::mem::take(&mut entry), found);
            let Some(head) = line.strip_suffix(':') else {
                found.broken(format!("line {} is none of a lock file of Yarn", number + 1));
                return;
            };
            entry = of_head(head);
        } else if let Some(field) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            read_field(field, &mut entry);
        }
    }
    add(&entry, found);
}

fn add(entry: &Entry, found: &mut Found) {
    if entry.is_local || entry.name.is_empty() {
        return;
    }
    if entry.version.is_empty() {
        let name: String = entry.name.chars().take(MAX_NAME_CHARS).collect();
        found.broken(format!("the entry of `{name}` has no version"));
    } else {
        found.add(&entry.name, &entry.version);
    }
}

fn of_head(head: &str) -> Entry {
    let first = head.split(',').next().unwrap_or_default().trim().trim_matches('"');
    // An entry about the file itself has no `@` and is none.
    let Some((name, range)) = split(first) else { return Entry::default() };
    let real = range.strip_prefix("npm:").and_then(split).map(|(name, _)| name);
    Entry {
        name: real.unwrap_or(name).to_owned(),
        version: String::new(),
        is_local: LOCAL.iter().any(|protocol| range.starts_with(protocol)),
    }
}

fn read_field(field: &str, entry: &mut Entry) {
    let Some((key, value)) = field.split_once(' ') else { return };
    let value = value.trim().trim_matches('"');
    match key.trim_end_matches(':') {
        "version" => value.clone_into(&mut entry.version),
        "resolution" => {
            if let Some((name, range)) = split(value) {
                name.clone_into(&mut entry.name);
                entry.is_local = LOCAL.iter().any(|protocol| range.starts_with(protocol));
            }
        }
        _ => {}
    }
}

/// Splits `@scope/name@range` behind its name.
fn split(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, letter)| *letter == '@')?.0;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_the_at_sign_that_is_not_of_the_scope() {
        assert_eq!(split("qs@npm:6.5.2"), Some(("qs", "npm:6.5.2")));
        assert_eq!(split("@a/b@^1"), Some(("@a/b", "^1")));
        assert_eq!((split("@a/b"), split("")), (None, None));
        assert_eq!(split("é@1"), Some(("é", "1")));
        assert_eq!(of_head("\"x@npm:@real/name@^3\"").name, "@real/name");
        assert!(of_head("x@file:../x").is_local);
    }
}
