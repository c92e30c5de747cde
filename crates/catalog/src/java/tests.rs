//! Tests of `java`.

use proptest::prelude::*;
use rawzip::ZipArchiveWriter;

use plimsoll_model::{GapKind, Package};

use super::walk::{MANY_ENTRIES, MAX_JAR_DEPTH, MAX_JAR_PACKAGES, MAX_MANIFEST_BYTES};
use super::*;

/// Packs members; `deflate` for those that are to be compressed.
fn pack(members: &[(&str, &[u8])], deflate: bool) -> Vec<u8> {
    use std::io::Write as _;
    let mut writer = ZipArchiveWriter::new(Vec::new());
    for (name, body) in members {
        let method = if deflate {
            rawzip::CompressionMethod::DEFLATE
        } else {
            rawzip::CompressionMethod::STORE
        };
        let (mut entry, config) =
            writer.new_file(*name).compression_method(method).start().unwrap();
        if deflate {
            let level = flate2::Compression::fast();
            let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, level));
            data.write_all(body).unwrap();
            let (encoder, output) = data.finish().unwrap();
            encoder.finish().unwrap();
            entry.finish(output).unwrap();
        } else {
            let mut data = config.wrap(&mut entry);
            data.write_all(body).unwrap();
            let (_, output) = data.finish().unwrap();
            entry.finish(output).unwrap();
        }
    }
    writer.finish().unwrap()
}

fn log4j() -> Vec<u8> {
    let path = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties";
    let pom = b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n";
    pack(&[(path, pom), ("a/B.class", b"\xca\xfe")], true)
}

fn shown(found: &FileYield) -> Vec<String> {
    let show = |p: &Package| format!("{} {} {}", p.name, p.version, p.evidence[0].path);
    found.packages.iter().map(show).collect()
}

#[test]
fn nested_archives_are_read_compressed_or_not() {
    for deflate in [true, false] {
        let war = pack(&[("WEB-INF/lib/log4j-core-2.14.1.jar", &log4j())], deflate);
        let ear = pack(&[("site.war", &war)], deflate);
        let found = read_jar("all.ear", &ear);
        assert!(found.problems.is_empty(), "{:?}", found.problems);
        assert_eq!(
            shown(&found),
            [
                "org.apache.logging.log4j:log4j-core 2.14.1 site.war > WEB-INF/lib/log4j-core-2.14.1.jar"
            ]
        );
    }
}

#[test]
fn a_script_in_front_does_no_harm() {
    let mut body = b"#!/bin/sh\nexec java -jar $0\n".to_vec();
    body.extend_from_slice(&log4j());
    let found = read_jar("log4j-core-2.14.1.jar", &body);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    assert_eq!(shown(&found), ["org.apache.logging.log4j:log4j-core 2.14.1 "]);
}

#[test]
fn broken_archives_are_told() {
    let body = log4j();
    let found = read_jar("log4j-core-2.14.1.jar", &body[..body.len() / 2]);
    assert!(found.packages.is_empty());
    assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
    assert_eq!(read_jar("a.jar", b"").problems[0].gap, Some(GapKind::Unreadable));
    assert_eq!(read_jar("a.jar", b"hello").problems.len(), 1);
    assert!(read_jar("a.nar", b"hello").problems.is_empty());
    let outer = pack(&[("lib/bad.jar", &body[..body.len() / 2])], false);
    let found = read_jar("outer.jar", &outer);
    assert_eq!(found.problems[0].path, "lib/bad.jar");
}

#[test]
fn a_damaged_member_is_told() {
    let mut body = log4j();
    // The first compressed byte stands behind the local header: 30 bytes and the name.
    let start = 30 + "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties".len();
    body[start + 5] ^= 0xff;
    let found = read_jar("x.jar", &body);
    assert!(found.packages.is_empty(), "{:?}", shown(&found));
    let gaps: Vec<_> = found.problems.iter().map(|problem| problem.gap).collect();
    assert!(gaps.contains(&Some(GapKind::Unreadable)), "{:?}", found.problems);
}

