//! What can be typed: commands and flags, each flag also an environment variable `PLIMSOLL_…`.
//!
//! Everything is optional here; [`crate::settings`] lays flags, environment, configuration files and
//! defaults over each other.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueHint};
use clap_complete::Shell;

/// Container-image security scanner: what is aboard, what is known to be wrong with it, how sure
/// that is, and the smallest change that makes it safe
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, max_term_width = 100, disable_help_subcommand = false)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) global: Global,
}

const EXIT_CODES: &str = "Exit codes: 0 done and within the gate; 1 the gate failed (--fail-on); \
2 wrong usage or configuration; 3 could not scan";

/// Flags that every command takes.
#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Say nothing but the report and errors
    #[arg(short, long, global = true, env = "PLIMSOLL_QUIET", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) quiet: Option<bool>,

    /// Log what is done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Folder for what is kept between runs [default: the user's cache folder]
    #[arg(long, global = true, env = "PLIMSOLL_CACHE_DIR", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) cache_dir: Option<PathBuf>,

    /// Never touch the network
    #[arg(long, global = true, env = "PLIMSOLL_OFFLINE", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) offline: Option<bool>,

    /// Take feeds from a mirror: a folder or an address that has HOST/PATH below it
    #[arg(long, global = true, env = "PLIMSOLL_MIRROR", value_name = "ROOT")]
    pub(crate) mirror: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan images
    Image {
        /// Saved images: docker-archive:PATH[:TAG], oci:PATH[:TAG|@DIGEST], oci-archive:PATH, or a path
        #[arg(required = true, value_name = "IMAGE")]
        images: Vec<String>,
        #[command(flatten)]
        scan: ScanArgs,
    },
    /// Scan a root file system or a project folder
    Dir {
        #[arg(value_name = "PATH", value_hint = ValueHint::DirPath)]
        path: PathBuf,
        #[command(flatten)]
        scan: ScanArgs,
    },
    /// List the packages of an image or folder; needs no database
    Inventory {
        /// An image as for `image`, or a folder
        target: String,
        #[command(flatten)]
        output: OutputArgs,
        #[command(flatten)]
        read: ReadArgs,
    },
    /// Explain a finding: the record, the range, the comparison
    #[command(visible_alias = "why-not")]
    Why {
        /// CVE-2023-0286, GHSA-…
        id: String,
        /// An image as for `image`, or a folder
        target: String,
        #[command(flatten)]
        read: ReadArgs,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Compare versions as a package manager does
    #[command(after_help = ORDER_HELP)]
    Order {
        /// deb, rpm, apk, npm, semver, pypi, maven, gem, golang, nuget, composer, cargo, hex, …
        scheme: String,
        /// One version
        #[arg(requires = "b", allow_hyphen_values = true)]
        a: Option<String>,
        /// The other
        #[arg(allow_hyphen_values = true)]
        b: Option<String>,
        /// Read versions and print 1 for each inside this range, 0 for each outside
        #[arg(long = "in", value_name = "RANGE", conflicts_with = "a", allow_hyphen_values = true)]
        range: Option<String>,
    },
    /// Build or look at the advisory database
    #[command(subcommand)]
    Db(DbCommand),
    /// Look at or empty the cache
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Print shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
}

const ORDER_HELP: &str = "With two versions prints <, = or >. Without, reads lines \"a<TAB>b\" and \
prints -1, 0, 1, or ! where a version is not valid. RANGE is in the scheme's own syntax or VERS.";

