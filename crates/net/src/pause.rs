//! How long to wait before asking again.
//!
//! `Retry-After` follows RFC 9110 section 10.2.3: seconds, or an HTTP date. A date is measured
//! against the `Date` of the same answer, so that no clock of ours matters.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Longest pause that a server can ask for.
pub(crate) const MAX_PAUSE_SECONDS: u64 = 60;

/// Returns the pause before try `failures + 1`: what the server asks for, else twice the last one.
pub(crate) fn after(failures: u32, first: Duration, headers: Option<&HeaderMap>) -> Duration {
    let most = Duration::from_secs(MAX_PAUSE_SECONDS);
    let doubled = first.saturating_mul(1 << failures.saturating_sub(1).min(16));
    headers.and_then(asked).unwrap_or(doubled).min(most)
}

fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(headers.get(DATE)?.to_str().ok()?).ok()?.timestamp();
    let seconds = until.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_most() {
        let first = Duration::from_millis(300);
        let of = |failures| after(failures, first, None).as_millis();
        assert_eq!([of(1), of(2), of(3)], [300, 600, 1200]);
        assert_eq!(of(30), u128::from(MAX_PAUSE_SECONDS) * 1000);
    }

    #[test]
    fn the_server_may_ask_for_seconds_or_a_date() {
        let mut headers = HeaderMap::new();
        let of = |headers: &HeaderMap| after(1, Duration::from_secs(9), Some(headers)).as_secs();
        assert_eq!(of(&headers), 9);
        headers.insert(RETRY_AFTER, "3".parse().unwrap());
        assert_eq!(of(&headers), 3);
        headers.insert(RETRY_AFTER, "86400".parse().unwrap());
        assert_eq!(of(&headers), MAX_PAUSE_SECONDS);
        headers.insert(RETRY_AFTER, "Wed, 21 Oct 2015 07:28:07 GMT".parse().unwrap());
        assert_eq!(of(&headers), 9, "a date alone means nothing");
        headers.insert(DATE, "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap());
        assert_eq!(of(&headers), 7);
        headers.insert(RETRY_AFTER, "soon".parse().unwrap());
        assert_eq!(of(&headers), 9);
    }
}
