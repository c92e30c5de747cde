//! WordPress, its plugins and themes: the header comment of each, and the version of the core.
//!
//! The headers are those of the developer handbooks
//! (<https://developer.wordpress.org/plugins/plugin-basics/header-requirements/>,
//! <https://developer.wordpress.org/themes/basics/main-stylesheet-style-css/>). The directory is known by the
//! folder of a plugin, which is its name here; what its header calls itself is for people.

use plimsoll_model::{FileYield, Package, Want};

use super::{add_license, ends, package, quoted};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "wordpress",
    version: 1,
    wants: &[
        Want::Beneath("wp-content/plugins", ".php"),
        Want::Beneath("wp-content/mu-plugins", ".php"),
        Want::Beneath("wp-content/themes", "/style.css"),
        Want::Suffix("wp-includes/version.php"),
    ],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// The bytes of a file in which WordPress looks for a header.
const MAX_HEADER_BYTES: usize = 8 << 10;

fn read(input: &FileInput<'_>) -> FileYield {
    let head = input.body.get(..MAX_HEADER_BYTES).unwrap_or(input.body);
    let head = String::from_utf8_lossy(head);
    let package = match ends(input.path).as_slice() {
        ["version.php", "wp-includes", ..] => parse_core(&head),
        ["style.css", folder, "themes", ..] => {
            parse_header("wordpress-theme", folder, "Theme Name", &head)
        }
        [_, folder, "plugins" | "mu-plugins", ..] => {
            parse_header("wordpress-plugin", folder, "Plugin Name", &head)
        }
        [file, "plugins" | "mu-plugins", ..] => {
            let name = file.strip_suffix(".php").unwrap_or(file);
            parse_header("wordpress-plugin", name, "Plugin Name", &head)
        }
        _ => None,
    };
    FileYield { packages: package.into_iter().collect(), ..FileYield::default() }
}

/// Reads a header; `None` when there is none, or when it states no version.
///
/// ```text
/// /*
///  * Plugin Name: Akismet Anti-spam: Spam Protection
///  * Version: 5.3
///  * License: GPLv2 or later
///  */
/// ```
fn parse_header(kind: &str, name: &str, title: &str, head: &str) -> Option<Package> {
    field(head, title)?;
    let mut package = package(kind, name, field(head, "Version")?)?;
    add_license(&mut package, field(head, "License").unwrap_or_default());
    Some(package)
}

/// Returns the value of a field, which stands at the start of a line but for the marks of a comment.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split(['\n', '\r']).find_map(|line| {
        let line = line.trim_start().strip_prefix("<?php").unwrap_or(line);
        let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
        let value = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
        let value = value.and_then(|_| line[name.len()..].trim_start().strip_prefix(':'))?;
        let value = value.split("*/").next().unwrap_or_default();
        let value = value.split("?>").next().unwrap_or_default().trim();
        (!value.is_empty()).then_some(value)
    })
}

/// Reads the version of the core.
///
/// ```text
/// $wp_version = '6.4.2';
/// ```
fn parse_core(head: &str) -> Option<Package> {
    let line = head.lines().find_map(|line| line.trim().strip_prefix("$wp_version"))?;
    let version = quoted(line.trim_start().strip_prefix('=')?)?;
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let mut package = package("generic", "wordpress", version)?;
    if is_number {
        package.cpes = vec![format!("cpe:2.3:a:wordpress:wordpress:{version}:*:*:*:*:*:*:*")];
    }
    Some(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, body: &str) -> Option<String> {
        let found = read(&FileInput { path, body: body.as_bytes() });
        let package = found.packages.first()?;
        Some(format!("{}/{}@{}", package.kind, package.name, package.version))
    }

    #[test]
    fn plugins_themes_and_the_core_are_found() {
        let header =
            "<?php\n/**\n * @package X\n */\n/*\nPlugin Name: Akismet: Spam\nVersion: 5.3\n*/\n";
        assert_eq!(
            shown("srv/wp-content/plugins/akismet/akismet.php", header).unwrap(),
            "wordpress-plugin/akismet@5.3"
        );
        assert_eq!(shown("srv/wp-content/plugins/akismet/inc/akismet.php", header), None);
        let one = "<?php\r\n/* Plugin Name: Hello */\r\n// version : 1.7.2\r\n";
        assert_eq!(
            shown("wp-content/plugins/hello.php", one).unwrap(),
            "wordpress-plugin/hello@1.7.2"
        );
        assert_eq!(
            shown("wp-content/themes/twenty/style.css", "/*\nTheme Name: T\nVersion: 1.4\n*/")
                .unwrap(),
            "wordpress-theme/twenty@1.4"
        );
        assert_eq!(shown("wp-content/plugins/a/b.php", "<?php // Version: 3\n"), None);
        let core = "<?php\n/** @global string $wp_version */\n$wp_version = '6.4.2';\n";
        assert_eq!(shown("srv/wp-includes/version.php", core).unwrap(), "generic/wordpress@6.4.2");
        assert!(parse_core(core).unwrap().cpes[0].contains(":wordpress:6.4.2:*"));
        assert!(parse_core("$wp_version = '6.5-beta1';").unwrap().cpes.is_empty());
    }

    #[test]
    fn a_header_beyond_the_limit_is_none() {
        let late =
            format!("<?php\n{}\n/* Plugin Name: X\nVersion: 1 */", "x".repeat(MAX_HEADER_BYTES));
        assert_eq!(shown("wp-content/plugins/a/a.php", &late), None);
    }
}
