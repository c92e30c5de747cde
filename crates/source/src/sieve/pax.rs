//! Extended headers of pax, and the sparse maps that GNU tar puts there.
//!
//! Follows POSIX.1-2017 `pax` ("pax Extended Header") and the GNU tar manual ("Storing Sparse
//! Files", <https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html>).

/// The most pieces of data in one sparse file.
pub(crate) const MAX_SPARSE_PIECES: usize = 65_536;

/// What extended headers say about the entry that follows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Extended {
    /// The name, in place of the header's.
    pub(crate) path: Option<Vec<u8>>,
    /// The target of a link, in place of the header's.
    pub(crate) link: Option<Vec<u8>>,
    /// Bytes of body, in place of the header's.
    pub(crate) size: Option<u64>,
    /// The keys below `GNU.sparse.`.
    pub(crate) sparse: SparseKeys,
}

/// What pax headers say about a sparse file; formats 0.0, 0.1 and 1.0 each use some of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct SparseKeys {
    /// Format 1.0: the map stands in front of the data.
    pub(crate) map_in_body: bool,
    /// The real name (0.1 and 1.0).
    pub(crate) name: Option<Vec<u8>>,
    /// The real size.
    pub(crate) size: Option<u64>,
    /// Offset and length of each piece of data (0.0 and 0.1).
    pub(crate) map: Option<Vec<(u64, u64)>>,
    /// The offset of the piece whose length has not come yet (0.0).
    offset: Option<u64>,
}

/// Why an extended header cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum BadPax {
    /// A record is not `LENGTH KEY=VALUE\n`.
    #[error("an extended header is malformed")]
    Record,
    /// A number is no number.
    #[error("an extended header has a number that is none")]
    Number,
    /// A name holds a NUL.
    #[error("an extended header has a name with a NUL in it")]
    Nul,
    /// There are more than [`MAX_SPARSE_PIECES`].
    #[error("a sparse map has more than {MAX_SPARSE_PIECES} pieces")]
    Pieces,
}

impl Extended {
    /// Adds the records of an `x` header: lines such as `28 path=usr/share/doc/café\n`, the number
    /// being the length of the whole record. Of records with the same key the last one counts; keys
    /// that say nothing about names and sizes are passed over.
    pub(crate) fn add_records(&mut self, mut records: &[u8]) -> Result<(), BadPax> {
        while !records.is_empty() {
            let blank = records.iter().take(20).position(|&byte| byte == b' ');
            let blank = blank.ok_or(BadPax::Record)?;
            let length = decimal(&records[..blank]).ok_or(BadPax::Record)?;
            let length = usize::try_from(length).map_err(|_| BadPax::Record)?;
            let record = records.get(blank + 1..length).ok_or(BadPax::Record)?;
            let record = record.strip_suffix(b"\n").ok_or(BadPax::Record)?;
            let equals = record.iter().position(|&byte| byte == b'=').ok_or(BadPax::Record)?;
            self.add(&record[..equals], &record[equals + 1..])?;
            records = &records[length..];
        }
        Ok(())
    }

    /// Returns whether anything in it changes what an entry is.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), BadPax> {
        // An empty value takes back what was said before.
        match key {
            b"path" => self.path = name(value)?,
            b"linkpath" => self.link = name(value)?,
            b"size" if value.is_empty() => self.size = None,
            b"size" => self.size = Some(decimal(value).ok_or(BadPax::Number)?),
            _ => {
                if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.add(key, value)?;
                }
            }
        }
        Ok(())
    }
}

