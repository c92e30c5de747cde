//! Archives made by the `tar` crate and by hand, through the walk and as a stream.

use std::io::Write;
use std::sync::Mutex;

use plimsoll_model::FileYield;
use plimsoll_model::want::{Want, WantSet};

use super::*;
use crate::inflate::{Hashing, stream};

/// Row 0 keeps whole files, row 1 takes the length of others, row 2 panics, row 3 wants programs.
struct Stub {
    wants: WantSet,
    limit: u64,
}

impl Stub {
    fn new() -> Self {
        let rows: &[&[Want]] = &[
            &[Want::Name("keep")],
            &[Want::Suffix(".jar")],
            &[Want::Name("panic")],
            &[Want::Program],
        ];
        Self { wants: WantSet::new(rows), limit: 20 << 20 }
    }
}

impl Readers for Stub {
    fn wants(&self) -> &WantSet {
        &self.wants
    }

    fn tree_rows(&self) -> u128 {
        1
    }

    fn max_body_bytes(&self, _rows: u128) -> u64 {
        self.limit
    }

    fn fingerprint(&self) -> u64 {
        1
    }

    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)> {
        assert!(rows & 4 == 0, "a test of panics");
        let name = format!("{path} {} {}", body.len(), xxhash_rust::xxh3::xxh3_64(body));
        let package = plimsoll_model::Package { name, ..Default::default() };
        vec![(1, FileYield { packages: vec![package], ..FileYield::default() })]
    }
}

fn sift_with(archive: &[u8], stub: &Stub, max_entries: usize) -> LayerListing {
    let budget = Budget::new(1 << 20);
    let heard = Mutex::new(Vec::new());
    let kept = |path: &str, body: &Arc<[u8]>| {
        heard.lock().unwrap().push((path.to_owned(), body.len()));
    };
    let sieve = Sieve { readers: stub, budget: &budget, kept: &kept, grown: &|_| (), max_entries };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&[&[7; 100], archive, &[9; 5000]].concat()).unwrap();
    let walked = sift(&mut Walk::new(&file, 100, archive.len() as u64, &|_| ()), &sieve).unwrap();
    let mut source = archive;
    let streamed = stream(&mut source, Hashing::All, |feed| sift(feed, &sieve)).unwrap();
    assert_eq!(streamed.1.unwrap().diff_id, crate::digest::sha256(archive));
    assert_eq!(walked, streamed.0, "both ways yield the same");
    let heard = heard.into_inner().unwrap();
    assert_eq!(heard[..heard.len() / 2], heard[heard.len() / 2..]);
    walked
}

fn sifted(archive: &[u8]) -> LayerListing {
    sift_with(archive, &Stub::new(), MAX_ENTRIES)
}

fn paths(listing: &LayerListing) -> Vec<String> {
    let mut paths = Vec::new();
    listing.for_each(|entry| paths.push(format!("{:?} {}", entry.kind, entry.path)));
    paths
}

fn body<'a>(listing: &'a LayerListing, path: &str) -> Option<&'a [u8]> {
    let mut found = None;
    listing.for_each(|entry| {
        if entry.path == path {
            found = entry.content;
        }
    });
    listing.content(found?)?.body.as_deref()
}

fn details(listing: &LayerListing) -> Vec<(&str, Option<GapKind>)> {
    listing.problems.iter().map(|problem| (problem.detail.as_str(), problem.gap)).collect()
}

/// A ustar header with a right sum, and the body padded.
fn member(name: &[u8], kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = head(name, kind, body.len() as u64, b"");
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn head(name: &[u8], kind: u8, size: u64, link: &[u8]) -> Vec<u8> {
    let mut block = vec![0u8; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    block[124..136].copy_from_slice(&size_field(size));
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut block);
    block
}

fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Octal where it fits, else base 256.
fn size_field(size: u64) -> [u8; 12] {
    let mut field = [0; 12];
    if size < 8 << 30 {
        field.copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        field[0] = 0x80;
        field[4..].copy_from_slice(&size.to_be_bytes());
    }
    field
}

/// The body of a pax header: `LENGTH KEY=VALUE` and a line feed for each.
fn pax(kind: u8, records: &[(&str, &str)]) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut text = String::new();
    for (key, value) in records {
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length.to_string().len() + rest != length {
            length += 1;
        }
        let _ = writeln!(text, "{length} {key}={value}");
    }
    member(b"PaxHeaders/x", kind, text.as_bytes())
}

