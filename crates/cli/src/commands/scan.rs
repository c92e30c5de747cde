//! `plimsoll image`, `dir`, `inventory` and `why`: settings in, reports out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::civil::Date;
use plimsoll_model::{GapKind, Report, Severity};
use plimsoll_report::Style;
use plimsoll_scan::{Scan, ScanError};
use plimsoll_source::{Platform, Reference};
use plimsoll_vuln::Database;
use plimsoll_vuln::policy::{Filters, Gate};

use crate::args::{ReadArgs, ScanArgs};
use crate::database;
use crate::failure::{Outcome, Usage};
use crate::output::{self, Output};
use crate::progress::Bars;
use crate::run::Run;

/// Scans images or a folder, one after the other, and writes a report of each.
///
/// # Errors
/// Wrong usage, before anything is read. What goes wrong with one target is told, and the next one
/// is scanned all the same.
pub(crate) fn scan(run: &Run, targets: &[String], args: &ScanArgs) -> Result<Outcome> {
    let outputs = output::parse(&args.output, targets.len())?;
    let gate = gate(args)?;
    let filters = filters(args)?;
    let baseline = baseline(args, &gate)?;
    let read = Read::new(run, &args.read)?;
    let bars = Arc::new(Bars::new(run.shows_progress()));
    let database = database::open(run, &args.database, read.as_of, &bars)?;
    let mut outcome = Outcome::Done;
    for target in targets {
        let result = Reference::parse(target).map_err(ScanError::from).and_then(|reference| {
            plimsoll_scan::scan(&reference, &*database, &read.options(run, &bars, filters.clone()))
        });
        bars.clear();
        let one = match result {
            Ok(scan) => {
                output::write(&outputs, &scan.report)?;
                judge(run, &gate, &scan, baseline.as_ref())
            }
            Err(error) => cannot_scan(target, error),
        };
        outcome = outcome.max(one);
    }
    Ok(outcome)
}

/// Lists packages only.
pub(crate) fn inventory(
    run: &Run,
    target: &str,
    read: &ReadArgs,
    outputs: &crate::args::OutputArgs,
) -> Result<Outcome> {
    let outputs = output::parse(outputs, 1)?;
    let read = Read::new(run, read)?;
    let bars = Bars::new(run.shows_progress());
    let result = Reference::parse(target).map_err(ScanError::from).and_then(|reference| {
        plimsoll_scan::inventory(&reference, &read.options(run, &bars, Filters::default()))
    });
    bars.clear();
    match result {
        Ok(report) => output::write(&outputs, &report).map(|()| Outcome::Done),
        Err(error) => Ok(cannot_scan(target, error)),
    }
}

/// Explains one finding, or says that there is none.
pub(crate) fn why(
    run: &Run,
    id: &str,
    target: &str,
    read: &ReadArgs,
    database: &crate::args::DatabaseArgs,
) -> Result<Outcome> {
    let read = Read::new(run, read)?;
    let bars = Arc::new(Bars::new(run.shows_progress()));
    let database: Box<dyn Database> = database::open(run, database, read.as_of, &bars)?;
    let result = Reference::parse(target).map_err(ScanError::from).and_then(|reference| {
        plimsoll_scan::scan(&reference, &*database, &read.options(run, &bars, Filters::default()))
    });
    bars.clear();
    let scan = match result {
        Ok(scan) => scan,
        Err(error) => return Ok(cannot_scan(target, error)),
    };
    let mut out = anstream::stdout().lock();
    let style: Style = output::style(None);
    if let Some(text) = plimsoll_report::why(&scan.report, id, &style) {
        out.write_all(text.as_bytes())?;
        return Ok(Outcome::Done);
    }
    // No finding is not the same as no weakness: how much was judged goes with it.
    out.write_all(plimsoll_report::why_not_found(&scan.report, id, &style).as_bytes())?;
    let packages = &scan.report.packages;
    for negative in scan.negatives.iter().filter(|negative| negative.id.eq_ignore_ascii_case(id)) {
        let package = packages.iter().find(|package| package.id == negative.package);
        let package = package.map_or(String::new(), |p| format!("{} {}", p.name, p.version));
        writeln!(
            out,
            "  {}  {}",
            plimsoll_report::shown(&package),
            plimsoll_report::shown(&negative.reason)
        )?;
    }
    Ok(Outcome::Done)
}

