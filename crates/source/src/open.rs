//! The way from what the user named to an opened image.

use crate::archive::Archive;
use crate::docker::{self, MANIFEST};
use crate::error::SourceError;
use crate::image::Image;
use crate::layout;
use crate::path::shown;
use crate::platform::Platform;
use crate::reference::Reference;
use crate::select::INDEX;
use crate::store::Store;

/// Opens an image: reads its documents and finds its layers, and reads no layer.
///
/// Errors: no such file, image or platform; not an image; damaged; beyond a limit. A
/// [`Reference::Dir`] is no image.
pub(crate) fn open(
    reference: &Reference,
    platform: Option<&Platform>,
) -> Result<Image, SourceError> {
    let given = shown(reference.path().as_os_str().as_encoded_bytes());
    let given = if given.len() > 1 { given.trim_end_matches('/').to_owned() } else { given };
    match reference {
        Reference::DockerArchive { path, tag } => {
            docker::open(&Store::of_archive(Archive::open(path)?), tag.as_deref(), platform)
        }
        Reference::OciArchive { path, select } => layout::open(
            &Store::of_archive(Archive::open(path)?),
            select.as_ref(),
            platform,
            &given,
        ),
        Reference::OciLayout { path, select } => {
            layout::open(&Store::of_folder(path.clone()), select.as_ref(), platform, &given)
        }
        Reference::Archive { path } => {
            open_any(&Store::of_archive(Archive::open(path)?), platform, &given)
        }
        Reference::Dir { .. } => Err(SourceError::NotAnImage {
            path: given,
            found: "it is a folder and no OCI layout".to_owned(),
            hint: Some("name it `dir:PATH`".to_owned()),
        }),
    }
}

/// Opens an archive by what it holds. Docker from version 25 writes both indexes; `manifest.json`
/// has the names and one platform, `index.json` all platforms.
fn open_any(store: &Store, platform: Option<&Platform>, given: &str) -> Result<Image, SourceError> {
    let has_layout = store.contains(INDEX);
    if has_layout && !store.contains(MANIFEST) {
        return layout::open(store, None, platform, given);
    }
    match docker::open(store, None, platform) {
        Err(SourceError::NoSuchPlatform { .. }) if has_layout => {
            layout::open(store, None, platform, given)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
