//! The version resource of a PE file: what its maker wrote into it.
//!
//! The layout is that of "PE Format" (<https://learn.microsoft.com/windows/win32/debug/pe-format>) and of
//! `VS_VERSIONINFO` (<https://learn.microsoft.com/windows/win32/menurc/vs-versioninfo>). All numbers are little
//! endian; every offset is checked, and what lies outside the file is as if it were not there.

/// The most sections; the loader of Windows takes no more.
const MAX_SECTIONS: usize = 96;
/// The most entries of one directory of resources that are looked at.
const MAX_DIRECTORY_ENTRIES: usize = 4096;
/// The most texts of a version resource.
const MAX_TEXTS: usize = 200;
/// The longest text, in UTF-16 units.
const MAX_TEXT_UNITS: usize = 500;

/// The number of the resources that state versions.
const RT_VERSION: u32 = 16;
/// Which directories of the optional header point to resources, and to the data of the common language runtime.
const RESOURCES: usize = 2;
const RUNTIME: usize = 14;

/// What a PE file says of itself.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Stated {
    /// It is an assembly of .NET, and no native program.
    pub(super) is_managed: bool,
    /// Names and texts: `ProductVersion`, `13.0.1+ae9fe44`.
    pub(super) texts: Vec<(String, String)>,
}

impl Stated {
    /// Returns a text without blanks around it; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, text)| text.trim())
    }
}

/// Reads what a PE file says; `None` when it is no PE file. One without a version resource has no texts.
pub(super) fn read(body: &[u8]) -> Option<Stated> {
    let file = Pe::open(body)?;
    let is_managed = file.directory(RUNTIME).is_some();
    let texts = file.version().map(texts).unwrap_or_default();
    Some(Stated { is_managed, texts })
}

struct Pe<'a> {
    body: &'a [u8],
    /// The directories of the optional header: address and size, 8 bytes each.
    directories: &'a [u8],
    /// The table of sections, 40 bytes each.
    sections: &'a [u8],
}

impl<'a> Pe<'a> {
    fn open(body: &'a [u8]) -> Option<Self> {
        let header = u32_at(body, 0x3c)? as usize;
        if !body.starts_with(b"MZ") || body.get(header..header.checked_add(4)?)? != b"PE\0\0" {
            return None;
        }
        let count = usize::from(u16_at(body, header + 6)?).min(MAX_SECTIONS);
        let size = usize::from(u16_at(body, header + 20)?);
        let optional = body.get(header + 24..)?.get(..size)?;
        let at = match u16_at(optional, 0)? {
            0x10b => 96,
            0x20b => 112,
            _ => return None,
        };
        let directories = optional.get(at..).unwrap_or_default();
        let table = body.get(header + 24 + size..).unwrap_or_default();
        let sections = &table[..table.len().min(count * 40)];
        Some(Self { body, directories, sections })
    }

    /// Returns address and size of a directory that is there.
    fn directory(&self, index: usize) -> Option<(u32, u32)> {
        let (address, size) =
            (u32_at(self.directories, index * 8)?, u32_at(self.directories, index * 8 + 4)?);
        (address != 0 && size != 0).then_some((address, size))
    }

    /// Returns the bytes from an address to the end of its section.
    fn at(&self, address: u32) -> Option<&'a [u8]> {
        self.sections.chunks_exact(40).find_map(|section| {
            let (size, start) = (u32_at(section, 16)?, u32_at(section, 20)?);
            let offset = address.checked_sub(u32_at(section, 12)?)?;
            let length = size.checked_sub(offset)?;
            let start = (start as usize).checked_add(offset as usize)?;
            let bytes = self.body.get(start..)?;
            (length > 0).then(|| &bytes[..bytes.len().min(length as usize)])
        })
    }

    /// Returns the bytes of the version resource, in whatever language comes first.
    fn version(&self) -> Option<&'a [u8]> {
        let (address, _) = self.directory(RESOURCES)?;
        let root = self.at(address)?;
        let names = entry(root, 0, Some(RT_VERSION))?;
        let languages = entry(root, names.checked_sub(1 << 31)?, None)?;
        let data = entry(root, languages.checked_sub(1 << 31)?, None)? as usize;
        let (address, size) = (u32_at(root, data)?, u32_at(root, data.checked_add(4)?)?);
        let bytes = self.at(address)?;
        Some(&bytes[..bytes.len().min(size as usize)])
    }
}

