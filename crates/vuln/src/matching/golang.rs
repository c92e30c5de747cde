//! Modules of Go: which paths are looked up, and the versions of the toolchain.
//!
//! The Go vulnerability database names the whole path of a module (`github.com/redis/go-redis/v9`); GitHub
//! often leaves the major version at its end out. The standard library is `stdlib`, the go command
//! `toolchain`, with versions in the form of Semantic Versioning. Source: <https://go.dev/doc/security/vuln/database>.

use plimsoll_model::{Advisory, Bound, Distro, Interval, Package};

use super::query::{Query, Subject, by_name};

/// The names that are of the Go distribution and no modules.
const DISTRIBUTION: &[&str] = &["stdlib", "toolchain"];

/// What stands for the version of a module that was built where it is written.
const DEVEL: &str = "(devel)";

/// Keyed by the path of the module, and by the path without its major version.
pub(super) fn by_module(package: &Package, distro: Option<&Distro>) -> Vec<Query> {
    let mut queries = by_name(package, distro);
    for query in &mut queries {
        // Not even one of every version hits it: nobody knows what was built.
        if package.version == DEVEL {
            query.odd = Some("it was built from a work tree, of no known version");
        }
        if DISTRIBUTION.contains(&package.name.as_str()) {
            let version = of_toolchain(&package.version);
            query.own.version.clone_from(&version);
            query.source.version = version;
        } else if let Some(path) = without_major(&package.name) {
            query.others = vec![Subject { name: path.to_owned(), ..query.own.clone() }];
        }
    }
    queries
}

/// Returns the path without `/v2` or `.v2` at its end; `None` where it has no such end.
fn without_major(path: &str) -> Option<&str> {
    let (front, digits) = path.rsplit_once("/v")?;
    let is_major = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_major.then_some(front)
}

/// Returns whether a record that stands under a path without its major version may be about the version with
/// it: one of the Go database names the path that it means, and one without bounds means every version of
/// the path that it names.
pub(super) fn may_leave_out_major(advisory: &Advisory) -> bool {
    let is_bounded = |one: &Interval| one.low != Bound::Open || one.high != Bound::Open;
    !advisory.id.starts_with("GO-") && advisory.affected.intervals.iter().all(is_bounded)
}

/// Rewrites `go1.21rc2 X:boringcrypto` as `1.21.0-rc.2`; what is no version of Go stays as it is.
fn of_toolchain(text: &str) -> String {
    let version = text.strip_prefix("go").unwrap_or(text);
    let end = version.find([' ', '-', '+']).unwrap_or(version.len());
    let version = &version[..end];
    let at = version.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(version.len());
    let (numbers, pre) = version.split_at(at);
    let pre = match pre.find(|c: char| c.is_ascii_digit()) {
        Some(digits) if pre.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("-{}.{}", &pre[..digits], &pre[digits..])
        }
        _ if pre.is_empty() => String::new(),
        _ => return text.to_owned(),
    };
    let missing = 3_usize.saturating_sub(numbers.split('.').count());
    format!("{numbers}{}{pre}", ".0".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toolchains_have_versions_of_three_numbers() {
        for (text, version) in [
            ("go1.20.12 X:strictfipsruntime", "1.20.12"),
            ("go1.26.5-X:jsonv2", "1.26.5"),
            ("go1.21", "1.21.0"),
            ("1.21rc2", "1.21.0-rc.2"),
            ("go1.4beta1", "1.4.0-beta.1"),
            ("1.26.5 (Red Hat 1.26.5-1.el10)", "1.26.5"),
            ("devel +5ae2", "devel +5ae2"),
        ] {
            assert_eq!(of_toolchain(text), version, "{text}");
        }
    }

    #[test]
    fn majors_are_at_the_end_of_a_path() {
        assert_eq!(
            without_major("github.com/redis/go-redis/v9"),
            Some("github.com/redis/go-redis")
        );
        for path in ["gopkg.in/yaml.v2", "github.com/a/vb", "github.com/a/v", "v2"] {
            assert_eq!(without_major(path), None, "{path}");
        }
    }
}
