//! A shard: one immutable file with everything that is known in one namespace.
//!
//! Names lie in an `fst`, rows in small `postcard` blocks packed with zstd; `layout` has the frame,
//! `blocks` the blocks, `rows` what a row looks like. Nothing of a shard is believed before its
//! checksum is: a damaged file gives an error, never another answer. The checksums (xxh3) guard
//! against accidents; who must guard against intent compares the SHA-256, [`Shard::verify`].
//!
//! Opening reads header, meta, names, index and dictionary; rows are read when they are asked for.

use std::fmt::Write as _;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use plimsoll_model::{Advisory, Detail, EolRelease, Epss, Kev};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

mod blocks;
mod build;
mod epss;
mod error;
mod id;
mod layout;
mod meta;
mod names;
mod rows;
mod text;

pub use blocks::{MAX_BLOCK_BYTES, MAX_ROW_BYTES};
pub use build::{Built, ShardBuilder, digest_of};
pub use epss::MAX_SCORES_BYTES;
pub use error::ShardError;
pub use layout::{MAX_SHARD_BYTES, SCHEMA_VERSION};
pub use meta::{RowKind, ShardMeta};
pub use names::MAX_NAME_BYTES;
pub use text::MAX_TEXTS_BYTES;

use blocks::{Chunks, Index, Unpacking};
use layout::{HEADER_BYTES, Layout, Section};
use names::Names;
use rows::{AdvisoryRow, DetailRow};

/// Most rows that one name may have.
pub const MAX_ROWS_PER_NAME: usize = 200_000;
/// Most bytes that the rows of one name may have, encoded.
pub const MAX_BYTES_PER_NAME: usize = 64 << 20;

/// A shard, open for look-ups. Threads may share it.
#[derive(Debug)]
pub struct Shard {
    data: Data,
    layout: Layout,
    meta: ShardMeta,
    names: Names,
    index: Index,
    unpacking: Unpacking,
    texts: OnceLock<Vec<String>>,
    scores: OnceLock<Vec<Epss>>,
    digest: OnceLock<String>,
}

#[derive(Debug)]
enum Data {
    File(fs_err::File),
    Bytes(Vec<u8>),
}

impl Shard {
    /// Opens a shard file.
    ///
    /// # Errors
    /// `Read` when the file cannot be read, `Schema` when another schema wrote it, `Damaged` when a
    /// checksum does not match or a size is over its limit.
    pub fn open(path: &Path) -> Result<Self, ShardError> {
        let shard = path.display().to_string();
        let read = |source| ShardError::Read { shard: shard.clone(), source };
        let file = fs_err::File::open(path).map_err(read)?;
        let length = file.metadata().map_err(read)?.len();
        Self::new(&shard, Data::File(file), length)
    }

