//! What can go wrong with a shard.

use std::io;

use super::meta::RowKind;

/// A shard that could not be written, read or trusted.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The file could not be read; the cause names it.
    #[error("cannot read shard `{shard}`")]
    Read {
        /// The file, or the namespace once it is known.
        shard: String,
        /// What the system said.
        source: io::Error,
    },
    /// The bytes are not those that were written.
    #[error("shard `{shard}` is damaged: {detail}; fetch or build it again")]
    Damaged {
        /// The file, or the namespace once it is known.
        shard: String,
        /// Which check failed.
        detail: String,
    },
    /// Another schema wrote it.
    #[error("shard `{shard}` has schema {schema}, this program reads {ours}; build it again")]
    Schema {
        /// The file.
        shard: String,
        /// What the file says.
        schema: u32,
        /// [`super::SCHEMA_VERSION`].
        ours: u32,
    },
    /// It was asked for rows that it does not hold.
    #[error("shard `{shard}` holds {found} rows, not {wanted} rows")]
    Kind {
        /// The namespace.
        shard: String,
        /// What it holds.
        found: RowKind,
        /// What was asked for.
        wanted: RowKind,
    },
    /// Something to be written is larger than a reader would take.
    #[error("cannot write shard `{shard}`: {what} is {size}, the limit is {limit}")]
    TooBig {
        /// The namespace.
        shard: String,
        /// What is too big.
        what: String,
        /// Its size, in bytes or pieces.
        size: usize,
        /// The limit, in the same unit.
        limit: usize,
    },
    /// A row or section could not be encoded or packed.
    #[error("cannot write shard `{shard}`: {detail}")]
    Write {
        /// The namespace.
        shard: String,
        /// What failed.
        detail: String,
    },
}

impl ShardError {
    pub(super) fn damaged(shard: &str, detail: impl Into<String>) -> Self {
        Self::Damaged { shard: shard.to_owned(), detail: detail.into() }
    }

    pub(super) fn write(shard: &str, detail: impl std::fmt::Display) -> Self {
        Self::Write { shard: shard.to_owned(), detail: format!("{detail}") }
    }
}
