//! Where a Go program keeps what it was built from, and how that is written.
//!
//! Lines whose fields are parted by tabs:
//!
//! ```text
//! path  github.com/anchore/syft/cmd/syft
//! mod  github.com/anchore/syft  v1.4.1  h1:…
//! dep  github.com/opencontainers/runc  v1.1.7  h1:…
//! =>  github.com/containers/runc  v1.1.8  h1:…
//! build  -ldflags="-w -s -X main.version=1.4.1"
//! build  GOARCH=amd64
//! ```

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::super::Image;

/// What stands in front of it.
const MAGIC: &[u8] = b"\xff Go buildinf:";
/// The bytes of the header, behind which texts stand since Go 1.18.
const HEADER_BYTES: usize = 32;
/// It stands at a multiple of this many bytes.
const ALIGNMENT: usize = 16;
/// The longest version of Go, in bytes.
pub(super) const MAX_VERSION_BYTES: u64 = 1 << 10;
/// The longest list of modules, in bytes; the largest known has 300 kB.
pub(super) const MAX_LIST_BYTES: u64 = 16 << 20;
/// What the linker puts in front of and behind the list, so that others find it.
const MARK_BYTES: usize = 16;

/// What is written in one program.
#[derive(Debug, Default)]
pub(super) struct BuildInfo<'a> {
    /// The version of Go: `go1.22.3`, `go1.20.12 X:strictfipsruntime`.
    pub(super) go_version: Cow<'a, str>,
    /// The lines of the list; empty for programs built without modules.
    list: Cow<'a, str>,
}

/// A module and its version: `github.com/anchore/syft`, `v1.4.1`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Named<'i> {
    pub(super) path: &'i str,
    pub(super) version: &'i str,
}

/// A module that a program was built with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Module<'i> {
    pub(super) own: Named<'i>,
    /// What was taken in its place.
    pub(super) replacement: Option<Named<'i>>,
}

/// What is there and cannot be read.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum BadBuildInfo {
    /// It ends early, or points to where nothing is.
    #[error("the build information of Go is cut off or points outside of the file")]
    Cut,
    /// It is longer than is read.
    #[error("the build information of Go is longer than the {MAX_LIST_BYTES} bytes that are read")]
    Long,
}

/// Looks for the build information; `None` in what Go did not build.
pub(super) fn find<'a>(image: &Image<'a>) -> Result<Option<BuildInfo<'a>>, BadBuildInfo> {
    let Some(at_magic) = locate(image) else { return Ok(None) };
    let header = at_magic.get(..HEADER_BYTES).ok_or(BadBuildInfo::Cut)?;
    let flags = header[15];
    let (version, list) = if flags & 2 != 0 {
        let rest = &at_magic[HEADER_BYTES..];
        let (version, rest) = inline_text(rest, MAX_VERSION_BYTES)?;
        (version, inline_text(rest, MAX_LIST_BYTES)?.0)
    } else {
        let words = Words { size: usize::from(header[14]), is_big_endian: flags & 1 != 0 };
        let at = |place: usize| words.read(header.get(place..).unwrap_or_default());
        let version = words.text(image, at(16), MAX_VERSION_BYTES)?;
        (version, words.text(image, at(16 + words.size), MAX_LIST_BYTES)?)
    };
    let go_version = String::from_utf8_lossy(version);
    let list = String::from_utf8_lossy(without_marks(list));
    Ok(Some(BuildInfo { go_version, list }))
}

/// Returns the bytes from the magic on.
fn locate<'a>(image: &Image<'a>) -> Option<&'a [u8]> {
    for name in [".go.buildinfo", "__go_buildinfo"] {
        if let Some(found) = image.section(name).and_then(search) {
            return Some(found);
        }
    }
    if !image.is_sound() || !image.has_sections() {
        return search(image.body);
    }
    // PE files have no such section, and names can be missing in others.
    image.writable_data().into_iter().find_map(search)
}

fn search(data: &[u8]) -> Option<&[u8]> {
    let places = Finder::new(MAGIC);
    let mut found = places.find_iter(data).filter(|place| place % ALIGNMENT == 0);
    found.next().map(|place| &data[place..])
}

