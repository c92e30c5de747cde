//! What there is: the name of the archive, what changed since, and what was deleted.

use std::io::{BufRead as _, BufReader, Read};

use jiff::Timestamp;

use super::{BASE, MAX_ARCHIVE_BYTES, MAX_DOCUMENT_BYTES};
use crate::error::FeedError;
use crate::feed::{Harvest, Input, SourceFile};
use crate::text::{Bounded, of_io};

/// Most bytes of `archive_latest.txt`.
pub(super) const MAX_LATEST_BYTES: u64 = 256;
/// Most bytes of `changes.csv` and `deletions.csv`.
const MAX_LIST_BYTES: u64 = 128 << 20;
/// Most lines of one of them.
pub const MAX_LISTED_DOCUMENTS: u64 = 1_000_000;
/// Longest line of one of them, in bytes.
pub const MAX_LINE_BYTES: u64 = 512;
/// Most documents that are fetched one by one; when more changed, the newest are.
pub const MAX_SINGLE_DOCUMENTS: usize = 20_000;

pub(super) const CHANGES: &str = "changes.csv";
pub(super) const DELETIONS: &str = "deletions.csv";
/// What stands before the day in the address of the changes; the archive tells all before that day.
const SINCE: &str = "#since=";

/// Reads the name of the archive and asks for all that is to be read, in its order.
pub(super) fn read_latest(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let Input { address, body } = input;
    let mut name = String::new();
    Bounded::new(body, MAX_LATEST_BYTES)
        .read_to_string(&mut name)
        .map_err(|fault| of_io(address, "line 1".to_owned(), fault))?;
    let name = name.trim();
    let Some(day) = day_of(name) else {
        let detail = "it names no archive `csaf_vex_YYYY-MM-DD.tar.zst`";
        return Err(malformed(address, 1, detail));
    };
    let since = format!("{BASE}{CHANGES}{SINCE}{day}");
    harvest.follow(SourceFile::new(format!("{BASE}{DELETIONS}"), MAX_LIST_BYTES))?;
    harvest.follow(SourceFile::new(since, MAX_LIST_BYTES))?;
    harvest.follow(SourceFile::new(format!("{BASE}{name}"), MAX_ARCHIVE_BYTES))?;
    harvest.stamp(&day.to_string());
    Ok(())
}

/// Reads what was deleted, and when.
pub(super) fn read_deletions(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    for change in read_list(input, harvest)? {
        harvest.remember(&deletion(&change.document), &change.at.to_string())?;
    }
    Ok(())
}

/// Reads what changed and asks for the documents that the archive has in an older state or not at
/// all. A document that changed after it was deleted is there again.
pub(super) fn read_changes(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let since = address.split_once(SINCE).map_or("", |(_, day)| day);
    // The archive may have been made at any hour of its day.
    let since: Timestamp = format!("{since}T00:00:00Z")
        .parse()
        .map_err(|_| malformed(address, 1, "the day of the archive is not known"))?;
    let mut newer = Vec::new();
    for change in read_list(input, harvest)? {
        match deleted_at(&change.document, harvest) {
            Some(deleted) if change.at <= deleted => continue,
            Some(_) => harvest.remember(&return_of(&change.document), "")?,
            None => {}
        }
        if change.at >= since {
            newer.push(change);
        }
    }
    newer.sort_by(|a, b| (b.at, &a.document).cmp(&(a.at, &b.document)));
    newer.dedup_by(|a, b| a.document == b.document);
    if let Some(newest) = newer.first().filter(|_| newer.len() <= MAX_SINGLE_DOCUMENTS) {
        harvest.stamp(&newest.at.to_string());
    }
    for change in newer.into_iter().take(MAX_SINGLE_DOCUMENTS) {
        // One that is gone by now is taken from the archive.
        let file = SourceFile::new(format!("{BASE}{}", change.document), MAX_DOCUMENT_BYTES);
        harvest.follow(SourceFile { optional: true, ..file })?;
    }
    Ok(())
}

/// Returns whether the document was deleted and did not come back.
pub(super) fn is_deleted(document: &str, harvest: &Harvest) -> bool {
    deleted_at(document, harvest).is_some() && harvest.recall(&return_of(document)).is_none()
}

/// Returns the name of the document at a path, `2024/cve-2024-1597.json`; `None` for any other file.
pub(super) fn document_of(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/');
    let (file, year) = (parts.next()?, parts.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (of_year, number) = file.strip_prefix("cve-")?.strip_suffix(".json")?.split_once('-')?;
    let known = digits(year) && of_year == year && year.len() == 4;
    (known && digits(number) && number.len() <= 19).then(|| format!("{year}/{file}"))
}

fn deletion(document: &str) -> String {
    format!("deleted {document}")
}

fn return_of(document: &str) -> String {
    format!("back {document}")
}

fn deleted_at(document: &str, harvest: &Harvest) -> Option<Timestamp> {
    harvest.recall(&deletion(document))?.parse().ok()
}

/// Returns the day of `csaf_vex_2026-08-01.tar.zst`.
fn day_of(archive: &str) -> Option<jiff::civil::Date> {
    let day = archive.strip_prefix("csaf_vex_")?.strip_suffix(".tar.zst")?;
    day.parse().ok().filter(|date: &jiff::civil::Date| date.to_string() == day)
}

struct Change {
    /// `2024/cve-2024-1597.json`.
    document: String,
    at: Timestamp,
}

/// Reads the lines `"2024/cve-2024-1597.json","2026-08-04T17:40:45+00:00"`. Files that are no document
/// are left out.
fn read_list(input: Input<'_>, harvest: &Harvest) -> Result<Vec<Change>, FeedError> {
    let Input { address, body } = input;
    // Nothing is made of it when no release is wanted.
    if harvest.namespaces().next().is_none() {
        return Ok(Vec::new());
    }
    let mut reader = BufReader::new(Bounded::new(body, MAX_LIST_BYTES));
    let mut changes = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        if read.map_err(|fault| of_io(address, format!("line {number}"), fault))? == 0 {
            break;
        }
        if line.len() as u64 > MAX_LINE_BYTES {
            let (address, what) = (address.to_owned(), "bytes in one line");
            return Err(FeedError::Limit { address, what, limit: MAX_LINE_BYTES });
        }
        if number > MAX_LISTED_DOCUMENTS {
            let (address, what) = (address.to_owned(), "lines");
            return Err(FeedError::Limit { address, what, limit: MAX_LISTED_DOCUMENTS });
        }
        let text = line.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let (path, at) = fields(text).ok_or_else(|| {
            malformed(address, number, "it is not `\"path\",\"time\"` with a time of RFC 3339")
        })?;
        changes.extend(document_of(path).map(|document| Change { document, at }));
    }
    Ok(changes)
}

fn fields(line: &[u8]) -> Option<(&str, Timestamp)> {
    let line = std::str::from_utf8(line).ok()?;
    let (path, at) = line.strip_prefix('"')?.strip_suffix('"')?.split_once("\",\"")?;
    Some((path, at.parse().ok()?))
}

fn malformed(address: &str, line: u64, detail: &str) -> FeedError {
    let (address, detail) = (address.to_owned(), detail.to_owned());
    FeedError::Malformed { address, place: format!("line {line}"), detail }
}
