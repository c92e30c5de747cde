//! From the files of an upstream to finished shards.

use std::collections::{BTreeMap, VecDeque};

use plimsoll_net::{Client, Limits, NetError, Progress};
use plimsoll_vuln::{Built, ShardBuilder, ShardMeta};
use std::time::Duration;

use crate::error::FeedError;
use crate::feed::{Draft, Feed, Harvest, Input, MAX_FOLLOWED_FILES, Row, SourceFile};

/// Most addresses that a shard names as its source.
const MAX_ADDRESSES: usize = 16;
/// The longest that the download of one file may take.
const MAX_FILE_TIME: Duration = Duration::from_hours(1);
/// The share of records, in hundredths, that a feed may lose from one build to the next.
pub const MAX_LOSS_PERCENT: u64 = 20;

/// What the files of a feed hold.
#[derive(Debug)]
pub(crate) struct Gathered {
    /// By namespace; each that was asked for is there.
    pub(crate) drafts: BTreeMap<String, Draft>,
    /// The addresses that were read, in their order.
    pub(crate) addresses: Vec<String>,
}

/// Fetches and reads the files, one after the other, into the drafts of the namespaces.
pub(crate) fn gather(
    feed: &Feed,
    files: &[SourceFile],
    mut harvest: Harvest,
    client: &Client,
    progress: &dyn Progress,
) -> Result<Gathered, FeedError> {
    let mut addresses = Vec::new();
    let mut served = String::new();
    let mut queue: VecDeque<SourceFile> = files.iter().cloned().collect();
    let mut read = 0;
    while let Some(file) = queue.pop_front() {
        let limits = Limits { max_bytes: file.max_bytes, max_time: MAX_FILE_TIME };
        let mut body = match client.get(&file.address, limits, progress) {
            Err(NetError::NotFound { .. }) if file.optional => continue,
            body => body?,
        };
        if let Some(stamp) = body.last_modified().and_then(instant) {
            served = served.max(stamp);
        }
        (feed.parse)(Input { address: &file.address, body: &mut body }, &mut harvest)?;
        harvest.check_claims(&file.address)?;
        // The addresses stand in the shard; of thousands of single documents the first few do, and the file
        // that was read last.
        addresses.truncate(MAX_ADDRESSES - 1);
        addresses.push(file.address.clone());
        read += 1;
        for next in harvest.take_followed().into_iter().rev() {
            queue.push_front(next);
        }
        if read + queue.len() > MAX_FOLLOWED_FILES {
            let limit = MAX_FOLLOWED_FILES as u64;
            return Err(FeedError::Limit { address: file.address, what: "further files", limit });
        }
    }
    let mut drafts = harvest.into_drafts();
    for draft in drafts.values_mut().filter(|draft| draft.updated.is_empty()) {
        draft.updated.clone_from(&served);
    }
    Ok(Gathered { drafts, addresses })
}

/// Rewrites an HTTP date as RFC 3339.
fn instant(date: &str) -> Option<String> {
    jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp().to_string())
}

/// Makes the shard of a draft. The same rows give the same bytes, in whatever order they were read.
pub(crate) fn finish(
    feed: &Feed,
    namespace: &str,
    draft: Draft,
    addresses: &[String],
) -> Result<Built, FeedError> {
    let Draft { mut rows, dropped, updated, partial } = draft;
    if rows.is_empty() && feed.least_records > 0 {
        let address = addresses.last().cloned().unwrap_or_default();
        return Err(FeedError::Empty { namespace: namespace.to_owned(), address });
    }
    rows.sort_by(|(a, a_row), (b, b_row)| a.cmp(b).then_with(|| a_row.id().cmp(b_row.id())));
    let mut shard = ShardBuilder::new(ShardMeta {
        namespace: namespace.to_owned(),
        title: feed.title.to_owned(),
        addresses: addresses.to_vec(),
        licence: feed.licence.to_owned(),
        updated,
        dropped,
        rows: feed.rows,
        reader: feed.reader,
        partial,
        thin: rows.len() < feed.least_records,
        ..ShardMeta::default()
    });
    let fault = |source| FeedError::Shard { namespace: namespace.to_owned(), source };
    for (key, row) in rows {
        match row {
            Row::Advisory(advisory) => shard.add_advisory(&key, &advisory),
            Row::Lean(row) => shard.add_advisory(&key, &row.advisory()),
            Row::Detail(detail) => shard.add_detail(&key, &detail),
            Row::Epss(epss) => shard.add_epss(&key, epss),
            Row::Kev(kev) => shard.add(&key, &*kev),
            Row::Eol(release) => shard.add(&key, &*release),
            Row::Strings(words) => shard.add(&key, &words),
        }
        .map_err(fault)?;
    }
    shard.finish().map_err(fault)
}

/// Refuses a shard that lost too much since the last build.
pub(crate) fn check_loss(namespace: &str, before: u64, now: u64) -> Result<(), FeedError> {
    if now.saturating_mul(100) < before.saturating_mul(100 - MAX_LOSS_PERCENT) {
        return Err(FeedError::Shrunk { namespace: namespace.to_owned(), before, now });
    }
    Ok(())
}

impl Row {
    /// Returns what tells rows of one key apart; rows without it keep the order they were read in.
    fn id(&self) -> &str {
        match self {
            Self::Advisory(advisory) => &advisory.id,
            Self::Lean(row) => &row.common.id,
            Self::Detail(_) | Self::Epss(_) | Self::Kev(_) | Self::Eol(_) | Self::Strings(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_may_be_lost_and_no_more() {
        assert!(check_loss("x", 0, 0).is_ok());
        assert!(check_loss("x", 100, 80).is_ok());
        assert!(matches!(
            check_loss("x", 100, 79),
            Err(FeedError::Shrunk { before: 100, now: 79, .. })
        ));
    }

    #[test]
    fn http_dates_become_rfc_3339() {
        assert_eq!(
            instant("Wed, 21 Oct 2015 07:28:00 GMT").as_deref(),
            Some("2015-10-21T07:28:00Z")
        );
        assert_eq!(instant("yesterday"), None);
    }
}
