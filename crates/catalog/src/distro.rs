//! Which distribution a target is, from its release files.
//!
//! The first file that names one wins, in the order of [`RELEASE_FILES`]; a later file about the same
//! one may add a version that the first lacks. A root with nothing but busybox is none.

use std::cmp::Ordering;

use plimsoll_model::distro::{DistroRow, Release};
use plimsoll_model::{Distro, Problem, Tree, Want};

use crate::cataloguer::{Cataloguer, Read, TreeInput, TreeYield};
use crate::channels;
use crate::release_file::{RELEASE_FILES, ReleaseFile, Stated};
use crate::standing::{self, Place};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "distro",
    version: 3,
    wants: WANTS,
    max_body_bytes: crate::channels::MAX_FILE_BYTES,
    declared: false,
    read: Read::Tree(read),
};

/// The bytes of a release file that are looked at; real ones have a few hundred.
const MAX_RELEASE_FILE_BYTES: usize = 64 << 10;
/// The bytes of all lists of repositories that are looked at.
const MAX_REPOSITORIES_BYTES: usize = 1 << 20;

const REPOSITORIES: &str = "etc/apk/repositories";
const MORE_REPOSITORIES: &str = "etc/apk/repositories.d";

/// The paths of all release files, the repositories of apk, and the files that tell channels.
pub(crate) const WANTS: &[Want] = &{
    let mut wants = [Want::Path(""); RELEASE_FILES.len() + 2 + channels::WANTS.len()];
    let mut index = 0;
    while index < RELEASE_FILES.len() {
        wants[index] = Want::Path(RELEASE_FILES[index].path);
        index += 1;
    }
    wants[index] = Want::Path(REPOSITORIES);
    wants[index + 1] = Want::Under(MORE_REPOSITORIES);
    let mut channel = 0;
    while channel < channels::WANTS.len() {
        wants[index + 2 + channel] = channels::WANTS[channel];
        channel += 1;
    }
    wants
};

/// Looks for the distribution of a tree.
pub(crate) fn read(input: &TreeInput<'_>) -> TreeYield {
    let (distro, problems) = distro(input.tree);
    TreeYield { distro, problems, ..TreeYield::default() }
}

/// Returns the distribution of a tree, and what is odd about it.
///
/// [`Distro::release`] is that of the package repositories where they are of another release than the
/// release file says (what is stated stays in [`Distro::version_id`] and [`Distro::stated_release`]):
/// packages come from there.
pub fn distro(tree: &Tree) -> (Option<Distro>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut stated: Option<(Stated, String)> = None;
    for file in RELEASE_FILES {
        let Some(found) = tree.read(file.path) else { continue };
        let Some(said) = parse(file, found.body) else {
            let detail = "the release file names no distribution".to_owned();
            problems.push(Problem {
                path: found.path,
                layer: Some(found.layer),
                detail,
                gap: None,
            });
            continue;
        };
        match &mut stated {
            None => stated = Some((said, found.path)),
            Some((first, _)) if first.version_id.is_empty() && first.id == said.id => {
                first.version_id = said.version_id;
            }
            Some(_) => {}
        }
    }
    let Some((stated, evidence)) = stated else {
        problems.extend(
            RELEASE_FILES.iter().filter_map(|file| {
                standing::problem(tree, "release file", (file.path, Place::File))
            }),
        );
        return (None, problems);
    };
    // What an empty or foreign file lacks does not matter where another tells.
    problems.clear();
    let mut distro = make(&stated, &evidence);
    if let Some(release) = repositories_release(tree, &distro)
        && release != distro.release
    {
        let detail = format!(
            "the repositories are of release `{release}`, but `{evidence}` says `{}`; judged as `{release}`",
            distro.version_id
        );
        let path = REPOSITORIES.to_owned();
        problems.push(Problem { path, layer: None, detail, gap: None });
        distro.release = release;
    }
    distro.channels = channels::read(tree, &mut problems);
    add_usual_products(&mut distro);
    (Some(distro), problems)
}

/// A label names the product that an image is, and that is built on the distribution: where nothing
/// else tells of the repositories of a layer, its packages may be of the distribution too.
fn add_usual_products(distro: &mut Distro) {
    let Some(row) = distro.row else { return };
    let is_product = |name: &String| name.starts_with("cpe:");
    let told: Vec<Option<u32>> = distro
        .channels
        .iter()
        .filter(|channel| !channel.names.iter().all(is_product))
        .map(|channel| channel.layer)
        .collect();
    for channel in distro.channels.iter_mut().filter(|channel| !told.contains(&channel.layer)) {
        channel.names.extend(row.products.iter().map(|name| name.replace("{}", &distro.release)));
        channel.names.sort();
        channel.names.dedup();
    }
}

/// Returns what one release file says, for a first hint while the layers stream; `None` for a file
/// that is none, or names no distribution.
pub fn distro_from_file(path: &str, body: &[u8]) -> Option<Distro> {
    let file = RELEASE_FILES.iter().find(|file| file.path == path)?;
    Some(make(&parse(file, body)?, path))
}

fn parse(file: &ReleaseFile, body: &[u8]) -> Option<Stated> {
    let body = body.get(..MAX_RELEASE_FILE_BYTES).unwrap_or(body);
    (file.parse)(&String::from_utf8_lossy(body))
}

