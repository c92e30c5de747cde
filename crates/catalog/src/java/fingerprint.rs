//! Code known by its classes: which artifacts an archive has code of, its version where the code says it,
//! and which classes were taken out.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use plimsoll_model::Scheme;

use super::class;
use super::file_name::is_version;
use super::pom::properties;
use super::roots::{REMOVABLE, RENAMED, ROOTS, Root, Stated, TELLING, Telling};
use crate::zip::Member;

/// What the names of the entries of one archive say of its code.
#[derive(Default)]
pub(super) struct Traces {
    /// The first mark of each artifact.
    marks: Vec<(usize, String)>,
    /// Files that say the version of a root.
    versions: Vec<(usize, Member)>,
    /// Bits of [`REMOVABLE`]: code of the artifact is there; the class is there.
    code: u32,
    kept: u32,
    /// The first class of each row of [`TELLING`].
    telling: Vec<(usize, Member)>,
    /// Classes in the archive.
    pub(super) classes: usize,
}

/// Code of one artifact.
pub(super) struct Code {
    pub(super) root: &'static Root,
    /// The entry that shows it.
    pub(super) path: String,
    /// Empty if the code does not say it.
    pub(super) version: String,
}

/// What a file name stands for.
#[derive(Clone, Copy)]
enum Sign {
    /// The `usize`th mark of a root.
    Mark(usize),
    Version,
}

/// Signs by file name; each with its root.
static SIGNS: LazyLock<HashMap<&'static str, Vec<(usize, Sign)>>> = LazyLock::new(|| {
    let mut signs: HashMap<&str, Vec<(usize, Sign)>> = HashMap::new();
    let mut add = |path: &'static str, root, sign| {
        signs.entry(last(path)).or_default().push((root, sign));
    };
    for (index, root) in ROOTS.iter().enumerate() {
        for (number, mark) in root.marks.iter().enumerate() {
            add(mark, index, Sign::Mark(number));
        }
        if let Stated::Property(path, _) | Stated::Constant(path, _) = root.version {
            add(path, index, Sign::Version);
        }
    }
    signs
});

impl Traces {
    /// Takes an entry in.
    pub(super) fn add(&mut self, name: &str, member: &dyn Fn() -> Member) {
        let is_class = is_class(name);
        if is_class {
            self.classes += 1;
            for (bit, removable) in REMOVABLE.iter().enumerate() {
                self.code |= u32::from(name.contains(removable.code)) << bit;
                self.kept |= u32::from(ends(name, &[removable.class])) << bit;
            }
        }
        for (row, telling) in TELLING.iter().enumerate() {
            let is_new = || !self.telling.iter().any(|(known, _)| *known == row);
            if is_class && ends(name, &[telling.class]) && is_new() {
                self.telling.push((row, member()));
            }
        }
        for (index, sign) in SIGNS.get(last(name)).into_iter().flatten() {
            let root = &ROOTS[*index];
            match sign {
                Sign::Mark(number) => {
                    let is_new = !self.marks.iter().any(|(known, _)| known == index);
                    if is_new && ends(name, &[root.code, root.marks[*number]]) {
                        self.marks.push((*index, name.to_owned()));
                    }
                }
                Sign::Version => {
                    let (Stated::Property(path, _) | Stated::Constant(path, _)) = root.version
                    else {
                        continue;
                    };
                    let is_new = !self.versions.iter().any(|(known, _)| known == index);
                    if is_new && ends(name, &[path]) {
                        self.versions.push((*index, member()));
                    }
                }
            }
        }
    }

    /// Returns the code that is there, in the order of the table. `read` gives the bytes of a member.
    pub(super) fn code(&self, mut read: impl FnMut(&Member) -> Option<Vec<u8>>) -> Vec<Code> {
        let mut marks: Vec<&(usize, String)> = self.marks.iter().collect();
        marks.sort();
        let version = |index: usize, read: &mut dyn FnMut(&Member) -> Option<Vec<u8>>| {
            let (_, member) = self.versions.iter().find(|(known, _)| *known == index)?;
            stated(ROOTS[index].version, &read(member)?)
        };
        let code = |(index, path): &(usize, String)| Code {
            root: &ROOTS[*index],
            path: path.clone(),
            version: version(*index, &mut read).unwrap_or_default(),
        };
        marks.into_iter().map(code).collect()
    }

    /// Returns what the code has that tells newer versions of artifacts: artifact, class and name. `read` gives
    /// the bytes of a member.
    pub(super) fn shown(
        &self,
        mut read: impl FnMut(&Member) -> Option<Vec<u8>>,
    ) -> Vec<(&'static str, String)> {
        let shown = self.telling.iter().filter_map(|(row, member)| {
            let Telling { artifact, path, name, .. } = &TELLING[*row];
            let bytes = read(member)?;
            let has = class::texts(&bytes).contains(name);
            has.then(|| (*artifact, format!("{path} {name}")))
        });
        shown.collect()
    }

