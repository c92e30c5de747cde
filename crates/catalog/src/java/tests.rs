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
        let mut walk = Walk::new(left);
        walk.jars = jars;
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
    let mut walk = Walk::new(Limits { entries: 10, inflated_bytes: 1 << 20, held_bytes: 1 << 20 });
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

const JNDI: &str = "org/apache/logging/log4j/core/lookup/JndiLookup.class";
const LOGGER: &str = "org/apache/logging/log4j/core/LoggerContext.class";
const LOOKUPS: &str = "org/apache/logging/log4j/core/lookup/Interpolator.class";
const POM: &str = "META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties";
const POM_TEXT: &[u8] =
    b"groupId=org.apache.logging.log4j\nartifactId=log4j-core\nversion=2.14.1\n";

#[test]
fn log4j_is_found_by_its_classes_wherever_they_were_moved() {
    for prefix in ["", "BOOT-INF/classes/", "com/acme/shaded/", "META-INF/versions/9/"] {
        let path = format!("{prefix}{JNDI}");
        let body = pack(&[(&path, b"x"), ("com/acme/App.class", b"x")], true);
        let found = read_jar("app-1.0.jar", &body);
        assert_eq!(
            shown(&found),
            ["app 1.0 ".to_owned(), format!("org.apache.logging.log4j:log4j-core  {path}")]
        );
        assert_eq!(found.packages[1].confidence, Some(plimsoll_model::Confidence::Low));
        assert!(found.packages[1].lacks.is_empty());
    }
    let body = pack(&[("com/acme/log4j/core/lookup/JndiLookup.class", b"x")], true);
    assert_eq!(read_jar("app-1.0.jar", &body).packages.len(), 2);
    let body = pack(&[("com/acme/mycore/lookup/JndiLookup.class", b"x")], true);
    assert_eq!(read_jar("app-1.0.jar", &body).packages.len(), 1);
}

#[test]
fn log4j_is_found_where_nothing_is_left_of_its_name() {
    let moved = "com/acme/l4j/core/lookup/JndiLookup.class";
    let body = pack(&[(moved, b"x"), ("com/acme/App.class", b"x")], true);
    let path = format!("org.apache.logging.log4j:log4j-core  {moved}");
    assert_eq!(shown(&read_jar("app-1.0.jar", &body)), ["app 1.0 ".to_owned(), path]);
}

#[test]
fn code_of_newer_versions_is_told_where_the_version_is_not() {
    let manager = |name: &[u8]| {
        let mut class = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x02\x01\0".to_vec();
        class.push(name.len() as u8);
        class.extend_from_slice(name);
        class
    };
    let shows = |name: &[u8], more: &[(&str, &[u8])]| {
        let class = manager(name);
        let path = "com/acme/org/apache/logging/log4j/core/net/JndiManager.class";
        let moved = format!("com/acme/{JNDI}");
        let members = [&[(path, &class[..]), (&moved, b"x"), ("a/B.class", b"x")], more].concat();
        let found = read_jar("app-1.0.jar", &pack(&members, true));
        let is_it = |package: &&Package| package.name == "org.apache.logging.log4j:log4j-core";
        found.packages.iter().find(is_it).unwrap().shows.clone()
    };
    let expected = "org/apache/logging/log4j/core/net/JndiManager.class isJndiEnabled";
    assert_eq!(shows(b"isJndiEnabled", &[]), [expected]);
    assert_eq!(shows(b"getJndiManager", &[]), [""; 0]);
    assert_eq!(shows(b"isJndiEnabled", &[(POM, POM_TEXT)]), [""; 0], "the version tells more");
}

fn read_file(path: &str, body: &[u8]) -> FileYield {
    read(&FileInput { path, body })
}

#[test]
fn zips_and_scripts_are_read_if_there_is_something_of_java_in_them() {
    let core = "org.apache.logging.log4j:log4j-core 2.14.1 ";
    for front in ["", "#!/bin/sh\nexec java -jar $0\n"] {
        let body = [front.as_bytes(), &log4j()].concat();
        assert_eq!(shown(&read_file("opt/app.zip", &body)), [core], "{front}");
        assert_eq!(shown(&read_file("opt/app.aar", &body)), [core], "{front}");
        let launcher = shown(&read_file("opt/launcher", &body));
        assert_eq!(launcher.len(), usize::from(!front.is_empty()), "{launcher:?}");
    }
    let holds = pack(&[("lib/log4j-core-2.14.1.jar", &log4j())], true);
    let found = read_file("opt/app.zip", &holds);
    assert_eq!(shown(&found), [format!("{core}lib/log4j-core-2.14.1.jar")]);
}

