//! What is one installation, and what a package of the distribution owns.

use plimsoll_model::{Confidence, Evidence};

use super::*;

fn program(name: &str, version: &str, path: &str, confidence: Confidence) -> Package {
    let cataloguer = if path.ends_with("release") { "runtime" } else { "classifier" };
    Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: GENERIC.to_owned(),
        confidence: Some(confidence),
        evidence: vec![Evidence {
            cataloguer: cataloguer.to_owned(),
            path: path.to_owned(),
            layer: None,
        }],
        ..Package::default()
    }
}

fn settled(libraries: Vec<Package>) -> Vec<(String, String, Vec<String>)> {
    let mut packages = libraries;
    let range = 0..packages.len();
    settle(&mut packages, range, &Owned::default(), None);
    let paths = |package: &Package| package.evidence.iter().map(|seen| seen.path.clone()).collect();
    packages
        .iter()
        .map(|package| (package.name.clone(), package.version.clone(), paths(package)))
        .collect()
}

use Confidence::{High, Low, Medium};

#[test]
fn the_programs_of_one_installation_are_one_package() {
    let found = settled(vec![
        program("python", "3.11", "usr/local/bin/python3.11", Low),
        program("python", "3.11.2", "usr/local/lib/libpython3.11.so.1.0", High),
        program("python", "3.12.1", "usr/local/lib/libpython3.12.so.1.0", High),
        program("python", "3.11.2", "opt/py/bin/python3.11", High),
        program("redis", "7.0.15", "usr/local/bin/redis-cli", Medium),
        program("redis", "7.0.15", "usr/local/bin/redis-server", High),
    ]);
    let all: Vec<(&str, &str, usize)> = found
        .iter()
        .map(|(name, version, paths)| (name.as_str(), version.as_str(), paths.len()))
        .collect();
    assert_eq!(
        all,
        [
            ("python", "3.11.2", 1),
            ("redis", "7.0.15", 2),
            ("python", "3.11.2", 2),
            ("python", "3.12.1", 1),
        ]
    );
}

#[test]
fn a_version_that_goes_on_with_a_digit_is_another() {
    let found = settled(vec![
        program("python", "3.1", "usr/bin/python3.1", Low),
        program("python", "3.11.2", "usr/bin/python3.11", High),
    ]);
    assert_eq!(found.len(), 2);
}

#[test]
fn a_jvm_is_what_its_release_file_says() {
    let found = settled(vec![
        program("java", "17.0.8+7", "opt/jdk/bin/java", High),
        program("zulu", "17.0.8+7", "opt/jdk/lib/server/libjvm.so", Medium),
        program("java", "17.0.8+7-LTS", "opt/jdk/release", High),
        program("java", "11.0.1+1", "opt/jre11/bin/java", High),
    ]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].1, "17.0.8+7-LTS");
    assert_eq!(found[0].2.len(), 3);
    assert_eq!(found[1].1, "11.0.1+1");
}

#[test]
fn versions_of_programs_and_of_their_packages_agree() {
    let owner = |version: &str| Package { version: version.to_owned(), ..Package::default() };
    let is = |package: &str, found: &str| is_same(&owner(package), &program("x", found, "x", High));
    assert!(is("1:2.39.5-0+deb12u3", "2.39.5"));
    assert!(is("7.88.1-10+deb12u15", "7.88.1"));
    assert!(is("8u352-ga-1~deb11u1", "1.8.0_352-b08"));
    assert!(is("1:1.8.0.352.b08-2.el9_0", "1.8.0_352-b08"));
    assert!(is("1:1.3.dfsg+really1.3.1-1+b1", "1.3.1"));
    assert!(is("9.3_p2-r0", "9.3p2"));
    assert!(is("17.0.21.1+2-1~deb12u1", "17.0.21.1+2"));
    assert!(is("3.11.2-6+deb12u6", "3.11"));
    assert!(!is("16.2.1", "18.12.1"));
    assert!(!is("1.22.10-1", "1.22.1"));
    assert!(!is("", "1.22.1"));
    let gcrypt = Package { name: "libgcrypt20".to_owned(), ..owner("1.8.7-6") };
    assert!(is_same(&gcrypt, &program("libgcrypt", "1.8.8", "x", High)));
    let gitlab = Package { name: "gitlab".to_owned(), ..owner("16.2.1") };
    assert!(!is_same(&gitlab, &program("git", "2.41.0", "x", High)), "another name");
    let third = Package { repository: Some(THIRD_PARTY.to_owned()), ..owner("1.25.1-1~bookworm") };
    assert!(!is_same(&third, &program("nginx", "1.25.1", "usr/sbin/nginx", High)));
}

#[test]
fn an_installation_lies_above_its_folders_of_programs() {
    for (path, folder) in [
        ("usr/local/bin/node", "usr/local"),
        ("bin/bash", "usr"),
        ("usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "usr"),
        ("usr/lib/postgresql/15/bin/postgres", "usr/lib/postgresql/15"),
        ("opt/jdk8/jre/lib/amd64/server/libjvm.so", "opt/jdk8"),
        ("usr/lib/jvm/java-17/release", "usr/lib/jvm/java-17"),
        ("usr/lib/jvm/java-17/bin/java", "usr/lib/jvm/java-17"),
        ("usr/lib/go/VERSION", "usr/lib/go"),
        ("usr/lib/erlang/releases/25/OTP_VERSION", "usr/lib/erlang"),
        ("usr/lib/erlang/erts-13.1.5/bin/beam.smp", "usr/lib/erlang"),
        ("srv/redis-server", "srv"),
        ("redis-server", "usr"),
    ] {
        assert_eq!(home(path), folder, "{path}");
    }
}

#[test]
fn programs_that_tell_nothing_belong_to_their_installation() {
    let packages = [
        program("ruby", "3.1.2", "usr/lib/x/libruby-3.1.so.3.1.2", High),
        program("java", "17.0.8", "opt/jdk/release", High),
        program("golang", "1.21.3", "VERSION", High),
    ];
    let installed = Installations::new(&packages);
    assert!(installed.explain("usr/bin/ruby3.1"));
    assert!(!installed.explain("usr/local/bin/ruby3.1"), "another installation");
    assert!(!installed.explain("usr/bin/miner"));
    assert!(installed.explain("opt/jdk/bin/jcmd"));
    assert!(!installed.explain("opt/jdk2/bin/jcmd"));
    assert!(!Installations::new(&[]).explain("opt/jdk/bin/jcmd"));
}
