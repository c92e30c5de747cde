//! Compressed layers: told by their first bytes, inflated in bounded memory, hashed on the way.
//!
//! The digests of the stored and of the inflated bytes are computed on a second thread, which gets
//! the buffers when they are used up and hands them back. Formats: gzip (RFC 1952, several members)
//! and zstd (RFC 8878, several frames, skippable frames).

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Scope, ScopedJoinHandle};

use flate2::bufread::GzDecoder;
use sha2::{Digest as _, Sha256};

use crate::digest;
use crate::sieve::{Feed, read_at};

/// Bytes that one layer may inflate to.
pub(crate) const MAX_LAYER_BYTES: u64 = 64 << 30;
/// Inflated bytes for each stored one, once [`RATIO_FREE_BYTES`] are passed. Deflate cannot give more
/// than 1032; what does is made to be large.
const MAX_RATIO: u64 = 1100;
/// Inflated bytes for which no ratio is asked.
const RATIO_FREE_BYTES: u64 = 1 << 30;
/// The window of a zstd frame, as a power of two, which is memory: 128 MiB, as much as `zstd -d` takes
/// when it is not told otherwise.
const MAX_ZSTD_WINDOW_LOG: u32 = 27;
const BUFFER_BYTES: usize = 256 << 10;
/// Buffers that go round between the thread that inflates and the one that hashes.
const BUFFERS: usize = 8;

/// How bytes are compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
    /// Known and not read.
    Unread(&'static str),
}

/// Returns how bytes are compressed, by the first of them.
pub(crate) fn sniff(start: &[u8]) -> Compression {
    match start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        [b'B', b'Z', b'h', ..] => Compression::Unread("bzip2"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Unread("xz"),
        _ => Compression::None,
    }
}

/// What was computed while a layer passed by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Digests {
    /// `sha256:…` of the bytes as stored.
    pub(crate) stored: String,
    /// `sha256:…` of the inflated bytes.
    pub(crate) diff_id: String,
}

/// A limit that a stream ran into, inside an [`io::Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Bomb {
    /// More bytes than [`MAX_LAYER_BYTES`].
    #[error("it inflates to more than {0} bytes")]
    Size(u64),
    /// More bytes for each stored one than [`MAX_RATIO`].
    #[error("it inflates to more than {0} times its size")]
    Ratio(u64),
    /// A zstd frame that looks further back than [`MAX_ZSTD_WINDOW_LOG`].
    #[error("bytes of its zstd window")]
    Window(u64),
}

impl Bomb {
    /// Returns the limit that an error comes from, if it does.
    pub(crate) fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).copied()
    }

    /// Returns what the limit is, and what can be done, if anything.
    pub(crate) fn limit(self) -> (u64, Option<String>) {
        match self {
            Self::Size(limit) | Self::Ratio(limit) => (limit, None),
            Self::Window(limit) => {
                let hint = "compress it with a window of at most 128 MiB: `zstd --long=27`";
                (limit, Some(hint.to_owned()))
            }
        }
    }
}

/// The name of a compression that is known and not read, inside an [`io::Error`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("it is compressed by {0}, which is not read")]
pub(crate) struct Unread(pub(crate) &'static str);

/// Whether digests are computed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hashing {
    /// Of all bytes, to the last.
    All,
    /// The bytes are trusted, since they were hashed before, or are not to be.
    Off,
}

/// Inflates the stored bytes of a layer for `work`, and hashes all of them, also those that `work`
/// leaves.
///
/// Errors: those of `stored`, of the compressed format (no operating system's number in them),
/// [`Bomb`] and [`Unread`].
pub(crate) fn stream<T>(
    stored: &mut dyn Read,
    hashing: Hashing,
    work: impl FnOnce(&mut dyn Feed) -> io::Result<T>,
) -> io::Result<(T, Option<Digests>)> {
    if hashing == Hashing::Off {
        return pass(stored, None, work).map(|(value, _)| (value, None));
    }
    std::thread::scope(|scope| {
        let (line, hashes) = HashLine::start(scope)?;
        let (value, compression) = pass(stored, Some(Rc::new(line)), work)?;
        let (stored, diff_id) = hashes.join().map_err(|_| io::Error::other("hashing failed"))?;
        let diff_id = digest::written(&diff_id);
        let stored = match compression {
            Compression::None => diff_id.clone(),
            _ => digest::written(&stored),
        };
        Ok((value, Some(Digests { stored, diff_id })))
    })
}