    /// Opens a shard that is in memory.
    ///
    /// # Errors
    /// As [`Shard::open`], but for `Read`.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ShardError> {
        let length = bytes.len() as u64;
        Self::new("in memory", Data::Bytes(bytes), length)
    }

    /// Takes the digest from whoever knows it, so that it is not computed. It is not checked here:
    /// [`Shard::verify`] does that.
    #[must_use]
    pub fn with_digest(self, digest: &str) -> Self {
        let _ = self.digest.set(digest.to_owned());
        self
    }

    /// Returns what the shard says of itself.
    pub fn meta(&self) -> &ShardMeta {
        &self.meta
    }

    /// Returns the shard's identity, `sha256:…`; computed at the first call where it was not given.
    /// Empty when the file can no longer be read; look-ups fail then too.
    pub fn digest(&self) -> &str {
        self.digest.get_or_init(|| self.compute_digest().unwrap_or_default())
    }

    /// Returns the rows of a name that were written with [`ShardBuilder::add`], in their order;
    /// none when the name is not there. For KEV, EOL and other rows; the kinds with a form of their
    /// own have [`Shard::advisories`], [`Shard::details`] and [`Shard::epss`].
    ///
    /// # Errors
    /// When the shard is of another kind, cannot be read or is damaged.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, ShardError> {
        if !self.meta.rows.is_plain() {
            return Err(self.wrong_kind(RowKind::Other));
        }
        self.plain(name)
    }

    /// Returns the rows of many names, in the order of the names.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn get_many<T: DeserializeOwned>(&self, names: &[&str]) -> Result<Vec<Vec<T>>, ShardError> {
        sorted(names, |name| self.get(name))
    }

    /// Returns the advisories about a package, in the order of the feed.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn advisories(&self, name: &str) -> Result<Vec<Advisory>, ShardError> {
        self.expect(RowKind::Advisories)?;
        let texts = self.texts()?;
        let mut found = Vec::new();
        for piece in self.pieces(name)? {
            self.decode::<AdvisoryRow<'_>, _>(&piece, |row| row.resolve(texts), &mut found)?;
        }
        Ok(found)
    }

    /// Returns the advisories about many packages, in the order of the names; faster than one by
    /// one, because names that lie together are read together.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn advisories_many(&self, names: &[&str]) -> Result<Vec<Vec<Advisory>>, ShardError> {
        sorted(names, |name| self.advisories(name))
    }

    /// Returns what is known of a CVE.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn details(&self, id: &str) -> Result<Option<Detail>, ShardError> {
        self.expect(RowKind::Details)?;
        let texts = self.texts()?;
        let mut found = Vec::new();
        for piece in self.pieces(id)? {
            self.decode::<DetailRow<'_>, _>(&piece, |row| row.resolve(id, texts), &mut found)?;
        }
        Ok(found.pop())
    }

    /// Returns the exploit prediction of a CVE.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn epss(&self, id: &str) -> Result<Option<Epss>, ShardError> {
        self.expect(RowKind::Epss)?;
        let Some((name, place)) = epss::place(id) else { return Ok(None) };
        let scores = self.scores()?;
        let Some(row) = self.plain::<epss::ScoreRow>(&name)?.pop() else { return Ok(None) };
        row.score(place, scores).map_err(|detail| self.damaged(detail))
    }

    /// Returns the entry of a CVE in CISA's list.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn kev(&self, id: &str) -> Result<Option<Kev>, ShardError> {
        self.expect(RowKind::Kev)?;
        Ok(self.plain(id)?.pop())
    }

    /// Returns the texts stored under a name, for shards of lists: the CPEs of a repository.
    ///
    /// # Errors
    /// When the shard is of another kind or damaged.
    pub fn strings(&self, name: &str) -> Result<Option<Vec<String>>, ShardError> {
        self.expect(RowKind::Other)?;
        Ok(self.plain(name)?.pop())
    }

    /// Returns the releases of a product of endoflife.date, in the order they were added.
    ///
    /// # Errors
    /// As [`Shard::get`].
    pub fn eol(&self, product: &str) -> Result<Vec<EolRelease>, ShardError> {
        self.expect(RowKind::Eol)?;
        self.plain(product)
    }

    /// Returns the number of names.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns whether there is no name in it.
    pub fn is_empty(&self) -> bool {
        self.names.len() == 0
    }

    /// Returns all names, sorted by their bytes. (The shard `epss` has a name for up to a thousand
    /// CVEs.)
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter()
    }

    /// Checks everything: all sections, all blocks, all rows, and the SHA-256 where one is expected.
    ///
    /// # Errors
    /// `Damaged` at the first thing that is wrong, `Read` when the file cannot be read.
    pub fn verify(&self, expected_digest: Option<&str>) -> Result<(), ShardError> {
        if let Some(expected) = expected_digest {
            let computed = self.compute_digest()?;
            if computed != expected {
                return Err(self.damaged(format!("its digest is {computed}, not {expected}")));
            }
        }
        self.section(Section::Blocks)?;
        let mut records = 0_u64;
        for number in 0..self.index.len() {
            for chunk in Chunks::new(&self.block(number)?) {
                let (rows, _) = chunk.map_err(|detail| self.damaged(detail))?;
                records += u64::from(rows);
            }
        }
        let mut names = 0;
        for name in self.names() {
            self.verify_rows(&name)?;
            names += 1;
        }
        if names != self.names.len() {
            return Err(self.damaged("its names lead nowhere"));
        }
        if self.meta.rows != RowKind::Epss && records != self.meta.records {
            return Err(self.damaged("it has more or fewer rows than it says"));
        }
        Ok(())
    }

    fn new(shard: &str, data: Data, length: u64) -> Result<Self, ShardError> {
        if length > MAX_SHARD_BYTES {
            return Err(ShardError::damaged(shard, format!("it has {length} bytes")));
        }
        let header = data.read(shard, 0, length.min(HEADER_BYTES as u64))?;
        let layout = Layout::read(shard, &header, length)?;
        let section = |section| read_section(shard, &data, &layout, section);
        let meta: ShardMeta = serde_json::from_slice(&section(Section::Meta)?)
            .map_err(|_| ShardError::damaged(shard, "its meta section cannot be read"))?;
        let names = Names::read(section(Section::Names)?)
            .map_err(|detail| ShardError::damaged(shard, detail))?;
        let index = Index::new(shard, section(Section::Index)?)?;
        let unpacking = Unpacking::new(section(Section::Dictionary)?);
        let (texts, scores, digest) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { data, layout, meta, names, index, unpacking, texts, scores, digest })
    }

    fn expect(&self, wanted: RowKind) -> Result<(), ShardError> {
        if self.meta.rows == wanted {
            return Ok(());
        }
        Err(self.wrong_kind(wanted))
    }

    fn wrong_kind(&self, wanted: RowKind) -> ShardError {
        ShardError::Kind { shard: self.meta.namespace.clone(), found: self.meta.rows, wanted }
    }

    fn plain<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, ShardError> {
        let mut found = Vec::new();
        for piece in self.pieces(name)? {
            self.decode::<T, T>(&piece, Ok, &mut found)?;
        }
        Ok(found)
    }

    /// Decodes the rows of a piece and turns each into what was asked for.
    fn decode<'a, R: Deserialize<'a>, T>(
        &self,
        piece: &'a Piece,
        turn: impl Fn(R) -> Result<T, &'static str>,
        found: &mut Vec<T>,
    ) -> Result<(), ShardError> {
        let mut bytes = piece.bytes();
        for _ in 0..piece.rows {
            let (row, rest) = postcard::take_from_bytes(bytes)
                .map_err(|_| self.damaged("a row cannot be decoded"))?;
            found.push(turn(row).map_err(|detail| self.damaged(detail))?);
            bytes = rest;
        }
        if bytes.is_empty() {
            Ok(())
        } else {
            Err(self.damaged("a row is longer than it should be"))
        }
    }

    /// Finds the rows of a name: one piece for each block that has some.
    fn pieces(&self, name: &str) -> Result<Vec<Piece>, ShardError> {
        let mut pieces = Vec::new();
        let ordinal = self.names.find(name).map_err(|detail| self.damaged(detail))?;
        let Some(ordinal) = ordinal else { return Ok(pieces) };
        let lost = || self.damaged("a name has no rows");
        let mut number = self.index.find(ordinal).ok_or_else(lost)?;
        let (mut rows, mut bytes) = (0, 0);
        loop {
            let entry = self.index.entry(number);
            let block = self.block(number)?;
            let place = (ordinal - entry.first.min(ordinal)) as usize;
            let chunk = Chunks::new(&block).nth(place).ok_or_else(lost)?;
            let (count, range) = chunk.map_err(|detail| self.damaged(detail))?;
            rows += count as usize;
            bytes += range.len();
            if count == 0 || rows > MAX_ROWS_PER_NAME || bytes > MAX_BYTES_PER_NAME {
                return Err(self.damaged("a name has no rows or too many"));
            }
            pieces.push(Piece { rows: count, range, block });
            number += 1;
            if number >= self.index.len() || self.index.entry(number).first != ordinal {
                return Ok(pieces);
            }
        }
    }

    fn block(&self, number: usize) -> Result<Arc<[u8]>, ShardError> {
        if let Some(block) = self.unpacking.cached(number) {
            return Ok(block);
        }
        let entry = self.index.entry(number);
        let place = self.layout.place(Section::Blocks);
        if entry.offset + entry.packed > place.length {
            return Err(self.damaged("a block lies outside the file"));
        }
        let shard = &self.meta.namespace;
        let packed = self.data.read(shard, place.offset + entry.offset, entry.packed)?;
        self.unpacking.unpack(shard, number, entry, &packed)
    }

    fn texts(&self) -> Result<&[String], ShardError> {
        if self.texts.get().is_none() {
            let bytes = self.section(Section::Texts)?;
            let _ = self.texts.set(text::read(&self.meta.namespace, &bytes)?);
        }
        Ok(self.texts.get().map_or(&[], Vec::as_slice))
    }

    fn scores(&self) -> Result<&[Epss], ShardError> {
        if self.scores.get().is_none() {
            let bytes = self.section(Section::Scores)?;
            let _ = self.scores.set(epss::read(&self.meta.namespace, &bytes)?);
        }
        Ok(self.scores.get().map_or(&[], Vec::as_slice))
    }

    fn section(&self, section: Section) -> Result<Vec<u8>, ShardError> {
        read_section(&self.meta.namespace, &self.data, &self.layout, section)
    }

    fn verify_rows(&self, name: &str) -> Result<(), ShardError> {
        match self.meta.rows {
            RowKind::Advisories => self.advisories(name).map(drop),
            RowKind::Details => self.details(name).map(drop),
            RowKind::Kev => self.kev(name).map(drop),
            RowKind::Eol => self.eol(name).map(drop),
            RowKind::Epss => {
                self.scores()?;
                self.plain::<epss::ScoreRow>(name).map(drop)
            }
            RowKind::Other => self.pieces(name).map(drop),
        }
    }

    fn compute_digest(&self) -> Result<String, ShardError> {
        const STEP_BYTES: u64 = 256 << 10;
        let place = self.layout.place(Section::Blocks);
        let length = place.offset + place.length;
        let mut hash = Sha256::new();
        let mut at = 0;
        while at < length {
            let step = STEP_BYTES.min(length - at);
            hash.update(self.data.read(&self.meta.namespace, at, step)?);
            at += step;
        }
        Ok(digest_text(&hash.finalize()))
    }

    fn damaged(&self, detail: impl Into<String>) -> ShardError {
        ShardError::damaged(&self.meta.namespace, detail)
    }
}

