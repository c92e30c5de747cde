//! A database that the real rpm wrote, against what rpm itself lists from it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll_catalog::catalogue;
use plimsoll_model::Package;

use crate::image;

/// Enough packages for tables of several pages and entries that overflow theirs.
const PACKAGES: usize = 150;
/// What is compared: a line each, as `rpm -qa --queryformat` gives it.
const FORMAT: &str = "%{NAME}\t%{EPOCHNUM}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t\
    %{MODULARITYLABEL}\t%{VENDOR}\t%{LICENSE}\n";

/// Every package is a sub-package of one, so that rpmbuild runs once. Each has files of its own, some
/// many, an epoch now and then.
fn spec() -> String {
    let mut spec = String::from(
        "Name: many\nVersion: 1.0\nRelease: 1.el8\nSummary: text\nLicense: MIT\nVendor: A Vendor, Inc.\n\
         BuildArch: noarch\n%description\ntext\n%install\nmkdir -p %{buildroot}/usr/share\n",
    );
    let mut packages = String::new();
    for number in 0..PACKAGES {
        let files = 1 + (number * number) % 97;
        let _ = writeln!(
            spec,
            "mkdir -p %{{buildroot}}/usr/share/p{number}; for f in $(seq {files}); do \
             touch %{{buildroot}}/usr/share/p{number}/file-$f.txt; done"
        );
        let epoch =
            if number % 3 == 0 { format!("Epoch: {}\n", number % 5) } else { String::new() };
        let _ = write!(
            packages,
            "%package -n p{number}\n{epoch}Version: {number}.{}~rc^2\nSummary: text\nLicense: GPL-2.0 and \
             MIT\n%description -n p{number}\n{}\n%files -n p{number}\n/usr/share/p{number}\n",
            number % 7,
            "words ".repeat(number)
        );
    }
    spec + &packages
}

fn ran(command: &mut Command) -> Option<String> {
    let output = command.env("LC_ALL", "C").output().ok()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {told}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Builds the packages and installs them into `root`; `None` where there is no rpm.
fn install(folder: &Path, root: &Path) -> Option<()> {
    let spec_path = folder.join("many.spec");
    fs::write(&spec_path, spec()).unwrap();
    let top = format!("_topdir {}", folder.join("build").display());
    ran(Command::new("rpmbuild").args(["-bb", "--quiet", "--define", &top]).arg(&spec_path))?;
    let built = folder.join("build/RPMS/noarch");
    let mut packages: Vec<_> =
        fs::read_dir(built).unwrap().map(|entry| entry.unwrap().path()).collect();
    packages.sort();
    let mut rpm = Command::new("rpm");
    rpm.arg("--root").arg(root).args([
        "--dbpath",
        "/var/lib/rpm",
        "--install",
        "--justdb",
        "--nodeps",
    ]);
    ran(rpm.args(packages))?;
    Some(())
}

fn line(package: &Package) -> String {
    let (epoch, version) = package.version.split_once(':').unwrap_or(("0", &package.version));
    let (version, release) = version.rsplit_once('-').unwrap();
    let source = package.source.as_ref().unwrap();
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
    format!(
        "{}\t{epoch}\t{version}\t{release}\t{}\t{}-{}.src.rpm\t{}\t{}\t{}",
        package.name,
        text(&package.arch),
        source.name,
        source.version,
        text(&package.modularity),
        text(&package.vendor),
        package.licenses.join(" and ")
    )
}

#[test]
fn what_rpm_installed_is_what_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("var/lib/rpm")).unwrap();
    if install(folder.path(), &root).is_none() {
        eprintln!(
            "skipped: what_rpm_installed_is_what_is_listed: there is no rpmbuild or rpm here"
        );
        return;
    }
    let mut query = Command::new("rpm");
    query.arg("--root").arg(&root).args([
        "--dbpath",
        "/var/lib/rpm",
        "-qa",
        "--queryformat",
        FORMAT,
    ]);
    let told = ran(&mut query).unwrap();
    let mut told: Vec<&str> = told.lines().collect();
    told.sort_unstable();
    let found = catalogue(
        &image::tree(&[&root]),
        &plimsoll_catalog::readers(true),
        &image::layers(1),
        true,
    );
    assert_eq!(found.problems, []);
    let mut ours: Vec<String> = found.packages.iter().map(line).collect();
    ours.sort();
    assert_eq!(ours.len(), PACKAGES);
    assert_eq!(ours, told);
}
