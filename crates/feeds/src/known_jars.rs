//! A list of digests of published Java archives, made into the shards `jars:00` to `jars:ff` of a release.
//!
//! The list is the builder's own: an export of a repository's index, or of the archives that a company has
//! built. Nothing is fetched. A line is a SHA-1 and coordinates, parted by blanks or
//! tabs:
//!
//! ```text
//! 06a39a9ec2c8c1c0b1f5a3f0f2d1c1a1c0ffee00 org.apache.logging.log4j:log4j-core:2.14.1
//! 06a39a9ec2c8c1c0b1f5a3f0f2d1c1a1c0ffee00 org.apache.logging.log4j log4j-core 2.14.1
//! ```

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::time::Instant;

use plimsoll_vuln::ShardError;
use plimsoll_vuln::known_jars::{self, Digest, PREFIX, TITLE};
use plimsoll_vuln::manifest::{Manifest, ManifestError, put_shard};
use plimsoll_vuln::{Shard, manifest};

use crate::build::{BuildRow, Outcome};

/// The most bytes of a line; a longer one is dropped.
const MAX_LINE_BYTES: u64 = 1024;
/// The most bytes of a group, an artifact or a version.
const MAX_PART_BYTES: usize = 200;
/// The most coordinates of one digest: the first ones in the order of the letters are kept.
const MAX_COORDINATES: usize = 16;
/// How often the list is read: each time a part of its digests is kept in memory.
const PASSES: u8 = 16;

/// Why a list was not made into shards.
#[derive(Debug, thiserror::Error)]
pub enum KnownJarsError {
    /// The list could not be read; the cause names it.
    #[error("cannot read the list of known JARs")]
    Read {
        /// What the system said.
        #[from]
        source: std::io::Error,
    },
    /// Not one line of it is a digest and coordinates.
    #[error("`{list}` has no line `SHA1 group:artifact:version`")]
    Nothing {
        /// The list.
        list: String,
    },
    /// A shard could not be written.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// The folder could not be used.
    #[error(transparent)]
    Folder(#[from] ManifestError),
}

/// Builds the shards into a release folder in place of those that are there, and writes its manifest. The
/// order of the lines does not matter. Answers one row for all shards; lines that are no record are counted
/// as dropped.
///
/// # Errors
/// When the list cannot be read or has no record, or the folder cannot be written; the manifest then stays
/// as it was.
pub fn build_known_jars(list: &Path, out: &Path, built: &str) -> Result<BuildRow, KnownJarsError> {
    let begin = Instant::now();
    let mut release = match Manifest::read(out) {
        Ok((mut manifest, _)) => {
            built.clone_into(&mut manifest.built);
            env!("CARGO_PKG_VERSION").clone_into(&mut manifest.tool_version);
            manifest
        }
        Err(ManifestError::Missing { .. }) => Manifest::new(built, env!("CARGO_PKG_VERSION")),
        Err(error) => return Err(error.into()),
    };
    release.shards.retain(|entry| !entry.namespace.starts_with(PREFIX));
    let mut row = BuildRow {
        namespace: format!("{PREFIX}*"),
        source: TITLE.to_owned(),
        records: 0,
        dropped: 0,
        bytes: 0,
        time: begin.elapsed(),
        outcome: Outcome::Built,
    };
    for pass in 0..PASSES {
        let (jars, dropped) = read(list, pass)?;
        row.dropped = dropped;
        for entry in put(&jars, out)? {
            row.records += entry.records;
            row.bytes += entry.size;
            release.put(entry);
        }
    }
    if row.records == 0 {
        return Err(KnownJarsError::Nothing { list: list.display().to_string() });
    }
    release.write(out)?;
    row.time = begin.elapsed();
    Ok(row)
}

/// Sorted, no two alike.
type Jars = BTreeSet<(Digest, String)>;

/// Reads the records whose digest belongs to a pass, and counts the lines that are none.
fn read(list: &Path, pass: u8) -> Result<(Jars, u64), KnownJarsError> {
    let mut reader = BufReader::new(fs_err::File::open(list)?);
    let (mut jars, mut dropped, mut line) = (Jars::new(), 0, Vec::new());
    loop {
        line.clear();
        let count = (&mut reader).take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if count == 0 {
            return Ok((jars, dropped));
        }
        if count as u64 == MAX_LINE_BYTES && line.last() != Some(&b'\n') {
            dropped += 1;
            reader.skip_until(b'\n')?;
            continue;
        }
        let text = std::str::from_utf8(&line).map(str::trim);
        match text.ok().filter(|text| !text.is_empty()).map(parse) {
            Some(Some((digest, coordinates))) if digest[0] / PASSES == pass => {
                jars.insert((digest, coordinates));
            }
            Some(Some(_)) => {}
            Some(None) if line.starts_with(b"#") => {}
            None if text.is_ok() => {}
            _ => dropped += 1,
        }
    }
}

/// Reads a line; `None` if it is no record.
pub fn parse(line: &str) -> Option<(Digest, String)> {
    let (digest, rest) = line.trim().split_once([' ', '\t'])?;
    let parts: Vec<&str> = rest.split([' ', '\t', ':']).filter(|part| !part.is_empty()).collect();
    let is_part = |part: &&str| {
        let is_letter = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '/' | '\\');
        part.len() <= MAX_PART_BYTES && part.chars().all(is_letter)
    };
    let is_whole = parts.len() == 3 && parts.iter().all(is_part);
    Some((known_jars::parse_digest(digest)?, is_whole.then(|| parts.join(":"))?))
}

