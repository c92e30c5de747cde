//! The way from what the user named to an opened image.

use crate::archive::{Archive, open_file};
use crate::docker::{self, MANIFEST};
use crate::door::door;
use crate::error::SourceError;
use crate::image::Image;
use crate::layout;
use crate::path::shown;
use crate::platform::Platform;
use crate::reference::Reference;
use crate::sandbox;
use crate::select::INDEX;
use crate::store::Store;

/// Opens an image: reads its documents and finds its layers, and reads no layer. The documents are
/// parsed in the sandbox.
///
/// Errors: no such file, image or platform; not an image; damaged; beyond a limit. A
/// [`Reference::Dir`] is no image.
pub(crate) fn open(
    reference: &Reference,
    platform: Option<&Platform>,
) -> Result<Image, SourceError> {
    let given = shown(reference.path().as_os_str().as_encoded_bytes());
    let given = if given.len() > 1 { given.trim_end_matches('/').to_owned() } else { given };
    let path = reference.path();
    let files = match reference {
        Reference::OciLayout { .. } => None,
        Reference::Dir { .. } => {
            let found = "it is a folder and no OCI layout".to_owned();
            let hint = Some("name it `dir:PATH`".to_owned());
            return Err(SourceError::NotAnImage { path: given, found, hint });
        }
        _ => Some(open_file(path)?),
    };
    let (door, wishes) = door();
    let opened = std::thread::scope(|scope| {
        let inside = sandbox::start(scope, |sandbox| {
            let store = match files {
                Some((file, length)) => Store::of_archive(Archive::index(file, length, path)?),
                None => Store::of_folder(path.to_owned(), door),
            };
            let image = describe(reference, &store, platform, &given)?;
            Ok(Image { sandboxed: sandbox.is_closed(), ..image })
        })?;
        wishes.grant(path);
        inside.join().unwrap_or_else(|_| Err(sandbox::lost()))
    });
    opened.unwrap_or_else(|error| Err(SourceError::failed(&given, error)))
}

fn describe(
    reference: &Reference,
    store: &Store,
    platform: Option<&Platform>,
    given: &str,
) -> Result<Image, SourceError> {
    match reference {
        Reference::DockerArchive { tag, .. } => docker::open(store, tag.as_deref(), platform),
        Reference::OciArchive { select, .. } | Reference::OciLayout { select, .. } => {
            layout::open(store, select.as_ref(), platform, given)
        }
        Reference::Archive { .. } | Reference::Dir { .. } => open_any(store, platform, given),
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
