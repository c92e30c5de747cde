//! Year files and API pages of the NVD, read as a stream, for whoever wants something of their CVEs.

use std::fmt;
use std::marker::PhantomData;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::MAX_UNPACKED_BYTES;
use crate::error::FeedError;
use crate::feed::{Harvest, Input};
use crate::text::{Bounded, read_json};

/// What a page says of itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Span {
    /// When it was made: `2026-08-22T00:00:00.000`; empty where it does not say.
    pub(crate) timestamp: String,
    /// CVEs on the pages before it.
    pub(crate) start: u64,
    /// CVEs that a page has.
    pub(crate) per_page: u64,
    /// CVEs of all pages.
    pub(crate) total: u64,
}

/// Reads a year file (packed, by the ending of its address) or an API page, and hands each CVE out.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column, [`FeedError::Limit`], and what `take` gives, as the latter.
pub(crate) fn read<T>(
    input: Input<'_>,
    harvest: &mut Harvest,
    take: fn(T, &mut Harvest) -> Result<(), FeedError>,
) -> Result<Span, FeedError>
where
    T: for<'de> Deserialize<'de>,
{
    let Input { address, body } = input;
    let page = Page { harvest, take };
    if address.strip_suffix(".gz").is_some() {
        let mut body = Bounded::new(MultiGzDecoder::new(body), MAX_UNPACKED_BYTES);
        return read_json(Input { address, body: &mut body }, page);
    }
    let mut body = Bounded::new(body, MAX_UNPACKED_BYTES);
    read_json(Input { address, body: &mut body }, page)
}

type Take<T> = fn(T, &mut Harvest) -> Result<(), FeedError>;

/// Reads the outer object.
struct Page<'h, T> {
    harvest: &'h mut Harvest,
    take: Take<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Page<'_, T> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Page<'_, T> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `vulnerabilities`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Span, A::Error> {
        let mut found = false;
        let mut span = Span::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "vulnerabilities" => {
                    found = true;
                    map.next_value_seed(Items { harvest: &mut *self.harvest, take: self.take })?;
                }
                "timestamp" => {
                    span.timestamp = map.next_value()?;
                    self.harvest.stamp(&span.timestamp);
                }
                "startIndex" => span.start = map.next_value()?,
                "resultsPerPage" => span.per_page = map.next_value()?,
                "totalResults" => span.total = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if found { Ok(span) } else { Err(A::Error::missing_field("vulnerabilities")) }
    }
}

/// Reads the list.
struct Items<'h, T> {
    harvest: &'h mut Harvest,
    take: Take<T>,
}

#[derive(Deserialize)]
struct Item<T> {
    cve: T,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Items<'_, T> {
    type Value = PhantomData<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<'_, T> {
    type Value = PhantomData<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of CVEs")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while let Some(Item { cve }) = items.next_element::<Item<T>>()? {
            (self.take)(cve, &mut *self.harvest).map_err(A::Error::custom)?;
        }
        Ok(PhantomData)
    }
}
