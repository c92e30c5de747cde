//! Lock files cut off, and with bytes changed: each is read to some end, the same each time, within limits.
//! `PROPTEST_CASES=100000` goes on for longer.

use std::fs;
use std::path::Path;

use plimsoll_catalog::{CATALOGUERS, readers};
use plimsoll_model::{GapKind, Readers};
use proptest::prelude::*;

/// Returns the path from the root and the bytes of every file in the cases of rows of lock files.
fn samples() -> Vec<(String, Vec<u8>)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut found = Vec::new();
    for row in CATALOGUERS.iter().filter(|row| row.declared) {
        for case in fs::read_dir(fixtures.join(row.name)).unwrap() {
            collect(&case.unwrap().path().join("tree"), "", &mut found);
        }
    }
    found.sort();
    assert!(found.len() > 60, "{} files", found.len());
    found
}

fn collect(folder: &Path, at: &str, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        let path = format!("{at}{}", name.to_str().unwrap());
        if entry.is_dir() {
            collect(&entry, &format!("{path}/"), found);
        } else {
            found.push((path, fs::read(entry).unwrap()));
        }
    }
}

/// Reads a file twice and checks what came.
fn check(path: &str, body: &[u8]) {
    let readers = readers(true);
    let rows = readers.wants().ask(path, false);
    let taken = readers.read(path, rows, body);
    assert_eq!(taken, readers.read(path, rows, body), "{path}");
    for (_, found) in taken {
        assert!(found.problems.len() <= 101, "{path}");
        assert!(found.problems.iter().all(|problem| !problem.detail.is_empty()), "{path}");
        for mut package in found.packages {
            assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
            assert!(package.name.len() <= 500 && package.version.len() <= 500, "{path}");
            package.finish(None, "");
            assert!(package.purl.is_empty() || package.purl.starts_with("pkg:"), "{path}");
        }
    }
}

#[test]
fn without_the_flag_no_row_of_lock_files_is_asked() {
    let (plain, all) = (readers(false), readers(true));
    let declared = |index: usize| CATALOGUERS[index].declared;
    for (path, _) in samples() {
        let rows = |bits: u128| (0..CATALOGUERS.len()).filter(move |index| bits >> index & 1 == 1);
        assert!(!rows(plain.wants().ask(&path, false)).any(declared), "{path}");
        let is_other = path.ends_with("package.json") || path.contains("node_modules/.");
        assert!(is_other || rows(all.wants().ask(&path, false)).any(declared), "{path}");
    }
}

#[test]
fn files_that_were_cut_off_are_read_to_some_end() {
    for (path, body) in samples() {
        let step = body.len() / 40 + 1;
        for end in (0..body.len()).step_by(step) {
            check(&path, &body[..end]);
        }
    }
}

/// Returns what is said of a file that is read alone, and how many packages it lists.
fn told(path: &str, body: &[u8]) -> (usize, Vec<(String, Option<GapKind>)>) {
    let readers = readers(true);
    let rows = readers.wants().ask(path, false);
    assert_ne!(rows, 0, "{path} is wanted");
    let taken = readers.read(path, rows, body);
    let packages = taken.iter().map(|(_, found)| found.packages.len()).sum();
    let problems = taken.into_iter().flat_map(|(_, found)| found.problems);
    (packages, problems.map(|problem| (problem.detail, problem.gap)).collect())
}

#[test]
fn a_file_that_is_not_of_its_format_is_unreadable() {
    let files: &[(&str, &str)] = &[
        ("bun.lockb", "\0\u{1}bun-lockfile-format-v0"),
        ("bun.lock", "{}"),
        ("package-lock.json", "{\"name\":"),
        ("package-lock.json", "{\"name\": \"x\"}"),
        ("npm-shrinkwrap.json", "[]"),
        ("composer.lock", "[]"),
        ("composer.lock", "{\"packages-dev\": 1}"),
        ("packages.lock.json", "{\"dependencies\": [1, 2]}"),
        ("packages.config", "<html/>"),
        ("a.csproj", "<a/>"),
        ("deno.lock", "[]"),
        ("conan.lock", "{}"),
        ("Pipfile.lock", "null"),
        ("poetry.lock", "a = 1"),
        ("uv.lock", ""),
        ("Cargo.lock", "\0\u{1}"),
        ("Cargo.lock", "a = 1"),
        ("Package.resolved", "{}"),
        ("renv.lock", "{}"),
        ("build.sbt.lock", "{}"),
        ("pnpm-lock.yaml", "a: [b"),
        ("pnpm-lock.yaml", "- a"),
        ("pubspec.lock", "a: b"),
        ("Podfile.lock", "a: b"),
        ("stack.yaml.lock", "a: b"),
        ("cabal.project.freeze", "random"),
        ("cpanfile.snapshot", "random"),
        ("a.opam.locked", "random"),
        (".terraform.lock.hcl", "random"),
        ("Gemfile.lock", "random"),
        ("gradle.lockfile", "x"),
        ("go.mod", "module a\nrequire ("),
        ("go.mod", "random"),
        ("mix.lock", "%{ \"a\""),
        ("mix.lock", "%{ \"plug\": {:hex, :plug, \"1.0"),
        ("mix.lock", "%{ \"a\": {:hex, :a, \"1.0\"}}, }"),
        ("rebar.lock", "random"),
        ("rebar.lock", "{\"1.2.0\",\n[{<<\"a\">>,{git"),
        ("yarn.lock", "lodash@^4:\n  version \"4.17.15"),
        ("yarn.lock", "lodash@^4:\n  resolved \"x\"\n"),
        ("Gemfile.lock", "GEM\n  specs:\n    a (1.0"),
        ("Podfile.lock", "PODS:\n  - a (1.0"),
        (".terraform.lock.hcl", "provider \"a/b\" {\n  version = \"4.1"),
        ("a.opam.locked", "depends: [\n  \"a\" {= \"v0"),
        ("requirements.txt", "a\0=\0b\0"),
    ];
    for (path, body) in files {
        let (packages, problems) = told(path, body.as_bytes());
        let gaps: Vec<_> = problems.iter().map(|(_, gap)| *gap).collect();
        assert_eq!(gaps, [Some(GapKind::Unreadable)], "{path}: {body}: {problems:?}");
        assert_eq!(packages, 0, "{path}: {body}");
    }
}

