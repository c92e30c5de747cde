//! The packages of one lock file as they are found: each once, within limits.

use std::collections::HashSet;

use plimsoll_model::{Evidence, FileYield, GapKind, Package, Problem};

use crate::database::note;

/// The most packages of one file; the largest known lock files list some ten thousand.
pub(super) const MAX_DECLARED: usize = 50_000;
/// The longest name or version; a longer one is none.
pub(super) const MAX_WORD_BYTES: usize = 500;
/// The longest licence that is kept.
const MAX_LICENSE_CHARS: usize = 200;
/// The most licences of one package.
const MAX_LICENSES: usize = 20;
/// The most dependencies without an exact version that are named; the rest are counted.
const MAX_NAMED: usize = 5;
/// The longest name of such a dependency that is told.
const MAX_NAMED_CHARS: usize = 100;

/// What was found so far.
#[derive(Debug)]
pub(super) struct Found {
    kind: &'static str,
    packages: Vec<Package>,
    problems: Vec<Problem>,
    seen: HashSet<(String, String)>,
    /// How many dependencies have no exact version, and the first of their names.
    open: (usize, Vec<String>),
    left_out: usize,
}

impl Found {
    /// Starts with nothing; packages are of this type.
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            packages: Vec::new(),
            problems: Vec::new(),
            seen: HashSet::new(),
            open: (0, Vec::new()),
            left_out: 0,
        }
    }

    /// Adds a package that was not there yet, and returns it. Without name or version it is none.
    pub(super) fn add(&mut self, name: &str, version: &str) -> Option<&mut Package> {
        self.add_of(self.kind, name, version)
    }

    /// Adds a package of another type.
    pub(super) fn add_of(&mut self, kind: &str, name: &str, version: &str) -> Option<&mut Package> {
        let (name, version) = (name.trim(), version.trim());
        if name.is_empty() || version.is_empty() {
            return None;
        }
        if name.len() > MAX_WORD_BYTES || version.len() > MAX_WORD_BYTES {
            let detail = format!("a name or version of more than {MAX_WORD_BYTES} bytes");
            note(&mut self.problems, detail, Some(GapKind::Limit));
            return None;
        }
        if self.packages.len() >= MAX_DECLARED {
            let detail = format!("more than {MAX_DECLARED} packages; the rest is not read");
            if self.problems.last().is_none_or(|last| last.detail != detail) {
                note(&mut self.problems, detail, Some(GapKind::Limit));
            }
            return None;
        }
        if !self.seen.insert((format!("{kind}:{name}"), version.to_owned())) {
            return None;
        }
        self.packages.push(Package {
            kind: kind.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            evidence: vec![Evidence::default()],
            ..Package::default()
        });
        self.packages.last_mut()
    }

    /// Notes that the file, or a part of it, cannot be read.
    pub(super) fn broken(&mut self, detail: impl Into<String>) {
        note(&mut self.problems, detail.into(), Some(GapKind::Unreadable));
    }

    /// Notes what goes beyond a limit.
    pub(super) fn over(&mut self, detail: impl Into<String>) {
        note(&mut self.problems, detail.into(), Some(GapKind::Limit));
    }

    /// Notes something by which no package is lost that the file could tell.
    pub(super) fn remark(&mut self, detail: impl Into<String>) {
        note(&mut self.problems, detail.into(), None);
    }

    /// Counts a dependency that the file asks for without an exact version, so that it is not listed.
    pub(super) fn open(&mut self, name: &str) {
        self.open.0 += 1;
        if self.open.1.len() < MAX_NAMED {
            let plain = name.trim().chars().filter(|letter| !letter.is_control());
            self.open.1.push(plain.take(MAX_NAMED_CHARS).collect());
        }
    }

    /// Counts dependencies that are for development or tests alone, which are not listed.
    pub(super) fn left_out(&mut self, count: usize) {
        self.left_out += count;
    }

    /// Returns whether nothing was found so far, good or bad.
    pub(super) fn is_bare(&self) -> bool {
        self.packages.is_empty() && self.problems.is_empty() && self.open.0 + self.left_out == 0
    }

    /// Adds what was found elsewhere in the file.
    pub(super) fn join(&mut self, other: Self) {
        for package in other.packages {
            if let Some(added) = self.add_of(&package.kind, &package.name, &package.version) {
                added.licenses = package.licenses;
            }
        }
        for problem in other.problems {
            note(&mut self.problems, problem.detail, problem.gap);
        }
        self.open.0 += other.open.0;
        self.open.1.extend(other.open.1);
        self.open.1.truncate(MAX_NAMED);
        self.left_out += other.left_out;
    }

    /// Returns what was found, in the order found, and in a problem each how many dependencies have no
    /// exact version, which is a gap, and how many were left out, which is none.
    pub(super) fn finish(mut self) -> FileYield {
        let (count, names) = &self.open;
        if *count > 0 {
            let verb = if *count == 1 { "dependency has" } else { "dependencies have" };
            let more = if *count > names.len() { ", …" } else { "" };
            let names = names.join("`, `");
            let detail = format!(
                "{count} {verb} no exact version here and cannot be judged: `{names}`{more}"
            );
            note(&mut self.problems, detail, Some(GapKind::Unidentified));
        }
        match self.left_out {
            0 => {}
            1 => self.remark("1 development dependency is left out"),
            count => self.remark(format!("{count} development dependencies are left out")),
        }
        FileYield { packages: self.packages, problems: self.problems, ..FileYield::default() }
    }
}

