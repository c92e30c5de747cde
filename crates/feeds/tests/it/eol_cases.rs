//! Ends of life: what peers expect, as cases, answered from the real list and from what the program
//! carries; and the lists of Debian and Ubuntu beside those of endoflife.date.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use plimsoll_feeds::{FeedError, Harvest, Input, Row, Texts, eol};
use plimsoll_model::{Distro, EolRelease};
use plimsoll_vuln::embedded;
use serde_json::Value;

use crate::support::{read_all, shared};

type Products = BTreeMap<String, Vec<EolRelease>>;

const ADDRESS: &str = "https://endoflife.date/api/v1/products/full";

fn products(harvest: Harvest) -> Products {
    let mut products = Products::new();
    for (product, row) in harvest.into_drafts().remove("eol").unwrap().rows {
        let Row::Eol(release) = row else { panic!("{row:?}") };
        products.entry(product).or_default().push(*release);
    }
    products
}

fn of_mirror(mirror: &Path) -> Products {
    let mut harvest = Harvest::of(["eol"], Texts::All);
    read_all(plimsoll_feeds::find("eol").unwrap(), "eol", mirror, &mut harvest);
    products(harvest)
}

/// Names of peers for distributions, and ours.
const NAMES: &[(&str, &str)] =
    &[("alma", "almalinux"), ("amazon", "amzn"), ("oracle", "ol"), ("redhat", "rhel")];

/// Reads the day of an instant; peers write `2019-04-31`.
fn day(instant: &str) -> Date {
    let number = |at: std::ops::Range<usize>| instant[at].parse::<i8>().unwrap();
    let month = Date::new(instant[..4].parse().unwrap(), number(5..7), 1).unwrap();
    month.with().day(number(8..10).min(month.days_in_month())).build().unwrap()
}

/// Says whether a release is supported on a day, as the report judges it: what no list knows is not
/// known to have ended. `-ESM` behind the release is for who pays.
fn is_supported(name: &str, release: &str, on: Date, lists: &Products) -> bool {
    let id = NAMES.iter().find(|(theirs, _)| *theirs == name).map_or(name, |(_, ours)| ours);
    let (release, pays) = release.strip_suffix("-ESM").map_or((release, false), |r| (r, true));
    let distro = Distro::new(id, release, "", "", "etc/os-release");
    let row = distro.row.unwrap_or_else(|| panic!("{id} is not known"));
    let releases = match lists.get(row.eol_product) {
        Some(releases) => releases.as_slice(),
        None => embedded::eol(row.eol_product),
    };
    let Some(known) = releases.iter().find(|known| known.release == distro.stated_release) else {
        return true;
    };
    let (date, extended) = known.days(row);
    let last = if pays && !extended.is_empty() { extended } else { date };
    last.parse::<Date>().map_or(true, |last| on <= last)
}

#[test]
fn all_cases_of_trivy_agree() {
    let name = "all_cases_of_trivy_agree";
    let (Some(cases), Some(mirror)) =
        (shared(name, "cases/trivy-eol.json"), shared(name, "mirror"))
    else {
        return;
    };
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(cases).unwrap()).unwrap();
    let (listed, carried) = (of_mirror(&mirror), Products::new());
    let mut silent = Vec::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        // Some tell a day alone: neither a release nor what is expected.
        let Some(expected) = case["supported"].as_bool() else {
            assert_eq!(text("release"), "", "{case}");
            silent.push(text("id"));
            continue;
        };
        for lists in [&listed, &carried] {
            let found = is_supported(text("distro"), text("release"), day(text("now")), lists);
            assert_eq!(found, expected, "{case}");
        }
    }
    assert_eq!((cases.len(), silent.len()), (27, 5), "{silent:?}");
}

/// What the program carries is what endoflife.date has, where that has the product at all.
#[test]
fn what_is_carried_agrees_with_the_list() {
    let Some(mirror) = shared("what_is_carried_agrees_with_the_list", "mirror") else { return };
    let listed = of_mirror(&mirror);
    let mut own = Vec::new();
    for row in plimsoll_model::distro::DISTROS {
        let Some(releases) = listed.get(row.eol_product) else {
            if !embedded::eol(row.eol_product).is_empty() {
                own.push(row.eol_product);
            }
            continue;
        };
        for carried in embedded::eol(row.eol_product) {
            let known = releases.iter().find(|known| known.release == carried.release);
            let known = known.unwrap_or_else(|| panic!("{} {carried:?}", row.eol_product));
            let dates = |release: &EolRelease| (release.date.clone(), release.extended.clone());
            assert_eq!(dates(known), dates(carried), "{} {}", row.eol_product, carried.release);
        }
        assert!(!embedded::eol(row.eol_product).is_empty(), "{} is not carried", row.eol_product);
    }
    assert_eq!(own, ["cbl-mariner", "azure-linux"]);
}

