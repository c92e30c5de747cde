//! .NET: what a published application lists, the shared frameworks, and assemblies that no list names.
//!
//! The list is `APP.deps.json`, beside the application
//! (<https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md>). A framework has
//! one too, at `shared/NAME/VERSION/NAME.deps.json`. Assemblies are PE files; see `version_resource`.

use std::collections::HashSet;

use plimsoll_model::{FileYield, GapKind, Package, Problem, Want};
use serde_json::{Map, Value};

use super::{ends, package};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::database::note;
use crate::document::{self, has_room, text};
use crate::owned;

pub(super) mod assembly;
pub(crate) mod bundle;
mod version_resource;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "dotnet",
    version: 3,
    wants: &[Want::Suffix(LIST), Want::Suffix(".dll"), Want::Suffix(".exe")],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

const LIST: &str = ".deps.json";

/// The most files of one list that are remembered.
const MAX_CLAIMED_FILES: usize = 100_000;

fn read(input: &FileInput<'_>) -> FileYield {
    if !input.path.to_ascii_lowercase().ends_with(LIST) {
        return assembly::read(input);
    }
    let mut found = parse_deps(input.body);
    let folder = input.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let hashes = found.files.iter().map(|file| claim(folder, file));
    let owned = hashes.collect();
    if let Some(framework) = framework(input.path, &found.target) {
        found.packages = vec![framework];
    }
    let Listed { packages, problems, .. } = found;
    FileYield { packages, problems, owned, ..FileYield::default() }
}

fn claim(folder: &str, file: &str) -> u64 {
    let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
    owned::hash(path.to_ascii_lowercase().as_bytes())
}

/// Returns the package of a shared framework by the path of its list: the runtime pack of its version and
/// platform, under which advisories name it.
fn framework(path: &str, target: &str) -> Option<Package> {
    let ends = ends(path);
    let [file, version, name, "shared", ..] = ends.as_slice() else { return None };
    let (_, platform) = target.split_once('/')?;
    (file.strip_suffix(LIST) == Some(name))
        .then(|| package("nuget", &format!("{name}.Runtime.{platform}"), version))?
}

/// What a list says.
#[derive(Debug, Default, Eq, PartialEq)]
struct Listed {
    /// The packages of which files are there, in the order of the list.
    packages: Vec<Package>,
    /// The files of all libraries, those of the application itself included, relative to the list.
    files: Vec<String>,
    /// The target that is run: `.NETCoreApp,Version=v6.0/linux-x64`.
    target: String,
    /// What could not be read; without a path.
    problems: Vec<Problem>,
}

/// Reads a list. A package counts when a file of it was published: others were needed to compile alone.
/// Projects are the application itself.
///
/// ```text
/// {"runtimeTarget": {"name": ".NETCoreApp,Version=v6.0"},
///  "targets": {".NETCoreApp,Version=v6.0": {
///    "Newtonsoft.Json/13.0.1": {"runtime": {"lib/netstandard2.0/Newtonsoft.Json.dll": {}}}}},
///  "libraries": {"Newtonsoft.Json/13.0.1": {"type": "package"}}}
/// ```
fn parse_deps(body: &[u8]) -> Listed {
    let mut found = Listed::default();
    let Some(document) = document::read(body, &mut found.problems) else { return found };
    let libraries = document.get("libraries").and_then(Value::as_object);
    let (Some(libraries), Some(target)) = (libraries, run_target(&document, &mut found.target))
    else {
        let detail = "it has no `libraries`, or not the target that it names".to_owned();
        note(&mut found.problems, detail, Some(GapKind::Unreadable));
        return found;
    };
    for (key, assets) in target {
        let files = files_of(assets);
        let is_there = !files.is_empty();
        found.files.extend(files);
        found.files.truncate(MAX_CLAIMED_FILES);
        let kind = libraries.get(key).map_or("", |library| text(library, "type"));
        if !is_there || !matches!(kind, "package" | "runtimepack") {
            continue;
        }
        let parts = key.strip_prefix("runtimepack.").unwrap_or(key).split_once('/');
        let Some(package) = parts.and_then(|(name, version)| package("nuget", name, version))
        else {
            let detail = format!("library `{key}` has no name, or no version");
            note(&mut found.problems, detail, Some(GapKind::Unreadable));
            continue;
        };
        if !has_room(&found.packages, &mut found.problems) {
            break;
        }
        found.packages.push(package);
    }
    found
}

/// Returns the target that is run, and its name. Lists of before 1.0 name it alone.
fn run_target<'a>(document: &'a Value, name: &mut String) -> Option<&'a Map<String, Value>> {
    let stated = document.get("runtimeTarget")?;
    let stated = stated.as_str().unwrap_or_else(|| text(stated, "name"));
    stated.clone_into(name);
    document.get("targets")?.get(stated)?.as_object()
}

/// Returns the files of a library as they lie beside the list: those of the platform by their name alone, those
/// of other platforms below `runtimes` by their path.
fn files_of(assets: &Value) -> Vec<String> {
    let of = |kind: &str| assets.get(kind).and_then(Value::as_object).into_iter().flatten();
    let is_file = |path: &&String| !path.ends_with("/_._") && *path != "_._";
    let flat = ["runtime", "native"].into_iter().flat_map(of).map(|(path, _)| path);
    let flat = flat.filter(is_file).filter_map(|path| path.rsplit('/').next());
    let localized = of("resources").filter_map(|(path, value)| {
        let file = path.rsplit('/').next()?;
        Some(format!("{}/{file}", text(value, "locale")))
    });
    let deep = of("runtimeTargets").map(|(path, _)| path).filter(is_file).cloned();
    flat.map(str::to_owned).chain(localized).chain(deep).collect()
}

