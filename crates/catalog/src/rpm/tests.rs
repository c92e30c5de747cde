//! Broken databases and headers, and every limit. Sound ones are in `tests/fixtures/rpm`, real ones in
//! `tests/it/rpm.rs`.

use proptest::prelude::*;

use super::header::{HeaderError, MAX_ENTRIES, MAX_TEXT_BYTES};
use super::record::MAX_HEADER_BYTES;
use super::*;

mod made;

use made::{PAGE_BYTES, Value, header, long_header};

/// A table of BerkeleyDB with pages of 512 bytes, the high byte first; pages 1 and 2 are of the hash.
const BDB: &[u8] =
    include_bytes!("../../tests/fixtures/rpm/berkeleydb-big-endian/tree/var/lib/rpm/Packages");
const NDB: &[u8] =
    include_bytes!("../../tests/fixtures/rpm/ndb/tree/usr/lib/sysimage/rpm/Packages.db");
/// Root page 2 of `Packages` leads to the leaves 5 and 6.
const SQLITE: &[u8] =
    include_bytes!("../../tests/fixtures/rpm/moved/layers/1/usr/lib/sysimage/rpm/rpmdb.sqlite");
const BLOCK_BYTES: usize = 16;

fn names(body: &[u8]) -> Vec<String> {
    parse_rpm(body).0.into_iter().map(|package| package.name).collect()
}

/// The details of the problems, each of which makes this gap.
fn problems(body: &[u8], gap: GapKind) -> Vec<String> {
    let (_, problems) = parse_rpm(body);
    assert!(problems.iter().all(|problem| problem.gap == Some(gap)), "{problems:?}");
    problems.into_iter().map(|problem| problem.detail).collect()
}

fn unreadable(body: &[u8]) -> Vec<String> {
    problems(body, GapKind::Unreadable)
}

fn changed(body: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body[at..at + bytes.len()].copy_from_slice(bytes);
    body
}

#[test]
fn the_kind_is_told_by_the_content() {
    assert_eq!(Kind::of(BDB), Some(Kind::BerkeleyDb(Order::Big)));
    let mut little = BDB.to_vec();
    little[12..16].reverse();
    assert_eq!(Kind::of(&little), Some(Kind::BerkeleyDb(Order::Little)));
    assert_eq!(Kind::of(NDB), Some(Kind::Ndb));
    assert_eq!(Kind::of(SQLITE), Some(Kind::Sqlite));
    let line = b"a\t1-1\t0\t0\tx\t(none)\t1\tnoarch\t0\ta-1-1.src.rpm";
    assert_eq!(Kind::of(line), Some(Kind::Manifest));
    assert_eq!(Kind::of(b"text"), None);
    assert_eq!(parse_rpm(b""), (vec![], vec![]));
    assert_eq!(unreadable(b"text"), ["the file is no database of RPM"]);
}

#[test]
fn a_header_gives_a_package() {
    let entries = [
        (1000, Value::Text("perl-libs")),
        (1001, Value::Text("5.26.3")),
        (1002, Value::Text("420.el8")),
        (1003, Value::Numbers(&[4])),
        (1011, Value::Text("")),
        (1022, Value::Text("x86_64")),
        (1044, Value::Text("perl-5.26.3-420.el8.src.rpm")),
        (5096, Value::Text("")),
    ];
    let blob = header(&entries);
    let package = Header::new(&blob).unwrap().package().unwrap();
    assert_eq!(package.version, "4:5.26.3-420.el8");
    let source = package.source.unwrap();
    assert_eq!((source.name.as_str(), source.version.as_str()), ("perl", "5.26.3-420.el8"));
    assert_eq!((package.vendor, package.modularity.as_deref()), (None, Some("")));
    let blob = header(&entries[..3]);
    let package = Header::new(&blob).unwrap().package().unwrap();
    assert_eq!(package.version, "5.26.3-420.el8");
    assert_eq!((package.source, package.modularity, package.arch), (None, None, None));
}

