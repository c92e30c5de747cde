//! The `release` file of a JVM: lines `KEY="value"` that its builder left in its folder.
//!
//! ```text
//! IMPLEMENTOR="Eclipse Adoptium"
//! JAVA_VERSION="17.0.8"
//! JAVA_RUNTIME_VERSION="17.0.8+7"
//! IMAGE_TYPE="JDK"
//! ```
//! Versions follow JEP 223 from 9 on, and `1.8.0_352-b08` before.

use plimsoll_model::{Confidence, Package};

use crate::cataloguer::FileInput;
use crate::classifier::GENERIC;
use crate::cpe;

/// The most lines of one file.
pub(super) const MAX_LINES: usize = 1000;
/// The longest value that is taken, in bytes; the list of modules is not.
pub(super) const MAX_VALUE_BYTES: usize = 256;

/// What a `release` file tells.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct JvmRelease {
    /// Who built it: `Azul Systems, Inc.`.
    pub implementor: String,
    /// `JAVA_VERSION`: `17.0.8`, `1.8.0_352`.
    pub java_version: String,
    /// `JAVA_RUNTIME_VERSION`: `17.0.8+7-LTS`.
    pub runtime_version: String,
    /// `FULL_VERSION`: `1.8.0_352-b08`.
    pub full_version: String,
    /// `SEMANTIC_VERSION`: `8.0.352+8`.
    pub semantic_version: String,
    /// `GRAALVM_VERSION`: `22.3.1`.
    pub graalvm_version: String,
    /// `BUILD_TYPE`: `commercial` of Oracle's own builds.
    pub build_type: String,
    /// `IMAGE_TYPE`: `JDK` or `JRE`; empty where it is not told.
    pub image_type: String,
    /// `JVM_VARIANT`: `Hotspot` or `OpenJ9`.
    pub variant: String,
    /// It has a compiler, or says that it is a JDK.
    pub has_jdk: bool,
}

/// Words in `IMPLEMENTOR`, and the `vendor:product` of those builds, in the order they are looked for.
/// All are builds of OpenJDK; those of other builders (Temurin, Corretto, SAP, Microsoft, …) have no
/// name of their own in NVD.
const BUILDERS: &[(&str, &[&str])] = &[
    ("Azul", &["azul:zulu"]),
    ("BellSoft", &["bellsoft:libericajdk"]),
    ("Red Hat", &["redhat:openjdk"]),
    ("IBM", &["ibm:semeru_runtime", "eclipse:openj9"]),
];

/// Reads a `release` file; `None` when it is that of something else. The package is named `java`, or
/// `jre` where there is no compiler and the file says so; its vendor is the builder.
pub(super) fn read(input: &FileInput<'_>) -> Option<Package> {
    let release = parse_release(input.body)?;
    let folder = input.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let version = release.version()?;
    let cpes = if release.graalvm_version.is_empty() {
        release.cpes(folder)
    } else {
        let mut cpes = cpe::names(&["oracle:graalvm"], &release.graalvm_version);
        cpes.extend(openjdk(&version));
        cpes
    };
    let is_jre = release.image_type.eq_ignore_ascii_case("jre");
    Some(Package {
        name: if is_jre { "jre" } else { "java" }.to_owned(),
        kind: GENERIC.to_owned(),
        vendor: Some(release.implementor).filter(|vendor| !vendor.is_empty() && vendor != "N/A"),
        version,
        cpes,
        confidence: Some(Confidence::High),
        ..Package::default()
    })
}

/// Parses a `release` file; `None` when it has no version of Java.
pub fn parse_release(body: &[u8]) -> Option<JvmRelease> {
    let mut release = JvmRelease::default();
    for line in body.split(|byte| *byte == b'\n').take(MAX_LINES) {
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let Some((key, value)) = line.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        if key.trim() == "MODULES" {
            release.has_jdk |= value.split(' ').any(|module| module == "jdk.compiler");
            continue;
        }
        let Some(field) = release.field(key.trim()) else { continue };
        if value.len() <= MAX_VALUE_BYTES {
            value.clone_into(field);
        }
    }
    release.has_jdk |= release.image_type.eq_ignore_ascii_case("jdk");
    let told = !release.java_version.is_empty() || !release.runtime_version.is_empty();
    told.then_some(release)
}

