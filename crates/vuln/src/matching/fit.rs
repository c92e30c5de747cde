//! Whether a record speaks of a package instance at all: architecture, module, product, build.

use plimsoll_model::distro::{Flavour, dist_tag};
use plimsoll_model::{Advisory, DistroRow, Package};

use super::products::meet;
use crate::osv::go_name;

/// How a record and a package go together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Fit {
    /// The record speaks of it.
    Yes,
    /// It speaks of a product that is to be paid for, and which the target does not have.
    Paid,
    /// It cannot be told, for this reason.
    Unclear(String),
    /// It speaks of others, for this reason.
    No(String),
}

/// Returns how they go together; `version` is what is compared.
pub(super) fn fit(
    package: &Package,
    version: &str,
    row: &DistroRow,
    products: &[String],
    advisory: &Advisory,
) -> Fit {
    let scope = &advisory.scope;
    let fixed = advisory.fixed_versions.last().map_or("", String::as_str);
    if let Some(reason) = of_other_arch(package, &scope.arches) {
        return Fit::No(reason);
    }
    if let Some(fit) = of_other_flavour(version, fixed, row.flavours) {
        return fit;
    }
    if let Some(reason) = of_other_release(version, fixed) {
        return Fit::Unclear(reason);
    }
    let fit = fit_module(package, scope.module.as_deref(), fixed);
    if fit != Fit::Yes || scope.products.is_empty() || meet(&scope.products, products) {
        return fit;
    }
    if scope.products.iter().all(|product| row.paid.contains(&product.as_str())) {
        // The mark of such builds: the target has had the product.
        let had = version.contains("+esm") || version.contains("~esm");
        return if had { Fit::Yes } else { Fit::Paid };
    }
    Fit::No(format!("it is about {}", scope.products.join(", ")))
}

/// Returns whether a record of a language's database speaks of the system and architecture that a package
/// was built for; both are known of programs alone.
pub(super) fn fit_library(package: &Package, advisory: &Advisory) -> Fit {
    let platforms = &advisory.scope.arches;
    let Some(arch) = package.arch.as_deref().filter(|_| !platforms.is_empty()) else {
        return Fit::Yes;
    };
    let (system, arch) = arch.split_once('/').unwrap_or(("linux", arch));
    let (system, arch) = (go_name(system), go_name(arch));
    let is_it = |platform: &String| {
        let (systems, arches) = platform.split_once('/').unwrap_or((platform, "*"));
        (systems == "*" || systems == system) && (arches == "*" || arches == arch)
    };
    if platforms.iter().any(is_it) {
        return Fit::Yes;
    }
    Fit::No(format!("it is about {}, the package is of {system}/{arch}", platforms.join(", ")))
}

fn of_other_arch(package: &Package, arches: &[String]) -> Option<String> {
    let arch = package.arch.as_deref()?;
    let is_any = arches.is_empty() || matches!(arch, "noarch" | "all" | "any");
    (!is_any && !arches.iter().any(|known| known == arch))
        .then(|| format!("it is about {}, the package is of {arch}", arches.join(", ")))
}

/// Builds of one kind are not compared with another: `10:1.8.5-8.el8_fips` with `1.8.5-9.el8`. What is said
/// of plain builds may well be true of the package, which cannot be told.
fn of_other_flavour(version: &str, fixed: &str, flavours: &[Flavour]) -> Option<Fit> {
    if fixed.is_empty() || flavours.is_empty() {
        return None;
    }
    let (own, other) = (flavour(version, flavours), flavour(fixed, flavours));
    let name = |flavour: Option<&'static str>| flavour.unwrap_or("plain");
    let reason = format!("it is about {} builds, the package is a {} one", name(other), name(own));
    match (own, other) {
        _ if own == other => None,
        (Some(_), None) => Some(Fit::Unclear(reason)),
        _ => Some(Fit::No(reason)),
    }
}

fn flavour(version: &str, flavours: &[Flavour]) -> Option<&'static str> {
    let version = version.to_ascii_lowercase();
    flavours.iter().find(|flavour| version.contains(flavour.mark)).map(|flavour| flavour.name)
}

/// A package of `.el8` is never compared with a fixed version of `.el9`.
fn of_other_release(version: &str, fixed: &str) -> Option<String> {
    let (own, other) = (dist_tag(version)?, dist_tag(fixed)?);
    (own.word == other.word && own.release != other.release)
        .then(|| format!("it is about {other}, the package is of {own}"))
}

/// Module packages are judged by what is said of their stream, and others by what is said of none. An
/// empty label on a module build is Oracle's way for the default stream: its record counts.
fn fit_module(package: &Package, module: Option<&str>, fixed: &str) -> Fit {
    let is_module_build = package.version.contains(".module");
    match (package.modularity.as_deref(), module) {
        (Some(label), Some(module)) if !label.is_empty() => {
            if stream(label) == stream(module) {
                Fit::Yes
            } else {
                Fit::No(format!("it is about module {module}, the package is of {}", stream(label)))
            }
        }
        (Some(""), Some(_)) if is_module_build => Fit::Yes,
        (None, Some(module)) if is_module_build => Fit::Unclear(format!(
            "it is about module {module}, and the database does not say of which module the package is"
        )),
        (_, Some(module)) => {
            Fit::No(format!("it is about module {module}, the package is of none"))
        }
        (Some(label), None) if !label.is_empty() && !fixed.contains(".module") => {
            Fit::No(format!("it is about no module, the package is of {}", stream(label)))
        }
        (_, None) if is_module_build && !fixed.is_empty() && !fixed.contains(".module") => {
            Fit::No("it is about no module, the package is of one".to_owned())
        }
        (_, None) if fixed.contains(".module") && !is_module_build => {
            Fit::No("it is about a module, the package is of none".to_owned())
        }
        _ => Fit::Yes,
    }
}

/// Returns name and stream of a label: `php:7.2` of `php:7.2:8020020200507003613:2c7ca891`.
fn stream(label: &str) -> &str {
    let mut colons = label.match_indices(':').map(|(place, _)| place).skip(1);
    colons.next().map_or(label, |end| &label[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_of_a_platform() {
        let fits = |arch: Option<&str>, platforms: &[&str]| {
            let package = Package { arch: arch.map(ToOwned::to_owned), ..Package::default() };
            let mut advisory = Advisory::default();
            advisory.scope.arches = platforms.iter().map(|name| (*name).to_owned()).collect();
            fit_library(&package, &advisory) == Fit::Yes
        };
        assert!(fits(None, &["windows/*"]), "nothing tells");
        assert!(fits(Some("linux/amd64"), &[]));
        assert!(fits(Some("x86_64"), &["linux/amd64"]));
        assert!(fits(Some("windows/386"), &["darwin/*", "windows/*"]));
        assert!(!fits(Some("linux/amd64"), &["windows/*"]));
        assert!(!fits(Some("linux/amd64"), &["*/arm64"]));
    }

    #[test]
    fn streams_are_the_first_two_fields() {
        assert_eq!(stream("php:7.2:8020020200507003613:2c7ca891"), "php:7.2");
        assert_eq!(stream("php:7.2"), "php:7.2");
        assert_eq!(stream("php"), "php");
    }
}
