//! The words that reports for people share: counts, states, days, layers, digests.

use std::borrow::Cow;

use plimsoll_model::package::Origin;
use plimsoll_model::report::{BySeverity, Eol, Layer};
use plimsoll_model::{DISTROS, Finding, Package, Report, Severity, State};

/// Columns of an instruction beyond which a table cuts it.
pub(crate) const MAX_INSTRUCTION_COLUMNS: usize = 48;

/// Returns `1 package`, `2 packages`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Returns `2 critical, 1 low`, the worst first, what is 0 left out.
pub(crate) fn by_severity(counts: &BySeverity) -> String {
    let parts: Vec<String> = Severity::ALL
        .iter()
        .map(|severity| (of(counts, *severity), severity.name()))
        .filter(|(number, _)| *number > 0)
        .map(|(number, name)| format!("{number} {name}"))
        .collect();
    parts.join(", ")
}

/// Returns the count of one severity.
pub(crate) fn of(counts: &BySeverity, severity: Severity) -> u64 {
    match severity {
        Severity::Critical => counts.critical,
        Severity::High => counts.high,
        Severity::Medium => counts.medium,
        Severity::Low => counts.low,
        Severity::Negligible => counts.negligible,
        Severity::Unknown => counts.unknown,
    }
}

/// Joins the first few names, and tells how many more there are.
pub(crate) fn some<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let named: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    let more = names.len() - named.len();
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// Returns what mends a finding: the first few versions, or why there is none.
pub(crate) fn fix(finding: &Finding, most: usize) -> String {
    if finding.is_fixable() {
        return some(&finding.fixed_versions, most);
    }
    match finding.state {
        State::Fixed => "fixed, version not stated",
        State::Affected => "no fix yet",
        State::WillNotFix => "will not fix",
        State::FixDeferred => "fix deferred",
        State::UnderInvestigation => "under investigation",
        State::EndOfLife => "end of life",
        State::Undetermined => "undetermined",
        State::NotAffected => "not affected",
    }
    .to_owned()
}

/// Returns an EPSS share of one in percent: `97 %`, `<1 %`.
pub(crate) fn percent(share: f64) -> String {
    if share.is_nan() {
        return "? %".to_owned();
    }
    let percent = share.clamp(0.0, 1.0) * 100.0;
    if percent < 1.0 {
        return "<1 %".to_owned();
    }
    // All but certain is not certain.
    let percent = if percent > 99.0 { percent.floor() } else { percent.round() };
    format!("{percent:.0} %")
}

/// Returns a size in decimal units: `61 MB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// Returns a digest cut for people: `sha256:3f1c8e0a9b12…`.
pub(crate) fn short(digest: &str) -> String {
    const SHORT_HEX_CHARACTERS: usize = 12;
    let (algorithm, hex) = digest.split_once(':').unwrap_or(("", digest));
    let algorithm = if algorithm.is_empty() { String::new() } else { format!("{algorithm}:") };
    match hex.char_indices().nth(SHORT_HEX_CHARACTERS) {
        Some((at, _)) => format!("{algorithm}{}…", &hex[..at]),
        None => digest.to_owned(),
    }
}

/// Returns how long a release is supported, by the day of the report.
pub(crate) fn end_of_life(eol: Option<&Eol>, as_of: &str) -> String {
    let Some(eol) = eol else { return "end of life not known".to_owned() };
    let first = match (eol.date.as_str(), eol.ended) {
        ("", false) => "no end of life is set".to_owned(),
        ("", true) => "end of life".to_owned(),
        (date, true) => format!("end of life since {date}"),
        (date, false) => format!("supported until {date}"),
    };
    // Days in the form `2024-11-22` are in the order of their text.
    match eol.extended.as_deref().filter(|date| !date.is_empty()) {
        Some(date) if date < as_of => format!("{first}, extended support ended {date}"),
        Some(date) => format!("{first}, extended support until {date}"),
        None => first,
    }
}

/// Returns an instruction as a Dockerfile has it, from what builders write into the history:
/// `/bin/sh -c #(nop)  CMD ["sh"]` is `CMD ["sh"]`, `RUN /bin/sh -c apk add x # buildkit` is
/// `RUN apk add x`.
pub(crate) fn instruction(created_by: &str) -> String {
    let text = created_by.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.strip_suffix(" # buildkit").unwrap_or(&text);
    if let Some((_, rest)) = text.split_once("/bin/sh -c #(nop) ") {
        return rest.to_owned();
    }
    // Arguments of the build stand in front: `|1 VERSION=3 /bin/sh -c make`.
    let run = text.strip_prefix("RUN ").unwrap_or(text);
    if (run.starts_with('|') || run.starts_with("/bin/sh -c "))
        && let Some((_, command)) = run.split_once("/bin/sh -c ")
    {
        return format!("RUN {command}");
    }
    text.to_owned()
}

