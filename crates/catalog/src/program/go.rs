//! Go programs: the modules, the version of Go and the settings that the linker writes into each.
//!
//! The format is that of `debug/buildinfo` and `runtime/debug.BuildInfo` in Go's own library
//! (<https://pkg.go.dev/debug/buildinfo>); stripping a program leaves it.

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem};

use super::Image;
use build_info::BuildInfo;

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
/// The names of local copies that one problem tells.
const MAX_NAMES_TOLD: usize = 3;

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
        package.kind = KIND.to_owned();
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

fn add_main(image: &Image<'_>, info: &BuildInfo<'_>, found: &mut FileYield) {
    let Some(module) = info.main_module().filter(|module| !module.path.is_empty()) else { return };
    let stamped = if module.version == NO_VERSION { "" } else { module.version };
    let flags = info.setting("-ldflags");
    let flags = flags.as_deref().and_then(version_in_flags);
    let symbol = || main_version::version_in_symbols(image);
    let version = choose_version(stamped, flags, symbol).unwrap_or_else(|| NO_VERSION.to_owned());
    let name = module.path.to_owned();
    found.packages.push(Package { name, version, ..Package::default() });
}

/// A replaced module is what it was replaced with. Of a local copy no version is known.
fn add_modules(info: &BuildInfo<'_>, found: &mut FileYield) {
    let mut local = Vec::new();
    let mut left_out = 0;
    for (index, module) in info.modules().enumerate() {
        if index >= MAX_MODULES {
            left_out += 1;
            continue;
        }
        let built = module.replacement.unwrap_or(module.own);
        if built.path.is_empty() {
            continue;
        }
        if built.version.is_empty() || built.version == NO_VERSION {
            local.push(module.own.path);
            continue;
        }
        let (name, version) = (built.path.to_owned(), built.version.to_owned());
        found.packages.push(Package { name, version, ..Package::default() });
    }
    if left_out > 0 {
        let detail = format!("more than {MAX_MODULES} modules; {left_out} are not listed");
        note(found, &detail, GapKind::Limit);
    }
    if !local.is_empty() {
        let names: Vec<_> =
            local.iter().take(MAX_NAMES_TOLD).map(|name| format!("`{name}`")).collect();
        let more = if local.len() > names.len() { ", …" } else { "" };
        let detail = format!(
            "{} of its modules were built from local copies whose versions are not known: {}{more}",
            local.len(),
            names.join(", ")
        );
        note(found, &detail, GapKind::Unidentified);
    }
}

fn note(found: &mut FileYield, detail: &str, gap: GapKind) {
    let (detail, gap) = (detail.to_owned(), Some(gap));
    found.problems.push(Problem { detail, gap, ..Problem::default() });
}

#[cfg(test)]
mod tests;
