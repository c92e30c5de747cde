//! The items of a record, brought together by the package that they are about.

use std::borrow::Cow;
use std::collections::BTreeMap;

use plimsoll_model::{Scope, Severity};

use super::Converted;
use super::ids::Weaknesses;
use super::place::Place;
use super::record::{AffectedItem, Event, RangeItem, Record};

/// Most modules that the title of one record names.
const MAX_STREAMS: usize = 8;

/// What one advisory is about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Key {
    pub(super) namespace: String,
    /// The name as look-ups spell it.
    pub(super) name: String,
    pub(super) scope: Scope,
}

/// What a record says of it; the items are OR-ed.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) place: Place,
    pub(super) items: Vec<Cow<'a, AffectedItem>>,
}

/// Sorts the items of a record by namespace, package and scope; what is not wanted is passed over.
pub(super) fn groups<'a>(
    record: &'a Record,
    wanted: &dyn Fn(&str) -> bool,
    converted: &mut Converted,
) -> BTreeMap<Key, Group<'a>> {
    let mut groups = BTreeMap::new();
    let mut weaknesses = Weaknesses::new(record);
    for item in &record.affected {
        let Some(package) = &item.package else { continue };
        let Some(place) = Place::find(&package.ecosystem) else {
            converted.drop("", format!("{}: ecosystem `{}`", record.id, package.ecosystem));
            continue;
        };
        if !wanted(&place.namespace) {
            continue;
        }
        if weaknesses.is_plain_update(&place) {
            converted.informational += 1;
            continue;
        }
        let items = if place.special.has_binaries { binaries(item) } else { Vec::new() };
        if items.is_empty() {
            put(record, &place, &package.name, Cow::Borrowed(item), &mut groups);
            continue;
        }
        for (name, item) in items {
            put(record, &place, &name, Cow::Owned(item), &mut groups);
        }
    }
    groups
}

fn put<'a>(
    record: &Record,
    place: &Place,
    name: &str,
    item: Cow<'a, AffectedItem>,
    groups: &mut BTreeMap<Key, Group<'a>>,
) {
    let name = place.ecosystem.map_or_else(|| name.to_owned(), |row| row.key(name));
    let modules = modules(record, place, &item);
    let arches =
        if place.ecosystem.is_some() { super::platform::platforms(&item) } else { Vec::new() };
    let items = std::iter::repeat_n(item, modules.len());
    for (module, item) in modules.into_iter().zip(items) {
        let scope = Scope { module, arches: arches.clone(), ..place.scope.clone() };
        let key = Key { namespace: place.namespace.clone(), name: name.clone(), scope };
        let group = groups.entry(key);
        let group = group.or_insert_with(|| Group { place: place.clone(), items: Vec::new() });
        group.items.push(item);
    }
}

/// Returns each package of `ecosystem_specific.binaries` as an item: affected below its version.
fn binaries(item: &AffectedItem) -> Vec<(String, AffectedItem)> {
    let list = item.ecosystem_specific.as_ref().and_then(|specific| specific.binaries.as_ref());
    let list: Option<Vec<BTreeMap<String, String>>> =
        list.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let below = |(name, version): (String, String)| {
        let event = |introduced, fixed| Event { introduced, fixed, ..Event::default() };
        let events = vec![event(Some("0".to_owned()), None), event(None, Some(version))];
        let ranges = vec![RangeItem { kind: "ECOSYSTEM".to_owned(), events }];
        let severity = item.severity.clone();
        (name, AffectedItem { ranges, severity, ..AffectedItem::default() })
    };
    list.into_iter().flatten().flatten().map(below).collect()
}

/// Returns the modules that an item is about; one `None` for a package of no module.
///
/// That it is of a module shows in the release of its builds (`1.14.0-2.module_el8.6.0+2961`), and of
/// which stream in the title of the record: `Important: virt:rhel and virt-devel:rhel security
/// update`. A title with two is of both, for nothing tells which package is of which. Where the title
/// names none, the scope does neither; the fixed version tells matching that module builds are meant.
fn modules(record: &Record, place: &Place, item: &AffectedItem) -> Vec<Option<String>> {
    let mut fixed =
        item.ranges.iter().flat_map(|range| &range.events).filter_map(|e| e.fixed.as_ref());
    if !place.special.lists_builds || !fixed.any(|version| version.contains(".module")) {
        return vec![None];
    }
    let streams = streams(record.summary.as_deref().unwrap_or_default());
    if streams.is_empty() {
        return vec![None];
    }
    streams.into_iter().map(Some).collect()
}

/// Takes `nodejs:18` out of `Important: nodejs:18 security update`, `httpd:2.4` out of
/// `Moderate: httpd:2.4/mod_http2 security update`.
fn streams(title: &str) -> Vec<String> {
    let (_, title) = split_severity(title);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let stream = |word: &str| {
        let (name, stream) = word.trim_end_matches(',').split_once(':')?;
        let stream = stream.split('/').next()?;
        let is_one = |text: &str| !text.is_empty() && text.chars().all(is_part);
        (is_one(name) && is_one(stream)).then(|| format!("{name}:{stream}"))
    };
    title.split_whitespace().filter_map(stream).take(MAX_STREAMS).collect()
}

/// Splits `Important: openssl security update` into its severity and the rest.
pub(super) fn split_severity(title: &str) -> (Option<Severity>, &str) {
    match title.split_once(": ") {
        Some((word, rest)) => match Severity::from_word(word) {
            Some(severity) => (Some(severity), rest.trim_start()),
            None => (None, title),
        },
        None => (None, title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_stand_in_titles() {
        for (title, expected) in [
            ("Important: nodejs:18 security update", &["nodejs:18"][..]),
            ("Low: virt:rhel and virt-devel:rhel security", &["virt:rhel", "virt-devel:rhel"]),
            ("Moderate: httpd:2.4/mod_http2 security update", &["httpd:2.4"]),
            ("Important: varnish security update", &[]),
            ("a: b:", &[]),
        ] {
            assert_eq!(streams(title), expected, "{title}");
        }
    }
}
