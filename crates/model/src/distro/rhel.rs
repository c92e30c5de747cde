//! What the dist tag in the release of a Red Hat package tells: for which release it was built.

/// Returns the release that a version was built for: `(9, Some(4))` for `5.14.0-427.80.1.el9_4`,
/// `(9, None)` for `5.14.0-100.el9`, `(8, None)` for `1.20.1-1.module+el8.4.0+2519+614b07b8`, whose minor
/// number tells where it was built and not where it is meant for. `None` where there is no such tag.
pub fn dist_tag(version: &str) -> Option<(u32, Option<u32>)> {
    let start = version.match_indices("el").find_map(|(at, _)| {
        let before = version[..at].bytes().next_back()?;
        let after = &version[at + 2..];
        let is_tag = matches!(before, b'.' | b'+' | b'_')
            && after.starts_with(|letter: char| letter.is_ascii_digit());
        is_tag.then_some(after)
    })?;
    let (major, rest) = leading_number(start)?;
    let minor = rest.strip_prefix('_').and_then(leading_number).map(|(minor, _)| minor);
    Some((major, minor))
}

/// Returns whether a target with this minor release, which stays there (extended update support), can
/// get a fixed version: one that was built for a later minor release is not offered to it. A target
/// that follows the newest minor release (`None`) can get them all.
pub fn is_fix_reachable(fixed_version: &str, minor: Option<u32>) -> bool {
    let built_for = dist_tag(fixed_version).and_then(|(_, built_for)| built_for);
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
        assert_eq!(dist_tag("5.14.0-427.80.1.el9_4"), Some((9, Some(4))));
        assert_eq!(dist_tag("0:3.0.7-2.el10"), Some((10, None)));
        assert_eq!(dist_tag("4.18.0-80.1.2.el8_0"), Some((8, Some(0))));
        assert_eq!(dist_tag("1.20.1-1.module+el8.4.0+2519+614b07b8"), Some((8, None)));
        assert_eq!(dist_tag("7.61.1-22.el8_6.12"), Some((8, Some(6))));
        assert_eq!(dist_tag("2.4.37-65.module_el8.10.0+3966+1"), Some((8, None)));
        assert_eq!(dist_tag("1.0-1.fc40"), None);
        assert_eq!(dist_tag("1.0-1.model9"), None);
        assert_eq!(dist_tag("el9"), None);
        assert_eq!(dist_tag("1.el99999999999"), None);
        assert_eq!(dist_tag("1.élé.el"), None);
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
