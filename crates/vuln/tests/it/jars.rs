//! The rules of Java archives: names that are a guess, classes that were removed, versions not known.

use plimsoll_model::{Confidence, Distro, Finding, GapKind, Package, Scope, State};

use super::cases::{Case, row};

const JNDI: &str = "org/apache/logging/log4j/core/lookup/JndiLookup.class";
const CORE: &str = "org.apache.logging.log4j:log4j-core";

fn package(name: &str, version: &str, confidence: Confidence) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: "maven".to_owned(),
        confidence: Some(confidence),
        evidence: vec![plimsoll_model::Evidence { path: name.to_owned(), ..Default::default() }],
        ..Package::default()
    }
}

/// A case with records on `log4j-core`, `core` of one group, and `tool` of two.
fn case(packages: Vec<Package>) -> Case {
    let mut case = Case::new(Distro::new("none", "", "", "", "etc/os-release"));
    let mut push = |name: &str, id: &str| {
        case.push("maven", name, row(id, "2.17.1", State::Fixed, Scope::default()));
    };
    for id in ["CVE-2021-44228", "CVE-2021-45046", "CVE-2021-44832"] {
        push(CORE, id);
    }
    push("org.one:core", "CVE-2030-0001");
    push("org.one:tool", "CVE-2030-0002");
    push("org.two:tool", "CVE-2030-0003");
    case.packages = packages;
    case
}

fn shown(findings: &[Finding]) -> Vec<String> {
    let by = |finding: &Finding| finding.set_aside.clone().map_or(String::new(), |aside| aside.by);
    findings.iter().map(|finding| format!("{} {}", finding.id, by(finding))).collect()
}

#[test]
fn a_guess_is_looked_up_by_its_artifact_where_one_group_has_it() {
    for name in ["log4j-core", "com.acme:log4j-core"] {
        let mut case = case(vec![package(name, "2.14.1", Confidence::Low)]);
        let judged = case.judge();
        assert_eq!(judged.findings.len(), 3, "{name}");
        let why = &judged.findings[0].why;
        assert_eq!(why.matched_name, CORE);
        assert!(why.comparison.contains("the artifact alone, which only"), "{}", why.comparison);
    }
}

#[test]
fn what_is_sure_or_common_is_not() {
    for package in [
        package("com.acme:log4j-core", "2.14.1", Confidence::High),
        package("com.acme:tool", "2.14.1", Confidence::Low),
        package("core", "2.14.1", Confidence::Low),
    ] {
        let name = package.name.clone();
        assert_eq!(case(vec![package]).judge().findings.len(), 0, "{name}");
    }
    // With its own name in the database, no other is looked at.
    let mut own = case(vec![package("org.two:tool", "2.14.1", Confidence::Low)]);
    assert_eq!(shown(&own.judge().findings), ["CVE-2030-0003 "]);
}

#[test]
fn of_several_groups_it_is_not_known_which() {
    let judged = case(vec![package("tool", "2.14.1", Confidence::Low)]).judge();
    assert_eq!(shown(&judged.findings), ["CVE-2030-0002 ", "CVE-2030-0003 "]);
    for finding in &judged.findings {
        assert_eq!(finding.state, State::Undetermined);
        let note = finding.note.as_deref();
        assert_eq!(note, Some("which it is of `org.one:tool`, `org.two:tool` is not known"));
    }
    assert_eq!((judged.judged, judged.gaps.len()), (1, 0));
    let mut many = case(vec![package("tool", "2.14.1", Confidence::Low)]);
    for group in ["three", "four", "five"] {
        let record = row("CVE-2030-0009", "3", State::Fixed, Scope::default());
        many.push("maven", &format!("org.{group}:tool"), record);
    }
    assert_eq!(many.judge().findings.len(), 0, "a name that many have says nothing");
}

