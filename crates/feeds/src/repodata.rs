//! RPM repositories: from the list of their files (`repomd.xml`) to their updates.
//!
//! ```xml
//! <repomd><data type="updateinfo"><checksum type="sha256">1b21…</checksum>
//!   <location href="repodata/updateinfo.xml.gz"/></data></repomd>
//! ```
//!
//! What is to be checked travels with the address of the file, as a fragment that no server sees:
//! `…/updateinfo.xml.gz#sha256=1b21…`.
//! Source: <https://createrepo.baseurl.org/>.

use std::io::{self, Read};

use sha2::{Digest, Sha256, Sha512};

use crate::error::FeedError;
use crate::feed::{Harvest, Input, SourceFile};
use crate::packed::unpacked;
use crate::updateinfo::{self, Update};
use crate::xml::{Document, Node, take};

/// Most bytes of a list of files.
pub(crate) const MAX_REPOMD_BYTES: u64 = 4 << 20;
/// Longest place of a file below its repository, in bytes.
const MAX_HREF_BYTES: usize = 512;

/// Whether the checksum that a repository states is checked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Check {
    /// It must be right.
    Stated,
    /// It is not looked at: the name of the file holds it, so that the two cannot be out of step.
    ByName,
}

/// Reads a list of files and asks for the updates that it names; a repository may have none.
///
/// # Errors
/// [`FeedError::Malformed`] with the byte: also for a place outside of the repository and a checksum
/// that is none.
pub(crate) fn follow(
    input: Input<'_>,
    harvest: &mut Harvest,
    check: Check,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut document = Document::new(address, unpacked(input, MAX_REPOMD_BYTES)?);
    let (mut kind, mut sum_type, mut sum, mut href) = Default::default();
    let mut found = None;
    while let Some(node) = document.next()? {
        match node {
            Node::Start(name, _) if document.depth() == 1 && name != "repomd" => {
                return Err(document.fault("it does not begin with `repomd`"));
            }
            Node::Start(name, mut attributes) => {
                let mut attribute = |name| take(&mut attributes, name).unwrap_or_default();
                match name.as_str() {
                    "data" => kind = attribute("type"),
                    "checksum" => sum_type = attribute("type"),
                    "location" => href = attribute("href"),
                    _ => {}
                }
            }
            Node::End(name, text) => match name.as_str() {
                "checksum" => sum = text,
                "data" if kind == "updateinfo" => {
                    let place = place(address, &href);
                    let place =
                        place.ok_or_else(|| document.fault("a file outside of the repository"))?;
                    found = Some(match check {
                        Check::ByName => place,
                        Check::Stated => fragment(&sum_type, &sum)
                            .map(|sum| format!("{place}#{sum}"))
                            .ok_or_else(|| document.fault("a checksum that is none"))?,
                    });
                }
                _ => {}
            },
        }
    }
    match found {
        Some(place) => harvest.follow(SourceFile::new(place, updateinfo::MAX_PACKED_BYTES)),
        None => Ok(()),
    }
}

/// Joins the address of the repository and the place of a file below it.
fn place(address: &str, href: &str) -> Option<String> {
    let root = address.strip_suffix("repodata/repomd.xml")?;
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-._+~/".contains(&letter);
    let good = !href.is_empty()
        && href.len() <= MAX_HREF_BYTES
        && href.bytes().all(plain)
        && href.split('/').all(|part| !matches!(part, "" | "." | ".."));
    good.then(|| format!("{root}{href}"))
}

/// Words a checksum as a fragment; `None` when it is none, or of a kind that is not known.
fn fragment(kind: &str, sum: &str) -> Option<String> {
    let digits = match kind {
        "sha256" => 64,
        "sha512" => 128,
        _ => return None,
    };
    let sum = sum.to_ascii_lowercase();
    let good = sum.len() == digits && sum.bytes().all(|digit| digit.is_ascii_hexdigit());
    good.then(|| format!("{kind}={sum}"))
}

/// Reads the updates of a repository; what the address says of the checksum must be right.
///
/// # Errors
/// As [`updateinfo::read`], and [`FeedError::Malformed`] when the checksum is another.
pub(crate) fn read(
    input: Input<'_>,
    each: impl FnMut(Update) -> Result<(), FeedError>,
) -> Result<(), FeedError> {
    let Input { address, body } = input;
    let Some((plain, sum)) = address.split_once('#') else {
        return updateinfo::read(Input { address, body }, each);
    };
    let hash = if sum.starts_with("sha512=") {
        Hash::Sha512(Sha512::new())
    } else {
        Hash::Sha256(Sha256::new())
    };
    let mut hashed = Hashed { body, hash, taken: 0 };
    updateinfo::read(Input { address: plain, body: &mut hashed }, each)?;
    let fault = |detail: String| FeedError::Malformed {
        address: plain.to_owned(),
        place: "its end".to_owned(),
        detail,
    };
    io::copy(&mut hashed, &mut io::sink()).map_err(|error| fault(error.to_string()))?;
    let found = match hashed.hash {
        Hash::Sha256(hash) => format!("sha256={}", hex(&hash.finalize())),
        Hash::Sha512(hash) => format!("sha512={}", hex(&hash.finalize())),
    };
    if found == sum {
        return Ok(());
    }
    Err(fault(format!("its checksum is `{found}`, the repository states `{sum}`")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

enum Hash {
    Sha256(Sha256),
    Sha512(Sha512),
}

/// A reader that hashes what goes through it.
struct Hashed<'a> {
    body: &'a mut dyn Read,
    hash: Hash,
    taken: u64,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.taken += count as u64;
        if self.taken > updateinfo::MAX_PACKED_BYTES {
            return Err(io::Error::other("more bytes than it may have"));
        }
        match &mut self.hash {
            Hash::Sha256(hash) => hash.update(&buffer[..count]),
            Hash::Sha512(hash) => hash.update(&buffer[..count]),
        }
        Ok(count)
    }
}
