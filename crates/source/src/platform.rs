//! Platforms: an operating system, an architecture and perhaps a variant of it, by Go's names.
//!
//! Names are brought to one spelling as containerd does (`x86_64` is `amd64`, `arm64/v8` is
//! `arm64`): <https://github.com/containerd/platforms/blob/main/database.go>.

use std::fmt;
use std::str::FromStr;

use crate::error::SourceError;
use crate::path::shown;

/// `linux/amd64`, `linux/arm/v7`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `v7`; `None` where there is none, or where any will do.
    pub variant: Option<String>,
}

impl Platform {
    /// Makes a platform in the common spelling.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let os = match os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            other => other.to_owned(),
        };
        let variant = variant.filter(|text| !text.is_empty()).map(str::to_ascii_lowercase);
        let (architecture, variant) = common_architecture(architecture, variant);
        Self { os, architecture, variant }
    }

    /// Returns the platform of this machine, as images name it. Containers are of Linux on every
    /// machine, those of Windows apart.
    pub fn of_this_machine() -> Self {
        Self::new("linux", std::env::consts::ARCH, None)
    }

    /// Returns whether an image of platform `other` is what this asks for. A variant that is not
    /// named matches all.
    pub fn accepts(&self, other: &Self) -> bool {
        self.os == other.os
            && self.architecture == other.architecture
            && (self.variant.is_none() || self.variant == other.variant)
    }
}

fn common_architecture(architecture: &str, variant: Option<String>) -> (String, Option<String>) {
    let architecture = architecture.to_ascii_lowercase();
    let name = match architecture.as_str() {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" | "i486" | "i586" | "i686" | "x86" => "386",
        "armhf" => return ("arm".to_owned(), Some("v7".to_owned())),
        "armel" => return ("arm".to_owned(), Some("v6".to_owned())),
        "loongarch64" => "loong64",
        // Rust has one name for both byte orders; images are of the small one.
        "powerpc64" | "ppc64el" => "ppc64le",
        "mips64el" => "mips64le",
        other => other,
    };
    let variant = match (name, variant.as_deref()) {
        ("arm64", Some("v8" | "8")) | ("amd64", Some("v1")) => None,
        ("arm", Some(number @ ("5" | "6" | "7" | "8"))) => Some(format!("v{number}")),
        _ => variant,
    };
    (name.to_owned(), variant)
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", shown(&self.os), shown(&self.architecture))?;
        match &self.variant {
            Some(variant) => write!(formatter, "/{}", shown(variant)),
            None => Ok(()),
        }
    }
}

impl FromStr for Platform {
    type Err = SourceError;

    /// Parses `os/arch` or `os/arch/variant`.
    fn from_str(text: &str) -> Result<Self, SourceError> {
        let parts: Vec<&str> = text.split('/').collect();
        let is_word = |part: &&str| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        };
        let (true, &[os, architecture, ref variant @ ..]) = (parts.iter().all(is_word), &*parts)
        else {
            return Err(Self::wording(text));
        };
        match variant {
            [] => Ok(Self::new(os, architecture, None)),
            [variant] => Ok(Self::new(os, architecture, Some(variant))),
            _ => Err(Self::wording(text)),
        }
    }
}

impl Platform {
    fn wording(text: &str) -> SourceError {
        let detail = "a platform is `os/arch` or `os/arch/variant`, like `linux/amd64`".to_owned();
        SourceError::Wording { text: shown(text), detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_brought_to_the_common_spelling() {
        for (text, common) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("Linux/ARM64/v8", "linux/arm64"),
            ("linux/arm/v7", "linux/arm/v7"),
            ("linux/arm/7", "linux/arm/v7"),
            ("linux/armhf", "linux/arm/v7"),
            ("windows/amd64", "windows/amd64"),
        ] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), common);
        }
    }

    #[test]
    fn what_is_no_platform_is_refused_with_an_example() {
        for text in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a md64", "a/\x1b"] {
            let error = text.parse::<Platform>().unwrap_err();
            assert!(error.to_string().contains("like `linux/amd64`"), "{text}: {error}");
        }
    }

    #[test]
    fn a_variant_that_is_not_named_matches_all() {
        let any = Platform::new("linux", "arm", None);
        let seven = Platform::new("linux", "arm", Some("v7"));
        let six = Platform::new("linux", "arm", Some("v6"));
        assert!(any.accepts(&seven) && any.accepts(&six) && seven.accepts(&seven));
        assert!(!seven.accepts(&six) && !seven.accepts(&any));
        assert!(!any.accepts(&Platform::new("windows", "arm", None)));
    }
}
