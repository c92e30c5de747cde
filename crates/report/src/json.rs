//! The native report: written as JSON, and read back.
//!
//! The shape is that of [`plimsoll_model::report`]; `schema/report-1.json` states it as a JSON Schema
//! (draft 2020-12). Pretty-printed with two blanks, a line break at the end, the same bytes for the
//! same report.

use std::io::{self, BufWriter, Write};

use plimsoll_model::Report;
use plimsoll_model::report::SCHEMA_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::format::Style;
use crate::text::is_unseen;

/// The JSON Schema of the native report.
pub const REPORT_SCHEMA: &str = include_str!("../schema/report-1.json");
/// The largest report that is read back.
pub const MAX_REPORT_BYTES: usize = 512 << 20;

/// Why a file is not a report that can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is larger than [`MAX_REPORT_BYTES`].
    #[error("cannot read a report of {bytes} bytes: more than {MAX_REPORT_BYTES} are not read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It is not JSON, or not in the shape of a report.
    #[error("cannot read the text as a Plimsoll report")]
    Malformed(#[from] serde_json::Error),
    /// It is a report of another shape.
    #[error(
        "cannot read a report with `schema_version` {found}: this program reads {SCHEMA_VERSION}"
    )]
    SchemaVersion {
        /// The version that it states.
        found: u64,
    },
}

/// Writes the report as JSON.
pub(crate) fn write(report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut out, Spelled(PrettyFormatter::new()));
    report.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Reads a report that [`write`] wrote: one JSON object, fields that are not known passed over.
///
/// # Errors
/// When there are more bytes than [`MAX_REPORT_BYTES`], when it is not such an object, or when its
/// `schema_version` is another than [`SCHEMA_VERSION`].
pub fn parse_report(bytes: &[u8]) -> Result<Report, ReportError> {
    parse_within(bytes, MAX_REPORT_BYTES)
}

fn parse_within(bytes: &[u8], most: usize) -> Result<Report, ReportError> {
    if bytes.len() > most {
        return Err(ReportError::TooLarge { bytes: bytes.len() });
    }
    match serde_json::from_slice::<Report>(bytes) {
        Ok(report) if report.schema_version == SCHEMA_VERSION => Ok(report),
        Ok(report) => Err(ReportError::SchemaVersion { found: report.schema_version.into() }),
        // A report of a later shape fails for reasons that help nobody: its version is the reason.
        Err(error) => match serde_json::from_slice::<Head>(bytes) {
            Ok(head) if head.schema_version != u64::from(SCHEMA_VERSION) => {
                Err(ReportError::SchemaVersion { found: head.schema_version })
            }
            _ => Err(error.into()),
        },
    }
}

#[derive(Deserialize)]
struct Head {
    schema_version: u64,
}

/// Pretty JSON in which what a terminal obeys, hides or reorders is written as `\u009b`: the same
/// value for a reader, and no harm to who looks at it with `cat`.
struct Spelled(PrettyFormatter<'static>);

impl Formatter for Spelled {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unseen) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let after = rest[at..].chars().next().map_or(at, |letter| at + letter.len_utf8());
            for unit in rest[at..after].encode_utf16() {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[after..];
        }
        writer.write_all(rest.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W>(&mut self, writer: &mut W, first: bool) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W>(&mut self, writer: &mut W, first: bool) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_over_the_limit_is_refused() {
        let error = parse_within(&[b' '; 11], 10).unwrap_err();
        assert!(matches!(error, ReportError::TooLarge { bytes: 11 }), "{error}");
    }

    #[test]
    fn another_schema_version_is_named() {
        let error = parse_report(br#"{"schema_version": 7, "what": []}"#).unwrap_err();
        assert!(matches!(error, ReportError::SchemaVersion { found: 7 }), "{error}");
        assert!(matches!(parse_report(b"{}").unwrap_err(), ReportError::Malformed(_)));
        assert!(matches!(parse_report(b"\xff").unwrap_err(), ReportError::Malformed(_)));
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let deep = format!(r#"{{"x": {}"#, "[".repeat(100_000));
        assert!(matches!(parse_report(deep.as_bytes()), Err(ReportError::Malformed(_))));
    }

    #[test]
    fn unseen_characters_are_spelled_as_json_does() {
        let mut bytes = Vec::new();
        let text = "a\u{9b}\u{202e}\u{e0041}\n\u{7f}é";
        let mut serializer =
            serde_json::Serializer::with_formatter(&mut bytes, Spelled(PrettyFormatter::new()));
        text.serialize(&mut serializer).unwrap();
        assert_eq!(std::str::from_utf8(&bytes).unwrap(), r#""a\u009b\u202e\udb40\udc41\n\u007fé""#);
        assert_eq!(serde_json::from_slice::<String>(&bytes).unwrap(), text);
    }
}
