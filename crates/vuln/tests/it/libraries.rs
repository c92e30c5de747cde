//! The rules of languages and programs: which of several records counts, what is told and does not count.

use plimsoll_model::{
    Affected, Bound, Class, Distro, GapKind, Interval, Package, Scope, Severity, State,
};

use super::cases::{Case, row};

/// A case with one package on no distribution.
fn case(kind: &str, name: &str, version: &str) -> Case {
    let mut case = Case::new(Distro::new("kali", "", "", "", ""));
    case.packages = vec![Package {
        name: name.to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        evidence: vec![plimsoll_model::Evidence { path: name.to_owned(), ..Default::default() }],
        ..Package::default()
    }];
    case
}

/// A record on all versions below `fixed`; all versions where that is empty.
fn record(id: &str, aliases: &[&str], fixed: &str) -> plimsoll_model::Advisory {
    let state = if fixed.is_empty() { State::Affected } else { State::Fixed };
    let mut record = row(id, fixed, state, Scope::default());
    record.aliases = aliases.iter().map(|id| (*id).to_owned()).collect();
    record
}

fn of_class(class: Class, record: plimsoll_model::Advisory) -> plimsoll_model::Advisory {
    plimsoll_model::Advisory { class, ..record }
}

/// Returns what was found: id, fixed versions, what sets it aside, the note.
fn found(case: &mut Case) -> Vec<String> {
    let judged = case.judge();
    let told = judged.findings.iter().map(|finding| {
        let by = finding.set_aside.as_ref().map_or("", |aside| aside.by.as_str());
        let note = finding.note.as_deref().unwrap_or_default();
        format!("{} [{}] {by}({note})", finding.id, finding.fixed_versions.join(","))
    });
    told.collect()
}

#[test]
fn records_that_share_an_id_are_one_finding_with_all_ids() {
    let mut case = case("pypi", "Foo.Bar", "1.0");
    case.push("pypi", "foo-bar", record("GHSA-1", &["CVE-2030-1"], "1.2"));
    case.push("pypi", "foo-bar", record("PYSEC-1", &["CVE-2030-1", "X-1"], "1.3"));
    case.push("pypi", "foo-bar", record("X-1", &[], "1.2"));
    let judged = case.judge();
    assert_eq!(judged.findings.len(), 1);
    let finding = &judged.findings[0];
    assert_eq!((finding.id.as_str(), finding.malicious), ("CVE-2030-1", false));
    assert_eq!(finding.aliases, ["GHSA-1", "PYSEC-1", "X-1"]);
    assert_eq!(finding.fixed_versions, ["1.3"], "mended again");
    assert!(finding.note.as_deref().unwrap().contains("PYSEC-1 names 1.3 as the fix"));
}

#[test]
fn a_record_of_two_cves_glues_them_not_together() {
    let of = |version: &str| {
        let name = "io.netty:netty-codec-http";
        let mut case = case("maven", name, version);
        let aliases = ["CVE-2021-21290", "CVE-2022-24823", "GHSA-5mcr-gq6c-3hq2"];
        case.push("maven", name, record("GHSA-269q-hmxg-m83q", &aliases, "4.1.77.Final"));
        let first = record("GHSA-5mcr-gq6c-3hq2", &["CVE-2021-21290"], "4.1.59.Final");
        case.push("maven", name, first);
        case
    };
    let mut mended = of("4.1.65.Final");
    assert_eq!(found(&mut mended), ["CVE-2022-24823 [4.1.77.Final] ()"]);
    let judged = mended.judge();
    assert_eq!(judged.findings[0].aliases, ["GHSA-269q-hmxg-m83q"]);
    assert_eq!(judged.negatives[0].id, "CVE-2021-21290");
    assert_eq!(
        found(&mut of("4.1.40.Final")),
        ["CVE-2021-21290 [4.1.59.Final] ()", "CVE-2022-24823 [4.1.77.Final] ()"]
    );

    // Nothing else tells of either: both are found; a record without a CVE tells of both.
    let mut alone = case("pypi", "foo", "1.0");
    alone.push("pypi", "foo", record("GHSA-1", &["CVE-2030-1", "CVE-2030-2"], "1.2"));
    alone.push("pypi", "foo", record("PYSEC-1", &["GHSA-1"], "1.2"));
    assert_eq!(found(&mut alone), ["CVE-2030-1 [1.2] ()", "CVE-2030-2 [1.2] ()"]);
    assert_eq!(alone.judge().findings[1].aliases, ["GHSA-1", "PYSEC-1"]);
    // Both have records of their own: it is told with each.
    let mut all = case("pypi", "foo", "1.0");
    all.push("pypi", "foo", record("GHSA-1", &["CVE-2030-1", "CVE-2030-2"], "1.2"));
    all.push("pypi", "foo", record("PYSEC-1", &["CVE-2030-1"], "1.2"));
    all.push("pypi", "foo", record("PYSEC-2", &["CVE-2030-2"], "1.2"));
    let ids = |finding: &plimsoll_model::Finding| finding.aliases.clone();
    let aliases: Vec<_> = all.judge().findings.iter().map(ids).collect();
    assert_eq!(aliases, [["GHSA-1", "PYSEC-1"], ["GHSA-1", "PYSEC-2"]]);
}

