//! What the path of a `package.json` tells of it.

use crate::place::folders_above;

/// Where a manifest lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place<'a> {
    /// In the folder of an installed module of this name.
    Module { name: &'a str },
    /// Deeper inside the folder of a module of this name.
    Within { name: &'a str },
    /// Among tests, examples or templates: no package.
    Sample,
    /// Anywhere else: an application, or a module kept where its package manager has it.
    Other,
}

/// The name of manifests.
pub(super) const MANIFEST: &str = "package.json";
/// The folder that modules lie in.
const MODULES: &str = "node_modules";
/// Folders inside a module whose manifests are there to be tried or copied.
const SAMPLES: &[&str] = &[
    "test",
    "tests",
    "__tests__",
    "testing",
    "spec",
    "specs",
    "e2e",
    "fixture",
    "fixtures",
    "__fixtures__",
    "testdata",
    "test-data",
    "mock",
    "mocks",
    "__mocks__",
    "example",
    "examples",
    "demo",
    "demos",
    "sample",
    "samples",
    "benchmark",
    "benchmarks",
    "bench",
    "template",
    "templates",
];
/// Those of them that mean the same outside a module.
const SURE_SAMPLES: &[&str] = &["__tests__", "fixtures", "__fixtures__", "testdata", "__mocks__"];

/// Looks at the path of a manifest: `srv/node_modules/@babel/core/package.json`.
pub(super) fn of(path: &str) -> Place<'_> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    // Tests of a module hold modules too.
    let (mut rest, mut module) = (folder, None);
    while let Some((before, after)) = split_modules(rest) {
        if is_sample(before, module.is_some()) {
            return Place::Sample;
        }
        let name_bytes = name_bytes(after);
        module = Some(&after[..name_bytes]).filter(|name| !name.is_empty());
        rest = after[name_bytes..].trim_start_matches('/');
    }
    if module.is_none()
        && let Some((name, below)) = kept(folder)
    {
        (module, rest) = (Some(name), below);
    }
    match module {
        _ if is_sample(rest, module.is_some()) => Place::Sample,
        Some(name) if rest.is_empty() => Place::Module { name },
        Some(name) => Place::Within { name },
        None => Place::Other,
    }
}

/// Parts `a/node_modules/b/c` into `a` and `b/c`.
fn split_modules(path: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for part in path.split('/') {
        if part == MODULES {
            let after = path.get(at + part.len() + 1..)?;
            return Some((path[..at].trim_end_matches('/'), after));
        }
        at += part.len() + 1;
    }
    None
}

/// Returns the bytes of `core` in `core/lib`, of `@babel/core` in `@babel/core/lib`; 0 for a folder of the
/// package manager (`.pnpm/…`), which is no module.
fn name_bytes(path: &str) -> usize {
    let end_of = |from: usize| path[from..].find('/').map_or(path.len(), |at| from + at);
    let first = end_of(0);
    if path.starts_with('.') {
        0
    } else if path.starts_with('@') && first < path.len() {
        end_of(first + 1)
    } else {
        first
    }
}

/// Finds the module in the folders where Bun and Deno keep them, and what follows its folder:
/// `.bun/install/cache/@babel/core@7.20.0@@@1`, `deno/npm/registry.example/@babel/core/7.20.0`.
fn kept(folder: &str) -> Option<(&str, &str)> {
    if let Some((_, after)) = folder.split_once("/install/cache/") {
        let module = &after[..name_bytes(after)];
        let version = module.rfind('/').map_or(0, |slash| slash + 1);
        let at = version + module[version..].find('@')?;
        return Some((&module[..at], after[module.len()..].trim_start_matches('/')));
    }
    let (_, after) = ["deno/npm/", "deno-dir/npm/", ".deno/npm/"]
        .iter()
        .find_map(|start| folder.split_once(start))?;
    let (_, after) = after.split_once('/')?;
    let name = &after[..name_bytes(after)];
    let rest = after[name.len()..].strip_prefix('/')?;
    Some((name, rest.split_once('/').map_or("", |(_, below)| below)))
}

fn is_sample(path: &str, in_module: bool) -> bool {
    let names = if in_module { SAMPLES } else { SURE_SAMPLES };
    path.split('/').any(|part| names.contains(&part))
}

/// Returns the manifests in the folders above the file of a package, nearest first.
pub(crate) fn holders(path: &str) -> Vec<String> {
    folders_above(path).map(|folder| format!("{folder}{MANIFEST}")).collect()
}

/// Returns the manifest, where that is what shows a package.
pub(crate) fn place(path: &str) -> Option<String> {
    path.ends_with(MANIFEST).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_tells_the_module() {
        let module = |path, name| assert_eq!(of(path), Place::Module { name }, "{path}");
        module("node_modules/a/package.json", "a");
        module("srv/node_modules/@s/a/package.json", "@s/a");
        module("usr/lib/node_modules/npm/node_modules/tar/package.json", "tar");
        module("srv/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json", "a");
        module("srv/test/node_modules/a/package.json", "a");
        module("root/.bun/install/cache/a@1.0.0@@@1/package.json", "a");
        module("root/.bun/install/cache/@s/a@1.0.0@@@1/package.json", "@s/a");
        module("root/.cache/deno/npm/host.example/@s/a/1.0.0/package.json", "@s/a");
        module("deno-dir/npm/host.example/a/1.0.0/package.json", "a");
    }

    #[test]
    fn parts_samples_and_applications_are_told_apart() {
        let within = |path, name| assert_eq!(of(path), Place::Within { name }, "{path}");
        within("node_modules/a/dist/esm/package.json", "a");
        within("node_modules/@s/a/lib/package.json", "@s/a");
        within("root/.bun/install/cache/a@1.0.0@@@1/lib/package.json", "a");
        within("deno-dir/npm/host.example/a/1.0.0/lib/package.json", "a");
        for sample in [
            "node_modules/a/test/b/package.json",
            "node_modules/a/examples/node_modules/b/package.json",
            "src/__fixtures__/node_modules/b/package.json",
            "deno-dir/npm/host.example/a/1.0.0/test/package.json",
            "src/fixtures/a/package.json",
        ] {
            assert_eq!(of(sample), Place::Sample, "{sample}");
        }
        for other in [
            "package.json",
            "srv/package.json",
            "node_modules/package.json",
            "srv/node_modules/.pnpm/package.json",
            "srv/test/package.json",
            "usr/share/nodejs/a/package.json",
            "install/cache/package.json",
        ] {
            assert_eq!(of(other), Place::Other, "{other}");
        }
    }

    #[test]
    fn the_manifests_above_hold_a_module() {
        let above = holders("srv/a/package.json");
        assert_eq!(above, ["srv/a/package.json", "srv/package.json", "package.json"]);
        assert_eq!(place("srv/package.json").as_deref(), Some("srv/package.json"));
        assert_eq!(place("srv/yarn.lock"), None);
    }
}