impl JvmRelease {
    fn field(&mut self, key: &str) -> Option<&mut String> {
        Some(match key {
            "IMPLEMENTOR" => &mut self.implementor,
            "JAVA_VERSION" => &mut self.java_version,
            "JAVA_RUNTIME_VERSION" => &mut self.runtime_version,
            "FULL_VERSION" => &mut self.full_version,
            "SEMANTIC_VERSION" => &mut self.semantic_version,
            "GRAALVM_VERSION" => &mut self.graalvm_version,
            "BUILD_TYPE" => &mut self.build_type,
            "IMAGE_TYPE" => &mut self.image_type,
            "JVM_VARIANT" => &mut self.variant,
            _ => return None,
        })
    }

    /// Returns the version that tells most, of those that begin as a version does: `17.0.8+7-LTS`;
    /// `None` when there is none.
    pub fn version(&self) -> Option<String> {
        let told =
            [&self.runtime_version, &self.full_version, &self.semantic_version, &self.java_version];
        // Some builders state a name of their own there, such as `pxa6480sr8fp15-20231109`.
        let is_version = |text: &&&String| {
            text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-~".contains(&byte))
        };
        told.iter().find(is_version).map(|text| (**text).clone())
    }

    /// Returns vendor and product of the build, as CPE names have them; `folder` is where it lies.
    pub fn product(&self, folder: &str) -> (&'static str, &'static str) {
        let image = if self.has_jdk || !self.image_type.eq_ignore_ascii_case("jre") {
            "jdk"
        } else {
            "jre"
        };
        let folder = folder.to_ascii_lowercase();
        let builder = BUILDERS.iter().find(|(word, _)| self.implementor.contains(word));
        if self.implementor.is_empty() && folder.contains("/ibm/") {
            return ("ibm", if image == "jdk" { "java_sdk" } else { "java" });
        }
        if let Some((vendor, product)) =
            builder.and_then(|(_, products)| products.first()?.split_once(':'))
        {
            return (vendor, product);
        }
        if self.build_type.eq_ignore_ascii_case("commercial")
            || self.implementor.contains("Oracle")
            || (self.implementor.is_empty() && folder.contains("oracle"))
        {
            return ("oracle", image);
        }
        if self.implementor.contains("Sun ") {
            return ("sun", image);
        }
        ("oracle", "openjdk")
    }

    /// Returns the CPE names, best first: those of the build, then that of OpenJDK, from which it came.
    fn cpes(&self, folder: &str) -> Vec<String> {
        let Some(version) = self.version() else { return Vec::new() };
        let (vendor, product) = self.product(folder);
        let mut names = cpe_names(vendor, product, self.has_jdk, &version);
        if vendor != "sun" {
            let mut more = openjdk(&version);
            more.retain(|name| !names.contains(name));
            names.extend(more);
        }
        if self.variant.eq_ignore_ascii_case("openj9") && product != "semeru_runtime" {
            names.extend(cpe::names(&["eclipse:openj9"], &version));
        }
        names
    }
}

/// Returns the CPE names of a build by its vendor and product: Oracle's and Sun's JDK holds a JRE, all
/// others are OpenJDK too.
pub fn cpe_names(vendor: &str, product: &str, has_jdk: bool, version: &str) -> Vec<String> {
    let mut products = vec![format!("{vendor}:{product}")];
    let mut add = |product: &str| {
        let product = format!("{vendor}:{product}");
        if !products.contains(&product) {
            products.push(product);
        }
    };
    match (vendor, product) {
        (_, "java_se") => {
            add("jre");
            add("jdk");
        }
        (_, "jdk") => add("jre"),
        (_, "jre") if has_jdk => add("jdk"),
        (_, "jre") | ("oracle", "openjdk") => {}
        _ => products.push("oracle:openjdk".to_owned()),
    }
    let products: Vec<&str> = products.iter().map(String::as_str).collect();
    cpe::names(&products, version)
}

/// Returns the CPE names of OpenJDK. NVD counts those up to 8 by the second number alone.
fn openjdk(version: &str) -> Vec<String> {
    let mut names = cpe::names(&["oracle:openjdk"], version);
    if let Some(rest) = version.strip_prefix("1.") {
        let (major, update) = rest.split_once(".0").unwrap_or((rest, ""));
        let (_, update) = cpe::split_update(&format!("1.0{update}"));
        let update = if update.is_empty() { "*" } else { update.as_str() };
        names.push(format!("cpe:2.3:a:oracle:openjdk:{major}:{update}:*:*:*:*:*:*"));
    }
    names
}
