//! One ZIP file in memory: its directory, and the bytes of its members under limits.

use std::borrow::Cow;
use std::io::Read;

use rawzip::{CompressionMethod, ZipArchiveEntryWayfinder, ZipLocator, ZipSliceArchive};

use super::{Limits, MAX_INFLATED_BYTES, MAX_JAR_ENTRIES, is_archive};

/// How far from its end the directory of a ZIP file is looked for: past the longest comment.
pub(super) const MAX_SEARCH_BYTES: u64 = 128 << 10;
/// The most `pom.properties` of one archive.
pub(super) const MAX_POMS: usize = 5_000;
/// Bytes that one byte of deflate can stand for, at most.
const MAX_DEFLATE_RATIO: u64 = 1032;

/// A ZIP file; what stands in front of it (a shell script) is skipped.
pub(super) struct Archive<'a> {
    zip: ZipSliceArchive<&'a [u8]>,
}

/// One member that is worth a look.
pub(super) struct Member {
    pub(super) name: String,
    wayfinder: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    is_encrypted: bool,
}

/// The members that are worth a look, each in the order of the directory.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) manifest: Option<Member>,
    pub(super) poms: Vec<Member>,
    /// Group and artifact of each `META-INF/maven/GROUP/ARTIFACT/pom.xml`.
    pub(super) pom_xmls: Vec<(String, String)>,
    pub(super) nested: Vec<Member>,
}

/// Why something was not read.
#[derive(Debug)]
pub(super) enum Trouble {
    Broken(String),
    Limit(String),
}

impl<'a> Archive<'a> {
    pub(super) fn open(body: &'a [u8]) -> Result<Self, Trouble> {
        let locator = ZipLocator::new().max_search_space(MAX_SEARCH_BYTES);
        match locator.locate_in_slice(body) {
            Ok(zip) => Ok(Self { zip }),
            Err((_, error)) => Err(Trouble::Broken(format!("cannot read the archive: {error}"))),
        }
    }

    /// Goes through the directory; what stands before a trouble is in `contents`.
    pub(super) fn list(&self, left: &mut Limits, contents: &mut Contents) -> Result<(), Trouble> {
        let mut seen = 0;
        for entry in self.zip.entries() {
            let entry = entry.map_err(|error| {
                Trouble::Broken(format!("cannot read the directory of the archive: {error}"))
            })?;
            if left.entries == 0 {
                return Err(Trouble::Limit(format!("more than {MAX_JAR_ENTRIES} entries inside")));
            }
            left.entries -= 1;
            seen += 1;
            if entry.is_dir() {
                continue;
            }
            let path = entry.file_path();
            let name = String::from_utf8_lossy(path.as_bytes());
            contents.add(&name, |name| Member {
                name,
                wayfinder: entry.wayfinder(),
                method: entry.compression_method(),
                is_encrypted: entry.flags().is_encrypted(),
            })?;
        }
        let told = self.zip.entries_hint();
        if seen < told {
            let detail = format!("the directory of the archive ends at entry {seen} of {told}");
            return Err(Trouble::Broken(detail));
        }
        Ok(())
    }

    /// Returns the bytes of a member, at the cost of what is left to inflate. A stored member is
    /// borrowed, and its checksum is not looked at: it is an archive with checksums of its own.
    pub(super) fn read(
        &self,
        member: &Member,
        left: &mut Limits,
    ) -> Result<Cow<'_, [u8]>, Trouble> {
        if member.method == CompressionMethod::STORE && !member.is_encrypted {
            let entry = self.zip.get_entry(member.wayfinder).map_err(broken)?;
            return Ok(Cow::Borrowed(entry.data()));
        }
        self.read_small(member, left.held_bytes, left).map(Cow::Owned)
    }

    /// Returns the bytes of a member that must not have more than `most`.
    pub(super) fn read_small(
        &self,
        member: &Member,
        most: u64,
        left: &mut Limits,
    ) -> Result<Vec<u8>, Trouble> {
        let allowed = most.min(left.inflated_bytes);
        let mut cost = 0;
        let bytes = self.inflate(member, allowed, &mut cost);
        // A member that turns out to be broken took its time too.
        left.inflated_bytes -= allowed.min(cost);
        bytes?.ok_or_else(|| {
            Trouble::Limit(if allowed == most {
                format!("`{}` has more than {allowed} bytes", member.name)
            } else {
                format!("more than {MAX_INFLATED_BYTES} bytes inflated")
            })
        })
    }

    /// Returns the bytes of a member, size and checksum being checked; `None` if more than `most`.
    /// Adds what was inflated to `cost`, also when it was for nothing.
    fn inflate(
        &self,
        member: &Member,
        most: u64,
        cost: &mut u64,
    ) -> Result<Option<Vec<u8>>, Trouble> {
        if member.is_encrypted {
            return Err(broken("it is encrypted"));
        }
        let entry = self.zip.get_entry(member.wayfinder).map_err(broken)?;
        let raw: Box<dyn Read> = match member.method {
            CompressionMethod::STORE => Box::new(entry.data()),
            CompressionMethod::DEFLATE => {
                Box::new(flate2::bufread::DeflateDecoder::new(entry.data()))
            }
            method => return Err(broken(format_args!("compression {method} is not known"))),
        };
        // What a member says of its size may be a lie, but deflate has a greatest ratio.
        let told = member.wayfinder.uncompressed_size_hint().min(most);
        let room = told.min(entry.data().len() as u64 * MAX_DEFLATE_RATIO);
        let mut bytes = Vec::with_capacity(room as usize);
        let verified = entry.verifying_reader(Counted { inner: raw, count: cost });
        verified.take(most + 1).read_to_end(&mut bytes).map_err(broken)?;
        Ok((bytes.len() as u64 <= most).then_some(bytes))
    }
}

/// A reader that counts what it gives.
struct Counted<'a, R> {
    inner: R,
    count: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let got = self.inner.read(into)?;
        *self.count += got as u64;
        Ok(got)
    }
}

impl Contents {
    fn add(&mut self, name: &str, member: impl Fn(String) -> Member) -> Result<(), Trouble> {
        if name.eq_ignore_ascii_case("META-INF/MANIFEST.MF") {
            self.manifest.get_or_insert_with(|| member(name.to_owned()));
        } else if is_archive(name) {
            self.nested.push(member(name.to_owned()));
        } else if name.contains("META-INF/maven/") {
            if self.poms.len() >= MAX_POMS || self.pom_xmls.len() >= MAX_POMS {
                return Err(Trouble::Limit(format!("more than {MAX_POMS} bundled libraries")));
            }
            if name.ends_with("/pom.properties") {
                self.poms.push(member(name.to_owned()));
            }
            self.pom_xmls.extend(coordinates(name, "pom.xml"));
        }
        Ok(())
    }
}

/// Returns group and artifact of `META-INF/maven/com.example/demo/pom.xml`.
pub(super) fn coordinates(path: &str, file: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = path.strip_prefix("META-INF/maven/")?.split('/').collect();
    match parts[..] {
        [group, artifact, last] if last == file && !group.is_empty() && !artifact.is_empty() => {
            Some((group.to_owned(), artifact.to_owned()))
        }
        _ => None,
    }
}

fn broken(cause: impl std::fmt::Display) -> Trouble {
    Trouble::Broken(format!("cannot read a member of the archive: {cause}"))
}
