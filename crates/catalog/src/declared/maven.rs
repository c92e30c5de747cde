//! Maven: the dependencies of each `pom.xml`, with what it has from its parents that lie in the same target.
//!
//! Followed: <https://maven.apache.org/pom.html>. Parents and imported lists that lie in repositories are
//! not looked up: a dependency whose version stands there is told, and not listed. Nor is the project itself.

mod pom;

use plimsoll_model::{GapKind, Want};

use super::found::Found;
use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{evidence, placed, problem};
use pom::{Dependency, Line, Pom, Poms};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "maven-pom",
    version: 2,
    wants: &[Want::Name(FILE)],
    max_body_bytes: super::xml::MAX_XML_BYTES as u64,
    declared: true,
    read: Read::Tree(read),
};

/// The name of the files.
const FILE: &str = "pom.xml";
/// The most files of one target; the largest known projects have some thousand.
const MAX_POMS: usize = 5_000;
/// The most bytes of all files of one target.
const MAX_ALL_BYTES: usize = 64 << 20;
/// The most dependencies of all files of one target.
const MAX_ALL_DEPENDENCIES: usize = 100_000;
/// The scope of what tests use.
const TEST: &str = "test";
/// The scopes of what is there where the product goes.
const NOT_BROUGHT: &[&str] = &["provided", "system"];

/// Reads all files, then lists what each asks for.
///
/// ```text
/// <project><groupId>org.example</groupId><artifactId>shop</artifactId><version>1.0</version>
///   <properties><v>2.14.1</v></properties>
///   <dependencies><dependency><groupId>org.apache.logging.log4j</groupId>
///     <artifactId>log4j-core</artifactId><version>${v}</version></dependency></dependencies></project>
/// ```
fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    let mut poms = Poms::default();
    let mut places: Vec<(String, u32, Found)> = Vec::new();
    let (mut bytes, mut dependencies) = (0, 0);
    for path in input.tree.named(FILE) {
        let Some(file) = input.tree.read(&path).filter(|_| !super::is_installed(&path)) else {
            continue;
        };
        bytes += file.body.len();
        let mut of_file = Found::new("maven");
        let pom = Pom::new(&path, file.body, &mut of_file);
        dependencies += pom.dependencies.len();
        if let Some(limit) = exceeded(places.len(), bytes, dependencies) {
            let detail =
                format!("{limit} in all files of this name; this one and the rest are not read");
            found.problems.push(problem(&path, detail, GapKind::Limit));
            break;
        }
        poms.add(&path, pom);
        places.push((path, file.layer, of_file));
    }
    for (pom, (path, layer, mut of_file)) in poms.all.iter().zip(places) {
        list(&poms.line(pom), &pom.dependencies, &mut of_file);
        let taken = of_file.finish();
        for mut package in taken.packages {
            package.evidence = vec![evidence(&path, layer)];
            package.layer = Some(layer);
            found.packages.push(package);
        }
        found.problems.extend(placed(taken.problems, &path, layer));
    }
    found
}

/// Returns the limit beyond which one more file goes.
fn exceeded(poms: usize, bytes: usize, dependencies: usize) -> Option<String> {
    if poms >= MAX_POMS {
        Some(format!("more than {MAX_POMS} files"))
    } else if bytes > MAX_ALL_BYTES {
        Some(format!("more than {MAX_ALL_BYTES} bytes"))
    } else if dependencies > MAX_ALL_DEPENDENCIES {
        Some(format!("more than {MAX_ALL_DEPENDENCIES} dependencies"))
    } else {
        None
    }
}

/// Lists dependencies; those without an exact version are told, and so is what is left out.
fn list(line: &Line<'_>, dependencies: &[Dependency], found: &mut Found) {
    let mut not_brought = 0;
    for dependency in dependencies {
        let settled = line.settle(dependency);
        if settled.scope == TEST {
            found.left_out(1);
            continue;
        }
        if NOT_BROUGHT.contains(&settled.scope.as_str()) {
            not_brought += 1;
            continue;
        }
        let name = format!("{}:{}", settled.group, settled.artifact);
        let is_named = !settled.group.is_empty() && !settled.artifact.is_empty();
        match exact(&settled.version) {
            Some(version) if is_named && !name.contains("${") => {
                found.add(&name, version);
            }
            _ => found.open(&name),
        }
    }
    match not_brought {
        0 => {}
        1 => found.remark("1 dependency that the place of use provides is left out"),
        count => {
            found.remark(format!(
                "{count} dependencies that the place of use provides are left out"
            ));
        }
    }
}

/// Returns the version if it is one and not a range: `1.0`, `[1.0]`.
fn exact(version: &str) -> Option<&str> {
    let inner = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = inner.unwrap_or(version).trim();
    let is_exact = !version.is_empty() && !version.contains(['[', ']', '(', ')', ',', '$']);
    is_exact.then_some(version)
}

#[cfg(test)]
mod tests;
