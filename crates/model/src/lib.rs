//! The words that all of Plimsoll speaks.
//!
//! In come plain values (texts, bytes, numbers); out go the types that every other crate passes on:
//! [`Tree`], [`Package`], [`Distro`], [`Scheme`], [`Advisory`], [`Finding`], [`Coverage`], [`Report`].
//! This crate never does I/O, never waits, never logs and never reads the environment.

pub mod advisory;
pub mod coverage;
pub mod distro;
pub mod ecosystem;
pub mod finding;
pub mod package;
pub mod range;
pub mod report;
pub mod tree;
pub mod version;
pub mod want;

pub use advisory::{
    Advisory, Affected, Bound, Class, Cvss, Detail, Epss, Interval, Kev, Key, Scope, Severity,
    State,
};
pub use coverage::{Coverage, Gap, GapKind, PackageCount, Verdict};
pub use distro::{Channel, DISTROS, Distro, DistroRow, EolRelease};
pub use ecosystem::{ECOSYSTEMS, Ecosystem};
pub use finding::{Finding, SetAside, Why};
pub use package::{
    Artifact, ArtifactKind, Confidence, Evidence, FileYield, Origin, Package, Problem,
    SourcePackage, THIRD_PARTY,
};
pub use range::{Comparator, InvalidRange, Op, Range};
pub use report::Report;
pub use tree::{Entry, EntryKind, LayerListing, Tree};
pub use version::{InvalidVersion, Scheme};
pub use want::{PROGRAM_HEAD_BYTES, Readers, Want, WantSet, is_program};
