//! `META-INF/MANIFEST.MF`: the main section.
//!
//! Lines end with CR, LF or both; a line that begins with a blank continues the one above; a blank line
//! ends the main section, and what follows is about single entries (JAR file specification).

/// The attributes of the main section, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    attributes: Vec<(String, String)>,
}

/// The most attributes that are kept.
const MAX_ATTRIBUTES: usize = 1_000;

impl Manifest {
    /// Reads the main section.
    ///
    /// ```text
    /// Manifest-Version: 1.0
    /// Implementation-Title: xercesImpl
    /// Implementation-Version: 2.12.2
    /// ```
    pub(super) fn parse(text: &str) -> Self {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut attributes: Vec<(String, String)> = Vec::new();
        for line in text.trim_start_matches(['\u{feff}', '\n']).split('\n') {
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
        Self { attributes }
    }

    /// Returns the value of an attribute, whatever the case of its name; an empty text if there is
    /// none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.trim())
    }
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
}
