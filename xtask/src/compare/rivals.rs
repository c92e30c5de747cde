//! The inventories: plimsoll's own, and those of the others, run here or read from what they wrote earlier.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use super::inventory::{Inventory, Item, Key};
use super::java_index;

/// A scanner to compare with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rival {
    /// Read from `syft scan … -o json`.
    Syft,
    /// Read from `trivy … --format cyclonedx`.
    Trivy,
}

/// Builds plimsoll without optimisation and returns where it is.
pub(crate) fn build() -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--package", "plimsoll"]).current_dir(crate::root());
    crate::run(&mut command)?;
    Ok(crate::root().join("target/debug/plimsoll"))
}

/// Returns what plimsoll lists.
pub(crate) fn ours(binary: &Path, image: &str) -> Result<Inventory> {
    let mut command = Command::new(binary);
    command.args(["inventory", image, "-f", "json", "--no-cache", "--offline"]);
    let report: Value = serde_json::from_str(&crate::output(&mut command)?)?;
    Ok(read_ours(&report))
}

fn read_ours(report: &Value) -> Inventory {
    let mut items = Vec::new();
    for package in list(&report["packages"]) {
        let Some(key) = Key::of(text(&package["purl"])) else { continue };
        for evidence in list(&package["evidence"]) {
            items.push(Item {
                key: key.clone(),
                place: text(&evidence["path"]).to_owned(),
                found_by: text(&evidence["cataloguer"]).to_owned(),
                owner: None,
                facts: package.clone(),
            });
        }
    }
    let mut inventory = Inventory::of(items);
    for part in ["artifacts", "problems"] {
        let paths = list(&report[part]).iter().map(|entry| text(&entry["path"]).to_owned());
        inventory.admitted.extend(paths);
    }
    let gaps = list(&report["coverage"]["gaps"]);
    inventory.admitted.extend(gaps.iter().map(|gap| text(&gap["subject"]).to_owned()));
    inventory
}

impl Rival {
    /// Returns the name of the program.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Syft => "syft",
            Self::Trivy => "trivy",
        }
    }

    /// Returns where its list of an image is kept: `FOLDER/java-app.syft.json` for `…/java-app.tar`.
    pub(crate) fn kept(self, folder: &Path, image: &str) -> PathBuf {
        let name = Path::new(image).file_stem().unwrap_or_default().to_string_lossy();
        folder.join(format!("{name}.{}.json", self.name()))
    }

    /// Returns what it lists, from a file or by running it; nothing, and a word about it, where it is not there.
    pub(crate) fn inventory(self, image: &str, file: Option<&Path>) -> Result<Option<Inventory>> {
        let json = match file {
            Some(file) => fs_err::read_to_string(file)?,
            None if crate::has(self.name()) => self.run(image)?,
            None => {
                println!("skipped: {} is not on PATH", self.name());
                return Ok(None);
            }
        };
        let whole: Value = serde_json::from_str(&json)
            .with_context(|| format!("cannot read what {} lists of `{image}`", self.name()))?;
        let items = match self {
            Self::Syft => read_syft(&whole),
            Self::Trivy => read_trivy(&whole),
        };
        Ok(Some(Inventory::of(items)))
    }

    fn run(self, image: &str) -> Result<String> {
        let path = Path::new(image);
        let layout = path.join("oci-layout").is_file();
        let mut command = Command::new(self.name());
        match self {
            Self::Syft => {
                let scheme = match (path.is_dir(), layout) {
                    (true, true) => "oci-dir",
                    (true, false) => "dir",
                    _ => "docker-archive",
                };
                command.args(["scan", &format!("{scheme}:{image}"), "-o", "json", "-q"]);
                command.env("SYFT_CHECK_FOR_APP_UPDATE", "false");
            }
            Self::Trivy => {
                let cache = java_index::cache_with_empty_index()?;
                if path.is_dir() && !layout {
                    command.args(["rootfs", image]);
                } else {
                    command.args(["image", "--input", image]);
                }
                command.args(TRIVY).arg("--cache-dir").arg(cache);
            }
        }
        crate::output(&mut command)
    }
}

