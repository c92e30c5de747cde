//! Digests as manifests write them: `sha256:` and 64 hexadecimal digits in lower case.
//!
//! Source: <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>.

use sha2::{Digest as _, Sha256};

use crate::error::SourceError;
use crate::path::shown;

/// Returns the SHA-256 of these bytes: `sha256:9f86…`.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    written(&Sha256::digest(bytes))
}

/// Writes a SHA-256 as manifests do.
pub(crate) fn written(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold("sha256:".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Returns the 64 digits of a digest. `place` says where it stands, for the error.
///
/// Errors: another algorithm than SHA-256 is [`SourceError::Unsupported`]; anything else that is no
/// digest, digits in upper case too, is [`SourceError::Damaged`].
pub(crate) fn hex_of<'a>(digest: &'a str, path: &str, place: &str) -> Result<&'a str, SourceError> {
    let algorithm = digest.split_once(':').map_or("", |(algorithm, _)| algorithm);
    if let Some(hex) = digest.strip_prefix("sha256:").filter(|hex| is_hex(hex)) {
        return Ok(hex);
    }
    if matches!(algorithm, "sha512" | "sha384" | "blake3") {
        return Err(SourceError::Unsupported {
            what: format!("`{path}` uses {algorithm} digests ({place}), and only sha256 is read"),
            hint: None,
        });
    }
    Err(SourceError::Damaged {
        path: path.to_owned(),
        place: place.to_owned(),
        detail: format!("`{}` is no digest like `sha256:…`", shown(digest)),
    })
}

/// Returns whether a text is the 64 digits of a SHA-256 in lower case.
pub(crate) fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_known_one() {
        assert_eq!(sha256(b""), format!("sha256:{EMPTY}"));
        assert_eq!(hex_of(&sha256(b""), "x", "y").unwrap(), EMPTY);
    }

    #[test]
    fn other_algorithms_are_told_from_nonsense() {
        let long = format!("sha512:{EMPTY}{EMPTY}");
        assert!(matches!(hex_of(&long, "x", "y"), Err(SourceError::Unsupported { .. })));
        let upper = format!("sha256:{}", EMPTY.to_uppercase());
        for bad in ["", "sha256:", "sha256:../../etc", EMPTY, upper.as_str()] {
            assert!(matches!(hex_of(bad, "x", "y"), Err(SourceError::Damaged { .. })), "{bad}");
        }
    }
}
