//! Rust programs: the crates that `cargo auditable` writes into each, else those whose files are named in
//! the messages of its panics.
//!
//! The section `.dep-v0` holds zlib-compressed JSON
//! (<https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>).

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::memmem::Finder;
use plimsoll_model::{Confidence, Evidence, FileYield, GapKind, Package, Problem, Scheme};
use serde::Deserialize;

use super::Image;

/// The names in the evidence: of the list, and of the messages.
const LISTED: &str = "rust-audit";
const NAMED: &str = "rust-panics";
const KIND: &str = "cargo";
/// The most bytes of the list, inflated; the largest known have 100 kB.
const MAX_LIST_BYTES: u64 = 8 << 20;
/// The most crates of one program.
const MAX_CRATES: usize = 20_000;
/// What stands in front of the crate in the name of a file of the registry's.
const REGISTRY: &[u8] = b"/registry/src/";
/// The longest name of a folder below it, in bytes.
const MAX_FOLDER_BYTES: usize = 200;
/// The most places of which the name is looked at.
const MAX_PLACES: usize = 200_000;

/// The list: `{"packages":[{"name":"adler","version":"0.2.3","source":"registry","kind":"runtime"}]}`.
#[derive(Deserialize)]
struct List {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    /// `crates.io`, `git`, `local`, `registry`.
    #[serde(default)]
    source: String,
    /// `runtime` where it is not said, or `build`.
    #[serde(default)]
    kind: Option<String>,
}

/// Lists the crates of a program, those of its build left out, with the system and machine it is made for.
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    // Within a file of Apple's or Microsoft's it is called the same.
    match image.section(".dep-v0") {
        Some(section) => match list(section) {
            Ok(crates) => add_listed(crates, &mut found),
            Err(bad) => note(&mut found, bad, GapKind::Unreadable),
        },
        None => add_named(image.body, &mut found),
    }
    let platform = image.platform();
    for package in &mut found.packages {
        package.arch.clone_from(&platform);
    }
    found
}

fn list(section: &[u8]) -> Result<Vec<Crate>, String> {
    let mut text = Vec::new();
    let inflated = ZlibDecoder::new(section).take(MAX_LIST_BYTES + 1).read_to_end(&mut text);
    if text.len() as u64 > MAX_LIST_BYTES {
        return Err(format!("the list of its crates has more than {MAX_LIST_BYTES} bytes"));
    }
    inflated.map_err(|_| "the list of its crates is no zlib stream, or is cut off".to_owned())?;
    let list: List = serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("the list of its crates cannot be read: line {line}, column {column}")
    })?;
    Ok(list.packages)
}

/// A crate that came from no registry may be another than the published one of its name.
fn add_listed(crates: Vec<Crate>, found: &mut FileYield) {
    for entry in crates {
        if entry.kind.as_deref() == Some("build") || entry.name.is_empty() {
            continue;
        }
        let is_published = matches!(entry.source.as_str(), "crates.io" | "registry");
        let confidence = (!is_published).then_some(Confidence::Medium);
        let package =
            Package { name: entry.name, version: entry.version, confidence, ..made(LISTED) };
        if !push(package, found) {
            break;
        }
    }
}

/// Adds the crates that the names of files tell, sorted:
/// `/home/x/.cargo/registry/src/index.example-6f17d22bba15001f/memchr-2.7.4/src/lib.rs`.
fn add_named(body: &[u8], found: &mut FileYield) {
    let mut crates = BTreeSet::new();
    for place in Finder::new(REGISTRY).find_iter(body).take(MAX_PLACES) {
        let rest = &body[place + REGISTRY.len()..];
        crates.extend(folder(rest).and_then(|(_, rest)| crate_of(folder(rest)?.0)));
        if crates.len() > MAX_CRATES {
            break;
        }
    }
    for (name, version) in crates {
        let confidence = Some(Confidence::Low);
        if !push(Package { name, version, confidence, ..made(NAMED) }, found) {
            break;
        }
    }
}

/// Parts a path behind its first folder.
fn folder(path: &[u8]) -> Option<(&str, &[u8])> {
    let head = path.get(..MAX_FOLDER_BYTES).unwrap_or(path);
    let end = head.iter().position(|byte| *byte == b'/')?;
    Some((std::str::from_utf8(&head[..end]).ok()?, &path[end + 1..]))
}

/// Parts `memchr-2.7.4`, `foo-bar-1.0.0-alpha.1`.
fn crate_of(folder: &str) -> Option<(String, String)> {
    let is_start = |(at, _): &(usize, &str)| {
        folder[at + 1..].starts_with(|letter: char| letter.is_ascii_digit())
            && Scheme::Cargo.is_valid(&folder[at + 1..])
    };
    let (at, _) = folder.match_indices('-').find(is_start)?;
    let name = &folder[..at];
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_name = !name.is_empty() && name.bytes().all(is_letter);
    is_name.then(|| (name.to_owned(), folder[at + 1..].to_owned()))
}

fn made(cataloguer: &str) -> Package {
    let cataloguer = cataloguer.to_owned();
    let evidence = vec![Evidence { cataloguer, ..Evidence::default() }];
    Package { kind: KIND.to_owned(), evidence, ..Package::default() }
}

