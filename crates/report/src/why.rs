//! The words that explain a finding, so that a person can redo the comparison by hand.

use plimsoll_model::{DISTROS, Finding, Package, Report, State, ecosystem};

use crate::format::Style;
use crate::page::{Flow, Ink, Page, Span, plain, sentence, strong};
use crate::words;

/// Columns of the names on the left.
const LABEL_COLUMNS: usize = 10;
/// Addresses that are named.
const MAX_URLS_SHOWN: usize = 3;
/// Gaps that are named where nothing was found.
const MAX_GAPS_SHOWN: usize = 5;

/// Explains each finding with this id or alias, in the order of the report, what is set aside too;
/// `None` when there is none. Letter case does not matter.
pub fn why(report: &Report, id: &str, style: &Style) -> Option<String> {
    let id = id.trim();
    let found: Vec<&Finding> =
        report.findings.iter().flatten().filter(|finding| is_named(finding, id)).collect();
    if found.is_empty() {
        return None;
    }
    Some(written(style, |page| {
        for (place, finding) in found.iter().enumerate() {
            if place > 0 {
                page.blank()?;
            }
            explain(page, report, finding)?;
        }
        Ok(())
    }))
}

/// Says what it means that no finding has this id: how much was judged, and what was not.
pub fn why_not_found(report: &Report, id: &str, style: &Style) -> String {
    let packages = report.coverage.packages;
    let text = format!(
        "No finding of this report has the id {}: {} of {} {} judged. Coverage: {}",
        id.trim(),
        packages.judged,
        words::count(packages.total, "package"),
        if packages.total == 1 { "was" } else { "were" },
        report.coverage.verdict.name(),
    );
    written(style, |page| {
        page.flow(&[], Flow { hang: 2, gap: 1 }, &sentence(&text))?;
        let gaps = report.coverage.gaps.iter().filter(|gap| gap.kind.is_blocking());
        for gap in gaps.take(MAX_GAPS_SHOWN) {
            page.flow(&[plain("  ")], Flow { hang: 4, gap: 1 }, &sentence(&gap.detail))?;
        }
        Ok(())
    })
}

fn is_named(finding: &Finding, id: &str) -> bool {
    let ids = std::iter::once(&finding.id).chain(&finding.aliases);
    ids.into_iter().any(|known| known.eq_ignore_ascii_case(id))
}

