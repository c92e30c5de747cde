//! Installed Python distributions: `METADATA`, `PKG-INFO` and `.egg-info` files, and the lists of what a
//! distribution vendors.
//!
//! The name of the folder is `NAME-VERSION.dist-info`
//! (<https://packaging.python.org/en/latest/specifications/recording-installed-packages/>). What an
//! `.egg-link` or a `.pth` of an editable installation leads to has its own `.egg-info`.

use plimsoll_model::{Evidence, FileYield, GapKind, Problem, Want, ecosystem};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::place::folders_above;

mod archive;
mod conda;
mod metadata;
mod same;
mod vendored;

pub(crate) use archive::ROW as ARCHIVE_ROW;
pub use archive::read_python_archive;
pub(crate) use conda::ROW as CONDA_ROW;
pub use conda::parse_conda;
pub use metadata::parse_metadata;
pub(crate) use same::join;
pub use vendored::parse_vendored;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "python",
    version: 2,
    wants: &[
        Want::Suffix(".dist-info/METADATA"),
        Want::Suffix(".egg-info/PKG-INFO"),
        Want::Suffix(".egg-info/METADATA"),
        Want::Suffix(".egg-info"),
        Want::Suffix("/EGG-INFO/PKG-INFO"),
        Want::Suffix(".dist-info/direct_url.json"),
        Want::Suffix("/_vendor/vendor.txt"),
        Want::Suffix("/_vendor/vendored.txt"),
        Want::Suffix("/vendor/vendor.txt"),
    ],
    max_body_bytes: MAX_METADATA_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The purl type.
const PYPI: &str = "pypi";
/// The most bytes of one metadata file; a description may be long.
const MAX_METADATA_BYTES: u64 = 16 << 20;
/// How the folders of installed distributions end.
const INFOS: &[&str] = &[".dist-info", ".egg-info", ".egg"];
/// Folders that a distribution of another name brings.
const FOLDERS: &[(&str, &str)] = &[("pkg_resources", "setuptools")];

/// Reads one metadata file, one list of vendored distributions, or where one was installed from.
pub(crate) fn read(input: &FileInput<'_>) -> FileYield {
    if is_vendored_list(input.path) {
        return vendored::read(input.body);
    }
    if input.path.rsplit('/').next() == Some(same::DIRECT_URL) {
        return same::read_direct_url(input.path, input.body);
    }
    read_metadata(input.path, input.body)
}

/// Reads one metadata file. Name and version may come from its folder where the headers lack them.
fn read_metadata(path: &str, body: &[u8]) -> FileYield {
    let mut package = parse_metadata(body);
    if let Some((name, version)) = from_path(path) {
        if package.name.is_empty() {
            package.name = name;
        }
        if package.version.is_empty() {
            package.version = version;
        }
    }
    if package.name.is_empty() || package.version.is_empty() {
        let detail = "cannot tell which Python package this is: no name or no version";
        return problem(detail.to_owned(), GapKind::Unreadable);
    }
    package.evidence = vec![Evidence::default()];
    FileYield { packages: vec![package], ..FileYield::default() }
}

fn problem(detail: String, gap: GapKind) -> FileYield {
    let problem = Problem { detail, gap: Some(gap), ..Problem::default() };
    FileYield { problems: vec![problem], ..FileYield::default() }
}

/// Returns whether a file lists what a distribution vendors.
fn is_vendored_list(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| matches!(name, "vendor.txt" | "vendored.txt"))
}

/// Returns name and version of `…/six-1.16.0.dist-info/METADATA`, `…/six-1.16.0-py3.egg-info` or
/// `…/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO`.
fn from_path(path: &str) -> Option<(String, String)> {
    let stem = path.rsplit('/').find_map(stem)?;
    let mut parts = stem.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    let is_version = version.starts_with(|letter: char| letter.is_ascii_digit());
    let is_name = !name.trim().is_empty();
    (is_name && is_version).then(|| (name.to_owned(), version.to_owned()))
}

