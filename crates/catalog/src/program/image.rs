//! A file of machine code: its format, its sections, and what lies at an address.
//!
//! The formats are those of the System V ABI (ELF), of Microsoft's PE specification and of Apple's
//! `mach-o/loader.h`; every offset is checked by the crate `object`, which reads nothing before it is
//! asked for.

use object::macho::{FatArch32, FatArch64};
use object::read::elf::{Dyn as _, ElfFile, FileHeader, ProgramHeader as _};
use object::read::macho::{FatArch, MachOFatFile};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader as _, PeFile};
use object::{
    Architecture, File, FileFlags, Object as _, ObjectKind, ObjectSection as _, ObjectSegment as _,
};
use object::{ObjectSymbol as _, SectionKind, elf, pe};

/// The most sections of one file; object files of large programs have some ten thousand.
const MAX_SECTIONS: usize = 200_000;
/// The most symbols that are looked at; large programs that were not stripped have half a million.
const MAX_SYMBOLS: usize = 1_000_000;
/// The most programs for other machines in one file of Apple's.
const MAX_SLICES: usize = 16;
/// The longest build id, in bytes; usual are 16 and 20.
const MAX_BUILD_ID_BYTES: usize = 64;

/// The formats of programs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// Linux and most others.
    Elf,
    /// Windows and .NET.
    Pe,
    /// Apple.
    MachO,
}

/// One program or library.
#[derive(Debug)]
pub(crate) struct Image<'a> {
    /// Its path from the root: `usr/local/bin/node`.
    pub(crate) path: &'a str,
    /// All its bytes.
    pub(crate) body: &'a [u8],
    /// Its format.
    pub(crate) format: Format,
    /// Its tables; `None` when they cannot be read.
    file: Option<File<'a>>,
}

/// Go's names of machines.
const MACHINES: &[(Architecture, &str)] = &[
    (Architecture::Aarch64, "arm64"),
    (Architecture::Arm, "arm"),
    (Architecture::I386, "386"),
    (Architecture::LoongArch64, "loong64"),
    (Architecture::Mips, "mips"),
    (Architecture::Mips64, "mips64"),
    (Architecture::PowerPc64, "ppc64"),
    (Architecture::Riscv64, "riscv64"),
    (Architecture::S390x, "s390x"),
    (Architecture::X86_64, "amd64"),
];

/// How files of each format begin.
const MAGICS: &[(&[u8], Format)] = &[
    (b"\x7fELF", Format::Elf),
    (b"MZ", Format::Pe),
    (&[0xcf, 0xfa, 0xed, 0xfe], Format::MachO),
    (&[0xce, 0xfa, 0xed, 0xfe], Format::MachO),
    (&[0xfe, 0xed, 0xfa, 0xcf], Format::MachO),
    (&[0xfe, 0xed, 0xfa, 0xce], Format::MachO),
];

impl<'a> Image<'a> {
    /// Looks at a file; `None` when it is no program. Of a file for several machines it is the first.
    pub(crate) fn open(path: &'a str, body: &'a [u8]) -> Option<Self> {
        let (_, format) = MAGICS.iter().find(|(magic, _)| body.starts_with(magic))?;
        let file = File::parse(body).ok().filter(|file| count_sections(file) <= MAX_SECTIONS);
        // Two letters make no program.
        if *format == Format::Pe && file.is_none() {
            return None;
        }
        Some(Self { path, body, format: *format, file })
    }

    /// Looks at a file that may hold one program for each of several machines, as Apple's do; those
    /// beyond [`MAX_SLICES`] are left out.
    pub(crate) fn open_all(path: &'a str, body: &'a [u8]) -> Vec<Self> {
        let slices = match body.get(..4) {
            Some([0xca, 0xfe, 0xba, 0xbe]) => slices::<FatArch32>(body),
            Some([0xca, 0xfe, 0xba, 0xbf]) => slices::<FatArch64>(body),
            _ => vec![body],
        };
        slices.into_iter().filter_map(|slice| Self::open(path, slice)).collect()
    }

