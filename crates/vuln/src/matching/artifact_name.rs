//! Archives whose group is a guess: their artifact is looked up alone, where only one group of the database
//! has an artifact of that name.
//!
//! `log4j-core-2.14.1.jar` without a word inside is `log4j-core` of nobody, or of whom a manifest names; the
//! records speak of `org.apache.logging.log4j:log4j-core`, and of no other `log4j-core`.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Confidence, Finding, Package, ecosystem};

use super::query::{Query, Subject};
use super::{Database, ask, embedded};

/// What parts group and artifact, in ecosystems that have both.
const SEPARATOR: &str = ":";

/// Artifacts that many have, though only one may have records.
const COMMON: &[&str] = &[
    "admin",
    "api",
    "app",
    "application",
    "base",
    "bom",
    "boot",
    "cli",
    "client",
    "cloud",
    "common",
    "commons",
    "console",
    "core",
    "dao",
    "data",
    "demo",
    "driver",
    "engine",
    "framework",
    "frontend",
    "http",
    "impl",
    "json",
    "launcher",
    "lib",
    "library",
    "main",
    "model",
    "parent",
    "platform",
    "plugin",
    "plugins",
    "proxy",
    "runtime",
    "sample",
    "sdk",
    "security",
    "server",
    "service",
    "services",
    "shared",
    "standalone",
    "starter",
    "test",
    "tests",
    "tools",
    "ui",
    "util",
    "utilities",
    "utils",
    "web",
    "webapp",
];

/// The packages that were looked up so: package id, and the name in the database.
pub(super) type Alone = BTreeMap<String, String>;

/// Adds the name in the database to the queries of packages that are not sure of their group.
pub(super) fn add(
    packages: &[Package],
    queries: &mut [Vec<Query>],
    database: &dyn Database,
) -> Alone {
    let mut alone = Alone::new();
    let mut names: BTreeMap<String, Unique> = BTreeMap::new();
    for (package, queries) in packages.iter().zip(queries) {
        let is_guess = package.confidence.is_some_and(|sure| sure < Confidence::High);
        let has_groups =
            || ecosystem::find(&package.kind).is_some_and(|row| row.separator == SEPARATOR);
        if !is_guess || !has_groups() {
            continue;
        }
        for query in queries {
            let unique = names
                .entry(query.namespace.clone())
                .or_insert_with(|| Unique::of(&query.namespace, database));
            if let Some(name) = unique.find(&query.own.name) {
                query.others.push(Subject::new(name, &query.own.version));
                alone.insert(package.id.clone(), name.to_owned());
            }
        }
    }
    alone
}

/// Says of the findings that the artifact alone was the same.
pub(super) fn tell(alone: &Alone, findings: &mut [Finding]) {
    for finding in findings {
        let Some(name) = alone.get(&finding.package) else { continue };
        if finding.why.matched_name == *name {
            let text = format!("by the name of the artifact alone, which only `{name}` has; ");
            finding.why.comparison.insert_str(0, &text);
        }
    }
}

/// The names of a shard, and by artifact those that no other group has.
#[derive(Default)]
struct Unique {
    names: BTreeSet<String>,
    /// Artifact, and its whole name; `None` where several groups have it.
    artifacts: BTreeMap<String, Option<String>>,
}

impl Unique {
    fn of(namespace: &str, database: &dyn Database) -> Self {
        let mut unique = Self::default();
        // What could not be had is told where it is asked for.
        let Some(shard) = ask(database, namespace).ok().or_else(|| embedded::shard(namespace))
        else {
            return unique;
        };
        for name in shard.names() {
            if let Some((_, artifact)) = name.split_once(SEPARATOR) {
                let only = unique.artifacts.entry(artifact.to_owned());
                only.and_modify(|known| *known = None).or_insert_with(|| Some(name.clone()));
            }
            unique.names.insert(name);
        }
        unique
    }

    fn find(&self, own: &str) -> Option<&str> {
        let artifact = own.split_once(SEPARATOR).map_or(own, |(_, artifact)| artifact);
        let is_known = self.names.contains(own) || COMMON.contains(&artifact);
        self.artifacts.get(artifact).filter(|_| !is_known)?.as_deref()
    }
}