#[test]
fn of_other_zips_and_scripts_nothing_is_said() {
    let nothing = FileYield::default();
    let plain = pack(&[("readme.txt", b"x"), ("a.par", b"x")], true);
    let cut = &log4j()[..40];
    for body in [&plain[..], cut, b"", b"PK\x05\x06", b"#!/bin/sh\n", b"#!/bin/sh\nPK\x05\x06"] {
        assert_eq!(read_file("a/x-1.0.zip", body), nothing);
        assert_eq!(read_file("a/x", body), nothing);
    }
    // The record at the end is not looked for farther from it than a comment is long.
    let far = [b"#!/bin/sh\n".as_slice(), &log4j(), &vec![b' '; MAX_END_BYTES]].concat();
    assert!(!may_be_archive("x", &far));
    assert!(may_be_archive("x", &far[..far.len() - 22]));
}

#[test]
fn what_holds_archives_and_is_none_itself_is_told_where_it_has_something_of_its_own() {
    let inner = log4j();
    let lib = ("WEB-INF/lib/log4j-core-2.14.1.jar", &inner[..]);
    let found = read_jar("site.war", &pack(&[lib], true));
    assert!(found.artifacts.is_empty() && found.packages.len() == 1);
    let found = read_jar("site.war", &pack(&[lib, ("WEB-INF/classes/a/B.class", b"x")], true));
    assert_eq!(found.packages.len(), 1, "nothing is made up");
    let detail = found.artifacts[0].detail.as_deref();
    assert_eq!(detail, Some("holds 1 archive; nothing tells what it is itself"));
}

#[test]
fn a_library_whose_version_is_nowhere_is_told_without() {
    let pom =
        b"groupId\torg.apache.logging.log4j\nartifactId : log4j-core\nversion=${project.version}\n";
    let path = "META-INF/maven/g/a/pom.properties";
    let found = |name: &str, manifest: &[u8]| {
        shown(&read_jar(name, &pack(&[(path, pom), ("META-INF/MANIFEST.MF", manifest)], true)))
    };
    let core = |version: &str| [format!("org.apache.logging.log4j:log4j-core {version} ")];
    assert_eq!(found("lib.jar", b""), core(""));
    assert_eq!(found("log4j-core-2.14.1.jar", b""), core("2.14.1"));
    assert_eq!(found("lib.jar", b"Implementation-Version: 2.14.1\n"), core("2.14.1"));
    assert!(read_file("x/META-INF/maven/g/a/pom.properties", pom).packages.is_empty());
}

#[test]
fn a_class_that_was_removed_is_told() {
    let lacks = |members: &[(&str, &[u8])]| {
        let found = read_jar("log4j-core-2.14.1.jar", &pack(members, true));
        found.packages[0].lacks.clone()
    };
    assert_eq!(lacks(&[(POM, POM_TEXT), (LOGGER, b"x")]), [JNDI]);
    assert_eq!(lacks(&[(POM, POM_TEXT), (LOGGER, b"x"), (JNDI, b"x")]), [""; 0]);
    // Without any code nothing can be said.
    assert_eq!(lacks(&[(POM, POM_TEXT)]), [""; 0]);
    // In a fat jar it is the library that lacks it.
    let body = pack(&[(POM, POM_TEXT), (LOGGER, b"x"), ("com/acme/App.class", b"x")], true);
    let found = read_jar("app-1.0.jar", &body);
    assert_eq!(found.packages[1].name, "org.apache.logging.log4j:log4j-core");
    assert_eq!(found.packages[1].lacks, [JNDI]);
    assert!(found.packages[0].lacks.is_empty());
}

#[test]
fn a_directory_that_is_cut_off_does_not_say_that_a_class_was_removed() {
    let body = pack(&[(POM, POM_TEXT), (LOGGER, b"x"), (JNDI, b"x")], false);
    let mut walk = Walk::new(Limits { entries: 2, ..Limits::of(body.len()) });
    walk.archive(
        &Place { path: String::new(), file_name: "log4j-core-2.14.1.jar", depth: 1 },
        &body,
    );
    assert_eq!(walk.found.packages.len(), 1);
    assert!(walk.found.packages[0].lacks.is_empty());
}

#[test]
fn an_archive_of_one_library_alone_is_that_library() {
    let body = pack(&[(JNDI, b"x"), (LOGGER, b"x"), (LOOKUPS, b"x")], true);
    let found = read_jar("logging.jar", &body);
    assert_eq!(shown(&found), ["org.apache.logging.log4j:log4j-core  "]);
    let manifest = b"Implementation-Version: 2.14.1\n";
    let body = pack(&[(JNDI, b"x"), ("META-INF/MANIFEST.MF", manifest)], true);
    let found = read_jar("logging.jar", &body);
    assert_eq!(shown(&found), ["org.apache.logging.log4j:log4j-core 2.14.1 "]);
    assert_eq!(found.artifacts.len(), 1, "its digest may tell more");
}

