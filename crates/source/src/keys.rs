//! Keys of JSON documents that differ in letter case alone.
//!
//! The engines are written in Go, whose decoder takes `layers` and `Layers` for one field, the last of
//! them counting (<https://pkg.go.dev/encoding/json#Unmarshal>); to other readers they are two. What
//! would be one image here and another there is refused.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The fields that decide which image it is, in lower case. Other keys may be what they like: labels are
/// keys too.
const FIELDS: [&str; 14] = [
    "architecture",
    "config",
    "diff_ids",
    "digest",
    "fslayers",
    "layers",
    "manifests",
    "mediatype",
    "os",
    "platform",
    "repotags",
    "rootfs",
    "size",
    "variant",
];

/// Fails when an object of the document has one of the fields twice but for letter case.
pub(crate) fn check(body: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<Clear>(body)
        .map(|Clear| ())
        .map_err(|error| crate::path::shown(error.to_string()))
}

/// Any value whose objects are clear.
struct Clear;

impl<'de> Deserialize<'de> for Clear {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClearVisitor)
    }
}

struct ClearVisitor;

impl<'de> Visitor<'de> for ClearVisitor {
    type Value = Clear;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_unit<E: Error>(self) -> Result<Clear, E> {
        Ok(Clear)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Clear, A::Error> {
        while elements.next_element::<Clear>()?.is_some() {}
        Ok(Clear)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Clear, A::Error> {
        let mut seen = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let lower = key.to_lowercase();
            if let Some(field) = FIELDS.iter().find(|field| **field == lower)
                && !seen.insert(*field)
            {
                return Err(A::Error::custom(format!("`{key}` stands there twice")));
            }
            // Labels are texts: nothing below them can be mistaken for a field.
            if lower == "labels" || lower == "annotations" {
                entries.next_value::<IgnoredAny>()?;
            } else {
                entries.next_value::<Clear>()?;
            }
        }
        Ok(Clear)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_in_two_spellings_is_refused_wherever_it_stands() {
        for body in [
            r#"{"layers": [], "Layers": []}"#,
            r#"[{"Config": "a", "RepoTags": null, "config": "b"}]"#,
            r#"{"manifests": [{"digest": "a", "platform": {"os": "x", "OS": "y"}}]}"#,
            r#"{"layers": [], "layers": []}"#,
        ] {
            assert!(check(body.as_bytes()).unwrap_err().contains("twice"), "{body}");
        }
    }

    #[test]
    fn other_keys_are_free() {
        for body in [
            r#"{"config": {"Labels": {"Size": "1", "size": "2"}}, "size": 3, "x": 1.5, "X": null}"#,
            r#"{"annotations": {"OS": "a", "os": "b"}, "os": "linux", "ok": true, "n": -1}"#,
            "[]",
        ] {
            assert_eq!(check(body.as_bytes()), Ok(()), "{body}");
        }
    }
}
