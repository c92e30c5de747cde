//! Small programs made by hand, for tests: the headers that readers look at, and sections without code.

/// Where the file lies in memory: byte `n` of it at `BASE + n`.
pub(super) const BASE: u64 = 0x40_0000;

const EXEC: u16 = 2;
const DYNAMIC: u16 = 3;

/// An ELF file in the making.
pub(super) struct Elf {
    is_64: bool,
    is_big: bool,
    kind: u16,
    has_loader: bool,
    /// The number of the section that the dynamic linker reads.
    dynamic: Option<usize>,
    sections: Vec<Section>,
}

struct Section {
    name: String,
    kind: u32,
    flags: u64,
    body: Vec<u8>,
    link: u32,
    entry: u64,
}

impl Elf {
    /// Starts a program for 64 bits, lowest byte first.
    pub(super) fn program() -> Self {
        let sections = Vec::new();
        Self { is_64: true, is_big: false, kind: EXEC, has_loader: false, dynamic: None, sections }
    }

    /// Starts a library.
    pub(super) fn library() -> Self {
        Self { kind: DYNAMIC, ..Self::program() }
    }

    /// Has words of 32 bits.
    pub(super) fn of_32(self) -> Self {
        Self { is_64: false, ..self }
    }

    /// Has the highest byte first.
    pub(super) fn big(self) -> Self {
        Self { is_big: true, ..self }
    }

    /// Asks for a loader, as programs do that can be moved.
    pub(super) fn with_loader(self) -> Self {
        Self { has_loader: true, ..self }
    }

    /// Says that it is a program although it could be loaded as a library.
    pub(super) fn that_moves(self) -> Self {
        let mut table = Vec::new();
        for word in [0x6fff_fffb, 0x0800_0000, 0, 0] {
            self.word(word, if self.is_64 { 8 } else { 4 }, &mut table);
        }
        Self { dynamic: Some(self.sections.len()), ..self }.with_section(".dynamic", 6, 3, &table)
    }

    /// Adds data that may be written to.
    pub(super) fn with(self, name: &str, body: &[u8]) -> Self {
        self.with_section(name, 1, 3, body)
    }

    /// Adds a section that only tells of code which is not there, as files for debuggers do.
    pub(super) fn with_outline(self) -> Self {
        self.with_section(".text", 8, 6, b"")
    }

    fn with_section(mut self, name: &str, kind: u32, flags: u64, body: &[u8]) -> Self {
        let (name, body) = (name.to_owned(), body.to_vec());
        self.sections.push(Section { name, kind, flags, body, link: 0, entry: 0 });
        self
    }

