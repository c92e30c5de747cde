//! The entries of a tar archive in order: extended headers are folded in, bodies are read on demand.
//!
//! Where readers of tar differ, this one does as Go's `archive/tar`, with which Docker, Podman and
//! containerd unpack: links, folders and devices have no body, global extended headers change
//! nothing, the first header whose sum is wrong is the end.

use std::io;

use plimsoll_model::PROGRAM_HEAD_BYTES;
use plimsoll_model::coverage::GapKind;

use super::feed::Feed;
use super::header::{BLOCK_BYTES, BadHeader, Block, Header, number, parse_header, text};
use super::pax::{BadPax, Extended, decimal, push_piece};
use crate::path::shown;

/// The longest extended header, the limit of Go's reader.
pub(crate) const MAX_PAX_BYTES: u64 = 1 << 20;
/// The longest name in an `L` or `K` header of GNU tar.
pub(crate) const MAX_LONG_NAME_BYTES: u64 = 64 << 10;

/// Reads the entries of one archive.
pub(crate) struct Entries<'a> {
    feed: &'a mut dyn Feed,
    /// Bytes read or passed over.
    position: u64,
    /// What is left of the body of the last entry, and the zeros that fill its last block.
    body: u64,
    padding: u64,
    /// Bytes of the body that were looked at and still count as left, the last of `peeked`.
    peeked: [u8; PROGRAM_HEAD_BYTES],
    peeked_left: usize,
    ended: bool,
}

/// One entry with everything that extended headers said about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    /// The name as written.
    pub(crate) name: Vec<u8>,
    /// The target of a link as written.
    pub(crate) link: Vec<u8>,
    /// What it is.
    pub(crate) kind: Kind,
    /// Whether an execute bit is set.
    pub(crate) executable: bool,
    /// Bytes of the file as it would be unpacked.
    pub(crate) size: u64,
    /// Bytes of body in the archive.
    stored: u64,
    sparse: Option<Sparse>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    File,
    Directory,
    Symlink,
    Hardlink,
    /// A device or a pipe.
    Device,
    /// A type flag that is not known.
    Unknown(u8),
}

impl Entry {
    /// Returns whether its body is a map and pieces, and not the file as it is.
    pub(crate) fn is_sparse(&self) -> bool {
        self.sparse.is_some()
    }
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Sparse {
    /// Offset and length of each piece of data.
    Map(Vec<(u64, u64)>),
    /// The map stands in front of the data.
    InBody,
    Broken(BadPax),
}

/// One step through an archive.
#[derive(Debug)]
pub(crate) enum Step {
    Entry(Entry),
    /// Something that is not as it should be; what comes after it can still be read.
    Odd(Odd),
    End,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Odd {
    /// The name of an entry, or `byte 1024`.
    pub(crate) place: String,
    pub(crate) detail: String,
    pub(crate) gap: Option<GapKind>,
}

/// What extended headers have said since the last entry.
#[derive(Default)]
struct Ahead {
    extended: Extended,
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    /// One of them could not be used, so that the entry cannot be trusted.
    spoiled: Option<(String, GapKind)>,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(feed: &'a mut dyn Feed) -> Self {
        Self {
            feed,
            position: 0,
            body: 0,
            padding: 0,
            peeked: [0; PROGRAM_HEAD_BYTES],
            peeked_left: 0,
            ended: false,
        }
    }

    /// Returns the next entry; what is left of the body of the last one is passed over.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        if let Some(odd) = self.finish_body()? {
            return Ok(Step::Odd(odd));
        }
        let mut ahead = Ahead::default();
        while !self.ended {
            let start = self.position;
            let Some(block) = self.block()? else { break };
            let header = match parse_header(&block) {
                Ok(header) => header,
                Err(BadHeader::Zero) => return self.after_zero(start),
                Err(bad) => return Ok(self.stop(start, bad)),
            };
            match header.kind {
                b'x' | b'X' | b'L' | b'K' => self.read_ahead(&header, &mut ahead)?,
                b'g' => {
                    if let Some(odd) = self.read_global(start, &header)? {
                        return Ok(Step::Odd(odd));
                    }
                }
                _ => return self.entry(header, &block, ahead),
            }
        }
        if !self.position.is_multiple_of(BLOCK_BYTES as u64) {
            self.position -= self.position % BLOCK_BYTES as u64;
            return Ok(Step::Odd(self.cut_off()));
        }
        Ok(Step::End)
    }

