//! The lines of findings: severity, id, what is known of its use, title, and what mends it.

use std::io;

use plimsoll_model::Finding;

use crate::page::{Column, Fit, Flow, Ink, Page, Span, faint, plain};
use crate::words;

/// The widest id that gets a line of its own column; a wider one goes on below.
const MAX_ID_COLUMNS: usize = 24;
/// The widest column of fixed versions; what is wider goes on below.
const MAX_FIX_COLUMNS: usize = 26;
/// The narrowest that column gets for the sake of the titles, where no version is wider.
const MIN_FIX_COLUMNS: usize = 14;
/// The widest version that the column is made for, so that none is broken in its midst.
const MAX_VERSION_COLUMNS: usize = 40;
/// Fixed versions that are named.
const MAX_VERSIONS_SHOWN: usize = 4;
/// The widest column of titles.
const MAX_TITLE_COLUMNS: usize = 72;
/// A narrower column of titles is not worth having: they go below.
const MIN_TITLE_COLUMNS: usize = 24;

/// Where the columns of findings lie.
pub(super) struct Rows {
    indent: usize,
    shape: Shape,
    columns: Vec<Column>,
    flags: bool,
    epss: bool,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Shape {
    /// All in one line.
    Whole,
    /// The title on a line below.
    TitleBelow,
    /// No columns: one thing after the other.
    Loose,
}

impl Rows {
    /// Lays the columns out for these findings, so that all of them are aligned.
    pub(super) fn new(page: &Page<'_>, indent: usize, findings: &[&Finding]) -> Self {
        let widest = |cell: &dyn Fn(&Finding) -> Span, most: usize| {
            findings.iter().map(|finding| cell(finding).width()).max().unwrap_or(0).min(most)
        };
        let flags = findings.iter().any(|finding| !flags(finding).is_empty());
        let epss = findings.iter().any(|finding| finding.epss.is_some());
        let column = |width, fit| Column { width, fit };
        let mut columns = vec![
            column(widest(&severity, usize::MAX), Fit::Wrap),
            column(widest(&id, MAX_ID_COLUMNS), Fit::Wrap),
        ];
        if flags {
            columns.push(column(widest(&flag, usize::MAX), Fit::Wrap));
        }
        if epss {
            columns.push(column(widest(&probability, usize::MAX), Fit::Right));
        }
        let word = widest(&longest_word, MAX_VERSION_COLUMNS);
        let fix = widest(&mend, MAX_FIX_COLUMNS).max(word);
        let title = widest(&title, MAX_TITLE_COLUMNS);
        let taken: usize = columns.iter().map(|column| column.width + 2).sum();
        let room = page.width().saturating_sub(indent + taken);
        let title_least = title.min(MIN_TITLE_COLUMNS) + 2;
        let narrow = fix.min(MIN_FIX_COLUMNS);
        let (shape, fix_width) = if room >= narrow.max(word) + title_least {
            (Shape::Whole, fix.min(room - title_least))
        } else if room >= narrow {
            (Shape::TitleBelow, fix.min(room))
        } else {
            (Shape::Loose, 0)
        };
        if shape == Shape::Whole {
            columns.push(column(title.min(room - fix_width - 2), Fit::Cut));
        }
        columns.push(column(fix_width, Fit::Wrap));
        Self { indent, shape, columns, flags, epss }
    }

    /// Writes one finding.
    pub(super) fn write(&self, page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
        let cells = self.cells(finding);
        if self.shape == Shape::Loose {
            let indent = plain(&" ".repeat(self.indent));
            let flow = Flow { hang: self.indent + 2, gap: 2 };
            page.flow(&[indent], flow, &loosened(cells))?;
        } else {
            page.row(self.indent, &self.columns, &cells)?;
        }
        if self.shape != Shape::Whole && finding.title.is_some() {
            let indent = plain(&" ".repeat(self.indent + 2));
            page.line(&[indent, title(finding)])?;
        }
        Ok(())
    }

    fn cells(&self, finding: &Finding) -> Vec<Span> {
        let mut cells = vec![severity(finding).padded(self.columns[0].width), id(finding)];
        if self.flags {
            cells.push(flag(finding));
        }
        if self.epss {
            cells.push(probability(finding));
        }
        if self.shape == Shape::Whole {
            cells.push(title(finding));
        }
        cells.push(mend(finding));
        cells
    }
}

/// Makes each cell a segment, and each word of a long cell, so that it may go on below.
fn loosened(cells: Vec<Span>) -> Vec<Vec<Span>> {
    let filled = cells.into_iter().filter(|cell| cell.width() > 0);
    let words = filled
        .flat_map(|cell| if cell.width() > MAX_FIX_COLUMNS { cell.words() } else { vec![cell] });
    words.map(|word| vec![word]).collect()
}

fn severity(finding: &Finding) -> Span {
    Span::new(&finding.severity.name().to_uppercase(), Ink::Severity(finding.severity))
}

fn id(finding: &Finding) -> Span {
    plain(&finding.id)
}

fn flags(finding: &Finding) -> &'static str {
    match (finding.malicious, finding.kev.is_some()) {
        (true, true) => "malware, exploited",
        (true, false) => "malware",
        (false, true) => "exploited",
        (false, false) => "",
    }
}

fn flag(finding: &Finding) -> Span {
    Span::new(flags(finding), Ink::Alarm)
}

fn probability(finding: &Finding) -> Span {
    finding
        .epss
        .map_or_else(|| plain(""), |epss| plain(&format!("EPSS {:>4}", words::percent(epss.score))))
}

fn title(finding: &Finding) -> Span {
    faint(finding.title.as_deref().unwrap_or(""))
}

/// Returns the longest word of what mends it: a version, mostly.
fn longest_word(finding: &Finding) -> Span {
    mend(finding).words().into_iter().max_by_key(Span::width).unwrap_or_else(|| plain(""))
}

fn mend(finding: &Finding) -> Span {
    let ink = if finding.is_fixable() { Ink::Good } else { Ink::Plain };
    Span::new(&words::fix(finding, MAX_VERSIONS_SHOWN), ink)
}
