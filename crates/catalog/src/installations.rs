//! Programs and runtimes of one installation are one package, and what a distribution's package owns is
//! that package.
//!
//! File cataloguers see one file at a time: `bin/python3.11` and `lib/libpython3.11.so.1.0` come as two,
//! and so do `release` and `bin/java` of one JVM. Here they meet, by the folder that both are installed in.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use plimsoll_model::{Distro, Package, THIRD_PARTY};

use crate::classifier::GENERIC;
use crate::owned::{self, Owned};
use crate::place::{INSIDE, evidence_path, outermost};
use crate::program::classifiers::TABLE;

/// Folders of an installation that hold programs and libraries; it lies in the folder above the last one.
const PARTS: &[&str] = &["bin", "sbin", "lib", "lib64", "lib32", "libexec", "games"];
/// Files that stand in the folder of an installation, and tell of all in it.
const WHOLE: &[&str] = &["release", "VERSION", "OTP_VERSION"];
/// Names of one runtime, told by its `release` file and by its programs.
const JVMS: &[&str] = &["java", "jre", "graalvm", "zulu", "openj9"];

/// Leaves one package of the `libraries` for each product, version and installation among those that
/// classifiers named, with the evidence of all; of versions where one only begins the other (`3.11` by a
/// file's name, `3.11.2` by its text) it is the longer. A JVM whose `release` file was read is what that
/// file says.
///
/// What a package of the distribution owns is dropped before, where the names or the versions agree: that
/// package is judged. One of another vendor is not, nor is any when the distribution is not known; so what those own
/// stays.
pub(crate) fn settle(
    packages: &mut Vec<Package>,
    libraries: Range<usize>,
    owned: &Owned,
    distro: Option<&Distro>,
) {
    let mut found = packages.split_off(libraries.start);
    if distro.is_some_and(|distro| distro.row.is_some()) {
        let hash_of = |package: &Package| owned::hash(outermost(evidence_path(package)).as_bytes());
        let wanted = found.iter().filter(|package| package.kind == GENERIC);
        let owners = owned.owners(wanted.map(hash_of));
        found.retain(|package| {
            let owner = owners.get(&hash_of(package)).and_then(|owner| packages.get(*owner));
            package.kind != GENERIC || !owner.is_some_and(|owner| is_same(owner, package))
        });
    }
    packages.extend(merge(found));
}

/// The installations of a target, for programs that tell nothing of themselves.
#[derive(Debug, Default)]
pub(crate) struct Installations<'a> {
    /// Product and folder of each.
    products: HashSet<(&'a str, String)>,
    /// Folders that hold one installation and nothing else.
    folders: HashSet<String>,
}

impl<'a> Installations<'a> {
    /// Looks for the installations among packages that are settled.
    pub(crate) fn new(packages: &'a [Package]) -> Self {
        let mut found = Self::default();
        for package in packages.iter().filter(|package| is_program(package)) {
            for evidence in &package.evidence {
                let folder = home(&evidence.path);
                let name = evidence.path.rsplit('/').next().unwrap_or_default();
                if WHOLE.contains(&name) && is_own(&folder) {
                    found.folders.insert(folder.clone());
                }
                found.products.insert((&package.name, folder));
            }
        }
        found
    }

    /// Returns whether a program belongs to one: by its name, as `ruby3.1` beside `libruby-3.1.so.3.1.2`,
    /// or because it lies in the folder of a JVM, of Go or of Erlang.
    pub(crate) fn explain(&self, path: &str) -> bool {
        if self.products.is_empty() {
            return false;
        }
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        let folder = home(path);
        above.into_iter().any(|folder| self.folders.contains(folder))
            || TABLE.candidates(path).any(|name| self.products.contains(&(name, folder.clone())))
    }
}

/// Folders that many share, so that none of them is the home of one runtime.
const SHARED: &[&str] =
    &["usr/bin", "usr/lib", "usr/local", "usr/share", "usr/local/bin", "usr/local/lib"];

fn is_own(folder: &str) -> bool {
    folder.contains('/') && !SHARED.contains(&folder)
}

