//! Archives and programs that no package explains.

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_model::coverage::some_of;
use plimsoll_model::tree::MAX_PATH_PARTS;
use plimsoll_model::{Artifact, ArtifactKind, Confidence, Gap, GapKind, Package};

use crate::installations::Installations;
use crate::owned::{self, Owned};
use crate::place::{INSIDE, outermost};

/// Leaves the artifacts that nothing explains: those at whose path no package was found, whose file belongs
/// to no package of the distribution, and, of programs, that lie in no folder of a language's package and
/// are no part of an installation that is named. A hint names the libraries in a program, and not the
/// program. Sorts them.
///
/// Returns the archives that a package explains whose reader was not sure of them; sorted.
pub(crate) fn explain(
    packages: &[Package],
    artifacts: &mut Vec<Artifact>,
    owned: &Owned,
) -> Vec<Artifact> {
    let hash_of = |path: &str| owned::hash(outermost(path).as_bytes());
    let hashes = artifacts.iter().map(|artifact| hash_of(&artifact.path));
    let owners: HashMap<u64, usize> = owned.owners(hashes);
    let is_sure = |package: &&Package| package.confidence != Some(Confidence::Low);
    let places: HashSet<&str> = packages.iter().flat_map(paths).collect();
    let sure: HashSet<&str> = packages.iter().filter(is_sure).flat_map(paths).collect();
    let folders = folders(packages);
    let installed = Installations::new(packages);
    let is_doubtful = |artifact: &&Artifact| {
        artifact.kind == ArtifactKind::Archive && places.contains(artifact.path.as_str())
    };
    let mut doubtful: Vec<Artifact> = artifacts.iter().filter(is_doubtful).cloned().collect();
    doubtful.sort();
    artifacts.retain(|artifact| {
        let path = artifact.path.as_str();
        let is_named = match artifact.kind {
            ArtifactKind::Archive => places.contains(path),
            ArtifactKind::Program => {
                sure.contains(path) || lies_in(path, &folders) || installed.explain(path)
            }
        };
        !is_named && !owners.contains_key(&hash_of(path))
    });
    artifacts.sort();
    artifacts.dedup();
    doubtful
}

/// Where the files of a package lie, by the path of what shows it to be there.
#[derive(Clone, Copy)]
enum Home {
    /// In the folder so many parts above: 1 is the folder of the file itself.
    Above(usize),
    /// In the folder of one of these names that the path goes through.
    Through(&'static [&'static str]),
}

/// The package types that bring programs of their own, in folders that are theirs.
const HOMES: &[(&str, Home)] = &[
    ("bitnami", Home::Above(1)),
    ("brew", Home::Above(1)),
    ("composer", Home::Above(2)),
    ("conda", Home::Above(2)),
    ("cran", Home::Above(1)),
    // `gems/3.1.0/specifications/x.gemspec` tells of all that lies in `gems/3.1.0`.
    ("gem", Home::Above(2)),
    ("hex", Home::Above(2)),
    ("nix", Home::Above(0)),
    ("npm", Home::Above(1)),
    ("nuget", Home::Above(1)),
    ("otp", Home::Above(2)),
    ("pypi", Home::Through(&["site-packages", "dist-packages"])),
];

/// Returns where the files of a package lie; `None` for types that have no folder of their own.
fn home(package: &Package) -> Option<&str> {
    let evidence = package.evidence.first()?;
    let path = Some(evidence.path.as_str()).filter(|path| !path.contains(INSIDE))?;
    let (_, home) = HOMES.iter().find(|(kind, _)| *kind == package.kind)?;
    home.of(path)
}

impl Home {
    fn of(self, path: &str) -> Option<&str> {
        match self {
            Self::Above(parts) => ancestors(path).nth(parts),
            Self::Through(names) => ancestors(path)
                .find(|folder| names.contains(&folder.rsplit('/').next().unwrap_or(folder))),
        }
    }
}

/// Returns the folders that hold the files of packages. One at the root tells nothing: all lies below it.
fn folders(packages: &[Package]) -> HashSet<&str> {
    packages.iter().filter(|package| !package.declared).filter_map(home).collect()
}

