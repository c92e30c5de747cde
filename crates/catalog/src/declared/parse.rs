//! Documents of JSON, TOML and YAML, read into types that bear any shape, within limits.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_saphyr::budget::Budget;

use super::MAX_LOCK_BYTES;
use super::found::Found;

/// The most bytes of a document of TOML, which is held whole while it is read.
pub(super) const MAX_TOML_BYTES: usize = 8 << 20;
/// The most values of a document of TOML, by what stands between them.
pub(super) const MAX_TOML_VALUES: usize = 1_000_000;
/// The most bytes of a document of YAML.
pub(super) const MAX_YAML_BYTES: usize = 16 << 20;
/// The most lists and tables of YAML in one another.
pub(super) const MAX_YAML_DEPTH: usize = 64;
/// The most values of a document of YAML.
pub(super) const MAX_YAML_NODES: usize = 2_000_000;
/// The most places where a document of YAML repeats another.
pub(super) const MAX_YAML_ALIASES: usize = 1_000;
/// The longest message of a parser that is told.
const MAX_MESSAGE_CHARS: usize = 160;

/// Returns the file as text; what is no UTF-8 is replaced.
pub(super) fn text<'a>(body: &'a [u8], found: &mut Found) -> Cow<'a, str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if fits(body, MAX_LOCK_BYTES as usize, found) {
        String::from_utf8_lossy(body)
    } else {
        Cow::Borrowed("")
    }
}

/// Reads a document of JSON; one that cannot be read is a problem and nothing.
pub(super) fn json<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if !fits(body, MAX_LOCK_BYTES as usize, found) {
        return T::default();
    }
    serde_json::from_slice(body).unwrap_or_else(|error| failed("JSON", &error.to_string(), found))
}

/// Reads a document of TOML; one that cannot be read is a problem and nothing.
pub(super) fn toml<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if !fits(body, MAX_TOML_BYTES, found) {
        return T::default();
    }
    let values = body.iter().filter(|byte| matches!(byte, b',' | b'=' | b'[')).count();
    if values > MAX_TOML_VALUES {
        found.over(format!("more than {MAX_TOML_VALUES} values; it is not read"));
        return T::default();
    }
    let Ok(text) = std::str::from_utf8(body) else { return failed("TOML", "not UTF-8", found) };
    toml::from_str(text).unwrap_or_else(|error| {
        let line = error.span().map(|span| {
            let head = body.get(..span.start).unwrap_or(body);
            1 + head.iter().filter(|byte| **byte == b'\n').count()
        });
        let place = line.map(|line| format!(" at line {line}")).unwrap_or_default();
        failed("TOML", &format!("{}{place}", error.message()), found)
    })
}

/// Reads the first document of YAML; one that cannot be read is a problem and nothing.
pub(super) fn yaml<T: DeserializeOwned + Default>(body: &[u8], found: &mut Found) -> T {
    if !fits(body, MAX_YAML_BYTES, found) {
        return T::default();
    }
    let Ok(text) = std::str::from_utf8(body) else { return failed("YAML", "not UTF-8", found) };
    if text.trim().is_empty() {
        return T::default();
    }
    let mut options = serde_saphyr::Options::default();
    let mut limits = Budget::default();
    limits.max_depth = MAX_YAML_DEPTH;
    limits.max_nodes = MAX_YAML_NODES;
    limits.max_events = 3 * MAX_YAML_NODES;
    limits.max_aliases = MAX_YAML_ALIASES;
    options.budget = Some(limits);
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options)
        .unwrap_or_else(|error| failed("YAML", &error.to_string(), found))
}

/// Says that a document cannot be read, and why, in a line.
pub(super) fn failed<T: Default>(format: &str, message: &str, found: &mut Found) -> T {
    let line = message.lines().next().unwrap_or_default();
    let line: String = line.chars().take(MAX_MESSAGE_CHARS).collect();
    found.broken(format!("it is no {format} that can be read: {line}"));
    T::default()
}

fn fits(body: &[u8], max_bytes: usize, found: &mut Found) -> bool {
    if body.len() > max_bytes {
        found.over(format!("more than {max_bytes} bytes; it is not read"));
    }
    body.len() <= max_bytes
}
