//! The walk through one outermost archive: every archive in it, each digest once, under limits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use plimsoll_model::{
    Artifact, ArtifactKind, Confidence, Evidence, FileYield, GapKind, Package, Problem,
};
use sha1::{Digest, Sha1};

use super::archive::Contents;
use super::identity::{Clues, Identity, identify};
use super::manifest::Manifest;
use super::pom::{Pom, coordinates};
use super::{file_name, is_codeless, is_part_of_jdk, is_plugin, is_shared, join};
use crate::database::MAX_PROBLEMS;
use crate::zip::{Archive, Limits, Member, Trouble};

/// How deep archives may lie in each other: eight in the outermost, which is at depth 1.
pub(super) const MAX_JAR_DEPTH: usize = 9;
/// The most archives in one archive, at any depth.
pub(super) const MAX_NESTED_JARS: usize = 10_000;
/// An archive of so many entries is told of, though it is read.
pub(super) const MANY_ENTRIES: usize = 100_000;
/// The most packages of one archive and all inside it.
pub(super) const MAX_JAR_PACKAGES: usize = 100_000;
/// The most bytes of one manifest, `pom.properties`, `pom.xml` or class.
pub(super) const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// The most `pom.xml` files that are read though a `pom.properties` stands beside: for the licence.
const MAX_POM_XMLS_BESIDE: usize = 4;
/// An archive is an artifact itself if so many percent of its classes belong to that.
const WHOLE_PERCENT: usize = 90;

/// The walk through one outermost archive.
pub(super) struct Walk {
    pub(super) left: Limits,
    /// Archives that may still be opened, and packages that may still be found.
    pub(super) jars: usize,
    pub(super) packages: usize,
    pub(super) found: FileYield,
    /// The archives met, by digest and file name.
    seen: HashMap<([u8; 20], String), Seen>,
}

/// What an archive brought when it was first met.
struct Seen {
    path: String,
    packages: Range<usize>,
    artifacts: Range<usize>,
    /// Its walk is over: an archive that is met again before that holds itself.
    is_done: bool,
}

/// Where an archive lies: its path in the outermost one, its file name, its depth.
pub(super) struct Place<'a> {
    pub(super) path: String,
    pub(super) file_name: &'a str,
    pub(super) depth: usize,
}

impl Walk {
    pub(super) fn new(left: Limits) -> Self {
        Self {
            left,
            jars: MAX_NESTED_JARS,
            packages: MAX_JAR_PACKAGES,
            found: FileYield::default(),
            seen: HashMap::new(),
        }
    }

    /// Reads an archive and what is in it.
    pub(super) fn archive(&mut self, place: &Place<'_>, body: &[u8]) {
        let archive = match Archive::open(body) {
            Ok(archive) => archive,
            Err(trouble) => {
                if body.starts_with(b"PK") || !is_shared(place.file_name) {
                    self.trouble(&place.path, &trouble);
                }
                return;
            }
        };
        let mut contents = Contents::default();
        if let Err(trouble) = contents.list(&archive, &mut self.left) {
            self.trouble(&place.path, &trouble);
        }
        if contents.files >= MANY_ENTRIES {
            let detail = format!("it has {} files; the name of each was looked at", contents.files);
            self.problem(&place.path, detail, None);
        }
        self.identify(place, &archive, &contents, body);
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
        self.once(&Place { path: path.to_owned(), file_name, depth: outer.depth + 1 }, &body);
        self.left.held_bytes += held_bytes;
        Ok(())
    }

    /// Reads a nested archive, unless it was read before under another path: then what was found there is
    /// here too.
    fn once(&mut self, place: &Place<'_>, body: &[u8]) {
        let key = (Sha1::digest(body).into(), place.file_name.to_owned());
        match self.seen.get(&key) {
            Some(seen) if !seen.is_done => {
                let detail = format!("the archive `{}` holds itself", seen.path);
                return self.problem(&place.path, detail, None);
            }
            Some(seen) => {
                let (from, packages) = (seen.path.clone(), seen.packages.clone());
                return self.again(&from, packages, seen.artifacts.clone(), &place.path);
            }
            None => {}
        }
        let (packages, artifacts) = (self.found.packages.len(), self.found.artifacts.len());
        let seen = Seen {
            path: place.path.clone(),
            packages: packages..packages,
            artifacts: artifacts..artifacts,
            is_done: false,
        };
        self.seen.insert(key.clone(), seen);
        self.archive(place, body);
        if let Some(seen) = self.seen.get_mut(&key) {
            seen.packages.end = self.found.packages.len();
            seen.artifacts.end = self.found.artifacts.len();
            seen.is_done = true;
        }
    }