#[test]
fn a_file_that_lists_nothing_is_not_unreadable() {
    let files: &[(&str, &str)] = &[
        ("bun.lock", "{\"lockfileVersion\": 1, \"workspaces\": {},}"),
        ("package-lock.json", "{\"name\": \"x\", \"lockfileVersion\": 1}"),
        ("composer.lock", "{\"packages\": [], \"packages-dev\": []}"),
        ("packages.lock.json", "{\"version\": 1, \"dependencies\": {}}"),
        ("packages.config", "<packages/>"),
        ("a.csproj", "<Project/>"),
        ("deno.lock", "{\"version\": \"4\"}"),
        ("conan.lock", "{\"version\": \"0.5\"}"),
        ("conanfile.txt", "[generators]\nCMakeDeps\n"),
        ("Pipfile.lock", "{\"_meta\": {}}"),
        ("poetry.lock", "package = []"),
        ("uv.lock", "version = 1"),
        ("Cargo.lock", "version = 4"),
        ("Package.resolved", "{\"pins\": [], \"version\": 2}"),
        ("renv.lock", "{\"Packages\": {}}"),
        ("build.sbt.lock", "{\"dependencies\": []}"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'"),
        ("pubspec.lock", "sdks: {dart: '3'}"),
        ("Podfile.lock", "PODFILE CHECKSUM: 00"),
        ("stack.yaml.lock", "packages: []"),
        ("cabal.project.freeze", "active-repositories: a"),
        ("cpanfile.snapshot", "# carton snapshot format: version 1.0\nDISTRIBUTIONS\n"),
        ("a.opam.locked", "depends: []"),
        (".terraform.lock.hcl", "# made by a tool\n"),
        ("Gemfile.lock", "GEM\n  specs:\n\nBUNDLED WITH\n   2.4.1\n"),
        ("gradle.lockfile", "# x\nempty=\n"),
        ("go.mod", "// nothing here\n"),
        ("mix.lock", "%{\n}\n"),
        ("rebar.lock", "[].\n"),
        ("yarn.lock", ""),
        ("requirements.txt", ""),
    ];
    for (path, body) in files {
        assert_eq!(told(path, body.as_bytes()), (0, vec![]), "{path}: {body}");
    }
}

#[test]
fn what_is_for_development_alone_is_counted() {
    let files: &[(&str, &str)] = &[
        (
            "package-lock.json",
            r#"{"packages": {"": {}, "node_modules/a": {"version": "1", "dev": true},
               "node_modules/b": {"version": "1", "dev": true}}}"#,
        ),
        (
            "package-lock.json",
            r#"{"dependencies": {"a": {"version": "1", "dev": true}, "b": {"version": "1", "dev": true}}}"#,
        ),
        (
            "composer.lock",
            r#"{"packages": [], "packages-dev": [{"name": "a/a"}, {"name": "a/b"}]}"#,
        ),
        (
            "Pipfile.lock",
            r#"{"default": {}, "develop": {"a": {"version": "==1"}, "b": {"version": "==1"}}}"#,
        ),
        (
            "poetry.lock",
            "[[package]]\nname='a'\nversion='1'\ncategory='dev'\n\
             [[package]]\nname='b'\nversion='1'\ngroups=['dev']",
        ),
        (
            "uv.lock",
            "[[package]]\nname='x'\nsource={editable='.'}\n[[package]]\nname='a'\nversion='1'\n\
             [[package]]\nname='b'\nversion='1'",
        ),
        (
            "pubspec.lock",
            "packages:\n  a: {dependency: direct dev, source: hosted, version: '1'}\n  \
             b: {dependency: direct dev, source: hosted, version: '1'}",
        ),
        (
            "pnpm-lock.yaml",
            "lockfileVersion: 5.4\npackages:\n  /a/1.0.0: {dev: true}\n  /b/1.0.0: {dev: true}",
        ),
        ("gradle.lockfile", "a:a:1=testCompileClasspath\na:b:1=testRuntimeClasspath\nempty=\n"),
        (
            "build.sbt.lock",
            r#"{"dependencies": [{"configurations": ["test"]}, {"configurations": ["test"]}]}"#,
        ),
        (
            "packages.config",
            "<packages><package id='a' version='1' developmentDependency='true'/>\
             <package id='b' version='1' developmentDependency='true'/></packages>",
        ),
        (
            "a.csproj",
            "<Project><ItemGroup><PackageReference Include='a' Version='1' PrivateAssets='all'/>\
             <PackageReference Include='b' Version='1' PrivateAssets='all'/></ItemGroup></Project>",
        ),
        ("conan.lock", r#"{"version": "0.5", "requires": [], "build_requires": ["a/1", "b/1"]}"#),
        (
            "conan.lock",
            r#"{"graph_lock": {"nodes": {"1": {"ref": "a/1", "context": "build"},
               "2": {"ref": "b/1", "context": "build"}}}}"#,
        ),
        ("conanfile.txt", "[tool_requires]\na/1\n[test_requires]\nb/1\n"),
        ("a.opam.locked", "depends: [\n\"a\" {= \"1\" & with-test}\n\"b\" {= \"1\" & with-doc}\n]"),
        ("test-requirements.txt", "a\nb==1\n"),
    ];
    for (path, body) in files {
        let sentence = "2 development dependencies are left out".to_owned();
        assert_eq!(told(path, body.as_bytes()), (0, vec![(sentence, None)]), "{path}: {body}");
    }
}

