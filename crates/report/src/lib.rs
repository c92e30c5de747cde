//! Reports for people and tools.
//!
//! In comes a [`plimsoll_model::Report`]; out goes text: the table that people read, the JSON that
//! tools read, and the words that explain one finding. This crate decides nothing: it never matches,
//! filters or rates; it never reads the clock, the environment or the size of a terminal, and no
//! text of a target or a feed reaches a terminal but through [`shown`].

mod format;
mod json;
mod page;
mod table;
mod text;
mod why;
mod words;

pub use format::{
    DEFAULT_WIDTH_COLUMNS, FORMATS, Format, MAX_WIDTH_COLUMNS, MIN_WIDTH_COLUMNS, Style, TableKind,
    find,
};
pub use json::{MAX_REPORT_BYTES, REPORT_SCHEMA, ReportError, parse_report};
pub use text::shown;
pub use why::{why, why_not_found};
