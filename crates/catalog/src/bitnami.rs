//! Components of Bitnami below `opt/bitnami`: an SPDX document beside each, and the list that older images
//! have.
//!
//! The documents are SPDX 2.3 in JSON (<https://spdx.github.io/spdx-spec/v2.3/>), their identities purls of
//! the type `bitnami`, and those of the libraries that a component was built with.

use std::collections::HashSet;

use plimsoll_model::{Gap, GapKind, Package, Problem, Tree, Want, ecosystem};
use serde_json::Value;

use crate::attribution;
use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{Parse, evidence, merge, note, placed, removed_gap};
use crate::document::{self, has_room, text};
use crate::place::inside;
use crate::standing::{self, DATABASE, Place};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "bitnami",
    version: 2,
    wants: WANTS,
    max_body_bytes: crate::document::MAX_DOCUMENT_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] =
    &[Want::In(ROOT, SPDX_END), Want::In(ROOT, "/.bitnami_components.json")];
const ROOT: &str = "opt/bitnami";
const SPDX_START: &str = ".spdx-";
const SPDX_END: &str = ".spdx";
const COMPONENTS: &str = ".bitnami_components.json";
const SCHEME: &str = "pkg:";

/// Lists the components; one that both a document and the list name is there once, with both as evidence.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let tree = input.tree;
    let mut found = TreeYield::default();
    // The documents are read first: they say more.
    for path in tree.files_below(ROOT, &is_spdx) {
        read_file(tree, &path, parse_spdx, &mut found);
    }
    for path in tree.files_below(ROOT, &|name| name == COMPONENTS) {
        read_file(tree, &path, parse_components, &mut found);
    }
    found.packages = merge(found.packages);
    found.gaps.extend(removed(tree));
    found
}

fn is_spdx(name: &str) -> bool {
    name.starts_with(SPDX_START) && name.ends_with(SPDX_END)
}

fn read_file(tree: &Tree, path: &str, parse: Parse, found: &mut TreeYield) {
    let Some(file) = tree.read(path) else {
        found.problems.extend(standing::problem(tree, DATABASE, (path, Place::File)));
        return;
    };
    let (packages, problems) = parse(file.body);
    let layers = attribution::layers(&packages, &tree.history(path).0, parse);
    for (package, layer) in packages.into_iter().zip(layers) {
        let inner = package.evidence.first().map_or("", |evidence| evidence.path.as_str());
        let evidence = vec![evidence(&inside(&file.path, inner), file.layer)];
        found.packages.push(Package { layer: Some(layer), evidence, ..package });
    }
    found.problems.extend(placed(problems, &file.path, file.layer));
}

/// Reads an SPDX document: every package of it whose purl is one of Bitnami's, or of a type that has
/// advisories, in the order of the file, none twice. The version keeps its revision. The evidence of the
/// component that the document describes has an empty path, that of what it holds its name, so that the
/// component becomes its parent. The paths in the problems are empty.
///
/// ```text
/// {"spdxVersion": "SPDX-2.3", "packages": [{"name": "redis", "versionInfo": "7.4.1-0",
///   "licenseDeclared": "RSALv2", "externalRefs": [{"referenceType": "purl",
///   "referenceLocator": "pkg:bitnami/redis@7.4.1-0?arch=arm64&distro=debian-12"}]}],
///  "documentDescribes": ["SPDXRef-Package-redis"]}
/// ```
pub fn parse_spdx(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = document::read(body, &mut problems) else { return (packages, problems) };
    let Some(listed) = document.get("packages").and_then(Value::as_array) else {
        note(&mut problems, "it has no list `packages`".to_owned(), Some(GapKind::Unreadable));
        return (packages, problems);
    };
    let described = described(&document, listed);
    let mut seen = HashSet::new();
    for (index, entry) in listed.iter().enumerate() {
        let Some(purl) = purl(entry) else { continue };
        let Some(mut package) = component(purl, entry) else {
            let detail = format!("package {} has no name, or no version", index + 1);
            note(&mut problems, detail, Some(GapKind::Unreadable));
            continue;
        };
        if !has_room(&packages, &mut problems) {
            break;
        }
        let path = if index == described { String::new() } else { package.name.clone() };
        package.evidence = vec![evidence(&path, 0)];
        if seen.insert((package.name.clone(), package.version.clone(), package.arch.clone())) {
            packages.push(package);
        }
    }
    (packages, problems)
}

