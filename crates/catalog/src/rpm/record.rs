//! What the back ends of RPM have in common: the place of a record, what is said of a broken one, and
//! reading numbers and pages of files that nobody vouches for.

use std::fmt;
use std::ops::ControlFlow;

use plimsoll_model::GapKind;

/// The most bytes of one header; that of a package of 100,000 files has some 15 MB.
pub(crate) const MAX_HEADER_BYTES: usize = 64 << 20;

/// What a back end found: a header with its place, or what could not be read.
pub(crate) type Found<'a> = Result<(Place, &'a [u8]), Damage>;

/// Takes what a back end finds, one after the other, and may ask it to stop.
pub(crate) type Take<'a> = dyn FnMut(Found<'_>) -> ControlFlow<()> + 'a;

/// Where in a database something lies; pages are numbered as the format does it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    File,
    Page(u32),
    /// An entry of a page, counted from 1.
    Entry(u32, usize),
    /// A slot of an NDB file, counted from 1.
    Slot(usize),
    Line(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::Page(page) => write!(f, "page {page}"),
            Self::Entry(page, entry) => write!(f, "entry {entry} of page {page}"),
            Self::Slot(slot) => write!(f, "slot {slot}"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// A part of a database that could not be read.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
#[error("{place} {what}")]
pub(crate) struct Damage {
    place: Place,
    /// Goes on after the place: `ends before its last entry`.
    what: String,
    pub(crate) gap: GapKind,
}

impl Damage {
    pub(crate) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), gap: GapKind::Unreadable }
    }

    pub(crate) fn limit(place: Place, what: impl Into<String>) -> Self {
        Self::new(place, what).making(GapKind::Limit)
    }

    pub(crate) fn making(self, gap: GapKind) -> Self {
        Self { gap, ..self }
    }
}

/// The order of the bytes in a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    pub(crate) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u16::from_le_bytes } else { u16::from_be_bytes }(*bytes))
    }

    pub(crate) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(if self == Self::Little { u32::from_le_bytes } else { u32::from_be_bytes }(*bytes))
    }
}

/// The pages that were met. A page of a sound file belongs to one thing alone, so that a walk which
/// meets each once ends, and never reads more than the file holds.
#[derive(Debug)]
pub(crate) struct Seen(Vec<u64>);

impl Seen {
    /// None of pages `0..count` was met.
    pub(crate) fn new(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    /// Notes a page; returns whether it was not met before. One beyond the end counts as met.
    pub(crate) fn is_first(&mut self, page: u32) -> bool {
        let (at, bit) = (page as usize / 64, 1 << (page % 64));
        let Some(word) = self.0.get_mut(at) else { return false };
        let first = *word & bit == 0;
        *word |= bit;
        first
    }
}
