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

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b'\n' | b'\r'))
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
    fn nothing_and_blanks_hold_no_stanza() {
        assert!(all("").is_empty());
        assert!(all("\n\n\r\n").is_empty());
        assert_eq!(text(b"\xff x \n"), "\u{fffd} x");
    }
}
