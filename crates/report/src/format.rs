//! The table of report formats, and how a report for people is to look.
//!
//! A format is one file with a `write` and one row here.

use std::io::{self, Write};

use plimsoll_model::Report;

use crate::{json, table};

/// Columns of a table that goes to no terminal.
pub const DEFAULT_WIDTH_COLUMNS: usize = 100;
/// Columns below which a table does not shrink any more.
pub const MIN_WIDTH_COLUMNS: usize = 40;
/// Columns beyond which a table does not grow any more.
pub const MAX_WIDTH_COLUMNS: usize = 1000;

/// One format that a report can be written in.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name after `--format`: `table`.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// How the name of a file of this format ends, without the point: `json`.
    pub suffix: &'static str,
    /// Writes the whole report. The only errors are those of the writer, passed on as they are
    /// (a broken pipe too).
    pub write: fn(&Report, &Style, &mut dyn Write) -> io::Result<()>,
}

/// All formats, the one for people first, the others by name.
pub const FORMATS: &[Format] = &[
    Format {
        name: "table",
        about: "for people, on a terminal",
        suffix: "txt",
        write: table::write,
    },
    Format {
        name: "json",
        about: "the whole report, for tools",
        suffix: "json",
        write: json::write,
    },
];

/// Finds the row of a format by its name.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// How a report for people is to look; the formats for tools pay no heed to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Style {
    /// Columns of the terminal, taken as [`MIN_WIDTH_COLUMNS`] to [`MAX_WIDTH_COLUMNS`].
    pub width: usize,
    /// Whether to colour with ANSI sequences. Nothing is said by colour alone.
    pub color: bool,
    /// Which table.
    pub table: TableKind,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: DEFAULT_WIDTH_COLUMNS, color: false, table: TableKind::Detail }
    }
}

/// The kinds of tables.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum TableKind {
    /// One line a package, with counts.
    Summary,
    /// Each finding, by package.
    #[default]
    Detail,
    /// Each finding, by layer and package.
    Layers,
    /// Each finding, packages below those that hold them.
    Tree,
}

impl TableKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Summary, Self::Detail, Self::Layers, Self::Tree];

    /// Returns the word after `--table`: `detail`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Detail => "detail",
            Self::Layers => "layers",
            Self::Tree => "tree",
        }
    }
}