impl SparseKeys {
    fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), BadPax> {
        let number = || decimal(value).ok_or(BadPax::Number);
        match key {
            b"major" => self.map_in_body = number()? == 1,
            b"name" => self.name = name(value)?,
            b"size" | b"realsize" => self.size = Some(number()?),
            b"offset" => self.offset = Some(number()?),
            b"numbytes" => {
                let offset = self.offset.take().ok_or(BadPax::Record)?;
                let map = self.map.get_or_insert_default();
                push_piece(map, (offset, number()?))?;
            }
            b"map" => {
                let mut map = Vec::new();
                let mut numbers = value.split(|&byte| byte == b',');
                while let Some(offset) = numbers.next() {
                    let length = numbers.next().ok_or(BadPax::Record)?;
                    let offset = decimal(offset).ok_or(BadPax::Number)?;
                    push_piece(&mut map, (offset, decimal(length).ok_or(BadPax::Number)?))?;
                }
                self.map = Some(map);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Adds a piece to a sparse map unless it is full.
pub(crate) fn push_piece(map: &mut Vec<(u64, u64)>, piece: (u64, u64)) -> Result<(), BadPax> {
    if map.len() >= MAX_SPARSE_PIECES {
        return Err(BadPax::Pieces);
    }
    map.push(piece);
    Ok(())
}

/// Returns a number of decimal digits, at most 63 bits.
pub(crate) fn decimal(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value: u64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (value >> 63 == 0).then_some(value)
}

fn name(value: &[u8]) -> Result<Option<Vec<u8>>, BadPax> {
    if value.contains(&0) {
        return Err(BadPax::Nul);
    }
    Ok((!value.is_empty()).then(|| value.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn record(key: &str, value: &str) -> String {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length.to_string().len() + rest != length {
            length += 1;
        }
        format!("{length} {key}={value}\n")
    }

    fn read(records: &[(&str, &str)]) -> Result<Extended, BadPax> {
        let text: String = records.iter().map(|(key, value)| record(key, value)).collect();
        let mut extended = Extended::default();
        extended.add_records(text.as_bytes()).map(|()| extended)
    }

    #[test]
    fn names_and_sizes_are_taken_and_the_rest_is_passed_over() {
        let extended = read(&[("mtime", "1.5"), ("path", "a=b\nc"), ("size", "12")]).unwrap();
        assert_eq!(extended.path.as_deref(), Some(&b"a=b\nc"[..]));
        assert_eq!(extended.size, Some(12));
        assert!(read(&[("comment", "x"), ("path", "a"), ("path", "")]).unwrap().is_empty());
    }

    #[test]
    fn sparse_maps_of_both_old_formats_are_the_same() {
        let map = Some(vec![(0, 5), (4096, 7)]);
        let zero = [("offset", "0"), ("numbytes", "5"), ("offset", "4096"), ("numbytes", "7")];
        let zero = zero.map(|(key, value)| (format!("GNU.sparse.{key}"), value));
        let zero: Vec<_> = zero.iter().map(|(key, value)| (key.as_str(), *value)).collect();
        assert_eq!(read(&zero).unwrap().sparse.map, map);
        assert_eq!(read(&[("GNU.sparse.map", "0,5,4096,7")]).unwrap().sparse.map, map);
    }

    #[test]
    fn malformed_records_are_refused() {
        for text in ["x", "5 a=b", "999 a=b\n", "6 a=b\n ", "0 a=b\n", "2 ", "6 abc\n"] {
            let refused = Extended::default().add_records(text.as_bytes());
            assert_eq!(refused, Err(BadPax::Record), "{text:?}");
        }
        assert_eq!(read(&[("size", "-1")]), Err(BadPax::Number));
        assert_eq!(read(&[("size", "18446744073709551615")]), Err(BadPax::Number));
        assert_eq!(read(&[("path", "a\0b")]), Err(BadPax::Nul));
        assert_eq!(read(&[("GNU.sparse.map", "1,2,3")]), Err(BadPax::Record));
    }

    #[test]
    fn a_sparse_map_has_a_limit() {
        let full = vec!["1,1"; MAX_SPARSE_PIECES].join(",");
        assert!(read(&[("GNU.sparse.map", &full)]).is_ok());
        assert_eq!(read(&[("GNU.sparse.map", &format!("{full},1,1"))]), Err(BadPax::Pieces));
    }
}