#[test]
fn a_module_built_from_a_work_tree_is_hit_by_nothing() {
    let mut case = case("golang", "go.etcd.io/etcd", "(devel)");
    case.push("golang", "go.etcd.io/etcd", record("GO-2026-4806", &["CVE-2026-33413"], ""));
    let judged = case.judge();
    let finding = &judged.findings[0];
    assert_eq!((finding.state, finding.counts()), (State::Undetermined, false));
    assert_eq!((judged.judged, judged.gaps[0].kind), (0, GapKind::Unidentified));
    let told = "`(devel)`: it was built from a work tree, of no known version, so `go.etcd.io/etcd` \
                cannot be judged";
    assert_eq!(judged.gaps[0].detail, told);
}

#[test]
fn without_a_curated_record_any_record_is_enough_and_the_contrary_is_told() {
    let mut case = case("pypi", "foo", "1.2");
    case.push("pypi", "foo", record("GHSA-1", &["CVE-2030-1"], "1.2"));
    case.push("pypi", "foo", record("PYSEC-1", &["CVE-2030-1"], "1.3"));
    assert_eq!(
        found(&mut case),
        [
            "CVE-2030-1 [1.3] (GHSA-1 says that it is not affected: case: affected is <1.2, installed \
          is 1.2)"
        ]
    );
}

#[test]
fn what_the_language_looked_through_counts() {
    let curated = |fixed| of_class(Class::Curated, record("GO-2030-1", &["GHSA-1"], fixed));
    let mut mended = case("golang", "example.org/m", "v1.2.0");
    mended.push("golang", "example.org/m", record("GHSA-1", &["CVE-2030-1"], "1.5.0"));
    mended.push("golang", "example.org/m", curated("1.2.0"));
    assert_eq!(found(&mut mended), ["CVE-2030-1 [1.5.0] curated()"]);
    let reason = mended.judge().findings[0].set_aside.clone().unwrap().reason;
    assert_eq!(reason, "GO-2030-1: case: affected is <1.2.0, installed is v1.2.0");

    let mut open = case("golang", "example.org/m", "v1.1.0");
    open.push("golang", "example.org/m", record("GHSA-1", &["CVE-2030-1"], "1.5.0"));
    open.push("golang", "example.org/m", curated("1.2.0"));
    assert_eq!(found(&mut open), ["CVE-2030-1 [1.2.0] (GHSA-1 names 1.5.0 as the fix)"]);
    assert_eq!(open.judge().findings[0].why.range, "<1.2.0");

    let mut missed = case("golang", "example.org/m", "v1.1.0");
    missed.push("golang", "example.org/m", record("GHSA-1", &["CVE-2030-1"], "1.0.0"));
    missed.push("golang", "example.org/m", curated(""));
    let told = found(&mut missed);
    assert!(told[0].starts_with("CVE-2030-1 [] (GHSA-1 says that it is not affected"), "{told:?}");
}