/// No network, no database, no telling; the index of JARs is an empty one, so that JARs are told by what is in them.
const TRIVY: [&str; 9] = [
    "--format",
    "cyclonedx",
    "--offline-scan",
    "--cache-backend",
    "memory",
    "--disable-telemetry",
    "--skip-version-check",
    "--skip-java-db-update",
    "-q",
];

fn read_syft(report: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    let owners = syft_owners(report);
    for artifact in list(&report["artifacts"]) {
        let key = syft_key(artifact);
        let location = &artifact["locations"][0]["path"];
        let inner = text(&artifact["metadata"]["virtualPath"]);
        let place = if inner.is_empty() { text(location) } else { inner };
        items.push(Item {
            key,
            place: syft_place(place),
            found_by: text(&artifact["foundBy"]).to_owned(),
            owner: owners.get(text(&artifact["id"])).cloned(),
            facts: artifact.clone(),
        });
    }
    items
}

fn syft_key(artifact: &Value) -> Key {
    let kind = text(&artifact["type"]);
    let (name, version) = (text(&artifact["name"]), text(&artifact["version"]));
    let plain = || Key::normal(kind.to_owned(), name.to_owned(), version, "");
    Key::of(text(&artifact["purl"])).unwrap_or_else(plain)
}

/// Returns by the id of an artifact the package whose file list has its file.
fn syft_owners(report: &Value) -> BTreeMap<&str, Key> {
    let by_id: BTreeMap<&str, &Value> = list(&report["artifacts"])
        .iter()
        .map(|artifact| (text(&artifact["id"]), artifact))
        .collect();
    let relations = list(&report["artifactRelationships"]).iter();
    relations
        .filter(|relation| relation["type"] == "ownership-by-file-overlap")
        .filter_map(|relation| {
            let owner = by_id.get(text(&relation["parent"]))?;
            Some((text(&relation["child"]), syft_key(owner)))
        })
        .collect()
}

/// `/srv/a.war:WEB-INF/lib/b.jar:group:artifact` is `srv/a.war > WEB-INF/lib/b.jar`.
fn syft_place(path: &str) -> String {
    let mut place = String::new();
    let mut inside = false;
    for part in path.trim_start_matches('/').split(':') {
        if place.is_empty() {
            part.clone_into(&mut place);
        } else if inside && (part.contains('/') || reads_as_archive(part)) {
            place = format!("{place} > {part}");
        }
        inside = reads_as_archive(part);
    }
    place
}

fn reads_as_archive(path: &str) -> bool {
    const SUFFIXES: [&str; 10] =
        ["jar", "war", "ear", "par", "sar", "nar", "kar", "jpi", "hpi", "zip"];
    let suffix = Path::new(path).extension().and_then(|suffix| suffix.to_str());
    suffix.is_some_and(|suffix| SUFFIXES.contains(&suffix.to_ascii_lowercase().as_str()))
}

fn read_trivy(document: &Value) -> Vec<Item> {
    let mut items = Vec::new();
    let files = trivy_files(document);
    for component in list(&document["components"]) {
        let Some(key) = Key::of(text(&component["purl"])) else { continue };
        let property = |name: &str| {
            let all = list(&component["properties"]).iter();
            let found = all.into_iter().find(|entry| text(&entry["name"]).ends_with(name));
            found.map_or("", |entry| text(&entry["value"]))
        };
        let file = match property(":FilePath") {
            "" => files.get(text(&component["bom-ref"])).copied().unwrap_or_default(),
            file => file,
        };
        items.push(Item {
            key,
            place: trivy_place(file),
            found_by: property(":PkgType").to_owned(),
            owner: None,
            facts: component.clone(),
        });
    }
    items
}

