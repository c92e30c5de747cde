//! Components of products, told by package URLs.
//!
//! ```text
//! pkg:rpm/redhat/curl@7.76.1-29.el9_4?arch=x86_64
//! pkg:rpm/redhat/python39-wheel@0.35.1-4.module%2Bel8.5.0%2B12204%2B54860423?arch=noarch&epoch=1&rpmmod=python39:3.9:8080020240911100614:93c2fc2f
//! pkg:rpm/redhat/firefox?arch=src
//! pkg:rpmmod/redhat/ruby:2.6/ruby
//! pkg:rpmmod/redhat/ruby@3.0:8060020220810162001:ad008a3a
//! ```
//!
//! The last one is a module itself, the one before (of older documents) a package of a module.
//! Source: <https://github.com/package-url/purl-spec>.

use std::borrow::Cow;

use plimsoll_model::Scheme;

/// Longest package URL that is read, in bytes.
pub const MAX_PURL_BYTES: usize = 1024;

/// An RPM package, with or without a build.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Component {
    /// `curl`.
    pub(super) name: String,
    /// `7.76.1-29.el9_4`, with the epoch in front where it is not 0.
    pub(super) version: Option<String>,
    /// `x86_64`, `src`.
    pub(super) arch: Option<String>,
    /// `python39:3.9`.
    pub(super) module: Option<String>,
}

/// What a package URL names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Named {
    /// A package.
    Package(Component),
    /// A module: `ruby:3.0`.
    Module(String),
    /// What is no RPM package of Red Hat.
    Other,
    /// What cannot be right.
    Broken,
}

/// Reads the package URL of a component. The module of a package may also stand behind the id of the
/// component, `golang-docs::go-toolset:rhel8`.
pub(super) fn read(purl: &str, id: &str) -> Named {
    if purl.len() > MAX_PURL_BYTES {
        return Named::Broken;
    }
    let (path, qualifiers) = purl.split_once('?').unwrap_or((purl, ""));
    if let Some(path) = path.strip_prefix("pkg:rpm/redhat/") {
        return package(path, qualifiers, id);
    }
    match path.strip_prefix("pkg:rpmmod/redhat/") {
        Some(path) => of_module(path),
        None => Named::Other,
    }
}

fn package(path: &str, qualifiers: &str, id: &str) -> Named {
    let (name, version) = path.split_once('@').map_or((path, None), |(n, v)| (n, Some(v)));
    let mut component = Component { name: decode(name).into_owned(), ..Component::default() };
    let mut epoch = None;
    for (key, value) in qualifiers.split('&').filter_map(|pair| pair.split_once('=')) {
        let value = decode(value);
        match key {
            "arch" if !value.is_empty() => component.arch = Some(value.into_owned()),
            "epoch" => epoch = Some(value),
            "rpmmod" => match module_of(&value) {
                Some(module) => component.module = Some(module),
                None => return Named::Broken,
            },
            _ => {}
        }
    }
    if component.module.is_none()
        && let Some((_, module)) = id.rsplit_once("::")
    {
        component.module = module_of(module);
    }
    component.version = version.map(|version| with_epoch(&decode(version), epoch.as_deref()));
    let plain = |text: &str| !text.is_empty() && !text.contains(['/', ' ', '@']);
    let is_build = |version: &str| {
        let ends = version.rsplit_once('-');
        ends.is_some_and(|(version, release)| !version.is_empty() && !release.is_empty())
            && Scheme::Rpm.is_valid(version)
    };
    let build = component.version.as_deref().is_none_or(is_build);
    if plain(&component.name) && build { Named::Package(component) } else { Named::Broken }
}

fn with_epoch(version: &str, epoch: Option<&str>) -> String {
    match epoch.filter(|epoch| epoch.bytes().all(|byte| byte.is_ascii_digit())) {
        None | Some("" | "0") => version.to_owned(),
        Some(epoch) => format!("{epoch}:{version}"),
    }
}