#[test]
fn malware_and_what_is_no_weakness_are_told_apart() {
    let mut malware = case("npm", "left-pad", "1.0.0");
    malware.push("npm", "left-pad", of_class(Class::Malicious, record("MAL-2030-1", &[], "")));
    let judged = malware.judge();
    let finding = &judged.findings[0];
    assert!(finding.malicious && finding.counts());
    assert_eq!(finding.severity, Severity::Critical);

    let mut old = case("cargo", "ansi_term", "0.12.1");
    let mut note = of_class(Class::Informational, record("RUSTSEC-2021-0139", &[], ""));
    note.note = Some("unmaintained".to_owned());
    old.push("cargo", "ansi_term", note);
    let judged = old.judge();
    let aside = judged.findings[0].set_aside.clone().unwrap();
    assert_eq!(aside.by, "informational");
    assert_eq!(aside.reason, "case tells of no weakness: unmaintained");
}

#[test]
fn a_module_is_looked_up_without_its_major_version_too() {
    let (path, bare) = ("github.com/redis/go-redis/v9", "github.com/redis/go-redis");
    let mut github = case("golang", path, "v9.5.2");
    let mut of_path = record("GHSA-1", &[], "9.5.5");
    of_path.affected.intervals[0].low = Bound::Included("9.5.1".to_owned());
    github.push("golang", bare, of_path);
    assert_eq!(found(&mut github), ["GHSA-1 [9.5.5] ()"]);

    let mut others = case("golang", path, "v9.5.2");
    others.push("golang", bare, record("GO-2030-1", &[], "9.9.0"));
    others.push("golang", bare, record("GHSA-2", &[], ""));
    assert!(found(&mut others).is_empty(), "they mean the path without a major version");
}

#[test]
fn the_standard_library_has_versions_of_three_numbers() {
    let mut case = case("golang", "stdlib", "go1.21rc2 X:boringcrypto");
    case.push("golang", "stdlib", record("GO-2030-1", &[], "1.21.0-rc.3"));
    case.push("golang", "stdlib", record("GO-2030-2", &[], "1.21.0-rc.2"));
    assert_eq!(found(&mut case), ["GO-2030-1 [1.21.0-rc.3] ()"]);
}

#[test]
fn records_of_another_system_are_no_findings() {
    let mut case = case("golang", "stdlib", "1.20.0");
    case.packages[0].arch = Some("amd64".to_owned());
    let mut windows = record("GO-2030-1", &[], "1.21.0");
    windows.scope.arches = vec!["windows/*".to_owned()];
    case.push("golang", "stdlib", windows);
    let judged = case.judge();
    assert!(judged.findings.is_empty());
    assert_eq!(
        judged.negatives[0].reason,
        "case: it is about windows/*, the package is of linux/amd64"
    );
}

#[test]
fn crates_of_programs_are_of_a_system_too() {
    for (arch, hits) in [(Some("amd64"), 0), (Some("windows/amd64"), 1), (None, 1)] {
        let mut case = case("cargo", "mio", "0.8.10");
        case.packages[0].arch = arch.map(ToOwned::to_owned);
        let mut windows = record("RUSTSEC-2030-1", &["CVE-2030-1"], "0.8.11");
        windows.scope.arches = vec!["windows/*".to_owned()];
        case.push("cargo", "mio", windows);
        assert_eq!(case.judge().findings.len(), hits, "{arch:?}");
    }
}

#[test]
fn a_build_of_a_version_is_that_version() {
    let mut torch = case("pypi", "torch", "2.0.1+cu118");
    let mut listed = record("PYSEC-1", &[], "");
    listed.affected = Affected { intervals: Vec::new(), versions: vec!["2.0.1".to_owned()] };
    torch.push("pypi", "torch", listed);
    torch.push("pypi", "torch", record("PYSEC-2", &[], "2.0.1"));
    let mut up_to = record("PYSEC-3", &[], "");
    up_to.affected.intervals[0].high = Bound::Included("2.0.1".to_owned());
    torch.push("pypi", "torch", up_to);
    // One that tells builds apart is compared with the whole.
    torch.push("pypi", "torch", record("PYSEC-4", &[], "2.0.1+cu119"));
    torch.push("pypi", "torch", record("PYSEC-5", &[], "2.0.1+cu117"));
    let ids: Vec<String> = torch.judge().findings.into_iter().map(|found| found.id).collect();
    assert_eq!(ids, ["PYSEC-1", "PYSEC-3", "PYSEC-4"]);

    let mut guava = case("maven", "com.google.guava:guava", "32.0.0-android");
    guava.push("maven", "com.google.guava:guava", record("GHSA-1", &[], "32.0.0"));
    guava.push("maven", "com.google.guava:guava", record("GHSA-2", &[], "32.0.1"));
    assert_eq!(found(&mut guava), ["GHSA-2 [32.0.1] ()"]);
}

