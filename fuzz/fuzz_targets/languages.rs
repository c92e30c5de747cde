//! What installations of the smaller languages leave behind. The first byte chooses the file; one that the fuzzer
//! names itself follows as `path \n body`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll_catalog::readers;
use plimsoll_model::Readers;

const PATHS: &[&str] = &[
    "usr/lib/ruby/gems/3.1.0/specifications/a-1.0.gemspec",
    "usr/lib/ruby/gems/3.1.0/specifications/odd.gemspec",
    "srv/vendor/composer/installed.json",
    "usr/share/php/.registry/a.reg",
    "usr/lib/R/library/a/DESCRIPTION",
    "opt/lib/a-1/ebin/a.app",
    "perl/.meta/A-1/install.json",
    "perl/perllocal.pod",
    "lib/luarocks/rocks-5.1/a/1-1/a-1-1.rockspec",
    "ghc/package.conf.d/a.conf",
    ".opam/4/.opam-switch/packages/a.1/opam",
    "usr/lib/ocaml/a/META",
    ".pub-cache/hosted/pub.example/a-1/pubspec.yaml",
    "app/.build/workspace-state.json",
    ".julia/packages/A/x/Project.toml",
    ".conan/data/a/1/_/_/package/x/conaninfo.txt",
    "vcpkg/installed/vcpkg/status",
    "share/a/vcpkg.spdx.json",
    "wp-content/plugins/a/a.php",
    "wp-content/themes/a/style.css",
    "wp-includes/version.php",
    "share/swi-prolog/pack/a/pack.pl",
    "srv/App.deps.json",
    "dotnet/shared/Microsoft.NETCore.App/6.0.8/Microsoft.NETCore.App.deps.json",
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let own = rest.iter().position(|&byte| byte == b'\n').map(|at| (&rest[..at], &rest[at + 1..]));
    match (PATHS.get(choice as usize % (PATHS.len() + 1)), own) {
        (Some(path), _) => check(path, rest),
        (None, Some((path, body))) => check(&String::from_utf8_lossy(path), body),
        _ => {}
    }
});

fn check(path: &str, body: &[u8]) {
    let readers = readers(false);
    let rows = readers.wants().ask(path, false) & !readers.tree_rows();
    let taken = readers.read(path, rows, body);
    for (_, taken) in &taken {
        assert!(taken.problems.len() <= 101, "problems have a limit");
        assert!(taken.problems.iter().all(|problem| !problem.detail.is_empty()));
        for package in &taken.packages {
            assert!(!package.name.trim().is_empty() && !package.version.trim().is_empty());
            assert!(!package.name.contains('\0') && !package.evidence.is_empty());
            let mut package = package.clone();
            package.finish(None, "");
            let is_purl = package.purl.is_empty() || package.purl.starts_with("pkg:");
            assert!(is_purl, "{}", package.purl);
        }
    }
    assert_eq!(taken, readers.read(path, rows, body));
}