fn pass<T>(
    stored: &mut dyn Read,
    line: Option<Rc<HashLine>>,
    work: impl FnOnce(&mut dyn Feed) -> io::Result<T>,
) -> io::Result<(T, Compression)> {
    let mut stored = Stored::new(stored);
    let compression = sniff(stored.fill_buf()?);
    if compression != Compression::None {
        stored.line.clone_from(&line);
    }
    let taken = Rc::clone(&stored.taken);
    let value = {
        let reader = inflate(&mut stored, compression)?;
        let mut stream =
            Stream { reader, line, taken, buffer: Vec::new(), at: 0, total: 0, ended: false };
        let value = work(&mut stream)?;
        stream.skip(u64::MAX)?;
        stream.finish()?;
        value
    };
    stored.finish()?;
    Ok((value, compression))
}

/// Returns a reader of what bytes inflate to.
pub(crate) fn inflate<'a>(
    stored: impl BufRead + 'a,
    compression: Compression,
) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match compression {
        Compression::None => Box::new(stored),
        Compression::Gzip => Box::new(Members { decoder: Some(GzDecoder::new(stored)) }),
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(stored)?;
            decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
            Box::new(Windowed(decoder))
        }
        Compression::Unread(name) => return Err(io::Error::other(Unread(name))),
    })
}

/// A zstd decoder that tells a window beyond [`MAX_ZSTD_WINDOW_LOG`] from damage.
struct Windowed<R>(R);

impl<R: Read> Read for Windowed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // The crate hands on zstd's text and not its number, `frameParameter_windowTooLarge`.
        const TOO_LARGE: usize = 16usize.wrapping_neg();
        self.0.read(into).map_err(|error| {
            if error.to_string() == zstd::zstd_safe::get_error_name(TOO_LARGE) {
                return io::Error::other(Bomb::Window(1 << MAX_ZSTD_WINDOW_LOG));
            }
            error
        })
    }
}

/// The members of a gzip file one after another. What follows the last and is no member is passed
/// over, as gzip itself does.
struct Members<B> {
    decoder: Option<GzDecoder<B>>,
}

impl<B: BufRead> Read for Members<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            let got = decoder.read(into)?;
            if got > 0 || into.is_empty() {
                return Ok(got);
            }
            let Some(decoder) = self.decoder.take() else { return Ok(0) };
            let mut stored = decoder.into_inner();
            if stored.fill_buf()?.first() == Some(&0x1f) {
                self.decoder = Some(GzDecoder::new(stored));
            }
        }
    }
}

/// A part of a file as a stream.
pub(crate) struct Region<'a> {
    file: &'a File,
    offset: u64,
    end: u64,
    passed: &'a dyn Fn(u64),
}

impl<'a> Region<'a> {
    /// Starts at the first of `length` bytes; `passed` is told of bytes read.
    pub(crate) fn new(file: &'a File, offset: u64, length: u64, passed: &'a dyn Fn(u64)) -> Self {
        Self { file, offset, end: offset.saturating_add(length), passed }
    }
}

impl Read for Region<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = (self.end - self.offset).min(into.len() as u64) as usize;
        let got = read_at(self.file, &mut into[..most], self.offset)?;
        self.offset += got as u64;
        (self.passed)(got as u64);
        Ok(got)
    }
}

/// The stored bytes; used up buffers go to the thread that hashes.
struct Stored<'a> {
    source: &'a mut dyn Read,
    line: Option<Rc<HashLine>>,
    buffer: Vec<u8>,
    at: usize,
    /// Bytes read so far.
    taken: Rc<Cell<u64>>,
}

impl<'a> Stored<'a> {
    fn new(source: &'a mut dyn Read) -> Self {
        Self { source, line: None, buffer: Vec::new(), at: 0, taken: Rc::default() }
    }

    fn finish(&mut self) -> io::Result<()> {
        loop {
            self.at = self.buffer.len();
            if self.fill_buf()?.is_empty() {
                return Ok(());
            }
        }
    }
}

