//! The package types: purl type, advisory namespace, version order, name rule; and purls.

use packageurl::PackageUrl;

use crate::distro::{DISTROS, Distro};
use crate::package::Package;
use crate::version::Scheme;

/// What is fixed about a package type outside the distributions.
#[derive(Debug)]
pub struct Ecosystem {
    /// The purl type, which is also [`Package::kind`]: `pypi`.
    pub purl_type: &'static str,
    /// The name in OSV records; empty where OSV has none.
    pub osv: &'static str,
    /// The namespace of its advisories: `pypi`.
    pub namespace: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The version order.
    pub scheme: Scheme,
    /// How names compare.
    pub names: Names,
    /// What parts namespace and name in [`Package::name`]: `:` for Maven, `/` for npm scopes.
    pub separator: &'static str,
    /// Leaves out of an installed version what names a build of it and has no place in the order:
    /// `2.0.1` of `2.0.1+cu118` (Python), `12.2.0` of `12.2.0.jre11` (Java).
    pub plain: fn(&str) -> &str,
    /// The same for the bounds of ranges.
    pub plain_bound: fn(&str) -> &str,
    /// Returns whether a version is that of a release: a branch (`dev-main` in PHP) moves, and compares
    /// with nothing.
    pub is_release: fn(&str) -> bool,
}

/// How the names of an ecosystem compare.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Names {
    /// Letter by letter.
    Exact,
    /// In lower case.
    Lower,
    /// PEP 503: lower case, runs of `-`, `_` and `.` are one `-`.
    Pep503,
    /// The address of a repository, whatever its case: without `https://` in front and `.git` behind.
    Address,
}

const fn row(
    purl_type: &'static str,
    osv: &'static str,
    title: &'static str,
    scheme: Scheme,
    names: Names,
    separator: &'static str,
) -> Ecosystem {
    Ecosystem {
        purl_type,
        osv,
        namespace: purl_type,
        title,
        scheme,
        names,
        separator,
        plain: whole,
        plain_bound: whole,
        is_release: |_| true,
    }
}

fn whole(version: &str) -> &str {
    version
}

use Names::{Address, Exact, Lower, Pep503};

/// Every package type that has advisories of its own, sorted by purl type.
pub const ECOSYSTEMS: &[Ecosystem] = &[
    row("bitnami", "Bitnami", "Bitnami", Scheme::Bitnami, Lower, ""),
    row("cargo", "crates.io", "Rust", Scheme::Cargo, Exact, ""),
    Ecosystem {
        is_release: |version| !version.starts_with("dev-") && !version.ends_with("-dev"),
        ..row("composer", "Packagist", "PHP", Scheme::Composer, Lower, "/")
    },
    row("conan", "ConanCenter", "Conan", Scheme::Conan, Exact, ""),
    row("cran", "CRAN", "R", Scheme::Cran, Exact, ""),
    row("gem", "RubyGems", "Ruby", Scheme::Gem, Exact, ""),
    row("github", "GitHub Actions", "GitHub Actions", Scheme::Golang, Lower, "/"),
    row("golang", "Go", "Go", Scheme::Golang, Exact, "/"),
    row("hackage", "Hackage", "Haskell", Scheme::Hackage, Exact, ""),
    row("hex", "Hex", "Erlang and Elixir", Scheme::Hex, Lower, ""),
    row("julia", "Julia", "Julia", Scheme::Pub, Exact, ""),
    Ecosystem {
        plain: without_platform,
        plain_bound: without_platform,
        ..row("maven", "Maven", "Java", Scheme::Maven, Exact, ":")
    },
    row("npm", "npm", "Node.js", Scheme::Npm, Exact, "/"),
    row("nuget", "NuGet", ".NET", Scheme::Nuget, Lower, ""),
    row("opam", "opam", "OCaml", Scheme::Deb, Exact, ""),
    row("pub", "Pub", "Dart", Scheme::Pub, Exact, ""),
    Ecosystem {
        plain: |version| version.split('+').next().unwrap_or(version),
        ..row("pypi", "PyPI", "Python", Scheme::Pypi, Pep503, "")
    },
    row("swift", "SwiftURL", "Swift", Scheme::Swift, Address, "/"),
];

/// Types of packages of distributions that have no row.
const UNLISTED: &[&str] = &["opkg"];