#[test]
fn what_has_no_version_is_told_and_not_judged() {
    for (kind, name, version, gap) in [
        ("composer", "acme/tide", "dev-main", GapKind::Unreadable),
        ("composer", "acme/tide", "2.x-dev", GapKind::Unreadable),
        ("npm", "tide", "x.y", GapKind::Unreadable),
        ("npm", "tide", "", GapKind::Unreadable),
        ("golang", "acme/tide", "(devel)", GapKind::Unidentified),
    ] {
        let mut case = case(kind, name, version);
        case.push(kind, "other", record("GHSA-1", &[], "3.0.0"));
        let judged = case.judge();
        assert_eq!((judged.judged, judged.gaps.len()), (1, 0), "nothing is known of it");
        case.push(kind, name, record("GHSA-1", &[], "3.0.0"));
        let judged = case.judge();
        assert_eq!(judged.judged, 0, "{version}");
        let finding = &judged.findings[0];
        assert_eq!((finding.state, finding.counts()), (State::Undetermined, false), "{version}");
        let told = &judged.gaps[0];
        assert_eq!((told.kind, told.subject.as_str()), (gap, name), "{version}");
    }
    let mut declared = case("npm", "tide", "^1.2");
    declared.packages[0].declared = true;
    declared.push("npm", "tide", record("GHSA-1", &[], "3.0.0"));
    assert_eq!(declared.judge().gaps[0].kind, GapKind::Unidentified);
}

/// A program or library whose file belongs to a package of a distribution.
fn owned(distro: &str, release: &str, kind: &str) -> Case {
    let mut case = node();
    case.distro = Distro::new(distro, release, "", "", "etc/os-release");
    let mut owner = case.packages[0].clone();
    owner.cpes.clear();
    (owner.name, owner.version, owner.kind) =
        ("nodejs".to_owned(), "18.12.1-2".to_owned(), kind.to_owned());
    owner.finish(Some(&case.distro), "");
    case.packages[0].owner = Some(owner.id.clone());
    case.packages.push(owner);
    case
}

#[test]
fn a_program_of_the_distribution_is_judged_as_its_package() {
    let mut debian = owned("debian", "12", "deb");
    debian.push("debian:12", "nodejs", record("CVE-2030-1", &[], "18.12.1-1"));
    assert_eq!(found(&mut debian), ["CVE-2030-1 [18.18.2] ownership()"]);
    let judged = debian.judge();
    assert_eq!(judged.findings[0].package, debian.packages[0].id, "both facts are kept");
    // No feed judges the owner: it stands for nothing.
    let mut kali = owned("kali", "", "deb");
    let told = ["CVE-2030-1 [18.18.2] (its file belongs to nodejs 18.12.1-2)"];
    assert_eq!(found(&mut kali), told);
}

#[test]
fn what_a_whole_feed_does_not_name_is_the_distributions_unless_it_lies_elsewhere() {
    for (distro, release, folder, by) in [
        ("debian", "12", "usr/bin/node", "ownership"),
        ("debian", "12", "usr/local/bin/node", ""),
        ("debian", "12", "opt/node/bin/node", ""),
        ("alpine", "3.17", "usr/bin/node", ""),
    ] {
        let kind = if distro == "alpine" { "apk" } else { "deb" };
        let mut case = owned(distro, release, kind);
        case.packages[0].evidence[0].path = folder.to_owned();
        case.push(&format!("{distro}:{release}"), "other", record("CVE-2030-9", &[], "2"));
        let note = if by.is_empty() { "its file belongs to nodejs 18.12.1-2" } else { "" };
        assert_eq!(found(&mut case), [format!("CVE-2030-1 [18.18.2] {by}({note})")], "{folder}");
    }
}

const NODE: &str = "cpe:2.3:a:nodejs:node.js:18.12.1:*:*:*:*:*:*:*";