    /// Adds one note in a section of this name.
    pub(super) fn with_note(self, section: &str, owner: &[u8], kind: u32, text: &[u8]) -> Self {
        let mut body = Vec::new();
        for word in [owner.len() as u32, text.len() as u32, kind] {
            self.word(u64::from(word), 4, &mut body);
        }
        for part in [owner, text] {
            body.extend_from_slice(part);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        self.with_section(section, 7, 2, &body)
    }

    /// Adds symbols of data: name, address, size.
    pub(super) fn with_symbols(mut self, symbols: &[(&str, u64, u64)]) -> Self {
        let (mut names, mut table) = (vec![0], vec![0; if self.is_64 { 24 } else { 16 }]);
        for (name, address, size) in symbols {
            let at = names.len() as u64;
            names.extend_from_slice(name.as_bytes());
            names.push(0);
            self.word(at, 4, &mut table);
            if self.is_64 {
                table.extend_from_slice(&[0x11, 0]);
                self.word(1, 2, &mut table);
                self.word(*address, 8, &mut table);
                self.word(*size, 8, &mut table);
            } else {
                self.word(*address, 4, &mut table);
                self.word(*size, 4, &mut table);
                table.extend_from_slice(&[0x11, 0]);
                self.word(1, 2, &mut table);
            }
        }
        let entry = if self.is_64 { 24 } else { 16 };
        let link = self.sections.len() as u32 + 2;
        let name = ".symtab".to_owned();
        self.sections.push(Section { name, kind: 2, flags: 0, body: table, link, entry });
        self.with_section(".strtab", 3, 0, &names)
    }

    /// Returns the address that a section of this number will have, counted from 0.
    pub(super) fn address(&self, number: usize) -> u64 {
        let (header, segment) = if self.is_64 { (64, 56) } else { (52, 32) };
        let before = self.sections[..number].iter();
        let before: u64 =
            before.map(|section| section.body.len().next_multiple_of(16) as u64).sum();
        BASE + u64::next_multiple_of(header + 2 * segment, 16) + before
    }

    /// Writes the file.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (header, segment, word) = if self.is_64 { (64u64, 56, 8) } else { (52, 32, 4) };
        let mut names = vec![0];
        let mut bodies = Vec::new();
        let start = (header + 2 * segment).next_multiple_of(16);
        let mut rows: Vec<[u64; 8]> = Vec::new();
        let table = Section {
            name: ".shstrtab".to_owned(),
            kind: 3,
            flags: 0,
            body: Vec::new(),
            link: 0,
            entry: 0,
        };
        for section in self.sections.iter().chain([&table]) {
            let name = names.len() as u64;
            names.extend_from_slice(section.name.as_bytes());
            names.push(0);
            let at = start + bodies.len() as u64;
            let body =
                if section.name == table.name { names.clone() } else { section.body.clone() };
            let kind = u64::from(section.kind);
            let link = u64::from(section.link);
            let address = if section.flags == 0 { 0 } else { BASE + at };
            rows.push([
                name,
                kind,
                section.flags,
                address,
                at,
                body.len() as u64,
                link,
                section.entry,
            ]);
            bodies.extend_from_slice(&body);
            bodies.resize(bodies.len().next_multiple_of(16), 0);
        }
        let end = start + bodies.len() as u64;
        let mut file =
            vec![0x7f, b'E', b'L', b'F', 1 + u8::from(self.is_64), 1 + u8::from(self.is_big), 1];
        file.resize(16, 0);
        let mut put = |value: u64, bytes: usize| self.word(value, bytes, &mut file);
        let machine = if self.is_64 { 62 } else { 8 };
        put(u64::from(self.kind), 2);
        put(machine, 2);
        put(1, 4);
        put(BASE + start, word);
        put(header, word);
        put(end, word);
        put(0, 4);
        put(header, 2);
        put(segment, 2);
        put(2, 2);
        put(if self.is_64 { 64 } else { 40 }, 2);
        put(rows.len() as u64 + 1, 2);
        put(rows.len() as u64, 2);
        self.segment(1, 0, end, &mut file);
        match self.dynamic {
            Some(number) => {
                let size = self.sections[number].body.len() as u64;
                self.segment(2, self.address(number) - BASE, size, &mut file);
            }
            None => self.segment(if self.has_loader { 3 } else { 0 }, 0, 0, &mut file),
        }
        file.resize(start as usize, 0);
        file.extend_from_slice(&bodies);
        for row in [[0; 8]].iter().chain(&rows) {
            self.row(row, &mut file);
        }
        file
    }

    fn segment(&self, kind: u64, at: u64, size: u64, file: &mut Vec<u8>) {
        let to = BASE + at;
        let fields: &[(u64, usize)] = if self.is_64 {
            &[(kind, 4), (7, 4), (at, 8), (to, 8), (to, 8), (size, 8), (size, 8), (16, 8)]
        } else {
            &[(kind, 4), (at, 4), (to, 4), (to, 4), (size, 4), (size, 4), (7, 4), (16, 4)]
        };
        for (value, bytes) in fields {
            self.word(*value, *bytes, file);
        }
    }

    fn row(&self, row: &[u64; 8], file: &mut Vec<u8>) {
        let [name, kind, flags, address, at, size, link, entry] = *row;
        let word = if self.is_64 { 8 } else { 4 };
        let align = if kind == 7 { 4 } else { 16 };
        let fields = [
            (name, 4),
            (kind, 4),
            (flags, word),
            (address, word),
            (at, word),
            (size, word),
            (link, 4),
            (0, 4),
            (align, word),
            (entry, word),
        ];
        for (value, bytes) in fields {
            self.word(value, bytes, file);
        }
    }

