//! The rules of single distributions: which record speaks of which package, and which of several counts.

use plimsoll_model::{Channel, Distro, GapKind, Key, Package, Scope, State};

use super::cases::{Case, row, source};

fn distro(id: &str, release: &str, services: &[&str]) -> Distro {
    let mut distro = Distro::new(id, release, "", "", "etc/os-release");
    if !services.is_empty() {
        let names = services.iter().map(|name| (*name).to_owned()).collect();
        distro.channels = vec![Channel { names, ..Channel::default() }];
    }
    distro
}

fn package(kind: &str, name: &str, version: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        evidence: vec![plimsoll_model::Evidence { path: name.to_owned(), ..Default::default() }],
        ..Package::default()
    }
}

fn pro() -> Scope {
    Scope { products: vec!["pro".to_owned()], ..Scope::default() }
}

/// Returns what was found: id, state, fixed versions; what is set aside has its reason behind it.
fn found(case: &mut Case) -> Vec<String> {
    let judged = case.judge();
    let told = judged.findings.iter().map(|finding| {
        let by = finding.set_aside.as_ref().map_or(String::new(), |aside| format!(" {}", aside.by));
        let fixed = finding.fixed_versions.join(",");
        format!("{} {} {fixed}{by}", finding.id, finding.state.name())
    });
    told.collect()
}

/// A case of Ubuntu 18.04 with one package and these rows: fixed version, state, scope.
fn bionic(version: &str, services: &[&str], rows: &[(&str, State, Scope)]) -> Case {
    let mut case = Case::new(distro("ubuntu", "18.04", services));
    for (fixed, state, scope) in rows {
        case.push("ubuntu:18.04", "openssl", row("CVE-2030-0001", fixed, *state, scope.clone()));
    }
    case.packages = vec![package("deb", "openssl", version)];
    case
}

#[test]
fn what_only_ubuntu_pro_mends_is_not_mended_without_it() {
    let rows = [("1.1.1-1ubuntu2.1~18.04.23+esm1", State::Fixed, pro())];
    let mut without = bionic("1.1.1-1ubuntu2.1~18.04.23", &[], &rows);
    assert_eq!(found(&mut without), ["CVE-2030-0001 will_not_fix "]);
    let note = without.judge().findings[0].note.clone().unwrap();
    assert_eq!(note, "fixed in 1.1.1-1ubuntu2.1~18.04.23+esm1 for those who have pro");
    let mut with = bionic("1.1.1-1ubuntu2.1~18.04.23", &["esm-infra"], &rows);
    assert_eq!(found(&mut with), ["CVE-2030-0001 fixed 1.1.1-1ubuntu2.1~18.04.23+esm1"]);
    // It was built with Pro, and detached since.
    for services in [&[][..], &["esm-infra"]] {
        let mut mended = bionic("1.1.1-1ubuntu2.1~18.04.23+esm2", services, &rows);
        assert!(found(&mut mended).is_empty());
    }
    let mut older = bionic("1.1.1-1ubuntu2.1~18.04.22+esm2", &[], &rows);
    assert_eq!(found(&mut older), ["CVE-2030-0001 fixed 1.1.1-1ubuntu2.1~18.04.23+esm1"]);
}

#[test]
fn open_for_all_and_mended_for_pro() {
    let esm = "1.1.1-1ubuntu2.1~18.04.23+esm1";
    let rows = [("", State::Affected, Scope::default()), (esm, State::Fixed, pro())];
    assert_eq!(found(&mut bionic("1.1.1-1", &[], &rows)), ["CVE-2030-0001 will_not_fix "]);
    assert!(found(&mut bionic("1.1.1-1ubuntu2.1~18.04.23+esm1", &[], &rows)).is_empty());
    let rows = [("1.1.1-2", State::Fixed, Scope::default()), (esm, State::Fixed, pro())];
    assert!(found(&mut bionic("1.1.1-2", &[], &rows)).is_empty(), "mended for all");
}

