//! Names of files as foreign bytes give them, made into paths that stay inside the root.
//!
//! A tar archive may hold any bytes as a name, and some hold `../../etc/passwd`; the tree of
//! `plimsoll-model` holds clean texts only.

use std::fmt::Write as _;

/// The longest name in bytes, as Linux has it (`PATH_MAX`).
pub(crate) const MAX_PATH_BYTES: usize = 4096;
/// The longest piece of a foreign text in characters that stands in an error or a problem.
pub(crate) const MAX_SHOWN_CHARS: usize = 256;

/// Why a name cannot be a path in the tree. The texts are details of a `Problem`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum BadPath {
    /// A part of it is `..`.
    #[error("its name leaves the root")]
    LeavesRoot,
    /// It has more than [`MAX_PATH_BYTES`].
    #[error("its name is longer than {MAX_PATH_BYTES} bytes")]
    TooLong,
}

/// Returns the path from the root that a name stands for: `./usr//lib/` and `/usr/lib` are
/// `usr/lib`, and the root itself (`./`, `/`) is empty.
///
/// A byte that is not UTF-8 becomes the text `\xNN`: `b"caf\xe9"` is `caf\xe9`, six characters and a
/// hex number in lower case. Control characters stay; who shows the path escapes them.
///
/// Errors: a `..` part anywhere, also one that would not leave; more than [`MAX_PATH_BYTES`].
pub(crate) fn clean_path(name: &[u8]) -> Result<String, BadPath> {
    if name.len() > MAX_PATH_BYTES {
        return Err(BadPath::TooLong);
    }
    let mut path = String::with_capacity(name.len());
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => continue,
            b".." => return Err(BadPath::LeavesRoot),
            _ => {}
        }
        if !path.is_empty() {
            path.push('/');
        }
        push_text(part, &mut path);
    }
    Ok(path)
}

/// Returns foreign bytes as text, every byte that is not UTF-8 as `\xNN`; nothing else is changed.
/// For the target of a symbolic link, which may hold `..` and start with `/`.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    push_text(bytes, &mut text);
    text
}

/// Returns foreign bytes for an error or a problem: on one line, control characters escaped, and no
/// longer than [`MAX_SHOWN_CHARS`].
pub(crate) fn shown(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let text = text_of(&bytes[..bytes.len().min(MAX_SHOWN_CHARS * 4)]);
    let mut shown = String::with_capacity(text.len());
    for (count, character) in text.chars().enumerate() {
        if count == MAX_SHOWN_CHARS {
            shown.push('…');
            break;
        }
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn push_text(bytes: &[u8], text: &mut String) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_a_path_from_the_root() {
        for (name, path) in [
            ("usr/lib", "usr/lib"),
            ("./usr/lib/", "usr/lib"),
            ("/usr//./lib", "usr/lib"),
            ("././/a", "a"),
            ("./", ""),
            ("/", ""),
            ("", ""),
            ("..a/b..", "..a/b.."),
        ] {
            assert_eq!(clean_path(name.as_bytes()).as_deref(), Ok(path), "{name}");
        }
    }

    #[test]
    fn a_name_that_leaves_the_root_is_refused() {
        for name in ["../etc/passwd", "a/../b", "/..", "..", "./../x"] {
            assert_eq!(clean_path(name.as_bytes()), Err(BadPath::LeavesRoot), "{name}");
        }
    }

    #[test]
    fn the_longest_name_is_taken_and_one_byte_more_refused() {
        let longest = vec![b'a'; MAX_PATH_BYTES];
        assert_eq!(clean_path(&longest).map(|path| path.len()), Ok(MAX_PATH_BYTES));
        assert_eq!(clean_path(&[longest, vec![b'a']].concat()), Err(BadPath::TooLong));
    }

    #[test]
    fn bytes_that_are_no_text_are_written_as_numbers() {
        assert_eq!(clean_path(b"caf\xe9/\xff\xfe").as_deref(), Ok("caf\\xe9/\\xff\\xfe"));
        assert_eq!(clean_path("café".as_bytes()).as_deref(), Ok("café"));
        assert_eq!(text_of(b"../\xe9"), "../\\xe9");
    }

    #[test]
    fn what_is_shown_is_short_and_moves_no_cursor() {
        assert_eq!(shown(b"a\x1b[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
        assert_eq!(shown(vec![b'a'; 10_000]).chars().count(), MAX_SHOWN_CHARS + 1);
    }
}
