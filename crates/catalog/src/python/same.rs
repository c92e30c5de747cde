//! What several files tell of one distribution, put together.

use std::collections::HashMap;

use plimsoll_model::{Evidence, FileYield, Package};
use serde_json::Value;

use super::{PYPI, from_path, is_vendored_list, key};
use crate::document;
use crate::place::evidence_path;

/// The file beside `METADATA` that tells of an origin outside of the index.
pub(super) const DIRECT_URL: &str = "direct_url.json";
/// The most bytes of an address that are kept.
const MAX_ADDRESS_BYTES: usize = 2_000;

/// Reads where a distribution was installed from, if not from an index
/// (<https://packaging.python.org/en/latest/specifications/direct-url/>): the package of the folder, with
/// the address as its repository. A file that tells no address yields nothing; it takes none away.
///
/// ```text
/// {"url": "https://example.org/six.git", "vcs_info": {"vcs": "git", "commit_id": "65486e4"}}
/// {"url": "file:///src/shop", "dir_info": {"editable": true}}
/// ```
pub(super) fn read_direct_url(path: &str, body: &[u8]) -> FileYield {
    let mut found = FileYield::default();
    // That the metadata lies beside is what counts; a broken file here hides no package.
    let document = document::read(body, &mut Vec::new()).unwrap_or_default();
    let (Some(address), Some((name, version))) = (address(&document), from_path(path)) else {
        return found;
    };
    let evidence = vec![Evidence::default()];
    let kind = PYPI.to_owned();
    let repository = Some(address);
    found.packages.push(Package {
        name,
        version,
        kind,
        evidence,
        repository,
        ..Package::default()
    });
    found
}

/// Returns `git+https://example.org/six.git@65486e4`, without what an address tells of users.
fn address(document: &Value) -> Option<String> {
    let url = document::text(document, "url");
    let (scheme, rest) = url.split_once("://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    let mut address = format!("{scheme}://{host}{path}");
    if let Some(info) = document.get("vcs_info") {
        let (vcs, commit) = (document::text(info, "vcs"), document::text(info, "commit_id"));
        address = format!("{vcs}+{address}@{commit}");
    }
    let is_good = address.len() <= MAX_ADDRESS_BYTES && !address.contains(char::is_control);
    is_good.then_some(address)
}

/// Joins what files beside each other tell of one distribution: the address of `direct_url.json` goes to
/// the package of the `METADATA` beside it, a line of a list of vendored distributions to that of the
/// same name and version whose `.dist-info` lies in the folder of the list. Both are evidence then.
pub(crate) fn join(packages: &mut Vec<Package>) {
    let is_more = |package: &Package| {
        let path = evidence_path(package);
        package.kind == PYPI && (is_vendored_list(path) || is_direct_url(path))
    };
    if !packages.iter().any(is_more) {
        return;
    }
    let (more, mut rest): (Vec<Package>, Vec<Package>) = packages.drain(..).partition(is_more);
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    for (index, package) in rest.iter().enumerate().filter(|(_, package)| package.kind == PYPI) {
        let folder = folder(evidence_path(package));
        known.insert((folder.to_owned(), String::new()), index);
        known.insert((self::folder(folder).to_owned(), identity(package)), index);
    }
    for package in more {
        let path = evidence_path(&package);
        let is_address = is_direct_url(path);
        let identity = if is_address { String::new() } else { identity(&package) };
        match known.get(&(folder(path).to_owned(), identity)).and_then(|at| rest.get_mut(*at)) {
            Some(same) => {
                same.repository = same.repository.take().or(package.repository);
                same.evidence.extend(package.evidence);
            }
            None if is_address => {}
            None => rest.push(package),
        }
    }
    *packages = rest;
}

fn is_direct_url(path: &str) -> bool {
    path.rsplit('/').next() == Some(DIRECT_URL)
}

fn identity(package: &Package) -> String {
    format!("{} {}", key(&package.name), package.version)
}

fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(text: &str) -> Option<String> {
        let found = read_direct_url("lib/six-1.16.0.dist-info/direct_url.json", text.as_bytes());
        let package = found.packages.into_iter().next()?;
        assert_eq!((&*package.name, &*package.version), ("six", "1.16.0"));
        package.repository
    }

    #[test]
    fn the_address_is_told_without_users() {
        let git = r#"{"url":"https://me:secret@h.example/six.git","vcs_info":{"vcs":"git","commit_id":"6548"}}"#;
        assert_eq!(repository(git).as_deref(), Some("git+https://h.example/six.git@6548"));
        let folder = r#"{"url":"file:///src/a@b","dir_info":{"editable":true}}"#;
        assert_eq!(repository(folder).as_deref(), Some("file:///src/a@b"));
        for nothing in ["", "{", "{}", "[]", r#"{"url":"six"}"#, r#"{"url":"a://b\nc"}"#] {
            assert_eq!(repository(nothing), None, "{nothing}");
        }
        let long = |bytes| format!(r#"{{"url":"a://{}"}}"#, "x".repeat(bytes));
        assert!(repository(&long(MAX_ADDRESS_BYTES - 4)).is_some());
        assert_eq!(repository(&long(MAX_ADDRESS_BYTES - 3)), None);
        assert_eq!(read_direct_url("direct_url.json", folder.as_bytes()), FileYield::default());
    }

    fn package(name: &str, path: &str) -> Package {
        let evidence = vec![Evidence { path: path.to_owned(), ..Evidence::default() }];
        let (name, version) = (name.to_owned(), "1".to_owned());
        Package { name, version, kind: PYPI.to_owned(), evidence, ..Package::default() }
    }

    #[test]
    fn one_distribution_counts_once() {
        let mut address = package("a_b", "lib/a_b-1.dist-info/direct_url.json");
        address.repository = Some("file:///src".to_owned());
        let mut packages = vec![
            address.clone(),
            package("a-b", "lib/a_b-1.dist-info/METADATA"),
            package("Six.X", "lib/a/_vendor/vendored.txt"),
            package("six_x", "lib/a/_vendor/six_x-1.dist-info/METADATA"),
            package("six_x", "lib/six_x-1.egg-info"),
            package("idna", "lib/a/_vendor/vendored.txt"),
        ];
        join(&mut packages);
        let shown: Vec<(&str, usize)> =
            packages.iter().map(|found| (evidence_path(found), found.evidence.len())).collect();
        assert_eq!(
            shown,
            [
                ("lib/a_b-1.dist-info/METADATA", 2),
                ("lib/a/_vendor/six_x-1.dist-info/METADATA", 2),
                ("lib/six_x-1.egg-info", 1),
                ("lib/a/_vendor/vendored.txt", 1),
            ]
        );
        assert_eq!(packages[0].repository.as_deref(), Some("file:///src"));
        let mut alone = vec![address];
        join(&mut alone);
        assert!(alone.is_empty());
    }
}
