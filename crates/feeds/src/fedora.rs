//! Fedora and EPEL: the security updates of Bodhi, a page after the other.
//!
//! ```json
//! {"page": 1, "pages": 24, "updates": [{"alias": "FEDORA-2023-91e69ea326", "type": "security",
//!   "status": "stable", "severity": "medium", "date_stable": "2023-11-25 01:48:48",
//!   "release": {"name": "F40"}, "bugs": [{"title": "CVE-2022-23517 rubygem-…: …"}],
//!   "builds": [{"nvr": "rubygem-rails-html-sanitizer-1.6.0-1.fc40", "epoch": 0}]}]}
//! ```
//!
//! Bodhi knows every update there was, the metadata of a repository those alone that are the newest of
//! their packages. Builds are source packages. CVEs stand in the titles of bugs; where no bug names
//! one, in the notes; an update that names none at all stands for itself. A build whose dist tag is
//! that of another release is dropped and counted. Only what has reached the stable repository counts.
//! Source: <https://bodhi.fedoraproject.org/docs/server_api/>.

use std::marker::PhantomData;

use plimsoll_model::{Advisory, Affected, Scope, Severity, State};
use plimsoll_vuln::RowKind;
use serde::Deserialize;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, Row, SourceFile};
use crate::text::{Maybe, cut, cves_in, read_json};
use crate::updateinfo::evr;

/// Most bytes of one page; it has some 20 kB an update.
pub const MAX_PAGE_BYTES: u64 = 128 << 20;
/// Most pages of one release.
pub const MAX_PAGES: u64 = 500;
/// Most builds or bugs of one update.
pub const MAX_PARTS: usize = 5_000;
const MAX_TITLE_CHARS: usize = 200;
const ROWS_PER_PAGE: u32 = 100;

const OLDEST_FEDORA: u32 = 38;
/// The newest release that `db build --all` asks for; the lazy path serves any.
const NEWEST_FEDORA: u32 = 45;
const EPEL: &[u32] = &[8, 9];

/// Fedora.
pub const FEDORA: Feed = Feed {
    id: "fedora",
    title: "Fedora Bodhi",
    licence: "",
    says: "fixed: the build of the update; not affected and no fix: not told, unfixed weaknesses are \
        missing",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 100,
    reader: 1,
    namespaces: |_| {
        let fedora = (OLDEST_FEDORA..=NEWEST_FEDORA).map(|number| format!("fedora:{number}"));
        EPEL.iter().map(|number| format!("epel:{number}")).chain(fedora).collect()
    },
    files: |namespace| {
        let release = Release::of(namespace)?;
        let address = release.page(1);
        Some(vec![SourceFile::new(address, MAX_PAGE_BYTES)])
    },
    parse,
};

/// A release: `fedora:41` is `F41` of Bodhi, and its builds end in `.fc41`.
struct Release {
    namespace: String,
    name: String,
    dist: String,
    title: String,
}

impl Release {
    fn of(namespace: &str) -> Option<Self> {
        let (family, number) = namespace.split_once(':')?;
        let number = number.parse::<u32>().ok().filter(|n| n.to_string() == number)?;
        let (name, dist, title) = match family {
            "fedora" if number >= OLDEST_FEDORA => {
                (format!("F{number}"), format!(".fc{number}"), format!("Fedora {number}"))
            }
            "epel" if EPEL.contains(&number) => {
                (format!("EPEL-{number}"), format!(".el{number}"), format!("EPEL {number}"))
            }
            _ => return None,
        };
        Some(Self { namespace: namespace.to_owned(), name, dist, title })
    }

    fn page(&self, page: u64) -> String {
        let name = &self.name;
        format!(
            "https://bodhi.fedoraproject.org/updates/?type=security&status=stable&releases={name}\
             &rows_per_page={ROWS_PER_PAGE}&page={page}"
        )
    }
}

#[derive(Deserialize)]
struct Page {
    updates: Vec<Maybe<Update>>,
    #[serde(default, rename = "page")]
    number: u64,
    #[serde(default)]
    pages: u64,
}

#[derive(Deserialize)]
struct Update {
    alias: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    severity: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    notes: Option<String>,
    #[serde(default)]
    date_stable: Option<String>,
    release: Of,
    #[serde(default)]
    builds: Vec<Build>,
    #[serde(default)]
    bugs: Vec<Bug>,
}

#[derive(Deserialize)]
struct Of {
    name: String,
}

#[derive(Deserialize)]
struct Build {
    nvr: String,
    #[serde(default)]
    epoch: Option<u64>,
}

#[derive(Deserialize)]
struct Bug {
    #[serde(default)]
    title: Option<String>,
}

