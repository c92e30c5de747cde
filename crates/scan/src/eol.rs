//! The end of life of a distribution's release, judged by the day of the report.

use std::collections::BTreeSet;

use jiff::civil::Date;
use plimsoll_model::report::{DistroInfo, Eol};
use plimsoll_model::{Distro, EolRelease, Gap, GapKind};
use plimsoll_vuln::Database;

/// Describes the distribution, and tells the gaps that ends of life make.
///
/// The end of life is that of the release which the target states to be; where its packages come from
/// the repositories of another release that has ended, that is a gap of its own. The dates are those
/// of the database where it holds some, else those inside the program.
pub(crate) fn judge(
    distro: Option<&Distro>,
    database: Option<&dyn Database>,
    as_of: Date,
) -> (Option<DistroInfo>, Vec<Gap>) {
    let Some(distro) = distro else { return (None, Vec::new()) };
    let eol = end_of(distro, &distro.stated_release, database, as_of);
    let ended =
        |eol: &Option<Eol>| eol.as_ref().filter(|eol| eol.ended).map(|eol| eol.date.clone());
    let stated = Distro { release: distro.stated_release.clone(), ..distro.clone() };
    let is_other = distro.release != distro.stated_release;
    let mut gaps = Vec::new();
    if let Some(date) = ended(&eol) {
        let (name, subject) = (&distro.name, subject(&stated));
        let detail = if is_other {
            let other = self::subject(distro);
            format!(
                "{name} gets no more advisories since {date}: it is judged by those of `{other}`"
            )
        } else {
            format!(
                "{name} gets no more advisories since {date}: what came later is not known here"
            )
        };
        gaps.push(Gap { kind: GapKind::EndOfLife, subject, detail });
    }
    if is_other && let Some(date) = ended(&end_of(distro, &distro.release, database, as_of)) {
        let subject = subject(distro);
        let detail = format!(
            "the repositories are those of `{subject}`, which gets no more advisories since {date}: \
             what came later is not known here"
        );
        gaps.push(Gap { kind: GapKind::EndOfLife, subject, detail });
    }
    let info = DistroInfo {
        id: distro.id.clone(),
        version_id: distro.version_id.clone(),
        name: distro.name.clone(),
        channels: channels(distro),
        eol,
    };
    (Some(info), gaps)
}

/// Returns what the target says of its repositories, sorted.
fn channels(distro: &Distro) -> Vec<String> {
    let names: BTreeSet<&String> =
        distro.channels.iter().flat_map(|channel| &channel.names).collect();
    names.into_iter().cloned().collect()
}

fn subject(distro: &Distro) -> String {
    distro.namespace().unwrap_or_else(|| distro.qualifier())
}

/// Returns the end of a release of a distribution.
fn end_of(
    distro: &Distro,
    release: &str,
    database: Option<&dyn Database>,
    as_of: Date,
) -> Option<Eol> {
    let row = distro.row?;
    let known = find(row.eol_product, release, database)?;
    let (date, extended) = match known.days(row) {
        (_, paid) if distro.is_paid_for() && !paid.is_empty() => (paid, ""),
        days => days,
    };
    let last: Date = date.parse().ok()?;
    let extended = (!extended.is_empty()).then(|| extended.to_owned());
    Some(Eol { date: date.to_owned(), ended: last < as_of, extended })
}

