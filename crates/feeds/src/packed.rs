//! Upstream files as they are packed: `.gz`, `.bz2`, `.xz`, `.zst`, and archives of documents.
//!
//! Everything is read as a stream, with a limit on what comes out.

use std::io::{self, Read};

use serde::de::IgnoredAny;

use crate::error::FeedError;
use crate::feed::Input;
use crate::text::{Bounded, of_io};

mod zip;

pub(crate) use zip::each_in_zip;

/// Largest memory that the dictionary of an xz stream may ask for, in KiB.
const MAX_XZ_KIB: u32 = 128 << 10;
/// Largest window of a zstd stream, as a power of two: 128 MiB.
const MAX_ZSTD_WINDOW_LOG: u32 = 27;
/// Longest path of a member that is told in an error, in characters.
const MAX_PATH_CHARS: usize = 200;

/// What an archive may have.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_field_names)]
pub(crate) struct ArchiveLimits {
    /// Bytes of all that is unpacked.
    pub(crate) max_bytes: u64,
    /// Bytes of one member.
    pub(crate) max_member_bytes: u64,
    /// Members.
    pub(crate) max_members: u64,
}

/// Unpacks a stream as the end of its address says; what has none of the known ends is taken as it is.
///
/// # Errors
/// When the stream cannot be begun.
pub(crate) fn unpacked<'a>(
    input: Input<'a>,
    max_bytes: u64,
) -> Result<Box<dyn Read + 'a>, FeedError> {
    let Input { address, body } = input;
    let end = address.rsplit('.').next().unwrap_or_default();
    let inner: Box<dyn Read + 'a> = match end {
        "gz" => Box::new(flate2::read::MultiGzDecoder::new(body)),
        "bz2" => Box::new(bzip2::read::MultiBzDecoder::new(body)),
        "xz" => Box::new(lzma_rust2::XzReader::new_mem_limit(body, true, MAX_XZ_KIB)),
        "zst" => {
            let fault = |fault| of_io(address, "its first bytes".to_owned(), fault);
            let mut decoder = zstd::stream::read::Decoder::new(body).map_err(fault)?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG).map_err(fault)?;
            Box::new(decoder)
        }
        _ => Box::new(body),
    };
    Ok(Box::new(Bounded::new(inner, max_bytes)))
}

/// Reads the regular files of a tar archive, packed or not, in their order.
///
/// # Errors
/// [`FeedError::Malformed`] with the member, [`FeedError::Limit`], and what `read` gives.
pub(crate) fn each_in_tar(
    input: Input<'_>,
    limits: ArchiveLimits,
    mut read: impl FnMut(&str, &[u8]) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut archive = tar::Archive::new(unpacked(input, limits.max_bytes)?);
    let mut body = Vec::new();
    let mut count = 0;
    let entries = archive.entries().map_err(|fault| at_member(address, 0, fault))?;
    for entry in entries {
        let mut entry = entry.map_err(|fault| at_member(address, count, fault))?;
        count += 1;
        if count > limits.max_members {
            let (address, limit) = (address.to_owned(), limits.max_members);
            return Err(FeedError::Limit { address, what: "members", limit });
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let place = || format!("member `{}`", crate::text::cut(&path, MAX_PATH_CHARS));
        body.clear();
        Bounded::new(&mut entry, limits.max_member_bytes)
            .read_to_end(&mut body)
            .map_err(|fault| of_io(address, place(), fault))?;
        read(&path, &body)?;
    }
    // What follows the end of the archive must still unpack, or the stream was cut.
    let mut rest = archive.into_inner();
    io::copy(&mut rest, &mut io::sink()).map_err(|fault| at_member(address, count, fault))?;
    Ok(())
}

/// Returns whether a member is a JSON document, by its name.
pub(crate) fn is_json(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "json")
}

