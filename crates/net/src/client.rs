//! The client: one address in, one answer out, with retries and the offline switch.
//!
//! Retried are connections that fail, 408, 429 (with its `Retry-After`) and 5xx; everything else
//! is an answer. HTTP follows RFC 9110.

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::blocking::Response as Answer;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::{Attempt, Policy};
use url::Url;

use crate::error::NetError;
use crate::mirror::{self, Mirror};
use crate::pause;
use crate::response::{Progress, Response};

/// Redirects followed for one address.
pub(crate) const MAX_REDIRECTS: usize = 8;

/// How often a connection that did not come about is tried again.
const MAX_CONNECT_RETRIES: u32 = 1;

/// How a [`Client`] behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// What stands in for the network; `None` for nothing.
    pub mirror: Option<Mirror>,
    /// Refuses every address of the network before a socket is opened. A mirror folder works.
    pub offline: bool,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The time for one connection to come about.
    pub connect_timeout: Duration,
    /// The longest silence of a server that is sending.
    pub silence_timeout: Duration,
    /// How often a failed try is repeated.
    pub max_retries: u32,
    /// The pause before the first repetition; it doubles each time, up to one minute.
    pub first_pause: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mirror: None,
            offline: false,
            user_agent: concat!("plimsoll/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(10),
            silence_timeout: Duration::from_secs(30),
            max_retries: 3,
            first_pause: Duration::from_millis(300),
        }
    }
}

/// The most that one download may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the body, unpacked.
    pub max_bytes: u64,
    /// From the first try to the last byte.
    pub max_time: Duration,
}

/// The one HTTP client of the program; it may be shared by threads.
#[derive(Debug)]
pub struct Client {
    options: Options,
    http: OnceLock<reqwest::blocking::Client>,
    /// Hosts that did not answer at all: they are not tried more than once again.
    silent: Mutex<HashSet<String>>,
}

impl Client {
    /// Makes a client. Nothing is read or opened before the first address is asked for.
    pub fn new(options: Options) -> Self {
        Self { options, http: OnceLock::new(), silent: Mutex::default() }
    }

    /// Returns whether the network is switched off.
    pub fn is_offline(&self) -> bool {
        self.options.offline
    }

    /// Returns what stands in for the network, if anything does.
    pub fn mirror(&self) -> Option<&Mirror> {
        self.options.mirror.as_ref()
    }

    /// Fetches an address: `https://secdb.alpinelinux.org/v3.17/main.json`.
    ///
    /// # Errors
    /// See [`NetError`]. [`NetError::NotFound`] is an answer, all others are troubles. While the
    /// body is read, the same errors come inside an `io::Error` (see [`NetError::from_io`]).
    pub fn get<'a>(
        &'a self,
        address: &str,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Response<'a>, NetError> {
        let url = mirror::parse_address(address)?;
        match &self.options.mirror {
            Some(Mirror::Folder(root)) => {
                let (file, place, bytes) = mirror::open(root, &url)?;
                tracing::debug!(url = mirror::shown(&url), place, bytes, "mirror file opened");
                Response::of_file(file, bytes, &url, limits, progress)
            }
            Some(Mirror::Address(root)) => {
                let mut answer = Err(NetError::NotFound {
                    url: mirror::shown(&url),
                    place: "its path leaves the mirror".to_owned(),
                });
                for place in mirror::places(&url) {
                    let root = root.as_str().trim_end_matches('/');
                    let place = mirror::parse_address(&format!("{root}/{place}"))?;
                    answer = self.fetch(place, limits, progress);
                    if !matches!(answer, Err(NetError::NotFound { .. })) {
                        break;
                    }
                }
                answer
            }
            None => self.fetch(url, limits, progress),
        }
    }

    fn fetch<'a>(
        &'a self,
        url: Url,
        limits: Limits,
        progress: &'a dyn Progress,
    ) -> Result<Response<'a>, NetError> {
        if self.options.offline {
            return Err(NetError::Offline { url: mirror::shown(&url) });
        }
        let trip = Trip { client: self, url, limits, deadline: Instant::now() + limits.max_time };
        let mut failures = 0;
        let answer = trip.ask(&HeaderMap::new(), &mut failures)?;
        Response::of_answer(trip, answer, progress)
    }

    fn http(&self) -> Result<&reqwest::blocking::Client, NetError> {
        if let Some(http) = self.http.get() {
            return Ok(http);
        }
        let http = reqwest::blocking::Client::builder()
            .user_agent(&self.options.user_agent)
            .connect_timeout(self.options.connect_timeout)
            .timeout(self.options.silence_timeout)
            .redirect(Policy::custom(follow))
            // Unpacked by us: a broken body is resumed by counting the bytes as they travel.
            .no_gzip()
            .build()
            .map_err(|source| NetError::Setup { source })?;
        Ok(self.http.get_or_init(|| http))
    }

    fn retries_for(&self, host: &str) -> u32 {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        if silent.contains(host) { 0 } else { self.options.max_retries }
    }

    fn note_silence(&self, host: &str) {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let fault = attempt
        .previous()
        .last()
        .and_then(|last| fault_of_redirect(last, attempt.url(), attempt.previous().len()));
    match fault {
        Some(fault) => attempt.error(fault),
        None => attempt.follow(),
    }
}

