//! Installed packages of PHP: what Composer lists, and the registry of PEAR and PECL.
//!
//! Composer writes `vendor/composer/installed.json`: version 1 an array, version 2 an object with `packages`
//! (Composer, `FilesystemRepository.php`). PEAR writes a file in PHP's serialisation for each package below
//! `.registry` (PEAR, `PEAR/Registry.php`).

use plimsoll_model::{FileYield, GapKind, Package, Problem, Want};
use serde_json::Value as Json;

use super::{add_license, ends, of_one, package, unreadable};
use crate::cataloguer::{Cataloguer, FileInput, Read};
use crate::database::note;
use crate::document::{self, has_room, text};

mod serialized;

use serialized::Value;

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "php",
    version: 1,
    wants: &[Want::Suffix("composer/installed.json"), Want::Beneath(REGISTRY, ".reg")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

const REGISTRY: &str = ".registry";

fn read(input: &FileInput<'_>) -> FileYield {
    if ends(input.path)[0].strip_suffix(".reg").is_some() {
        return match parse_registry(input.body) {
            Ok(package) => of_one(package, "PEAR package"),
            Err(detail) => unreadable(detail),
        };
    }
    let (packages, problems) = parse_installed_json(input.body);
    FileYield { packages, problems, ..FileYield::default() }
}

/// Reads the list of Composer in the order of the file, packages for development included: they are there.
/// Several licences are a choice between them. The paths in the problems are empty.
///
/// ```text
/// {"packages": [{"name": "monolog/monolog", "version": "2.8.0", "license": ["MIT"]}],
///  "dev": true, "dev-package-names": []}
/// ```
fn parse_installed_json(body: &[u8]) -> (Vec<Package>, Vec<Problem>) {
    let (mut packages, mut problems) = (Vec::new(), Vec::new());
    let Some(document) = document::read(body, &mut problems) else { return (packages, problems) };
    let Some(listed) = document.get("packages").unwrap_or(&document).as_array() else {
        note(&mut problems, "it has no list of packages".to_owned(), Some(GapKind::Unreadable));
        return (packages, problems);
    };
    for (index, entry) in listed.iter().enumerate() {
        let Some(mut package) = package("composer", text(entry, "name"), text(entry, "version"))
        else {
            let detail = format!("package {} has no name, or no version", index + 1);
            note(&mut problems, detail, Some(GapKind::Unreadable));
            continue;
        };
        if !has_room(&packages, &mut problems) {
            break;
        }
        let stated = entry.get("license").and_then(Json::as_array).into_iter().flatten();
        let stated: Vec<&str> = stated.filter_map(Json::as_str).collect();
        add_license(&mut package, &stated.join(" OR "));
        packages.push(package);
    }
    (packages, problems)
}

/// Reads one file of the registry. The name is that of the channel and its own,
/// `pecl.php.net/redis`; `Ok(None)` when one of them or the version is missing. An error tells what is no
/// serialised value.
///
/// ```text
/// a:3:{s:4:"name";s:5:"redis";s:7:"channel";s:12:"pecl.php.net";s:7:"version";a:1:{s:7:"release";s:5:"5.3.7";}}
/// ```
fn parse_registry(body: &[u8]) -> Result<Option<Package>, String> {
    let value = serialized::parse(body)?;
    let field = |path: &[&str]| {
        let found = path.iter().try_fold(&value, |value, key| value.get(key));
        found.and_then(Value::text).unwrap_or_default()
    };
    let version = [field(&["version", "release"]), field(&["version"])];
    let version = version.iter().find(|version| !version.is_empty()).copied().unwrap_or_default();
    // Packages of PEAR before channels have the fields of the first format.
    let name = [field(&["name"]), field(&["package"])];
    let name = name.iter().find(|name| !name.is_empty()).copied().unwrap_or_default();
    let channel = Some(field(&["channel"])).filter(|channel| !channel.is_empty());
    if name.is_empty() {
        return Ok(None);
    }
    let name = format!("{}/{name}", channel.unwrap_or("pear.php.net"));
    let Some(mut package) = package("pear", &name, version) else { return Ok(None) };
    add_license(&mut package, field(&["license"]));
    add_license(&mut package, field(&["license", "_content"]));
    Ok(Some(package))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::MAX_ENTRIES;

    #[test]
    fn both_lists_of_composer_are_read() {
        let one = r#"[{"name":"a/b","version":"v1.2.0","license":["MIT","GPL-2.0-only"]}]"#;
        let two = format!(r#"{{"packages":{one},"dev":false,"dev-package-names":["a/b"]}}"#);
        for body in [one, &two] {
            let (packages, problems) = parse_installed_json(body.as_bytes());
            assert!(problems.is_empty());
            assert_eq!(
                (packages[0].name.as_str(), packages[0].version.as_str()),
                ("a/b", "v1.2.0")
            );
            assert_eq!(packages[0].licenses, ["MIT OR GPL-2.0-only"]);
        }
        let (packages, problems) =
            parse_installed_json(br#"[{"name":"a/b"},{"name":"c/d","version":"1"}]"#);
        assert_eq!((packages.len(), problems.len()), (1, 1));
        for body in ["", "{}", "7"] {
            assert_eq!(parse_installed_json(body.as_bytes()).1.len(), 1, "{body}");
        }
    }

    #[test]
    fn the_list_has_a_limit() {
        let entry = r#"{"name":"a/b","version":"1"}"#;
        let body = format!("[{}]", vec![entry; MAX_ENTRIES + 1].join(","));
        let (packages, problems) = parse_installed_json(body.as_bytes());
        assert_eq!((packages.len(), problems.len()), (MAX_ENTRIES, 1));
    }

    #[test]
    fn the_registry_is_read() {
        let body = br#"a:4:{s:4:"name";s:3:"APC";s:7:"channel";s:12:"pecl.php.net";s:7:"version";a:2:{s:7:"release";s:6:"3.1.13";s:3:"api";s:5:"3.1.0";}s:7:"license";a:2:{s:7:"attribs";a:1:{s:3:"uri";s:1:"x";}s:8:"_content";s:3:"PHP";}}"#;
        let package = parse_registry(body).unwrap().unwrap();
        assert_eq!(
            (package.name.as_str(), package.version.as_str()),
            ("pecl.php.net/APC", "3.1.13")
        );
        assert_eq!(package.licenses, ["PHP"]);
        let old =
            br#"a:3:{s:7:"package";s:3:"Old";s:7:"version";s:3:"1.0";s:7:"license";s:3:"BSD";}"#;
        let package = parse_registry(old).unwrap().unwrap();
        assert_eq!((package.name.as_str(), package.version.as_str()), ("pear.php.net/Old", "1.0"));
        assert_eq!(parse_registry(b"a:0:{}"), Ok(None));
        assert!(parse_registry(b"a:1:{").is_err());
    }
}
