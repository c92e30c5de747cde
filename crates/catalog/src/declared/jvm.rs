//! Java and Scala: `gradle.lockfile` and `build.sbt.lock`.
//!
//! Followed: <https://docs.gradle.org/current/userguide/dependency_locking.html> and
//! <https://stringbean.github.io/sbt-dependency-lock/file-formats/version-1.html>.

use plimsoll_model::{FileYield, Want};
use serde::Deserialize;

use super::loose::{Item, List, Shape, Text};
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const GRADLE_ROW: Cataloguer =
    super::row("gradle-lock", 2, &[Want::Suffix("gradle.lockfile")], read_gradle);

/// The row of lock files of sbt.
pub(crate) const SBT_ROW: Cataloguer =
    super::row("sbt-lock", 2, &[Want::Name("build.sbt.lock")], read_sbt);

/// The lock file of what builds the project.
const OF_BUILD: &str = "buildscript-gradle.lockfile";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Lock {
    dependencies: List<Item<Entry>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Entry {
    org: Text,
    name: Text,
    version: Text,
    configurations: List<Text>,
}

/// Reads one lock file of Gradle; what only tests use is left out.
///
/// ```text
/// com.fasterxml.jackson.core:jackson-core:2.13.0=compileClasspath,runtimeClasspath
/// empty=annotationProcessor
/// ```
fn read_gradle(input: &FileInput<'_>) -> FileYield {
    super::read(input, "maven", |input, found| {
        if super::file_name(input.path) == OF_BUILD {
            return;
        }
        let text = parse::text(input.body, found);
        for (number, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let Some((place, uses)) = line.split_once('=') else {
                found.broken(format!("line {} is none of a lock file of Gradle", number + 1));
                return;
            };
            let mut parts = place.split(':');
            let (Some(group), Some(name), Some(version), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            if uses.split(',').all(is_of_tests) {
                found.left_out(1);
            } else {
                found.add(&format!("{group}:{name}"), version);
            }
        }
    })
}

/// Reads one lock file of sbt-dependency-lock; what only tests use is left out.
///
/// ```text
/// {"lockVersion": 1, "dependencies": [{"org": "org.typelevel", "name": "cats-core_2.13",
///   "version": "2.9.0", "configurations": ["compile", "test"]}]}
/// ```
fn read_sbt(input: &FileInput<'_>) -> FileYield {
    super::read(input, "maven", |input, found| {
        let lock: Lock = parse::json(input.body, found);
        for entry in lock.dependencies.tables() {
            let uses = &entry.configurations.0;
            let is_named = !entry.org.is_empty() && !entry.name.is_empty();
            if !uses.is_empty() && uses.iter().all(|name| is_of_tests(name)) {
                found.left_out(1);
            } else if is_named {
                found.add(&format!("{}:{}", &*entry.org, &*entry.name), &entry.version);
            }
        }
        parse::expect(parse::json, input.body, &[("dependencies", Shape::List)], found);
    })
}

fn is_of_tests(configuration: &str) -> bool {
    configuration.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("test"))
}
