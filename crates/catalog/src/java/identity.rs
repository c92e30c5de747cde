//! What an archive is: group, artifact and version, from the best clue there is.
//!
//! 1. A `pom.properties` that is about the archive itself, and not about a library that was copied
//!    into it: [`Confidence::High`].
//! 2. The manifest, where it names all three: [`Confidence::Medium`].
//! 3. The file name, `name-1.2.3.jar`: Medium where the manifest agrees, else [`Confidence::Low`].
//! 4. What the manifest names of artifact and version alone: Medium.
//!
//! Titles for people (`Apache Commons IO`) are no artifacts; a group is kept only if it can be one.

use plimsoll_model::Confidence;

use super::archive::coordinates;
use super::manifest::Manifest;

/// Everything that may tell what an archive is.
#[derive(Default)]
pub(super) struct Clues<'a> {
    /// The file name without extension: `log4j-core-2.14.1`.
    pub(super) stem: &'a str,
    /// It is a plugin of Jenkins.
    pub(super) is_plugin: bool,
    pub(super) manifest: Manifest,
    pub(super) poms: Vec<Pom>,
    /// Group and artifact of each `pom.xml`, which says no version in its path.
    pub(super) pom_xmls: Vec<(String, String)>,
}

/// One `pom.properties`.
pub(super) struct Pom {
    path: String,
    group: String,
    artifact: String,
    version: String,
}

/// A name and a version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Identity {
    /// Empty if not known.
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: String,
    pub(super) licenses: Vec<String>,
    pub(super) confidence: Confidence,
}

/// The archive itself, and what is copied into it with the path that tells so.
#[derive(Default)]
pub(super) struct Identified {
    pub(super) main: Option<Identity>,
    pub(super) bundled: Vec<(Identity, String)>,
}

/// Weighs the clues.
pub(super) fn identify(clues: &Clues<'_>) -> Identified {
    let own = own_pom(clues);
    let mut identified = Identified::default();
    for (index, pom) in clues.poms.iter().enumerate() {
        let identity = pom.identity();
        if own == Some(index) {
            let licenses = licenses(&clues.manifest);
            identified.main = Some(Identity { licenses, ..identity });
        } else {
            identified.bundled.push((identity, pom.path.clone()));
        }
    }
    let main = identified.main.take().or_else(|| without_pom(clues));
    if let Some(main) = &main {
        // The same library told twice.
        identified.bundled.retain(|(bundled, _)| !bundled.is_same(main));
    }
    identified.main = main;
    identified
}

impl Pom {
    /// Reads a `pom.properties`; `None` if it does not name all three. What it lacks of group and
    /// artifact its path tells.
    ///
    /// ```text
    /// groupId=org.apache.logging.log4j
    /// artifactId=log4j-core
    /// version=2.14.1
    /// ```
    pub(super) fn parse(path: &str, text: &str) -> Option<Self> {
        let folder = path.find("META-INF/maven/").map_or("", |start| &path[start..]);
        let (group, artifact) = coordinates(folder, "pom.properties").unwrap_or_default();
        let mut pom = Self { path: path.to_owned(), group, artifact, version: String::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!'])) {
            let Some((key, value)) = line.split_once(['=', ':']) else { continue };
            let value = value.trim().replace('\\', "");
            if value.is_empty() || value.contains("${") {
                continue;
            }
            match key.trim() {
                "groupId" => pom.group = value,
                "artifactId" => pom.artifact = value,
                "version" => pom.version = value,
                _ => {}
            }
        }
        let is_whole = !pom.group.is_empty() && is_token(&pom.artifact) && is_version(&pom.version);
        is_whole.then_some(pom)
    }

    fn identity(&self) -> Identity {
        Identity {
            group: self.group.clone(),
            artifact: self.artifact.clone(),
            version: self.version.clone(),
            licenses: Vec::new(),
            confidence: Confidence::High,
        }
    }
}

impl Identity {
    fn is_same(&self, other: &Self) -> bool {
        self.group == other.group
            && self.artifact == other.artifact
            && self.version == other.version
    }
}