#[test]
fn what_has_no_group_and_is_named_by_no_record_is_not_judged() {
    let judged = case(vec![
        package("core", "1.0", Confidence::Low),
        package("nometa", "1.0", Confidence::Low),
        package("nometa", "1.1", Confidence::Medium),
        package("com.acme:own", "1.0", Confidence::Medium),
    ])
    .judge();
    assert_eq!((judged.judged, judged.gaps.len()), (1, 1));
    assert_eq!(judged.gaps[0].kind, GapKind::Unidentified);
    assert_eq!(
        judged.gaps[0].detail,
        "the group of 3 archives is not known, and no record names the artifact alone: `core`, \
         `nometa`"
    );
    let owned = Package { owner: Some("x".to_owned()), ..package("a", "1", Confidence::Low) };
    let judged = case(vec![owned]).judge();
    assert_eq!((judged.judged, judged.gaps.len()), (1, 0), "the distribution judges it");
}

#[test]
fn what_needs_a_class_that_was_removed_is_set_aside() {
    for name in [CORE, "log4j-core"] {
        let confidence = if name == CORE { Confidence::High } else { Confidence::Low };
        let mut log4j = package(name, "2.14.1", confidence);
        log4j.lacks = vec![JNDI.to_owned()];
        let judged = case(vec![log4j]).judge();
        assert_eq!(
            shown(&judged.findings),
            ["CVE-2021-44228 removed class", "CVE-2021-44832 ", "CVE-2021-45046 removed class"]
        );
        let reason = judged.findings[0].set_aside.clone().unwrap().reason;
        assert_eq!(reason, "JndiLookup.class was removed");
    }
}

#[test]
fn without_a_version_nothing_is_decided_and_that_is_told() {
    let judged = case(vec![package(CORE, "", Confidence::Low)]).judge();
    assert_eq!(
        shown(&judged.findings),
        ["CVE-2021-44228 ", "CVE-2021-44832 unknown version", "CVE-2021-45046 "],
        "what the classes are there for counts"
    );
    let note = judged.findings[0].note.as_deref();
    assert_eq!(note, Some("version not known; JndiLookup.class is there"));
    let aside = judged.findings[1].set_aside.clone().unwrap();
    assert_eq!(aside.reason, "the version is not known");
    assert!(judged.findings.iter().all(|finding| finding.state == State::Undetermined));
    let gap = judged.gaps.iter().find(|gap| gap.subject == CORE).unwrap();
    assert_eq!(gap.kind, GapKind::Unreadable);
    assert!(gap.detail.contains("version"), "{}", gap.detail);
    assert!(!gap.detail.contains("``"), "{}", gap.detail);
}

#[test]
fn without_a_version_a_class_that_was_removed_counts_all_the_same() {
    let mut log4j = package(CORE, "", Confidence::Low);
    log4j.lacks = vec![JNDI.to_owned()];
    assert_eq!(
        shown(&case(vec![log4j]).judge().findings),
        [
            "CVE-2021-44228 removed class",
            "CVE-2021-44832 unknown version",
            "CVE-2021-45046 removed class"
        ]
    );
    // What Maven or a manifest say without a version tells of no classes.
    let judged = case(vec![package(CORE, "", Confidence::Medium)]).judge();
    assert!(judged.findings.iter().all(|finding| !finding.counts()), "{:?}", judged.findings);
}

#[test]
fn what_holds_every_version_needs_none() {
    let mut case = case(vec![package(CORE, "", Confidence::Low)]);
    case.push("maven", CORE, row("CVE-2030-0009", "", State::Affected, Scope::default()));
    let judged = case.judge();
    let finding = judged.findings.iter().find(|one| one.id == "CVE-2030-0009").unwrap();
    assert!(finding.counts() && finding.state == State::Affected, "{finding:?}");
    assert_eq!(finding.why.comparison, "every version is affected, whichever is installed");
}

#[test]
fn code_that_only_mended_versions_have_needs_no_version() {
    let mut log4j = package(CORE, "", Confidence::Low);
    log4j.shows =
        vec!["org/apache/logging/log4j/core/net/JndiManager.class isJndiEnabled".to_owned()];
    let judged = case(vec![log4j]).judge();
    assert_eq!(
        shown(&judged.findings),
        [
            "CVE-2021-44228 mended code",
            "CVE-2021-44832 unknown version",
            "CVE-2021-45046 mended code"
        ]
    );
    let reason = judged.findings[0].set_aside.clone().unwrap().reason;
    let expected =
        "the version is not known, but only mended ones have JndiManager.class with isJndiEnabled";
    assert_eq!(reason, expected);
}
