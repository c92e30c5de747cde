//! SUSE Linux Enterprise, SUSE Linux Micro, openSUSE Leap and Tumbleweed: OVAL by CVE, a document for
//! each family of products.
//!
//! ```xml
//! <definition class="vulnerability"><metadata><title>CVE-2009-0316</title>
//!   <reference ref_id="SUSE-SU-2022:2147-1" source="SUSE-SU"/>
//!   <advisory><severity>Moderate</severity>
//!   <cve cvss3="7.1/CVSS:3.1/AV:N/…">CVE-2009-0316 at SUSE</cve></advisory></metadata>
//! <criteria operator="AND"><criteria operator="OR">
//!   <criterion comment="SUSE Linux Enterprise Micro 5.1 is installed"/> … </criteria>
//!   <criteria operator="OR">
//!     <criterion comment="vim-small-8.0.1568-5.14.1 is installed"/>   <!-- tested: less than it -->
//!     <criterion comment="kernel-rt is not affected"/>
//!     <criterion comment="kernel-source is affected"/> …
//! ```
//!
//! Documents named `-affected` tell what is not mended and what is not affected too; where there is one, it
//! is read instead of the one without. A criterion on a product names it in words alone, modules and
//! LTSS among them: all products of one service pack make one namespace, in which the greatest fix of a
//! package counts.
//! Source: <https://ftp.suse.com/pub/projects/security/oval/>.

use std::collections::{BTreeMap, HashMap};

use plimsoll_model::distro::suse_namespace;
use plimsoll_model::{Advisory, Affected, Cvss, Key, Scope, Severity, State};
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::osv::{Scopes, Sharing};
use crate::oval::{
    self, Beside, Definition, Greatest, Leaf, Limits, Operation, arches, each_package, evr,
    is_greater,
};
use crate::packed::unpacked;
use crate::rating::rating;

/// Most bytes of a document as it is stored.
pub const MAX_STORED_BYTES: u64 = 256 << 20;
/// Most bytes of a document.
pub const MAX_DOCUMENT_BYTES: u64 = 8 << 30;
/// Most notices (`SUSE-SU-…`) of one CVE that are kept, the newest; some have hundreds.
pub const MAX_NOTICES: usize = 8;

const TITLE: &str = "SUSE OVAL";
const FOLDER: &str = "https://ftp.suse.com/pub/projects/security/oval/";
/// What is claimed by the first document that is read: the others would say less of the same.
const CLAIM: &str = "the OVAL of a family of SUSE's products";

/// Releases of a family, and its documents, best first; `{}` is the release, `{major}` its first number.
struct Family {
    namespace: &'static str,
    releases: &'static [&'static str],
    documents: &'static [&'static str],
}

const FAMILIES: &[Family] = &[
    Family {
        namespace: "suse",
        releases: &["11", "11.1", "11.2", "11.3", "11.4"],
        documents: &["suse.linux.enterprise.server.{major}"],
    },
    Family {
        namespace: "suse",
        releases: &[
            "12", "12.1", "12.2", "12.3", "12.4", "12.5", "15", "15.1", "15.2", "15.3", "15.4",
            "15.5", "15.6", "15.7", "16.0", "16.1",
        ],
        documents: &[
            "suse.linux.enterprise.{major}-affected",
            "suse.linux.enterprise.server.{major}",
        ],
    },
    Family {
        namespace: "suse-micro",
        releases: &["5.0", "5.1", "5.2", "5.3", "5.4", "5.5"],
        documents: &[
            "suse.linux.enterprise.micro.{major}-affected",
            "suse.linux.enterprise.micro.{major}",
        ],
    },
    Family {
        namespace: "suse-micro",
        releases: &["6.0", "6.1", "6.2"],
        documents: &["suse.linux.micro.{major}-affected", "suse.linux.micro.{major}"],
    },
    Family {
        namespace: "opensuse-leap",
        releases: &["42.3", "15.0", "15.1", "15.2", "15.3", "15.4", "15.5", "15.6", "16.0"],
        documents: &["opensuse.leap.{}-affected", "opensuse.leap.{}"],
    },
    Family {
        namespace: "opensuse-leap-micro",
        releases: &["5.2", "5.3", "5.4", "5.5", "6.0", "6.1", "6.2"],
        documents: &["opensuse.leap.micro.{}-affected", "opensuse.leap.micro.{}"],
    },
    Family {
        namespace: "opensuse-tumbleweed",
        releases: &[""],
        documents: &["opensuse.tumbleweed-affected", "opensuse.tumbleweed"],
    },
];

