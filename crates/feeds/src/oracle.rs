//! Oracle Linux: one OVAL document for all releases.
//!
//! ```xml
//! <definition id="oval:com.oracle.elsa:def:20219151" class="patch"><metadata>
//!   <title> ELSA-2021-9151: openssl security update (IMPORTANT) </title>
//!   <reference source="elsa" ref_id="ELSA-2021-9151"/><reference source="CVE" ref_id="CVE-2021-3449"/>
//!   <advisory><severity>IMPORTANT</severity>
//!   <cve cvss3="5.9/CVSS:3.1/AV:N/…">CVE-2021-3449</cve></advisory></metadata>
//! <criteria operator="AND">            <!-- Oracle Linux 8 is installed -->
//!   <criteria operator="OR"><criteria operator="AND">    <!-- Oracle Linux arch is x86_64 -->
//!     <criteria operator="AND">        <!-- Module virt:ol is enabled -->
//!       <criteria operator="OR"><criteria operator="AND">
//!         <!-- openssl is earlier than 2:1.1.1g-15.ksplice1.el8_3; is signed with the key -->
//! ```
//!
//! The architecture is that of the machine: packages for 32 bits on one of 64 are meant too. A package
//! mended several times for one CVE needs the greatest version, among builds of its kind alone: those for
//! Ksplice and for FIPS have versions of their own. There is no word on what is not mended.
//! Source: <https://linux.oracle.com/security/>.

use plimsoll_model::distro::{DISTROS, Flavour};
use plimsoll_model::{Advisory, Affected, Cvss, Key, Scope, Severity, State};
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::osv::{Scopes, Sharing};
use crate::oval::{
    self, Beside, Definition, Greatest, Leaf, Limits, Operation, Text, Texts, arches, each_package,
    evr, is_greater,
};
use crate::packed::unpacked;
use crate::rating::rating;

/// Most bytes of the document as it is stored.
pub const MAX_STORED_BYTES: u64 = 256 << 20;
/// Most bytes of the document.
pub const MAX_DOCUMENT_BYTES: u64 = 4 << 30;
/// Most architectures, releases or modules that one package of a definition is for; more are left out.
pub const MAX_CHOICES: usize = 16;

const TITLE: &str = "Oracle Linux OVAL";
const ADDRESS: &str = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2";
const RELEASES: &[&str] = &["10", "5", "6", "7", "8", "9"];
/// The package whose version is the release.
const RELEASE_PACKAGE: &str = "oraclelinux-release";
/// Packages for 32 bits that run on machines of this kind.
const NARROW: &[(&str, &[&str])] = &[
    ("i386", &["i386", "i486", "i586", "i686"]),
    ("x86_64", &["i386", "i486", "i586", "i686", "x86_64"]),
];

/// Oracle Linux.
pub const ORACLE: Feed = Feed {
    id: "oracle",
    title: TITLE,
    licence: "",
    says: "fixed: `earlier than` a version; it has no words for not affected and for no fix",
    rows: RowKind::Advisories,
    max_age_hours: 72,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| RELEASES.iter().map(|release| format!("oracle:{release}")).collect(),
    files: |namespace| {
        let release = namespace.strip_prefix("oracle:")?;
        RELEASES
            .contains(&release)
            .then(|| vec![SourceFile::new(ADDRESS.to_owned(), MAX_STORED_BYTES)])
    },
    parse,
};

/// Reads the document into every `oracle:` namespace that is wanted, keyed by package: a row for each CVE,
/// module, kind of build and set of architectures, or for the notice where it names no CVE. A definition
/// for no release that can be told, and a package whose test is missing, are dropped and counted.
///
/// # Errors
/// [`FeedError::Malformed`] with byte and element, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let wanted: Vec<String> = harvest.namespaces().map(str::to_owned).collect();
    let mut reading = Reading {
        wanted: &wanted,
        flavours: DISTROS.iter().find(|row| row.namespace == "oracle").map_or(&[], |r| r.flavours),
        texts: Texts::default(),
        notices: Vec::new(),
        fixes: Greatest::new(),
    };
    let body = unpacked(input, MAX_DOCUMENT_BYTES)?;
    let stamp = oval::read(address, body, Limits::USUAL, |definition| {
        reading.take(&definition, harvest);
        Ok(())
    })?;
    reading.give(harvest)?;
    harvest.stamp(&stamp);
    Ok(())
}

/// One ELSA.
struct Notice {
    id: String,
    title: Option<String>,
    severity: Option<Severity>,
    /// The CVEs, or the notice itself where it names none, with their ratings.
    issues: Vec<(String, Vec<Cvss>)>,
}

