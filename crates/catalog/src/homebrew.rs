//! The cellar of Homebrew: a folder for each name, and in it one for each version.
//!
//! Beside the software lies the receipt of its installation, `INSTALL_RECEIPT.json` (Homebrew, `tab.rb`);
//! names and versions are those of the folders, as `brew list --versions` takes them.

use plimsoll_model::tree::Standing;
use plimsoll_model::{Package, Problem, Tree, Want};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{evidence, has_room, placed};
use crate::document::{self, text};
use crate::standing::{self, DATABASE, Place};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "homebrew",
    version: 1,
    wants: WANTS,
    max_body_bytes: crate::document::MAX_DOCUMENT_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] =
    &[Want::In(CELLARS[0], RECEIPT_END), Want::In(CELLARS[1], RECEIPT_END)];
const CELLARS: &[&str] = &["home/linuxbrew/.linuxbrew/Cellar", "opt/homebrew/Cellar"];
const RECEIPT: &str = "INSTALL_RECEIPT.json";
const RECEIPT_END: &str = "/INSTALL_RECEIPT.json";
/// The collection of formulas that Homebrew itself keeps.
const OFFICIAL: &str = "homebrew/core";

/// Lists what is in the cellars.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    for cellar in CELLARS {
        found.problems.extend(standing::problem(input.tree, DATABASE, (cellar, Place::Folder)));
        for name in input.tree.list(cellar) {
            let folder = format!("{cellar}/{name}");
            if input.tree.standing(&folder) == Standing::Folder && !name.starts_with('.') {
                read_versions(input.tree, cellar, name, &mut found);
            }
        }
    }
    found
}

fn read_versions(tree: &Tree, cellar: &str, name: &str, found: &mut TreeYield) {
    for version in tree.list(&format!("{cellar}/{name}")) {
        let folder = format!("{cellar}/{name}/{version}");
        if version.starts_with('.') || tree.standing(&folder) != Standing::Folder {
            continue;
        }
        let mut problems = Vec::new();
        if !has_room(&found.packages, &mut problems) {
            found.problems.extend(placed(problems, cellar, 0));
            return;
        }
        let layer = tree.since(&folder).unwrap_or_default();
        let mut package = Package {
            kind: "brew".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            layer: Some(layer),
            evidence: vec![evidence(&folder, layer)],
            ..Package::default()
        };
        if let Some(receipt) = tree.read(&format!("{folder}/{RECEIPT}")) {
            let (repository, problems) = parse_receipt(receipt.body);
            package.repository = repository;
            package.evidence = vec![evidence(&receipt.path, receipt.layer)];
            found.problems.extend(placed(problems, &receipt.path, receipt.layer));
        }
        found.packages.push(package);
    }
}

/// Reads a receipt: the collection that the formula is from, unless it is Homebrew's own. A receipt that
/// cannot be read is a problem that makes no gap: name and version do not stand in it.
///
/// ```text
/// {"homebrew_version": "4.3.1", "source": {"tap": "example/tools", "versions": {"stable": "1.2"}}}
/// ```
pub fn parse_receipt(body: &[u8]) -> (Option<String>, Vec<Problem>) {
    let mut problems = Vec::new();
    let receipt = document::read(body, &mut problems);
    for problem in &mut problems {
        problem.gap = None;
    }
    let tap = receipt.as_ref().and_then(|receipt| receipt.get("source"));
    let tap = tap.map(|source| text(source, "tap")).unwrap_or_default();
    (Some(tap.to_owned()).filter(|tap| !tap.is_empty() && tap != OFFICIAL), problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_tells_the_collection() {
        let tap = |body: &str| parse_receipt(body.as_bytes()).0;
        assert_eq!(tap(r#"{"source":{"tap":"homebrew/core"}}"#), None);
        assert_eq!(tap(r#"{"source":{"tap":"a/tools"}}"#).as_deref(), Some("a/tools"));
        assert_eq!(tap(r#"{"source":{"tap":null}}"#), None);
        assert_eq!(tap("[]"), None);
        let (repository, problems) = parse_receipt(b"{");
        assert_eq!((repository, problems.len(), problems[0].gap), (None, 1, None));
    }
}
