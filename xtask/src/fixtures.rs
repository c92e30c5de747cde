//! The checked-in example images, made from their recipes.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// The most bytes that a checked-in image may have.
const MAX_IMAGE_BYTES: usize = 1_000_000;

/// Writes `examples/NAME.tar` for every `examples/NAME.toml`.
pub(crate) fn write() -> Result<()> {
    for (recipe, archive) in pairs()? {
        let bytes = made(&recipe)?;
        fs_err::write(&archive, &bytes)?;
        println!("{} {} bytes", archive.display(), bytes.len());
    }
    Ok(())
}

/// Fails when a checked-in image is not what its recipe makes.
pub(crate) fn check() -> Result<()> {
    for (recipe, archive) in pairs()? {
        let there = fs_err::read(&archive)?;
        if there != made(&recipe)? {
            bail!(
                "`{}` is not what its recipe makes: run `cargo xtask fixtures`",
                archive.display()
            );
        }
    }
    Ok(())
}

fn made(recipe: &PathBuf) -> Result<Vec<u8>> {
    let text = fs_err::read_to_string(recipe)?;
    let bytes = crate::recipe::build(&text)
        .with_context(|| format!("cannot make `{}`", recipe.display()))?;
    if bytes.len() > MAX_IMAGE_BYTES {
        bail!("`{}` makes {} bytes, more than {MAX_IMAGE_BYTES}", recipe.display(), bytes.len());
    }
    Ok(bytes)
}

fn pairs() -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut recipes = Vec::new();
    for entry in fs_err::read_dir(crate::root().join("examples"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|suffix| suffix == "toml") {
            let archive = path.with_extension("tar");
            recipes.push((path, archive));
        }
    }
    recipes.sort();
    Ok(recipes)
}