/// Returns the `pom.properties` that is about the archive itself.
fn own_pom(clues: &Clues<'_>) -> Option<usize> {
    let stem = clues.stem;
    let poms = &clues.poms;
    let place = |test: &dyn Fn(&Pom) -> bool| poms.iter().position(test);
    let named = from_file_name(stem);
    let title = clues.manifest.get("Implementation-Title");
    let bundle = symbolic_name(&clues.manifest);
    place(&|pom| {
        let whole = format!("{}-{}", pom.artifact, pom.version);
        stem == whole || stem.strip_prefix(&whole).is_some_and(|rest| rest.starts_with(['-', '.']))
    })
    .or_else(|| place(&|pom| stem == pom.artifact))
    .or_else(|| place(&|pom| named.as_ref().is_some_and(|(name, _)| *name == pom.artifact)))
    .or_else(|| {
        place(&|pom| {
            title == pom.artifact
                || (!bundle.is_empty() && bundle == format!("{}.{}", pom.group, pom.artifact))
        })
    })
    .or_else(|| (poms.len() == 1 && named.is_none() && full_manifest(clues).is_none()).then_some(0))
}

fn without_pom(clues: &Clues<'_>) -> Option<Identity> {
    plugin(clues)
        .or_else(|| full_manifest(clues))
        .or_else(|| file_name(clues))
        .or_else(|| thin_manifest(clues))
}

/// No archive is of this group: it holds the parent of all of theirs, and old manifests state it.
const PARENT_GROUP: &str = "org.apache";

/// The manifest of a Jenkins plugin names it for the purpose.
fn plugin(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let (artifact, version) = (manifest.get("Short-Name"), manifest.get("Plugin-Version"));
    let version = version.split_whitespace().next().unwrap_or_default();
    if !clues.is_plugin || !is_token(artifact) || !is_version(version) {
        return None;
    }
    let group = Some(manifest.get("Group-Id")).filter(|group| is_token(group));
    let group = group.unwrap_or("org.jenkins-ci.plugins");
    Some(identity(group, artifact, version, Confidence::High, clues))
}

/// Group, artifact and version, all from the manifest.
fn full_manifest(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let (group, artifact) = (manifest.get("Implementation-Vendor-Id"), title(manifest)?);
    let version = manifest_version(manifest)?;
    is_group(group).then(|| identity(group, artifact, version, Confidence::Medium, clues))
}

fn file_name(clues: &Clues<'_>) -> Option<Identity> {
    let (artifact, version) = from_file_name(clues.stem)?;
    let manifest = &clues.manifest;
    let agrees = VERSIONS.iter().any(|name| manifest.get(name) == version)
        || TITLES.iter().any(|name| manifest.get(name) == artifact)
        || clues.pom_xmls.iter().any(|(_, known)| *known == artifact);
    let confidence = if agrees { Confidence::Medium } else { Confidence::Low };
    let group = group_of(clues, &artifact);
    Some(identity(&group, &artifact, &version, confidence, clues))
}

/// Artifact and version from the manifest, the group if there is one.
fn thin_manifest(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let version = manifest_version(manifest)?;
    let bundle = symbolic_name(manifest);
    let only_pom = match &clues.pom_xmls[..] {
        [(_, artifact)] => Some(artifact.as_str()),
        _ => None,
    };
    let last = bundle.rsplit('.').next().filter(|last| is_token(last));
    let artifact = only_pom.or_else(|| title(manifest)).or(last)?;
    let group = group_of(clues, artifact);
    Some(identity(&group, artifact, version, Confidence::Medium, clues))
}

const TITLES: &[&str] = &["Implementation-Title", "Specification-Title", "Bundle-Name"];
const VERSIONS: &[&str] = &["Implementation-Version", "Specification-Version", "Bundle-Version"];

fn title(manifest: &Manifest) -> Option<&str> {
    TITLES.iter().map(|name| manifest.get(name)).find(|text| is_token(text))
}

