//! Which names of a package are looked up where, and which version goes with each.

use plimsoll_model::{Distro, DistroRow, Key, Package, Scheme, THIRD_PARTY};

/// How packages of some types are judged: a row and a function.
pub struct Matcher {
    /// Its name.
    pub name: &'static str,
    /// The purl types it judges.
    pub types: &'static [&'static str],
    /// Says what to look up for a package; `None` when its distribution has no advisories.
    pub query: fn(&Package, Option<&Distro>) -> Option<Query>,
}

/// What to look up for one package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// The namespace: `alpine:3.17`.
    pub namespace: String,
    /// The version order.
    pub scheme: Scheme,
    /// The package itself.
    pub own: Subject,
    /// Its source package; itself, where it has none.
    pub source: Subject,
    /// The distribution whose packages are judged so; `None` for libraries of a language.
    pub row: Option<&'static DistroRow>,
}

/// A name, and the version to compare with what is stored under it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    /// `libssl3`.
    pub name: String,
    /// `3.0.7-r0`.
    pub version: String,
    /// The version has an epoch that is not known: the name of a source RPM leaves it out.
    pub lacks_epoch: bool,
}

impl Subject {
    fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), lacks_epoch: false }
    }
}

/// Every way of judging, in the order of the purl types.
pub const MATCHERS: &[Matcher] = &[
    Matcher { name: "distribution", types: &["alpm", "apk", "ebuild", "rpm"], query: by_package },
    Matcher { name: "dpkg", types: &["deb"], query: by_debian_package },
    Matcher {
        name: "ecosystem",
        types: &[
            "bitnami", "cargo", "composer", "conan", "cran", "gem", "golang", "hackage", "hex",
            "maven", "npm", "nuget", "pub", "pypi", "swift",
        ],
        query: by_name,
    },
];

impl Query {
    /// Returns the names that are looked up, no two alike.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let source = Some(self.source.name.as_str()).filter(|name| *name != self.own.name);
        std::iter::once(self.own.name.as_str()).chain(source)
    }

    /// Returns what a record stored under `name` with this key is compared with; `None` when it is not
    /// about this package.
    pub fn subject(&self, key: Key, name: &str) -> Option<&Subject> {
        let own = || Some(&self.own).filter(|subject| subject.name == name);
        let source = || Some(&self.source).filter(|subject| subject.name == name);
        match key {
            Key::Source => source(),
            Key::Binary => own(),
            Key::Both => own().or_else(source),
        }
    }
}

/// Returns what to look up for a package; `None` when nothing judges its type.
pub(super) fn query(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let kind = package.kind.as_str();
    let matcher = MATCHERS.iter().find(|matcher| matcher.types.contains(&kind))?;
    (matcher.query)(package, distro)
}

/// By the distribution: the package, and the source package it was built from. A package of an add-on
/// repository that has advisories of its own is judged by those.
fn by_package(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let distro = distro?;
    let row = distro.row.filter(|row| row.package_type == package.kind)?;
    let own = Subject::new(&package.name, &package.version);
    let source = match &package.source {
        Some(source) if package.kind == "rpm" => {
            let lacks_epoch = !source.version.contains(':');
            Subject { lacks_epoch, ..Subject::new(&source.name, &source.version) }
        }
        Some(source) => Subject::new(&source.name, &source.version),
        None => own.clone(),
    };
    // The package of the same name knows the epoch.
    let same = source.name.is_empty() || (source.lacks_epoch && source.name == own.name);
    let source = if same { own.clone() } else { source };
    let namespace = guest(package, distro, row).or_else(|| distro.namespace())?;
    Some(Query { namespace, scheme: row.scheme, own, source, row: Some(row) })
}

/// Returns the namespace of the add-on repository that a package is from: `epel:9`.
fn guest(package: &Package, distro: &Distro, row: &DistroRow) -> Option<String> {
    package.repository.as_deref().filter(|class| *class == THIRD_PARTY)?;
    let vendor = package.vendor.as_deref()?;
    let (_, namespace) = row.guests.iter().find(|(start, _)| vendor.starts_with(start))?;
    Some(format!("{namespace}:{}", distro.release))
}

/// As [`by_package`]; a signed kernel is built from a source package of its own, whose version (where it has
/// no revision, `6.1.90+1` stands for `6.1.90-1`) is that of the kernel.
fn by_debian_package(package: &Package, distro: Option<&Distro>) -> Option<Query> {
    let mut query = by_package(package, distro)?;
    let signed = query.row.map_or(&[][..], |row| row.signed_kernels);
    let kernel = signed.iter().find_map(|(start, kernel)| {
        let flavour = query.source.name.strip_prefix(start)?;
        (flavour.is_empty() || flavour.starts_with('-')).then(|| format!("{kernel}{flavour}"))
    });
    if let Some(kernel) = kernel {
        query.source.name = kernel;
        if !query.source.version.contains('-') {
            query.source.version = query.source.version.replacen('+', "-", 1);
        }
    }
    Some(query)
}

/// Keyed by the package's own name in the form that its ecosystem compares.
fn by_name(package: &Package, _distro: Option<&Distro>) -> Option<Query> {
    let ecosystem = plimsoll_model::ecosystem::find(&package.kind)?;
    let own = Subject::new(&ecosystem.key(&package.name), &package.version);
    Some(Query {
        namespace: ecosystem.namespace.to_owned(),
        scheme: ecosystem.scheme,
        source: own.clone(),
        own,
        row: None,
    })
}
