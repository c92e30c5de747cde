//! The Debian security tracker: one file for all releases, keyed by source package.
//!
//! ```json
//! {"openssl": {"CVE-2023-0286": {"description": "…", "releases": {
//!   "bookworm": {"status": "resolved", "fixed_version": "3.0.8-1", "urgency": "not yet assigned"},
//!   "bullseye": {"status": "open", "urgency": "unimportant", "nodsa": "Minor issue",
//!                "nodsa_reason": "postponed"}}}}}
//! ```
//!
//! The file has more than 60 MB; it is read as a stream, and only what was asked for is kept. A
//! fixed version `0` means that the release never was affected.
//! Source: <https://security-tracker.debian.org/tracker/data/json>.

use std::collections::HashMap;
use std::fmt;

use plimsoll_model::distro::DEBIAN_RELEASES;
use plimsoll_model::{Advisory, Affected, Severity, State};
use plimsoll_vuln::RowKind;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{cut, read_json};

/// Most bytes of the tracker's file.
pub const MAX_TRACKER_BYTES: u64 = 512 << 20;
/// Longest title made of a description, in characters.
pub const MAX_TITLE_CHARS: usize = 200;

/// Longest status that is told in an error, in characters.
const MAX_STATUS_CHARS: usize = 40;

/// The releases that are served; older ones have left the tracker.
const OLDEST_RELEASE: u32 = 10;
/// The first release that is not out yet: what the tracker does not say of it, sid says.
const FIRST_TESTING: u32 = 14;
const TITLE: &str = "Debian security tracker";
const SID: &str = "sid";
const ADDRESS: &str = "https://security-tracker.debian.org/tracker/data/json";

/// Debian.
pub const DEBIAN: Feed = Feed {
    id: "debian",
    title: TITLE,
    licence: "",
    says: "fixed: `resolved` with a version; not affected: `resolved` with version `0`; no fix: \
        `open`, with `nodsa_reason` ignored (will not fix) or postponed (deferred), urgency \
        end-of-life; `undetermined` is kept as such",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 5_000,
    reader: 3,
    namespaces: |_| releases().map(|(number, _)| format!("debian:{number}")).collect(),
    files: |namespace| {
        let release = namespace.strip_prefix("debian:")?;
        releases()
            .any(|(number, _)| number == release)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_TRACKER_BYTES)])
    },
    parse,
};

fn releases() -> impl Iterator<Item = (&'static str, &'static str)> {
    DEBIAN_RELEASES.iter().copied().filter(|(number, _)| {
        number.parse().map_or(*number == SID, |n| (OLDEST_RELEASE..=FIRST_TESTING).contains(&n))
    })
}

/// Reads the tracker's file into every `debian:` namespace that is wanted, keyed by source package.
/// A version that is not one of dpkg is kept, matching tells that it cannot be compared; releases
/// that are not served are passed over, whatever they say.
///
/// # Errors
/// [`FeedError::Malformed`] with the line and column; with package, id and release for a status that
/// is not known here, or `resolved` without a version. [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let wanted = releases()
        .map(|(number, codename)| Wanted {
            namespace: format!("debian:{number}"),
            codename,
            testing: number.parse().is_ok_and(|number: u32| number >= FIRST_TESTING),
        })
        .filter(|wanted| harvest.wants(&wanted.namespace))
        .collect();
    read_json(input, Packages { wanted, harvest })
}

/// One release that is wanted.
struct Wanted {
    namespace: String,
    codename: &'static str,
    testing: bool,
}

/// Reads the outer object: a source package a key.
struct Packages<'h> {
    wanted: Vec<Wanted>,
    harvest: &'h mut Harvest,
}

impl<'de> DeserializeSeed<'de> for Packages<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Packages<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of source packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut packages: A) -> Result<(), A::Error> {
        let Self { wanted, harvest } = self;
        while let Some(package) = packages.next_key::<String>()? {
            packages.next_value_seed(Issues { package: &package, wanted: &wanted, harvest })?;
        }
        Ok(())
    }
}

/// Reads the object of one package: an id a key.
struct Issues<'h> {
    package: &'h str,
    wanted: &'h [Wanted],
    harvest: &'h mut Harvest,
}

impl<'de> DeserializeSeed<'de> for Issues<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Issues<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object of the issues of `{}`", self.package)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut issues: A) -> Result<(), A::Error> {
        while let Some((id, issue)) = issues.next_entry::<String, Issue>()? {
            take(&id, &issue, self.package, self.wanted, self.harvest).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    releases: HashMap<String, Release>,
}

impl Issue {
    /// Rejected CVEs stay in the tracker with a mark in front of their description.
    fn is_rejected(&self) -> bool {
        let text = self.description.as_deref().unwrap_or_default();
        ["** REJECT", "Rejected reason:"].iter().any(|mark| text.trim_start().starts_with(mark))
    }
}

#[derive(Deserialize)]
struct Release {
    status: String,
    #[serde(default)]
    fixed_version: Option<String>,
    #[serde(default)]
    urgency: Option<String>,
    #[serde(default)]
    nodsa: Option<String>,
    #[serde(default)]
    nodsa_reason: Option<String>,
}

impl Release {
    /// The word, without the marks that say who rated.
    fn urgency(&self) -> &str {
        self.urgency.as_deref().unwrap_or_default().trim_end_matches('*')
    }
}

