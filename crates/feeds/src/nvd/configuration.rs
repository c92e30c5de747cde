//! Which versions of which products a CVE is about.
//!
//! A configuration is a list of nodes of which one is enough, or (`"operator": "AND"`) all are needed: then
//! those without anything vulnerable say where the product runs. What runs on another system than Linux, or
//! inside another machine, is left out.

use std::collections::BTreeMap;

use plimsoll_model::{Bound, Interval, Scheme};
use plimsoll_vuln::cpe::{self, Application};
use serde::Deserialize;

/// Most matches of one CVE that are read; real ones have under 5,000.
const MAX_MATCHES: usize = 50_000;

/// Parts of names of vendors and products whose system is Linux, or any.
const LINUX: &[&str] = &[
    "linux", "fedora", "ubuntu", "opensuse", "leap", "unix", "debian", "centos", "rocky", "photon",
];
/// What a program may be for and still be the one in an image.
const TARGETS: &[&str] = &["*", "-", "docker", "linux", "linux_kernel", "unix"];
const MACHINES: &[&str] = &["*", "-", "aarch64", "amd64", "arm64", "x64", "x86", "x86_64"];

/// `{"operator": "AND", "negate": false, "nodes": […]}`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Configuration {
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    negate: Option<bool>,
    #[serde(default)]
    nodes: Vec<Node>,
}

/// `{"operator": "OR", "negate": false, "cpeMatch": […]}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    #[serde(default)]
    negate: Option<bool>,
    #[serde(default)]
    cpe_match: Vec<Match>,
}

/// `{"vulnerable": true, "criteria": "cpe:2.3:a:…", "versionEndExcluding": "1.2"}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match {
    #[serde(default)]
    vulnerable: bool,
    #[serde(default)]
    criteria: String,
    #[serde(default)]
    version_start_including: Option<String>,
    #[serde(default)]
    version_start_excluding: Option<String>,
    #[serde(default)]
    version_end_including: Option<String>,
    #[serde(default)]
    version_end_excluding: Option<String>,
}

/// What the configurations of a CVE say.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// By vendor and product: `nodejs:node.js`.
    pub(super) products: BTreeMap<String, Extent>,
    /// Matches whose versions cannot be compared.
    pub(super) dropped: usize,
}

/// What they say of one product.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Extent {
    pub(super) intervals: Vec<Interval>,
    /// Sorted, no two alike.
    pub(super) versions: Vec<String>,
    /// Lowest first, no two alike.
    pub(super) fixed: Vec<String>,
    /// The application that must be there too; `None` where some configuration needs none.
    pub(super) beside: Option<String>,
}

/// Reads the configurations of one CVE.
pub(super) fn products(configurations: &[Configuration]) -> Read {
    let mut read = Read::default();
    let mut left = MAX_MATCHES;
    for configuration in configurations {
        let is_negated = |node: &&Node| node.negate == Some(true);
        if configuration.negate == Some(true) || configuration.nodes.iter().any(|n| is_negated(&n))
        {
            continue;
        }
        let is_and = configuration.operator.as_deref() == Some("AND");
        let place = if is_and { places(configuration) } else { Place::Anywhere };
        let beside = match place {
            Place::Elsewhere => continue,
            Place::Anywhere => None,
            Place::Beside(product) => Some(product),
        };
        let matches = configuration.nodes.iter().flat_map(|node| &node.cpe_match);
        for matched in matches.filter(|matched| matched.vulnerable) {
            if left == 0 {
                read.dropped += 1;
                return finished(read);
            }
            left -= 1;
            take(matched, beside.as_deref(), &mut read);
        }
    }
    finished(read)
}

/// Where a product must run.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Place {
    Anywhere,
    Elsewhere,
    /// Together with this application.
    Beside(String),
}

/// Reads the nodes that have nothing vulnerable in them: each must be met.
fn places(configuration: &Configuration) -> Place {
    let is_platform = |node: &&Node| node.cpe_match.iter().all(|matched| !matched.vulnerable);
    let mut place = Place::Anywhere;
    for node in configuration.nodes.iter().filter(is_platform) {
        let found: Vec<Place> = node.cpe_match.iter().map(|one| place_of(&one.criteria)).collect();
        let is_anywhere = found.is_empty() || found.contains(&Place::Anywhere);
        match found.into_iter().find(|place| *place != Place::Elsewhere) {
            _ if is_anywhere => {}
            Some(beside) => place = beside,
            None => return Place::Elsewhere,
        }
    }
    place
}

