//! Reading the bytes of upstreams: JSON with the place of a fault, gzip with a limit.

use std::io::{self, BufReader, Read};

use plimsoll_net::NetError;
use serde::de::DeserializeSeed;

use crate::error::FeedError;
use crate::feed::Input;

/// Bytes read ahead of a JSON parser.
const BUFFER_BYTES: usize = 64 << 10;

/// Longest string in a JSON document, as it is written there; a reader of a stream would otherwise
/// hold whatever one string has.
pub(crate) const MAX_STRING_BYTES: u64 = 1 << 20;

/// A record of a list that may be of another shape than it should; the list is read on.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Maybe<T> {
    Good(T),
    Bad(serde::de::IgnoredAny),
}

/// Reads one whole JSON document. A fault is told with its line and column.
pub(crate) fn read_json<T>(
    input: Input<'_>,
    seed: impl for<'de> DeserializeSeed<'de, Value = T>,
) -> Result<T, FeedError> {
    let reader = BufReader::with_capacity(BUFFER_BYTES, Strings::new(input.body));
    let mut json = serde_json::Deserializer::from_reader(reader);
    let value = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    value.map_err(|fault| of_json(input.address, fault))
}

fn of_json(address: &str, fault: serde_json::Error) -> FeedError {
    let place = format!("line {} column {}", fault.line(), fault.column());
    if fault.is_io() {
        return of_io(address, place, fault.into());
    }
    let detail = fault.to_string();
    let detail = detail.strip_suffix(&format!(" at {place}")).unwrap_or(&detail).to_owned();
    FeedError::Malformed { address: address.to_owned(), place, detail }
}

/// Words an error of reading: of the network, of a limit, or of packed bytes that are broken.
pub(crate) fn of_io(address: &str, place: String, fault: io::Error) -> FeedError {
    let fault = match NetError::from_io(fault) {
        Ok(source) => return FeedError::Net { source },
        Err(fault) => fault,
    };
    let address = address.to_owned();
    match fault.downcast::<Overflow>() {
        Ok(Overflow { limit, what }) => FeedError::Limit { address, what, limit },
        Err(fault) => FeedError::Malformed { address, place, detail: fault.to_string() },
    }
}

/// A reader that fails beyond a number of bytes.
pub(crate) struct Bounded<R> {
    inner: R,
    taken: u64,
    limit: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("more than {limit} {what}")]
struct Overflow {
    limit: u64,
    what: &'static str,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, limit: u64) -> Self {
        Self { inner, taken: 0, limit }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken += count as u64;
        if self.taken > self.limit {
            return Err(io::Error::other(Overflow { limit: self.limit, what: "bytes" }));
        }
        Ok(count)
    }
}

/// A reader of JSON that fails at a string beyond [`MAX_STRING_BYTES`].
struct Strings<R> {
    inner: R,
    /// Bytes of the string so far; `None` outside of strings.
    length: Option<u64>,
    escaped: bool,
}

impl<R: Read> Strings<R> {
    fn new(inner: R) -> Self {
        Self { inner, length: None, escaped: false }
    }

    /// Follows the bytes; `false` when a string is too long.
    fn follow(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            match (&mut self.length, byte) {
                (None, b'"') => self.length = Some(0),
                (None, _) => {}
                (Some(_), b'"') if !self.escaped => self.length = None,
                (Some(length), _) => {
                    *length += 1;
                    if *length > MAX_STRING_BYTES {
                        return false;
                    }
                    self.escaped = *byte == b'\\' && !self.escaped;
                }
            }
        }
        true
    }
}

impl<R: Read> Read for Strings<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if self.follow(&buffer[..count]) {
            return Ok(count);
        }
        let what = "bytes in one string";
        Err(io::Error::other(Overflow { limit: MAX_STRING_BYTES, what }))
    }
}