/// Returns whether a program is what the package of the distribution that owns it is.
fn is_same(owner: &Package, program: &Package) -> bool {
    if owner.repository.as_deref() == Some(THIRD_PARTY) {
        return false;
    }
    // Its own name is enough: the text may tell another patch level (`5.1.4` of Debian's bash 5.1-2).
    let source = owner.source.as_ref().map_or("", |source| source.name.as_str());
    let bears = |name: &str| {
        let rest = name.strip_prefix(program.name.as_str());
        rest.is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphabetic()))
    };
    if bears(&owner.name) || bears(source) {
        return true;
    }
    let version = owner.version.split_once(':').map_or(owner.version.as_str(), |(_, rest)| rest);
    // Debian goes back behind a version with `1.3.dfsg+really1.3.1-1`.
    let version = version.split_once("+really").map_or(version, |(_, really)| really);
    let outer = plain(version);
    // Java up to 8: Debian writes `8u352` for `1.8.0_352-b08`, Red Hat `1.8.0.352.b08`.
    let java = program.version.split('-').next().unwrap_or_default();
    let update = java.strip_prefix("1.").map(|rest| rest.replacen(".0_", "u", 1));
    let spellings = [Some(program.version.clone()), update, Some(java.replacen('_', ".", 1))];
    spellings.iter().flatten().any(|spelling| begins(&outer, &plain(spelling)))
}

/// Leaves letters, digits and points of a version.
fn plain(version: &str) -> String {
    version
        .chars()
        .map(|letter| if letter == '+' || letter == '-' || letter == '~' { '.' } else { letter })
        .filter(|letter| letter.is_ascii_alphanumeric() || *letter == '.')
        .collect()
}

/// Returns whether one of two versions begins with all of the other.
fn begins(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let rest = long.strip_prefix(short);
    let is_digit = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    rest.is_some_and(|rest| !is_digit(rest)) && !short.is_empty()
}

/// Joins the programs of each installation; all else stays as it is, in its order.
fn merge(found: Vec<Package>) -> Vec<Package> {
    let mut kept: Vec<Package> = Vec::with_capacity(found.len());
    let mut homes: HashMap<(String, &'static str, String), Vec<usize>> = HashMap::new();
    let (programs, mut others): (Vec<Package>, Vec<Package>) =
        found.into_iter().partition(is_program);
    let mut programs: Vec<Package> = programs;
    // The surest first: it gives the name, the version and the CPE names.
    programs.sort_by_key(|package| (rank(package), evidence_path(package).to_owned()));
    for package in programs {
        let family = if JVMS.contains(&package.name.as_str()) { "jvm" } else { "" };
        let name = if family.is_empty() { package.name.clone() } else { String::new() };
        let places = homes.entry((name, family, home(evidence_path(&package)))).or_default();
        let known = places.iter().copied().find(|index| {
            kept.get(*index).is_some_and(|known| {
                (!family.is_empty() && rank(known).0 == 0) || versions_agree(known, &package)
            })
        });
        if let Some(known) = known.and_then(|index| kept.get_mut(index)) {
            known.evidence.extend(package.evidence);
        } else {
            places.push(kept.len());
            kept.push(package);
        }
    }
    others.extend(kept);
    others
}

fn versions_agree(known: &Package, package: &Package) -> bool {
    begins(&known.version, &package.version)
}

/// What classifiers named, and files of their own tell; an archive's name tells of the folder it is in.
fn is_program(package: &Package) -> bool {
    let is_ours = |name: &str| name == "classifier" || name == "runtime";
    package.kind == GENERIC
        && package.evidence.first().is_some_and(|evidence| is_ours(&evidence.cataloguer))
        && !evidence_path(package).contains(INSIDE)
}

/// Text files first, then the surer, then the longer version.
fn rank(
    package: &Package,
) -> (u8, std::cmp::Reverse<Option<plimsoll_model::Confidence>>, std::cmp::Reverse<usize>) {
    let is_text = package.evidence.first().is_some_and(|evidence| evidence.cataloguer == "runtime");
    (
        u8::from(!is_text),
        std::cmp::Reverse(package.confidence),
        std::cmp::Reverse(package.version.len()),
    )
}

/// Returns the folder of an installation: `usr/local` of `usr/local/lib/x/libpython3.11.so.1.0`. The
/// root and `usr` are one.
fn home(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let parts: Vec<&str> = folder.split('/').collect();
    let last = match name {
        // These stand in the folder of the installation itself.
        "release" | "VERSION" => parts.len(),
        "OTP_VERSION" => parts.iter().rposition(|part| *part == "releases").unwrap_or(parts.len()),
        _ => parts.iter().rposition(|part| PARTS.contains(part)).unwrap_or(parts.len()),
    };
    let mut parts = parts.get(..last).unwrap_or_default();
    // A JDK up to 8 holds its JRE in a folder, Erlang its machine.
    if let [outer @ .., inner] = parts
        && !outer.is_empty()
        && (*inner == "jre" || inner.starts_with("erts-"))
    {
        parts = outer;
    }
    let home = parts.join("/");
    if home.is_empty() { "usr".to_owned() } else { home }
}

#[cfg(test)]
mod tests;
