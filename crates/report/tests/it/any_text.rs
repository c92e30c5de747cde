//! Any text in any place: no table may obey it or run over the width.

use plimsoll_model::Report;
use plimsoll_report::{
    MAX_WIDTH_COLUMNS, MIN_WIDTH_COLUMNS, Style, TableKind, shown, why, why_not_found,
};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use crate::sample;
use crate::tables::written;

/// Puts the text in every place that a target or a feed fills.
fn with_text(mut report: Report, text: &str) -> Report {
    let put = |place: &mut String| text.clone_into(place);
    put(&mut report.target.name);
    report.target.platform.iter_mut().for_each(put);
    for layer in report.target.layers.iter_mut().skip(1) {
        layer.created_by.iter_mut().for_each(put);
    }
    report.target.base.iter_mut().for_each(|base| put(&mut base.name));
    report.distro.iter_mut().for_each(|distro| put(&mut distro.name));
    for package in report.packages.iter_mut().skip(2) {
        put(&mut package.name);
        put(&mut package.version);
        put(&mut package.kind);
        package.source.iter_mut().for_each(|source| put(&mut source.name));
        package.evidence.iter_mut().for_each(|evidence| put(&mut evidence.path));
    }
    for finding in report.findings.iter_mut().flatten() {
        put(&mut finding.id);
        finding.title.iter_mut().for_each(put);
        finding.fixed_versions.iter_mut().for_each(put);
        put(&mut finding.why.record);
        put(&mut finding.severity_source);
        finding.set_aside.iter_mut().for_each(|set_aside| put(&mut set_aside.by));
    }
    for gap in report.coverage.gaps.iter_mut().take(3) {
        put(&mut gap.subject);
        put(&mut gap.detail);
    }
    for problem in &mut report.problems {
        put(&mut problem.path);
        put(&mut problem.detail);
    }
    for step in report.advice.iter_mut().flat_map(|advice| &mut advice.steps) {
        put(&mut step.subject);
        step.to.iter_mut().for_each(put);
    }
    report
}

fn is_harmless(letter: char) -> bool {
    let is_bidi = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{200e}' | '\u{200f}');
    let is_break = matches!(letter, '\u{2028}' | '\u{2029}');
    !letter.is_control() && !is_bidi && !is_break
}

fn check(text: &str, width: usize) {
    for line in text.lines() {
        assert!(line.chars().all(is_harmless), "{line:?}");
        let free = line.starts_with("Total: ");
        assert!(free || line.width() <= width, "{} > {width}: {line}", line.width());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_table(
        text in prop_oneof![any::<String>(), "\\PC{0,300}", "[\\x00-\\x20\\x7f-\u{a0}\u{200b}-\u{206f}a\u{301}]{0,80}"],
        width in MIN_WIDTH_COLUMNS..170,
    ) {
        let report = with_text(sample::rich(), &text);
        for table in TableKind::ALL {
            let style = Style { width, color: false, table };
            check(&written("table", &report, &style), width);
        }
        let style = Style { width, ..Style::default() };
        check(&written("table", &with_text(sample::inventory(), &text), &style), width);
        check(&why(&report, &text, &style).unwrap_or_default(), width);
        check(&why_not_found(&report, &text, &style), width);
    }

    #[test]
    fn shown_twice_is_shown_once(text in any::<String>()) {
        let once = shown(&text);
        prop_assert!(once.chars().all(is_harmless));
        prop_assert_eq!(shown(&once), once);
    }
}

#[test]
fn every_sample_keeps_to_every_width() {
    for report in [
        sample::rich(),
        sample::inventory(),
        sample::folder(),
        sample::not_judged(),
        sample::empty(),
    ] {
        for width in [40, 50, 60, 72, 80, 100, 120, 160, 240] {
            for table in TableKind::ALL {
                let text = written("table", &report, &Style { width, color: false, table });
                check(&text, width);
                assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
            }
        }
    }
}

#[test]
fn widths_beyond_the_limits_count_as_the_limits() {
    let at = |width| written("table", &sample::rich(), &Style { width, ..Style::default() });
    assert_eq!(at(0), at(MIN_WIDTH_COLUMNS));
    assert_eq!(at(usize::MAX), at(MAX_WIDTH_COLUMNS));
}
