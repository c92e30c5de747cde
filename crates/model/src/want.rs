//! What a cataloguer wants to read, as data, and one matcher for all of it.

use std::collections::HashMap;

use crate::package::FileYield;

/// One pattern of file names that a cataloguer asks for. All texts are relative to the root of the
/// image, with `/` between the parts and none in front: `var/lib/dpkg/status`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Want {
    /// Just this path: `etc/os-release`.
    Path(&'static str),
    /// Every file below this folder, at any depth: `var/lib/dpkg/status.d`.
    Under(&'static str),
    /// Every file below this folder, at any depth, whose path ends so: `.list` of `var/lib/dpkg/info`,
    /// `/desc` of `var/lib/pacman/local`.
    In(&'static str, &'static str),
    /// Every file of this name, in any folder: `installed.json`.
    Name(&'static str),
    /// Every file whose path ends so: `.jar`, `.dist-info/METADATA`. Letter case does not matter.
    Suffix(&'static str),
    /// Every file below any folder of this name, at any depth, whose path ends so: `.json` of
    /// `conda-meta`, `.zip` of `.yarn/cache`. Letter case matters.
    Beneath(&'static str, &'static str),
    /// Every regular file with an execute bit.
    Executable,
    /// Every regular file that begins as a program does (see [`is_program`]), whatever its name and bits.
    Program,
}

/// The bytes at the start of a file by which [`is_program`] tells.
pub const PROGRAM_HEAD_BYTES: usize = 8;

/// The most machines that one of Apple's files has programs for. A Java class begins with the same four
/// bytes; its next four, its version, are more.
const MAX_FAT_MACHINES: u32 = 40;

/// Returns whether a file that begins so may be a program or library: ELF, PE (and all else that begins
/// with `MZ`) or Mach-O. A script is none. Of a start shorter than [`PROGRAM_HEAD_BYTES`] the answer is no.
pub fn is_program(head: &[u8]) -> bool {
    let Some((magic, rest)) = head.split_first_chunk::<4>() else { return false };
    let Some(&machines) = rest.first_chunk::<4>() else { return false };
    match magic {
        [0x7f, b'E', b'L', b'F']
        | [b'M', b'Z', ..]
        | [0xcf | 0xce, 0xfa, 0xed, 0xfe]
        | [0xfe, 0xed, 0xfa, 0xcf | 0xce] => true,
        [0xca, 0xfe, 0xba, 0xbe | 0xbf] => {
            (1..=MAX_FAT_MACHINES).contains(&u32::from_be_bytes(machines))
        }
        _ => false,
    }
}

/// The wants of up to 128 rows, melted into one look-up.
///
/// Row `n` of the slice given to [`WantSet::new`] is bit `n` of what [`WantSet::ask`] answers.
#[derive(Debug, Default)]
pub struct WantSet {
    paths: HashMap<&'static str, u128>,
    names: HashMap<&'static str, u128>,
    /// Keyed by the last byte in lower case, so that most paths meet an empty list.
    suffixes: HashMap<u8, Vec<(&'static str, u128)>>,
    /// Folder, and how the path ends.
    under: Vec<(&'static str, &'static str, u128)>,
    /// Name of the folder, and how the path ends.
    beneath: Vec<(&'static str, &'static str, u128)>,
    executable: u128,
    program: u128,
    exact: Vec<(&'static str, bool)>,
}

impl WantSet {
    /// The most rows that one set can tell apart.
    pub const MAX_ROWS: usize = 128;

    /// Melts the wants of all rows; row `n` answers as bit `n`.
    ///
    /// # Panics
    /// When there are more than [`WantSet::MAX_ROWS`] rows, which only a change of our own tables can do.
    pub fn new(rows: &[&[Want]]) -> Self {
        assert!(rows.len() <= Self::MAX_ROWS, "a want set holds at most 128 rows");
        let mut set = Self::default();
        for (row, wants) in rows.iter().enumerate() {
            let bit = 1u128 << row;
            for want in *wants {
                match want {
                    Want::Path(path) => {
                        *set.paths.entry(path).or_default() |= bit;
                        set.exact.push((path, false));
                    }
                    Want::Under(folder) => {
                        set.under.push((folder, "", bit));
                        set.exact.push((folder, true));
                    }
                    Want::In(folder, suffix) => {
                        set.under.push((folder, suffix, bit));
                        set.exact.push((folder, true));
                    }
                    Want::Name(name) => *set.names.entry(name).or_default() |= bit,
                    Want::Suffix(suffix) => {
                        let last = suffix.bytes().last().unwrap_or(b'/').to_ascii_lowercase();
                        set.suffixes.entry(last).or_default().push((suffix, bit));
                    }
                    Want::Beneath(folder, suffix) => set.beneath.push((folder, suffix, bit)),
                    Want::Executable => set.executable |= bit,
                    Want::Program => set.program |= bit,
                }
            }
        }
        set.exact.sort_unstable();
        set.exact.dedup();
        set
    }

    /// Returns the rows that want programs, as bits: those of [`Want::Program`], which
    /// [`WantSet::ask`] never answers.
    pub fn programs(&self) -> u128 {
        self.program
    }

    /// Returns the rows that want this file by its name or its bit, as bits; 0 when none does.
    pub fn ask(&self, path: &str, executable: bool) -> u128 {
        let mut rows = if executable { self.executable } else { 0 };
        rows |= self.paths.get(path).copied().unwrap_or(0);
        if !self.names.is_empty() {
            let name = path.rsplit('/').next().unwrap_or(path);
            rows |= self.names.get(name).copied().unwrap_or(0);
        }
        if let Some(last) = path.bytes().last()
            && let Some(suffixes) = self.suffixes.get(&last.to_ascii_lowercase())
        {
            for (suffix, bit) in suffixes {
                if ends_with_ignoring_case(path, suffix) {
                    rows |= bit;
                }
            }
        }
        for (folder, suffix, bit) in &self.under {
            let is_below = |rest: &str| rest.starts_with('/') && rest.ends_with(suffix);
            if path.strip_prefix(folder).is_some_and(is_below) {
                rows |= bit;
            }
        }
        for (folder, suffix, bit) in &self.beneath {
            if path.ends_with(suffix) && is_beneath(path, folder) {
                rows |= bit;
            }
        }
        rows
    }

    /// Returns the fixed places that are asked for, sorted: a path, and whether it is a folder
    /// ([`Want::Under`], [`Want::In`]). A source looks there again when links lead elsewhere.
    pub fn places(&self) -> &[(&'static str, bool)] {
        &self.exact
    }

    /// Returns the folders of [`Want::In`], and how the paths end that are asked for in each, in the
    /// order of the rows.
    pub fn inside(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let rows = self.under.iter().filter(|(_, suffix, _)| !suffix.is_empty());
        rows.map(|(folder, suffix, _)| (*folder, *suffix))
    }
}

/// Returns whether a folder of this name is above the file.
fn is_beneath(path: &str, folder: &str) -> bool {
    path.match_indices(folder).any(|(at, _)| {
        let is_start = at == 0 || path.as_bytes()[at - 1] == b'/';
        is_start && path.as_bytes().get(at + folder.len()) == Some(&b'/')
    })
}

fn ends_with_ignoring_case(path: &str, suffix: &str) -> bool {
    let (path, suffix) = (path.as_bytes(), suffix.as_bytes());
    path.len() >= suffix.len() && path[path.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
}

/// All cataloguers, as a source sees them: what they want, and what to do with a file that they want.
/// `plimsoll-catalog` implements it, `plimsoll-source` calls it from the threads that parse.
pub trait Readers: Sync {
    /// Returns the wants of all rows.
    fn wants(&self) -> &WantSet;

    /// Returns the rows that read the merged tree, as bits: a file that one of them wants is kept
    /// whole. All other rows are file cataloguers.
    fn tree_rows(&self) -> u128;

    /// Returns the most bytes that any of these rows takes of one file; a larger one is a problem.
    fn max_body_bytes(&self, rows: u128) -> u64;

    /// Returns a hash of all wants and reader versions: a part of the key of the layer cache.
    fn fingerprint(&self) -> u64;

    /// Runs the file cataloguers among `rows` on one file. Answers the rows that took something or
    /// met a problem, ascending; the paths in the evidence are relative to the file: empty for the
    /// file itself, `BOOT-INF/lib/a.jar` for what lies inside.
    fn read(&self, path: &str, rows: u128, body: &[u8]) -> Vec<(u8, FileYield)>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_by_their_first_bytes() {
        let starts: &[(&[u8], bool)] = &[
            (b"\x7fELF\x02\x01\x01\0", true),
            (b"\x7fELF\x02\x01\x01", false),
            (b"MZ\x90\0\x03\0\0\0", true),
            (b"\xcf\xfa\xed\xfe\x07\0\0\x01", true),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", true),
            (b"\xca\xfe\xba\xbe\0\0\0\x34", false),
            (b"#!/bin/sh\n", false),
        ];
        for (start, is) in starts {
            assert_eq!(is_program(start), *is, "{}", start.escape_ascii());
        }
        let set = WantSet::new(&[&[Want::Name("a")], &[Want::Program]]);
        assert_eq!((set.programs(), set.ask("a", true)), (2, 1));
    }

    #[test]
    fn each_kind_of_want_answers_its_own_bit() {
        let rows: &[&[Want]] = &[
            &[Want::Path("etc/os-release")],
            &[Want::Under("var/lib/dpkg/status.d")],
            &[Want::Name("package.json")],
            &[Want::Suffix(".jar"), Want::Suffix(".war")],
            &[Want::Executable],
            &[Want::In("info", ".list")],
            &[Want::Beneath("conda-meta", ".json")],
        ];
        let set = WantSet::new(rows);
        assert_eq!(set.ask("etc/os-release", false), 1);
        assert_eq!(set.ask("usr/etc/os-release", false), 0);
        assert_eq!(set.ask("var/lib/dpkg/status.d/libc6", false), 2);
        assert_eq!(set.ask("var/lib/dpkg/status.d2/libc6", false), 0);
        assert_eq!(set.ask("a/node_modules/b/package.json", false), 4);
        assert_eq!(set.ask("srv/App.JAR", true), 8 | 16);
        assert_eq!(set.ask("srv/app.tar", false), 0);
        assert_eq!(set.ask("info/a.list", false), 32);
        assert_eq!(set.ask("info/a.md5sums", false) | set.ask("informal/a.list", false), 0);
        for wanted in
            ["conda-meta/a.json", "opt/conda-meta/b/a.json", "conda-meta/conda-meta/.json"]
        {
            assert_eq!(set.ask(wanted, false), 64, "{wanted}");
        }
        for other in ["conda-meta.json", "x-conda-meta/a.json", "conda-meta-x/a.json", "a.json"] {
            assert_eq!(set.ask(other, false), 0, "{other}");
        }
        let places = [("etc/os-release", false), ("info", true), ("var/lib/dpkg/status.d", true)];
        assert_eq!(set.places(), &places);
        assert_eq!(set.inside().collect::<Vec<_>>(), [("info", ".list")]);
    }
}
