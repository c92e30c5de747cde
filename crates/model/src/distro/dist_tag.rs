//! What the dist tag in the release of an RPM package tells: for which release it was built.

/// The words that dist tags begin with.
const WORDS: [&str; 7] = ["el", "fc", "amzn", "cm", "azl", "ph", "mga"];

/// A dist tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DistTag {
    /// The word: `el`, `fc`, `amzn`.
    pub word: &'static str,
    /// The release: `9` of `.el9_4`.
    pub release: u32,
    /// The minor release that it was built for: `4` of `.el9_4`; `None` for all.
    pub minor: Option<u32>,
}

impl std::fmt::Display for DistTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.word, self.release)
    }
}

/// Returns the dist tag of a version: `el` 9, minor 4 of `5.14.0-427.80.1.el9_4`; `el` 8 of
/// `1.20.1-1.module+el8.4.0+2519+614b07b8`, whose minor number tells where it was built and not where it
/// is meant for. `None` where there is no such tag.
pub fn dist_tag(version: &str) -> Option<DistTag> {
    // What stands before the release is another's: `3.2.0.azl4-1.azl3`.
    let version = version.rsplit_once('-').map_or(version, |(_, release)| release);
    WORDS.iter().find_map(|word| {
        let rest = version.match_indices(word).find_map(|(at, _)| {
            let before = version[..at].bytes().next_back()?;
            let after = &version[at + word.len()..];
            let is_tag = matches!(before, b'.' | b'+' | b'_')
                && after.starts_with(|letter: char| letter.is_ascii_digit());
            is_tag.then_some(after)
        })?;
        let (release, rest) = leading_number(rest)?;
        let minor = rest.strip_prefix('_').and_then(leading_number).map(|(minor, _)| minor);
        Some(DistTag { word, release, minor })
    })
}

/// Returns whether a target with this minor release, which stays there (extended update support), can
/// get a fixed version: one that was built for a later minor release is not offered to it. A target
/// that follows the newest minor release (`None`) can get them all.
pub fn is_fix_reachable(fixed_version: &str, minor: Option<u32>) -> bool {
    let built_for = dist_tag(fixed_version).and_then(|tag| tag.minor);
    match (built_for, minor) {
        (Some(built_for), Some(minor)) => built_for <= minor,
        _ => true,
    }
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_behind_a_mark_alone() {
        let tag = |version: &str| {
            dist_tag(version).map(|tag| {
                let minor = tag.minor.map_or(String::new(), |minor| format!("_{minor}"));
                format!("{tag}{minor}")
            })
        };
        let known = [
            ("5.14.0-427.80.1.el9_4", "el9_4"),
            ("0:3.0.7-2.el10", "el10"),
            ("4.18.0-80.1.2.el8_0", "el8_0"),
            ("1.20.1-1.module+el8.4.0+2519+614b07b8", "el8"),
            ("7.61.1-22.el8_6.12", "el8_6"),
            ("2.4.37-65.module_el8.10.0+3966+1", "el8"),
            ("7.29.0-59.0.1.el7_9.1", "el7_9"),
            ("5.1.8-1.cm2", "cm2"),
            ("4.2.46-34.amzn2.0.1", "amzn2"),
            ("8.3.6-1.azl3", "azl3"),
            ("1.0-1.fc40", "fc40"),
            ("3.2.0.azl4-1.azl3", "azl3"),
        ];
        for (version, expected) in known {
            assert_eq!(tag(version).as_deref(), Some(expected), "{version}");
        }
        let none =
            ["1.0-1.model9", "el9", "1.el99999999999", "1.élé.el", "2-elastic", "1.1.1d-150200.11"];
        for version in none {
            assert_eq!(tag(version), None, "{version}");
        }
    }

    #[test]
    fn a_fix_of_a_later_minor_release_is_out_of_reach() {
        assert!(is_fix_reachable("5.14.0-503.11.1.el9_5", None));
        assert!(!is_fix_reachable("5.14.0-503.11.1.el9_5", Some(4)));
        assert!(is_fix_reachable("5.14.0-427.80.1.el9_4", Some(4)));
        assert!(is_fix_reachable("5.14.0-100.el9", Some(4)));
        assert!(!is_fix_reachable("5.14.0-100.el9_1", Some(0)));
    }
}
