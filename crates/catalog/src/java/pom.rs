//! What Maven leaves in an archive about it: `pom.properties` and `pom.xml`.

use plimsoll_model::{Confidence, Evidence, Package};

use super::file_name::{is_token, is_version};

/// One of them: group, artifact and version.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Pom {
    pub(super) path: String,
    pub(super) group: String,
    pub(super) artifact: String,
    pub(super) version: String,
    /// Names of licences, as stated.
    pub(super) licenses: Vec<String>,
}

/// The most licences of one `pom.xml`.
const MAX_LICENSES: usize = 20;
/// The most bytes of the name of a licence.
const MAX_LICENSE_BYTES: usize = 200;

impl Pom {
    /// Reads a `pom.properties`; `None` if it does not name group and artifact, which its path tells where
    /// it does not. The version is empty where only a build would know it.
    ///
    /// ```text
    /// groupId=org.apache.logging.log4j
    /// artifactId=log4j-core
    /// version=2.14.1
    /// ```
    pub(super) fn properties(path: &str, text: &str) -> Option<Self> {
        let folder = path.find("META-INF/maven/").map_or("", |start| &path[start..]);
        let (group, artifact) = coordinates(folder, "pom.properties").unwrap_or_default();
        let mut pom = Self { path: path.to_owned(), group, artifact, ..Self::default() };
        for (key, value) in properties(text) {
            if value.is_empty() || value.contains("${") {
                continue;
            }
            match key {
                "groupId" => pom.group = value,
                "artifactId" => pom.artifact = value,
                "version" => pom.version = value,
                _ => {}
            }
        }
        if !is_version(&pom.version) {
            pom.version.clear();
        }
        (!pom.group.is_empty() && is_token(&pom.artifact)).then_some(pom)
    }

    /// Reads a `pom.xml`: what it lacks of group and version its parent tells, and then its path. The
    /// version is empty where only a build would know it.
    ///
    /// ```text
    /// <project><parent><version>2.14.1</version>…</parent><artifactId>log4j-core</artifactId>…</project>
    /// ```
    pub(super) fn xml(path: &str, text: &str) -> Option<Self> {
        let folder = path.find("META-INF/maven/").map_or("", |start| &path[start..]);
        let (group, artifact) = coordinates(folder, "pom.xml")?;
        let mut pom = Self { path: path.to_owned(), ..Self::default() };
        let (mut parent_group, mut parent_version) = (String::new(), String::new());
        for (place, value) in elements(text) {
            let is_literal = !value.contains("${") && !value.is_empty();
            match place.as_str() {
                "project/groupId" if is_literal => pom.group = value,
                "project/artifactId" if is_literal => pom.artifact = value,
                "project/version" => pom.version = value,
                "project/parent/groupId" if is_literal => parent_group = value,
                "project/parent/version" if is_literal => parent_version = value,
                "project/licenses/license/name"
                    if is_literal
                        && pom.licenses.len() < MAX_LICENSES
                        && value.len() <= MAX_LICENSE_BYTES =>
                {
                    pom.licenses.push(value);
                }
                _ => {}
            }
        }
        pom.version = match pom.version.as_str() {
            "" | "${project.parent.version}" | "${parent.version}" => parent_version,
            other if is_version(other) => other.to_owned(),
            _ => String::new(),
        };
        let or = |text: String, other: String| if text.is_empty() { other } else { text };
        pom.group = or(pom.group, or(parent_group, group));
        pom.artifact = or(pom.artifact, artifact);
        (is_token(&pom.artifact) && is_token(&pom.group)).then_some(pom)
    }

    /// Makes the package of a file that lies loose in the tree.
    pub(super) fn package(&self) -> Package {
        Package {
            name: format!("{}:{}", self.group, self.artifact),
            version: self.version.clone(),
            kind: "maven".to_owned(),
            confidence: Some(Confidence::High),
            evidence: vec![Evidence::default()],
            ..Package::default()
        }
    }
}

/// Returns keys and values of a file of properties; `\` is left out of values. Key and value are parted by
/// `=`, `:` or blanks, as in `key=value`, `key : value` and `key value`
/// (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html>).
pub(super) fn properties(text: &str) -> impl Iterator<Item = (&str, String)> {
    let blank = |letter: char| matches!(letter, ' ' | '\t' | '\u{c}');
    let is_end = move |letter: char| blank(letter) || matches!(letter, '=' | ':');
    text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '!'])).filter_map(
        move |line| {
            let (key, value) = line.split_at(line.find(is_end)?);
            let value = value.trim_start_matches(blank);
            let value = value.strip_prefix(['=', ':']).unwrap_or(value);
            Some((key, value.trim_start_matches(blank).replace('\\', "")))
        },
    )
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

/// How deep elements may stand in each other; below, nothing is looked at.
const MAX_XML_DEPTH: usize = 6;

