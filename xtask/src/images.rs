//! Real images for the tests: Debian roots made by mmdebstrap, and programs gathered by recipes, wrapped as
//! `docker save` does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::recipe::{Layer, docker_archive};

pub(crate) mod gather;

/// The releases and their suites.
const SUITES: [(&str, &str); 3] = [("11", "bullseye"), ("12", "bookworm"), ("13", "trixie")];

/// Returns whether images can be built here: root on Debian with mmdebstrap.
pub(crate) fn can_build() -> bool {
    is_root() && crate::has("mmdebstrap")
}

/// Returns whether this is root.
pub(crate) fn is_root() -> bool {
    crate::output(Command::new("id").arg("-u")).is_ok_and(|text| text.trim() == "0")
}

/// Builds the named images of `xtask/images`, or all of them, and the Debian ones where that is possible.
pub(crate) fn run(names: &[&str]) -> Result<()> {
    let folder = crate::scratch("images")?;
    if names.is_empty() {
        if can_build() {
            build_all()?;
        } else {
            eprintln!("skipped: Debian images: needs root and mmdebstrap");
        }
    }
    let all = gather::names()?;
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|known| known == *name)) {
        bail!("no recipe is called `{unknown}`: there are {}", all.join(", "));
    }
    for name in all.iter().filter(|name| names.is_empty() || names.contains(&name.as_str())) {
        println!("{}", gather::build(name, &folder)?.display());
    }
    Ok(())
}

/// Builds what is missing of the Debian images and returns the archives.
pub(crate) fn build_all() -> Result<Vec<PathBuf>> {
    let folder = crate::scratch("images")?;
    let mut archives = Vec::new();
    for (release, suite) in SUITES {
        let archive = folder.join(format!("debian-{release}-min.tar"));
        if !archive.is_file() {
            println!("building {}", archive.display());
            debian(release, suite, &folder, &archive)?;
        }
        archives.push(archive);
    }
    Ok(archives)
}

fn debian(release: &str, suite: &str, folder: &Path, archive: &Path) -> Result<()> {
    let root = folder.join(format!("{suite}.tar"));
    let mirror = own_mirror();
    let mut sources = vec![format!("deb {mirror} {suite} main")];
    sources.push(format!("deb {}-security {suite}-security main", mirror.trim_end_matches('/')));
    let mut command = Command::new("mmdebstrap");
    command.args(["--quiet", "--format=tar", "--variant=minbase", suite]);
    command.arg(&root).args(&sources);
    crate::run(&mut command)?;
    let bytes = fs_err::read(&root)?;
    let layer = Layer { created_by: "ADD rootfs.tar /".to_owned(), tar: bytes };
    let image = docker_archive(&format!("plimsoll-test/debian:{release}"), &[layer], &[])?;
    fs_err::write(archive, image)?;
    fs_err::remove_file(&root)?;
    Ok(())
}

/// Returns the Debian mirror that this machine itself uses.
fn own_mirror() -> String {
    let files = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
    for text in files.iter().filter_map(|file| fs_err::read_to_string(file).ok()) {
        for line in text.lines() {
            if let Some(address) = line.strip_prefix("URIs:") {
                return address.split_whitespace().next().unwrap_or_default().to_owned();
            }
            if let Some(rest) = line.strip_prefix("deb ") {
                let address = rest.split_whitespace().find(|word| word.contains("://"));
                return address.unwrap_or_default().to_owned();
            }
        }
    }
    String::new()
}