/// Judges one report by the gate and says why it fails.
fn judge(run: &Run, gate: &Gate, scan: &Scan, baseline: Option<&Report>) -> Outcome {
    if gate.is_empty() {
        return Outcome::Done;
    }
    let failures = gate.failures(&scan.report, baseline);
    if !failures.is_empty() {
        run.say(&format!("gate: {}", failures.join("; ")));
        return Outcome::GateFailed;
    }
    if run.offline {
        return Outcome::Done;
    }
    let mut missing = scan.unavailable.clone();
    // A database without a namespace that feeds do make is a hole too.
    let holes = scan.report.coverage.gaps.iter().filter(|gap| {
        matches!(gap.kind, GapKind::NoFeed | GapKind::EmbeddedOnly)
            && plimsoll_feeds::find(&gap.subject).is_some()
    });
    missing.extend(holes.map(|gap| gap.subject.clone()));
    missing.extend(scan.facts_unavailable.iter().filter(|name| gate.needs(name)).cloned());
    missing.sort();
    missing.dedup();
    if missing.is_empty() {
        return Outcome::Done;
    }
    output::error(
        &format!("cannot judge the gate: no data for {}", missing.join(", ")),
        Some("give `--offline` to judge by what is here, or `--fail-on gaps` to fail on holes"),
    );
    Outcome::CannotScan
}

fn cannot_scan(target: &str, error: ScanError) -> Outcome {
    let hint = error.hint();
    let error = anyhow::Error::new(error).context(format!("cannot scan `{target}`"));
    output::error(&format!("{error:#}"), hint.as_deref());
    Outcome::CannotScan
}

fn gate(args: &ScanArgs) -> Result<Gate> {
    let words = args.fail_on.iter().flatten().map(String::as_str);
    let gate = Gate::parse(words).map_err(|error| {
        let hint = error.hint();
        Usage::new(error.to_string()).with_hint(hint)
    })?;
    if gate.needs_baseline() && args.baseline.is_none() {
        bail!(
            Usage::new("`--fail-on new-…` has nothing to compare with")
                .with_hint("give an earlier report with `--baseline REPORT.json`")
        );
    }
    Ok(gate)
}

fn baseline(args: &ScanArgs, gate: &Gate) -> Result<Option<Report>> {
    let Some(path) = args.baseline.as_ref().filter(|_| gate.needs_baseline()) else {
        return Ok(None);
    };
    let bytes = fs_err::read(path).map_err(|error| Usage::new(error.to_string()))?;
    let report = plimsoll_report::parse_report(&bytes)
        .map_err(|error| Usage::new(format!("cannot read `{}`: {error}", path.display())))?;
    Ok(Some(report))
}

fn filters(args: &ScanArgs) -> Result<Filters> {
    let mut severities = Vec::new();
    for word in args.severity.iter().flatten() {
        let Some(severity) =
            Severity::ALL.into_iter().find(|s| s.name() == word.trim().to_ascii_lowercase())
        else {
            let names: Vec<&str> = Severity::ALL.iter().map(|severity| severity.name()).collect();
            bail!(
                Usage::new(format!("`{word}` is no severity"))
                    .with_hint(format!("take any of {}", names.join(", ")))
            );
        };
        severities.push(severity);
    }
    Ok(Filters { severities, only_fixed: args.only_fixed.unwrap_or(false) })
}

/// How targets are read.
struct Read {
    as_of: Date,
    platform: Option<Platform>,
    strict: bool,
    declared: bool,
    cache: Option<PathBuf>,
}

impl Read {
    fn new(run: &Run, args: &ReadArgs) -> Result<Self> {
        let as_of = match &args.as_of {
            Some(text) => text
                .parse::<Date>()
                .map_err(|_| Usage::new(format!("`{text}` is no day such as 2026-03-01")))?,
            None => run.today,
        };
        let platform = match &args.platform {
            Some(text) => Some(text.parse::<Platform>().map_err(|error| {
                Usage::new(error.to_string()).with_hint("write it as linux/amd64 or linux/arm/v7")
            })?),
            None => None,
        };
        let cache = (!args.no_cache.unwrap_or(false)).then(|| run.cache_dir.join("layers"));
        let (strict, declared) = (args.strict.unwrap_or(false), args.declared.unwrap_or(false));
        Ok(Self { as_of, platform, strict, declared, cache })
    }

    fn options<'a>(
        &'a self,
        run: &'a Run,
        bars: &'a Bars,
        filters: Filters,
    ) -> plimsoll_scan::Options<'a> {
        plimsoll_scan::Options {
            as_of: self.as_of,
            platform: self.platform.clone(),
            strict: self.strict,
            declared: self.declared,
            cache: self.cache.as_deref(),
            filters,
            config_files: run.config_files.clone(),
            version: env!("CARGO_PKG_VERSION"),
            progress: bars,
        }
    }
}

/// Returns the name of a folder as a target.
pub(crate) fn folder(path: &Path) -> Result<String> {
    let text = path.to_str().context("the path is not UTF-8")?;
    Ok(format!("dir:{text}"))
}

impl Output {
    /// Returns whether it goes to standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.file.is_none()
    }
}
