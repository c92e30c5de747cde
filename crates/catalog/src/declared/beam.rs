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
    super::row("mix-lock", 1, &[Want::Name("mix.lock")], read_mix);

/// The row of lock files of Rebar.
pub(crate) const REBAR_ROW: Cataloguer =
    super::row("rebar-lock", 1, &[Want::Name("rebar.lock")], read_rebar);

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
        }
        for entry in text.split("{:hex,").skip(1) {
            let mut words = entry.splitn(3, ',');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            add(name.trim().trim_start_matches(':'), version, found);
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
        if !text.trim().is_empty() && !text.contains(['[', '{']) {
            found.broken("it is none of a lock file of Rebar: no term");
        }
        for entry in text.split("{pkg,").skip(1) {
            let mut words = entry.splitn(3, ',');
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let version = version.split('}').next().unwrap_or_default();
            add(bare(name), bare(version), found);
        }
    })
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