fn manifest_version(manifest: &Manifest) -> Option<&str> {
    VERSIONS.iter().map(|name| manifest.get(name)).find(|text| is_version(text))
}

fn symbolic_name(manifest: &Manifest) -> &str {
    manifest.get("Bundle-SymbolicName").split(';').next().unwrap_or_default().trim()
}

/// Returns the group of an artifact, or an empty text: from its `pom.xml`, else the manifest.
fn group_of(clues: &Clues<'_>, artifact: &str) -> String {
    if let Some((group, _)) = clues.pom_xmls.iter().find(|(_, known)| known == artifact) {
        return group.clone();
    }
    let manifest = &clues.manifest;
    let vendor_id = manifest.get("Implementation-Vendor-Id");
    if is_group(vendor_id) {
        return vendor_id.to_owned();
    }
    let bundle = symbolic_name(manifest).rsplit_once('.').map_or("", |(group, _)| group);
    let vendors = [manifest.get("Implementation-Vendor"), manifest.get("Specification-Vendor")];
    let mut groups = [bundle].into_iter().chain(vendors);
    groups.find(|group| is_group(group) && group.contains('.')).unwrap_or_default().to_owned()
}

fn identity(
    group: &str,
    artifact: &str,
    version: &str,
    confidence: Confidence,
    clues: &Clues<'_>,
) -> Identity {
    Identity {
        group: group.to_owned(),
        artifact: artifact.to_owned(),
        version: version.to_owned(),
        licenses: licenses(&clues.manifest),
        confidence,
    }
}

fn licenses(manifest: &Manifest) -> Vec<String> {
    let license = manifest.get("Bundle-License");
    if license.is_empty() || license.len() > 200 { Vec::new() } else { vec![license.to_owned()] }
}

/// What is put behind the version of archives that hold more, or other things.
const CLASSIFIERS: &[&str] =
    &["-jar-with-dependencies", "-with-dependencies", "-all", "-shaded", "-uber", "-fat", "-exec"];

/// Returns name and version of a file name without extension: `kafka_2.13-2.8.0` is `kafka_2.13` and
/// `2.8.0`.
///
/// The version is what follows the last `-` with a dotted number behind it, else the first `-` with a
/// digit behind it, else a `.` or `_` with a dotted number behind it.
pub(super) fn from_file_name(stem: &str) -> Option<(String, String)> {
    let mut stem = stem;
    while let Some(rest) = CLASSIFIERS.iter().find_map(|end| stem.strip_suffix(end)) {
        stem = rest;
    }
    let dashes: Vec<usize> = stem.match_indices('-').map(|(at, _)| at).collect();
    let dotted = dashes.iter().rev().find(|&&at| is_dotted(&stem[at + 1..]));
    let digit = dashes.iter().find(|&&at| {
        let rest = &stem[at + 1..];
        starts_with_digit(rest.strip_prefix("build").unwrap_or(rest))
    });
    let other =
        || stem.match_indices(['.', '_']).map(|(at, _)| at).find(|at| is_dotted(&stem[at + 1..]));
    let at = dotted.or(digit).copied().or_else(other)?;
    let (name, version) = (&stem[..at], &stem[at + 1..]);
    (is_token(name) && is_version(version)).then(|| (name.to_owned(), version.to_owned()))
}

/// `2.14.1`, but not the stamp of a snapshot, `20210101.123456-1`, nor `901.jdbc4`.
fn is_dotted(text: &str) -> bool {
    let whole = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let fraction = text[whole..].strip_prefix('.').unwrap_or_default();
    (1..8).contains(&whole) && starts_with_digit(fraction)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// A text that can be a group or an artifact: no blanks, none of the signs of other languages.
fn is_token(text: &str) -> bool {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    !text.is_empty()
        && text.len() <= 200
        && text.chars().all(is_part)
        && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

fn is_group(text: &str) -> bool {
    is_token(text) && text != PARENT_GROUP
}

fn is_version(text: &str) -> bool {
    let is_part = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '~')
    };
    !text.is_empty()
        && text.len() <= 200
        && text.chars().all(is_part)
        && text.contains(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests;
