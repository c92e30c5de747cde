//! The names of a shard: an `fst` from name to ordinal, which is its place among the sorted names.
//!
//! A checksum guards the section against accidents. Whoever forges a file makes the checksum right,
//! and can lead the `fst` crate astray: then its panic ends here, and a walk that would go round ends
//! early.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fst::{Automaton, IntoStreamer, Streamer};

use super::error::ShardError;

/// Longest name of a package, CVE or product.
pub const MAX_NAME_BYTES: usize = 1024;

/// Steps that a walk over all names may take: a hundred times what 100,000 names need.
const MAX_NAME_STEPS: u64 = 1 << 28;

const ASTRAY: &str = "its names lead nowhere";

#[derive(Debug)]
pub(super) struct Names(fst::Map<Vec<u8>>);

impl Names {
    /// Takes the section.
    pub(super) fn read(section: Vec<u8>) -> Result<Self, &'static str> {
        fst::Map::new(section).map(Self).map_err(|_| "its names cannot be read")
    }

    /// Returns how many names there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the ordinal of a name.
    pub(super) fn find(&self, name: &str) -> Result<Option<u32>, &'static str> {
        if name.len() > MAX_NAME_BYTES {
            return Ok(None);
        }
        let found = catch_unwind(AssertUnwindSafe(|| self.0.get(name))).map_err(|_| ASTRAY)?;
        found.map(|ordinal| u32::try_from(ordinal).map_err(|_| ASTRAY)).transpose()
    }

    /// Returns all names, sorted by their bytes; those of a forged file may end early.
    pub(super) fn iter(&self) -> impl Iterator<Item = String> {
        let begin = AssertUnwindSafe(|| self.0.search(Bounded::default()).into_stream());
        let mut stream = catch_unwind(begin).ok();
        std::iter::from_fn(move || {
            let stream = stream.as_mut()?;
            let next = catch_unwind(AssertUnwindSafe(|| {
                stream.next().map(|(name, _)| String::from_utf8_lossy(name).into_owned())
            }));
            next.ok().flatten()
        })
        .take(self.0.len())
    }
}

/// Writes the section; the names come sorted, each once.
pub(super) fn write<'a>(
    shard: &str,
    names: impl Iterator<Item = &'a String>,
) -> Result<Vec<u8>, ShardError> {
    let error = |error| ShardError::write(shard, error);
    let mut builder = fst::MapBuilder::memory();
    for (ordinal, name) in names.enumerate() {
        builder.insert(name, ordinal as u64).map_err(error)?;
    }
    builder.into_inner().map_err(error)
}

/// Lets every name pass, up to a length and a number of steps. The state is the length so far.
#[derive(Default)]
struct Bounded {
    steps: Cell<u64>,
}

impl Automaton for Bounded {
    type State = usize;

    fn start(&self) -> usize {
        0
    }

    fn is_match(&self, length: &usize) -> bool {
        *length <= MAX_NAME_BYTES
    }

    fn can_match(&self, length: &usize) -> bool {
        *length <= MAX_NAME_BYTES && self.steps.get() < MAX_NAME_STEPS
    }

    fn accept(&self, length: &usize, _byte: u8) -> usize {
        self.steps.set(self.steps.get() + 1);
        length + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_and_the_longest_is_found() {
        let longest = "z".repeat(MAX_NAME_BYTES);
        let all = [String::new(), "a".to_owned(), "ab".to_owned(), longest.clone()];
        let names = Names::read(write("x", all.iter()).unwrap()).unwrap();
        assert_eq!(names.iter().collect::<Vec<_>>(), all);
        assert_eq!(names.find(&longest), Ok(Some(3)));
        assert_eq!(names.find(""), Ok(Some(0)));
        assert_eq!(names.find("b"), Ok(None));
        assert_eq!(names.find(&format!("{longest}z")), Ok(None));
        assert!(Names::read(vec![0; 7]).is_err());
    }
}
