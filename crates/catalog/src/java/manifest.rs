//! `META-INF/MANIFEST.MF`: the main section, and the versions of the others.
//!
//! Lines end with CR, LF or both; a line that begins with a blank continues the one above; a blank line
//! ends the main section, and what follows is about single entries (JAR file specification).

use super::file_name::is_version;

/// The attributes of the main section, in order, and the versions that other sections state.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    attributes: Vec<(String, String)>,
    /// The folder that a section is about, and its `Implementation-Version`.
    versions: Vec<(String, String)>,
}

/// The most attributes that are kept of the main section, and versions of others.
const MAX_ATTRIBUTES: usize = 1_000;

impl Manifest {
    /// Reads a manifest.
    ///
    /// ```text
    /// Manifest-Version: 1.0
    /// Implementation-Title: xercesImpl
    /// Implementation-Version: 2.12.2
    ///
    /// Name: org/apache/xerces/impl/
    /// Implementation-Version: 2.12.2
    /// ```
    pub(super) fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.trim_start_matches(['\u{feff}', '\n']);
        let (main, others) = text.split_once("\n\n").unwrap_or((text, ""));
        let section = |text: &str| Self { attributes: attributes(text), versions: Vec::new() };
        let mut manifest = section(main);
        for text in others.split("\n\n") {
            if manifest.versions.len() == MAX_ATTRIBUTES {
                break;
            }
            // Most sections are digests of single files.
            if text.contains("Implementation-Version") {
                let other = section(text);
                let version = other.get("Implementation-Version").to_owned();
                manifest.versions.push((other.get("Name").to_owned(), version));
            }
        }
        manifest
    }

    /// Returns the version that a section states of a folder (`org/apache/xerces/`), or of one in it.
    pub(super) fn version_of(&self, folder: &str) -> Option<&str> {
        let found = self.versions.iter().find(|(name, _)| name.starts_with(folder));
        found.map(|(_, version)| version.as_str()).filter(|version| is_version(version))
    }

    /// Returns the value of an attribute, whatever the case of its name; an empty text if there is
    /// none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }
}

fn attributes(text: &str) -> Vec<(String, String)> {
    let mut attributes: Vec<(String, String)> = Vec::new();
    for line in text.split('\n') {
        if line.is_empty() || attributes.len() >= MAX_ATTRIBUTES {
            break;
        }
        if let Some(more) = line.strip_prefix([' ', '\t']) {
            if let Some((_, value)) = attributes.last_mut() {
                value.push_str(more);
            }
        } else if let Some((name, value)) = line.split_once(':') {
            attributes.push((name.trim().to_owned(), value.trim_start().to_owned()));
        }
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_section_is_read_with_any_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["A: 1", "Long: one", "  two", "b:3", "", "Name: x", "A: 2", ""].join(end);
            let manifest = Manifest::parse(&text);
            assert_eq!(manifest.get("a"), "1");
            assert_eq!(manifest.get("Long"), "one two");
            assert_eq!(manifest.get("B"), "3");
            assert_eq!(manifest.get("Name"), "");
        }
    }

    #[test]
    fn the_number_of_attributes_has_a_limit() {
        let text = "A: x\n".repeat(MAX_ATTRIBUTES + 1);
        assert_eq!(Manifest::parse(&text).attributes.len(), MAX_ATTRIBUTES);
    }

    #[test]
    fn other_sections_state_versions_of_folders() {
        let text = "A: 1\n\nName: org/x/impl/\nImplementation-Version: 2.1\n\nName: org/y/\n\
            Implementation-Version: ${v}\n\nName: a.class\nSHA-256-Digest: x\n";
        let manifest = Manifest::parse(text);
        assert_eq!(manifest.version_of("org/x/"), Some("2.1"));
        assert_eq!(manifest.version_of("org/y/"), None);
        assert_eq!(manifest.version_of("org/z/"), None);
        let many = "Name: a/\nImplementation-Version: 1\n\n".repeat(MAX_ATTRIBUTES + 1);
        assert_eq!(Manifest::parse(&format!("A: 1\n\n{many}")).versions.len(), MAX_ATTRIBUTES);
    }
}
