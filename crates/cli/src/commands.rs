//! The commands, one file each.

pub(crate) mod cache;
pub(crate) mod db;
pub(crate) mod order;
pub(crate) mod scan;