/// Checks that a member that could not be read as a record is whole JSON all the same: then it is one
/// broken record, else the archive is broken. Nesting, and numbers that are too large, do not matter.
///
/// # Errors
/// [`FeedError::Malformed`] with member, line and column.
pub(crate) fn check_is_whole(address: &str, path: &str, body: &[u8]) -> Result<(), FeedError> {
    let (line, column, detail) = match std::str::from_utf8(body) {
        Ok(text) => match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => return Ok(()),
            Err(fault) => (fault.line(), fault.column(), fault.to_string()),
        },
        Err(fault) => {
            let before = &body[..fault.valid_up_to()];
            let lines = before.split(|byte| *byte == b'\n');
            let column = 1 + lines.clone().next_back().map_or(0, <[u8]>::len);
            (lines.count(), column, "it is not UTF-8".to_owned())
        }
    };
    let at = format!("line {line} column {column}");
    let detail = detail.strip_suffix(&format!(" at {at}")).unwrap_or(&detail).to_owned();
    let place = format!("member `{}`, {at}", crate::text::cut(path, MAX_PATH_CHARS));
    Err(FeedError::Malformed { address: address.to_owned(), place, detail })
}

fn at_member(address: &str, count: u64, fault: io::Error) -> FeedError {
    of_io(address, format!("the member after {count} others"), fault)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, body) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(body.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append_data(&mut header, path, *body).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn packed(end: &str, bytes: &[u8]) -> Vec<u8> {
        match end {
            "gz" => {
                let mut out =
                    flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            "bz2" => {
                let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            "zst" => zstd::encode_all(bytes, 1).unwrap(),
            "xz" => {
                let options = lzma_rust2::XzOptions::with_preset(1);
                let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
                out.write_all(bytes).unwrap();
                out.finish().unwrap()
            }
            _ => bytes.to_vec(),
        }
    }

    fn members(address: &str, mut body: &[u8], limits: ArchiveLimits) -> Result<String, FeedError> {
        let mut seen = String::new();
        let input = Input { address, body: &mut body };
        each_in_tar(input, limits, |path, body| {
            seen.extend([path, "=", &String::from_utf8_lossy(body), " "]);
            Ok(())
        })?;
        Ok(seen)
    }

    const LIMITS: ArchiveLimits =
        ArchiveLimits { max_bytes: 1 << 20, max_member_bytes: 100, max_members: 3 };

    #[test]
    fn archives_are_read_however_they_are_packed_and_a_cut_one_is_refused() {
        let tar = tar_of(&[("a/x.json", b"1"), ("b.json", b"22")]);
        for end in ["tar", "gz", "bz2", "xz", "zst"] {
            let address = format!("https://h.example/all.tar.{end}");
            let body = packed(end, &tar);
            assert_eq!(members(&address, &body, LIMITS).unwrap(), "a/x.json=1 b.json=22 ", "{end}");
            if end != "tar" {
                let cut = &body[..body.len() - body.len() / 3];
                let error = members(&address, cut, LIMITS).unwrap_err();
                assert!(matches!(error, FeedError::Malformed { .. }), "{end}: {error}");
            }
        }
    }

    #[test]
    fn only_what_is_whole_is_one_broken_record() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for whole in ["{}", "[1e999]", r#"{"id": 1}"#, r#""\ud800""#, deep.as_str()] {
            check_is_whole("x.zip", "a.json", whole.as_bytes()).unwrap();
        }
        for (broken, expected, word) in [
            (&b""[..], "line 1 column 0", "EOF"),
            (b"{\"id\": \"X\",\n \"affected\": [{", "line 2 column 15", "EOF"),
            (b"<html>", "line 1 column 1", "expected value"),
            (b"{}\n{}", "line 2 column 1", "trailing characters"),
            (b"{\n\"\xff\": 1}", "line 2 column 2", "UTF-8"),
        ] {
            let error = check_is_whole("x.zip", "a.json", broken).unwrap_err();
            let FeedError::Malformed { address, place, detail } = &error else { panic!("{error}") };
            assert_eq!(address, "x.zip");
            assert_eq!(*place, format!("member `a.json`, {expected}"), "{detail}");
            assert!(detail.contains(word) && !detail.contains("line"), "{detail}");
        }
    }

    #[test]
    fn members_and_bytes_have_limits() {
        let four = tar_of(&[("a", b"1"), ("b", b"1"), ("c", b"1"), ("d", b"1")]);
        let error = members("x.tar", &four, LIMITS).unwrap_err();
        assert!(matches!(error, FeedError::Limit { what: "members", limit: 3, .. }), "{error}");
        let large = tar_of(&[("a", &[b'x'; 101])]);
        let error = members("x.tar", &large, LIMITS).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 100, .. }), "{error}");
        let tight = ArchiveLimits { max_bytes: 1000, ..LIMITS };
        let error = members("x.tar", &four, tight).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 1000, .. }), "{error}");
    }
}
