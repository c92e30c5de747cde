//! Lock files and manifests: the first byte chooses the file, the second whether another stands beside it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::{CatalogReaders, catalogue, readers};
use plimsoll_model::tree::Content;
use plimsoll_model::{Distro, Entry, EntryKind, GapKind, LayerListing, Readers, Tree};

const PATHS: &[&str] = &[
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "deno.lock",
    "poetry.lock",
    "uv.lock",
    "Pipfile.lock",
    "requirements.txt",
    "environment.yml",
    "Cargo.lock",
    "go.mod",
    "go.sum",
    "Gemfile.lock",
    "composer.lock",
    "packages.lock.json",
    "packages.config",
    "a.csproj",
    "pom.xml",
    "gradle.lockfile",
    "build.sbt.lock",
    "mix.lock",
    "rebar.lock",
    "pubspec.lock",
    "Package.resolved",
    "Podfile.lock",
    "conan.lock",
    "renv.lock",
    "Manifest.toml",
    "stack.yaml.lock",
    "cabal.project.freeze",
    "a.opam.locked",
    "cpanfile.snapshot",
    ".terraform.lock.hcl",
    ".github/workflows/ci.yml",
    "bun.lockb",
    "conanfile.txt",
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    let path = PATHS[usize::from(choice) % PATHS.len()];
    let readers = readers(true);
    let rows = readers.wants().ask(path, false);
    assert_ne!(rows, 0, "{path} is wanted");
    assert_eq!(plimsoll_catalog::readers(false).wants().ask(path, false), 0, "{path} is declared");
    let taken = readers.read(path, rows, body);
    assert_eq!(taken, readers.read(path, rows, body));
    let distro = Distro::new("debian", "12", "", "", "");
    for (_, found) in taken {
        assert!(found.problems.len() <= 101, "problems have a limit");
        assert!(found.problems.iter().all(|problem| !problem.detail.is_empty()));
        for mut package in found.packages {
            assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
            assert!(package.name.len() <= 500 && package.version.len() <= 500);
            package.finish(Some(&distro), "");
            let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:");
            assert!(is_purl, "{}", package.purl);
        }
    }
    if path.starts_with("go.") {
        pair(&readers, ["a/go.mod", "a/go.sum"], body);
    } else if path == "pom.xml" {
        pair(&readers, ["pom.xml", "a/pom.xml"], body);
    }
});

/// Reads two files that belong together, which the fuzzer parted by a zero byte, as one tree.
fn pair(readers: &CatalogReaders, paths: [&str; 2], body: &[u8]) {
    let at = body.iter().position(|&byte| byte == 0).unwrap_or(body.len());
    let mut listing = LayerListing::default();
    for (path, body) in paths.into_iter().zip([&body[..at], body.get(at + 1..).unwrap_or_default()])
    {
        let rows = readers.wants().ask(path, false);
        let yields = readers.read(path, rows, body);
        let content = Content { body: Some(body.into()), yields, rows };
        let content = Some(listing.keep(content));
        let _ = listing.push(&Entry { path, kind: EntryKind::File, executable: false, content });
    }
    let mut tree = Tree::new();
    tree.apply(0, listing);
    let found = catalogue(&tree, readers, &[], false);
    let is_known = |kind: &str| matches!(kind, "golang" | "maven");
    assert!(found.packages.iter().all(|package| package.declared && is_known(&package.kind)));
    let kinds = [GapKind::Limit, GapKind::Unreadable, GapKind::Unidentified];
    assert!(found.gaps.iter().all(|gap| kinds.contains(&gap.kind)));
}