fn make(stated: &Stated, evidence: &str) -> Distro {
    let Stated { id, version_id, built_on, name, codename } = stated;
    if built_on.is_empty() {
        return Distro::new(id, version_id, name, codename, evidence);
    }
    let distro = Distro::new(id, built_on, name, codename, evidence);
    Distro { version_id: version_id.clone(), ..distro }
}

/// Returns the release of the repositories that a tree of an apk distribution with releases installs
/// from: `edge` if one of them is, else the newest.
fn repositories_release(tree: &Tree, distro: &Distro) -> Option<String> {
    let row = distro.row?;
    if row.package_type != "apk" || row.release == Release::Rolling {
        return None;
    }
    let mut bodies: Vec<&[u8]> =
        tree.read(REPOSITORIES).map(|file| file.body).into_iter().collect();
    for name in tree.list(MORE_REPOSITORIES) {
        bodies.extend(tree.read(&format!("{MORE_REPOSITORIES}/{name}")).map(|file| file.body));
    }
    let releases = releases_of(&bodies, &distro.id);
    let release = releases.into_iter().reduce(|a, b| newer(row, a, b))?;
    Some(Distro::new(&distro.id, &release, "", "", "").release)
}

fn releases_of(bodies: &[&[u8]], id: &str) -> Vec<String> {
    let mut left = MAX_REPOSITORIES_BYTES;
    let mut releases = Vec::new();
    for body in bodies {
        let body = &body[..body.len().min(left)];
        left -= body.len();
        releases.extend(parse_repositories(&String::from_utf8_lossy(body), id));
    }
    releases
}

/// Returns the releases that repository lines of a distribution name, in order:
/// `https://dl-cdn.alpinelinux.org/alpine/v3.10/main` is of `3.10`. A tagged line (`@testing https://…`)
/// gives only what is asked for by its tag, so it does not tell the release.
fn parse_repositories(text: &str, id: &str) -> Vec<String> {
    let mut releases = Vec::new();
    for line in text.lines() {
        let Some((scheme, rest)) = line.trim().split_once("://") else { continue };
        if !matches!(scheme, "http" | "https" | "ftp") {
            continue;
        }
        let mut parts = rest.split('/').skip(1).skip_while(|part| *part != id).skip(1);
        let (Some(branch), Some(_)) = (parts.next(), parts.next()) else { continue };
        let release = branch.strip_prefix('v').unwrap_or(branch);
        if release == "edge" || release.starts_with(|letter: char| letter.is_ascii_digit()) {
            releases.push(release.to_owned());
        }
    }
    releases
}

fn newer(row: &DistroRow, a: String, b: String) -> String {
    if a == "edge" {
        return a;
    }
    if b == "edge" || row.scheme.compare(&a, &b) == Ok(Ordering::Less) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_tell_the_release() {
        let read = |text| parse_repositories(text, "alpine").join(" ");
        assert_eq!(read("http://nl.alpinelinux.org/alpine/v3.7/main"), "3.7");
        assert_eq!(read("https://mirror.example/pub/alpine/edge/community\n# no\n"), "edge");
        assert_eq!(read("#https://h/alpine/v3.9/main\n@t https://h/alpine/edge/testing"), "");
        assert_eq!(read("https://h/alpine//edge/main\nhttps://h/alpine/latest-stable/main"), "");
        assert_eq!(read("https://h/adelie/1.0-beta4/system/\n/media/cdrom/apks"), "");
        assert_eq!(read("https://h/alpine/v3.9/main\nftp://h/alpine/v3.10/main"), "3.9 3.10");
    }

    #[test]
    fn the_newest_release_counts_and_edge_above_all() {
        let row = plimsoll_model::distro::find("alpine").unwrap();
        let newest = |a: &str, b: &str| newer(row, a.to_owned(), b.to_owned());
        assert_eq!(newest("3.9", "3.10"), "3.10");
        assert_eq!(newest("3.10", "3.9"), "3.10");
        assert_eq!(newest("edge", "3.10"), "edge");
        assert_eq!(newest("3.10", "edge"), "edge");
    }

    #[test]
    fn a_hint_comes_from_a_release_file_alone() {
        let hint = distro_from_file("etc/os-release", b"ID=alpine\nVERSION_ID=3.17.1\n").unwrap();
        assert_eq!(hint.namespace().as_deref(), Some("alpine:3.17"));
        assert!(distro_from_file("etc/passwd", b"ID=alpine").is_none());
        assert!(distro_from_file("etc/os-release", b"\xff\xff").is_none());
    }

    #[test]
    fn the_bytes_of_repositories_have_a_limit() {
        let mut long = b"https://h/alpine/v3.9/main\n".to_vec();
        long.resize(MAX_REPOSITORIES_BYTES - 10, b'#');
        let line = b"\nhttps://h/alpine/v3.10/main\n";
        assert_eq!(releases_of(&[&long, line], "alpine"), ["3.9"]);
        assert_eq!(releases_of(&[line, &long], "alpine"), ["3.10", "3.9"]);
    }

    #[test]
    fn only_the_head_of_a_release_file_is_read() {
        let mut body = b"ID=alpine\n".to_vec();
        body.resize(MAX_RELEASE_FILE_BYTES, b'\n');
        body.extend_from_slice(b"VERSION_ID=3.17.1\n");
        assert_eq!(distro_from_file("etc/os-release", &body).unwrap().version_id, "");
    }
}
