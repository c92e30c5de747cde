//! The sample reports that all tests write.

use plimsoll_model::package::{Confidence, Origin};
use plimsoll_model::report::{
    Advice, Base, BySeverity, DatabaseInfo, DistroInfo, Eol, Layer, ShardInfo, Step, Summary,
    Target, Tool,
};
use plimsoll_model::{
    Coverage, Cvss, Distro, Evidence, Finding, Gap, GapKind, Package, PackageCount, Problem,
    Report, Severity, SourcePackage, State, Why, finding,
};

const ESCAPE: &str = "evil\u{1b}[2J\u{202e}pkg\nTotal: 0";

/// Every state and severity, exploited and predicted, set aside, gaps, hostile names, JARs in a JAR.
pub(crate) fn rich() -> Report {
    let packages = packages();
    let findings = findings(&packages);
    Report {
        schema_version: 1,
        as_of: "2026-11-24".to_owned(),
        tool: Tool { name: "plimsoll".to_owned(), version: "0.1.0".to_owned() },
        config_files: vec!["plimsoll.toml".to_owned()],
        target: target(),
        distro: Some(DistroInfo {
            id: "alpine".to_owned(),
            version_id: "3.17.1".to_owned(),
            name: "Alpine Linux v3.17".to_owned(),
            channels: Vec::new(),
            eol: Some(Eol { date: "2024-11-22".to_owned(), ended: true, extended: None }),
        }),
        database: Some(database()),
        coverage: Coverage::new(PackageCount { total: packages.len() as u64, judged: 9 }, gaps()),
        summary: Summary::of(&findings),
        advice: Some(advice(&packages)),
        packages,
        findings: Some(findings),
        artifacts: Vec::new(),
        problems: (0..7)
            .map(|number| Problem {
                path: format!("srv/broken-{number}.jar"),
                layer: Some(6),
                detail: "cannot read the central directory: it ends early".to_owned(),
                gap: Some(GapKind::Unreadable),
            })
            .collect(),
    }
}

/// The rich report as an inventory.
pub(crate) fn inventory() -> Report {
    let mut report = rich();
    report.findings = None;
    report.database = None;
    report.advice = None;
    report.summary = Summary::default();
    report
}

/// A folder in which nothing is known to be wrong.
pub(crate) fn folder() -> Report {
    let mut report = rich();
    report.target = Target {
        kind: "dir".to_owned(),
        name: "./project".to_owned(),
        source: Some("folder".to_owned()),
        ..Target::default()
    };
    report.distro = Some(DistroInfo {
        id: "debian".to_owned(),
        version_id: "12".to_owned(),
        name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
        channels: Vec::new(),
        eol: Some(Eol {
            date: "2026-06-10".to_owned(),
            ended: true,
            extended: Some("2028-06-30".to_owned()),
        }),
    });
    report.packages.retain(|package| package.parent.is_none() && package.name != ESCAPE);
    for package in &mut report.packages {
        package.layer = None;
        package.origin = None;
        package.evidence.iter_mut().for_each(|evidence| evidence.layer = None);
    }
    let total = report.packages.len() as u64;
    report.coverage = Coverage::new(PackageCount { total, judged: total }, Vec::new());
    report.findings = Some(Vec::new());
    report.advice = Some(Advice::default());
    report.summary = Summary::default();
    report.problems = Vec::new();
    report
}

/// Packages, but no feed that was asked.
pub(crate) fn not_judged() -> Report {
    let mut report = folder();
    let total = report.packages.len() as u64;
    let gaps = vec![gap(GapKind::NoFeed, "nixos", "no feed knows the distribution `nixos` 24.05")];
    report.distro = None;
    report.database = Some(DatabaseInfo::default());
    report.coverage = Coverage::new(PackageCount { total, judged: 0 }, gaps);
    report
}

/// Nothing at all.
pub(crate) fn empty() -> Report {
    let mut report = not_judged();
    report.packages = Vec::new();
    report.coverage = Coverage::new(PackageCount::default(), Vec::new());
    report
}