/// Says why a redirect must not be followed; `None` when it may.
fn fault_of_redirect(from: &Url, to: &Url, hops: usize) -> Option<&'static str> {
    if hops > MAX_REDIRECTS {
        return Some("too many redirects");
    }
    match (from.scheme(), to.scheme()) {
        ("https", "https") | ("http", "http" | "https") => None,
        _ => Some("a redirect leads from https to something less safe"),
    }
}

/// One download on its way: what was asked, and until when.
#[derive(Debug)]
pub(crate) struct Trip<'a> {
    client: &'a Client,
    pub(crate) url: Url,
    pub(crate) limits: Limits,
    pub(crate) deadline: Instant,
}

impl Trip<'_> {
    pub(crate) fn shown(&self) -> String {
        mirror::shown(&self.url)
    }

    pub(crate) fn timeout(&self) -> NetError {
        NetError::Timeout { url: self.shown(), limit: self.limits.max_time }
    }

    /// Waits before the next try; `false` when there is none any more.
    pub(crate) fn may_retry(
        &self,
        failures: &mut u32,
        headers: Option<&HeaderMap>,
    ) -> Result<bool, NetError> {
        let host = self.url.host_str().unwrap_or_default();
        if *failures >= self.client.retries_for(host) {
            return Ok(false);
        }
        *failures += 1;
        let pause = pause::after(*failures, self.client.options.first_pause, headers);
        if Instant::now() + pause >= self.deadline {
            return Err(self.timeout());
        }
        tracing::debug!(url = self.shown(), failures, ?pause, "download tried again");
        std::thread::sleep(pause);
        Ok(true)
    }

    /// Asks until an answer with a body comes (2xx).
    pub(crate) fn ask(&self, extra: &HeaderMap, failures: &mut u32) -> Result<Answer, NetError> {
        loop {
            let answer = match self.once(extra) {
                Ok(answer) => answer,
                Err(source) => {
                    self.judge(source, failures)?;
                    continue;
                }
            };
            let status = answer.status();
            if status.is_success() {
                return Ok(answer);
            }
            let url = self.shown();
            let status = status.as_u16();
            if matches!(status, 404 | 410) {
                return Err(NetError::NotFound { url, place: format!("HTTP {status}") });
            }
            let passing = matches!(status, 408 | 429 | 500 | 502..=599);
            if !passing || !self.may_retry(failures, Some(answer.headers()))? {
                return Err(NetError::Refused { url, status });
            }
        }
    }

    fn once(&self, extra: &HeaderMap) -> Result<Answer, NetError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.timeout());
        }
        let mut request = self.client.http()?.get(self.url.clone()).headers(extra.clone());
        if left < self.client.options.silence_timeout {
            request = request.timeout(left);
        }
        request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        request.send().map_err(|source| self.worded(source.without_url()))
    }

    fn worded(&self, source: reqwest::Error) -> NetError {
        let url = self.shown();
        if source.is_redirect() {
            return NetError::Redirect { url, source };
        }
        if source.is_timeout() && Instant::now() >= self.deadline {
            return self.timeout();
        }
        let host = self.url.host_str().unwrap_or_default().to_owned();
        NetError::Unreachable { url, host, source }
    }

    /// Waits for the next try, or gives the error back when there is none.
    fn judge(&self, error: NetError, failures: &mut u32) -> Result<(), NetError> {
        let NetError::Unreachable { host, source, .. } = &error else { return Err(error) };
        tracing::debug!(url = self.shown(), cause = ?source.source(), "download failed");
        // A host that swallows every packet costs a whole timeout each time.
        let swallowed = source.is_connect() && source.is_timeout();
        // A host without a name or a listener is seldom back within seconds, and the user waits.
        let absent = source.is_connect() && *failures >= MAX_CONNECT_RETRIES;
        if swallowed || absent || !self.may_retry(failures, None)? {
            self.client.note_silence(host);
            return Err(error);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_never_get_less_safe() {
        let url = |text: &str| Url::parse(text).unwrap();
        let (safe, plain) = (url("https://a.example/"), url("http://a.example/"));
        assert_eq!(fault_of_redirect(&safe, &safe, 1), None);
        assert_eq!(fault_of_redirect(&plain, &safe, 1), None);
        assert_eq!(fault_of_redirect(&plain, &plain, MAX_REDIRECTS), None);
        assert!(fault_of_redirect(&plain, &plain, MAX_REDIRECTS + 1).is_some());
        assert!(fault_of_redirect(&safe, &plain, 1).is_some());
        assert!(fault_of_redirect(&plain, &url("ftp://a.example/"), 1).is_some());
    }
}
