//! The string table: texts that several rows share are written once a shard.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::blocks::{pack, unpack};
use super::error::ShardError;

/// Largest string table, unpacked.
pub const MAX_TEXTS_BYTES: usize = 128 << 20;

/// Longest text that the table takes; longer ones stay in their row.
const MAX_SHARED_BYTES: usize = 4096;
/// Below this length a text costs no more than its number.
const MIN_SHARED_BYTES: usize = 4;

/// A text of a row: in the string table, or in the row itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) enum Text<'a> {
    /// Its number in the table.
    Shared(u32),
    /// The text.
    #[serde(borrow)]
    Own(Cow<'a, str>),
}

impl Text<'_> {
    /// Returns the text.
    pub(super) fn resolve(self, texts: &[String]) -> Result<String, &'static str> {
        match self {
            Self::Own(text) => Ok(text.into_owned()),
            Self::Shared(number) => {
                texts.get(number as usize).cloned().ok_or("a row names a text that is not there")
            }
        }
    }
}

/// Collects texts while a shard is built. Until [`Texts::table`] every text is `Shared`.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: HashMap<Arc<str>, u32>,
    list: Vec<Arc<str>>,
    uses: Vec<u32>,
}

impl Texts {
    /// Takes a text in.
    pub(super) fn intern(&mut self, text: &str) -> Text<'static> {
        if text.len() > MAX_SHARED_BYTES || text.len() < MIN_SHARED_BYTES {
            return Text::Own(Cow::Owned(text.to_owned()));
        }
        if let Some(number) = self.numbers.get(text) {
            self.uses[*number as usize] += 1;
            return Text::Shared(*number);
        }
        let number = self.list.len() as u32;
        let text: Arc<str> = text.into();
        self.list.push(Arc::clone(&text));
        self.uses.push(1);
        self.numbers.insert(text, number);
        Text::Shared(number)
    }

    /// Settles which texts are shared: those of two uses and more, the most used first.
    pub(super) fn settle(self) -> Settled {
        let mut order: Vec<usize> = (0..self.list.len()).filter(|&n| self.uses[n] > 1).collect();
        order.sort_by(|&a, &b| {
            self.uses[b].cmp(&self.uses[a]).then_with(|| self.list[a].cmp(&self.list[b]))
        });
        let mut places = vec![None; self.list.len()];
        for (place, &number) in order.iter().enumerate() {
            places[number] = Some(place as u32);
        }
        let table = order.iter().map(|&number| Arc::clone(&self.list[number])).collect();
        Settled { list: self.list, places, table }
    }
}

/// The string table, and where each collected text went.
#[derive(Debug)]
pub(super) struct Settled {
    list: Vec<Arc<str>>,
    places: Vec<Option<u32>>,
    table: Vec<Arc<str>>,
}

impl Settled {
    /// Turns the number of a collected text into what is written.
    pub(super) fn place(&self, text: &mut Text<'_>) {
        if let Text::Shared(number) = text {
            let number = *number as usize;
            *text = match self.places[number] {
                Some(place) => Text::Shared(place),
                None => Text::Own(Cow::Owned(self.list[number].to_string())),
            };
        }
    }

    /// Writes the section; empty when nothing is shared.
    pub(super) fn write(&self, shard: &str) -> Result<Vec<u8>, ShardError> {
        if self.table.is_empty() {
            return Ok(Vec::new());
        }
        let table: Vec<&str> = self.table.iter().map(AsRef::as_ref).collect();
        let raw = postcard::to_stdvec(&table).map_err(|e| ShardError::write(shard, e))?;
        pack(shard, "string table", &raw, MAX_TEXTS_BYTES)
    }
}

/// Reads the section that [`Settled::write`] wrote.
pub(super) fn read(shard: &str, bytes: &[u8]) -> Result<Vec<String>, ShardError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let raw = unpack(shard, bytes, MAX_TEXTS_BYTES)?;
    postcard::from_bytes(&raw)
        .map_err(|_| ShardError::damaged(shard, "the string table cannot be decoded"))
}
