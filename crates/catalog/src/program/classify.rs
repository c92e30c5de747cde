//! Programs that no package manager knows, told by what is written in them.

use plimsoll_model::{Evidence, FileYield};

use super::Image;
use super::classifiers::TABLE;

/// The cataloguer in the evidence.
pub(crate) const CLASSIFIER: &str = "classifier";

/// Names a program by the table of classifiers; the evidence is the file itself. `bitnami` advisories are
/// found by its name, NVD's by its CPE names.
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    if let Some(mut package) = TABLE.name(image.path, image.body) {
        let cataloguer = CLASSIFIER.to_owned();
        package.evidence = vec![Evidence { cataloguer, ..Evidence::default() }];
        found.packages.push(package);
    }
    found
}