fn target() -> Target {
    let layer = |index: u32, created_by: &str, size: u64| Layer {
        index,
        digest: Some(format!("sha256:{:064x}", 0xabc0 + index)),
        diff_id: format!("sha256:{:064x}", 0xdef0 + index),
        size: Some(size),
        created_by: Some(created_by.to_owned()),
        verified: index != 6,
    };
    Target {
        kind: "image".to_owned(),
        name: "shop:1.4".to_owned(),
        digest: Some(format!("sha256:3f1c8e{:058x}", 7)),
        image_id: Some(format!("sha256:{:064x}", 9)),
        platform: Some("linux/amd64".to_owned()),
        source: Some("docker-archive".to_owned()),
        layers: vec![
            layer(0, "/bin/sh -c #(nop) ADD file:40887ab7c06977737 in / ", 3_400_000),
            layer(1, "ENV LANG=C.UTF-8", 32),
            layer(
                4,
                "RUN /bin/sh -c apk add --no-cache openjdk17-jre python3 # buildkit",
                41_000_000,
            ),
            layer(6, "COPY shop.jar /srv/ # buildkit", 17_000_000),
        ],
        base: Some(Base {
            name: "alpine".to_owned(),
            tag: Some("3.17.1".to_owned()),
            digest: None,
            layers: 1,
            how: "annotation".to_owned(),
        }),
    }
}

fn database() -> DatabaseInfo {
    let shard = |namespace: &str, source: &str, updated: &str| ShardInfo {
        namespace: namespace.to_owned(),
        source: source.to_owned(),
        updated: updated.to_owned(),
        records: 4_321,
        digest: format!("sha256:91ab{:060x}", namespace.len()),
    };
    DatabaseInfo {
        digest: Some(format!("sha256:77{:062x}", 5)),
        built: Some("2026-11-20T04:00:00Z".to_owned()),
        shards: vec![
            shard("alpine:3.17", "Alpine secdb", "2026-11-20"),
            shard("cve:2019", "NVD", ""),
            shard("cve:2020", "NVD", ""),
            shard("cve:2021", "NVD", ""),
            shard("cve:2022", "NVD", ""),
            shard("cve:2023", "NVD", ""),
            shard("maven", "OSV", "2026-11-21"),
        ],
    }
}

fn packages() -> Vec<Package> {
    let distro = Distro::new("alpine", "3.17.1", "Alpine Linux v3.17", "", "etc/os-release");
    let package = |kind: &str, name: &str, version: &str, layer: u32, path: &str| {
        let cataloguer = if kind == "apk" { "apk" } else { "jar" };
        let mut package = Package {
            name: name.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            layer: Some(layer),
            origin: Some(if layer == 0 { Origin::Base } else { Origin::Application }),
            evidence: vec![Evidence {
                cataloguer: cataloguer.to_owned(),
                path: path.to_owned(),
                layer: Some(layer),
            }],
            ..Package::default()
        };
        package.finish(Some(&distro), "");
        package
    };
    let apk = |name: &str, version: &str, source: &str, layer: u32| Package {
        arch: Some("x86_64".to_owned()),
        licenses: vec!["Apache-2.0".to_owned()],
        source: Some(SourcePackage { name: source.to_owned(), version: version.to_owned() }),
        ..package("apk", name, version, layer, "lib/apk/db/installed")
    };
    let shop = package("maven", "com.example:shop", "1.4.0", 6, "srv/shop.jar");
    let inside = |name: &str, version: &str, file: &str| Package {
        parent: Some(shop.id.clone()),
        ..package("maven", name, version, 6, &format!("srv/shop.jar > BOOT-INF/lib/{file}"))
    };
    let log4j = inside("org.apache.logging.log4j:log4j-core", "2.14.1", "log4j-core-2.14.1.jar");
    let snake = Package {
        confidence: Some(Confidence::Low),
        ..inside(
            "org.yaml:snakeyaml",
            "1.30",
            "a-very-long-folder/and-a-very-long-file-name-for-a-jar-1.30.jar",
        )
    };
    let python = Package {
        vendor: Some("Alpine Linux".to_owned()),
        ..apk("python3", "3.10.9-r1", "python3", 4)
    };
    let requests = Package {
        owner: Some(python.id.clone()),
        ..package(
            "pypi",
            "requests",
            "2.28.1",
            4,
            "usr/lib/python3.10/site-packages/requests-2.28.1.dist-info/METADATA",
        )
    };
    vec![
        apk("busybox", "1.35.0-r29", "busybox", 0),
        apk("libcrypto3", "3.0.7-r0", "openssl", 0),
        apk("libssl3", "3.0.7-r0", "openssl", 0),
        python,
        apk("zlib", "1.2.13-r0", "zlib", 0),
        shop,
        log4j,
        snake,
        package("npm", ESCAPE, "1.0\u{9b}31m", 6, "srv/node_modules/\u{1b}]0;x\u{7}/package.json"),
        requests,
    ]
}

