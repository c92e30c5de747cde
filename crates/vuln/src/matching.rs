//! Packages and advisories brought together: which names are looked up where, and which records hit.
//!
//! The rules follow the feeds: Debian's tracker and Alpine's secdb are keyed by source package and
//! compare the source version; OSV ecosystems are keyed by the package's own name, programs of no package
//! manager by the products of their CPE names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll_model::distro::rebuilder;
use plimsoll_model::report::ShardInfo;
use plimsoll_model::{Advisory, Distro, Finding, Gap, GapKind, Package, THIRD_PARTY};

use crate::cpe;
use crate::database::{Database, DatabaseError};
use crate::embedded;
use crate::shard::{Shard, ShardError};

mod artifact_name;
mod choose;
mod fit;
mod fix_names;
mod golang;
mod mending;
mod products;
mod programs;
mod query;
mod set_aside;
mod twice;
mod unjudged;
mod verdicts;
mod weigh;

use fit::Fit;
use products::Products;
pub use query::{MATCHERS, Matcher, Query, Subject};
use unjudged::Unjudged;
use verdicts::{Candidate, Verdicts, shown_id};

/// What judging brought out.
#[derive(Debug, Default)]
pub struct Judged {
    /// Findings in the order of the packages; severity is the feed's own, or unknown.
    pub findings: Vec<Finding>,
    /// What is known not to hit: package id, advisory id, reason in words. Sorted.
    pub negatives: Vec<Negative>,
    /// Packages for which advisories were asked.
    pub judged: u64,
    /// What could not be judged.
    pub gaps: Vec<Gap>,
    /// The shards that were asked, sorted by namespace.
    pub shards: Vec<ShardInfo>,
    /// Feeds that exist but could not be had.
    pub unavailable: Vec<String>,
}

/// A record that does not hit a package, and why.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Negative {
    /// The package's id.
    pub package: String,
    /// The record's id.
    pub id: String,
    /// `fixed in 3.0.8-r0, installed 3.0.9-r1`, `the vendor says not affected`.
    pub reason: String,
}