fn place_of(name: &str) -> Place {
    if let Some(product) = cpe::product(name) {
        return Place::Beside(product);
    }
    let mut parts = name.split(':').skip(2);
    let system = parts.next() == Some("o");
    let names: String = parts.take(2).collect::<Vec<_>>().join(":");
    let is_linux = system && LINUX.iter().any(|word| names.contains(word));
    if is_linux { Place::Anywhere } else { Place::Elsewhere }
}

fn take(matched: &Match, beside: Option<&str>, read: &mut Read) {
    let Some(name) = cpe::application(&matched.criteria) else { return };
    let fits = |list: &[&str], text: &str| list.contains(&text);
    if !fits(TARGETS, &name.target_sw) || !fits(MACHINES, &name.target_hw) {
        return;
    }
    let Some(spread) = spread(matched, &name) else {
        read.dropped += 1;
        return;
    };
    let product = format!("{}:{}", name.vendor, name.product);
    let is_new = !read.products.contains_key(&product);
    let extent = read.products.entry(product).or_default();
    match (is_new, beside) {
        (true, Some(other)) => extent.beside = Some(other.to_owned()),
        (_, None) => extent.beside = None,
        (false, Some(_)) => {}
    }
    match spread {
        Spread::Nothing => {}
        Spread::One(version) => extent.versions.push(version),
        Spread::Between(interval) => {
            if let Bound::Excluded(fixed) = &interval.high {
                extent.fixed.push(fixed.clone());
            }
            if !extent.intervals.contains(&interval) {
                extent.intervals.push(interval);
            }
        }
    }
}

enum Spread {
    /// A name that says of no version that it is affected.
    Nothing,
    One(String),
    Between(Interval),
}

/// Reads the versions of a match; `None` where they cannot be compared.
fn spread(matched: &Match, name: &Application) -> Option<Spread> {
    let bound = |included: &Option<String>, excluded: &Option<String>| match (included, excluded) {
        (Some(version), _) => {
            Scheme::Generic.is_valid(version).then(|| Bound::Included(version.clone()))
        }
        (None, Some(version)) => {
            Scheme::Generic.is_valid(version).then(|| Bound::Excluded(version.clone()))
        }
        (None, None) => Some(Bound::Open),
    };
    let low = bound(&matched.version_start_including, &matched.version_start_excluding)?;
    let high = bound(&matched.version_end_including, &matched.version_end_excluding)?;
    Some(match (low, high, name.version.as_str()) {
        (Bound::Open, Bound::Open, "-") => Spread::Nothing,
        (Bound::Open, Bound::Open, version) if version != "*" => Spread::One(whole(name)),
        (low, high, _) => Spread::Between(Interval { low, high }),
    })
}

/// Joins version and update as programs write them: `9.3-p1`, `1.8.0_352`.
fn whole(name: &Application) -> String {
    let Application { version, update, .. } = name;
    let counted = update.strip_prefix("update").map(|rest| rest.trim_start_matches(['_', '-']));
    match (update.as_str(), counted) {
        ("" | "*" | "-", _) => version.clone(),
        (_, Some(count)) if count.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("{version}_{count}")
        }
        _ => format!("{version}-{update}"),
    }
}

