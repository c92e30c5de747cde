//! Rocky Linux: the updates of its repositories, for x86_64 and aarch64.
//!
//! `repodata/repomd.xml` of each repository names its updates and the modules that it has. Updates do
//! not tell the module of a package, modules tell their packages:
//!
//! ```yaml
//! document: modulemd
//! data:
//!   name: mariadb
//!   stream: "10.5"
//!   artifacts:
//!     rpms:
//!     - mariadb-3:10.5.16-2.module+el9.1.0+13358+56c3b6a3.x86_64
//! ...
//! ```
//!
//! so they are read first. A package that was built for a module and stands in none is dropped and
//! counted: without the stream nothing can be compared with it.
//! Source: <https://download.rockylinux.org/pub/rocky/>, <https://errata.rockylinux.org/>.

use std::io::{BufRead as _, BufReader, Read as _};

use plimsoll_model::Affected;
use plimsoll_vuln::RowKind;

use crate::error::FeedError;
use crate::feed::{Feed, Harvest, Input, SourceFile};
use crate::packed::unpacked;
use crate::repodata::{self, Check, MAX_REPOMD_BYTES};
use crate::text::of_io;
use crate::updateinfo::{Update, UpdatePackage, Vendor};

/// Most bytes of a list of modules, unpacked; that of Rocky Linux 8 has some 10 MB.
pub const MAX_MODULES_BYTES: u64 = 256 << 20;
/// Longest line of a list of modules, in bytes.
pub const MAX_LINE_BYTES: u64 = 64 << 10;

const ROOT: &str = "https://download.rockylinux.org/pub/rocky";
const RELEASES: &[&str] = &["8", "9", "10"];
const ARCHES: &[&str] = &["x86_64", "aarch64"];

/// Rocky Linux.
pub const ROCKY: Feed = Feed {
    id: "rocky",
    title: "Rocky Linux errata",
    licence: "BSD-3-Clause",
    says: "fixed: the version of the package in the update; not affected and no fix: not told, \
        unfixed weaknesses are missing",
    rows: RowKind::Advisories,
    max_age_hours: 24,
    least_records: 1_000,
    reader: 1,
    namespaces: |_| RELEASES.iter().map(|release| format!("rocky:{release}")).collect(),
    files,
    parse,
};

fn files(namespace: &str) -> Option<Vec<SourceFile>> {
    let release = namespace.strip_prefix("rocky:").filter(|name| RELEASES.contains(name))?;
    let builders = if release == "8" { "PowerTools" } else { "CRB" };
    let mut files = Vec::new();
    for repository in ["BaseOS", "AppStream", "extras", builders] {
        for arch in ARCHES {
            let address = format!("{ROOT}/{release}/{repository}/{arch}/os/repodata/repomd.xml");
            let is_core = matches!(repository, "BaseOS" | "AppStream") && *arch == "x86_64";
            let file = SourceFile::new(address, MAX_REPOMD_BYTES);
            files.push(SourceFile { optional: !is_core, ..file });
        }
    }
    Some(files)
}

/// Reads a list of files, which leads on to the others, modules, or updates, as the address says. Rows
/// are keyed by the package's own name.
///
/// # Errors
/// [`FeedError::Malformed`] with line or byte, [`FeedError::Limit`].
pub fn parse(input: Input<'_>, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let name = address.rsplit('/').next().unwrap_or_default();
    if name == "repomd.xml" {
        return repodata::follow(input, harvest, &["modules", "updateinfo"], Check::ByName);
    }
    let release = RELEASES.iter().find(|release| address.contains(&format!("/rocky/{release}/")));
    let Some(release) = release else {
        let (address, place) = (address.to_owned(), "its address".to_owned());
        let detail = "it tells no release of Rocky Linux".to_owned();
        return Err(FeedError::Malformed { address, place, detail });
    };
    if name.contains("modules.yaml") {
        return read_modules(input, release, harvest);
    }
    let namespace = format!("rocky:{release}");
    let title = format!("Rocky Linux {release}");
    let page = |id: &str| format!("https://errata.rockylinux.org/{id}");
    let affected = |_: &Update, fixed: &str| Affected::below(fixed);
    let vendor = Vendor { namespace: &namespace, title: &title, page: &page, affected };
    repodata::read(input, |mut update| {
        if update.kind != "security" {
            return Ok(());
        }
        harvest.stamp(&update.updated);
        complete(&mut update, release, harvest);
        update.harvest(&vendor, harvest)
    })
}

