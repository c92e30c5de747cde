//! Names of SUSE's products, as its advisories write them, made into namespaces.
//!
//! The names stand in CVRF, OVAL and OSV (<https://ftp.suse.com/pub/projects/security/>). Modules and
//! extensions have versions of the service pack that they are for, and their packages are installed on
//! it; a word behind the version (`LTSS`, `ESPOS`, `BCL`) says who gets the update.

/// Products that name no distribution in spite of their words: they have versions of their own.
const OTHER: &[&str] = &["Manager", "Storage"];
/// Products for SUSE Linux Enterprise whose names do not say so.
const ADDED: &[&[&str]] = &[&["Package", "Hub"], &["Real", "Time", "Module"]];
/// The first version of SUSE Linux Enterprise that has minor versions and no service packs.
const FIRST_WITH_MINOR: u32 = 16;

/// Returns the namespace of the distribution that a product of SUSE is, or is for; `None` for products
/// that are something else, or are for no release that can be told.
///
/// ```text
/// SUSE Linux Enterprise Server for SAP Applications 12 SP3-LTSS   suse:12.3
/// SUSE:Linux Enterprise Module for Python 3 15 SP6                suse:15.6
/// SUSE Linux Micro 6.1                                            suse-micro:6.1
/// openSUSE Leap 15.6                                              opensuse-leap:15.6
/// openSUSE Leap Micro 5.5                                         opensuse-leap-micro:5.5
/// openSUSE Tumbleweed                                             opensuse-tumbleweed
/// ```
pub fn suse_namespace(product: &str) -> Option<String> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split([' ', '\t', '-', ':']).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let words = words(product);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["openSUSE", "Tumbleweed", ..] => Some("opensuse-tumbleweed".to_owned()),
        ["openSUSE", "Leap", "Micro", rest @ ..] => numbered("opensuse-leap-micro", rest),
        ["openSUSE", "Leap", rest @ ..] => numbered("opensuse-leap", rest),
        ["SUSE", rest @ ..] if rest.iter().any(|word| OTHER.contains(word)) => None,
        ["SUSE", "Linux", "Micro", rest @ ..]
        | ["SUSE", "Linux", "Enterprise", "Micro", rest @ ..] => numbered("suse-micro", rest),
        ["SUSE", rest @ ..] if is_enterprise(rest) => enterprise(rest),
        _ => None,
    }
}

/// Returns the namespace with the first number that has a minor one: `5.4`.
fn numbered(namespace: &str, words: &[&str]) -> Option<String> {
    let number = words.iter().find(|word| major_minor(word).is_some())?;
    Some(format!("{namespace}:{number}"))
}

fn is_enterprise(words: &[&str]) -> bool {
    let has = |phrase: &[&str]| words.windows(phrase.len()).any(|found| found == phrase);
    has(&["Linux", "Enterprise"]) || ADDED.iter().any(|phrase| words.starts_with(phrase))
}

/// Reads the last version among the words: `15 SP4`, `15`, `12 5`, or `16.0`.
fn enterprise(words: &[&str]) -> Option<String> {
    let with_minor =
        |word: &&&str| major_minor(word).is_some_and(|(major, _)| major >= FIRST_WITH_MINOR);
    if let Some(number) = words.iter().rev().find(with_minor) {
        return Some(format!("suse:{number}"));
    }
    let number = |word: &str| word.parse::<u32>().ok();
    let at = words.iter().rposition(|word| number(word).is_some_and(|major| major >= 9))?;
    let major = number(words[at])?;
    let pack = words.get(at + 1).and_then(|word| number(word.strip_prefix("SP").unwrap_or(word)));
    Some(match pack {
        Some(pack) if pack > 0 => format!("suse:{major}.{pack}"),
        _ if major >= FIRST_WITH_MINOR => format!("suse:{major}.0"),
        _ => format!("suse:{major}"),
    })
}

fn major_minor(word: &str) -> Option<(u32, u32)> {
    let (major, minor) = word.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_lead_to_the_distribution_that_they_are_for() {
        let cases = [
            ("SUSE Linux Enterprise Server for SAP Applications 12 SP3-LTSS", "suse:12.3"),
            ("SUSE Linux Enterprise High Performance Computing 15-ESPOS", "suse:15"),
            ("SUSE Linux Enterprise Module for Python 3 15 SP6", "suse:15.6"),
            ("SUSE:Linux Enterprise Module for Basesystem 15 SP5", "suse:15.5"),
            ("SUSE Linux Enterprise Server 10 SP4 for IBM zSeries 64bit", "suse:10.4"),
            ("SUSE Cloud Compute Node for SUSE Linux Enterprise 12 5", "suse:12.5"),
            ("SUSE Linux Enterprise Server LTSS Extended Security 12 SP5", "suse:12.5"),
            ("SUSE Linux Enterprise Server 16.0", "suse:16.0"),
            ("SUSE:Package Hub 15 SP6", "suse:15.6"),
            ("SUSE:Package Hub 12", "suse:12"),
            ("SUSE Real Time Module 15 SP5", "suse:15.5"),
            ("SUSE Linux Enterprise Micro for Rancher 5.4", "suse-micro:5.4"),
            ("SUSE Linux Micro Extras 6.1", "suse-micro:6.1"),
            ("openSUSE:Leap 15.6", "opensuse-leap:15.6"),
            ("openSUSE Leap Micro 5.2", "opensuse-leap-micro:5.2"),
            ("openSUSE Tumbleweed", "opensuse-tumbleweed"),
        ];
        for (product, namespace) in cases {
            assert_eq!(suse_namespace(product).as_deref(), Some(namespace), "{product}");
        }
    }

    #[test]
    fn other_products_lead_nowhere() {
        for product in [
            "",
            "SUSE",
            "SUSE Manager Server 4.3",
            "SUSE Manager Client Tools for SLE Micro 5",
            "SUSE Linux Enterprise Module for SUSE Manager Server 4.0",
            "SUSE Enterprise Storage 7.1",
            "SUSE Linux Enterprise Micro",
            "SUSE Linux Enterprise Server",
            "openSUSE 13.2",
            "openSUSE Leap",
            "Open Enterprise Server 24.4",
        ] {
            assert_eq!(suse_namespace(product), None, "{product}");
        }
    }
}
