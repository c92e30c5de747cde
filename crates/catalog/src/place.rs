//! Where a package was seen: a path from the root, and what lies inside a file after ` > `.

use plimsoll_model::Package;

/// What parts the path of an archive from what lies inside.
pub(crate) const INSIDE: &str = " > ";

/// The most folders above a file that are looked at.
pub(crate) const MAX_FOLDERS_ABOVE: usize = 100;

/// Returns the path from the root of what lies inside a file; that of the file itself for nothing.
pub(crate) fn inside(outer: &str, inner: &str) -> String {
    if inner.is_empty() { outer.to_owned() } else { format!("{outer}{INSIDE}{inner}") }
}

/// Returns the path of the file itself, without what lies inside it.
pub(crate) fn outermost(path: &str) -> &str {
    path.split_once(INSIDE).map_or(path, |(outer, _)| outer)
}

pub(crate) fn evidence_path(package: &Package) -> &str {
    package.evidence.first().map_or("", |evidence| evidence.path.as_str())
}

/// Returns the folders above a file, nearest first, with `/` at the end; the last is the root, empty. Of a
/// path inside a file they go up to that file: `a.whl > b/` and `a.whl > ` for `a.whl > b/c`.
pub(crate) fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    let start = path.rfind(INSIDE).map_or(0, |at| at + INSIDE.len());
    let slashes = path[start..].rmatch_indices('/').map(move |(at, _)| &path[..=start + at]);
    slashes.chain([&path[..start]]).take(MAX_FOLDERS_ABOVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_above_end_at_the_file_around() {
        let above = |path| folders_above(path).collect::<Vec<_>>();
        assert_eq!(above("a/b/c"), ["a/b/", "a/", ""]);
        assert_eq!(above("c"), [""]);
        assert_eq!(above("d/a.whl > b/c"), ["d/a.whl > b/", "d/a.whl > "]);
        assert_eq!(folders_above(&"a/".repeat(1000)).count(), MAX_FOLDERS_ABOVE);
    }
}
