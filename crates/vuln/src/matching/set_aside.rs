//! Findings that stay in the report and do not count: of header files, of libraries that the
//! distribution mends, and of libraries that lack what the weakness needs.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{Confidence, Finding, Gap, GapKind, Package, SetAside, THIRD_PARTY};

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
/// Weaknesses that are mended where the code has a name in a class ([`Package::shows`]): the CVE, the package, class
/// and name. All versions from 2.16 on have the switch, and of older lines those that were mended.
const MENDED_WHERE: &[(&str, &str, &str)] =
    &[("CVE-2021-44228", LOG4J_2, JNDI_SWITCH), ("CVE-2021-45046", LOG4J_2, JNDI_SWITCH)];
const JNDI_SWITCH: &str = "org/apache/logging/log4j/core/net/JndiManager.class isJndiEnabled";
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
        let Some(class) = of_weakness(NEEDED_CLASSES, finding) else { continue };
        let mark = of_weakness(MENDED_WHERE, finding);
        let file = class.rsplit('/').next().unwrap_or(class);
        let is_open = finding.set_aside.as_ref().is_some_and(|aside| aside.by == UNKNOWN_VERSION);
        if package.lacks.iter().any(|lacking| lacking == class) {
            finding.set_aside.take_if(|_| is_open);
            set_aside(finding, "removed class", format!("{file} was removed"));
        } else if let Some(mark) = mark.filter(|mark| package.shows.iter().any(|one| one == mark))
            && is_open
        {
            let name = mark.rsplit('/').next().unwrap_or(mark);
            let reason = format!(
                "the version is not known, but only mended ones have {}",
                name.replace(' ', " with ")
            );
            finding.set_aside = None;
            set_aside(finding, "mended code", reason);
        } else if is_open && is_known_by_code(package) {
            finding.set_aside = None;
            let told = finding.note.take().map_or(String::new(), |note| format!("; {note}"));
            finding.note = Some(format!("version not known; {file} is there{told}"));
        }
    }
}

/// Returns the third column of the row of a table that is about the weakness.
fn of_weakness(table: &[(&str, &str, &'static str)], finding: &Finding) -> Option<&'static str> {
    let is_it = |id: &str| finding.id == id || finding.aliases.iter().any(|alias| alias == id);
    let row = table.iter().find(|(id, name, _)| finding.why.matched_name == *name && is_it(id));
    row.map(|(_, _, text)| *text)
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
/// it says of the package is set aside. A package of another vendor stands for nothing. Of what counts in
/// spite of an owner the note names it.
pub(super) fn owned(
    packages: &[Package],
    queries: &[Vec<Query>],
    known: &Known<'_>,
    judged: &mut Judged,
) {
    let wanted: BTreeSet<&str> =
        packages.iter().filter_map(|package| package.owner.as_deref()).collect();
    let owners: BTreeMap<&str, (&Package, &[Query])> = packages
        .iter()
        .zip(queries)
        .filter(|(package, _)| wanted.contains(package.id.as_str()))
        .map(|(package, queries)| (package.id.as_str(), (package, &queries[..])))
        .collect();
    let owned: BTreeMap<&str, (&Package, &(&Package, &[Query]))> = packages
        .iter()
        .filter_map(|package| {
            Some((package.id.as_str(), (package, owners.get(package.owner.as_deref()?)?)))
        })
        .collect();
    if owned.is_empty() {
        return;
    }
    let told = told_of(&owners, judged);
    let lacking = incomplete(&judged.gaps);
    for finding in &mut judged.findings {
        let Some((package, (owner, queries))) = owned.get(finding.package.as_str()) else {
            continue;
        };
        let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
        let is_told = ids.any(|id| told.contains(&(owner.id.clone(), id.clone())));
        let (name, version) = (&owner.name, &owner.version);
        let query = queries.first().filter(|query| stands_for(owner, query, known));
        let is_judged = query.is_some_and(|query| {
            let is_comprehensive = query.row.is_some_and(|row| row.is_comprehensive);
            is_comprehensive
                && (is_spoken_of(query, known) || is_official(package, query, &lacking))
        });
        let is_told = is_told && query.is_some_and(|query| is_spoken_of(query, known));
        if is_told || is_judged {
            let reason = format!(
                "its file belongs to {name} {version} of the distribution, which is judged in its place"
            );
            set_aside(finding, "ownership", reason);
        } else if finding.set_aside.is_none() {
            let note = finding.note.take().map_or(String::new(), |note| format!("; {note}"));
            finding.note = Some(format!("its file belongs to {name} {version}{note}"));
        }
    }
}

/// Returns whether a package can stand for the libraries it holds: it is of the distribution, whose feed is
/// at hand.
fn stands_for(owner: &Package, query: &Query, known: &Known<'_>) -> bool {
    owner.repository.as_deref() != Some(THIRD_PARTY) && known.contains_key(query.namespace.as_str())
}

/// Returns whether the feed says anything of a package.
fn is_spoken_of(query: &Query, known: &Known<'_>) -> bool {
    known.get(query.namespace.as_str()).is_some_and(|names| speaks_of(names, query))
}

/// Where no distribution puts files: Debian Policy 9.1.2, Filesystem Hierarchy Standard 3.13 and 4.9.
const FOLDERS_OF_OTHERS: &[&str] = &["usr/local/", "opt/", "home/", "root/", "srv/"];

/// Returns whether the owner of a library's file can be taken for the distribution's though its feed does not
/// name it: the feed is whole, so that it need not, and the file lies where the distribution puts its own. What
/// somebody packed at home lies elsewhere.
fn is_official(package: &Package, query: &Query, lacking: &BTreeSet<String>) -> bool {
    let path = package.evidence.first().map_or("", |evidence| evidence.path.as_str());
    !lacking.contains(&query.namespace)
        && !FOLDERS_OF_OTHERS.iter().any(|folder| path.starts_with(folder))
}

/// Returns the namespaces of which less is known than their feeds tell.
fn incomplete(gaps: &[Gap]) -> BTreeSet<String> {
    let kinds = [GapKind::EmbeddedOnly, GapKind::FeedUnavailable];
    let gaps = gaps.iter().filter(|gap| kinds.contains(&gap.kind));
    gaps.map(|gap| gap.subject.clone()).collect()
}

/// Returns owner and id of all that is said of owners: what hits them, and what does not.
fn told_of(
    owners: &BTreeMap<&str, (&Package, &[Query])>,
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

#[cfg(test)]
mod tests {
    use plimsoll_model::{Evidence, Scheme};

    use super::super::query::Subject;
    use super::*;

    #[test]
    fn a_feed_of_which_less_is_known_than_it_tells_vouches_for_nothing() {
        let query = Query::by_name("debian:12", Scheme::Deb, Subject::new("idna", "3.3-1"));
        let path = "usr/lib/python3/dist-packages/idna/METADATA".to_owned();
        let evidence = vec![Evidence { path, ..Evidence::default() }];
        let package = Package { evidence, ..Package::default() };
        for (kind, is_it) in [
            (GapKind::EmbeddedOnly, false),
            (GapKind::FeedUnavailable, false),
            (GapKind::Stale, true),
        ] {
            let gap = Gap { kind, subject: "debian:12".to_owned(), detail: String::new() };
            assert_eq!(is_official(&package, &query, &incomplete(&[gap])), is_it, "{kind:?}");
        }
    }
}