    /// Returns where in the archive the body of the entry starts that [`Entries::step`] returned last.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Returns how the file begins that [`Entries::step`] returned last, and leaves its body to be read
    /// or passed over. `None` when it is shorter, is cut off, or is a sparse file whose map lies in its
    /// body.
    pub(crate) fn peek(&mut self, entry: &Entry) -> io::Result<Option<[u8; PROGRAM_HEAD_BYTES]>> {
        let head = PROGRAM_HEAD_BYTES as u64;
        match &entry.sparse {
            None => {}
            Some(Sparse::Map(map))
                if map.first().is_some_and(|&(at, long)| at == 0 && long >= head) => {}
            Some(_) => return Ok(None),
        }
        if entry.size < head || self.body < head || self.peeked_left > 0 {
            return Ok(None);
        }
        let got = self.feed.read_full(&mut self.peeked)?;
        // What was read of a body that is cut off stands at the end, from where it is handed out.
        self.peeked.copy_within(..got, PROGRAM_HEAD_BYTES - got);
        self.peeked_left = got;
        Ok((got == PROGRAM_HEAD_BYTES).then_some(self.peeked))
    }

    /// Reads the body of the entry that [`Entries::step`] returned last, holes filled with zeros;
    /// the caller has looked at its size. An `Odd` is about this body alone.
    pub(crate) fn read_body(
        &mut self,
        entry: &Entry,
        into: &mut Vec<u8>,
    ) -> io::Result<Option<Odd>> {
        into.clear();
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        if into.try_reserve_exact(size).is_err() {
            return Ok(Some(odd_body(entry, "there is no memory for it", GapKind::Limit)));
        }
        into.resize(size, 0);
        let map = match &entry.sparse {
            None => {
                let got = self.read(into)?;
                into.truncate(got);
                let whole = got == size;
                return Ok((!whole).then(|| odd_body(entry, "it is cut off", GapKind::Unreadable)));
            }
            Some(Sparse::Map(map)) => Ok(map.clone()),
            Some(Sparse::InBody) => self.map_in_body()?,
            Some(Sparse::Broken(bad)) => Err(*bad),
        };
        let map = match map {
            Ok(map) => map,
            Err(bad) => return Ok(Some(odd_body(entry, &bad.to_string(), GapKind::Unreadable))),
        };
        let mut reached = 0;
        for (offset, length) in map {
            let end = offset.checked_add(length).filter(|&end| end <= entry.size);
            let Some(end) = end.filter(|_| offset >= reached && length <= self.body) else {
                let detail = "its sparse map does not fit its size";
                return Ok(Some(odd_body(entry, detail, GapKind::Unreadable)));
            };
            reached = end;
            let piece = &mut into[offset as usize..end as usize];
            if self.read(piece)? < length as usize {
                return Ok(Some(odd_body(entry, "it is cut off", GapKind::Unreadable)));
            }
        }
        Ok(None)
    }

    fn finish_body(&mut self) -> io::Result<Option<Odd>> {
        let left = self.body + self.padding;
        if left == 0 || self.ended {
            return Ok(None);
        }
        let passed = self.pass(left)?;
        let cut = passed < self.body;
        // Some writers leave out the zeros behind the last body.
        self.ended = passed < left;
        (self.body, self.padding) = (0, 0);
        if self.ended {
            self.position = self.position.next_multiple_of(BLOCK_BYTES as u64);
        }
        Ok(cut.then(|| self.cut_off()))
    }

    /// Returns the next block; `None` and `ended` when there is no whole one.
    fn block(&mut self) -> io::Result<Option<Block>> {
        let mut block = [0; BLOCK_BYTES];
        let got = self.feed.read_full(&mut block)?;
        self.position += got as u64;
        self.ended = got < BLOCK_BYTES;
        Ok((!self.ended).then_some(block))
    }

    /// Two blocks of zeros are the end; after a single one unpackers disagree.
    fn after_zero(&mut self, start: u64) -> io::Result<Step> {
        let next = self.block()?;
        self.ended = true;
        if let Some(Ok(_)) = next.as_ref().map(parse_header) {
            let detail = "entries follow after a block of zeros; they are not read".to_owned();
            let (place, gap) = (format!("byte {start}"), Some(GapKind::Unreadable));
            return Ok(Step::Odd(Odd { place, detail, gap }));
        }
        self.position = 0;
        Ok(Step::End)
    }

