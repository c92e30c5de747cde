//! Upstream advisories: fetched, parsed, built into shards.
//!
//! In comes a namespace (`alpine:3.17`, `debian:12`, `cve:2023`); out goes a shard, built here from
//! the files of the upstream that serves it. [`Lazy`] does so for what a scan asks for and keeps it
//! in a cache; [`build()`] makes a whole release. This crate must never be needed for matching.
//!
//! [`FEEDS`] is the table of upstreams, a file and a row each. A `parse` is a pure function of bytes.

pub mod alpine;
pub mod amazon;
pub mod arch;
pub mod azure;
pub mod bottlerocket;
mod build;
mod cached;
pub mod cve;
pub mod cve5;
pub mod debian;
pub mod echo;
pub mod eol;
pub mod epss;
mod error;
pub mod fedora;
mod feed;
mod fetch;
pub mod gentoo;
pub mod kev;
mod known_jars;
mod lazy;
pub mod nvd;
pub mod oracle;
pub mod osv;
mod oval;
mod packed;
pub mod photon;
pub mod rating;
pub mod redhat;
mod repodata;
pub mod rocky;
pub mod suse;
mod text;
pub mod ubuntu;
pub mod updateinfo;
mod xml;

pub use build::{BuildError, BuildOptions, BuildRow, Outcome, build};
pub use cached::{Cached, cached};
pub use error::FeedError;
pub use feed::{
    Draft, Feed, Harvest, Input, Lean, MAX_KEY_BYTES, MAX_NOTES, MAX_ROWS, Row, SourceFile, Texts,
};
pub use fetch::MAX_LOSS_PERCENT;
pub use known_jars::{KnownJarsError, build_known_jars, parse as parse_known_jar};
pub use lazy::{Held, Lazy, LazyOptions, MAX_SINGLE_LOOKUPS};

/// Every upstream, sorted by id.
pub const FEEDS: &[Feed] = &[
    osv::ALMALINUX,
    osv::ALPAQUITA,
    alpine::ALPINE,
    amazon::AMAZON,
    arch::ARCH,
    azure::AZURE,
    bottlerocket::BOTTLEROCKET,
    alpine::CHAINGUARD,
    cve::CVE,
    debian::DEBIAN,
    echo::ECHO,
    eol::EOL,
    epss::EPSS,
    fedora::FEDORA,
    gentoo::GENTOO,
    kev::KEV,
    osv::MAGEIA,
    alpine::MINIMOS,
    nvd::NVD,
    nvd::NVD_PRODUCT,
    osv::OPENEULER,
    oracle::ORACLE,
    osv::OSV,
    photon::PHOTON,
    redhat::REDHAT,
    redhat::REDHAT_CPE,
    rocky::ROCKY,
    suse::SUSE,
    ubuntu::UBUNTU,
    alpine::WOLFI,
];

/// Finds the feed that serves a namespace.
pub fn find(namespace: &str) -> Option<&'static Feed> {
    FEEDS.iter().find(|feed| (feed.files)(namespace).is_some())
}