/// Namespace, package, CVE, module, kind of build.
type Subject = [Text; 5];

/// The version that mends, the notice that brought it, and the CVE in it.
#[derive(Clone, Copy, PartialEq)]
struct Fix {
    version: Text,
    notice: usize,
    issue: usize,
}

struct Reading<'w> {
    wanted: &'w [String],
    flavours: &'static [Flavour],
    texts: Texts,
    notices: Vec<Notice>,
    fixes: Greatest<Subject, Text, Fix>,
}

impl Reading<'_> {
    fn take(&mut self, definition: &Definition<'_>, harvest: &mut Harvest) {
        let Some(notice) = notice(definition) else { return self.lose(harvest) };
        self.notices.push(notice);
        let mut packages = 0;
        let result = each_package(&definition.criteria, &is_package, &mut |beside, leaf| {
            packages += 1;
            self.package(beside, leaf).ok_or(())
        });
        if result.is_err() || packages == 0 {
            self.lose(harvest);
        }
    }

    /// Counts a definition, or the rest of one, as dropped; of which release it is nobody knows.
    fn lose(&self, harvest: &mut Harvest) {
        self.wanted.iter().for_each(|namespace| harvest.drop_record(namespace));
    }

    /// Takes a package; `None` when it cannot be said for what.
    fn package(&mut self, beside: &Beside<'_, '_>, leaf: &Leaf<'_>) -> Option<()> {
        let test = leaf.test?;
        let version = evr(test.evr?.value)?;
        let release = choices(beside, release);
        let (arch, module) = (choices(beside, arch), choices(beside, module));
        let namespaces: Vec<String> = release.iter().map(|r| format!("oracle:{r}")).collect();
        if namespaces.is_empty() {
            return None;
        }
        let flavour = self.flavours.iter().find(|flavour| version.contains(flavour.mark));
        let flavour = self.texts.number(flavour.map_or("", |flavour| flavour.name));
        let module = self.texts.number(module.first().copied().unwrap_or_default());
        let (package, version) = (self.texts.number(test.name), self.texts.number(version));
        for namespace in namespaces.iter().filter(|name| self.wanted.contains(name)) {
            let namespace = self.texts.number(namespace);
            let notice = self.notices.len() - 1;
            for issue in 0..self.notices[notice].issues.len() {
                let id = self.texts.number(&self.notices[notice].issues[issue].0);
                let subject = [namespace, package, id, module, flavour];
                self.put(subject, &arch, Fix { version, notice, issue });
            }
        }
        Some(())
    }

    fn put(&mut self, subject: Subject, arches: &[&str], fix: Fix) {
        let mut arches: Vec<_> = arches.iter().map(|arch| Some(self.texts.number(arch))).collect();
        if arches.is_empty() {
            arches.push(None);
        }
        let texts = &self.texts;
        for arch in arches {
            self.fixes.put(subject, arch, fix, |new, old| {
                is_greater(texts.get(new.version), texts.get(old.version))
            });
        }
    }

    fn give(self, harvest: &mut Harvest) -> Result<(), FeedError> {
        let Self { texts, notices, fixes, .. } = self;
        let mut scopes = Scopes::default();
        let mut sharing = Sharing::new(&mut scopes);
        for (subject, arches, fix) in fixes.into_groups() {
            let [namespace, package, _, module, _] = subject.map(|text| texts.get(text));
            let arches: Vec<&str> = arches.into_iter().map(|arch| texts.get(arch)).collect();
            let notice = &notices[fix.notice];
            let row = advisory(notice, fix.issue, texts.get(fix.version), scope(module, &arches));
            harvest.push(namespace, package, sharing.lean(row))?;
        }
        Ok(())
    }
}

fn advisory(notice: &Notice, issue: usize, version: &str, scope: Scope) -> Advisory {
    let (id, cvss) = &notice.issues[issue];
    Advisory {
        id: id.clone(),
        aliases: Some(notice.id.clone()).filter(|alias| alias != id).into_iter().collect(),
        state: State::Fixed,
        scope,
        affected: Affected::below(version),
        fixed_versions: vec![version.to_owned()],
        severity: notice.severity,
        cvss: cvss.clone(),
        record: format!("{TITLE} {}", notice.id),
        title: notice.title.clone(),
        urls: vec![format!("https://linux.oracle.com/errata/{}.html", notice.id)],
        ..Advisory::default()
    }
}

