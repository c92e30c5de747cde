//! Installed packs of SWI-Prolog: `pack/NAME/pack.pl`.
//!
//! A file of facts (<https://www.swi-prolog.org/pldoc/man?section=pack-install>).

use plimsoll_model::{FileYield, Package, Want};

use super::{ends, of_one, package, quoted, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "prolog",
    version: 1,
    wants: &[Want::Name("pack.pl")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    match ends(input.path).as_slice() {
        [_, _, "pack" | "packs", ..] => of_one(parse_pack(input.body), "pack of SWI-Prolog"),
        _ => FileYield::default(),
    }
}

/// Reads the facts of a pack.
///
/// ```text
/// name(hsl).
/// version('1.2.3').
/// ```
fn parse_pack(body: &[u8]) -> Option<Package> {
    let text = text(body);
    let fact = |name: &str| {
        text.lines().find_map(|line| {
            let value = line.trim().strip_prefix(name)?.trim_start().strip_prefix('(')?;
            quoted(value).or_else(|| value.split(')').next())
        })
    };
    package("swiplpack", fact("name")?, fact("version")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read() {
        let body = b"% a pack\nname(hsl).\nversion( '1.2.3').\nauthor('x', 'y').\n";
        let package = parse_pack(body).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("hsl", "1.2.3"));
        assert!(parse_pack(b"name(a).\n").is_none());
        let read = |path| read(&FileInput { path, body }).packages.len();
        assert_eq!((read("root/pack/hsl/pack.pl"), read("src/hsl/pack.pl")), (1, 0));
    }
}
