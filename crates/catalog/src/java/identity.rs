//! What an archive is: group, artifact and version, from the best clue there is.
//!
//! 1. A `pom.properties` (or a `pom.xml` with a version) that is about the archive itself, and not about a
//!    library that was copied into it: [`Confidence::High`].
//! 2. The manifest, where it names all three: [`Confidence::Medium`].
//! 3. The file name, `name-1.2.3.jar`: Medium where manifest or classes agree, else [`Confidence::Low`].
//! 4. What the manifest names of artifact and version alone: Medium.
//! 5. The classes, where nearly all belong to one artifact: Medium with a version, else Low.
//!
//! Between 1 and 2 stand the digests of known archives, which `known` looks up when the whole target is read.
//! What is copied into the archive is told by its own `pom.properties`, else by its classes. Titles for
//! people (`Apache Commons IO`) are no artifacts; a group is kept only if it can be one.

use plimsoll_model::Confidence;

use super::file_name::{from_file_name, is_token, is_version};
use super::fingerprint::Code;
use super::groups;
use super::license;
use super::manifest::Manifest;
use super::pom::Pom;

/// Everything that may tell what an archive is.
#[derive(Default)]
pub(super) struct Clues<'a> {
    /// The file name without extension: `log4j-core-2.14.1`.
    pub(super) stem: &'a str,
    /// It is a plugin of Jenkins.
    pub(super) is_plugin: bool,
    pub(super) manifest: Manifest,
    /// Each with a version.
    pub(super) poms: Vec<Pom>,
    /// What was read of `pom.xml` files, which may have no version.
    pub(super) pom_xmls: Vec<Pom>,
    /// Code of artifacts that its classes show.
    pub(super) code: Vec<Code>,
    /// The one of `code` that nearly all classes of the archive belong to.
    pub(super) whole: Option<usize>,
}

/// A name and a version.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Identity {
    /// Empty if not known.
    pub(super) group: String,
    pub(super) artifact: String,
    /// Empty if not known.
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
        let identity = of_pom(pom, clues);
        if own == Some(index) {
            let licenses = if identity.licenses.is_empty() {
                license::of_bundle(clues.manifest.get("Bundle-License"))
            } else {
                identity.licenses
            };
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
    add_code(clues, &mut identified);
    identified
}

/// Adds the artifacts that only classes show. Where the archive is one of them, and that was a guess, the
/// classes make it sure.
fn add_code(clues: &Clues<'_>, identified: &mut Identified) {
    for (index, code) in clues.code.iter().enumerate() {
        let root = code.root;
        if let Some(main) = identified.main.as_mut().filter(|main| root.is_home(&main.artifact)) {
            if main.artifact == root.artifact && main.confidence < Confidence::High {
                if main.version.is_empty() {
                    main.version.clone_from(&code.version);
                }
                code.coordinates(&main.version).0.clone_into(&mut main.group);
                let is_whole = !main.version.is_empty();
                main.confidence = if is_whole { Confidence::Medium } else { Confidence::Low };
            }
            continue;
        }
        let is_of_main = identified.main.as_ref().is_some_and(|main| {
            main.confidence == Confidence::High && main.group == root.group && clues.poms.len() < 2
        });
        if is_of_main || identified.bundled.iter().any(|(known, _)| root.is_home(&known.artifact)) {
            continue;
        }
        let is_whole = clues.whole == Some(index) && identified.main.is_none();
        let version = match manifest_version(&clues.manifest) {
            Some(version) if is_whole && code.version.is_empty() => version,
            _ => code.version.as_str(),
        };
        let confidence = if version.is_empty() { Confidence::Low } else { Confidence::Medium };
        let (group, artifact) = code.coordinates(version);
        let identity = Identity {
            group: group.to_owned(),
            artifact: artifact.to_owned(),
            version: version.to_owned(),
            licenses: Vec::new(),
            confidence,
        };
        if is_whole {
            identified.main = Some(identity);
        } else {
            identified.bundled.push((identity, code.path.clone()));
        }
    }
}