/// A program with a CPE name, and a record of the NVD on it.
fn node() -> Case {
    let mut case = case("generic", "node", "18.12.1");
    case.packages[0].cpes = vec![NODE.to_owned()];
    let mut nvd = record("CVE-2030-1", &[], "18.18.2");
    nvd.affected.intervals[0].low = Bound::Included("18.0.0".to_owned());
    case.push("nvd:nodejs:node.js", "nodejs:node.js", nvd);
    case
}

#[test]
fn a_program_is_judged_by_its_cpe_name_and_by_bitnami() {
    let mut case = node();
    case.push("bitnami", "node", record("BIT-node-1", &["CVE-2030-1"], "18.18.2"));
    case.push("bitnami", "node", record("BIT-node-2", &["CVE-2030-2"], "20.0.0"));
    let judged = case.judge();
    assert_eq!((judged.judged, judged.gaps.len()), (1, 0), "{:?}", judged.gaps);
    let ids: Vec<&str> = judged.findings.iter().map(|found| found.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2030-1", "CVE-2030-2"]);
    let finding = &judged.findings[0];
    assert_eq!(finding.aliases, ["BIT-node-1"]);
    assert_eq!(finding.why.matched_name, NODE);
    assert_eq!(finding.why.source, "nvd:nodejs:node.js");
    assert_eq!(finding.why.range, ">=18.0.0, <18.18.2");
    assert_eq!(finding.why.comparison, "18.0.0 <= 18.12.1 < 18.18.2");
}

#[test]
fn the_nvd_of_all_products_serves_where_there_is_none_of_one() {
    let mut case = node();
    let rows = case.rows.remove("nvd:nodejs:node.js").unwrap();
    case.rows.insert("nvd".to_owned(), rows);
    assert_eq!(found(&mut case), ["CVE-2030-1 [18.18.2] ()"]);
}

#[test]
fn a_program_that_nothing_speaks_of_is_not_clean() {
    let mut case = node();
    case.rows.clear();
    // Bitnami does not know it, and there is no NVD.
    case.push("bitnami", "redis", record("BIT-redis-1", &[], "7"));
    let judged = case.judge();
    assert_eq!((judged.judged, judged.findings.len()), (0, 0));
    let gap = &judged.gaps[0];
    assert_eq!((gap.kind, gap.subject.as_str()), (GapKind::NoFeed, "nvd:nodejs:node.js"));
    // Nor is there an address at the NVD.
    case.packages[0].cpes = vec!["cpe:2.3:a:erlang:erlang\\/otp:25.2.3:*:*:*:*:*:*:*".to_owned()];
    assert_eq!(case.judge().gaps[0].subject, "generic packages");
    // And nobody vouches for what it is.
    case.packages[0].cpes.clear();
    let judged = case.judge();
    assert_eq!((judged.judged, judged.gaps[0].kind), (0, GapKind::NoFeed));
}

#[test]
fn java_has_an_order_of_its_own() {
    for (installed, hit) in
        [("1.8.0_345", true), ("8.0.345", true), ("1.8.0_352", false), ("17.0.5", false)]
    {
        let mut case = case("generic", "java", installed);
        case.packages[0].cpes = vec!["cpe:2.3:a:oracle:jdk:1.8.0:*:*:*:*:*:*:*".to_owned()];
        case.push("nvd", "oracle:jdk", record("CVE-2030-1", &[], "1.8.0_352"));
        assert_eq!(case.judge().findings.len(), usize::from(hit), "{installed}");
    }
    // Bitnami writes 8 in front, and bounds that Java never had.
    let mut java = case("generic", "java", "1.8.0_181-b13");
    java.packages[0].cpes = vec!["cpe:2.3:a:oracle:openjdk:8:update181:*:*:*:*:*:*".to_owned()];
    let mut theirs = record("BIT-java-1", &["CVE-2030-1"], "8.0.261");
    theirs.affected.intervals[0].low = Bound::Included("8.0.0".to_owned());
    java.push("bitnami", "java", theirs);
    java.push("bitnami", "java", record("BIT-java-2", &["CVE-2030-2"], "8.0.181"));
    java.push("bitnami", "java", record("BIT-java-3", &["CVE-2030-3"], "1.8.0"));
    assert_eq!(found(&mut java), ["CVE-2030-1 [8.0.261] ()"]);
    assert_eq!((java.judge().judged, java.judge().gaps.len()), (1, 0));

    let mut openssl = case("generic", "openssl", "1.1.1k");
    openssl.packages[0].cpes = vec!["cpe:2.3:a:openssl:openssl:1.1.1k:*:*:*:*:*:*:*".to_owned()];
    for (id, fixed) in [("CVE-2030-1", "1.1.1k"), ("CVE-2030-2", "1.1.1l")] {
        openssl.push("nvd", "openssl:openssl", record(id, &[], fixed));
    }
    let mut all = record("CVE-2030-3", &[], "");
    all.affected.intervals =
        vec![Interval { low: Bound::Open, high: Bound::Included("1.1.1".to_owned()) }];
    openssl.push("nvd", "openssl:openssl", all);
    assert_eq!(found(&mut openssl), ["CVE-2030-2 [1.1.1l] ()"]);
}

/// A record of stretches that begin with the first version of each and end before the second.
fn stretches(id: &str, alias: &str, stretches: &[(&str, &str)]) -> plimsoll_model::Advisory {
    let intervals = stretches.iter().map(|(low, high)| Interval {
        low: Bound::Included((*low).to_owned()),
        high: Bound::Excluded((*high).to_owned()),
    });
    let affected = Affected { intervals: intervals.collect(), versions: Vec::new() };
    let fixed_versions = stretches.iter().map(|(_, high)| (*high).to_owned()).collect();
    plimsoll_model::Advisory { affected, fixed_versions, ..record(id, &[alias], "9") }
}

#[test]
fn what_a_record_calls_affected_mends_nothing() {
    let mut touching = case("pypi", "foo", "1.5");
    let three = [("1.0", "2.0"), ("2.0", "3.0"), ("3.0", "3.26")];
    touching.push("pypi", "foo", stretches("GHSA-1", "CVE-2030-1", &three));
    assert_eq!(found(&mut touching), ["CVE-2030-1 [3.26] ()"]);

    // All that it names as fixes it calls affected: there is none.
    let mut none = case("pypi", "foo", "1.5");
    let mut record = stretches("GHSA-1", "CVE-2030-1", &[("1.0", "2.0")]);
    record.affected.versions = vec!["2.0.0".to_owned()];
    none.push("pypi", "foo", record);
    assert_eq!(found(&mut none), ["CVE-2030-1 [] ()"]);
    assert_eq!(none.judge().findings[0].state, State::Affected);
}

#[test]
fn what_another_record_calls_affected_mends_nothing_where_another_fix_remains() {
    let curated = |fixed: &[(&str, &str)]| {
        of_class(Class::Curated, stretches("RUSTSEC-2030-1", "CVE-2030-1", fixed))
    };
    let theirs = |highs: &str| stretches("GHSA-1", "CVE-2030-1", &[("0.1.0", highs)]);
    let mut two = case("cargo", "time", "0.1.43");
    two.push("cargo", "time", curated(&[("0.1.0", "0.2.0"), ("0.2.7", "0.2.23")]));
    two.push("cargo", "time", theirs("0.2.1"));
    assert_eq!(found(&mut two), ["CVE-2030-1 [0.2.23] (GHSA-1 names 0.2.1 as the fix)"]);

    let mut one = case("cargo", "time", "0.1.43");
    one.push("cargo", "time", curated(&[("0.1.0", "0.2.0")]));
    one.push("cargo", "time", theirs("0.2.1"));
    assert_eq!(found(&mut one), ["CVE-2030-1 [0.2.0] (GHSA-1 names 0.2.1 as the fix)"]);
}

#[test]
fn a_version_from_before_the_order_is_hit_by_what_lists_it_alone() {
    let mut custom = case("pypi", "foo", "4.2-custom");
    custom.push("pypi", "foo", record("GHSA-1", &["CVE-2030-1"], "5.0"));
    let mut old = stretches("GHSA-2", "CVE-2030-2", &[]);
    old.affected.versions = vec!["4.2-custom".to_owned()];
    custom.push("pypi", "foo", old);
    let judged = custom.judge();
    let seen: Vec<_> =
        judged.findings.iter().map(|f| (f.id.as_str(), f.counts(), f.state)).collect();
    let expected =
        [("CVE-2030-1", false, State::Undetermined), ("CVE-2030-2", true, State::Affected)];
    assert_eq!(seen, expected);
    assert_eq!(judged.gaps.last().unwrap().kind, GapKind::Unreadable);
}

/// The go command: a program by its bytes, and two modules by its build information, of which each has a
/// record of the same CVE.
fn go() -> Case {
    let mut case = case("generic", "golang", "1.19.8");
    case.packages[0].cpes = vec!["cpe:2.3:a:golang:go:1.19.8:*:*:*:*:*:*:*".to_owned()];
    for name in ["stdlib", "toolchain"] {
        let mut module = case.packages[0].clone();
        module.cpes.clear();
        (module.name, module.kind) = (name.to_owned(), "golang".to_owned());
        case.packages.push(module);
        case.push("golang", name, record("GO-2030-1", &["CVE-2030-1"], "1.20.0-0"));
    }
    for package in &mut case.packages {
        "opt/go/bin/go".clone_into(&mut package.evidence[0].path);
        package.finish(None, "");
    }
    case.push("golang", "toolchain", record("GO-2030-2", &["CVE-2030-2"], "1.20.0"));
    let mut rated = record("BIT-golang-1", &["CVE-2030-1"], "1.20.0");
    rated.severity = Some(Severity::High);
    case.push("bitnami", "golang", rated);
    case.push("bitnami", "golang", record("BIT-golang-3", &["CVE-2030-3"], "1.20.0"));
    case
}

#[test]
fn one_file_of_several_names_has_a_weakness_once() {
    let mut go = go();
    assert_eq!(
        found(&mut go),
        [
            "CVE-2030-1 [1.20.0] same file()",
            "CVE-2030-3 [1.20.0] ()",
            "CVE-2030-1 [1.20.0] ()",
            "CVE-2030-1 [1.20.0] same file()",
            "CVE-2030-2 [1.20.0] ()",
        ]
    );
    let judged = go.judge();
    let aside = judged.findings[0].set_aside.clone().unwrap();
    assert_eq!(aside.reason, "also found as stdlib 1.19.8, which counts");
    let kept = &judged.findings[2];
    assert_eq!(
        (kept.package.as_str(), kept.severity),
        (go.packages[1].id.as_str(), Severity::High)
    );

    // In another file it is another one.
    "usr/bin/go".clone_into(&mut go.packages[0].evidence[0].path);
    assert_eq!(found(&mut go)[0], "CVE-2030-1 [1.20.0] ()");
    // What does not count stands for nothing.
    let mut of_work_tree = self::go();
    for package in &mut of_work_tree.packages[1..] {
        "(devel)".clone_into(&mut package.version);
    }
    assert_eq!(found(&mut of_work_tree)[0], "CVE-2030-1 [1.20.0] ()");
}

#[test]
fn what_nobody_rates_takes_the_rating_of_the_same_cve() {
    let mut case = case("pypi", "foo", "1.0");
    case.packages.push(Package { kind: "npm".to_owned(), ..case.packages[0].clone() });
    case.packages[1].finish(None, "");
    case.push("pypi", "foo", record("PYSEC-1", &["CVE-2030-1"], "2"));
    case.push("pypi", "foo", record("PYSEC-2", &["CVE-2030-2"], "2"));
    let mut rated = record("GHSA-1", &["CVE-2030-1"], "2.0.0");
    rated.severity = Some(Severity::Medium);
    case.push("npm", "foo", rated);
    let mut findings = case.judge().findings;
    let facts = plimsoll_vuln::enrich(&mut findings, &plimsoll_vuln::EmbeddedDatabase).unwrap();
    let told: Vec<(&str, Severity, &str)> =
        findings.iter().map(|f| (f.id.as_str(), f.severity, f.severity_source.as_str())).collect();
    assert_eq!(
        told,
        [
            ("CVE-2030-1", Severity::Medium, "ghsa"),
            ("CVE-2030-2", Severity::Unknown, ""),
            ("CVE-2030-1", Severity::Medium, "ghsa"),
        ]
    );
    let gap = facts.gaps.iter().find(|gap| gap.kind == GapKind::NoSeverity).unwrap();
    assert!(
        gap.detail.starts_with("nobody rates 1 of the weaknesses found: CVE-2030-2"),
        "{gap:?}"
    );
}
