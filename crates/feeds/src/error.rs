//! What can go wrong between an upstream and a shard.

use plimsoll_net::NetError;
use plimsoll_vuln::ShardError;

/// Why a feed did not become a shard.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// No row of the table serves it.
    #[error("no feed serves `{namespace}`")]
    NoFeed {
        /// The namespace.
        namespace: String,
    },
    /// The upstream could not be had.
    #[error(transparent)]
    Net {
        /// What happened on the way.
        #[from]
        source: NetError,
    },
    /// The upstream is not what it should be.
    #[error("`{address}` is not readable at {place}: {detail}")]
    Malformed {
        /// Its address.
        address: String,
        /// `line 3 column 14`.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// The upstream is larger than anything it was seen to be.
    #[error("`{address}` has more than {limit} {what}")]
    Limit {
        /// Its address.
        address: String,
        /// `bytes`, `records`.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// It could not be put aside while it is read.
    #[error("cannot keep `{address}` in a temporary file")]
    Spool {
        /// Its address.
        address: String,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The upstream was read and says nothing at all of it.
    #[error("`{address}` holds no record of `{namespace}`")]
    Empty {
        /// The namespace.
        namespace: String,
        /// The address that was read last.
        address: String,
    },
    /// The upstream lost so many records that it looks broken.
    #[error("`{namespace}` shrank from {before} to {now} records, the shard is refused")]
    Shrunk {
        /// The namespace.
        namespace: String,
        /// Records of the last build.
        before: u64,
        /// Records of this one.
        now: u64,
    },
    /// The shard could not be made.
    #[error("cannot build the shard of `{namespace}`")]
    Shard {
        /// The namespace.
        namespace: String,
        /// What happened.
        #[source]
        source: ShardError,
    },
    /// A file could not be written; the cause names it.
    #[error("cannot keep the shard of `{namespace}`")]
    Io {
        /// The namespace.
        namespace: String,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
}

impl FeedError {
    /// Returns whether the upstream says that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Net { source: NetError::NotFound { .. } })
    }

    /// Returns the advice that goes with it, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Net { source } => source.hint(),
            Self::Shrunk { .. } => {
                Some("the last shard stays in use; delete it if the feed really became that small")
            }
            Self::Malformed { .. } => Some("the upstream may be in trouble: try again later"),
            _ => None,
        }
    }

    /// Joins the error and the last of its causes with `: `; what lies between is for the log.
    pub fn in_words(&self) -> String {
        let mut cause = std::error::Error::source(self);
        while let Some(deeper) = cause.and_then(std::error::Error::source) {
            cause = Some(deeper);
        }
        match cause {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }
}