    /// Returns the name of the file itself: `node`.
    pub(crate) fn file_name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// Returns whether its tables can be read; without them it has no sections, symbols or addresses.
    pub(crate) fn is_sound(&self) -> bool {
        self.file.is_some()
    }

    /// Returns whether it has sections; a program runs without.
    pub(crate) fn has_sections(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.sections().next().is_some())
    }

    /// Returns whether it has a section of this name, with bytes or without.
    pub(crate) fn has_section(&self, name: &str) -> bool {
        self.file.as_ref().is_some_and(|file| section(file, name).is_some())
    }

    /// Returns the bytes of the first section of this name, `.go.buildinfo` or `__go_buildinfo`, as
    /// they lie in the file; `None` where there is none, or it reaches beyond the file.
    pub(crate) fn section(&self, name: &str) -> Option<&'a [u8]> {
        section(self.file.as_ref()?, name)?.data().ok()
    }

    /// Returns the bytes of the data that the program may write to: sections, or segments where it has
    /// no sections, in the order of the file, at most [`MAX_SECTIONS`].
    pub(crate) fn writable_data(&self) -> Vec<&'a [u8]> {
        let Some(file) = &self.file else { return Vec::new() };
        let sections = file.sections().filter(|section| section.kind() == SectionKind::Data);
        let mut found: Vec<_> = sections.filter_map(|section| section.data().ok()).collect();
        if found.is_empty() {
            found.extend(file.segments().take(MAX_SECTIONS).filter_map(|part| part.data().ok()));
        }
        found
    }

    /// Returns `length` bytes at an address of the running program; `None` where it has none there.
    pub(crate) fn bytes_at(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        let file = self.file.as_ref()?;
        let mut segments = file.segments().take(MAX_SECTIONS);
        segments.find_map(|segment| segment.data_range(address, length).ok().flatten())
    }

    /// Returns whether numbers in it begin with their lowest byte.
    pub(crate) fn is_little_endian(&self) -> bool {
        self.file.as_ref().is_none_or(object::Object::is_little_endian)
    }

    /// Returns address and size of the symbols that are defined, of the whole table and of that of the
    /// dynamic linker, for which `wanted` holds, at most `most` of them. Of Apple's the `_` in front is
    /// left out.
    pub(crate) fn symbols(&self, wanted: &dyn Fn(&str) -> bool, most: usize) -> Vec<Symbol<'a>> {
        let Some(file) = &self.file else { return Vec::new() };
        let all = file.symbols().chain(file.dynamic_symbols()).take(MAX_SYMBOLS);
        let named = all.filter(object::ObjectSymbol::is_definition).filter_map(|symbol| {
            let name = symbol.name().ok()?;
            let name = match self.format {
                Format::MachO => name.strip_prefix('_').unwrap_or(name),
                _ => name,
            };
            wanted(name).then(|| Symbol { name, address: symbol.address(), size: symbol.size() })
        });
        named.take(most).collect()
    }

    /// Returns the build id of an ELF file, hex.
    pub(crate) fn build_id(&self) -> Option<String> {
        use std::fmt::Write as _;
        let id = self.file.as_ref().filter(|_| self.format == Format::Elf)?.build_id().ok()??;
        let id = Some(id).filter(|id| !id.is_empty() && id.len() <= MAX_BUILD_ID_BYTES)?;
        Some(id.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    /// Returns the machine it is made for, by Go's name: `amd64`; of a system other than Linux with its name,
    /// `windows/amd64`. `None` where either is another or cannot be told.
    pub(crate) fn platform(&self) -> Option<String> {
        let file = self.file.as_ref()?;
        let (_, arch) = MACHINES.iter().find(|(machine, _)| *machine == file.architecture())?;
        let arch = match *arch {
            "ppc64" | "mips" | "mips64" if file.is_little_endian() => format!("{arch}le"),
            arch => arch.to_owned(),
        };
        Some(match file.flags() {
            FileFlags::Elf { os_abi: elf::ELFOSABI_NONE | elf::ELFOSABI_GNU, .. } => arch,
            FileFlags::Coff { .. } => format!("windows/{arch}"),
            FileFlags::MachO { .. } => format!("darwin/{arch}"),
            _ => return None,
        })
    }

    /// Returns whether it is there to be run: no library, no part of the kernel, no file for debuggers.
    pub(crate) fn is_program(&self) -> bool {
        match &self.file {
            Some(File::Elf32(file)) => is_elf_program(file),
            Some(File::Elf64(file)) => is_elf_program(file),
            Some(File::Pe32(file)) => is_pe_program(file),
            Some(File::Pe64(file)) => is_pe_program(file),
            Some(file) => file.kind() == ObjectKind::Executable,
            None => false,
        }
    }
}

/// A symbol that is defined.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Symbol<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Where it lies in the running program.
    pub(crate) address: u64,
    /// Its bytes; 0 where the format does not tell.
    pub(crate) size: u64,
}

