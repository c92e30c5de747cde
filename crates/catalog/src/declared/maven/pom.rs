//! One `pom.xml`, and what it has from its parents and the lists that it imports.

use std::collections::HashMap;

use super::super::found::Found;
use super::super::xml::{self, Element};

/// How often a property may stand in for a property.
pub(super) const MAX_PROPERTY_DEPTH: usize = 8;
/// The longest property, and the longest text that properties are put into.
pub(super) const MAX_TEXT_BYTES: usize = 500;
/// The most dependencies of one list; real files have some hundred.
pub(super) const MAX_DEPENDENCIES: usize = 10_000;
/// The most entries of one list of versions whose names are made of properties.
const MAX_OPEN_ENTRIES: usize = 50;
/// The most parents of a project, one above the other.
pub(super) const MAX_PARENTS: usize = 16;
/// The most lists that a project and its parents import.
const MAX_IMPORTS: usize = 20;
/// The name of a file where only a folder is told.
const FILE: &str = "pom.xml";

/// Group, name and version.
pub(super) type Coordinates = [String; 3];
/// Group, name, type and classifier, by which Maven tells dependencies apart.
type Key = [String; 4];

/// What one file says; texts are as they stand there, with the properties in them.
#[derive(Debug, Default)]
pub(super) struct Pom {
    /// Its own, group and version those of its parent where it does not tell them.
    pub(super) coordinates: Coordinates,
    pub(super) dependencies: Vec<Dependency>,
    parent: Option<Coordinates>,
    /// Where its parent lies by its own word: a path from the root.
    parent_path: Option<String>,
    properties: HashMap<String, String>,
    /// What it says of all uses of a dependency.
    managed: HashMap<Key, Dependency>,
    /// The same of those whose group or name is made of properties.
    open: Vec<Dependency>,
    imports: Vec<Coordinates>,
}

/// One dependency, or what is said of all its uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Dependency {
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: String,
    pub(super) scope: String,
    kind: String,
    classifier: String,
}

impl Dependency {
    fn new(element: &Element) -> Self {
        let field = |name| element.text_of(name).to_owned();
        Self {
            group: field("groupId"),
            artifact: field("artifactId"),
            version: field("version"),
            scope: field("scope"),
            kind: Some(field("type")).filter(|kind| !kind.is_empty()).unwrap_or("jar".to_owned()),
            classifier: field("classifier"),
        }
    }

    fn key(&self) -> Key {
        [&self.group, &self.artifact, &self.kind, &self.classifier].map(Clone::clone)
    }
}

impl Pom {
    /// Reads the file at `path`; one that cannot be read is a problem and says nothing.
    pub(super) fn new(path: &str, body: &[u8], found: &mut Found) -> Self {
        let project = xml::read(body, found);
        if project.name != "project" {
            if found.is_bare() {
                found.broken("it is not what its name says: no `project`");
            }
            return Self::default();
        }
        let parent = project.child("parent");
        let field = |name: &str| match (project.text_of(name), parent) {
            ("", Some(parent)) if name != "artifactId" => parent.text_of(name).to_owned(),
            (text, _) => text.to_owned(),
        };
        let properties = project.child("properties").into_iter().flat_map(|list| &list.children);
        let mut pom = Self {
            coordinates: ["groupId", "artifactId", "version"].map(field),
            dependencies: dependencies(Some(&project), found),
            parent: parent.map(coordinates),
            parent_path: parent.and_then(|parent| parent_path(path, parent)),
            properties: properties.map(|it| (it.name.clone(), it.text().to_owned())).collect(),
            ..Self::default()
        };
        for managed in dependencies(project.child("dependencyManagement"), found) {
            pom.manage(managed, found);
        }
        pom
    }

    fn manage(&mut self, managed: Dependency, found: &mut Found) {
        if managed.scope == "import" {
            if self.imports.len() < MAX_IMPORTS {
                self.imports.push([managed.group, managed.artifact, managed.version]);
            }
        } else if managed.group.contains("${") || managed.artifact.contains("${") {
            if self.open.len() == MAX_OPEN_ENTRIES {
                found.over(format!(
                    "more than {MAX_OPEN_ENTRIES} versions of names with properties"
                ));
            } else if self.open.len() < MAX_OPEN_ENTRIES {
                self.open.push(managed);
            }
        } else {
            self.managed.entry(managed.key()).or_insert(managed);
        }
    }
}

