//! Archives that a digest tells of: what the catalogue guessed, or did not know, is put right.

use std::collections::BTreeMap;

use plimsoll_model::report::Layer;
use plimsoll_model::{Artifact, ArtifactKind, Confidence, Evidence, Package};

use crate::catalogue::{Catalogued, finish, sort_key};
use crate::place::{INSIDE, evidence_path};

/// Who tells of such packages, in the evidence.
const TELLER: &str = "known digest";

/// Groups that publish copies of other people's archives; each also stands for those below it.
const COPIERS: &[&str] = &[
    "com.liferay",
    "com.springsource",
    "org.apache.servicemix.bundles",
    "org.jboss.bom",
    "org.lucee",
    "org.ow2.util.bundles",
    "org.webjars",
    "org.wso2",
];

impl Catalogued {
    /// Returns the archives whose digests may tell more than the catalogue knows: those of which it knows
    /// nothing, and those whose identity is not sure. Sorted, no two alike.
    pub fn archives_in_doubt(&self) -> Vec<&Artifact> {
        let mut artifacts: Vec<&Artifact> = self.artifacts.iter().chain(&self.doubtful).collect();
        artifacts.retain(|artifact| artifact.kind == ArtifactKind::Archive);
        artifacts.sort();
        artifacts.dedup();
        artifacts
    }

    /// Takes what digests tell: `known` has group, artifact and version, parted by `:`, of each digest
    /// (`sha1:…`) that is published, and under several names if it is. `layers` are those of the target.
    ///
    /// Of several names the one counts that the archive itself says, else the one whose group does not copy
    /// others and is shortest, else the first in the order of the letters.
    pub fn take_known(&mut self, known: &BTreeMap<String, Vec<String>>, layers: &[Layer]) {
        let doubtful = std::mem::take(&mut self.doubtful);
        let mut renamed = BTreeMap::new();
        for artifact in doubtful.iter().filter(|artifact| known.contains_key(&artifact.digest)) {
            let is_it = |package: &&mut Package| {
                package.kind == "maven" && evidence_path(package) == artifact.path
            };
            let Some(package) = self.packages.iter_mut().find(is_it) else { continue };
            let before = package.id.clone();
            if tell(package, artifact, &known[&artifact.digest]) {
                finish(std::slice::from_mut(package), self.distro.as_ref(), layers);
                renamed.insert(before, package.id.clone());
            }
        }
        for parent in self.packages.iter_mut().filter_map(|package| package.parent.as_mut()) {
            if let Some(id) = renamed.get(parent) {
                parent.clone_from(id);
            }
        }
        let (told, left): (Vec<Artifact>, Vec<Artifact>) = std::mem::take(&mut self.artifacts)
            .into_iter()
            .partition(|artifact| known.contains_key(&artifact.digest));
        self.artifacts = left;
        for artifact in told {
            self.add_known(&artifact, &known[&artifact.digest], layers);
        }
        self.packages.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    }

    /// Adds the package of an archive that had none, between what is in it and what it is in.
    fn add_known(&mut self, artifact: &Artifact, names: &[String], layers: &[Layer]) {
        let mut package =
            Package { kind: "maven".to_owned(), layer: artifact.layer, ..Package::default() };
        if !tell(&mut package, artifact, names) {
            self.artifacts.push(artifact.clone());
            return;
        }
        finish(std::slice::from_mut(&mut package), self.distro.as_ref(), layers);
        let is_around = |outer: &&Package| is_inside(&artifact.path, evidence_path(outer));
        let around = self.packages.iter().filter(is_around);
        let nearest = around.max_by_key(|outer| (evidence_path(outer).len(), &outer.id));
        package.parent = nearest.map(|outer| outer.id.clone());
        for inner in &mut self.packages {
            if inner.parent == package.parent && is_inside(evidence_path(inner), &artifact.path) {
                inner.parent = Some(package.id.clone());
            }
        }
        self.packages.push(package);
    }
}

fn is_inside(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.starts_with(INSIDE))
}

/// Gives a package what its digest tells; false where that is not coordinates.
fn tell(package: &mut Package, artifact: &Artifact, names: &[String]) -> bool {
    let Some((name, version)) = best(package, names) else { return false };
    (package.name, package.version) = (name, version);
    package.confidence = Some(Confidence::High);
    package.evidence.push(Evidence {
        cataloguer: TELLER.to_owned(),
        path: artifact.path.clone(),
        layer: artifact.layer,
    });
    true
}

