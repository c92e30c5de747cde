//! The table of an inventory: every package, the counts by type, and what could not be read.

use std::io;

use plimsoll_model::package::Origin;
use plimsoll_model::{Package, Report};

use super::{coverage, totals};
use crate::page::{Column, Fit, Flow, Page, Span, faint, plain, sentence, share, strong};
use crate::words;

/// Columns below which no column shrinks; five of them and their gaps fit the narrowest page.
const MIN_CELL_COLUMNS: usize = 6;
/// The widest that a column wishes to be.
const MAX_CELL_COLUMNS: usize = 60;

/// Writes the packages in the order of the report.
pub(super) fn write(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let number = report.packages.len() as u64;
    let by_type = totals::by_type(report);
    let colon = if by_type.is_empty() { "" } else { ": " };
    let text = format!("Found {}{colon}{by_type}", words::count(number, "package"));
    page.flow(&[], Flow { hang: 2, gap: 1 }, &sentence(&text))?;
    if !report.packages.is_empty() {
        page.blank()?;
        list(page, report)?;
    }
    coverage::problems(page, report)?;
    page.blank()?;
    let text = "this is an inventory, no package was judged";
    page.flow(&[strong("Coverage: ")], Flow { hang: 2, gap: 1 }, &sentence(text))?;
    coverage::gaps(page, &report.coverage.gaps)
}

fn list(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let head = ["NAME", "VERSION", "TYPE", "SOURCE", "WHERE"].map(faint);
    let mut rows: Vec<Vec<Span>> = vec![head.to_vec()];
    rows.extend(report.packages.iter().map(cells));
    let wants: Vec<usize> = (0..rows[0].len())
        .map(|place| rows.iter().map(|row| row[place].width()).max().unwrap_or(0))
        .map(|width| width.min(MAX_CELL_COLUMNS))
        .collect();
    let room = page.width() - 1 - 2 * (wants.len() - 1);
    let columns: Vec<Column> = share(room, &wants, MIN_CELL_COLUMNS)
        .into_iter()
        .map(|width| Column { width, fit: Fit::Wrap })
        .collect();
    rows.iter().try_for_each(|row| page.row(1, &columns, row))
}

fn cells(package: &Package) -> Vec<Span> {
    vec![
        strong(&package.name),
        plain(&package.version),
        plain(&package.kind),
        plain(&words::source(package).unwrap_or_default()),
        plain(&place(package)),
    ]
}

/// Returns the path of a library and who brought the package: `srv/a.jar, layer 6`,
/// `declared in yarn.lock`.
fn place(package: &Package) -> String {
    let origin = match package.origin {
        Some(Origin::Base) => Some("base image".to_owned()),
        _ => package.layer.map(|layer| format!("layer {layer}")),
    };
    let path = words::seen_at(package).map(|path| words::shown_at(package, path).into_owned());
    path.into_iter().chain(origin).collect::<Vec<_>>().join(", ")
}
