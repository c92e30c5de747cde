//! The answer: a bounded stream of bytes that is taken up again where it broke off.
//!
//! A broken body is resumed with `Range` and `If-Range` (RFC 9110 section 14.2 and 13.1.5), which
//! needs a strong `ETag` or a `Last-Modified`: without one, two halves of different files could
//! be glued together.

use std::fs::File;
use std::io::{self, Read};
use std::time::Instant;

use flate2::read::MultiGzDecoder;
use reqwest::StatusCode;
use reqwest::blocking::Response as Answer;
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, HeaderValue,
    IF_RANGE, LAST_MODIFIED, RANGE,
};
use url::Url;

use crate::client::{Limits, Trip};
use crate::error::NetError;
use crate::mirror;

/// Bytes after which a download counts as running well again, so that all retries are open anew.
const GOOD_STRETCH_BYTES: u64 = 1 << 20;

/// Hears how downloads go; called from the thread that reads.
pub trait Progress: Send + Sync {
    /// A download begins; the total is `None` when the server does not tell it.
    fn started(&self, url: &str, total_bytes: Option<u64>);
    /// So many more bytes came over the line.
    fn received(&self, url: &str, bytes: u64);
    /// The download is over, whether it came to its end or not.
    fn ended(&self, url: &str);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _url: &str, _total_bytes: Option<u64>) {}
    fn received(&self, _url: &str, _bytes: u64) {}
    fn ended(&self, _url: &str) {}
}

/// The body of an address, and what the server says of it.
///
/// Reading gives the unpacked bytes (a `Content-Encoding` is undone, a `.gz` file is not). An
/// error while reading holds a [`NetError`]; see [`NetError::from_io`].
pub struct Response<'a> {
    body: Body<'a>,
    url: String,
    limit: u64,
    taken: u64,
    length: Option<u64>,
    etag: Option<String>,
    last_modified: Option<String>,
    progress: &'a dyn Progress,
}

enum Body<'a> {
    File(File),
    Plain(Box<Stream<'a>>),
    Gzip(Box<MultiGzDecoder<Stream<'a>>>),
}

/// The bytes as they travel.
struct Stream<'a> {
    trip: Trip<'a>,
    answer: Answer,
    validator: Option<HeaderValue>,
    coding: Option<String>,
    total: Option<u64>,
    received: u64,
    failures: u32,
    failed_at: u64,
    progress: &'a dyn Progress,
}

impl<'a> Response<'a> {
    pub(crate) fn of_file(
        file: File,
        bytes: u64,
        url: &Url,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Self, NetError> {
        let url = mirror::shown(url);
        if bytes > limits.max_bytes {
            return Err(NetError::TooLarge { url, limit: limits.max_bytes });
        }
        progress.started(&url, Some(bytes));
        Ok(Self {
            body: Body::File(file),
            url,
            limit: limits.max_bytes,
            taken: 0,
            length: Some(bytes),
            etag: None,
            last_modified: None,
            progress,
        })
    }

    pub(crate) fn of_answer(
        trip: Trip<'a>,
        answer: Answer,
        progress: &'a dyn Progress,
    ) -> Result<Self, NetError> {
        let (url, limit) = (trip.shown(), trip.limits.max_bytes);
        let headers = answer.headers();
        let total = text(headers, &CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
        if total.is_some_and(|total| total > limit) {
            return Err(NetError::TooLarge { url, limit });
        }
        let (etag, last_modified) = (text(headers, &ETAG), text(headers, &LAST_MODIFIED));
        let coding = coding(headers, &url)?;
        let (packed, validator) = (coding.is_some(), validator(headers));
        progress.started(&url, total);
        let stream = Stream {
            trip,
            answer,
            validator,
            coding,
            total,
            received: 0,
            failures: 0,
            failed_at: 0,
            progress,
        };
        let (body, length) = if packed {
            (Body::Gzip(Box::new(MultiGzDecoder::new(stream))), None)
        } else {
            (Body::Plain(Box::new(stream)), total)
        };
        Ok(Self { body, url, limit, taken: 0, length, etag, last_modified, progress })
    }

    /// Returns the size of the unpacked body in bytes, where it is known beforehand.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the `ETag` as the server spells it; none for a file of a mirror.
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// Returns the `Last-Modified` as the server spells it; none for a file of a mirror.
    pub fn last_modified(&self) -> Option<&str> {
        self.last_modified.as_deref()
    }

    /// Reads the whole body, which is at most the limit given to `get`.
    ///
    /// # Errors
    /// See [`NetError`].
    pub fn into_bytes(mut self) -> Result<Vec<u8>, NetError> {
        let mut bytes = Vec::new();
        let url = self.url.clone();
        self.read_to_end(&mut bytes).map_err(|error| {
            let taken = bytes.len() as u64;
            NetError::from_io(error).unwrap_or_else(|source| NetError::Broken {
                url,
                bytes: taken,
                source,
            })
        })?;
        Ok(bytes)
    }
}

impl Read for Response<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.body {
            Body::File(file) => {
                let count = file.read(buffer)?;
                self.progress.received(&self.url, count as u64);
                count
            }
            Body::Plain(stream) => stream.read(buffer)?,
            Body::Gzip(unpacked) => unpacked.read(buffer)?,
        };
        self.taken += count as u64;
        if self.taken > self.limit {
            let error = NetError::TooLarge { url: self.url.clone(), limit: self.limit };
            return Err(io::Error::other(error));
        }
        Ok(count)
    }
}

