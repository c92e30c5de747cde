//! Assemblies of .NET that no list names: what their version resource says.
//!
//! By custom an assembly has the name of its package, and its product version is that of the package with the
//! commit after a `+`. Neither is promised, so such an identity is of medium confidence at most. Native
//! programs have such resources too; they are no packages of .NET, and nobody publishes advisories by their
//! names.

use plimsoll_model::{Confidence, Evidence, FileYield, Package};

use super::super::{ends, package};
use super::version_resource::{self, Stated};
use crate::cataloguer::FileInput;

/// The name of this reader in the evidence.
pub(super) const NAME: &str = "dotnet-assembly";

/// Products whose assemblies are parts of a runtime and no packages, as their version resources name them.
const RUNTIMES: &[&str] = &[
    "Mono Common Language Infrastructure",
    "Microsoft\u{ae} .NET Framework",
    "Microsoft (R) .NET Framework",
];

/// Reads one PE file. What says nothing of its version yields nothing.
pub(super) fn read(input: &FileInput<'_>) -> FileYield {
    let ends = ends(input.path);
    let found = version_resource::read(input.body).and_then(|stated| match &*ends {
        _ if !stated.is_managed => None,
        [file, folder, ..] if is_satellite(file, folder) => None,
        [file, ..] => assembly(file, &stated),
        [] => None,
    });
    FileYield { packages: found.into_iter().collect(), ..FileYield::default() }
}

/// Returns whether an assembly holds the texts of another one in some language: `de/App.resources.dll`.
fn is_satellite(file: &str, folder: &str) -> bool {
    let language = folder.split('-').next().unwrap_or_default();
    let is_language =
        language.len() == 2 && language.bytes().all(|letter| letter.is_ascii_alphabetic());
    is_language && file.to_ascii_lowercase().ends_with(".resources.dll")
}

/// Names the package of an assembly.
fn assembly(file: &str, stated: &Stated) -> Option<Package> {
    if RUNTIMES.contains(&stated.text("ProductName")) {
        return None;
    }
    let own = stem(file);
    let name = [stated.text("OriginalFilename"), stated.text("InternalName")];
    let name = name.iter().map(|name| stem(name)).find(|name| !name.is_empty()).unwrap_or(own);
    let product = number(stated.text("ProductVersion"));
    let assembly = number(stated.text("FileVersion"));
    let agree = product.and_then(major) == assembly.and_then(major);
    if !agree && product.is_some() && is_of_runtime(stated) {
        // The product is the runtime, and the file counts by itself: the package is known by neither.
        return None;
    }
    let is_sure = agree && product.is_some() && name.eq_ignore_ascii_case(own);
    let confidence = if is_sure { Confidence::Medium } else { Confidence::Low };
    let evidence = vec![Evidence { cataloguer: NAME.to_owned(), ..Evidence::default() }];
    let package = package("nuget", name, product.or(assembly)?)?;
    Some(Package { confidence: Some(confidence), evidence, ..package })
}

fn is_of_runtime(stated: &Stated) -> bool {
    let product = stated.text("ProductName");
    stated.text("CompanyName") == "Microsoft Corporation" && product.contains(".NET")
}

fn stem(file: &str) -> &str {
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match file.rsplit_once('.') {
        Some((stem, end)) if end.eq_ignore_ascii_case("dll") || end.eq_ignore_ascii_case("exe") => {
            stem
        }
        _ => file,
    }
}

/// Returns the version without commit and remarks: `6.0.8` of `6.0.8+55fb7ef9`, `4.6.1` of `4.6.1 built by: x`.
fn number(version: &str) -> Option<&str> {
    let version = version.split(['+', ' ', ',', '@']).next().unwrap_or_default();
    let is_version = version.starts_with(|first: char| first.is_ascii_digit())
        && version.contains('.')
        && version.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0');
    is_version.then_some(version)
}

fn major(version: &str) -> Option<&str> {
    version.split('.').next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::languages::dotnet::version_resource::tests as pe;

    fn shown(file: &str, texts: &[(&str, &str)]) -> Option<String> {
        let found = read(&FileInput { path: &format!("srv/{file}"), body: &pe::assembly(texts) });
        let package = found.packages.first()?;
        Some(format!("{} {} {:?}", package.name, package.version, package.confidence.unwrap()))
    }

    #[test]
    fn the_product_version_names_the_package() {
        let texts = [
            ("ProductName", "Json.NET"),
            ("OriginalFilename", "Newtonsoft.Json.dll"),
            ("FileVersion", "13.0.1.25517"),
            ("ProductVersion", "13.0.1+ae9fe44e"),
        ];
        assert_eq!(shown("Newtonsoft.Json.dll", &texts).unwrap(), "Newtonsoft.Json 13.0.1 Medium");
        assert_eq!(shown("renamed.dll", &texts).unwrap(), "Newtonsoft.Json 13.0.1 Low");
        assert_eq!(shown("de/Newtonsoft.Json.resources.dll", &texts), None);
        let texts =
            [("InternalName", "tool.exe"), ("FileVersion", "1.2.0.0"), ("ProductVersion", "x")];
        assert_eq!(shown("tool.exe", &texts).unwrap(), "tool 1.2.0.0 Low");
        assert_eq!(shown("tool.exe", &[("FileVersion", "0.0.0.0")]), None);
        assert_eq!(shown("tool.exe", &[]), None);
    }

    #[test]
    fn native_programs_and_satellites_are_no_packages() {
        let texts = [("ProductName", "7-Zip"), ("ProductVersion", "16.04"), ("InternalName", "7z")];
        let found = read(&FileInput { path: "7z.dll", body: &pe::native(&texts) });
        assert_eq!(found, FileYield::default());
        assert_eq!(
            shown("Text.Resources.dll", &[("ProductVersion", "1.0")]).unwrap(),
            "Text.Resources 1.0 Low"
        );
        assert_eq!(shown("zh-Hans/Text.resources.dll", &[("ProductVersion", "1.0")]), None);
    }

    #[test]
    fn parts_of_a_runtime_are_no_packages() {
        let texts = [
            ("CompanyName", "Microsoft Corporation"),
            ("ProductName", "Microsoft\u{ae} .NET Core"),
            ("FileVersion", "4.700.22.12208"),
            ("ProductVersion", "3.1.23-servicing.22122.4+abc"),
        ];
        assert_eq!(shown("System.Text.Json.dll", &texts), None);
        let texts = [("ProductName", RUNTIMES[0]), ("FileVersion", "4.6.57.0")];
        assert_eq!(shown("System.Net.Http.dll", &texts), None);
    }
}
