//! Reports out of the bytes of the fuzzer: any texts in a sound shape.

use arbitrary::{Result, Unstructured};
use plimsoll_model::coverage::GapKind;
use plimsoll_model::finding::{EpssScore, KevEntry};
use plimsoll_model::report::{
    Advice, Base, BySeverity, DatabaseInfo, DistroInfo, Eol, Layer, ShardInfo, Step, Summary,
    Target, Tool,
};
use plimsoll_model::{
    Confidence, Coverage, Cvss, Evidence, Finding, Gap, Origin, Package, PackageCount, Problem,
    Report, SetAside, Severity, SourcePackage, State, Why,
};

const TEXTS: &[&str] = &[
    "",
    "alpine",
    "3.17.1",
    "openssl",
    "2024-11-22",
    "deb",
    "apk",
    "maven",
    "srv/shop.jar > BOOT-INF/lib/a.jar",
    "CVE-2023-0286",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "two\nlines\r\tand tabs",
    "\u{202e}rtl \u{200b}\u{feff}e\u{301}\u{301}\u{301}\u{301}",
    "\u{9b}31m",
    "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
    "/bin/sh -c #(nop) ADD file:40887ab7c06977737 in / ",
    "upgrade_package",
    "upgrade_base",
    "no_fix",
    "image",
    "dir",
    "sha256:3f1c8e0000000000000000000000000000000000000000000000000000000007",
];
const SEVERITIES: [Severity; 6] = Severity::ALL;
const STATES: [State; 8] = [
    State::Fixed,
    State::Affected,
    State::WillNotFix,
    State::FixDeferred,
    State::UnderInvestigation,
    State::EndOfLife,
    State::Undetermined,
    State::NotAffected,
];
const KINDS: [GapKind; 11] = [
    GapKind::NoFeed,
    GapKind::FeedUnavailable,
    GapKind::EndOfLife,
    GapKind::Stale,
    GapKind::EmbeddedOnly,
    GapKind::Unreadable,
    GapKind::Limit,
    GapKind::DatabaseRemoved,
    GapKind::NoSeverity,
    GapKind::Unidentified,
    GapKind::UnownedExecutable,
];

type Bytes<'a, 'b> = &'a mut Unstructured<'b>;

/// Makes a report.
pub fn report(u: Bytes<'_, '_>) -> Result<Report> {
    let packages = some(u, 6, package)?;
    let findings = some(u, 8, |u| finding(u, &packages))?;
    let gaps = some(u, 5, gap)?;
    let total = packages.len() as u64;
    let summary = Summary::of(&findings);
    let steps = some(u, 4, |u| step(u, &packages))?;
    Ok(Report {
        artifacts: Vec::new(),
        schema_version: plimsoll_model::report::SCHEMA_VERSION,
        as_of: text(u)?,
        tool: Tool { name: text(u)?, version: text(u)? },
        config_files: some(u, 2, text)?,
        target: target(u)?,
        distro: maybe(u, distro)?,
        database: maybe(u, database)?,
        coverage: Coverage::new(PackageCount { total, judged: u.int_in_range(0..=total)? }, gaps),
        packages,
        findings: u.ratio(7, 8)?.then_some(findings),
        problems: some(u, 8, problem)?,
        advice: u.ratio(3, 4)?.then_some(Advice { steps }),
        summary,
    })
}

fn text(u: Bytes<'_, '_>) -> Result<String> {
    if u.ratio(3, 4)? {
        return Ok((*u.choose(TEXTS)?).to_owned());
    }
    let count = u.int_in_range(0..=60)?.min(u.len());
    Ok(String::from_utf8_lossy(u.bytes(count)?).into_owned())
}

fn maybe<T>(u: Bytes<'_, '_>, make: impl FnOnce(Bytes<'_, '_>) -> Result<T>) -> Result<Option<T>> {
    if u.arbitrary()? { make(u).map(Some) } else { Ok(None) }
}

fn some<T>(
    u: Bytes<'_, '_>,
    most: usize,
    mut make: impl FnMut(Bytes<'_, '_>) -> Result<T>,
) -> Result<Vec<T>> {
    let count = u.int_in_range(0..=most)?;
    (0..count).map(|_| make(u)).collect()
}

fn number(u: Bytes<'_, '_>) -> Result<u64> {
    if u.ratio(1, 8)? { u.arbitrary() } else { u.int_in_range(0..=9) }
}

fn target(u: Bytes<'_, '_>) -> Result<Target> {
    let mut index = 0;
    let layers = some(u, 4, |u| {
        index += 1;
        let (digest, created_by) = (maybe(u, text)?, maybe(u, text)?);
        let (diff_id, size) = (text(u)?, maybe(u, number)?);
        Ok(Layer { index: index - 1, digest, diff_id, size, created_by, verified: u.arbitrary()? })
    })?;
    let base = maybe(u, |u| {
        let (tag, digest) = (maybe(u, text)?, maybe(u, text)?);
        Ok(Base { name: text(u)?, tag, digest, layers: number(u)? as u32, how: text(u)? })
    })?;
    Ok(Target {
        kind: text(u)?,
        name: text(u)?,
        digest: maybe(u, text)?,
        image_id: maybe(u, text)?,
        platform: maybe(u, text)?,
        source: maybe(u, text)?,
        layers,
        base,
    })
}

