//! `docs/supported.md`, written from the tables.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use plimsoll_model::distro::Release;
use plimsoll_model::{DISTROS, Distro, ECOSYSTEMS, Want};

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
    out.push_str("\n## Distributions\n\nA distribution without a feed is named in the report, its packages are listed, and the coverage says\nthat nothing was judged.\n\n");
    out.push_str(
        "| `ID` | name | packages | advisories by | feed |\n| --- | --- | --- | --- | --- |\n",
    );
    for row in DISTROS {
        let release = match row.release {
            Release::Rolling => "rolling",
            Release::Major => "major release",
            Release::MajorMinor => "major.minor release",
            Release::Whole => "release",
        };
        let feed = feed_of(row.id).unwrap_or("none read yet");
        let shared = DISTROS.iter().find(|first| first.namespace == row.namespace);
        let of = match shared.filter(|first| first.id != row.id) {
            None => String::new(),
            Some(first) => format!(" (those of `{}`)", first.id),
        };
        writeln!(
            out,
            "| `{}` | {} | {} | {release} | {feed}{of} |",
            row.id, row.name, row.package_type
        )?;
    }
    Ok(())
}

/// Returns the feed that serves some release of a distribution.
fn feed_of(id: &str) -> Option<&'static str> {
    let served: Vec<(&'static str, Vec<String>)> =
        plimsoll_feeds::FEEDS.iter().map(|feed| (feed.title, (feed.namespaces)(YEAR))).collect();
    ["12", "13", "3.20", ""].iter().find_map(|version| {
        let namespace = Distro::new(id, version, "", "", "").namespace()?;
        let found = served.iter().find(|(_, namespaces)| namespaces.contains(&namespace));
        found.map(|(title, _)| *title)
    })
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
    for row in plimsoll_catalog::CATALOGUERS {
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
    }
}

fn feeds(out: &mut String) -> Result<()> {
    out.push_str("\n## Feeds\n\n| id | feed | licence of its data | namespaces | how it speaks |\n| --- | --- | --- | --- | --- |\n");
    for row in plimsoll_feeds::FEEDS {
        let namespaces = (row.namespaces)(YEAR);
        let shown = match namespaces.as_slice() {
            [first, .., last] if namespaces.len() > 6 => format!("`{first}` … `{last}`"),
            few => few.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        let licence = if row.licence.is_empty() { "not stated" } else { row.licence };
        writeln!(out, "| `{}` | {} | {licence} | {shown} | {} |", row.id, row.title, row.says)?;
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