/// Reads a text that stands behind its length, a number of seven bits a byte with the lowest first.
fn inline_text(bytes: &[u8], most: u64) -> Result<(&[u8], &[u8]), BadBuildInfo> {
    let (mut length, mut read) = (0u64, 0);
    for byte in bytes.iter().take(9) {
        length |= u64::from(byte & 0x7f) << (7 * read);
        read += 1;
        if byte & 0x80 == 0 {
            if length > most {
                return Err(BadBuildInfo::Long);
            }
            return bytes[read..].split_at_checked(length as usize).ok_or(BadBuildInfo::Cut);
        }
    }
    Err(BadBuildInfo::Cut)
}

/// How addresses are written.
#[derive(Clone, Copy)]
struct Words {
    size: usize,
    is_big_endian: bool,
}

impl Words {
    fn read(self, bytes: &[u8]) -> Option<u64> {
        let mut bytes = bytes.get(..self.size).filter(|_| matches!(self.size, 4 | 8))?.to_vec();
        if !self.is_big_endian {
            bytes.reverse();
        }
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Follows the address of a text of Go, which is an address and a length. An empty one may have the
    /// address 0.
    fn text<'a>(
        self,
        image: &Image<'a>,
        address: Option<u64>,
        most: u64,
    ) -> Result<&'a [u8], BadBuildInfo> {
        let address = address.ok_or(BadBuildInfo::Cut)?;
        if address == 0 {
            return Ok(&[]);
        }
        let text = image.bytes_at(address, 2 * self.size as u64).ok_or(BadBuildInfo::Cut)?;
        let (start, length) = (self.read(text), self.read(&text[self.size..]));
        let (start, length) = (start.ok_or(BadBuildInfo::Cut)?, length.ok_or(BadBuildInfo::Cut)?);
        if length > most {
            return Err(BadBuildInfo::Long);
        }
        if length == 0 {
            return Ok(&[]);
        }
        image.bytes_at(start, length).ok_or(BadBuildInfo::Cut)
    }
}

fn without_marks(list: &[u8]) -> &[u8] {
    let is_marked = list.len() > 2 * MARK_BYTES && list[list.len() - MARK_BYTES - 1] == b'\n';
    if is_marked { &list[MARK_BYTES..list.len() - MARK_BYTES] } else { &[] }
}

impl BuildInfo<'_> {
    /// Returns the path of the package that is the program: `github.com/anchore/syft/cmd/syft`, `cmd/go`.
    pub(super) fn main_package(&self) -> &str {
        self.lines("path\t").next().unwrap_or_default()
    }

    /// Returns the module of that package.
    pub(super) fn main_module(&self) -> Option<Named<'_>> {
        self.lines("mod\t").next().map(named)
    }

    /// Returns the other modules in the order of the list.
    pub(super) fn modules(&self) -> impl Iterator<Item = Module<'_>> {
        let mut lines = self.list.split('\n').peekable();
        std::iter::from_fn(move || {
            let own = named(lines.find_map(|line| line.strip_prefix("dep\t"))?);
            let replacement = lines.next_if(|line| line.starts_with("=>\t"));
            let replacement = replacement.and_then(|line| line.strip_prefix("=>\t")).map(named);
            Some(Module { own, replacement })
        })
    }

    /// Returns the value of a setting of the build: `GOARCH`, `-ldflags`.
    pub(super) fn setting(&self, key: &str) -> Option<Cow<'_, str>> {
        let of_key = |line: &str| line.starts_with(key) && line[key.len()..].starts_with('=');
        let line = self.lines("build\t").find(|line| of_key(line))?;
        Some(unquoted(&line[key.len() + 1..]))
    }

    fn lines<'i>(&'i self, kind: &'static str) -> impl Iterator<Item = &'i str> {
        self.list.split('\n').filter_map(move |line| line.strip_prefix(kind))
    }
}

fn named(line: &str) -> Named<'_> {
    let mut fields = line.split('\t');
    let (path, version) = (fields.next(), fields.next());
    Named { path: path.unwrap_or_default(), version: version.unwrap_or_default() }
}

/// Takes the quotes off a text as Go writes it: `\t` and the like are blanks, all else behind a `\` is taken
/// as it is, which is right for quotes and backslashes.
fn unquoted(text: &str) -> Cow<'_, str> {
    if let Some(plain) = text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
        return Cow::Borrowed(plain);
    }
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return Cow::Borrowed(text);
    };
    let mut letters = inner.chars();
    let mut plain = String::with_capacity(inner.len());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next().map(|letter| match letter {
                'f' | 'n' | 'r' | 't' | 'v' => ' ',
                letter => letter,
            })),
            _ => plain.push(letter),
        }
    }
    Cow::Owned(plain)
}
