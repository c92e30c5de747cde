//! FIRST's scores: bytes that begin as gzip as they are, others packed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_fuzz::{rows, tar};
use plimsoll_vuln::RowKind;

fuzz_target!(|data: &[u8]| {
    let packed = match data {
        [0x1f, 0x8b, ..] => data.to_vec(),
        _ => tar::pack(data, tar::Packing::Gzip),
    };
    let address = "https://epss.cyentia.com/epss_scores-current.csv.gz";
    rows::check(plimsoll_feeds::epss::parse, address, &packed, RowKind::Epss, &["epss"]);
});