fn push(package: Package, found: &mut FileYield) -> bool {
    if found.packages.len() >= MAX_CRATES {
        note(
            found,
            format!("more than {MAX_CRATES} crates; the rest is not listed"),
            GapKind::Limit,
        );
        return false;
    }
    found.packages.push(package);
    true
}

fn note(found: &mut FileYield, detail: String, gap: GapKind) {
    found.problems.push(Problem { detail, gap: Some(gap), ..Problem::default() });
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::program::made::Elf;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(text).unwrap();
        zlib.finish().unwrap()
    }

    fn read_section(section: &[u8]) -> FileYield {
        let bytes = Elf::program().with(".dep-v0", section).bytes();
        read(&Image::open("a", &bytes).unwrap())
    }

    fn names(found: &FileYield) -> Vec<String> {
        let line = |package: &Package| {
            format!("{} {} {:?}", package.name, package.version, package.confidence)
        };
        found.packages.iter().map(line).collect()
    }

    #[test]
    fn crates_of_the_build_are_no_part_of_the_program() {
        let list = r#"{"packages": [
            {"name": "adler", "version": "0.2.3", "source": "crates.io"},
            {"name": "cc", "version": "1.0.0", "source": "crates.io", "kind": "build"},
            {"name": "mine", "version": "0.1.0", "source": "local", "root": true, "dependencies": [0]},
            {"name": "zlib", "version": "1.2.0", "source": "registry", "kind": "runtime"}], "format": 1}"#;
        let found = read_section(&packed(list.as_bytes()));
        let expected = ["adler 0.2.3 None", "mine 0.1.0 Some(Medium)", "zlib 1.2.0 None"];
        assert_eq!(names(&found), expected);
        assert_eq!(found.problems, []);
        assert_eq!(found.packages[0].evidence[0].cataloguer, "rust-audit");
        assert_eq!(found.packages[0].arch.as_deref(), Some("amd64"));
    }

    #[test]
    fn lists_that_are_none_are_told_and_bombs_are_not_inflated() {
        let good = packed(br#"{"packages": []}"#);
        let bomb = packed(&vec![b' '; MAX_LIST_BYTES as usize + 1]);
        for (section, detail) in [
            (&b"no zlib"[..], "is no zlib stream"),
            (&good[..good.len() - 6], "is no zlib stream"),
            (&packed(b"{\"packages\": 1}"), "line 1, column"),
            (&packed("[".repeat(1000).as_bytes()), "line 1, column"),
            (&bomb, "has more than 8388608 bytes"),
        ] {
            let found = read_section(section);
            assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
            assert!(found.problems[0].detail.contains(detail), "{}", found.problems[0].detail);
            assert_eq!(found.problems[0].gap, Some(GapKind::Unreadable));
        }
        let entry = r#"{"name": "a", "version": "1.0.0"},"#.repeat(MAX_CRATES);
        let many = format!(r#"{{"packages": [{entry}{{"name": "b", "version": "1.0.0"}}]}}"#);
        let found = read_section(&packed(many.as_bytes()));
        assert_eq!((found.packages.len(), found.problems.len()), (MAX_CRATES, 1));
    }

    #[test]
    fn without_a_list_the_files_in_messages_are_a_hint() {
        let text =
            b"/home/x/.cargo/registry/src/index.example-6f17d22bba15001f/memchr-2.7.4/src/lib.rs\0\
            /registry/src/github.com-1ecc6299db9ec823/foo-bar-1.0.0-alpha.1/src/a.rs\
            /registry/src/x/memchr-2.7.4/src/arch.rs/registry/src/x/utf-8-0.7.6/src/lib.rs\
            /registry/src/x/none/src/lib.rs/registry/src/x/b d-1.0.0/a/registry/src/x/cut-1.0.0";
        let bytes = Elf::program().with(".rodata", text).bytes();
        let found = read(&Image::open("a", &bytes).unwrap());
        let expected =
            ["foo-bar 1.0.0-alpha.1 Some(Low)", "memchr 2.7.4 Some(Low)", "utf-8 0.7.6 Some(Low)"];
        assert_eq!(names(&found), expected);
        let line = |number: usize| format!("/registry/src/x/a-{number}.0.0/b");
        let many: String = (0..MAX_CRATES + 10).map(line).collect();
        let mut found = FileYield::default();
        add_named(many.as_bytes(), &mut found);
        assert_eq!((found.packages.len(), found.problems.len()), (MAX_CRATES, 1));
        let last = "/registry/src/x/last-1.0.0/b";
        for (before, crates) in [(MAX_PLACES - 1, 1), (MAX_PLACES, 0)] {
            let mut found = FileYield::default();
            add_named(("/registry/src/".repeat(before) + last).as_bytes(), &mut found);
            assert_eq!(found.packages.len(), crates, "{before}");
        }
        let folder = "f".repeat(MAX_FOLDER_BYTES);
        assert!(folder_of(&folder[1..]) && !folder_of(&folder));
    }

    fn folder_of(name: &str) -> bool {
        folder(format!("{name}/rest").as_bytes()).is_some()
    }
}
