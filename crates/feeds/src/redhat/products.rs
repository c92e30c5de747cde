//! To which releases a product belongs, told by its CPE, a build, or the repositories that hold it.
//!
//! ```text
//! cpe:/o:redhat:enterprise_linux:9::baseos     release 9
//! cpe:/a:redhat:rhel_eus:9.4::appstream        release 9
//! cpe:/a:redhat:satellite:6.14::el8            release 8
//! cpe:/a:redhat:openshift:4                    those of the repositories of openshift:4.x
//! ```
//!
//! Source: <https://nvlpubs.nist.gov/nistpubs/Legacy/IR/nistir7695.pdf> (the URI form).

use plimsoll_model::distro::dist_tag;

use super::RELEASES;
use crate::error::FeedError;
use crate::feed::Harvest;

/// Longest CPE that is kept, in bytes.
pub(super) const MAX_CPE_BYTES: usize = 256;

/// Products whose version is that of the release.
const OF_RELEASE: &[&str] = &[
    "enterprise_linux",
    "enterprise_linux_eus",
    "rhel",
    "rhel_aus",
    "rhel_e4s",
    "rhel_els",
    "rhel_eus",
    "rhel_eus_long_life",
    "rhel_mission_critical",
    "rhel_tus",
];
/// What the names of more such products begin with: `rhel_extras_sap`.
const EXTRAS: &str = "rhel_extras";

/// Returns the release that a CPE names; `None` when it names none.
pub(super) fn release_of_cpe(cpe: &str) -> Option<u8> {
    let mut fields = cpe.strip_prefix("cpe:/")?.split(':').skip(2);
    let (product, version) = (fields.next()?, fields.next().unwrap_or_default());
    if let Some(release) = fields.find_map(|field| number(field.strip_prefix("el")?)) {
        return Some(release);
    }
    let whole = OF_RELEASE.contains(&product) || product.starts_with(EXTRAS);
    number(version).filter(|_| whole)
}

/// Takes the number in front of anything else.
fn number(text: &str) -> Option<u8> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok().filter(|release| (1..100).contains(release))
}

/// Returns the releases that an entry is about, sorted: by its CPE, else by its build, else by the
/// repositories of the product.
pub(super) fn releases(cpe: &str, version: Option<&str>, harvest: &Harvest) -> Vec<u8> {
    let built_for = || {
        let tag = dist_tag(version?).filter(|tag| tag.word == "el")?;
        u8::try_from(tag.release).ok()
    };
    let named = release_of_cpe(cpe).or_else(built_for);
    match named {
        Some(release) => vec![release],
        None => of_repositories(cpe, harvest),
    }
}

/// Remembers the release of a product that a repository holds, under its CPE and all that the CPE is a
/// narrower one of.
///
/// # Errors
/// [`FeedError::Limit`] as `Harvest::remember` gives it.
pub(super) fn note(cpe: &str, harvest: &mut Harvest) -> Result<(), FeedError> {
    let Some(release) = release_of_cpe(cpe).filter(|release| RELEASES.contains(release)) else {
        return Ok(());
    };
    let ends = cpe.match_indices([':', '.']).map(|(at, _)| at).skip(4);
    for end in ends.chain([cpe.len()]) {
        harvest.remember(&key(&cpe[..end], release), "")?;
    }
    Ok(())
}

fn of_repositories(cpe: &str, harvest: &Harvest) -> Vec<u8> {
    RELEASES.filter(|release| harvest.recall(&key(cpe, *release)).is_some()).collect()
}

fn key(cpe: &str, release: u8) -> String {
    format!("{release} has {}", cpe.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Texts;

    #[test]
    fn cpes_name_releases() {
        for (cpe, release) in [
            ("cpe:/o:redhat:enterprise_linux:9", Some(9)),
            ("cpe:/o:redhat:enterprise_linux:7::client", Some(7)),
            ("cpe:/a:redhat:rhel_eus:9.4::appstream", Some(9)),
            ("cpe:/o:redhat:enterprise_linux_eus:10.0", Some(10)),
            ("cpe:/a:redhat:satellite:6.14::el8", Some(8)),
            ("cpe:/a:redhat:rhev_manager:4.4:el8", Some(8)),
            ("cpe:/a:redhat:storage:3.1:samba:el7", Some(7)),
            ("cpe:/a:redhat:rhel_extras_rt:7", Some(7)),
            ("cpe:/a:redhat:enterprise_linux_ai:3", None),
            ("cpe:/a:redhat:rhel_software_collections:3", None),
            ("cpe:/a:redhat:openshift:4", None),
            ("cpe:/a:redhat", None),
            ("cpe:2.3:o:redhat:enterprise_linux:9", None),
        ] {
            assert_eq!(release_of_cpe(cpe), release, "{cpe}");
        }
    }

    #[test]
    fn repositories_tell_the_releases_of_wider_products() {
        let mut harvest = Harvest::of(["redhat:8"], Texts::All);
        note("cpe:/a:redhat:openshift:4.13::el8", &mut harvest).unwrap();
        note("cpe:/a:redhat:openshift:4.16::el9", &mut harvest).unwrap();
        note("cpe:/a:redhat:openshift:3.11::el7", &mut harvest).unwrap();
        note("cpe:/a:redhat:openshift", &mut harvest).unwrap();
        let of = |cpe, version| releases(cpe, version, &harvest);
        assert_eq!(of("cpe:/a:redhat:openshift:4", None), [8, 9]);
        assert_eq!(of("cpe:/a:redhat:openshift:4.13", None), [8]);
        assert_eq!(of("cpe:/a:redhat:openshift:4", Some("1-2.el9")), [9]);
        assert_eq!(of("cpe:/a:redhat:openshift:4", Some("1-2")), [8, 9]);
        for none in ["cpe:/a:redhat:openshift:41", "cpe:/a:redhat:openshift:4.1", "cpe:/a:x"] {
            assert_eq!(of(none, None), [0; 0], "{none}");
        }
    }
}
