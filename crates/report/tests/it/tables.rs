//! Snapshots of the tables; `UPDATE=1 cargo test` rewrites them.

use std::path::Path;

use plimsoll_model::{Package, Report};
use plimsoll_report::{FORMATS, Style, TableKind, find};

use crate::sample;

/// Writes in a format.
pub(crate) fn written(format: &str, report: &Report, style: &Style) -> String {
    let mut bytes = Vec::new();
    (find(format).unwrap().write)(report, style, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Compares with a file of the fixtures, or rewrites it.
pub(crate) fn check(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let path = folder.join(format!("{name}.expected"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name} differs; `UPDATE=1 cargo test` rewrites it; now:\n{text}");
}

fn style(width: usize, table: TableKind) -> Style {
    Style { width, color: false, table }
}

#[test]
fn every_format_writes_the_sample() {
    for format in FORMATS {
        check(format.name, &written(format.name, &sample::rich(), &Style::default()));
    }
}

#[test]
fn every_kind_at_every_width() {
    for kind in TableKind::ALL {
        for width in [60, 80, 100, 160] {
            let text = written("table", &sample::rich(), &style(width, kind));
            check(&format!("table-{}-{width}", kind.name()), &text);
        }
    }
}

#[test]
fn no_version_is_broken_in_its_midst() {
    let mut report = sample::rich();
    let findings = report.findings.as_mut().unwrap();
    for finding in findings.iter_mut() {
        finding.fixed_versions =
            vec!["25.0.6+incompatible".to_owned(), "26.1.5+incompatible".to_owned()];
    }
    let has_both = |text: &str| {
        ["25.0.6+incompatible, ", "25.0.6+incompatible,\n"].iter().any(|start| text.contains(start))
            && text.contains("26.1.5+incompatible")
            && !text.contains("incompatibl\n")
    };
    for width in [80, 100, 110, 120, 160] {
        let text = written("table", &report, &style(width, TableKind::Detail));
        assert!(has_both(&text), "{width}:\n{text}");
    }
}

#[test]
fn reports_with_little_in_them() {
    for (name, report) in [
        ("folder", sample::folder()),
        ("not-judged", sample::not_judged()),
        ("empty", sample::empty()),
        ("inventory", sample::inventory()),
    ] {
        check(&format!("table-{name}"), &written("table", &report, &Style::default()));
    }
}

#[test]
fn colour_adds_nothing_but_sequences() {
    for kind in TableKind::ALL {
        let plain = written("table", &sample::rich(), &style(100, kind));
        let colored = written("table", &sample::rich(), &Style { color: true, ..style(100, kind) });
        assert_ne!(plain, colored);
        assert_eq!(plain, without_sequences(&colored));
    }
}

/// Drops `ESC [ … m`.
fn without_sequences(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').unwrap().1);
    }
    plain
}

#[test]
fn the_totals_line_keeps_its_form() {
    let mut report = sample::rich();
    let wanted = "\nTotal: 13 (UNKNOWN: 1, LOW: 1, NEGLIGIBLE: 1, MEDIUM: 3, HIGH: 5, CRITICAL: 2)";
    for width in [0, 40, 60, 200] {
        let text = written("table", &report, &style(width, TableKind::Detail));
        assert!(text.contains(wanted), "{text}");
    }
    report.summary.by_severity.negligible = 0;
    let text = written("table", &report, &Style::default());
    assert!(text.contains("(UNKNOWN: 1, LOW: 1, MEDIUM: 3, HIGH: 5, CRITICAL: 2)"), "{text}");
}

#[test]
fn no_name_passes_for_a_line_of_ours() {
    let mut report = sample::rich();
    report.target.name =
        "Total: 0 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 0)".to_owned();
    report.distro.as_mut().unwrap().name = "Coverage: complete".to_owned();
    report.packages[0].name = "Coverage: complete".to_owned();
    for kind in TableKind::ALL {
        let text = written("table", &report, &style(100, kind));
        let starts = |word: &str| text.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((starts("Total: "), starts("Coverage: ")), (1, 1), "{text}");
        assert!(text.contains("\nCoverage: partial\n"), "{text}");
    }
}

#[test]
fn no_report_is_called_clean() {
    for report in [sample::folder(), sample::not_judged(), sample::empty(), sample::inventory()] {
        for kind in TableKind::ALL {
            let text = written("table", &report, &style(100, kind)).to_lowercase();
            assert!(!text.contains("clean"), "{text}");
        }
    }
    let text = written("table", &sample::folder(), &Style::default());
    assert!(text.contains("no known vulnerabilities in the 7 packages judged"), "{text}");
    let text = written("table", &sample::not_judged(), &Style::default());
    assert!(text.contains("NOTHING WAS JUDGED"), "{text}");
    assert!(!text.contains("no known vulnerabilities"), "{text}");
    assert!(text.contains("Tested 0 of 7 packages"), "{text}");
}

#[test]
fn a_finding_without_its_package_and_packages_that_hold_each_other_are_shown() {
    let mut report = sample::rich();
    let findings = report.findings.as_mut().unwrap();
    findings[0].package = "0000000000000000".to_owned();
    let (first, second) = (report.packages[0].id.clone(), report.packages[1].id.clone());
    report.packages[0].parent = Some(second);
    report.packages[1].parent = Some(first.clone());
    report.packages[4].parent = Some(report.packages[4].id.clone());
    for kind in TableKind::ALL {
        let text = written("table", &report, &style(100, kind));
        assert!(text.contains("0000000000000000"), "{}: {text}", kind.name());
        for name in ["busybox", "libcrypto3", "libssl3", "python3", "zlib", "log4j-core"] {
            assert!(text.contains(name), "{}: {name}: {text}", kind.name());
        }
    }
}

#[test]
fn a_broken_pipe_is_passed_on() {
    struct Closed;
    impl std::io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in FORMATS {
        for report in [sample::rich(), sample::empty(), sample::inventory()] {
            let error = (format.write)(&report, &Style::default(), &mut Closed).unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{}", format.name);
        }
    }
}

#[test]
fn what_is_only_declared_is_shown_as_such() {
    for (report, style) in [
        (sample::inventory(), style(120, TableKind::Summary)),
        (sample::rich(), style(120, TableKind::Detail)),
        (sample::rich(), style(120, TableKind::Layers)),
        (sample::rich(), style(120, TableKind::Tree)),
    ] {
        let mut report = report;
        assert!(!written("table", &report, &style).contains("declared in"));
        let languages = |package: &&mut Package| ["npm", "pypi"].contains(&&*package.kind);
        for package in report.packages.iter_mut().filter(languages) {
            package.declared = true;
            package.evidence[0].path = "srv/poetry.lock".to_owned();
        }
        let text = written("table", &report, &style);
        assert!(text.contains("declared in srv/poetry.lock"), "{text}");
    }
}
