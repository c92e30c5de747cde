//! One tar header block of 512 bytes, as v7, ustar and GNU write it.
//!
//! Follows POSIX.1-2017 `pax` ("ustar Interchange Format") and the GNU tar manual ("Basic Tar
//! Format", <https://www.gnu.org/software/tar/manual/html_node/Standard.html>).

/// Bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 512;

/// One block of a tar archive.
pub(crate) type Block = [u8; BLOCK_BYTES];

/// What one header block says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Header {
    /// The name with its ustar prefix.
    pub(crate) name: Vec<u8>,
    /// The target of a link.
    pub(crate) link: Vec<u8>,
    /// The type flag as written.
    pub(crate) kind: u8,
    /// The permission bits.
    pub(crate) mode: u64,
    /// Bytes of body that follow, by this block alone.
    pub(crate) size: u64,
}

/// Why a block is no header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum BadHeader {
    /// All its bytes are zero: the end of the archive.
    Zero,
    /// The sum does not agree.
    Checksum,
    /// A number is no number, or is negative or beyond 63 bits.
    Number,
}

/// Reads a header block.
pub(crate) fn parse_header(block: &Block) -> Result<Header, BadHeader> {
    if block.iter().all(|&byte| byte == 0) {
        return Err(BadHeader::Zero);
    }
    if !sum_agrees(block) {
        return Err(BadHeader::Checksum);
    }
    let size = number(&block[124..136]).ok_or(BadHeader::Number)?;
    // A mode that makes no sense says nothing about where the next header is.
    let mode = number(&block[100..108]).unwrap_or(0);
    let mut name = text(&block[..100]).to_vec();
    let prefix = prefix(block);
    if !prefix.is_empty() {
        name = [prefix, b"/", &name].concat();
    }
    Ok(Header { name, link: text(&block[157..257]).to_vec(), kind: block[156], mode, size })
}

/// Returns what stands in front of the name, as Go's `archive/tar` reads it, which unpacks images for
/// the engines: POSIX has a prefix, star a shorter one and times behind it. GNU has times in its place;
/// where they are no times, an old writer put a prefix there all the same.
fn prefix(block: &Block) -> &[u8] {
    let is_time = |field: &[u8]| field[0] == 0 || number(field).is_some();
    match &block[257..265] {
        magic if magic.starts_with(b"ustar\0") && &block[508..] == b"tar\0" => {
            text(&block[345..476])
        }
        magic if magic.starts_with(b"ustar\0") => text(&block[345..500]),
        b"ustar  \0" if !is_time(&block[345..357]) || !is_time(&block[357..369]) => {
            let prefix = text(&block[345..500]);
            if prefix.is_ascii() { prefix } else { b"" }
        }
        _ => b"",
    }
}

/// Returns a number field: octal digits between blanks, or base 256 when the first bit is set.
/// An empty field is 0. `None` for other characters, negative numbers and more than 63 bits.
pub(crate) fn number(field: &[u8]) -> Option<u64> {
    let first = *field.first()?;
    if first & 0x80 != 0 {
        if first & 0x40 != 0 {
            return None;
        }
        let start = u64::from(first & 0x3f);
        return field[1..].iter().try_fold(start, |value, &byte| {
            if value >> 55 == 0 { Some(value << 8 | u64::from(byte)) } else { None }
        });
    }
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0u64, |value, &digit| match digit {
        b'0'..=b'7' if value >> 60 == 0 => Some(value << 3 | u64::from(digit - b'0')),
        _ => None,
    })
}

/// Returns the bytes before the first NUL.
pub(crate) fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// The sum is over all bytes with its own field as blanks; some old writers added signed bytes.
fn sum_agrees(block: &Block) -> bool {
    let Some(stated) = number(&block[148..156]) else { return false };
    let around = block[..148].iter().chain(&block[156..]);
    let unsigned: u64 = around.clone().map(|&byte| u64::from(byte)).sum::<u64>() + 8 * 32;
    let signed: i64 = around.map(|&byte| i64::from(byte.cast_signed())).sum::<i64>() + 8 * 32;
    stated == unsigned || i64::try_from(stated) == Ok(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(name: &[u8], size: &[u8]) -> Block {
        let mut block = [0; BLOCK_BYTES];
        block[..name.len()].copy_from_slice(name);
        block[100..107].copy_from_slice(b"0000755");
        block[124..124 + size.len()].copy_from_slice(size);
        block[156] = b'0';
        seal(&mut block);
        block
    }

    fn seal(block: &mut Block) {
        block[148..156].fill(b' ');
        let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }

    #[test]
    fn a_header_of_each_age_is_read() {
        let header = parse_header(&block(b"etc/passwd", b"00000000144\0")).unwrap();
        assert_eq!((header.name.as_slice(), header.size), (&b"etc/passwd"[..], 100));
        assert_eq!((header.mode, header.kind), (0o755, b'0'));

        let mut ustar = block(b"passwd", b"00000000144 ");
        ustar[257..265].copy_from_slice(b"ustar\x0000");
        ustar[345..348].copy_from_slice(b"etc");
        seal(&mut ustar);
        assert_eq!(parse_header(&ustar).unwrap().name, b"etc/passwd");

        let mut gnu = block(b"passwd", b"00000000144 ");
        gnu[257..265].copy_from_slice(b"ustar  \0");
        gnu[345..357].copy_from_slice(b"14706400000\0");
        seal(&mut gnu);
        assert_eq!(parse_header(&gnu).unwrap().name, b"passwd", "a time is no prefix");
        gnu[345..357].copy_from_slice(b"etc\0\0\0\0\0\0\0\0\0");
        seal(&mut gnu);
        assert_eq!(parse_header(&gnu).unwrap().name, b"etc/passwd", "what is no time is one");

        let mut star = block(b"passwd", b"00000000144 ");
        star[257..265].copy_from_slice(b"ustar\x0000");
        star[345..348].copy_from_slice(b"etc");
        star[476..487].copy_from_slice(b"14706400000");
        star[508..512].copy_from_slice(b"tar\0");
        seal(&mut star);
        assert_eq!(parse_header(&star).unwrap().name, b"etc/passwd");
    }

    #[test]
    fn a_block_that_is_no_header_says_why() {
        assert_eq!(parse_header(&[0; BLOCK_BYTES]), Err(BadHeader::Zero));
        let mut broken = block(b"a", b"0000000000\0");
        broken[0] = b'b';
        assert_eq!(parse_header(&broken), Err(BadHeader::Checksum));
        assert_eq!(parse_header(&block(b"a", b"0000000xyz\0")), Err(BadHeader::Number));
    }

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(number(b"  644 \0\0"), Some(0o644));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"77777777777\0"), Some((8 << 30) - 1));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\x02\0\0\0\0"), Some(8 << 30));
        assert_eq!(number(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"), Some(u64::MAX >> 1));
        assert_eq!(number(b"\x80\0\0\0\x80\0\0\0\0\0\0\0"), None, "64 bits");
        assert_eq!(number(b"\xff\xff\xff\xff"), None, "negative");
        assert_eq!(number(b"12 34"), None);
    }

    #[test]
    fn a_sum_of_signed_bytes_is_accepted() {
        let mut old = block(b"caf\xe9", b"00000000000\0");
        old[148..156].fill(b' ');
        let sum: i64 = old.iter().map(|&byte| i64::from(byte.cast_signed())).sum();
        old[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert!(parse_header(&old).is_ok());
    }
}
