//! The advisories of RPM repositories: `updateinfo.xml`, whoever writes it.
//!
//! ```xml
//! <updates><update type="security" status="final"><id>ALAS2-2018-939</id>
//!   <title>…</title><issued date="2018-01-11 21:05"/><severity>critical</severity>
//!   <references><reference id="CVE-2017-5754" type="cve" href="…" title=""/></references>
//!   <pkglist><collection short="amazon-linux-2"><module name="php" stream="7.2"/>
//!     <package arch="x86_64" epoch="0" name="kernel" version="4.14.11" release="1.amzn2"/>
//! ```
//!
//! The file is read as a stream, one update after the other. Every update is given, those that mend
//! no weakness too.
//! Source: <https://rpm-software-management.github.io/createrepo_c/c/group__updateinfo.html>.

use std::collections::BTreeMap;

use plimsoll_model::{Advisory, Affected, Key, Scheme, Scope, Severity, State};

use crate::error::FeedError;
use crate::feed::{Harvest, Input, Row};
use crate::packed::unpacked;
use crate::text::{cut, cves_in};
use crate::xml::{Document, Node, take};

/// Most bytes of the file as it is stored.
pub const MAX_PACKED_BYTES: u64 = 256 << 20;
/// Most bytes of the file unpacked; that of Amazon Linux 2 has some 100 MB.
pub const MAX_UNPACKED_BYTES: u64 = 2 << 30;
/// Most packages of one update.
pub const MAX_PACKAGES: usize = 20_000;
/// Most references of one update.
pub const MAX_REFERENCES: usize = 5_000;
/// Longest name, version or id that is kept, in bytes; what is longer is no such thing.
const MAX_WORD_BYTES: usize = 256;
/// Longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 200;

/// One update.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Update {
    /// `ALAS2-2018-939`.
    pub id: String,
    /// `security`, `bugfix`, `enhancement`.
    pub kind: String,
    /// One line.
    pub title: String,
    /// The word of the vendor: `Important`.
    pub severity: String,
    /// When it was issued, as written: `2018-01-11 21:05`.
    pub issued: String,
    /// When it was changed last, as written.
    pub updated: String,
    /// The CVEs that it mends, in their order, none twice.
    pub cves: Vec<String>,
    /// The packages that mend them.
    pub packages: Vec<UpdatePackage>,
    /// Packages that lack a name or a version.
    pub dropped: u64,
}

/// One package of an update.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct UpdatePackage {
    /// Its name.
    pub name: String,
    /// `[epoch:]version-release`, without an epoch of 0.
    pub version: String,
    /// `x86_64`, `noarch`, `src`.
    pub arch: String,
    /// The module stream that it belongs to: `php:7.2`.
    pub module: Option<String>,
}

/// Reads all updates in their order.
///
/// # Errors
/// [`FeedError::Malformed`] with the byte, [`FeedError::Limit`], and what `each` gives.
pub fn read(
    input: Input<'_>,
    mut each: impl FnMut(Update) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut document = Document::new(address, unpacked(input, MAX_UNPACKED_BYTES)?);
    let mut update = Update::default();
    let mut module = None;
    while let Some(node) = document.next()? {
        match node {
            Node::Start(name, _) if document.depth() == 1 && name != "updates" => {
                return Err(document.fault("it does not begin with `updates`"));
            }
            Node::Start(name, attributes) => start(&name, attributes, &mut update, &mut module),
            Node::End(name, text) => match (name.as_str(), document.depth()) {
                ("update", 1) => {
                    each(std::mem::take(&mut update))?;
                    module = None;
                }
                ("collection", _) => module = None,
                (name, 2) => end(name, text, &mut update),
                _ => {}
            },
        }
        let over = |what, limit: usize| FeedError::Limit {
            address: address.to_owned(),
            what,
            limit: limit as u64,
        };
        if update.packages.len() > MAX_PACKAGES {
            return Err(over("packages in one update", MAX_PACKAGES));
        }
        if update.cves.len() > MAX_REFERENCES {
            return Err(over("references in one update", MAX_REFERENCES));
        }
    }
    Ok(())
}