fn written(style: &Style, write: impl Fn(&mut Page<'_>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    // Memory takes every write; and a page writes nothing but UTF-8.
    let _ = write(&mut Page::new(style, &mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn explain(page: &mut Page<'_>, report: &Report, finding: &Finding) -> std::io::Result<()> {
    let package = report.packages.iter().find(|package| package.id == finding.package);
    headline(page, finding, package)?;
    if let Some(package) = package {
        installed(page, report, package)?;
    }
    label(page, "record", &plain(&record(report, finding)))?;
    label(page, "compared", &plain(&compared(finding, package)))?;
    if let Some(title) = &finding.title {
        label(page, "title", &plain(title))?;
    }
    rated(page, finding)?;
    let fixed = if finding.is_fixable() { "fixed" } else { "state" };
    label(page, fixed, &plain(&mended(finding)))?;
    if finding.malicious {
        label(page, "malware", &Span::new("the package itself is malware", Ink::Alarm))?;
    }
    if let Some(kev) = &finding.kev {
        let text = format!("known to be, listed by CISA on {}, due {}", kev.added, kev.due);
        label(page, "exploited", &Span::new(&text, Ink::Alarm))?;
    }
    if let Some(epss) = finding.epss {
        let score = words::percent(epss.score);
        let text = format!(
            "{score} within 30 days, {} of all CVEs are below",
            words::percent(epss.percentile)
        );
        label(page, "EPSS", &plain(&text))?;
    }
    if !finding.aliases.is_empty() {
        label(page, "also", &plain(&finding.aliases.join(", ")))?;
    }
    if let Some(note) = &finding.note {
        label(page, "note", &plain(note))?;
    }
    if let Some(set_aside) = &finding.set_aside {
        label(page, "set aside", &strong(&format!("by {}: {}", set_aside.by, set_aside.reason)))?;
    }
    for url in finding.urls.iter().take(MAX_URLS_SHOWN) {
        label(page, "read", &plain(url))?;
    }
    Ok(())
}

fn headline(
    page: &mut Page<'_>,
    finding: &Finding,
    package: Option<&Package>,
) -> std::io::Result<()> {
    let (name, version) =
        package.map_or((finding.package.as_str(), ""), |package| (&package.name, &package.version));
    let mut segments = vec![vec![strong(name)]];
    segments.extend((!version.is_empty()).then(|| vec![strong(version)]));
    segments.extend(sentence(words::verb(finding.state)));
    segments.push(vec![strong(&finding.id)]);
    if finding.set_aside.is_some() {
        segments.extend(sentence("(set aside)"));
    }
    page.flow(&[], Flow { hang: 2, gap: 1 }, &segments)
}

fn label(page: &mut Page<'_>, name: &str, text: &Span) -> std::io::Result<()> {
    let first = plain(&format!("  {name:LABEL_COLUMNS$}  "));
    let flow = Flow { hang: first.width(), gap: 1 };
    let words: Vec<Vec<Span>> = text.words().into_iter().map(|word| vec![word]).collect();
    page.flow(&[first], flow, &words)
}

/// Writes each place that shows the package, and the layer that it came with.
fn installed(page: &mut Page<'_>, report: &Report, package: &Package) -> std::io::Result<()> {
    let source = words::source(package);
    let source = source.map_or_else(String::new, |source| format!(", source {source}"));
    for evidence in &package.evidence {
        let text = format!("{}, read by {}{source}", evidence.path, evidence.cataloguer);
        label(page, "installed", &plain(&text))?;
    }
    let Some(index) = package.layer else { return Ok(()) };
    let base = report.target.base.as_ref().map_or(0, |base| base.layers);
    let base = if index < base { ", in the base image" } else { "" };
    let text = words::layer(index, &report.target.layers);
    let text = text.strip_prefix("layer ").unwrap_or(&text);
    label(page, "layer", &plain(&format!("{text}{base}")))
}

fn record(report: &Report, finding: &Finding) -> String {
    let why = &finding.why;
    let shards = report.database.iter().flat_map(|database| &database.shards);
    let shard = shards.into_iter().find(|shard| shard.namespace == why.source).map(|shard| {
        let of =
            if shard.updated.is_empty() { String::new() } else { format!(" of {}", shard.updated) };
        format!("; shard {}{of}, {}", shard.namespace, words::short(&shard.digest))
    });
    format!("{}{}", why.record, shard.unwrap_or_default())
}

/// Returns `3.0.7-r0 < 3.0.8-r0 (apk order), affected are <3.0.8-r0 of openssl`.
fn compared(finding: &Finding, package: Option<&Package>) -> String {
    let why = &finding.why;
    let scheme = package.and_then(|package| {
        let row = DISTROS.iter().find(|row| row.package_type == package.kind);
        let scheme = row.map(|row| row.scheme);
        scheme.or_else(|| ecosystem::find(&package.kind).map(|row| row.scheme))
    });
    let order = scheme.map_or_else(String::new, |scheme| format!(" ({} order)", scheme.name()));
    let mut text = format!("{}{order}", why.comparison);
    if !why.range.is_empty() {
        text = format!("{text}; affected: {} {}", why.matched_name, why.range);
    }
    text
}

/// Writes the severity and who says so, then every rating that is known.
fn rated(page: &mut Page<'_>, finding: &Finding) -> std::io::Result<()> {
    let name = finding.severity.name();
    let said = match finding.severity_source.as_str() {
        "" => format!("{name}, nobody states one"),
        source => format!("{name}, from {source}"),
    };
    label(page, "severity", &Span::new(&said, Ink::Severity(finding.severity)))?;
    for cvss in &finding.cvss {
        let text = format!(
            "{} rates CVSS {} {:.1}, {}",
            cvss.source, cvss.version, cvss.score, cvss.vector
        );
        label(page, "", &plain(&text))?;
    }
    Ok(())
}

fn mended(finding: &Finding) -> String {
    let fix = words::fix(finding, usize::MAX);
    match (finding.is_fixable(), finding.state) {
        // That builds cannot be compared is our word, told with what sets it aside.
        (true, State::Fixed | State::Undetermined) => format!("in {fix}"),
        (true, state) => format!("in {fix}; the feed calls it {}", state.name().replace('_', " ")),
        (false, _) => fix,
    }
}