#[test]
fn code_says_its_version_in_properties_sections_and_classes() {
    let versions = b"netty-common.version=4.1.94.Final\n";
    let manifest =
        b"Manifest-Version: 1.0\n\nName: org/yaml/snakeyaml/\nImplementation-Version: 1.26\n";
    let mut class = b"\xca\xfe\xba\xbe\0\0\0\x34\0\x03\x01\0\x06".to_vec();
    class.extend_from_slice(b"1.2.83\x01\0\x01x");
    let body = pack(
        &[
            ("META-INF/io.netty.versions.properties", versions),
            ("META-INF/MANIFEST.MF", manifest),
            ("shaded/io/netty/util/internal/PlatformDependent.class", b"x"),
            ("org/yaml/snakeyaml/Yaml.class", b"x"),
            ("com/alibaba/fastjson/JSON.class", &class),
            ("com/alibaba/fastjson/parser/DefaultJSONParser.class", b"x"),
        ],
        true,
    );
    let names: Vec<String> = read_jar("app.jar", &body)
        .packages
        .iter()
        .map(|package| format!("{} {}", package.name, package.version))
        .collect();
    assert_eq!(
        names,
        [
            "com.alibaba:fastjson 1.2.83",
            "org.yaml:snakeyaml 1.26",
            "io.netty:netty-common 4.1.94.Final"
        ]
    );
}

#[test]
fn the_classes_mend_a_group_that_was_a_guess() {
    let manifest = b"Bundle-SymbolicName: org.apache.commons.collections\nBundle-Version: 3.2.1\n";
    let members: &[(&str, &[u8])] = &[
        ("META-INF/MANIFEST.MF", manifest),
        ("org/apache/commons/collections/functors/InvokerTransformer.class", b"x"),
    ];
    let found = read_jar("commons-collections-3.2.1.jar", &pack(members, true));
    assert_eq!(shown(&found), ["commons-collections:commons-collections 3.2.1 "]);
}

#[test]
fn the_same_archive_twice_is_read_once() {
    let war = pack(&[("WEB-INF/lib/log4j-core-2.14.1.jar", &log4j())], true);
    let ear = pack(&[("a/site.war", &war), ("b/site.war", &war)], true);
    let mut walk = Walk::new(Limits::of(ear.len()));
    walk.archive(&Place { path: String::new(), file_name: "all.ear", depth: 1 }, &ear);
    assert_eq!(walk.jars, walk::MAX_NESTED_JARS - 3, "the second is not opened");
    let paths: Vec<&str> =
        walk.found.packages.iter().map(|p| p.evidence[0].path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "a/site.war > WEB-INF/lib/log4j-core-2.14.1.jar",
            "b/site.war > WEB-INF/lib/log4j-core-2.14.1.jar"
        ]
    );
}

#[test]
fn the_number_of_packages_has_a_limit() {
    let body = pack(&[("a/x-1.jar", &log4j()), ("b/x-1.jar", &log4j())], true);
    let mut walk = Walk::new(Limits::of(body.len()));
    assert_eq!(walk.packages, MAX_JAR_PACKAGES);
    walk.packages = 3;
    walk.archive(&Place { path: String::new(), file_name: "all.ear", depth: 1 }, &body);
    assert_eq!(walk.found.packages.len(), 3);
    assert_eq!(walk.found.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn a_bomb_is_a_problem_and_costs_little() {
    let bomb = pack(&[("lib/a-1.0.jar", &vec![0; 64 << 20])], true);
    let mut walk = Walk::new(Limits::of(bomb.len()));
    let before = walk.left.inflated_bytes;
    walk.archive(&Place { path: String::new(), file_name: "all.ear", depth: 1 }, &bomb);
    assert!(before < 64 << 20, "{before}");
    assert_eq!(walk.left.inflated_bytes, 0);
    assert_eq!(walk.found.problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn many_entries_are_read_and_told() {
    let names: Vec<String> = (0..MANY_ENTRIES).map(|number| format!("a/C{number}.class")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let found = read_jar("a-1.0.jar", &pack(&members, false));
    assert_eq!(shown(&found), ["a 1.0 "]);
    assert_eq!((found.problems.len(), found.problems[0].gap), (1, None));
}

#[test]
fn members_that_lie_over_each_other_are_a_problem() {
    let mut body = pack(&[("a-1.0.jar", &log4j()), ("b-1.0.jar", &log4j())], false);
    // The second entry of the directory is led to the bytes of the first.
    let entry = body.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
    body[entry + 42..entry + 46].fill(0);
    let found = read_jar("all.ear", &body);
    assert!(found.packages.is_empty(), "{:?}", shown(&found));
    assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
    assert!(found.problems[0].detail.contains("over each other"), "{:?}", found.problems);
}

#[test]
fn a_size_that_is_a_lie_is_a_problem() {
    for told in [1u32, 1 << 20] {
        let mut body = pack(&[("lib/a-1.0.jar", &log4j())], true);
        let entry = body.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").unwrap();
        body[entry + 24..entry + 28].copy_from_slice(&told.to_le_bytes());
        let found = read_jar("all.ear", &body);
        assert!(found.packages.is_empty(), "{:?}", shown(&found));
        assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
    }
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
