//! Licences as SPDX expressions, where what is stated is one of the usual names or addresses.

/// What is stated, in lower case and without scheme, `www.` and file suffix, and what SPDX calls it.
const NAMES: &[(&str, &str)] = &[
    ("apache 2", "Apache-2.0"),
    ("apache 2.0", "Apache-2.0"),
    ("apache license 2.0", "Apache-2.0"),
    ("apache license v2.0", "Apache-2.0"),
    ("apache license, version 2.0", "Apache-2.0"),
    ("apache public license 2.0", "Apache-2.0"),
    ("apache software license, version 2.0", "Apache-2.0"),
    ("apache.org/licenses/license-2.0", "Apache-2.0"),
    ("apache-2.0", "Apache-2.0"),
    ("opensource.org/licenses/apache2.0", "Apache-2.0"),
    ("opensource.org/licenses/apache-2.0", "Apache-2.0"),
    ("the apache license, version 2.0", "Apache-2.0"),
    ("the apache software license, version 2.0", "Apache-2.0"),
    ("bsd 2-clause license", "BSD-2-Clause"),
    ("bsd-2-clause", "BSD-2-Clause"),
    ("opensource.org/licenses/bsd-2-clause", "BSD-2-Clause"),
    ("bsd 3-clause license", "BSD-3-Clause"),
    ("bsd-3-clause", "BSD-3-Clause"),
    ("opensource.org/licenses/bsd-3-clause", "BSD-3-Clause"),
    ("the bsd 3-clause license", "BSD-3-Clause"),
    ("edl 1.0", "BSD-3-Clause"),
    ("eclipse distribution license - v 1.0", "BSD-3-Clause"),
    ("eclipse.org/org/documents/edl-v10", "BSD-3-Clause"),
    ("cddl 1.1", "CDDL-1.1"),
    ("creativecommons.org/publicdomain/zero/1.0", "CC0-1.0"),
    ("eclipse public license - v 1.0", "EPL-1.0"),
    ("eclipse.org/legal/epl-v10", "EPL-1.0"),
    ("eclipse public license - v 2.0", "EPL-2.0"),
    ("eclipse public license 2.0", "EPL-2.0"),
    ("eclipse public license v2.0", "EPL-2.0"),
    ("eclipse.org/legal/epl-2.0", "EPL-2.0"),
    ("eclipse.org/legal/epl-v20", "EPL-2.0"),
    ("epl 2.0", "EPL-2.0"),
    ("gnu lesser general public license, version 2.1", "LGPL-2.1-only"),
    ("gnu.org/licenses/old-licenses/lgpl-2.1", "LGPL-2.1-only"),
    ("mit", "MIT"),
    ("mit license", "MIT"),
    ("opensource.org/licenses/mit", "MIT"),
    ("opensource.org/licenses/mit-license", "MIT"),
    ("the mit license", "MIT"),
    ("mozilla.org/mpl/2.0", "MPL-2.0"),
    ("mpl-2.0", "MPL-2.0"),
    ("cc0", "CC0-1.0"),
];

/// The most bytes of what is kept as stated.
const MAX_LICENSE_BYTES: usize = 200;

/// Reads a `Bundle-License`: entries parted by `,`, each a name or an address, with parameters behind `;`.
///
/// ```text
/// Apache-2.0;link="https://www.apache.org/licenses/LICENSE-2.0.txt"
/// ```
///
/// Where one entry is not known, all is one text, as stated; nothing of more than 200 bytes.
pub(super) fn of_bundle(text: &str) -> Vec<String> {
    let bare = |entry: &str| entry.split(';').next().unwrap_or_default().trim().to_owned();
    let known: Option<Vec<String>> =
        text.split(',').map(|entry| find(&bare(entry)).map(str::to_owned)).collect();
    match known {
        Some(mut known) => {
            known.dedup();
            known
        }
        None => match find(&bare(text)) {
            Some(known) => vec![known.to_owned()],
            None if text.is_empty() || text.len() > MAX_LICENSE_BYTES => Vec::new(),
            None => vec![text.to_owned()],
        },
    }
}

/// Returns the SPDX expression of a name, or the name as it is.
pub(super) fn of_name(name: &str) -> String {
    find(name).unwrap_or(name).to_owned()
}

fn find(text: &str) -> Option<&'static str> {
    let mut key = text.trim().trim_matches('"').to_ascii_lowercase();
    for start in ["http://", "https://", "www."] {
        key = key.strip_prefix(start).map(str::to_owned).unwrap_or(key);
    }
    for end in ["/", ".txt", ".html", ".php"] {
        key = key.strip_suffix(end).map(str::to_owned).unwrap_or(key);
    }
    NAMES.iter().find(|(name, _)| *name == key).map(|(_, spdx)| *spdx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_and_addresses_become_spdx() {
        let address = "https://www.apache.org/licenses/LICENSE-2.0.txt";
        assert_eq!(of_bundle(address), ["Apache-2.0"]);
        assert_eq!(of_bundle(&format!("Apache-2.0;link=\"{address}\"")), ["Apache-2.0"]);
        assert_eq!(of_bundle("MIT, http://www.eclipse.org/legal/epl-v10.html"), ["MIT", "EPL-1.0"]);
        assert_eq!(of_bundle("Apache License, Version 2.0"), ["Apache-2.0"]);
        assert_eq!(of_bundle("My own, sort of"), ["My own, sort of"]);
        assert_eq!(of_bundle(""), [""; 0]);
        assert_eq!(of_bundle(&"x".repeat(MAX_LICENSE_BYTES + 1)), [""; 0]);
        assert_eq!(of_name("The Apache Software License, Version 2.0"), "Apache-2.0");
        assert_eq!(of_name("Odd"), "Odd");
    }
}
