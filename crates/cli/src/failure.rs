//! How a run ends: the exit codes, and errors with a hint.

use std::fmt;
use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Outcome {
    /// Done, and within the gate.
    Done = 0,
    /// The gate failed.
    GateFailed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// The target, the network or the database ended it.
    CannotScan = 3,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome as u8)
    }
}

/// Wrong usage or configuration: ends with exit code 2.
#[derive(Debug)]
pub(crate) struct Usage {
    text: String,
    hint: Option<String>,
}

impl Usage {
    /// Makes one.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), hint: None }
    }

    /// Adds what to do.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns what to do.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Usage {}

/// Something that could not be had: ends with exit code 3.
#[derive(Debug)]
pub(crate) struct Trouble {
    error: anyhow::Error,
    hint: Option<String>,
}

impl Trouble {
    /// Makes one.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { error: anyhow::Error::msg(text.into()), hint: None }
    }

    /// Adds what to do.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Returns what to do.
    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self { error, hint: None }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Trouble {}