    /// Writes a number as the file does.
    pub(super) fn word(&self, value: u64, bytes: usize, into: &mut Vec<u8>) {
        let all = value.to_be_bytes();
        let mut number = all[8 - bytes..].to_vec();
        if !self.is_big {
            number.reverse();
        }
        into.extend_from_slice(&number);
    }
}

/// Returns the build information as Go writes it since 1.18.
pub(super) fn build_info(version: &str, list: &str) -> Vec<u8> {
    let mut info = b"\xff Go buildinf:\x08\x02".to_vec();
    info.resize(32, 0);
    let list = if list.is_empty() { Vec::new() } else { marked(list) };
    for text in [version.as_bytes(), &list] {
        let mut length = text.len();
        while length >= 0x80 {
            info.push(0x80 | (length & 0x7f) as u8);
            length >>= 7;
        }
        info.push(length as u8);
        info.extend_from_slice(text);
    }
    info
}

/// Puts the marks of the linker around a list of modules.
pub(super) fn marked(list: &str) -> Vec<u8> {
    [&[0x30; 16][..], list.as_bytes(), &[0x31; 16]].concat()
}

/// Returns a program of Windows with one section `.data`; as a library where the `flags` say so.
pub(super) fn pe(flags: u16, data: &[u8]) -> Vec<u8> {
    let mut file = b"MZ".to_vec();
    file.resize(60, 0);
    let size = data.len() as u32;
    put(&[(64, 4)], &mut file);
    file.extend_from_slice(b"PE\0\0");
    put(
        &[(0x8664, 2), (1, 2), (0, 4), (0, 4), (0, 4), (240, 2), (0x22 | u32::from(flags), 2)],
        &mut file,
    );
    let start = file.len();
    // The rest of the optional header is zeros: no table of the loader is looked at.
    put(&[(0x20b, 2)], &mut file);
    file.resize(start + 24, 0);
    put(&[(0x4000_0000, 4), (1, 4), (0x1000, 4), (0x200, 4)], &mut file);
    file.resize(start + 68, 0);
    put(&[(3, 2)], &mut file);
    file.resize(start + 108, 0);
    put(&[(16, 4)], &mut file);
    file.resize(start + 240, 0);
    file.extend_from_slice(b".data\0\0\0");
    put(&[(size, 4), (0x1000, 4), (size, 4), (0x200, 4)], &mut file);
    put(&[(0, 4), (0, 4), (0, 4), (0xc000_0040, 4)], &mut file);
    file.resize(0x200, 0);
    file.extend_from_slice(data);
    file
}

/// Returns a program of Apple's with one section of this name in the segment `__DATA`.
pub(super) fn mach_o(name: &str, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let size = data.len() as u32;
    put(&[(0xfeed_facf, 4), (0x0100_0007, 4), (3, 4), (2, 4), (1, 4), (152, 4)], &mut file);
    put(&[(0, 4), (0, 4), (0x19, 4), (152, 4)], &mut file);
    let label = |text: &str, file: &mut Vec<u8>| {
        let end = file.len() + 16;
        file.extend_from_slice(text.as_bytes());
        file.resize(end, 0);
    };
    label("__DATA", &mut file);
    put(
        &[(0x1000, 8), (size, 8), (0x200, 8), (size, 8), (3, 4), (3, 4), (1, 4), (0, 4)],
        &mut file,
    );
    label(name, &mut file);
    label("__DATA", &mut file);
    put(&[(0x1000, 8), (size, 8), (0x200, 4), (4, 4)], &mut file);
    file.resize(0x200, 0);
    file.extend_from_slice(data);
    file
}

/// Writes numbers with the lowest byte first, each with its bytes.
fn put(numbers: &[(u32, usize)], file: &mut Vec<u8>) {
    for (number, bytes) in numbers {
        file.extend_from_slice(&u64::from(*number).to_le_bytes()[..*bytes]);
    }
}
