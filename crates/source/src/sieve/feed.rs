//! Where the bytes of a layer come from: a place in a file that can be jumped over, or a stream.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes read at once while entries are small.
const READ_AHEAD_BYTES: usize = 256 << 10;
/// A body that reaches this far beyond the buffer is jumped over. Below it one long read is cheaper
/// than two short ones, and a disk that is read in order reads ahead.
const JUMP_BYTES: u64 = 128 << 10;

/// The bytes of one layer from its first to its last.
pub(crate) trait Feed {
    /// Fills `into` as far as there are bytes, and returns how many it got: fewer only at the end.
    fn read_full(&mut self, into: &mut [u8]) -> io::Result<usize>;

    /// Passes over `bytes`, and returns how many there were: fewer only at the end.
    fn skip(&mut self, bytes: u64) -> io::Result<u64>;
}

/// A layer that lies uncompressed in a file: what nobody wants is jumped over.
pub(crate) struct Walk<'a> {
    file: &'a File,
    /// Of the next byte to fetch from the file.
    offset: u64,
    /// The first byte that is not of the layer.
    end: u64,
    buffer: Vec<u8>,
    at: usize,
    passed: &'a dyn Fn(u64),
}

impl<'a> Walk<'a> {
    /// Starts at the first of `length` bytes; `passed` is told of bytes read or jumped over.
    pub(crate) fn new(file: &'a File, offset: u64, length: u64, passed: &'a dyn Fn(u64)) -> Self {
        let end = offset.saturating_add(length);
        Self { file, offset, end, buffer: Vec::new(), at: 0, passed }
    }

    fn refill(&mut self) -> io::Result<()> {
        let wanted = (self.end - self.offset).min(READ_AHEAD_BYTES as u64) as usize;
        self.buffer.resize(wanted, 0);
        let got = read_at(self.file, &mut self.buffer, self.offset)?;
        self.buffer.truncate(got);
        self.at = 0;
        self.forward(got as u64);
        if got < wanted {
            self.end = self.offset;
        }
        Ok(())
    }

    fn forward(&mut self, bytes: u64) {
        self.offset += bytes;
        (self.passed)(bytes);
    }
}

impl Feed for Walk<'_> {
    fn read_full(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        loop {
            let ready = (self.buffer.len() - self.at).min(into.len() - filled);
            into[filled..filled + ready].copy_from_slice(&self.buffer[self.at..self.at + ready]);
            self.at += ready;
            filled += ready;
            let open = into.len() - filled;
            if open == 0 || self.offset >= self.end {
                return Ok(filled);
            }
            if open < READ_AHEAD_BYTES {
                self.refill()?;
                continue;
            }
            let most = (self.end - self.offset).min(open as u64) as usize;
            let got = read_at(self.file, &mut into[filled..filled + most], self.offset)?;
            filled += got;
            self.forward(got as u64);
            if got < most {
                self.end = self.offset;
            }
        }
    }

    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let ready = ((self.buffer.len() - self.at) as u64).min(bytes);
        self.at += ready as usize;
        let mut left = bytes - ready;
        if left >= JUMP_BYTES {
            let jump = left.min(self.end - self.offset);
            self.forward(jump);
            return Ok(ready + jump);
        }
        while left > 0 && self.offset < self.end {
            self.refill()?;
            self.at = (self.buffer.len() as u64).min(left) as usize;
            left -= self.at as u64;
        }
        Ok(bytes - left)
    }
}

/// Reads until `into` is full or the file ends.
pub(crate) fn read_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match file.read_at(&mut into[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pattern(length: usize) -> Vec<u8> {
        (0..length).map(|index| (index * 7 + index / 251) as u8).collect()
    }

    #[test]
    fn reads_and_jumps_meet_the_same_bytes_and_stop_at_the_end_of_the_layer() {
        let bytes = pattern(3 << 20);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let seen = std::cell::Cell::new(0);
        let passed = |count| seen.set(seen.get() + count);
        let length = (2 << 20) + 17;
        let mut walk = Walk::new(&file, 100, length, &passed);
        let mut at = 100usize;
        for (read, skip) in [(512, 10), (1, 600_000), (300_000, 127 << 10), (512, 1 << 20)] {
            let mut got = vec![0; read];
            assert_eq!(walk.read_full(&mut got).unwrap(), read);
            assert_eq!(got, bytes[at..at + read]);
            assert_eq!(walk.skip(skip).unwrap(), skip);
            at += read + skip as usize;
        }
        let rest = 100 + length as usize - at;
        let mut got = vec![0; rest + 500];
        assert_eq!(walk.read_full(&mut got).unwrap(), rest);
        assert_eq!(got[..rest], bytes[at..at + rest]);
        assert_eq!(walk.skip(1 << 40).unwrap(), 0);
        assert_eq!(seen.get(), length);
    }

    #[test]
    fn a_file_that_ends_early_is_the_end() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&pattern(1000)).unwrap();
        let mut walk = Walk::new(&file, 0, 1 << 40, &|_| ());
        assert_eq!(walk.read_full(&mut [0; 2000]).unwrap(), 1000);
        assert_eq!(walk.read_full(&mut [0; 2000]).unwrap(), 0);
    }
}