/// SUSE.
pub const SUSE: Feed = Feed {
    id: "suse",
    title: TITLE,
    licence: "CC-BY-4.0",
    says: "fixed: a test for less than a version; no fix: `is affected`; not affected: `is not affected`",
    rows: RowKind::Advisories,
    max_age_hours: 72,
    least_records: 500,
    reader: 1,
    namespaces: |_| {
        let mut all: Vec<String> = FAMILIES.iter().flat_map(Family::namespaces).collect();
        all.sort_unstable();
        all
    },
    files: |namespace| {
        let family = FAMILIES.iter().find(|family| family.namespaces().any(|n| n == namespace))?;
        let release = namespace.split_once(':').map_or("", |(_, release)| release);
        let major = release.split('.').next().unwrap_or_default();
        let file = |document: &&str| {
            let document = document.replace("{major}", major).replace("{}", release);
            let file = SourceFile::new(format!("{FOLDER}{document}.xml.gz"), MAX_STORED_BYTES);
            SourceFile { optional: true, ..file }
        };
        Some(family.documents.iter().map(file).collect())
    },
    parse,
};

impl Family {
    fn namespaces(&self) -> impl Iterator<Item = String> {
        self.releases.iter().map(|release| match *release {
            "" => self.namespace.to_owned(),
            release => format!("{}:{release}", self.namespace),
        })
    }
}

/// Reads a document into every namespace that is wanted, keyed by package: one row a CVE and set of
/// architectures. Nothing is read where the harvest has a document of the family already. A package whose
/// test is missing or has no version is dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with byte and element, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    if !harvest.claim(CLAIM) {
        return Ok(());
    }
    let address = input.address;
    let document = address.rsplit('/').next().unwrap_or_default().trim_end_matches(".xml.gz");
    let mut reading = Reading {
        record: format!("{TITLE} {document}"),
        wanted: harvest.namespaces().map(str::to_owned).collect(),
        products: HashMap::new(),
        scopes: Scopes::default(),
    };
    let body = unpacked(input, MAX_DOCUMENT_BYTES)?;
    let stamp =
        oval::read(address, body, Limits::USUAL, |definition| reading.take(&definition, harvest))?;
    harvest.stamp(&stamp);
    Ok(())
}

struct Reading {
    record: String,
    wanted: Vec<String>,
    /// Of each comment seen, the wanted namespace that it names.
    products: HashMap<String, Option<usize>>,
    scopes: Scopes,
}

/// What a leaf says of a package.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Said<'a> {
    NotAffected,
    Affected,
    Fixed(&'a str),
}

/// What is said of packages, by namespace and name.
type Sayings<'a> = Greatest<(usize, &'a str), &'a str, Said<'a>>;

impl Reading {
    fn take(
        &mut self,
        definition: &Definition<'_>,
        harvest: &mut Harvest,
    ) -> Result<(), FeedError> {
        let Some(id) = id(definition) else {
            self.wanted.iter().for_each(|namespace| harvest.drop_record(namespace));
            return Ok(());
        };
        let mut sayings = Sayings::new();
        each_package(&definition.criteria, &is_package, &mut |beside, leaf| {
            for namespace in self.namespaces(beside) {
                if said(&mut sayings, namespace, leaf).is_none() {
                    harvest.drop_record(&self.wanted[namespace]);
                }
            }
            Ok::<(), FeedError>(())
        })?;
        let model = self.model(id, definition);
        let mut sharing = Sharing::new(&mut self.scopes);
        for ((namespace, package), arches, said) in that_count(sayings) {
            let row = advisory(&model, said, &arches);
            harvest.push(&self.wanted[namespace], package, sharing.lean(row))?;
        }
        Ok(())
    }

