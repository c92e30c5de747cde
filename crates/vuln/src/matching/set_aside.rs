//! Findings that stay in the report and do not count: of header files, of libraries that the
//! distribution mends, and of libraries that lack what the weakness needs.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Confidence, Finding, Package, SetAside, THIRD_PARTY};

use super::verdicts::UNKNOWN_VERSION;
use super::{Judged, Known, Query, speaks_of};

/// Packages that hold the header files of a kernel and no kernel: the purl type, and how the name
/// begins and ends.
const HEADERS: &[(&str, &str, &str)] = &[
    ("deb", "linux-libc-dev", ""),
    ("deb", "linux-headers-", ""),
    ("deb", "linux-kbuild-", ""),
    ("deb", "linux-", "-headers"),
    ("deb", "linux-compiler-", ""),
    ("deb", "linux-doc", ""),
    ("deb", "linux-buildinfo-", ""),
    ("rpm", "kernel-", "-headers"),
    ("rpm", "kernel-headers", ""),
    ("rpm", "kernel-devel", ""),
    ("rpm", "kernel-", "-devel"),
    ("rpm", "kernel-", "-devel-matched"),
    ("rpm", "kernel-doc", ""),
    ("rpm", "kernel-macros", ""),
    ("rpm", "linux-glibc-devel", ""),
    ("rpm", "linux-api-headers", ""),
    ("apk", "linux-headers", ""),
    ("alpm", "linux-api-headers", ""),
    ("alpm", "linux-headers", ""),
    ("ebuild", "sys-kernel/linux-headers", ""),
];

/// Sets aside what is known of packages that hold only header files of a kernel.
pub(super) fn headers(packages: &[Package], findings: &mut [Finding]) {
    let ids: BTreeSet<&str> = packages
        .iter()
        .filter(|package| is_headers(package))
        .map(|package| package.id.as_str())
        .collect();
    if ids.is_empty() {
        return;
    }
    for finding in findings.iter_mut().filter(|finding| ids.contains(finding.package.as_str())) {
        let reason = "the package holds header files of the kernel, which nothing runs";
        set_aside(finding, "kernel headers", reason.to_owned());
    }
}

fn is_headers(package: &Package) -> bool {
    HEADERS.iter().any(|(kind, start, end)| {
        package.kind == *kind && package.name.starts_with(start) && package.name.ends_with(end)
    })
}

/// Weaknesses that cannot be reached without a class: the CVE, the package, the class. Sources: Apache's
/// statements, <https://logging.apache.org/security.html> and <https://logging.apache.org/log4j/1.x/>, and
/// <https://commons.apache.org/proper/commons-collections/security-reports.html>.
const NEEDED_CLASSES: &[(&str, &str, &str)] = &[
    ("CVE-2021-44228", LOG4J_2, "org/apache/logging/log4j/core/lookup/JndiLookup.class"),
    ("CVE-2021-45046", LOG4J_2, "org/apache/logging/log4j/core/lookup/JndiLookup.class"),
    ("CVE-2021-4104", LOG4J_1, "org/apache/log4j/net/JMSAppender.class"),
    ("CVE-2022-23302", LOG4J_1, "org/apache/log4j/net/JMSSink.class"),
    ("CVE-2022-23305", LOG4J_1, "org/apache/log4j/jdbc/JDBCAppender.class"),
    ("CVE-2019-17571", LOG4J_1, "org/apache/log4j/net/SocketServer.class"),
    (
        "CVE-2015-7501",
        "commons-collections:commons-collections",
        "org/apache/commons/collections/functors/InvokerTransformer.class",
    ),
];
const LOG4J_2: &str = "org.apache.logging.log4j:log4j-core";
const LOG4J_1: &str = "log4j:log4j";

