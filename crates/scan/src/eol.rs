//! The end of life of a distribution's release, judged by the day of the report.

use jiff::civil::Date;
use plimsoll_model::report::{DistroInfo, Eol};
use plimsoll_model::{Distro, EolRelease, Gap, GapKind};
use plimsoll_vuln::Database;

/// Describes the distribution, and tells the gap that its end of life makes.
///
/// The dates are those of the database where it holds some, else those inside the program.
pub(crate) fn judge(
    distro: Option<&Distro>,
    database: Option<&dyn Database>,
    as_of: Date,
) -> (Option<DistroInfo>, Option<Gap>) {
    let Some(distro) = distro else { return (None, None) };
    let eol = release(distro, database).zip(distro.row).and_then(|(release, row)| {
        let (date, extended) = release.days(row);
        let last: Date = date.parse().ok()?;
        let extended = (!extended.is_empty()).then(|| extended.to_owned());
        Some(Eol { date: date.to_owned(), ended: last < as_of, extended })
    });
    let gap = eol.as_ref().filter(|eol| eol.ended).map(|eol| {
        let subject = distro.namespace().unwrap_or_else(|| distro.qualifier());
        let detail = format!(
            "{} gets no more advisories since {}: what came later is not known here",
            distro.name, eol.date
        );
        Gap { kind: GapKind::EndOfLife, subject, detail }
    });
    let info = DistroInfo {
        id: distro.id.clone(),
        version_id: distro.version_id.clone(),
        name: distro.name.clone(),
        eol,
    };
    (Some(info), gap)
}

fn release(distro: &Distro, database: Option<&dyn Database>) -> Option<EolRelease> {
    let product = distro.row?.eol_product;
    if product.is_empty() || distro.release.is_empty() {
        return None;
    }
    let held = database
        .and_then(|database| database.held("eol"))
        .and_then(|shard| shard.get::<EolRelease>(product).ok())
        .filter(|releases| !releases.is_empty());
    let releases = held.unwrap_or_else(|| plimsoll_vuln::embedded::eol(product).to_vec());
    releases.into_iter().find(|known| known.release == distro.release)
}
