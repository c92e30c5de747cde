//! Erlang and Elixir: `mix.lock` and `rebar.lock`.
//!
//! Followed: <https://hexdocs.pm/mix/Mix.Tasks.Deps.html> and
//! <https://rebar3.org/docs/configuration/dependencies/>.

use plimsoll_model::{FileYield, Want};

use super::found::Found;
use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const MIX_ROW: Cataloguer =
    super::row("mix-lock", 2, &[Want::Name("mix.lock")], read_mix);

/// The row of lock files of Rebar.
pub(crate) const REBAR_ROW: Cataloguer =
    super::row("rebar-lock", 2, &[Want::Name("rebar.lock")], read_rebar);

/// What is said of a file that was cut off.
const CUT: &str = "it ends in the middle of a text or list";

/// Reads one lock file of Mix. It does not tell what is for development; of what is from git or a
/// folder it tells no version.
///
/// ```text
/// %{
///   "plug": {:hex, :plug, "1.3.5", "7503bfcd…", [:mix], [], "hexpm", "…"},
/// }
/// ```
fn read_mix(input: &FileInput<'_>) -> FileYield {
    super::read(input, "hex", |input, found| {
        let text = parse::text(input.body, found);
        if !text.trim().is_empty() && !text.contains("%{") {
            found.broken("it is none of a lock file of Mix: no `%{`");
        } else if !is_whole(&text, '#') {
            found.broken(CUT);
        }
        for entry in text.split("{:hex,").skip(1) {
            let mut words = entry.splitn(3, ',');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            // A version without a quote at its end was cut off.
            if version.trim_end().ends_with('"') {
                add(name.trim().trim_start_matches(':'), version, found);
            }
        }
    })
}

/// Reads one lock file of Rebar.
///
/// ```text
/// {"1.2.0",
/// [{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0},
///  {<<"own">>,{git,"https://git.example/own.git",{ref,"00"}},0}]}.
/// ```
fn read_rebar(input: &FileInput<'_>) -> FileYield {
    super::read(input, "hex", |input, found| {
        let text = parse::text(input.body, found);
        if !text.trim().is_empty() && !text.trim().starts_with(['[', '{', '%']) {
            found.broken("it is none of a lock file of Rebar: no term");
        } else if !is_whole(&text, '%') {
            found.broken(CUT);
        }
        for entry in text.split("{pkg,").skip(1) {
            let mut words = entry.splitn(3, ',');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let version = version.split('}').next().unwrap_or_default();
            add(bare(name), bare(version), found);
        }
    })
}

/// Returns whether all texts and brackets end; what stands behind `comment` up to the end of the line
/// does not count, but where a bracket follows: `%{`.
fn is_whole(text: &str, comment: char) -> bool {
    let (mut depth, mut is_quoted) = (0_usize, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_quoted => drop(letters.next()),
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            _ if letter == comment && letters.peek() != Some(&'{') => {
                letters.by_ref().find(|letter| *letter == '\n');
            }
            '{' | '[' => depth += 1,
            '}' | ']' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0 && !is_quoted
}

fn add(name: &str, version: &str, found: &mut Found) {
    let (name, version) = (name.trim_matches('"'), version.trim().trim_matches('"'));
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "._-+".contains(letter);
    if name.chars().all(is_word) && version.chars().all(is_word) {
        found.add(name, version);
    }
}

/// Returns the text of `<<"cowboy">>`.
fn bare(term: &str) -> &str {
    let term = term.trim();
    let inner = term.strip_prefix("<<").and_then(|rest| rest.strip_suffix(">>"));
    inner.unwrap_or(term).trim().trim_matches('"')
}
