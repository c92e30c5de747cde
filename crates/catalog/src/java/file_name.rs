//! Name and version in the file name of an archive, and what may be a name or a version at all.

/// What is put behind the version of archives that hold more, or other things.
const CLASSIFIERS: &[&str] =
    &["-jar-with-dependencies", "-with-dependencies", "-all", "-shaded", "-uber", "-fat", "-exec"];

/// Returns name and version of a file name without extension: `kafka_2.13-2.8.0` is `kafka_2.13` and
/// `2.8.0`.
///
/// The version is what follows the last `-` with a dotted number behind it, else the first `-` with a
/// digit behind it, else a `.` or `_` with a dotted number behind it.
pub(super) fn from_file_name(stem: &str) -> Option<(String, String)> {
    let mut stem = stem;
    while let Some(rest) = CLASSIFIERS.iter().find_map(|end| stem.strip_suffix(end)) {
        stem = rest;
    }
    let dashes: Vec<usize> = stem.match_indices('-').map(|(at, _)| at).collect();
    let dotted = dashes.iter().rev().find(|&&at| is_dotted(&stem[at + 1..]));
    let digit = dashes.iter().find(|&&at| {
        let rest = &stem[at + 1..];
        starts_with_digit(rest.strip_prefix("build").unwrap_or(rest))
    });
    let other =
        || stem.match_indices(['.', '_']).map(|(at, _)| at).find(|at| is_dotted(&stem[at + 1..]));
    let at = dotted.or(digit).copied().or_else(other)?;
    let (name, version) = (&stem[..at], &stem[at + 1..]);
    (is_token(name) && is_version(version)).then(|| (name.to_owned(), version.to_owned()))
}

/// `2.14.1`, but not the stamp of a snapshot, `20210101.123456-1`, nor `901.jdbc4`.
fn is_dotted(text: &str) -> bool {
    let whole = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let fraction = text[whole..].strip_prefix('.').unwrap_or_default();
    (1..8).contains(&whole) && starts_with_digit(fraction)
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_digit())
}

/// A text that can be a group or an artifact: no blanks, none of the signs of other languages.
pub(super) fn is_token(text: &str) -> bool {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    !text.is_empty()
        && text.len() <= 200
        && text.chars().all(is_part)
        && text.contains(|letter: char| letter.is_ascii_alphabetic())
}

pub(super) fn is_version(text: &str) -> bool {
    let is_part = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-' | '+' | '~')
    };
    !text.is_empty()
        && text.len() <= 200
        && text.chars().all(is_part)
        && text.contains(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_split_at_the_version() {
        let split = |stem| from_file_name(stem).map(|(name, version)| format!("{name} {version}"));
        for (stem, expected) in [
            ("log4j-core-2.14.1", "log4j-core 2.14.1"),
            ("log4j-1.2-api-2.14.1", "log4j-1.2-api 2.14.1"),
            ("servlet-api-2.5-6.1.14", "servlet-api-2.5 6.1.14"),
            ("kafka_2.13-2.8.0", "kafka_2.13 2.8.0"),
            ("postgresql-9.1-901.jdbc4", "postgresql 9.1-901.jdbc4"),
            ("foo-1.0-20210101.123456-1", "foo 1.0-20210101.123456-1"),
            ("guava-31.1-jre", "guava 31.1-jre"),
            ("tabula-1.0.5-jar-with-dependencies", "tabula 1.0.5"),
            ("org.eclipse.osgi_3.16.0.v20200828", "org.eclipse.osgi 3.16.0.v20200828"),
            ("hamcrest-core-1", "hamcrest-core 1"),
        ] {
            assert_eq!(split(stem).as_deref(), Some(expected), "{stem}");
        }
        assert_eq!(split("app"), None);
        assert_eq!(split("-1.0"), None);
        assert_eq!(split("a b-1.0"), None);
    }

    /// The peers' cases; `ty` and `extension` are not ours to tell.
    #[test]
    fn file_names_of_the_peers_cases() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases/identification.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("skipped: file_names_of_the_peers_cases: ../shared is not there");
            return;
        };
        let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = cases["jar_filename"].as_array().unwrap();
        assert_eq!(cases.len(), 11);
        for case in cases {
            let case = &case["case"];
            let file_name = case["filename"].as_str().unwrap();
            let extension = case["extension"].as_str().unwrap();
            let name = file_name.rsplit(['/', ':']).next().unwrap();
            let stem = name.strip_suffix(extension).unwrap().trim_end_matches('.');
            let expected = match case["version"].as_str().unwrap() {
                "" => None,
                version => Some((case["name"].as_str().unwrap().to_owned(), version.to_owned())),
            };
            assert_eq!(from_file_name(stem), expected, "{file_name}");
        }
    }
}
