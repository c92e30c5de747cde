//! Go programs: the modules, the version of Go and the settings that the linker writes into each.
//!
//! The format is that of `debug/buildinfo` and `runtime/debug.BuildInfo` in Go's own library
//! (<https://pkg.go.dev/debug/buildinfo>); stripping a program leaves it.

use plimsoll_model::{Confidence, Evidence, FileYield, GapKind, Package, Problem, Scheme};

use super::Image;
use super::classify::CLASSIFIER;
use build_info::{BuildInfo, Named};

mod build_info;
mod main_version;

pub use main_version::{choose_version, release_of, version_in_flags};

/// The name in the evidence.
const NAME: &str = "go";
/// The purl type, which the standard library shares.
const KIND: &str = "golang";
/// What a module says of its version when none was stamped.
const NO_VERSION: &str = "(devel)";
/// The most modules of one program; the largest known have two thousand.
pub(super) const MAX_MODULES: usize = 20_000;

/// Lists the main module, the modules it was built with, and the standard library.
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    let info = match build_info::find(image) {
        Ok(Some(info)) => info,
        Ok(None) => return found,
        Err(bad) => {
            note(&mut found, &bad.to_string(), GapKind::Unreadable);
            return found;
        }
    };
    let arch = arch(&info);
    add_library(image, &info, &mut found);
    add_main(image, &info, &mut found);
    add_modules(&info, &mut found);
    for package in &mut found.packages {
        KIND.clone_into(&mut package.kind);
        package.arch.clone_from(&arch);
        let cataloguer = NAME.to_owned();
        package.evidence = vec![Evidence { cataloguer, ..Evidence::default() }];
    }
    found
}

/// Returns whether a program was made by Go's linker, with or without what tells its modules.
pub(super) fn is_go(image: &Image<'_>) -> bool {
    const SECTIONS: &[&str] =
        &[".go.buildinfo", ".note.go.buildid", ".gopclntab", "__gopclntab", "__go_buildinfo"];
    SECTIONS.iter().any(|name| image.has_section(name))
}

/// Returns the architecture, `amd64`; of a system other than Linux with its name, `windows/amd64`.
fn arch(info: &BuildInfo<'_>) -> Option<String> {
    let arch = info.setting("GOARCH")?;
    match info.setting("GOOS") {
        Some(system) if system != "linux" => Some(format!("{system}/{arch}")),
        _ => Some(arch.into_owned()),
    }
}

/// The standard library is in every program; the tools only in the program that is Go itself.
fn add_library(image: &Image<'_>, info: &BuildInfo<'_>, found: &mut FileYield) {
    let Some(version) = release_of(&info.go_version) else {
        let detail =
            format!("the version of Go that built it is no release: `{}`", info.go_version);
        note(found, &detail, GapKind::Unidentified);
        return;
    };
    let package = |name: &str| Package {
        name: name.to_owned(),
        version: version.clone(),
        licenses: vec!["BSD-3-Clause".to_owned()],
        ..Package::default()
    };
    found.packages.push(package("stdlib"));
    if info.main_package() == "cmd/go" && image.file_name().trim_end_matches(".exe") == "go" {
        found.packages.push(package("toolchain"));
    }
}

/// Adds the module of the program itself. Where only its package is stated, as by builds without modules,
/// that is taken for the module, what follows `/cmd/` left out; it is a guess.
fn add_main(image: &Image<'_>, info: &BuildInfo<'_>, found: &mut FileYield) {
    let module = info.main_module().filter(|module| !module.path.is_empty());
    let (name, stamped, confidence) = match module {
        Some(module) => (module.path, module.version, None),
        None => match module_of(info.main_package()) {
            Some(path) => (path, "", Some(Confidence::Medium)),
            None => return,
        },
    };
    let stamped = if stamped == NO_VERSION { "" } else { stamped };
    let flags = info.setting("-ldflags");
    let flags = flags.as_deref().and_then(version_in_flags);
    let symbol = || main_version::version_in_symbols(image);
    let version = choose_version(stamped, flags, symbol).unwrap_or_else(|| NO_VERSION.to_owned());
    let name = name.to_owned();
    found.packages.push(Package { name, version, confidence, ..Package::default() });
}

/// Returns the module of a package: `github.com/docker/docker` of `github.com/docker/docker/cmd/dockerd`;
/// `None` for what no host is named in, such as `cmd/go` and `command-line-arguments`.
fn module_of(package: &str) -> Option<&str> {
    let (host, rest) = package.split_once('/')?;
    let module = package.split_once("/cmd/").map_or(package, |(module, _)| module);
    (host.contains('.') && !rest.is_empty()).then_some(module)
}

/// A replaced module is what it was replaced with; of a local copy no version is known.
fn add_modules(info: &BuildInfo<'_>, found: &mut FileYield) {
    let mut left_out = 0;
    for (index, module) in info.modules().enumerate() {
        if index >= MAX_MODULES {
            left_out += 1;
            continue;
        }
        let is_known = |named: &Named<'_>| !matches!(named.version, "" | NO_VERSION);
        let (name, version) = match module.replacement {
            Some(built) if is_known(&built) => (built.path, built.version),
            None if is_known(&module.own) => (module.own.path, module.own.version),
            _ => (module.own.path, NO_VERSION),
        };
        if !name.is_empty() {
            let (name, version) = (name.to_owned(), version.to_owned());
            found.packages.push(Package { name, version, ..Package::default() });
        }
    }
    if left_out > 0 {
        let detail = format!("more than {MAX_MODULES} modules; {left_out} are not listed");
        note(found, &detail, GapKind::Limit);
    }
}

/// Gives a program whose own version was not stamped the one that a classifier found in its bytes.
pub(super) fn lend_version(packages: &mut [Package]) {
    let cataloguer = |package: &Package| match package.evidence.first() {
        Some(evidence) => evidence.cataloguer.clone(),
        None => String::new(),
    };
    let is_sure = |package: &&Package| package.confidence > Some(Confidence::Low);
    let mut named = packages
        .iter()
        .filter(|package| cataloguer(package) == CLASSIFIER)
        .filter(|package| package.confidence.is_none() || is_sure(package))
        .map(|package| format!("v{}", package.version));
    let (Some(version), None) = (named.next(), named.next()) else { return };
    let is_own = |package: &&mut Package| {
        cataloguer(package) == NAME && !matches!(package.name.as_str(), "stdlib" | "toolchain")
    };
    let main = packages.iter_mut().find(is_own).filter(|main| main.version == NO_VERSION);
    if let Some(main) = main.filter(|_| Scheme::Golang.is_valid(&version)) {
        (main.version, main.confidence) = (version, Some(Confidence::Medium));
    }
}

fn note(found: &mut FileYield, detail: &str, gap: GapKind) {
    let (detail, gap) = (detail.to_owned(), Some(gap));
    found.problems.push(Problem { detail, gap, ..Problem::default() });
}

#[cfg(test)]
mod tests;
