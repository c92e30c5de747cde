//! Installed distributions of CPAN: what `cpanm` leaves, and the log of installations.
//!
//! `cpanm` writes `.meta/DIST-VERSION/install.json` (App::cpanminus, `save_meta`); the installers of core
//! (`ExtUtils::MakeMaker`, `Module::Build`) add to `perllocal.pod`. A `.packlist` alone states no version and
//! is not looked at.

use std::collections::HashMap;

use plimsoll_model::{Confidence, FileYield, GapKind, Package, Problem, Want};

use super::{ends, package, split_version, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::database::note;
use crate::document::{self, has_room};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "perl",
    version: 1,
    wants: &[Want::Beneath(".meta", "/install.json"), Want::Name("perllocal.pod")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let (packages, problems) = match ends(input.path)[0] {
        "install.json" => parse_install(input.body),
        _ => parse_perllocal(input.body),
    };
    FileYield { packages, problems, ..FileYield::default() }
}

/// Reads what `cpanm` wrote of one distribution; one that it does not name is a problem. The paths in the
/// problems are empty.
///
/// ```text
/// {"name": "JSON::PP", "version": "4.16", "dist": "JSON-PP-4.16", "target": "JSON::PP"}
/// ```
fn parse_install(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let mut problems = Vec::new();
    let Some(document) = document::read(body, &mut problems) else { return (Vec::new(), problems) };
    let field = |name| document::text(&document, name);
    let dist = split_version(field("dist")).map(|(name, _)| name.to_owned());
    let name = dist.unwrap_or_else(|| field("name").replace("::", "-"));
    let version = match field("version") {
        "" => split_version(field("dist")).map_or("", |(_, version)| version),
        version => version,
    };
    let package = package("cpan", &name, version);
    if package.is_none() {
        let detail = "it has no name, or no version".to_owned();
        note(&mut problems, detail, Some(GapKind::Unreadable));
    }
    (package.into_iter().collect(), problems)
}

/// Reads the log of installations: of each distribution the version that was installed last, in the order of
/// their first installation. A distribution is named as its main module, so the identity is of medium
/// confidence. The paths in the problems are empty.
///
/// ```text
/// =head2 Thu Nov  9 12:00:00 2023: C<Module> L<Try::Tiny|Try::Tiny>
/// =item *
/// C<VERSION: 0.31>
/// ```
fn parse_perllocal(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::<Package>::new(), Vec::new());
    let text = text(body);
    if text.len() < body.len() {
        let detail = format!("more than {} bytes; the rest is not read", super::MAX_TEXT_BYTES);
        note(&mut problems, detail, Some(GapKind::Limit));
    }
    let (mut name, mut places) = (None, HashMap::new());
    for line in text.lines() {
        if line.starts_with("=head2") {
            name = between(line, "C<Module> L<", '>')
                .map(|link| link.split('|').next().unwrap_or(link).trim().replace("::", "-"));
        }
        let Some(version) = between(line, "C<VERSION: ", '>') else { continue };
        let Some(package) = name.take().and_then(|name| package("cpan", &name, version)) else {
            continue;
        };
        let package = Package { confidence: Some(Confidence::Medium), ..package };
        let place = *places.entry(package.name.clone()).or_insert(packages.len());
        if let Some(known) = packages.get_mut(place) {
            *known = package;
        } else if has_room(&packages, &mut problems) {
            packages.push(package);
        } else {
            break;
        }
    }
    (packages, problems)
}

fn between<'a>(line: &'a str, start: &str, end: char) -> Option<&'a str> {
    line.split_once(start)?.1.split_once(end).map(|(content, _)| content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cpanm_wrote_is_read() {
        let install = |body: &str| parse_install(body.as_bytes()).0.pop();
        let package =
            install(r#"{"name":"JSON::PP","version":"4.16","dist":"JSON-PP-4.16"}"#).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("JSON-PP", "4.16"));
        let package =
            install(r#"{"name":"LWP","version":6.05,"dist":"libwww-perl-6.05"}"#).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("libwww-perl", "6.05"));
        let package = install(r#"{"name":"A::B","version":"v1.2"}"#).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("A-B", "v1.2"));
        let found = read(&FileInput { path: "p/.meta/A-1/install.json", body: b"{" });
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
        let found = read(&FileInput { path: "p/.meta/A-1/install.json", body: b"{}" });
        assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
    }

    #[test]
    fn the_last_installation_counts() {
        let entry = |name: &str, version: &str| {
            format!(
                "=head2 Thu: C<Module> L<{name}|{name}>\n\n=over 4\n\nC<VERSION: {version}>\n\n"
            )
        };
        let log =
            [entry("Try::Tiny", "0.30"), entry("B", "1"), entry("Try::Tiny", "0.31")].concat();
        let (packages, problems) = parse_perllocal(log.as_bytes());
        let shown: Vec<_> =
            packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(shown, [("Try-Tiny", "0.31"), ("B", "1")]);
        assert!(problems.is_empty());
        assert_eq!(parse_perllocal(b"C<VERSION: 1>\n"), (Vec::new(), Vec::new()));
        let long = vec![b'x'; super::super::MAX_TEXT_BYTES + 1];
        assert_eq!(parse_perllocal(&long).1[0].gap, Some(GapKind::Limit));
    }
}