/// Adds a licence as it is stated, within limits.
pub(super) fn add_license(package: &mut Package, license: &str) {
    let license: String = license.trim().chars().take(MAX_LICENSE_CHARS).collect();
    let has_room = package.licenses.len() < MAX_LICENSES;
    if has_room && !license.is_empty() && !package.licenses.contains(&license) {
        package.licenses.push(license);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_listed_once_and_needs_name_and_version() {
        let mut found = Found::new("npm");
        assert!(found.add(" a ", "1").is_some());
        assert!(found.add("a", "1").is_none());
        assert!(found.add("a", "").is_none() && found.add(" ", "1").is_none());
        assert!(found.add("a", "2").is_some() && found.add_of("pypi", "a", "1").is_some());
        assert_eq!(found.finish().packages.len(), 3);
    }

    #[test]
    fn what_has_no_exact_version_is_named_and_what_is_left_out_is_counted() {
        let problems = |open: usize, left_out: usize| {
            let mut found = Found::new("npm");
            (0..open).for_each(|number| found.open(&format!("a{number}\n")));
            found.left_out(left_out);
            assert_eq!(found.is_bare(), open + left_out == 0);
            let mut outer = Found::new("npm");
            outer.join(found);
            let problems = outer.finish().problems.into_iter();
            problems.map(|problem| (problem.detail, problem.gap)).collect::<Vec<_>>()
        };
        assert_eq!(problems(0, 0), []);
        let gap = Some(GapKind::Unidentified);
        let open = |text: &str| (text.to_owned(), gap);
        assert_eq!(
            problems(1, 1),
            [
                open("1 dependency has no exact version here and cannot be judged: `a0`"),
                ("1 development dependency is left out".to_owned(), None),
            ]
        );
        let named = "`a0`, `a1`, `a2`, `a3`, `a4`";
        let many = "dependencies have no exact version here and cannot be judged:";
        assert_eq!(problems(MAX_NAMED, 0), [open(&format!("5 {many} {named}"))]);
        assert_eq!(
            problems(MAX_NAMED + 1, 2),
            [
                open(&format!("6 {many} {named}, …")),
                ("2 development dependencies are left out".to_owned(), None),
            ]
        );
        let mut long = Found::new("npm");
        long.open(&"é".repeat(MAX_NAMED_CHARS + 1));
        assert!(
            long.finish().problems[0]
                .detail
                .ends_with(&format!("`{}`", "é".repeat(MAX_NAMED_CHARS)))
        );
    }

    #[test]
    fn packages_words_and_licences_have_limits() {
        let mut found = Found::new("npm");
        let long = "x".repeat(MAX_WORD_BYTES);
        assert!(found.add(&long, "1").is_some());
        assert!(found.add(&format!("{long}x"), "1").is_none());
        for number in 0..MAX_DECLARED + 5 {
            found.add("a", &number.to_string());
        }
        let found = found.finish();
        assert_eq!((found.packages.len(), found.problems.len()), (MAX_DECLARED, 2));
        assert!(found.problems.iter().all(|problem| problem.gap == Some(GapKind::Limit)));
        let mut package = Package::default();
        for number in 0..50 {
            add_license(&mut package, &format!("{number}{}", "é".repeat(MAX_LICENSE_CHARS)));
        }
        assert_eq!(package.licenses.len(), MAX_LICENSES);
        assert_eq!(package.licenses[0].chars().count(), MAX_LICENSE_CHARS);
    }
}
