//! The same archive, the same machine, the same minute: plimsoll and what else is on PATH.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Counted runs of each command, after one that is not counted.
const RUNS: usize = 5;

/// Times cataloguing one archive; prints the median wall time and the ratio to plimsoll.
pub(crate) fn run(archive: &str) -> Result<()> {
    if !Path::new(archive).is_file() {
        bail!("`{archive}` is not a file");
    }
    crate::run(
        Command::new("cargo")
            .args(["build", "--quiet", "--release", "--package", "plimsoll"])
            .current_dir(crate::root()),
    )?;
    let ours = crate::root().join("target/release/plimsoll");
    let ours = ours.to_str().context("the path of the checkout is not UTF-8")?;
    let mut rows: Vec<(&str, Vec<String>)> = vec![
        ("read the bytes", words(&["cat", archive])),
        ("plimsoll inventory", words(&[ours, "inventory", archive, "-f", "json", "--no-cache"])),
        (
            "plimsoll, every byte hashed",
            words(&[ours, "inventory", archive, "-f", "json", "--no-cache", "--strict"]),
        ),
    ];
    if crate::has("syft") {
        rows.push((
            "syft",
            words(&["syft", "scan", &format!("docker-archive:{archive}"), "-o", "json", "-q"]),
        ));
    } else {
        println!("skipped: syft is not on PATH");
    }
    if crate::has("trivy") {
        let list = [
            "trivy",
            "image",
            "--input",
            archive,
            "--format",
            "cyclonedx",
            "--offline-scan",
            "-q",
            "--cache-backend",
            "memory",
        ];
        rows.push(("trivy", words(&list)));
    } else {
        println!("skipped: trivy is not on PATH");
    }
    let times = interleaved(&rows)?;
    let own = median(&times[1]);
    println!("{:<28} {:>10} {:>8}", "", "median", "ratio");
    for ((name, _), times) in rows.iter().zip(&times) {
        let median = median(times);
        let ratio = median.as_secs_f64() / own.as_secs_f64();
        println!("{name:<28} {:>8.3} s {ratio:>7.2}x", median.as_secs_f64());
    }
    Ok(())
}

/// Runs all commands in turn, so that a change of the machine's speed meets all of them.
fn interleaved(rows: &[(&str, Vec<String>)]) -> Result<Vec<Vec<Duration>>> {
    let mut times = vec![Vec::new(); rows.len()];
    for round in 0..=RUNS {
        for (index, (name, words)) in rows.iter().enumerate() {
            let start = Instant::now();
            let status = Command::new(&words[0])
                .args(&words[1..])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .with_context(|| format!("cannot start {name}"))?;
            if !status.success() {
                bail!("{name} ended with {status}");
            }
            if round > 0 {
                times[index].push(start.elapsed());
            }
        }
    }
    Ok(times)
}

fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
