//! The headers of `METADATA` and `PKG-INFO`.
//!
//! The fields are those of the core metadata specification
//! (<https://packaging.python.org/en/latest/specifications/core-metadata/>).

use plimsoll_model::Package;

use crate::stanza::{fields, stanzas, text};

/// The bytes of the headers that are looked at; the description below them may be of any size.
const MAX_HEADER_BYTES: usize = 1 << 20;
/// The longest licence that is kept: some put the whole text there.
const MAX_LICENSE_CHARS: usize = 200;
/// The most licences of one distribution.
const MAX_LICENSES: usize = 20;

/// Reads the headers up to the first blank line; what they do not state is empty.
///
/// ```text
/// Metadata-Version: 2.1
/// Name: Jinja2
/// Version: 2.10
/// License: BSD
/// Classifier: License :: OSI Approved :: BSD License
/// ```
pub fn parse_metadata(body: &[u8]) -> Package {
    let mut package = Package { kind: "pypi".to_owned(), ..Package::default() };
    let mut expression = None;
    let head = body.get(..MAX_HEADER_BYTES).unwrap_or(body);
    for (name, value) in stanzas(head).next().into_iter().flat_map(fields) {
        match name.to_ascii_lowercase().as_slice() {
            // Of fields that are there twice the first counts, as for Python itself.
            b"name" if package.name.is_empty() => package.name = text(value),
            b"version" if package.version.is_empty() => package.version = text(value),
            b"license-expression" => expression = Some(text(value)),
            b"license" => add_license(&mut package, &text(value)),
            b"classifier" => {
                if let Some(path) = text(value).strip_prefix("License ::") {
                    add_license(&mut package, path.rsplit("::").next().unwrap_or_default().trim());
                }
            }
            _ => {}
        }
    }
    if let Some(expression) = expression.filter(|text| !text.is_empty()) {
        package.licenses = vec![expression.chars().take(MAX_LICENSE_CHARS).collect()];
    }
    package
}

fn add_license(package: &mut Package, license: &str) {
    let license: String = license.chars().take(MAX_LICENSE_CHARS).collect();
    let is_stated = !matches!(license.as_str(), "" | "UNKNOWN" | "OSI Approved");
    if is_stated && package.licenses.len() < MAX_LICENSES && !package.licenses.contains(&license) {
        package.licenses.push(license);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_end_at_the_blank_line() {
        let body = b"Metadata-Version: 2.1\r\nName: Jinja2\r\nVersion: 2.10\r\nLicense: BSD\r\n\
            Classifier: License :: OSI Approved :: BSD License\r\n\r\nVersion: 9\r\n";
        let package = parse_metadata(body);
        assert_eq!((package.name.as_str(), package.version.as_str()), ("Jinja2", "2.10"));
        assert_eq!(package.licenses, ["BSD", "BSD License"]);
    }

    #[test]
    fn of_fields_that_are_there_twice_the_first_counts() {
        let package = parse_metadata(b"Name: Django\nVersion: 3.2\nName: Flask\nVersion: 0.1\n");
        assert_eq!((package.name.as_str(), package.version.as_str()), ("Django", "3.2"));
    }

    #[test]
    fn a_licence_expression_says_it_all() {
        let package = parse_metadata(b"License-Expression: MIT\nLicense: The text\n of it\n");
        assert_eq!(package.licenses, ["MIT"]);
        let package = parse_metadata(b"License: UNKNOWN\n");
        assert!(package.licenses.is_empty());
    }

    #[test]
    fn headers_and_licences_have_limits() {
        let mut body = b"Name: a\nX: ".to_vec();
        body.resize(MAX_HEADER_BYTES, b'x');
        body.extend_from_slice(b"\nVersion: 1\n");
        assert_eq!(parse_metadata(&body).version, "");
        let body = format!("License: {}\n", "é".repeat(MAX_LICENSE_CHARS + 1));
        assert_eq!(parse_metadata(body.as_bytes()).licenses[0].chars().count(), MAX_LICENSE_CHARS);
        let lines: Vec<String> = (0..50).map(|n| format!("Classifier: License :: L{n}")).collect();
        assert_eq!(parse_metadata(lines.join("\n").as_bytes()).licenses.len(), MAX_LICENSES);
    }
}