/// Reads a page; the first asks for all others. Rows are keyed by source package, one a CVE and build.
///
/// # Errors
/// [`FeedError::Malformed`] with line and column, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address.to_owned();
    let page: Page = read_json(input, PhantomData)?;
    let releases: Vec<Release> = harvest.namespaces().filter_map(Release::of).collect();
    if page.number <= 1 && address.ends_with("&page=1") {
        if page.pages > MAX_PAGES {
            return Err(FeedError::Limit { address, what: "pages", limit: MAX_PAGES });
        }
        let asked = releases.iter().find(|release| release.page(1) == address);
        for (number, release) in (2..=page.pages).zip(std::iter::repeat(asked)) {
            let Some(release) = release else { break };
            harvest.follow(SourceFile::new(release.page(number), MAX_PAGE_BYTES))?;
        }
    }
    for update in page.updates {
        let Maybe::Good(update) = update else {
            for release in &releases {
                harvest.drop_record(&release.namespace);
            }
            continue;
        };
        let release = releases.iter().find(|release| release.name == update.release.name);
        let Some(release) = release else { continue };
        // While pages are read, updates move on to the next one.
        if update.kind == "security"
            && update.status == "stable"
            && harvest.claim(&format!("{} {}", release.name, update.alias))
        {
            update.harvest(release, harvest)?;
        }
    }
    Ok(())
}

impl Update {
    fn harvest(self, release: &Release, harvest: &mut Harvest) -> Result<(), FeedError> {
        if self.builds.len() > MAX_PARTS || self.bugs.len() > MAX_PARTS {
            harvest.drop_record(&release.namespace);
            return Ok(());
        }
        harvest.stamp(self.date_stable.as_deref().unwrap_or_default());
        let ids = self.ids();
        for build in &self.builds {
            let Some((name, version)) = build.name_and_version(&release.dist) else {
                harvest.drop_record(&release.namespace);
                continue;
            };
            for id in &ids {
                let advisory = self.advisory(release, id, &version);
                harvest.push(&release.namespace, name, Row::Advisory(Box::new(advisory)))?;
            }
        }
        Ok(())
    }

    /// The CVEs it mends, or its own id.
    fn ids(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for title in self.bugs.iter().filter_map(|bug| bug.title.as_deref()) {
            for id in cves_in(title) {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        if ids.is_empty() {
            ids = cves_in(self.notes.as_deref().unwrap_or_default());
            ids.truncate(MAX_PARTS);
        }
        if ids.is_empty() {
            ids.push(self.alias.clone());
        }
        ids
    }

    fn advisory(&self, release: &Release, id: &str, version: &str) -> Advisory {
        let title = cut(self.title.as_deref().unwrap_or_default(), MAX_TITLE_CHARS);
        Advisory {
            class: plimsoll_model::Class::Weakness,
            id: id.to_owned(),
            aliases: Some(self.alias.clone()).filter(|own| own != id).into_iter().collect(),
            state: State::Fixed,
            scope: Scope::default(),
            affected: Affected::below(version),
            fixed_versions: vec![version.to_owned()],
            severity: self.severity.as_deref().and_then(severity),
            cvss: Vec::new(),
            record: format!("{} {}", release.title, self.alias),
            note: None,
            title: Some(title).filter(|title| !title.is_empty()),
            urls: vec![format!("https://bodhi.fedoraproject.org/updates/{}", self.alias)],
        }
    }
}

/// Bodhi's worst is `urgent`; `unspecified` says nothing.
fn severity(word: &str) -> Option<Severity> {
    if word == "urgent" { Some(Severity::Critical) } else { Severity::from_word(word) }
}

impl Build {
    /// Takes `name-version-release` apart; `None` when the release has not this dist tag.
    fn name_and_version(&self, dist: &str) -> Option<(&str, String)> {
        let mut parts = self.nvr.rsplitn(3, '-');
        let (release, version, name) = (parts.next()?, parts.next()?, parts.next()?);
        let ends = |rest: &str| !rest.starts_with(|letter: char| letter.is_ascii_digit());
        let is_of_release =
            release.match_indices(dist).any(|(at, _)| ends(&release[at + dist.len()..]));
        if name.is_empty() || !is_of_release {
            return None;
        }
        let epoch = self.epoch.unwrap_or_default().to_string();
        evr(&epoch, version, release).map(|version| (name, version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_are_of_their_release() {
        let of = |nvr: &str, dist: &str| {
            let build = Build { nvr: nvr.to_owned(), epoch: Some(1) };
            build.name_and_version(dist).map(|(name, version)| format!("{name} {version}"))
        };
        assert_eq!(of("a-b-1.0-2.fc40", ".fc40").as_deref(), Some("a-b 1:1.0-2.fc40"));
        assert_eq!(of("a-1.0-2.fc40.1", ".fc40").as_deref(), Some("a 1:1.0-2.fc40.1"));
        assert_eq!(of("a-1.0-2.el8_9", ".el8").as_deref(), Some("a 1:1.0-2.el8_9"));
        for (nvr, dist) in
            [("a-1.0-2.fc40", ".fc4"), ("a-1.0-2.fc39", ".fc40"), ("a-2.fc40", ".fc40"), ("", "")]
        {
            assert_eq!(of(nvr, dist), None, "{nvr}");
        }
    }

    #[test]
    fn only_releases_have_a_page() {
        let page = |namespace: &str| Release::of(namespace).map(|release| release.page(2));
        let expected = "https://bodhi.fedoraproject.org/updates/?type=security&status=stable\
            &releases=EPEL-9&rows_per_page=100&page=2";
        assert_eq!(page("epel:9").as_deref(), Some(expected));
        for none in ["fedora", "fedora:", "fedora:041", "fedora:x", "epel:7", "fedora:37"] {
            assert_eq!(page(none), None, "{none}");
        }
    }
}
