//! Python: requirement files of pip, and the environments of conda, which may hold such a list.
//!
//! Followed: <https://pip.pypa.io/en/stable/reference/requirements-file-format/> and
//! <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::found::Found;
use super::loose::{Item, List, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row(
    "requirements",
    1,
    &[
        Want::Suffix("requirements.txt"),
        Want::Name("requirements-prod.txt"),
        Want::Name("requirements-production.txt"),
        Want::Name("requirements-base.txt"),
        Want::Name("requirements.lock"),
        Want::Beneath("requirements", ".txt"),
    ],
    read,
);

/// The row of environments of conda.
pub(crate) const CONDA_ROW: Cataloguer = super::row(
    "conda-environment",
    1,
    &[Want::Name("environment.yml"), Want::Name("environment.yaml")],
    read_environment,
);

/// How the names of files begin that are for development and tests.
const DEVELOPMENT: &[&str] = &["dev", "test", "doc", "lint"];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Environment {
    dependencies: List<Item<OfPip>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OfPip {
    pip: List<Text>,
}

/// Reads one requirement file. Requirements that name no exact version are counted, and not listed.
///
/// ```text
/// Jinja2[i18n]==2.10 ; python_version < "3.12" \
///     --hash=sha256:…
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "pypi", parse_requirements)
}

fn parse_requirements(input: &FileInput<'_>, found: &mut Found) {
    let name = super::file_name(input.path).to_ascii_lowercase();
    if DEVELOPMENT.iter().any(|begin| name.starts_with(begin)) {
        return;
    }
    let text = parse::text(input.body, found);
    let mut loose = 0;
    let mut goes_on = false;
    for line in text.lines() {
        let is_part = std::mem::replace(&mut goes_on, line.trim_end().ends_with('\\'));
        if !is_part {
            loose += add_requirement(line, found);
        }
    }
    tell_loose(loose, found);
}

/// Adds a requirement; returns 1 if it is one that names no exact version.
fn add_requirement(line: &str, found: &mut Found) -> usize {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with(['#', '-']) {
        return 0;
    }
    let line = line.split([';', '#', '\\']).next().unwrap_or_default();
    let line = line.split(" --").next().unwrap_or_default().trim();
    let Some((name, version)) = line.split_once("==") else { return usize::from(!line.is_empty()) };
    let version = version.trim_start_matches('=').trim();
    let name = name.split('[').next().unwrap_or_default().trim();
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_exact = version.chars().all(|letter| is_word(letter) || "!+".contains(letter));
    if !is_exact || !name.chars().all(is_word) {
        return 1;
    }
    found.add(name, version);
    0
}

fn tell_loose(count: usize, found: &mut Found) {
    match count {
        0 => {}
        1 => found.remark("1 requirement names no exact version and is not listed"),
        _ => found.remark(format!("{count} requirements name no exact version and are not listed")),
    }
}

/// Reads one environment: packages of conda, and those of pip in it.
///
/// ```text
/// dependencies:
///   - numpy=1.21.2=py39h20f2e39_0
///   - pip:
///     - jinja2==2.10
/// ```
fn read_environment(input: &FileInput<'_>) -> FileYield {
    super::read(input, "conda", parse_environment)
}

fn parse_environment(input: &FileInput<'_>, found: &mut Found) {
    let environment: Environment = parse::yaml(input.body, found);
    let mut pinned = Vec::new();
    let mut loose = 0;
    for item in &environment.dependencies.0 {
        match item {
            Item::Text(text) => loose += add_conda(text, found),
            Item::Table(of_pip) => pinned.extend(of_pip.pip.0.iter()),
        }
    }
    let mut of_pip = Found::new("pypi");
    for requirement in pinned {
        loose += add_requirement(requirement, &mut of_pip);
    }
    found.join(of_pip);
    tell_loose(loose, found);
}

/// Adds `channel::name=version=build`; returns 1 if it names no exact version.
fn add_conda(text: &str, found: &mut Found) -> usize {
    let text = text.rsplit("::").next().unwrap_or_default().trim();
    let Some((name, rest)) = text.split_once('=') else { return usize::from(!text.is_empty()) };
    let version = rest.trim_start_matches('=').split('=').next().unwrap_or_default();
    if name.contains(['<', '>', '!', '~', ' ', '[']) || version.contains(['*', ',', '<', '>', '|'])
    {
        return 1;
    }
    found.add(name, version);
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(line: &str) -> (usize, Option<(String, String)>) {
        let mut found = Found::new("pypi");
        let loose = add_requirement(line, &mut found);
        let packages = found.finish().packages;
        (loose, packages.into_iter().next().map(|package| (package.name, package.version)))
    }

    #[test]
    fn only_exact_versions_are_listed() {
        let exact = |name: &str, version: &str| (0, Some((name.to_owned(), version.to_owned())));
        assert_eq!(requirement("Jinja2[i18n]==2.10; python_version<'3'"), exact("Jinja2", "2.10"));
        assert_eq!(
            requirement("  a == 1!2.0+local --hash=sha256:00 # x"),
            exact("a", "1!2.0+local")
        );
        assert_eq!(requirement("a===1.0 \\"), exact("a", "1.0"));
        for loose in ["a", "a>=1", "a==1.*", "a==1,<2", "a @ https://x.example/a==1.whl", "a==$V"] {
            assert_eq!(requirement(loose), (1, None), "{loose}");
        }
        for other in ["", "# a==1", "-r base.txt", "--index-url https://x.example", "  "] {
            assert_eq!(requirement(other), (0, None), "{other}");
        }
    }

    #[test]
    fn conda_pins_with_one_sign_or_two() {
        let pin = |text: &str| {
            let mut found = Found::new("conda");
            let loose = add_conda(text, &mut found);
            (loose, found.finish().packages.into_iter().next().map(|package| package.version))
        };
        assert_eq!(pin("numpy=1.21.2=py39_0"), (0, Some("1.21.2".to_owned())));
        assert_eq!(pin("conda-forge::numpy==1.21"), (0, Some("1.21".to_owned())));
        assert_eq!(
            (pin("numpy"), pin("numpy>=1.0"), pin("numpy=1.2.*")),
            ((1, None), (1, None), (1, None))
        );
    }
}
