//! Writes a shard.

use std::collections::BTreeMap;

use plimsoll_model::{Advisory, Detail, Epss};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::blocks::{MAX_ROW_BYTES, RawBlock, pack_all};
use super::error::ShardError;
use super::meta::{RowKind, ShardMeta};
use super::rows::{AdvisoryRow, DetailRow};
use super::text::{Settled, Texts};
use super::{MAX_BYTES_PER_NAME, MAX_NAME_BYTES, MAX_ROWS_PER_NAME, epss, layout, names};

/// Collects rows and writes them as a shard. The same rows in the same order give the same bytes.
///
/// Names may come in any order; the rows of one name keep theirs.
#[derive(Debug)]
pub struct ShardBuilder {
    meta: ShardMeta,
    rows: BTreeMap<String, Vec<Row>>,
    scores: epss::Scores,
    texts: Texts,
}

/// A finished shard.
#[derive(Clone, Debug)]
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// `sha256:…` of the file.
    pub digest: String,
    /// Rows in it.
    pub records: u64,
}

#[derive(Debug)]
enum Row {
    Plain(Vec<u8>),
    /// An [`AdvisoryRow`] as it is before its texts are settled; written at once, since a shard may have
    /// a million.
    Advisory(Box<[u8]>),
    Detail(Box<DetailRow<'static>>),
}

impl ShardBuilder {
    /// Starts a shard; `meta.rows` says what will be added.
    pub fn new(meta: ShardMeta) -> Self {
        Self { meta, rows: BTreeMap::new(), scores: BTreeMap::new(), texts: Texts::default() }
    }

    /// Returns what the shard will say of itself, to be completed until it is finished.
    pub fn meta_mut(&mut self) -> &mut ShardMeta {
        &mut self.meta
    }

    /// Adds a row as `postcard` writes its type. For KEV ([`Kev`] by CVE id), EOL ([`EolRelease`] by
    /// product) and other rows; the kinds with a form of their own refuse it.
    ///
    /// # Errors
    /// When the shard is of another kind, the row cannot be encoded, or the name is too long.
    ///
    /// [`Kev`]: plimsoll_model::Kev
    /// [`EolRelease`]: plimsoll_model::EolRelease
    pub fn add<T: Serialize>(&mut self, name: &str, row: &T) -> Result<(), ShardError> {
        if !self.meta.rows.is_plain() {
            self.expect(RowKind::Other)?;
        }
        self.push_plain(name, row)
    }

    /// Adds an advisory about the package `name`.
    ///
    /// # Errors
    /// When the shard is of another kind, or the name is too long.
    pub fn add_advisory(&mut self, name: &str, advisory: &Advisory) -> Result<(), ShardError> {
        self.expect(RowKind::Advisories)?;
        let row = AdvisoryRow::new(advisory, &mut self.texts);
        let bytes = encode(&self.meta.namespace, &row)?;
        self.push(name, Row::Advisory(bytes.into()))
    }

    /// Adds what is known of a CVE.
    ///
    /// # Errors
    /// When the shard is of another kind, or the id is too long.
    pub fn add_detail(&mut self, id: &str, detail: &Detail) -> Result<(), ShardError> {
        self.expect(RowKind::Details)?;
        let row = DetailRow::new(id, detail, &mut self.texts);
        self.push(id, Row::Detail(Box::new(row)))
    }

    /// Adds the score of a CVE; a second one for the same CVE replaces the first.
    ///
    /// # Errors
    /// When the shard is of another kind, or the id is not a CVE id.
    pub fn add_epss(&mut self, id: &str, epss: Epss) -> Result<(), ShardError> {
        self.expect(RowKind::Epss)?;
        let shard = &self.meta.namespace;
        let Some((row, place)) = epss::place(id) else {
            return Err(ShardError::write(shard, format!("`{id}` is not a CVE id")));
        };
        self.scores.entry(row).or_default().insert(place, epss);
        Ok(())
    }

    /// Writes the shard.
    ///
    /// # Errors
    /// When something is larger than a reader takes.
    pub fn finish(self) -> Result<Built, ShardError> {
        let Self { mut meta, mut rows, scores, texts } = self;
        let shard = meta.namespace.clone();
        let mut score_section = Vec::new();
        meta.records = rows.values().map(|rows| rows.len() as u64).sum();
        if meta.rows == RowKind::Epss {
            meta.records = scores.values().map(|row| row.len() as u64).sum();
            let written = epss::write(&shard, &scores)?;
            for (name, row) in written.rows {
                rows.insert(name, vec![Row::Plain(encode(&shard, &row)?)]);
            }
            score_section = written.section;
        }
        let settled = texts.settle();
        let names = names::write(&shard, rows.keys())?;
        let packed = pack_all(&shard, &raw_blocks(&meta, rows, &settled)?)?;
        let meta_section =
            serde_json::to_vec(&meta).map_err(|error| ShardError::write(&shard, error))?;
        let text_section = settled.write(&shard)?;
        let sections = [
            meta_section,
            names,
            packed.dictionary,
            packed.index,
            text_section,
            score_section,
            packed.blocks,
        ];
        let bytes = layout::write(&shard, &sections)?;
        Ok(Built { digest: digest_of(&bytes), records: meta.records, bytes })
    }

