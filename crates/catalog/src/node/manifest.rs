//! One `package.json`: the few fields that tell what it is.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// The most bytes of a manifest; those of large editor extensions have some hundred kB.
pub(super) const MAX_MANIFEST_BYTES: usize = 4 << 20;
/// The most bytes of a name; npm allows 214.
const MAX_NAME_BYTES: usize = 400;
/// The most bytes of a version; npm allows 256.
const MAX_VERSION_BYTES: usize = 256;
/// The longest licence that is kept.
const MAX_LICENSE_CHARS: usize = 200;
/// The most licences of one package.
const MAX_LICENSES: usize = 20;

/// What a manifest states; what it leaves out is empty.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Manifest {
    /// As written: `@babel/core`.
    pub(super) name: String,
    /// As written: `7.20.0`.
    pub(super) version: String,
    /// As written, of `license` or the older `licenses`.
    pub(super) licenses: Vec<String>,
    /// `"private": true`: no registry has it under this name.
    pub(super) is_private: bool,
}

impl Manifest {
    /// Reads the bytes of a manifest; a byte order mark in front is skipped. Of two fields of one name
    /// the last counts, as for npm. Fields of another kind than they should be are as left out, but that
    /// a number will do as a version.
    ///
    /// # Errors
    /// Says in which line and column it is no JSON object; or that it is too large.
    pub(super) fn read(body: &[u8]) -> Result<Self, String> {
        if body.len() > MAX_MANIFEST_BYTES {
            return Err(format!("more than {MAX_MANIFEST_BYTES} bytes"));
        }
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        serde_json::from_slice(body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("it is no JSON object: line {line}, column {column}")
        })
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Manifest;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Manifest, A::Error> {
        let mut manifest = Manifest::default();
        let (mut license, mut licenses) = (Vec::new(), Vec::new());
        while let Some(field) = map.next_key::<String>()? {
            match field.as_str() {
                "name" => manifest.name = word(&map.next_value()?, MAX_NAME_BYTES),
                "version" => manifest.version = word(&map.next_value()?, MAX_VERSION_BYTES),
                "private" => manifest.is_private = is_true(&map.next_value()?),
                "license" => license = licenses_of(&map.next_value()?),
                "licenses" => licenses = licenses_of(&map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        manifest.licenses = if license.is_empty() { licenses } else { license };
        Ok(manifest)
    }
}

/// Returns a text or a number without blanks around it; empty for anything else, and for what is longer
/// than `most` bytes or goes on in another line.
fn word(value: &Value, most: usize) -> String {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let is_word = text.len() <= most && !text.contains(char::is_control);
    if is_word { text } else { String::new() }
}

/// npm takes the word for the truth too.
fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str() == Some("true"))
}

/// Returns the licences of `"MIT"`, `{"type": "MIT"}`, or a list of such.
fn licenses_of(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let one = std::slice::from_ref(value);
    for entry in value.as_array().map_or(one, Vec::as_slice) {
        let fields = || entry.get("type").or_else(|| entry.get("name"));
        let text = entry.as_str().or_else(|| fields()?.as_str()).unwrap_or_default().trim();
        let text: String = text.chars().take(MAX_LICENSE_CHARS).collect();
        if !text.is_empty() && found.len() < MAX_LICENSES && !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Manifest {
        Manifest::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn licences_have_many_forms() {
        assert_eq!(read(r#"{"license": "MIT"}"#).licenses, ["MIT"]);
        assert_eq!(read(r#"{"license": {"type": "BSD", "url": "x"}}"#).licenses, ["BSD"]);
        let list = r#"{"licenses": [{"type": "MIT"}, "GPL-2.0", {"name": "X"}, "MIT", 7, {}]}"#;
        assert_eq!(read(list).licenses, ["MIT", "GPL-2.0", "X"]);
        assert_eq!(read(r#"{"licenses": ["A"], "license": "(B OR C)"}"#).licenses, ["(B OR C)"]);
        assert_eq!(read(r#"{"license": null}"#).licenses, [""; 0]);
    }

    #[test]
    fn odd_fields_are_borne() {
        let odd =
            "\u{feff}{\"name\": [], \"version\": 1.5, \"private\": \"true\", \"name\": \" a \"}";
        let manifest = read(odd);
        assert_eq!((&*manifest.name, &*manifest.version), ("a", "1.5"));
        assert!(manifest.is_private);
        assert_eq!(read(r#"{"name": "a\nb", "version": {"x": 1}}"#), Manifest::default());
        assert!(!read(r#"{"private": "no"}"#).is_private);
    }

    #[test]
    fn what_is_no_object_tells_where() {
        let error = Manifest::read(b"{\"name\": \"a\",\n oops}").unwrap_err();
        assert_eq!(error, "it is no JSON object: line 2, column 2");
        assert!(Manifest::read(b"[]").is_err());
        assert!(Manifest::read(b"").is_err());
        assert!(Manifest::read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn sizes_have_limits() {
        let mut body = br#"{"name": "a"}"#.to_vec();
        body.resize(MAX_MANIFEST_BYTES, b' ');
        assert_eq!(Manifest::read(&body).unwrap().name, "a");
        body.push(b' ');
        assert!(Manifest::read(&body).unwrap_err().contains("more than"));
        let long = |field, bytes| read(&format!("{{\"{field}\": \"{}\"}}", "x".repeat(bytes)));
        assert_eq!(long("name", MAX_NAME_BYTES).name.len(), MAX_NAME_BYTES);
        assert_eq!(long("name", MAX_NAME_BYTES + 1).name, "");
        assert_eq!(long("version", MAX_VERSION_BYTES).version.len(), MAX_VERSION_BYTES);
        assert_eq!(long("version", MAX_VERSION_BYTES + 1).version, "");
        let license = &long("license", MAX_LICENSE_CHARS + 1).licenses[0];
        assert_eq!(license.len(), MAX_LICENSE_CHARS);
        let list: Vec<String> = (0..=MAX_LICENSES).map(|n| format!("\"L{n}\"")).collect();
        let manifest = read(&format!("{{\"licenses\": [{}]}}", list.join(",")));
        assert_eq!(manifest.licenses.len(), MAX_LICENSES);
    }
}
