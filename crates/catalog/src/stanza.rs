//! Control data of packages: stanzas of `Name: value` lines parted by blank lines.
//!
//! The shape is that of `deb-control(5)` and RFC 822; the database of apk has it too, with names of one
//! letter. Any bytes are accepted.

/// The blocks between blank lines, in order; none of them is empty.
pub(crate) struct Stanzas<'a> {
    rest: &'a [u8],
}

/// Starts at the first stanza. A byte order mark in front is skipped.
pub(crate) fn stanzas(body: &[u8]) -> Stanzas<'_> {
    Stanzas { rest: body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body) }
}

impl<'a> Iterator for Stanzas<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let mut length = 0;
            let mut blank = 0;
            for line in self.rest.split_inclusive(|byte| *byte == b'\n') {
                if is_blank(line) {
                    blank = line.len();
                    break;
                }
                length += line.len();
            }
            let (stanza, rest) = self.rest.split_at(length);
            self.rest = &rest[blank..];
            if !stanza.is_empty() {
                return Some(stanza);
            }
            if self.rest.is_empty() {
                return None;
            }
        }
    }
}

/// Returns the fields of a stanza in order: the name, and its bytes with the lines that continue it.
/// Lines that are no field are left out.
pub(crate) fn fields(stanza: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = stanza;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let first = line_length(rest);
            let mut length = first;
            while rest.get(length).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                length += line_length(&rest[length..]);
            }
            let (field, after) = rest.split_at(length);
            rest = after;
            if let Some(colon) = field[..first].iter().position(|byte| *byte == b':') {
                return Some((&field[..colon], &field[colon + 1..]));
            }
        }
    })
}

/// Returns the first line of a value that holds anything, without blanks around it. Bytes that are not
/// UTF-8 become U+FFFD.
pub(crate) fn text(value: &[u8]) -> String {
    let line = value.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    String::from_utf8_lossy(line.unwrap_or_default().trim_ascii()).into_owned()
}

/// Parts a stanza where the field that has to open it stands again: two that ran together, since the
/// blank line between them is missing. There is one part where all is right.
pub(crate) fn parts(stanza: &[u8], is_opening: fn(&[u8]) -> bool) -> Vec<&[u8]> {
    let opens = |line: &[u8]| {
        line.iter().position(|byte| *byte == b':').is_some_and(|colon| is_opening(&line[..colon]))
    };
    let (mut parts, mut start, mut at, mut seen) = (Vec::new(), 0, 0, false);
    for line in stanza.split_inclusive(|byte| *byte == b'\n') {
        if opens(line) {
            if seen {
                parts.push(&stanza[start..at]);
                start = at;
            }
            seen = true;
        }
        at += line.len();
    }
    parts.push(&stanza[start..]);
    parts
}

/// A name as package managers write it: cut at the first NUL, without blanks around it.
pub(crate) fn name(value: &[u8]) -> String {
    let text = text(value);
    text.split('\0').next().unwrap_or_default().trim().to_owned()
}

/// Lines of blanks alone part stanzas too: no tool writes them within one.
fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| byte.is_ascii_whitespace() || matches!(byte, b'\x0b' | b'\0'))
}

fn line_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(body: &str) -> Vec<Vec<(String, String)>> {
        stanzas(body.as_bytes())
            .map(|stanza| {
                fields(stanza)
                    .map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), text(value)))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn stanzas_and_folded_fields_are_told_apart() {
        let read = all("\u{feff}A: 1\nB:\n two\n three\n\n\r\n\nA:2\r\nnoise\n  more\nC: x:y");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read.len(), 2);
        assert_eq!(read[0], [pair("A", "1"), pair("B", "two")]);
        assert_eq!(read[1], [pair("A", "2"), pair("C", "x:y")]);
    }

    #[test]
    fn stanzas_that_ran_together_are_parted() {
        let merged = b"Package: a\nVersion: 1\npackage: b\nVersion: 2\n";
        let package: fn(&[u8]) -> bool = |name| name.eq_ignore_ascii_case(b"Package");
        assert_eq!(parts(merged, package).len(), 2);
        assert_eq!(parts(b"Version: 1\nPackage: a\n", package).len(), 1);
        assert_eq!(parts(b"", package), [b""]);
        assert_eq!(all("A: 1\n \x0b\nA: 2\n").len(), 2);
        assert_eq!(name(b" openssl\0x\x0b\n"), "openssl");
    }

    #[test]
    fn nothing_and_blanks_hold_no_stanza() {
        assert!(all("").is_empty());
        assert!(all("\n\n\r\n").is_empty());
        assert_eq!(text(b"\xff x \n"), "\u{fffd} x");
    }
}
