//! Tar archives out of the bytes of the fuzzer.

use arbitrary::{Arbitrary, Result, Unstructured};

const BLOCK_BYTES: usize = 512;

/// Names that the readers look for, and parts that paths stumble over.
const NAMES: &[&str] = &[
    "etc/os-release",
    "usr/lib/os-release",
    "etc/alpine-release",
    "etc/apk/repositories",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d/tzdata",
    "var/lib/dpkg/status.d/tzdata.md5sums",
    "var/lib/rpm/Packages",
    "opt/six-1.16.0.dist-info/METADATA",
    "srv/a.jar",
    "lib",
    "lib/apk",
    "usr",
    "usr/lib",
    "etc",
    "var/lib/dpkg",
    "var/lib/dpkg/status.d",
    "opt",
    "x",
    "x/y",
    ".",
    "..",
    "/",
    "./etc//os-release/",
];

/// Bodies that the readers understand.
const BODIES: &[&[u8]] = &[
    b"ID=alpine\nVERSION_ID=3.17.1\nNAME=\"Alpine Linux\"\n",
    b"ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
    b"P:libssl3\nV:3.0.7-r0\nA:x86_64\no:openssl\nL:Apache-2.0\nF:lib\n\nP:musl\nV:1.2.3-r4\n\n",
    b"Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc (2.36-9)\n\
      Version: 2.36-9+deb12u1\n\n",
    b"Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\nLicense: MIT\n",
    b"https://dl-cdn.alpinelinux.org/alpine/v3.17/main\n",
    b"3.17.1\n",
    b"",
];

const KEYS: &[&str] = &[
    "path",
    "linkpath",
    "size",
    "GNU.sparse.major",
    "GNU.sparse.minor",
    "GNU.sparse.name",
    "GNU.sparse.realsize",
    "GNU.sparse.size",
    "GNU.sparse.map",
    "GNU.sparse.offset",
    "GNU.sparse.numbytes",
    "mtime",
];

/// Makes an archive of some members; the sums of all headers are right.
pub fn archive(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for _ in 0..u.int_in_range(0..=12)? {
        member(u, &mut bytes)?;
    }
    if u.ratio(3, 4)? {
        bytes.resize(bytes.len() + 2 * BLOCK_BYTES, 0);
    }
    crate::patch::apply(&mut bytes, &crate::patch::patches(u)?);
    seal(&mut bytes);
    Ok(bytes)
}

/// Adds a regular file.
pub fn put_file(bytes: &mut Vec<u8>, name: &[u8], body: &[u8]) {
    header(bytes, name, b'0', b"", body.len() as u64, 0o644);
    push_body(bytes, body);
}

/// Ends an archive.
pub fn finish(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len() + 2 * BLOCK_BYTES, 0);
    seal(bytes);
}

