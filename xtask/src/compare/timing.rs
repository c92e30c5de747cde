//! The same archive, the same machine, the same minute: plimsoll and what else is on PATH.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Counted runs of each command, after one that is not counted.
const RUNS: usize = 5;

/// One command and what was measured of it.
struct Row {
    name: &'static str,
    words: Vec<String>,
    times: Vec<Duration>,
    /// KiB at the highest, of any run; 0 where `time` is not there.
    memory: u64,
}

/// Times cataloguing one archive; prints the median wall time, the peak memory, and how many times
/// plimsoll's each is.
pub(super) fn run(archive: &str) -> Result<()> {
    if !Path::new(archive).is_file() {
        bail!("`{archive}` is not a file");
    }
    crate::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--release", "--package", "plimsoll"])
            .current_dir(crate::root()),
    )?;
    let mut rows = rows(archive)?;
    for round in 0..=RUNS {
        // In turn, so that a change of the machine's speed meets all of them.
        for row in &mut rows {
            measure(row, round > 0)?;
        }
    }
    let own = rows.get(1).context("plimsoll is the second row")?;
    let (own_time, own_memory) = (median(&own.times).as_secs_f64(), own.memory as f64);
    println!("{:<30} {:>9} {:>7} {:>10} {:>7}", "", "median", "ratio", "memory", "ratio");
    for row in &rows {
        let time = median(&row.times).as_secs_f64();
        let memory = row.memory as f64;
        println!(
            "{:<30} {time:>7.3} s {:>6.2}x {:>6.0} MiB {:>6.2}x",
            row.name,
            time / own_time,
            memory / 1024.0,
            memory / own_memory.max(1.0)
        );
    }
    Ok(())
}

fn rows(archive: &str) -> Result<Vec<Row>> {
    let ours = crate::root().join("target/release/plimsoll");
    let ours = ours.to_str().context("the path of the checkout is not UTF-8")?;
    let ours = [ours, "inventory", archive, "-f", "json", "--no-cache"];
    let mut rows = vec![
        row("read the bytes (cat)", &["cat", archive]),
        row("plimsoll inventory", &ours),
        row("plimsoll, every byte hashed", &[ours.as_slice(), &["--strict"]].concat()),
    ];
    if crate::has("syft") {
        let image = format!("docker-archive:{archive}");
        rows.push(row("syft", &["syft", "scan", &image, "-o", "json", "-q"]));
    } else {
        println!("skipped: syft is not on PATH");
    }
    if crate::has("trivy") {
        // Without a network it has no index of JARs and would end at the first one.
        let list = [
            "trivy",
            "image",
            "--input",
            archive,
            "--format",
            "cyclonedx",
            "--offline-scan",
            "--skip-files",
            "**/*.jar",
            "--cache-backend",
            "memory",
            "--disable-telemetry",
            "--skip-version-check",
            "-q",
        ];
        rows.push(row("trivy, JARs left out", &list));
    } else {
        println!("skipped: trivy is not on PATH");
    }
    Ok(rows)
}

fn row(name: &'static str, words: &[&str]) -> Row {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Row { name, words, times: Vec::new(), memory: 0 }
}

/// Runs a command once, by GNU time where it is there.
fn measure(row: &mut Row, counts: bool) -> Result<()> {
    let told = crate::scratch("compare")?.join("memory");
    let mut command = if crate::has("time") {
        let mut command = Command::new("time");
        command.args(["-f", "%M", "-o"]).arg(&told).args(&row.words);
        command
    } else {
        let mut command = Command::new(&row.words[0]);
        command.args(&row.words[1..]);
        command
    };
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().with_context(|| format!("cannot start {}", row.name))?;
    if !status.success() {
        bail!("{} ended with {status}", row.name);
    }
    if counts {
        row.times.push(start.elapsed());
        let memory = fs_err::read_to_string(&told).ok().and_then(|text| text.trim().parse().ok());
        row.memory = row.memory.max(memory.unwrap_or(0));
    }
    Ok(())
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
