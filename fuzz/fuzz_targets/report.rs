//! Reports read back and written in every format and style: a text that begins as a JSON object as it
//! is, others as a recipe for a report. No text of theirs steers a terminal.

#![no_main]

use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;
use plimsoll_model::Report;
use plimsoll_report::{FORMATS, Style, TableKind, parse_report, why, why_not_found};

fuzz_target!(|data: &[u8]| {
    let report = match data {
        [b'{', ..] => parse_report(data).ok(),
        _ => plimsoll_fuzz::report::report(&mut Unstructured::new(data)).ok(),
    };
    let Some(report) = report else { return };
    for table in TableKind::ALL {
        for width in [40, 97] {
            write_all(&report, &Style { width, color: false, table });
        }
    }
    let style = Style::default();
    for finding in report.findings.iter().flatten().take(4) {
        check("why", &why(&report, &finding.id, &style).unwrap_or_default());
    }
    check("why-not", &why_not_found(&report, "CVE-2023-0286\u{1b}[31m", &style));
});

fn write_all(report: &Report, style: &Style) {
    for format in FORMATS {
        let mut out = Vec::new();
        (format.write)(report, style, &mut out).expect("memory can be written to");
        let text = String::from_utf8(out).expect("a report is text");
        check(format.name, &text);
        if format.name == "json" {
            let again = parse_report(text.as_bytes()).expect("a report that was written is read");
            assert_eq!(again.packages, report.packages);
            assert_eq!(again.problems, report.problems);
            assert_eq!(again.coverage, report.coverage);
        }
    }
}

fn check(what: &str, text: &str) {
    let bad = text.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(bad, None, "{what}: a character that steers a terminal");
}