fn distro(u: Bytes<'_, '_>) -> Result<DistroInfo> {
    let eol =
        maybe(u, |u| Ok(Eol { date: text(u)?, ended: u.arbitrary()?, extended: maybe(u, text)? }))?;
    let channels = some(u, 2, text)?;
    Ok(DistroInfo { id: text(u)?, version_id: text(u)?, name: text(u)?, channels, eol })
}

fn database(u: Bytes<'_, '_>) -> Result<DatabaseInfo> {
    let shards = some(u, 3, |u| {
        Ok(ShardInfo {
            namespace: text(u)?,
            source: text(u)?,
            updated: text(u)?,
            records: number(u)?,
            digest: text(u)?,
        })
    })?;
    Ok(DatabaseInfo { digest: maybe(u, text)?, built: maybe(u, text)?, shards })
}

fn package(u: Bytes<'_, '_>) -> Result<Package> {
    let evidence = some(u, 2, |u| {
        let layer = maybe(u, number)?.map(|layer| layer as u32);
        Ok(Evidence { cataloguer: text(u)?, path: text(u)?, layer })
    })?;
    Ok(Package {
        id: text(u)?,
        name: text(u)?,
        version: text(u)?,
        kind: text(u)?,
        purl: text(u)?,
        arch: maybe(u, text)?,
        source: maybe(u, |u| Ok(SourcePackage { name: text(u)?, version: text(u)? }))?,
        licenses: some(u, 2, text)?,
        layer: maybe(u, number)?.map(|layer| layer as u32),
        origin: maybe(u, |u| Ok(*u.choose(&[Origin::Base, Origin::Application])?))?,
        parent: maybe(u, text)?,
        confidence: maybe(u, |u| Ok(*u.choose(&[Confidence::Low, Confidence::High])?))?,
        modularity: maybe(u, text)?,
        repository: maybe(u, text)?,
        vendor: maybe(u, text)?,
        owner: maybe(u, text)?,
        evidence,
        ..Package::default()
    })
}

fn finding(u: Bytes<'_, '_>, packages: &[Package]) -> Result<Finding> {
    let package = match packages {
        [] => text(u)?,
        packages => u.choose(packages)?.id.clone(),
    };
    let cvss = some(u, 2, |u| {
        let score = f64::from(u.int_in_range(0..=100u32)?) / 10.0;
        Ok(Cvss { source: text(u)?, version: text(u)?, vector: text(u)?, score })
    })?;
    let why = Why {
        record: text(u)?,
        source: text(u)?,
        matched_name: text(u)?,
        range: text(u)?,
        comparison: text(u)?,
    };
    let share = |u: Bytes<'_, '_>| Ok(f64::from(u.int_in_range(0..=1000u32)?) / 1000.0);
    Ok(Finding {
        id: text(u)?,
        aliases: some(u, 3, text)?,
        package,
        severity: *u.choose(&SEVERITIES)?,
        severity_source: text(u)?,
        cvss,
        cwe: some(u, 2, text)?,
        epss: maybe(u, |u| Ok(EpssScore { score: share(u)?, percentile: share(u)? }))?,
        kev: maybe(u, |u| Ok(KevEntry { added: text(u)?, due: text(u)? }))?,
        malicious: u.arbitrary()?,
        state: *u.choose(&STATES)?,
        fixed_versions: some(u, 6, text)?,
        note: maybe(u, text)?,
        title: maybe(u, text)?,
        urls: some(u, 4, text)?,
        why,
        set_aside: maybe(u, |u| Ok(SetAside { by: text(u)?, reason: text(u)? }))?,
    })
}

fn gap(u: Bytes<'_, '_>) -> Result<Gap> {
    Ok(Gap { kind: *u.choose(&KINDS)?, subject: text(u)?, detail: text(u)? })
}

fn problem(u: Bytes<'_, '_>) -> Result<Problem> {
    let layer = maybe(u, number)?.map(|layer| layer as u32);
    let gap = maybe(u, |u| Ok(*u.choose(&KINDS)?))?;
    Ok(Problem { path: text(u)?, layer, detail: text(u)?, gap })
}

fn step(u: Bytes<'_, '_>, packages: &[Package]) -> Result<Step> {
    let mut removes = BySeverity::default();
    for _ in 0..u.int_in_range(0..=3)? {
        removes.add(*u.choose(&SEVERITIES)?);
    }
    let packages = some(u, 3, |u| match packages {
        [] => text(u),
        packages => Ok(u.choose(packages)?.id.clone()),
    })?;
    let (action, subject) = (text(u)?, text(u)?);
    Ok(Step { action, subject, from: maybe(u, text)?, to: maybe(u, text)?, packages, removes })
}
