//! GitHub: the actions that workflows use.
//!
//! Followed: <https://docs.github.com/en/actions/reference/workflow-syntax-for-github-actions>.

use plimsoll_model::{FileYield, Want};

use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row(
    "github-workflow",
    1,
    &[Want::Beneath(".github/workflows", ".yml"), Want::Beneath(".github/workflows", ".yaml")],
    read,
);

/// Digits of a commit, which is no version; people write that in a comment behind it.
const COMMIT_DIGITS: usize = 40;

/// Reads one workflow line by line. Actions in the repository itself and images are left out; an action
/// within a repository is listed as that.
///
/// ```text
/// - uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v3.5.0
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "github", |input, found| {
        for line in parse::text(input.body, found).lines() {
            let line = line.trim_start().trim_start_matches("- ").trim_start();
            let Some(rest) = line.strip_prefix("uses:") else { continue };
            let (used, comment) = rest.split_once(" #").unwrap_or((rest, ""));
            let used = used.trim().trim_matches(['"', '\'']);
            let Some((action, version)) = used.split_once('@') else { continue };
            let mut parts = action.split('/');
            let (Some(owner), Some(repository)) = (parts.next(), parts.next()) else { continue };
            if owner.is_empty() || owner == "." || action.contains([':', ' ', '$']) {
                continue;
            }
            let is_commit = version.len() == COMMIT_DIGITS
                && version.chars().all(|letter| letter.is_ascii_hexdigit());
            let told =
                comment.split_whitespace().next().map(|word| word.trim_start_matches("tag="));
            let told = told.filter(|word| {
                word.trim_start_matches('v').starts_with(|letter: char| letter.is_ascii_digit())
            });
            let version = told.filter(|_| is_commit).unwrap_or(version);
            found.add(&format!("{owner}/{repository}"), version);
        }
    })
}