#[test]
fn the_name_of_a_source_package_is_read_from_the_right() {
    let read = |file| header::source(file).map(|source| (source.name, source.version));
    let pair = |name: &str, version: &str| Some((name.to_owned(), version.to_owned()));
    assert_eq!(read("gtk-2-engine-2.0-1.el8.src.rpm"), pair("gtk-2-engine", "2.0-1.el8"));
    assert_eq!(read("nvidia-1.0-2.nosrc.rpm"), pair("nvidia", "1.0-2"));
    for wrong in ["(none)", "", "a-1.src.rpm", "-1-1.src.rpm", "a-1-1.src", "a--1.src.rpm"] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

fn fault(blob: &[u8]) -> HeaderError {
    Header::new(blob).and_then(|header| header.package()).unwrap_err()
}

#[test]
fn what_is_wrong_with_a_header_is_told() {
    let name = (1000, Value::Text("a"));
    let sound = header(&[name, (1001, Value::Text("1"))]);
    assert!(Header::new(&sound).is_ok());
    assert_eq!(fault(&sound[..7]), HeaderError::Short(7, 8));
    let whole = sound.len();
    assert_eq!(fault(&sound[..whole - 1]), HeaderError::Short(whole - 1, whole));
    assert_eq!(fault(&header(&[])), HeaderError::NoName);
    assert_eq!(fault(&header(&[name])), HeaderError::NoVersion("a".to_owned()));
    assert_eq!(fault(&header(&[(1000, Value::Numbers(&[7]))])), HeaderError::Broken(1000));
    let epoch = header(&[name, (1001, Value::Text("1")), (1003, Value::Text("1"))]);
    assert_eq!(fault(&epoch), HeaderError::Broken(1003));
    // The offset of the name leads out of the data.
    assert_eq!(fault(&changed(&sound, 16, &[0, 0, 1, 0])), HeaderError::Broken(1000));
    // Its text does not end.
    assert_eq!(fault(&changed(&sound, whole - 4, b"aaaa")), HeaderError::Broken(1000));
}

#[test]
fn headers_have_limits() {
    let head = |entries: usize, bytes: usize| {
        [(entries as u32).to_be_bytes(), (bytes as u32).to_be_bytes()].concat()
    };
    assert_eq!(fault(&head(MAX_ENTRIES + 1, 0)), HeaderError::TooManyEntries(MAX_ENTRIES + 1));
    assert!(matches!(fault(&head(MAX_ENTRIES, 0)), HeaderError::Short(..)));
    let error = fault(&head(1, MAX_HEADER_BYTES + 1));
    assert_eq!(error, HeaderError::TooLarge(MAX_HEADER_BYTES + 1));
    assert_eq!(error.gap(), GapKind::Limit);
    assert!(matches!(fault(&head(1, MAX_HEADER_BYTES)), HeaderError::Short(..)));
    let name = "n".repeat(MAX_TEXT_BYTES + 1);
    assert_eq!(fault(&header(&[(1000, Value::Text(&name))])), HeaderError::TooLong(1000));
    let name = (1000, Value::Text(&name[1..]));
    assert!(matches!(fault(&header(&[name])), HeaderError::NoVersion(_)));
}

#[test]
fn a_long_row_of_sqlite_is_put_together() {
    for bytes in [500, 900, 1000, 1100, 70_000] {
        let body = made::sqlite(&long_header("long", bytes));
        assert_eq!((names(&body), unreadable(&body)), (vec!["long".to_owned()], vec![]), "{bytes}");
    }
}

#[test]
fn broken_files_of_sqlite_are_told_with_their_place() {
    assert_eq!(names(SQLITE), ["bash", "docker-ce"]);
    let page = |number: usize| (number - 1) * PAGE_BYTES;
    let cut = &SQLITE[..page(6)];
    assert_eq!(names(cut), ["bash"]);
    assert_eq!(unreadable(cut), ["the file holds 5 pages of 6", "page 6 is led to and not there"]);
    // The page on the right leads to the root, which would go on for ever.
    let cycle = changed(SQLITE, page(2) + 8, &2u32.to_be_bytes());
    assert_eq!(unreadable(&cycle), ["page 2 is led to a second time"]);
    let index = changed(SQLITE, page(5), &[10]);
    assert_eq!(
        (names(&index), unreadable(&index)),
        (
            vec!["docker-ce".to_owned()],
            vec!["page 5 is of kind 10, which the tree of a table does not have".to_owned()]
        )
    );
    let cell = changed(SQLITE, page(5) + 8, &[0xff, 0xff]);
    assert_eq!(unreadable(&cell), ["entry 1 of page 5 does not lie in its page"]);
    let pages = changed(SQLITE, 16, &[0, 3]);
    assert_eq!(unreadable(&pages), ["the file claims pages of 3 bytes"]);
    assert_eq!(unreadable(&SQLITE[..50]), ["the file ends in its first page"]);
    assert_eq!(unreadable(&changed(SQLITE, 59, &[2])), ["the file is not written in UTF-8"]);
    let at = SQLITE.windows(13).position(|bytes| bytes == b"tablePackages").unwrap();
    let other = changed(SQLITE, at + 5, b"Q");
    assert_eq!(unreadable(&other), ["the file has no table `Packages`"]);
}

#[test]
fn chains_of_sqlite_end() {
    let body = made::sqlite(&long_header("long", 2000));
    let next = 3 * PAGE_BYTES;
    let cycle = changed(&body, next, &3u32.to_be_bytes());
    let told = "entry 1 of page 2 leads to page 3, which is taken";
    assert_eq!(unreadable(&cycle), [told]);
    let cut = &body[..next];
    let told = "entry 1 of page 2 leads to page 4, which is not there";
    assert_eq!(unreadable(cut), [told]);
    // The number of bytes of the row is the first of its cell.
    let cell = usize::from(Order::Big.u16(&body, PAGE_BYTES + 8).unwrap());
    let claim = changed(&body, PAGE_BYTES + cell, &[0xff, 0xff, 0x7f]);
    assert_eq!(unreadable(&claim).len(), 1);
    let claim = changed(&body, PAGE_BYTES + cell, &[0xa0, 0x80, 0x81, 0x00]);
    let told = problems(&claim, GapKind::Limit);
    assert!(told[0].ends_with("bytes; at most 67108928 are read"), "{told:?}");
}

#[test]
fn broken_tables_of_berkeley_db_are_told_with_their_place() {
    let all = ["docker-ce", "openssl-libs", "python3-six", "bash", "nodejs", "npm"];
    let mut found = names(BDB);
    found.sort();
    let mut sorted = all;
    sorted.sort_unstable();
    assert_eq!(found, sorted);
    let page = |number: usize| number * PAGE_BYTES;
    let cut = &BDB[..page(8)];
    assert_eq!(names(cut).len(), 5);
    let told = unreadable(cut);
    assert_eq!(told[0], "the file holds 8 pages of 9");
    assert!(told[1].ends_with("leads to page 8, which holds no part of a value"), "{told:?}");
    // The chain of page 3 leads back to it.
    let told = unreadable(&changed(BDB, page(3) + 16, &3u32.to_be_bytes()));
    assert!(told[0].ends_with("leads to page 3, which is taken"), "{told:?}");
    let told = unreadable(&changed(BDB, page(1) + 8, &7u32.to_be_bytes()));
    assert_eq!(told, ["page 1 has the number of another page"]);
    let told = unreadable(&changed(BDB, page(1) + 20, &9u16.to_be_bytes()));
    assert_eq!(told, ["page 1 claims 9 keys and values"]);
    let told = unreadable(&changed(BDB, page(1) + 25, &[99]));
    assert_eq!(told, ["page 1 is of kind 99, which a hash table does not have"]);
    let told = unreadable(&changed(BDB, page(1) + 26, &[9, 9]));
    assert_eq!(told[0], "entry 1 of page 1 does not lie in its page");
    let told = unreadable(&changed(BDB, 20, &[0, 0, 0, 1]));
    assert_eq!(told, ["the file claims pages of 1 bytes"]);
    let told = unreadable(&changed(BDB, 25, &[9]));
    assert_eq!(told, ["the file is a BerkeleyDB file and no hash table"]);
    assert_eq!(unreadable(&changed(BDB, 24, &[1])), ["the file is encrypted"]);
    assert_eq!(unreadable(&BDB[..30]), ["the file ends in its first page"]);
    // The long value of the second key says how many bytes it has.
    let item = usize::from(Order::Big.u16(BDB, page(1) + 32).unwrap());
    let at = page(1) + item + if BDB[page(1) + item] == 3 { 8 } else { panic!("no long value") };
    let told = problems(&changed(BDB, at, &u32::MAX.to_be_bytes()), GapKind::Limit);
    assert!(told[0].contains("at most 67108864 are read"), "{told:?}");
}

#[test]
fn broken_slots_of_ndb_are_told_with_their_place() {
    assert_eq!(names(NDB), ["libz1", "nginx"]);
    let slot = |number: usize| (number - 1) * BLOCK_BYTES;
    let blob = usize::try_from(Order::Little.u32(NDB, slot(3) + 8).unwrap()).unwrap() * BLOCK_BYTES;
    let told = unreadable(&changed(NDB, blob + 40, b"\xff"));
    assert_eq!(told, ["slot 3 leads to a header whose checksum is wrong"]);
    let told = unreadable(&changed(NDB, slot(3), b"X"));
    assert_eq!(told, ["slot 3 is no slot"]);
    let told = unreadable(&changed(NDB, slot(4) + 8, b"\xff\xff\xff\xff"));
    assert_eq!(told, ["slot 4 leads beyond the end of the file"]);
    let told = unreadable(&changed(NDB, blob, b"X"));
    assert_eq!(told, ["slot 3 leads to what is no header"]);
    let told = unreadable(&changed(NDB, blob + 4, b"\x09"));
    assert_eq!(told, ["slot 3 leads to the blocks of another header"]);
    assert_eq!(unreadable(&changed(NDB, 4, b"\x01")), ["the file is of NDB version 1"]);
    assert_eq!(unreadable(&NDB[..8]), ["the file ends in its first page"]);
    let cut = &NDB[..4000];
    assert_eq!(unreadable(cut)[0], "the file claims 1 pages of slots and has 4000 bytes");
}

#[test]
fn slots_of_ndb_lead_to_each_block_once() {
    let slot = |number: usize| (number - 1) * BLOCK_BYTES;
    let mut body = NDB.to_vec();
    for number in 4..=255 {
        body.copy_within(slot(3)..slot(4), slot(number));
    }
    let told = problems(&body, GapKind::Limit);
    assert_eq!(told.len(), 1);
    assert!(told[0].ends_with("leads to blocks that other slots lead to; the rest is not read"));
}

#[test]
fn broken_lines_of_a_manifest_are_told() {
    let good = "a\t1-1\t0\t0\tx\t(none)\t1\tnoarch\t2\ta-1-1.src.rpm";
    let long = "x".repeat(MAX_TEXT_BYTES + 1);
    let body =
        format!("{good}\n\nb\n{}\n{}\n", good.replace("\t2\t", "\ttwo\t"), good.replace("1-1", ""));
    assert_eq!(names(body.as_bytes()), ["a"]);
    let told =
        ["line 3 has not 10 columns", "line 4 has the epoch `two`", "line 5 has no version of `a`"];
    assert_eq!(unreadable(body.as_bytes()), told);
    let told = problems(format!("{good}\n{long}").as_bytes(), GapKind::Limit);
    assert_eq!(told, ["line 2 has more than 65536 bytes"]);
}

/// Base names with the numbers of their folders, and folders.
fn listing(folders: &[&str], files: &[(u32, &str)]) -> Vec<u8> {
    let numbers: Vec<u32> = files.iter().map(|file| file.0).collect();
    let names: Vec<&str> = files.iter().map(|file| file.1).collect();
    header(&[
        (1116, Value::Numbers(&numbers)),
        (1117, Value::Texts(&names)),
        (1118, Value::Texts(folders)),
    ])
}

fn hashes(blob: &[u8], mut bytes_left: usize) -> Result<(Vec<u64>, files::Whole), HeaderError> {
    let mut found = Vec::new();
    let mut add = |hash| found.push(hash);
    let mut path = crate::owned::OwnedPath::default();
    let whole = files::hash_files(&Header::new(blob)?, &mut path, &mut bytes_left, &mut add)?;
    Ok((found, whole))
}

#[test]
fn the_files_of_a_header_are_folder_and_name() {
    let long = "x".repeat(files::MAX_PART_BYTES + 1);
    let blob = listing(
        &["/usr/lib/", "/", &long],
        &[(0, "a"), (1, "b"), (0, "c"), (9, "d"), (2, "e"), (0, &long), (0, &long[1..])],
    );
    let (found, whole) = hashes(&blob, usize::MAX).unwrap();
    let paths = ["usr/lib/a", "b", "usr/lib/c"].map(|path| crate::owned::hash(path.as_bytes()));
    assert_eq!((&found[..3], found.len(), whole), (&paths[..], 4, files::Whole::Yes));
    // Ten bytes for the first file, two for the next.
    let (found, whole) = hashes(&blob, 12).unwrap();
    assert_eq!((found.len(), whole), (2, files::Whole::No));
    assert_eq!(hashes(&header(&[]), 0).unwrap(), (vec![], files::Whole::Yes));
    let (numbers, names) = (Value::Numbers(&[0, 0]), Value::Texts(&["a"]));
    let blob = header(&[(1116, numbers), (1117, names), (1118, names)]);
    assert_eq!(hashes(&blob, 99).unwrap_err(), HeaderError::Broken(1116));
    let blob = header(&[(1117, numbers)]);
    assert_eq!(hashes(&blob, 99).unwrap_err(), HeaderError::Broken(1117));
}

#[test]
fn a_log_counts_as_far_as_it_is_sound() {
    let log: &[u8] = include_bytes!(
        "../../tests/fixtures/rpm/log/layers/2/usr/lib/sysimage/rpm/rpmdb.sqlite-wal"
    );
    let database =
        include_bytes!("../../tests/fixtures/rpm/log/layers/0/usr/lib/sysimage/rpm/rpmdb.sqlite");
    let with = |log: &[u8]| log::applied(database, log).map(|body| names(&body));
    assert_eq!(names(database), ["bash", "python3-six"]);
    let whole = ["bash", "openssl-libs", "docker-ce"].map(str::to_owned).to_vec();
    assert_eq!(with(log), Some(whole));
    // A page of the last change is not as it was written: the changes before it count.
    let frame = 24 + PAGE_BYTES;
    let frames = (log.len() - 32) / frame;
    let last = 32 + (frames - 1) * frame;
    let lost = with(&changed(log, last + 100, b"\xaa\xaa")).unwrap();
    assert_eq!(lost, ["bash", "openssl-libs"]);
    assert_eq!(with(&log[..last]), Some(lost));
    // Another salt, as frames of an older log have.
    assert_eq!(with(&changed(log, 32 + 8, b"\xaa")), None);
    for at in [0, 5, 10, 16, 24] {
        assert_eq!(with(&changed(log, at, &[log[at] ^ 0xff])), None, "{at}");
    }
    assert_eq!((with(b""), with(&log[..20]), with(&log[..32])), (None, None, None));
    assert_eq!(log::applied(b"", log), None);
    assert_eq!(log::applied(&changed(database, 16, &[4, 0]), log), None);
}

proptest! {
    #[test]
    fn any_change_of_a_database_is_read(
        which in 0..3usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut body = [SQLITE, NDB, BDB][which].to_vec();
        for (at, byte) in changes {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if cut.index(4) == 0 {
            body.truncate(cut.index(body.len()));
        }
        let (packages, problems) = parse_rpm(&body);
        prop_assert!(packages.iter().all(|package| !package.version.is_empty()));
        prop_assert!(problems.len() <= database::MAX_PROBLEMS + 1);
    }
}
