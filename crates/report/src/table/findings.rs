//! The findings of a table: by package, by layer, or below the packages that hold them.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;

use plimsoll_model::package::Confidence;
use plimsoll_model::report::BySeverity;
use plimsoll_model::{Finding, Package, Report};

use super::forest::Forest;
use super::groups::{Group, groups};
use super::rows::Rows;
use crate::page::{Flow, Page, Span, faint, plain, strong};
use crate::words::{self, MAX_INSTRUCTION_COLUMNS};

/// Columns before a finding.
const FINDING_INDENT: usize = 3;
/// Columns by which a package is set in below the one that holds it.
const TREE_STEP: usize = 2;
/// Steps beyond which packages are not set in any further.
const MAX_TREE_STEPS: usize = 6;

/// Writes each package with findings, the worst first.
pub(super) fn by_package(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let groups = groups(report);
    if groups.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let rows = rows(page, FINDING_INDENT, &groups);
    for group in &groups {
        let place = group.package.and_then(|package| words::place(package, report));
        let path = group.package.and_then(shown_at);
        package_line(
            page,
            1,
            group.id,
            group.package,
            &segments(path.as_deref(), place.as_deref(), page),
        )?;
        for finding in &group.findings {
            rows.write(page, finding)?;
        }
    }
    Ok(())
}

/// Writes each layer, the lowest first, with its instruction and the packages that it brought.
pub(super) fn by_layer(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let groups = groups(report);
    let rows = rows(page, FINDING_INDENT, &groups);
    let base = report.target.base.as_ref().map_or(0, |base| base.layers);
    let mut told: HashSet<u32> = HashSet::new();
    for layer in &report.target.layers {
        if !told.insert(layer.index) {
            continue;
        }
        let here: Vec<&Group<'_>> =
            groups.iter().filter(|group| layer_of(group) == Some(layer.index)).collect();
        let mut facts = Vec::new();
        if layer.index < base {
            facts.push("base image".to_owned());
        }
        facts.extend(layer.size.map(words::size));
        facts.push(tally(&here));
        heading(page, &words::layer(layer.index, &report.target.layers), &facts)?;
        listed(page, &rows, &here)?;
    }
    let rest: Vec<&Group<'_>> = groups
        .iter()
        .filter(|group| layer_of(group).is_none_or(|index| !told.contains(&index)))
        .collect();
    if !rest.is_empty() {
        heading(page, "in no known layer", &[tally(&rest)])?;
        listed(page, &rows, &rest)?;
    }
    Ok(())
}

fn heading(page: &mut Page<'_>, name: &str, facts: &[String]) -> io::Result<()> {
    page.blank()?;
    let most = page.width() - 4;
    let mut segments = vec![vec![strong(name).cut(most)]];
    segments.extend(facts.iter().map(|fact| vec![plain(fact)]));
    page.flow(&[], Flow { hang: 4, gap: 3 }, &segments)
}

fn listed(page: &mut Page<'_>, rows: &Rows, groups: &[&Group<'_>]) -> io::Result<()> {
    for group in groups {
        let path = group.package.and_then(shown_at);
        package_line(page, 1, group.id, group.package, &segments(path.as_deref(), None, page))?;
        for finding in &group.findings {
            rows.write(page, finding)?;
        }
    }
    Ok(())
}

fn layer_of(group: &Group<'_>) -> Option<u32> {
    group.package.and_then(|package| package.layer)
}

