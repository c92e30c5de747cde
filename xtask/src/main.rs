//! Chores of the workspace: `cargo xtask WHAT`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "chores talk to the person at the terminal"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

mod compare;
mod fixtures;
mod images;
mod recipe;
mod supported;
mod test;
mod tidy;
mod truth;

const HELP: &str = "cargo xtask WHAT

  test              install what the tests need where it may, then run all of them
  tidy              check tables, fixtures and documents against each other
  fixtures [check]  make the checked-in example images from their recipes, or compare them
  supported [check] write docs/supported.md from the tables, or compare it
  images [NAME…]    build the real images that tests scan: Debian's (mmdebstrap; root on Debian), and those
                    of xtask/images out of packages that pip, apt-get and cargo fetch
  truth [ARCHIVE…]  compare inventories with dpkg-query and apk; default: the real images
  compare IMAGE…    what syft and trivy list that plimsoll does not, each with the reason: of those on PATH,
                    or by --syft FILE, --trivy FILE, --rivals FOLDER (NAME.syft.json, NAME.trivy.json);
                    --all lists what only plimsoll has, --binary FILE takes a build that is there
  compare --time ARCHIVE
                    time plimsoll against those on PATH
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test", rest @ ..] => test::run(rest),
        ["tidy"] => tidy::run(),
        ["fixtures"] => fixtures::write(),
        ["fixtures", "check"] => fixtures::check(),
        ["supported"] => supported::write(),
        ["supported", "check"] => supported::check(),
        ["images", names @ ..] => images::run(names),
        ["truth", archives @ ..] => truth::run(archives),
        ["compare", words @ ..] => compare::run(words),
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the root of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}

/// Returns the data shared with other checkouts, which need not be there.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = root().parent()?.join("shared");
    folder.is_dir().then_some(folder)
}

/// Returns the folder for what chores make.
pub(crate) fn scratch(name: &str) -> Result<PathBuf> {
    let folder = root().join("target").join("xtask").join(name);
    fs_err::create_dir_all(&folder)?;
    Ok(folder)
}

/// Returns whether a program is on PATH.
pub(crate) fn has(program: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else { return false };
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Runs a command and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot start {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}

/// Runs a command and returns what it prints.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.output().with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        bail!("{shown} ended with {}: {}", output.status, told.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
