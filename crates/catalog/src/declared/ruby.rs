//! Ruby: `Gemfile.lock` and `gems.locked`.
//!
//! Followed: Bundler, `lockfile_parser.rb`.

use plimsoll_model::{FileYield, Want};

use super::found::Found;
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("gemfile-lock", 2, &[Want::Name("Gemfile.lock"), Want::Name("gems.locked")], read);

/// The section of gems that lie in a folder of the project.
const LOCAL: &str = "PATH";
/// How far in a gem stands, and what it needs two further.
const INDENT: &str = "    ";

/// Reads one lock file. It does not tell what is for development. A platform behind the version is
/// left out: versions of gems have no `-`.
///
/// ```text
/// GEM
///   remote: https://gems.example/
///   specs:
///     nokogiri (1.15.2-x86_64-linux)
///       racc (~> 1.4)
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "gem", parse_lock)
}

fn parse_lock(input: &FileInput<'_>, found: &mut Found) {
    let text = parse::text(input.body, found);
    let (mut section, mut is_in_specs) = ("", false);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
            found.broken(format!("line {} is of a merge that was not ended", number + 1));
            return;
        }
        if !line.starts_with(' ') {
            if !line.chars().all(|letter| letter.is_ascii_uppercase() || letter == ' ') {
                found.broken(format!("line {} is none of a lock file of Bundler", number + 1));
                return;
            }
            (section, is_in_specs) = (line, false);
        } else if line.trim() == "specs:" {
            is_in_specs = true;
        }
        let Some(gem) = line.strip_prefix(INDENT).filter(|rest| !rest.starts_with(' ')) else {
            continue;
        };
        let Some((name, rest)) = gem.split_once(" (").filter(|_| is_in_specs) else { continue };
        let Some(version) = rest.strip_suffix(')') else {
            found.broken(format!("line {} ends in the middle of a version", number + 1));
            return;
        };
        if section != LOCAL {
            let version = version.split('-').next().unwrap_or_default();
            found.add(name, version);
        }
    }
}
