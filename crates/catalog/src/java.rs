//! Java archives: what they are, and the archives inside them.
//!
//! An archive is a ZIP file (the JAR file specification,
//! <https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html>); the rules by which it is
//! named are in `identity`. Nested archives are read in memory; one that is stored without
//! compression is not even copied.

use std::borrow::Cow;

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem, Want};

use crate::catalogue::INSIDE;
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::zip::{Archive, Limits, Member, Trouble};

mod archive;
mod identity;
mod manifest;

use archive::Contents;
use identity::{Clues, Identity, Pom, identify};
use manifest::Manifest;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "java",
    version: 1,
    wants: &[
        Want::Suffix(".jar"),
        Want::Suffix(".war"),
        Want::Suffix(".ear"),
        Want::Suffix(".par"),
        Want::Suffix(".sar"),
        Want::Suffix(".nar"),
        Want::Suffix(".kar"),
        Want::Suffix(".jpi"),
        Want::Suffix(".hpi"),
    ],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

/// How deep archives may lie in each other; the outermost is at depth 1.
const MAX_JAR_DEPTH: usize = 8;
/// The most archives in one archive, at any depth.
const MAX_NESTED_JARS: usize = 10_000;
/// The most bytes of one manifest or `pom.properties`.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// Names of Java archives end so.
const EXTENSIONS: &[&str] = &["jar", "war", "ear", "par", "sar", "nar", "kar", "jpi", "hpi"];
/// Other formats use these names too: a file that is no ZIP is none of ours.
const SHARED_EXTENSIONS: &[&str] = &["par", "sar", "nar", "kar"];
/// Archives named so hold no program: sources, documentation, tests.
const CODELESS: &[&str] = &["-sources", "-javadoc", "-tests", "-test-sources"];

/// Reads one archive.
pub(crate) fn read(input: &FileInput<'_>) -> FileYield {
    read_jar(file_name(input.path), input.body)
}

/// Reads an archive by its file name and bytes: its own package, those it bundles, and those of the
/// archives inside it, in the order met.
///
/// Evidence paths are empty for the archive itself, else inner paths, parted by ` > `. Each archive
/// yields at most one package whose evidence is the archive; what it bundles has the file that tells
/// so as evidence. An archive that nothing identifies is a problem with the gap
/// [`GapKind::Unidentified`].
pub fn read_jar(file_name: &str, body: &[u8]) -> FileYield {
    let mut walk = Walk { left: Limits::new(), jars: MAX_NESTED_JARS, found: FileYield::default() };
    walk.archive(&Place { path: String::new(), file_name, depth: 1 }, body);
    walk.found.problems.sort();
    walk.found.problems.dedup();
    walk.found
}

/// The walk through one outermost archive.
struct Walk {
    left: Limits,
    /// Archives that may still be opened.
    jars: usize,
    found: FileYield,
}

/// Where an archive lies: its path in the outermost one, its file name, its depth.
struct Place<'a> {
    path: String,
    file_name: &'a str,
    depth: usize,
}

impl Walk {
    fn archive(&mut self, place: &Place<'_>, body: &[u8]) {
        let archive = match Archive::open(body) {
            Ok(archive) => archive,
            Err(trouble) => {
                let extension = extension(place.file_name);
                if body.starts_with(b"PK") || !SHARED_EXTENSIONS.contains(&extension.as_str()) {
                    self.trouble(&place.path, &trouble);
                }
                return;
            }
        };
        let mut contents = Contents::default();
        if let Err(trouble) = contents.list(&archive, &mut self.left) {
            self.trouble(&place.path, &trouble);
        }
        self.identify(place, &archive, &contents);
        for member in &contents.nested {
            let path = join(&place.path, &member.name);
            if let Err(trouble) = self.nested(place, &archive, member, &path) {
                self.trouble(&path, &trouble);
            }
        }
    }

