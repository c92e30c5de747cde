//! The members of a Java archive that are worth a look.

use super::fingerprint::Traces;
use super::pom::coordinates;
use super::{is_archive, is_shared};
use crate::zip::{Archive, Limits, Member, Trouble};

/// The most `pom.properties` of one archive.
pub(super) const MAX_POMS: usize = 5_000;

/// The members that are worth a look, each in the order of the directory.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) manifest: Option<Member>,
    pub(super) poms: Vec<Member>,
    pub(super) pom_xmls: Vec<Member>,
    pub(super) nested: Vec<Member>,
    /// What its classes tell.
    pub(super) traces: Traces,
    /// The number of files.
    pub(super) files: usize,
    /// The directory was read to its end.
    pub(super) is_whole: bool,
}

impl Contents {
    /// Goes through the directory of an archive; what stands before a trouble is kept.
    pub(super) fn list(&mut self, zip: &Archive<'_>, left: &mut Limits) -> Result<(), Trouble> {
        let listed = zip.list(left, |name, member| self.add(name, member));
        self.is_whole = listed.is_ok();
        if matches!(listed, Err(Trouble::Overlap)) {
            self.nested.clear();
        }
        listed
    }

    /// Returns whether the archive is one of Java: it has a manifest, classes, or archives of Java.
    pub(super) fn is_java(&self) -> bool {
        self.has_something_of_its_own() || self.nested.iter().any(|inner| !is_shared(&inner.name))
    }

    /// Returns whether there is nothing to it but the archives that it holds.
    pub(super) fn is_shell(&self) -> bool {
        !self.nested.is_empty() && !self.has_something_of_its_own()
    }

    fn has_something_of_its_own(&self) -> bool {
        self.manifest.is_some() || self.traces.classes > 0
    }

    fn add(&mut self, name: &str, member: &dyn Fn() -> Member) -> Result<(), Trouble> {
        self.files += 1;
        self.traces.add(name, member);
        if name.eq_ignore_ascii_case("META-INF/MANIFEST.MF") {
            self.manifest.get_or_insert_with(member);
        } else if is_archive(name) {
            self.nested.push(member());
        } else if name.contains("META-INF/maven/") {
            if self.poms.len() >= MAX_POMS || self.pom_xmls.len() >= MAX_POMS {
                return Err(Trouble::Limit(format!("more than {MAX_POMS} bundled libraries")));
            }
            if name.ends_with("/pom.properties") {
                self.poms.push(member());
            }
            if coordinates(name, "pom.xml").is_some() {
                self.pom_xmls.push(member());
            }
        }
        Ok(())
    }
}
