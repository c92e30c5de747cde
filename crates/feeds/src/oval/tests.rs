//! Own documents: every part, every limit, every kind of damage.

use super::document::{MAX_TITLE_CHARS, MAX_VALUE_BYTES};
use super::*;

const ADDRESS: &str = "https://h.example/oval.xml";

/// A document of one definition with this metadata and these criteria, and tests on `bash`.
fn document(metadata: &str, criteria: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<oval_definitions xmlns:oval="o" xmlns:l="l">
<generator><oval:timestamp>2025-01-02T03:04:05</oval:timestamp></generator>
<definitions><definition id="oval:x:def:1" class="patch" version="1">
<metadata>{metadata}</metadata>{criteria}</definition></definitions>
<tests>
<l:rpminfo_test id="t:less" comment="bash is old"><l:object object_ref="o:bash"/><l:state
 state_ref="s:less"/></l:rpminfo_test>
<l:rpminfo_test id="t:key"><l:object object_ref="o:bash"/><l:state state_ref="s:key"/></l:rpminfo_test>
<l:rpminfo_test id="t:two"><l:object object_ref="o:bash"/><l:state state_ref="s:less"/><l:state
 state_ref="s:key"/></l:rpminfo_test>
<file_test id="t:file"><object object_ref="o:bash"/><state state_ref="s:less"/></file_test>
<l:rpminfo_test id="t:variable"><l:object object_ref="o:variable"/><l:state
 state_ref="s:less"/></l:rpminfo_test>
</tests>
<objects><l:rpminfo_object id="o:bash"><l:name>bash</l:name></l:rpminfo_object>
<l:rpminfo_object id="o:variable"><l:name var_ref="v"/></l:rpminfo_object></objects>
<states><l:rpminfo_state id="s:less"><l:arch operation="pattern match">x86_64|aarch64</l:arch>
<l:evr datatype="evr_string" operation="less than">0:5.1-2</l:evr></l:rpminfo_state>
<l:rpminfo_state id="s:key"><l:signature_keyid>ff</l:signature_keyid></l:rpminfo_state></states>
<variables><constant_variable id="v"><value>x</value></constant_variable></variables>
</oval_definitions>
"#
    )
}

fn seen_with(text: &str, limits: Limits) -> Result<String, FeedError> {
    let mut seen = String::new();
    let stamp = read(ADDRESS, text.as_bytes(), limits, |definition| {
        seen = format!("{seen}{definition:?}");
        Ok(())
    })?;
    assert_eq!(stamp, "2025-01-02T03:04:05");
    Ok(seen)
}