/// Cuts a text at a number of characters, with `…` for what is gone, and puts it on one line.
/// Characters that steer a terminal are left out.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    let plain = |letter: &char| letter.is_whitespace() || !letter.is_control();
    let text: String = text.chars().filter(plain).collect();
    let mut words = text.split_whitespace();
    let mut line = String::new();
    let mut chars = 0;
    while let Some(word) = words.next() {
        let blank = usize::from(chars > 0);
        let length = word.chars().count();
        if chars + blank + length > max_chars {
            if chars == 0 {
                line.extend(word.chars().take(max_chars.saturating_sub(1)));
            }
            line.push('…');
            break;
        }
        if blank == 1 {
            line.push(' ');
        }
        line.push_str(word);
        chars += blank + length;
        if chars == max_chars && words.next().is_some() {
            line.pop();
            line.push('…');
            break;
        }
    }
    line
}

/// Takes the day of an instant: `2023-02-08` of `2023-02-08T20:15:24.013`.
pub(crate) fn day(instant: &str) -> Option<String> {
    let day = instant.get(..10)?;
    day.parse::<jiff::civil::Date>().ok().map(|_| day.to_owned())
}

/// Takes the CVE id that a word begins with: `CVE_2019-2426`, `CVE-2021-35940.patch`.
pub(crate) fn cve(word: &str) -> Option<String> {
    let rest = word.strip_prefix("CVE-").or_else(|| word.strip_prefix("CVE_"))?;
    let (year, number) = rest.split_once(['-', '_'])?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let good = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    (good && (4..=19).contains(&digits)).then(|| format!("CVE-{year}-{}", &number[..digits]))
}

/// Takes all CVE ids of a text, in their order, none twice.
pub(crate) fn cves_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("CVE-") {
        if let Some(id) = cve(&text[at..]).filter(|id| !found.contains(id)) {
            found.push(id);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_words() {
        assert_eq!(cut("one  two\nthree", 20), "one two three");
        assert_eq!(cut("one two three", 13), "one two three");
        assert_eq!(cut("one two three", 9), "one two…");
        assert_eq!(cut("one two three", 7), "one tw…");
        assert_eq!(cut("abcdefghij", 5), "abcd…");
        assert_eq!(cut("", 5), "");
        assert_eq!(cut("a\u{1b}[31m b\u{7}", 9), "a[31m b");
    }

    #[test]
    fn a_string_without_end_is_refused() {
        let read = |text: String| {
            let mut body = text.as_bytes();
            let seed = std::marker::PhantomData::<Vec<String>>;
            read_json(Input { address: "x", body: &mut body }, seed)
        };
        let longest = "x".repeat(MAX_STRING_BYTES as usize);
        assert_eq!(read(format!(r#"["{longest}", "\\", "\"", "{longest}"]"#)).unwrap().len(), 4);
        let error = read(format!(r#"["\"{longest}"]"#)).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: MAX_STRING_BYTES, .. }), "{error}");
    }

    #[test]
    fn ids_are_found_in_texts() {
        let text = "CVE-2024-24989 nginx: x (CVE-2024-24990, CVE-2024-24989), CVE-20-1, CVE-2024-1";
        assert_eq!(cves_in(text), ["CVE-2024-24989", "CVE-2024-24990"]);
    }

    #[test]
    fn days_are_taken() {
        assert_eq!(day("2023-02-08T20:15:24.013").as_deref(), Some("2023-02-08"));
        assert_eq!((day("2023-02-30"), day("soon"), day("2023-02-0é")), (None, None, None));
    }

    #[test]
    fn a_bounded_reader_fails_beyond_its_limit() {
        let mut bytes = Vec::new();
        assert!(Bounded::new(&b"12345"[..], 5).read_to_end(&mut bytes).is_ok());
        let fault = Bounded::new(&b"123456"[..], 5).read_to_end(&mut bytes).unwrap_err();
        let error = of_io("x", "line 1".to_owned(), fault);
        assert!(matches!(error, FeedError::Limit { limit: 5, .. }), "{error}");
    }
}