    fn nested(
        &mut self,
        outer: &Place<'_>,
        archive: &Archive<'_>,
        member: &Member,
        path: &str,
    ) -> Result<(), Trouble> {
        if outer.depth >= MAX_JAR_DEPTH {
            let detail = format!("more than {MAX_JAR_DEPTH} archives in each other");
            return Err(Trouble::Limit(detail));
        }
        if self.jars == 0 {
            return Err(Trouble::Limit(format!("more than {MAX_NESTED_JARS} archives inside")));
        }
        self.jars -= 1;
        let body = archive.read(member, &mut self.left)?;
        let held_bytes = if matches!(body, Cow::Owned(_)) { body.len() as u64 } else { 0 };
        self.left.held_bytes -= held_bytes;
        let file_name = file_name(&member.name);
        self.archive(&Place { path: path.to_owned(), file_name, depth: outer.depth + 1 }, &body);
        self.left.held_bytes += held_bytes;
        Ok(())
    }

    /// Adds the package of an archive and those that it bundles.
    fn identify(&mut self, place: &Place<'_>, archive: &Archive<'_>, contents: &Contents) {
        let (stem, _) = place.file_name.rsplit_once('.').unwrap_or((place.file_name, ""));
        if CODELESS.iter().any(|end| stem.ends_with(end)) {
            return;
        }
        let mut clues = Clues { stem, is_plugin: is_plugin(place.file_name), ..Clues::default() };
        if let Some(text) = contents.manifest.as_ref().and_then(|m| self.text(place, archive, m)) {
            clues.manifest = Manifest::parse(&text);
        }
        for member in &contents.poms {
            if let Some(text) = self.text(place, archive, member) {
                clues.poms.extend(Pom::parse(&member.name, &text));
            }
        }
        clues.pom_xmls.clone_from(&contents.pom_xmls);
        let identity = identify(&clues);
        if let Some(main) = &identity.main {
            self.found.packages.push(package(main, &place.path));
        } else if identity.bundled.is_empty() && contents.nested.is_empty() {
            let detail = "nothing in the archive tells what it is";
            self.problem(&place.path, detail.to_owned(), GapKind::Unidentified);
        }
        for (pom, path) in &identity.bundled {
            self.found.packages.push(package(pom, &join(&place.path, path)));
        }
    }

    fn text(
        &mut self,
        place: &Place<'_>,
        archive: &Archive<'_>,
        member: &Member,
    ) -> Option<String> {
        match archive.read_small(member, MAX_MANIFEST_BYTES, &mut self.left) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(trouble) => {
                self.trouble(&join(&place.path, &member.name), &trouble);
                None
            }
        }
    }

    fn trouble(&mut self, path: &str, trouble: &Trouble) {
        match trouble {
            Trouble::Broken(detail) => self.problem(path, detail.clone(), GapKind::Unreadable),
            // A limit is met again and again by what follows; one line for the whole archive tells it.
            Trouble::Limit(detail) => self.problem("", detail.clone(), GapKind::Limit),
        }
    }

    fn problem(&mut self, path: &str, detail: String, gap: GapKind) {
        let problem = Problem { path: path.to_owned(), layer: None, detail, gap: Some(gap) };
        let problems = &mut self.found.problems;
        if problems.len() < crate::database::MAX_PROBLEMS && problems.last() != Some(&problem) {
            problems.push(problem);
        }
    }
}

fn package(identity: &Identity, path: &str) -> Package {
    let name = match identity.group.as_str() {
        "" => identity.artifact.clone(),
        group => format!("{group}:{}", identity.artifact),
    };
    Package {
        name,
        version: identity.version.clone(),
        kind: "maven".to_owned(),
        licenses: identity.licenses.clone(),
        confidence: Some(identity.confidence),
        evidence: vec![Evidence { path: path.to_owned(), ..Evidence::default() }],
        ..Package::default()
    }
}

/// Returns whether the name of an entry is that of a Java archive.
fn is_archive(name: &str) -> bool {
    EXTENSIONS.contains(&extension(name).as_str())
}

/// Plugins of Jenkins.
fn is_plugin(name: &str) -> bool {
    matches!(extension(name).as_str(), "jpi" | "hpi")
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn join(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}{INSIDE}{inner}") }
}

#[cfg(test)]
mod tests;