/// Returns the dependencies in the list of an element.
fn dependencies(part: Option<&Element>, found: &mut Found) -> Vec<Dependency> {
    let list = part.and_then(|part| part.child("dependencies"));
    let mut all = list.into_iter().flat_map(|list| list.all("dependency"));
    let taken = all.by_ref().take(MAX_DEPENDENCIES).map(Dependency::new).collect();
    if all.next().is_some() {
        found.over(format!("more than {MAX_DEPENDENCIES} dependencies; the rest is not read"));
    }
    taken
}

fn coordinates(element: &Element) -> Coordinates {
    ["groupId", "artifactId", "version"].map(|name| element.text_of(name).to_owned())
}

/// Returns where the parent of the file at `path` lies: `../pom.xml` where that is not told, nowhere where
/// it is told to be empty or above the root.
fn parent_path(path: &str, parent: &Element) -> Option<String> {
    let told = parent.child("relativePath").map_or("..", Element::text);
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in told.split(['/', '\\']) {
        match part {
            ".." => drop(parts.pop()?),
            "" | "." => {}
            name => parts.push(name),
        }
    }
    if !told.to_ascii_lowercase().ends_with(".xml") {
        parts.push(FILE);
    }
    (!told.is_empty() && !told.starts_with('/')).then(|| parts.join("/"))
}

/// All files of a target, by their paths and by their coordinates.
#[derive(Debug, Default)]
pub(super) struct Poms {
    pub(super) all: Vec<Pom>,
    by_path: HashMap<String, usize>,
    by_coordinates: HashMap<Coordinates, usize>,
}

impl Poms {
    /// Adds what a file says; of two with the same coordinates the first counts.
    pub(super) fn add(&mut self, path: &str, pom: Pom) {
        let index = self.all.len();
        self.by_path.insert(path.to_owned(), index);
        self.by_coordinates.entry(pom.coordinates.clone()).or_insert(index);
        self.all.push(pom);
    }

    fn find(&self, coordinates: &Coordinates) -> Option<&Pom> {
        self.all.get(*self.by_coordinates.get(coordinates)?)
    }

    /// Returns the parent of a file, where it says and if it is that one, or wherever it is.
    fn parent(&self, pom: &Pom) -> Option<&Pom> {
        let wanted = pom.parent.as_ref()?;
        let told = pom.parent_path.as_ref().and_then(|path| self.all.get(*self.by_path.get(path)?));
        told.filter(|told| told.coordinates == *wanted).or_else(|| self.find(wanted))
    }

    /// Returns a file with its parents, and what they import.
    pub(super) fn line<'a>(&'a self, pom: &'a Pom) -> Line<'a> {
        let mut line = self.ancestry(pom);
        let imports = line.poms.iter().flat_map(|pom| &pom.imports).take(MAX_IMPORTS);
        let imports = imports.map(|told| told.each_ref().map(|text| line.resolve(text)));
        let found = imports.filter_map(|coordinates| self.find(&coordinates));
        line.imports = found.map(|pom| self.ancestry(pom)).collect();
        line
    }

    fn ancestry<'a>(&'a self, pom: &'a Pom) -> Line<'a> {
        let mut poms = vec![pom];
        while let Some(parent) = poms.last().and_then(|pom| self.parent(pom)) {
            if poms.len() > MAX_PARENTS || poms.iter().any(|known| std::ptr::eq(*known, parent)) {
                break;
            }
            poms.push(parent);
        }
        Line { poms, imports: Vec::new() }
    }
}

/// A file and its parents, nearest first, and the lists that they import, with their parents.
#[derive(Debug)]
pub(super) struct Line<'a> {
    poms: Vec<&'a Pom>,
    imports: Vec<Line<'a>>,
}