fn tally(groups: &[&Group<'_>]) -> String {
    let number: usize = groups.iter().map(|group| group.findings.len()).sum();
    if number == 0 {
        return "no findings".to_owned();
    }
    let mut counts = BySeverity::default();
    for finding in groups.iter().flat_map(|group| &group.findings) {
        counts.add(finding.severity);
    }
    format!("{} ({})", words::count(number as u64, "finding"), words::by_severity(&counts))
}

/// Writes the packages with findings below those that hold them, which stand there even without
/// findings of their own.
pub(super) fn by_parent(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let groups = groups(report);
    if groups.is_empty() {
        return Ok(());
    }
    page.blank()?;
    let forest = Forest::new(report, &groups);
    let rows: Vec<Rows> = (0..=MAX_TREE_STEPS)
        .map(|steps| rows(page, FINDING_INDENT + steps * TREE_STEP, &groups))
        .collect();
    let mut due: Vec<(&str, usize)> = forest.roots.iter().rev().map(|id| (*id, 0)).collect();
    while let Some((id, depth)) = due.pop() {
        let steps = depth.min(MAX_TREE_STEPS);
        holder(page, report, &forest, id, steps)?;
        for finding in forest.groups.get(id).into_iter().flat_map(|group| &group.findings) {
            rows[steps].write(page, finding)?;
        }
        let below = forest.children.get(id).into_iter().flatten();
        due.extend(below.rev().map(|child| (*child, depth + 1)));
    }
    Ok(())
}

fn holder(
    page: &mut Page<'_>,
    report: &Report,
    forest: &Forest<'_>,
    id: &str,
    steps: usize,
) -> io::Result<()> {
    let package = forest.packages.get(id).copied();
    let path = package.and_then(|package| {
        let path = forest.path_below(id, words::seen_at(package)?);
        Some(words::shown_at(package, path))
    });
    // What lies in another package lies in its layer.
    let place = match (package, forest.parent(id)) {
        (Some(package), None) => words::place(package, report),
        _ => None,
    };
    let more = segments(path.as_deref(), place.as_deref(), page);
    package_line(page, 1 + steps * TREE_STEP, id, package, &more)
}

fn rows(page: &Page<'_>, indent: usize, groups: &[Group<'_>]) -> Rows {
    let findings: Vec<&Finding> =
        groups.iter().flat_map(|group| group.findings.iter().copied()).collect();
    Rows::new(page, indent, &findings)
}

fn shown_at(package: &Package) -> Option<Cow<'_, str>> {
    words::seen_at(package).map(|path| words::shown_at(package, path))
}

/// Returns the path and the place of a package as segments of its line.
fn segments(path: Option<&str>, place: Option<&str>, page: &Page<'_>) -> Vec<Vec<Span>> {
    let mut segments = Vec::new();
    if let Some(path) = path {
        segments.extend(pieces(path, page.width().saturating_sub(6)));
    }
    segments.extend(place.map(|place| vec![faint(place).cut(MAX_INSTRUCTION_COLUMNS)]));
    segments
}

/// Returns a path whole, or, where no line holds it, cut between the archives that lie in each other.
fn pieces(path: &str, columns: usize) -> Vec<Vec<Span>> {
    const INSIDE: &str = " > ";
    if plain(path).width() <= columns {
        return vec![vec![plain(path)]];
    }
    let parts = path.split_inclusive(INSIDE).map(str::trim_end);
    parts.filter(|part| !part.is_empty()).map(|part| vec![plain(part)]).collect()
}

/// Writes the line of a package: name, version, type, source, and `more`.
fn package_line(
    page: &mut Page<'_>,
    indent: usize,
    id: &str,
    package: Option<&Package>,
    more: &[Vec<Span>],
) -> io::Result<()> {
    let mut segments = match package {
        Some(package) => about(package),
        None => vec![vec![strong(id)], vec![faint("not among the packages of this report")]],
    };
    segments.extend(more.iter().cloned());
    page.flow(&[plain(&" ".repeat(indent))], Flow { hang: indent + 3, gap: 3 }, &segments)
}

fn about(package: &Package) -> Vec<Vec<Span>> {
    let mut segments = vec![
        vec![strong(&package.name), plain(" "), plain(&package.version)],
        vec![plain(&package.kind)],
    ];
    if let Some(source) = words::source(package) {
        segments.push(vec![plain(&format!("(source {source})"))]);
    }
    match package.confidence {
        Some(Confidence::Low) => segments.push(vec![plain("(identity is a guess)")]),
        Some(Confidence::Medium) => segments.push(vec![plain("(identity is likely)")]),
        Some(Confidence::High) | None => {}
    }
    segments
}