    fn again(&mut self, from: &str, packages: Range<usize>, artifacts: Range<usize>, to: &str) {
        let moved = |path: &str| format!("{to}{}", path.strip_prefix(from).unwrap_or_default());
        for index in packages {
            let mut package = self.found.packages[index].clone();
            package.evidence.iter_mut().for_each(|evidence| evidence.path = moved(&evidence.path));
            self.push(package);
        }
        for index in artifacts {
            let artifact = self.found.artifacts[index].clone();
            self.found.artifacts.push(Artifact { path: moved(&artifact.path), ..artifact });
        }
    }

    /// Adds the package of an archive and those that it bundles.
    fn identify(
        &mut self,
        place: &Place<'_>,
        archive: &Archive<'_>,
        contents: &Contents,
        body: &[u8],
    ) {
        let (stem, _) = place.file_name.rsplit_once('.').unwrap_or((place.file_name, ""));
        if is_codeless(stem) {
            return;
        }
        let manifest = contents.manifest.as_ref().and_then(|m| self.text(place, archive, m));
        let manifest = manifest.map(|text| Manifest::parse(&text)).unwrap_or_default();
        if is_part_of_jdk(&manifest) {
            return;
        }
        let (poms, pom_xmls) = self.poms(place, archive, contents);
        let mut code = contents.traces.code(|member| self.bytes(place, archive, member));
        for code in code.iter_mut().filter(|code| code.version.is_empty()) {
            code.version = manifest.version_of(code.folder()).unwrap_or_default().to_owned();
        }
        let shown = contents.traces.shown(|member| self.bytes(place, archive, member));
        let package = |identity: &Identity, path: &str, lacks| {
            let of_it = |(artifact, _): &&(&str, String)| {
                identity.version.is_empty() && identity.artifact == *artifact
            };
            let shows = shown.iter().filter(of_it).map(|(_, text)| text.clone()).collect();
            Package { shows, ..package(identity, path, lacks) }
        };
        let is_whole = |folder: &str| {
            archive.count(folder, ".class") * 100 >= contents.traces.classes * WHOLE_PERCENT
        };
        // With a `pom.properties` of something, or archives inside, it is not one artifact alone.
        let may_be_one = poms.is_empty() && contents.nested.is_empty();
        let whole = code.iter().position(|code| may_be_one && is_whole(code.folder()));
        let is_plugin = is_plugin(place.file_name);
        let identity = identify(&Clues { stem, is_plugin, manifest, poms, pom_xmls, code, whole });
        let lacks = |artifact: &str| {
            if contents.is_whole { contents.traces.lacks(artifact) } else { Vec::new() }
        };
        if let Some(main) = &identity.main {
            self.push(package(main, &place.path, lacks(&main.artifact)));
        }
        let is_sure =
            identity.main.as_ref().is_some_and(|main| main.confidence == Confidence::High);
        let is_nothing = identity.main.is_none();
        let is_shell = is_nothing && (!identity.bundled.is_empty() || contents.is_shell());
        if !is_sure && !is_shell {
            let detail = held(contents.nested.len()).filter(|_| is_nothing);
            self.found.artifacts.push(Artifact { detail, ..artifact(&place.path, body) });
        }
        for (bundled, path) in &identity.bundled {
            self.push(package(bundled, &join(&place.path, path), lacks(&bundled.artifact)));
        }
    }

