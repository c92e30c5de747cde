//! Inventories held against what the package managers themselves say of the same root.
//!
//! The root is unpacked by `umoci` (a real tool, not our reader); then `dpkg-query` reads its database, and
//! for Alpine the `apk` of the image lists its packages in a chroot. Every difference is printed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Compares archives; without any, the real images that are there.
pub(crate) fn run(archives: &[&str]) -> Result<()> {
    let mut targets: Vec<PathBuf> = archives.iter().map(PathBuf::from).collect();
    if targets.is_empty() {
        targets = defaults()?;
    }
    for tool in ["skopeo", "umoci", "dpkg-query"] {
        if !crate::has(tool) {
            bail!("`{tool}` is not on PATH: `cargo xtask test` installs it where it may");
        }
    }
    let binary = binary()?;
    let mut differences = 0;
    for target in &targets {
        let root = unpack(target)?;
        let ours = inventory(&binary, target)?;
        let (tool, theirs) = installed(&root)?;
        println!("{}: {} packages by {tool}", target.display(), theirs.len());
        differences += differ(&ours, &theirs);
        fs_err::remove_dir_all(root.parent().context("a root lies in a bundle")?)?;
    }
    if differences > 0 {
        bail!("{differences} differences");
    }
    println!("no differences in {} images", targets.len());
    Ok(())
}

/// The real images: those of the shared data, and the ones built here.
pub(crate) fn defaults() -> Result<Vec<PathBuf>> {
    let mut targets = Vec::new();
    if let Some(shared) = crate::shared() {
        for name in ["alpine-310.tar.gz", "alpine-311.tar.gz"] {
            targets.push(shared.join("images/fixtures").join(name));
        }
    } else {
        eprintln!("skipped: Alpine 3.10 and 3.11: ../shared is not there");
    }
    if crate::images::can_build() {
        targets.extend(crate::images::build_all()?);
    } else {
        eprintln!("skipped: Debian 11, 12, 13: needs root and mmdebstrap");
    }
    Ok(targets)
}

/// One package: name, version, architecture, source name, source version.
type Row = [String; 5];

fn binary() -> Result<PathBuf> {
    crate::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--package", "plimsoll"])
            .current_dir(crate::root()),
    )?;
    Ok(crate::root().join("target/debug/plimsoll"))
}

fn inventory(binary: &Path, target: &Path) -> Result<BTreeSet<Row>> {
    let mut command = Command::new(binary);
    command.arg("inventory").arg(target).args(["-f", "json", "--no-cache"]);
    let report: Value = serde_json::from_str(&crate::output(&mut command)?)?;
    let packages = report["packages"].as_array().context("no packages in the report")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(packages
        .iter()
        .filter(|package| matches!(package["type"].as_str(), Some("deb" | "apk")))
        .map(|package| {
            [
                text(&package["name"]),
                text(&package["version"]),
                text(&package["arch"]),
                text(&package["source"]["name"]),
                text(&package["source"]["version"]),
            ]
        })
        .collect())
}

/// Unpacks an archive and returns its root folder.
fn unpack(archive: &Path) -> Result<PathBuf> {
    let folder = crate::scratch("truth")?;
    let layout = folder.join("layout");
    let bundle = folder.join("bundle");
    for old in [&layout, &bundle] {
        if old.exists() {
            fs_err::remove_dir_all(old)?;
        }
    }
    let plain = plain(archive, &folder)?;
    let from = format!("docker-archive:{}", plain.display());
    let to = format!("oci:{}:latest", layout.display());
    crate::output(Command::new("skopeo").args(["--insecure-policy", "copy", "-q", &from, &to]))?;
    let image = format!("{}:latest", layout.display());
    crate::output(Command::new("umoci").args(["unpack", "--image", &image]).arg(&bundle))?;
    fs_err::remove_dir_all(layout)?;
    Ok(bundle.join("rootfs"))
}

/// Returns the archive itself, or, since `skopeo` reads no packed one, an unpacked copy.
fn plain(archive: &Path, folder: &Path) -> Result<PathBuf> {
    if archive.extension().is_none_or(|suffix| suffix != "gz") {
        return Ok(archive.to_owned());
    }
    let copy = folder.join("plain.tar");
    let out = fs_err::File::create(&copy)?;
    let mut command = Command::new("gzip");
    command.arg("-dc").arg(archive).stdout(std::process::Stdio::from(out.into_parts().0));
    crate::run(&mut command)?;
    Ok(copy)
}

fn installed(root: &Path) -> Result<(&'static str, BTreeSet<Row>)> {
    if root.join("var/lib/dpkg/status").is_file() {
        return Ok(("dpkg-query", by_dpkg(root)?));
    }
    Ok(("apk info", by_apk(root)?))
}

fn by_dpkg(root: &Path) -> Result<BTreeSet<Row>> {
    let format = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\n";
    let mut command = Command::new("dpkg-query");
    command.arg("--admindir").arg(root.join("var/lib/dpkg")).args(["-W", "-f", format]);
    let text = crate::output(&mut command)?;
    text.lines()
        .filter(|line| line.starts_with("ii"))
        .map(|line| {
            let fields: Vec<String> = line.split('\t').skip(1).map(str::to_owned).collect();
            Row::try_from(fields).map_err(|_| anyhow::anyhow!("odd line `{line}`"))
        })
        .collect()
}

/// `apk info -v` prints `name-version`; architecture and origin stand in its database, read here line by
/// line.
fn by_apk(root: &Path) -> Result<BTreeSet<Row>> {
    let mut command = Command::new("chroot");
    command.arg(root).args(["/sbin/apk", "info", "-v"]);
    let listed: BTreeSet<String> = crate::output(&mut command)?
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("WARNING"))
        .map(str::to_owned)
        .collect();
    let usual = root.join("lib/apk/db/installed");
    let file = if usual.is_file() { usual } else { root.join("usr/lib/apk/db/installed") };
    let database = fs_err::read_to_string(file)?;
    let mut rows = BTreeSet::new();
    let mut known = BTreeSet::new();
    for stanza in database.split("\n\n") {
        let field = |letter: &str| {
            let line = stanza.lines().find_map(|line| line.strip_prefix(letter));
            line.unwrap_or_default().to_owned()
        };
        let (name, version) = (field("P:"), field("V:"));
        let full = format!("{name}-{version}");
        if listed.contains(&full) {
            rows.insert([name, version.clone(), field("A:"), field("o:"), version]);
            known.insert(full);
        }
    }
    if known != listed {
        bail!("apk lists packages that are not in its database: {:?}", listed.difference(&known));
    }
    Ok(rows)
}

fn differ(ours: &BTreeSet<Row>, theirs: &BTreeSet<Row>) -> usize {
    for row in ours.difference(theirs) {
        println!("  only plimsoll has  {}", row.join(" "));
    }
    for row in theirs.difference(ours) {
        println!("  plimsoll lacks     {}", row.join(" "));
    }
    ours.symmetric_difference(theirs).count()
}
