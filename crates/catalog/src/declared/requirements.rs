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
    2,
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
    2,
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

/// Reads one requirement file. Requirements that name no exact version are counted, and those of
/// files for development.
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
    let is_dev = DEVELOPMENT.iter().any(|begin| name.starts_with(begin));
    let text = parse::text(input.body, found);
    for line in lines(&text) {
        if is_dev {
            found.left_out(usize::from(specified(&line).is_some()));
        } else {
            add_requirement(&line, found);
        }
    }
}

/// Returns the lines, with those joined that end in `\` and what follows; a comment does not go on.
fn lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        let line = line.trim_end();
        let is_comment = line.trim_start().starts_with('#');
        if let Some(part) = line.strip_suffix('\\').filter(|_| !is_comment) {
            open.push_str(part);
        } else {
            open.push_str(line);
            lines.push(std::mem::take(&mut open));
        }
    }
    lines.push(open);
    lines
}

/// Returns a requirement without its marks, options and comment; `None` for a line that is none.
fn specified(line: &str) -> Option<&str> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() || line.starts_with(['#', '-']) {
        return None;
    }
    // Of an address that `@` leads to, this may cut a part off: it has no version either way.
    let line = line.split([';', '#']).next().unwrap_or_default();
    let line = line.split(" --").next().unwrap_or_default().trim();
    (!line.is_empty()).then_some(line)
}

/// Adds a requirement that names one exact version, whatever else it says of it: `a==1`, `a (==1)`,
/// `a==1,!=2`. Any other is counted.
fn add_requirement(line: &str, found: &mut Found) {
    let Some(line) = specified(line) else { return };
    let at = line.find(['=', '<', '>', '!', '~', '(', '@', ' ']).unwrap_or(line.len());
    let (name, rest) = line.split_at(at);
    let name = name.split('[').next().unwrap_or_default().trim();
    let rest = rest.trim();
    let inner = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    match exact(inner.unwrap_or(rest)) {
        Some(version) if name.chars().all(is_word) => {
            found.add(name, version);
        }
        _ => found.open(if name.is_empty() { line } else { name }),
    }
}

/// Returns the one version that conditions leave: `==1.0`, `===1.0`, `==1.24,!=1.25`. Two that are
/// not written alike are none.
fn exact(conditions: &str) -> Option<&str> {
    let is_of_version = |letter: char| letter.is_ascii_alphanumeric() || "-_.!+".contains(letter);
    let mut found = None;
    for condition in conditions.split(',').map(str::trim) {
        let Some(version) = condition.strip_prefix("==") else {
            // Another sign, or something that is no condition at all.
            if condition.starts_with(['<', '>', '!', '~']) {
                continue;
            }
            return None;
        };
        let version = version.trim_start_matches('=').trim();
        if version.is_empty() || !version.chars().all(is_of_version) {
            continue;
        }
        if found.is_some_and(|known| known != version) {
            return None;
        }
        found = Some(version);
    }
    found
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
    for item in &environment.dependencies.0 {
        match item {
            Item::Text(text) => add_conda(text, found),
            Item::Table(of_pip) => pinned.extend(of_pip.pip.0.iter()),
        }
    }
    let mut of_pip = Found::new("pypi");
    for requirement in pinned {
        add_requirement(requirement, &mut of_pip);
    }
    found.join(of_pip);
}

/// Adds `channel::name=version=build`; one that names no exact version is counted.
fn add_conda(text: &str, found: &mut Found) {
    let text = text.rsplit("::").next().unwrap_or_default().trim();
    let (name, rest) = text.split_once('=').unwrap_or((text, ""));
    let version = rest.trim_start_matches('=').split('=').next().unwrap_or_default();
    let is_open = version.is_empty() || version.contains(['*', ',', '<', '>', '|']);
    if is_open || name.contains(['<', '>', '!', '~', ' ', '[']) {
        if !text.is_empty() {
            let end = name.find(['<', '>', '!', '~', ' ', '[']).unwrap_or(name.len());
            found.open(&name[..end]);
        }
        return;
    }
    found.add(name, version);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, body: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
        let found = read(&FileInput { path: name, body });
        let packages = found.packages.into_iter().map(|package| (package.name, package.version));
        let problems = found.problems.into_iter().map(|problem| problem.detail);
        (packages.collect(), problems.collect())
    }

    fn requirement(line: &str) -> (usize, Option<(String, String)>) {
        let (packages, problems) = of("requirements.txt", line.as_bytes());
        (problems.len(), packages.into_iter().next())
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
        assert_eq!(requirement("cryptography==\\\n2.0"), exact("cryptography", "2.0"));
        assert_eq!(requirement("PyYAML (==5.3)"), exact("PyYAML", "5.3"));
        assert_eq!(requirement("urllib3==1.24,!=1.25"), exact("urllib3", "1.24"));
        assert_eq!(requirement("a >=1, ==1.5 ,==1.5"), exact("a", "1.5"));
        assert_eq!(requirement("a<2,==1.*,==1.4"), exact("a", "1.4"));
        for open in [
            "a",
            "a>=1",
            "a==1.*",
            "a==",
            "a==1,==2",
            "a (>=1)",
            "a @ https://x.example/a==1.whl",
            "a==$V",
            "./a==1",
            "https://x.example/a.zip",
        ] {
            assert_eq!(requirement(open), (1, None), "{open}");
        }
        for other in ["", "# a==1", "-r base.txt", "--index-url https://x.example", "  "] {
            assert_eq!(requirement(other), (0, None), "{other}");
        }
    }

    #[test]
    fn requirements_without_a_version_are_named() {
        let (packages, problems) = of("requirements.txt", b"a\nb>=1\n# c \\\nd[x]~=2 # e\nf==1\n");
        assert_eq!(packages, [("f".to_owned(), "1".to_owned())]);
        let detail =
            "3 dependencies have no exact version here and cannot be judged: `a`, `b`, `d`";
        assert_eq!(problems, [detail]);
    }

    #[test]
    fn files_of_sixteen_bits_are_read_and_those_of_development_are_told() {
        let body: Vec<u8> =
            "\u{feff}Django==3.2.0\r\n\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let django = vec![("Django".to_owned(), "3.2.0".to_owned())];
        assert_eq!(of("requirements.txt", &body), (django, vec![]));
        let told = vec!["2 development dependencies are left out".to_owned()];
        let body = b"-r requirements.txt\npytest==7\nruff\n";
        assert_eq!(of("dev-requirements.txt", body), (vec![], told));
    }

    #[test]
    fn conda_pins_with_one_sign_or_two() {
        let pin = |text: &str| {
            let mut found = Found::new("conda");
            add_conda(text, &mut found);
            let found = found.finish();
            let problems = found.problems.into_iter().map(|problem| problem.detail);
            let package = found.packages.into_iter().next();
            (package.map(|package| package.version), problems.collect::<String>())
        };
        let of = |version: &str| (Some(version.to_owned()), String::new());
        assert_eq!(pin("numpy=1.21.2=py39_0"), of("1.21.2"));
        assert_eq!(pin("conda-forge::numpy==1.21"), of("1.21"));
        for open in ["numpy", "numpy>=1.0", "numpy=1.2.*", "numpy ~=1", "c::numpy"] {
            let (version, told) = pin(open);
            assert!(version.is_none() && told.ends_with("judged: `numpy`"), "{open}: {told}");
        }
    }
}
