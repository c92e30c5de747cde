//! `plimsoll order`: two versions compared, or thousands of lines.

use std::cmp::Ordering;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};

use anyhow::Result;
use plimsoll_model::{Range, Scheme};

use crate::failure::{Outcome, Usage};

/// Longest line read; a longer one cannot hold valid versions.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// Compares two versions and prints `<`, `=` or `>`.
pub(crate) fn two(scheme: &str, a: &str, b: &str) -> Result<Outcome> {
    let scheme = find(scheme)?;
    let order = scheme.compare(a, b).map_err(|error| Usage::new(error.to_string()))?;
    let sign = match order {
        Ordering::Less => '<',
        Ordering::Equal => '=',
        Ordering::Greater => '>',
    };
    writeln!(std::io::stdout(), "{sign}")?;
    Ok(Outcome::Done)
}

/// Reads `a<TAB>b` lines and prints -1, 0, 1 or `!`.
pub(crate) fn lines(scheme: &str) -> Result<Outcome> {
    let scheme = find(scheme)?;
    each_line("!", |line| match line.split_once('\t') {
        Some((a, b)) => match scheme.compare(a, b) {
            Ok(Ordering::Less) => "-1",
            Ok(Ordering::Equal) => "0",
            Ok(Ordering::Greater) => "1",
            Err(_) => "!",
        },
        None => "!",
    })
}

/// Reads versions and prints 1 for those in the range, 0 for the others.
pub(crate) fn range(scheme: &str, range: &str) -> Result<Outcome> {
    let scheme = find(scheme)?;
    let range: Range = scheme.parse_range(range).map_err(|error| Usage::new(error.to_string()))?;
    each_line("0", |line| if range.contains(line) == Ok(true) { "1" } else { "0" })
}

fn find(name: &str) -> Result<Scheme> {
    Ok(Scheme::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Scheme::all().map(Scheme::name).collect();
        Usage::new(format!("`{name}` is no version scheme"))
            .with_hint(format!("take one of {}", names.join(", ")))
    })?)
}

/// Answers each line of standard input with one line, at once when no more input is waiting; a line
/// that is too long or not UTF-8 with `invalid`.
fn each_line(invalid: &'static str, answer: impl Fn(&str) -> &'static str) -> Result<Outcome> {
    let mut input = BufReader::with_capacity(64 << 10, std::io::stdin().lock());
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if read as u64 == MAX_LINE_BYTES {
            skip_line(&mut input)?;
            line.clear();
            line.push(0xff);
        }
        let text = std::str::from_utf8(&line).map_or(invalid, &answer);
        writeln!(output, "{text}")?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()?;
    Ok(Outcome::Done)
}

fn skip_line(input: &mut impl BufRead) -> Result<()> {
    loop {
        let waiting = input.fill_buf()?;
        let (used, done) = match waiting.iter().position(|&byte| byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (waiting.len(), waiting.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}
