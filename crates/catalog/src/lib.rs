//! Files in, packages out.
//!
//! In comes the merged [`Tree`](plimsoll_model::Tree) of a target, and, while its layers stream past,
//! the bytes of single files; out go the distribution, the packages with their evidence, and what
//! could not be read. This crate never opens a file or a socket, never waits, and never fails as a
//! whole: a broken file is a [`Problem`](plimsoll_model::Problem).
//!
//! [`CATALOGUERS`] is the table of all of them; [`readers`] is what a source runs on each file,
//! [`catalogue`] what is run on the tree when all layers are there.

mod apk;
mod artifacts;
mod attribution;
mod bitnami;
mod bottlerocket;
mod bounds;
mod catalogue;
mod cataloguer;
mod channels;
mod classifier;
mod cpe;
mod database;
mod declared;
mod distro;
mod document;
mod dpkg;
mod homebrew;
mod installations;
mod java;
mod known;
mod languages;
mod nix;
mod node;
mod opkg;
mod owned;
mod pacman;
mod place;
mod portage;
mod program;
mod python;
mod relations;
mod release_file;
mod rpm;
mod runtime;
mod standing;
mod stanza;
mod zip;

pub use apk::parse_installed;
pub use artifacts::unidentified;
pub use bitnami::{parse_components, parse_spdx};
pub use bottlerocket::parse_inventory;
pub use catalogue::{Catalogued, catalogue};
pub use cataloguer::{CatalogReaders, Cataloguer, FileInput, Read, TreeInput, TreeYield, readers};
pub use cpe::split_update as split_cpe_update;
pub use distro::{distro, distro_from_file};
pub use dpkg::parse_status;
pub use homebrew::parse_receipt;
pub use java::read_jar;
pub use nix::split_store_name;
pub use node::{read_node_archive, read_package_json};
pub use opkg::parse_opkg;
pub use owned::{MAX_OWNED_PATHS, Owned, OwnedPath};
pub use pacman::parse_desc;
pub use portage::split_ebuild;
pub use program::{choose_version, release_of, version_in_flags};
pub use python::{parse_conda, parse_metadata, parse_vendored, read_python_archive};
pub use rpm::parse_rpm;
pub use runtime::jvm::{
    JvmRelease, cpe_names as jvm_cpe_names, parse_release as parse_jvm_release,
};

/// Every cataloguer; each row stands in the module of its function. The place in the table is the row number that the cache of layers knows, which
/// the fingerprint of [`readers`] covers: rows may be moved.
pub const CATALOGUERS: &[Cataloguer] = &[
    distro::ROW,
    dpkg::ROW,
    dpkg::files::ROW,
    apk::ROW,
    rpm::ROW,
    pacman::ROW,
    pacman::FILES_ROW,
    opkg::ROW,
    opkg::FILES_ROW,
    portage::ROW,
    portage::FILES_ROW,
    bottlerocket::ROW,
    nix::ROW,
    homebrew::ROW,
    bitnami::ROW,
    node::ROW,
    node::ARCHIVE_ROW,
    python::ROW,
    python::ARCHIVE_ROW,
    python::CONDA_ROW,
    java::ROW,
    languages::conan::ROW,
    languages::dart::ROW,
    languages::dotnet::ROW,
    languages::erlang::ROW,
    languages::haskell::ROW,
    languages::julia::ROW,
    languages::lua::ROW,
    languages::ocaml::ROW,
    languages::perl::ROW,
    languages::php::ROW,
    languages::prolog::ROW,
    languages::r::ROW,
    languages::ruby::ROW,
    languages::swift::ROW,
    languages::vcpkg::ROW,
    languages::wordpress::ROW,
    program::ROW,
    runtime::ROW,
    declared::npm::ROW,
    declared::yarn::ROW,
    declared::pnpm::ROW,
    declared::bun::ROW,
    declared::deno::ROW,
    declared::python::ROW,
    declared::requirements::ROW,
    declared::requirements::CONDA_ROW,
    declared::rust::ROW,
    declared::golang::ROW,
    declared::golang::SUM_ROW,
    declared::ruby::ROW,
    declared::php::ROW,
    declared::dotnet::LOCK_ROW,
    declared::dotnet::PROJECT_ROW,
    declared::maven::ROW,
    declared::jvm::GRADLE_ROW,
    declared::jvm::SBT_ROW,
    declared::beam::MIX_ROW,
    declared::beam::REBAR_ROW,
    declared::dart::ROW,
    declared::swift::ROW,
    declared::swift::PODS_ROW,
    declared::conan::ROW,
    declared::science::R_ROW,
    declared::science::JULIA_ROW,
    declared::haskell::STACK_ROW,
    declared::haskell::CABAL_ROW,
    declared::ocaml::ROW,
    declared::perl::ROW,
    declared::terraform::ROW,
    declared::actions::ROW,
];
