//! The members of a Java archive that are worth a look.

use super::is_archive;
use crate::zip::{Archive, Limits, Member, Trouble};

/// The most `pom.properties` of one archive.
pub(super) const MAX_POMS: usize = 5_000;

/// The members that are worth a look, each in the order of the directory.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) manifest: Option<Member>,
    pub(super) poms: Vec<Member>,
    /// Group and artifact of each `META-INF/maven/GROUP/ARTIFACT/pom.xml`.
    pub(super) pom_xmls: Vec<(String, String)>,
    pub(super) nested: Vec<Member>,
}

impl Contents {
    /// Goes through the directory of an archive; what stands before a trouble is kept.
    pub(super) fn list(&mut self, zip: &Archive<'_>, left: &mut Limits) -> Result<(), Trouble> {
        zip.list(left, |name, member| self.add(name, member))
    }

    fn add(&mut self, name: &str, member: &dyn Fn() -> Member) -> Result<(), Trouble> {
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
            self.pom_xmls.extend(coordinates(name, "pom.xml"));
        }
        Ok(())
    }
}

/// Returns group and artifact of `META-INF/maven/com.example/demo/pom.xml`.
pub(super) fn coordinates(path: &str, file: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = path.strip_prefix("META-INF/maven/")?.split('/').collect();
    match parts[..] {
        [group, artifact, last] if last == file && !group.is_empty() && !artifact.is_empty() => {
            Some((group.to_owned(), artifact.to_owned()))
        }
        _ => None,
    }
}
