//! What single release files say of their distribution.
//!
//! `os-release` follows `os-release(5)`; the others have no specification, so their shape is given at
//! each reader. Texts may have any line ends, and blanks around them.

use plimsoll_model::DISTROS;
use plimsoll_model::distro::{DistroRow, Release, debian_release, find};

/// What one release file states; texts that it does not give are empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Stated {
    pub(crate) id: String,
    pub(crate) version_id: String,
    /// What tells the release where that is not `version_id`; else empty.
    pub(crate) built_on: String,
    pub(crate) name: String,
    pub(crate) codename: String,
}

/// A release file and its reader; the reader answers `None` when the text names no distribution.
pub(crate) struct ReleaseFile {
    pub(crate) path: &'static str,
    pub(crate) parse: fn(&str) -> Option<Stated>,
}

const fn file(path: &'static str, parse: fn(&str) -> Option<Stated>) -> ReleaseFile {
    ReleaseFile { path, parse }
}

/// All release files in the order of their weight. Files that clones write for the sake of others
/// (`debian_version`, `redhat-release`) stand behind those of the clones.
pub(crate) const RELEASE_FILES: &[ReleaseFile] = &[
    file("etc/os-release", parse_os_release),
    file("usr/lib/os-release", parse_os_release),
    file("x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parse_os_release),
    file("aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release", parse_os_release),
    file("etc/lsb-release", parse_lsb_release),
    file("etc/alpine-release", parse_alpine_release),
    file("etc/issue", parse_issue),
    file("etc/debian_version", parse_debian_version),
    file("etc/oracle-release", parse_rpm_release),
    file("etc/centos-release", parse_rpm_release),
    file("etc/rocky-release", parse_rpm_release),
    file("etc/almalinux-release", parse_rpm_release),
    file("etc/fedora-release", parse_rpm_release),
    file("usr/lib/fedora-release", parse_rpm_release),
    file("etc/redhat-release", parse_rpm_release),
    file("etc/system-release", parse_rpm_release),
    file("usr/lib/system-release", parse_rpm_release),
    file("etc/system-release-cpe", parse_cpe),
    file("usr/lib/system-release-cpe", parse_cpe),
];

/// Reads `KEY=value` lines as a shell would: the last of two counts, quotes are taken off, comments
/// are skipped. `ID_LIKE` is not looked at: who is like whom is for the table of distributions.
pub(crate) fn parse_os_release(text: &str) -> Option<Stated> {
    let get = |key| variable(text, key);
    let id = get("ID");
    if id.is_empty() {
        return None;
    }
    let name = get("NAME");
    let mut codename = get("VERSION_CODENAME");
    let version = get("VERSION");
    let version_id = get("VERSION_ID");
    let row = find(&id);
    if codename.is_empty() && row.is_some_and(|row| row.package_type == "deb") {
        // `VERSION="9 (stretch)"`, before there was a key for it.
        let inside = version.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let word = inside.and_then(|(inside, _)| inside.split_whitespace().next());
        word.unwrap_or_default().to_lowercase().clone_into(&mut codename);
    }
    if row.is_some_and(|row| row.release == Release::Whole) {
        // `VERSION="22.03 (LTS-SP3)"`, `VERSION="22.03 LTS"`.
        let rest = version.strip_prefix(&version_id).unwrap_or_default();
        let words = rest.split([' ', '(', ')']).filter(|word| !word.is_empty());
        codename = words.collect::<Vec<&str>>().join("-");
    }
    let mut shown = get("PRETTY_NAME");
    if shown.is_empty() && !name.is_empty() {
        format!("{name} {version}").trim().clone_into(&mut shown);
    }
    let built_on = row.map_or(String::new(), |row| get(row.release_key));
    Some(Stated { id: stream_id(&id, &name), version_id, built_on, name: shown, codename })
}

/// Reads `DISTRIB_ID=Ubuntu`, `DISTRIB_RELEASE=14.04`, `DISTRIB_CODENAME=trusty`.
fn parse_lsb_release(text: &str) -> Option<Stated> {
    let id = variable(text, "DISTRIB_ID").to_lowercase();
    let stated = Stated {
        id,
        version_id: variable(text, "DISTRIB_RELEASE"),
        name: variable(text, "DISTRIB_DESCRIPTION"),
        codename: variable(text, "DISTRIB_CODENAME"),
        ..Stated::default()
    };
    (!stated.id.is_empty()).then_some(stated)
}

/// Reads `3.19.1`, or `3.20_alpha20231219`.
fn parse_alpine_release(text: &str) -> Option<Stated> {
    let version = first_line(text);
    let row = find("alpine")?;
    starts_with_digit(version).then(|| of_row(row, version))
}

/// Reads `Welcome to Alpine Linux 3.12`, or `Ubuntu 14.04.6 LTS \n \l`: the name of a known
/// distribution, then its version; `(edge)` after it stands for the version.
fn parse_issue(text: &str) -> Option<Stated> {
    let line = first_line(text);
    for row in DISTROS {
        let Some((_, rest)) = line.split_once(row.name) else { continue };
        let version = rest.split_whitespace().next().unwrap_or_default();
        if rest.contains("(edge)") {
            return Some(of_row(row, "edge"));
        }
        if starts_with_digit(version) && rest.starts_with(' ') {
            return Some(of_row(row, version));
        }
    }
    None
}

/// Reads `12.5`, or `trixie/sid`.
fn parse_debian_version(text: &str) -> Option<Stated> {
    let version = first_line(text);
    let row = find("debian")?;
    if starts_with_digit(version) {
        return Some(of_row(row, version));
    }
    let codename = version.split('/').next().unwrap_or_default();
    debian_release(codename)?;
    Some(Stated { codename: codename.to_owned(), ..of_row(row, "") })
}

/// Reads `CentOS release 6.10 (Final)`: the first word tells the distribution, the number after
/// `release` its version.
fn parse_rpm_release(text: &str) -> Option<Stated> {
    let line = first_line(text);
    let (name, rest) = line.split_once(" release ")?;
    let version: String =
        rest.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    if !starts_with_digit(&version) {
        return None;
    }
    let first_word = |name: &str| name.split_whitespace().next().unwrap_or_default().to_lowercase();
    let word = first_word(name);
    let row = DISTROS.iter().find(|row| row.package_type == "rpm" && first_word(row.name) == word);
    let id = row.map_or(word.as_str(), |row| row.id);
    let id = stream_id(id, name);
    Some(Stated { id, version_id: version, name: line.to_owned(), ..Stated::default() })
}

/// Reads `cpe:/o:centos:linux:6:GA`, or `cpe:2.3:o:amazon:amazon_linux:2`.
fn parse_cpe(text: &str) -> Option<Stated> {
    let line = first_line(text);
    let rest = line.strip_prefix("cpe:/o:").or_else(|| line.strip_prefix("cpe:2.3:o:"))?;
    let mut parts = rest.split(':');
    let (vendor, _, version) = (parts.next()?, parts.next()?, parts.next()?);
    let row = find(vendor).or_else(|| DISTROS.iter().find(|row| row.purl_namespace == vendor))?;
    let version: String =
        version.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    starts_with_digit(&version).then(|| of_row(row, &version))
}

/// A rolling preview under the name of its distribution (`ID="centos"`, `NAME="CentOS Stream"`) is
/// a distribution of its own: its packages are not those of the releases.
fn stream_id(id: &str, name: &str) -> String {
    if name.eq_ignore_ascii_case(&format!("{id} stream")) {
        return format!("{id}-stream");
    }
    id.to_owned()
}

fn of_row(row: &DistroRow, version: &str) -> Stated {
    Stated {
        id: row.id.to_owned(),
        version_id: version.to_owned(),
        name: format!("{} {version}", row.name).trim().to_owned(),
        ..Stated::default()
    }
}

/// Returns the value of the last assignment to a key, or an empty text.
fn variable(text: &str, key: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let value = text.lines().rev().find_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        (name.trim_end() == key).then_some(value)
    });
    unquote(value.unwrap_or_default().trim())
}

