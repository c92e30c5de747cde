//! A file of machine code: its format and its bytes.

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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image<'a> {
    /// Its path from the root: `usr/local/bin/node`.
    pub(crate) path: &'a str,
    /// All its bytes.
    pub(crate) body: &'a [u8],
    /// Its format.
    pub(crate) format: Format,
}

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
    /// Looks at a file; `None` when it is no program.
    pub(crate) fn open(path: &'a str, body: &'a [u8]) -> Option<Self> {
        let (_, format) = MAGICS.iter().find(|(magic, _)| body.starts_with(magic))?;
        Some(Self { path, body, format: *format })
    }

    /// Returns the name of the file itself: `node`.
    pub(crate) fn file_name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}
