//! The kinds of databases, told by their content.

use super::*;

#[test]
fn the_kind_is_told_by_the_content() {
    let mut bdb = vec![0; 64];
    bdb[12..16].copy_from_slice(&0x0006_1561_u32.to_be_bytes());
    assert_eq!(Kind::of(&bdb), Some(Kind::BerkeleyDb(Order::Big)));
    assert_eq!(Kind::of(b"RpmP"), Some(Kind::Ndb));
    assert_eq!(Kind::of(b"SQLite format 3\0"), Some(Kind::Sqlite));
    assert_eq!(
        Kind::of(b"a\t1-1\t0\t0\tx\t(none)\t1\tnoarch\t0\ta-1-1.src.rpm"),
        Some(Kind::Manifest)
    );
    assert_eq!(Kind::of(b"text"), None);
    assert_eq!(parse_rpm(b""), (vec![], vec![]));
    assert_eq!(parse_rpm(b"text").1[0].detail, "the file is no database of RPM");
}
