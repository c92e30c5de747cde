//! The head of a table: what was scanned, its distribution and its base image.

use std::io;

use plimsoll_model::Report;
use plimsoll_model::distro::{self, Release};
use plimsoll_model::report::{Base, DistroInfo, Target};

use crate::page::{Flow, Ink, Page, Span, faint, plain, strong};
use crate::words;

/// One line of the head: a name on the left, facts on the right.
struct Line {
    name: Span,
    facts: Vec<Vec<Span>>,
}

/// Writes the head and an empty line.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let mut lines = vec![target(&report.target)];
    lines.push(distribution(report.distro.as_ref(), &report.as_of));
    lines.extend(report.target.base.as_ref().map(base));
    let most = page.width() / 2 - 3;
    let left = lines.iter().map(|line| line.name.width()).filter(|width| *width <= most).max();
    for line in &lines {
        put(page, line, left.unwrap_or(0))?;
    }
    page.blank()
}

/// Writes a line with the facts in their column, or behind the name where that is too long for it.
fn put(page: &mut Page<'_>, line: &Line, left: usize) -> io::Result<()> {
    let wide = line.name.width();
    if wide > left {
        let mut segments = vec![vec![line.name.clone()]];
        segments.extend(line.facts.iter().cloned());
        return page.flow(&[], Flow { hang: 4, gap: 3 }, &segments);
    }
    if line.facts.is_empty() {
        return page.line(std::slice::from_ref(&line.name));
    }
    let gap = plain(&" ".repeat(left - wide + 3));
    page.flow(&[line.name.clone(), gap], Flow { hang: left + 3, gap: 3 }, &line.facts)
}

fn target(target: &Target) -> Line {
    let mut facts = Vec::new();
    if let Some(digest) = target.digest.as_deref().or(target.image_id.as_deref()) {
        facts.push(vec![plain(&words::short(digest))]);
    }
    facts.extend(target.platform.as_deref().map(|platform| vec![plain(platform)]));
    if !target.layers.is_empty() {
        facts.push(vec![plain(&layers(target))]);
    }
    let source = target.source.as_deref().unwrap_or(&target.kind);
    facts.push(vec![faint(&format!("from {source}"))]);
    Line { name: strong(&quoted(&target.name)), facts }
}

/// Puts a name that starts a line into backticks where it could pass for a line of ours: scripts read
/// `Total: …` and `Coverage: …`, and the name is the target's to choose.
fn quoted(name: &str) -> String {
    if name.contains(": ") || name.ends_with(':') { format!("`{name}`") } else { name.to_owned() }
}

/// Returns `7 layers, 61 MB`, and how many of them nobody hashed.
fn layers(target: &Target) -> String {
    let mut text = words::count(target.layers.len() as u64, "layer");
    let sizes: Option<Vec<u64>> = target.layers.iter().map(|layer| layer.size).collect();
    if let Some(sizes) = sizes {
        let bytes = sizes.iter().fold(0u64, |sum, size| sum.saturating_add(*size));
        text = format!("{text}, {}", words::size(bytes));
    }
    match target.layers.iter().filter(|layer| !layer.verified).count() {
        0 => text,
        unhashed => format!("{text}, {unhashed} not hashed"),
    }
}

fn distribution(distro: Option<&DistroInfo>, as_of: &str) -> Line {
    let Some(distro) = distro else {
        return Line { name: plain("No distribution found"), facts: Vec::new() };
    };
    let name = if distro.name.is_empty() { &distro.id } else { &distro.name };
    let name = if distro.version_id.is_empty() || name.contains(&distro.version_id) {
        name.clone()
    } else {
        format!("{name} ({})", distro.version_id)
    };
    let told = match (&distro.eol, distro::find(&distro.id)) {
        (None, None) => "not a distribution that is known here".to_owned(),
        (None, Some(row)) if row.release == Release::Rolling => "rolling release".to_owned(),
        (eol, _) => words::end_of_life(eol.as_ref(), as_of),
    };
    let ended = distro.eol.as_ref().is_some_and(|eol| eol.ended);
    let ink = if ended { Ink::Alarm } else { Ink::Plain };
    Line { name: plain(&quoted(&name)), facts: vec![vec![Span::new(&told, ink)]] }
}

fn base(base: &Base) -> Line {
    let mut name = format!("Base image {}", base.name);
    if let Some(tag) = &base.tag {
        name = format!("{name}:{tag}");
    }
    let mut facts = vec![vec![plain(&format!("known from its {}", base.how))]];
    facts.extend(base.digest.as_deref().map(|digest| vec![plain(&words::short(digest))]));
    if base.layers > 0 {
        facts.push(vec![plain(&words::count(base.layers.into(), "layer"))]);
    }
    Line { name: plain(&name), facts }
}