/// Judges packages by a database, and by the advisories inside the program where it has no data.
///
/// A package of another vendor is not judged by the distribution's feed, nor is one that a vendor built
/// anew: the gaps tell their number. A library that belongs to a package of the distribution is judged
/// as that package; its own findings are set aside.
///
/// # Errors
/// A damaged shard; what is merely not to be had becomes a gap.
pub fn judge(
    packages: &[Package],
    distro: Option<&Distro>,
    database: &dyn Database,
) -> Result<Judged, ShardError> {
    let mut judged = Judged::default();
    let products = Products::of(distro, database)?;
    if let Some((namespace, error)) = &products.unavailable {
        judged.unavailable.push(namespace.clone());
        judged.gaps.push(unavailable(namespace, error));
    }
    let mut unjudged = Unjudged::default();
    let mut queries: Vec<Vec<Query>> =
        packages.iter().map(|package| asked(package, distro, &mut unjudged)).collect();
    let alone = artifact_name::add(packages, &mut queries, database);
    let known = look_up(&queries, database, &mut judged)?;
    let mut nobodys = Vec::new();
    for (package, queries) in packages.iter().zip(&queries) {
        let Some(first) = queries.first() else { continue };
        let held: Vec<(&Query, &Names<'_>)> =
            queries.iter().filter_map(|query| Some((query, held(query, &known)?))).collect();
        if held.is_empty() {
            let subject = if first.is_partial {
                unjudged::subject_of(package, distro)
            } else {
                first.namespace.clone()
            };
            unjudged.add(subject, package);
            continue;
        }
        if artifact_name::is_nobodys(package, &alone) {
            nobodys.push(package);
            continue;
        }
        // A version that is none is compared with nothing: its advisories are told, set aside. Of a library
        // without any there is nothing to tell, whatever its version.
        let is_library = held.iter().all(|(query, _)| query.row.is_none());
        let speaks = |(query, names): &(&Query, &Names<'_>)| speaks_of(names, query);
        if held.iter().any(|(query, _)| query.is_comparable())
            || is_library && !held.iter().any(speaks)
        {
            judged.judged += 1;
        } else {
            judged.gaps.push(not_comparable(package, held[0].0, &held[0].0.own.version));
        }
        evaluate(package, &held, products.of_package(package), &mut judged);
    }
    unjudged.tell(&mut judged.gaps);
    judged.gaps.extend(artifact_name::gap(&nobodys));
    artifact_name::tell(&alone, &mut judged.findings);
    set_aside::headers(packages, &mut judged.findings);
    set_aside::classes(packages, &mut judged.findings);
    set_aside::owned(packages, &queries, &known, &mut judged);
    twice::set_aside(packages, &mut judged.findings);
    judged.negatives.sort();
    judged.negatives.dedup();
    judged.shards.sort();
    judged.shards.dedup();
    Ok(judged)
}

/// Returns what to look up for a package; what nothing judges is counted.
fn asked(package: &Package, distro: Option<&Distro>, unjudged: &mut Unjudged) -> Vec<Query> {
    let queries = query::queries(package, distro);
    let Some(query) = queries.first() else {
        unjudged.add(unjudged::subject_of(package, distro), package);
        return queries;
    };
    let own = distro.and_then(Distro::namespace);
    if query.row.is_some() && Some(&query.namespace) == own.as_ref() {
        if package.repository.as_deref() == Some(THIRD_PARTY) {
            unjudged.foreign += 1;
            return Vec::new();
        }
        if let Some(vendor) = rebuilder(&package.kind, &query.own.version) {
            unjudged.add(format!("packages built anew by {vendor}"), package);
            return Vec::new();
        }
    }
    queries
}

fn unavailable(namespace: &str, error: &DatabaseError) -> Gap {
    Gap { kind: GapKind::FeedUnavailable, subject: namespace.to_owned(), detail: error.to_string() }
}

/// The records on each name that was asked for.
type Names<'a> = BTreeMap<&'a str, Vec<Advisory>>;

/// What a namespace knows of the names asked for.
type Known<'a> = BTreeMap<&'a str, Names<'a>>;

/// Returns what is known where a query asks; `None` where there is no data, or none that says anything of
/// the package.
fn held<'k, 'a>(query: &Query, known: &'k Known<'a>) -> Option<&'k Names<'a>> {
    let names = known.get(query.namespace.as_str())?;
    (!query.is_partial || speaks_of(names, query)).then_some(names)
}

fn speaks_of(names: &Names<'_>, query: &Query) -> bool {
    query.names().any(|name| names.get(name).is_some_and(|records| !records.is_empty()))
}

/// Looks up all names, each once and in order, so that a block of a shard is unpacked once.
fn look_up<'a>(
    queries: &'a [Vec<Query>],
    database: &dyn Database,
    judged: &mut Judged,
) -> Result<Known<'a>, ShardError> {
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for query in queries.iter().flatten() {
        wanted.entry(&query.namespace).or_default().extend(query.names());
    }
    let mut known = Known::new();
    for (namespace, names) in wanted {
        let Some(shard) = open(database, namespace, judged) else { continue };
        let names: Vec<&str> = names.into_iter().collect();
        let rows = shard.advisories_many(&names)?;
        known.insert(namespace, names.into_iter().zip(rows).collect());
    }
    Ok(known)
}

fn not_comparable(package: &Package, query: &Query, version: &str) -> Gap {
    let scheme = query.scheme.name();
    let detail = match query.odd {
        _ if version.is_empty() => {
            format!("the version of `{}` is not known, so it cannot be judged", query.own.name)
        }
        Some(odd) => format!("`{version}`: {odd}, so `{}` cannot be judged", query.own.name),
        None => format!(
            "`{version}` is not a {scheme} version, so `{}` cannot be judged",
            query.own.name
        ),
    };
    // What a manifest or a build at home leaves open is a note. A library that is aboard, of which there
    // are records, and whose version nobody states, is not: it may be the one that matters.
    let is_open = version == "(devel)" || package.declared;
    let is_library = query.row.is_none();
    let kind = if is_library && is_open { GapKind::Unidentified } else { GapKind::Unreadable };
    Gap { kind, subject: package.name.clone(), detail }
}