    fn stop(&mut self, start: u64, bad: BadHeader) -> Step {
        self.ended = true;
        let detail = match bad {
            BadHeader::Number => "a header has a size that is none; nothing after it is read",
            _ => "a header has a wrong sum; nothing after it is read",
        };
        let (place, gap) = (format!("byte {start}"), Some(GapKind::Unreadable));
        Step::Odd(Odd { place, detail: detail.to_owned(), gap })
    }

    fn cut_off(&self) -> Odd {
        Odd {
            place: format!("byte {}", self.position),
            detail: "the archive is cut off here".to_owned(),
            gap: Some(GapKind::Unreadable),
        }
    }

    fn read_ahead(&mut self, header: &Header, ahead: &mut Ahead) -> io::Result<()> {
        let is_pax = matches!(header.kind, b'x' | b'X');
        let limit = if is_pax { MAX_PAX_BYTES } else { MAX_LONG_NAME_BYTES };
        let Some(bytes) = self.meta_body(header, limit)? else {
            let detail = format!("its extended header is longer than {limit} bytes");
            ahead.spoiled.get_or_insert((detail, GapKind::Limit));
            return Ok(());
        };
        match header.kind {
            b'L' => ahead.name = Some(text(&bytes).to_vec()),
            b'K' => ahead.link = Some(text(&bytes).to_vec()),
            _ => {
                if let Err(bad) = ahead.extended.add_records(&bytes) {
                    ahead.spoiled.get_or_insert((bad.to_string(), GapKind::Unreadable));
                }
            }
        }
        Ok(())
    }

    fn read_global(&mut self, start: u64, header: &Header) -> io::Result<Option<Odd>> {
        let mut extended = Extended::default();
        let sound = match self.meta_body(header, MAX_PAX_BYTES)? {
            Some(bytes) => extended.add_records(&bytes).is_ok(),
            None => false,
        };
        Ok((!sound || !extended.is_empty()).then(|| Odd {
            place: format!("byte {start}"),
            detail: "a global extended header changes names or sizes; unpackers pass it over"
                .to_owned(),
            gap: None,
        }))
    }

    /// Reads the body of an extended header; `None` when it is longer than `limit`.
    fn meta_body(&mut self, header: &Header, limit: u64) -> io::Result<Option<Vec<u8>>> {
        self.expect_body(header.size);
        if header.size > limit {
            self.pass_body()?;
            return Ok(None);
        }
        let mut bytes = vec![0; header.size as usize];
        let got = self.read(&mut bytes)?;
        bytes.truncate(got);
        self.pass_body()?;
        Ok(Some(bytes))
    }

    fn pass_body(&mut self) -> io::Result<()> {
        let left = self.body + self.padding;
        let passed = self.pass(left)?;
        if passed < left {
            // Makes the step that is under way end as cut off.
            self.ended = true;
            self.position = self.position / BLOCK_BYTES as u64 * BLOCK_BYTES as u64 + 1;
        }
        (self.body, self.padding) = (0, 0);
        Ok(())
    }

    fn entry(&mut self, header: Header, block: &Block, ahead: Ahead) -> io::Result<Step> {
        let Ahead { extended, name, link, spoiled } = ahead;
        // As Go does: an empty name says nothing, and a sparse file without a map is none.
        let is_sparse = extended.sparse.map_in_body || extended.sparse.map.is_some();
        let real = extended.sparse.name.clone().filter(|_| is_sparse);
        let given = |text: &Vec<u8>| !text.is_empty();
        let name = name.filter(given).or(real).or(extended.path).unwrap_or(header.name);
        let link = link.filter(given).or(extended.link).unwrap_or(header.link);
        let kind = kind_of(header.kind, &name);
        let has_body = matches!(kind, Kind::File | Kind::Unknown(_));
        let stored = if has_body { extended.size.unwrap_or(header.size) } else { 0 };
        let mut entry = Entry {
            name,
            link,
            kind,
            executable: header.mode & 0o111 != 0,
            size: stored,
            stored,
            sparse: None,
        };
        if header.kind == b'S' {
            self.old_sparse(block, &mut entry)?;
        } else if kind == Kind::File {
            let keys = extended.sparse;
            if keys.map_in_body || keys.map.is_some() {
                entry.size = keys.size.unwrap_or(stored);
                entry.sparse = Some(keys.map.map_or(Sparse::InBody, Sparse::Map));
            }
        }
        self.expect_body(entry.stored);
        if let Some((detail, gap)) = spoiled {
            return Ok(Step::Odd(Odd { place: shown(&entry.name), detail, gap: Some(gap) }));
        }
        Ok(Step::Entry(entry))
    }

