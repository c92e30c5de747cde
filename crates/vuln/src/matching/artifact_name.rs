//! Archives whose group is a guess: their artifact is looked up alone, where only one group of the database
//! has an artifact of that name. Where none states a group, a few groups may have it: then it cannot be told
//! which of them is meant, and what is found says so.
//!
//! `log4j-core-2.14.1.jar` without a word inside is `log4j-core` of nobody, or of whom a manifest names; the
//! records speak of `org.apache.logging.log4j:log4j-core`, and of no other `log4j-core`.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::coverage::some_of;
use plimsoll_model::{Confidence, Finding, Gap, GapKind, Package, State, ecosystem};

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

/// The most groups that an archive without one is looked up in: a name that more have says nothing.
const MAX_GROUPS: usize = 4;
/// The most names that the sentence of a gap tells.
const MAX_NAMES: usize = 3;

/// The packages that were looked up so: package id, and the names in the database.
pub(super) type Alone = BTreeMap<String, Vec<String>>;

/// Returns whether nothing tells the group of a package, and no database knows its artifact: then it was
/// looked up in vain. What belongs to the distribution is judged as that.
pub(super) fn is_nobodys(package: &Package, alone: &Alone) -> bool {
    is_guess(package)
        && package.owner.is_none()
        && !package.name.contains(SEPARATOR)
        && !alone.contains_key(&package.id)
}

fn is_guess(package: &Package) -> bool {
    let is_row = || ecosystem::find(&package.kind).is_some_and(|row| row.separator == SEPARATOR);
    package.confidence.is_some_and(|sure| sure < Confidence::High) && is_row()
}

/// Returns the one gap of all packages that [`is_nobodys`] tells.
pub(super) fn gap(packages: &[&Package]) -> Option<Gap> {
    let names: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let count = match packages.len() {
        0 => return None,
        1 => "1 archive".to_owned(),
        count => format!("{count} archives"),
    };
    let detail = format!(
        "the group of {count} is not known, and no record names the artifact alone: {}",
        some_of(&names, MAX_NAMES)
    );
    let subject = "archives of an unknown group".to_owned();
    Some(Gap { kind: GapKind::Unidentified, subject, detail })
}

/// Adds the name in the database to the queries of packages that are not sure of their group.
pub(super) fn add(
    packages: &[Package],
    queries: &mut [Vec<Query>],
    database: &dyn Database,
) -> Alone {
    let mut alone = Alone::new();
    let mut names: BTreeMap<String, Unique> = BTreeMap::new();
    for (package, queries) in packages.iter().zip(queries) {
        if !is_guess(package) {
            continue;
        }
        for query in queries {
            let unique = names
                .entry(query.namespace.clone())
                .or_insert_with(|| Unique::of(&query.namespace, database));
            let names = unique.find(&query.own.name);
            if !names.is_empty() {
                let version = &query.own.version;
                query.others.extend(names.iter().map(|name| Subject::new(name, version)));
                alone.insert(package.id.clone(), names.to_vec());
            }
        }
    }
    alone
}

/// Says of the findings that the artifact alone was the same.
pub(super) fn tell(alone: &Alone, findings: &mut [Finding]) {
    for finding in findings {
        let Some(names) = alone.get(&finding.package) else { continue };
        if !names.contains(&finding.why.matched_name) {
            continue;
        }
        let text = if let [only] = &names[..] {
            format!("by the name of the artifact alone, which only `{only}` has; ")
        } else {
            let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let told = finding.note.take().map_or(String::new(), |note| format!("; {note}"));
            finding.note = Some(format!("which it is of {} is not known{told}", list.join(", ")));
            finding.state = State::Undetermined;
            format!("by the name of the artifact alone, which {} groups have; ", names.len())
        };
        finding.why.comparison.insert_str(0, &text);
    }
}

/// The names of a shard, and by artifact those that have it, sorted.
#[derive(Default)]
struct Unique {
    names: BTreeSet<String>,
    artifacts: BTreeMap<String, Vec<String>>,
}

impl Unique {
    fn of(namespace: &str, database: &dyn Database) -> Self {
        let mut unique = Self::default();
        // What could not be had is told where it is asked for.
        let Some(shard) = ask(database, namespace).ok().or_else(|| embedded::shard(namespace))
        else {
            return unique;
        };
        unique.names.extend(shard.names());
        for name in &unique.names {
            if let Some((_, artifact)) = name.split_once(SEPARATOR) {
                unique.artifacts.entry(artifact.to_owned()).or_default().push(name.clone());
            }
        }
        unique
    }

    fn find(&self, own: &str) -> &[String] {
        let (group, artifact) = own.split_once(SEPARATOR).unwrap_or(("", own));
        let names = self.artifacts.get(artifact).map_or(&[][..], Vec::as_slice);
        let most = if group.is_empty() { MAX_GROUPS } else { 1 };
        let is_known = self.names.contains(own) || COMMON.contains(&artifact);
        if is_known || names.len() > most { &[] } else { names }
    }
}
