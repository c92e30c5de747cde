//! FIRST's exploit predictions: one packed CSV a day.
//!
//! ```text
//! #model_version:v2025.03.14,score_date:2026-08-16T12:00:00Z
//! cve,epss,percentile
//! CVE-1999-0001,0.03351,0.87650
//! ```
//!
//! Source: <https://www.first.org/epss/data_stats>.

use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;
use plimsoll_model::Epss;
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{Bounded, of_io};

/// Most bytes of the file as it is stored.
pub const MAX_PACKED_BYTES: u64 = 64 << 20;
/// Most bytes of the file unpacked.
pub const MAX_UNPACKED_BYTES: u64 = 512 << 20;
/// Longest line.
pub const MAX_LINE_BYTES: u64 = 1024;
const NAMESPACE: &str = "epss";
const ADDRESS: &str = "https://epss.cyentia.com/epss_scores-current.csv.gz";

/// EPSS.
pub const EPSS: Feed = Feed {
    id: "epss",
    title: "FIRST EPSS",
    licence: "free with attribution",
    says: "how likely exploitation within 30 days is; nothing of versions",
    rows: RowKind::Epss,
    max_age_hours: 48,
    least_records: 100_000,
    reader: 1,
    namespaces: |_| vec![NAMESPACE.to_owned()],
    files: |namespace| {
        (namespace == NAMESPACE)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_PACKED_BYTES)])
    },
    parse,
};

/// Reads the packed CSV into `epss`, keyed by CVE. A line that cannot be right is dropped and
/// counted; a head that is not that of the file is an error.
///
/// # Errors
/// [`FeedError::Malformed`] with the line, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let Input { address, body } = input;
    let unpacked = Bounded::new(MultiGzDecoder::new(body), MAX_UNPACKED_BYTES);
    let mut lines = BufReader::new(unpacked);
    let mut line = String::new();
    let mut number = 0;
    let mut headed = false;
    loop {
        number += 1;
        line.clear();
        let place = || format!("line {number}");
        let read = lines.by_ref().take(MAX_LINE_BYTES).read_line(&mut line);
        let read = read.map_err(|fault| of_io(address, place(), fault))?;
        if read == 0 && headed {
            return Ok(());
        }
        let malformed = |detail: &str| FeedError::Malformed {
            address: address.to_owned(),
            place: place(),
            detail: detail.to_owned(),
        };
        if line.len() as u64 == MAX_LINE_BYTES {
            return Err(malformed("the line is too long"));
        }
        let text = line.trim();
        if let Some(comment) = text.strip_prefix('#') {
            harvest.stamp(comment.split_once("score_date:").map_or("", |(_, stamp)| stamp));
        } else if headed {
            match score(text) {
                Some((cve, epss)) => harvest.push(NAMESPACE, cve, Row::Epss(epss))?,
                None => harvest.drop_record(NAMESPACE),
            }
        } else if text == "cve,epss,percentile" {
            headed = true;
        } else {
            return Err(malformed("the columns are not `cve,epss,percentile`"));
        }
    }
}

/// Reads `CVE-1999-0001,0.03351,0.87650`.
fn score(line: &str) -> Option<(&str, Epss)> {
    let mut cells = line.split(',');
    let (cve, score, percentile) = (cells.next()?, cells.next()?, cells.next()?);
    let (year, number) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    // Numbers are filled up with zeros to four digits and no further.
    let padded = number.len() > 4 && number.starts_with('0');
    let sized = year.len() == 4 && (4..=9).contains(&number.len()) && !padded;
    let good = sized && digits(year) && digits(number);
    let epss = Epss { score: share(score)?, percentile: share(percentile)? };
    good.then_some((cve, epss))
}

/// Reads a share of one as hundred-thousandths.
fn share(text: &str) -> Option<u32> {
    let share: f64 = text.trim().parse().ok()?;
    (0.0..=1.0).contains(&share).then(|| (share * 100_000.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_read() {
        let epss = |score, percentile| Epss { score, percentile };
        assert_eq!(
            score("CVE-1999-0001,0.03351,0.87650"),
            Some(("CVE-1999-0001", epss(3351, 87650)))
        );
        assert_eq!(score("CVE-2024-123456,9e-05,1"), Some(("CVE-2024-123456", epss(9, 100_000))));
        for bad in [
            "CVE-1999-0001,1.2,0.5",
            "CVE-1999-0001,NaN,0.5",
            "CVE-1999-00010,0.1,0.1",
            "GHSA-1,0.1,0.1",
            "CVE-1-1,0,0",
            "",
        ] {
            assert_eq!(score(bad), None, "{bad}");
        }
    }
}