#[test]
fn builds_of_a_flavour_are_compared_with_their_like() {
    let fips = Scope { products: vec!["fips".to_owned()], ..Scope::default() };
    let rows = [
        ("1.1.1f-1ubuntu2.23", State::Fixed, Scope::default()),
        ("1.1.1f-1ubuntu2.fips.24", State::Fixed, fips),
    ];
    let mut plain = bionic("1.1.1f-1ubuntu2.20", &["fips"], &rows);
    assert_eq!(found(&mut plain), ["CVE-2030-0001 fixed 1.1.1f-1ubuntu2.23"]);
    let mut build = bionic("1.1.1f-1ubuntu2.fips.20", &["fips"], &rows);
    assert_eq!(found(&mut build), ["CVE-2030-0001 fixed 1.1.1f-1ubuntu2.fips.24"]);

    let mut oracle = Case::new(distro("ol", "8", &[]));
    for fixed in ["2:2.28-151.0.1.ksplice1.el8", "2:2.28-151.el8", "10:2.28-151.el8_fips"] {
        let row = row("CVE-2030-0001", fixed, State::Fixed, Scope::binary());
        oracle.push("oracle:8", "glibc", row);
    }
    oracle.packages = vec![package("rpm", "glibc", "2:2.28-152.el8")];
    assert!(found(&mut oracle).is_empty(), "neither of the other builds counts");
    oracle.packages = vec![package("rpm", "glibc", "2:2.28-150.0.1.ksplice1.el8")];
    assert_eq!(found(&mut oracle), ["CVE-2030-0001 fixed 2:2.28-151.0.1.ksplice1.el8"]);
}

/// A case of Red Hat with one package and rows: fixed version, state, scope.
fn rhel(installed: Package, channels: &[&str], rows: &[(&str, State, Scope)]) -> Case {
    let mut case = Case::new(distro("rhel", "8.6", channels));
    for (fixed, state, scope) in rows {
        case.push("redhat:8", &installed.name, row("CVE-2030-0001", fixed, *state, scope.clone()));
    }
    case.packages = vec![installed];
    case
}

fn of(product: &str) -> Scope {
    Scope { key: Key::Both, products: vec![product.to_owned()], ..Scope::default() }
}

const BASEOS: &str = "cpe:/o:redhat:enterprise_linux:8::baseos";
const EUS: &str = "cpe:/o:redhat:rhel_eus:8.6::baseos";

#[test]
fn products_of_red_hat_choose_the_record() {
    let installed = || package("rpm", "curl", "7.61.1-22.el8");
    let eus = [("7.61.1-22.el8_6.3", State::Fixed, of(EUS))];
    assert!(found(&mut rhel(installed(), &[], &eus)).is_empty(), "no EUS repositories");
    assert_eq!(found(&mut rhel(installed(), &[EUS], &eus)).len(), 1);
    let both = [
        ("", State::WillNotFix, of(BASEOS)),
        ("7.61.1-25.el8", State::Fixed, of(BASEOS)),
        ("7.61.1-22.el8_6.3", State::Fixed, of(EUS)),
    ];
    // A fix goes before the statement that there is none, and the own stream before another.
    assert_eq!(found(&mut rhel(installed(), &[], &both)), ["CVE-2030-0001 fixed 7.61.1-25.el8"]);
    let mut on_eus = rhel(installed(), &[BASEOS, EUS], &both);
    assert_eq!(found(&mut on_eus), ["CVE-2030-0001 fixed 7.61.1-22.el8_6.3"]);
    let mut mended = rhel(package("rpm", "curl", "7.61.1-22.el8_6.3"), &[BASEOS, EUS], &both);
    assert!(found(&mut mended).is_empty());
}

#[test]
fn repositories_are_looked_up_and_unknown_ones_mean_the_usual_products() {
    let rows = [("7.61.1-22.el8_6.3", State::Fixed, of(EUS))];
    let mut case = rhel(package("rpm", "curl", "7.61.1-22.el8"), &["rhel-8-eus-rpms"], &rows);
    case.products.insert("rhel-8-eus-rpms".to_owned(), vec![EUS.to_owned()]);
    assert_eq!(found(&mut case).len(), 1);
    let rows = [("7.61.1-25.el8", State::Fixed, of(BASEOS))];
    let mut unknown = rhel(package("rpm", "curl", "7.61.1-22.el8"), &["no-such-rpms"], &rows);
    assert_eq!(found(&mut unknown).len(), 1);
}

