//! One advisory out of a record: state, severity, ratings, addresses.

use plimsoll_model::{Advisory, Class, Cvss, Severity, State};

use super::Publisher;
use super::group::{Group, split_severity};
use super::ranges::Extent;
use super::record::{DatabaseSpecific, Record, Reference, SeverityItem};

/// Most addresses that are kept of one record.
const MAX_URLS: usize = 5;
/// Most ratings that are kept of one record.
const MAX_RATINGS: usize = 8;
/// Longest vector that is read, in bytes.
const MAX_VECTOR_BYTES: usize = 512;

/// Makes what all weaknesses of a record have in common for one package; ids and scope are left empty.
pub(super) fn of(
    record: &Record,
    group: &Group<'_>,
    publisher: Publisher<'_>,
    extent: Extent,
) -> Advisory {
    let Extent { affected, fixed } = extent;
    let own: Vec<&SeverityItem> = group.items.iter().flat_map(|item| &item.severity).collect();
    let stated: Vec<&SeverityItem> =
        if own.is_empty() { record.severity.iter().collect() } else { own };
    let title = record.summary.as_deref().unwrap_or_default();
    let class = class(record, group);
    Advisory {
        class,
        state: if fixed.is_empty() { State::Affected } else { State::Fixed },
        affected,
        fixed_versions: fixed,
        severity: severity(record, group, &stated),
        cvss: ratings(&stated, publisher.rater),
        record: publisher.title.to_owned(),
        note: (class == Class::Informational).then(|| informational(group).unwrap_or_default()),
        title: (!title.is_empty()).then(|| title.to_owned()),
        urls: urls(&record.references),
        ..Advisory::default()
    }
}

/// Returns what kind of thing the record tells of the package.
fn class(record: &Record, group: &Group<'_>) -> Class {
    if informational(group).is_some() {
        return Class::Informational;
    }
    if is_malicious(record) {
        return Class::Malicious;
    }
    let specific = record.database_specific.as_ref();
    let status = specific.and_then(|specific| specific.review_status.as_deref());
    if group.place.is_curated(&record.id) && status != Some("UNREVIEWED") {
        return Class::Curated;
    }
    Class::Weakness
}

/// Returns RustSec's word for what is no weakness: `unmaintained`.
fn informational(group: &Group<'_>) -> Option<String> {
    let mut specifics = group.items.iter().filter_map(|item| item.database_specific.as_ref());
    specifics.find_map(|specific| specific.informational.clone())
}

/// Malware has records of its own, and GitHub says so by a kind of weakness and the title: a package that
/// was taken over for some versions has the kind alone.
fn is_malicious(record: &Record) -> bool {
    let names = std::iter::once(&record.id).chain(&record.aliases);
    let is_embedded = || {
        let specific = record.database_specific.as_ref();
        let cwe = specific.and_then(|specific| specific.cwe_ids.as_ref());
        cwe.is_some_and(|cwe| cwe.get().contains("\"CWE-506\""))
    };
    let title = || record.summary.as_deref().unwrap_or_default().to_ascii_lowercase();
    names.into_iter().any(|id| id.starts_with("MAL-"))
        || (is_embedded() && ["malware", "malicious"].iter().any(|word| title().contains(word)))
}

/// Returns the severity in words that the record states: of the package, of the record, among the
/// ratings (Ubuntu's priority), in front of the title (`Important: openssl security update`).
fn severity(record: &Record, group: &Group<'_>, stated: &[&SeverityItem]) -> Option<Severity> {
    let word = |specific: &Option<DatabaseSpecific>| {
        let specific = specific.as_ref()?;
        let words = [&specific.ubuntu_priority, &specific.severity];
        words.into_iter().flatten().find_map(|word| Severity::from_word(word))
    };
    let of_package = group
        .items
        .iter()
        .find_map(|item| word(&item.ecosystem_specific).or_else(|| word(&item.database_specific)));
    let in_words = || stated.iter().find_map(|item| Severity::from_word(&item.score));
    let of_title = || split_severity(record.summary.as_deref().unwrap_or_default()).0;
    let of_record = of_package.or_else(|| word(&record.database_specific)).or_else(in_words);
    of_record.or_else(|| of_title().filter(|_| group.place.ecosystem.is_none()))
}

/// Reads and rates the vectors; what is not one is passed over.
fn ratings(stated: &[&SeverityItem], rater: &str) -> Vec<Cvss> {
    let mut ratings: Vec<Cvss> = Vec::new();
    for cvss in stated.iter().filter_map(|item| cvss(&item.score, rater)) {
        if ratings.len() < MAX_RATINGS && !ratings.contains(&cvss) {
            ratings.push(cvss);
        }
    }
    ratings
}

/// Reads and rates a vector; `None` for what is not one. Those of version 2.0 have no prefix.
fn cvss(vector: &str, rater: &str) -> Option<Cvss> {
    if vector.len() > MAX_VECTOR_BYTES {
        return None;
    }
    let (version, score) = match vector.strip_prefix("CVSS:") {
        Some(rest) => (rest.split('/').next()?, vector.parse::<cvss::Cvss>().ok()?.score()),
        None => ("2.0", vector.parse::<cvss::v2::Vector>().ok()?.score().value()),
    };
    let (source, version) = (rater.to_owned(), version.to_owned());
    Some(Cvss { source, version, vector: vector.to_owned(), score })
}

/// Returns the addresses, advisories first, then fixes and reports, then the rest.
fn urls(references: &[Reference]) -> Vec<String> {
    let weight = |reference: &&Reference| match reference.kind.as_str() {
        "ADVISORY" => 0,
        "FIX" | "REPORT" => 1,
        _ => 2,
    };
    let mut references: Vec<&Reference> = references.iter().collect();
    references.sort_by_key(weight);
    let mut urls: Vec<String> = Vec::new();
    for reference in references {
        if urls.len() < MAX_URLS && !urls.contains(&reference.url) {
            urls.push(reference.url.clone());
        }
    }
    urls
}