/// Leaves out products of which no version is affected, and sorts.
fn finished(mut read: Read) -> Read {
    read.products.retain(|_, extent| !extent.intervals.is_empty() || !extent.versions.is_empty());
    for extent in read.products.values_mut() {
        extent.versions.sort();
        extent.versions.dedup();
        extent.fixed.sort_by(|a, b| {
            let order = Scheme::Generic.compare(a, b).unwrap_or(std::cmp::Ordering::Equal);
            order.then_with(|| a.cmp(b))
        });
        extent.fixed.dedup();
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Read {
        products(&serde_json::from_str::<Vec<Configuration>>(json).unwrap())
    }

    fn named(criteria: &str, more: &str) -> String {
        format!(r#"{{"vulnerable": true, "criteria": "cpe:2.3:a:{criteria}"{more}}}"#)
    }

    fn plain(matches: &[String]) -> Read {
        read(&format!(
            r#"[{{"nodes": [{{"operator": "OR", "cpeMatch": [{}]}}]}}]"#,
            matches.join(",")
        ))
    }

    fn below(version: &str) -> Vec<Interval> {
        vec![Interval { low: Bound::Open, high: Bound::Excluded(version.to_owned()) }]
    }

    #[test]
    fn ranges_versions_and_updates() {
        let found = plain(&[
            named("a:b:*:*:*:*:*:*:*:*", r#", "versionEndExcluding": "1.2""#),
            named("a:b:9.3:p1:*:*:*:*:*:*", ""),
            named("a:b:1.8.0:update_352:*:*:*:*:*:*", ""),
            named("a:b:2.0:*:*:*:*:*:*:*", ""),
            named("a:b:-:*:*:*:*:*:*:*", ""),
        ]);
        let extent = &found.products["a:b"];
        assert_eq!(extent.intervals, below("1.2"));
        assert_eq!(extent.versions, ["1.8.0_352", "2.0", "9.3-p1"]);
        assert_eq!((&extent.fixed[..], found.dropped), (&["1.2".to_owned()][..], 0));
        let all = plain(&[named("a:b:*:*:*:*:*:*:*:*", "")]);
        let open = Interval { low: Bound::Open, high: Bound::Open };
        assert_eq!(all.products["a:b"].intervals, [open]);
        assert!(plain(&[named("a:b:-:*:*:*:*:*:*:*", "")]).products.is_empty());
        let odd = plain(&[named("a:b:*:*:*:*:*:*:*:*", r#", "versionEndExcluding": "r12""#)]);
        assert_eq!((odd.products.len(), odd.dropped), (0, 1));
    }

    #[test]
    fn what_is_for_something_else_is_left_out() {
        for (criteria, kept) in [
            ("a:b:1:*:*:*:*:*:*:*", true),
            ("a:b:1:*:*:*:*:linux:*:*", true),
            ("a:b:1:*:*:*:lts:*:*:*", true),
            ("a:b:1:*:*:*:*:windows:*:*", false),
            ("a:b:1:*:*:*:*:wordpress:*:*", false),
            ("a:b:1:*:*:*:*:node.js:*:*", false),
            ("a:b:1:*:*:*:*:*:sparc:*", false),
        ] {
            assert_eq!(
                plain(&[named(criteria, "")]).products.len(),
                usize::from(kept),
                "{criteria}"
            );
        }
        let safe = r#"[{"nodes": [{"cpeMatch": [{"vulnerable": false,
            "criteria": "cpe:2.3:a:a:b:1:*:*:*:*:*:*:*"}]}]}]"#;
        assert!(read(safe).products.is_empty());
        let negated = safe
            .replace("false", "true")
            .replace(r#"{"cpeMatch""#, r#"{"negate": true, "cpeMatch""#);
        assert!(read(&negated).products.is_empty());
    }

    #[test]
    fn a_product_that_runs_elsewhere_is_left_out() {
        for (platform, kept, beside) in [
            ("o:microsoft:windows:-:*:*:*:*:*:*:*", false, None),
            ("h:cisco:router:-:*:*:*:*:*:*:*", false, None),
            ("o:linux:linux_kernel:-:*:*:*:*:*:*:*", true, None),
            ("o:fedoraproject:fedora:37:*:*:*:*:*:*:*", true, None),
            ("a:oracle:jdk:*:*:*:*:*:*:*:*", true, Some("oracle:jdk")),
        ] {
            let found = read(&format!(
                r#"[{{"operator": "AND", "nodes": [{{"cpeMatch": [{}]}}, {{"cpeMatch": [
                {{"vulnerable": false, "criteria": "cpe:2.3:{platform}"}}]}}]}}]"#,
                named("a:b:1:*:*:*:*:*:*:*", "")
            ));
            assert_eq!(found.products.len(), usize::from(kept), "{platform}");
            let told = found.products.get("a:b").and_then(|extent| extent.beside.as_deref());
            assert_eq!(told, beside, "{platform}");
        }
    }

    #[test]
    fn a_record_has_only_so_many_matches() {
        let matches: Vec<String> =
            (0..=MAX_MATCHES).map(|n| named(&format!("a:b:{n}:*:*:*:*:*:*:*"), "")).collect();
        let found = plain(&matches);
        assert_eq!((found.products["a:b"].versions.len(), found.dropped), (MAX_MATCHES, 1));
        assert_eq!(plain(&matches[1..]).dropped, 0);
    }
}
