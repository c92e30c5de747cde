//! Databases of package managers that keep a folder, a document or a name for each package. The first byte
//! chooses; names are what stands before the first line break.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{
    parse_components, parse_desc, parse_inventory, parse_opkg, parse_receipt, parse_spdx, readers,
    split_ebuild, split_store_name,
};
use plimsoll_model::{Distro, Package, Problem, Readers, Scheme};

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    match choice % 9 {
        0 => check("alpm", "arch", parse_desc(body)),
        1 => check("opkg", "openwrt", parse_opkg(body)),
        2 => check("rpm", "bottlerocket", parse_inventory(body)),
        3 => {
            let (packages, problems) = parse_spdx(body);
            check("bitnami", "debian", (Vec::new(), problems));
            // A document names libraries of other types too.
            for package in packages {
                check(&package.kind.clone(), "debian", (vec![package], Vec::new()));
            }
        }
        4 => check("bitnami", "debian", parse_components(body)),
        5 => {
            let (tap, problems) = parse_receipt(body);
            assert!(tap.is_none_or(|tap| !tap.is_empty()));
            assert!(problems.iter().all(|problem| problem.gap.is_none()));
        }
        6 => names(body),
        7 => files("var/lib/pacman/local/a-1-1/files", body),
        _ => {
            files("var/db/pkg/a/b-1/CONTENTS", body);
            files("usr/lib/opkg/info/a.list", body);
        }
    }
});

fn check(kind: &str, distro: &str, (packages, problems): (Vec<Package>, Vec<Problem>)) {
    assert!(problems.len() <= 101, "problems have a limit");
    assert!(problems.iter().all(|problem| !problem.detail.is_empty()));
    let distro = Distro::new(distro, "1", "", "", "");
    for mut package in packages {
        assert_eq!(package.kind, kind);
        assert!(!package.name.is_empty() && !package.version.is_empty());
        assert!(package.arch.as_ref().is_none_or(|arch| !arch.is_empty()));
        assert!(package.licenses.len() <= 50, "licences have a limit");
        package.finish(Some(&distro), "");
        let is_purl = package.purl.is_empty() || package.purl.starts_with(&format!("pkg:{kind}/"));
        assert!(is_purl, "{}", package.purl);
    }
}

fn names(body: &[u8]) {
    let name = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    if let Some((package, version)) = split_ebuild(&name) {
        assert_eq!(format!("{package}-{version}"), name);
        assert!(Scheme::Ebuild.is_valid(version));
    }
    for entry in [name.to_string(), format!("1b9p07z77phvv2hf6gm9f28syp39f1ag-{name}")] {
        if let Some((package, version)) = split_store_name(&entry) {
            assert!(!package.is_empty() && !version.is_empty());
            assert!(entry[33..].starts_with(&format!("{package}-{version}")));
        }
    }
}

/// Lists of files: never more hashes than lines, and the same for the same bytes.
fn files(path: &str, body: &[u8]) {
    let readers = readers(false);
    let rows = readers.wants().ask(path, false) & !readers.tree_rows();
    assert_ne!(rows, 0, "{path} is wanted");
    let taken = readers.read(path, rows, body);
    let lines = body.split(|byte| *byte == b'\n').count();
    for (_, taken) in &taken {
        assert!(taken.packages.is_empty() && taken.owned.len() <= lines);
    }
    assert_eq!(taken, readers.read(path, rows, body));
}