/// Writes a shard for each first byte.
fn put(jars: &Jars, out: &Path) -> Result<Vec<manifest::ShardEntry>, KnownJarsError> {
    let mut entries = Vec::new();
    let mut left = jars.iter().peekable();
    while let Some((digest, _)) = left.peek() {
        let first = digest[0];
        let mut builder = known_jars::builder(first);
        let (mut last, mut count) = (None, 0);
        while let Some((digest, coordinates)) = left.next_if(|(digest, _)| digest[0] == first) {
            count = if last == Some(digest) { count + 1 } else { 1 };
            last = Some(digest);
            if count <= MAX_COORDINATES {
                known_jars::add(&mut builder, digest, coordinates)?;
            }
        }
        let built = builder.finish()?;
        let meta = Shard::from_bytes(built.bytes.clone())?.meta().clone();
        entries.push(put_shard(out, &meta, &built)?);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "06a39a9ec2c8c1c0b1f5a3f0f2d1c1a1c0ffee00";

    #[test]
    fn lines_are_read_with_blanks_tabs_and_colons() {
        for line in [
            format!("{DIGEST} g.h:a:1.0"),
            format!("{DIGEST}\tg.h\ta\t1.0\r"),
            format!("  sha1:{DIGEST}  g.h:a:1.0  "),
            format!("{} g.h:a:1.0", DIGEST.to_uppercase()),
        ] {
            let (digest, coordinates) = parse(&line).unwrap();
            assert_eq!((digest[0], coordinates.as_str()), (6, "g.h:a:1.0"), "{line}");
        }
        let long = format!("{DIGEST} g:a:{}", "1".repeat(MAX_PART_BYTES + 1));
        for line in ["", "#", DIGEST, "x g:a:1", &format!("{DIGEST} g:a"), &long] {
            assert!(parse(line).is_none(), "{line}");
        }
    }

    fn built(text: &[u8]) -> (tempfile::TempDir, Result<BuildRow, KnownJarsError>) {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        fs_err::write(&list, text).unwrap();
        let row = build_known_jars(&list, &folder.path().join("db"), "2026-01-01T00:00:00Z");
        (folder, row)
    }

    #[test]
    fn what_is_no_record_is_dropped_and_counted() {
        let mut text = format!("# a list\n\n{DIGEST} g:a:1\nhello\n").into_bytes();
        text.extend(b"\xff\xfe\n");
        text.extend(vec![b'x'; MAX_LINE_BYTES as usize + 1]);
        text.extend(format!("\nab{} g:b:2\n{DIGEST} g:a:1", &DIGEST[2..]).bytes());
        let (folder, row) = built(&text);
        let row = row.unwrap();
        assert_eq!((row.records, row.dropped), (2, 3));
        let (manifest, _) = Manifest::read(&folder.path().join("db")).unwrap();
        let names: Vec<&str> = manifest.shards.iter().map(|s| s.namespace.as_str()).collect();
        assert_eq!(names, ["jars:06", "jars:ab"]);
        assert!(matches!(built(b"hello\n").1, Err(KnownJarsError::Nothing { .. })));
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter_and_coordinates_have_a_limit() {
        let lines: Vec<String> =
            (0..=MAX_COORDINATES).map(|number| format!("{DIGEST} g{number}:a:1\n")).collect();
        let reverse: Vec<String> = lines.iter().rev().cloned().collect();
        let digest = |lines: &[String]| {
            let (folder, row) = built(lines.concat().as_bytes());
            assert_eq!(row.unwrap().records, MAX_COORDINATES as u64);
            Manifest::read(&folder.path().join("db")).unwrap().1
        };
        assert_eq!(digest(&lines), digest(&reverse));
    }
}