/// Takes what stands in the attributes of an element.
fn start(
    name: &str,
    mut attributes: Vec<(String, String)>,
    update: &mut Update,
    module: &mut Option<String>,
) {
    let mut word = |name: &str| {
        take(&mut attributes, name).filter(|word| word.len() <= MAX_WORD_BYTES).unwrap_or_default()
    };
    match name {
        "update" => update.kind = word("type"),
        "issued" => update.issued = word("date"),
        "updated" => update.updated = word("date"),
        "module" => {
            let (name, stream) = (word("name"), word("stream"));
            *module = (!name.is_empty() && !stream.is_empty()).then(|| format!("{name}:{stream}"));
        }
        // Red Hat's way of rebuilds: the CVE is the id. Others name it in the title of a bug.
        "reference" => {
            let is_cve = word("type").eq_ignore_ascii_case("cve");
            let (id, title) = (word("id"), word("title"));
            for cve in cves_in(if is_cve || id.starts_with("CVE-") { &id } else { &title }) {
                if !update.cves.contains(&cve) {
                    update.cves.push(cve);
                }
            }
        }
        "package" => {
            let (name, arch) = (word("name"), word("arch"));
            match evr(&word("epoch"), &word("version"), &word("release")) {
                Some(version) if !name.is_empty() => {
                    let module = module.clone();
                    update.packages.push(UpdatePackage { name, version, arch, module });
                }
                _ => update.dropped += 1,
            }
        }
        _ => {}
    }
}

/// Takes the text of an element right below `update`.
fn end(name: &str, text: String, update: &mut Update) {
    match name {
        "id" => update.id = text,
        "title" => update.title = cut(&text, MAX_TITLE_CHARS),
        "severity" => update.severity = text,
        _ => {}
    }
}

/// Joins the parts of a version; `None` when one is missing.
pub(crate) fn evr(epoch: &str, version: &str, release: &str) -> Option<String> {
    if version.is_empty() || release.is_empty() {
        return None;
    }
    let version = match epoch {
        "" | "0" | "(none)" => format!("{version}-{release}"),
        epoch => format!("{epoch}:{version}-{release}"),
    };
    Scheme::Rpm.is_valid(&version).then_some(version)
}

/// What turns an update into rows.
pub(crate) struct Vendor<'a> {
    /// The namespace of the rows.
    pub(crate) namespace: &'a str,
    /// Stands before the id of the update in the record: `Amazon Linux 2`.
    pub(crate) title: &'a str,
    /// The address where people read it, made of the id of the update; empty where there is none.
    pub(crate) page: &'a dyn Fn(&str) -> String,
    /// The versions that an update mends with this fixed version.
    pub(crate) affected: fn(&Update, &str) -> Affected,
}

impl Update {
    /// Gives the rows of a security update, keyed by the names of its packages: one a CVE, package,
    /// module and version, with the architectures that have it. An update without a CVE stands for
    /// itself. Sources are left out: nobody installs them.
    ///
    /// # Errors
    /// As [`Harvest::push`].
    pub(crate) fn harvest(
        mut self,
        vendor: &Vendor<'_>,
        harvest: &mut Harvest,
    ) -> Result<(), FeedError> {
        for _ in 0..self.dropped {
            harvest.drop_record(vendor.namespace);
        }
        let mut arches: BTreeMap<(String, Option<String>, String), Vec<String>> = BTreeMap::new();
        for package in std::mem::take(&mut self.packages) {
            if matches!(package.arch.as_str(), "src" | "nosrc") {
                continue;
            }
            let UpdatePackage { name, version, arch, module } = package;
            arches.entry((name, module, version)).or_default().push(arch);
        }
        let ids = if self.cves.is_empty() { vec![self.id.clone()] } else { self.cves.clone() };
        for ((name, module, version), mut arches) in arches {
            arches.retain(|arch| !arch.is_empty());
            arches.sort();
            arches.dedup();
            let scope = Scope { key: Key::Binary, arches, module, products: Vec::new() };
            for id in &ids {
                let advisory = self.advisory(vendor, id, scope.clone(), &version);
                harvest.push(vendor.namespace, &name, Row::Advisory(Box::new(advisory)))?;
            }
        }
        Ok(())
    }