/// Sets aside findings of packages from which the class was removed that the weakness needs. Where it is
/// there, and the version is not known, the finding counts: what people fear most is then aboard, and
/// nothing says that it is mended.
pub(super) fn classes(packages: &[Package], findings: &mut [Finding]) {
    let looked_into: BTreeMap<&str, &Package> = packages
        .iter()
        .filter(|package| !package.lacks.is_empty() || is_known_by_code(package))
        .map(|package| (package.id.as_str(), package))
        .collect();
    for finding in findings {
        let Some(package) = looked_into.get(finding.package.as_str()) else { continue };
        let mut needed = NEEDED_CLASSES.iter().filter(|(id, name, _)| {
            finding.why.matched_name == *name
                && (finding.id == *id || finding.aliases.iter().any(|alias| alias == id))
        });
        let Some((_, _, class)) = needed.next() else { continue };
        let file = class.rsplit('/').next().unwrap_or(class);
        let is_open = finding.set_aside.as_ref().is_some_and(|aside| aside.by == UNKNOWN_VERSION);
        if package.lacks.iter().any(|lacking| lacking == class) {
            finding.set_aside.take_if(|_| is_open);
            set_aside(finding, "removed class", format!("{file} was removed"));
        } else if is_open && is_known_by_code(package) {
            finding.set_aside = None;
            let told = finding.note.take().map_or(String::new(), |note| format!("; {note}"));
            finding.note = Some(format!("version not known; {file} is there{told}"));
        }
    }
}

/// Returns whether a package is a library that its classes alone show to be there, of which none tells the
/// version: those that were taken out of it stand in [`Package::lacks`]. What Maven says of a library without
/// a version is surer than [`Confidence::Low`], and says nothing of classes.
fn is_known_by_code(package: &Package) -> bool {
    package.kind == "maven"
        && package.version.is_empty()
        && package.confidence == Some(Confidence::Low)
}

/// Sets aside findings of libraries whose file belongs to a package of the distribution. Where its feed
/// tells all that is open, the library is judged as that package; where it tells fixes alone, only what
/// it says of the package is set aside. A package of another vendor stands for nothing.
pub(super) fn owned(
    packages: &[Package],
    queries: &[Vec<Query>],
    known: &Known<'_>,
    judged: &mut Judged,
) {
    let mut owners: BTreeMap<&str, (&Package, &Query)> = BTreeMap::new();
    let wanted: BTreeSet<&str> =
        packages.iter().filter_map(|package| package.owner.as_deref()).collect();
    for (package, queries) in packages.iter().zip(queries) {
        let is_own = package.repository.as_deref() != Some(THIRD_PARTY);
        if let Some(query) = queries.first()
            && is_own
            && wanted.contains(package.id.as_str())
            && is_spoken_of(query, known)
        {
            owners.insert(&package.id, (package, query));
        }
    }
    if owners.is_empty() {
        return;
    }
    let owner_of: BTreeMap<&str, &(&Package, &Query)> = packages
        .iter()
        .filter_map(|package| Some((package.id.as_str(), owners.get(package.owner.as_deref()?)?)))
        .collect();
    let told = told_of(&owners, judged);
    for finding in &mut judged.findings {
        let Some((owner, query)) = owner_of.get(finding.package.as_str()) else { continue };
        let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
        let is_told = ids.any(|id| told.contains(&(owner.id.clone(), id.clone())));
        if is_told || query.row.is_some_and(|row| row.is_comprehensive) {
            let reason = format!(
                "its file belongs to {} {} of the distribution, which is judged in its place",
                owner.name, owner.version
            );
            set_aside(finding, "ownership", reason);
        }
    }
}

/// Returns whether the feed says anything of a package: what somebody built at home is not judged by it.
fn is_spoken_of(query: &Query, known: &Known<'_>) -> bool {
    known.get(query.namespace.as_str()).is_some_and(|names| speaks_of(names, query))
}

/// Returns owner and id of all that is said of owners: what hits them, and what does not.
fn told_of(
    owners: &BTreeMap<&str, (&Package, &Query)>,
    judged: &Judged,
) -> BTreeSet<(String, String)> {
    let misses = judged.negatives.iter().map(|negative| (&negative.package, &negative.id));
    let hits = judged.findings.iter().flat_map(|finding| {
        let ids = std::iter::once(&finding.id).chain(&finding.aliases);
        ids.map(|id| (&finding.package, id))
    });
    misses
        .chain(hits)
        .filter(|(package, _)| owners.contains_key(package.as_str()))
        .map(|(package, id)| (package.clone(), id.clone()))
        .collect()
}

fn set_aside(finding: &mut Finding, by: &str, reason: String) {
    if finding.set_aside.is_none() {
        finding.set_aside = Some(SetAside { by: by.to_owned(), reason });
    }
}