fn scope(module: &str, arches: &[&str]) -> Scope {
    let mut all: Vec<String> = Vec::new();
    for arch in arches {
        match NARROW.iter().find(|(wide, _)| wide == arch) {
            Some((_, names)) => all.extend(names.iter().map(|name| (*name).to_owned())),
            None => all.push((*arch).to_owned()),
        }
    }
    all.sort_unstable();
    all.dedup();
    let module = Some(module.to_owned()).filter(|module| !module.is_empty());
    Scope { key: Key::Binary, arches: all, module, ..Scope::default() }
}

/// Makes out what a definition is; `None` when it has no name.
fn notice(definition: &Definition<'_>) -> Option<Notice> {
    let of = |source: &'static str| {
        let is = move |found: &&oval::Reference<'_>| found.source.eq_ignore_ascii_case(source);
        definition.references.iter().filter(is).map(|reference| reference.id)
    };
    let (first, rest) = definition.title.split_once(':').unwrap_or(("", definition.title));
    let id = of("elsa").chain([first]).find(|id| id.starts_with("ELSA-"))?;
    let mut names: Vec<&str> =
        of("CVE").chain(definition.cves.iter().map(|cve| cve.text)).collect();
    names.retain(|name| name.starts_with("CVE-"));
    names.sort_unstable();
    names.dedup();
    let rated =
        |name: &str| definition.cves.iter().filter(|cve| cve.text == name).collect::<Vec<_>>();
    let mut issues: Vec<(String, Vec<Cvss>)> = names
        .into_iter()
        .map(|name| (name.to_owned(), rated(name).into_iter().flat_map(ratings).collect()))
        .collect();
    if issues.is_empty() {
        issues.push((id.to_owned(), Vec::new()));
    }
    let title = match rest.rsplit_once('(') {
        Some((title, word)) if word.ends_with(')') => title,
        _ => rest,
    };
    let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
    let severity = Severity::from_word(definition.severity);
    Some(Notice { id: id.to_owned(), title, severity, issues })
}

/// Reads the ratings of a `cve` element: `7.8/CVSS:3.1/AV:L/…`, `7.8/AV:N/…`.
fn ratings(cve: &oval::Cve<'_>) -> Vec<Cvss> {
    let mut found = Vec::new();
    for (text, usual) in [(cve.cvss4, "4.0"), (cve.cvss3, "3.0"), (cve.cvss2, "2.0")] {
        let Some((score, vector)) = text.split_once('/') else { continue };
        let stated = vector.strip_prefix("CVSS:").and_then(|rest| rest.split('/').next());
        found.extend(rating("oracle", stated.unwrap_or(usual), vector, score.parse().ok()));
    }
    found
}

/// A leaf that asks for an older package. One whose test is missing is known by its words: it must be
/// counted.
fn is_package(leaf: &Leaf<'_>) -> bool {
    match leaf.test {
        Some(test) => test.evr.is_some_and(|evr| evr.operation == Operation::Less),
        None => leaf.comment.contains(" is earlier than "),
    }
}

/// Finds what the leaves beside a package say of one matter.
fn choices<'a>(
    beside: &Beside<'_, 'a>,
    read: fn(&Leaf<'a>) -> Option<Vec<&'a str>>,
) -> Vec<&'a str> {
    let mut found: Vec<&str> =
        beside.iter().flatten().filter_map(|leaf| read(leaf)).flatten().collect();
    found.truncate(MAX_CHOICES);
    found.sort_unstable();
    found.dedup();
    found
}

/// `^8` as the version of the release package, or `Oracle Linux 8 is installed`.
fn release<'a>(leaf: &Leaf<'a>) -> Option<Vec<&'a str>> {
    let release = match leaf.test {
        Some(test) if test.name == RELEASE_PACKAGE => test.version?.value.trim_start_matches('^'),
        Some(_) => return None,
        None => leaf.comment.strip_prefix("Oracle Linux ")?.strip_suffix(" is installed")?,
    };
    RELEASES.contains(&release).then(|| vec![release])
}

/// `x86_64` as the architecture of the release package, or `Oracle Linux arch is x86_64`.
fn arch<'a>(leaf: &Leaf<'a>) -> Option<Vec<&'a str>> {
    arches(match leaf.test {
        Some(test) if test.name == RELEASE_PACKAGE => test.arch?.value,
        Some(_) => return None,
        None => leaf.comment.strip_prefix("Oracle Linux arch is ")?,
    })
}

/// `Module virt:kvm_utils is enabled`; its test is on a file.
fn module<'a>(leaf: &Leaf<'a>) -> Option<Vec<&'a str>> {
    let module = leaf.comment.strip_prefix("Module ")?.strip_suffix(" is enabled")?;
    (leaf.test.is_none() && module.contains(':')).then(|| vec![module])
}
