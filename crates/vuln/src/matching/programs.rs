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
    let mut is_vouched = false;
    for name in package.cpes.iter().take(MAX_CPES) {
        let Some(product) = cpe::product(name) else { continue };
        is_vouched = true;
        // No address is made of `erlang:erlang/otp`; Bitnami has it.
        if !cpe::is_plain(&product) || queries.iter().any(|query| query.own.name == product) {
            continue;
        }
        let namespace = format!("{}:{product}", cpe::NAMESPACE);
        let order = ORDERS.iter().find(|(known, _)| *known == product);
        let scheme = order.map_or(Scheme::Generic, |(_, scheme)| *scheme);
        let query = Query::by_name(&namespace, scheme, Subject::new(&product, &package.version));
        queries.push(Query { cpe: Some(name.clone()), ..query });
    }
    if let (true, Some(row)) = (is_vouched, ecosystem::find("bitnami")) {
        let is_java = queries.iter().any(|query| query.scheme == Scheme::Jvm);
        let (name, version) = if is_java {
            let name = if package.name == JRE { JRE } else { JAVA };
            (name, java_version(&package.version))
        } else {
            (package.name.as_str(), package.version.clone())
        };
        let query =
            Query::by_name(row.namespace, row.scheme, Subject::new(&row.key(name), &version));
        queries.push(Query { is_partial: true, ..query });
    }
    queries
}

/// Bitnami's names of builds of OpenJDK, whoever made them: with compiler, and without.
const JAVA: &str = "java";
const JRE: &str = "jre";

/// Rewrites the version of a JDK up to 8 as Bitnami has it: `1.8.0_181-b13` and `8u181` are `8.0.181`. Others
/// stay as they are.
fn java_version(version: &str) -> String {
    let start = version.strip_prefix("1.").unwrap_or(version);
    let major = start.split(['.', 'u', '_']).next().unwrap_or_default();
    if !matches!(major, "5" | "6" | "7" | "8")
        || start.len() == version.len() && !version.contains('u')
    {
        return version.to_owned();
    }
    let update = start.split_once(['_', 'u']).map_or("", |(_, update)| update);
    let digits = update.bytes().take_while(u8::is_ascii_digit).count();
    let update = if digits == 0 { "0" } else { &update[..digits] };
    format!("{major}.0.{update}")
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
        "erlang".clone_into(&mut package.name);
        package.cpes = vec!["cpe:2.3:a:erlang:erlang\\/otp:25.2.3:*:*:*:*:*:*:*".to_owned()];
        let queries = by_cpe(&package, None);
        let names: Vec<&str> = queries.iter().map(|query| query.own.name.as_str()).collect();
        assert_eq!(names, ["erlang"], "what no address is made of has a name at Bitnami");
    }

    #[test]
    fn a_jdk_is_looked_up_at_bitnami_by_the_number_of_its_update() {
        for (version, theirs) in [
            ("1.8.0_181-b13", "8.0.181"),
            ("1.8.0_352-8u352-ga-1~deb9u1-b08", "8.0.352"),
            ("1.7.0_80", "7.0.80"),
            ("1.6.0", "6.0.0"),
            ("8u352", "8.0.352"),
            ("8.0.352+8", "8.0.352+8"),
            ("17.0.8+7-LTS", "17.0.8+7-LTS"),
            ("1.9", "1.9"),
            ("", ""),
        ] {
            assert_eq!(java_version(version), theirs, "{version}");
        }
        let mut package = Package {
            name: "zulu".to_owned(),
            version: "1.8.0_181".to_owned(),
            kind: "generic".to_owned(),
            cpes: vec!["cpe:2.3:a:oracle:openjdk:1.8.0:update181:*:*:*:*:*:*".to_owned()],
            ..Package::default()
        };
        let bitnami = |package: &Package| by_cpe(package, None).pop().unwrap().own;
        assert_eq!(bitnami(&package), Subject::new("java", "8.0.181"));
        "jre".clone_into(&mut package.name);
        assert_eq!(bitnami(&package), Subject::new("jre", "8.0.181"));
    }
}
