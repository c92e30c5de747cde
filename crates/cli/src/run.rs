//! What one run of the program knows: settings of every command, the day, where things lie.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;

/// Settings that every command shares.
#[derive(Debug)]
pub(crate) struct Run {
    /// Say nothing but the report and errors.
    pub(crate) quiet: bool,
    /// Never touch the network.
    pub(crate) offline: bool,
    /// The mirror of the feeds.
    pub(crate) mirror: Option<String>,
    /// Where things are kept.
    pub(crate) cache_dir: PathBuf,
    /// The configuration files that were read.
    pub(crate) config_files: Vec<String>,
    /// Today, UTC.
    pub(crate) today: Date,
    /// Now: for the age of what is kept.
    pub(crate) now: Timestamp,
    /// Whether standard error is a terminal.
    pub(crate) terminal: bool,
}

impl Run {
    /// Returns whether progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        self.terminal && !self.quiet
    }

    /// Says something beside the report, unless `--quiet`.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            anstream::eprintln!("{text}");
        }
    }
}