/// Reads `ruby:2.6/ruby` or `ruby@3.0:8060020220810162001:ad008a3a`.
fn of_module(path: &str) -> Named {
    if let Some((module, name)) = path.split_once('/') {
        let (module, name) = (module_of(&decode(module)), decode(name).into_owned());
        return match module {
            Some(_) if !name.is_empty() => {
                Named::Package(Component { name, module, ..Component::default() })
            }
            _ => Named::Broken,
        };
    }
    let whole = path.replacen('@', ":", 1);
    module_of(&decode(&whole)).map_or(Named::Broken, Named::Module)
}

/// Takes name and stream of `python39:3.9:8080020240911100614:93c2fc2f`.
fn module_of(label: &str) -> Option<String> {
    let mut fields = label.split(':');
    let (name, stream) = (fields.next()?, fields.next()?);
    (!name.is_empty() && !stream.is_empty()).then(|| format!("{name}:{stream}"))
}

/// Undoes percent-encoding; what is not UTF-8 then stays as it was.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|code| std::str::from_utf8(code).ok());
        let coded = code.filter(|_| bytes[at] == b'%');
        let coded = coded.and_then(|code| u8::from_str_radix(code, 16).ok());
        plain.push(coded.unwrap_or(bytes[at]));
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package_of(purl: &str, id: &str) -> [Option<String>; 4] {
        let Named::Package(found) = read(purl, id) else { panic!("{purl}") };
        [Some(found.name), found.version, found.arch, found.module]
    }

    fn some(texts: [&str; 4]) -> [Option<String>; 4] {
        texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
    }

    #[test]
    fn packages_of_all_shapes() {
        for (purl, id, expected) in [
            (
                "pkg:rpm/redhat/curl@7.76.1-29.el9_4?arch=x86_64",
                "",
                ["curl", "7.76.1-29.el9_4", "x86_64", ""],
            ),
            (
                "pkg:rpm/redhat/a@1-2.module%2Bel8.5%2B12?arch=noarch&epoch=1&rpmmod=python39:3.9:80:93",
                "",
                ["a", "1:1-2.module+el8.5+12", "noarch", "python39:3.9"],
            ),
            ("pkg:rpm/redhat/x@1-2?epoch=0&rpmmod=m%3A4", "", ["x", "1-2", "", "m:4"]),
            ("pkg:rpm/redhat/g", "g::go-toolset:rhel8", ["g", "", "", "go-toolset:rhel8"]),
            ("pkg:rpm/redhat/firefox?arch=src", "firefox.src", ["firefox", "", "src", ""]),
            ("pkg:rpm/redhat/libstdc%2B%2B", "", ["libstdc++", "", "", ""]),
            ("pkg:rpmmod/redhat/ruby:2.6/ruby", "", ["ruby", "", "", "ruby:2.6"]),
        ] {
            assert_eq!(package_of(purl, id), some(expected), "{purl}");
        }
    }

    #[test]
    fn modules_others_and_broken_ones() {
        let module = read("pkg:rpmmod/redhat/ruby@3.0:8060020220810162001:ad", "");
        assert_eq!(module, Named::Module("ruby:3.0".to_owned()));
        for other in ["pkg:oci/ubi9@sha256:1?arch=amd64", "pkg:rpm/fedora/x", "", "rhcos"] {
            assert_eq!(read(other, ""), Named::Other, "{other}");
        }
        let long = format!("pkg:rpm/redhat/{}", "x".repeat(MAX_PURL_BYTES));
        for broken in [
            "pkg:rpm/redhat/",
            "pkg:rpm/redhat/x@1",
            "pkg:rpm/redhat/x@-1",
            "pkg:rpm/redhat/x?rpmmod=",
            "pkg:rpm/redhat/x?rpmmod=a:",
            "pkg:rpm/redhat/x/y",
            "pkg:rpmmod/redhat/ruby",
            "pkg:rpmmod/redhat/:/x",
            &long,
        ] {
            assert_eq!(read(broken, ""), Named::Broken, "{broken}");
        }
        assert_eq!(decode("%zz%2b%e9%"), "%zz%2b%e9%", "no UTF-8");
        assert_eq!(decode("%zz%2B%"), "%zz+%");
    }
}
