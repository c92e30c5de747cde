//! The page that tables are laid out on: spans of shown text, lines that never run over, columns.
//!
//! The only way to the writer leads through [`Span`], and a span takes nothing but shown text: so no
//! foreign text can break the layout.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects};
use plimsoll_model::Severity;

use crate::format::{MAX_WIDTH_COLUMNS, MIN_WIDTH_COLUMNS, Style};
use crate::text::{self, MAX_SHOWN_COLUMNS};

/// What a span is, which decides its colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ink {
    /// Text.
    Plain,
    /// A heading or a name.
    Strong,
    /// What can be passed over.
    Faint,
    /// What must not be passed over.
    Alarm,
    /// What is well: a fix.
    Good,
    /// A severity.
    Severity(Severity),
}

impl Ink {
    fn style(self) -> anstyle::Style {
        let color = |color: AnsiColor| color.on_default();
        match self {
            Self::Plain => anstyle::Style::new(),
            Self::Strong => anstyle::Style::new().bold(),
            Self::Faint => anstyle::Style::new().dimmed(),
            Self::Alarm | Self::Severity(Severity::Critical) => {
                color(AnsiColor::Red) | Effects::BOLD
            }
            Self::Good => color(AnsiColor::Green),
            Self::Severity(Severity::High) => color(AnsiColor::Red),
            Self::Severity(Severity::Medium) => color(AnsiColor::Yellow),
            Self::Severity(Severity::Low) => color(AnsiColor::Cyan),
            Self::Severity(Severity::Negligible | Severity::Unknown) => {
                anstyle::Style::new().dimmed()
            }
        }
    }
}

/// A piece of a line: shown text in one ink.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Span {
    text: String,
    ink: Ink,
}

impl Span {
    /// Makes a span of any text, spelled out and cut at [`MAX_SHOWN_COLUMNS`].
    pub(crate) fn new(text: &str, ink: Ink) -> Self {
        // At most two of three shown characters are accents, which take no column: three times the
        // characters are enough to fill the columns, and a text of megabytes costs nothing.
        let most = 3 * (MAX_SHOWN_COLUMNS + 1);
        let head = text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at]);
        Self { text: text::cut(&text::shown(head), MAX_SHOWN_COLUMNS), ink }
    }

    /// Returns its columns.
    pub(crate) fn width(&self) -> usize {
        text::width(&self.text)
    }

    /// Returns it cut to `columns`.
    pub(crate) fn cut(&self, columns: usize) -> Self {
        Self { text: text::cut(&self.text, columns), ink: self.ink }
    }

    /// Returns it with blanks behind, so that it takes at least `columns`.
    pub(crate) fn padded(mut self, columns: usize) -> Self {
        let missing = columns.saturating_sub(self.width());
        self.text.extend(std::iter::repeat_n(' ', missing));
        self
    }

    /// Returns its words, none of them empty.
    pub(crate) fn words(&self) -> Vec<Self> {
        let words = self.text.split(' ').filter(|word| !word.is_empty());
        words.map(|word| Self { text: word.to_owned(), ink: self.ink }).collect()
    }

    fn split(&self, columns: usize) -> (Self, Self) {
        // A character wider than the line is taken all the same, or there would be no end.
        let least = self.text.chars().next().map_or(0, char::len_utf8);
        let (head, _) = text::split(&self.text, columns);
        let (head, tail) = self.text.split_at(head.len().max(least));
        let span = |text: &str| Self { text: text.to_owned(), ink: self.ink };
        (span(head), span(tail))
    }
}

/// Makes a plain span.
pub(crate) fn plain(text: &str) -> Span {
    Span::new(text, Ink::Plain)
}

/// Makes a faint span.
pub(crate) fn faint(text: &str) -> Span {
    Span::new(text, Ink::Faint)
}

/// Makes a strong span.
pub(crate) fn strong(text: &str) -> Span {
    Span::new(text, Ink::Strong)
}

/// Returns the words of a sentence as the segments of [`Page::flow`].
pub(crate) fn sentence(text: &str) -> Vec<Vec<Span>> {
    plain(text).words().into_iter().map(|word| vec![word]).collect()
}