/// The rows of one name in one block.
struct Piece {
    rows: u32,
    block: Arc<[u8]>,
    range: Range<usize>,
}

impl Piece {
    fn bytes(&self) -> &[u8] {
        &self.block[self.range.clone()]
    }
}

impl Data {
    /// Reads exactly `length` bytes; the caller has bounded them.
    fn read(&self, shard: &str, offset: u64, length: u64) -> Result<Vec<u8>, ShardError> {
        match self {
            Self::File(file) => {
                let mut bytes = vec![0; length as usize];
                file.file()
                    .read_exact_at(&mut bytes, offset)
                    .map_err(|source| ShardError::Read { shard: shard.to_owned(), source })?;
                Ok(bytes)
            }
            Self::Bytes(all) => {
                let (start, end) = (offset as usize, (offset + length) as usize);
                let bytes = all.get(start..end).map(<[u8]>::to_vec);
                bytes.ok_or_else(|| ShardError::damaged(shard, "it ends too early"))
            }
        }
    }
}

fn read_section(
    shard: &str,
    data: &Data,
    layout: &Layout,
    section: Section,
) -> Result<Vec<u8>, ShardError> {
    let place = layout.place(section);
    let bytes = data.read(shard, place.offset, place.length)?;
    layout.check(shard, section, &bytes)?;
    Ok(bytes)
}

/// Looks names up in their order of bytes and gives the answers in the order asked.
fn sorted<T>(
    names: &[&str],
    look_up: impl Fn(&str) -> Result<Vec<T>, ShardError>,
) -> Result<Vec<Vec<T>>, ShardError> {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&place| names[place]);
    let mut answers: Vec<Vec<T>> = Vec::new();
    answers.resize_with(names.len(), Vec::new);
    for place in order {
        answers[place] = look_up(names[place])?;
    }
    Ok(answers)
}

/// Writes a SHA-256 as `sha256:…`.
fn digest_text(hash: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in hash {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