/// Returns the place of the component that a document describes: the first package where it does not say.
fn described(document: &Value, listed: &[Value]) -> usize {
    let by_list = document.pointer("/documentDescribes/0").and_then(Value::as_str);
    let relations = document.get("relationships").and_then(Value::as_array);
    let by_relation = relations
        .into_iter()
        .flatten()
        .find(|relation| text(relation, "relationshipType") == "DESCRIBES")
        .map(|relation| text(relation, "relatedSpdxElement"));
    let id = by_list.or(by_relation).unwrap_or_default();
    listed.iter().position(|entry| text(entry, "SPDXID") == id).unwrap_or(0)
}

/// Returns the purl that a package states, of Bitnami or of a type that has advisories.
fn purl(entry: &Value) -> Option<&str> {
    let references = entry.get("externalRefs")?.as_array()?.iter();
    let mut purls = references
        .filter(|reference| text(reference, "referenceType") == "purl")
        .map(|reference| text(reference, "referenceLocator"));
    purls.find(|purl| split_kind(purl).is_some_and(|(kind, _)| ecosystem::find(kind).is_some()))
}

/// Parts a purl into its type and the rest.
fn split_kind(purl: &str) -> Option<(&str, &str)> {
    purl.strip_prefix(SCHEME)?.split_once('/')
}

/// Makes the component that a purl names; a version that it leaves out is that of the package.
fn component(purl: &str, entry: &Value) -> Option<Package> {
    let (kind, rest) = split_kind(purl)?;
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, version) = path.split_once('@').unwrap_or((path, ""));
    let (mut name, mut version) = (decoded(name), decoded(version));
    let separator = ecosystem::find(kind).map_or("", |row| row.separator);
    if let Some((namespace, own)) = name.rsplit_once('/').filter(|_| !separator.is_empty()) {
        name = format!("{namespace}{separator}{own}");
    }
    if version.is_empty() {
        text(entry, "versionInfo").clone_into(&mut version);
    }
    if name.is_empty() || version.is_empty() {
        return None;
    }
    let arch = qualifiers.split('&').find_map(|pair| pair.strip_prefix("arch="));
    let mut licenses: Vec<String> = Vec::new();
    for field in ["licenseDeclared", "licenseConcluded"] {
        let license = text(entry, field);
        let is_known = licenses.iter().any(|known| known == license);
        if !matches!(license, "" | "NOASSERTION" | "NONE") && !is_known {
            licenses.push(license.to_owned());
        }
    }
    Some(Package {
        kind: kind.to_owned(),
        name,
        version,
        arch: arch.map(decoded).filter(|arch| !arch.is_empty()),
        licenses,
        ..Package::default()
    })
}

/// Returns a part of a purl without its escapes: `1.0%2B2` is `1.0+2`. What is no escape stays.
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |byte: &u8| char::from(*byte).to_digit(16);
        let escape = match (first, after) {
            (b'%', [high, low, ..]) => hex(high).zip(hex(low)),
            _ => None,
        };
        let (byte, skipped) = escape.map_or((first, 0), |(high, low)| ((high * 16 + low) as u8, 2));
        bytes.push(byte);
        rest = &after[skipped..];
    }
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// Reads the list that images had before the documents, by name. The paths in the problems are empty.
///
/// ```text
/// {"nginx": {"arch": "amd64", "distro": "debian-11", "type": "NAMI", "version": "1.21.3-1"}}
/// ```
pub fn parse_components(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = document::read(body, &mut problems) else { return (packages, problems) };
    let Some(listed) = document.as_object() else {
        note(&mut problems, "it is no JSON object".to_owned(), Some(GapKind::Unreadable));
        return (packages, problems);
    };
    for (name, entry) in listed {
        let (version, arch) = (text(entry, "version"), text(entry, "arch"));
        let name = name.trim();
        if name.is_empty() || version.is_empty() {
            let detail = format!("`{name}` has no name, or no version");
            note(&mut problems, detail, Some(GapKind::Unreadable));
            continue;
        }
        if !has_room(&packages, &mut problems) {
            break;
        }
        packages.push(Package {
            kind: "bitnami".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            arch: Some(arch.to_owned()).filter(|arch| !arch.is_empty()),
            ..Package::default()
        });
    }
    (packages, problems)
}