/// Chooses among the names of one archive.
fn best(package: &Package, names: &[String]) -> Option<(String, String)> {
    let own = package.name.split_once(':').unwrap_or(("", package.name.as_str()));
    let split = |name: &'_ String| {
        let (name, version) = name.rsplit_once(':')?;
        let (group, artifact) = name.split_once(':')?;
        let is_copier = |copier: &str| {
            group.strip_prefix(copier).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let differs = ((group, artifact) != own, artifact != own.1, group != own.0);
        let rank = (differs, COPIERS.iter().any(|copier| is_copier(copier)), group.len());
        Some((rank, name.to_owned(), version.to_owned()))
    };
    names.iter().filter_map(split).min().map(|(_, name, version)| (name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha1:00";

    fn archive(path: &str) -> Artifact {
        Artifact {
            kind: ArtifactKind::Archive,
            path: path.to_owned(),
            layer: None,
            digest: DIGEST.to_owned(),
            build_id: None,
            detail: None,
        }
    }

    fn package(name: &str, path: &str) -> Package {
        let evidence = vec![Evidence { path: path.to_owned(), ..Evidence::default() }];
        let mut package = Package { kind: "maven".to_owned(), evidence, ..Package::default() };
        package.name = name.to_owned();
        package.finish(None, "");
        package
    }

    fn known(names: &[&str]) -> BTreeMap<String, Vec<String>> {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        BTreeMap::from([(DIGEST.to_owned(), names)])
    }

    #[test]
    fn a_guess_is_put_right_and_its_children_follow() {
        let outer = package("guess", "a.jar");
        let inner =
            Package { parent: Some(outer.id.clone()), ..package("g:inner", "a.jar > b.jar") };
        let mut found = Catalogued {
            packages: vec![inner, outer],
            doubtful: vec![archive("a.jar")],
            ..Catalogued::default()
        };
        found.take_known(&known(&["g:a:1"]), &[]);
        let [outer, inner] = &found.packages[..] else { panic!("{:?}", found.packages) };
        assert_eq!((outer.name.as_str(), outer.version.as_str()), ("g:a", "1"));
        assert_eq!(outer.purl, "pkg:maven/g/a@1");
        assert_eq!(outer.confidence, Some(Confidence::High));
        assert!(outer.evidence.iter().any(|evidence| evidence.cataloguer == TELLER));
        assert_eq!(inner.parent.as_ref(), Some(&outer.id));
    }

    #[test]
    fn what_nothing_told_becomes_a_package_between_the_others() {
        let outer = package("g:outer", "a.war");
        let inner = Package {
            parent: Some(outer.id.clone()),
            ..package("g:inner", "a.war > b.jar > META-INF/maven/g/inner/pom.properties")
        };
        let mut found = Catalogued {
            packages: vec![outer, inner],
            artifacts: vec![archive("a.war > b.jar"), archive("c.jar")],
            ..Catalogued::default()
        };
        found.artifacts[1].digest = "sha1:11".to_owned();
        found.take_known(&known(&["g:b:1"]), &[]);
        assert_eq!(found.artifacts.len(), 1);
        let find = |name: &str| found.packages.iter().find(|p| p.name == name).unwrap();
        assert_eq!(find("g:b").parent.as_ref(), Some(&find("g:outer").id));
        assert_eq!(find("g:inner").parent.as_ref(), Some(&find("g:b").id));
    }

    #[test]
    fn of_several_names_the_original_one_counts() {
        let best = |own: &str, names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            best(&package(own, "a.jar"), &names).map(|(name, version)| format!("{name} {version}"))
        };
        let names = ["org.wso2.x:a:1", "org.original:a:1", "b:other:2"];
        assert_eq!(best("org.wso2.x:a", &names).as_deref(), Some("org.wso2.x:a 1"));
        assert_eq!(best("guess:a", &names).as_deref(), Some("org.original:a 1"));
        assert_eq!(best("", &names).as_deref(), Some("b:other 2"));
        assert_eq!(best("", &["nothing"]), None);
    }
}