#[test]
fn what_has_no_exact_version_is_a_note() {
    let files: &[(&str, &str)] = &[
        ("requirements.txt", "a>=1\n"),
        ("environment.yml", "dependencies: [a>=1]"),
        ("Pipfile.lock", r#"{"default": {"a": {"version": "*"}}}"#),
        ("Package.resolved", r#"{"pins": [{"identity": "a", "state": {"branch": "main"}}]}"#),
        (
            "a.csproj",
            "<Project><ItemGroup><PackageReference Include='a' Version='[1,2)'/></ItemGroup></Project>",
        ),
        (
            "a.csproj",
            "<Project><ItemGroup><PackageReference Include='a' Version='$(V)'/></ItemGroup></Project>",
        ),
        ("conanfile.txt", "[requires]\na/[>=1 <2]\n"),
    ];
    for (path, body) in files {
        let sentence =
            "1 dependency has no exact version here and cannot be judged: `a`".to_owned();
        let problems = vec![(sentence, Some(GapKind::Unidentified))];
        assert_eq!(told(path, body.as_bytes()), (0, problems), "{path}: {body}");
    }
}

#[test]
fn files_of_sixteen_bits_are_read() {
    let files: &[(&str, &str)] = &[
        ("requirements.txt", "a==1\r\n"),
        ("package-lock.json", r#"{"packages": {"node_modules/a": {"version": "1"}}}"#),
        ("bun.lock", r#"{"packages": {"a": ["a@1"],},}"#),
        ("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\n"),
        ("pubspec.lock", "packages:\n  a: {source: hosted, version: '1'}"),
        (
            "packages.config",
            "<?xml version='1.0' encoding='utf-16'?><packages><package id='a' version='1'/></packages>",
        ),
        ("go.mod", "module x\nrequire a v1.0.0\n"),
        ("conanfile.txt", "[requires]\na/1\n"),
    ];
    for (path, text) in files {
        for (mark, bytes) in [
            ([0xff, 0xfe], u16::to_le_bytes as fn(u16) -> [u8; 2]),
            ([0xfe, 0xff], u16::to_be_bytes),
        ] {
            let body: Vec<u8> =
                mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect();
            assert_eq!(told(path, &body), (1, vec![]), "{path}");
        }
    }
}

proptest! {
    #[test]
    fn files_with_bytes_changed_are_read_to_some_end(
        index in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..12),
    ) {
        thread_local!(static SAMPLES: Vec<(String, Vec<u8>)> = samples());
        let (path, mut body) = SAMPLES.with(|samples| index.get(samples).clone());
        for (at, byte, change) in changes {
            let at = at.index(body.len() + 1);
            match change {
                0 => body.insert(at, byte),
                1 if at < body.len() => drop(body.remove(at)),
                // A part of the file again.
                2 => {
                    let part = body[at / 2..at].to_vec();
                    body.splice(at..at, part);
                }
                _ if at < body.len() => body[at] = byte,
                _ => {}
            }
        }
        check(&path, &body);
    }
}
