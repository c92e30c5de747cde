//! `docs/supported.md`, written from the tables.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use plimsoll_model::distro::Release;
use plimsoll_model::{DISTROS, ECOSYSTEMS, Want};

/// The year up to which feeds that are cut by year are listed.
const YEAR: u16 = 2026;

/// Writes the document.
pub(crate) fn write() -> Result<()> {
    fs_err::write(path(), text()?)?;
    Ok(())
}

/// Fails when the document is not what the tables say.
pub(crate) fn check() -> Result<()> {
    if fs_err::read_to_string(path())? != text()? {
        bail!("docs/supported.md is not what the tables say: run `cargo xtask supported`");
    }
    Ok(())
}

fn path() -> std::path::PathBuf {
    crate::root().join("docs/supported.md")
}

fn text() -> Result<String> {
    let mut out = String::from(
        "# What is supported\n\nWritten by `cargo xtask supported` from the tables; do not edit.\n",
    );
    distributions(&mut out)?;
    ecosystems(&mut out)?;
    cataloguers(&mut out)?;
    feeds(&mut out)?;
    formats(&mut out)?;
    Ok(out)
}

fn distributions(out: &mut String) -> Result<()> {
    out.push_str(
        "\n## Distributions\n\nA release without a feed is named in the report, its packages are \
         listed, and the coverage says\nthat nothing was judged. What each feed tells stands under \
         [Feeds](#feeds).\n\n\
         | `ID` | name | packages | releases judged | by | tells what is not mended | ends of life |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in DISTROS {
        let served = served(row);
        let releases = if served.is_empty() { "none" } else { &releases(&served) };
        let feeds: std::collections::BTreeSet<&str> =
            served.iter().map(|(_, title)| *title).collect();
        let feeds: Vec<&str> = feeds.into_iter().collect();
        let by = if feeds.is_empty() { "no feed".to_owned() } else { feeds.join(", ") };
        let shared = DISTROS.iter().find(|first| first.namespace == row.namespace);
        let of = match shared.filter(|first| first.id != row.id) {
            Some(first) if !feeds.is_empty() => format!(" (as `{}`)", first.id),
            _ => String::new(),
        };
        let names: Vec<&str> = std::iter::once(&row.id).chain(row.aliases).copied().collect();
        let open = match (feeds.is_empty(), row.is_comprehensive) {
            (true, _) => "–",
            (_, true) => "yes",
            (_, false) => "as far as the feed does",
        };
        let ends = match (row.eol_product, row.release) {
            ("", Release::Rolling) => "none: it rolls",
            ("", _) => "not known",
            _ => "yes",
        };
        writeln!(
            out,
            "| `{}` | {} | {} | {releases} | {by}{of} | {open} | {ends} |",
            names.join("`, `"),
            row.name,
            row.package_type
        )?;
    }
    Ok(())
}

/// Returns the releases of a distribution that some feed serves, each with the feed; a rolling one is one
/// empty release.
fn served(row: &plimsoll_model::DistroRow) -> Vec<(String, &'static str)> {
    let mut served = Vec::new();
    for feed in plimsoll_feeds::FEEDS {
        for namespace in (feed.namespaces)(YEAR) {
            let (family, release) = namespace.split_once(':').unwrap_or((&namespace, ""));
            if family == row.namespace {
                served.push((release.to_owned(), feed.title));
            }
        }
    }
    served
}

fn releases(served: &[(String, &str)]) -> String {
    let mut names: Vec<&str> = served.iter().map(|(release, _)| release.as_str()).collect();
    let numbers = |name: &&str| {
        let parts = name.split(['.', '-']);
        parts.map(|part| part.parse().unwrap_or(u32::MAX)).collect::<Vec<u32>>()
    };
    names.sort_by_key(|name| (numbers(name), (*name).to_owned()));
    names.dedup();
    match names.as_slice() {
        [""] => "all (rolling)".to_owned(),
        names => names.join(", "),
    }
}

fn ecosystems(out: &mut String) -> Result<()> {
    out.push_str("\n## Ecosystems\n\n| purl type | for | version order | feed |\n| --- | --- | --- | --- |\n");
    for row in ECOSYSTEMS {
        let served = plimsoll_feeds::FEEDS
            .iter()
            .find(|feed| (feed.namespaces)(YEAR).iter().any(|name| name == row.namespace));
        let feed =
            served.map_or("none read yet (the advisories inside the program)", |feed| feed.title);
        writeln!(
            out,
            "| `{}` | {} | `{}` | {feed} |",
            row.purl_type,
            row.title,
            row.scheme.name()
        )?;
    }
    Ok(())
}

fn cataloguers(out: &mut String) -> Result<()> {
    out.push_str("\n## Cataloguers\n\n| name | reads |\n| --- | --- |\n");
    listed(out, false)?;
    out.push_str(
        "\nLock files and manifests are read in folders, and in images with `--declared`. Their \
         packages are marked as declared;\none that is installed below the folder of the file is \
         listed once. Left out are ranges of versions, what the file marks\nas meant for development or \
         tests alone, what it takes from a folder of the project, and files that installed\npackages bring \
         along (`node_modules`, `site-packages`).\n\n| name | reads |\n| --- | --- |\n",
    );
    listed(out, true)
}

fn listed(out: &mut String, declared: bool) -> Result<()> {
    for row in plimsoll_catalog::CATALOGUERS.iter().filter(|row| row.declared == declared) {
        let wants: Vec<String> = row.wants.iter().map(want).collect();
        writeln!(out, "| `{}` | {} |", row.name, wants.join(", "))?;
    }
    Ok(())
}

fn want(want: &Want) -> String {
    match want {
        Want::Path(path) => format!("`{path}`"),
        Want::Under(folder) => format!("`{folder}/**`"),
        Want::In(folder, suffix) => format!("`{folder}/**/*{suffix}`"),
        Want::Name(name) => format!("`**/{name}`"),
        Want::Suffix(suffix) => format!("`**/*{suffix}`"),
        Want::Executable => "executables".to_owned(),
        Want::Beneath(folder, suffix) => format!("`**/{folder}/**/*{suffix}`"),
        Want::Program => "programs and libraries, by their first bytes".to_owned(),
    }
}

fn feeds(out: &mut String) -> Result<()> {
    out.push_str("\n## Feeds\n\n| id | feed | from | licence of its data | namespaces | how it speaks |\n| --- | --- | --- | --- | --- | --- |\n");
    for row in plimsoll_feeds::FEEDS {
        let mut namespaces = (row.namespaces)(YEAR);
        if namespaces.is_empty() {
            // One that is asked for what a scan comes upon.
            namespaces.push("nvd:VENDOR:PRODUCT".to_owned());
        }
        let shown = match namespaces.as_slice() {
            [first, .., last] if namespaces.len() > 6 => format!("`{first}` … `{last}`"),
            few => few.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        let licence = if row.licence.is_empty() { "not stated" } else { row.licence };
        let files = namespaces.last().and_then(|name| (row.files)(name)).unwrap_or_default();
        let from = files.first().map_or("", |file| file.address.as_str());
        let (id, title, says) = (row.id, row.title, row.says);
        writeln!(out, "| `{id}` | {title} | <{from}> | {licence} | {shown} | {says} |")?;
    }
    Ok(())
}

fn formats(out: &mut String) -> Result<()> {
    out.push_str("\n## Report formats\n\n| name | what |\n| --- | --- |\n");
    for row in plimsoll_report::FORMATS {
        writeln!(out, "| `{}` | {} |", row.name, row.about)?;
    }
    Ok(())
}
