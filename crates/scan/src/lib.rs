//! The pipeline from a target to a report.
//!
//! In come a [`Reference`], a [`Database`] and [`Options`]; out goes a [`Report`]. The trip is
//! `Target → Layers → Tree → Inventory → Findings → policy → Report`; this crate never writes a
//! report and never prints.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;

use jiff::civil::Date;
use plimsoll_catalog::Catalogued;
use plimsoll_model::report::{DatabaseInfo, SCHEMA_VERSION, Summary, Tool};
use plimsoll_model::{Coverage, Gap, GapKind, PackageCount, Report};
use plimsoll_source::{Contents, Platform, Progress, Reference, SourceError};
use plimsoll_vuln::policy::Filters;
use plimsoll_vuln::{Database, Judged, Negative, ShardError};

mod eol;
mod jars;

/// Namespaces of facts that every report with findings asks for.
const FACTS: [&str; 2] = ["epss", "kev"];

/// What the user wants of a scan.
pub struct Options<'a> {
    /// The UTC day by which ends of life are judged.
    pub as_of: Date,
    /// Which platform of an index; `None` for this machine's.
    pub platform: Option<Platform>,
    /// Hash everything that is read.
    pub strict: bool,
    /// Read lock files and manifests in images too; in folders they always are.
    pub declared: bool,
    /// The folder of the layer cache; `None` for none.
    pub cache: Option<&'a Path>,
    /// What to set aside.
    pub filters: Filters,
    /// The configuration files that were read, for the report.
    pub config_files: Vec<String>,
    /// The version of the program.
    pub version: &'a str,
    /// Who is told of the bytes that went by.
    pub progress: &'a dyn Progress,
}

/// A report, and what only this run knows.
#[derive(Debug)]
pub struct Scan {
    /// The report.
    pub report: Report,
    /// What is known not to hit, for `why-not`.
    pub negatives: Vec<Negative>,
    /// Namespaces of feeds that exist but could not be had.
    pub unavailable: Vec<String>,
    /// Namespaces of facts around CVEs that could not be had: `kev`, `epss`, `cve:2023`.
    pub facts_unavailable: Vec<String>,
}

/// What ends a scan.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The target could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A shard of the database is damaged.
    #[error("cannot read the database")]
    Database(#[from] ShardError),
    /// The program failed on what it read.
    #[error("cannot catalogue the target: {0}")]
    Catalogue(String),
}

impl ScanError {
    /// Returns what to do, where something can be done.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Database(_) => Some("remove the shard and let it be made again".to_owned()),
            Self::Catalogue(_) => {
                Some("this is a defect of the program: please report it".to_owned())
            }
        }
    }
}

/// Lists what is aboard; needs no database.
///
/// # Errors
/// When the target cannot be read. What is inside never ends a scan.
pub fn inventory(reference: &Reference, options: &Options<'_>) -> Result<Report, ScanError> {
    let (contents, catalogued) = aboard(reference, options, &|_, _| {})?;
    Ok(report(contents, catalogued, Judged::default(), None, options))
}

/// Lists what is aboard and judges it.
///
/// # Errors
/// When the target or the database cannot be read. Feeds that could not be had are gaps.
pub fn scan(
    reference: &Reference,
    database: &dyn Database,
    options: &Options<'_>,
) -> Result<Scan, ScanError> {
    let (contents, mut catalogued) = std::thread::scope(|scope| {
        let (early, hints) = mpsc::channel::<String>();
        scope.spawn(move || prefetch(database, &hints));
        let hint = |path: &str, body: &[u8]| {
            let distro = plimsoll_catalog::distro_from_file(path, body);
            if let Some(namespace) = distro.and_then(|distro| distro.namespace()) {
                // The other end is gone only when the scan is over.
                let _ = early.send(namespace);
            }
        };
        aboard(reference, options, &hint)
    })?;
    let distro = catalogued.distro.clone();
    let mut looked_up = Judged::default();
    jars::identify(&mut catalogued, &contents.target.layers, database, &mut looked_up)?;
    let mut judged = plimsoll_vuln::judge(&catalogued.packages, distro.as_ref(), database)?;
    judged.gaps.append(&mut looked_up.gaps);
    judged.shards.append(&mut looked_up.shards);
    judged.unavailable.append(&mut looked_up.unavailable);
    let facts = plimsoll_vuln::enrich(&mut judged.findings, database)?;
    judged.gaps.extend(facts.gaps);
    judged.gaps.extend(database.stale().into_iter().map(|(subject, detail)| Gap {
        kind: GapKind::Stale,
        subject,
        detail,
    }));
    judged.shards.extend(facts.shards);
    options.filters.apply(&mut judged.findings);
    let negatives = std::mem::take(&mut judged.negatives);
    let unavailable = std::mem::take(&mut judged.unavailable);
    let report = report(contents, catalogued, judged, Some(database), options);
    Ok(Scan { report, negatives, unavailable, facts_unavailable: facts.unavailable })
}

