//! Maven: `pom.xml`, its own coordinates and the dependencies whose versions stand in it.
//!
//! Followed: <https://maven.apache.org/pom.html>. Parents and imported lists lie in repositories and are
//! not looked up: a dependency whose version stands there is counted, and not listed.

use std::collections::HashMap;

use plimsoll_model::{FileYield, Want};

use super::found::{Found, add_license};
use super::xml::{self, Element};
use crate::cataloguer::{Cataloguer, FileInput};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = super::row("maven-pom", 1, &[Want::Name("pom.xml")], read);

/// How often a property may stand in for a property.
const MAX_PROPERTY_DEPTH: usize = 8;
/// The longest property, and the longest text that properties are put into.
const MAX_TEXT_BYTES: usize = 500;
/// The most dependencies of one list; real files have some hundred.
const MAX_DEPENDENCIES: usize = 10_000;
/// The scopes of what does not go along with the product.
const LEFT_OUT: &[&str] = &["test", "provided", "system"];

/// Reads one file.
///
/// ```text
/// <project><groupId>org.example</groupId><artifactId>shop</artifactId><version>1.0</version>
///   <properties><v>2.14.1</v></properties>
///   <dependencies><dependency><groupId>org.apache.logging.log4j</groupId>
///     <artifactId>log4j-core</artifactId><version>${v}</version></dependency></dependencies></project>
/// ```
fn read(input: &FileInput<'_>) -> FileYield {
    super::read(input, "maven", parse_pom)
}

fn parse_pom(input: &FileInput<'_>, found: &mut Found) {
    let project = xml::read(input.body, found);
    let pom = Pom::new(&project);
    let [group, artifact, version] =
        ["groupId", "artifactId", "version"].map(|field| pom.own(field));
    if let Some(package) = add(&pom, [&group, &artifact, &version], found) {
        for license in project.child("licenses").into_iter().flat_map(|list| list.all("license")) {
            add_license(package, license.text_of("name"));
        }
    }
    add_dependencies(&pom, found);
}

fn add_dependencies(pom: &Pom<'_>, found: &mut Found) {
    let mut loose = 0;
    let list =
        pom.project.child("dependencies").into_iter().flat_map(|list| list.all("dependency"));
    for (index, dependency) in list.enumerate() {
        if index == MAX_DEPENDENCIES {
            found.over(format!("more than {MAX_DEPENDENCIES} dependencies; the rest is not read"));
            break;
        }
        let managed = pom.managed.get(&pom.key(dependency)).copied();
        let field = |name: &str| match (dependency.text_of(name), managed) {
            ("", Some(managed)) => managed.text_of(name).to_owned(),
            (text, _) => text.to_owned(),
        };
        if LEFT_OUT.contains(&field("scope").as_str()) {
            continue;
        }
        let [group, artifact, version] = ["groupId", "artifactId", "version"].map(field);
        loose += usize::from(exact(&pom.resolve(&version)).is_none());
        add(pom, [&group, &artifact, &version], found);
    }
    match loose {
        0 => {}
        1 => found.remark("1 dependency has no exact version here and is not listed"),
        _ => found
            .remark(format!("{loose} dependencies have no exact version here and are not listed")),
    }
}

fn add<'f>(
    pom: &Pom<'_>,
    words: [&str; 3],
    found: &'f mut Found,
) -> Option<&'f mut plimsoll_model::Package> {
    let [group, artifact, version] = words.map(|word| pom.resolve(word));
    let is_open = |word: &str| word.is_empty() || word.contains("${");
    let version = exact(&version)?;
    if is_open(&group) || is_open(&artifact) {
        return None;
    }
    found.add(&format!("{group}:{artifact}"), version)
}

/// Returns the version if it is one and not a range: `1.0`, `[1.0]`.
fn exact(version: &str) -> Option<&str> {
    let inner = version.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let version = inner.unwrap_or(version).trim();
    let is_exact = !version.is_empty() && !version.contains(['[', ']', '(', ')', ',', '$']);
    is_exact.then_some(version)
}

struct Pom<'a> {
    project: &'a Element,
    properties: HashMap<&'a str, &'a str>,
    /// What the file says elsewhere of all uses of a dependency, by group and name.
    managed: HashMap<(String, String), &'a Element>,
}

