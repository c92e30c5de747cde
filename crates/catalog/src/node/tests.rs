//! Manifests at their places, and archives of them.

use proptest::prelude::*;

use super::archive::MAX_ARCHIVED_MANIFESTS;
use super::*;
use crate::zip::testing::pack;

fn shown(found: &FileYield) -> Vec<String> {
    let show = |package: &Package| {
        format!("{} {} {}", package.name, package.version, package.evidence[0].path)
    };
    found.packages.iter().map(show).collect()
}

fn at(path: &str, text: &str) -> FileYield {
    read_package_json(path, text.as_bytes())
}

#[test]
fn the_manifest_names_the_module_and_not_its_folder() {
    let alias = at("node_modules/lodash3/package.json", r#"{"name":"lodash","version":"3.10.1"}"#);
    assert_eq!(shown(&alias), ["lodash 3.10.1 "]);
    assert_eq!(alias.packages[0].confidence, None);
    let unnamed = at("node_modules/@s/a/package.json", r#"{"version":"1.0.0"}"#);
    assert_eq!(shown(&unnamed), ["@s/a 1.0.0 "]);
    assert_eq!(unnamed.packages[0].confidence, Some(Confidence::Medium));
}

#[test]
fn a_module_that_tells_nothing_is_a_problem_and_others_are_not() {
    let module = "node_modules/a/package.json";
    assert_eq!(at(module, "{").problems[0].gap, Some(GapKind::Unreadable));
    let nameless = at(module, r#"{"name":"a"}"#);
    assert_eq!(nameless.problems[0].gap, Some(GapKind::Unidentified));
    assert!(nameless.problems[0].detail.contains("`a`"));
    for path in ["srv/package.json", "node_modules/a/esm/package.json"] {
        assert_eq!(at(path, "{"), FileYield::default());
        assert_eq!(at(path, r#"{"type":"module"}"#), FileYield::default());
        assert_eq!(at(path, r#"{"name":"b"}"#), FileYield::default());
    }
}

#[test]
fn copies_inside_a_module_are_packages_and_its_parts_are_not() {
    let inside = |text: &str| shown(&at("node_modules/next/dist/compiled/x/package.json", text));
    assert_eq!(inside(r#"{"name":"acorn","version":"8.0.0"}"#), ["acorn 8.0.0 "]);
    assert_eq!(inside(r#"{"name":"@s/acorn","version":"8.0.0"}"#), ["@s/acorn 8.0.0 "]);
    for part in ["next", "next/image", "@s/next/image", "@/next"] {
        let text = format!(r#"{{"name":"{part}","version":"1.0.0"}}"#);
        assert!(inside(&text).is_empty(), "{part}");
    }
    assert!(inside(r#"{"name":"y","version":"1.0.0","private":true}"#).is_empty());
    let sample = at("node_modules/a/test/b/package.json", r#"{"name":"b","version":"1.0.0"}"#);
    assert_eq!(sample, FileYield::default());
}

#[test]
fn an_application_that_no_registry_has_says_so() {
    let found = at("srv/package.json", r#"{"name":"shop","version":"1.4.0","private":true}"#);
    assert_eq!(found.packages[0].repository.as_deref(), Some(PRIVATE));
    let module = r#"{"name":"a","version":"1.4.0","private":true}"#;
    let found = at("node_modules/a/package.json", module);
    assert_eq!(found.packages[0].repository, None);
    let found = at("srv/package.json", r#"{"name":"shop","version":"1.4.0"}"#);
    assert_eq!(found.packages[0].repository, None);
}

/// Makes an asar of a header and what follows.
fn asar_of(header: &str, files: &[u8]) -> Vec<u8> {
    let padded = header.len().next_multiple_of(4);
    let mut body = Vec::new();
    for number in [4, padded + 8, padded + 4, header.len()] {
        body.extend_from_slice(&(number as u32).to_le_bytes());
    }
    body.extend_from_slice(header.as_bytes());
    body.resize(16 + padded, 0);
    body.extend_from_slice(files);
    body
}

const APP: &str = r#"{"name":"app","version":"1.0.0"}"#;
const ACORN: &str = r#"{"name":"acorn","version":"8.0.0"}"#;

fn shop() -> Vec<u8> {
    let (app, acorn) = (APP.len(), ACORN.len());
    let header = format!(
        r#"{{"files":{{"package.json":{{"size":{app},"offset":"0"}},"x":{{"link":"y"}},
        "node_modules":{{"files":{{"acorn":{{"files":{{"package.json":{{"size":{acorn},
        "offset":"{app}","integrity":{{"blocks":[]}}}}}}}},"bin":{{"files":{{"package.json":
        {{"size":9,"unpacked":true}}}}}}}}}}}}}}"#
    );
    asar_of(&header, format!("{APP}{ACORN}").as_bytes())
}

#[test]
fn an_asar_holds_the_application_and_its_modules() {
    let found = read_node_archive("opt/x/app.asar", &shop());
    assert_eq!(found.problems, []);
    let expected = ["app 1.0.0 package.json", "acorn 8.0.0 node_modules/acorn/package.json"];
    assert_eq!(shown(&found), expected);
}

#[test]
fn a_broken_asar_is_a_problem() {
    let gap = |body: &[u8]| read_node_archive("a.asar", body).problems[0].gap;
    assert_eq!(gap(b""), Some(GapKind::Unreadable));
    assert_eq!(gap(b"not an asar at all"), Some(GapKind::Unreadable));
    let whole = shop();
    for end in [10, 20, 200, whole.len() - 1] {
        assert_eq!(gap(&whole[..end]), Some(GapKind::Unreadable), "{end}");
    }
    for header in ["[]", r#"{"files":{"package.json":{"size":-1}}}"#] {
        assert_eq!(gap(&asar_of(header, b"")), Some(GapKind::Unreadable), "{header}");
    }
    let far = r#"{"files":{"package.json":{"size":18446744073709551615,"offset":"2"}}}"#;
    assert_eq!(gap(&asar_of(far, b"{}")), Some(GapKind::Unreadable));
    let deep = r#"{"files":{"a":"#.repeat(10_000);
    assert_eq!(gap(&asar_of(&deep, b"")), Some(GapKind::Unreadable));
}

#[test]
fn an_asar_has_limits() {
    let mut body = asar_of("{}", b"");
    let text = (asar::MAX_HEADER_BYTES + 1) as u32;
    body[12..16].copy_from_slice(&text.to_le_bytes());
    body[4..8].copy_from_slice(&(text + 8).to_le_bytes());
    assert_eq!(read_node_archive("a.asar", &body).problems[0].gap, Some(GapKind::Limit));
    let entry = r#"{"files":{"package.json":{"size":2,"offset":"0"}}}"#;
    let entries: Vec<String> =
        (0..=MAX_ARCHIVED_MANIFESTS).map(|n| format!(r#""m{n}":{entry}"#)).collect();
    let body = asar_of(&format!(r#"{{"files":{{{}}}}}"#, entries.join(",")), b"{}");
    assert_eq!(read_node_archive("a.asar", &body).problems[0].gap, Some(GapKind::Limit));
}

#[test]
fn a_zip_of_yarn_holds_one_module_and_has_limits() {
    let path = ".yarn/cache/acorn-npm-8.0.0-aa-bb.zip";
    let members: &[(&str, &[u8])] = &[
        ("node_modules/acorn/package.json", ACORN.as_bytes()),
        ("node_modules/acorn/dist/package.json", br#"{"type":"module"}"#),
    ];
    let body = pack(members);
    let found = read_node_archive(path, &body);
    assert_eq!(shown(&found), ["acorn 8.0.0 node_modules/acorn/package.json"]);
    let cut = read_node_archive(path, &body[..body.len() - 30]);
    assert_eq!(cut.problems[0].gap, Some(GapKind::Unreadable));
    let big = vec![b' '; MAX_MANIFEST_BYTES + 1];
    let found = read_node_archive(path, &pack(&[("node_modules/a/package.json", &big)]));
    assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
    assert_eq!(found.problems[0].path, "node_modules/a/package.json");
}

proptest! {
    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..500)) {
        for path in ["node_modules/a/package.json", "package.json"] {
            let _ = read_package_json(path, &body);
        }
        let _ = read_node_archive("a.asar", &body);
        let _ = read_node_archive("a.zip", &body);
    }

    #[test]
    fn any_damage_is_borne(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut body = shop();
        let at = at.index(body.len());
        body[at] = value;
        let _ = read_node_archive("a.asar", &body);
    }
}
