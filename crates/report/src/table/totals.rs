//! The totals of a table, and what stands there when there is nothing to list.
//!
//! The line `Total: N (UNKNOWN: …, LOW: …, MEDIUM: …, HIGH: …, CRITICAL: …)` is a contract: scripts
//! read it, so it is never cut or wrapped.

use std::collections::BTreeMap;
use std::io;

use plimsoll_model::{GapKind, Report, Severity, Verdict};

use crate::page::{Flow, Ink, Page, Span, plain, sentence, strong};
use crate::words;

/// Writes the totals, the packages by type, and a sentence where no finding counts.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let total = strong(&total(report));
    let more = more(report);
    if more.is_empty() {
        page.exact(&[total])?;
    } else if total.width() + 3 + plain(&more).width() <= page.width() {
        page.exact(&[total, plain("   "), plain(&more)])?;
    } else {
        page.exact(&[total])?;
        page.flow(&[plain("  ")], Flow { hang: 2, gap: 1 }, &sentence(&more))?;
    }
    page.flow(&[], Flow { hang: 2, gap: 1 }, &sentence(&tested(report)))?;
    if report.coverage.verdict == Verdict::None {
        return nothing_judged(page, report);
    }
    if report.summary.total == 0 {
        return nothing_known(page, report);
    }
    Ok(())
}

fn total(report: &Report) -> String {
    let counts = &report.summary.by_severity;
    let parts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter(|severity| **severity != Severity::Negligible)
        .flat_map(|severity| match severity {
            Severity::Low if counts.negligible > 0 => vec![*severity, Severity::Negligible],
            _ => vec![*severity],
        })
        .map(|severity| {
            format!("{}: {}", severity.name().to_uppercase(), words::of(counts, severity))
        })
        .collect();
    format!("Total: {} ({})", report.summary.total, parts.join(", "))
}

fn more(report: &Report) -> String {
    let summary = &report.summary;
    let exploited = report.findings.iter().flatten();
    let exploited = exploited.filter(|finding| finding.counts() && finding.kev.is_some()).count();
    let mut parts = Vec::new();
    if summary.total > 0 {
        parts.push(format!("{} fixable", summary.fixable));
    }
    if exploited > 0 {
        parts.push(format!("{exploited} known to be exploited"));
    }
    if summary.set_aside > 0 {
        parts.push(format!("{} set aside", summary.set_aside));
    }
    parts.join(", ")
}

fn tested(report: &Report) -> String {
    let number = report.packages.len() as u64;
    let by_type = by_type(report);
    let colon = if by_type.is_empty() { "" } else { ": " };
    // What was not judged may not pass for tested.
    let judged = report.coverage.packages.judged;
    let some_of = match report.coverage.verdict {
        Verdict::None if number > 0 => "0 of ".to_owned(),
        _ if report.findings.is_some() && judged < number => format!("{judged} of "),
        _ => String::new(),
    };
    format!("Tested {some_of}{}{colon}{by_type}", words::count(number, "package"))
}

/// Returns `41 apk, 14 maven, 8 pypi`, the most first.
pub(super) fn by_type(report: &Report) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for package in &report.packages {
        *counts.entry(&package.kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(kind, number)| (std::cmp::Reverse(*number), *kind));
    let parts: Vec<String> =
        counts.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    parts.join(", ")
}

/// Says loudly that the report is no acquittal.
fn nothing_judged(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    page.blank()?;
    let why = if report.packages.is_empty() {
        "no package was found".to_owned()
    } else {
        let number = report.packages.len() as u64;
        let shards = report.database.as_ref().map_or(&[][..], |database| &database.shards);
        let none = if shards.is_empty() { "no feed was asked about" } else { "no feed judges" };
        format!("{none} the {}", words::count(number, "package"))
    };
    let first = Span::new("NOTHING WAS JUDGED:", Ink::Alarm);
    let rest = format!(" {why}, so this report says nothing about known vulnerabilities");
    let mut segments: Vec<Vec<Span>> = first.words().into_iter().map(|word| vec![word]).collect();
    segments.extend(sentence(&rest));
    page.flow(&[], Flow { hang: 2, gap: 1 }, &segments)?;
    for gap in report.coverage.gaps.iter().filter(|gap| gap.kind.is_blocking()).take(3) {
        page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&gap.detail))?;
    }
    Ok(())
}

fn nothing_known(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    page.blank()?;
    let judged = report.coverage.packages.judged;
    let mut text = format!(
        "There are no known vulnerabilities in the {} judged",
        words::count(judged, "package")
    );
    if report.coverage.gaps.iter().any(|gap| gap.kind == GapKind::EmbeddedOnly) {
        text = format!(
            "None of the famous vulnerabilities inside the program is in the {}; most of what is known \
             elsewhere was not asked",
            words::count(judged, "package")
        );
    }
    if report.summary.set_aside > 0 {
        text = format!("{text}, besides what is set aside");
    }
    if report.coverage.verdict == Verdict::Partial {
        text = format!("{text}; but the coverage is partial, see below");
    }
    page.flow(&[], Flow { hang: 2, gap: 1 }, &sentence(&text))
}