const END: [u8; 1024] = [0; 1024];

#[test]
fn entries_of_all_kinds_are_listed_in_their_order() {
    let archive = [
        head(b"./", b'5', 0, b""),
        head(b"./usr/", b'5', 0, b""),
        head(b"old/", 0, 0, b""),
        member(b"/usr/x", b'0', b"body"),
        head(b"usr/link", b'2', 0, b"../etc/x"),
        head(b"usr/hard", b'1', 99, b"/usr/x"),
        head(b"dev/null", b'3', 7, b""),
        member(b"usr/contiguous", b'7', b"1"),
        member(b"usr/what", b'Z', b"a body that is passed over"),
        member(b"etc/.wh.gone", b'0', b""),
        member(b".wh.top", b'0', b""),
        member(b"etc/.wh..wh..opq", b'0', b""),
        member(b".wh..wh.plnk/1.2", b'0', b"aufs"),
        member(b"usr/x", b'0', b"again"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(
        paths(&listing),
        [
            "Directory usr",
            "Directory old",
            "File usr/x",
            "Symlink(\"../etc/x\") usr/link",
            "Hardlink(\"usr/x\") usr/hard",
            "Other dev/null",
            "File usr/contiguous",
            "Other usr/what",
            "Whiteout etc/gone",
            "Whiteout top",
            "Opaque etc",
            "File usr/x",
        ]
    );
    assert_eq!(details(&listing), [("its type `Z` is not known", None)]);
}

#[test]
fn wanted_bodies_reach_the_readers_and_others_do_not() {
    let big = vec![b'j'; 9 << 20];
    let archive = [
        member(b"a/keep", b'0', b"kept whole"),
        member(b"a/x.jar", b'0', b"12345"),
        member(b"a/big.JAR", b'0', &big),
        member(b"a/other", b'0', &big),
        member(b"b/keep", b'0', b"last"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(body(&listing, "a/keep"), Some(&b"kept whole"[..]));
    assert_eq!(body(&listing, "b/keep"), Some(&b"last"[..]));
    let yields: Vec<String> = listing
        .contents()
        .iter()
        .flat_map(|content| content.yields.iter().map(|(_, taken)| taken.packages[0].name.clone()))
        .collect();
    let sum = xxhash_rust::xxh3::xxh3_64;
    let expected =
        [format!("a/x.jar 5 {}", sum(b"12345")), format!("a/big.JAR {} {}", big.len(), sum(&big))];
    assert_eq!(yields, expected);
    assert!(listing.problems.is_empty());
}

#[test]
fn programs_are_told_by_their_first_bytes_and_reach_the_readers_whole() {
    let program = |length: usize| [&b"\x7fELF\x02\x01\x01\0"[..], &vec![b'p'; length]].concat();
    let (large, exact) = (program(9 << 20), program(504));
    let in_body =
        [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "600")];
    let in_head = [("GNU.sparse.size", "2000"), ("GNU.sparse.map", "0,8,1000,3")];
    let archive = [
        member(b"a/script", b'0', b"#!/bin/sh\nexit 1"),
        member(b"a/large", b'0', &large),
        member(b"a/exact", b'0', &exact),
        member(b"a/keep", b'0', &exact),
        member(b"a/short", b'0', b"\x7fELF"),
        [pax(b'x', &in_head), member(b"a/sparse", b'0', b"\x7fELF\x02\x01\x01\0end")].concat(),
        [pax(b'x', &in_body), member(b"a/unsure", b'0', &exact)].concat(),
        member(b"b/keep", b'0', b"last"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    let sum = xxhash_rust::xxh3::xxh3_64;
    let sparse = [&b"\x7fELF\x02\x01\x01\0"[..], &[0; 992], b"end", &[0; 997]].concat();
    let files = [("large", &large), ("exact", &exact), ("keep", &exact), ("sparse", &sparse)];
    let expected: Vec<String> =
        files.iter().map(|(name, body)| format!("a/{name} {} {}", body.len(), sum(body))).collect();
    let yields = listing.contents().iter().flat_map(|content| &content.yields);
    let yields: Vec<&str> = yields.map(|(_, taken)| taken.packages[0].name.as_str()).collect();
    assert_eq!(yields, expected);
    assert_eq!(body(&listing, "a/keep"), Some(&exact[..]));
    assert_eq!(body(&listing, "b/keep"), Some(&b"last"[..]));
    assert_eq!(details(&listing), []);
    let cut = [member(b"a", b'0', b"#!/bin/sh"), head(b"b", b'0', 5000, b""), b"\x7fELF".to_vec()];
    let listing = sifted(&cut.concat());
    assert_eq!(listing.problems.len(), 1, "{:?}", listing.problems);
    assert_eq!(listing.problems[0].detail, "the archive is cut off here");
}

#[test]
fn long_names_of_gnu_and_pax_count() {
    let long = "d/".repeat(150) + "keep";
    let gnu = [long.as_bytes(), b"\0"].concat();
    let archive = [
        member(b"././@LongLink", b'L', &gnu),
        member(b"cut", b'0', b"gnu"),
        pax(b'x', &[("path", "caf\u{e9}/keep"), ("mtime", "1.5")]),
        member(b"cut", b'0', b"pax"),
        member(b"././@LongLink", b'K', &gnu),
        head(b"link", b'2', 0, b"cut"),
        pax(b'x', &[("linkpath", "\u{e9}")]),
        head(b"link2", b'2', 0, b"cut"),
        pax(b'x', &[("size", "5")]),
        head(b"sized/keep", b'0', 0, b""),
        [&b"12345"[..], &[0; 507]].concat(),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(body(&listing, &long), Some(&b"gnu"[..]));
    assert_eq!(body(&listing, "caf\u{e9}/keep"), Some(&b"pax"[..]));
    assert_eq!(body(&listing, "sized/keep"), Some(&b"12345"[..]));
    let links = paths(&listing);
    assert!(links.contains(&format!("Symlink({long:?}) link")), "{links:?}");
    assert!(links.contains(&"Symlink(\"\u{e9}\") link2".to_owned()), "{links:?}");
    assert!(listing.problems.is_empty());
}

#[test]
fn global_headers_change_nothing_and_are_told_if_they_would() {
    let archive = [
        pax(b'g', &[("comment", "made by")]),
        member(b"a/keep", b'0', b"1"),
        pax(b'g', &[("path", "b/keep")]),
        member(b"c/keep", b'0', b"2"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(paths(&listing), ["File a/keep", "File c/keep"]);
    assert_eq!(listing.problems.len(), 1);
    assert!(listing.problems[0].detail.contains("global"));
}

#[test]
fn sparse_files_of_all_formats_are_filled_with_zeros() {
    let expected = [&[0u8; 1000][..], b"hello", &[0; 995], b"end"].concat();
    let mut old = head(b"old/keep", b'S', 8, b"");
    old[257..265].copy_from_slice(b"ustar  \0");
    let piece = |offset: u64, length: u64| [size_field(offset), size_field(length)].concat();
    old[386..410].copy_from_slice(&piece(1000, 5));
    old[482] = 1;
    old[483..495].copy_from_slice(&size_field(expected.len() as u64));
    seal(&mut old);
    let mut more = vec![0; 512];
    more[..24].copy_from_slice(&piece(2000, 3));
    let data = [&b"helloend"[..], &[0; 504]].concat();
    let map = format!("{:\0<512}", "2\n1000\n5\n2000\n3\n");
    let size = expected.len().to_string();
    let archive = [
        [old, more, data].concat(),
        pax(
            b'x',
            &[
                ("GNU.sparse.size", &size),
                ("GNU.sparse.numblocks", "2"),
                ("GNU.sparse.offset", "1000"),
                ("GNU.sparse.numbytes", "5"),
                ("GNU.sparse.offset", "2000"),
                ("GNU.sparse.numbytes", "3"),
            ],
        ),
        member(b"zero/keep", b'0', b"helloend"),
        pax(
            b'x',
            &[
                ("GNU.sparse.size", &size),
                ("GNU.sparse.map", "1000,5,2000,3"),
                ("GNU.sparse.name", "one/keep"),
            ],
        ),
        member(b"GNUSparseFile.0/keep", b'0', b"helloend"),
        pax(
            b'x',
            &[
                ("GNU.sparse.major", "1"),
                ("GNU.sparse.minor", "0"),
                ("GNU.sparse.name", "ten/keep"),
                ("GNU.sparse.realsize", &size),
            ],
        ),
        member(b"GNUSparseFile.0/keep", b'0', &[map.as_bytes(), b"helloend"].concat()),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(details(&listing), []);
    for path in ["old/keep", "zero/keep", "one/keep", "ten/keep"] {
        assert_eq!(body(&listing, path), Some(&expected[..]), "{path}");
    }
}

#[test]
fn a_sparse_file_of_a_terabyte_is_not_read() {
    let keys = [("GNU.sparse.size", "1099511627776"), ("GNU.sparse.map", "0,3,1099511627773,3")];
    let archive = [pax(b'x', &keys), member(b"huge/keep", b'0', b"abcdef"), END.to_vec()].concat();
    let listing = sifted(&archive);
    assert_eq!(paths(&listing), ["File huge/keep"]);
    assert_eq!(body(&listing, "huge/keep"), None);
    assert_eq!(listing.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn a_sparse_map_that_does_not_fit_is_a_problem_of_its_file_alone() {
    let mut archives = Vec::new();
    for map in ["0,3,2,3", "8,8", "0,7", "18446744073709551615,1", "0,99999999999"] {
        archives.push(pax(b'x', &[("GNU.sparse.size", "10"), ("GNU.sparse.map", map)]));
        archives.push(member(b"bad/keep", b'0', b"abcdef"));
    }
    archives.push(pax(b'x', &[("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "10")]));
    archives.push(member(b"bad/keep", b'0', &[b'9'; 600]));
    archives.push(member(b"good/keep", b'0', b"good"));
    archives.push(END.to_vec());
    let listing = sifted(&archives.concat());
    assert_eq!(listing.problems.len(), 6, "{:?}", listing.problems);
    assert!(listing.problems.iter().all(|odd| odd.gap == Some(GapKind::Unreadable)));
    assert_eq!(body(&listing, "good/keep"), Some(&b"good"[..]));
}

#[test]
fn names_that_leave_the_root_are_problems_and_not_entries() {
    let archive = [
        member(b"../../etc/keep", b'0', b"evil"),
        head(b"up", b'1', 0, b"../x"),
        head(b"a/.wh.", b'0', 0, b""),
        head(b"a/.wh...", b'0', 0, b""),
        member(b"a\x1b[2J/keep", b'0', b"escape"),
        member(b"n\xe9/keep", b'0', b"latin"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(paths(&listing), ["File a\u{1b}[2J/keep", "File n\\xe9/keep"]);
    assert_eq!(listing.problems.len(), 4, "{:?}", listing.problems);
    assert!(listing.problems.iter().all(|odd| odd.gap == Some(GapKind::Unreadable)));
}

#[test]
fn an_end_that_is_not_clean_is_told_or_forgiven() {
    let whole = [member(b"a/keep", b'0', b"body"), member(b"b", b'0', &[1; 600])].concat();
    for (archive, problems) in [
        (whole.clone(), 0),
        ([&whole[..], &[0; 512]].concat(), 0),
        ([&whole[..], &END, b"garbage"].concat(), 0),
        (whole[..whole.len() - 400].to_vec(), 0),
        ([&whole[..], &[0; 512], &whole].concat(), 1),
        (whole[..1600].to_vec(), 1),
        (whole[..1100].to_vec(), 1),
        ([&whole[..], &[7; 512], &whole].concat(), 1),
        ([&whole[..], b"short"].concat(), 1),
        (Vec::new(), 0),
    ] {
        let listing = sifted(&archive);
        assert_eq!(listing.problems.len(), problems, "{:?}", listing.problems);
        assert!(listing.problems.iter().all(|odd| odd.gap == Some(GapKind::Unreadable)));
        assert_eq!(body(&listing, "a/keep").is_some(), !archive.is_empty());
    }
}

#[test]
fn a_wanted_body_that_is_cut_off_is_a_problem() {
    let archive = member(b"a/keep", b'0', &[1; 2000]);
    let listing = sifted(&archive[..1500]);
    assert_eq!(body(&listing, "a/keep"), None);
    assert_eq!(listing.problems[0].gap, Some(GapKind::Unreadable));
}

#[test]
fn extended_headers_beyond_their_limit_spoil_the_entry_and_not_the_rest() {
    let archive = [
        member(b"x", b'x', &vec![b'a'; entries::MAX_PAX_BYTES as usize + 1]),
        member(b"one/keep", b'0', b"1"),
        member(b"x", b'L', &vec![b'a'; entries::MAX_LONG_NAME_BYTES as usize + 1]),
        member(b"two/keep", b'0', b"2"),
        member(b"x", b'L', &vec![b'a'; entries::MAX_LONG_NAME_BYTES as usize]),
        member(b"three/keep", b'0', b"3"),
        member(b"x", b'x', b"no record"),
        member(b"four/keep", b'0', b"4"),
        member(b"five/keep", b'0', b"5"),
        END.to_vec(),
    ]
    .concat();
    let listing = sifted(&archive);
    assert_eq!(paths(&listing), ["File five/keep"]);
    let gaps: Vec<_> = listing.problems.iter().map(|odd| odd.gap).collect();
    let limit = Some(GapKind::Limit);
    assert_eq!(gaps, [limit, limit, limit, Some(GapKind::Unreadable)]);
}

#[test]
fn a_file_above_the_readers_limit_is_a_gap_and_not_asked_for_again() {
    let mut stub = Stub::new();
    stub.limit = 4;
    let archive =
        [member(b"a/keep", b'0', b"1234"), member(b"b/keep", b'0', b"12345"), END.to_vec()];
    let listing = sift_with(&archive.concat(), &stub, MAX_ENTRIES);
    assert_eq!(body(&listing, "a/keep"), Some(&b"1234"[..]));
    assert_eq!(body(&listing, "b/keep"), None);
    let content = listing.contents().last();
    assert_eq!(content.map(|content| content.rows), Some(1));
    assert_eq!(listing.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn beyond_the_most_entries_only_what_matters_is_listed() {
    let mut archive = Vec::new();
    for index in 0..20 {
        archive.extend(member(format!("plain{index}").as_bytes(), b'0', b""));
    }
    archive.extend(member(b"a/keep", b'0', b"kept"));
    archive.extend(member(b".wh.gone", b'0', b""));
    let listing = sift_with(&archive, &Stub::new(), 10);
    assert_eq!(listing.len(), 12);
    assert_eq!(body(&listing, "a/keep"), Some(&b"kept"[..]));
    assert_eq!(listing.problems.len(), 1);
    assert_eq!(listing.problems[0].gap, Some(GapKind::Limit));
    for index in 0..20 {
        archive.extend(member(format!("{index}/keep").as_bytes(), b'0', b""));
    }
    assert_eq!(sift_with(&archive, &Stub::new(), 10).len(), 20);
}

#[test]
fn many_problems_are_counted_and_not_listed() {
    let archive = member(b"../x", b'0', b"").repeat(MAX_PROBLEMS + 50);
    let listing = sifted(&archive);
    assert_eq!(listing.problems.len(), MAX_PROBLEMS + 1);
    let last = &listing.problems[MAX_PROBLEMS];
    assert!(last.detail.starts_with("50 more"), "{}", last.detail);
    assert_eq!(last.gap, Some(GapKind::Unreadable));
}

#[test]
fn a_cataloguer_that_panics_is_a_problem_of_the_file() {
    let archive = [member(b"a/panic", b'0', b"x"), member(b"b/keep", b'0', b"y")].concat();
    let listing = sifted(&archive);
    assert_eq!(body(&listing, "b/keep"), Some(&b"y"[..]));
    assert_eq!(listing.problems.len(), 1);
}

#[test]
fn looking_again_reads_the_last_of_its_name_for_the_rows_that_miss_it() {
    let archive = [
        member(b"./opt/data", b'0', b"first"),
        member(b"opt/data", b'0', b"second"),
        member(b"opt/other", b'0', b"third"),
    ]
    .concat();
    let stub = Stub::new();
    let budget = Budget::new(1);
    let sieve = Sieve {
        readers: &stub,
        budget: &budget,
        kept: &|_, _| (),
        grown: &|_| (),
        max_entries: 10,
    };
    let missing = |path: &str| Missing {
        layer: 0,
        path: path.to_owned(),
        wanted_as: "opt/x.jar".to_owned(),
        rows: 3,
    };
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&archive).unwrap();
    let mut walk = Walk::new(&file, 0, archive.len() as u64, &|_| ());
    let (found, problems) =
        look(&mut walk, &[missing("opt/data"), missing("opt/none")], &sieve).unwrap();
    assert!(problems.is_empty());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1.body.as_deref(), Some(&b"second"[..]));
    assert!(found[0].1.yields[0].1.packages[0].name.starts_with("opt/x.jar 6 "));
}

#[test]
fn what_the_tar_crate_writes_is_read() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(4);
    header.set_mode(0o755);
    let long = "long/".repeat(60) + "keep";
    builder.append_data(&mut header, &long, &b"body"[..]).unwrap();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Symlink);
    builder.append_link(&mut header, "link", "t/".repeat(100)).unwrap();
    let listing = sifted(&builder.into_inner().unwrap());
    assert_eq!(body(&listing, &long), Some(&b"body"[..]));
    let mut executable = Vec::new();
    listing.for_each(|entry| executable.push(entry.executable));
    assert!(executable[0]);
    assert!(listing.problems.is_empty());
}

#[test]
fn no_bytes_make_it_panic_or_read_for_ever() {
    let sound = [
        pax(b'x', &[("GNU.sparse.size", "10"), ("GNU.sparse.map", "0,3")]),
        member(b"a/keep", b'0', b"abc"),
        member(b"././@LongLink", b'L', b"b/keep\0"),
        member(b"b", b'0', b"def"),
        head(b"c", b'1', 0, b"a/keep"),
        END.to_vec(),
    ]
    .concat();
    let stub = Stub::new();
    let budget = Budget::new(1 << 20);
    let sieve = Sieve {
        readers: &stub,
        budget: &budget,
        kept: &|_, _| (),
        grown: &|_| (),
        max_entries: 100,
    };
    let mut random = 1u64;
    for round in 0..4000 {
        let mut broken = sound.clone();
        for _ in 0..=round % 4 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (random >> 33) as usize % broken.len();
            broken[at] = (random >> 20) as u8;
            // Broken sums would end most rounds at once.
            let block = at / 512 * 512;
            if round % 2 == 0 && broken[block + 257] == b'u' {
                seal(&mut broken[block..block + 512]);
            }
        }
        broken.truncate(broken.len() - (random >> 50) as usize % 700);
        let mut source = &broken[..];
        stream(&mut source, Hashing::Off, |feed| sift(feed, &sieve)).unwrap();
    }
}

#[test]
fn wanted_files_have_a_limit() {
    let (stub, budget) = (Stub::new(), Budget::new(1 << 20));
    let sieve = Sieve {
        readers: &stub,
        budget: &budget,
        kept: &|_, _| (),
        grown: &|_| (),
        max_entries: MAX_ENTRIES,
    };
    let mut sifting = Sifting::new(&sieve);
    let kind = EntryKind::File;
    for _ in 0..MAX_WANTED + 2 {
        let listed = Listed { path: "a/keep", kind, executable: false, content: None };
        sifting.add_found(listed, None);
    }
    let listing = sifting.finish();
    assert_eq!((listing.len(), listing.contents().len()), (MAX_WANTED + 2, MAX_WANTED));
    assert_eq!(listing.problems.len(), 1);
    assert_eq!(listing.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn the_paths_of_packages_of_a_layer_have_a_limit() {
    let (stub, budget) = (Stub::new(), Budget::new(1));
    let (kept, grown) = (|_: &str, _: &Arc<[u8]>| (), |_| ());
    let sieve =
        Sieve { readers: &stub, budget: &budget, kept: &kept, grown: &grown, max_entries: 1 };
    let mut sifting = Sifting::new(&sieve);
    sifting.kept_bytes = MAX_KEPT_BYTES - 16;
    let mut yields =
        [7, 9].map(|number| (0, FileYield { owned: vec![number; 2], ..FileYield::default() }));
    sifting.bound_owned("a.list", &mut yields);
    assert_eq!(yields.map(|(_, taken)| taken.owned), [vec![7, 7], vec![]]);
    assert_eq!(sifting.finish().problems.len(), 1);
}