fn lies_in(path: &str, folders: &HashSet<&str>) -> bool {
    !folders.is_empty() && ancestors(path).skip(1).any(|folder| folders.contains(folder))
}

/// Returns a path and the folders above it, the nearest first, without the root.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    fn up<'a>(path: &&'a str) -> Option<&'a str> {
        path.rsplit_once('/').map(|(folder, _)| folder)
    }
    std::iter::successors(Some(path), up).take(MAX_PATH_PARTS)
}

/// Returns every place that shows a package; programs of one installation have several.
fn paths(package: &Package) -> impl Iterator<Item = &str> {
    package.evidence.iter().map(|evidence| evidence.path.as_str())
}

/// The most names that the sentence of a gap tells; the artifacts of the report tell them all.
const MAX_NAMES: usize = 3;

/// Returns the gaps that artifacts make which nothing identified: one for each outermost file of archives,
/// then one for each folder of programs, each sorted.
pub fn unidentified(artifacts: &[Artifact]) -> Vec<Gap> {
    let mut gaps = archives(artifacts);
    gaps.extend(programs(artifacts));
    gaps
}

/// Returns one gap for each folder of programs, the root as `/`.
fn programs(artifacts: &[Artifact]) -> Vec<Gap> {
    let mut folders: BTreeMap<&str, Vec<&Artifact>> = BTreeMap::new();
    for artifact in artifacts.iter().filter(|artifact| artifact.kind == ArtifactKind::Program) {
        let folder = outermost(&artifact.path).rsplit_once('/').map_or("/", |(folder, _)| folder);
        folders.entry(folder).or_default().push(artifact);
    }
    let gap = |(folder, programs): (&str, Vec<&Artifact>)| {
        let name = |artifact: &&Artifact| {
            let name = artifact.path.rsplit('/').next().unwrap_or(&artifact.path);
            match &artifact.detail {
                Some(detail) => format!("`{name}` ({detail})"),
                None => format!("`{name}`"),
            }
        };
        let names: Vec<String> = programs.iter().map(name).collect();
        let count = match programs.len() {
            1 => "1 program".to_owned(),
            count => format!("{count} programs"),
        };
        let detail = format!("no package explains {count}: {}", some_of(&names, MAX_NAMES));
        Gap { kind: GapKind::UnownedExecutable, subject: folder.to_owned(), detail }
    };
    folders.into_iter().map(gap).collect()
}

fn archives(artifacts: &[Artifact]) -> Vec<Gap> {
    let mut files: BTreeMap<&str, Vec<&Artifact>> = BTreeMap::new();
    for artifact in artifacts.iter().filter(|artifact| artifact.kind == ArtifactKind::Archive) {
        files.entry(outermost(&artifact.path)).or_default().push(artifact);
    }
    let gap = |(file, archives): (&str, Vec<&Artifact>)| Gap {
        kind: GapKind::Unidentified,
        subject: file.to_owned(),
        detail: sentence(file, &archives),
    };
    files.into_iter().map(gap).collect()
}

fn sentence(file: &str, archives: &[&Artifact]) -> String {
    if let [only] = archives
        && only.path == file
    {
        let detail = only.detail.as_deref();
        return detail.unwrap_or("nothing in the archive tells what it is").to_owned();
    }
    let inner = |archive: &&Artifact| {
        let inside = archive.path.strip_prefix(file).and_then(|path| path.strip_prefix(INSIDE));
        inside.map_or_else(|| "itself".to_owned(), |inner| format!("`{inner}`"))
    };
    let names: Vec<String> = archives.iter().map(inner).collect();
    let (count, names) = (names.len(), some_of(&names, MAX_NAMES));
    format!("nothing tells what {count} of its archives are: {names}")
}

#[cfg(test)]
mod tests {
    use plimsoll_model::Evidence;

    use super::*;

    fn archive(path: &str) -> Artifact {
        Artifact {
            kind: ArtifactKind::Archive,
            path: path.to_owned(),
            layer: None,
            digest: "sha1:00".to_owned(),
            build_id: None,
            detail: None,
        }
    }

