//! ZIP archives of documents, read member by member through their directory.
//!
//! The directory stands at the end, so the file is put aside first, in a temporary file without a
//! name. Follows APPNOTE 6.3.10 (<https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>).

use std::fs::File;
use std::io::{self, BufReader, Read, Write as _};

use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use super::{ArchiveLimits, MAX_PATH_CHARS};
use crate::error::FeedError;
use crate::feed::Input;
use crate::text::{Bounded, cut, of_io};

/// How far from its end the directory's own end is looked for: past the longest comment.
const MAX_SEARCH_BYTES: u64 = 128 << 10;
/// Bytes that are read at once.
const BUFFER_BYTES: usize = 64 << 10;

/// Reads the files of a ZIP archive in the order of its directory; sizes and sums are checked.
///
/// # Errors
/// [`FeedError::Malformed`] with the member, [`FeedError::Limit`], [`FeedError::Spool`], and what
/// `read` gives.
pub(crate) fn each_in_zip(
    input: Input<'_>,
    limits: ArchiveLimits,
    mut read: impl FnMut(&str, &[u8]) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut buffer = vec![0; BUFFER_BYTES];
    let (file, size) = spool(input, limits.max_bytes, &mut buffer)?;
    let archive = open(address, file, size, &mut buffer)?;
    let (mut body, mut count, mut left) = (Vec::new(), 0, limits.max_bytes);
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) =
        entries.next_entry().map_err(|fault| directory(address, count, fault))?
    {
        count += 1;
        if count > limits.max_members {
            let (address, limit) = (address.to_owned(), limits.max_members);
            return Err(FeedError::Limit { address, what: "members", limit });
        }
        if entry.is_dir() {
            continue;
        }
        let path = String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned();
        let member = Member {
            place: format!("member `{}`", cut(&path, MAX_PATH_CHARS)),
            wayfinder: entry.wayfinder(),
            method: entry.compression_method(),
            is_encrypted: entry.flags().is_encrypted(),
        };
        inflate(address, &archive, &member, limits.max_member_bytes, &mut body)?;
        left = left.checked_sub(body.len() as u64).ok_or_else(|| FeedError::Limit {
            address: address.to_owned(),
            what: "bytes",
            limit: limits.max_bytes,
        })?;
        read(&path, &body)?;
    }
    match archive.entries_hint() {
        told if told == count => Ok(()),
        told => Err(directory(address, count, format!("it says that it has {told} members"))),
    }
}

/// One member.
struct Member {
    place: String,
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    is_encrypted: bool,
}

/// Puts the file aside; returns it and its size.
fn spool(input: Input<'_>, max_bytes: u64, buffer: &mut [u8]) -> Result<(File, u64), FeedError> {
    let Input { address, body } = input;
    let aside = |source| FeedError::Spool { address: address.to_owned(), source };
    let mut file = tempfile::tempfile().map_err(aside)?;
    let mut body = Bounded::new(body, max_bytes);
    let mut size = 0;
    loop {
        let count = match body.read(buffer) {
            Ok(0) => return Ok((file, size)),
            Ok(count) => count,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => continue,
            Err(fault) => return Err(of_io(address, format!("byte {size}"), fault)),
        };
        file.write_all(&buffer[..count]).map_err(aside)?;
        size += count as u64;
    }
}

/// Finds the directory, behind whose end nothing may stand.
fn open(
    address: &str,
    file: File,
    size: u64,
    buffer: &mut [u8],
) -> Result<ZipArchive<rawzip::FileReader>, FeedError> {
    let at_end = |detail: String| FeedError::Malformed {
        address: address.to_owned(),
        place: format!("its end, byte {size}"),
        detail,
    };
    let locator = ZipLocator::new().max_search_space(MAX_SEARCH_BYTES);
    let archive =
        locator.locate_in_file(file, buffer).map_err(|(_, fault)| at_end(fault.to_string()))?;
    if archive.end_offset() != size {
        return Err(at_end(format!("the archive ends at byte {}", archive.end_offset())));
    }
    Ok(archive)
}

fn inflate(
    address: &str,
    archive: &ZipArchive<rawzip::FileReader>,
    member: &Member,
    max_bytes: u64,
    body: &mut Vec<u8>,
) -> Result<(), FeedError> {
    let malformed = |detail: String| FeedError::Malformed {
        address: address.to_owned(),
        place: member.place.clone(),
        detail,
    };
    if member.is_encrypted {
        return Err(malformed("it is encrypted".to_owned()));
    }
    let entry =
        archive.get_entry(member.wayfinder).map_err(|fault| malformed(fault.to_string()))?;
    let packed = BufReader::with_capacity(BUFFER_BYTES / 2, entry.reader());
    let plain: Box<dyn Read> = match member.method {
        CompressionMethod::STORE => Box::new(packed),
        CompressionMethod::DEFLATE => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        method => return Err(malformed(format!("compression {method} is not known"))),
    };
    body.clear();
    Bounded::new(entry.verifying_reader(plain), max_bytes)
        .read_to_end(body)
        .map_err(|fault| of_io(address, member.place.clone(), fault))?;
    Ok(())
}