#[test]
fn modules_are_judged_by_their_stream() {
    let nodejs = |label: Option<&str>, version: &str| Package {
        modularity: label.map(ToOwned::to_owned),
        ..package("rpm", "nodejs", version)
    };
    let of_module = |stream: &str| Scope {
        key: Key::Binary,
        module: Some(stream.to_owned()),
        ..Scope::default()
    };
    let rows = [
        ("1:16.20.2-1.module+el8.8.0+19+1", State::Fixed, of_module("nodejs:16")),
        ("1:18.19.0-1.module+el8.9.0+21+1", State::Fixed, of_module("nodejs:18")),
        ("1:99-1.el8", State::Fixed, Scope::binary()),
    ];
    let label = Some("nodejs:16:8080020230718:63b34585");
    let mut case = rhel(nodejs(label, "1:16.19.0-1.module+el8.7.0+17+1"), &[], &rows);
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 1:16.20.2-1.module+el8.8.0+19+1"]);
    let mut mended = rhel(nodejs(label, "1:16.20.2-1.module+el8.8.0+19+1"), &[], &rows);
    assert!(found(&mut mended).is_empty());
    // Without a label nobody knows the stream: it is told, and does not count.
    let mut unknown = rhel(nodejs(None, "1:16.19.0-1.module+el8.7.0+17+1"), &[], &rows[..2]);
    assert_eq!(
        found(&mut unknown),
        ["CVE-2030-0001 undetermined 1:16.20.2-1.module+el8.8.0+19+1 build"]
    );
    let mut plain = rhel(nodejs(None, "1:10.1-1.el8"), &[], &rows);
    assert_eq!(found(&mut plain), ["CVE-2030-0001 fixed 1:99-1.el8"]);
}

#[test]
fn another_dist_tag_or_architecture_says_nothing() {
    let installed = || Package {
        arch: Some("aarch64".to_owned()),
        ..package("rpm", "vim-minimal", "2:7.4.160-5.el8")
    };
    let x86 = Scope { arches: vec!["x86_64".to_owned()], ..Scope::binary() };
    let rows = [
        ("2:7.4.160-9.el9", State::Fixed, Scope::binary()),
        ("2:7.4.160-9.el8", State::Fixed, x86),
    ];
    // Whether it is mended cannot be told: it is a package of another release, and a gap.
    let mut foreign = rhel(installed(), &[], &rows);
    assert_eq!(found(&mut foreign), ["CVE-2030-0001 undetermined 2:7.4.160-9.el9 build"]);
    assert_eq!(foreign.judge().gaps[0].kind, GapKind::Unreadable);
    let mut noarch = installed();
    noarch.arch = Some("noarch".to_owned());
    assert_eq!(found(&mut rhel(noarch, &[], &rows)).len(), 1);
}

#[test]
fn the_epoch_of_a_source_rpm_is_not_known_and_left_out() {
    let mut case = Case::new(distro("rhel", "8", &[]));
    let scope = Scope { key: Key::Source, ..Scope::default() };
    case.push("redhat:8", "openssl", row("CVE-2030-0001", "1:1.1.1k-9.el8", State::Fixed, scope));
    let libs = |version: &str, of: &str| Package {
        source: Some(source("openssl", of)),
        ..package("rpm", "openssl-libs", version)
    };
    case.packages = vec![libs("1:1.1.1k-7.el8", "1.1.1k-7.el8")];
    assert_eq!(found(&mut case).len(), 1);
    case.packages = vec![libs("1:1.1.1k-9.el8", "1.1.1k-9.el8")];
    assert!(found(&mut case).is_empty(), "1.1.1k-9.el8 is no older than 1:1.1.1k-9.el8 here");
}