    /// Finds the wanted namespaces of the products that stand beside a package, sorted.
    fn namespaces(&mut self, beside: &Beside<'_, '_>) -> Vec<usize> {
        let mut found: Vec<usize> =
            beside.iter().flatten().filter_map(|leaf| self.namespace(leaf.comment)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn namespace(&mut self, comment: &str) -> Option<usize> {
        if let Some(known) = self.products.get(comment) {
            return *known;
        }
        let namespace = comment.strip_suffix(" is installed").and_then(suse_namespace);
        let index = namespace.and_then(|name| self.wanted.iter().position(|known| *known == name));
        self.products.insert(comment.to_owned(), index);
        index
    }

    /// Makes what all rows of a definition have alike.
    fn model(&self, id: &str, definition: &Definition<'_>) -> Advisory {
        let is_notice = |id: &&str| id.starts_with("SUSE-SU-") || id.starts_with("openSUSE-SU-");
        let mut notices: Vec<&str> =
            definition.references.iter().map(|found| found.id).filter(is_notice).collect();
        notices.sort_unstable();
        notices.dedup();
        let oldest = notices.len().saturating_sub(MAX_NOTICES);
        Advisory {
            id: id.to_owned(),
            aliases: notices[oldest..].iter().map(|notice| (*notice).to_owned()).collect(),
            severity: Severity::from_word(definition.severity),
            cvss: ratings(definition),
            record: self.record.clone(),
            urls: vec![format!("https://www.suse.com/security/cve/{id}.html")],
            ..Advisory::default()
        }
    }
}

/// A definition is named by its CVE, in the title or among the references (`Mitre CVE-1999-0077`).
fn id<'a>(definition: &Definition<'a>) -> Option<&'a str> {
    let references = definition.references.iter().filter(|reference| reference.source == "CVE");
    let texts = std::iter::once(definition.title).chain(references.map(|reference| reference.id));
    texts.filter_map(|text| text.split_whitespace().next_back()).find(|id| id.starts_with("CVE-"))
}

/// Takes what a leaf says; `None` when its test is missing or has no version.
fn said<'a>(sayings: &mut Sayings<'a>, namespace: usize, leaf: &Leaf<'a>) -> Option<()> {
    let (name, said) = match statement(leaf)? {
        (name, Said::Fixed(version)) => (name, Said::Fixed(evr(version)?)),
        other => other,
    };
    let of_state = leaf.test.and_then(|test| test.arch);
    let arches = of_state.and_then(|arch| arches(arch.value)).unwrap_or_default();
    let mut arches: Vec<Option<&str>> = arches.into_iter().map(Some).collect();
    if arches.is_empty() {
        arches.push(None);
    }
    for arch in arches {
        sayings.put((namespace, name), arch, said, |new, old| match (new, old) {
            (Said::Fixed(new), Said::Fixed(old)) => is_greater(new, old),
            _ => new.rank() > old.rank(),
        });
    }
    Some(())
}

impl Said<'_> {
    fn rank(self) -> u8 {
        match self {
            Self::NotAffected => 0,
            Self::Affected => 1,
            Self::Fixed(_) => 2,
        }
    }
}

/// Of several things said of a package, on whatever architectures, leaves those out that a fix, or
/// being affected, makes void: products of one service pack may differ. What is of one state stands
/// together.
fn that_count(sayings: Sayings<'_>) -> Vec<((usize, &str), Vec<&str>, Said<'_>)> {
    let mut groups: Vec<_> = sayings.into_groups().collect();
    let mut greatest: BTreeMap<(usize, &str), u8> = BTreeMap::new();
    for (key, _, said) in &groups {
        let rank = greatest.entry(*key).or_default();
        *rank = said.rank().max(*rank);
    }
    groups.retain(|(key, _, said)| greatest.get(key) == Some(&said.rank()));
    groups.sort_by_key(|(_, _, said)| said.rank());
    groups
}