/// Finds the row of a purl type.
pub fn find(purl_type: &str) -> Option<&'static Ecosystem> {
    ECOSYSTEMS.iter().find(|row| row.purl_type == purl_type)
}

/// Finds the row of an OSV ecosystem name, what follows a `:` left out.
pub fn find_osv(name: &str) -> Option<&'static Ecosystem> {
    let name = name.split(':').next().unwrap_or(name);
    ECOSYSTEMS.iter().find(|row| !row.osv.is_empty() && row.osv == name)
}

impl Ecosystem {
    /// Returns the name in the form that look-ups use.
    pub fn key(&self, name: &str) -> String {
        match self.names {
            Exact => name.to_owned(),
            Lower => name.to_lowercase(),
            Pep503 => pep503(name),
            Address => address(name).to_lowercase(),
        }
    }
}

/// Reads `https://github.com/apple/swift-nio.git` as `github.com/apple/swift-nio`, a name and a
/// password in front left out.
fn address(name: &str) -> &str {
    let name = name.trim();
    let bare = ["https://", "http://", "ssh://", "git://"]
        .iter()
        .find_map(|scheme| name.strip_prefix(scheme))
        .unwrap_or(name);
    let bare = bare.split_once('@').map_or(bare, |(_, place)| place);
    let bare = bare.trim_end_matches('/');
    bare.strip_suffix(".git").unwrap_or(bare)
}

/// Leaves out for which platform a Java library was built: `-jre`, `-android`, `.jre11`, `-jdk15`.
fn without_platform(version: &str) -> &str {
    let Some((front, word)) = version.rsplit_once(['-', '.']) else { return version };
    let count = word.strip_prefix("jre").or_else(|| word.strip_prefix("jdk"));
    let is_java = count.is_some_and(|count| count.bytes().all(|byte| byte.is_ascii_digit()));
    if is_java || word == "android" { front } else { version }
}

fn pep503(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.trim().chars() {
        if matches!(letter, '-' | '_' | '.') {
            if !key.ends_with('-') {
                key.push('-');
            }
        } else {
            key.extend(letter.to_lowercase());
        }
    }
    key
}

/// Returns the canonical purl of a package; empty when its parts cannot make one.
pub(crate) fn purl(package: &Package, distro: Option<&Distro>) -> String {
    let row = find(&package.kind);
    let name = row.map_or_else(
        || package.name.clone(),
        |row| match row.names {
            Exact => package.name.clone(),
            Address => address(&package.name).to_owned(),
            Lower | Pep503 => row.key(&package.name),
        },
    );
    // Names of ebuilds begin with their category.
    let separator = row.map_or("/", |row| row.separator);
    let (namespace, name) = match name.rsplit_once(separator) {
        Some((namespace, name)) if !separator.is_empty() => (namespace.to_owned(), name.to_owned()),
        _ => (String::new(), name),
    };
    let Ok(mut purl) = PackageUrl::new(package.kind.clone(), name) else { return String::new() };
    let (epoch, version) = split_epoch(package);
    let mut good = version.is_empty() || purl.with_version(version.to_owned()).is_ok();
    if let Some(epoch) = epoch {
        good &= purl.add_qualifier("epoch", epoch.to_owned()).is_ok();
    }
    // A distribution says nothing of packages that another package manager put there.
    let kind = package.kind.as_str();
    let is_of = |row: &crate::DistroRow| row.package_type == kind;
    let is_any = || UNLISTED.contains(&kind) || DISTROS.iter().any(is_of);
    let distro = distro.filter(|distro| distro.row.map_or_else(is_any, is_of));
    if let Some(distro) = distro {
        good &= purl.add_qualifier("distro", distro.qualifier()).is_ok();
    }
    if !namespace.is_empty() {
        good &= purl.with_namespace(namespace).is_ok();
    } else if let Some(distro) = distro {
        let space = distro.row.map_or(distro.id.as_str(), |row| row.purl_namespace).to_owned();
        good &= purl.with_namespace(space).is_ok();
    }
    if let Some(arch) = &package.arch {
        good &= purl.add_qualifier("arch", arch.clone()).is_ok();
    }
    if good { purl.to_string() } else { String::new() }
}

/// Purl types whose version has no epoch: that is a qualifier.
const EPOCH_APART: &[&str] = &["rpm"];

