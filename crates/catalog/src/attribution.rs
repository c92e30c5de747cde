//! Which layer a package of a database came with.
//!
//! Package managers rewrite their whole database, so the layer of the file says little: a package
//! belongs to the lowest layer from which it, with the same version, is there without a gap.

use std::collections::HashSet;

use plimsoll_model::Package;
use plimsoll_model::tree::Version;

use crate::database::Parse;

/// Returns the layer of each of `packages`, in their order. They are those of the newest copy in
/// `history` (lowest first); each older copy is parsed once. Where the bytes of a copy were not
/// kept, what is below it does not count.
pub(crate) fn layers(packages: &[Package], history: &[Version<'_>], parse: Parse) -> Vec<u32> {
    let Some((newest, older)) = history.split_last() else { return vec![0; packages.len()] };
    let mut layers = vec![newest.layer; packages.len()];
    let mut open: Vec<usize> = (0..packages.len()).collect();
    let mut above = newest;
    for copy in older.iter().rev() {
        let Some(body) = copy.body else { break };
        if above.after_gap || open.is_empty() {
            break;
        }
        let (listed, _) = parse(body);
        let listed: HashSet<Key<'_>> = listed.iter().map(key).collect();
        open.retain(|&index| listed.contains(&key(&packages[index])));
        for &index in &open {
            layers[index] = copy.layer;
        }
        above = copy;
    }
    layers
}

type Key<'a> = (&'a str, &'a str, Option<&'a str>);

fn key(package: &Package) -> Key<'_> {
    (&package.name, &package.version, package.arch.as_deref())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::dpkg::parse_status;

    /// Layer, whether after a gap, packages.
    type Copy<'a> = (u32, bool, &'a [(&'a str, &'a str)]);

    fn status(packages: &[(&str, &str)]) -> Vec<u8> {
        let mut body = Vec::new();
        for (name, version) in packages {
            writeln!(body, "Package: {name}\nStatus: install ok installed\nVersion: {version}\n")
                .unwrap();
        }
        body
    }

    fn attributed(copies: &[Copy<'_>]) -> Vec<u32> {
        let bodies: Vec<Vec<u8>> = copies.iter().map(|copy| status(copy.2)).collect();
        let history: Vec<Version<'_>> = copies
            .iter()
            .zip(&bodies)
            .map(|(copy, body)| Version { layer: copy.0, body: Some(body), after_gap: copy.1 })
            .collect();
        let (packages, _) = parse_status(bodies.last().unwrap());
        layers(&packages, &history, parse_status)
    }

    #[test]
    fn a_package_belongs_to_the_layer_that_brought_this_version() {
        let layers = attributed(&[
            (0, false, &[("base", "1"), ("up", "1"), ("back", "1")]),
            (2, false, &[("base", "1"), ("up", "2")]),
            (3, false, &[("base", "1"), ("up", "2"), ("back", "1"), ("new", "1")]),
        ]);
        assert_eq!(layers, [0, 2, 3, 3]);
    }

    #[test]
    fn what_was_removed_and_came_again_belongs_to_the_upper_layer() {
        let layers = attributed(&[(0, false, &[("a", "1")]), (2, true, &[("a", "1")])]);
        assert_eq!(layers, [2]);
    }

    #[test]
    fn a_copy_whose_bytes_are_not_there_ends_the_search() {
        let body = status(&[("a", "1")]);
        let (packages, _) = parse_status(&body);
        let copy = |layer, body| Version { layer, body, after_gap: false };
        let history = [copy(0, Some(&body[..])), copy(1, None), copy(2, Some(&body[..]))];
        assert_eq!(layers(&packages, &history, parse_status), [2]);
        assert_eq!(layers(&packages, &[], parse_status), [0]);
    }
}
