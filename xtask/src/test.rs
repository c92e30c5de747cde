//! `cargo xtask test`: what the tests need, then the tests.

use std::process::Command;

use anyhow::Result;

/// Debian packages that tests use, and a program of each by which to see whether it is there.
const PACKAGES: [(&str, &str); 6] = [
    ("mmdebstrap", "mmdebstrap"),
    ("pacman-package-manager", "pacman"),
    ("podman", "podman"),
    ("rpm", "rpmbuild"),
    ("skopeo", "skopeo"),
    ("umoci", "umoci"),
];

/// Installs, prepares, runs. Words behind `test` go to `cargo test`.
pub(crate) fn run(rest: &[&str]) -> Result<()> {
    install();
    let mut command = Command::new("cargo");
    command.args(["test", "--workspace", "--no-fail-fast"]).args(rest).current_dir(crate::root());
    if let Some(images) = images() {
        command.env("PLIMSOLL_TEST_IMAGES", images);
    }
    crate::run(&mut command)?;
    if missing().is_empty() {
        crate::truth::run(&[])?;
    } else {
        eprintln!(
            "skipped: comparison with dpkg-query and apk: {} not there",
            missing().join(", ")
        );
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    PACKAGES.iter().filter(|(_, program)| !crate::has(program)).map(|(name, _)| *name).collect()
}

/// Installs missing packages where this is root on Debian; says so where it is not.
fn install() {
    let missing = missing();
    if missing.is_empty() {
        return;
    }
    if !crate::images::is_root() || !crate::has("apt-get") {
        eprintln!("not installed, so some tests are skipped: {}", missing.join(", "));
        return;
    }
    println!("installing {}", missing.join(", "));
    let update = crate::run(Command::new("apt-get").args(["update", "-qq"]));
    let install = crate::run(
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    );
    if let Err(error) = update.and(install) {
        eprintln!("cannot install: {error:#}; some tests are skipped");
    }
}

/// An image gathered for every run, some 100 MB to fetch; the others are made by hand.
const GATHERED: &str = "runtimes";

/// Builds the real images where that is possible and returns their folder.
fn images() -> Option<std::path::PathBuf> {
    let folder = crate::scratch("images").ok()?;
    if crate::images::can_build() {
        if let Err(error) = crate::images::build_all() {
            eprintln!("skipped: real Debian images: {error:#}");
            return None;
        }
    } else {
        eprintln!("skipped: real Debian images: needs root and mmdebstrap");
    }
    if let Err(error) = crate::images::gather::build(GATHERED, &folder) {
        eprintln!("skipped: {GATHERED}: {error:#}");
    }
    Some(folder)
}
