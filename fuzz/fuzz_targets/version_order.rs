//! The order of versions: `SCHEME-BYTE a \n b \n c`. No panic; a version is valid just when it
//! compares; the order is total, but for that of pacman, which is not.

#![no_main]

use std::cmp::Ordering;

use libfuzzer_sys::fuzz_target;
use plimsoll_model::Scheme;

fuzz_target!(|data: &[u8]| {
    let Some((&first, rest)) = data.split_first() else { return };
    let schemes: Vec<Scheme> = Scheme::all().collect();
    let scheme = schemes[first as usize % schemes.len()];
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.splitn(3, '\n');
    let [a, b, c] = [(); 3].map(|()| parts.next().unwrap_or_default());
    for (left, right) in [(a, b), (b, c), (a, c)] {
        let valid = scheme.is_valid(left) && scheme.is_valid(right);
        let order = scheme.compare(left, right);
        assert_eq!(valid, order.is_ok(), "{}: {left:?} {right:?}", scheme.name());
        let mirrored = scheme.compare(right, left).map(Ordering::reverse);
        assert_eq!(order.clone().ok(), mirrored.ok(), "{}: {left:?} {right:?}", scheme.name());
        if scheme.is_valid(left) {
            assert_eq!(scheme.compare(left, left), Ok(Ordering::Equal), "{left:?}");
        }
    }
    if scheme == Scheme::Alpm {
        return;
    }
    let (Ok(ab), Ok(bc), Ok(ac)) =
        (scheme.compare(a, b), scheme.compare(b, c), scheme.compare(a, c))
    else {
        return;
    };
    let name = scheme.name();
    if ab == bc || bc == Ordering::Equal {
        assert_eq!(ac, ab, "{name}: {a:?} {b:?} {c:?}");
    } else if ab == Ordering::Equal {
        assert_eq!(ac, bc, "{name}: {a:?} {b:?} {c:?}");
    }
});