/// Takes quotes off: inside double ones a backslash makes the next letter plain.
fn unquote(value: &str) -> String {
    if let Some(rest) = value.strip_prefix('\'') {
        return rest.split('\'').next().unwrap_or_default().trim().to_owned();
    }
    let (quoted, value) = value.strip_prefix('"').map_or((false, value), |rest| (true, rest));
    let mut plain = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.extend(letters.next()),
            '"' if quoted => break,
            _ => plain.push(letter),
        }
    }
    plain.trim().to_owned()
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stated(parse: fn(&str) -> Option<Stated>, text: &str) -> Option<(String, String, String)> {
        parse(text).map(|stated| (stated.id, stated.version_id, stated.codename))
    }

    #[allow(clippy::unnecessary_wraps)] // It stands where `stated` stands.
    fn is(id: &str, version: &str, codename: &str) -> Option<(String, String, String)> {
        Some((id.to_owned(), version.to_owned(), codename.to_owned()))
    }

    #[test]
    fn os_release_is_read_as_a_shell_would() {
        let read = |text| stated(parse_os_release, text);
        assert_eq!(read("ID=alpine\nVERSION_ID=3.17.1\n"), is("alpine", "3.17.1", ""));
        assert_eq!(read("# c\r\nID='debian'\r\nVERSION_ID=\"12\"\r\n"), is("debian", "12", ""));
        assert_eq!(read("\u{feff}ID=a\n ID = b\nVERSION_ID=v3.19"), is("b", "v3.19", ""));
        let old = "ID=debian\nVERSION_ID=9\nVERSION=\"9 (stretch)\"";
        assert_eq!(read(old), is("debian", "9", "stretch"));
        assert_eq!(read("ID=fedora\nVERSION=\"42 (Container Image)\""), is("fedora", "", ""));
        assert_eq!(read("NAME=x\nVERSION_ID=1"), None);
        assert_eq!(read("ID=\"a\\\"b\" # c"), is("a\"b", "", ""));
        assert_eq!(read("ID_LIKE=debian"), None);
    }

    #[test]
    fn a_stream_is_a_distribution_of_its_own() {
        let text = "NAME=\"CENTOS stream\"\nID=\"centos\"\nVERSION_ID=\"9\"";
        assert_eq!(stated(parse_os_release, text), is("centos-stream", "9", ""));
        let text = "CentOS Stream release 8";
        assert_eq!(stated(parse_rpm_release, text), is("centos-stream", "8", ""));
    }

    #[test]
    fn other_release_files_are_known() {
        let lsb = "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=14.04\nDISTRIB_CODENAME=trusty\n";
        assert_eq!(stated(parse_lsb_release, lsb), is("ubuntu", "14.04", "trusty"));
        assert_eq!(stated(parse_alpine_release, "3.19.1\n"), is("alpine", "3.19.1", ""));
        let issue = |text| stated(parse_issue, text);
        assert_eq!(issue("\nWelcome to Alpine Linux 3.12\nKernel"), is("alpine", "3.12", ""));
        assert_eq!(issue("Welcome to Alpine Linux 3.9_alpha (edge)"), is("alpine", "edge", ""));
        assert_eq!(issue("Ubuntu 14.04.6 LTS \\n \\l"), is("ubuntu", "14.04.6", ""));
        assert_eq!(issue("Arch Linux \\r (\\l)"), None);
        assert_eq!(stated(parse_debian_version, "12.5\n"), is("debian", "12.5", ""));
        assert_eq!(stated(parse_debian_version, "trixie/sid"), is("debian", "", "trixie"));
        assert_eq!(stated(parse_debian_version, "kali-rolling"), None);
    }

    #[test]
    fn rpm_release_files_are_known() {
        let read = |text| stated(parse_rpm_release, text);
        assert_eq!(read("CentOS release 6.10 (Final)"), is("centos", "6.10", ""));
        let text = "Red Hat Enterprise Linux Server release 6.2 (Santiago)";
        assert_eq!(read(text), is("rhel", "6.2", ""));
        assert_eq!(read("Rocky Linux release 9.3 (Blue Onyx)"), is("rocky", "9.3", ""));
        assert_eq!(read("AlmaLinux release 9.4 (x)"), is("almalinux", "9.4", ""));
        assert_eq!(read("Oracle Linux Server release 8.10"), is("ol", "8.10", ""));
        assert_eq!(read("Fedora release 38 (Thirty Eight)"), is("fedora", "38", ""));
        assert_eq!(read("Amazon Linux release 2 (Karoo)"), is("amzn", "2", ""));
        assert_eq!(read("Scientific Linux release 7.5 (N)"), is("scientific", "7.5", ""));
        assert_eq!(read("foo bar"), None);
        assert_eq!(read("Some release of mine"), None);
        let cpe = |text| stated(parse_cpe, text);
        assert_eq!(cpe("cpe:/o:centos:linux:6:GA\n"), is("centos", "6", ""));
        assert_eq!(cpe("cpe:/o:redhat:enterprise_linux:6server:ga"), is("rhel", "6", ""));
        assert_eq!(cpe("cpe:2.3:o:amazon:amazon_linux:2"), is("amzn", "2", ""));
        assert_eq!(cpe("cpe:/o:nobody:linux:6"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,60}") {
            for file in RELEASE_FILES {
                let _ = (file.parse)(&text);
                let _ = (file.parse)(&format!("ID=\"{text}\nVERSION={text}"));
            }
        }
    }
}
