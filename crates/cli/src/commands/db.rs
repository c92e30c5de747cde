//! `plimsoll db`: the database built, and looked at.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use plimsoll_feeds::{BuildOptions, BuildRow, Outcome as Became};
use plimsoll_report::shown;
use plimsoll_vuln::Manifest;

use crate::args::DbCommand;
use crate::commands::cache::human;
use crate::database;
use crate::failure::{Outcome, Trouble, Usage};
use crate::progress::Bars;
use crate::run::Run;

/// Runs one of the commands.
pub(crate) fn run(run: &Run, command: DbCommand) -> Result<Outcome> {
    match command {
        DbCommand::Build { all, only, known_jars, out } => {
            build(run, all, &only, known_jars.as_deref(), &out)
        }
        DbCommand::Status { db: Some(place) } => status_of_folder(run, &place),
        DbCommand::Status { db: None } => status_of_cache(run),
    }
}

fn build(
    run: &Run,
    all: bool,
    only: &[String],
    known_jars: Option<&Path>,
    out: &Path,
) -> Result<Outcome> {
    for namespace in only {
        if plimsoll_feeds::find(namespace).is_none() {
            return Err(Usage::new(format!("no feed makes `{namespace}`"))
                .with_hint("namespaces are such as alpine:3.17, debian:12, wolfi, kev, epss, eol, cve:2024")
                .into());
        }
    }
    let built = built_at(run)?;
    let mut rows = Vec::new();
    if all || !only.is_empty() {
        rows = from_feeds(run, only, &built, out)?;
    }
    if let Some(list) = known_jars {
        rows.push(plimsoll_feeds::build_known_jars(list, out, &built)?);
    }
    print(&rows)?;
    let failed = rows.iter().any(|row| matches!(row.outcome, Became::Failed(_)));
    Ok(if failed { Outcome::CannotScan } else { Outcome::Done })
}

/// The time that the manifest states.
fn built_at(run: &Run) -> Result<String> {
    let built = match std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok()) {
        Some(seconds) => jiff::Timestamp::from_second(seconds)
            .map_err(|error| Usage::new(format!("`SOURCE_DATE_EPOCH`: {error}")))?,
        None => run.now,
    };
    Ok(built.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn from_feeds(run: &Run, only: &[String], built: &str, out: &Path) -> Result<Vec<BuildRow>> {
    let bars = Arc::new(Bars::new(run.shows_progress()));
    let options = BuildOptions {
        only: (!only.is_empty()).then(|| only.to_vec()),
        out: out.to_owned(),
        built: built.to_owned(),
        year: u16::try_from(run.today.year()).unwrap_or(u16::MAX),
        threads: 0,
    };
    let client = database::client(run)?;
    let result = plimsoll_feeds::build(&options, &client, &*bars);
    bars.clear();
    Ok(result.map_err(|error| {
        let hint = error.hint();
        let trouble = Trouble::from(anyhow::Error::new(error));
        match hint {
            Some(hint) => trouble.with_hint(hint),
            None => trouble,
        }
    })?)
}

fn print(rows: &[BuildRow]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let wide = rows.iter().map(|row| row.namespace.len()).max().unwrap_or(0).max(9);
    let title = rows.iter().map(|row| row.source.len()).max().unwrap_or(0).max(6);
    writeln!(
        out,
        "{:wide$}  {:title$} {:>9} {:>8} {:>10} {:>8}",
        "namespace", "source", "records", "dropped", "bytes", "seconds"
    )?;
    for row in rows {
        write!(out, "{:wide$}  {:title$} ", row.namespace, row.source)?;
        match &row.outcome {
            Became::Built => writeln!(
                out,
                "{:>9} {:>8} {:>10} {:>8.2}",
                row.records,
                row.dropped,
                row.bytes,
                row.time.as_secs_f64()
            )?,
            Became::NotFound => writeln!(out, "{:>9} the upstream has no such file", "-")?,
            Became::Failed(why) => writeln!(out, "{:>9} {}", "-", shown(why))?,
        }
    }
    Ok(())
}

fn status_of_folder(run: &Run, place: &str) -> Result<Outcome> {
    let (manifest, digest) = Manifest::read(Path::new(place)).map_err(|error| {
        Trouble::from(
            anyhow::Error::new(error).context(format!("cannot open the database `{place}`")),
        )
        .with_hint("make one with `plimsoll db build --all --out DIR`")
    })?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "release  {digest}")?;
    writeln!(out, "built    {}{}", shown(&manifest.built), age(run, &manifest.built))?;
    let rows: Vec<[String; 5]> = manifest
        .shards
        .iter()
        .map(|shard| {
            [
                shard.namespace.clone(),
                shard.source.clone(),
                shard.records.to_string(),
                human(shard.size),
                shard.updated.clone(),
            ]
        })
        .collect();
    table(&mut out, &rows)?;
    Ok(Outcome::Done)
}

fn status_of_cache(run: &Run) -> Result<Outcome> {
    let held = plimsoll_feeds::cached(&run.cache_dir);
    let mut out = std::io::stdout().lock();
    writeln!(out, "cache    {}", run.cache_dir.display())?;
    if held.is_empty() {
        writeln!(out, "no shards yet: a scan builds those that it needs")?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<[String; 5]> = held
        .iter()
        .map(|held| {
            let meta = held.shard.meta();
            [
                meta.namespace.clone(),
                meta.title.clone(),
                meta.records.to_string(),
                human(held.bytes),
                format!("{} fetched {}", meta.updated, held.fetched.strftime("%Y-%m-%d %H:%M")),
            ]
        })
        .collect();
    table(&mut out, &rows)?;
    Ok(Outcome::Done)
}

fn table(out: &mut impl Write, rows: &[[String; 5]]) -> Result<()> {
    let head = ["namespace", "source", "records", "size", "updated"].map(str::to_owned);
    let width = |column: usize| {
        rows.iter().chain([&head]).map(|row| shown(&row[column]).chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..4).map(width).collect();
    for row in std::iter::once(&head).chain(rows) {
        let [namespace, source, records, size, updated] = row.each_ref().map(|text| shown(text));
        writeln!(
            out,
            "{namespace:0$}  {source:1$}  {records:>2$}  {size:>3$}  {updated}",
            widths[0], widths[1], widths[2], widths[3]
        )?;
    }
    Ok(())
}

/// `, 3 days ago`; empty when the stamp is none.
fn age(run: &Run, built: &str) -> String {
    let Ok(built) = built.parse::<jiff::Timestamp>() else { return String::new() };
    let hours = run.now.duration_since(built).as_hours();
    match hours {
        ..1 => ", just now".to_owned(),
        1..48 => format!(", {hours} hours ago"),
        _ => format!(", {} days ago", hours / 24),
    }
}
