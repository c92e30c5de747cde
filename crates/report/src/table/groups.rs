//! Findings that count, grouped by package.

use std::cmp::Reverse;
use std::collections::HashMap;

use plimsoll_model::report::BySeverity;
use plimsoll_model::{Finding, Package, Report, Severity};

/// One package and its findings.
pub(super) struct Group<'a> {
    /// The `id` that the findings name.
    pub id: &'a str,
    /// The package; `None` where the report does not list it.
    pub package: Option<&'a Package>,
    /// The findings that count, at least one, by severity and id.
    pub findings: Vec<&'a Finding>,
    /// Their counts.
    pub counts: BySeverity,
}

impl Group<'_> {
    /// Returns the name of the package, or its `id` where the report does not list it.
    pub(super) fn name(&self) -> &str {
        self.package.map_or(self.id, |package| package.name.as_str())
    }

    fn worst(&self) -> Severity {
        self.findings.first().map_or(Severity::Unknown, |finding| finding.severity)
    }
}

/// Returns the groups, the worst package first: by its worst severity, then by the number of its
/// findings, then by name, version and id.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let packages: HashMap<&str, &Package> =
        report.packages.iter().map(|package| (package.id.as_str(), package)).collect();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in report.findings.iter().flatten().filter(|finding| finding.counts()) {
        let id = finding.package.as_str();
        let place = *places.entry(id).or_insert_with(|| {
            let package = packages.get(id).copied();
            let counts = BySeverity::default();
            groups.push(Group { id, package, findings: Vec::new(), counts });
            groups.len() - 1
        });
        groups[place].findings.push(finding);
        groups[place].counts.add(finding.severity);
    }
    for group in &mut groups {
        group.findings.sort_by(|a, b| (a.severity, &a.id).cmp(&(b.severity, &b.id)));
    }
    groups.sort_by(|a, b| order(a).cmp(&order(b)));
    groups
}

fn order<'a>(group: &'a Group<'_>) -> (Severity, Reverse<usize>, &'a str, &'a str, &'a str) {
    let version = group.package.map_or("", |package| package.version.as_str());
    (group.worst(), Reverse(group.findings.len()), group.name(), version, group.id)
}