fn findings(packages: &[Package]) -> Vec<Finding> {
    use Severity::{Critical, High, Low, Medium, Negligible, Unknown};
    let new = |package: &str, id: &str, severity, state, fixed: &[&str], title: &str| {
        finding_of(packages, package, id, severity, state, fixed, title)
    };
    let log4j = "org.apache.logging.log4j:log4j-core";
    let mut findings = vec![
        new(
            "busybox",
            "CVE-2022-48174",
            Negligible,
            State::WillNotFix,
            &[],
            "Stack overflow in the shell",
        ),
        new("busybox", "CVE-2023-42363", Low, State::Affected, &[], "Use after free in awk"),
        new(
            "libcrypto3",
            "CVE-2023-0286",
            High,
            State::Fixed,
            &["3.0.8-r0"],
            "X.400 address type confusion in X.509 GeneralName",
        ),
        new(
            "libssl3",
            "CVE-2023-0286",
            High,
            State::Fixed,
            &["3.0.8-r0"],
            "X.400 address type confusion in X.509 GeneralName",
        ),
        new(
            "libssl3",
            "CVE-2023-0464",
            Medium,
            State::FixDeferred,
            &[],
            "Excessive resource use when checking policy constraints of certificates, which is a long title that no terminal holds",
        ),
        new("python3", "CVE-2023-24329", High, State::EndOfLife, &[], "urllib.parse bypass"),
        new("python3", "CVE-2023-27043", Medium, State::UnderInvestigation, &[], ""),
        new("zlib", "CVE-2023-45853", Unknown, State::Undetermined, &[], "Overflow in MiniZip"),
        new("zlib", "CVE-2026-22184", Low, State::NotAffected, &[], "Overflow in untgz"),
        new(
            log4j,
            "CVE-2021-44228",
            Critical,
            State::Fixed,
            &["2.3.1", "2.12.2", "2.15.0"],
            "Remote code execution through JNDI look-ups",
        ),
        new(
            log4j,
            "CVE-2021-45105",
            High,
            State::Fixed,
            &["2.17.0"],
            "Uncontrolled recursion in look-ups",
        ),
        new(
            "org.yaml:snakeyaml",
            "GHSA-mjmj-j48q-9wg2",
            High,
            State::Fixed,
            &["2.0"],
            "Constructor deserialises anything",
        ),
        new(
            ESCAPE,
            "MAL-2026-\u{1b}[1m1",
            Critical,
            State::Affected,
            &[],
            "Malicious code\r\nin \u{202e}evil",
        ),
        new(
            "requests",
            "CVE-2023-32681",
            Medium,
            State::Fixed,
            &["2.31.0"],
            "Leak of Proxy-Authorization",
        ),
        new(
            "requests",
            "CVE-2024-35195",
            Medium,
            State::Fixed,
            &["2.32.0"],
            "Session keeps verify=False",
        ),
    ];
    details(&mut findings);
    findings
}

fn details(findings: &mut [Finding]) {
    let aside = |by: &str, reason: &str| {
        Some(finding::SetAside { by: by.to_owned(), reason: reason.to_owned() })
    };
    for finding in findings {
        match finding.id.as_str() {
            "CVE-2021-44228" => {
                finding.aliases = vec!["GHSA-jfh8-c2jp-5v3q".to_owned()];
                finding.epss = Some(finding::EpssScore { score: 0.974, percentile: 0.9995 });
                finding.kev = Some(finding::KevEntry {
                    added: "2021-12-10".to_owned(),
                    due: "2021-12-24".to_owned(),
                });
                finding.cwe = vec!["CWE-502".to_owned()];
                finding.cvss[0].score = 10.0;
            }
            "CVE-2023-0286" => {
                finding.epss = Some(finding::EpssScore { score: 0.041, percentile: 0.91 });
            }
            "CVE-2021-45105" => {
                finding.epss = Some(finding::EpssScore { score: 0.0004, percentile: 0.1 });
            }
            "CVE-2024-35195" => {
                finding.set_aside = aside("ignore file plimsoll-ignore.toml", "not reachable");
            }
            "CVE-2026-22184" => finding.set_aside = aside("feed", "untgz is not built"),
            "CVE-2023-45853" => {
                finding.cvss.clear();
                finding.severity_source = String::new();
            }
            id if id.starts_with("MAL-") => finding.malicious = true,
            _ => {}
        }
    }
}

