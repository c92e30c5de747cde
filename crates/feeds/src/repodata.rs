//! RPM repositories: from the list of their files (`repomd.xml`) to their updates and modules.
//!
//! ```xml
//! <repomd><data type="updateinfo"><checksum type="sha256">1b21…</checksum>
//!   <location href="repodata/updateinfo.xml.gz"/></data></repomd>
//! ```
//!
//! What is to be checked travels with the address of the file, as a fragment that no server sees:
//! `…/updateinfo.xml.gz#sha256=1b21…`.
//! Source: <https://createrepo.baseurl.org/>.

use std::collections::BTreeMap;
use std::fmt::Write as _;
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

/// Reads a list of files and asks for those of these kinds, in the order of `kinds`; a repository may
/// lack any.
///
/// # Errors
/// [`FeedError::Malformed`] with the byte: also for a place outside of the repository and a checksum
/// that is none.
pub(crate) fn follow(
    input: Input<'_>,
    harvest: &mut Harvest,
    kinds: &[&str],
    check: Check,
) -> Result<(), FeedError> {
    let address = input.address;
    let mut document = Document::new(address, unpacked(input, MAX_REPOMD_BYTES)?);
    let mut data = Data::default();
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    while let Some(node) = document.next()? {
        match node {
            Node::Start(name, _) if document.depth() == 1 && name != "repomd" => {
                return Err(document.fault("it does not begin with `repomd`"));
            }
            Node::Start(name, mut attributes) => {
                let mut attribute = |name| take(&mut attributes, name).unwrap_or_default();
                match name.as_str() {
                    "data" => data = Data { kind: attribute("type"), ..Data::default() },
                    "checksum" => data.sum_type = attribute("type"),
                    "location" => data.href = attribute("href"),
                    _ => {}
                }
            }
            Node::End(name, text) if name == "checksum" => data.sum = text,
            Node::End(name, _) if name == "data" => {
                let Some(rank) = kinds.iter().position(|kind| *kind == data.kind) else { continue };
                let place = data.address(address, check).map_err(|fault| document.fault(fault))?;
                found.insert(rank, place);
            }
            Node::End(..) => {}
        }
    }
    let mut files = found.into_values();
    files.try_for_each(|place| harvest.follow(SourceFile::new(place, updateinfo::MAX_PACKED_BYTES)))
}

/// What a list says of one file.
#[derive(Default)]
struct Data {
    kind: String,
    sum_type: String,
    sum: String,
    href: String,
}

impl Data {
    fn address(&self, list: &str, check: Check) -> Result<String, &'static str> {
        let place = place(list, &self.href).ok_or("a file outside of the repository")?;
        match check {
            Check::ByName => Ok(place),
            Check::Stated => fragment(&self.sum_type, &self.sum)
                .map(|sum| format!("{place}#{sum}"))
                .ok_or("a checksum that is none"),
        }
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
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Texts;

    const LIST: &str = "https://h.example/os/repodata/repomd.xml";

    fn followed(list: &str, check: Check) -> Result<Vec<String>, FeedError> {
        let mut harvest = Harvest::of(["x"], Texts::All);
        let mut body = list.as_bytes();
        let input = Input { address: LIST, body: &mut body };
        follow(input, &mut harvest, &["modules", "updateinfo"], check)?;
        Ok(harvest.take_followed().into_iter().map(|file| file.address).collect())
    }

    fn list(kind: &str, sum: &str, href: &str) -> String {
        format!(
            "<repomd><data type='updateinfo'><checksum type='{kind}'>{sum}</checksum>\
             <open-checksum type='md5'>no</open-checksum><location href='{href}'/></data>\
             <data type='primary'><location href='../x'/></data></repomd>"
        )
    }

    #[test]
    fn files_lie_below_the_repository_and_have_a_checksum() {
        let sum = "AB".repeat(32);
        let good = followed(&list("sha256", &sum, "repodata/u.xml.gz"), Check::Stated).unwrap();
        let place = "https://h.example/os/repodata/u.xml.gz";
        assert_eq!(good, [format!("{place}#sha256={}", "ab".repeat(32))]);
        let unchecked = followed(&list("md5", "", "repodata/u.xml.gz"), Check::ByName).unwrap();
        assert_eq!(unchecked, [place]);
        for (kind, sum, href) in [
            ("sha256", &sum[1..], "u.xml"),
            ("md5", &sum, "u.xml"),
            ("sha256", &sum, "../u.xml"),
            ("sha256", &sum, "/u.xml"),
            ("sha256", &sum, "https://evil.example/u.xml"),
            ("sha256", &sum, "u.xml#sha256=00"),
            ("sha256", &sum, ""),
        ] {
            let error = followed(&list(kind, sum, href), Check::Stated).unwrap_err();
            assert!(error.to_string().contains("at byte "), "{error}");
        }
        assert!(followed("<repomd/>", Check::Stated).unwrap().is_empty());
        assert!(followed("<updates/>", Check::Stated).is_err());
    }

    #[test]
    fn modules_come_before_updates() {
        let both = "<repomd><data type='updateinfo'><location href='u'/></data>\
            <data type='modules'><location href='m'/></data></repomd>";
        let found = followed(both, Check::ByName).unwrap();
        assert_eq!(found, ["https://h.example/os/m", "https://h.example/os/u"]);
    }

    #[test]
    fn another_checksum_is_an_error() {
        let text = "<updates><update><id>U-1</id></update></updates>";
        let read = |sum: &str| {
            let mut body = text.as_bytes();
            let address = format!("u.xml#{sum}");
            super::read(Input { address: &address, body: &mut body }, |_| Ok(()))
        };
        let good = format!("sha256={}", hex(&Sha256::digest(text)));
        assert!(read(&good).is_ok());
        assert!(read(&format!("sha512={}", hex(&Sha512::digest(text)))).is_ok());
        let error = read(&good.replace('a', "b")).unwrap_err();
        assert!(error.to_string().contains(&good), "{error}");
    }
}
