//! Tests of `policy`.

use super::*;
use plimsoll_model::report::{DistroInfo, Eol, Summary, Target, Tool};
use plimsoll_model::{Coverage, Gap, Package, PackageCount, State, Why};

fn finding(id: &str, severity: Severity, fixed: &[&str]) -> Finding {
    Finding {
        id: id.to_owned(),
        aliases: Vec::new(),
        package: "p".to_owned(),
        severity,
        severity_source: String::new(),
        cvss: Vec::new(),
        cwe: Vec::new(),
        epss: None,
        kev: None,
        malicious: false,
        state: State::Affected,
        fixed_versions: fixed.iter().map(|text| (*text).to_owned()).collect(),
        title: None,
        note: None,
        urls: Vec::new(),
        why: Why::default(),
        set_aside: None,
    }
}

fn report(findings: Vec<Finding>, gaps: Vec<Gap>, ended: bool) -> Report {
    let package = Package {
        id: "p".to_owned(),
        name: "n".to_owned(),
        kind: "apk".to_owned(),
        ..Package::default()
    };
    let eol = Some(Eol { date: "2024-11-22".to_owned(), ended, extended: None });
    Report {
        schema_version: 1,
        as_of: "2026-11-24".to_owned(),
        tool: Tool { name: "plimsoll".to_owned(), version: "0".to_owned() },
        config_files: Vec::new(),
        target: Target::default(),
        distro: Some(DistroInfo { name: "Alpine".to_owned(), eol, ..DistroInfo::default() }),
        database: None,
        coverage: Coverage::new(PackageCount { total: 1, judged: 1 }, gaps),
        packages: vec![package],
        summary: Summary::of(&findings),
        findings: Some(findings),
        artifacts: Vec::new(),
        problems: Vec::new(),
        advice: None,
    }
}

fn failures(words: &str, report: &Report) -> Vec<String> {
    Gate::parse(words.split(',')).unwrap().failures(report, None)
}

#[test]
fn each_condition_fails_on_its_own_kind_only() {
    let gap = |kind| Gap { kind, subject: "x".to_owned(), detail: "y".to_owned() };
    let high = report(vec![finding("CVE-1", Severity::High, &["2"])], vec![], false);
    assert_eq!(failures("high", &high), ["1 finding with high severity"]);
    assert_eq!(failures("any,fixable", &high).len(), 2);
    assert!(failures("critical,medium,kev,eol,gaps,gaps=all,unknown", &high).is_empty());
    let ended = report(vec![], vec![gap(GapKind::Unidentified)], true);
    assert_eq!(failures("eol", &ended), ["Alpine is past its end of life (2024-11-22)"]);
    assert!(failures("gaps", &ended).is_empty());
    assert_eq!(failures("gaps=all", &ended), ["1 gap in the coverage"]);
    let stale = report(vec![], vec![gap(GapKind::Stale)], false);
    assert_eq!(failures("gaps", &stale), ["1 gap in the coverage"]);
}

#[test]
fn what_is_set_aside_stays_and_passes_the_gate() {
    let mut findings = vec![
        finding("CVE-1", Severity::High, &["2"]),
        finding("CVE-2", Severity::High, &[]),
        finding("CVE-3", Severity::Low, &["2"]),
    ];
    Filters { severities: vec![Severity::High], only_fixed: true }.apply(&mut findings);
    let by: Vec<Option<&str>> =
        findings.iter().map(|f| f.set_aside.as_ref().map(|aside| aside.by.as_str())).collect();
    assert_eq!(by, [None, Some("only-fixed filter"), Some("severity filter")]);
    let report = report(findings, vec![], false);
    assert_eq!((report.summary.total, report.summary.set_aside), (1, 2));
    assert!(failures("low", &report).is_empty());
}

#[test]
fn new_looks_only_at_what_the_baseline_has_not() {
    let old = report(vec![finding("CVE-1", Severity::High, &[])], vec![], false);
    let now = report(
        vec![finding("CVE-1", Severity::High, &[]), finding("CVE-2", Severity::High, &[])],
        vec![],
        false,
    );
    let gate = Gate::parse(["new-high"]).unwrap();
    assert!(gate.needs_baseline());
    assert_eq!(gate.failures(&now, Some(&old)), ["1 new finding with high severity"]);
    assert!(gate.failures(&old, Some(&old)).is_empty());
}

#[test]
fn an_unknown_word_is_named() {
    let error = Gate::parse(["high", "severe"]).unwrap_err();
    assert_eq!(error.word, "severe");
}
