//! Packages that vcpkg installed: its status file, and the SPDX document beside each package.
//!
//! `vcpkg/status` has the form of dpkg's (<https://learn.microsoft.com/vcpkg/>, vcpkg-tool, `statusparagraph.cpp`);
//! `share/NAME/vcpkg.spdx.json` is written since 2021 and stays when only the built tree is copied into an image.

use plimsoll_model::{FileYield, GapKind, Package, Problem, Want};
use serde_json::Value;

use super::{add_license, ends, package};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::database::{has_room, note, within_limit};
use crate::document::{self, text};
use crate::stanza::{fields, stanzas};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "vcpkg",
    version: 1,
    wants: &[Want::Suffix("vcpkg/status"), Want::Name("vcpkg.spdx.json")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let parse = match ends(input.path)[0] {
        "vcpkg.spdx.json" => parse_document,
        _ => parse_vcpkg_status,
    };
    let (packages, problems) = parse(input.body);
    FileYield { packages, problems, ..FileYield::default() }
}

/// Reads a status file in its order: what is installed, features left out. A revision of the port follows
/// the version after a `#`. The paths in the problems are empty.
///
/// ```text
/// Package: zlib
/// Version: 1.2.13
/// Port-Version: 2
/// Architecture: x64-linux
/// Status: install ok installed
/// ```
fn parse_vcpkg_status(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    for (index, stanza) in stanzas(within_limit(body, &mut problems)).enumerate() {
        let field = |wanted: &[u8]| {
            let value = fields(stanza).find(|(name, _)| *name == wanted);
            value.map(|(_, value)| crate::stanza::text(value)).unwrap_or_default()
        };
        if !field(b"Status").ends_with(" installed") || !field(b"Feature").is_empty() {
            continue;
        }
        let version = with_revision(field(b"Version"), &field(b"Port-Version"));
        let Some(package) = package("vcpkg", &field(b"Package"), &version) else {
            let detail = format!("stanza {} has no name, or no version", index + 1);
            note(&mut problems, detail, Some(GapKind::Unreadable));
            continue;
        };
        if !has_room(&packages, &mut problems) {
            break;
        }
        packages.push(package);
    }
    (packages, problems)
}

fn with_revision(version: String, revision: &str) -> String {
    match revision {
        "" | "0" => version,
        revision => format!("{version}#{revision}"),
    }
}

/// Reads the SPDX document of one package: the entry for the port. The paths in the problems are empty.
///
/// ```text
/// {"packages": [{"name": "zlib", "SPDXID": "SPDXRef-port", "versionInfo": "1.2.13#2",
///   "licenseConcluded": "Zlib"}]}
/// ```
fn parse_document(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let Some(document) = document::read(body, &mut problems) else { return (Vec::new(), problems) };
    let listed = document.get("packages").and_then(Value::as_array);
    let port = listed.into_iter().flatten().find(|entry| text(entry, "SPDXID") == "SPDXRef-port");
    let found = port.and_then(|port| {
        let mut package = package("vcpkg", text(port, "name"), text(port, "versionInfo"))?;
        add_license(&mut package, text(port, "licenseConcluded"));
        Some(package)
    });
    if found.is_none() {
        let detail = "it names no port, or no version of it".to_owned();
        note(&mut problems, detail, Some(GapKind::Unreadable));
    }
    (found.into_iter().collect(), problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_file_is_read() {
        let body = b"Package: zlib\nVersion: 1.2.13\nPort-Version: 2\nArchitecture: x64-linux\n\
            Status: install ok installed\n\nPackage: curl\nFeature: ssl\nStatus: install ok installed\n\n\
            Package: gone\nVersion: 1\nStatus: purge ok not-installed\n\nPackage: x\nStatus: install ok installed\n";
        let (packages, problems) = parse_vcpkg_status(body);
        assert_eq!((packages.len(), problems.len()), (1, 1));
        assert_eq!(packages[0].version, "1.2.13#2");
    }

    #[test]
    fn the_document_names_the_port() {
        let body = br#"{"packages":[{"name":"zlib:x64-linux","SPDXID":"SPDXRef-binary"},
            {"name":"zlib","SPDXID":"SPDXRef-port","versionInfo":"1.2.13","licenseConcluded":"Zlib"}]}"#;
        let (packages, problems) = parse_document(body);
        assert_eq!((packages[0].name.as_str(), packages[0].version.as_str()), ("zlib", "1.2.13"));
        assert_eq!(packages[0].licenses, ["Zlib"]);
        assert!(problems.is_empty());
        assert_eq!(parse_document(b"{}").1.len(), 1);
    }
}