fn count_sections(file: &File<'_>) -> usize {
    file.sections().take(MAX_SECTIONS + 1).count()
}

fn section<'a, 'f>(file: &'f File<'a>, name: &str) -> Option<object::Section<'a, 'f>> {
    file.sections().find(|section| section.name_bytes().is_ok_and(|own| own == name.as_bytes()))
}

fn slices<Arch: FatArch>(body: &[u8]) -> Vec<&[u8]> {
    let Ok(fat) = MachOFatFile::<Arch>::parse(body) else { return Vec::new() };
    let arches = fat.arches().iter().take(MAX_SLICES);
    arches.filter_map(|arch| arch.data(body).ok()).collect()
}

/// A program has a fixed place, asks for a loader, or says that it is one; what has only the outline of
/// its code is there for debuggers.
fn is_elf_program<Elf: FileHeader>(file: &ElfFile<'_, Elf>) -> bool {
    let (endian, header) = (file.endian(), file.elf_header());
    let is_outline = file
        .section_by_name(".text")
        .is_some_and(|text| text.kind() == SectionKind::UninitializedData);
    if is_outline || header.e_entry(endian).into() == 0 {
        return false;
    }
    match header.e_type(endian) {
        elf::ET_EXEC => true,
        elf::ET_DYN => {
            let segments = || file.elf_program_headers().iter();
            let has_loader = segments().any(|part| part.p_type(endian) == elf::PT_INTERP);
            has_loader
                || segments()
                    .filter_map(|part| part.dynamic(endian, file.data()).ok().flatten())
                    .flatten()
                    .any(|entry| {
                        entry.d_tag(endian) == elf::DT_FLAGS_1
                            && entry.d_val(endian).into() & elf::DF_1_PIE.0 != 0
                    })
        }
        _ => false,
    }
}