fn find(product: &str, release: &str, database: Option<&dyn Database>) -> Option<EolRelease> {
    if product.is_empty() || release.is_empty() {
        return None;
    }
    let held = database
        .and_then(|database| database.held("eol"))
        .and_then(|shard| shard.get::<EolRelease>(product).ok())
        .filter(|releases| !releases.is_empty());
    let releases = held.unwrap_or_else(|| plimsoll_vuln::embedded::eol(product).to_vec());
    releases.into_iter().find(|known| known.release == release)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(id: &str, version: &str, day: &str) -> (Option<Eol>, Option<Gap>) {
        let distro = Distro::new(id, version, "", "", "etc/os-release");
        let (info, mut gaps) = judge(Some(&distro), None, day.parse().unwrap());
        assert!(gaps.len() <= 1);
        (info.unwrap().eol, gaps.pop())
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
    fn who_pays_is_supported_longer() {
        let mut distro = Distro::new("ubuntu", "18.04", "", "", "etc/os-release");
        let names = vec!["esm-infra".to_owned()];
        distro.channels = vec![plimsoll_model::Channel { names, ..Default::default() }];
        let (info, gaps) = judge(Some(&distro), None, "2024-01-01".parse().unwrap());
        let info = info.unwrap();
        assert!(!info.eol.unwrap().ended && gaps.is_empty());
        assert_eq!(info.channels, ["esm-infra"]);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        assert_eq!(judged("wolfi", "20230201", "2026-01-01"), (None, None));
        assert_eq!(judged("alpine", "9.99", "2026-01-01"), (None, None));
        assert_eq!(judge(None, None, "2026-01-01".parse().unwrap()), (None, Vec::new()));
    }

    #[test]
    fn the_end_is_that_of_the_stated_release_and_the_repositories_have_their_own() {
        let judged = |release: &str, day: &str| {
            let mut distro = Distro::new("alpine", "3.18.2", "", "", "etc/os-release");
            release.clone_into(&mut distro.release);
            let (info, gaps) = judge(Some(&distro), None, day.parse().unwrap());
            let subjects: Vec<String> = gaps.into_iter().map(|gap| gap.subject).collect();
            (info.unwrap().eol.unwrap(), subjects)
        };
        let own = judged("3.18", "2025-01-01").0;
        let (eol, subjects) = judged("3.20", "2025-01-01");
        assert_eq!((eol.date.as_str(), eol.ended), (own.date.as_str(), false));
        assert!(subjects.is_empty());
        assert_eq!(judged("3.20", "2025-06-01").1, ["alpine:3.18"]);
        assert_eq!(judged("3.10", "2025-01-01").1, ["alpine:3.10"]);
        assert_eq!(judged("3.10", "2025-06-01").1, ["alpine:3.18", "alpine:3.10"]);
        assert_eq!(judged("edge", "2025-06-01").1, ["alpine:3.18"]);
    }

    /// The peer's cases of `ubuntu_esm` (`../shared/cases/identification.json`). A release is there
    /// `18.04-ESM` where Ubuntu Pro is on.
    #[test]
    #[allow(clippy::print_stderr)]
    fn ubuntu_esm_cases() {
        // Not ours: without Ubuntu Pro 12.04 ended in 2017, and the peer counts paid support for all.
        const DEVIATION: &str = "ubuntu 12.04 eol ends";
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
        let Ok(bytes) = std::fs::read(path) else {
            eprintln!("skipped: ubuntu_esm_cases: ../shared is not there");
            return;
        };
        let cases: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let cases = cases["ubuntu_esm"].as_array().unwrap();
        assert_eq!(cases.len(), 3);
        for case in cases.iter().map(|case| &case["case"]) {
            let version = case["args"]["osVer"].as_str().unwrap();
            let number = |index: usize| case["now"]["args"][index].as_i64().unwrap();
            // The peer's library takes the day after the end of a month for the next.
            let day = jiff::civil::date(number(0) as i16, number(1) as i8, 1);
            let day = day + jiff::Span::new().days(number(2) - 1);
            let release = version.trim_end_matches("-ESM");
            let mut distro = Distro::new("ubuntu", release, "", "", "etc/os-release");
            if release != version {
                let names = vec!["esm-infra".to_owned()];
                distro.channels = vec![plimsoll_model::Channel { names, ..Default::default() }];
            }
            let ended = judge(Some(&distro), None, day).0.unwrap().eol.unwrap().ended;
            let is_deviation = case["name"] == DEVIATION;
            assert_eq!(ended, !case["want"].as_bool().unwrap() ^ is_deviation, "{}", case["name"]);
        }
    }
}
