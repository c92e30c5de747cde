//! The end of a table: what is set aside, what could not be read, and the coverage verdict.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use plimsoll_model::report::ShardInfo;
use plimsoll_model::{Gap, GapKind, Report, Verdict};

use crate::page::{Flow, Ink, Page, Span, plain, sentence, strong};
use crate::words;

/// Problems that are listed; the JSON report has all.
const MAX_PROBLEMS_SHOWN: usize = 5;
/// Lines that one kind of gap takes.
const MAX_GAP_LINES: usize = 3;
/// Subjects that one gap line names.
const MAX_SUBJECTS_NAMED: usize = 4;
/// Columns of the names of gap kinds.
const LABEL_COLUMNS: usize = 14;
/// Namespaces named for one source, and reasons named for what is set aside.
const MAX_NAMED: usize = 4;

/// Writes one line on what is set aside, and by whom.
pub(super) fn set_aside(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in report.findings.iter().flatten() {
        if let Some(set_aside) = &finding.set_aside {
            *counts.entry(&set_aside.by).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return Ok(());
    }
    let total: u64 = counts.values().sum();
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(by, number)| (Reverse(*number), *by));
    let parts: Vec<String> =
        counts.iter().map(|(by, number)| format!("{number} by {by}")).collect();
    page.blank()?;
    let text = format!("{} ({})", words::count(total, "finding"), words::some(&parts, MAX_NAMED));
    page.flow(&[strong("Set aside: ")], Flow { hang: 2, gap: 1 }, &sentence(&text))
}

/// Writes what could not be read.
pub(super) fn problems(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    if report.problems.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.line(&[strong(&format!("Problems: {}", report.problems.len()))])?;
    for problem in report.problems.iter().take(MAX_PROBLEMS_SHOWN) {
        let layer = problem.layer.map_or_else(String::new, |layer| format!(" (layer {layer})"));
        let text = format!("{}{layer}: {}", problem.path, problem.detail);
        page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&text))?;
    }
    let more = report.problems.len().saturating_sub(MAX_PROBLEMS_SHOWN);
    if more > 0 {
        page.line(&[plain(&format!("  and {more} more; the JSON report lists all"))])?;
    }
    Ok(())
}

/// Writes what the target was judged by, the verdict and the gaps.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    page.blank()?;
    judged_by(page, report)?;
    let verdict = report.coverage.verdict;
    let ink = match verdict {
        Verdict::Complete => Ink::Good,
        Verdict::Partial => Ink::Strong,
        Verdict::None => Ink::Alarm,
    };
    page.exact(&[strong("Coverage: "), Span::new(verdict.name(), ink)])?;
    let packages = report.coverage.packages;
    let first = match (packages.total, packages.judged) {
        (0, _) => "no package was found, so nothing was judged".to_owned(),
        (total, 0) => format!("0 of {} judged: nothing was judged", words::count(total, "package")),
        (total, judged) => format!("{judged} of {} judged", words::count(total, "package")),
    };
    page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&first))?;
    gaps(page, &report.coverage.gaps)
}

fn judged_by(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let Some(database) = report.database.as_ref().filter(|database| !database.shards.is_empty())
    else {
        return Ok(());
    };
    let mut sources: BTreeMap<&str, Vec<&ShardInfo>> = BTreeMap::new();
    for shard in &database.shards {
        sources.entry(&shard.source).or_default().push(shard);
    }
    page.line(&[strong(&format!("Judged as of {} by", report.as_of))])?;
    for (source, shards) in sources {
        let named: Vec<String> = shards.iter().map(|shard| stamped(shard)).collect();
        let text = format!("{source}: {}", words::some(&named, MAX_NAMED));
        page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&text))?;
    }
    if let Some(digest) = &database.digest {
        let built =
            database.built.as_deref().map_or_else(String::new, |day| format!(", built {day}"));
        let text = format!("database {}{built}", words::short(digest));
        page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&text))?;
    }
    page.blank()
}

/// Returns `alpine:3.17 of 2026-11-20`.
fn stamped(shard: &ShardInfo) -> String {
    if shard.updated.is_empty() {
        return shard.namespace.clone();
    }
    format!("{} of {}", shard.namespace, shard.updated)
}

/// Writes the gaps by kind, so that hundreds of one kind take a few lines.
pub(super) fn gaps(page: &mut Page<'_>, gaps: &[Gap]) -> io::Result<()> {
    let mut rest = gaps;
    while let Some(first) = rest.first() {
        let number = rest.iter().take_while(|gap| gap.kind == first.kind).count();
        let (same, others) = rest.split_at(number);
        kind(page, first.kind, same)?;
        rest = others;
    }
    Ok(())
}

fn kind(page: &mut Page<'_>, kind: GapKind, gaps: &[Gap]) -> io::Result<()> {
    let mut lines: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for gap in gaps {
        let place = *places.entry(&gap.detail).or_insert_with(|| {
            lines.push((&gap.detail, Vec::new()));
            lines.len() - 1
        });
        lines[place].1.push(&gap.subject);
    }
    let label = plain(&format!("  {:LABEL_COLUMNS$}  ", name(kind)));
    for (place, (detail, subjects)) in lines.iter().take(MAX_GAP_LINES).enumerate() {
        let text = gap_text(detail, subjects);
        let first = if place == 0 { label.clone() } else { plain(&" ".repeat(label.width())) };
        page.flow(&[first], Flow { hang: label.width(), gap: 1 }, &sentence(&text))?;
    }
    let more: usize = lines.iter().skip(MAX_GAP_LINES).map(|(_, subjects)| subjects.len()).sum();
    if more > 0 {
        let text = format!("and {more} more of this kind; the JSON report lists all");
        let indent = plain(&" ".repeat(label.width()));
        page.flow(&[indent], Flow { hang: label.width(), gap: 1 }, &sentence(&text))?;
    }
    Ok(())
}

fn gap_text(detail: &str, subjects: &[&str]) -> String {
    let said = loosely(detail);
    if subjects.iter().all(|subject| said.contains(&loosely(subject))) {
        return detail.to_owned();
    }
    format!("{}: {detail}", words::some(subjects, MAX_SUBJECTS_NAMED))
}

/// Makes `alpine:3.17` and `Alpine 3.17` the same.
fn loosely(text: &str) -> String {
    text.to_lowercase().replace(':', " ")
}

/// Returns the name of a kind for people, at most [`LABEL_COLUMNS`] wide.
fn name(kind: GapKind) -> &'static str {
    match kind {
        GapKind::NoFeed => "no feed",
        GapKind::FeedUnavailable => "feed not had",
        GapKind::EndOfLife => "end of life",
        GapKind::Stale => "old data",
        GapKind::EmbeddedOnly => "little data",
        GapKind::Unreadable => "not readable",
        GapKind::Limit => "cut at a limit",
        GapKind::DatabaseRemoved => "removed",
        GapKind::NoSeverity => "not rated",
        GapKind::Unidentified => "unidentified",
        GapKind::UnownedExecutable => "unowned",
    }
}