    /// Returns the classes of an artifact that were taken out of the archive while its code is there.
    pub(super) fn lacks(&self, artifact: &str) -> Vec<String> {
        let lacking = REMOVABLE.iter().enumerate().filter(|(bit, removable)| {
            removable.artifact == artifact && (self.code & !self.kept) >> bit & 1 == 1
        });
        lacking.map(|(_, removable)| removable.path.to_owned()).collect()
    }
}

impl Root {
    /// Returns whether the archive of an artifact has this code by right.
    pub(super) fn is_home(&self, artifact: &str) -> bool {
        artifact == self.artifact
            || self.homes.iter().any(|home| match home.strip_suffix('*') {
                Some(start) => artifact.starts_with(start),
                None => artifact == *home,
            })
    }
}

impl Code {
    /// Returns group and artifact, as they are called at a version.
    pub(super) fn coordinates(&self, version: &str) -> (&'static str, &'static str) {
        let now = (self.root.group, self.root.artifact);
        let is_older = |border: &str| {
            !version.is_empty() && Scheme::Maven.compare(version, border) == Ok(Ordering::Less)
        };
        let then = RENAMED.iter().find(|(known, border, _)| *known == now && is_older(border));
        then.map_or(now, |(_, _, then)| *then)
    }

    /// Returns the folder of the code in the archive, wherever it was moved to.
    pub(super) fn folder(&self) -> &str {
        let start = self.path.rfind(self.root.code).unwrap_or_default();
        &self.path[..start + self.root.code.len()]
    }
}

fn stated(stated: Stated, bytes: &[u8]) -> Option<String> {
    let version = match stated {
        Stated::Nowhere => None,
        Stated::Property(_, key) => {
            let text = String::from_utf8_lossy(bytes);
            properties(&text).find(|(known, _)| *known == key).map(|(_, value)| value)
        }
        Stated::Constant(_, start) => {
            let mut texts = class::texts(bytes).into_iter();
            let after = |text: &str| text.strip_prefix(start).map(str::to_owned);
            texts.find_map(|text| after(text).filter(|rest| is_dotted(rest)))
        }
    }?;
    is_version(&version).then_some(version)
}

/// `2.13.3`, `1.70`, `4.1.94.Final`: a number, a dot and a digit in front.
fn is_dotted(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_number)
        && parts.next().is_some_and(|part| part.starts_with(|first: char| first.is_ascii_digit()))
}

/// Returns whether a path ends with these pieces, at the edge of a folder.
fn ends(path: &str, pieces: &[&str]) -> bool {
    let mut rest = path;
    for piece in pieces.iter().rev() {
        let Some(before) = rest.strip_suffix(piece) else { return false };
        rest = before;
    }
    rest.is_empty() || rest.ends_with('/')
}

/// Java looks classes up by the letter.
fn is_class(path: &str) -> bool {
    path.strip_suffix(".class").is_some()
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_of_a_folder_counts() {
        let jndi = &["log4j/core/", "lookup/JndiLookup.class"];
        assert!(ends("org/apache/logging/log4j/core/lookup/JndiLookup.class", jndi));
        assert!(ends("log4j/core/lookup/JndiLookup.class", jndi));
        assert!(!ends("mylog4j/core/lookup/JndiLookup.class", jndi));
        assert!(!ends("log4j/core/lookup/JndiLookup.class.bak", jndi));
    }

    #[test]
    fn the_table_is_well_formed() {
        for root in ROOTS {
            assert!(root.code.ends_with('/') && !root.code.starts_with('/'), "{}", root.code);
            assert!(!root.marks.is_empty(), "{}", root.artifact);
            assert!(root.marks.iter().all(|mark| is_class(mark)), "{}", root.artifact);
        }
        for telling in TELLING {
            assert!(telling.path.ends_with(telling.class) && is_class(telling.class));
            assert!(ROOTS.iter().any(|root| root.artifact == telling.artifact));
        }
        assert!(REMOVABLE.len() <= 32);
        for removable in REMOVABLE {
            assert!(removable.class.starts_with(removable.code), "{}", removable.path);
            assert!(removable.path.ends_with(removable.class), "{}", removable.path);
        }
    }

    #[test]
    fn versions_are_dotted_numbers() {
        assert!(is_dotted("2.13.3") && is_dotted("4.1.94.Final") && is_dotted("1.70"));
        assert!(!is_dotted("2") && !is_dotted("v1.2") && !is_dotted("a.1") && !is_dotted(""));
    }
}
