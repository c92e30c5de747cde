//! Azure Linux and CBL-Mariner: one OVAL document a release, in one archive of the repository.
//!
//! ```xml
//! <definition class="vulnerability" id="oval:com.microsoft.azurelinux:def:56898"><metadata>
//!   <reference ref_id="CVE-2025-26466" source="CVE"/><patchable>true</patchable>
//!   <advisory_id>56898-1</advisory_id><severity>High</severity></metadata>
//! <criteria operator="AND"><criterion test_ref="…"/></criteria></definition>
//! …
//! <linux-def:evr datatype="evr_string" operation="less than">0:9.8p1-3.azl3</linux-def:evr>
//! ```
//!
//! Names are of source packages. A `greater than 0.0.0` beside the upper end says nothing. A version
//! without a release has the mark of the distribution all the same (`0.9.0.cm2` for `0.9.0`): the mark is
//! taken off there, or it would make the version a later one.
//! Source: <https://github.com/microsoft/AzureLinuxVulnerabilityData>.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_model::{Advisory, Affected, Bound, Interval, Severity, State};
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::oval::{self, Comparison, Definition, Leaf, Limits, Operation, each_package};
use crate::packed::{ArchiveLimits, each_in_tar};

/// Most bytes of the archive.
pub const MAX_ARCHIVE_BYTES: u64 = 128 << 20;
/// Most bytes of one document, and of all that is unpacked.
const ARCHIVE: ArchiveLimits =
    ArchiveLimits { max_bytes: 2 << 30, max_member_bytes: 256 << 20, max_members: 1000 };

const TITLE: &str = "Azure Linux OVAL";
const ADDRESS: &str =
    "https://github.com/microsoft/AzureLinuxVulnerabilityData/archive/refs/heads/main.tar.gz";
/// Namespaces, their documents, and the marks in the versions of their packages.
const RELEASES: &[(&str, &str, &str)] = &[
    ("azurelinux:3.0", "azurelinux-3.0-oval.xml", ".azl3"),
    ("mariner:1.0", "cbl-mariner-1.0-oval.xml", ".cm1"),
    ("mariner:2.0", "cbl-mariner-2.0-oval.xml", ".cm2"),
];

/// Azure Linux and CBL-Mariner.
pub const AZURE: Feed = Feed {
    id: "azure",
    title: TITLE,
    licence: "MIT",
    says: "fixed: `patchable` true, `less than`; no fix: `patchable` false, up to and with the version \
        (`less than or equal`); not affected: `patchable` Not Applicable",
    rows: RowKind::Advisories,
    max_age_hours: 72,
    least_records: 1_500,
    reader: 1,
    namespaces: |_| RELEASES.iter().map(|(namespace, ..)| (*namespace).to_owned()).collect(),
    files: |namespace| {
        RELEASES
            .iter()
            .any(|(known, ..)| *known == namespace)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_ARCHIVE_BYTES)])
    },
    parse,
};

/// Reads the documents of the wanted namespaces, keyed by source package: one row a package and CVE. What
/// names no package or no version is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with the document and place, or when none is there;
/// [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let mut found = false;
    each_in_tar(input, ARCHIVE, |path, body| {
        let file = path.rsplit('/').next().unwrap_or_default();
        let release = RELEASES.iter().find(|(_, document, _)| *document == file);
        found |= release.is_some();
        match release {
            Some((namespace, document, mark)) if harvest.wants(namespace) => {
                let place = format!("{address}#{document}");
                document_rows(&place, body, (namespace, mark), harvest)
            }
            _ => Ok(()),
        }
    })?;
    if !found {
        let (place, detail) = ("its end".to_owned(), "no document of any release".to_owned());
        return Err(FeedError::Malformed { address, place, detail });
    }
    Ok(())
}

fn document_rows(
    place: &str,
    body: &[u8],
    (namespace, mark): (&str, &str),
    harvest: &mut Harvest,
) -> Result<(), FeedError> {
    let mut rows: BTreeMap<(String, String), Advisory> = BTreeMap::new();
    let stamp = oval::read(place, body, Limits::USUAL, |definition| {
        let Some((package, advisory)) = advisory(&definition, mark) else {
            harvest.drop_record(namespace);
            return Ok(());
        };
        match rows.entry((package, advisory.id.clone())) {
            Entry::Vacant(place) => {
                place.insert(advisory);
            }
            Entry::Occupied(mut known) if outweighs(&advisory, known.get()) => {
                known.insert(advisory);
            }
            Entry::Occupied(_) => {}
        }
        Ok(())
    })?;
    for ((package, _), advisory) in rows {
        harvest.push(namespace, &package, Row::Advisory(Box::new(advisory)))?;
    }
    harvest.stamp(stamp.split('.').next().unwrap_or_default());
    Ok(())
}

