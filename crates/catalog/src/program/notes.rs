//! Notes that distributions write into their programs, so that a crash tells which package it was.
//!
//! A note of the owner `FDO` in the section `.note.package` holds JSON, as the specification of systemd
//! says (<https://systemd.io/ELF_PACKAGE_METADATA/>).

use std::collections::HashSet;

use plimsoll_model::{Distro, Evidence, FileYield, GapKind, Package, Problem, THIRD_PARTY};
use serde_json::Value;

use super::Image;
use crate::document::text;

/// The name in the evidence.
const NAME: &str = "package-note";
const SECTION: &str = ".note.package";
const OWNER: &[u8] = b"FDO\0";
const KIND: u32 = 0xcafe_1a7e;
/// The longest text of a note, in bytes; usual are 200.
const MAX_NOTE_BYTES: usize = 64 << 10;
/// The most notes of a section that are looked at.
const MAX_NOTES: usize = 64;

/// Reads the note.
///
/// ```text
/// {"type":"rpm","os":"fedora","osVersion":"38","name":"bash","version":"5.2.15-3.fc38",
///  "architecture":"x86_64","osCpe":"cpe:/o:fedoraproject:fedora:38"}
/// ```
pub(super) fn read(image: &Image<'_>) -> FileYield {
    let mut found = FileYield::default();
    let Some(section) = image.section(SECTION) else { return found };
    let Some(note) = note(section, image.is_little_endian()) else { return found };
    let end = note.iter().position(|byte| *byte == 0).unwrap_or(note.len());
    match serde_json::from_slice::<Value>(&note[..end]) {
        _ if end > MAX_NOTE_BYTES => {
            let detail = format!("the note of its package has more than {MAX_NOTE_BYTES} bytes");
            problem(&mut found, detail, GapKind::Limit);
        }
        Ok(note) => found.packages.extend(package(&note)),
        Err(error) => {
            let column = error.column();
            let detail =
                format!("the note of its package is no JSON that can be read: column {column}");
            problem(&mut found, detail, GapKind::Unreadable);
        }
    }
    found
}

fn problem(found: &mut FileYield, detail: String, gap: GapKind) {
    found.problems.push(Problem { detail, gap: Some(gap), ..Problem::default() });
}

/// Returns the text of the first note of this owner and kind; `None` where there is none, or it is cut off.
fn note(mut section: &[u8], is_little_endian: bool) -> Option<&[u8]> {
    for _ in 0..MAX_NOTES {
        let (head, rest) = section.split_first_chunk::<12>()?;
        let word = |at: usize| {
            let bytes = [head[at], head[at + 1], head[at + 2], head[at + 3]];
            if is_little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
        };
        let (owner, text) = (word(0) as usize, word(4) as usize);
        let (owner_bytes, rest) = rest.split_at_checked(owner.checked_next_multiple_of(4)?)?;
        let note = rest.get(..text)?;
        if word(8) == KIND && owner_bytes.get(..owner) == Some(OWNER) {
            return Some(note);
        }
        section = rest.get(text.checked_next_multiple_of(4)?..)?;
    }
    None
}

/// The system that the note names stands as the vendor until [`settle`] has looked at it.
fn package(note: &Value) -> Option<Package> {
    let stated = |field: &str| Some(text(note, field).to_owned()).filter(|text| !text.is_empty());
    let cataloguer = NAME.to_owned();
    Some(Package {
        kind: stated("type")?,
        name: stated("name")?,
        version: stated("version")?,
        arch: stated("architecture"),
        vendor: stated("os"),
        cpes: Vec::new(),
        evidence: vec![Evidence { cataloguer, ..Evidence::default() }],
        ..Package::default()
    })
}

/// Looks at the packages that notes name among those of files, `owned` of which says whether a package of
/// the distribution owns their file: what is owned, or is installed under that name or as a part of that
/// source package in that version, is known already and goes. The rest is there without its package, and
/// unless its system is that of the target, no feed of that speaks of it.
pub(crate) fn settle(
    installed: &[Package],
    of_files: &mut Vec<Package>,
    distro: Option<&Distro>,
    owned: &dyn Fn(&Package) -> bool,
) {
    if !of_files.iter().any(is_noted) {
        return;
    }
    let names: HashSet<(&str, &str, &str)> = installed
        .iter()
        .flat_map(|package| {
            let source = package.source.as_ref();
            let source = source.map(|source| (source.name.as_str(), source.version.as_str()));
            [Some((package.name.as_str(), package.version.as_str())), source]
                .into_iter()
                .flatten()
                .map(|(name, version)| (package.kind.as_str(), name, version))
        })
        .collect();
    of_files.retain(|package| {
        let key = (package.kind.as_str(), package.name.as_str(), package.version.as_str());
        !is_noted(package) || !(names.contains(&key) || owned(package))
    });
    for package in of_files.iter_mut().filter(|package| is_noted(package)) {
        let system = package.vendor.take();
        if system.is_none() || system.as_deref() != distro.map(|distro| distro.id.as_str()) {
            package.repository = Some(THIRD_PARTY.to_owned());
        }
    }
}