/// `plimsoll db …`
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Build shards from the feeds into a folder
    Build {
        /// Build everything that any feed has
        #[arg(long, required_unless_present_any = ["only", "known_jars"], conflicts_with = "only")]
        all: bool,
        /// Build these namespaces: alpine:3.17,debian:12,kev,epss,eol,cve:2024
        #[arg(long, value_delimiter = ',', value_name = "NAMESPACES")]
        only: Vec<String>,
        /// Build `jars:00` to `jars:ff` from this list of `SHA1 group:artifact:version` lines
        #[arg(long, value_name = "LIST", value_hint = ValueHint::FilePath)]
        known_jars: Option<PathBuf>,
        /// The folder
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: PathBuf,
    },
    /// Show what the database holds and how fresh it is
    Status {
        /// A release folder [default: what the cache folder holds]
        #[arg(long, env = "PLIMSOLL_DB", value_name = "DIR")]
        db: Option<String>,
    },
}

/// `plimsoll cache …`
#[derive(Debug, Subcommand)]
pub(crate) enum CacheCommand {
    /// Show how much the cache holds
    Status,
    /// Remove what was not used for longest, or everything
    Prune {
        /// Keep this many MiB of layers [default: 0, keep nothing]
        #[arg(long, value_name = "MIB", default_value_t = 0)]
        keep: u64,
    },
}

/// Flags of everything that scans.
#[derive(Args, Debug)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    /// Count only these severities; the others are set aside, not removed
    #[arg(long, env = "PLIMSOLL_SEVERITY", value_delimiter = ',', value_name = "LIST")]
    pub(crate) severity: Option<Vec<String>>,

    /// Count only findings that a newer version mends
    #[arg(long, env = "PLIMSOLL_ONLY_FIXED", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) only_fixed: Option<bool>,

    /// Exit with 1 on any of critical, high, medium, low, unknown, any, eol, gaps, gaps=all, kev,
    /// fixable, or new-… of them
    #[arg(long, env = "PLIMSOLL_FAIL_ON", value_delimiter = ',', value_name = "LIST")]
    pub(crate) fail_on: Option<Vec<String>>,

    /// A report of an earlier scan, for `--fail-on new-…`
    #[arg(long, env = "PLIMSOLL_BASELINE", value_name = "REPORT", value_hint = ValueHint::FilePath)]
    pub(crate) baseline: Option<PathBuf>,
}

/// Flags about how a target is read.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ReadArgs {
    /// Which of several platforms: os/arch[/variant]
    #[arg(long, env = "PLIMSOLL_PLATFORM", value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,

    /// Hash everything that is read, also where it could be skipped
    #[arg(long, env = "PLIMSOLL_STRICT", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) strict: Option<bool>,

    /// Read lock files and manifests in images too; in a folder they always are
    #[arg(long, env = "PLIMSOLL_DECLARED", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) declared: Option<bool>,

    /// Neither use nor fill the layer cache
    #[arg(long, env = "PLIMSOLL_NO_CACHE", value_parser = flag, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) no_cache: Option<bool>,

    /// The day by which ends of life are judged, YYYY-MM-DD [default: today, UTC]
    #[arg(long, env = "PLIMSOLL_AS_OF", value_name = "DATE")]
    pub(crate) as_of: Option<String>,
}

/// Flags about what a target is judged by.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DatabaseArgs {
    /// A database folder [default: shards are built from the feeds as needed]
    #[arg(long, env = "PLIMSOLL_DB", value_name = "DIR")]
    pub(crate) db: Option<String>,
}

/// Flags about what is written.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct OutputArgs {
    /// Write the report as NAME, to standard output or to FILE; may be given several times
    #[arg(short, long, env = "PLIMSOLL_FORMAT", value_delimiter = ',', value_name = "NAME[=FILE]")]
    pub(crate) format: Option<Vec<String>>,

    /// What the table shows: summary, detail, layers or tree
    #[arg(long, env = "PLIMSOLL_TABLE", value_name = "KIND")]
    pub(crate) table: Option<String>,
}

/// Reads a switch: `true`, `1`, `yes` and `on` are on; `false`, `0`, `no`, `off` and an empty text,
/// as CI systems set for variables that have no value, are off.
fn flag(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "" | "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("it is neither true nor false".to_owned()),
    }
}
