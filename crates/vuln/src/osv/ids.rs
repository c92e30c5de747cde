//! The ids of a record: which weaknesses it is about, and by which other names they go.
//!
//! A record of a language database is about one weakness and keeps its id. A record of a distribution
//! is an update that mends several (`ALSA-2022:7005` mends nine CVEs), or a CVE under a name of its own
//! (`UBUNTU-CVE-2022-0778`): its weaknesses are the CVEs.

use std::collections::BTreeSet;

use super::place::Place;
use super::record::Record;

/// One weakness of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Weakness {
    /// `CVE-2022-0778`, or the record's own id.
    pub(super) id: String,
    /// Its other ids, sorted.
    pub(super) aliases: Vec<String>,
}

/// The weaknesses of one record, found out once, when they are first asked for.
#[derive(Debug)]
pub(super) struct Weaknesses<'a> {
    record: &'a Record,
    own: Option<Vec<Weakness>>,
    of_distribution: Option<Vec<Weakness>>,
}

impl<'a> Weaknesses<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        Self { record, own: None, of_distribution: None }
    }

    /// Returns what the record is about at a place.
    pub(super) fn of(&mut self, place: &Place) -> &[Weakness] {
        let record = self.record;
        if place.ecosystem.is_some() {
            self.own.get_or_insert_with(|| vec![own(record)])
        } else {
            self.of_distribution.get_or_insert_with(|| of_distribution(record))
        }
    }

    /// Returns whether the record is an update that mends no weakness: `ALBA-2021:4604`.
    pub(super) fn is_plain_update(&mut self, place: &Place) -> bool {
        let id = &self.record.id;
        place.special.plain_updates.iter().any(|prefix| id.starts_with(prefix))
            && self.of(place).iter().all(|weakness| cve_in(&weakness.id).is_none())
    }
}

/// Returns the one weakness of a language record.
fn own(record: &Record) -> Weakness {
    let other = |id: &&String| **id != record.id && !id.is_empty();
    let aliases: BTreeSet<&String> =
        record.aliases.iter().chain(&record.upstream).filter(other).collect();
    Weakness { id: record.id.clone(), aliases: aliases.into_iter().cloned().collect() }
}

/// Returns the CVEs that a record of a distribution is about, sorted, each with the record's id as an
/// alias: the one its own id names, else those of `aliases` and `upstream`, else those of `related`,
/// where older records have them. Without any: the record under its own id.
fn of_distribution(record: &Record) -> Vec<Weakness> {
    let named = cve_in(&record.id).map(|cve| BTreeSet::from([cve]));
    let stated = || cves(record.aliases.iter().chain(&record.upstream));
    let ids = named.or_else(stated).or_else(|| cves(record.related.iter()));
    let Some(ids) = ids else { return vec![own(record)] };
    // What is another name of a CVE is so only where there is but one.
    let others = if ids.len() == 1 { own(record).aliases } else { Vec::new() };
    let weakness = |id: &str| {
        let is_new = |other: &&String| cve_in(other).is_none() && **other != record.id;
        let mut aliases: Vec<String> = others.iter().filter(is_new).cloned().collect();
        aliases.extend((record.id != id).then(|| record.id.clone()));
        aliases.sort();
        Weakness { id: id.to_owned(), aliases }
    };
    ids.into_iter().map(weakness).collect()
}

fn cves<'a>(ids: impl Iterator<Item = &'a String>) -> Option<BTreeSet<&'a str>> {
    let found: BTreeSet<&str> = ids.filter_map(|id| cve_in(id)).collect();
    (!found.is_empty()).then_some(found)
}

/// Returns the CVE that an id names, in front of which some databases put their own name:
/// `UBUNTU-CVE-2022-0778`, `BELL-CVE-2024-0232`.
pub fn cve_in(id: &str) -> Option<&str> {
    let at = id.find("CVE-")?;
    let (year, number) = id[at + 4..].split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_prefixed = at == 0 || id[..at].ends_with('-');
    (is_prefixed && year.len() == 4 && digits(year) && digits(number)).then(|| &id[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weaknesses(id: &str, upstream: &[&str], related: &[&str]) -> Vec<(String, Vec<String>)> {
        let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let record = Record {
            id: id.to_owned(),
            upstream: own(upstream),
            related: own(related),
            ..Record::default()
        };
        of_distribution(&record).into_iter().map(|found| (found.id, found.aliases)).collect()
    }

    #[test]
    fn a_distribution_is_read_by_cve() {
        let row = |id: &str, alias: &str| (id.to_owned(), vec![alias.to_owned()]);
        let ubuntu = weaknesses("UBUNTU-CVE-2022-0778", &["CVE-2022-0778", "CVE-2022-1"], &[]);
        assert_eq!(ubuntu, [row("CVE-2022-0778", "UBUNTU-CVE-2022-0778")]);
        let alma = weaknesses("ALSA-2022:1", &[], &["CVE-2022-2", "CVE-2022-1", "CVE-2022-2"]);
        assert_eq!(alma, [row("CVE-2022-1", "ALSA-2022:1"), row("CVE-2022-2", "ALSA-2022:1")]);
        let usn = weaknesses("USN-1-1", &["UBUNTU-CVE-2022-1"], &["CVE-2022-9"]);
        assert_eq!(usn, [row("CVE-2022-1", "USN-1-1")]);
        assert_eq!(weaknesses("ALSA-2022:1", &[], &[]), [("ALSA-2022:1".to_owned(), vec![])]);
        assert_eq!(weaknesses("CVE-2022-1", &["CVE-2022-1"], &[])[0].1, Vec::<String>::new());
        let both = weaknesses("ECHO-1", &["CVE-2022-1", "GHSA-x"], &[]);
        assert_eq!(both[0].1, ["ECHO-1", "GHSA-x"]);
    }

    #[test]
    fn only_cves_are_cves() {
        assert_eq!(cve_in("BELL-CVE-2024-0232"), Some("CVE-2024-0232"));
        for none in ["", "CVE-", "CVE-2024-", "CVE-24-1", "CVE-2024-1x", "XCVE-2024-1", "GHSA-1"] {
            assert_eq!(cve_in(none), None, "{none}");
        }
    }
}
