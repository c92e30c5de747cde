//! Digests of published Java archives, in shards `jars:00` to `jars:ff` by the first byte of the SHA-1.
//!
//! A row says which archive a digest is: `org.apache.logging.log4j:log4j-core:2.14.1`. The name of a row is
//! made of the next eight bytes of the digest, and the rest stands in the row: names are what a shard
//! spends most on. A scan asks only for the shards of the archives that it met and is not sure of.

use serde::{Deserialize, Serialize};

use crate::shard::{RowKind, Shard, ShardBuilder, ShardError, ShardMeta};

/// What the namespaces begin with.
pub const PREFIX: &str = "jars:";
/// The name of the source, for people.
pub const TITLE: &str = "known JARs";
/// The version of the rows.
const READER: u32 = 1;
/// Bytes of the digest in the name of the namespace and of the row.
const NAMED_BYTES: usize = 9;

/// A SHA-1 digest.
pub type Digest = [u8; 20];

#[derive(Deserialize, Serialize)]
struct Row {
    rest: [u8; 20 - NAMED_BYTES],
    /// Group, artifact and version, parted by `:`.
    coordinates: String,
}

/// Reads a SHA-1 of 40 hex digits, with `sha1:` in front or without.
pub fn parse_digest(text: &str) -> Option<Digest> {
    let hex = text.strip_prefix("sha1:").unwrap_or(text).as_bytes();
    let mut digest = [0; 20];
    if hex.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(hex.chunks(2)) {
        let digit = |letter: u8| char::from(letter).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(digest)
}

/// Returns the namespace that tells of a digest: `jars:ab`.
pub fn namespace(digest: &Digest) -> String {
    format!("{PREFIX}{:02x}", digest[0])
}

/// Starts the shard of the digests that begin with this byte.
pub fn builder(first: u8) -> ShardBuilder {
    ShardBuilder::new(ShardMeta {
        namespace: format!("{PREFIX}{first:02x}"),
        title: TITLE.to_owned(),
        rows: RowKind::Other,
        reader: READER,
        ..ShardMeta::default()
    })
}

/// Adds an archive to the shard of its digest.
///
/// # Errors
/// As [`ShardBuilder::add`].
pub fn add(
    builder: &mut ShardBuilder,
    digest: &Digest,
    coordinates: &str,
) -> Result<(), ShardError> {
    let (named, rest) = split(digest);
    builder.add(&named, &Row { rest, coordinates: coordinates.to_owned() })
}

/// Returns under which coordinates an archive is published, in the order they were added.
///
/// # Errors
/// When the shard is of another kind, cannot be read or is damaged.
pub fn find(shard: &Shard, digest: &Digest) -> Result<Vec<String>, ShardError> {
    let (named, rest) = split(digest);
    let rows: Vec<Row> = shard.get(&named)?;
    Ok(rows.into_iter().filter(|row| row.rest == rest).map(|row| row.coordinates).collect())
}

fn split(digest: &Digest) -> (String, [u8; 20 - NAMED_BYTES]) {
    use std::fmt::Write as _;
    let mut named = String::new();
    for byte in &digest[1..NAMED_BYTES] {
        let _ = write!(named, "{byte:02x}");
    }
    let mut rest = [0; 20 - NAMED_BYTES];
    rest.copy_from_slice(&digest[NAMED_BYTES..]);
    (named, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_found_and_one_that_begins_alike_is_not() {
        let digest = parse_digest(&format!("sha1:ab{}", "01".repeat(19))).unwrap();
        assert_eq!(namespace(&digest), "jars:ab");
        let mut builder = builder(0xab);
        add(&mut builder, &digest, "g:a:1").unwrap();
        add(&mut builder, &digest, "h:a:1").unwrap();
        let shard = Shard::from_bytes(builder.finish().unwrap().bytes).unwrap();
        assert_eq!(find(&shard, &digest).unwrap(), ["g:a:1", "h:a:1"]);
        let mut other = digest;
        other[19] ^= 1;
        assert_eq!(find(&shard, &other).unwrap(), [""; 0]);
        shard.verify(None).unwrap();
    }

    #[test]
    fn what_is_no_digest_is_none() {
        for text in ["", "ab", &"0".repeat(39), &"g".repeat(40), &"é".repeat(20)] {
            assert_eq!(parse_digest(text), None, "{text}");
        }
    }
}
