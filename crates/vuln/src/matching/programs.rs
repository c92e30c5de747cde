//! Programs that no package manager knows: judged by the CPE names that our own readers made, and by
//! Bitnami's records of the same product.
//!
//! A package without CPE names is one whose identity nobody vouches for: it is not judged. Nothing is ever
//! looked up by a CPE name that was guessed from the name of a package.

use plimsoll_model::{Distro, Package, Scheme, ecosystem};

use super::query::{Query, Subject};
use crate::cpe;

/// Most CPE names of one package that are looked up.
const MAX_CPES: usize = 8;

/// Products whose versions have an order of their own; the order of all others is `generic`.
const ORDERS: &[(&str, Scheme)] = &[
    ("amazon:corretto", Scheme::Jvm),
    ("azul:zulu", Scheme::Jvm),
    ("eclipse:temurin", Scheme::Jvm),
    ("ibm:java", Scheme::Jvm),
    ("ibm:java_sdk", Scheme::Jvm),
    ("ibm:semeru_runtime", Scheme::Jvm),
    ("microsoft:openjdk", Scheme::Jvm),
    ("oracle:graalvm", Scheme::Jvm),
    ("oracle:graalvm_for_jdk", Scheme::Jvm),
    ("oracle:java_se", Scheme::Jvm),
    ("oracle:jdk", Scheme::Jvm),
    ("oracle:jre", Scheme::Jvm),
    ("oracle:openjdk", Scheme::Jvm),
    ("redhat:openjdk", Scheme::Jvm),
];

/// Keyed by vendor and product of each CPE name, and by Bitnami's name of the product, which readers take
/// where there is one.
pub(super) fn by_cpe(package: &Package, _distro: Option<&Distro>) -> Vec<Query> {
    let mut queries: Vec<Query> = Vec::new();
    for name in package.cpes.iter().take(MAX_CPES) {
        let Some(product) = cpe::product(name).filter(|product| cpe::is_plain(product)) else {
            continue;
        };
        if queries.iter().any(|query| query.own.name == product) {
            continue;
        }
        let namespace = format!("{}:{product}", cpe::NAMESPACE);
        let order = ORDERS.iter().find(|(known, _)| *known == product);
        let scheme = order.map_or(Scheme::Generic, |(_, scheme)| *scheme);
        let query = Query::by_name(&namespace, scheme, Subject::new(&product, &package.version));
        queries.push(Query { cpe: Some(name.clone()), ..query });
    }
    if let (false, Some(row)) = (queries.is_empty(), ecosystem::find("bitnami")) {
        let own = Subject::new(&row.key(&package.name), &package.version);
        let query = Query::by_name(row.namespace, row.scheme, own);
        queries.push(Query { is_partial: true, ..query });
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_up_by_its_products_and_by_its_name() {
        let mut package = Package {
            name: "Node".to_owned(),
            version: "18.12.1".to_owned(),
            kind: "generic".to_owned(),
            ..Package::default()
        };
        assert!(by_cpe(&package, None).is_empty(), "nobody vouches for it");
        package.cpes = ["cpe:2.3:a:nodejs:node.js:18.12.1:*:*:*:*:*:*:*", "broken"]
            .map(ToOwned::to_owned)
            .to_vec();
        let places: Vec<(String, String)> = by_cpe(&package, None)
            .into_iter()
            .map(|query| (query.namespace, query.own.name))
            .collect();
        let place = |namespace: &str, name: &str| (namespace.to_owned(), name.to_owned());
        let nvd = place("nvd:nodejs:node.js", "nodejs:node.js");
        assert_eq!(places, [nvd, place("bitnami", "node")]);
        assert!(ORDERS.is_sorted_by_key(|(product, _)| *product));
    }
}
