//! What to do, as a numbered list: each step with the findings that it removes.

use std::collections::{BTreeSet, HashMap};
use std::io;

use plimsoll_model::report::{BySeverity, Step};
use plimsoll_model::{Package, Report, State};

use crate::page::{Column, Fit, Flow, Ink, Page, Span, plain, sentence, share, strong};
use crate::words;

/// Steps that are listed; the JSON report has all.
const MAX_STEPS_SHOWN: usize = 12;
/// Packages without a fix that get a line each; more of them share one.
const MAX_UNFIXED_LINES: usize = 3;
/// Names in such a shared line.
const MAX_UNFIXED_NAMES: usize = 8;
/// Files or packages named behind a step.
const MAX_PLACES_NAMED: usize = 3;
/// Columns below which no column of the list shrinks.
const MIN_CELL_COLUMNS: usize = 8;

/// Writes the heading and the steps; nothing where there are none.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let steps = report.advice.as_ref().map_or(&[][..], |advice| &advice.steps);
    if steps.is_empty() {
        return Ok(());
    }
    page.blank()?;
    page.line(&[strong("What to do")])?;
    let packages: HashMap<&str, &Package> =
        report.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let (unfixed, mended): (Vec<&Step>, Vec<&Step>) =
        steps.iter().partition(|step| step.action == "no_fix");
    let mut lines: Vec<(Span, Span)> = mended
        .iter()
        .take(MAX_STEPS_SHOWN)
        .map(|step| (change(step), Span::new(&removed(step, &packages), Ink::Plain)))
        .collect();
    let more = mended.len().saturating_sub(MAX_STEPS_SHOWN);
    if unfixed.len() <= MAX_UNFIXED_LINES {
        lines.extend(unfixed.iter().map(|step| (plain(&stays(step, report)), plain(""))));
    }
    numbered(page, &lines)?;
    if more > 0 {
        let text =
            format!("and {}; the JSON report lists all", words::count(more as u64, "more step"));
        page.flow(&[plain("     ")], Flow { hang: 5, gap: 1 }, &sentence(&text))?;
    }
    if unfixed.len() > MAX_UNFIXED_LINES {
        page.flow(&[plain("     ")], Flow { hang: 5, gap: 1 }, &sentence(&all_stay(&unfixed)))?;
    }
    Ok(())
}

fn numbered(page: &mut Page<'_>, lines: &[(Span, Span)]) -> io::Result<()> {
    let widest =
        |width: &dyn Fn(&(Span, Span)) -> usize| lines.iter().map(width).max().unwrap_or(0);
    let mending = |line: &(Span, Span)| if line.1.width() > 0 { line.0.width() } else { 0 };
    let wants = [widest(&mending), widest(&|line| line.1.width())];
    let room = page.width().saturating_sub(7);
    let widths = share(room - 2, &wants, MIN_CELL_COLUMNS);
    let column = |width, fit| Column { width, fit };
    let columns =
        [column(3, Fit::Right), column(widths[0], Fit::Wrap), column(widths[1], Fit::Wrap)];
    for (place, (what, effect)) in lines.iter().enumerate() {
        let number = plain(&(place + 1).to_string());
        if effect.width() == 0 {
            let cells = [number, what.clone()];
            page.row(0, &[column(3, Fit::Right), column(room, Fit::Wrap)], &cells)?;
        } else {
            page.row(0, &columns, &[number, what.clone(), effect.clone()])?;
        }
    }
    Ok(())
}

fn change(step: &Step) -> Span {
    let to = step.to.as_deref().unwrap_or("a newer version");
    let text = match (step.action.as_str(), step.from.as_deref()) {
        ("upgrade_base", _) => format!("FROM {}:{to}", step.subject),
        (_, Some(from)) => format!("{} {from} -> {to}", step.subject),
        (_, None) => format!("{} -> {to}", step.subject),
    };
    strong(&text)
}

fn removed(step: &Step, packages: &HashMap<&str, &Package>) -> String {
    let places: BTreeSet<&str> = step
        .packages
        .iter()
        .filter_map(|id| packages.get(id.as_str()))
        .map(|package| place(package))
        .collect();
    let text = format!("removes {}", counted(&step.removes));
    // The subject alone says nothing new; beside others it is one of them.
    if places.iter().all(|place| *place == step.subject) {
        return text;
    }
    let places: Vec<&str> = places.into_iter().collect();
    format!("{text} in {}", words::some(&places, MAX_PLACES_NAMED))
}

/// Returns where a step acts: the outermost file of a library, the name of another package.
fn place(package: &Package) -> &str {
    words::seen_at(package)
        .map_or(package.name.as_str(), |path| path.split(" > ").next().unwrap_or(path))
}

/// Returns `9 findings (5 high, 4 medium)`.
fn counted(counts: &BySeverity) -> String {
    let total = words::count(counts.total(), "finding");
    let parts = words::by_severity(counts);
    if parts.is_empty() { total } else { format!("{total} ({parts})") }
}

fn stays(step: &Step, report: &Report) -> String {
    let hope = report.findings.iter().flatten().any(|finding| {
        finding.counts()
            && !finding.is_fixable()
            && matches!(
                finding.state,
                State::Affected | State::UnderInvestigation | State::FixDeferred
            )
            && step.packages.contains(&finding.package)
    });
    let yet = if hope { "no fix yet" } else { "no fix" };
    format!("{}: {yet} for {}", step.subject, counted(&step.removes))
}

fn all_stay(steps: &[&Step]) -> String {
    let mut counts = BySeverity::default();
    for step in steps {
        counts.critical += step.removes.critical;
        counts.high += step.removes.high;
        counts.medium += step.removes.medium;
        counts.low += step.removes.low;
        counts.negligible += step.removes.negligible;
        counts.unknown += step.removes.unknown;
    }
    let names: Vec<&str> =
        steps.iter().take(MAX_UNFIXED_NAMES).map(|step| step.subject.as_str()).collect();
    let more = steps.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "{} packages have no fix for {}: {}{more}",
        steps.len(),
        counted(&counts),
        names.join(", ")
    )
}
