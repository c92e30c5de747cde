//! The version of a Go program itself, and the release of Go that built it.
//!
//! `go install` stamps the version of the module; other builds hand it to a variable by
//! `-ldflags "-X main.version=1.4.1"`, which the list of settings keeps unless `-trimpath` was given too.

use plimsoll_model::Scheme;

use super::super::Image;

/// What variables that hold the version of a program are called, in lower case.
const VARIABLES: &[&str] =
    &["version", "ver", "buildversion", "gitversion", "appversion", "releaseversion"];
/// Packages whose variables are believed before those of others.
const PACKAGES: &[&str] = &["main", "common", "version", "cmd"];
/// The most variables of one program that are looked at.
pub(super) const MAX_VARIABLES: usize = 1_000;
/// The longest version, in bytes.
pub(super) const MAX_VERSION_BYTES: u64 = 100;
/// What the linker calls the text of a variable that it was handed: `main.version.str`.
const TEXT: &str = ".str";

/// Chooses the version of the main module: the one that was stamped if it is a release, then that of the
/// linker's flags, then that of the symbols, then a stamped one of a commit. `None` when there is none.
///
/// That the working copy was changed (`+dirty`) is left out; all begin with `v` but a stamped one that
/// does not.
pub fn choose_version(
    stamped: &str,
    flags: Option<String>,
    symbols: impl FnOnce() -> Option<String>,
) -> Option<String> {
    let stamped = stamped.strip_suffix("+dirty").unwrap_or(stamped);
    let is_release =
        Scheme::Golang.is_valid(stamped) && !is_of_commit(stamped) && !is_placeholder(stamped);
    if is_release {
        return Some(stamped.to_owned());
    }
    flags.or_else(symbols).or_else(|| Some(stamped.to_owned()).filter(|own| !own.is_empty()))
}

/// Returns the version that the flags of the linker state: `-s -w -X main.version=1.4.1` is `v1.4.1`.
///
/// Variables of commands come first, then those of the packages [`PACKAGES`], then others; several that
/// do not agree say nothing.
pub fn version_in_flags(flags: &str) -> Option<String> {
    let mut stated = Vec::new();
    let words = words(flags);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(rest) = word.trim_start_matches('-').strip_prefix('X') else { continue };
        let definition = match rest {
            "" => words.next().map_or("", String::as_str),
            rest => rest.strip_prefix('=').unwrap_or(rest),
        };
        if let Some((variable, value)) = definition.split_once('=')
            && stated.len() < MAX_VARIABLES
        {
            stated.extend(rank(variable).zip(version_of(value)));
        }
    }
    agreed(stated)
}

/// Returns the version that the linker's texts state in a program that was not stripped.
pub(super) fn version_in_symbols(image: &Image<'_>) -> Option<String> {
    let is_text = |name: &str| name.strip_suffix(TEXT).and_then(rank).is_some();
    let texts = image.symbols(&is_text, MAX_VARIABLES).into_iter().filter_map(|symbol| {
        let rank = rank(symbol.name.strip_suffix(TEXT)?)?;
        let size = Some(symbol.size).filter(|size| (1..=MAX_VERSION_BYTES).contains(size))?;
        let text = std::str::from_utf8(image.bytes_at(symbol.address, size)?).ok()?;
        Some((rank, version_of(text)?))
    });
    agreed(texts.collect())
}

/// Returns the one version of the best rank; `None` when there are several.
fn agreed(mut stated: Vec<(usize, String)>) -> Option<String> {
    stated.sort();
    stated.dedup();
    match stated.as_slice() {
        [(best, _), (next, _), ..] if best == next => None,
        [(_, version), ..] => Some(version.clone()),
        [] => None,
    }
}

/// Returns how much a variable is believed, 0 the most; `None` if it holds no version of the program.
fn rank(variable: &str) -> Option<usize> {
    let variable = variable.trim_matches(['\'', '"']);
    let (package, name) = variable.rsplit_once('.')?;
    if !VARIABLES.contains(&name.to_ascii_lowercase().as_str()) {
        return None;
    }
    let last = package.rsplit('/').next().unwrap_or(package).to_ascii_lowercase();
    if package.contains("/cmd/") {
        Some(0)
    } else {
        Some(if PACKAGES.contains(&last.as_str()) { 1 } else { 2 })
    }
}

/// Returns a value as a version; what stands in front of the last `/` is no part of it.
fn version_of(value: &str) -> Option<String> {
    let value = value.trim_matches(['\'', '"', ' ']);
    let value = value.rsplit('/').next().unwrap_or(value);
    let version = format!("v{}", value.strip_prefix('v').unwrap_or(value));
    let is_version = version.contains('.') && Scheme::Golang.is_valid(&version);
    (is_version && !is_placeholder(&version)).then_some(version)
}

/// Returns whether a version only stands where another would be: `v0.0.0-master`, `v0.0.0`.
fn is_placeholder(version: &str) -> bool {
    version
        .strip_prefix("v0.0.0")
        .is_some_and(|rest| !is_of_commit(version) && !rest.starts_with('.'))
}

/// Returns whether a version was made of a commit: `v0.0.0-20210124154548-22da62e12c0c`.
fn is_of_commit(version: &str) -> bool {
    let version = version.split('+').next().unwrap_or(version);
    let Some((rest, commit)) = version.rsplit_once('-') else { return false };
    let time = rest.rsplit(['-', '.']).next().unwrap_or(rest);
    let is_time = time.len() == 14 && time.bytes().all(|digit| digit.is_ascii_digit());
    is_time && commit.len() == 12 && commit.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// Parts flags at blanks; quotes of both kinds hold together.
fn words(flags: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for letter in flags.chars() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None if letter.is_whitespace() => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the release of Go as its vulnerability database writes it: `go1.22.3` is `1.22.3`, `go1.21rc2`
/// is `1.21.0-rc.2`; experiments and vendors behind it are left out. `None` for what is no release.
pub fn release_of(go_version: &str) -> Option<String> {
    let text = go_version.trim().strip_prefix("go")?;
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (numbers, rest) = text.split_at(end.unwrap_or(text.len()));
    let is_release = numbers.contains('.') && Scheme::Golang.is_valid(numbers);
    if !is_release {
        return None;
    }
    for stage in ["rc", "beta", "alpha"] {
        let Some(rest) = rest.strip_prefix(stage) else { continue };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() {
            let zero = if numbers.matches('.').count() < 2 { ".0" } else { "" };
            return Some(format!("{numbers}{zero}-{stage}.{digits}"));
        }
    }
    Some(numbers.to_owned())
}
