//! The command line of Plimsoll: flags, files and environment in; reports and exit codes out.
//!
//! This crate holds no logic that the server lacks: it reads what was asked, hands it to
//! `plimsoll-scan` and `plimsoll-feeds`, and writes what comes back through `plimsoll-report`.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use failure::{Outcome, Trouble, Usage};
use run::Run;
use settings::{Config, Folders};

mod args;
mod commands;
mod database;
mod failure;
mod output;
mod progress;
mod run;
mod settings;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let outcome = if error.use_stderr() { Outcome::Usage } else { Outcome::Done };
            // Nothing can be told when the place to tell it is closed.
            let _ = error.print();
            return outcome.into();
        }
    };
    log_to_stderr(cli.global.verbose);
    match start(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) if is_broken_pipe(&error) => Outcome::Done.into(),
        Err(error) => {
            let usage = error.downcast_ref::<Usage>();
            let trouble = error.downcast_ref::<Trouble>().and_then(Trouble::hint);
            output::error(&format!("{error:#}"), usage.and_then(Usage::hint).or(trouble));
            if usage.is_some() { Outcome::Usage } else { Outcome::CannotScan }.into()
        }
    }
}

fn start(mut cli: Cli) -> Result<Outcome> {
    if let Command::Completions { shell } = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "plimsoll", &mut std::io::stdout());
        return Ok(Outcome::Done);
    }
    if let Command::Order { scheme, a, b, range } = &cli.command {
        return match (a, b, range) {
            (Some(a), Some(b), _) => commands::order::two(scheme, a, b),
            (_, _, Some(range)) => commands::order::range(scheme, range),
            _ => commands::order::lines(scheme),
        };
    }
    let folders = Folders::from_environment();
    let config = Config::read(folders.config.as_deref())?;
    cli.global.fill(&config)?;
    let now = jiff::Timestamp::now();
    let run = Run {
        quiet: cli.global.quiet.unwrap_or(false),
        offline: cli.global.offline.unwrap_or(false),
        cache_dir: settings::cache_dir(&cli.global, &folders)?,
        mirror: cli.global.mirror.take(),
        config_files: config.names(),
        today: jiff::tz::Offset::UTC.to_datetime(now).date(),
        now,
        terminal: std::io::stderr().is_terminal(),
    };
    dispatch(&run, cli.command, &config)
}

fn dispatch(run: &Run, command: Command, config: &Config) -> Result<Outcome> {
    match command {
        Command::Image { images, mut scan } => {
            scan.fill(config)?;
            commands::scan::scan(run, &images, &scan)
        }
        Command::Dir { path, mut scan } => {
            scan.fill(config)?;
            commands::scan::scan(run, &[commands::scan::folder(&path)?], &scan)
        }
        Command::Inventory { target, mut output, mut read } => {
            output.fill(config);
            read.fill(config)?;
            commands::scan::inventory(run, &target, &read, &output)
        }
        Command::Why { id, target, mut read, mut database } => {
            read.fill(config)?;
            database.fill(config);
            commands::scan::why(run, &id, &target, &read, &database)
        }
        Command::Db(command) => commands::db::run(run, command),
        Command::Cache(command) => commands::cache::run(run, &command),
        // Both were done before any setting was read.
        Command::Order { .. } | Command::Completions { .. } => Ok(Outcome::Done),
    }
}

fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "info",
        _ => "debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("PLIMSOLL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
