//! A database that the real pacman wrote, against what pacman itself lists from it.

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll_catalog::catalogue;

use crate::image;

struct Made {
    name: &'static str,
    version: &'static str,
    base: &'static str,
    licenses: &'static [&'static str],
    file: &'static str,
}

const METADATA: &str = "usr/lib/python3.12/site-packages/six-1.16.0.dist-info/METADATA";
const MADE: &[Made] = &[
    Made {
        name: "gcc-libs",
        version: "14.2.1+r753+g1cd744a6828f-1",
        base: "gcc",
        licenses: &["GPL-3.0", "LGPL-3.0"],
        file: "usr/lib/libgcc_s.so.1",
    },
    Made {
        name: "python-six",
        version: "1.16.0-9",
        base: "python-six",
        licenses: &["MIT"],
        file: METADATA,
    },
    Made {
        name: "zlib",
        version: "1:1.3.1-2",
        base: "zlib",
        licenses: &["custom:zlib"],
        file: "usr/share/a name/with blanks",
    },
];

fn pack(made: &Made, folder: &Path) {
    let licenses: Vec<String> =
        made.licenses.iter().map(|text| format!("license = {text}\n")).collect();
    let info = format!(
        "pkgname = {}\npkgbase = {}\npkgver = {}\npkgdesc = a text\nbuilddate = 1700000000\n\
         packager = A Person <person@archlinux.org>\nsize = 1\narch = any\n{}",
        made.name,
        made.base,
        made.version,
        licenses.concat()
    );
    let name = format!("{}-{}-any.pkg.tar", made.name, made.version);
    let mut archive = tar::Builder::new(fs::File::create(folder.join(name)).unwrap());
    let body = "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n";
    for (path, text) in [(".PKGINFO", info.as_str()), (made.file, body)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}

/// Runs pacman on a root of its own; `None` where it is not there, or may not be run.
fn pacman(folder: &Path, root: &Path, arguments: &[&str]) -> Option<String> {
    let config = folder.join("pacman.conf");
    let settings = "[options]\nSigLevel = Never\nLocalFileSigLevel = Never\nArchitecture = auto\n";
    fs::write(&config, settings).unwrap();
    let mut command = Command::new("pacman");
    command.arg("--config").arg(&config).arg("--root").arg(root).arg("--noconfirm").args(arguments);
    let output = command.env("LC_ALL", "C").output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if told.contains("unless you are root") {
        return None;
    }
    assert!(output.status.success(), "pacman {arguments:?}: {told}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_pacman_installed_is_what_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("var/lib/pacman")).unwrap();
    let mut packages: Vec<String> = Vec::new();
    for made in MADE {
        pack(made, folder.path());
        let name = format!("{}-{}-any.pkg.tar", made.name, made.version);
        packages.push(folder.path().join(name).to_str().unwrap().to_owned());
    }
    let mut arguments = vec!["--upgrade"];
    arguments.extend(packages.iter().map(String::as_str));
    if pacman(folder.path(), &root, &arguments).is_none() {
        eprintln!("skipped: what_pacman_installed_is_what_is_listed: pacman cannot be run here");
        return;
    }
    let listed = pacman(folder.path(), &root, &["--query"]).unwrap();
    let found = catalogue(
        &image::tree(&[&root]),
        &plimsoll_catalog::readers(true),
        &image::layers(1),
        true,
    );
    assert_eq!(found.problems, []);
    let of_pacman = || found.packages.iter().filter(|package| package.kind == "alpm");
    let ours: Vec<String> =
        of_pacman().map(|package| format!("{} {}", package.name, package.version)).collect();
    assert_eq!(ours, listed.lines().collect::<Vec<&str>>());
    for (package, made) in of_pacman().zip(MADE) {
        assert_eq!(package.licenses, made.licenses);
        assert_eq!(package.source.as_ref().unwrap().name, made.base);
        assert_eq!(package.vendor.as_deref(), Some("A Person <person@archlinux.org>"));
    }
    let six = found.packages.iter().find(|package| package.kind == "pypi").unwrap();
    let owner = found.packages.iter().find(|package| Some(&package.id) == six.owner.as_ref());
    assert_eq!(owner.unwrap().name, "python-six");
}