/// Gives the packages their modules, and takes out what was seen in the repository of the other
/// architecture.
fn complete(update: &mut Update, release: &str, harvest: &mut Harvest) {
    let id = update.id.clone();
    let mut lost = 0;
    update.packages.retain_mut(|package| {
        let built_for_module =
            package.version.contains(".module+") || package.version.contains(".module_");
        if package.module.is_none() && built_for_module {
            package.module = harvest.recall(&module_key(release, package)).map(str::to_owned);
            if package.module.is_none() {
                lost += 1;
                return false;
            }
        }
        package.arch != "noarch"
            || harvest.claim(&format!("{release} {id} {}-{}", package.name, package.version))
    });
    update.dropped += lost;
}

fn module_key(release: &str, package: &UpdatePackage) -> String {
    let (epoch, version) = package.version.split_once(':').unwrap_or(("0", &package.version));
    format!("{release} {}-{epoch}:{version}.{}", package.name, package.arch)
}

/// Reads which packages belong to which module stream, as one file of the feed tells the others.
fn read_modules(input: Input<'_>, release: &str, harvest: &mut Harvest) -> Result<(), FeedError> {
    let address = input.address;
    let mut lines = BufReader::new(unpacked(input, MAX_MODULES_BYTES)?);
    let mut module = Module::default();
    let mut count = 0_u64;
    loop {
        let mut line = Vec::new();
        count += 1;
        let place = || format!("line {count}");
        let mut limited = (&mut lines).take(MAX_LINE_BYTES + 1);
        let read = limited.read_until(b'\n', &mut line);
        let read = read.map_err(|fault| of_io(address, place(), fault))?;
        if read as u64 > MAX_LINE_BYTES {
            let (address, limit) = (address.to_owned(), MAX_LINE_BYTES);
            return Err(FeedError::Limit { address, what: "bytes in one line", limit });
        }
        let line = String::from_utf8_lossy(&line);
        if read == 0 {
            let detail = match (module.is_open, module.is_known) {
                (false, true) => return Ok(()),
                (true, _) => "the list ends early",
                (false, false) => "it is no list of modules",
            };
            let (address, detail) = (address.to_owned(), detail.to_owned());
            return Err(FeedError::Malformed { address, place: place(), detail });
        }
        if let Some(artifact) = module.read(line.trim_end()) {
            let stream = format!("{}:{}", module.name, module.stream);
            harvest.remember(&format!("{release} {artifact}"), &stream)?;
        }
    }
}

/// One document of a list of modules, as far as it was read.
#[derive(Default)]
struct Module {
    is_open: bool,
    /// A document was seen, this one or one before.
    is_known: bool,
    in_artifacts: bool,
    name: String,
    stream: String,
}

impl Module {
    /// Reads a line on; returns the package that it names, once the stream is known. libmodulemd writes
    /// name and stream before all lists, and the keys below `data` with two blanks before them.
    fn read<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        match line {
            "---" => *self = Self { is_open: true, is_known: true, ..Self::default() },
            "..." => *self = Self { is_known: self.is_known, ..Self::default() },
            _ => {}
        }
        if let Some(key) = line.strip_prefix("  ").filter(|key| !key.starts_with([' ', '-'])) {
            let value = |name: &str| {
                let value = key.strip_prefix(name)?.trim();
                Some(value.trim_matches(['"', '\'']).to_owned())
            };
            self.in_artifacts = key == "artifacts:";
            if let Some(name) = value("name:") {
                self.name = name;
            } else if let Some(stream) = value("stream:") {
                self.stream = stream;
            }
        }
        let artifact = line.trim_start().strip_prefix("- ").filter(|_| self.in_artifacts)?;
        (!self.name.is_empty() && !self.stream.is_empty()).then_some(artifact)
    }
}
