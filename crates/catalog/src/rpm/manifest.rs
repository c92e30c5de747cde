//! `container-manifest-2`: the packages of an image without RPM, as CBL-Mariner and Azure Linux write it.
//!
//! Each line is what `rpm -qa` prints for ten columns parted by tabs: name, version and release, time of
//! installation, time of the build, vendor, `(none)`, size, architecture, epoch, source package.
//!
//! ```text
//! bash→5.1.8-1.cm2→1653816591→1647303347→Microsoft Corporation→(none)→7665→x86_64→0→bash-5.1.8-1.cm2.src.rpm
//! ```
//! (with a tab for each arrow)

use plimsoll_model::Package;

use super::header::{self, MAX_TEXT_BYTES, NONE};
use super::record::{Damage, Place};

const COLUMNS: usize = 10;

/// Returns whether the first line of a file is one of a manifest.
pub(crate) fn is_one(body: &[u8]) -> bool {
    let line = body.split(|byte| *byte == b'\n').next().unwrap_or(body);
    line.len() <= MAX_TEXT_BYTES && line.split(|byte| *byte == b'\t').count() == COLUMNS
}

/// Returns the packages of a manifest line by line, or what is wrong with a line.
pub(crate) fn packages(body: &[u8]) -> impl Iterator<Item = Result<Package, Damage>> {
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    lines.filter(|(_, line)| !line.trim_ascii().is_empty()).map(|(index, line)| {
        let place = Place::Line(index + 1);
        if line.len() > MAX_TEXT_BYTES {
            let what = format!("has more than {MAX_TEXT_BYTES} bytes");
            return Err(Damage::limit(place, what));
        }
        let line = String::from_utf8_lossy(line);
        package(line.trim_end_matches('\r')).map_err(|what| Damage::new(place, what))
    })
}

fn package(line: &str) -> Result<Package, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let Ok(columns) = <[&str; COLUMNS]>::try_from(columns) else {
        return Err(format!("has not {COLUMNS} columns"));
    };
    let [name, version, _, _, vendor, _, _, arch, epoch, source] = columns.map(str::trim);
    let stated = |text: &str| (!text.is_empty() && text != NONE).then(|| text.to_owned());
    let Some(name) = stated(name) else { return Err("has no name".to_owned()) };
    let Some(version) = stated(version) else { return Err(format!("has no version of `{name}`")) };
    let epoch = match epoch {
        NONE | "" => 0,
        epoch => epoch.parse().map_err(|_| format!("has the epoch `{epoch}`"))?,
    };
    Ok(Package {
        version: header::whole_version(epoch, &version, ""),
        name,
        kind: "rpm".to_owned(),
        arch: stated(arch),
        source: header::source(source),
        vendor: stated(vendor),
        ..Package::default()
    })
}