/// Returns the elements with nothing but text in them, up to [`MAX_XML_DEPTH`]: place and text. Not a
/// whole reader of XML: comments, instructions and CDATA are passed over, and what is broken ends it.
fn elements(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let (mut deeper, mut rest, mut value) = (0_usize, text, None);
    while let Some(start) = rest.find('<') {
        let before = &rest[..start];
        let tag = &rest[start..];
        let (skip, is_tag) = match tag {
            _ if tag.starts_with("<!--") => (tag.find("-->").map(|end| end + 3), false),
            _ if tag.starts_with("<![CDATA[") => (tag.find("]]>").map(|end| end + 3), false),
            _ if tag.starts_with("<?") | tag.starts_with("<!") => {
                (tag.find('>').map(|e| e + 1), false)
            }
            _ => (tag.find('>').map(|end| end + 1), true),
        };
        let Some(skip) = skip else { break };
        rest = &tag[skip..];
        if !is_tag {
            continue;
        }
        let inner = &tag[1..skip - 1];
        if inner.starts_with('/') {
            if deeper > 0 {
                deeper -= 1;
            } else if let Some(text) = value.take().map(|()| before.trim()) {
                found.push((open.join("/"), text.to_owned()));
                open.pop();
            } else if open.pop().is_none() {
                break;
            }
        } else if !inner.ends_with('/') {
            let name =
                inner.split(|letter: char| letter.is_whitespace()).next().unwrap_or_default();
            if deeper > 0 || open.len() == MAX_XML_DEPTH {
                deeper += 1;
            } else {
                open.push(name);
            }
            value = (deeper == 0).then_some(());
            continue;
        }
        value = None;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "META-INF/maven/g/a/pom.xml";

    #[test]
    fn keys_and_values_are_parted_as_java_does() {
        let text = "# x=1\r\na=1\r\nb = 2\nc : 3\n d\t4\ne:=5\nf=\\:6 7\n!g=8\nh\n";
        let found: Vec<String> = properties(text).map(|(k, v)| format!("{k}|{v}")).collect();
        assert_eq!(found, ["a|1", "b|2", "c|3", "d|4", "e|=5", "f|:6 7"]);
    }

    #[test]
    fn broken_pom_properties_tell_no_version() {
        let path = "META-INF/maven/g/a/pom.properties";
        for text in ["", "version=${project.version}", "#c\r\nversion = 1\\:0\r\n"] {
            assert_eq!(Pom::properties(path, text).unwrap().version, "", "{text}");
        }
        assert!(Pom::properties("META-INF/maven/pom.properties", "version=1").is_none());
        let path = "BOOT-INF/classes/META-INF/maven/g/a/pom.properties";
        let pom = Pom::properties(path, "version: 1.0").unwrap();
        assert_eq!((pom.group.as_str(), pom.artifact.as_str()), ("g", "a"));
    }

    #[test]
    fn a_pom_xml_tells_itself_and_not_its_dependencies() {
        let text = "<?xml version='1.0'?><!-- <version>0</version> --><project xmlns=\"x\">\n\
            <parent><groupId>org.example</groupId><artifactId>all</artifactId><version>3</version></parent>\n\
            <artifactId> demo </artifactId>\n<dependencies><dependency><version>9</version></dependency>\
            </dependencies><licenses><license><name>MIT</name></license></licenses></project>";
        let pom = Pom::xml(PATH, text).unwrap();
        assert_eq!((pom.group.as_str(), pom.artifact.as_str()), ("org.example", "demo"));
        assert_eq!((pom.version.as_str(), pom.licenses.as_slice()), ("3", &["MIT".to_owned()][..]));
    }

    #[test]
    fn what_only_a_build_knows_is_left_open() {
        let version = |text: &str| Pom::xml(PATH, text).unwrap().version;
        assert_eq!(version("<project><version>${revision}</version></project>"), "");
        assert_eq!(version("<project><version>1.2</version></project>"), "1.2");
        assert_eq!(version("<project><x/><version>1.2</version></project>"), "1.2");
        assert_eq!(version("<project><version>1.2"), "");
        assert_eq!(version("</project>"), "");
    }

    #[test]
    fn the_depth_has_a_limit() {
        let deep = |depth: usize| format!("{}x{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(elements(&deep(MAX_XML_DEPTH)).len(), 1);
        assert_eq!(elements(&deep(MAX_XML_DEPTH + 1)), []);
    }

    #[test]
    fn licences_have_limits() {
        let one = |name: &str| format!("<license><name>{name}</name></license>");
        let many = one("MIT").repeat(MAX_LICENSES + 1) + &one(&"x".repeat(MAX_LICENSE_BYTES + 1));
        let text = format!("<project><licenses>{many}</licenses></project>");
        assert_eq!(Pom::xml(PATH, &text).unwrap().licenses.len(), MAX_LICENSES);
        let text = format!("<project><licenses>{}</licenses></project>", one(&"x".repeat(201)));
        assert!(Pom::xml(PATH, &text).unwrap().licenses.is_empty());
    }
}