fn advisory(model: &Advisory, said: Said<'_>, arches: &[&str]) -> Advisory {
    let (state, affected, fixed) = match said {
        Said::Fixed(version) => (State::Fixed, Affected::below(version), Some(version)),
        Said::Affected => (State::Affected, Affected::all(), None),
        Said::NotAffected => (State::NotAffected, Affected::all(), None),
    };
    let arches = arches.iter().map(|arch| (*arch).to_owned()).collect();
    let aliases = match state {
        State::NotAffected => Vec::new(),
        _ => model.aliases.clone(),
    };
    Advisory {
        state,
        scope: Scope { key: Key::Binary, arches, ..Scope::default() },
        affected,
        fixed_versions: fixed.into_iter().map(str::to_owned).collect(),
        aliases,
        ..model.clone()
    }
}

/// Reads the ratings, those of SUSE first: `CVE-2015-20107 at SUSE`, `… at NVD`.
fn ratings(definition: &Definition<'_>) -> Vec<Cvss> {
    let mut found: Vec<Cvss> = Vec::new();
    for cve in &definition.cves {
        let source = if cve.text.ends_with(" at NVD") { "nvd" } else { "suse" };
        for (text, usual) in [(cve.cvss4, "4.0"), (cve.cvss3, "3.0"), (cve.cvss2, "2.0")] {
            let Some((score, vector)) = text.split_once('/') else { continue };
            let stated = vector.strip_prefix("CVSS:").and_then(|rest| rest.split('/').next());
            let version = stated.unwrap_or(usual);
            found.extend(rating(source, version, vector, score.parse().ok()));
        }
    }
    found.sort_by_key(|rating| rating.source == "nvd");
    found.dedup();
    found.truncate(crate::rating::MAX_RATINGS);
    found
}

/// A leaf that says something of a package, or would if its test were not missing: a package stands
/// there without blanks (`tar-1.34-2.2 is installed`), a product with them.
fn is_package(leaf: &Leaf<'_>) -> bool {
    let lost = |leaf: &Leaf<'_>| {
        let name = leaf.comment.strip_suffix(" is installed").unwrap_or(" ");
        leaf.test.is_none() && !name.contains(' ')
    };
    statement(leaf).is_some() || lost(leaf)
}

/// Makes out of which package a leaf says what.
fn statement<'a>(leaf: &Leaf<'a>) -> Option<(&'a str, Said<'a>)> {
    for (words, said) in [(" is not affected", Said::NotAffected), (" is affected", Said::Affected)]
    {
        if let Some(name) = leaf.comment.strip_suffix(words) {
            return Some((leaf.test.map_or(name, |test| test.name), said));
        }
    }
    let test = leaf.test?;
    let evr = test.evr.filter(|evr| evr.operation == Operation::Less)?;
    Some((test.name, Said::Fixed(evr.value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_follow_from_the_namespace() {
        let files = |namespace: &str| -> Vec<String> {
            let files = (SUSE.files)(namespace).unwrap_or_default();
            let name = |file: SourceFile| file.address.trim_start_matches(FOLDER).to_owned();
            files.into_iter().map(name).collect()
        };
        assert_eq!(
            files("suse:15.6"),
            ["suse.linux.enterprise.15-affected.xml.gz", "suse.linux.enterprise.server.15.xml.gz"]
        );
        assert_eq!(files("suse:11.4"), ["suse.linux.enterprise.server.11.xml.gz"]);
        assert_eq!(files("suse-micro:6.1")[0], "suse.linux.micro.6-affected.xml.gz");
        assert_eq!(
            files("opensuse-leap:15.6"),
            ["opensuse.leap.15.6-affected.xml.gz", "opensuse.leap.15.6.xml.gz"]
        );
        assert_eq!(files("opensuse-tumbleweed")[1], "opensuse.tumbleweed.xml.gz");
        for none in ["suse", "suse:", "suse:15.60", "opensuse-tumbleweed:1", "redhat:9"] {
            assert!(files(none).is_empty(), "{none}");
        }
    }
}