/// What Maven wrote is sure. The licences stand in the `pom.xml` beside.
fn of_pom(pom: &Pom, clues: &Clues<'_>) -> Identity {
    let is_beside = |xml: &&Pom| xml.group == pom.group && xml.artifact == pom.artifact;
    let xml = clues.pom_xmls.iter().find(is_beside);
    let licenses = xml.map_or(&pom.licenses, |xml| &xml.licenses);
    Identity {
        group: pom.group.clone(),
        artifact: pom.artifact.clone(),
        version: pom.version.clone(),
        licenses: licenses.iter().map(|name| license::of_name(name)).collect(),
        confidence: Confidence::High,
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
    .or_else(|| {
        // A library that was copied in is not what the manifest calls as the file is called.
        let is_told = named.is_some() || is_titled(clues) || full_manifest(clues).is_some();
        (poms.len() == 1 && !is_told).then_some(0)
    })
}

fn without_pom(clues: &Clues<'_>) -> Option<Identity> {
    plugin(clues)
        .or_else(|| of_tomcat(clues))
        .or_else(|| full_manifest(clues))
        .or_else(|| file_name(clues))
        .or_else(|| thin_manifest(clues))
        .or_else(|| versionless_file_name(clues))
        .or_else(|| versionless_pom(clues))
}

/// The only library that Maven left a word of, whose version is nowhere: it is told all the same.
fn versionless_pom(clues: &Clues<'_>) -> Option<Identity> {
    let [pom] = &clues.pom_xmls[..] else { return None };
    let is_only = clues.poms.is_empty() && clues.whole.is_none();
    is_only.then(|| Identity { confidence: Confidence::Medium, ..of_pom(pom, clues) })
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

/// Archives of Tomcat's own distribution, which are named otherwise than those that Maven Central has: file
/// name, and artifact.
const TOMCAT: &[(&str, &str)] = &[
    ("annotations-api", "tomcat-annotations-api"),
    ("catalina", "tomcat-catalina"),
    ("catalina-ant", "tomcat-catalina-ant"),
    ("catalina-ha", "tomcat-catalina-ha"),
    ("catalina-ssi", "tomcat-ssi"),
    ("catalina-storeconfig", "tomcat-storeconfig"),
    ("catalina-tribes", "tomcat-tribes"),
    ("el-api", "tomcat-el-api"),
    ("jasper", "tomcat-jasper"),
    ("jasper-el", "tomcat-jasper-el"),
    ("jaspic-api", "tomcat-jaspic-api"),
    ("jsp-api", "tomcat-jsp-api"),
    ("servlet-api", "tomcat-servlet-api"),
    ("tomcat-api", "tomcat-api"),
    ("tomcat-coyote", "tomcat-coyote"),
    ("tomcat-dbcp", "tomcat-dbcp"),
    ("tomcat-jdbc", "tomcat-jdbc"),
    ("tomcat-jni", "tomcat-jni"),
    ("tomcat-juli", "tomcat-juli"),
    ("tomcat-util", "tomcat-util"),
    ("tomcat-util-scan", "tomcat-util-scan"),
    ("tomcat-websocket", "tomcat-websocket"),
    ("websocket-api", "tomcat-websocket-api"),
];

fn of_tomcat(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let version = manifest.get("Implementation-Version");
    let is_tomcat = manifest.get("Implementation-Title") == "Apache Tomcat" && is_version(version);
    let name = from_file_name(clues.stem).map_or(clues.stem.to_owned(), |(name, _)| name);
    let part = tomcat_part(&name);
    let (_, artifact) = TOMCAT.iter().find(|(stem, _)| {
        is_tomcat && (*stem == part || stem.strip_prefix("tomcat-") == Some(part))
    })?;
    Some(identity("org.apache.tomcat", artifact, version, Confidence::Medium, clues))
}

/// Debian has several lines side by side: `tomcat9-catalina` is `catalina`.
fn tomcat_part(name: &str) -> &str {
    let numbered = name.strip_prefix("tomcat").and_then(|rest| rest.split_once('-'));
    match numbered {
        Some((line, part)) if line.parse::<u8>().is_ok() => part,
        _ => name,
    }
}

/// Group, artifact and version, all from the manifest.
fn full_manifest(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let group = manifest.get("Implementation-Vendor-Id");
    let (mut artifact, mut version) =
        (title(manifest)?.to_owned(), manifest_version(manifest)?.to_owned());
    // The file is named by a tool, the title by people: that of `algebra_2.12` is `core`.
    if let Some((name, stated)) = from_file_name(clues.stem)
        && (name == artifact || same_but_zeros(&version, &stated))
    {
        artifact = name;
        if gives_way(manifest, &stated) {
            version = stated;
        }
    }
    is_group(group).then(|| identity(group, &artifact, &version, Confidence::Medium, clues))
}

/// OSGi pads versions to three numbers: what the file name says goes before a version that only the
/// bundle states, and before one that is the same but for zeros at the end.
fn gives_way(manifest: &Manifest, stated: &str) -> bool {
    let own = VERSIONS[..2].iter().map(|name| manifest.get(name)).find(|text| is_version(text));
    own.is_none_or(|own| same_but_zeros(own, stated))
}

fn same_but_zeros(a: &str, b: &str) -> bool {
    let bare = |text: &str| {
        let mut text = text.to_owned();
        while let Some(shorter) = text.strip_suffix(".0") {
            text.truncate(shorter.len());
        }
        text
    };
    bare(a) == bare(b)
}

fn file_name(clues: &Clues<'_>) -> Option<Identity> {
    let (artifact, version) = from_file_name(clues.stem)?;
    if let Some((group, artifact)) = of_bundle(clues).filter(|_| {
        artifact == symbolic_name(&clues.manifest)
            && clues.pom_xmls.iter().all(|pom| pom.artifact != artifact)
    }) {
        return Some(identity(&group, &artifact, &version, Confidence::Medium, clues));
    }
    let artifact = groups::upstream(&artifact).map(str::to_owned).unwrap_or(artifact);
    let manifest = &clues.manifest;
    let agrees = VERSIONS.iter().any(|name| same_but_zeros(manifest.get(name), &version))
        || TITLES.iter().any(|name| manifest.get(name) == artifact)
        || last_segment(bundle_name(manifest)) == artifact
        || clues.pom_xmls.iter().any(|pom| pom.artifact == artifact);
    let confidence = if agrees { Confidence::Medium } else { Confidence::Low };
    let group = group_of(clues, &artifact);
    Some(identity(&group, &artifact, &version, confidence, clues))
}

/// Artifact and version from the manifest, the group if there is one.
fn thin_manifest(clues: &Clues<'_>) -> Option<Identity> {
    let manifest = &clues.manifest;
    let version = manifest_version(manifest)?;
    // A title that is the file's name too, of an artifact that is known.
    let is_titled = is_titled(clues);
    let is_known = |stem: &&str| {
        is_titled && groups::of_artifact(stem).is_some()
            || groups::of_house(stem, bundle_name(manifest)).is_some()
    };
    let known = Some(clues.stem).filter(|stem| is_token(stem)).filter(is_known);
    let only_pom = match &clues.pom_xmls[..] {
        [pom] if !is_titled || pom.artifact == clues.stem => Some(pom.artifact.as_str()),
        _ => None,
    };
    let bundle = of_bundle(clues).filter(|_| known.or(only_pom).is_none());
    if let Some((group, artifact)) = bundle {
        return Some(identity(&group, &artifact, version, Confidence::Medium, clues));
    }
    let symbolic = Some(symbolic_name(manifest)).filter(|name| name.contains('.'));
    let last = |name| Some(last_segment(name)).filter(|last| is_token(last));
    let artifact = known
        .or(only_pom)
        .or_else(|| symbolic.and_then(last))
        .or_else(|| title(manifest))
        .or_else(|| last(bundle_name(manifest)))?;
    let group = group_of(clues, artifact);
    Some(identity(&group, artifact, version, Confidence::Medium, clues))
}

/// The artifact from the file name, the version from the manifest.
fn versionless_file_name(clues: &Clues<'_>) -> Option<Identity> {
    let version = manifest_version(&clues.manifest)?;
    let group = group_of(clues, clues.stem);
    // What nearly all classes belong to says more than such a name.
    let is_name = clues.whole.is_none() && is_token(clues.stem);
    is_name.then(|| identity(&group, clues.stem, version, Confidence::Low, clues))
}

const TITLES: &[&str] = &["Implementation-Title", "Specification-Title", "Bundle-Name"];
const VERSIONS: &[&str] = &["Implementation-Version", "Specification-Version", "Bundle-Version"];

/// Returns whether the manifest calls the archive as its file is called.
fn is_titled(clues: &Clues<'_>) -> bool {
    TITLES.iter().any(|name| clues.manifest.get(name) == clues.stem)
}

fn title(manifest: &Manifest) -> Option<&str> {
    TITLES.iter().map(|name| manifest.get(name)).find(|text| is_token(text))
}

fn manifest_version(manifest: &Manifest) -> Option<&str> {
    VERSIONS.iter().map(|name| manifest.get(name)).find(|text| is_version(text))
}

fn symbolic_name(manifest: &Manifest) -> &str {
    manifest.get("Bundle-SymbolicName").split(';').next().unwrap_or_default().trim()
}

/// The name of the bundle, else that of the module.
fn bundle_name(manifest: &Manifest) -> &str {
    match symbolic_name(manifest) {
        "" => manifest.get("Automatic-Module-Name"),
        name => name,
    }
}

fn last_segment(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Returns group and artifact of the bundle that the archive is, if it is one whose name tells them.
fn of_bundle(clues: &Clues<'_>) -> Option<(String, String)> {
    let found = groups::of_bundle(symbolic_name(&clues.manifest));
    found.filter(|(group, artifact)| is_group(group) && is_token(artifact))
}

/// Returns the group of an artifact, or an empty text: from its `pom.xml`, else the manifest.
fn group_of(clues: &Clues<'_>, artifact: &str) -> String {
    if let Some(pom) = clues.pom_xmls.iter().find(|pom| pom.artifact == artifact) {
        return pom.group.clone();
    }
    if let Some(group) = groups::of_artifact(artifact) {
        return group.to_owned();
    }
    let manifest = &clues.manifest;
    let vendor_id = manifest.get("Implementation-Vendor-Id");
    if is_group(vendor_id) {
        return vendor_id.to_owned();
    }
    let bundle = match bundle_name(manifest).rsplit_once('.') {
        // `org.objenesis` is the group of `objenesis`.
        Some((top, _)) if groups::TOP_LEVELS.contains(&top) => bundle_name(manifest),
        Some((group, _)) => group,
        None => "",
    };
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
        licenses: license::of_bundle(clues.manifest.get("Bundle-License")),
        confidence,
    }
}

fn is_group(text: &str) -> bool {
    is_token(text) && text != PARENT_GROUP
}

#[cfg(test)]
mod tests;
