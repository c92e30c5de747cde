//! Databases that links, devices and folders hide: never silent.

use plimsoll_catalog::{Catalogued, catalogue};
use plimsoll_model::{EntryKind, GapKind, Problem};

use crate::image;

const FILE: EntryKind<'static> = EntryKind::File;
const DEVICE: EntryKind<'static> = EntryKind::Other;
const DIR: EntryKind<'static> = EntryKind::Directory;
const GONE: EntryKind<'static> = EntryKind::Whiteout;

const DPKG: &str = "Package: a\nStatus: install ok installed\nVersion: 1\n\n\
    Package: b\nStatus: install ok installed\nVersion: 1\n";
const APK: &str = "P:a\nV:1-r0\n\nP:b\nV:1-r0\n";

type Entry<'a> = (&'a str, EntryKind<'a>, &'a str);

fn link<'a>(path: &'a str, target: &'a str) -> Entry<'a> {
    (path, EntryKind::Symlink(target), "")
}

fn found(layers: &[&[Entry<'_>]]) -> Catalogued {
    catalogue(
        &image::tree_of_layers(layers),
        &plimsoll_catalog::readers(true),
        &image::layers(layers.len()),
        true,
    )
}

/// Kind and subject of each gap.
fn gaps(found: &Catalogued) -> Vec<(GapKind, &str)> {
    found.gaps.iter().map(|gap| (gap.kind, gap.subject.as_str())).collect()
}

fn problems(found: &Catalogued) -> Vec<&str> {
    found.problems.iter().map(|problem| problem.path.as_str()).collect()
}

#[test]
fn a_database_that_is_a_loop_is_told_beside_another() {
    let found = found(&[&[
        link("var/lib/dpkg/status", "status"),
        ("var/lib/dpkg/status.d/base", FILE, "Package: base\nVersion: 1\n"),
    ]]);
    assert_eq!(found.packages.len(), 1);
    assert_eq!(problems(&found), ["var/lib/dpkg/status"]);
    assert_eq!(gaps(&found), [(GapKind::Unreadable, "var/lib/dpkg/status")]);
}

#[test]
fn what_cannot_be_read_in_the_place_of_a_database_is_told() {
    let places = [
        "var/lib/dpkg/status",
        "lib/apk/db/installed",
        "usr/lib/apk/db/installed",
        "var/lib/rpm/rpmdb.sqlite",
        "usr/share/rpm/Packages.db",
        "usr/lib/opkg/status",
        "usr/share/bottlerocket/application-inventory.json",
    ];
    for place in places {
        let covers = [EntryKind::Symlink("/nonexistent"), EntryKind::Symlink(place), DEVICE, DIR];
        for cover in covers {
            let found = found(&[&[(place, cover, "")]]);
            assert_eq!(gaps(&found), [(GapKind::Unreadable, place)], "{place} {cover:?}");
            assert_eq!(problems(&found), [place]);
        }
    }
    let folders = [
        "var/lib/dpkg/status.d",
        "var/lib/pacman/local",
        "usr/lib/pacman/local",
        "var/db/pkg",
        "nix/store",
        "home/linuxbrew/.linuxbrew/Cellar",
    ];
    for place in folders {
        for cover in [EntryKind::Symlink("/nonexistent"), DEVICE, FILE] {
            let found = found(&[&[(place, cover, "")]]);
            assert_eq!(gaps(&found), [(GapKind::Unreadable, place)], "{place} {cover:?}");
        }
    }
}

#[test]
fn a_file_of_a_package_that_cannot_be_read_is_told() {
    let places = ["var/lib/pacman/local/a-1-1/desc", "opt/bitnami/a/.spdx-a.spdx"];
    for place in places {
        let tree = image::tree_without_bytes(&[(place, FILE, "")]);
        let found = catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(1), true);
        assert_eq!(gaps(&found), [(GapKind::Unreadable, place)]);
    }
    let place = "var/lib/pacman/local/a-1-1/desc";
    for cover in [EntryKind::Symlink("/nonexistent"), DEVICE, DIR] {
        assert_eq!(gaps(&found(&[&[(place, cover, "")]])), [(GapKind::Unreadable, place)]);
    }
    for folder in ["var/lib/pacman/local/a-1-1", "var/db/pkg/a/b-1"] {
        for cover in [EntryKind::Symlink("/nonexistent"), DEVICE] {
            let gone = found(&[&[(folder, cover, "")]]);
            assert_eq!(gaps(&gone), [(GapKind::Unreadable, folder)], "{cover:?}");
        }
    }
}

#[test]
fn a_database_below_a_broken_folder_is_told_once() {
    for target in ["/nonexistent", "/dev/null", "dpkg", "../dpkg2"] {
        let found = found(&[&[
            link("var/lib/dpkg", target),
            link("var/dpkg2", "lib/dpkg"),
            ("dev/null", DEVICE, ""),
        ]]);
        assert_eq!(problems(&found), ["var/lib/dpkg"], "{target}");
        assert_eq!(gaps(&found), [(GapKind::Unreadable, "var/lib/dpkg")]);
    }
    let found = found(&[&[link("var/lib/rpm", "../../usr/lib/sysimage/rpm")]]);
    assert_eq!(gaps(&found), [(GapKind::Unreadable, "var/lib/rpm")]);
}

#[test]
fn a_chain_of_too_many_links_is_told() {
    let names: Vec<String> = (0..60).map(|number| format!("l{number}")).collect();
    let mut entries: Vec<Entry<'_>> = names.windows(2).map(|two| link(&two[0], &two[1])).collect();
    entries.push(link("var/lib/dpkg/status", "/l0"));
    entries.push(("l59", FILE, DPKG));
    assert_eq!(gaps(&found(&[&entries])), [(GapKind::Unreadable, "var/lib/dpkg/status")]);
}

#[test]
fn a_database_that_an_upper_layer_covers_is_removed() {
    let databases = [("var/lib/dpkg/status", DPKG), ("lib/apk/db/installed", APK)];
    for (place, text) in databases {
        let folder = place.rsplit_once('/').unwrap().0;
        let covers: [&[Entry<'_>]; 6] = [
            &[link(place, "/nonexistent")],
            &[link(place, "/dev/null")],
            &[link(folder, "/nonexistent")],
            &[link(folder, "../../..")],
            &[(place, DEVICE, "")],
            &[(folder, FILE, "")],
        ];
        for cover in covers {
            let found = found(&[&[(place, FILE, text)], cover]);
            let gap = found.gaps.iter().find(|gap| gap.kind == GapKind::DatabaseRemoved);
            let gap = gap.unwrap_or_else(|| panic!("{cover:?}: {:?}", found.gaps));
            assert_eq!(gap.subject, place);
            assert_eq!(
                gap.detail,
                "a layer above layer 0 removed it; 2 packages were listed there"
            );
        }
        let emptied = found(&[&[(place, FILE, text)], &[link(place, "/e"), ("e", FILE, "")]]);
        assert_eq!(gaps(&emptied), [(GapKind::DatabaseRemoved, place)]);
    }
}

#[test]
fn folders_and_unread_databases_that_are_covered_are_removed() {
    let lower: &[Entry<'_>] =
        &[("var/lib/dpkg/status.d/a", FILE, DPKG), ("var/lib/rpm/Packages", FILE, "x")];
    let upper: &[Entry<'_>] =
        &[link("var/lib/dpkg", "/srv"), link("var/lib/rpm", "/srv"), ("srv", DIR, "")];
    let found = found(&[lower, upper]);
    assert_eq!(
        gaps(&found),
        [
            (GapKind::DatabaseRemoved, "var/lib/dpkg/status.d"),
            (GapKind::DatabaseRemoved, "var/lib/rpm/Packages"),
        ]
    );
}

#[test]
fn another_kind_of_database_counts_when_it_lists_what_was_removed() {
    let lower: &[Entry<'_>] = &[("var/lib/dpkg/status", FILE, DPKG)];
    let gone = ("var/lib/dpkg/status", GONE, "");
    let moved = found(&[lower, &[gone, ("var/lib/dpkg/status.d/all", FILE, DPKG)]]);
    assert_eq!(gaps(&moved), []);
    let one = ("var/lib/dpkg/status.d/a", FILE, "Package: a\nVersion: 1\n");
    let found = found(&[lower, &[gone, one]]);
    assert_eq!(gaps(&found), [(GapKind::DatabaseRemoved, "var/lib/dpkg/status")]);
}

#[test]
fn a_database_in_the_other_place_counts_when_it_is_the_same_one() {
    let lower: &[Entry<'_>] = &[("lib/apk/db/installed", FILE, APK)];
    let gone = ("lib/apk", GONE, "");
    let place = "usr/lib/apk/db/installed";
    let upgraded = found(&[lower, &[gone, (place, FILE, "P:a\nV:2-r0\n\nP:c\nV:1-r0\n")]]);
    assert_eq!((upgraded.packages.len(), gaps(&upgraded)), (2, vec![]));
    let found = found(&[lower, &[gone, (place, FILE, "P:c\nV:1-r0\n")]]);
    assert_eq!(gaps(&found), [(GapKind::DatabaseRemoved, "lib/apk/db/installed")]);
}

#[test]
fn a_database_that_moved_behind_a_link_keeps_its_layers() {
    let found = found(&[
        &[("var/lib/dpkg/status", FILE, "Package: a\nVersion: 1\n")],
        &[link("var/lib/dpkg", "/usr/lib/dpkg-db"), ("usr/lib/dpkg-db/status", FILE, DPKG)],
    ]);
    let layers: Vec<_> = found.packages.iter().map(|package| package.layer).collect();
    assert_eq!(layers, [Some(0), Some(1)]);
    assert_eq!(found.packages[0].evidence[0].path, "usr/lib/dpkg-db/status");
    assert_eq!((gaps(&found), problems(&found)), (vec![], vec![]));
}

#[test]
fn a_hard_link_to_nothing_is_a_gap_where_a_cataloguer_wants_it() {
    let hard = EntryKind::Hardlink("var/lib/dpkg/status-old");
    let wanted = ["var/lib/dpkg/status", "var/lib/rpm/Packages", "srv/shop.jar", "etc/os-release"];
    for path in wanted {
        let found = found(&[&[(path, hard, "")]]);
        assert_eq!(gaps(&found), [(GapKind::Unreadable, path)]);
        assert_eq!(problems(&found), [path]);
    }
    let found = found(&[&[("srv/text", hard, "")]]);
    assert_eq!((gaps(&found), problems(&found)), (vec![], vec!["srv/text"]));
}

#[test]
fn a_database_whose_bytes_were_not_kept_is_told_once() {
    let told = |path: &str| Problem {
        path: path.to_owned(),
        layer: Some(0),
        detail: "it has 9 bytes, more than the 8 that are read".to_owned(),
        gap: Some(GapKind::Limit),
    };
    let files: [&[Entry<'_>]; 2] = [
        &[("var/lib/dpkg/status", FILE, "")],
        &[link("var/lib/dpkg/status", "/srv/db"), ("srv/db", FILE, "")],
    ];
    for (entries, real) in files.into_iter().zip(["var/lib/dpkg/status", "srv/db"]) {
        let mut tree = image::tree_without_bytes(entries);
        let silent = catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(1), true);
        assert_eq!(gaps(&silent), [(GapKind::Unreadable, "var/lib/dpkg/status")]);
        tree.add_problem(told(real));
        let found = catalogue(&tree, &plimsoll_catalog::readers(true), &image::layers(1), true);
        assert_eq!(gaps(&found), [(GapKind::Limit, real)]);
        assert_eq!(found.problems.len(), 1);
    }
}

#[test]
fn a_release_file_that_cannot_be_read_is_told_where_no_other_tells() {
    let broken = link("etc/os-release", "../usr/lib/os-release");
    let found_none = found(&[&[broken, ("usr/lib", DIR, "")]]);
    assert_eq!(gaps(&found_none), [(GapKind::Unreadable, "etc/os-release")]);
    assert!(found_none.distro.is_none());
    let found = found(&[&[broken, ("etc/alpine-release", FILE, "3.19.1\n")]]);
    assert_eq!((gaps(&found), problems(&found)), (vec![], vec![]));
}

#[test]
fn what_is_well_or_never_was_is_not_told() {
    let merged = found(&[&[
        link("lib", "usr/lib"),
        ("usr/lib/apk/db/installed", FILE, APK),
        link("var/lib", "/nowhere"),
    ]]);
    assert_eq!(merged.packages.len(), 2);
    assert_eq!((gaps(&merged), problems(&merged)), (vec![], vec![]));
    let elsewhere =
        found(&[&[link("home", "var/home"), link("opt", "var/opt"), link("nix", "/x")]]);
    assert_eq!((gaps(&elsewhere), problems(&elsewhere)), (vec![], vec![]));
    let empty = found(&[&[("var/lib/dpkg/status.d", DIR, ""), ("var/lib/pacman/local", DIR, "")]]);
    assert_eq!((gaps(&empty), problems(&empty)), (vec![], vec![]));
}

#[test]
fn an_empty_database_is_a_gap_unless_another_lists_packages() {
    for path in ["var/lib/dpkg/status", "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite"] {
        let empty = catalogue(
            &image::tree_of(&[(path, "")]),
            &plimsoll_catalog::readers(true),
            &image::layers(1),
            true,
        );
        assert_eq!(gaps(&empty), [(GapKind::Unreadable, path)]);
    }
    let distroless = [
        ("var/lib/dpkg/status", ""),
        ("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\nArchitecture: all\n"),
    ];
    let found = catalogue(
        &image::tree_of(&distroless),
        &plimsoll_catalog::readers(true),
        &image::layers(1),
        true,
    );
    assert_eq!((found.packages.len(), gaps(&found)), (1, vec![]));
}