fn directory(address: &str, count: u64, fault: impl std::fmt::Display) -> FeedError {
    let (address, detail) = (address.to_owned(), fault.to_string());
    FeedError::Malformed { address, place: format!("its directory after {count} members"), detail }
}

#[cfg(test)]
mod tests {
    use rawzip::ZipArchiveWriter;

    use super::*;

    fn zip_of(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut zip = ZipArchiveWriter::new(Vec::new());
        for (name, body) in members {
            let (mut entry, config) =
                zip.new_file(*name).compression_method(method).start().unwrap();
            let told = if method == CompressionMethod::STORE {
                let mut writer = config.wrap(&mut entry);
                writer.write_all(body).unwrap();
                writer.finish().unwrap().1
            } else {
                let level = flate2::Compression::fast();
                let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
                writer.write_all(body).unwrap();
                let (encoder, told) = writer.finish().unwrap();
                encoder.finish().unwrap();
                told
            };
            entry.finish(told).unwrap();
        }
        zip.finish().unwrap()
    }

    fn read(mut zip: &[u8], limits: ArchiveLimits) -> Result<String, FeedError> {
        let mut seen = String::new();
        each_in_zip(Input { address: "all.zip", body: &mut zip }, limits, |path, body| {
            seen.extend([path, "=", &String::from_utf8_lossy(body), " "]);
            Ok(())
        })?;
        Ok(seen)
    }

    const LIMITS: ArchiveLimits =
        ArchiveLimits { max_bytes: 2000, max_member_bytes: 100, max_members: 3 };
    const DEFLATE: CompressionMethod = CompressionMethod::DEFLATE;

    #[test]
    fn members_come_in_their_order() {
        for method in [CompressionMethod::STORE, DEFLATE] {
            let zip = zip_of(&[("b/2.json", b"22"), ("a.json", b""), ("c", b"3")], method);
            assert_eq!(read(&zip, LIMITS).unwrap(), "b/2.json=22 a.json= c=3 ");
        }
        assert_eq!(read(&zip_of(&[], DEFLATE), LIMITS).unwrap(), "");
    }

    #[test]
    fn a_cut_or_longer_file_is_refused() {
        let zip = zip_of(&[("a.json", b"some text"), ("b.json", b"more text")], DEFLATE);
        for end in 0..zip.len() {
            let error = read(&zip[..end], LIMITS).unwrap_err();
            assert!(matches!(error, FeedError::Malformed { .. }), "{end}: {error}");
        }
        let error = read(&[&zip[..], b"{}"].concat(), LIMITS).unwrap_err();
        assert!(error.to_string().contains("its end"), "{error}");
    }

    #[test]
    fn a_damaged_member_is_named() {
        let zip = zip_of(&[("a.json", b"some text"), ("b.json", b"more text")], DEFLATE);
        let at = zip.windows(6).position(|bytes| bytes == b"b.json").unwrap();
        for place in at + 6..at + 14 {
            let mut damaged = zip.clone();
            damaged[place] ^= 0x15;
            let error = read(&damaged, LIMITS).unwrap_err();
            assert!(error.to_string().contains("at member `b.json`"), "{place}: {error}");
        }
        let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        for (place, value, told) in [(8, 1, "it is encrypted"), (10, 12, "compression")] {
            let mut odd = zip.clone();
            odd[directory + place] = value;
            let error = read(&odd, LIMITS).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
        }
        let mut short = zip.clone();
        let told = short.len() - 12;
        short[told] = 3;
        let error = read(&short, LIMITS).unwrap_err();
        assert!(error.to_string().contains("it says that it has 3 members"), "{error}");
    }

    #[test]
    fn members_and_bytes_have_limits() {
        let four = zip_of(&[("a", b"1"), ("b", b"1"), ("c", b"1"), ("d", b"1")], DEFLATE);
        let error = read(&four, LIMITS).unwrap_err();
        assert!(matches!(error, FeedError::Limit { what: "members", limit: 3, .. }), "{error}");
        let bomb = zip_of(&[("a", &b"x".repeat(100_000))], DEFLATE);
        let error = read(&bomb, LIMITS).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 100, .. }), "{error}");
        let all = zip_of(&[("a", &[b'x'; 1000]), ("b", &[b'x'; 1001])], DEFLATE);
        let wide = ArchiveLimits { max_member_bytes: 1001, ..LIMITS };
        let error = read(&all, wide).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 2000, .. }), "{error}");
        let large = ArchiveLimits { max_bytes: 50, ..LIMITS };
        let error = read(&four, large).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 50, .. }), "{error}");
    }
}
