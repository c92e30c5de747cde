//! What a target says of the repositories that its packages come from.
//!
//! Red Hat's images carry it in files of the build, one set for each layer that was built: content
//! manifests (`content_sets`), labels (a CPE), or a Dockerfile whose name is that of the build. Ubuntu
//! keeps which services of Ubuntu Pro are enabled (<https://documentation.ubuntu.com/pro-client/>).

use std::collections::BTreeMap;

use plimsoll_model::distro::Channel;
use plimsoll_model::tree::File;
use plimsoll_model::{GapKind, Problem, Tree, Want};
use serde::Deserialize;

mod dockerfile;

/// The most bytes of one of these files: manifests may list the sources of an application too.
pub(crate) const MAX_FILE_BYTES: u64 = 8 << 20;
/// The most of these files that are read.
const MAX_FILES: usize = 500;
/// The most names taken from one file; Red Hat's have some dozens.
const MAX_NAMES: usize = 1000;
/// The longest name that is taken.
const MAX_NAME_BYTES: usize = 500;

const BUILD_INFO: &str = "root/buildinfo";
const MANIFESTS: &str = "root/buildinfo/content_manifests";
const SHARED_BUILD_INFO: &str = "usr/share/buildinfo";
const SHARED_MANIFESTS: &str = "usr/share/buildinfo/content_manifests";
const UBUNTU_PRO: &str = "var/lib/ubuntu-advantage/status.json";

pub(crate) const WANTS: [Want; 3] =
    [Want::Under(BUILD_INFO), Want::In(SHARED_BUILD_INFO, ".json"), Want::Path(UBUNTU_PRO)];

/// The services of Ubuntu Pro that bring packages.
const SERVICES: &[&str] = &[
    "esm-apps",
    "esm-infra",
    "esm-infra-legacy",
    "fips",
    "fips-preview",
    "fips-updates",
    "realtime-kernel",
];

/// Reads the names of one file. An error says what is wrong with it.
type Parse = fn(&File<'_>) -> Result<Vec<String>, serde_json::Error>;

/// Returns what is known, lowest layer first, then by path; a file that cannot be read is a problem.
/// Files that say nothing of repositories give nothing.
pub(crate) fn read(tree: &Tree, problems: &mut Vec<Problem>) -> Vec<Channel> {
    let mut channels = Vec::new();
    let files = files(tree);
    if files.len() > MAX_FILES {
        let detail = format!("more than {MAX_FILES} files of the build; the rest is not read");
        problems.push(Problem {
            path: BUILD_INFO.to_owned(),
            layer: None,
            detail,
            gap: Some(GapKind::Limit),
        });
    }
    for (path, parse) in files.into_iter().take(MAX_FILES) {
        let Some(file) = tree.read(&path) else { continue };
        match parse(&file) {
            Ok(names) => channels.extend(channel(names, &file, problems)),
            Err(error) => problems.push(broken(&file, &error)),
        }
    }
    channels.sort_by(|a: &Channel, b| (a.layer, &a.evidence).cmp(&(b.layer, &b.evidence)));
    channels.dedup();
    channels
}

/// Returns the files that may tell something, each with its reader.
fn files(tree: &Tree) -> Vec<(String, Parse)> {
    let mut files: Vec<(String, Parse)> = Vec::new();
    for folder in [BUILD_INFO, MANIFESTS, SHARED_BUILD_INFO, SHARED_MANIFESTS] {
        for name in tree.list(folder) {
            let is_json = name.strip_suffix(".json").is_some();
            let parse: Parse = match folder {
                BUILD_INFO if name.starts_with(dockerfile::PREFIX) => dockerfile::read,
                _ if name == "labels.json" => parse_labels,
                BUILD_INFO => continue,
                _ if is_json => parse_manifest,
                _ => continue,
            };
            files.push((format!("{folder}/{name}"), parse));
        }
    }
    files.push((UBUNTU_PRO.to_owned(), parse_services));
    files
}

fn channel(
    mut names: Vec<String>,
    file: &File<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Channel> {
    let told = names.len();
    names.truncate(MAX_NAMES);
    names.retain(|name| name.len() <= MAX_NAME_BYTES);
    if names.len() < told {
        let detail = format!(
            "more than {MAX_NAMES} names of repositories, or one of more than {MAX_NAME_BYTES} bytes; \
             the rest is not taken"
        );
        problems.push(Problem {
            path: file.path.clone(),
            layer: Some(file.layer),
            detail,
            gap: Some(GapKind::Limit),
        });
    }
    names.sort();
    names.dedup();
    // What is enabled at the end holds for the whole target.
    let layer = (file.path != UBUNTU_PRO).then_some(file.layer);
    (!names.is_empty()).then(|| Channel { layer, names, evidence: file.path.clone() })
}

fn broken(file: &File<'_>, error: &serde_json::Error) -> Problem {
    Problem {
        path: file.path.clone(),
        layer: Some(file.layer),
        detail: format!("cannot tell from it which repositories packages come from: {error}"),
        gap: Some(GapKind::Unreadable),
    }
}

/// Reads a content manifest: `{"content_sets": ["rhel-8-for-x86_64-baseos-rpms__8"], …}`. The number of
/// the release that some have at the end is taken off, since the list that leads from content sets to
/// CPEs has none; `__9_DOT_2`, the name of a minor release, is in it.
fn parse_manifest(file: &File<'_>) -> Result<Vec<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        content_sets: Option<Vec<String>>,
    }
    let manifest: Manifest = serde_json::from_slice(file.body)?;
    let sets = manifest.content_sets.unwrap_or_default();
    Ok(sets.iter().map(|set| without_release(set).to_owned()).collect())
}

fn without_release(set: &str) -> &str {
    match set.rsplit_once("__") {
        Some((name, release))
            if !release.is_empty() && release.bytes().all(|b| b.is_ascii_digit()) =>
        {
            name
        }
        _ => set,
    }
}

/// Reads the labels of a build: `{"cpe": "cpe:/a:redhat:openshift:4.16::el9", "name": "…", …}`.
fn parse_labels(file: &File<'_>) -> Result<Vec<String>, serde_json::Error> {
    let labels: BTreeMap<String, serde_json::Value> = serde_json::from_slice(file.body)?;
    let cpe = labels.get("cpe").and_then(serde_json::Value::as_str).unwrap_or_default();
    Ok(if cpe.starts_with("cpe:") { vec![cpe.to_owned()] } else { Vec::new() })
}

/// Reads the state of Ubuntu Pro: `{"services": [{"name": "esm-infra", "status": "enabled"}], …}`.
fn parse_services(file: &File<'_>) -> Result<Vec<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Status {
        #[serde(default)]
        services: Vec<Service>,
    }
    #[derive(Deserialize)]
    struct Service {
        #[serde(default)]
        name: String,
        #[serde(default)]
        status: String,
    }
    let status: Status = serde_json::from_slice(file.body)?;
    let enabled = status
        .services
        .into_iter()
        .filter(|service| service.status == "enabled" && SERVICES.contains(&service.name.as_str()));
    Ok(enabled.map(|service| service.name).collect())
}

#[cfg(test)]
mod tests;
