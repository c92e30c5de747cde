//! Terraform and OpenTofu: `.terraform.lock.hcl`.
//!
//! Followed: <https://developer.hashicorp.com/terraform/language/files/dependency-lock>.

use plimsoll_model::{FileYield, Want};

use super::parse;
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer =
    super::row("terraform-lock", 2, &[Want::Name(".terraform.lock.hcl")], read);

/// Reads one lock file: providers by their whole address.
///
/// ```text
/// provider "registry.terraform.io/hashicorp/aws" {
///   version     = "4.16.0"
/// }
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "generic", |input, found| {
        let text = parse::text(input.body, found);
        let mut provider = "";
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("provider ") {
                provider = quoted(rest);
            } else if let Some((_, version)) =
                line.split_once('=').filter(|(key, _)| key.trim() == "version")
            {
                if !is_closed(version) {
                    found.broken("it ends in the middle of a version");
                }
                found.add(provider, quoted(version));
            } else if line == "}" {
                provider = "";
            }
        }
        let is_said = |line: &str| !line.trim().is_empty() && !line.trim().starts_with(['#', '/']);
        if found.is_bare() && text.lines().any(is_said) {
            found.broken("it is none of a lock file of Terraform: no `provider` with a version");
        }
    })
}

/// Returns what stands between quotes; what has none at its end is nothing.
fn quoted(text: &str) -> &str {
    let inner = text.trim().strip_prefix('"').and_then(|rest| rest.split_once('"'));
    inner.map(|(inner, _)| inner).unwrap_or_default()
}

fn is_closed(text: &str) -> bool {
    text.matches('"').count() == 2
}
