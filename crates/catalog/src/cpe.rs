//! CPE 2.3 names of programs and runtimes that our own readers identified.
//!
//! NIST IR 7695 (naming): the formatted string, with all but letters, digits, `_`, `-` and `.` behind a `\`.

/// Makes the names of each `vendor:product`, in this order: `nodejs:node.js` and `18.12.1` give
/// `cpe:2.3:a:nodejs:node.js:18.12.1:*:*:*:*:*:*:*`.
///
/// A release before the release (`3.13.0rc1`, `2.0.0-beta.2`) stands in the field `update`, and so does
/// the update of a JDK up to 8 (`1.8.0_352-b08`: `1.8.0:update352`), as NVD writes them. What follows a `+`
/// is left out. A version of other signs than those of ASCII that are seen gives none.
pub(crate) fn names(products: &[&str], version: &str) -> Vec<String> {
    if !version.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Vec::new();
    }
    let (version, update) = split_update(version);
    let update = if update.is_empty() { "*".to_owned() } else { escaped(&update) };
    let name =
        |product: &&str| format!("cpe:2.3:a:{product}:{}:{update}:*:*:*:*:*:*", escaped(&version));
    products.iter().map(name).collect()
}

/// Splits a version into what the fields `version` and `update` of a CPE name hold; the second may be
/// empty.
pub fn split_update(version: &str) -> (String, String) {
    let version = version.split('+').next().unwrap_or(version);
    if let Some((release, rest)) = version.split_once('_') {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        if !digits.is_empty() && release.starts_with("1.") {
            return (release.to_owned(), format!("update{digits}"));
        }
    }
    let end = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (release, rest) = version.split_at(end.unwrap_or(version.len()));
    let rest = rest.trim_start_matches(['-', '.']);
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    let number = rest[word.len()..].trim_start_matches(['-', '.']);
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let release = release.trim_end_matches('.').to_owned();
    if is_number && ["alpha", "beta", "rc", "a", "b", "m", "pre", "dev"].contains(&word.as_str()) {
        let word = match word.as_str() {
            "a" => "alpha",
            "b" => "beta",
            "m" => "milestone",
            other => other,
        };
        return (release, format!("{word}{number}"));
    }
    (version.to_owned(), String::new())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '-' | '.') {
            out.push('\\');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_version_and_update() {
        let one = |version| names(&["v:p"], version).remove(0);
        assert_eq!(one("18.12.1"), "cpe:2.3:a:v:p:18.12.1:*:*:*:*:*:*:*");
        assert_eq!(one("1.8.0_352-b08"), "cpe:2.3:a:v:p:1.8.0:update352:*:*:*:*:*:*");
        assert_eq!(one("17.0.8+7-LTS"), "cpe:2.3:a:v:p:17.0.8:*:*:*:*:*:*:*");
        assert_eq!(one("3.13.0rc1"), "cpe:2.3:a:v:p:3.13.0:rc1:*:*:*:*:*:*");
        assert_eq!(one("2.0.0-beta.2"), "cpe:2.3:a:v:p:2.0.0:beta2:*:*:*:*:*:*");
        assert_eq!(one("3.9.0a4"), "cpe:2.3:a:v:p:3.9.0:alpha4:*:*:*:*:*:*");
        assert_eq!(one("1.1.1w"), "cpe:2.3:a:v:p:1.1.1w:*:*:*:*:*:*:*");
        assert_eq!(one("9.0~x"), "cpe:2.3:a:v:p:9.0\\~x:*:*:*:*:*:*:*");
        assert_eq!(names(&["a:b", "c:d"], "1").len(), 2);
        assert!(names(&["a:b"], "1.0\u{1}").is_empty());
        assert!(names(&["a:b"], "1.é").is_empty());
    }
}
