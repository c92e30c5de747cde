//! Ranges of versions: `SCHEME-BYTE range \n version \n bound`. No panic, and an answer just for
//! versions; the fuzzy ranges of apk also look at texts that are none.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_model::{Affected, Bound, Interval, Scheme};

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let schemes: Vec<Scheme> = Scheme::all().collect();
    let scheme = schemes[first as usize % schemes.len()];
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.splitn(3, '\n');
    let [range, version, bound] = [(); 3].map(|()| parts.next().unwrap_or_default());
    if let Ok(range) = scheme.parse_range(range) {
        let inside = range.contains(version);
        if !scheme.is_valid(version) {
            if scheme == Scheme::Apk {
                return;
            }
            assert!(inside.is_err(), "{}: {version:?} is no version", scheme.name());
        } else {
            assert!(inside.is_ok(), "{}: {range:?} {version:?}", scheme.name());
        }
    }
    let ends = [range, bound];
    let intervals = ends.map(|end| Interval {
        low: Bound::Included(end.to_owned()),
        high: Bound::Excluded(bound.to_owned()),
    });
    let affected = Affected { intervals: intervals.to_vec(), versions: vec![range.to_owned()] };
    let _ = affected.hit(scheme, version);
    let _ = Affected::below(bound).hit(scheme, version);
});
