//! Which names of a package are looked up where, and which version goes with each.

use plimsoll_model::{Distro, DistroRow, Key, Package, Scheme, THIRD_PARTY};

use super::{golang, programs};

/// How packages of some types are judged: a row and a function.
pub struct Matcher {
    /// Its name.
    pub name: &'static str,
    /// The purl types it judges.
    pub types: &'static [&'static str],
    /// Says what to look up for a package, in the order of what is told first; nothing when its
    /// distribution has no advisories.
    pub query: fn(&Package, Option<&Distro>) -> Vec<Query>,
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
    /// Under what other names records of it stand, that say less of it than those of its own.
    pub others: Vec<Subject>,
    /// The distribution whose packages are judged so; `None` for libraries of a language.
    pub row: Option<&'static DistroRow>,
    /// The CPE name that is looked up, for programs.
    pub cpe: Option<String>,
    /// The namespace tells nothing of what it does not name: whoever is not in it was not judged.
    pub is_partial: bool,
    /// Why the version compares with nothing though it reads as one: it is a branch.
    pub odd: Option<&'static str>,
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
    /// The version as the package has it, where [`Subject::version`] leaves a part out that says nothing
    /// but to records that name it too: `2.0.1+cu118`.
    pub whole: Option<String>,
}

impl Subject {
    pub(super) fn new(name: &str, version: &str) -> Self {
        let (name, version) = (name.to_owned(), version.to_owned());
        Self { name, version, lacks_epoch: false, whole: None }
    }
}

/// Every way of judging, in the order of the purl types.
pub const MATCHERS: &[Matcher] = &[
    Matcher { name: "distribution", types: &["alpm", "apk", "ebuild", "rpm"], query: by_package },
    Matcher { name: "dpkg", types: &["deb"], query: by_debian_package },
    Matcher {
        name: "ecosystem",
        types: &[
            "bitnami", "cargo", "composer", "conan", "cran", "gem", "github", "hackage", "hex",
            "julia", "maven", "npm", "nuget", "opam", "pub", "pypi", "swift",
        ],
        query: by_name,
    },
    Matcher { name: "module", types: &["golang"], query: golang::by_module },
    Matcher { name: "program", types: &["generic"], query: programs::by_cpe },
];

impl Query {
    /// Makes one by a name of a library or program: no source package, no distribution.
    pub(super) fn by_name(namespace: &str, scheme: Scheme, own: Subject) -> Self {
        Self {
            namespace: namespace.to_owned(),
            scheme,
            source: own.clone(),
            own,
            others: Vec::new(),
            row: None,
            cpe: None,
            is_partial: false,
            odd: None,
        }
    }

    /// Returns the names that are looked up, no two alike.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let source = Some(self.source.name.as_str()).filter(|name| *name != self.own.name);
        let others = self.others.iter().map(|subject| subject.name.as_str());
        std::iter::once(self.own.name.as_str()).chain(source).chain(others)
    }

    /// Returns whether the version of the package itself can be compared.
    pub(super) fn is_comparable(&self) -> bool {
        let version = &self.own.version;
        self.odd.is_none() && !version.is_empty() && self.scheme.is_valid(version)
    }

    /// Returns what a record stored under `name` with this key is compared with; `None` when it is not
    /// about this package.
    pub fn subject(&self, key: Key, name: &str) -> Option<&Subject> {
        let own = || Some(&self.own).filter(|subject| subject.name == name);
        let source = || Some(&self.source).filter(|subject| subject.name == name);
        if let Some(other) = self.others.iter().find(|subject| subject.name == name) {
            return Some(other);
        }
        match key {
            Key::Source => source(),
            Key::Binary => own(),
            Key::Both => own().or_else(source),
        }
    }
}

/// Returns what to look up for a package; nothing when nothing judges its type.
pub(super) fn queries(package: &Package, distro: Option<&Distro>) -> Vec<Query> {
    let kind = package.kind.as_str();
    let matcher = MATCHERS.iter().find(|matcher| matcher.types.contains(&kind));
    matcher.map_or_else(Vec::new, |matcher| (matcher.query)(package, distro))
}

/// By the distribution: the package, and the source package it was built from. A package of an add-on
/// repository that has advisories of its own is judged by those.
fn by_package(package: &Package, distro: Option<&Distro>) -> Vec<Query> {
    of_distribution(package, distro).into_iter().collect()
}

fn of_distribution(package: &Package, distro: Option<&Distro>) -> Option<Query> {
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
    Some(Query { source, row: Some(row), ..Query::by_name(&namespace, row.scheme, own) })
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
fn by_debian_package(package: &Package, distro: Option<&Distro>) -> Vec<Query> {
    let Some(mut query) = of_distribution(package, distro) else { return Vec::new() };
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
    vec![query]
}

/// Keyed by the package's own name in the form that its ecosystem compares.
pub(super) fn by_name(package: &Package, _distro: Option<&Distro>) -> Vec<Query> {
    let Some(row) = plimsoll_model::ecosystem::find(&package.kind) else { return Vec::new() };
    let plain = (row.plain)(&package.version);
    let whole = (plain != package.version).then(|| package.version.clone());
    let own = Subject { whole, ..Subject::new(&row.key(&package.name), plain) };
    let odd = (!(row.is_release)(&package.version)).then_some("a branch is no release");
    vec![Query { odd, ..Query::by_name(row.namespace, row.scheme, own) }]
}
