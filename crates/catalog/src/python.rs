//! Installed Python distributions: `METADATA`, `PKG-INFO` and `.egg-info` files.
//!
//! The fields are those of the core metadata specification
//! (<https://packaging.python.org/en/latest/specifications/core-metadata/>); the name of the folder
//! is `NAME-VERSION.dist-info`.

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::stanza::{fields, stanzas, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "python",
    version: 1,
    wants: &[
        Want::Suffix(".dist-info/METADATA"),
        Want::Suffix(".egg-info/PKG-INFO"),
        Want::Suffix(".egg-info"),
        Want::Suffix("/EGG-INFO/PKG-INFO"),
    ],
    max_body_bytes: 16 << 20,
    declared: false,
    read: Read::File(read),
};

/// The bytes of the headers that are looked at; the description below them may be of any size.
const MAX_HEADER_BYTES: usize = 1 << 20;
/// The longest licence that is kept: some put the whole text there.
const MAX_LICENSE_CHARS: usize = 200;
/// The most licences of one distribution.
const MAX_LICENSES: usize = 20;

/// Reads one metadata file. Name and version may come from its folder where the headers lack them.
pub(crate) fn read(input: &FileInput<'_>) -> FileYield {
    let mut package = parse_metadata(input.body);
    if let Some((name, version)) = from_path(input.path) {
        if package.name.is_empty() {
            package.name = name;
        }
        if package.version.is_empty() {
            package.version = version;
        }
    }
    if package.name.is_empty() || package.version.is_empty() {
        let detail = "cannot tell which Python package this is: no name or no version";
        let gap = Some(GapKind::Unreadable);
        let problem = Problem { detail: detail.to_owned(), gap, ..Problem::default() };
        return FileYield { problems: vec![problem], ..FileYield::default() };
    }
    package.evidence = vec![Evidence::default()];
    FileYield { packages: vec![package], ..FileYield::default() }
}

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
            b"name" => package.name = text(value),
            b"version" => package.version = text(value),
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

/// Returns name and version of `…/six-1.16.0.dist-info/METADATA` or `…/six-1.16.0-py3.egg-info`.
fn from_path(path: &str) -> Option<(String, String)> {
    let is_info = |part: &&str| part.ends_with(".dist-info") || part.ends_with(".egg-info");
    let folder = path.rsplit('/').find(is_info)?;
    let stem = folder.strip_suffix(".dist-info").or_else(|| folder.strip_suffix(".egg-info"))?;
    let mut parts = stem.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    let is_version = version.starts_with(|letter: char| letter.is_ascii_digit());
    let is_name = !name.trim().is_empty();
    (is_name && is_version).then(|| (name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_end_at_the_blank_line() {
        let body = b"Metadata-Version: 2.1\r\nName: Jinja2\r\nVersion: 2.10\r\nLicense: BSD\r\n\
            Classifier: License :: OSI Approved :: BSD License\r\n\r\nVersion: 9\r\n";
        let package = parse_metadata(body);
        assert_eq!((package.name.as_str(), package.version.as_str()), ("Jinja2", "2.10"));
        assert_eq!(package.licenses, ["BSD", "BSD License"]);
    }

    #[test]
    fn a_licence_expression_says_it_all() {
        let package = parse_metadata(b"License-Expression: MIT\nLicense: The text\n of it\n");
        assert_eq!(package.licenses, ["MIT"]);
        let package = parse_metadata(b"License: UNKNOWN\n");
        assert!(package.licenses.is_empty());
    }

    #[test]
    fn the_folder_stands_in_for_missing_headers() {
        let read = |path, body: &'static [u8]| read(&FileInput { path, body });
        let found = read("a/six-1.16.0.dist-info/METADATA", b"");
        assert_eq!(found.packages[0].version, "1.16.0");
        let found = read("a/pytz-2019.3-py2.7.egg-info", b"Name: pytz\n");
        assert_eq!(found.packages[0].version, "2019.3");
        let found = read("a/ -8.egg-info", b"");
        assert!(found.packages.is_empty(), "{:?}", found.packages);
        let found = read("src/mine.egg-info/PKG-INFO", b"Name: mine\n");
        assert!(found.packages.is_empty());
        assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
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

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..500)) {
            let _ = read(&FileInput { path: "a/b-1.egg-info", body: &body });
        }
    }
}
