//! Files in, packages out.
//!
//! In comes the merged [`Tree`](plimsoll_model::Tree) of a target, and, while its layers stream past,
//! the bytes of single files; out go the distribution, the packages with their evidence, and what
//! could not be read. This crate never opens a file or a socket, never waits, and never fails as a
//! whole: a broken file is a [`Problem`](plimsoll_model::Problem).
//!
//! [`CATALOGUERS`] is the table of all of them; [`readers`] is what a source runs on each file,
//! [`catalogue`] what is run on the tree when all layers are there.

use plimsoll_model::Want;

mod apk;
mod attribution;
mod bitnami;
mod bottlerocket;
mod catalogue;
mod cataloguer;
mod channels;
mod database;
mod distro;
mod document;
mod dpkg;
mod homebrew;
mod java;
mod nix;
mod opkg;
mod owned;
mod pacman;
mod portage;
mod python;
mod release_file;
mod rpm;
mod standing;
mod stanza;

pub use apk::parse_installed;
pub use bitnami::{parse_components, parse_spdx};
pub use bottlerocket::parse_inventory;
pub use catalogue::{Catalogued, catalogue};
pub use cataloguer::{CatalogReaders, Cataloguer, FileInput, Read, TreeInput, TreeYield, readers};
pub use distro::{distro, distro_from_file};
pub use dpkg::parse_status;
pub use homebrew::parse_receipt;
pub use java::read_jar;
pub use nix::split_store_name;
pub use opkg::parse_opkg;
pub use owned::{MAX_OWNED_PATHS, Owned, OwnedPath};
pub use pacman::parse_desc;
pub use portage::split_ebuild;
pub use python::parse_metadata;
pub use rpm::parse_rpm;

/// Every cataloguer. The place in the table is the row number that the cache of layers knows, which
/// the fingerprint of [`readers`] covers: rows may be moved.
pub const CATALOGUERS: &[Cataloguer] = &[
    Cataloguer {
        name: "distro",
        version: 3,
        wants: distro::WANTS,
        max_body_bytes: channels::MAX_FILE_BYTES,
        read: Read::Tree(distro::read),
    },
    Cataloguer {
        name: "dpkg",
        version: 3,
        wants: dpkg::WANTS,
        max_body_bytes: database::MAX_DATABASE_BYTES as u64,
        read: Read::Tree(dpkg::read),
    },
    Cataloguer {
        name: "dpkg-files",
        version: 1,
        wants: dpkg::files::WANTS,
        max_body_bytes: dpkg::files::MAX_LIST_BYTES,
        read: Read::File(dpkg::files::read),
    },
    Cataloguer {
        name: "apk",
        version: 3,
        wants: apk::WANTS,
        max_body_bytes: database::MAX_DATABASE_BYTES as u64,
        read: Read::Tree(apk::read),
    },
    Cataloguer {
        name: "rpm",
        version: 1,
        wants: rpm::WANTS,
        max_body_bytes: database::MAX_DATABASE_BYTES as u64,
        read: Read::Tree(rpm::read),
    },
    Cataloguer {
        name: "pacman",
        version: 1,
        wants: pacman::WANTS,
        max_body_bytes: pacman::MAX_DESC_BYTES as u64,
        read: Read::Tree(pacman::read),
    },
    Cataloguer {
        name: "pacman-files",
        version: 1,
        wants: pacman::FILES_WANTS,
        max_body_bytes: pacman::MAX_FILES_BYTES,
        read: Read::File(pacman::read_files),
    },
    Cataloguer {
        name: "opkg",
        version: 1,
        wants: opkg::WANTS,
        max_body_bytes: database::MAX_DATABASE_BYTES as u64,
        read: Read::Tree(opkg::read),
    },
    Cataloguer {
        name: "opkg-files",
        version: 1,
        wants: opkg::FILES_WANTS,
        max_body_bytes: opkg::MAX_LIST_BYTES,
        read: Read::File(opkg::read_list),
    },
    Cataloguer {
        name: "portage",
        version: 1,
        wants: portage::WANTS,
        max_body_bytes: portage::MAX_SMALL_FILE_BYTES as u64,
        read: Read::Tree(portage::read),
    },
    Cataloguer {
        name: "portage-files",
        version: 1,
        wants: portage::FILES_WANTS,
        max_body_bytes: portage::MAX_CONTENTS_BYTES,
        read: Read::File(portage::read_contents),
    },
    Cataloguer {
        name: "bottlerocket",
        version: 1,
        wants: bottlerocket::WANTS,
        max_body_bytes: document::MAX_DOCUMENT_BYTES as u64,
        read: Read::Tree(bottlerocket::read),
    },
    Cataloguer {
        name: "nix",
        version: 1,
        // The names in the store say it all.
        wants: &[],
        max_body_bytes: 0,
        read: Read::Tree(nix::read),
    },
    Cataloguer {
        name: "homebrew",
        version: 1,
        wants: homebrew::WANTS,
        max_body_bytes: document::MAX_DOCUMENT_BYTES as u64,
        read: Read::Tree(homebrew::read),
    },
    Cataloguer {
        name: "bitnami",
        version: 1,
        wants: bitnami::WANTS,
        max_body_bytes: document::MAX_DOCUMENT_BYTES as u64,
        read: Read::Tree(bitnami::read),
    },
    Cataloguer {
        name: "python",
        version: 1,
        wants: &[
            Want::Suffix(".dist-info/METADATA"),
            Want::Suffix(".egg-info/PKG-INFO"),
            Want::Suffix(".egg-info"),
            Want::Suffix("/EGG-INFO/PKG-INFO"),
        ],
        max_body_bytes: 16 << 20,
        read: Read::File(python::read),
    },
    Cataloguer {
        name: "java",
        version: 1,
        wants: &[
            Want::Suffix(".jar"),
            Want::Suffix(".war"),
            Want::Suffix(".ear"),
            Want::Suffix(".par"),
            Want::Suffix(".sar"),
            Want::Suffix(".nar"),
            Want::Suffix(".kar"),
            Want::Suffix(".jpi"),
            Want::Suffix(".hpi"),
        ],
        max_body_bytes: 512 << 20,
        read: Read::File(java::read),
    },
];