/// The criteria in short: `all(bash:t, …)`.
fn shape(criteria: &Criteria<'_>) -> String {
    let join = |members: &[Criteria<'_>]| members.iter().map(shape).collect::<Vec<_>>().join(" ");
    match criteria {
        Criteria::All(members) => format!("all({})", join(members)),
        Criteria::Any(members) => format!("any({})", join(members)),
        Criteria::Leaf(leaf) => {
            let name = leaf.test.map_or("-", |test| test.name);
            format!("{name}:{}", leaf.comment)
        }
    }
}

fn shape_of(criteria: &str) -> String {
    let mut found = String::new();
    let text = document("", criteria);
    read(ADDRESS, text.as_bytes(), Limits::USUAL, |definition| {
        found = shape(&definition.criteria);
        Ok(())
    })
    .unwrap();
    found
}

#[test]
fn a_definition_has_its_parts() {
    let metadata = r#"<title>
  Bash: a &lt;fix&gt; </title><reference source="CVE" ref_id="CVE-2020-1"/>
<advisory><severity>Low</severity><cve cvss3="1.0/CVSS:3.1/AV:L">CVE-2020-1</cve></advisory>
<patchable>true</patchable><advisory_id>7-1</advisory_id><description>x</description>"#;
    let text = document(metadata, r#"<criteria><criterion test_ref="t:less"/></criteria>"#);
    let mut count = 0;
    read(ADDRESS, text.as_bytes(), Limits::USUAL, |definition| {
        count += 1;
        assert_eq!((definition.title, definition.severity), ("Bash: a <fix>", "Low"));
        assert_eq!((definition.patchable, definition.advisory_id), ("true", "7-1"));
        assert_eq!(definition.references, [Reference { source: "CVE", id: "CVE-2020-1" }]);
        let cve = Cve { text: "CVE-2020-1", cvss2: "", cvss3: "1.0/CVSS:3.1/AV:L", cvss4: "" };
        assert_eq!(definition.cves, [cve]);
        let Criteria::All(members) = &definition.criteria else { panic!("{definition:?}") };
        let [Criteria::Leaf(leaf)] = members.as_slice() else { panic!("{members:?}") };
        let comparison = |operation, value| Some(Comparison { operation, value });
        let test = PackageTest {
            name: "bash",
            evr: comparison(Operation::Less, "0:5.1-2"),
            version: None,
            arch: comparison(Operation::Matches, "x86_64|aarch64"),
        };
        assert_eq!(*leaf, Leaf { comment: "bash is old", test: Some(test) });
        Ok(())
    })
    .unwrap();
    assert_eq!(count, 1);
}

#[test]
fn criteria_keep_their_shape_and_what_is_not_understood_says_nothing() {
    let leaf = r#"<criterion test_ref="t:less" comment="c"/>"#;
    for (criteria, found) in [
        (
            format!(r#"<criteria operator="OR">{leaf}<criteria>{leaf}</criteria></criteria>"#),
            "any(bash:c all(bash:c))",
        ),
        (leaf.to_owned(), "bash:c"),
        (String::new(), "all()"),
        (format!(r#"<criteria operator="XOR">{leaf}</criteria>"#), "-:"),
        (format!(r#"<criteria negate="true">{leaf}</criteria>"#), "-:"),
        (r#"<criterion negate="true" test_ref="t:less" comment="c"/>"#.to_owned(), "-:"),
        (r#"<criterion test_ref="t:none" comment="c"/>"#.to_owned(), "-:c"),
        (r#"<criterion test_ref="t:two" comment="c"/>"#.to_owned(), "-:c"),
        (r#"<criterion test_ref="t:file" comment="c"/>"#.to_owned(), "-:c"),
        (r#"<criterion test_ref="t:variable" comment="c"/>"#.to_owned(), "-:c"),
        (r#"<criterion test_ref="t:key" comment="c"/>"#.to_owned(), "bash:c"),
        (r#"<extend_definition definition_ref="oval:x:def:2" comment="c"/>"#.to_owned(), "-:c"),
    ] {
        assert_eq!(shape_of(&criteria), found, "{criteria}");
    }
}

#[test]
fn packages_come_with_what_must_hold_beside_them() {
    let word = |comment: &str| format!(r#"<criterion test_ref="t:none" comment="{comment}"/>"#);
    let package = r#"<criterion test_ref="t:less" comment="p"/>"#;
    let key = r#"<criterion test_ref="t:key" comment="key"/>"#;
    let criteria = format!(
        r#"<criteria>{}<criteria operator="OR">{}{}</criteria><criteria operator="OR">
        <criteria>{}{package}{key}</criteria>{package}{}</criteria></criteria>"#,
        word("release"),
        word("one"),
        word("two"),
        word("module"),
        word("nothing"),
    );
    let text = document("", &criteria);
    let mut seen = Vec::new();
    read(ADDRESS, text.as_bytes(), Limits::USUAL, |definition| {
        let is_package = |leaf: &Leaf<'_>| leaf.test.is_some_and(|test| test.evr.is_some());
        each_package(&definition.criteria, &is_package, &mut |beside, leaf| {
            let groups = beside
                .iter()
                .map(|group| group.iter().map(|leaf| leaf.comment).collect::<Vec<_>>().join("|"));
            seen.push(format!("{}: {}", leaf.comment, groups.collect::<Vec<_>>().join(" & ")));
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(seen, ["p: release & one|two & module & key", "p: release & one|two"]);
}

#[test]
fn long_values_count_as_missing_and_long_titles_are_cut() {
    let long = "x".repeat(MAX_VALUE_BYTES + 1);
    let whole = &long[1..];
    let metadata = format!(
        r#"<title>{long}</title><severity>{long}</severity><advisory_id>{whole}</advisory_id>
        <reference ref_id="{long}"/>"#
    );
    read(ADDRESS, document(&metadata, "").as_bytes(), Limits::USUAL, |definition| {
        assert_eq!(definition.title.chars().count(), MAX_TITLE_CHARS);
        assert_eq!((definition.severity, definition.advisory_id), ("", whole));
        assert_eq!(definition.references, [Reference { source: "", id: "" }]);
        Ok(())
    })
    .unwrap();
}

#[test]
fn every_limit_is_met() {
    let criteria = r#"<criteria><criterion test_ref="t:less"/></criteria>"#;
    let text = document(r#"<reference source="CVE" ref_id="CVE-2020-1"/>"#, criteria);
    assert!(seen_with(&text, Limits::USUAL).is_ok());
    let exact = Limits { definitions: 1, parts: 4, tests: 9, text_bytes: 8000 };
    assert!(seen_with(&text, exact).is_ok());
    for (limits, what) in [
        (Limits { definitions: 0, ..exact }, "definitions"),
        (Limits { parts: 3, ..exact }, "criteria and references"),
        (Limits { tests: 8, ..exact }, "tests, objects and states"),
        (Limits { text_bytes: 200, ..exact }, "bytes of different texts"),
    ] {
        let error = seen_with(&text, limits).unwrap_err();
        assert!(matches!(error, FeedError::Limit { what: told, .. } if told == what), "{error}");
    }
}

#[test]
fn a_cut_document_is_an_error_with_its_place() {
    let text =
        document("<title>x</title>", r#"<criteria><criterion test_ref="t:less"/></criteria>"#);
    let whole = text.trim_end().len();
    for end in 0..whole {
        let error = seen_with(&text[..end], Limits::USUAL).unwrap_err();
        let FeedError::Malformed { address, place, .. } = &error else { panic!("{error}") };
        assert_eq!(address, ADDRESS);
        assert!(place.starts_with("byte "), "{end}: {place}");
    }
    let broken = text.replace("</definitions>", "</definition>");
    let error = seen_with(&broken, Limits::USUAL).unwrap_err();
    assert!(error.to_string().contains(" in `definitions`: "), "{error}");
}