    /// Reads what Maven left: what has a version, and what was read of `pom.xml` files.
    fn poms(
        &mut self,
        place: &Place<'_>,
        archive: &Archive<'_>,
        contents: &Contents,
    ) -> (Vec<Pom>, Vec<Pom>) {
        let (mut poms, mut xmls) = (Vec::new(), Vec::new());
        for member in &contents.poms {
            let text = self.text(place, archive, member);
            let pom = text.and_then(|text| Pom::properties(&member.name, &text));
            let Some(pom) = pom else { continue };
            if pom.version.is_empty() { xmls.push(pom) } else { poms.push(pom) }
        }
        let mut beside = 0;
        for member in &contents.pom_xmls {
            let Some((group, artifact)) = coordinates(&member.name, "pom.xml") else { continue };
            let is_same = |pom: &Pom| pom.group == group && pom.artifact == artifact;
            let is_beside = poms.iter().any(is_same);
            beside += usize::from(is_beside);
            if is_beside && beside > MAX_POM_XMLS_BESIDE {
                continue;
            }
            let text = self.text(place, archive, member);
            let Some(pom) = text.and_then(|text| Pom::xml(&member.name, &text)) else { continue };
            if !is_beside && !pom.version.is_empty() {
                poms.push(pom.clone());
            }
            // What the properties left open, the other may tell.
            xmls.retain(|known| known.group != pom.group || known.artifact != pom.artifact);
            xmls.push(pom);
        }
        (poms, xmls)
    }

    fn text(
        &mut self,
        place: &Place<'_>,
        archive: &Archive<'_>,
        member: &Member,
    ) -> Option<String> {
        let bytes = self.bytes(place, archive, member)?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn bytes(
        &mut self,
        place: &Place<'_>,
        archive: &Archive<'_>,
        member: &Member,
    ) -> Option<Vec<u8>> {
        match archive.read_small(member, MAX_MANIFEST_BYTES, &mut self.left) {
            Ok(bytes) => Some(bytes),
            Err(trouble) => {
                self.trouble(&join(&place.path, &member.name), &trouble);
                None
            }
        }
    }

    fn push(&mut self, package: Package) {
        if self.packages == 0 {
            let detail = format!("more than {MAX_JAR_PACKAGES} packages inside");
            return self.trouble("", &Trouble::Limit(detail));
        }
        self.packages -= 1;
        self.found.packages.push(package);
    }

    fn trouble(&mut self, path: &str, trouble: &Trouble) {
        match trouble {
            Trouble::Broken(detail) => {
                self.problem(path, detail.clone(), Some(GapKind::Unreadable));
            }
            Trouble::Overlap => {
                let detail =
                    "members of the archive lie over each other: none is read as an archive";
                self.problem(path, detail.to_owned(), Some(GapKind::Unreadable));
            }
            // A limit is met again and again by what follows; one line for the whole archive tells it.
            Trouble::Limit(detail) => self.problem("", detail.clone(), Some(GapKind::Limit)),
        }
    }

    fn problem(&mut self, path: &str, detail: String, gap: Option<GapKind>) {
        let problem = Problem { path: path.to_owned(), layer: None, detail, gap };
        let problems = &mut self.found.problems;
        if problems.len() < MAX_PROBLEMS && problems.last() != Some(&problem) {
            problems.push(problem);
        }
    }
}

fn package(identity: &Identity, path: &str, lacks: Vec<String>) -> Package {
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
        lacks,
        evidence: vec![Evidence { path: path.to_owned(), ..Evidence::default() }],
        ..Package::default()
    }
}

/// Returns what is said of an archive of which nothing is known but that it holds so many others.
fn held(archives: usize) -> Option<String> {
    let count = match archives {
        0 => return None,
        1 => "1 archive".to_owned(),
        _ => format!("{archives} archives"),
    };
    Some(format!("holds {count}; nothing tells what it is itself"))
}

fn artifact(path: &str, body: &[u8]) -> Artifact {
    use std::fmt::Write as _;
    let mut digest = "sha1:".to_owned();
    for byte in Sha1::digest(body) {
        let _ = write!(digest, "{byte:02x}");
    }
    Artifact {
        kind: ArtifactKind::Archive,
        path: path.to_owned(),
        layer: None,
        digest,
        build_id: None,
        detail: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive that holds itself is met again while it is read.
    #[test]
    fn an_archive_that_holds_itself_ends() {
        let body = b"the bytes do not matter";
        let mut walk = Walk::new(Limits::new());
        let key = (Sha1::digest(body).into(), "q.jar".to_owned());
        let path = "a > q.jar".to_owned();
        let seen = Seen { path, packages: 0..0, artifacts: 0..0, is_done: false };
        walk.seen.insert(key, seen);
        let path = "a > q.jar > q.jar".to_owned();
        walk.once(&Place { path, file_name: "q.jar", depth: 3 }, body);
        assert_eq!(walk.found.problems.len(), 1);
        assert_eq!(walk.found.problems[0].detail, "the archive `a > q.jar` holds itself");
    }
}