/// How segments are set one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flow {
    /// Columns before each line but the first.
    pub hang: usize,
    /// Columns between two segments.
    pub gap: usize,
}

/// One column of rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The columns that it has.
    pub width: usize,
    /// What happens to a cell that is too long.
    pub fit: Fit,
}

/// What happens to a cell that is too long for its column.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fit {
    /// It goes on below.
    Wrap,
    /// It is cut.
    Cut,
    /// It goes on below; a short one is set to the right.
    Right,
}

/// The writer and the width of one table.
pub(crate) struct Page<'a> {
    out: &'a mut dyn Write,
    color: bool,
    width: usize,
    /// Blanks that are due: they are written with the text behind them, and a line that ends drops them.
    blanks: usize,
}

impl<'a> Page<'a> {
    /// Makes a page as the style asks.
    pub(crate) fn new(style: &Style, out: &'a mut dyn Write) -> Self {
        Self {
            out,
            color: style.color,
            width: style.width.clamp(MIN_WIDTH_COLUMNS, MAX_WIDTH_COLUMNS),
            blanks: 0,
        }
    }

    /// Returns the columns of a line.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Ends the line; an empty one where nothing was put.
    pub(crate) fn blank(&mut self) -> io::Result<()> {
        self.blanks = 0;
        self.out.write_all(b"\n")
    }

    /// Writes one line whose form is a contract: it is neither cut nor wrapped.
    pub(crate) fn exact(&mut self, spans: &[Span]) -> io::Result<()> {
        self.put(spans)?;
        self.blank()
    }

    /// Writes one line; what runs over is cut.
    pub(crate) fn line(&mut self, spans: &[Span]) -> io::Result<()> {
        let mut left = self.width;
        let mut fitting = Vec::with_capacity(spans.len());
        for span in spans {
            if span.width() > left {
                fitting.push(span.cut(left));
                break;
            }
            left -= span.width();
            fitting.push(span.clone());
        }
        self.exact(&fitting)
    }

    /// Writes `first` and then the segments, going on below where a line is full. A segment is kept
    /// whole where a line can hold it, else broken.
    pub(crate) fn flow(
        &mut self,
        first: &[Span],
        flow: Flow,
        segments: &[Vec<Span>],
    ) -> io::Result<()> {
        let hang = flow.hang.min(self.width / 2);
        let mut used: usize = first.iter().map(Span::width).sum();
        let mut gap = 0;
        self.put(first)?;
        for segment in segments.iter().filter(|segment| !segment.is_empty()) {
            let wide: usize = segment.iter().map(Span::width).sum();
            if used + gap + wide > self.width && (gap > 0 || wide <= self.width - hang) {
                self.blank()?;
                self.pad(hang);
                (used, gap) = (hang, 0);
            }
            self.pad(gap);
            used = self.broken(segment, used + gap, hang)?;
            gap = flow.gap;
        }
        self.blank()
    }

    /// Puts a segment from column `used` on, broken where a line is full; returns the column reached.
    fn broken(&mut self, segment: &[Span], mut used: usize, hang: usize) -> io::Result<usize> {
        for span in segment {
            let mut rest = span.clone();
            while used + rest.width() > self.width {
                if used >= self.width {
                    self.blank()?;
                    self.pad(hang);
                    used = hang;
                    continue;
                }
                let (head, tail) = rest.split(self.width - used);
                self.put(&[head])?;
                (used, rest) = (self.width, tail);
            }
            used += rest.width();
            self.put(&[rest])?;
        }
        Ok(used)
    }

