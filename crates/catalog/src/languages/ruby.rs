//! Installed gems: the specification that RubyGems writes for each.
//!
//! A specification is a Ruby program, as `Gem::Specification#to_ruby` writes it (RubyGems, `specification.rb`);
//! it is read line by line and never run. One below a folder `specifications` is that of an installed gem,
//! one below `specifications/default` that of a gem which came with Ruby itself; those elsewhere belong to
//! sources.

use plimsoll_model::{FileYield, Package, Want};

use super::{add_license, all_quoted, ends, of_one, package, quoted, split_version, text};
use crate::cataloguer::{Cataloguer, FileInput, Read};

/// The row of the table of cataloguers.
pub(crate) const ROW: Cataloguer = Cataloguer {
    name: "ruby",
    version: 1,
    wants: &[Want::Beneath("specifications", ".gemspec")],
    max_body_bytes: super::MAX_FILE_BYTES,
    declared: false,
    read: Read::File(read),
};

/// Reads one specification. What it does not state comes from its file name.
fn read(input: &FileInput<'_>) -> FileYield {
    let (["default", "specifications", ..] | ["specifications", ..]) = &ends(input.path)[1..]
    else {
        return FileYield::default();
    };
    let file = ends(input.path)[0].strip_suffix(".gemspec").unwrap_or_default();
    of_one(parse_gemspec(file, input.body), "gem")
}

/// Reads a specification; `stem` is its file name without `.gemspec`. The platform is no part of the
/// version. `None` when neither the text nor the name tell name and version.
///
/// ```text
/// # stub: nokogiri 1.13.8 x86_64-linux lib
/// Gem::Specification.new do |s|
///   s.name = "nokogiri".freeze
///   s.version = "1.13.8"
///   s.platform = "x86_64-linux".freeze
///   s.licenses = ["MIT".freeze]
/// ```
fn parse_gemspec(stem: &str, body: &[u8]) -> Option<Package> {
    let text = text(body);
    let (mut name, mut version, mut licenses) = (None, None, Vec::new());
    let mut stub: Option<(&str, &str)> = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("# stub:") {
            let mut words = rest.split_whitespace();
            stub = stub.or_else(|| Some((words.next()?, words.next()?)));
        }
        let Some((field, value)) = assignment(line) else { continue };
        match field {
            "name" => name = name.or_else(|| literal(value)),
            "version" => version = version.or_else(|| literal(value)),
            "license" | "licenses" if licenses.is_empty() => licenses = all_quoted(value),
            _ => {}
        }
    }
    let of_file =
        split_version(stem).map(|(name, rest)| (name, rest.split('-').next().unwrap_or(rest)));
    let name = name.or(stub.map(|stub| stub.0)).or(of_file.map(|file| file.0))?;
    let version = version.or(stub.map(|stub| stub.1)).or(of_file.map(|file| file.1))?;
    let mut package = package("gem", name, version)?;
    for license in licenses {
        add_license(&mut package, license);
    }
    Some(package)
}

/// Parts `s.name = "x"` into field and value.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (left, value) = line.split_once('=')?;
    let (variable, field) = left.trim().split_once('.')?;
    let is_word =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (is_word(variable) && is_word(field)).then(|| (field, value.trim()))
}

/// Returns the value of a literal text that holds no computed part: `"x".freeze`, `%q{x}`, and
/// `Gem::Version.new("1")`.
fn literal(value: &str) -> Option<&str> {
    let value = value.strip_prefix("Gem::Version.new(").unwrap_or(value);
    let content = if let Some(rest) = value.strip_prefix("%q{") {
        rest.split('}').next()
    } else if value.starts_with(['"', '\'']) {
        quoted(value)
    } else {
        None
    };
    content.filter(|content| !content.contains("#{"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(stem: &str, body: &str) -> Option<(String, String, String)> {
        let package = parse_gemspec(stem, body.as_bytes())?;
        Some((package.name, package.version, package.licenses.join("|")))
    }

    fn gem(name: &str, version: &str, licenses: &str) -> (String, String, String) {
        (name.to_owned(), version.to_owned(), licenses.to_owned())
    }

    #[test]
    fn fields_are_read_and_programs_are_not() {
        let body = "# stub: x 9 ruby lib\nGem::Specification.new do |s|\n  s.name = \"net-imap\".freeze\n  \
            s.version = \"0.2.3\"\n  s.platform = \"java\".freeze\n  s.licenses = [\"Ruby\".freeze, \
            \"BSD-2-Clause\".freeze]\n  s.add_runtime_dependency(%q<x>, [\">= 1\"])\n  s.name = \"later\"\nend\n";
        assert_eq!(shown("", body), Some(gem("net-imap", "0.2.3", "Ruby|BSD-2-Clause")));
        let old = "spec.name = %q{rake}\nspec.version = Gem::Version.new('0.8.7')\nspec.license = 'MIT'\n";
        assert_eq!(shown("", old), Some(gem("rake", "0.8.7", "MIT")));
        let made =
            "# stub: nokogiri 1.13.8 x86_64-linux lib\ns.name = NAME\ns.version = \"#{V}\"\n";
        assert_eq!(shown("", made), Some(gem("nokogiri", "1.13.8", "")));
        assert_eq!(
            shown("io-wait-0.2.1-java", "s.version = V\n"),
            Some(gem("io-wait", "0.2.1", ""))
        );
        assert_eq!(shown("odd", "if a.b == \"c\"\n"), None);
    }

    #[test]
    fn only_installed_gems_count() {
        let read = |path| read(&FileInput { path, body: b"s.name = 'a'\ns.version = '1'\n" });
        for path in [
            "usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec",
            "usr/lib/ruby/gems/3.1.0/specifications/default/a-1.gemspec",
            "srv/vendor/bundle/ruby/3.1.0/specifications/a-1.gemspec",
        ] {
            assert_eq!(read(path).packages.len(), 1, "{path}");
        }
        for path in ["specifications/gems/a-1/a.gemspec", "specifications/x/default/a.gemspec"] {
            assert_eq!(read(path), FileYield::default(), "{path}");
        }
    }

    #[test]
    fn what_names_no_gem_is_a_gap() {
        let found = read(&FileInput { path: "x/specifications/odd.gemspec", body: b"" });
        assert_eq!(found.problems.len(), 1);
        assert!(found.packages.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read(body in "(s\\.(name|licenses|version) ?= ?\\PC{0,30}\n){0,5}", stem in "\\PC{0,20}") {
            let _ = parse_gemspec(&stem, body.as_bytes());
        }
    }
}