impl<'a> Pom<'a> {
    fn new(project: &'a Element) -> Self {
        let properties = project.child("properties").into_iter().flat_map(|list| &list.children);
        let properties = properties.map(|property| (property.name.as_str(), property.text()));
        let mut pom = Self { project, properties: properties.collect(), managed: HashMap::new() };
        let list =
            project.child("dependencyManagement").and_then(|part| part.child("dependencies"));
        for managed in
            list.into_iter().flat_map(|list| list.all("dependency")).take(MAX_DEPENDENCIES)
        {
            pom.managed.entry(pom.key(managed)).or_insert(managed);
        }
        pom
    }

    fn key(&self, dependency: &Element) -> (String, String) {
        let field = |name| self.resolve(dependency.text_of(name));
        (field("groupId"), field("artifactId"))
    }

    /// Returns a coordinate of the project, or its parent's.
    fn own(&self, field: &str) -> String {
        let of_parent = self.project.child("parent").filter(|_| field != "artifactId");
        match self.project.text_of(field) {
            "" => of_parent.map_or("", |parent| parent.text_of(field)).to_owned(),
            text => text.to_owned(),
        }
    }

    /// Puts the properties of the file into a text. What it does not know stays as it is.
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

    fn property(&self, name: &str) -> Option<&'a str> {
        let parent_of =
            |field: &str| self.project.child("parent").map_or("", |it| it.text_of(field));
        let plain = name.strip_prefix("project.").or_else(|| name.strip_prefix("pom."));
        let value = match plain.unwrap_or_default() {
            field @ ("groupId" | "version") => match self.project.text_of(field) {
                "" => parent_of(field),
                text => text,
            },
            "artifactId" => self.project.text_of("artifactId"),
            "parent.version" => parent_of("version"),
            "parent.groupId" => parent_of("groupId"),
            _ => self.properties.get(name).copied().unwrap_or_default(),
        };
        Some(value).filter(|value| !value.is_empty() && value.len() <= MAX_TEXT_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(properties: &str, version: &str) -> Vec<String> {
        let body = format!(
            "<project><properties>{properties}</properties><dependencies><dependency>\
             <groupId>a</groupId><artifactId>b</artifactId><version>{version}</version>\
             </dependency></dependencies></project>"
        );
        let found = read(&FileInput { path: "pom.xml", body: body.as_bytes() });
        found.packages.into_iter().map(|package| package.version).collect()
    }

    #[test]
    fn dependencies_have_a_limit() {
        let gaps = |count: usize| -> Vec<_> {
            let one = "<dependency><groupId>a</groupId></dependency>";
            let list = one.repeat(count);
            let body = format!("<project><dependencies>{list}</dependencies></project>");
            let found = read(&FileInput { path: "pom.xml", body: body.as_bytes() });
            found.problems.into_iter().filter_map(|problem| problem.gap).collect()
        };
        assert_eq!(gaps(MAX_DEPENDENCIES), []);
        assert_eq!(gaps(MAX_DEPENDENCIES + 1), [plimsoll_model::GapKind::Limit]);
    }

    #[test]
    fn properties_have_limits_of_depth_and_size() {
        let chain = |length: usize| -> String {
            let link = |n: usize| format!("<p{n}>${{p{}}}</p{n}>", n + 1);
            let links: String = (1..length).map(link).collect();
            format!("{links}<p{length}>1.0</p{length}>")
        };
        assert_eq!(versions(&chain(MAX_PROPERTY_DEPTH), "${p1}"), ["1.0"]);
        assert!(versions(&chain(MAX_PROPERTY_DEPTH + 1), "${p1}").is_empty());
        let long = |bytes: usize| format!("<p>{}</p>", "1".repeat(bytes));
        assert_eq!(versions(&long(400), "${p}"), ["1".repeat(400)]);
        assert!(versions(&long(MAX_TEXT_BYTES + 1), "${p}").is_empty());
        // Each stands for the one before twice.
        let double = |n: usize| format!("<p{n}>${{p{0}}}${{p{0}}}</p{n}>", n + 1);
        let doubles: String = (1..60).map(double).collect();
        assert!(versions(&format!("{doubles}<p60>1</p60>"), "${p1}").is_empty());
    }
}
