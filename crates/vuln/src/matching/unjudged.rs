//! Packages that nothing judged, told by what lacks.

use std::collections::BTreeMap;

use plimsoll_model::{DISTROS, Distro, Gap, GapKind, Package};

/// Packages that nothing judged, by what lacks.
#[derive(Debug, Default)]
pub(super) struct Unjudged {
    by_subject: BTreeMap<String, u64>,
    pub(super) foreign: u64,
}

impl Unjudged {
    pub(super) fn add(&mut self, subject: String) {
        *self.by_subject.entry(subject).or_default() += 1;
    }

    pub(super) fn tell(self, gaps: &mut Vec<Gap>) {
        for (subject, count) in self.by_subject {
            if !gaps.iter().any(|gap| gap.subject == subject) {
                gaps.push(no_feed(&subject, count));
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

fn no_feed(subject: &str, count: u64) -> Gap {
    let detail = if count == 1 {
        format!("no feed is read for `{subject}`: 1 package was not judged")
    } else {
        format!("no feed is read for `{subject}`: {count} packages were not judged")
    };
    Gap { kind: GapKind::NoFeed, subject: subject.to_owned(), detail }
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
}