/// Returns where an entry of the directory at `at` leads: the one with this number, or the first.
fn entry(root: &[u8], at: u32, number: Option<u32>) -> Option<u32> {
    let directory = root.get(at as usize..)?;
    let count = usize::from(u16_at(directory, 12)?) + usize::from(u16_at(directory, 14)?);
    (0..count.min(MAX_DIRECTORY_ENTRIES)).find_map(|index| {
        let (name, leads) =
            (u32_at(directory, 16 + index * 8)?, u32_at(directory, 20 + index * 8)?);
        number.is_none_or(|number| number == name).then_some(leads)
    })
}

/// Reads the texts of the first table of texts: `VS_VERSION_INFO`, in it `StringFileInfo`, in it a table for
/// each language.
fn texts(resource: &[u8]) -> Vec<(String, String)> {
    let root = Blocks { rest: resource }.next();
    let info = root.and_then(|root| {
        Blocks { rest: root.children() }.find(|block| block.key == "StringFileInfo")
    });
    let table = info.and_then(|info| Blocks { rest: info.children() }.next());
    let entries = table.map(|table| Blocks { rest: table.children() }).into_iter().flatten();
    entries.take(MAX_TEXTS).map(|entry| (entry.key, utf16(entry.content).0)).collect()
}

/// One block of a version resource.
struct Block<'a> {
    key: String,
    /// The bytes of its value.
    value_bytes: usize,
    /// What follows the key: the value, then the blocks in it.
    content: &'a [u8],
}

impl<'a> Block<'a> {
    fn children(&self) -> &'a [u8] {
        self.content.get(self.value_bytes.next_multiple_of(4)..).unwrap_or_default()
    }
}

/// The blocks that follow each other, each at a multiple of four bytes.
struct Blocks<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let length = usize::from(u16_at(self.rest, 0)?);
        let value_bytes = usize::from(u16_at(self.rest, 2)?);
        let whole = self.rest.get(..length)?;
        let (key, key_bytes) = utf16(whole.get(6..)?);
        let content = whole.get((6 + key_bytes).next_multiple_of(4)..).unwrap_or_default();
        self.rest = self.rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(Block { key, value_bytes, content })
    }
}