fn is_noted(package: &Package) -> bool {
    package.evidence.first().is_some_and(|evidence| evidence.cataloguer == NAME)
}

#[cfg(test)]
mod tests {
    use plimsoll_model::SourcePackage;

    use super::*;
    use crate::program::made::Elf;

    const BASH: &[u8] = br#"{"type":"rpm","os":"fedora","name":"bash","version":"5.2.15-3.fc38","architecture":"x86_64"}"#;

    fn read_elf(elf: &Elf) -> FileYield {
        read(&Image::open("a", &elf.bytes()).unwrap())
    }

    #[test]
    fn a_note_names_the_package_in_both_orders() {
        for elf in [Elf::library(), Elf::program().of_32().big()] {
            let text = [BASH, b"\0"].concat();
            let found = read_elf(&elf.with_note(SECTION, OWNER, KIND, &text));
            let package = &found.packages[0];
            assert_eq!((package.kind.as_str(), package.name.as_str()), ("rpm", "bash"));
            assert_eq!(package.version, "5.2.15-3.fc38");
            assert_eq!(package.vendor.as_deref(), Some("fedora"));
        }
    }

    #[test]
    fn notes_of_others_and_cut_ones_are_passed_over() {
        let read = |owner: &[u8], kind, text: &[u8]| {
            read_elf(&Elf::program().with_note(SECTION, owner, kind, text))
        };
        assert_eq!(read(b"GNU\0", KIND, BASH), FileYield::default());
        assert_eq!(read(OWNER, 1, BASH), FileYield::default());
        assert_eq!(read(OWNER, KIND, b"{}"), FileYield::default());
        assert_eq!(read(OWNER, KIND, b"{").problems[0].gap, Some(GapKind::Unreadable));
        let long = vec![b' '; MAX_NOTE_BYTES + 1];
        assert_eq!(read(OWNER, KIND, &long).problems[0].gap, Some(GapKind::Limit));
        assert_eq!(note(&[0xff; 40], true), None);
        assert_eq!(note(&[0; 12 * (MAX_NOTES + 2)], true), None);
        let other =
            [&[0; 12][..], &[4, 0, 0, 0, 2, 0, 0, 0, 0x7e, 0x1a, 0xfe, 0xca], b"FDO\0{}"].concat();
        assert_eq!(note(&other, true), Some(&b"{}"[..]));
    }

    fn noted(name: &str, system: &str) -> Package {
        let mut package = package(&serde_json::from_slice(BASH).unwrap()).unwrap();
        (package.name, package.vendor) = (name.to_owned(), Some(system.to_owned()));
        package
    }

    #[test]
    fn what_is_installed_or_owned_is_known_already() {
        let source =
            SourcePackage { name: "source".to_owned(), version: "5.2.15-3.fc38".to_owned() };
        let installed =
            [Package { evidence: Vec::new(), source: Some(source), ..noted("bash", "fedora") }];
        let other = Package { evidence: vec![Evidence::default()], ..noted("bash", "x") };
        let mut packages = vec![
            noted("bash", "fedora"),
            noted("source", "fedora"),
            noted("owned", "fedora"),
            noted("copied", "fedora"),
            noted("foreign", "ubuntu"),
            other.clone(),
        ];
        let fedora = Distro::new("fedora", "38", "", "", "etc/os-release");
        settle(&installed, &mut packages, Some(&fedora), &|package| package.name == "owned");
        let left: Vec<_> =
            packages.iter().map(|one| (one.name.as_str(), one.repository.as_deref())).collect();
        assert_eq!(left, [("copied", None), ("foreign", Some(THIRD_PARTY)), ("bash", None)]);
        assert_eq!(packages[2], other);
    }
}
