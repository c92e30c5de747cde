//! The inventory of Bottlerocket: what its build put into the image.
//!
//! The build writes it from the headers of its RPM packages (twoliter, `rpm2img`), the prefix
//! `bottlerocket-ARCH-` of their names left out.

use plimsoll_model::{GapKind, Package, Problem, Want};
use serde_json::Value;

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::database::{self, merge, note};
use crate::document::{self, has_room, text};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "bottlerocket",
    version: 1,
    wants: WANTS,
    max_body_bytes: crate::document::MAX_DOCUMENT_BYTES as u64,
    declared: false,
    read: Read::Tree(read),
};

pub(crate) const WANTS: &[Want] =
    &[Want::Path(FILES[0]), Want::Path(FILES[1]), Want::Path(FILES[2])];
const FILES: &[&str] = &[
    "usr/share/bottlerocket/application-inventory.json",
    "x86_64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
    "aarch64-bottlerocket-linux-gnu/sys-root/usr/share/bottlerocket/application-inventory.json",
];

/// Lists the packages of the inventory.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let mut found = TreeYield::default();
    database::read(input.tree, FILES, parse_inventory, &mut found);
    found.packages = merge(found.packages);
    found
}

/// Reads an inventory: its packages in the order of the file. An epoch of 0, or none, is left out of the
/// version. The paths in the problems are empty.
///
/// ```text
/// {"Content": [{"Name": "pigz", "Publisher": "Bottlerocket", "Version": "2.8",
///   "Release": "1.1727554942.ab18bc69.br1", "Epoch": "0", "Architecture": "aarch64"}]}
/// ```
pub fn parse_inventory(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = document::read(body, &mut problems) else { return (packages, problems) };
    let Some(content) = document.get("Content").and_then(Value::as_array) else {
        let detail = "it has no list `Content`".to_owned();
        note(&mut problems, detail, Some(GapKind::Unreadable));
        return (packages, problems);
    };
    for (index, entry) in content.iter().enumerate() {
        let Some(package) = package(entry) else {
            let detail = format!("entry {} has no name, or no version", index + 1);
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

fn package(entry: &Value) -> Option<Package> {
    let (name, version) = (text(entry, "Name"), text(entry, "Version"));
    if name.is_empty() || version.is_empty() {
        return None;
    }
    let stated = |field| Some(text(entry, field).to_owned()).filter(|text| !text.is_empty());
    let mut whole = match text(entry, "Epoch") {
        "" | "0" => version.to_owned(),
        epoch => format!("{epoch}:{version}"),
    };
    if let Some(release) = stated("Release") {
        whole = format!("{whole}-{release}");
    }
    Some(Package {
        kind: "rpm".to_owned(),
        name: name.to_owned(),
        version: whole,
        arch: stated("Architecture"),
        vendor: stated("Publisher"),
        ..Package::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::MAX_ENTRIES;

    #[test]
    fn a_version_is_whole() {
        let body = br#"{"Content":[
            {"Name":"pigz","Publisher":"Bottlerocket","Version":"2.8","Release":"1.17.ab.br1","Epoch":"0","Architecture":"aarch64"},
            {"Name":"os","Version":"1.18.0","Release":"ad294c88"},
            {"Name":"kmod","Version":"31","Epoch":"1"}]}"#;
        let (packages, problems) = parse_inventory(body);
        assert!(problems.is_empty(), "{problems:?}");
        let versions: Vec<&str> = packages.iter().map(|package| package.version.as_str()).collect();
        assert_eq!(versions, ["2.8-1.17.ab.br1", "1.18.0-ad294c88", "1:31"]);
        assert_eq!(packages[0].vendor.as_deref(), Some("Bottlerocket"));
        assert_eq!(packages[0].arch.as_deref(), Some("aarch64"));
    }

    #[test]
    fn what_is_broken_is_told() {
        for (body, listed) in [
            ("", 0),
            ("[]", 0),
            (r#"{"Content": {}}"#, 0),
            (r#"{"Content": [{"Name": "a"}, 7, {"Name": "b", "Version": "1"}]}"#, 1),
        ] {
            let (packages, problems) = parse_inventory(body.as_bytes());
            assert_eq!(packages.len(), listed, "{body}");
            assert!(!problems.is_empty(), "{body}");
            assert!(problems.iter().all(|problem| problem.gap == Some(GapKind::Unreadable)));
        }
    }

    #[test]
    fn the_number_of_packages_has_a_limit() {
        let entry = r#"{"Name":"a","Version":"1"},"#;
        let body = format!("{{\"Content\":[{}{{}}]}}", entry.repeat(MAX_ENTRIES + 1));
        let (packages, problems) = parse_inventory(body.as_bytes());
        assert_eq!((packages.len(), problems.len()), (MAX_ENTRIES, 1));
        assert_eq!(problems[0].gap, Some(GapKind::Limit));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..500)) {
            let (packages, problems) = parse_inventory(&body);
            prop_assert!(packages.is_empty() && !problems.is_empty());
        }
    }
}
