//! The mirror: a folder, or another server, that stands in for the addresses of upstreams.
//!
//! `https://HOST/PATH` becomes `ROOT/HOST/PATH`: scheme and query are dropped, the path is
//! percent-decoded, every character outside `A-Z a-z 0-9 . _ + ~ - /` becomes `_`, and a path that
//! ends in `/` is `index.json` there, else `index.html`. A host with a port of its own keeps it
//! (`localhost_8080`).

use std::fs::File;
use std::path::{Path, PathBuf};

use url::Url;

use crate::error::NetError;

/// Longest address that is taken.
pub const MAX_ADDRESS_BYTES: usize = 8192;

/// What stands in for the network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Mirror {
    /// A folder of this machine; it works offline too.
    Folder(PathBuf),
    /// A server that holds such a folder below this address.
    Address(Url),
}

impl Mirror {
    /// Reads what a user names: `https://mirror.example/feeds`, or else a folder.
    ///
    /// # Errors
    /// When the text begins as an address and is none.
    pub fn parse(text: &str) -> Result<Self, NetError> {
        if text.starts_with("http://") || text.starts_with("https://") {
            return parse_address(text).map(Self::Address);
        }
        Ok(Self::Folder(PathBuf::from(text)))
    }
}

/// Reads an address of `http` or `https`.
pub(crate) fn parse_address(text: &str) -> Result<Url, NetError> {
    let bad = || NetError::BadAddress { address: text.chars().take(200).collect() };
    if text.len() > MAX_ADDRESS_BYTES {
        return Err(bad());
    }
    let url = Url::parse(text).map_err(|_| bad())?;
    let known = matches!(url.scheme(), "http" | "https") && url.has_host();
    if known { Ok(url) } else { Err(bad()) }
}

/// Returns the address as it may be shown: without a user name and password.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// Returns the places below the root that may hold an address, the one to prefer first; none for a
/// path that would leave the root.
pub(crate) fn places(url: &Url) -> Vec<String> {
    let host = url.host_str().unwrap_or_default();
    let mut place = clean(host);
    if let Some(port) = url.port() {
        place = format!("{place}_{port}");
    }
    let path = clean(&decode(url.path()));
    let mut parts = 0;
    for part in std::iter::once(place.as_str()).chain(path.split('/')) {
        if part == "." || part == ".." {
            return Vec::new();
        }
        parts += usize::from(!part.is_empty());
    }
    for part in path.split('/').filter(|part| !part.is_empty()) {
        place.push('/');
        place.push_str(part);
    }
    if path.ends_with('/') || parts == 1 {
        return vec![format!("{place}/index.json"), format!("{place}/index.html")];
    }
    vec![place]
}

/// Opens the file of an address in a mirror folder; answers its place below the root and its size.
pub(crate) fn open(root: &Path, url: &Url) -> Result<(File, String, u64), NetError> {
    let places = places(url);
    for place in &places {
        let path = root.join(place);
        // A folder or a pipe at this place is no file of a mirror.
        let Ok(found) = std::fs::metadata(&path) else { continue };
        if !found.is_file() {
            continue;
        }
        let file = File::open(&path)
            .map_err(|source| NetError::Io { path: path.display().to_string(), source })?;
        return Ok((file, place.clone(), found.len()));
    }
    let place = places.first().map_or("its path leaves the mirror".to_owned(), |place| {
        format!("no file `{place}` in the mirror")
    });
    Err(NetError::NotFound { url: shown(url), place })
}

fn clean(text: &str) -> String {
    let keep = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '+' | '~' | '-' | '/')
    };
    text.chars().map(|letter| if keep(letter) { letter } else { '_' }).collect()
}

/// Undoes percent-encoding; what is not UTF-8 then becomes a replacement character.
fn decode(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let coded = match bytes[at..] {
            [b'%', high, low, ..] => hex(high).zip(hex(low)),
            _ => None,
        };
        plain.push(coded.map_or(bytes[at], |(high, low)| high << 4 | low));
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(address: &str) -> String {
        places(&parse_address(address).unwrap()).first().cloned().unwrap_or_default()
    }

    #[test]
    fn scheme_and_query_are_dropped() {
        assert_eq!(first("https://a.example/x/y.json"), "a.example/x/y.json");
        assert_eq!(first("http://a.example/x?cveId=CVE-2024-1#part"), "a.example/x");
        assert_eq!(first("https://user:secret@a.example:8443/x"), "a.example_8443/x");
    }

    #[test]
    fn the_path_is_decoded_and_odd_characters_become_underscores() {
        assert_eq!(first("https://a.example/Red%20Hat/all.zip"), "a.example/Red_Hat/all.zip");
        assert_eq!(
            first("https://a.example/SUSE-SU-2015:0011-2.json"),
            "a.example/SUSE-SU-2015_0011-2.json"
        );
        assert_eq!(first("https://a.example/a%C3%BCb~+-_.Z9"), "a.example/a_b~+-_.Z9");
        assert_eq!(first("https://a.example/100%"), "a.example/100_");
        assert_eq!(first("https://a.example/%ff%zz"), "a.example/__zz");
    }

    #[test]
    fn a_path_that_ends_in_a_slash_is_an_index() {
        let of = |address: &str| places(&parse_address(address).unwrap());
        assert_eq!(
            of("https://a.example/x/"),
            ["a.example/x/index.json", "a.example/x/index.html"]
        );
        assert_eq!(of("https://a.example"), ["a.example/index.json", "a.example/index.html"]);
    }

    #[test]
    fn no_path_leaves_the_root() {
        for address in [
            "https://a.example/%2e%2e%2f%2e%2e%2fetc/passwd",
            "https://a.example/x/..%2f..%2f..%2fetc/passwd",
            "https://a.example/.%2fx",
        ] {
            assert_eq!(first(address), "", "{address}");
        }
        assert_eq!(first("https://a.example/../../etc/passwd"), "a.example/etc/passwd");
        assert_eq!(first("https://a.example//etc//passwd"), "a.example/etc/passwd");
        assert_eq!(first("https://a.example/%00x%5c..%5c"), "a.example/_x_.._");
    }

    #[test]
    fn only_addresses_of_the_web_are_taken() {
        for text in ["file:///etc/passwd", "ftp://a.example/", "a.example/x", "https://", ""] {
            assert!(parse_address(text).is_err(), "{text}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_ADDRESS_BYTES));
        assert!(parse_address(&long).is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let url = parse_address("https://me:secret@a.example/x").unwrap();
        assert_eq!(shown(&url), "https://a.example/x");
    }
}
