//! The summary of a table: one line a package, with its counts.

use std::collections::HashMap;
use std::io;

use plimsoll_model::report::BySeverity;
use plimsoll_model::{Report, Severity};

use super::groups::{Group, groups};
use crate::page::{Column, Fit, Flow, Ink, Page, Span, faint, plain, strong};
use crate::words;

/// The narrowest column of names and versions; where there is less room, counts become words.
const MIN_NAME_COLUMNS: usize = 20;

/// Writes one line for each package with findings, the worst first.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let groups = groups(report);
    if groups.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let upgrades = upgrades(report);
    let severities: Vec<Severity> = Severity::ALL
        .into_iter()
        .filter(|severity| words::of(&report.summary.by_severity, *severity) > 0)
        .collect();
    let mut rows = vec![head(&severities)];
    rows.extend(groups.iter().map(|group| cells(group, &severities, &upgrades)));
    let columns = columns(page, &rows, severities.len());
    if columns[0].width < MIN_NAME_COLUMNS.min(natural(&rows, 0)) {
        return loose(page, &groups);
    }
    rows.iter().try_for_each(|row| page.row(1, &columns, row))
}

/// Returns the version that the advice names for a package, by its `id`.
fn upgrades(report: &Report) -> HashMap<&str, &str> {
    let steps = report.advice.iter().flat_map(|advice| &advice.steps);
    steps
        .filter(|step| step.action == "upgrade_package")
        .filter_map(|step| Some((step, step.to.as_deref()?)))
        .flat_map(|(step, to)| step.packages.iter().map(move |id| (id.as_str(), to)))
        .collect()
}

fn head(severities: &[Severity]) -> Vec<Span> {
    let mut cells = vec![faint("PACKAGE"), faint("TYPE")];
    cells.extend(severities.iter().map(|severity| faint(short(*severity))));
    cells.extend([faint("FIXABLE"), faint("UPGRADE TO")]);
    cells
}

/// Returns the head of a column of counts.
fn short(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "CRIT",
        Severity::High => "HIGH",
        Severity::Medium => "MED",
        Severity::Low => "LOW",
        Severity::Negligible => "NEGL",
        Severity::Unknown => "UNKN",
    }
}

fn cells(group: &Group<'_>, severities: &[Severity], upgrades: &HashMap<&str, &str>) -> Vec<Span> {
    let kind = group.package.map_or("", |package| package.kind.as_str());
    let mut cells = vec![strong(&named(group)), plain(kind)];
    for severity in severities {
        let number = words::of(&group.counts, *severity);
        let text = if number == 0 { "-".to_owned() } else { number.to_string() };
        cells.push(Span::new(
            &text,
            if number == 0 { Ink::Faint } else { Ink::Severity(*severity) },
        ));
    }
    cells.push(plain(&fixable(group).to_string()));
    cells.push(plain(upgrades.get(group.id).copied().unwrap_or("-")));
    cells
}

fn named(group: &Group<'_>) -> String {
    let version = group.package.map_or("", |package| package.version.as_str());
    format!("{} {version}", group.name()).trim_end().to_owned()
}

fn fixable(group: &Group<'_>) -> usize {
    group.findings.iter().filter(|finding| finding.is_fixable()).count()
}

fn natural(rows: &[Vec<Span>], place: usize) -> usize {
    rows.iter().filter_map(|row| row.get(place)).map(Span::width).max().unwrap_or(0)
}

/// Gives every column what it wants; names and versions share what is left.
fn columns(page: &Page<'_>, rows: &[Vec<Span>], severities: usize) -> Vec<Column> {
    const MAX_TYPE_COLUMNS: usize = 10;
    const MAX_VERSION_COLUMNS: usize = 20;
    let last = severities + 3;
    let mut columns: Vec<Column> = (0..=last)
        .map(|place| match place {
            0 => Column { width: natural(rows, 0), fit: Fit::Wrap },
            1 => Column { width: natural(rows, 1).min(MAX_TYPE_COLUMNS), fit: Fit::Wrap },
            _ if place == last => {
                Column { width: natural(rows, last).min(MAX_VERSION_COLUMNS), fit: Fit::Wrap }
            }
            _ => Column { width: natural(rows, place), fit: Fit::Right },
        })
        .collect();
    let others: usize = columns[1..].iter().map(|column| column.width + 2).sum();
    columns[0].width = columns[0].width.min(page.width().saturating_sub(1 + others));
    columns
}

fn loose(page: &mut Page<'_>, groups: &[Group<'_>]) -> io::Result<()> {
    for group in groups {
        let counts: &BySeverity = &group.counts;
        let mut segments = vec![vec![strong(&named(group))]];
        segments.extend(words::by_severity(counts).split(", ").map(|part| vec![plain(part)]));
        segments.push(vec![plain(&format!("{} fixable", fixable(group)))]);
        page.flow(&[plain(" ")], Flow { hang: 4, gap: 2 }, &segments)?;
    }
    Ok(())
}
