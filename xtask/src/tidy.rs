//! The judge of the house: tables, fixtures, documents and crate arrows in step.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// What each crate may depend on, by `docs/ARCHITECTURE.md`.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("net", &[]),
    ("source", &["model", "net"]),
    ("catalog", &["model"]),
    ("vuln", &["model"]),
    ("report", &["model"]),
    ("scan", &["source", "catalog", "vuln", "model", "net"]),
    ("feeds", &["vuln", "source", "model", "net"]),
    ("cli", &["scan", "feeds", "report", "source", "catalog", "vuln", "model", "net"]),
];

/// Where the names of distributions may stand, and why.
const AT_HOME: &[(&str, &str)] = &[
    ("crates/model/src/distro", "the table"),
    ("crates/model/src/ecosystem", "`arch` is a qualifier of purls"),
    ("crates/model/src/range/vers", "VERS has names of its own for version orders"),
    ("crates/catalog/src/bitnami", "`arch` is a field of its list"),
    ("crates/catalog/src/distro", "release files"),
    (
        "crates/catalog/src/bottlerocket",
        "a cataloguer may have the name of the only one that it reads",
    ),
    ("crates/catalog/src/portage", "the name of the repository"),
    ("crates/catalog/src/release_file", "release files"),
    ("crates/feeds/src/", "each distribution's own feed"),
    ("crates/vuln/src/embedded", "the names of the embedded files"),
    ("xtask/", "chores that compare with the real tools"),
];

/// Files over this many lines are named; tables and tests are exempt.
const MAX_FILE_LINES: usize = 800;

/// Runs every check and fails when one finds something.
pub(crate) fn run() -> Result<()> {
    let mut faults = Vec::new();
    let files = sources()?;
    for file in &files {
        check_file(file, &mut faults)?;
    }
    check_names(&files, &mut faults)?;
    check_arrows(&mut faults)?;
    check_fixtures(&mut faults);
    for check in [crate::fixtures::check, crate::supported::check] {
        if let Err(error) = check() {
            faults.push(format!("{error:#}"));
        }
    }
    for fault in &faults {
        println!("{fault}");
    }
    if faults.is_empty() {
        println!("tidy: {} files, nothing to say", files.len());
        return Ok(());
    }
    bail!("{} things out of step", faults.len())
}

fn check_file(file: &Path, faults: &mut Vec<String>) -> Result<()> {
    let text = fs_err::read_to_string(file)?;
    let shown = shown(file);
    let is_test = is_test(file);
    if !text.starts_with("//!") {
        faults.push(format!("{shown}: does not open with `//!`"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            faults.push(format!("{shown}:{}: blanks at the end", number + 1));
        }
    }
    let lines = text.split("#[cfg(test)]").next().unwrap_or(&text).lines().count();
    if lines > MAX_FILE_LINES && !is_test {
        faults.push(format!("{shown}: {lines} lines, more than {MAX_FILE_LINES}"));
    }
    Ok(())
}

/// A distribution's id stands in the table, its release files and its feed, and nowhere else.
fn check_names(files: &[PathBuf], faults: &mut Vec<String>) -> Result<()> {
    for file in files {
        let shown = shown(file);
        if is_test(file) || AT_HOME.iter().any(|(home, _)| shown.starts_with(home)) {
            continue;
        }
        let text = fs_err::read_to_string(file)?;
        let code = text.split("#[cfg(test)]").next().unwrap_or(&text);
        for row in plimsoll_model::DISTROS {
            let quoted = format!("\"{}\"", row.id);
            if let Some(line) =
                code.lines().position(|line| !is_comment(line) && line.contains(&quoted))
            {
                faults.push(format!("{shown}:{}: names the distribution {quoted}", line + 1));
            }
        }
    }
    Ok(())
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn check_arrows(faults: &mut Vec<String>) -> Result<()> {
    for (name, allowed) in ARROWS {
        let manifest = crate::root().join("crates").join(name).join("Cargo.toml");
        let text = fs_err::read_to_string(manifest)?;
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let Some(other) = line.strip_prefix("plimsoll-") else { continue };
            let other = other.split(['.', ' ', '=']).next().unwrap_or_default();
            if !allowed.contains(&other) {
                faults.push(format!("crates/{name}: arrow to `{other}` goes up or sideways"));
            }
        }
    }
    Ok(())
}

/// Every row has its fixtures, every fixture its row.
fn check_fixtures(faults: &mut Vec<String>) {
    let cataloguers: Vec<&str> = plimsoll_catalog::CATALOGUERS.iter().map(|row| row.name).collect();
    let feeds: Vec<&str> = plimsoll_feeds::FEEDS.iter().map(|row| row.id).collect();
    for (folder, rows, others) in [
        ("crates/catalog/tests/fixtures", &cataloguers, ["distro"].as_slice()),
        ("crates/feeds/tests/fixtures", &feeds, &[]),
    ] {
        let there = crate::root().join(folder);
        for row in rows {
            if !there.join(row).is_dir() {
                faults.push(format!("{folder}: the row `{row}` has no fixtures"));
            }
        }
        let Ok(entries) = fs_err::read_dir(&there) else { continue };
        for entry in entries.flatten().filter(|entry| entry.path().is_dir()) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !rows.contains(&name.as_str()) && !others.contains(&name.as_str()) {
                faults.push(format!("{folder}: `{name}` belongs to no row"));
            }
        }
    }
}

fn is_test(file: &Path) -> bool {
    let shown = shown(file);
    ["/tests/", "/benches/", "/tests.rs"].iter().any(|part| shown.contains(part))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(crate::root()).unwrap_or(file).display().to_string()
}

/// Returns the Rust files of the workspace, sorted.
fn sources() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![crate::root().join("crates"), crate::root().join("xtask")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
