//! Java programs compiled ahead of time by GraalVM, with the list of their parts inside.
//!
//! The symbol `sbom` is where a gzip stream begins that holds CycloneDX in JSON, `sbom_length` where its
//! length stands, a number of eight bytes
//! (<https://www.graalvm.org/latest/security-guide/native-image/sbom/>).

use std::io::Read as _;

use flate2::read::GzDecoder;
use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem, ecosystem};
use serde_json::Value;

use super::Image;
use super::image::Symbol;
use crate::document::{MAX_DOCUMENT_BYTES, has_room, read as read_document, text};

/// The name in the evidence.
const NAME: &str = "native-image";
/// The most bytes of the compressed list.
const MAX_LIST_BYTES: u64 = MAX_DOCUMENT_BYTES as u64;
/// The longest licence that is kept: some put the whole text there.
const MAX_LICENSE_CHARS: usize = 200;
/// The most licences of one part.
const MAX_LICENSES: usize = 20;

/// Lists the parts of a program that was built with `--enable-sbom`.
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    let symbols = image.symbols(&|name| matches!(name, "sbom" | "sbom_length"), 4);
    let address = |wanted: &str| {
        let mut named = symbols.iter().filter(|symbol: &&Symbol<'_>| symbol.name == wanted);
        named.next().map(|symbol| symbol.address)
    };
    let (Some(list), Some(length)) = (address("sbom"), address("sbom_length")) else {
        return found;
    };
    let Some(text) = inflate(image, list, length) else {
        let detail = "the list of its parts is cut off, or no gzip stream".to_owned();
        let gap = Some(GapKind::Unreadable);
        found.problems.push(Problem { detail, gap, ..Problem::default() });
        return found;
    };
    (found.packages, found.problems) = parse_cyclonedx(&text);
    for package in &mut found.packages {
        let cataloguer = NAME.to_owned();
        package.evidence = vec![Evidence { cataloguer, ..Evidence::default() }];
    }
    found
}

/// Returns the list; a byte more than a document may have if it is longer.
fn inflate(image: &Image<'_>, list: u64, length: u64) -> Option<Vec<u8>> {
    let length: [u8; 8] = image.bytes_at(length, 8)?.try_into().ok()?;
    let is_little = image.is_little_endian();
    let length = if is_little { u64::from_le_bytes(length) } else { u64::from_be_bytes(length) };
    let packed = image.bytes_at(list, Some(length).filter(|length| *length <= MAX_LIST_BYTES)?)?;
    let mut text = Vec::new();
    GzDecoder::new(packed).take(MAX_LIST_BYTES + 1).read_to_end(&mut text).ok()?;
    Some(text)
}

/// Reads the components of a CycloneDX document that have a purl and a version, in its order.
///
/// ```text
/// {"bomFormat": "CycloneDX", "components": [{"group": "io.netty", "name": "netty-common",
///   "version": "4.1.90.Final", "purl": "pkg:maven/io.netty/netty-common@4.1.90.Final"}]}
/// ```
fn parse_cyclonedx(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = read_document(body, &mut problems) else { return (packages, problems) };
    let parts = document.get("components").and_then(Value::as_array);
    for part in parts.into_iter().flatten() {
        let Some(package) = component(part) else { continue };
        if !has_room(&packages, &mut problems) {
            break;
        }
        packages.push(package);
    }
    (packages, problems)
}

fn component(part: &Value) -> Option<Package> {
    let kind = text(part, "purl").strip_prefix("pkg:")?.split('/').next()?.to_ascii_lowercase();
    let (group, name, version) = (text(part, "group"), text(part, "name"), text(part, "version"));
    if kind.is_empty() || name.is_empty() || version.is_empty() {
        return None;
    }
    let separator = ecosystem::find(&kind).map_or("/", |row| row.separator);
    let name = if group.is_empty() { name.to_owned() } else { format!("{group}{separator}{name}") };
    let licenses = part.get("licenses").and_then(Value::as_array).into_iter().flatten();
    let licenses = licenses.filter_map(license).take(MAX_LICENSES).collect();
    Some(Package { kind, name, version: version.to_owned(), licenses, ..Package::default() })
}

fn license(choice: &Value) -> Option<String> {
    let license = choice.get("license").unwrap_or(choice);
    let stated = ["expression", "id", "name"].map(|field| text(license, field));
    let stated = stated.into_iter().find(|text| !text.is_empty())?;
    Some(stated.chars().take(MAX_LICENSE_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::program::made::Elf;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    fn read_list(list: &[u8], length: u64) -> FileYield {
        let elf = Elf::program().with(".data", &length.to_le_bytes()).with(".svm_heap", list);
        let symbols = [("sbom_length", elf.address(0), 8), ("sbom", elf.address(1), 0)];
        let bytes = elf.with_symbols(&symbols).bytes();
        read(&Image::open("a", &bytes).unwrap())
    }

    #[test]
    fn components_are_listed_with_group_and_licences() {
        let list = packed(
            br#"{"components": [{"group": "io.netty", "name": "netty-common", "version": "4.1.90.Final",
            "purl": "pkg:maven/io.netty/netty-common@4.1.90.Final",
            "licenses": [{"license": {"id": "Apache-2.0"}}, {"expression": "MIT OR BSD-2-Clause"}]},
            {"name": "no purl", "version": "1"}, {"name": "a", "purl": "pkg:maven/a"}, 7]}"#,
        );
        let found = read_list(&list, list.len() as u64);
        assert_eq!((found.packages.len(), found.problems.len()), (1, 0));
        let package = &found.packages[0];
        assert_eq!(
            (package.kind.as_str(), package.name.as_str()),
            ("maven", "io.netty:netty-common")
        );
        assert_eq!(package.licenses, ["Apache-2.0", "MIT OR BSD-2-Clause"]);
        assert_eq!(package.evidence[0].cataloguer, "native-image");
    }

    #[test]
    fn licences_have_limits() {
        let name = "x".repeat(MAX_LICENSE_CHARS + 1);
        let choice = serde_json::json!({ "license": { "name": name } });
        let part = serde_json::json!({ "name": "a", "version": "1", "purl": "pkg:maven/a@1",
            "licenses": vec![choice; MAX_LICENSES + 1] });
        let licenses = component(&part).unwrap().licenses;
        assert_eq!((licenses.len(), licenses[0].len()), (MAX_LICENSES, MAX_LICENSE_CHARS));
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_told() {
        let list = packed(br#"{"components": []}"#);
        for length in [u64::MAX, MAX_LIST_BYTES + 1, list.len() as u64 - 3, 0] {
            let found = read_list(&list, length);
            assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable), "{length}");
        }
        let bomb = packed(&vec![b' '; MAX_DOCUMENT_BYTES + 1]);
        let found = read_list(&bomb, bomb.len() as u64);
        assert_eq!(found.problems[0].gap, Some(GapKind::Limit));
    }
}
