//! Packages in the cache of Dart's `pub`: a folder `hosted/HOST/NAME-VERSION` for each.
//!
//! Dart keeps nothing else of what it installed (<https://dart.dev/tools/pub/environment-variables>, `PUB_CACHE`);
//! programs that were compiled ahead of time carry no names.

use plimsoll_model::{FileYield, Want};

use super::{ends, of_one, package, split_version};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "dart",
    version: 1,
    wants: &[Want::Beneath("hosted", "/pubspec.yaml")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// Reads name and version from the folder: `hosted/pub.example/http-1.1.0/pubspec.yaml`.
fn read(input: &FileInput<'_>) -> FileYield {
    match ends(input.path).as_slice() {
        ["pubspec.yaml", folder, _, "hosted", ..] => {
            let parts = split_version(folder);
            of_one(parts.and_then(|(name, version)| package("pub", name, version)), "Dart package")
        }
        _ => FileYield::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_tells() {
        let read = |path| read(&FileInput { path, body: b"" });
        let found = read("root/.pub-cache/hosted/pub.example/http-1.1.0-beta.1+2/pubspec.yaml");
        assert_eq!(found.packages[0].version, "1.1.0-beta.1+2");
        assert_eq!(
            read("hosted/pub.example/http-1.1.0/example/pubspec.yaml"),
            FileYield::default()
        );
        assert_eq!(read("hosted/pub.example/http/pubspec.yaml").problems.len(), 1);
    }
}