fn is_pe_program<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> bool {
    let headers = file.nt_headers();
    let flags = headers.file_header().characteristics.get(object::LittleEndian);
    let subsystem = headers.optional_header().subsystem();
    let runs =
        matches!(subsystem, pe::IMAGE_SUBSYSTEM_WINDOWS_GUI | pe::IMAGE_SUBSYSTEM_WINDOWS_CUI);
    runs && !flags.contains(pe::IMAGE_FILE_DLL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::made::Elf;

    #[test]
    fn sections_have_a_limit() {
        let table = |count: u64, stated: u64| {
            let mut bytes = Elf::program().bytes();
            let start = bytes.len();
            bytes[40..48].copy_from_slice(&(start as u64).to_le_bytes());
            // With none in the header, the first section says how many there are; their names are nowhere.
            bytes[60..62].fill(0);
            bytes[62..64].fill(0xff);
            bytes.resize(start + 64 * count as usize, 0);
            bytes[start + 32..start + 40].copy_from_slice(&stated.to_le_bytes());
            bytes
        };
        let is_sound = |bytes: &[u8]| Image::open("a", bytes).unwrap().is_sound();
        let most = MAX_SECTIONS as u64;
        let last = (most - 2..most + 3).find(|&count| !is_sound(&table(count, count)));
        assert!(last.is_some_and(|last| last > most), "{last:?}");
        assert!(!is_sound(&table(10, u64::MAX)), "more than the file has");
    }

    #[test]
    fn symbols_have_a_limit() {
        let find = |before: usize| {
            let mut symbols = vec![("", 0, 0); before];
            symbols.push(("last", 1, 2));
            let bytes = Elf::program().with_symbols(&symbols).bytes();
            Image::open("a", &bytes).unwrap().symbols(&|name| name == "last", 4).len()
        };
        // The table begins with one that is none.
        assert_eq!((find(MAX_SYMBOLS - 1), find(MAX_SYMBOLS)), (1, 0));
        let many = Elf::program().with_symbols(&[("a", 1, 1); 9]).bytes();
        assert_eq!(Image::open("a", &many).unwrap().symbols(&|_| true, 4).len(), 4);
    }

    #[test]
    fn machines_of_one_file_and_build_ids_have_a_limit() {
        let elf = Elf::program().bytes();
        let count = MAX_SLICES as u32 + 4;
        let mut fat = [&[0xca, 0xfe, 0xba, 0xbe][..], &count.to_be_bytes()].concat();
        for _ in 0..count {
            for word in [7, 3, 1024, elf.len() as u32, 0] {
                fat.extend_from_slice(&u32::to_be_bytes(word));
            }
        }
        fat.resize(1024, 0);
        fat.extend_from_slice(&elf);
        assert_eq!(Image::open_all("a", &fat).len(), MAX_SLICES);
        for (bytes, is_told) in [(MAX_BUILD_ID_BYTES, true), (MAX_BUILD_ID_BYTES + 1, false)] {
            let elf = Elf::program().with_note(".note.gnu.build-id", b"GNU\0", 3, &vec![1; bytes]);
            assert_eq!(Image::open("a", &elf.bytes()).unwrap().build_id().is_some(), is_told);
        }
    }

    #[test]
    fn the_machine_stands_in_the_header() {
        let platform = |bytes: &[u8]| Image::open("a", bytes).unwrap().platform();
        let elf = |machine: u16, system: u8| {
            let mut bytes = Elf::program().bytes();
            bytes[18..20].copy_from_slice(&machine.to_le_bytes());
            bytes[7] = system;
            platform(&bytes)
        };
        assert_eq!(elf(62, 0).as_deref(), Some("amd64"));
        assert_eq!(elf(183, 3).as_deref(), Some("arm64"));
        assert_eq!(elf(21, 0).as_deref(), Some("ppc64le"));
        assert_eq!(elf(62, 9), None, "FreeBSD");
        assert_eq!(elf(0xffff, 0), None);
        let mut apple = vec![0xcf, 0xfa, 0xed, 0xfe];
        for word in [0x0100_000c_u32, 0, 2, 0, 0, 0, 0] {
            apple.extend_from_slice(&word.to_le_bytes());
        }
        assert_eq!(platform(&apple).as_deref(), Some("darwin/arm64"));
    }

    #[test]
    fn bytes_are_found_by_their_address() {
        let elf = Elf::program().with(".data", b"abcdef");
        let (at, bytes) = (elf.address(0), elf.bytes());
        let image = Image::open("a", &bytes).unwrap();
        assert_eq!(image.bytes_at(at + 2, 3), Some(&b"cde"[..]));
        assert_eq!(image.bytes_at(at, u64::MAX), None);
        assert_eq!(image.bytes_at(u64::MAX, 1), None);
        assert_eq!(image.section(".data"), Some(&b"abcdef"[..]));
        assert!(image.section(".none").is_none() && image.has_sections());
    }
}
