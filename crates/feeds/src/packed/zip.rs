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