impl BufRead for Stored<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.buffer.len() {
            hand_over(self.line.as_deref(), Of::Stored, &mut self.buffer)?;
            self.at = 0;
            fill(self.source, &mut self.buffer)?;
            self.taken.set(self.taken.get() + self.buffer.len() as u64);
        }
        Ok(&self.buffer[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Stored<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(into.len());
        into[..count].copy_from_slice(&ready[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// The inflated bytes, as the sieve takes them.
struct Stream<'a> {
    reader: Box<dyn Read + 'a>,
    line: Option<Rc<HashLine>>,
    taken: Rc<Cell<u64>>,
    buffer: Vec<u8>,
    at: usize,
    total: u64,
    ended: bool,
}

impl Stream<'_> {
    fn refill(&mut self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        hand_over(self.line.as_deref(), Of::Inflated, &mut self.buffer)?;
        self.at = 0;
        fill(&mut *self.reader, &mut self.buffer)?;
        self.ended = self.buffer.len() < BUFFER_BYTES;
        self.total += self.buffer.len() as u64;
        check_size(self.total, self.taken.get())
    }

    fn finish(&mut self) -> io::Result<()> {
        hand_over(self.line.as_deref(), Of::Inflated, &mut self.buffer)
    }
}

fn check_size(inflated: u64, stored: u64) -> io::Result<()> {
    if inflated > MAX_LAYER_BYTES {
        return Err(io::Error::other(Bomb::Size(MAX_LAYER_BYTES)));
    }
    if inflated > RATIO_FREE_BYTES && inflated / MAX_RATIO > stored {
        return Err(io::Error::other(Bomb::Ratio(MAX_RATIO)));
    }
    Ok(())
}

impl Feed for Stream<'_> {
    fn read_full(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            let ready = (self.buffer.len() - self.at).min(into.len() - filled);
            into[filled..filled + ready].copy_from_slice(&self.buffer[self.at..self.at + ready]);
            self.at += ready;
            filled += ready;
            if filled == into.len() || self.ended {
                return Ok(filled);
            }
            self.refill()?;
        }
    }

    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            let ready = ((self.buffer.len() - self.at) as u64).min(bytes - skipped);
            self.at += ready as usize;
            skipped += ready;
            if skipped == bytes || self.ended {
                return Ok(skipped);
            }
            self.refill()?;
        }
    }
}

/// Fills a buffer to [`BUFFER_BYTES`] or to the end of what a reader has.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<()> {
    buffer.resize(BUFFER_BYTES, 0);
    let mut filled = 0;
    while filled < BUFFER_BYTES {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(filled);
    Ok(())
}

/// Which of the two digests a buffer goes into.
enum Of {
    Stored,
    Inflated,
}

/// A thread that hashes the buffers it is handed.
struct HashLine {
    full: Sender<(Of, Vec<u8>)>,
    empty: Receiver<Vec<u8>>,
}

type Hashes = (Vec<u8>, Vec<u8>);

impl HashLine {
    /// Starts the thread; it ends, and returns both digests, when the line is dropped.
    fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
    ) -> io::Result<(Self, ScopedJoinHandle<'scope, Hashes>)> {
        let (full, taken) = channel::<(Of, Vec<u8>)>();
        let (back, empty) = channel();
        for _ in 0..BUFFERS {
            // The receiver is in our hands.
            let _ = back.send(Vec::with_capacity(BUFFER_BYTES));
        }
        let thread = std::thread::Builder::new().name("plimsoll-hash".to_owned());
        let thread = thread.spawn_scoped(scope, move || {
            let (mut stored, mut inflated) = (Sha256::new(), Sha256::new());
            while let Ok((of, buffer)) = taken.recv() {
                match of {
                    Of::Stored => stored.update(&buffer),
                    Of::Inflated => inflated.update(&buffer),
                }
                // When nobody inflates any more, what is on the way still counts.
                let _ = back.send(buffer);
            }
            (stored.finalize().to_vec(), inflated.finalize().to_vec())
        })?;
        Ok((Self { full, empty }, thread))
    }
}

