//! The pipeline from a target to a report.