    fn program(path: &str, detail: Option<&str>) -> Artifact {
        let (kind, detail) = (ArtifactKind::Program, detail.map(str::to_owned));
        Artifact { kind, detail, ..archive(path) }
    }

    fn package(kind: &str, path: &str) -> Package {
        let evidence = vec![Evidence { path: path.to_owned(), ..Evidence::default() }];
        Package { kind: kind.to_owned(), evidence, ..Package::default() }
    }

    fn runtime(path: &str) -> Package {
        let mut package = package("generic", path);
        package.evidence[0].cataloguer = "runtime".to_owned();
        package
    }

    #[test]
    fn programs_make_one_gap_a_folder() {
        let mut artifacts = vec![program("init", None), archive("opt/a.jar")];
        artifacts.extend(["a", "b", "c", "d"].map(|name| program(&format!("opt/x/{name}"), None)));
        artifacts[3].detail = Some("packed by UPX".to_owned());
        let gaps = unidentified(&artifacts);
        let shown: Vec<_> =
            gaps.iter().map(|gap| (gap.kind, gap.subject.as_str(), gap.detail.as_str())).collect();
        assert_eq!(
            shown[1..],
            [
                (GapKind::UnownedExecutable, "/", "no package explains 1 program: `init`"),
                (
                    GapKind::UnownedExecutable,
                    "opt/x",
                    "no package explains 4 programs: `a`, `b` (packed by UPX), `c` and 1 more"
                )
            ]
        );
    }

    #[test]
    fn programs_of_packages_owners_and_languages_are_explained() {
        let hint = Package { confidence: Some(Confidence::Low), ..package("cargo", "bin/hint") };
        let declared = Package { declared: true, ..package("npm", "srv/package-lock.json") };
        let packages = vec![
            package("golang", "bin/go"),
            hint,
            declared,
            package("npm", "srv/node_modules/esbuild/package.json"),
            package("pypi", "usr/lib/python3/site-packages/six-1.dist-info/METADATA"),
            package("gem", "usr/lib/gems/3.1.0/specifications/x.gemspec"),
            package("npm", "package.json"),
            runtime("opt/java/release"),
            runtime("usr/lib/erlang/releases/25/OTP_VERSION"),
            runtime("usr/local/VERSION"),
            package("pypi", "a.whl > site-packages/x.dist-info/METADATA"),
        ];
        let mut artifacts: Vec<Artifact> = [
            "bin/go",
            "bin/hint",
            "usr/bin/owned",
            "srv/node_modules/esbuild/bin/esbuild",
            "srv/tool",
            "opt/java/bin/jcmd",
            "usr/lib/erlang/erts-13/bin/epmd",
            "usr/local/bin/tool",
            "usr/lib/python3/site-packages/torch/bin/protoc",
            "usr/lib/gems/3.1.0/gems/x-1/x",
            "site-packages/y",
        ]
        .iter()
        .map(|path| program(path, None))
        .collect();
        let mut owned = Owned::default();
        owned.add(owned::hash(b"bin/owned"), 0);
        explain(&packages, &mut artifacts, &owned);
        let left: Vec<&str> = artifacts.iter().map(|artifact| artifact.path.as_str()).collect();
        assert_eq!(left, ["bin/hint", "site-packages/y", "srv/tool", "usr/local/bin/tool"]);
    }

    #[test]
    fn archives_make_one_gap_a_file() {
        let mut artifacts = vec![archive("a.jar")];
        artifacts.extend((0..5).map(|number| archive(&format!("b.war > lib/{number}.jar"))));
        artifacts.push(Artifact { kind: ArtifactKind::Program, ..archive("bin/x") });
        let gaps = archives(&artifacts);
        let shown: Vec<(&str, &str)> =
            gaps.iter().map(|gap| (gap.subject.as_str(), gap.detail.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("a.jar", "nothing in the archive tells what it is"),
                (
                    "b.war",
                    "nothing tells what 5 of its archives are: `lib/0.jar`, `lib/1.jar`, `lib/2.jar` \
                     and 2 more"
                )
            ]
        );
    }
}