/// Gives a used up buffer to be hashed, and takes an empty one for it.
fn hand_over(line: Option<&HashLine>, of: Of, buffer: &mut Vec<u8>) -> io::Result<()> {
    let Some(line) = line else { return Ok(()) };
    if buffer.is_empty() {
        return Ok(());
    }
    let gone = || io::Error::other("the thread that hashes is gone");
    line.full.send((of, std::mem::take(buffer))).map_err(|_| gone())?;
    *buffer = line.empty.recv().map_err(|_| gone())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read_all(mut bytes: &[u8], hashing: Hashing) -> io::Result<(Vec<u8>, Option<Digests>)> {
        stream(&mut bytes, hashing, |feed| {
            let mut all = vec![0; 1 << 20];
            let got = feed.read_full(&mut all)?;
            all.truncate(got);
            Ok(all)
        })
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_compression_is_told_by_its_first_bytes() {
        assert_eq!(sniff(&gzip(b"x")), Compression::Gzip);
        assert_eq!(sniff(&zstd::bulk::compress(b"x", 1).unwrap()), Compression::Zstd);
        assert_eq!(sniff(b"\x5a\x2a\x4d\x18\0\0\0\0"), Compression::Zstd, "a skippable frame");
        assert_eq!(sniff(b"BZh9"), Compression::Unread("bzip2"));
        assert_eq!(sniff(b"\xfd7zXZ\0"), Compression::Unread("xz"));
        assert_eq!(sniff(b"etc/passwd"), Compression::None);
        assert_eq!(sniff(b""), Compression::None);
    }

    #[test]
    fn both_digests_are_of_all_bytes_also_those_nobody_read() {
        let layer: Vec<u8> = (0..3_000_000u32).map(|index| (index / 7) as u8).collect();
        let gzip = gzip(&layer);
        let frames = [&layer[..1_000_000], &layer[1_000_000..]]
            .map(|part| zstd::bulk::compress(part, 1).unwrap());
        let zstd = [&frames[0], &b"\x50\x2a\x4d\x18\x02\0\0\0no"[..], &frames[1]].concat();
        for stored in [&gzip, &zstd, &layer] {
            let (start, digests) = read_all(stored, Hashing::All).unwrap();
            assert_eq!(start, layer[..1 << 20]);
            let expected =
                Digests { stored: digest::sha256(stored), diff_id: digest::sha256(&layer) };
            assert_eq!(digests, Some(expected));
            assert_eq!(read_all(stored, Hashing::Off).unwrap(), (start, None));
        }
    }

    #[test]
    fn bytes_behind_the_last_member_are_hashed_and_passed_over() {
        let stored = [gzip(b"one"), gzip(b"two"), vec![0; 700_000]].concat();
        let (all, digests) = read_all(&stored, Hashing::All).unwrap();
        assert_eq!(all, b"onetwo");
        assert_eq!(digests.unwrap().stored, digest::sha256(&stored));
    }

    #[test]
    fn what_inflates_beyond_a_limit_is_stopped() {
        let zeros = io::repeat(0).take(RATIO_FREE_BYTES + (8 << 20));
        let bomb = zstd::stream::encode_all(zeros, 1).unwrap();
        let error = read_all(&bomb, Hashing::Off).unwrap_err();
        assert_eq!(Bomb::of(&error), Some(Bomb::Ratio(MAX_RATIO)));

        assert!(check_size(RATIO_FREE_BYTES, 1).is_ok());
        assert!(check_size(RATIO_FREE_BYTES * 2, RATIO_FREE_BYTES).is_ok());
        assert!(check_size(MAX_LAYER_BYTES, MAX_LAYER_BYTES).is_ok());
        let error = check_size(MAX_LAYER_BYTES + 1, MAX_LAYER_BYTES).unwrap_err();
        assert_eq!(Bomb::of(&error), Some(Bomb::Size(MAX_LAYER_BYTES)));
    }

    fn zstd_with_window(log: u32, bytes: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.long_distance_matching(true).unwrap();
        encoder.window_log(log).unwrap();
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_zstd_window_has_a_limit_which_is_no_damage() {
        let (inside, beyond) = [MAX_ZSTD_WINDOW_LOG, MAX_ZSTD_WINDOW_LOG + 1]
            .map(|log| zstd_with_window(log, b"a layer"))
            .into();
        assert_eq!(read_all(&inside, Hashing::All).unwrap().0, b"a layer");
        let error = read_all(&beyond, Hashing::All).unwrap_err();
        assert_eq!(Bomb::of(&error), Some(Bomb::Window(128 << 20)));
        let damaged = read_all(&inside[..inside.len() - 2], Hashing::All).unwrap_err();
        assert_eq!(Bomb::of(&damaged), None);
    }

    #[test]
    fn an_error_of_who_reads_comes_through() {
        let layer = gzip(&vec![7; 100_000]);
        let error =
            stream(&mut &layer[..], Hashing::All, |_| Err::<(), _>(io::Error::other("enough")));
        assert_eq!(error.unwrap_err().to_string(), "enough");
    }
}
