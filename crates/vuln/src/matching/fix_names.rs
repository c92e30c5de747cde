//! Under which names fixed versions are told: in the flavour of what is installed, and without the marks that
//! records put at bounds.

/// Artifacts of which every version is out in all flavours.
const TWINS: &[&str] = &["com.google.guava:guava", "com.google.guava:guava-testlib"];

/// Namespaces whose bounds may end in `-0`: the lowest of all pre-releases, and no release.
const LOWEST_BOUNDS: &[&str] = &["bitnami", "golang"];

/// Returns the fixed versions, lowest first, as somebody who has `installed` of `name` asks for them:
/// `32.0.0-android` is `32.0.0-jre` for `24.1-jre`, `1.21.0-0` is `1.21.0`.
pub(super) fn named(
    namespace: &str,
    name: &str,
    installed: &str,
    mut fixed: Vec<String>,
) -> Vec<String> {
    if LOWEST_BOUNDS.contains(&namespace) {
        for version in &mut fixed {
            let release = version.strip_suffix("-0").map_or(0, str::len);
            let is_number = |c: char| c == '.' || c.is_ascii_digit();
            if release > 0 && version[..release].chars().all(is_number) {
                version.truncate(release);
            }
        }
        fixed.dedup();
    }
    let Some(own) = flavour(installed) else { return fixed };
    if fixed.iter().any(|version| flavour(version) == Some(own)) {
        fixed.retain(|version| flavour(version).is_none_or(|other| other == own));
    } else if TWINS.contains(&name) {
        for version in &mut fixed {
            if let Some(other) = flavour(version).map(str::len) {
                version.truncate(version.len() - other);
                version.push_str(own);
            }
        }
        fixed.dedup();
    }
    fixed
}

/// Returns what a version was built for: `jre` of `32.0.0-jre`, `jre11` of `12.2.0.jre11`.
fn flavour(version: &str) -> Option<&str> {
    let (_, last) = version.rsplit_once(['-', '.'])?;
    let is_jre = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit());
    (last == "android" || last.strip_prefix("jre").is_some_and(is_jre)).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_has_the_flavour_of_what_is_installed() {
        let guava = "com.google.guava:guava";
        for (namespace, name, installed, fixed, told) in [
            ("maven", guava, "24.1-jre", &["32.0.0-android"][..], &["32.0.0-jre"][..]),
            ("maven", guava, "24.1-jre", &["32.0.0-android", "32.0.0-jre"], &["32.0.0-jre"]),
            ("maven", guava, "24.1-android", &["32.0.0-android"], &["32.0.0-android"]),
            ("maven", guava, "19.0", &["32.0.0-android"], &["32.0.0-android"]),
            ("maven", "a:b", "1.0.jre8", &["1.1.jre11"], &["1.1.jre11"]),
            ("maven", "a:b", "1.0.jre8", &["1.1.jre11", "1.1.jre8", "2"], &["1.1.jre8", "2"]),
            ("golang", "stdlib", "1.19.8", &["1.20.4", "1.21.0-0"], &["1.20.4", "1.21.0"]),
            ("bitnami", "golang", "1.19.8", &["1.21.0-0", "1.21.0"], &["1.21.0"]),
            ("golang", "a", "0.1", &["1.0.0-rc.0", "-0"], &["1.0.0-rc.0", "-0"]),
            ("npm", "a", "0.1", &["1.0.0-0"], &["1.0.0-0"]),
        ] {
            let fixed = fixed.iter().map(|version| (*version).to_owned()).collect();
            assert_eq!(named(namespace, name, installed, fixed), told, "{installed}");
        }
    }
}
