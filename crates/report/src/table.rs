//! The table that people read: a head, the totals, the findings, what to do, and last the coverage.
//!
//! A report without `findings` is an inventory and becomes a list of packages.

use std::io::{self, Write};

use plimsoll_model::Report;

use crate::format::{Style, TableKind};
use crate::page::Page;

mod advice;
mod coverage;
mod findings;
mod forest;
mod groups;
mod header;
mod inventory;
mod rows;
mod summary;
mod totals;

/// Writes the table that the style asks for.
pub(crate) fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let mut page = Page::new(style, &mut out);
    header::write(&mut page, report)?;
    if report.findings.is_none() {
        inventory::write(&mut page, report)?;
    } else {
        judged(&mut page, report, style.table)?;
    }
    out.flush()
}

fn judged(page: &mut Page<'_>, report: &Report, kind: TableKind) -> io::Result<()> {
    totals::write(page, report)?;
    match kind {
        TableKind::Summary => summary::write(page, report)?,
        TableKind::Detail => findings::by_package(page, report)?,
        TableKind::Layers => findings::by_layer(page, report)?,
        TableKind::Tree => findings::by_parent(page, report)?,
    }
    advice::write(page, report)?;
    coverage::set_aside(page, report)?;
    coverage::problems(page, report)?;
    coverage::write(page, report)
}