/// Makes the rows of one issue of one package; an error in words.
fn take(
    id: &str,
    issue: &Issue,
    package: &str,
    wanted: &[Wanted],
    harvest: &mut Harvest,
) -> Result<(), String> {
    for wanted in wanted {
        let of = |name: &'static str| issue.releases.get(name).map(|release| (name, release));
        let sid = || of(SID).filter(|_| wanted.testing);
        let Some((codename, release)) = of(wanted.codename).or_else(sid) else { continue };
        if issue.is_rejected() {
            harvest.drop_record(&wanted.namespace);
            continue;
        }
        let state =
            state_of(release).map_err(|fault| format!("`{package}`, {id}, {codename}: {fault}"))?;
        let row = advisory(id, issue, release, state, &format!("{TITLE} {codename}"));
        let pushed = harvest.push(&wanted.namespace, package, Row::Advisory(Box::new(row)));
        pushed.map_err(|fault| fault.to_string())?;
    }
    Ok(())
}

/// Returns what is said of a release; in words why, when that is nothing that the tracker can say.
fn state_of(release: &Release) -> Result<State, String> {
    match (release.status.as_str(), release.fixed_version.as_deref()) {
        ("resolved", Some("0")) => Ok(State::NotAffected),
        ("resolved", Some(version)) if !version.is_empty() => Ok(State::Fixed),
        ("resolved", _) => Err("it is resolved, but no `fixed_version` is told".to_owned()),
        ("open", _) => Ok(open_state(release)),
        ("undetermined", _) => Ok(State::Undetermined),
        (other, _) => Err(format!("the status `{}` is not known", cut(other, MAX_STATUS_CHARS))),
    }
}

fn advisory(id: &str, issue: &Issue, release: &Release, state: State, record: &str) -> Advisory {
    let fixed = release.fixed_version.clone().filter(|_| state == State::Fixed);
    let affected = fixed.as_deref().map_or_else(Affected::all, Affected::below);
    let title = issue.description.as_deref().map(|text| cut(text, MAX_TITLE_CHARS));
    Advisory {
        class: plimsoll_model::Class::Weakness,
        id: id.to_owned(),
        aliases: Vec::new(),
        state,
        scope: plimsoll_model::Scope::default(),
        affected,
        fixed_versions: fixed.into_iter().collect(),
        severity: severity(release.urgency()),
        cvss: Vec::new(),
        record: record.to_owned(),
        note: note(release),
        title: title.filter(|title| !title.is_empty()),
        urls: Vec::new(),
    }
}

fn open_state(release: &Release) -> State {
    match (release.urgency(), release.nodsa_reason.as_deref()) {
        ("end-of-life", _) => State::EndOfLife,
        (_, Some("ignored")) => State::WillNotFix,
        (_, Some("postponed")) => State::FixDeferred,
        _ => State::Affected,
    }
}

/// Words of the tracker that are no severity (`not yet assigned`, `end-of-life`) give none.
fn severity(urgency: &str) -> Option<Severity> {
    match urgency {
        "unimportant" => Some(Severity::Negligible),
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        _ => None,
    }
}

fn note(release: &Release) -> Option<String> {
    let reason = release.nodsa.as_deref()?;
    let reason = cut(reason, MAX_TITLE_CHARS);
    Some(if reason.is_empty() { "no DSA".to_owned() } else { format!("no DSA: {reason}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Texts;

    fn read(release: &str) -> Result<State, FeedError> {
        let json = format!(
            "{{\"wordpress\": {{\"CVE-2099-0002\": {{\"releases\": {{\n\"woody\": \
             {{\"status\": \"perhaps\"}}, \"bookworm\": {release}}}}}}}}}"
        );
        let mut harvest = Harvest::of(["debian:12"], Texts::All);
        parse(Input { address: "x", body: &mut json.as_bytes() }, &mut harvest)?;
        match harvest.into_drafts().remove("debian:12").unwrap().rows.remove(0).1 {
            Row::Advisory(advisory) => Ok(advisory.state),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_word_that_is_not_known_is_refused() {
        for (release, state) in [
            (r#"{"status": "resolved", "fixed_version": "1-1"}"#, State::Fixed),
            (r#"{"status": "resolved", "fixed_version": "0"}"#, State::NotAffected),
            (r#"{"status": "open"}"#, State::Affected),
            (r#"{"status": "undetermined"}"#, State::Undetermined),
        ] {
            assert_eq!(read(release).unwrap(), state, "{release}");
        }
        let long = format!(r#"{{"status": "{}"}}"#, "x".repeat(2 * MAX_STATUS_CHARS));
        for (release, detail) in [
            (r#"{"status": "perhaps"}"#, "the status `perhaps` is not known"),
            (r#"{"status": "Open"}"#, "the status `Open` is not known"),
            (r#"{"status": "resolved"}"#, "it is resolved, but no `fixed_version` is told"),
            (
                r#"{"status": "resolved", "fixed_version": ""}"#,
                "it is resolved, but no `fixed_version` is told",
            ),
            (&long, "…` is not known"),
        ] {
            let error = read(release).unwrap_err();
            let FeedError::Malformed { place, detail: found, .. } = &error else {
                panic!("{error}")
            };
            assert!(place.starts_with("line 2 column "), "{place}");
            assert!(found.starts_with("`wordpress`, CVE-2099-0002, bookworm: "), "{found}");
            assert!(found.ends_with(detail), "{found}");
        }
    }

    #[test]
    fn the_releases_served() {
        let names = (DEBIAN.namespaces)(2026);
        assert_eq!(
            names,
            ["debian:10", "debian:11", "debian:12", "debian:13", "debian:14", "debian:sid"]
        );
        assert!(names.iter().all(|name| (DEBIAN.files)(name).is_some()));
        for none in ["debian", "debian:", "debian:9", "debian:bookworm", "ubuntu:22.04"] {
            assert!((DEBIAN.files)(none).is_none(), "{none}");
        }
    }
}
