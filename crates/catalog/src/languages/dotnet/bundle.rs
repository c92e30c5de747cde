//! Applications of .NET in a single file: a program with a bundle at its end, and in that the list of packages.
//!
//! The layout is that of "Single-file bundler"
//! (<https://github.com/dotnet/designs/blob/main/accepted/2020/single-file/bundler.md>): in the data of the program
//! stands where the header of the bundle is, right before the SHA-256 of `.net core bundle`. The list is stored
//! without compression.

use plimsoll_model::{Evidence, FileYield, Package};

use crate::program::Image;

/// The mark behind the place of the header.
const MARK: [u8; 32] = [
    0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
    0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
];
/// The most files of a bundle that are looked at; those of the first version alone are listed one by one.
const MAX_BUNDLED_FILES: u32 = 100_000;
/// The kind of the list among the files of a bundle.
const KIND_DEPS: u8 = 3;
/// The name of this reader in the evidence.
const NAME: &str = "dotnet-bundle";

/// Reads the list of a bundle; a program that is none yields nothing.
pub(crate) fn read(image: &Image<'_>) -> FileYield {
    let mut places = image.writable_data().into_iter().filter_map(header_place);
    let Some(list) = places.find_map(|place| list(image.body, place)) else {
        return FileYield::default();
    };
    let found = super::parse_deps(list);
    let inner = format!("{}.deps.json", image.file_name());
    let place = |package: Package| Package {
        evidence: vec![Evidence { cataloguer: NAME.to_owned(), path: inner.clone(), layer: None }],
        ..package
    };
    let mut problems = found.problems;
    for problem in &mut problems {
        problem.path.clone_from(&inner);
    }
    let packages = found.packages.into_iter().map(place).collect();
    FileYield { packages, problems, ..FileYield::default() }
}

/// Returns where the header of a bundle is; 0 stands in programs that are none.
fn header_place(data: &[u8]) -> Option<usize> {
    let mark = data.windows(MARK.len()).position(|window| window == MARK)?;
    let place = data.get(mark.checked_sub(8)?..mark)?.first_chunk()?;
    usize::try_from(u64::from_le_bytes(*place)).ok().filter(|place| *place != 0)
}

/// Returns the bytes of the list of packages.
fn list(body: &[u8], header: usize) -> Option<&[u8]> {
    let mut input = Input { rest: body.get(header..)? };
    let major = input.u32()?;
    let (_minor, count) = (input.u32()?, input.u32()?);
    input.text()?;
    if major >= 2 {
        return slice(body, input.u64()?, input.u64()?);
    }
    for _ in 0..count.min(MAX_BUNDLED_FILES) {
        let (start, size, kind) = (input.u64()?, input.u64()?, input.u8()?);
        input.text()?;
        if kind == KIND_DEPS {
            return slice(body, start, size);
        }
    }
    None
}

fn slice(body: &[u8], start: u64, size: u64) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    let bytes = body.get(start..)?.get(..usize::try_from(size).ok()?)?;
    (!bytes.is_empty()).then_some(bytes)
}

struct Input<'a> {
    rest: &'a [u8],
}

impl Input<'_> {
    fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn u32(&mut self) -> Option<u32> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_le_bytes(*bytes))
    }

    fn u64(&mut self) -> Option<u64> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*bytes))
    }

    /// Skips a text that its length precedes, seven bits a byte, the lowest first.
    fn text(&mut self) -> Option<()> {
        let mut length = 0usize;
        for shift in [0, 7, 14] {
            let byte = self.u8()?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                self.rest = self.rest.get(length..)?;
                return Some(());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &[u8] =
        br#"{"runtimeTarget":"t","targets":{"t":{"A/1.0":{"runtime":{"A.dll":{}}}}},
        "libraries":{"A/1.0":{"type":"package"}}}"#;

    /// The data of a program, the header and the list of a bundle, as they follow each other.
    fn bundle(major: u32) -> Vec<u8> {
        let mut body = b"data".to_vec();
        let header = (4 + 8 + MARK.len()) as u64;
        body.extend(header.to_le_bytes());
        body.extend(MARK);
        body.extend([major, 0, 2].iter().flat_map(|number| number.to_le_bytes()));
        body.extend(b"\x02id");
        let size = (LIST.len() as u64).to_le_bytes();
        if major >= 2 {
            let start = body.len() as u64 + 16;
            body.extend(start.to_le_bytes().into_iter().chain(size));
        } else {
            body.extend([0; 16].into_iter().chain([1, 1, b'x']));
            let start = body.len() as u64 + 19;
            body.extend(start.to_le_bytes().into_iter().chain(size).chain([KIND_DEPS, 1, b'y']));
        }
        body.extend(LIST);
        body
    }

    #[test]
    fn the_list_of_each_version_is_found() {
        for major in [1, 2, 6] {
            let body = bundle(major);
            let place = header_place(&body).unwrap();
            assert_eq!(list(&body, place), Some(LIST), "version {major}");
        }
        assert_eq!(header_place(&[&[0; 8], &MARK[..]].concat()), None);
        assert_eq!(header_place(&MARK), None);
    }

    #[test]
    fn any_cut_is_read_and_the_files_have_a_limit() {
        for major in [1, 2] {
            let body = bundle(major);
            for length in 0..body.len() {
                assert_eq!(list(&body[..length], 44), None);
            }
        }
        let mut many = [1, 0, MAX_BUNDLED_FILES + 1].map(u32::to_le_bytes).concat();
        many.push(0);
        for number in 0..=MAX_BUNDLED_FILES {
            let kind = if number == MAX_BUNDLED_FILES { KIND_DEPS } else { 1 };
            many.extend([0; 8].into_iter().chain(4u64.to_le_bytes()).chain([kind, 0]));
        }
        assert_eq!(list(&many, 0), None);
        many[8..12].copy_from_slice(&5u32.to_le_bytes());
        many[13 + 16] = KIND_DEPS;
        assert_eq!(list(&many, 0), Some(&many[..4]));
    }
}
