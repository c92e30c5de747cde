//! Packages that nothing judged, told by what lacks.

use std::collections::BTreeMap;

use plimsoll_model::{Confidence, DISTROS, Distro, Gap, GapKind, Package};

/// Most packages of one gap that are named.
const MAX_NAMED: usize = 3;
/// Numbers of a version of a program that tells its fixes apart: `3.9.18`.
const WHOLE_NUMBERS: usize = 3;

/// Packages that nothing judged, by what lacks.
#[derive(Debug, Default)]
pub(super) struct Unjudged {
    by_subject: BTreeMap<String, Vec<String>>,
    pub(super) foreign: u64,
}

impl Unjudged {
    pub(super) fn add(&mut self, subject: String, package: &Package) {
        self.by_subject.entry(subject).or_default().push(named(package));
    }

    pub(super) fn tell(self, gaps: &mut Vec<Gap>) {
        for (subject, packages) in self.by_subject {
            if !gaps.iter().any(|gap| gap.subject == subject) {
                gaps.push(no_feed(&subject, packages));
            }
        }
        if self.foreign > 0 {
            let what = if self.foreign == 1 { "package is" } else { "packages are" };
            let detail = format!(
                "{} {what} of another vendor than the distribution, whose feed says nothing of them: \
                 not judged",
                self.foreign
            );
            let subject = "third-party packages".to_owned();
            gaps.push(Gap { kind: GapKind::NoFeed, subject, detail });
        }
    }
}

fn no_feed(subject: &str, mut packages: Vec<String>) -> Gap {
    let count = packages.len();
    packages.sort();
    packages.dedup();
    let more = if packages.len() > MAX_NAMED { ", …" } else { "" };
    packages.truncate(MAX_NAMED);
    let named = packages.join(", ");
    let were = if count == 1 { "package was" } else { "packages were" };
    let detail =
        format!("no feed is read for `{subject}`: {count} {were} not judged: {named}{more}");
    Gap { kind: GapKind::NoFeed, subject: subject.to_owned(), detail }
}

/// Returns `` `python 3.9` ``, and what is wrong with the version where that is why nobody is asked.
fn named(package: &Package) -> String {
    let text = format!("`{} {}`", package.name, package.version);
    let is_program = package.kind == "generic" && package.cpes.is_empty();
    let is_rough = is_program && package.confidence == Some(Confidence::Low);
    if is_rough && package.version.split('.').count() < WHOLE_NUMBERS {
        return format!("{text} (the version is too short to be compared)");
    }
    text
}

pub(super) fn subject_of(package: &Package, distro: Option<&Distro>) -> String {
    if plimsoll_model::ecosystem::find(&package.kind).is_some() {
        return package.kind.clone();
    }
    // Of a language or a program, whatever the distribution is.
    if !DISTROS.iter().any(|row| row.package_type == package.kind) {
        return format!("{} packages", package.kind);
    }
    match distro {
        Some(distro) if distro.row.is_some_and(|row| row.package_type != package.kind) => {
            format!("{} packages that are not of {}", package.kind, distro.name)
        }
        Some(distro) => distro.namespace().unwrap_or_else(|| distro.qualifier()),
        None => format!("{} packages of an unknown distribution", package.kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_a_foreign_manager_are_told_apart_from_those_of_the_distribution() {
        let distro = Distro::new("debian", "12", "Debian GNU/Linux 12", "", "etc/os-release");
        let subject = |kind: &str| {
            let package = Package { kind: kind.to_owned(), ..Package::default() };
            subject_of(&package, Some(&distro))
        };
        assert_eq!(subject("apk"), "apk packages that are not of Debian GNU/Linux 12");
        assert_eq!(subject("deb"), "debian:12");
        assert_eq!(subject("npm"), "npm");
        assert_eq!(subject("cpan"), "cpan packages");
    }
    #[test]
    fn the_first_packages_of_a_gap_are_named() {
        let package = |name: &str, version: &str, confidence| Package {
            name: name.to_owned(),
            version: version.to_owned(),
            kind: "generic".to_owned(),
            confidence,
            ..Package::default()
        };
        let mut unjudged = Unjudged::default();
        unjudged.add("a".to_owned(), &package("python", "3.9", Some(Confidence::Low)));
        for name in ["d", "b", "c", "b", "e"] {
            unjudged.add("b".to_owned(), &package(name, "1", None));
        }
        let mut gaps = Vec::new();
        unjudged.tell(&mut gaps);
        let details: Vec<&str> = gaps.iter().map(|gap| gap.detail.as_str()).collect();
        assert_eq!(
            details,
            [
                "no feed is read for `a`: 1 package was not judged: `python 3.9` (the version is too \
                 short to be compared)",
                "no feed is read for `b`: 5 packages were not judged: `b 1`, `c 1`, `d 1`, …",
            ]
        );
    }
}