#[test]
fn amazon_kernel_lines_are_apart() {
    let mut case = Case::new(distro("amzn", "2", &[]));
    let core = row("CVE-2030-0001", "4.14.336-253.554.amzn2", State::Fixed, Scope::binary());
    let mut extra = row("CVE-2030-0001", "5.10.205-195.804.amzn2", State::Fixed, Scope::binary());
    extra.affected.intervals[0].low = plimsoll_model::Bound::Included("5.10".to_owned());
    case.push("amazon:2", "kernel", extra);
    case.push("amazon:2", "kernel", core);
    let kernel = |version: &str| vec![package("rpm", "kernel", version)];
    case.packages = kernel("4.14.330-250.540.amzn2");
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 4.14.336-253.554.amzn2"]);
    case.packages = kernel("4.14.336-253.554.amzn2");
    assert!(found(&mut case).is_empty());
    case.packages = kernel("5.10.200-190.amzn2");
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 5.10.205-195.804.amzn2"]);
}

#[test]
fn packages_of_others_are_not_judged_by_the_distribution() {
    let mut case = Case::new(distro("rocky", "9", &[]));
    let fixed = || row("CVE-2030-0001", "2.0-1.el9", State::Fixed, Scope::binary());
    case.push("rocky:9", "htop", fixed());
    case.push("epel:9", "htop", fixed());
    let foreign = |vendor: &str| Package {
        vendor: Some(vendor.to_owned()),
        repository: Some("third-party".to_owned()),
        ..package("rpm", "htop", "1.0-1.el9")
    };
    case.packages = vec![foreign("Docker, Inc.")];
    let judged = case.judge();
    assert!(judged.findings.is_empty() && judged.judged == 0);
    let gap = &judged.gaps[0];
    assert_eq!((gap.kind, gap.subject.as_str()), (GapKind::NoFeed, "third-party packages"));
    case.packages = vec![foreign("Fedora Project")];
    let judged = case.judge();
    assert_eq!((judged.findings.len(), judged.judged), (1, 1));
    assert_eq!(judged.findings[0].why.source, "epel:9");
}

#[test]
fn packages_built_anew_by_a_vendor_are_not_compared() {
    let mut case = Case::new(distro("debian", "12", &[]));
    case.push("debian:12", "zlib", row("CVE-2030-0001", "9", State::Fixed, Scope::default()));
    case.packages = vec![package("deb", "zlib", "1:1.2.13.dfsg-1.root.io.1")];
    let judged = case.judge();
    assert!(judged.findings.is_empty() && judged.judged == 0);
    assert_eq!(judged.gaps[0].subject, "packages built anew by Root.io");
}

#[test]
fn a_fips_build_of_which_nothing_is_said_is_a_gap() {
    let rows = [("3.0.2-0ubuntu1.8", State::Fixed, Scope::default())];
    let mut case = bionic("3.0.2-0ubuntu1.5+Fips1", &[], &rows);
    assert_eq!(found(&mut case), ["CVE-2030-0001 undetermined 3.0.2-0ubuntu1.8 build"]);
    let gap = case.judge().gaps.remove(0);
    assert_eq!((gap.kind, gap.subject.as_str()), (GapKind::Unreadable, "openssl"));
}

#[test]
fn a_package_cleared_by_its_own_name_is_not_affected_through_its_source() {
    let mut case = Case::new(distro("rhel", "9", &[]));
    let of = |key| Scope { key, products: vec![BASEOS.replace(":8", ":9")], ..Scope::default() };
    let fixed = row("CVE-2030-0001", "5.14.0-427.el9", State::Fixed, of(Key::Source));
    case.push("redhat:9", "kernel", fixed);
    let clear = row("CVE-2030-0001", "", State::NotAffected, of(Key::Binary));
    case.push("redhat:9", "kernel-tools", clear);
    let of_kernel = |name: &str| Package {
        source: Some(source("kernel", "5.14.0-300.el9")),
        ..package("rpm", name, "5.14.0-300.el9")
    };
    case.packages = vec![of_kernel("kernel-tools"), of_kernel("kernel-core")];
    let judged = case.judge();
    assert_eq!(judged.findings.len(), 1);
    assert_eq!(case.name_of(&judged.findings[0]), "kernel-core");
}

#[test]
fn extended_support_without_records_of_its_own_is_judged_by_the_usual_products() {
    let rows = [("7.61.1-25.el8_7", State::Fixed, of(BASEOS))];
    let mut case = rhel(package("rpm", "curl", "7.61.1-22.el8_6"), &[EUS], &rows);
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 7.61.1-25.el8_7"]);
}

