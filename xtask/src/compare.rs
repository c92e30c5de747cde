//! One image, several scanners: what each lists of it, and how long each takes.
//!
//! `cargo xtask compare IMAGE…` runs plimsoll, and `syft` and `trivy` where they are on PATH (never with a
//! network), or reads what they wrote earlier; prints packages by type; and tells for each package that only
//! they list the reason out of the table of [`reasons`]. What no reason covers is UNEXPLAINED and makes the
//! exit code 1.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

mod inventory;
mod java_index;
mod reasons;
mod rivals;
mod timing;

use inventory::{Inventory, Item, Key};
use reasons::{REASONS, Reason};
use rivals::Rival;

/// What was typed behind `compare`.
#[derive(Default)]
struct Options {
    images: Vec<String>,
    time: bool,
    /// Lists what only plimsoll has.
    all: bool,
    syft: Option<PathBuf>,
    trivy: Option<PathBuf>,
    /// A folder of `NAME.syft.json` and `NAME.trivy.json`.
    rivals: Option<PathBuf>,
    /// A build of plimsoll that is there already.
    binary: Option<PathBuf>,
}

/// Compares the inventories of each image; with `--time` the times of the first instead.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let options = options(words)?;
    if options.time {
        return timing::run(&options.images[0]);
    }
    let binary = match &options.binary {
        Some(binary) => binary.clone(),
        None => rivals::build()?,
    };
    let mut unexplained = 0;
    for image in &options.images {
        unexplained += compare(image, &binary, &options)?;
    }
    if unexplained > 0 {
        bail!("{unexplained} packages that only others list, UNEXPLAINED");
    }
    println!("every package that only others list is explained");
    Ok(())
}

fn options(words: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut file = || {
            let value = words.next().with_context(|| format!("`{word}` needs a path"))?;
            anyhow::Ok(Some(PathBuf::from(value)))
        };
        match *word {
            "--time" => options.time = true,
            "--all" => options.all = true,
            "--syft" => options.syft = file()?,
            "--trivy" => options.trivy = file()?,
            "--rivals" => options.rivals = file()?,
            "--binary" => options.binary = file()?,
            flag if flag.starts_with('-') => bail!("`compare` knows no `{flag}`"),
            image => options.images.push(image.to_owned()),
        }
    }
    if options.images.is_empty() {
        bail!("`compare` needs an image");
    }
    if options.images.len() > 1 && (options.syft.is_some() || options.trivy.is_some()) {
        bail!("`--syft` and `--trivy` are of one image: use `--rivals FOLDER` for several");
    }
    Ok(options)
}

/// Prints the comparison of one image and returns how many packages are unexplained.
fn compare(image: &str, binary: &Path, options: &Options) -> Result<usize> {
    let ours = rivals::ours(binary, image)?;
    println!("\n{image}");
    let mut unexplained = 0;
    for rival in [Rival::Syft, Rival::Trivy] {
        let given = match rival {
            Rival::Syft => options.syft.clone(),
            Rival::Trivy => options.trivy.clone(),
        };
        let kept = options.rivals.as_ref().map(|folder| rival.kept(folder, image));
        let file = given.or(kept.filter(|file| file.is_file()));
        if let Some(theirs) = rival.inventory(image, file.as_deref())? {
            print_counts(rival, &ours, &theirs);
            unexplained += print_reasons(rival, &ours, &theirs);
            if options.all {
                print_only_ours(rival, &ours, &theirs);
            }
        }
    }
    Ok(unexplained)
}

fn print_counts(rival: Rival, ours: &Inventory, theirs: &Inventory) {
    let name = rival.name();
    let (only_theirs, only_ours) = (format!("only {name}"), "only plimsoll");
    println!("\n  {:<16}{:>9}{name:>8}{only_theirs:>12}{only_ours:>15}", "", "plimsoll");
    let mut kinds: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for key in ours.keys() {
        let row = kinds.entry(&key.kind).or_default();
        row[0] += 1;
        row[3] += usize::from(!theirs.has(key));
    }
    for key in theirs.keys() {
        let row = kinds.entry(&key.kind).or_default();
        row[1] += 1;
        row[2] += usize::from(!ours.has(key));
    }
    for (kind, [own, other, lacks, adds]) in kinds {
        println!("  {kind:<16}{own:>9}{other:>8}{lacks:>12}{adds:>15}");
    }
}

/// Prints what only they list by the reason for it, and returns how many have none.
fn print_reasons(rival: Rival, ours: &Inventory, theirs: &Inventory) -> usize {
    let only = theirs.items.iter().filter(|item| !ours.has(&item.key));
    let mut by_reason: BTreeMap<Option<usize>, BTreeMap<&Key, Vec<&Item>>> = BTreeMap::new();
    for item in only {
        let reason = REASONS.iter().position(|reason| (reason.holds)(item, ours));
        by_reason.entry(reason).or_default().entry(&item.key).or_default().push(item);
    }
    let mut unexplained = 0;
    for (reason, rows) in &by_reason {
        match reason.map(|index| &REASONS[index]) {
            Some(Reason { name, sentence, .. }) => {
                println!("\n  {name} ({}): {sentence}", rows.len());
            }
            None => println!("\n  UNEXPLAINED ({})", rows.len()),
        }
        unexplained += if reason.is_none() { rows.len() } else { 0 };
        for (key, items) in rows {
            print_row(rival, key, items, ours);
        }
    }
    unexplained
}

fn print_row(rival: Rival, key: &Key, items: &[&Item], ours: &Inventory) {
    let Some(first) = items.first() else { return };
    let more = if items.len() > 1 { format!(" (and {})", items.len() - 1) } else { String::new() };
    let own: Vec<String> = ours.at(&first.place).iter().take(3).map(Key::to_string).collect();
    let own = if own.is_empty() { String::new() } else { format!("  ours: {}", own.join(", ")) };
    println!("    only {}: {key}  {}{more}{own}", rival.name(), first.place);
}

fn print_only_ours(rival: Rival, ours: &Inventory, theirs: &Inventory) {
    println!("\n  not listed by {}", rival.name());
    for item in ours.items.iter().filter(|item| !theirs.has(&item.key)) {
        println!("    only plimsoll: {}  {} by {}", item.key, item.place, item.found_by);
    }
}