/// Returns `six-1.16.0` of `six-1.16.0.dist-info`.
fn stem(folder: &str) -> Option<&str> {
    INFOS.iter().find_map(|end| {
        let (stem, tail) = folder.split_at_checked(folder.len().checked_sub(end.len())?)?;
        tail.eq_ignore_ascii_case(end).then_some(stem)
    })
}

/// Returns the places of what may vendor the package whose file this is, nearest first: each folder above
/// it, by the name that a distribution beside it would have; `poetry/core` may be that of `poetry-core`.
pub(crate) fn holders(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders_above(path).filter_map(|folder| folder.strip_suffix('/')) {
        found.push(beside(folder, |name| name));
        if let Some((above, name)) = folder.rsplit_once('/') {
            found.push(format!("{}-{}", beside(above, |name| name), key(name)));
        }
    }
    found
}

/// Returns the folder that a distribution has its modules in if it is named as they are, the name as
/// look-ups have it: `lib/pip` for `lib/pip-23.0.1.dist-info/METADATA`.
pub(crate) fn place(path: &str) -> Option<String> {
    let mut folders = folders_above(path).filter_map(|folder| folder.strip_suffix('/'));
    let info = folders.next().filter(|folder| stem(folder).is_some());
    let info = info.or_else(|| stem(path).map(|_| path))?;
    Some(beside(info, |name| name.split('-').next().unwrap_or(name)))
}

/// Replaces the last part of a path by the name, as look-ups have it, that it stands for.
fn beside(path: &str, name_of: fn(&str) -> &str) -> String {
    let start = path.rfind('/').map_or(0, |slash| slash + 1);
    let start = path.rfind(crate::place::INSIDE).map_or(start, |at| start.max(at + 3));
    let (folder, last) = path.split_at(start);
    let name = name_of(last);
    let name = FOLDERS.iter().find(|(known, _)| *known == name).map_or(name, |(_, of)| of);
    format!("{folder}{}", key(name))
}

fn key(name: &str) -> String {
    ecosystem::find(PYPI).map_or_else(|| name.to_owned(), |row| row.key(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_folder_stands_in_for_missing_headers() {
        let read = |path, body: &'static [u8]| read(&FileInput { path, body });
        let found = read("a/six-1.16.0.dist-info/METADATA", b"");
        assert_eq!(found.packages[0].version, "1.16.0");
        let found = read("a/pytz-2019.3-py2.7.egg-info", b"Name: pytz\n");
        assert_eq!(found.packages[0].version, "2019.3");
        let found = read("a/SIX-1.15.0-py3.9.egg/EGG-INFO/PKG-INFO", b"");
        assert_eq!((&*found.packages[0].name, &*found.packages[0].version), ("SIX", "1.15.0"));
        let found = read("a/ -8.egg-info", b"");
        assert!(found.packages.is_empty(), "{:?}", found.packages);
        let found = read("src/mine.egg-info/PKG-INFO", b"Name: mine\n");
        assert!(found.packages.is_empty());
        assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
    }

    #[test]
    fn a_distribution_is_known_by_the_folder_of_its_modules() {
        let place = |path| place(path).unwrap_or_default();
        assert_eq!(place("lib/pip-23.0.1.dist-info/METADATA"), "lib/pip");
        assert_eq!(place("lib/Zope.Interface-5-py3.egg-info"), "lib/zope-interface");
        assert_eq!(place("a.whl > pip-23.dist-info/METADATA"), "a.whl > pip");
        assert_eq!(place("lib/pip/_vendor/vendor.txt"), "");
        let above = holders("lib/pkg_resources/_vendor/vendored.txt");
        assert!(above.contains(&"lib/setuptools".to_owned()), "{above:?}");
        assert!(holders("lib/poetry/core/_vendor/a").contains(&"lib/poetry-core".to_owned()));
        assert_eq!(holders("a.whl > pip/vendor.txt"), ["a.whl > pip"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..500), path in ".{0,40}") {
            for end in [".egg-info", "/_vendor/vendor.txt", ".dist-info/METADATA"] {
                let path = format!("{path}{end}");
                let _ = read(&FileInput { path: &path, body: &body });
                let _ = (place(&path), holders(&path));
            }
            let _ = read_python_archive("a.whl", &body);
            let _ = parse_conda(&body);
        }
    }
}