#[test]
fn signed_kernels_are_judged_as_what_they_sign() {
    let mut case = Case::new(distro("ubuntu", "22.04", &[]));
    let fixed = |id: &str| row(id, "5.15.0-30.31", State::Fixed, Scope::default());
    case.push("ubuntu:22.04", "linux", fixed("CVE-2030-0001"));
    case.push("ubuntu:22.04", "linux-azure", fixed("CVE-2030-0002"));
    let signed = |of: &str| Package {
        source: Some(source(of, "5.15.0-25.25")),
        ..package("deb", "linux-image-5.15.0-25-generic", "5.15.0-25.25")
    };
    case.packages = vec![signed("linux-signed"), signed("linux-signed-azure")];
    assert_eq!(
        found(&mut case),
        ["CVE-2030-0001 fixed 5.15.0-30.31", "CVE-2030-0002 fixed 5.15.0-30.31"]
    );
}

#[test]
fn a_library_packed_at_home_is_judged_for_itself() {
    let mut case = owned("debian", "12", "deb");
    case.packages[1].evidence[0].path = "usr/local/lib/python3/requests/METADATA".to_owned();
    case.rows.remove("debian:12");
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 2.99", "CVE-2030-0002 fixed 2.99"]);
}

#[test]
fn headers_of_the_kernel_are_set_aside() {
    let mut case = Case::new(distro("debian", "12", &[]));
    case.push("debian:12", "linux", row("CVE-2030-0001", "9", State::Fixed, Scope::default()));
    let of_linux = |name: &str| Package {
        source: Some(source("linux", "6.1.90-1")),
        ..package("deb", name, "6.1.90-1")
    };
    case.packages = vec![of_linux("linux-libc-dev"), of_linux("linux-image-6.1.0-21-amd64")];
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 9 kernel headers", "CVE-2030-0001 fixed 9"]);
}

/// A Debian or Alpine package that owns a Python library with one weakness, and one the distribution
/// says something of.
fn owned(id: &str, release: &str, kind: &str) -> Case {
    let mut case = Case::new(distro(id, release, &[]));
    let namespace = case.distro.namespace().unwrap();
    case.push(
        &namespace,
        "requests",
        row("CVE-2030-0001", "2.28.1-2", State::Fixed, Scope::default()),
    );
    for id in ["CVE-2030-0001", "CVE-2030-0002"] {
        case.push("pypi", "requests", row(id, "2.99", State::Fixed, Scope::default()));
    }
    let mut owner = package(kind, "requests", "2.28.1-r3");
    owner.finish(Some(&case.distro), "");
    let library =
        Package { owner: Some(owner.id.clone()), ..package("pypi", "requests", "2.28.1") };
    case.packages = vec![owner, library];
    case
}

#[test]
fn a_library_of_the_distribution_is_judged_as_its_package() {
    let all = ["CVE-2030-0001 fixed 2.99 ownership", "CVE-2030-0002 fixed 2.99 ownership"];
    let mut debian = owned("debian", "12", "deb");
    debian.packages[0].version = "2.28.1-2".to_owned();
    debian.packages[0].finish(Some(&debian.distro), "");
    debian.packages[1].owner = Some(debian.packages[0].id.clone());
    assert_eq!(found(&mut debian), all);
    // Alpine tells fixes alone: what it does not tell counts.
    let partly = ["CVE-2030-0001 fixed 2.99 ownership", "CVE-2030-0002 fixed 2.99"];
    let mut alpine = owned("alpine", "3.17", "apk");
    alpine.rows.get_mut("alpine:3.17").unwrap()[0].1 =
        row("CVE-2030-0001", "2.28.1-r2", State::Fixed, Scope::default());
    assert_eq!(found(&mut alpine), partly);
}

#[test]
fn a_library_of_a_foreign_package_is_judged_for_itself() {
    let mut case = owned("debian", "12", "deb");
    case.packages[0].version = "2.28.1-2".to_owned();
    case.packages[0].repository = Some("third-party".to_owned());
    case.packages[0].finish(Some(&case.distro), "");
    case.packages[1].owner = Some(case.packages[0].id.clone());
    assert_eq!(found(&mut case), ["CVE-2030-0001 fixed 2.99", "CVE-2030-0002 fixed 2.99"]);
}
