//! Packages in the cache of Conan: `conaninfo.txt` of each binary.
//!
//! Conan 1 keeps it at `.conan/data/NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt`, where the path names the
//! package (Conan 1.66 manual, "Binary packages"). Paths of Conan 2 name none (`.conan2/p/b/zlib1234/p`), so there
//! only what a binary requires is known (<https://docs.conan.io/2/reference/conanfile/attributes.html>).

use plimsoll_model::{Confidence, FileYield, Package, Want};

use super::{ends, package, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "conan",
    version: 1,
    wants: &[Want::Name("conaninfo.txt")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The most packages that one binary requires.
const MAX_REQUIRED: usize = 1_000;

fn read(input: &FileInput<'_>) -> FileYield {
    let mut found = FileYield::default();
    let own = match ends(input.path).as_slice() {
        [_, _, "package", _, _, version, name, "data", ..] => package("conan", name, version),
        _ => None,
    };
    found.packages.extend(own);
    found.packages.extend(parse_requires(input.body));
    found
}

/// Reads the packages that a binary requires, in the order of the file. Only whole versions count, and not
/// `1.2.Z`, which says that any would do; they are what it was built with, so the confidence is medium.
///
/// ```text
/// [full_requires]
///     openssl/1.1.1q:4d84b94f
/// ```
fn parse_requires(body: &[u8]) -> Vec<Package> {
    let text = text(body);
    let (mut packages, mut is_inside) = (Vec::<Package>::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            // Conan 1 tells the requirements twice: in short and in full.
            is_inside = line == "[full_requires]" || line == "[requires]";
            continue;
        }
        let Some((name, rest)) = line.split_once('/').filter(|_| is_inside) else { continue };
        let version = rest.split(['@', ':', '#']).next().unwrap_or_default();
        let is_whole = !version.split('.').any(|part| matches!(part, "X" | "Y" | "Z"));
        let Some(package) = package("conan", name, version).filter(|_| is_whole) else { continue };
        if packages.len() < MAX_REQUIRED && !packages.iter().any(|known| known.name == package.name)
        {
            packages.push(Package { confidence: Some(Confidence::Medium), ..package });
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "[settings]\n    os=Linux\n\n[requires]\n    openssl/1.Y.Z\n    zlib/1.2.13\n\n\
        [full_requires]\n    openssl/1.1.1q:4d84\n    zlib/1.2.13#ab:cd\n\n[options]\n    a/b\n";

    #[test]
    fn the_path_and_the_requirements_tell() {
        let path = "root/.conan/data/poco/1.12.4/_/_/package/a1b2/conaninfo.txt";
        let found = read(&FileInput { path, body: INFO.as_bytes() });
        let shown: Vec<_> =
            found.packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(shown, [("poco", "1.12.4"), ("zlib", "1.2.13"), ("openssl", "1.1.1q")]);
        assert_eq!(found.packages[0].confidence, None);
        let path = "root/.conan2/p/b/poco12/p/conaninfo.txt";
        assert_eq!(read(&FileInput { path, body: INFO.as_bytes() }).packages.len(), 2);
    }

    #[test]
    fn the_requirements_have_a_limit() {
        let lines: Vec<String> = (0..=MAX_REQUIRED).map(|n| format!("a{n}/1")).collect();
        let body = format!("[requires]\n{}\n", lines.join("\n"));
        assert_eq!(parse_requires(body.as_bytes()).len(), MAX_REQUIRED);
    }
}