/// Returns by reference the file that a component comes from: the application that leads to it.
fn trivy_files(document: &Value) -> BTreeMap<&str, &str> {
    let edges: BTreeMap<&str, &[Value]> = list(&document["dependencies"])
        .iter()
        .map(|edge| (text(&edge["ref"]), list(&edge["dependsOn"])))
        .collect();
    let mut files = BTreeMap::new();
    let components = list(&document["components"]).iter();
    for application in components.filter(|component| component["type"] == "application") {
        let mut ahead = vec![text(&application["bom-ref"])];
        while let Some(reference) = ahead.pop() {
            for below in edges.get(reference).copied().unwrap_or_default() {
                if files.insert(text(below), text(&application["name"])).is_none() {
                    ahead.push(text(below));
                }
            }
        }
    }
    files
}

/// `srv/a.war/WEB-INF/lib/b.jar` is `srv/a.war > WEB-INF/lib/b.jar`.
fn trivy_place(path: &str) -> String {
    let mut place = String::new();
    for part in path.split('/') {
        if !place.is_empty() {
            place.push_str(if reads_as_archive(&place) { " > " } else { "/" });
        }
        place.push_str(part);
    }
    place
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_inside_archives_are_written_as_ours() {
        assert_eq!(
            syft_place("/srv/a.war:WEB-INF/lib/b.jar:org.x:b"),
            "srv/a.war > WEB-INF/lib/b.jar"
        );
        assert_eq!(syft_place("/srv/a.jar:org.x:b"), "srv/a.jar");
        assert_eq!(syft_place("/srv/a.ear:b.war:c.jar"), "srv/a.ear > b.war > c.jar");
        assert_eq!(trivy_place("srv/a.war/WEB-INF/lib/b.jar"), "srv/a.war > WEB-INF/lib/b.jar");
        assert_eq!(trivy_place("srv/b.jar"), "srv/b.jar");
        assert_eq!(trivy_place(""), "");
    }

    #[test]
    fn lists_are_read() {
        let syft = json!({ "artifacts": [
            { "type": "npm", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "foundBy": "x",
              "locations": [{ "path": "/app/node_modules/a/package.json" }] },
            { "type": "binary", "name": "b", "version": "2", "locations": [] },
        ]});
        let items = read_syft(&syft);
        assert_eq!(items[0].place, "app/node_modules/a/package.json");
        assert_eq!(items[1].key.to_string(), "binary b 2");
        let trivy = json!({ "components": [
            { "bom-ref": "1", "type": "application", "name": "srv/go" },
            { "bom-ref": "3", "purl": "pkg:golang/stdlib@v1.2.3" },
            { "purl": "pkg:cargo/a@1", "properties": [
                { "name": "aquasecurity:trivy:FilePath", "value": "srv/a" },
                { "name": "aquasecurity:trivy:PkgType", "value": "rustbinary" },
            ]},
        ], "dependencies": [
            { "ref": "1", "dependsOn": ["2"] },
            { "ref": "2", "dependsOn": ["3", "2"] },
        ]});
        let mut items = read_trivy(&trivy);
        assert_eq!(items.remove(0).place, "srv/go");
        assert_eq!((items.len(), items[0].place.as_str()), (1, "srv/a"));
        let ours = json!({ "packages": [
            { "purl": "pkg:cargo/a@1", "evidence": [{ "path": "srv/a", "cataloguer": "program" }] },
        ], "problems": [{ "path": "srv/b" }] });
        let ours = read_ours(&ours);
        assert!(ours.has(&items[0].key) && ours.admitted.contains("srv/b"));
        assert_eq!(ours.at("srv/a"), [items[0].key.clone()]);
    }

    #[test]
    fn a_kept_list_is_found_by_the_name_of_the_image() {
        let kept = Rival::Syft.kept(Path::new("/kept"), "/lab/java-app.tar");
        assert_eq!(kept, Path::new("/kept/java-app.syft.json"));
    }
}