/// Returns the text up to the first NUL or [`MAX_TEXT_UNITS`], and the bytes that it took, the NUL included.
fn utf16(bytes: &[u8]) -> (String, usize) {
    let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let units: Vec<u16> = units.take(MAX_TEXT_UNITS).take_while(|unit| *unit != 0).collect();
    (String::from_utf16_lossy(&units), (units.len() + 1) * 2)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn block(key: &str, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; 6];
        key.encode_utf16().chain([0]).for_each(|unit| bytes.extend(unit.to_le_bytes()));
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend_from_slice(value);
        for child in children {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes.extend_from_slice(child);
        }
        let length = u16::try_from(bytes.len()).unwrap();
        bytes[..2].copy_from_slice(&length.to_le_bytes());
        bytes[2..4].copy_from_slice(&u16::try_from(value.len()).unwrap().to_le_bytes());
        bytes
    }

    fn resource(texts: &[(&str, &str)]) -> Vec<u8> {
        let value = |text: &str| -> Vec<u8> {
            text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
        };
        let texts: Vec<Vec<u8>> =
            texts.iter().map(|(name, text)| block(name, &value(text), &[])).collect();
        let info = block("StringFileInfo", &[], &[block("000004b0", &[], &texts)]);
        let other = block("VarFileInfo", &[], &[]);
        block("VS_VERSION_INFO", &[0; 52], &[other, info])
    }

    /// Makes an assembly with these texts: one section at address 0x2000 that holds the resources.
    pub(in super::super) fn assembly(texts: &[(&str, &str)]) -> Vec<u8> {
        let resource = resource(texts);
        let put = |bytes: &mut Vec<u8>, at: usize, value: u32| {
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        };
        let mut section = vec![0; 88];
        for (level, leads) in [(0, 24 + (1 << 31)), (24, 48 + (1 << 31)), (48, 72)] {
            section[level + 14] = 1;
            put(&mut section, level + 16, if level == 0 { RT_VERSION } else { 1 });
            put(&mut section, level + 20, leads);
        }
        put(&mut section, 72, 0x2000 + 88);
        put(&mut section, 76, u32::try_from(resource.len()).unwrap());
        section.extend(resource);
        let mut file = vec![0; 0x200];
        file[..2].copy_from_slice(b"MZ");
        put(&mut file, 0x3c, 0x80);
        file[0x80..0x84].copy_from_slice(b"PE\0\0");
        (file[0x86], file[0x94], file[0x98], file[0x99]) = (1, 0xe0, 0x0b, 0x01);
        let directories = 0x98 + 96;
        for (index, address) in [(RESOURCES, 0x2000), (RUNTIME, 0x2000)] {
            put(&mut file, directories + index * 8, address);
            put(&mut file, directories + index * 8 + 4, 72);
        }
        let table = 0x98 + 0xe0;
        put(&mut file, table + 12, 0x2000);
        put(&mut file, table + 16, u32::try_from(section.len()).unwrap());
        put(&mut file, table + 20, 0x200);
        file.extend(section);
        file
    }

    /// Makes a program with these texts that is no assembly.
    pub(in super::super) fn native(texts: &[(&str, &str)]) -> Vec<u8> {
        let mut file = assembly(texts);
        let directory = 0x98 + 96 + RUNTIME * 8;
        file[directory..directory + 8].fill(0);
        file
    }

    #[test]
    fn texts_are_read() {
        let stated =
            read(&assembly(&[("FileVersion", "1.2.3.4"), ("ProductName", " A\u{e4} ")])).unwrap();
        assert!(stated.is_managed);
        assert_eq!(stated.text("FileVersion"), "1.2.3.4");
        assert_eq!((stated.text("ProductName"), stated.text("x")), ("A\u{e4}", ""));
    }

    #[test]
    fn any_cut_and_any_wrong_byte_is_read() {
        let whole = assembly(&[("FileVersion", "1.2.3.4")]);
        assert_eq!(read(b"MZ"), None);
        for length in 0..whole.len() {
            let _ = read(&whole[..length]);
            let mut wrong = whole.clone();
            for byte in [0xff, 0x80, 0x01] {
                wrong[length] = byte;
                let _ = read(&wrong);
            }
        }
    }

    #[test]
    fn texts_have_limits() {
        let names: Vec<String> = (0..=MAX_TEXTS).map(|number| number.to_string()).collect();
        let texts: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(read(&assembly(&texts)).unwrap().texts.len(), MAX_TEXTS);
        let long = "x".repeat(MAX_TEXT_UNITS + 1);
        let stated = read(&assembly(&[("a", &long)])).unwrap();
        assert_eq!(stated.text("a").len(), MAX_TEXT_UNITS);
        let mut many = assembly(&[("a", "1")]);
        // A directory of more entries than there are: the version is not among those that are looked at.
        many[0x200 + 14..0x200 + 16].copy_from_slice(&[0xff, 0xff]);
        many[0x200 + 16] = 3;
        assert_eq!(read(&many).unwrap().texts, []);
        // Sections beyond the limit are not looked at.
        let mut sections = assembly(&[("a", "1")]);
        sections[0x86..0x88].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(read(&sections).unwrap().text("a"), "1");
        assert_eq!(
            Pe::open(&[sections.clone(), vec![0; 40 * 100]].concat()).unwrap().sections.len(),
            40 * MAX_SECTIONS
        );
    }
}