    /// Writes one row of cells with two columns between them, on as many lines as the cells need.
    pub(crate) fn row(
        &mut self,
        indent: usize,
        columns: &[Column],
        cells: &[Span],
    ) -> io::Result<()> {
        let lines: Vec<Vec<Span>> =
            columns.iter().zip(cells).map(|(column, cell)| fitted(*column, cell)).collect();
        let height = lines.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut due = indent;
            for (column, cell) in columns.iter().zip(&lines) {
                let Some(span) = cell.get(line).filter(|span| !span.text.is_empty()) else {
                    due += column.width + 2;
                    continue;
                };
                let wide = span.width();
                let before = if column.fit == Fit::Right { column.width - wide } else { 0 };
                self.pad(due + before);
                self.put(std::slice::from_ref(span))?;
                due = column.width - wide - before + 2;
            }
            self.blank()?;
        }
        Ok(())
    }

    fn pad(&mut self, columns: usize) {
        self.blanks += columns;
    }

    fn put(&mut self, spans: &[Span]) -> io::Result<()> {
        for span in spans {
            let text = span.text.trim_end_matches(' ');
            if !text.is_empty() {
                let style = if self.color { span.ink.style() } else { anstyle::Style::new() };
                let blanks = std::mem::take(&mut self.blanks);
                write!(self.out, "{:blanks$}{style}{text}{style:#}", "")?;
            }
            self.blanks += span.text.len() - text.len();
        }
        Ok(())
    }
}

/// Returns the lines of a cell, none wider than its column.
fn fitted(column: Column, cell: &Span) -> Vec<Span> {
    if column.fit == Fit::Cut || cell.width() <= column.width {
        return vec![cell.cut(column.width)];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in cell.words() {
        let mut word = word;
        let room = column.width.saturating_sub(text::width(&line) + 1);
        if !line.is_empty() && word.width() <= room {
            line.push(' ');
            line.push_str(&word.text);
            continue;
        }
        if !line.is_empty() {
            lines.push(Span { text: std::mem::take(&mut line), ink: cell.ink });
        }
        while word.width() > column.width {
            let (head, tail) = word.split(column.width);
            lines.push(head.cut(column.width));
            word = tail;
        }
        line = word.text;
    }
    if !line.is_empty() {
        lines.push(Span { text: line, ink: cell.ink });
    }
    lines
}

/// Shares `room` columns out among columns that would like `wants`, none shrunk below `least` while
/// another has more to give: the widest gives first.
pub(crate) fn share(room: usize, wants: &[usize], least: usize) -> Vec<usize> {
    let mut widths = wants.to_vec();
    let mut over = widths.iter().sum::<usize>().saturating_sub(room);
    while over > 0 {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > least) else { break };
        *widest -= 1;
        over -= 1;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: usize, write: impl Fn(&mut Page<'_>) -> io::Result<()>) -> String {
        let mut bytes = Vec::new();
        let style = Style { width, ..Style::default() };
        write(&mut Page::new(&style, &mut bytes)).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_flow_goes_on_below_and_breaks_what_no_line_holds() {
        let long = "x".repeat(50);
        let segments = [vec![plain("one")], vec![plain(&long)], vec![plain("two")]];
        let text =
            written(40, |page| page.flow(&[plain("a ")], Flow { hang: 4, gap: 3 }, &segments));
        assert_eq!(text, format!("a one\n    {}\n    {}   two\n", "x".repeat(36), "x".repeat(14)));
    }

    #[test]
    fn rows_keep_their_columns() {
        let column = |width, fit| Column { width, fit };
        let columns = [column(6, Fit::Wrap), column(4, Fit::Right), column(5, Fit::Cut)];
        let cells = [plain("aa bbbbbbbb"), plain("7"), plain("title long")];
        let text = written(40, |page| page.row(1, &columns, &cells));
        assert_eq!(text, " aa         7  titl…\n bbbbbb\n bb\n");
    }

    #[test]
    fn colour_goes_around_text_only_when_asked() {
        let style = Style { color: true, ..Style::default() };
        let mut bytes = Vec::new();
        Page::new(&style, &mut bytes).line(&[strong("a"), plain("b")]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{1b}[1ma\u{1b}[0mb\n");
    }

    #[test]
    fn a_long_text_is_cut_at_its_limit() {
        assert_eq!(Span::new(&"y".repeat(10_000_000), Ink::Plain).width(), MAX_SHOWN_COLUMNS);
        assert_eq!(Span::new(&"\u{1b}".repeat(10_000), Ink::Plain).width(), MAX_SHOWN_COLUMNS);
    }

    #[test]
    fn the_widest_column_gives_first() {
        assert_eq!(share(20, &[5, 30, 5], 4), [5, 10, 5]);
        assert_eq!(share(100, &[5, 30], 4), [5, 30]);
        assert_eq!(share(3, &[5, 6], 4), [4, 4]);
    }
}