/// Returns `layer 6: COPY shop.jar /srv/`, or `layer 6` where the instruction is not known.
pub(crate) fn layer(index: u32, layers: &[Layer]) -> String {
    let made_by = layers
        .iter()
        .find(|layer| layer.index == index)
        .and_then(|layer| layer.created_by.as_deref())
        .map(instruction)
        .filter(|text| !text.is_empty());
    made_by.map_or_else(|| format!("layer {index}"), |text| format!("layer {index}: {text}"))
}

/// Returns who brought a package: `base image` or its layer; `None` for a folder.
pub(crate) fn place(package: &Package, report: &Report) -> Option<String> {
    if package.origin == Some(Origin::Base) {
        return Some("base image".to_owned());
    }
    package.layer.map(|index| layer(index, &report.target.layers))
}

/// Returns whether the package belongs to the package manager of a distribution.
pub(crate) fn is_of_distribution(package: &Package) -> bool {
    DISTROS.iter().any(|row| row.package_type == package.kind)
}

/// Returns where a package was seen, where that tells more than its type: the path of a library.
pub(crate) fn seen_at(package: &Package) -> Option<&str> {
    if is_of_distribution(package) {
        return None;
    }
    package.evidence.first().map(|evidence| evidence.path.as_str())
}

/// Returns how a package is known to be at this path: the path, or `declared in package-lock.json` where
/// it need not be installed.
pub(crate) fn shown_at<'a>(package: &Package, path: &'a str) -> Cow<'a, str> {
    if package.declared { format!("declared in {path}").into() } else { path.into() }
}

/// Returns the source package where it tells more than the package: `openssl`, `gcc-12 12.2.0-14`.
pub(crate) fn source(package: &Package) -> Option<String> {
    let source = package.source.as_ref()?;
    let other_version = !source.version.is_empty() && source.version != package.version;
    match (source.name != package.name && !source.name.is_empty(), other_version) {
        (false, false) => None,
        (true, false) => Some(source.name.clone()),
        (_, true) => Some(format!("{} {}", source.name, source.version)),
    }
}

/// Returns the name of a state for a sentence: `is affected by`.
pub(crate) fn verb(state: State) -> &'static str {
    match state {
        State::Fixed
        | State::Affected
        | State::WillNotFix
        | State::FixDeferred
        | State::EndOfLife => "is affected by",
        State::UnderInvestigation | State::Undetermined => "may be affected by",
        State::NotAffected => "is not affected by",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_read_as_in_a_dockerfile() {
        for (created_by, wanted) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD [\"sh\"]"),
            ("/bin/sh -c #(nop) ADD file:9a in / ", "ADD file:9a in /"),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("|1 V=3 /bin/sh -c make  all", "RUN make all"),
            ("RUN |1 V=3 /bin/sh -c make # buildkit", "RUN make"),
            ("RUN /bin/sh -c apk\tadd x # buildkit", "RUN apk add x"),
            ("COPY shop.jar /srv/ # buildkit", "COPY shop.jar /srv/"),
            ("bazel build ...", "bazel build ..."),
            ("", ""),
        ] {
            assert_eq!(instruction(created_by), wanted);
        }
    }

    #[test]
    fn ends_of_life_are_told_by_the_day_of_the_report() {
        let eol = |date: &str, ended, extended: Option<&str>| Eol {
            date: date.to_owned(),
            ended,
            extended: extended.map(str::to_owned),
        };
        let told = |eol: &Eol| end_of_life(Some(eol), "2026-11-24");
        assert_eq!(told(&eol("2024-11-22", true, None)), "end of life since 2024-11-22");
        assert_eq!(told(&eol("2028-01-01", false, None)), "supported until 2028-01-01");
        assert_eq!(
            told(&eol("2024-08-14", true, Some("2026-08-31"))),
            "end of life since 2024-08-14, extended support ended 2026-08-31"
        );
        assert_eq!(
            told(&eol("2026-06-10", true, Some("2028-06-30"))),
            "end of life since 2026-06-10, extended support until 2028-06-30"
        );
        assert_eq!(told(&eol("", false, None)), "no end of life is set");
        assert_eq!(end_of_life(None, "2026-11-24"), "end of life not known");
    }

    #[test]
    fn numbers_are_rounded_for_people() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1_000), "1.0 kB");
        assert_eq!(size(61_400_000), "61 MB");
        assert_eq!(size(999_600), "1.0 MB");
        assert_eq!(size(u64::MAX), "18 EB");
        assert_eq!(percent(0.974), "97 %");
        assert_eq!(percent(0.0004), "<1 %");
        assert_eq!(percent(0.9995), "99 %");
        assert_eq!(percent(7.0), "100 %");
        assert_eq!(percent(f64::NAN), "? %");
        assert_eq!(short("sha256:3f1c8e0a9b12ffff"), "sha256:3f1c8e0a9b12…");
        assert_eq!(short("3f1c"), "3f1c");
        assert_eq!(short("ééééééééééééé"), "éééééééééééé…");
    }
}