/// Debian's and Ubuntu's own lists go before, and differ from endoflife.date by few days.
#[test]
fn own_lists_of_distributions_go_before() {
    let Some(mirror) = shared("own_lists_of_distributions_go_before", "mirror") else { return };
    let without = of_mirror(&mirror);
    let mut harvest = Harvest::of(["eol"], Texts::All);
    for file in ["debian", "ubuntu"] {
        let bytes = std::fs::read(mirror.join(format!("distro-info/{file}.csv"))).unwrap();
        let address = format!("https://debian.pages.debian.net/distro-info-data/{file}.csv");
        let mut body = bytes.as_slice();
        eol::parse(Input { address: &address, body: &mut body }, &mut harvest).unwrap();
    }
    read_all(plimsoll_feeds::find("eol").unwrap(), "eol", &mirror, &mut harvest);
    let with = products(harvest);
    let find = |lists: &Products, product: &str, release: &str| {
        lists[product].iter().find(|known| known.release == release).unwrap().clone()
    };
    let bookworm = find(&with, "debian", "12");
    assert_eq!(
        (&*bookworm.date, &*bookworm.extended, &*bookworm.latest),
        ("2026-07-11", "2028-06-30", "12.15")
    );
    assert_eq!(find(&with, "debian", "9").extended, "2022-06-30");
    assert_eq!(find(&without, "debian", "9").extended, "2022-07-01");
    let jammy = find(&with, "ubuntu", "22.04");
    assert_eq!((&*jammy.date, &*jammy.extended), ("2027-06-01", "2032-04-21"));
    let mut compared = 0;
    for product in ["debian", "ubuntu"] {
        for (ours, theirs) in with[product].iter().zip(&without[product]) {
            assert_eq!(ours.release, theirs.release);
            let number: f32 = ours.release.parse().unwrap();
            for (a, b) in [(&ours.date, &theirs.date), (&ours.extended, &theirs.extended)] {
                let (Ok(a), Ok(b)) = (a.parse::<Date>(), b.parse::<Date>()) else { continue };
                compared += 1;
                let apart = (a - b).get_days().abs();
                let limit = match (product, ours.release.as_str()) {
                    // endoflife.date counts the years of the legacy add-on; of old, servers were kept
                    // longer than the desktops that it tells of.
                    ("ubuntu", "24.04" | "6.06" | "8.04" | "10.04") => 800,
                    // Before that, it has the day on which the next one came.
                    _ if number < 4.0 => 1_500,
                    _ => 62,
                };
                assert!(apart <= limit, "{product} {}: {a} and {b}", ours.release);
            }
        }
    }
    assert!(compared > 70, "{compared}");
}

#[test]
fn a_list_of_another_shape_is_an_error() {
    let read = |text: &str| {
        let mut harvest = Harvest::of(["eol"], Texts::All);
        let address = "https://debian.pages.debian.net/distro-info-data/ubuntu.csv";
        let mut body = text.as_bytes();
        eol::parse(Input { address, body: &mut body }, &mut harvest)?;
        Ok::<_, FeedError>(harvest.recall("ubuntu 22.04").map(str::to_owned))
    };
    let list = "version,codename,eol,eol-esm\n22.04 LTS,Jammy,2027-06-01,2032-04-21\n9.9\n,,\n";
    assert_eq!(read(list).unwrap().as_deref(), Some("2027-06-01 2032-04-21"));
    assert_eq!(read("version,eol,eol-esm\n22.04,soon,2032-04-21").unwrap(), None);
    for text in ["", "<html>", "version,eol\n22.04,2027-06-01"] {
        assert!(read(text).unwrap_err().to_string().contains("at line 1"), "{text}");
    }
    let long = "x".repeat(eol::MAX_LIST_BYTES as usize + 1);
    assert!(matches!(read(&long), Err(FeedError::Limit { limit: eol::MAX_LIST_BYTES, .. })));
}

#[test]
fn releases_have_the_names_that_targets_state() {
    let text = r#"{"result": [{"name": "amazon-linux", "releases": [{"name": "2018.03", "eolFrom": "2023-12-31"}]},
        {"name": "sles", "releases": [{"name": "15.0", "eolFrom": "2019-12-31", "eoesFrom": "2022-12-31"}]}]}"#;
    let mut harvest = Harvest::of(["eol"], Texts::All);
    let mut body = text.as_bytes();
    eol::parse(Input { address: ADDRESS, body: &mut body }, &mut harvest).unwrap();
    let lists = products(harvest);
    for (id, version, supported, ended) in [
        ("amzn", "2018.03", "2023-12-31", "2024-01-01"),
        ("sles", "15", "2019-12-31", "2020-01-01"),
    ] {
        assert!(is_supported(id, version, day(supported), &lists), "{id}");
        assert!(!is_supported(id, version, day(ended), &lists), "{id}");
    }
}