/// Returns the gap of documents that an upper layer took away from components whose files stay.
fn removed(tree: &Tree) -> Option<Gap> {
    let (mut count, mut last_layer, mut last) = (0, 0, String::new());
    let mut components: Vec<&str> =
        tree.list_hidden(ROOT).into_iter().map(|(name, _)| name).collect();
    components.dedup();
    for component in components {
        let folder = format!("{ROOT}/{component}");
        if tree.list(&folder).is_empty() {
            continue;
        }
        for (name, copy) in tree.list_hidden(&folder) {
            let path = format!("{folder}/{name}");
            let Some(copy) = copy.filter(|_| is_spdx(name) && !tree.exists(&path)) else {
                continue;
            };
            count += copy.body.map_or(1, |body| parse_spdx(body).0.len());
            last_layer = last_layer.max(copy.layer);
            last = path;
        }
    }
    (count > 0).then(|| removed_gap(&last, last_layer, "removed", Some(count)))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;
    use crate::document::MAX_ENTRIES;

    fn document(purls: &[&str]) -> String {
        let packages: Vec<String> = purls
            .iter()
            .map(|purl| {
                format!(
                    r#"{{"name":"x","versionInfo":"9","licenseDeclared":"MIT","licenseConcluded":"NOASSERTION",
                    "externalRefs":[{{"referenceType":"cpe23Type","referenceLocator":"cpe:2.3:*"}},
                    {{"referenceType":"purl","referenceLocator":"{purl}"}}]}}"#
                )
            })
            .collect();
        format!(r#"{{"spdxVersion":"SPDX-2.3","packages":[{}]}}"#, packages.join(","))
    }

    #[test]
    fn components_are_taken_and_libraries_too() {
        let text = document(&[
            "pkg:bitnami/postgresql@18.6.0-3?arch=amd64&distro=photon-5",
            "pkg:bitnami/geos@3.14.1?distro=photon-5&arch=amd64#x",
            "pkg:maven/org.postgresql/pljava@1.6.10",
            "pkg:unheard/of@1",
            "pkg:bitnami/plain",
            "pkg:bitnami/odd@1.0%2B2-0%zz",
            "pkg:bitnami/geos@3.14.1?distro=photon-5&arch=amd64",
        ]);
        let (packages, problems) = parse_spdx(text.as_bytes());
        assert!(problems.is_empty(), "{problems:?}");
        let shown: Vec<String> = packages
            .iter()
            .map(|p| format!("{} {} {}", p.name, p.version, p.arch.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(
            shown,
            [
                "postgresql 18.6.0-3 amd64",
                "geos 3.14.1 amd64",
                "org.postgresql:pljava 1.6.10 -",
                "plain 9 -",
                "odd 1.0+2-0%zz -"
            ]
        );
        let places: Vec<&str> = packages.iter().map(|p| p.evidence[0].path.as_str()).collect();
        assert_eq!(places, ["", "geos", "org.postgresql:pljava", "plain", "odd"]);
        assert_eq!(packages[0].licenses, ["MIT"]);
    }

    #[test]
    fn the_older_list_is_read() {
        let body =
            br#"{"nginx":{"arch":"amd64","version":"1.21.3-1"},"gosu":{"version":"1.14"},"x":7}"#;
        let (packages, problems) = parse_components(body);
        assert_eq!(packages.len(), 2);
        assert_eq!(
            (packages[0].name.as_str(), packages[0].version.as_str()),
            ("nginx", "1.21.3-1")
        );
        assert_eq!(problems.len(), 1);
        assert_eq!(parse_components(b"[]").1.len(), 1);
    }

    #[test]
    fn what_is_broken_is_told() {
        for body in ["", "{}", r#"{"packages":{}}"#, &document(&["pkg:bitnami/@1"])] {
            let (packages, problems) = parse_spdx(body.as_bytes());
            assert_eq!((packages.len(), problems.len()), (0, 1), "{body}");
            assert_eq!(problems[0].gap, Some(GapKind::Unreadable));
        }
        assert_eq!(parse_spdx(br#"{"packages":[1,{"externalRefs":{}}]}"#), (vec![], vec![]));
    }

    #[test]
    fn the_number_of_components_has_a_limit() {
        let mut body = String::from("{");
        for number in 0..=MAX_ENTRIES {
            let _ = write!(body, r#""{number}":{{"version":"1"}},"#);
        }
        body.push_str(r#""z":{"version":"1"}}"#);
        let (packages, problems) = parse_components(body.as_bytes());
        assert_eq!((packages.len(), problems.len()), (MAX_ENTRIES, 1));
        assert_eq!(problems[0].gap, Some(GapKind::Limit));
    }

    proptest! {
        #[test]
        fn any_purl_is_read(purl in "pkg:bitnami/\\PC{0,40}") {
            let entry = serde_json::json!({ "versionInfo": "1" });
            if let Some(package) = component(&purl, &entry) {
                prop_assert!(!package.name.is_empty() && !package.version.is_empty());
            }
        }
    }
}