fn finding_of(
    packages: &[Package],
    package: &str,
    id: &str,
    severity: Severity,
    state: State,
    fixed: &[&str],
    title: &str,
) -> Finding {
    let package = packages.iter().find(|known| known.name == package).unwrap();
    let fixed: Vec<String> = fixed.iter().map(|&version| version.to_owned()).collect();
    let range = fixed.last().map_or("*".to_owned(), |version| format!("<{version}"));
    let comparison = fixed.last().map_or_else(
        || format!("{}: every version is affected", package.version),
        |version| format!("{} < {version}", package.version),
    );
    let matched = package.source.as_ref().map_or(&package.name, |source| &source.name);
    let (record, source) = if package.kind == "apk" {
        (format!("Alpine secdb v3.17 main, {matched}: {id}"), "alpine:3.17")
    } else {
        (format!("OSV, {matched}: {id}"), package.kind.as_str())
    };
    Finding {
        id: id.to_owned(),
        aliases: Vec::new(),
        package: package.id.clone(),
        severity,
        severity_source: "nvd".to_owned(),
        cvss: vec![Cvss {
            source: "nvd".to_owned(),
            version: "3.1".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:H".to_owned(),
            score: 7.4,
        }],
        cwe: Vec::new(),
        epss: None,
        kev: None,
        malicious: false,
        state,
        fixed_versions: fixed,
        title: (!title.is_empty()).then(|| title.to_owned()),
        note: None,
        urls: vec![format!("https://nvd.nist.gov/vuln/detail/{id}")],
        why: Why {
            record,
            source: source.to_owned(),
            matched_name: matched.clone(),
            range,
            comparison,
        },
        set_aside: None,
    }
}

fn gap(kind: GapKind, subject: &str, detail: &str) -> Gap {
    Gap { kind, subject: subject.to_owned(), detail: detail.to_owned() }
}

fn gaps() -> Vec<Gap> {
    let mut gaps = vec![
        gap(
            GapKind::EndOfLife,
            "alpine:3.17",
            "Alpine 3.17 gets no more advisories since 2024-11-22: what came later is not known here",
        ),
        gap(GapKind::NoSeverity, "CVE-2023-45853", "nobody rates it"),
        gap(GapKind::NoFeed, "npm", "no feed is read for npm packages yet"),
    ];
    gaps.extend((0..200).map(|number| {
        let path = format!("srv/lib/{number:03}.jar");
        gap(GapKind::Unidentified, &path, "nothing identifies this JAR")
    }));
    gaps.extend((0..7).map(|number| {
        let path = format!("srv/broken-{number}.jar");
        gap(GapKind::Unreadable, &path, &format!("byte {number}: the central directory ends early"))
    }));
    gaps
}

fn advice(packages: &[Package]) -> Advice {
    let ids = |names: &[&str]| {
        let mut ids: Vec<String> = packages
            .iter()
            .filter(|package| names.contains(&package.name.as_str()))
            .map(|package| package.id.clone())
            .collect();
        ids.sort();
        ids
    };
    let step = |action: &str, subject: &str, from: &str, to: &str, names: &[&str], removes| Step {
        action: action.to_owned(),
        subject: subject.to_owned(),
        from: (!from.is_empty()).then(|| from.to_owned()),
        to: (!to.is_empty()).then(|| to.to_owned()),
        packages: ids(names),
        removes,
    };
    let none = BySeverity::default();
    let log4j = "org.apache.logging.log4j:log4j-core";
    Advice {
        steps: vec![
            step(
                "upgrade_base",
                "alpine",
                "3.17.1",
                "3.17.10",
                &["libssl3", "libcrypto3"],
                BySeverity { high: 2, ..none },
            ),
            step(
                "upgrade_package",
                log4j,
                "2.14.1",
                "2.17.0",
                &[log4j],
                BySeverity { critical: 1, high: 1, ..none },
            ),
            step(
                "upgrade_package",
                "openssl",
                "3.0.7-r0",
                "3.0.8-r0",
                &["libssl3", "libcrypto3"],
                BySeverity { high: 2, ..none },
            ),
            step(
                "upgrade_package",
                "requests",
                "2.28.1",
                "2.31.0",
                &["requests"],
                BySeverity { medium: 1, ..none },
            ),
            step(
                "no_fix",
                "busybox",
                "",
                "",
                &["busybox"],
                BySeverity { low: 1, negligible: 1, ..none },
            ),
            step(
                "no_fix",
                "python3",
                "",
                "",
                &["python3"],
                BySeverity { high: 1, medium: 1, ..none },
            ),
        ],
    }
}