fn split_epoch(package: &Package) -> (Option<&str>, &str) {
    match package.version.split_once(':') {
        Some((epoch, version)) if EPOCH_APART.contains(&package.kind.as_str()) => {
            (Some(epoch), version)
        }
        _ => (None, &package.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(kind: &str, name: &str, version: &str, distro: Option<&Distro>) -> String {
        let mut package = Package {
            name: name.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            arch: distro.map(|_| "amd64".to_owned()),
            ..Package::default()
        };
        package.finish(distro, "");
        package.purl
    }

    #[test]
    fn addresses_of_repositories_are_one_name() {
        let row = find("swift").unwrap();
        for name in [
            "https://github.com/Apple/swift-nio.git",
            "github.com/apple/swift-nio",
            "ssh://git@github.com/apple/swift-nio/",
            "https://user:word@github.com/apple/swift-nio",
        ] {
            assert_eq!(row.key(name), "github.com/apple/swift-nio");
        }
    }

    #[test]
    fn builds_have_no_place_in_the_order() {
        for (kind, version, plain) in [
            ("maven", "31.1-jre", "31.1"),
            ("maven", "32.0.0-android", "32.0.0"),
            ("maven", "12.2.0.jre11", "12.2.0"),
            ("maven", "1.70.jdk15on", "1.70.jdk15on"),
            ("maven", "2.14.1", "2.14.1"),
            ("pypi", "2.0.1+cu118", "2.0.1"),
            ("npm", "1.0.0+b", "1.0.0+b"),
        ] {
            assert_eq!((find(kind).unwrap().plain)(version), plain, "{kind} {version}");
        }
        let is_release = find("composer").unwrap().is_release;
        assert!(is_release("1.2.3") && !is_release("dev-main") && !is_release("2.x-dev"));
    }

    #[test]
    fn purls_are_canonical() {
        let debian = Distro::new("debian", "12", "", "bookworm", "etc/os-release");
        assert_eq!(
            finished("deb", "libstdc++6", "1:12.2.0-14+deb12u1", Some(&debian)),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14%2Bdeb12u1?arch=amd64&distro=debian-12"
        );
        let rhel = Distro::new("rhel", "8.7", "", "", "etc/os-release");
        assert_eq!(
            finished("rpm", "openssl-libs", "1:1.1.1k-7.el8_6", Some(&rhel)),
            "pkg:rpm/redhat/openssl-libs@1.1.1k-7.el8_6?arch=amd64&distro=rhel-8.7&epoch=1"
        );
        assert_eq!(
            finished("maven", "org.apache.logging.log4j:log4j-core", "2.14.1", None),
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
        );
        let arch = Distro::new("arch", "", "", "", "etc/os-release");
        assert_eq!(
            finished("alpm", "containers-common", "1:0.47.4-4", Some(&arch)),
            "pkg:alpm/arch/containers-common@1:0.47.4-4?arch=amd64&distro=arch"
        );
        let gentoo = Distro::new("gentoo", "2.15", "", "", "etc/os-release");
        assert_eq!(
            finished("ebuild", "dev-libs/openssl", "3.0.13-r2", Some(&gentoo)),
            "pkg:ebuild/dev-libs/openssl@3.0.13-r2?arch=amd64&distro=gentoo-2.15"
        );
        assert_eq!(
            finished("nix", "openssl", "3.0.7", Some(&gentoo)),
            "pkg:nix/openssl@3.0.7?arch=amd64"
        );
        assert_eq!(
            finished("opkg", "zlib", "1.3.1-1", Some(&debian)),
            "pkg:opkg/zlib@1.3.1-1?arch=amd64"
        );
        assert_eq!(finished("brew", "openssl@3", "3.3.1_1", None), "pkg:brew/openssl%403@3.3.1_1");
        assert_eq!(
            finished("bitnami", "redis", "7.4.1-0", Some(&debian)),
            "pkg:bitnami/redis@7.4.1-0?arch=amd64"
        );
        assert_eq!(finished("pypi", "Zope.Interface", "5.0", None), "pkg:pypi/zope-interface@5.0");
        assert_eq!(
            finished("swift", "https://github.com/Alamofire/Alamofire.git", "5.6.4", None),
            "pkg:swift/github.com/Alamofire/Alamofire@5.6.4"
        );
        assert_eq!(finished("npm", "@babel/core", "7.0.0", None), "pkg:npm/%40babel/core@7.0.0");
    }
}