/// Asks for a shard. A product of the NVD has one of its own where they are made as needed; where all
/// were made at once, it is in that of all.
fn ask(database: &dyn Database, namespace: &str) -> Result<Arc<Shard>, DatabaseError> {
    let asked = database.shard(namespace);
    match namespace.split_once(':') {
        Some((cpe::NAMESPACE, _)) if matches!(asked, Err(DatabaseError::NoFeed { .. })) => {
            database.shard(cpe::NAMESPACE)
        }
        _ => asked,
    }
}

/// Asks for a shard; where there is none, takes the advisories inside the program, and tells the gap.
fn open(database: &dyn Database, namespace: &str, judged: &mut Judged) -> Option<Arc<Shard>> {
    let shard = match ask(database, namespace) {
        Ok(shard) => shard,
        Err(error) => {
            if !matches!(error, DatabaseError::NoFeed { .. }) {
                judged.unavailable.push(namespace.to_owned());
                judged.gaps.push(unavailable(namespace, &error));
            }
            embedded::shard(namespace)?
        }
    };
    if shard.meta().partial {
        let records = shard.meta().records;
        judged.gaps.push(Gap {
            kind: GapKind::EmbeddedOnly,
            subject: namespace.to_owned(),
            detail: format!(
                "`{namespace}` was judged by the {records} famous {} inside the program alone",
                if records == 1 { "advisory" } else { "advisories" }
            ),
        });
    }
    if shard.meta().thin {
        let records = shard.meta().records;
        judged.unavailable.push(namespace.to_owned());
        judged.gaps.push(Gap {
            kind: GapKind::FeedUnavailable,
            subject: namespace.to_owned(),
            detail: format!(
                "the feed of `{namespace}` has only {records} {}, far fewer than it should: \
                 it cannot be whole",
                if records == 1 { "record" } else { "records" }
            ),
        });
    }
    judged.shards.push(info(&shard));
    Some(shard)
}

/// Returns how a shard stands in the report.
pub fn info(shard: &Shard) -> ShardInfo {
    let meta = shard.meta();
    ShardInfo {
        namespace: meta.namespace.clone(),
        source: meta.title.clone(),
        updated: meta.updated.clone(),
        records: meta.records,
        digest: shard.digest().to_owned(),
    }
}

/// Judges one package by the records on its names: one finding a weakness, whatever number of records
/// tell of it.
fn evaluate(
    package: &Package,
    held: &[(&Query, &Names<'_>)],
    products: &[String],
    judged: &mut Judged,
) {
    let Some((first, _)) = held.first() else { return };
    let mut verdicts = Verdicts::new(package, first.scheme);
    let (mut candidates, mut unclear) = (Vec::new(), Vec::new());
    for (query, names) in held {
        let records = query.names().filter_map(|name| Some((name, names.get(name)?)));
        let rows = records.flat_map(|(name, list)| list.iter().map(move |record| (name, record)));
        for (name, advisory) in rows {
            let Some(subject) = query.subject(advisory.scope.key, name) else { continue };
            let is_other = query.others.iter().any(|other| std::ptr::eq(other, subject));
            if is_other && !golang::may_leave_out_major(advisory) {
                continue;
            }
            let fit = match query.row {
                Some(row) => fit::fit(package, &subject.version, row, products, advisory),
                None => fit::fit_library(package, advisory),
            };
            let candidate =
                Candidate { advisory, query, subject, cve: None, is_paid: fit == Fit::Paid };
            match fit {
                Fit::Yes | Fit::Paid => candidates.push(candidate),
                Fit::Unclear(reason) => unclear.push((candidate, reason)),
                Fit::No(reason) => {
                    verdicts.miss(candidate, format!("{}: {reason}", advisory.record));
                }
            }
        }
    }
    let of_distribution = held.iter().map(|(query, _)| query).find(|query| query.row.is_some());
    let Some(query) = of_distribution else {
        weigh::weigh(&candidates, &mut verdicts);
        verdicts.finish(held, judged);
        return;
    };
    let candidates = choose::choose(query, candidates, products, &mut verdicts);
    let clear: BTreeSet<String> = candidates.iter().map(|c| shown_id(c.advisory)).collect();
    for candidate in candidates {
        verdicts.judge(candidate);
    }
    // What another record decides is clear enough.
    for (candidate, reason) in unclear {
        if !clear.contains(&shown_id(candidate.advisory)) {
            verdicts.set_aside(candidate, &reason);
        }
    }
    verdicts.finish(held, judged);
}