/// Leaves out the assemblies that were named by what is written in them, where a list names the file: the list
/// tells which package it is of. `yields` are those of the tree, with the name of each row.
pub(crate) fn drop_claimed<'a>(
    yields: impl Iterator<Item = (&'a str, &'a FileYield)>,
    packages: &mut Vec<Package>,
) {
    let lists = yields.filter(|(row, _)| *row == ROW.name);
    let claimed: HashSet<u64> = lists.flat_map(|(_, taken)| taken.owned.iter().copied()).collect();
    if claimed.is_empty() {
        return;
    }
    packages.retain(|package| {
        let mut places = package.evidence.iter();
        !places.any(|place| {
            place.cataloguer == assembly::NAME && claimed.contains(&claim("", &place.path))
        })
    });
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::document::MAX_ENTRIES;

    const DEPS: &str = r#"{
      "runtimeTarget": {"name": ".NETCoreApp,Version=v6.0/linux-x64"},
      "targets": {".NETCoreApp,Version=v6.0": {}, ".NETCoreApp,Version=v6.0/linux-x64": {
        "App/1.0.0": {"dependencies": {"A": "1"}, "runtime": {"App.dll": {}}},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.8": {"runtime": {"System.Runtime.dll": {}}},
        "A/1.2.0": {"runtime": {"lib/net6.0/A.dll": {}}, "resources": {"lib/net6.0/de/A.resources.dll": {"locale": "de"}}},
        "N/2.0.0": {"runtimeTargets": {"runtimes/linux-x64/native/n.so": {"rid": "linux-x64"}}},
        "Empty/3.0.0": {"runtime": {"lib/net6.0/_._": {}}},
        "Analyzer/4.0.0": {"compile": {"lib/x.dll": {}}},
        "Odd": {"native": {"x.so": {}}}}},
      "libraries": {"App/1.0.0": {"type": "project"}, "A/1.2.0": {"type": "package"},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/6.0.8": {"type": "runtimepack"},
        "N/2.0.0": {"type": "package"}, "Empty/3.0.0": {"type": "package"},
        "Analyzer/4.0.0": {"type": "package"}, "Odd": {"type": "package"}}}"#;

    #[test]
    fn packages_with_files_count() {
        let found = parse_deps(DEPS.as_bytes());
        let shown: Vec<_> =
            found.packages.iter().map(|p| format!("{}@{}", p.name, p.version)).collect();
        assert_eq!(shown, ["Microsoft.NETCore.App.Runtime.linux-x64@6.0.8", "A@1.2.0", "N@2.0.0"]);
        assert_eq!(
            found.files,
            [
                "App.dll",
                "System.Runtime.dll",
                "A.dll",
                "de/A.resources.dll",
                "runtimes/linux-x64/native/n.so",
                "x.so"
            ]
        );
        assert_eq!(found.problems.len(), 1);
    }

    #[test]
    fn a_framework_is_one_package() {
        let path =
            "usr/share/dotnet/shared/Microsoft.NETCore.App/6.0.8/Microsoft.NETCore.App.deps.json";
        let found = read(&FileInput { path, body: DEPS.as_bytes() });
        assert_eq!(found.packages.len(), 1);
        assert_eq!(found.packages[0].name, "Microsoft.NETCore.App.Runtime.linux-x64");
        assert_eq!(found.packages[0].version, "6.0.8");
        assert_eq!(found.owned.len(), 6);
        let other =
            read(&FileInput { path: "srv/shared/a/b/App.deps.json", body: DEPS.as_bytes() });
        assert_eq!(other.packages.len(), 3);
    }

    #[test]
    fn what_is_no_list_is_told() {
        for body in ["", "{}", r#"{"libraries":{},"runtimeTarget":"x","targets":{}}"#] {
            let found = parse_deps(body.as_bytes());
            assert_eq!(found.problems.len(), 1, "{body}");
        }
    }

    #[test]
    fn packages_and_files_have_limits() {
        let (mut target, mut libraries) = (String::new(), String::new());
        for number in 0..=MAX_ENTRIES {
            let _ = write!(target, r#""a{number}/1":{{"runtime":{{"{number}":1}}}},"#);
            let _ = write!(libraries, r#""a{number}/1":{{"type":"package"}},"#);
        }
        let body = format!(
            r#"{{"runtimeTarget":"t","targets":{{"t":{{{target}"z":1}}}},"libraries":{{{libraries}"z":1}}}}"#
        );
        let found = parse_deps(body.as_bytes());
        assert_eq!((found.packages.len(), found.problems.len()), (MAX_ENTRIES, 1));
        let files: Vec<String> = (0..=MAX_CLAIMED_FILES).map(|n| format!(r#""{n}":1"#)).collect();
        let body = format!(
            r#"{{"runtimeTarget":"t","targets":{{"t":{{"a/1":{{"runtime":{{{}}}}}}}}},"libraries":{{}}}}"#,
            files.join(",")
        );
        assert_eq!(parse_deps(body.as_bytes()).files.len(), MAX_CLAIMED_FILES);
    }
}
