//! An empty index of JARs: without any index trivy ends at the first JAR, with an empty one it names those that
//! have pom.properties or a manifest it trusts.
//!
//! The file is a database of SQLite (https://www.sqlite.org/fileformat2.html) with the two tables that trivy
//! asks, made by hand: three pages, the schema and two empty tables.

use std::path::PathBuf;

use anyhow::Result;

/// Bytes of a page; the schema fits into one.
const PAGE_BYTES: usize = 1024;
/// A leaf of a table.
const TABLE_LEAF: u8 = 0x0d;

const TABLES: [(&str, &str); 2] = [
    (
        "artifacts",
        "CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)",
    ),
    (
        "indices",
        "CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)",
    ),
];

/// Dates that make the index neither old nor due.
const METADATA: &str = r#"{"Version":1,"NextUpdate":"2999-01-01T00:00:00Z","UpdatedAt":"2026-01-01T00:00:00Z","DownloadedAt":"2026-01-01T00:00:00Z"}"#;

/// Returns a cache folder for trivy that holds the empty index.
pub(crate) fn cache_with_empty_index() -> Result<PathBuf> {
    let cache = crate::scratch("trivy-cache")?;
    let folder = cache.join("java-db");
    fs_err::create_dir_all(&folder)?;
    fs_err::write(folder.join("trivy-java.db"), database())?;
    fs_err::write(folder.join("metadata.json"), METADATA)?;
    Ok(cache)
}

fn database() -> Vec<u8> {
    let rows: Vec<Vec<u8>> = TABLES
        .iter()
        .enumerate()
        .map(|(index, (name, sql))| schema_row(index as u8 + 1, name, sql))
        .collect();
    let mut file = leaf(100, &rows);
    file[..100].copy_from_slice(&header());
    for _ in TABLES {
        file.extend(leaf(0, &[]));
    }
    file
}

fn header() -> [u8; 100] {
    let mut header = [0; 100];
    header[..16].copy_from_slice(b"SQLite format 3\0");
    header[16..18].copy_from_slice(&(PAGE_BYTES as u16).to_be_bytes());
    // Formats of writing and reading, no reserved bytes, and the three fixed fractions.
    header[18..24].copy_from_slice(&[1, 1, 0, 64, 32, 32]);
    let words: [(usize, u32); 6] = [(24, 1), (28, 3), (40, 1), (44, 4), (56, 1), (92, 1)];
    for (place, value) in words {
        header[place..place + 4].copy_from_slice(&value.to_be_bytes());
    }
    header
}

/// A page of a table with its rows at the end, the first `before` bytes left free.
fn leaf(before: usize, rows: &[Vec<u8>]) -> Vec<u8> {
    let mut page = vec![0; PAGE_BYTES];
    let mut end = PAGE_BYTES;
    for (index, row) in rows.iter().enumerate() {
        end -= row.len();
        page[end..end + row.len()].copy_from_slice(row);
        let pointer = before + 8 + 2 * index;
        page[pointer..pointer + 2].copy_from_slice(&(end as u16).to_be_bytes());
    }
    page[before] = TABLE_LEAF;
    page[before + 3..before + 5].copy_from_slice(&(rows.len() as u16).to_be_bytes());
    page[before + 5..before + 7].copy_from_slice(&(end as u16).to_be_bytes());
    page
}

/// A row of the schema: `table`, the name twice, the page of its root, the statement.
fn schema_row(number: u8, name: &str, sql: &str) -> Vec<u8> {
    let mut types = Vec::new();
    for text in ["table", name, name] {
        types.extend(varint(13 + 2 * text.len()));
    }
    types.push(1);
    types.extend(varint(13 + 2 * sql.len()));
    let mut payload = vec![types.len() as u8 + 1];
    payload.extend(types);
    for text in ["table", name, name] {
        payload.extend(text.as_bytes());
    }
    payload.push(number + 1);
    payload.extend(sql.as_bytes());
    let mut row = varint(payload.len());
    row.push(number);
    row.extend(payload);
    row
}

/// Numbers below 16,384.
fn varint(value: usize) -> Vec<u8> {
    let (high, low) = ((value >> 7) as u8, (value & 0x7f) as u8);
    if high == 0 { vec![low] } else { vec![high | 0x80, low] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_has_three_pages_and_both_statements() {
        let bytes = database();
        assert_eq!(bytes.len(), 3 * PAGE_BYTES);
        for (_, sql) in TABLES {
            assert!(bytes.windows(sql.len()).any(|window| window == sql.as_bytes()));
        }
        // The first row ends the page and starts where its pointer says: its length, its number, the payload.
        let start = usize::from(u16::from_be_bytes([bytes[108], bytes[109]]));
        assert_eq!((start + 2 + usize::from(bytes[start]), bytes[start + 1]), (PAGE_BYTES, 1));
    }
}