/// Returns whether a record counts more than another of the same package and CVE: one that names a fix
/// over one that names none, one that is affected over one that is not; of two like ones the greater
/// version, which holds for both.
fn outweighs(new: &Advisory, old: &Advisory) -> bool {
    let rank = |advisory: &Advisory| match advisory.state {
        State::Fixed => 2,
        State::NotAffected => 0,
        _ => 1,
    };
    let (new_rank, old_rank) = (rank(new), rank(old));
    let is_greater = match (upper(new), upper(old)) {
        (Some(new), Some(old)) => oval::is_greater(new, old),
        _ => false,
    };
    new_rank > old_rank || (new_rank == old_rank && is_greater)
}

fn upper(advisory: &Advisory) -> Option<&str> {
    match &advisory.affected.intervals.first()?.high {
        Bound::Included(version) | Bound::Excluded(version) => Some(version),
        Bound::Open => None,
    }
}

/// Makes the row, with its package; `None` when one of both cannot be made out.
fn advisory(definition: &Definition<'_>, mark: &str) -> Option<(String, Advisory)> {
    let id = definition.references.iter().find(|reference| !reference.id.is_empty())?.id;
    let (package, interval) = affected(definition, mark)?;
    let fixed = match &interval.high {
        Bound::Excluded(version) => Some(version.clone()),
        Bound::Included(_) | Bound::Open => None,
    };
    let (state, fixed) = match (definition.patchable, fixed) {
        ("true", Some(fixed)) => (State::Fixed, Some(fixed)),
        ("Not Applicable", _) => (State::NotAffected, None),
        _ => (State::Affected, None),
    };
    let affected = match state {
        State::NotAffected => Affected::all(),
        _ => Affected { intervals: vec![interval], versions: Vec::new() },
    };
    let advisory = Advisory {
        id: id.to_owned(),
        state,
        affected,
        fixed_versions: fixed.into_iter().collect(),
        severity: Severity::from_word(definition.severity),
        record: format!("{TITLE} {}", definition.advisory_id),
        ..Advisory::default()
    };
    Some((package, advisory))
}

/// Brings the tests of a definition together: they are all on one package.
fn affected(definition: &Definition<'_>, mark: &str) -> Option<(String, Interval)> {
    let mut package: Option<&str> = None;
    let mut interval = Interval { low: Bound::Open, high: Bound::Open };
    let is_package = |leaf: &Leaf<'_>| evr(leaf).is_some();
    each_package(&definition.criteria, &is_package, &mut |_, leaf| {
        let (name, evr) = evr(leaf).ok_or(())?;
        let version = version(evr.value, mark).ok_or(())?;
        if *package.get_or_insert(name) != name {
            return Err(());
        }
        match evr.operation {
            Operation::Less => interval.high = Bound::Excluded(version),
            Operation::LessOrEqual => interval.high = Bound::Included(version),
            Operation::Greater if version == "0.0.0" => {}
            Operation::Greater => interval.low = Bound::Excluded(version),
            Operation::GreaterOrEqual => interval.low = Bound::Included(version),
            Operation::Equals | Operation::Matches | Operation::Other => return Err(()),
        }
        Ok(())
    })
    .ok()?;
    Some((package?.to_owned(), interval)).filter(|(_, found)| found.high != Bound::Open)
}

fn evr<'a>(leaf: &Leaf<'a>) -> Option<(&'a str, Comparison<'a>)> {
    leaf.test.and_then(|test| Some((test.name, test.evr?)))
}

/// Takes a version out of `0:9.8p1-3.azl3`; `None` for the `null` of a record without one.
fn version(evr: &str, mark: &str) -> Option<String> {
    let version = oval::evr(evr)?;
    let version =
        if version.contains('-') { version } else { version.strip_suffix(mark).unwrap_or(version) };
    (!matches!(version, "" | "null")).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_lose_what_is_not_theirs() {
        for (evr, found) in [
            ("0:9.8p1-3.azl3", Some("9.8p1-3.azl3")),
            ("0: 1.20.10-1.azl3", Some("1.20.10-1.azl3")),
            ("1:2.0-1.azl3", Some("1:2.0-1.azl3")),
            ("0:0.9.0.azl3", Some("0.9.0")),
            ("0:0.0.0.azl3", Some("0.0.0")),
            ("0:null.azl3", None),
            ("0:", None),
            ("", None),
            ("0:1 2", None),
        ] {
            assert_eq!(version(evr, ".azl3").as_deref(), found, "{evr}");
        }
    }
}
