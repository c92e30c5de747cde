//! Java archives: what they are, and the archives inside them.
//!
//! An archive is a ZIP file (the JAR file specification,
//! <https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html>); the rules by which it is
//! named are in `identity`, the limits in `walk`. Nested archives are read in memory; one that is stored without
//! compression is not even copied.

use plimsoll_model::{FileYield, Want};

use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::place::INSIDE;
use crate::zip::{Archive, Limits};

mod archive;
mod class;
mod file_name;
mod fingerprint;
mod groups;
mod identity;
mod license;
mod manifest;
mod pom;
mod roots;
mod walk;

use archive::Contents;
use manifest::Manifest;
use pom::Pom;
use walk::{Place, Walk};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "java",
    version: 3,
    wants: &[
        Want::Suffix(".jar"),
        Want::Suffix(".war"),
        Want::Suffix(".ear"),
        Want::Suffix(".par"),
        Want::Suffix(".sar"),
        Want::Suffix(".nar"),
        Want::Suffix(".kar"),
        Want::Suffix(".rar"),
        Want::Suffix(".jpi"),
        Want::Suffix(".hpi"),
        Want::Suffix(".lpkg"),
        Want::Suffix(".aar"),
        Want::Suffix(".zip"),
        Want::Executable,
        Want::Beneath("META-INF", "/pom.properties"),
    ],
    max_body_bytes: 512 << 20,
    declared: false,
    read: Read::File(read),
};

/// Names of Java archives end so.
const EXTENSIONS: &[&str] =
    &["jar", "war", "ear", "par", "sar", "nar", "kar", "rar", "jpi", "hpi", "lpkg", "aar"];
/// Other formats use these names too: a file that is no ZIP is none of ours.
const SHARED_EXTENSIONS: &[&str] = &["par", "sar", "nar", "kar", "rar", "aar"];
/// How an executable begins that is an archive behind a script.
const SCRIPT: &[u8] = b"#!";
/// How the last record of a ZIP file begins, and how far from the end that may be: past the longest comment.
const END_RECORD: &[u8] = b"PK\x05\x06";
const MAX_END_BYTES: usize = 22 + 0xffff;
/// Archives named so hold no program: sources, documentation, tests.
const CODELESS: &[&str] = &["-sources", "-javadoc", "-tests", "-test-sources"];
/// Archives that are a part of the Java runtime bear this title; the runtime is known by its own file.
const JDK_TITLE: &str = "Java Runtime Environment";

/// Reads one archive, or what Maven left of an archive that was unpacked. Of files that need not be archives
/// of Java (`x.zip`, executables with an archive behind a script) nothing is said where they are none.
pub(crate) fn read(input: &FileInput<'_>) -> FileYield {
    if file_name(input.path) == "pom.properties" {
        let text = String::from_utf8_lossy(input.body);
        let pom = Pom::properties(input.path, &text).filter(|pom| !pom.version.is_empty());
        let pom = pom.map(|pom| pom.package());
        return FileYield { packages: pom.into_iter().collect(), ..FileYield::default() };
    }
    let name = file_name(input.path);
    if is_archive(name) || may_be_archive(name, input.body) && is_java(input.body) {
        return read_jar(name, input.body);
    }
    FileYield::default()
}

/// Returns whether a file that is not called as an archive of Java is may be one all the same.
fn may_be_archive(name: &str, body: &[u8]) -> bool {
    let tail = &body[body.len().saturating_sub(MAX_END_BYTES)..];
    let is_zip = || tail.windows(END_RECORD.len()).rev().any(|four| four == END_RECORD);
    (extension(name) == "zip" || body.starts_with(SCRIPT)) && is_zip()
}

/// Returns whether a ZIP file has something of Java in it.
fn is_java(body: &[u8]) -> bool {
    let Ok(archive) = Archive::open(body) else { return false };
    let mut contents = Contents::default();
    // What is wrong with it is told when it is read.
    let _ = contents.list(&archive, &mut Limits::of(body.len()));
    contents.is_java()
}

/// Reads an archive by its file name and bytes: its own package, those it bundles, and those of the
/// archives inside it, in the order met.
///
/// Evidence paths are empty for the archive itself, else inner paths, parted by ` > `. Each archive
/// yields at most one package whose evidence is the archive; what it bundles has the file that tells
/// so as evidence. An archive that is not surely identified is an artifact too, so that its digest can be
/// looked up. Limits that were met, and members that are broken, are problems.
pub fn read_jar(file_name: &str, body: &[u8]) -> FileYield {
    let mut walk = Walk::new(Limits::of(body.len()));
    walk.archive(&Place { path: String::new(), file_name, depth: 1 }, body);
    walk.found.problems.sort();
    walk.found.problems.dedup();
    walk.found
}

/// Returns whether the name of an entry is that of a Java archive.
fn is_archive(name: &str) -> bool {
    EXTENSIONS.contains(&extension(name).as_str())
}

/// Returns whether other formats use the extension too.
fn is_shared(name: &str) -> bool {
    SHARED_EXTENSIONS.contains(&extension(name).as_str())
}

/// Plugins of Jenkins.
fn is_plugin(name: &str) -> bool {
    matches!(extension(name).as_str(), "jpi" | "hpi")
}

fn is_codeless(stem: &str) -> bool {
    CODELESS.iter().any(|end| stem.ends_with(end))
}

fn is_part_of_jdk(manifest: &Manifest) -> bool {
    manifest.get("Implementation-Title") == JDK_TITLE
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_ascii_lowercase())
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn join(outer: &str, inner: &str) -> String {
    if outer.is_empty() { inner.to_owned() } else { format!("{outer}{INSIDE}{inner}") }
}

#[cfg(test)]
mod tests;