impl Drop for Response<'_> {
    fn drop(&mut self) {
        self.progress.ended(&self.url);
    }
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("url", &self.url).field("taken", &self.taken).finish()
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if Instant::now() >= self.trip.deadline {
                return Err(io::Error::other(self.trip.timeout()));
            }
            match self.answer.read(buffer) {
                Ok(count) => {
                    self.received += count as u64;
                    self.trip_progress(count);
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.resume(error).map_err(io::Error::other)?,
            }
        }
    }
}

impl Stream<'_> {
    fn trip_progress(&self, count: usize) {
        if count > 0 {
            self.progress.received(&self.trip.shown(), count as u64);
        }
    }

    /// Takes the body up where it broke off.
    fn resume(&mut self, error: io::Error) -> Result<(), NetError> {
        if Instant::now() >= self.trip.deadline {
            return Err(self.trip.timeout());
        }
        if self.received - self.failed_at >= GOOD_STRETCH_BYTES {
            self.failures = 0;
        }
        self.failed_at = self.received;
        let broken =
            |source| NetError::Broken { url: self.trip.shown(), bytes: self.received, source };
        let Some(validator) = self.validator.clone() else { return Err(broken(error)) };
        if !self.trip.may_retry(&mut self.failures, None)? {
            return Err(broken(error));
        }
        let mut headers = HeaderMap::new();
        let range = HeaderValue::from_str(&format!("bytes={}-", self.received));
        headers.insert(RANGE, range.map_err(|_| broken(error))?);
        headers.insert(IF_RANGE, validator);
        let answer = self.trip.ask(&headers, &mut self.failures)?;
        if !self.continues(&answer) {
            return Err(NetError::Changed { url: self.trip.shown() });
        }
        self.answer = answer;
        Ok(())
    }

    /// Returns whether the answer is the rest of the same file.
    fn continues(&self, answer: &Answer) -> bool {
        let Some(range) = text(answer.headers(), &CONTENT_RANGE) else { return false };
        let Some((from, total)) = content_range(&range) else { return false };
        answer.status() == StatusCode::PARTIAL_CONTENT
            && from == self.received
            && coding(answer.headers(), &self.trip.shown())
                .is_ok_and(|coding| coding == self.coding)
            && (total.is_none() || self.total.is_none() || total == self.total)
    }
}

/// Reads `bytes 100-199/200` as its first byte and its total (`*` for not known).
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, total.trim().parse().ok()))
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Returns the coding in which the body travels; only gzip can be undone.
fn coding(headers: &HeaderMap, url: &str) -> Result<Option<String>, NetError> {
    let coding = text(headers, &CONTENT_ENCODING).filter(|coding| coding != "identity");
    match coding.as_deref() {
        None | Some("gzip" | "x-gzip") => Ok(coding),
        Some(other) => {
            let fault = format!("the answer is in the coding `{other}`, which nobody asked for");
            let source = io::Error::new(io::ErrorKind::InvalidData, fault);
            Err(NetError::Broken { url: url.to_owned(), bytes: 0, source })
        }
    }
}

/// Returns the strong `ETag`, else the `Last-Modified`.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read() {
        assert_eq!(content_range("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(content_range("bytes 100-199/*"), Some((100, None)));
        for bad in ["bytes */200", "items 1-2/3", "bytes 1", ""] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }
}