impl Line<'_> {
    /// Returns a dependency with its properties put in, and with the version and scope that are said of
    /// all its uses where it has none of its own.
    pub(super) fn settle(&self, dependency: &Dependency) -> Dependency {
        let mut settled = self.resolved(dependency);
        let is_whole = !settled.version.is_empty() && !settled.scope.is_empty();
        if let Some(managed) =
            Some(settled.key()).filter(|_| !is_whole).and_then(|key| self.managed(&key))
        {
            for (own, told) in
                [(&mut settled.version, managed.version), (&mut settled.scope, managed.scope)]
            {
                if own.is_empty() {
                    *own = told;
                }
            }
        }
        settled
    }

    fn resolved(&self, dependency: &Dependency) -> Dependency {
        let Dependency { group, artifact, version, scope, kind, classifier } = dependency;
        let [group, artifact, version, scope, kind, classifier] =
            [group, artifact, version, scope, kind, classifier].map(|text| self.resolve(text));
        Dependency { group, artifact, version, scope, kind, classifier }
    }

    fn managed(&self, key: &Key) -> Option<Dependency> {
        for pom in &self.poms {
            if let Some(managed) = pom.managed.get(key) {
                return Some(self.resolved(managed));
            }
            let mut open = pom.open.iter().map(|managed| self.resolved(managed));
            if let Some(managed) = open.find(|managed| managed.key() == *key) {
                return Some(managed);
            }
        }
        self.imports.iter().find_map(|imported| imported.managed(key))
    }

    /// Puts the properties of the files into a text. What they do not know stays as it is.
    fn resolve(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MAX_PROPERTY_DEPTH {
            let Some(next) = self.resolve_once(&text) else { break };
            text = next;
        }
        text
    }

    fn resolve_once(&self, text: &str) -> Option<String> {
        let (mut out, mut rest, mut is_changed) = (String::new(), text, false);
        while let Some((before, (name, after))) =
            rest.split_once("${").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            out.push_str(before);
            match self.property(name) {
                Some(value) => {
                    out.push_str(value);
                    is_changed = true;
                }
                None => out.extend(["${", name, "}"]),
            }
            rest = after;
            if out.len() > MAX_TEXT_BYTES {
                return None;
            }
        }
        out.push_str(rest);
        is_changed.then_some(out)
    }

    /// Returns the value of a property; one of a child goes before that of its parents.
    fn property(&self, name: &str) -> Option<&str> {
        let own = self.poms.first()?;
        let plain = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."));
        let parent = |at: usize| own.parent.as_ref().map(|parent| parent[at].as_str());
        let value = match plain.unwrap_or_default() {
            "groupId" => Some(own.coordinates[0].as_str()),
            "artifactId" => Some(own.coordinates[1].as_str()),
            "version" => Some(own.coordinates[2].as_str()),
            "parent.groupId" => parent(0),
            "parent.version" => parent(2),
            _ => self.poms.iter().find_map(|pom| pom.properties.get(name).map(String::as_str)),
        };
        value.filter(|value| !value.is_empty() && value.len() <= MAX_TEXT_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_lies_above_unless_it_is_told_elsewhere() {
        let at = |path: &str, told: &str| {
            let mut found = Found::new("maven");
            let parent = xml::read(format!("<parent>{told}</parent>").as_bytes(), &mut found);
            parent_path(path, &parent)
        };
        let told = |path: &str| format!("<relativePath>{path}</relativePath>");
        assert_eq!(at("a/b/pom.xml", ""), Some("a/pom.xml".to_owned()));
        assert_eq!(at("a/pom.xml", ""), Some("pom.xml".to_owned()));
        assert_eq!(at("a/pom.xml", &told("../b/parent.xml")), Some("b/parent.xml".to_owned()));
        assert_eq!(at("a/pom.xml", &told("./../b/")), Some("b/pom.xml".to_owned()));
        for nowhere in ["<relativePath/>", &told("/pom.xml"), &told("../../pom.xml")] {
            assert_eq!(at("a/pom.xml", nowhere), None, "{nowhere}");
        }
        assert_eq!(at("pom.xml", ""), None);
    }

    #[test]
    fn names_made_of_properties_have_a_limit() {
        let problems = |count: usize| {
            let one = "<dependency><groupId>${g}</groupId><artifactId>a</artifactId></dependency>";
            let body = format!(
                "<project><dependencyManagement><dependencies>{}</dependencies>\
                 </dependencyManagement></project>",
                one.repeat(count)
            );
            let mut found = Found::new("maven");
            Pom::new("pom.xml", body.as_bytes(), &mut found);
            found.finish().problems.len()
        };
        assert_eq!((problems(MAX_OPEN_ENTRIES), problems(MAX_OPEN_ENTRIES + 1)), (0, 1));
    }
}
