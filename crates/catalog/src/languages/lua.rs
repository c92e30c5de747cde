//! Installed rocks of LuaRocks: the rockspec in the tree of rocks.
//!
//! A rockspec is a Lua program (<https://github.com/luarocks/luarocks/wiki/Rockspec-format>) whose plain
//! assignments are read and which is never run. An installed one lies at
//! `rocks-5.1/NAME/VERSION/NAME-VERSION.rockspec`; others are sources.

use plimsoll_model::{FileYield, Package, Want};

use super::{add_license, ends, of_one, package, quoted, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "lua",
    version: 1,
    wants: &[Want::Suffix(".rockspec")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

fn read(input: &FileInput<'_>) -> FileYield {
    let ends = ends(input.path);
    let [_, version, name, rocks, ..] = ends.as_slice() else { return FileYield::default() };
    if *rocks != "rocks" && !rocks.starts_with("rocks-") {
        return FileYield::default();
    }
    of_one(parse_rockspec(name, version, input.body), "rock")
}

/// Reads a rockspec in a folder of this name and version, which stand in for what it computes.
///
/// ```text
/// package = "luasocket"
/// version = "3.1.0-1"
/// description = {
///    license = "MIT"
/// }
/// ```
fn parse_rockspec(name: &str, version: &str, body: &[u8]) -> Option<Package> {
    let text = text(body);
    let field = |wanted: &str| {
        text.lines().find_map(|line| {
            let (left, right) = line.split_once('=')?;
            let is_literal = right.trim_start().starts_with(['"', '\'']) && !right.contains("..");
            (left.trim() == wanted && is_literal).then(|| quoted(right))?
        })
    };
    let name = field("package").unwrap_or(name);
    let mut package = package("luarocks", name, field("version").unwrap_or(version))?;
    add_license(&mut package, field("license").unwrap_or_default());
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rockspecs_are_read_and_not_run() {
        let body = b"package = \"LuaSocket\"\nlocal v = \"3.1.0\"\nversion = v .. \"-1\"\n\
            description = {\n   license = 'MIT',\n}\n";
        let package = parse_rockspec("luasocket", "3.1.0-1", body).unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("LuaSocket", "3.1.0-1"));
        assert_eq!(package.licenses, ["MIT"]);
    }

    #[test]
    fn only_the_tree_of_rocks_counts() {
        let read = |path| read(&FileInput { path, body: b"" }).packages.len();
        assert_eq!(read("usr/local/lib/luarocks/rocks-5.1/lpeg/1.0.2-1/lpeg-1.0.2-1.rockspec"), 1);
        assert_eq!(read("srv/lpeg/rocks/lpeg/lpeg-1.0.2-1.rockspec"), 0);
        assert_eq!(read("lpeg-1.0.2-1.rockspec"), 0);
    }
}