    fn push_plain<T: Serialize>(&mut self, name: &str, row: &T) -> Result<(), ShardError> {
        let bytes = encode(&self.meta.namespace, row)?;
        self.push(name, Row::Plain(bytes))
    }

    fn push(&mut self, name: &str, row: Row) -> Result<(), ShardError> {
        if name.len() > MAX_NAME_BYTES {
            return Err(self.too_big("a name", name.len(), MAX_NAME_BYTES));
        }
        if let Some(rows) = self.rows.get_mut(name) {
            if rows.len() >= MAX_ROWS_PER_NAME {
                let what = format!("the number of rows of `{name}`");
                return Err(self.too_big(&what, MAX_ROWS_PER_NAME + 1, MAX_ROWS_PER_NAME));
            }
            rows.push(row);
        } else {
            self.rows.insert(name.to_owned(), vec![row]);
        }
        Ok(())
    }

    fn expect(&self, wanted: RowKind) -> Result<(), ShardError> {
        if self.meta.rows == wanted {
            return Ok(());
        }
        let shard = self.meta.namespace.clone();
        Err(ShardError::Kind { shard, found: self.meta.rows, wanted })
    }

    fn too_big(&self, what: &str, size: usize, limit: usize) -> ShardError {
        let (shard, what) = (self.meta.namespace.clone(), what.to_owned());
        ShardError::TooBig { shard, what, size, limit }
    }
}

/// Returns `sha256:…` of some bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    super::digest_text(&Sha256::digest(bytes))
}

/// Lays the rows into blocks, names in their order.
fn raw_blocks(
    meta: &ShardMeta,
    rows: BTreeMap<String, Vec<Row>>,
    settled: &Settled,
) -> Result<Vec<RawBlock>, ShardError> {
    let shard = &meta.namespace;
    let mut laying = Laying { target: meta.rows.block_bytes(), ..Laying::default() };
    for (ordinal, (name, rows)) in rows.into_iter().enumerate() {
        let mut size = 0;
        for row in rows {
            let bytes = row.encode(shard, &name, settled)?;
            size += bytes.len();
            laying.row(shard, ordinal as u32, &bytes)?;
        }
        if size > MAX_BYTES_PER_NAME {
            let (shard, what) = (shard.clone(), format!("all that is said of `{name}`"));
            return Err(ShardError::TooBig { shard, what, size, limit: MAX_BYTES_PER_NAME });
        }
        laying.end_chunk(shard)?;
    }
    laying.end_block();
    Ok(laying.blocks)
}

/// Blocks in the making.
#[derive(Default)]
struct Laying {
    target: usize,
    blocks: Vec<RawBlock>,
    block: RawBlock,
    chunk: Vec<u8>,
    rows_in_chunk: u32,
}

impl Laying {
    fn row(&mut self, shard: &str, ordinal: u32, row: &[u8]) -> Result<(), ShardError> {
        let goes_on = self.rows_in_chunk > 0;
        let begun = goes_on || !self.block.bytes.is_empty();
        if begun && self.block.bytes.len() + self.chunk.len() + row.len() > self.target {
            self.end_chunk(shard)?;
            self.end_block();
            self.block = RawBlock { first: ordinal, goes_on, bytes: Vec::new() };
        } else if !begun {
            self.block = RawBlock { first: ordinal, ..RawBlock::default() };
        }
        self.chunk.extend_from_slice(row);
        self.rows_in_chunk += 1;
        Ok(())
    }

    fn end_chunk(&mut self, shard: &str) -> Result<(), ShardError> {
        let rows = std::mem::take(&mut self.rows_in_chunk);
        if rows > 0 {
            self.block.bytes.extend(encode(shard, &(rows, self.chunk.len() as u32))?);
            self.block.bytes.append(&mut self.chunk);
        }
        Ok(())
    }

    fn end_block(&mut self) {
        if !self.block.bytes.is_empty() {
            self.blocks.push(std::mem::take(&mut self.block));
        }
    }
}

impl Row {
    fn encode(self, shard: &str, name: &str, settled: &Settled) -> Result<Vec<u8>, ShardError> {
        let bytes = match self {
            Self::Plain(bytes) => bytes,
            Self::Advisory(bytes) => {
                let mut row: AdvisoryRow<'_> = postcard::from_bytes(&bytes)
                    .map_err(|error| ShardError::write(shard, error))?;
                row.settle(settled);
                encode(shard, &row)?
            }
            Self::Detail(mut row) => {
                row.settle(settled);
                encode(shard, &row)?
            }
        };
        if bytes.len() > MAX_ROW_BYTES {
            return Err(ShardError::TooBig {
                shard: shard.to_owned(),
                what: format!("a row of `{name}`"),
                size: bytes.len(),
                limit: MAX_ROW_BYTES,
            });
        }
        Ok(bytes)
    }
}

fn encode<T: Serialize>(shard: &str, row: &T) -> Result<Vec<u8>, ShardError> {
    postcard::to_stdvec(row).map_err(|error| ShardError::write(shard, error))
}