    fn advisory(&self, vendor: &Vendor<'_>, id: &str, scope: Scope, version: &str) -> Advisory {
        let url = Some((vendor.page)(&self.id)).filter(|url| !url.is_empty());
        Advisory {
            class: plimsoll_model::Class::Weakness,
            id: id.to_owned(),
            aliases: Some(self.id.clone()).filter(|own| own != id).into_iter().collect(),
            state: State::Fixed,
            scope,
            affected: (vendor.affected)(self, version),
            fixed_versions: vec![version.to_owned()],
            severity: Severity::from_word(&self.severity)
                .filter(|known| *known != Severity::Unknown),
            cvss: Vec::new(),
            record: format!("{} {}", vendor.title, self.id),
            note: None,
            title: Some(self.title.clone()).filter(|title| !title.is_empty()),
            urls: url.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn updates(text: &str) -> Result<Vec<Update>, FeedError> {
        let mut found = Vec::new();
        let mut body = text.as_bytes();
        read(Input { address: "updateinfo.xml", body: &mut body }, |update| {
            found.push(update);
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn modules_hold_for_their_collection_alone() {
        let package = r#"<package name="php" epoch="0" version="7" release="1" arch="x86_64"/>"#;
        let found = updates(&format!(
            r#"<updates><update type="security"><id>U-1</id><pkglist>
            <collection><name>x</name><module name="php" stream="7.2" version="1"/>{package}</collection>
            <collection>{package}</collection></pkglist></update><update><id>U-2</id></update></updates>"#
        ))
        .unwrap();
        let modules: Vec<_> = found[0].packages.iter().map(|p| p.module.as_deref()).collect();
        assert_eq!(modules, [Some("php:7.2"), None]);
        assert_eq!((found[0].packages[0].version.as_str(), found.len()), ("7-1", 2));
        assert_eq!(found[1], Update { id: "U-2".to_owned(), ..Update::default() });
    }

    #[test]
    fn cves_are_taken_from_ids_and_from_titles_of_bugs() {
        let found = updates(
            r#"<updates><update><references>
            <reference type="cve" id="CVE-2020-0001" title="CVE-2020-9999"/>
            <reference type="bugzilla" id="1" title="CVE-2020-0002 CVE-2020-0001 x: y [fedora-all]"/>
            <reference type="self" id="RLSA-2023:3820" title="RLSA-2023:3820"/>
            <reference type="redhat" id="CVE-2020-0003"/></references></update></updates>"#,
        )
        .unwrap();
        assert_eq!(found[0].cves, ["CVE-2020-0001", "CVE-2020-0002", "CVE-2020-0003"]);
    }

    #[test]
    fn packages_without_a_version_are_counted() {
        let found = updates(
            r#"<updates><update><pkglist><package name="a" version="1"/><package version="1" release="2"/>
            <package name="b" epoch="3" version="1" release="2"/></pkglist></update></updates>"#,
        )
        .unwrap();
        assert_eq!((found[0].dropped, found[0].packages.len()), (2, 1));
        assert_eq!(found[0].packages[0].version, "3:1-2");
    }

    #[test]
    fn an_update_is_limited() {
        let many = |text: &str, count: usize| {
            let error = updates(&format!("<updates><update>{}", text.repeat(count))).unwrap_err();
            assert!(
                matches!(error, FeedError::Limit { limit, .. } if limit < count as u64),
                "{error}"
            );
        };
        many(r#"<package name="a" version="1" release="2"/>"#, MAX_PACKAGES + 1);
        let references: Vec<String> =
            (0..=MAX_REFERENCES).map(|n| format!("<reference id='CVE-2020-{n:05}'/>")).collect();
        let error = updates(&format!("<updates><update>{}", references.concat())).unwrap_err();
        assert!(matches!(error, FeedError::Limit { limit: 5_000, .. }), "{error}");
        assert!(updates("<html></html>").unwrap_err().to_string().contains("begin with `updates`"));
    }
}