/// Fetches what a report will need while the layers are still streaming: as soon as a layer tells the
/// distribution, its shard and the facts that its findings will ask for.
fn prefetch(database: &dyn Database, hints: &mpsc::Receiver<String>) {
    let mut seen = BTreeSet::new();
    std::thread::scope(|scope| {
        for hint in hints {
            let facts = FACTS.iter().map(|fact| (*fact).to_owned());
            for namespace in std::iter::once(hint).chain(facts) {
                if seen.insert(namespace.clone()) {
                    // What goes wrong here goes wrong again, and is told, when it is needed.
                    scope.spawn(move || drop(database.shard(&namespace)));
                }
            }
        }
    });
}

fn aboard(
    reference: &Reference,
    options: &Options<'_>,
    hint: &(dyn Fn(&str, &[u8]) + Sync),
) -> Result<(Contents, Catalogued), ScanError> {
    let declared = options.declared || matches!(reference, Reference::Dir { .. });
    let readers = plimsoll_catalog::readers(declared);
    let contents = plimsoll_source::read(
        reference,
        &readers,
        &plimsoll_source::Options {
            platform: options.platform.clone(),
            strict: options.strict,
            cache: options.cache,
            threads: None,
            progress: options.progress,
            hint,
        },
    )?;
    let catalogued = plimsoll_source::sandbox::run(|| {
        let is_image = contents.target.kind == "image";
        plimsoll_catalog::catalogue(&contents.tree, &readers, &contents.target.layers, is_image)
    })
    .map_err(|error| ScanError::Catalogue(error.to_string()))?;
    Ok((contents, catalogued))
}

fn report(
    contents: Contents,
    catalogued: Catalogued,
    judged: Judged,
    database: Option<&dyn Database>,
    options: &Options<'_>,
) -> Report {
    let Catalogued { distro, packages, artifacts, mut problems, mut gaps, .. } = catalogued;
    let as_of = options.as_of.to_string();
    let (info, eol_gaps) = eol::judge(distro.as_ref(), database, options.as_of);
    gaps.extend(plimsoll_catalog::unidentified(&artifacts));
    gaps.extend(judged.gaps);
    if database.is_some() {
        gaps.extend(eol_gaps);
    }
    problems.sort();
    problems.dedup();
    let mut findings = judged.findings;
    sort_findings(&mut findings, &packages);
    let advice =
        database.map(|_| plimsoll_vuln::advice::advise(&packages, &findings, distro.as_ref()));
    let count = PackageCount { total: packages.len() as u64, judged: judged.judged };
    let release = database.map(Database::release);
    Report {
        schema_version: SCHEMA_VERSION,
        as_of,
        tool: Tool { name: "plimsoll".to_owned(), version: options.version.to_owned() },
        config_files: options.config_files.clone(),
        target: contents.target,
        distro: info,
        database: release.map(|release| {
            let mut shards = judged.shards;
            shards.sort();
            shards.dedup();
            DatabaseInfo { digest: release.digest, built: release.built, shards }
        }),
        coverage: Coverage::new(count, gaps),
        packages,
        summary: Summary::of(&findings),
        findings: database.map(|_| findings),
        artifacts,
        problems,
        advice,
    }
}

/// By package in the order of the packages, then severity, then id.
fn sort_findings(findings: &mut [plimsoll_model::Finding], packages: &[plimsoll_model::Package]) {
    let place: std::collections::BTreeMap<&str, usize> =
        packages.iter().enumerate().map(|(index, package)| (package.id.as_str(), index)).collect();
    findings.sort_by(|a, b| {
        let at = |finding: &plimsoll_model::Finding| place.get(finding.package.as_str()).copied();
        at(a).cmp(&at(b)).then(a.severity.cmp(&b.severity)).then(a.id.cmp(&b.id))
    });
}