#[test]
fn what_nothing_identifies_is_an_artifact_and_sources_are_nothing() {
    let body = pack(&[("a/B.class", b"\xca\xfe")], true);
    let found = read_jar("app.jar", &body);
    assert!(found.packages.is_empty() && found.problems.is_empty());
    assert_eq!(found.artifacts.len(), 1);
    assert!(found.artifacts[0].digest.starts_with("sha1:"), "{:?}", found.artifacts);
    assert_eq!(read_jar("log4j-core-2.14.1-sources.jar", &log4j()), FileYield::default());
}

#[test]
fn the_depth_has_a_limit() {
    let mut body = log4j();
    for _ in 0..MAX_JAR_DEPTH {
        body = pack(&[("inner-1.0.jar", &body)], true);
    }
    let found = read_jar("outer-1.0.jar", &body);
    assert_eq!(found.packages.len(), MAX_JAR_DEPTH);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn inflated_bytes_entries_and_archives_have_limits() {
    let body = pack(&[("lib/a-1.0.jar", &log4j()), ("lib/b-1.0.jar", &log4j())], true);
    let run = |entries, jars, inflated_bytes, held_bytes| {
        let left = Limits { entries, inflated_bytes, held_bytes };
        let mut walk = Walk { jars, ..Walk::new(left) };
        walk.archive(&Place { path: String::new(), file_name: "all.ear", depth: 1 }, &body);
        let limits = walk.found.problems.iter().filter(|p| p.gap == Some(GapKind::Limit)).count();
        assert!(walk.left.held_bytes == held_bytes, "what is held is given back");
        (walk.found.packages.len(), limits)
    };
    let enough = 1 << 20;
    assert_eq!(run(100, 100, enough, enough), (4, 0));
    assert_eq!(run(1, 100, enough, enough).1, 1);
    assert_eq!(run(100, 1, enough, enough), (2, 1));
    assert_eq!(run(100, 100, 100, enough), (0, 1));
    // Both fit one after the other, but not one of them into what may be held.
    let one = log4j().len() as u64;
    assert_eq!(run(100, 100, enough, one), (4, 0));
    assert_eq!(run(100, 100, enough, one - 1), (0, 2));
}

#[test]
fn a_broken_member_costs_what_it_inflated_to() {
    let big = vec![b'x'; 10_000];
    let mut body = pack(&[("lib/a-1.0.jar", &big)], true);
    let directory = body.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    body[directory + 16] ^= 1; // of the checksum
    let mut walk =
        Walk::new(Limits { entries: 10, inflated_bytes: 1 << 20, held_bytes: 1 << 20 });
    walk.archive(&Place { path: String::new(), file_name: "all.ear", depth: 1 }, &body);
    assert_eq!(walk.found.problems[0].gap, Some(GapKind::Unreadable));
    assert_eq!(walk.left.inflated_bytes, (1 << 20) - 10_000);
}

#[test]
fn the_number_of_bundled_libraries_has_a_limit() {
    let names: Vec<String> = (0..=archive::MAX_POMS)
        .map(|number| format!("META-INF/maven/g/a{number}/pom.properties"))
        .collect();
    let members: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), &b"version=1"[..])).collect();
    let found = read_jar("all.jar", &pack(&members, false));
    assert_eq!(found.packages.len(), archive::MAX_POMS);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn the_directory_is_looked_for_near_the_end() {
    let mut body = log4j();
    body.resize(body.len() + crate::zip::MAX_SEARCH_BYTES as usize - 100, 0);
    assert_eq!(read_jar("log4j-core-2.14.1.jar", &body).packages.len(), 1);
    body.resize(body.len() + 200, 0);
    assert_eq!(read_jar("log4j-core-2.14.1.jar", &body).problems[0].gap, Some(GapKind::Unreadable));
}

#[test]
fn a_big_manifest_is_cut_off() {
    let big = vec![b'x'; MAX_MANIFEST_BYTES as usize + 1];
    let body = pack(&[("META-INF/MANIFEST.MF", &big)], true);
    let found = read_jar("a-1.0.jar", &body);
    assert_eq!(shown(&found), ["a 1.0 "]);
    assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = read_jar("a-1.jar", &body);
    }

    #[test]
    fn any_damage_is_borne(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut body = pack(&[("lib/a-1.0.jar", &log4j()), ("META-INF/MANIFEST.MF", b"A: b\n")], true);
        let at = at.index(body.len());
        body[at] = value;
        let _ = read_jar("a-1.jar", &body);
    }
}