    /// Reads the map of a sparse file as GNU tar wrote it before pax: four pieces in the header, and
    /// 21 in each block that follows.
    fn old_sparse(&mut self, block: &Block, entry: &mut Entry) -> io::Result<()> {
        let mut map = Vec::new();
        let mut bad = add_pieces(&block[386..482], &mut map).err();
        entry.size = number(&block[483..495]).unwrap_or(0);
        let mut more = block[482] != 0;
        while more {
            let Some(block) = self.block()? else { break };
            more = block[504] != 0;
            bad = bad.or_else(|| add_pieces(&block[..504], &mut map).err());
        }
        entry.sparse = Some(bad.map_or(Sparse::Map(map), Sparse::Broken));
        Ok(())
    }

    /// Reads the map in front of the data: lines with the number of pieces, then offset and length
    /// of each; filled up to a whole block.
    fn map_in_body(&mut self) -> io::Result<Result<Vec<(u64, u64)>, BadPax>> {
        let mut map = Vec::new();
        let mut numbers: Vec<u64> = Vec::new();
        let mut digits: Vec<u8> = Vec::new();
        let mut pieces = None;
        loop {
            let mut block = [0; BLOCK_BYTES];
            if self.read(&mut block)? < BLOCK_BYTES {
                return Ok(Err(BadPax::Record));
            }
            for &byte in &block {
                if pieces == Some(map.len() as u64) {
                    return Ok(Ok(map));
                }
                if byte != b'\n' {
                    digits.push(byte);
                    if digits.len() > 20 {
                        return Ok(Err(BadPax::Number));
                    }
                    continue;
                }
                let Some(value) = decimal(&digits) else { return Ok(Err(BadPax::Number)) };
                digits.clear();
                if pieces.is_none() {
                    pieces = Some(value);
                    continue;
                }
                numbers.push(value);
                if let [offset, length] = numbers[..] {
                    numbers.clear();
                    if let Err(bad) = push_piece(&mut map, (offset, length)) {
                        return Ok(Err(bad));
                    }
                }
            }
            if pieces == Some(map.len() as u64) {
                return Ok(Ok(map));
            }
        }
    }

    fn expect_body(&mut self, stored: u64) {
        self.body = stored;
        self.padding = stored.wrapping_neg() % BLOCK_BYTES as u64;
    }

    fn pass(&mut self, bytes: u64) -> io::Result<u64> {
        let peeked = (self.peeked_left as u64).min(bytes);
        self.peeked_left = 0;
        let passed = peeked + self.feed.skip(bytes - peeked)?;
        self.position += passed;
        Ok(passed)
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.body.min(into.len() as u64) as usize;
        let peeked = self.peeked_left.min(most);
        let start = PROGRAM_HEAD_BYTES - self.peeked_left;
        into[..peeked].copy_from_slice(&self.peeked[start..start + peeked]);
        self.peeked_left -= peeked;
        let got = peeked + self.feed.read_full(&mut into[peeked..most])?;
        self.position += got as u64;
        self.body -= got as u64;
        Ok(got)
    }
}

fn kind_of(flag: u8, name: &[u8]) -> Kind {
    match flag {
        // Before ustar a folder was a file with a slash behind its name.
        0 if name.ends_with(b"/") => Kind::Directory,
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' | b'4' | b'6' => Kind::Device,
        b'5' => Kind::Directory,
        other => Kind::Unknown(other),
    }
}

fn add_pieces(field: &[u8], map: &mut Vec<(u64, u64)>) -> Result<(), BadPax> {
    for piece in field.chunks_exact(24) {
        if piece[0] == 0 {
            break;
        }
        let offset = number(&piece[..12]).ok_or(BadPax::Number)?;
        let length = number(&piece[12..]).ok_or(BadPax::Number)?;
        push_piece(map, (offset, length))?;
    }
    Ok(())
}

fn odd_body(entry: &Entry, detail: &str, gap: GapKind) -> Odd {
    Odd { place: shown(&entry.name), detail: detail.to_owned(), gap: Some(gap) }
}
