//! Packages of conda: one JSON file each in `conda-meta`.
//!
//! The fields are those of conda's record of an installed package
//! (<https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html>). The purl type
//! has no advisories; Python distributions that conda installed have their metadata beside and are read
//! as such too.

use std::fmt;

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem, Want};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "conda",
    version: 1,
    wants: &[Want::Beneath("conda-meta", ".json")],
    max_body_bytes: MAX_RECORD_BYTES as u64,
    declared: false,
    read: Read::File(read),
};

/// The most bytes of one record; it lists all files of the package.
const MAX_RECORD_BYTES: usize = 64 << 20;
/// The most bytes of one text that is kept.
const MAX_TEXT_BYTES: usize = 400;

fn read(input: &FileInput<'_>) -> FileYield {
    let mut found = FileYield::default();
    let fail = |detail| Problem { detail, gap: Some(GapKind::Unreadable), ..Problem::default() };
    match parse_conda(input.body) {
        Ok(package) if package.name.is_empty() || package.version.is_empty() => {
            found.problems.push(fail("the record states no name or no version".to_owned()));
        }
        Ok(package) => {
            found.packages.push(Package { evidence: vec![Evidence::default()], ..package });
        }
        Err(cause) => found.problems.push(fail(format!("cannot read the record: {cause}"))),
    }
    found
}

/// Reads a record; what it does not state is empty. The repository is the channel.
///
/// ```text
/// {"name": "openssl", "version": "3.0.8", "build": "h0b41bf4_0", "license": "Apache-2.0",
///  "channel": "https://conda.example/conda-forge/linux-64", "subdir": "linux-64", "files": […]}
/// ```
///
/// # Errors
/// Says where it is no JSON object, or that it is too large.
pub fn parse_conda(body: &[u8]) -> Result<Package, String> {
    if body.len() > MAX_RECORD_BYTES {
        return Err(format!("more than {MAX_RECORD_BYTES} bytes"));
    }
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let record: Record = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("it is no JSON object: line {line}, column {column}")
    })?;
    let channel = channel(&record.channel, &record.subdir);
    Ok(Package {
        kind: "conda".to_owned(),
        name: record.name,
        version: record.version,
        licenses: Some(record.license).filter(|text| !text.is_empty()).into_iter().collect(),
        repository: Some(channel.to_owned()).filter(|text| !text.is_empty()),
        ..Package::default()
    })
}

/// Returns `conda-forge` of `https://conda.example/conda-forge/linux-64`, or of `conda-forge/linux-64`.
fn channel<'a>(channel: &'a str, subdir: &str) -> &'a str {
    let channel = channel.trim_end_matches('/');
    let whole = channel.strip_suffix(subdir).unwrap_or(channel).trim_end_matches('/');
    whole.rsplit('/').next().unwrap_or_default()
}

#[derive(Default)]
struct Record {
    name: String,
    version: String,
    license: String,
    channel: String,
    subdir: String,
}

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Record;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Record, A::Error> {
        let mut record = Record::default();
        while let Some(field) = map.next_key::<String>()? {
            let place = match field.as_str() {
                "name" => &mut record.name,
                "version" => &mut record.version,
                "license" => &mut record.license,
                "channel" => &mut record.channel,
                "subdir" => &mut record.subdir,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *place = text(&map.next_value()?);
        }
        Ok(record)
    }
}

/// Returns a text without blanks around it; empty for anything else, and for one too long to be meant.
fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default().trim();
    if text.len() <= MAX_TEXT_BYTES { text.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_tells_name_version_licence_and_channel() {
        let body = br#"{"files": ["a", {"b": 1}], "name": "openssl", "version": "3.0.8",
            "license": "Apache-2.0", "subdir": "linux-64", "build_number": 0,
            "channel": "https://conda.example/conda-forge/linux-64"}"#;
        let package = parse_conda(body).unwrap();
        assert_eq!((&*package.name, &*package.version), ("openssl", "3.0.8"));
        assert_eq!(package.licenses, ["Apache-2.0"]);
        assert_eq!(package.repository.as_deref(), Some("conda-forge"));
        assert_eq!(channel("defaults", ""), "defaults");
        assert_eq!(channel("https://conda.example/pkgs/main", "noarch"), "main");
    }

    #[test]
    fn a_broken_record_is_a_problem() {
        let read = |body: &[u8]| read(&FileInput { path: "conda-meta/a.json", body });
        for body in ["", "[]", "{\"name\": \"a\"}", "{\"name\": 1, \"version\": \"1\"}"] {
            let found = read(body.as_bytes());
            assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable), "{body}");
            assert!(found.packages.is_empty());
        }
    }

    #[test]
    fn a_record_has_limits() {
        let mut body = br#"{"name": "a", "version": "1"}"#.to_vec();
        body.resize(MAX_RECORD_BYTES, b' ');
        assert!(parse_conda(&body).is_ok());
        body.push(b' ');
        assert!(parse_conda(&body).unwrap_err().contains("more than"));
        let named = |bytes| {
            parse_conda(format!("{{\"name\": \"{}\"}}", "x".repeat(bytes)).as_bytes()).unwrap()
        };
        assert_eq!(named(MAX_TEXT_BYTES).name.len(), MAX_TEXT_BYTES);
        assert_eq!(named(MAX_TEXT_BYTES + 1).name, "");
    }
}
