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

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(id: &str, version: &str, day: &str) -> (Option<Eol>, Option<Gap>) {
        let distro = Distro::new(id, version, "", "", "etc/os-release");
        let (info, gap) = judge(Some(&distro), None, day.parse().unwrap());
        (info.unwrap().eol, gap)
    }

    #[test]
    fn the_day_of_the_report_decides_not_the_clock() {
        let (eol, gap) = judged("alpine", "3.17.1", "2024-11-22");
        assert!(!eol.unwrap().ended && gap.is_none(), "the last day itself is supported");
        let (eol, gap) = judged("alpine", "3.17.1", "2024-11-23");
        assert!(eol.unwrap().ended);
        let gap = gap.unwrap();
        assert_eq!((gap.kind, gap.subject.as_str()), (GapKind::EndOfLife, "alpine:3.17"));
    }

    #[test]
    fn free_long_term_support_counts_paid_does_not() {
        let (eol, _) = judged("debian", "12", "2027-01-01");
        let eol = eol.unwrap();
        assert!(!eol.ended, "LTS gives advisories to all until {}", eol.date);
        let (eol, _) = judged("ubuntu", "18.04", "2024-01-01");
        let eol = eol.unwrap();
        assert!(eol.ended && eol.extended.is_some());
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        assert_eq!(judged("wolfi", "20230201", "2026-01-01"), (None, None));
        assert_eq!(judged("alpine", "9.99", "2026-01-01"), (None, None));
        assert_eq!(judge(None, None, "2026-01-01".parse().unwrap()), (None, None));
    }
}
