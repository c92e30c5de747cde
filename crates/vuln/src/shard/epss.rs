//! EPSS in few bytes: each score of the feed once, and for each CVE the number of its score.
//!
//! A row holds up to a thousand CVEs (`CVE-2021-44`: 44000 to 44999): a bit for each that is there,
//! and the numbers of their scores in three planes, high bytes first, because planes pack better.

use std::collections::BTreeMap;

use plimsoll_model::Epss;
use serde::{Deserialize, Serialize};

use super::blocks::{pack, unpack};
use super::error::ShardError;
use super::id::parse_cve;

/// Largest section of scores, unpacked.
pub const MAX_SCORES_BYTES: usize = 64 << 20;

const CVES_A_ROW: u32 = 1000;

/// Up to a thousand CVEs.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(super) struct ScoreRow {
    /// One bit a CVE, the lowest bit of the first byte first.
    present: Vec<u8>,
    /// Three planes.
    numbers: Vec<u8>,
}

/// Splits a CVE id into the name of its row and its place there; `None` for what is no CVE id.
pub(super) fn place(id: &str) -> Option<(String, u32)> {
    let (year, number) = parse_cve(id)?;
    Some((format!("CVE-{year:04}-{}", number / CVES_A_ROW), number % CVES_A_ROW))
}

/// Scores by the name of their row and their place in it.
pub(super) type Scores = BTreeMap<String, BTreeMap<u32, Epss>>;

/// What the scores of a day become.
pub(super) struct Written {
    /// The rows, by name.
    pub(super) rows: Vec<(String, ScoreRow)>,
    /// The section of scores.
    pub(super) section: Vec<u8>,
}

/// Makes the rows and the section of scores.
pub(super) fn write(shard: &str, scores: &Scores) -> Result<Written, ShardError> {
    let mut pairs: Vec<(u32, u32)> =
        scores.values().flat_map(BTreeMap::values).copied().map(pair).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let rows = scores.iter().map(|(name, row)| (name.clone(), ScoreRow::new(row, &pairs)));
    let rows = rows.collect();
    // Scores rise from pair to pair, percentiles mostly do: the steps are small and pack well.
    let mut last = (0, 0);
    let mut steps = Vec::with_capacity(pairs.len());
    for (score, percentile) in pairs {
        steps.push((score - last.0, i64::from(percentile) - i64::from(last.1)));
        last = (score, percentile);
    }
    let raw = postcard::to_stdvec(&steps).map_err(|error| ShardError::write(shard, error))?;
    Ok(Written { rows, section: pack(shard, "table of scores", &raw, MAX_SCORES_BYTES)? })
}

fn pair(epss: Epss) -> (u32, u32) {
    (epss.score, epss.percentile)
}

/// Reads the section of scores.
pub(super) fn read(shard: &str, bytes: &[u8]) -> Result<Vec<Epss>, ShardError> {
    let damaged = || ShardError::damaged(shard, "the scores cannot be decoded");
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let raw = unpack(shard, bytes, MAX_SCORES_BYTES)?;
    let steps: Vec<(u32, i64)> = postcard::from_bytes(&raw).map_err(|_| damaged())?;
    let mut last = Epss::default();
    let mut scores = Vec::with_capacity(steps.len());
    for (score, percentile) in steps {
        last.score = last.score.checked_add(score).ok_or_else(damaged)?;
        let percentile = i64::from(last.percentile).checked_add(percentile).ok_or_else(damaged)?;
        last.percentile = u32::try_from(percentile).map_err(|_| damaged())?;
        scores.push(last);
    }
    Ok(scores)
}

impl ScoreRow {
    fn new(row: &BTreeMap<u32, Epss>, pairs: &[(u32, u32)]) -> Self {
        let mut present = vec![0; CVES_A_ROW.div_ceil(8) as usize];
        for place in row.keys() {
            present[*place as usize / 8] |= 1 << (place % 8);
        }
        // Every score of the row is among the pairs, so the search finds it.
        let number = |epss: &Epss| pairs.binary_search(&pair(*epss)).unwrap_or_else(|place| place);
        let plane = |shift: u32| row.values().map(move |epss| (number(epss) >> shift) as u8);
        Self { present, numbers: plane(16).chain(plane(8)).chain(plane(0)).collect() }
    }

    /// Returns the score at a place; `None` when that CVE has none.
    pub(super) fn score(&self, place: u32, scores: &[Epss]) -> Result<Option<Epss>, &'static str> {
        let (byte, bit) = (place as usize / 8, place % 8);
        let Some(bits) = self.present.get(byte) else { return Ok(None) };
        if bits & (1 << bit) == 0 {
            return Ok(None);
        }
        let ones =
            |bytes: &[u8]| bytes.iter().map(|byte| byte.count_ones() as usize).sum::<usize>();
        let index = ones(&self.present[..byte]) + (bits & ((1 << bit) - 1)).count_ones() as usize;
        let all = ones(&self.present);
        if self.numbers.len() != all * 3 {
            return Err("a row of scores has another length");
        }
        let number = (0..3)
            .fold(0, |number, plane| number << 8 | usize::from(self.numbers[plane * all + index]));
        scores.get(number).copied().map(Some).ok_or("a row names a score that is not there")
    }
}