/// Puts the sum of every block right that is marked as a header of POSIX or GNU. A header of v7 has
/// no mark, so wrong sums are still met.
pub fn seal(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(BLOCK_BYTES) {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

fn member(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Result<()> {
    let (name, link) = (name(u)?, name(u)?);
    match u.int_in_range(0..=9)? {
        0 => {
            header(bytes, b"././@LongLink", b'L', b"", name.len() as u64 + 1, 0);
            push_body(bytes, &[&name[..], b"\0"].concat());
        }
        1 => {
            let records = records(u)?;
            let kind = *u.choose(b"xgX")?;
            header(bytes, b"PaxHeaders/x", kind, b"", records.len() as u64, 0);
            push_body(bytes, &records);
        }
        _ => {}
    }
    let kind = *u.choose(b"00000012255346S7\0xA")?;
    let body = body(u)?;
    let size = match u.int_in_range(0..=15)? {
        0 => u.arbitrary::<u64>()?,
        1 => u.arbitrary::<u16>()?.into(),
        _ => body.len() as u64,
    };
    let mode = if u.arbitrary()? { 0o755 } else { 0o644 };
    header(bytes, &name, kind, &link, size, mode);
    if kind == b'S' {
        old_sparse(u, bytes)?;
    }
    push_body(bytes, &body);
    Ok(())
}

fn name(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let known = u.choose(NAMES)?.as_bytes();
    Ok(match u.int_in_range(0..=7)? {
        0..=3 => known.to_vec(),
        4 => [b"/", known].concat(),
        5 => {
            let at = known.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
            [&known[..at], b".wh.", &known[at..]].concat()
        }
        6 => [known, b"/.wh..wh..opq"].concat(),
        _ => {
            let count = u.int_in_range(0..=20)?;
            [known, u.bytes(count)?].concat()
        }
    })
}

fn body(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    if u.ratio(3, 4)? {
        return Ok(u.choose(BODIES)?.to_vec());
    }
    let count = u.int_in_range(0..=600)?;
    let count = count.min(u.len());
    Ok(u.bytes(count)?.to_vec())
}

fn records(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut records = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        let key = u.choose(KEYS)?.as_bytes();
        let value = match u.int_in_range(0..=3)? {
            0 => name(u)?,
            1 => u.int_in_range(0..=4096)?.to_string().into_bytes(),
            2 => format!("{},{}", u.arbitrary::<u16>()?, u.arbitrary::<u16>()?).into_bytes(),
            _ => {
                let count = u.int_in_range(0..=20)?;
                u.bytes(count)?.to_vec()
            }
        };
        let rest = key.len() + value.len() + 3;
        let mut length = rest + 1;
        while length.to_string().len() + rest != length {
            length += 1;
        }
        records.extend_from_slice(format!("{length} ").as_bytes());
        records.extend_from_slice(&[key, b"=", &value, b"\n"].concat());
    }
    Ok(records)
}

/// Writes pieces into the last header, and a block more of them.
fn old_sparse(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Result<()> {
    let Some(start) = bytes.len().checked_sub(BLOCK_BYTES) else { return Ok(()) };
    for piece in 0..u.int_in_range(0..=4)? {
        let at = start + 386 + piece * 24;
        let text = format!("{:011o}\0{:011o}\0", u.arbitrary::<u16>()?, u.arbitrary::<u8>()?);
        bytes[at..at + 24].copy_from_slice(text.as_bytes());
    }
    let size = format!("{:011o}\0", u.arbitrary::<u16>()?);
    bytes[start + 483..start + 495].copy_from_slice(size.as_bytes());
    bytes[start + 482] = u8::from(u.ratio(1, 4)?);
    Ok(())
}

fn header(bytes: &mut Vec<u8>, name: &[u8], kind: u8, link: &[u8], size: u64, mode: u16) {
    let mut block = [0; BLOCK_BYTES];
    let (name, link) = (&name[..name.len().min(100)], &link[..link.len().min(100)]);
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(format!("{mode:07o}").as_bytes());
    if size < 8 << 30 {
        block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(if kind == b'S' { b"ustar  \0" } else { b"ustar\x0000" });
    bytes.extend_from_slice(&block);
}

fn push_body(bytes: &mut Vec<u8>, body: &[u8]) {
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
}

/// How an archive is packed.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Packing {
    Plain,
    Gzip,
    Zstd,
    TwoMembers,
}

/// Packs bytes.
pub fn pack(bytes: &[u8], packing: Packing) -> Vec<u8> {
    use std::io::Write as _;
    let gzip = |bytes: &[u8]| {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        let _ = encoder.write_all(bytes);
        encoder.finish().unwrap_or_default()
    };
    match packing {
        Packing::Plain => bytes.to_vec(),
        Packing::Gzip => gzip(bytes),
        Packing::Zstd => zstd::bulk::compress(bytes, 1).unwrap_or_default(),
        Packing::TwoMembers => {
            let (first, second) = bytes.split_at(bytes.len() / 2);
            [gzip(first), gzip(second)].concat()
        }
    }
}
